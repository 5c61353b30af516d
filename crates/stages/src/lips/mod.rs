//! Lips: the mouth shapes of a recorded voice, for the puppet that speaks with it.
//!
//! A synthesiser tells its speech sounds; of a recording nothing is known but how loud it is.

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::rig::Shaped;
use workprint_model::step::Estimate;
use workprint_model::{Artifact, Digest, SAMPLE_RATE, Slot};
use workprint_sound::{SoundError, lips, wav};

use crate::Tools;

/// A line is no longer than 20 minutes.
const LONGEST: usize = SAMPLE_RATE as usize * 60 * 20;

/// One recorded line, to be given mouth shapes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lips {
    /// The voice: a 48 kHz mono WAV.
    pub voice: Digest,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

/// A line's mouth shapes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LipsTake {
    /// Stands for these shapes among what a shot is made of.
    pub id: Digest,
    /// The shapes, in order.
    pub shapes: Vec<Shaped>,
}

impl Step for Lips {
    type Tools = Tools;
    type Output = LipsTake;

    const KIND: &'static str = "lips";
    const REVISION: u32 = 1;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        "workprint-lips 1".to_owned()
    }

    fn inputs(&self) -> Vec<Digest> {
        vec![self.voice]
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 0.02,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> LipsTake {
        LipsTake {
            id: Artifact::sketched(key, "lips").digest,
            shapes: Vec::new(),
        }
    }

    fn digests(output: &LipsTake) -> Vec<Digest> {
        vec![output.id]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<LipsTake>, StepError> {
        let bytes = tools.read(work, &self.voice, LONGEST as u64 * 4 + 4096)?;
        let voice = self.voice;
        work.blocking(move |_| {
            let shapes = lips::mouths(&samples(&bytes).map_err(|error| {
                StepError::permanent("the voice cannot be read").because(error)
            })?);
            let id = Digest::of_json(&(&shapes, &voice));
            Ok(Made::free(LipsTake { id, shapes }, Vec::new()))
        })
        .await
    }
}

fn samples(bytes: &[u8]) -> Result<Vec<f32>, SoundError> {
    let mut reader = wav::read_wav(bytes)?;
    let channels = usize::from(reader.channels().max(1));
    let mut block = vec![0.0; SAMPLE_RATE as usize * channels];
    let mut out = Vec::new();
    loop {
        let count = reader.read(&mut block)?;
        if count == 0 || out.len() >= LONGEST {
            return Ok(out);
        }
        out.extend(block[..count * channels].iter().step_by(channels));
    }
}
