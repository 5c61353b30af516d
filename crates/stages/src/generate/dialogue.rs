//! Conversations that somebody else's model says in one breath, and the lines that are cut out of them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_media::Media;
use workprint_model::show::EngineSpec;
use workprint_model::step::{Estimate, Pool};
use workprint_model::{Artifact, Digest, Language, Money, SAMPLE_RATE, Slot};
use workprint_providers::dialogue::{Line, Part, Parts};
use workprint_providers::order::{Capability, What};

use super::call::Call;
use super::{Model, SpeakTake};
use crate::file_sound::FileSound;
use crate::tools::Tools;
use crate::voice::{read_recording, wav};

/// The most bytes of what a vendor told of a conversation.
const MOST_TOLD: u64 = 16 << 20;
/// How far behind the end of the sound a line may end, in seconds: vendors count in steps.
const BEYOND: f64 = 0.5;
/// How much of the pause before and after a line comes with it, in seconds: half of it, and no more than this.
const MARGIN: f64 = 0.15;

/// The lines of a conversation, as the vendor says them: neither trimmed nor levelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialogue {
    /// What says them.
    #[serde(flatten)]
    pub model: Model,
    /// Exactly what is said, and in which voices.
    pub lines: Vec<Line>,
    /// The language.
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

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialogueTake {
    /// The whole, as it came.
    pub sound: Artifact,
    /// Each line, cut out of it.
    pub lines: Vec<SpeakTake>,
}

impl Dialogue {
    /// A conversation by an engine of the show.
    pub fn of(
        (model, spec): (Model, &EngineSpec),
        lines: Vec<Line>,
        language: &Language,
        slot: Slot,
    ) -> Self {
        let mut step = Self {
            model,
            lines,
            language: language.clone(),
            price: Money::ZERO,
            slot,
            otherwise: None,
        };
        step.price = step.model.price(spec, step.what(), ("", 0), 0);
        step
    }

    fn what(&self) -> What {
        What::Dialogue {
            lines: self.lines.clone(),
            language: self.language.to_string(),
        }
    }
}

impl Step for Dialogue {
    type Tools = Tools;
    type Output = DialogueTake;

    const KIND: &'static str = "dialogue";
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
        Vec::new()
    }

    fn pool(&self) -> Pool {
        Pool::Network
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 2.0 + self.lines.len() as f64,
            cost: self.price,
        }
    }

    fn sketch(&self, key: &Digest) -> DialogueTake {
        let line = |n: usize| {
            let part = |name| Digest::of_json(&(key, n, name));
            SpeakTake {
                sound: Artifact::sketched(&part("sound"), "audio/wav"),
                words: Some(Artifact::sketched(&part("words"), "application/json")),
            }
        };
        DialogueTake {
            sound: Artifact::sketched(key, "audio/mpeg"),
            lines: (0..self.lines.len()).map(line).collect(),
        }
    }

    fn digests(output: &DialogueTake) -> Vec<Digest> {
        let lines = output.lines.iter();
        let lines = lines.flat_map(|line| std::iter::once(&line.sound).chain(&line.words));
        std::iter::once(&output.sound)
            .chain(lines)
            .map(|artifact| artifact.digest)
            .collect()
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<DialogueTake>, StepError> {
        let engine = tools.engines.find(Capability::Dialogue, &self.model)?;
        let order = self.model.order(self.what(), ("", 0), Vec::new(), None);
        let bought = work.buy(&Call { engine, order }).await?;
        let [sound, told] = bought.artifacts.as_slice() else {
            let message = "a conversation was bought, and is not there";
            return Err(StepError::permanent(message));
        };
        let path = tools.locate(work, &sound.digest)?;
        let told = tools.read(work, &told.digest, MOST_TOLD)?;
        let (media, count) = (tools.media.clone(), self.lines.len());
        let cut = move |work: &Work| cut(work, (&media, &path), &told, count);
        let lines = work.blocking(cut).await?;
        let made = lines.iter();
        let made = made.flat_map(|line| std::iter::once(&line.sound).chain(&line.words));
        // Lines that sound alike are one artifact.
        let all = bought.artifacts.iter().chain(made);
        let all: BTreeMap<Digest, Artifact> = all.map(|one| (one.digest, one.clone())).collect();
        Ok(Made {
            output: DialogueTake {
                sound: sound.clone(),
                lines,
            },
            artifacts: all.into_values().collect(),
            cost: bought.cost,
        })
    }
}

/// What was bought is in the vault and paid: it is not ordered again before a person says so.
fn unusable(why: &str) -> StepError {
    let message =
        format!("the lines of the conversation cannot be found in what was bought: {why}");
    StepError::permanent(message).hint(
        "it is paid and kept, and not ordered again by itself: see its job with `workprint jobs`, then say \
         `workprint jobs resolve JOB --paid` and render again, or change a line",
    )
}

/// Cuts the lines out of a conversation.
fn cut(
    work: &Work,
    (media, path): (&Media, &Path),
    told: &[u8],
    count: usize,
) -> Result<Vec<SpeakTake>, StepError> {
    let parts = match serde_json::from_slice(told) {
        Ok(Parts::Heard(parts)) if parts.len() == count => parts,
        Ok(Parts::Heard(parts)) => {
            return Err(unusable(&format!("it has {} of {count}", parts.len())));
        }
        Ok(Parts::Broken(why)) => return Err(unusable(&why)),
        Err(error) => return Err(unusable("their times cannot be read").because(error)),
    };
    let samples = read_recording(FileSound::open(media, path, 1)?, None)?;
    let spans = spans(&parts, samples.len()).map_err(|why| unusable(&why))?;
    let mut lines = Vec::new();
    for (part, (from, to)) in parts.iter().zip(spans) {
        let sound = wav(&samples[from..to])?;
        let start = from as f64 / f64::from(SAMPLE_RATE);
        let words = part.words.iter().flatten();
        let words = words.map(|word| ((word.0 - start).max(0.0), (word.1 - start).max(0.0)));
        let words: Vec<_> = words.collect();
        let words = part.words.is_some().then(|| serde_json::json!(words));
        let keep = |words: serde_json::Value| {
            let bytes = words.to_string().into_bytes();
            work.store().keep_bytes(&bytes, "application/json")
        };
        lines.push(SpeakTake {
            sound: work.store().keep_bytes(&sound, "audio/wav")?,
            words: words.map(keep).transpose()?,
        });
    }
    Ok(lines)
}

/// Which samples of a sound are each line's, with some of the pauses around it.
fn spans(parts: &[Part], length: usize) -> Result<Vec<(usize, usize)>, String> {
    let end = length as f64 / f64::from(SAMPLE_RATE);
    let place = |seconds: f64| {
        let place = (seconds * f64::from(SAMPLE_RATE)).round() as usize;
        place.min(length)
    };
    let span = |(n, part): (usize, &Part)| {
        let before = n.checked_sub(1).and_then(|n| parts.get(n));
        let before = before.map_or(0.0, |before| before.to);
        let after = parts.get(n + 1).map_or(end, |after| after.from);
        let margin = |pause: f64| (pause / 2.0).clamp(0.0, MARGIN);
        let from = place(part.from - margin(part.from - before));
        let to = place(part.to + margin(after - part.to));
        if part.to > end + BEYOND || from >= to {
            let Part { from, to, .. } = part;
            let why = format!("line {} is heard from {from} s to {to} s", n + 1);
            return Err(format!("{why}, and the sound is {end:.2} s long"));
        }
        Ok((from, to))
    };
    parts.iter().enumerate().map(span).collect()
}

#[cfg(test)]
mod tests {
    use workprint_engine::key_of;

    use super::*;

    fn dialogue(lines: &[(&str, &str)]) -> Dialogue {
        let spec = serde_json::json!({"vendor": "elevenlabs", "model": "eleven_v3", "price": 0.2});
        let spec: EngineSpec = serde_json::from_value(spec).unwrap();
        let line = |(voice, text): &(&str, &str)| Line {
            voice: (*voice).to_owned(),
            text: (*text).to_owned(),
        };
        let lines = lines.iter().map(line).collect();
        let model = Model::of(("own", &spec), None);
        let slot = Slot::new("dialogue", "talk");
        Dialogue::of((model, &spec), lines, &"en".parse().unwrap(), slot)
    }

    #[test]
    fn a_conversation_is_its_lines_in_their_voices_and_nothing_else() {
        let talk = dialogue(&[("a", "Is it?"), ("b", "It is.")]);
        // Twelve characters at 0.2 dollars a thousand.
        assert_eq!(talk.price.micros, 2400);
        let wanted = serde_json::json!({
            "vendor": "elevenlabs", "model": "eleven_v3", "language": "en",
            "lines": [{"voice": "a", "text": "Is it?"}, {"voice": "b", "text": "It is."}],
        });
        assert_eq!(serde_json::to_value(&talk).unwrap(), wanted);
        let other = dialogue(&[("b", "Is it?"), ("b", "It is.")]);
        assert_ne!(key_of(&talk), key_of(&other));
        let sketch = talk.sketch(&key_of(&talk));
        let mut digests = Dialogue::digests(&sketch);
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), 5, "what is not made is told apart");
    }

    #[test]
    fn lines_are_cut_with_half_of_the_pauses_and_never_past_the_end() {
        let part = |from, to| Part {
            from,
            to,
            words: None,
        };
        let parts = [part(0.1, 1.0), part(1.1, 2.0), part(3.0, 4.2)];
        // The last one is said to end a fifth of a second late.
        let spans_of = |parts: &[Part]| spans(parts, 4 * 48_000);
        let wanted = vec![(2400, 50_400), (50_400, 103_200), (136_800, 192_000)];
        assert_eq!(spans_of(&parts), Ok(wanted));
        for bad in [part(3.0, 4.6), part(4.3, 4.4)] {
            let why = spans_of(&[part(0.0, 1.0), bad]).unwrap_err();
            assert!(why.starts_with("line 2 is heard from"), "{why}");
        }
    }
}
