//! A film's sound from its beginning to its end, encoded as it is delivered: what is measured of it, and
//! the stretches that lines are looked for in.

use std::fs::File;
use std::io::BufReader;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_media::Media;
use workprint_model::proof::{MeasuredSound, Silence};
use workprint_model::step::Estimate;
use workprint_model::{Artifact, Digest, Millis, SAMPLE_RATE, Samples, Slot};
use workprint_sound::align::Narrowing;
use workprint_sound::levels::{Levels, Measured, is_heard};
use workprint_sound::wav::WavSound;

use super::lines::{self, HeardLine, MARGIN};
use super::{Proof, ProofLine, ProofSound};
use crate::Tools;
use crate::captions::Spoken;
use crate::mix::failed;
use crate::tools::from_media;

/// Frames that are decoded together: a second.
const BLOCK: usize = 48_000;

/// A film's sound, to be heard and measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listen {
    /// What decodes it, and what reads its lines to be aligned with, with their versions.
    pub engine: String,
    /// The sound, and what is asked of it.
    pub asked: ProofSound,
    /// The lines that should be heard.
    pub lines: Vec<ProofLine>,
    /// When the words of each are heard as they were told, in samples from the film's beginning.
    pub told: Vec<Vec<i64>>,
    /// How long the film is.
    #[serde(skip)]
    pub length: Samples,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeardTake {
    /// JSON of what was measured and of each line as it was found.
    pub heard: Artifact,
}

/// What was heard of a film.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Heard {
    pub(super) sound: MeasuredSound,
    /// How many samples of it are not silent.
    pub(super) sounding: Samples,
    /// There was something to read lines with, for them to be aligned.
    pub(super) reads: bool,
    /// Each line as it was found.
    pub(super) lines: Vec<HeardLine>,
}

/// Reads what a [`Listen`] wrote.
pub(super) fn read(heard: &Digest, work: &Work) -> Result<Heard, StepError> {
    serde_json::from_slice(&work.store().read(heard)?)
        .map_err(|error| StepError::permanent("what was heard cannot be read").because(error))
}

impl Step for Listen {
    type Tools = Tools;
    type Output = HeardTake;

    const KIND: &'static str = "listen";
    const REVISION: u32 = 1;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        let voices = self.lines.iter().map(|line| line.voice);
        let sound = [self.asked.mix, self.asked.encoded].into_iter();
        sound.chain(voices).collect()
    }

    fn estimate(&self) -> Estimate {
        let aligned = self.lines.iter().filter(|line| line.reader.is_some());
        Estimate {
            seconds: 0.1
                + self.lines.len() as f64 * 0.01
                + aligned.count() as f64 * 0.05
                + self.length.0 as f64 / f64::from(SAMPLE_RATE) / 150.0,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> HeardTake {
        HeardTake {
            heard: Artifact::sketched(key, "application/json"),
        }
    }

    fn digests(output: &HeardTake) -> Vec<Digest> {
        vec![output.heard.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<HeardTake>, StepError> {
        let (step, media) = (self.clone(), tools.media.clone());
        let reads = tools.identities.espeak.is_some();
        work.blocking(move |work| {
            let heard = step.listen((&media, work), reads)?;
            let json = serde_json::to_vec(&heard).map_err(|error| {
                StepError::permanent("what was heard cannot be written").because(error)
            })?;
            let heard = work.store().keep_bytes(&json, "application/json")?;
            let take = HeardTake {
                heard: heard.clone(),
            };
            Ok(Made::free(take, vec![heard]))
        })
        .await
    }
}

impl Listen {
    /// Of the film that `proof` is to prove, where it should have any sound.
    pub fn of(proof: &Proof, engine: String, slot: Slot) -> Option<Self> {
        let told = proof.lines.iter().map(|line| told(&proof.spoken, line));
        Some(Self {
            engine,
            asked: proof.sound.clone()?,
            lines: proof.lines.clone(),
            told: told.collect(),
            length: proof.rate.sample_of(proof.frames),
            slot,
        })
    }

    /// Hears the sound; its lines are read to be aligned where there is something that `reads`.
    fn listen(&self, (media, work): (&Media, &Work), reads: bool) -> Result<Heard, StepError> {
        let sound = work.store().path_of(&self.asked.encoded);
        let mut reader = media.decode_film(&sound).map_err(from_media)?;
        let mut levels = Levels::new().map_err(failed)?;
        let mut windows = Windows::of(&self.lines);
        let mut lines = vec![HeardLine::default(); self.lines.len()];
        let mut block = vec![0.0; BLOCK * 2];
        loop {
            let count = reader.read(&mut block).map_err(from_media)?;
            let (from, last) = (levels.frames(), count < block.len());
            levels.add(&block[..count]).map_err(failed)?;
            for (line, film) in windows.take(&block[..count], from, last)? {
                let own = (&self.lines[line], self.told[line].as_slice());
                lines[line] = lines::find(own, &film, (media, work), reads)?;
            }
            if work.is_cancelled() {
                return Err(StepError::cancelled());
            }
            work.progress((levels.frames() * 1000 / self.length.0.max(1)) as u16);
            if last {
                break;
            }
        }
        let measured = levels.finish().map_err(failed)?;
        Ok(Heard {
            sound: measure(&measured, &self.asked, work)?,
            sounding: Samples(measured.sounding),
            reads,
            lines,
        })
    }
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

fn measure(
    measured: &Measured,
    asked: &ProofSound,
    work: &Work,
) -> Result<MeasuredSound, StepError> {
    let hundredths = |value: f64| value.is_finite().then(|| (value * 100.0).round() as i32);
    let mut silences = Vec::with_capacity(measured.silences.len());
    if !measured.silences.is_empty() {
        let unreadable = |error| StepError::permanent("the mix cannot be read").because(error);
        let mix = File::open(work.store().path_of(&asked.mix)).map_err(unreadable)?;
        let mut mix = WavSound::open(BufReader::new(mix)).map_err(failed)?;
        for silence in &measured.silences {
            silences.push(Silence {
                from: Samples(silence.start),
                to: Samples(silence.end),
                asked: !is_heard(&mut mix, silence).map_err(failed)?,
            });
        }
    }
    Ok(MeasuredSound {
        samples: Samples(measured.frames),
        loudness: measured.loudness.integrated.and_then(hundredths),
        loudness_asked: asked.loudness,
        true_peak: hundredths(measured.loudness.true_peak),
        true_peak_asked: asked.true_peak,
        clipped: measured.clipped,
        silences,
    })
}

/// A stretch of the film in which a line is looked for.
struct Window {
    line: usize,
    from: u64,
    to: u64,
    sound: Narrowing,
}

/// The stretches that are still to be heard.
struct Windows {
    /// The earliest last.
    to_come: Vec<Window>,
    open: Vec<Window>,
}

impl Windows {
    fn of(lines: &[ProofLine]) -> Self {
        let windows = lines.iter().enumerate().map(|(line, own)| Window {
            line,
            from: own.from.0.saturating_sub(MARGIN),
            to: own.from.0 + own.length.0 + MARGIN,
            sound: Narrowing::default(),
        });
        let mut to_come: Vec<Window> = windows.collect();
        to_come.sort_by_key(|window| std::cmp::Reverse(window.from));
        Self {
            to_come,
            open: Vec::new(),
        }
    }

    /// Takes the film's frames from `from` on, stereo, and gives the lines whose stretches are over.
    fn take(
        &mut self,
        block: &[f32],
        from: u64,
        last: bool,
    ) -> Result<Vec<(usize, Vec<f32>)>, StepError> {
        let frames = block.len() as u64 / 2;
        while let Some(next) = self
            .to_come
            .pop_if(|next| next.from < from + frames || last)
        {
            self.open.push(next);
        }
        let mut over = Vec::new();
        for mut window in std::mem::take(&mut self.open) {
            let place = |at: u64| at.saturating_sub(from).min(frames) as usize * 2;
            let part = &block[place(window.from)..place(window.to)];
            window.sound.take(part, 2).map_err(failed)?;
            if window.to <= from + frames || last {
                over.push((window.line, window.sound.finish().map_err(failed)?));
            } else {
                self.open.push(window);
            }
        }
        Ok(over)
    }
}
