//! Sounds: music and effects, from files or synthesised, as 48 kHz stereo WAVs.

use std::io::BufWriter;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::sound::{SoundLicence, SynthKind, Tonic};
use workprint_model::step::Estimate;
use workprint_model::{Artifact, Digest, SAMPLE_RATE, Samples, Slot};
use workprint_sound::SoundError;
use workprint_sound::synth::{Arrangement, arrange};
use workprint_sound::wav::{WavBits, write_wav};

use crate::Tools;
use crate::file_sound::FileSound;

/// The engine of synthesised sounds; its number is raised when they come out otherwise.
pub const SYNTH: &str = "workprint-synth 1";
/// The longest sound that is used: two hours.
pub(crate) const LONGEST: u64 = SAMPLE_RATE as u64 * 7200;

/// One sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MakeSound {
    /// The engine, with its version.
    pub engine: String,
    /// Where it comes from.
    #[serde(flatten)]
    pub source: Origin,
    /// What must be made before its length is certain.
    #[serde(skip)]
    pub timed_by: Vec<Digest>,
    /// By whose leave it is heard.
    #[serde(skip)]
    pub licence: Option<SoundLicence>,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

/// Where a sound comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Origin {
    /// A file's sound, all of it: what of it is heard is the mix's matter, so that a cut that moves
    /// decodes nothing again.
    File {
        /// The digest of its bytes.
        file: Digest,
    },
    /// Synthesised here.
    Synth {
        /// What it is.
        kind: SynthKind,
        /// The seed.
        seed: u32,
        /// How long it is.
        length: Samples,
        /// How a bed is arranged.
        #[serde(flatten)]
        arrangement: Arranged,
    },
}

/// How a bed is arranged, beyond its kind and seed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arranged {
    /// Beats a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tempo: Option<u16>,
    /// The note that it is at home in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Tonic>,
    /// When it strikes an accent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stingers: Vec<Samples>,
}

/// A licence as a recipe tells it.
pub(crate) fn told_licence(licence: &SoundLicence) -> String {
    let told = [&licence.title, &licence.by, &licence.url];
    let told = told.into_iter().flatten().map(String::as_str);
    std::iter::once(licence.name.as_str())
        .chain(told)
        .collect::<Vec<_>>()
        .join(" · ")
}

/// A sound as WAV.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoundTake {
    /// A 48 kHz stereo WAV.
    pub sound: Artifact,
    /// How long it is.
    pub length: Samples,
}

impl Step for MakeSound {
    type Tools = Tools;
    type Output = SoundTake;

    const KIND: &'static str = "sound";
    const REVISION: u32 = 1;
    const TAKES: bool = true;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn in_slot(self, other: &Self) -> Self {
        Self {
            slot: other.slot.clone(),
            licence: other.licence.clone(),
            timed_by: other.timed_by.clone(),
            ..self
        }
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        match self.source {
            Origin::File { file } => vec![file],
            Origin::Synth { .. } => self.timed_by.clone(),
        }
    }

    fn licence(&self) -> Option<String> {
        self.licence.as_ref().map(told_licence)
    }

    fn seed(&self) -> Option<u32> {
        match self.source {
            Origin::Synth { seed, .. } => Some(seed),
            Origin::File { .. } => None,
        }
    }

    fn estimate(&self) -> Estimate {
        let seconds = match self.source {
            Origin::Synth { length, .. } => length.seconds() / 50.0,
            Origin::File { .. } => 0.5,
        };
        Estimate {
            seconds,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> SoundTake {
        let length = match self.source {
            Origin::Synth { length, .. } => length,
            Origin::File { .. } => Samples(u64::from(SAMPLE_RATE) * 30),
        };
        SoundTake {
            sound: Artifact::sketched(key, "audio/wav"),
            length,
        }
    }

    fn digests(output: &SoundTake) -> Vec<Digest> {
        vec![output.sound.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<SoundTake>, StepError> {
        let path = match &self.source {
            Origin::File { file } => Some(tools.locate(work, file)?),
            Origin::Synth { .. } => None,
        };
        let (media, step) = (tools.media.clone(), self.clone());
        work.blocking(move |work| {
            let mut temp = work.store().temp()?;
            let failed =
                |error: SoundError| StepError::permanent("cannot make the sound").because(error);
            let mut wav =
                write_wav(BufWriter::new(temp.file()), 2, WavBits::I24).map_err(failed)?;
            let length = match (&step.source, path) {
                (Origin::File { .. }, Some(path)) => {
                    copy(&media, &path, &mut |block| wav.write(block).map_err(failed))?
                }
                (
                    Origin::Synth {
                        kind,
                        seed,
                        length,
                        arrangement,
                    },
                    _,
                ) => {
                    let how = Arrangement {
                        tempo: arrangement.tempo,
                        key: arrangement.key,
                        stingers: arrangement.stingers.clone(),
                    };
                    let mut sink = |block: &[f32]| wav.write(block);
                    arrange(*kind, *seed, (*length, &how), &mut sink).map_err(failed)?;
                    *length
                }
                (Origin::File { .. }, None) => Samples(0),
            };
            wav.finish().map_err(failed)?;
            let sound = work.store().keep(temp, "audio/wav")?;
            Ok(Made::free(
                SoundTake {
                    sound: sound.clone(),
                    length,
                },
                vec![sound],
            ))
        })
        .await
    }
}

/// Decodes a file's sound into `sink`.
fn copy(
    media: &workprint_media::Media,
    path: &std::path::Path,
    sink: &mut dyn FnMut(&[f32]) -> Result<(), StepError>,
) -> Result<Samples, StepError> {
    let mut reader = FileSound::open(media, path, 2)?;
    let mut block = vec![0.0; SAMPLE_RATE as usize];
    let mut length = 0;
    loop {
        let count = reader.read(&mut block)?;
        if count == 0 {
            break;
        }
        length += count as u64 / 2;
        if length > LONGEST {
            return Err(StepError::permanent(format!(
                "`{}` plays for more than two hours",
                path.display()
            ))
            .hint("cut it shorter"));
        }
        sink(&block[..count])?;
    }
    if length == 0 {
        return Err(
            StepError::permanent(format!("`{}` has no sound to use", path.display()))
                .hint("name a file with sound"),
        );
    }
    Ok(Samples(length))
}
