//! Takes of what models make: how many, how good they are, and which is chosen.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Score;

/// How many takes are made of each picture and clip, and which of them is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TakeRules {
    /// Takes of each picture that a model makes, 1 to 16, where its prompt does not say.
    #[schemars(range(min = 1, max = 16))]
    pub pictures: u8,
    /// Takes of each clip that a model makes, 1 to 16, where its prompt does not say.
    #[schemars(range(min = 1, max = 16))]
    pub clips: u8,
    /// Who chooses among several.
    #[serde(skip_serializing_if = "Choosing::is_default")]
    pub choose: Choosing,
    /// The least score, 0 to 1, that a take has which is used without a person's choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<Score>,
    /// How many further takes are ordered, one after the other, while none reaches the floor, 0 to 8.
    #[serde(skip_serializing_if = "is_none")]
    #[schemars(range(min = 0, max = 8))]
    pub retry_below_floor: u8,
    /// The one of `engines.text` that is shown each picture that was measured, and frames of each clip, and says whether
    /// it shows what its prompt says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub judge: Option<String>,
}

impl Default for TakeRules {
    fn default() -> Self {
        Self {
            pictures: 1,
            clips: 1,
            choose: Choosing::Best,
            floor: None,
            retry_below_floor: 0,
            judge: None,
        }
    }
}

impl TakeRules {
    /// Whether nothing is said.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_none(count: &u8) -> bool {
    *count == 0
}

/// Who chooses among takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Choosing {
    /// The best score; of equal ones the first.
    #[default]
    Best,
    /// The first that reaches the floor.
    First,
    /// A person: what depends on it waits until one is selected.
    Person,
}

impl Choosing {
    /// Whether this is what counts where nothing is said.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What a model says of a picture, beside what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Opinion {
    /// How much of what was asked for is seen: 100 is all of it, 50 that something important is missing or other than
    /// it should be, 0 that it shows something else.
    #[schemars(range(min = 0, max = 100))]
    pub prompt: u8,
    /// How well it is made: 100 is without a fault, 50 with faults that a viewer sees, 0 that it is spoilt, as by malformed
    /// bodies, things that melt into others, or writing that was not asked for.
    #[schemars(range(min = 0, max = 100))]
    pub making: u8,
    /// Why, in one or two sentences: what is missing, and what is badly made.
    pub why: String,
}

impl Opinion {
    /// The checks that it gives.
    pub fn checks(&self) -> [(String, Score); 2] {
        let score = |hundredths: u8| Score::from_hundredths(hundredths.min(100).into());
        [
            ("prompt".to_owned(), score(self.prompt)),
            ("making".to_owned(), score(self.making)),
        ]
    }

    /// The reason on one line of some length at most: it is somebody else's text.
    pub fn reason(&self) -> String {
        const MOST: usize = 300;
        let words = self
            .why
            .split(|c: char| c.is_whitespace() || c.is_control());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        words.join(" ").chars().take(MOST).collect()
    }
}

/// How good a take is, by what can be measured of it and, where a show has a judge, by what that says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The least of its checks.
    pub score: Score,
    /// Each check by its name.
    pub checks: BTreeMap<String, Score>,
}

impl Assessment {
    /// Of checks; without any there is nothing against it.
    pub fn of(checks: BTreeMap<String, Score>) -> Self {
        let least = checks.values().min().copied();
        Self {
            score: least.unwrap_or(Score::new(1)),
            checks,
        }
    }

    /// The same with what a judge says.
    pub fn judged(&self, opinion: &Opinion) -> Self {
        let mut checks = self.checks.clone();
        checks.extend(opinion.checks());
        Self::of(checks)
    }

    /// The check that says least for it, where one says anything against it.
    pub fn weakest(&self) -> Option<&str> {
        let weakest = self.checks.iter().find(|(_, score)| **score == self.score);
        let (name, _) = weakest.filter(|_| self.score < Score::new(1))?;
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opinion_lowers_a_score_and_never_raises_it() {
        let of = |prompt, making| Opinion {
            prompt,
            making,
            why: " no\tlamp,\n\u{1b}[2Jno dog ".to_owned(),
        };
        let checks = [("light".to_owned(), Score::from_hundredths(70))];
        let measured = Assessment::of(checks.into());
        let told = |opinion: &Opinion| {
            let all = measured.judged(opinion);
            (all.score.to_string(), all.weakest().map(str::to_owned))
        };
        let weakest = |name: &str| Some(name.to_owned());
        assert_eq!(told(&of(100, 100)), ("0.7".to_owned(), weakest("light")));
        assert_eq!(told(&of(40, 90)), ("0.4".to_owned(), weakest("prompt")));
        assert_eq!(told(&of(90, 255)), ("0.7".to_owned(), weakest("light")));
        assert_eq!(of(1, 1).reason(), "no lamp, [2Jno dog");
    }
}
