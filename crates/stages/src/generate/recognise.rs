//! What is said in voices, as somebody else's model hears it.

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::show::EngineSpec;
use workprint_model::step::{Estimate, Pool};
use workprint_model::{Artifact, Digest, Language, Money, Samples, Slot};
use workprint_providers::order::{Capability, Order, Reference, What};
use workprint_providers::speech::wav;
use workprint_sound::align::RATE;

use super::Model;
use super::call::Call;
use crate::align::by_text::{MOST_BYTES, narrowed};
use crate::tools::Tools;

/// The words of a voice. What is written is not told, so that it is heard without knowing it, and an edited
/// text is listened to no second time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recognise {
    /// What listens.
    #[serde(flatten)]
    pub model: Model,
    /// The voice: a WAV at 48 kHz.
    pub sound: Digest,
    /// The language that is spoken.
    pub language: Language,
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

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecogniseTake {
    /// JSON of [`workprint_providers::recognised::Recognised`].
    pub words: Artifact,
}

impl Recognise {
    /// The words of a voice of this length, by an engine of the show.
    pub fn of(
        (model, spec): (Model, &EngineSpec),
        (sound, length): (Digest, Samples),
        language: &Language,
        slot: Slot,
    ) -> Self {
        let mut step = Self {
            model,
            sound,
            language: language.clone(),
            price: Money::ZERO,
            slot,
            otherwise: None,
        };
        let length_ms = u32::try_from(length.millis().0 + 1).unwrap_or(u32::MAX);
        step.price = step.model.price(spec, step.what(length_ms), ("", 0), 1);
        step
    }

    fn what(&self, length_ms: u32) -> What {
        What::Recognition {
            length_ms,
            language: self.language.to_string(),
        }
    }

    /// The order, with the voice at the rate that recognisers listen at.
    fn order(&self, voice: &[f32]) -> Order {
        let length_ms = (voice.len() as u64 * 1000).div_ceil(u64::from(RATE));
        let samples = voice.iter().flat_map(|sample| {
            let whole = (sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)).round() as i16;
            whole.to_le_bytes()
        });
        let sound = Reference {
            media_type: "audio/wav".to_owned(),
            bytes: wav(RATE, &samples.collect::<Vec<u8>>()),
        };
        let what = self.what(u32::try_from(length_ms).unwrap_or(u32::MAX));
        self.model.order(what, ("", 0), vec![sound], None)
    }
}

impl Step for Recognise {
    type Tools = Tools;
    type Output = RecogniseTake;

    const KIND: &'static str = "recognise";
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
            seconds: 2.0,
            cost: self.price,
        }
    }

    fn sketch(&self, key: &Digest) -> RecogniseTake {
        RecogniseTake {
            words: Artifact::sketched(key, "application/json"),
        }
    }

    fn digests(output: &RecogniseTake) -> Vec<Digest> {
        vec![output.words.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<RecogniseTake>, StepError> {
        let engine = tools.engines.find(Capability::Recognition, &self.model)?;
        let bytes = tools.read(work, &self.sound, MOST_BYTES)?;
        let step = self.clone();
        let order = work.blocking(move |_| {
            let voice = narrowed(&bytes)
                .map_err(|error| StepError::permanent("the voice cannot be read").because(error))?;
            Ok(step.order(&voice))
        });
        let order = order.await?;
        let bought = work.buy(&Call { engine, order }).await?;
        let [words] = bought.artifacts.as_slice() else {
            let message = "a line was recognised, and its words are not there";
            return Err(StepError::permanent(message));
        };
        Ok(Made {
            output: RecogniseTake {
                words: words.clone(),
            },
            artifacts: bought.artifacts.clone(),
            cost: bought.cost,
        })
    }
}
