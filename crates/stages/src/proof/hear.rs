//! The words of a line, looked for by their text in the stretch of the film's sound where the line was
//! found: one step for each, so that a word that is written otherwise costs its line alone.

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_media::Media;
use workprint_model::step::Estimate;
use workprint_model::{Artifact, Digest, Millis, SAMPLE_RATE, Samples, Slot};

use super::lines::STEP;
use super::listen::{HeardTake, Stretch};
use super::{Proof, ProofLine};
use crate::Tools;
use crate::align::reading::ReadAloud;
use crate::align::{STRANGE, align_narrow, carry_over, narrowed, place_units, read};
use crate::captions::Spoken;
use crate::mix::failed;

/// How far apart, in samples, a word may lie by its text and by its voice (100 ms): the aligner puts 999
/// words of 1000 nearer.
pub(super) const APART: u64 = SAMPLE_RATE as u64 / 10;

/// A line, whose words are to be looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hear {
    /// What reads it to be aligned with, with its version.
    pub engine: String,
    /// The line.
    pub line: ProofLine,
    /// Where it was found.
    pub stretch: Stretch,
    /// When its words are heard as they were told, in samples from the film's beginning.
    pub told: Vec<i64>,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

/// When the words of a line are heard by their text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeardWords {
    /// Stands for these times among a step's inputs.
    pub id: Digest,
    /// In samples from the film's beginning; nothing where the text cannot be aligned.
    pub words: Option<Vec<i64>>,
}

impl Step for Hear {
    type Tools = Tools;
    type Output = HeardWords;

    const KIND: &'static str = "hear";
    const REVISION: u32 = 2;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        vec![self.stretch.sound.digest, self.line.voice]
    }

    fn estimate(&self) -> Estimate {
        let seconds = self.line.length.0 as f64 / f64::from(SAMPLE_RATE);
        Estimate {
            seconds: 0.05 + seconds * 0.01,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> HeardWords {
        HeardWords {
            id: Artifact::sketched(key, "words").digest,
            words: None,
        }
    }

    fn digests(output: &HeardWords) -> Vec<Digest> {
        vec![output.id]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<HeardWords>, StepError> {
        let (step, media) = (self.clone(), tools.media.clone());
        work.blocking(move |work| {
            let words = step.hear(&media, work)?;
            let id = Digest::of_json(&(Self::KIND, &words));
            Ok(Made::free(HeardWords { id, words }, Vec::new()))
        })
        .await
    }
}

impl Hear {
    /// The lines of a proof whose words are to be looked for where `heard` tells; `slot` names the place of
    /// each.
    pub fn of(
        proof: &Proof,
        heard: &HeardTake,
        engine: &str,
        slot: impl Fn(&ProofLine) -> Slot,
    ) -> Vec<Self> {
        let lines = proof.lines.iter();
        let found = lines.filter_map(|line| Some((line, heard.stretches.get(&line.cue)?)));
        found
            .map(|(line, stretch)| Self {
                engine: engine.to_owned(),
                line: line.clone(),
                stretch: stretch.clone(),
                told: told(&proof.spoken, line),
                slot: slot(line),
            })
            .collect()
    }

    /// Where the text is heard elsewhere than the voice, other sounds may have misled: then it is looked
    /// for in the voice alone.
    fn hear(&self, media: &Media, work: &Work) -> Result<Option<Vec<i64>>, StepError> {
        let (line, Stretch { first, late, .. }) = (&self.line, &self.stretch);
        let Some(reader) = &line.reader else {
            return Ok(None);
        };
        let near = unpack(&work.store().read(&self.stretch.sound.digest)?);
        let forms = read(media, line.said.as_deref().unwrap_or(&line.text), reader)?;
        let words = by_text(line, (&near, *first), forms.clone());
        if agree(words.as_deref(), &self.told, *late) {
            return Ok(words);
        }
        let voice = narrowed(&work.store().read(&line.voice)?).map_err(failed)?;
        let first = line.from.0 as i64 + late;
        Ok(by_text(line, (&voice, first), forms))
    }
}

/// A sound as a [`Stretch`] keeps it.
pub(super) fn pack(sound: &[f32]) -> Vec<u8> {
    let whole = |sample: &f32| (sample * f32::from(i16::MAX)) as i16;
    let samples = sound.iter().map(whole);
    samples.flat_map(i16::to_le_bytes).collect()
}

fn unpack(bytes: &[u8]) -> Vec<f32> {
    let samples = bytes.as_chunks().0.iter();
    let share = f32::from(i16::MAX).recip();
    let samples = samples.map(|bytes| f32::from(i16::from_le_bytes(*bytes)) * share);
    samples.collect()
}

/// When a line's words are heard as they were told, in samples from the film's beginning.
fn told(spoken: &Spoken, line: &ProofLine) -> Vec<i64> {
    let lines = &spoken.transcript.lines;
    let own = lines.iter().find(|said| said.cue == line.cue);
    let words = own.iter().flat_map(|said| &said.words);
    words
        .map(|word| Millis(word.from_ms as i64).samples().0 as i64)
        .collect()
}

/// Whether words are heard where they were told to be, as much later as their voice is.
fn agree(words: Option<&[i64]>, told: &[i64], late: i64) -> bool {
    words.is_some_and(|words| {
        let mut pairs = words.iter().zip(told);
        pairs.all(|(word, told)| (word - told - late).unsigned_abs() <= APART)
    })
}

/// When the words of a line are heard, found by their text in a sound that begins at the sample `first` of
/// the film; nothing where what is heard is too far from what is written.
fn by_text(
    line: &ProofLine,
    (sound, first): (&[f32], i64),
    forms: Vec<ReadAloud>,
) -> Option<Vec<i64>> {
    let (events, judgement) = align_narrow(sound, forms);
    if judgement.distance >= STRANGE {
        return None;
    }
    let spoken = match &line.said {
        Some(said) => carry_over(&line.text, said, &events.words),
        None => events.words,
    };
    let length = Samples(sound.len() as u64 * STEP);
    let words = place_units(&line.text, &spoken, length);
    let starts = words.iter().map(|word| first + word.start.0 as i64);
    Some(starts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_reads_back_as_it_was_kept() {
        let sound = [0.0, 0.25, -1.0, 1.0, 7.0, -7.0];
        let read = unpack(&pack(&sound));
        let kept = sound.map(|sample: f32| sample.clamp(-1.0, 1.0));
        let worst = read
            .iter()
            .zip(kept)
            .map(|(read, kept)| (read - kept).abs());
        assert!(worst.fold(0.0, f32::max) <= 1.0 / 32_767.0, "{read:?}");
        assert_eq!(read.len(), sound.len());
    }
}
