//! Music and effects that somebody else's model makes of words.

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::show::EngineSpec;
use workprint_model::sound::{EffectPrompt, MusicPrompt, SoundLicence, SoundSource};
use workprint_model::step::{Estimate, Pool};
use workprint_model::{Artifact, Digest, Money, Slot};
use workprint_providers::order::What;

use super::Model;
use super::call::Call;
use crate::sounds::told_licence;
use crate::tools::Tools;

/// A sound of a prompt, as the vendor makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compose {
    /// What makes it.
    #[serde(flatten)]
    pub model: Model,
    /// What should be heard.
    pub prompt: String,
    /// The seed.
    pub seed: u32,
    /// What it is.
    #[serde(flatten)]
    pub sound: Composed,
    /// By whose leave it is heard.
    #[serde(skip)]
    pub licence: Option<SoundLicence>,
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

/// What is made of words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "sound", rename_all = "kebab-case")]
pub enum Composed {
    /// Music.
    Music {
        /// How long it should be, in milliseconds.
        length_ms: u32,
        /// Whether nobody may sing.
        instrumental: bool,
    },
    /// A sound of something.
    Effect {
        /// How long it should be, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        length_ms: Option<u32>,
        /// Whether its end leads into its beginning.
        #[serde(rename = "loop")]
        loops: bool,
        /// How closely it keeps to the words, in percent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        influence: Option<u8>,
    },
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComposeTake {
    /// A sound file, as it came.
    pub sound: Artifact,
}

impl Compose {
    /// The sound of a source by an engine of the show; nothing where it is not made of words.
    pub fn of(
        (model, spec): (Model, &EngineSpec),
        source: &SoundSource,
        licence: Option<SoundLicence>,
        slot: Slot,
    ) -> Option<Self> {
        let (prompt, seed, sound) = match source {
            SoundSource::Music(MusicPrompt {
                text,
                seed,
                length_ms,
                instrumental,
                ..
            }) => {
                let (length_ms, instrumental) = (*length_ms, *instrumental);
                let sound = Composed::Music {
                    length_ms,
                    instrumental,
                };
                (text, *seed, sound)
            }
            SoundSource::Effect(EffectPrompt {
                text,
                seed,
                length_ms,
                loops,
                influence,
                ..
            }) => {
                let sound = Composed::Effect {
                    length_ms: *length_ms,
                    loops: *loops,
                    influence: *influence,
                };
                (text, *seed, sound)
            }
            SoundSource::File(_) | SoundSource::Synth(_) => return None,
        };
        let mut step = Self {
            model,
            prompt: prompt.clone(),
            seed,
            sound,
            licence,
            price: Money::ZERO,
            slot,
            otherwise: None,
        };
        let asked = (step.prompt.as_str(), seed);
        step.price = step.model.price(spec, step.what(), asked, 0);
        Some(step)
    }

    fn what(&self) -> What {
        match self.sound {
            Composed::Music {
                length_ms,
                instrumental,
            } => What::Music {
                length_ms,
                instrumental,
            },
            Composed::Effect {
                length_ms,
                loops,
                influence,
            } => What::Effect {
                length_ms,
                loops,
                influence,
            },
        }
    }
}

impl Step for Compose {
    type Tools = Tools;
    type Output = ComposeTake;

    const KIND: &'static str = "compose";
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
            licence: other.licence.clone(),
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
        Vec::new()
    }

    fn pool(&self) -> Pool {
        Pool::Network
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 10.0,
            cost: self.price,
        }
    }

    fn licence(&self) -> Option<String> {
        self.licence.as_ref().map(told_licence)
    }

    fn seed(&self) -> Option<u32> {
        Some(self.seed)
    }

    fn sketch(&self, key: &Digest) -> ComposeTake {
        ComposeTake {
            sound: Artifact::sketched(key, "audio/mpeg"),
        }
    }

    fn digests(output: &ComposeTake) -> Vec<Digest> {
        vec![output.sound.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<ComposeTake>, StepError> {
        let asked = (self.prompt.as_str(), self.seed);
        let order = self.model.order(self.what(), asked, Vec::new(), None);
        let engine = tools.engines.find(order.capability(), &self.model)?;
        let bought = work.buy(&Call { engine, order }).await?;
        let [sound] = bought.artifacts.as_slice() else {
            let message = "a sound was bought, and is not there";
            return Err(StepError::permanent(message));
        };
        Ok(Made {
            output: ComposeTake {
                sound: sound.clone(),
            },
            artifacts: bought.artifacts.clone(),
            cost: bought.cost,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(source: serde_json::Value, price: f64) -> Compose {
        let source: SoundSource = serde_json::from_value(source).unwrap();
        let spec = serde_json::json!({"vendor": "v", "model": "m", "price": price});
        let spec: EngineSpec = serde_json::from_value(spec).unwrap();
        let model = Model::of(("own", &spec), None);
        Compose::of((model, &spec), &source, None, Slot::new("compose", "s")).unwrap()
    }

    #[test]
    fn a_sound_is_what_is_asked_of_the_model_and_nothing_else() {
        let params = |step: &Compose| serde_json::to_value(step).unwrap();
        let music = step(serde_json::json!({"music": {"text": "slow piano"}}), 0.3);
        let wanted = serde_json::json!({
            "vendor": "v", "model": "m", "prompt": "slow piano", "seed": 0, "sound": "music",
            "length_ms": 30_000, "instrumental": true,
        });
        assert_eq!(params(&music), wanted);
        let told =
            serde_json::json!({"text": "rain", "loop": true, "influence": 60, "engine": "own"});
        let effect = step(serde_json::json!({"effect": told}), 0.12);
        let wanted = serde_json::json!({
            "vendor": "v", "model": "m", "prompt": "rain", "seed": 0, "sound": "effect", "loop": true,
            "influence": 60,
        });
        assert_eq!(params(&effect), wanted);
        let back: Compose = serde_json::from_value(wanted).unwrap();
        assert_eq!(
            (&back.sound, &back.model.options),
            (&effect.sound, &effect.model.options)
        );
    }
}
