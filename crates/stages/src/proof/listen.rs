//! A film's sound from its beginning to its end, encoded as it is delivered: what is measured of it, where
//! voices are in it, and the stretches in which words are to be looked for.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_media::Media;
use workprint_model::proof::{MeasuredSound, Silence};
use workprint_model::step::Estimate;
use workprint_model::{Artifact, CueId, Digest, SAMPLE_RATE, Samples, Slot};
use workprint_sound::align::Narrowing;
use workprint_sound::levels::{Levels, Measured, is_heard};
use workprint_sound::wav::WavSound;

use super::lines::{self, HeardLine, MARGIN};
use super::{Proof, ProofSound};
use crate::Tools;
use crate::mix::failed;
use crate::tools::from_media;

/// Frames that are decoded together: a second.
const BLOCK: usize = 48_000;
/// The media type of a [`Stretch`]: samples without a header.
pub(super) const STRETCH: &str = "application/octet-stream";

/// A film's sound, to be heard and measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listen {
    /// What decodes and measures it, with its version.
    pub engine: String,
    /// The sound, and what is asked of it.
    pub asked: ProofSound,
    /// The lines that should be heard. What they say is none of this step's business.
    pub lines: Vec<ListenLine>,
    /// How long the film is.
    #[serde(skip)]
    pub length: Samples,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

/// A line that should be heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenLine {
    /// Its cue.
    pub cue: CueId,
    /// Its voice, a WAV.
    pub voice: Digest,
    /// Where the voice begins in the film.
    pub from: Samples,
    /// How long it is.
    pub length: Samples,
    /// Its words will be looked for there.
    pub is_read: bool,
}

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeardTake {
    /// JSON of what was measured and of each line as it was found.
    pub heard: Artifact,
    /// Where the words of lines are to be looked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stretches: BTreeMap<CueId, Stretch>,
}

/// The film's sound where a line was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Mono at 16 kHz, 16 bits a sample, the lowest byte first.
    pub sound: Artifact,
    /// Where it begins, in samples from the film's beginning.
    pub first: i64,
    /// How many samples later than it was placed the line's voice is heard, less than 0 where it is early.
    pub late: i64,
}

/// What was heard of a film.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Heard {
    pub(super) sound: MeasuredSound,
    /// How many samples of it are not silent.
    pub(super) sounding: Samples,
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
    const REVISION: u32 = 2;

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
        Estimate {
            seconds: 0.1
                + self.lines.len() as f64 * 0.01
                + self.length.0 as f64 / f64::from(SAMPLE_RATE) / 150.0,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> HeardTake {
        let read = self.lines.iter().filter(|line| line.is_read);
        let stretch = Stretch {
            sound: Artifact::sketched(key, STRETCH),
            first: 0,
            late: 0,
        };
        HeardTake {
            heard: Artifact::sketched(key, "application/json"),
            stretches: read
                .map(|line| (line.cue.clone(), stretch.clone()))
                .collect(),
        }
    }

    fn digests(output: &HeardTake) -> Vec<Digest> {
        let stretches = output.stretches.values();
        let sounds = stretches.map(|stretch| stretch.sound.digest);
        std::iter::once(output.heard.digest).chain(sounds).collect()
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<HeardTake>, StepError> {
        let (step, media) = (self.clone(), tools.media.clone());
        work.blocking(move |work| {
            let (heard, stretches) = step.listen(&media, work)?;
            let json = serde_json::to_vec(&heard).map_err(|error| {
                StepError::permanent("what was heard cannot be written").because(error)
            })?;
            let heard = work.store().keep_bytes(&json, "application/json")?;
            let sounds = stretches.values().map(|stretch| stretch.sound.clone());
            let made = std::iter::once(heard.clone()).chain(sounds).collect();
            Ok(Made::free(HeardTake { heard, stretches }, made))
        })
        .await
    }
}

impl Listen {
    /// Of the film that `proof` is to prove, where it should have any sound.
    pub fn of(proof: &Proof, engine: String, slot: Slot) -> Option<Self> {
        let lines = proof.lines.iter().map(|line| ListenLine {
            cue: line.cue.clone(),
            voice: line.voice,
            from: line.from,
            length: line.length,
            is_read: line.reader.is_some() && proof.reads,
        });
        Some(Self {
            engine,
            asked: proof.sound.clone()?,
            lines: lines.collect(),
            length: proof.rate.sample_of(proof.frames),
            slot,
        })
    }

    fn listen(
        &self,
        media: &Media,
        work: &Work,
    ) -> Result<(Heard, BTreeMap<CueId, Stretch>), StepError> {
        let sound = work.store().path_of(&self.asked.encoded);
        let mut reader = media.decode_film(&sound).map_err(from_media)?;
        let mut levels = Levels::new().map_err(failed)?;
        let mut windows = Windows::of(&self.lines);
        let mut lines = vec![HeardLine::default(); self.lines.len()];
        let mut stretches = BTreeMap::new();
        let mut block = vec![0.0; BLOCK * 2];
        loop {
            let count = reader.read(&mut block).map_err(from_media)?;
            let (from, last) = (levels.frames(), count < block.len());
            levels.add(&block[..count]).map_err(failed)?;
            for (n, film) in windows.take(&block[..count], from, last)? {
                let line = &self.lines[n];
                let (heard, stretch) = lines::find(line, &film, work)?;
                stretches.extend(stretch.map(|stretch| (line.cue.clone(), stretch)));
                lines[n] = heard;
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
        let heard = Heard {
            sound: measure(&measured, &self.asked, work)?,
            sounding: Samples(measured.sounding),
            lines,
        };
        Ok((heard, stretches))
    }
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
    fn of(lines: &[ListenLine]) -> Self {
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
