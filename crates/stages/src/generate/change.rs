//! Recorded lines that somebody else's model speaks again in another voice.

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::show::EngineSpec;
use workprint_model::step::{Estimate, Pool};
use workprint_model::{Artifact, Digest, Money, SAMPLE_RATE, Samples, Slot};
use workprint_providers::order::{Capability, Order, Reference, What};
use workprint_providers::speech::wav;
use workprint_sound::SoundError;
use workprint_sound::wav::read_wav;

use super::Model;
use super::call::Call;
use crate::tools::Tools;

/// The most bytes of a recorded line: 20 minutes at 24 bits.
const MOST_BYTES: u64 = 256 << 20;

/// The samples of a line.
fn samples(wav: &[u8]) -> Result<Vec<f32>, SoundError> {
    let mut reader = read_wav(wav)?;
    let mut block = vec![0.0; SAMPLE_RATE as usize];
    let mut all = Vec::new();
    loop {
        let count = reader.read(&mut block)?;
        all.extend_from_slice(&block[..count]);
        if count < block.len() {
            return Ok(all);
        }
    }
}

/// A recorded line in another voice, as the vendor gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What speaks it.
    #[serde(flatten)]
    pub model: Model,
    /// The recorded line: a WAV at 48 kHz with one channel.
    pub sound: Digest,
    /// The vendor's name of the voice.
    pub voice: String,
    /// The most that it may cost.
    #[serde(skip)]
    pub price: Money,
    /// What it fills.
    #[serde(skip)]
    pub slot: Slot,
    /// What is made in its place, by another engine, where this one's takes no order.
    #[serde(skip)]
    pub otherwise: Option<Box<Self>>,
}

/// The line in its new voice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeTake {
    /// A sound file, as it came.
    pub sound: Artifact,
}

impl Change {
    /// A recorded line of this length in a voice of an engine of the show.
    pub fn of(
        (model, spec): (Model, &EngineSpec),
        (sound, length): (Digest, Samples),
        voice: &str,
        slot: Slot,
    ) -> Self {
        let mut step = Self {
            model,
            sound,
            voice: voice.to_owned(),
            price: Money::ZERO,
            slot,
            otherwise: None,
        };
        step.price = step.model.price(spec, step.what(length), ("", 0), 1);
        step
    }

    fn what(&self, length: Samples) -> What {
        let length_ms = (length.0 * 1000).div_ceil(u64::from(SAMPLE_RATE));
        What::Change {
            voice: self.voice.clone(),
            length_ms: u32::try_from(length_ms).unwrap_or(u32::MAX),
        }
    }

    /// The order, with the line in 16 bits.
    fn order(&self, line: &[f32]) -> Order {
        let samples = line.iter().flat_map(|sample| {
            let whole = (sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)).round() as i16;
            whole.to_le_bytes()
        });
        let said = Reference {
            media_type: "audio/wav".to_owned(),
            bytes: wav(SAMPLE_RATE, &samples.collect::<Vec<u8>>()),
        };
        let what = self.what(Samples(line.len() as u64));
        self.model.order(what, ("", 0), vec![said], None)
    }
}

impl Step for Change {
    type Tools = Tools;
    type Output = ChangeTake;

    const KIND: &'static str = "change";
    const REVISION: u32 = 1;
    const TAKES: bool = true;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn in_slot(self, other: &Self) -> Self {
        Self {
            slot: other.slot.clone(),
            model: Model {
                engine: other.model.engine.clone(),
                ..self.model
            },
            price: other.price,
            ..self
        }
    }

    fn otherwise(&self) -> Option<&Self> {
        self.otherwise.as_deref()
    }

    fn engine(&self) -> String {
        format!("{} {}", self.model.vendor, self.model.model)
    }

    fn inputs(&self) -> Vec<Digest> {
        vec![self.sound]
    }

    fn pool(&self) -> Pool {
        Pool::Network
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 3.0,
            cost: self.price,
        }
    }

    fn sketch(&self, key: &Digest) -> ChangeTake {
        ChangeTake {
            sound: Artifact::sketched(key, "audio/mpeg"),
        }
    }

    fn digests(output: &ChangeTake) -> Vec<Digest> {
        vec![output.sound.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<ChangeTake>, StepError> {
        let engine = tools.engines.find(Capability::Change, &self.model)?;
        let bytes = tools.read(work, &self.sound, MOST_BYTES)?;
        let step = self.clone();
        let order = work.blocking(move |_| {
            let line = samples(&bytes).map_err(|error| {
                StepError::permanent("the recorded line cannot be read").because(error)
            })?;
            Ok(step.order(&line))
        });
        let order = order.await?;
        let bought = work.buy(&Call { engine, order }).await?;
        let [sound] = bought.artifacts.as_slice() else {
            let message = "a line was spoken again, and is not there";
            return Err(StepError::permanent(message));
        };
        Ok(Made {
            output: ChangeTake {
                sound: sound.clone(),
            },
            artifacts: bought.artifacts.clone(),
            cost: bought.cost,
        })
    }
}
