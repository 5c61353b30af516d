//! Mix: every voice, bed and effect in its place, at the output's loudness.

use std::io::{BufReader, BufWriter, Seek, SeekFrom};

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::step::Estimate;
use workprint_model::timeline::PlacedSound;
use workprint_model::{Artifact, Decibels, Digest, Samples, Slot};
use workprint_sound::master::{MasterTarget, finish, play};
use workprint_sound::mix::{Library, mix};
use workprint_sound::wav::{WavBits, WavSound, write_wav};
use workprint_sound::{Sound, SoundError};

use crate::Tools;

/// How far below the output's true peak the mix stays: an AAC encoder adds some.
const CODEC_ROOM: f64 = 1.0;

/// All sounds of an episode, to be mixed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mix {
    /// What is heard, and when.
    pub sounds: Vec<PlacedSound>,
    /// How long the mix is: as long as the picture, to the sample.
    pub length: Samples,
    /// Loudness to reach, in LUFS.
    pub loudness: Decibels,
    /// True peak never passed, in dBTP.
    pub true_peak: Decibels,
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
}

impl Step for Mix {
    type Tools = Tools;
    type Output = MixTake;

    const KIND: &'static str = "mix";
    const REVISION: u32 = 1;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        "workprint-mix 1".to_owned()
    }

    fn inputs(&self) -> Vec<Digest> {
        let sounds = self.sounds.iter().map(|placed| placed.sound.digest);
        sounds.chain(self.timed_by.iter().copied()).collect()
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 0.2 + self.length.seconds() / 40.0,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> MixTake {
        let sound = Artifact::sketched(key, "audio/wav");
        MixTake {
            sound,
            loudness: None,
            true_peak: None,
            missed: false,
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
        let failed = |error: SoundError| StepError::permanent("cannot mix").because(error);
        let io = |error: std::io::Error| StepError::permanent("cannot mix").because(error);
        let mut raw = work.store().temp()?;
        let mut wav = write_wav(BufWriter::new(raw.file()), 2, WavBits::F32).map_err(failed)?;
        let mut done = 0;
        mix(&self.sounds, self.length, &Vault { work }, &mut |block| {
            done += block.len() as u64 / 2;
            work.progress((done * 500 / self.length.0.max(1)) as u16);
            if work.is_cancelled() {
                Err(stopped())
            } else {
                wav.write(block)
            }
        })
        .map_err(failed)?;
        wav.finish().map_err(failed)?;
        raw.file().seek(SeekFrom::Start(0)).map_err(io)?;
        let reader = std::fs::File::open(raw.path()).map_err(io)?;
        let mut mixed = WavSound::open(BufReader::new(reader)).map_err(failed)?;
        let mut temp = work.store().temp()?;
        let mut out = write_wav(BufWriter::new(temp.file()), 2, WavBits::I24).map_err(failed)?;
        let target = MasterTarget {
            loudness: self.loudness.to_f64(),
            ceiling: self.true_peak.to_f64() - CODEC_ROOM,
        };
        let plan = finish(&mut |sink| play(&mut mixed, sink), target, &mut |block| {
            if work.is_cancelled() {
                Err(stopped())
            } else {
                out.write(block)
            }
        })
        .map_err(failed)?;
        out.finish().map_err(failed)?;
        let sound = work.store().keep(temp, "audio/wav")?;
        let hundredths = |value: f64| value.is_finite().then(|| (value * 100.0).round() as i32);
        let take = MixTake {
            sound: sound.clone(),
            loudness: plan.after.integrated.and_then(hundredths),
            true_peak: hundredths(plan.after.true_peak),
            missed: plan.missed,
        };
        Ok(Made::free(take, vec![sound]))
    }
}

fn stopped() -> SoundError {
    SoundError::Write(std::io::ErrorKind::Interrupted.into())
}

struct Vault<'a> {
    work: &'a Work,
}

impl Library for Vault<'_> {
    fn open(&self, sound: &PlacedSound) -> Result<Box<dyn Sound>, SoundError> {
        let path = self.work.store().path_of(&sound.sound.digest);
        let file = std::fs::File::open(path).map_err(|error| SoundError::Open {
            what: sound.name.clone(),
            source: error.into(),
        })?;
        Ok(Box::new(WavSound::open(BufReader::with_capacity(
            1 << 16,
            file,
        ))?))
    }
}
