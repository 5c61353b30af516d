//! Lines that somebody else's model speaks.

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::show::EngineSpec;
use workprint_model::step::{Estimate, Pool};
use workprint_model::{Artifact, Digest, Language, Money, Slot};
use workprint_providers::order::{Capability, Speaks, What};
use workprint_providers::vendors::Row;

use super::Model;
use super::call::Call;
use crate::tools::Tools;

/// A voice's own pace, in percent.
const OWN_PACE: u16 = 100;

/// A stretch of a line without a pause in it, as the vendor says it: neither trimmed nor levelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Speak {
    /// What says it.
    #[serde(flatten)]
    pub model: Model,
    /// Exactly what is said.
    pub text: String,
    /// The vendor's name of the voice.
    pub voice: String,
    /// How fast, in percent of the voice's own pace.
    #[serde(default = "own_pace", skip_serializing_if = "is_own_pace")]
    pub speed: u16,
    /// How it is said, where the model takes that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// The language.
    pub language: Language,
    /// Whether the model is likely to tell when words are heard.
    #[serde(skip)]
    pub timed: bool,
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

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeakTake {
    /// A sound file, as it came.
    pub sound: Artifact,
    /// When words are heard, where the vendor told: JSON of pairs of seconds, one for each word between
    /// white space.
    pub words: Option<Artifact>,
}

/// What a model of a vendor's can do, as far as it is known.
pub(crate) fn abilities(spec: &EngineSpec) -> Speaks {
    let row = Row::find(&spec.vendor);
    row.and_then(|row| row.speaks(&spec.model))
        .unwrap_or_default()
}

impl Speak {
    /// A stretch of a line by an engine of the show, at this pace and in this direction as far as its
    /// model takes them.
    pub fn of(
        (model, spec): (Model, &EngineSpec),
        (text, voice): (&str, &str),
        (pace, direction): (u16, Option<&str>),
        language: &Language,
        slot: Slot,
    ) -> Self {
        let speaks = abilities(spec);
        let speed = speaks.paces.map(|(least, most)| pace.clamp(least, most));
        let mut step = Self {
            model,
            text: text.to_owned(),
            voice: voice.to_owned(),
            speed: speed.unwrap_or(OWN_PACE),
            direction: direction.filter(|_| speaks.directed).map(str::to_owned),
            language: language.clone(),
            timed: speaks.timed,
            price: Money::ZERO,
            slot,
            otherwise: None,
        };
        step.price = step.model.price(spec, step.what(), (text, 0), 0);
        step
    }

    fn what(&self) -> What {
        What::Speech {
            voice: self.voice.clone(),
            speed: self.speed,
            direction: self.direction.clone(),
            language: self.language.to_string(),
        }
    }
}

const fn own_pace() -> u16 {
    OWN_PACE
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_own_pace(speed: &u16) -> bool {
    *speed == OWN_PACE
}

impl Step for Speak {
    type Tools = Tools;
    type Output = SpeakTake;

    const KIND: &'static str = "speak";
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
            timed: other.timed,
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
            seconds: 2.0,
            cost: self.price,
        }
    }

    fn sketch(&self, key: &Digest) -> SpeakTake {
        let words = Artifact::sketched(key, "application/json");
        SpeakTake {
            sound: Artifact::sketched(key, "audio/wav"),
            words: self.timed.then_some(words),
        }
    }

    fn digests(output: &SpeakTake) -> Vec<Digest> {
        let words = output.words.iter().map(|words| words.digest);
        std::iter::once(output.sound.digest).chain(words).collect()
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<SpeakTake>, StepError> {
        let engine = tools.engines.find(Capability::Speech, &self.model)?;
        let asked = (self.text.as_str(), 0);
        let order = self.model.order(self.what(), asked, Vec::new(), None);
        let bought = work.buy(&Call { engine, order }).await?;
        let (sound, words) = match bought.artifacts.as_slice() {
            [sound] => (sound, None),
            [sound, words] => (sound, Some(words)),
            _ => {
                let message = "a line was bought, and is not there";
                return Err(StepError::permanent(message));
            }
        };
        Ok(Made {
            output: SpeakTake {
                sound: sound.clone(),
                words: words.cloned(),
            },
            artifacts: bought.artifacts.clone(),
            cost: bought.cost,
        })
    }
}

#[cfg(test)]
mod tests {
    use workprint_engine::key_of;
    use workprint_providers::vendors::ROWS;

    use super::*;

    /// A line of the first vendor whose model can do this.
    fn line(can: fn(&Speaks) -> bool, text: &str, how: (u16, Option<&str>)) -> Speak {
        let mut rows = ROWS.iter();
        let row = rows
            .find(|row| row.speaks("m").as_ref().is_some_and(can))
            .unwrap();
        let spec = serde_json::json!({"vendor": row.id, "model": "m", "price": 0.2});
        let spec: EngineSpec = serde_json::from_value(spec).unwrap();
        let model = Model::of(("own", &spec), None);
        let language = "en".parse().unwrap();
        let slot = Slot::new("speak", "c1");
        Speak::of((model, &spec), (text, "v"), how, &language, slot)
    }

    #[test]
    fn only_what_a_model_takes_is_asked_of_it_and_counts() {
        let undirected = |speaks: &Speaks| !speaks.directed && speaks.paces == Some((70, 120));
        let plain = line(undirected, "Hello, world", (100, None));
        // Twelve letters at 0.2 dollars a thousand.
        assert_eq!(plain.price.micros, 2400);
        let params = serde_json::to_value(&plain).unwrap();
        let wanted = serde_json::json!({
            "vendor": plain.model.vendor, "model": "m", "text": "Hello, world", "voice": "v",
            "language": "en",
        });
        assert_eq!(params, wanted);
        let told = line(undirected, "Hello, world", (100, Some("softly")));
        assert_eq!(key_of(&told), key_of(&plain), "it takes no direction");
        let fast = line(undirected, "Hello, world", (300, None));
        assert_eq!(fast.speed, 120);
        assert_ne!(key_of(&fast), key_of(&plain));
        let steady = |speaks: &Speaks| speaks.directed && speaks.paces.is_none();
        let told = line(steady, "Hello.", (300, Some("softly")));
        assert_eq!(
            (told.speed, told.direction.as_deref()),
            (100, Some("softly"))
        );
    }
}
