//! Mix: every voice, bed and effect in its place, at the output's loudness.

mod shelf;
mod soundtrack;
mod stems;

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, TempBlob, Work};
use workprint_model::step::Estimate;
use workprint_model::timeline::PlacedSound;
use workprint_model::{Artifact, CastId, Decibels, Digest, Samples, Slot};
use workprint_sound::SoundError;
use workprint_sound::master::{MasterPlan, MasterTarget, finish, play};
use workprint_sound::mix::mix;
use workprint_sound::wav::{WavBits, WavSound, write_wav};

pub use soundtrack::{Soundtrack, SoundtrackTake};
pub use stems::{CUE_SHEET, Stems, StemsTake};

use crate::Tools;
use shelf::Shelf;

/// How far below the output's true peak a mix is held, in dB: an AAC encoder adds some.
const CODEC_ROOM: f64 = 0.5;
/// How far from the loudness asked for a film may be, in LU.
pub(crate) const NEAR: f64 = 0.3;

/// All sounds of an episode, to be mixed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mix {
    /// The mixer, with its version.
    pub engine: String,
    /// What is heard, and when.
    pub sounds: Vec<PlacedSound>,
    /// How long the mix is: as long as the picture, to the sample.
    pub length: Samples,
    /// Loudness to reach, in LUFS.
    pub loudness: Decibels,
    /// True peak never passed, in dBTP: the mix stays further below it, for the encoder's sake.
    pub true_peak: Decibels,
    /// Speakers are brought to the same loudness.
    pub match_voices: bool,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
    /// What must be made before the times are certain.
    #[serde(skip)]
    pub timed_by: Vec<Digest>,
}

/// A mix as WAV.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MixTake {
    /// A 48 kHz stereo WAV of 24 bits.
    pub sound: Artifact,
    /// Integrated loudness in hundredths of a LUFS; `None` for silence.
    pub loudness: Option<i32>,
    /// True peak in hundredths of a dBTP; `None` for silence.
    pub true_peak: Option<i32>,
    /// The loudness asked for could not be reached.
    pub missed: bool,
    /// How loud each speaker's lines were, taken together, and what they were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voices: Vec<MatchedVoice>,
}

/// How a speaker was brought to the loudness of the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchedVoice {
    /// Who.
    pub speaker: CastId,
    /// The loudness of all their lines together, in hundredths of a LUFS.
    pub loudness: Option<i32>,
    /// What they were given.
    pub gain: Decibels,
}

impl Step for Mix {
    type Tools = Tools;
    type Output = MixTake;

    const KIND: &'static str = "mix";
    const REVISION: u32 = 5;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        let sounds = self.sounds.iter().map(|placed| placed.sound.digest);
        sounds.chain(self.timed_by.iter().copied()).collect()
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 0.1 + self.length.seconds() / 150.0,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> MixTake {
        MixTake {
            sound: Artifact::sketched(key, "audio/wav"),
            loudness: None,
            true_peak: None,
            missed: false,
            voices: Vec::new(),
        }
    }

    fn digests(output: &MixTake) -> Vec<Digest> {
        vec![output.sound.digest]
    }

    async fn perform(&self, _: &Tools, work: &Work) -> Result<Made<MixTake>, StepError> {
        let step = self.clone();
        work.blocking(move |work| step.make(work)).await
    }
}

impl Mix {
    fn make(&self, work: &Work) -> Result<Made<MixTake>, StepError> {
        let (sounds, voices) = shelf::matched(&self.sounds, self.match_voices, work)?;
        let mut mixed = self.mix(&sounds, work)?;
        let target = MasterTarget {
            loudness: self.loudness.to_f64(),
            ceiling: self.true_peak.to_f64() - CODEC_ROOM,
        };
        let (wav, plan) = master(&mut mixed.sound, target, work)?;
        let sound = work.store().keep(wav, "audio/wav")?;
        let take = MixTake {
            sound: sound.clone(),
            loudness: plan.after.integrated.and_then(hundredths),
            true_peak: hundredths(plan.after.true_peak),
            missed: plan.missed,
            voices,
        };
        Ok(Made::free(take, vec![sound]))
    }

    /// Mixes into a WAV of floats.
    fn mix(&self, sounds: &[PlacedSound], work: &Work) -> Result<Mixed, StepError> {
        let mut raw = work.store().temp()?;
        let mut wav = write_wav(BufWriter::new(raw.file()), 2, WavBits::F32).map_err(failed)?;
        let mut done = 0;
        mix(sounds, self.length, &Shelf { work }, &mut |block| {
            done += block.len() as u64 / 2;
            work.progress((done * 400 / self.length.0.max(1)) as u16);
            if work.is_cancelled() {
                Err(stopped())
            } else {
                wav.write(block)
            }
        })
        .map_err(failed)?;
        wav.finish().map_err(failed)?;
        let sound = open(raw.path())?;
        Ok(Mixed { sound, _file: raw })
    }
}

/// Brings a sound to the loudness asked for.
fn master(
    sound: &mut WavSound<BufReader<File>>,
    target: MasterTarget,
    work: &Work,
) -> Result<(TempBlob, MasterPlan), StepError> {
    let mut temp = work.store().temp()?;
    let mut out = write_wav(BufWriter::new(temp.file()), 2, WavBits::I24).map_err(failed)?;
    let plan = finish(&mut |sink| play(sound, sink), target, &mut |block| {
        if work.is_cancelled() {
            Err(stopped())
        } else {
            out.write(block)
        }
    })
    .map_err(failed)?;
    out.finish().map_err(failed)?;
    Ok((temp, plan))
}

fn hundredths(value: f64) -> Option<i32> {
    value.is_finite().then(|| (value * 100.0).round() as i32)
}

/// A mix that can be played again and again, and the file that it lies in.
struct Mixed {
    sound: WavSound<BufReader<File>>,
    _file: TempBlob,
}

pub(crate) fn failed(error: SoundError) -> StepError {
    StepError::permanent("cannot mix").because(error)
}

fn open(path: &Path) -> Result<WavSound<BufReader<File>>, StepError> {
    let unreadable = |error| StepError::permanent("cannot mix").because(error);
    let file = File::open(path).map_err(unreadable)?;
    WavSound::open(BufReader::new(file)).map_err(failed)
}

pub(crate) fn stopped() -> SoundError {
    SoundError::Write(std::io::ErrorKind::Interrupted.into())
}
