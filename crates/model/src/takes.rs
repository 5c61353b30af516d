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
}

impl Default for TakeRules {
    fn default() -> Self {
        Self {
            pictures: 1,
            clips: 1,
            choose: Choosing::Best,
            floor: None,
            retry_below_floor: 0,
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

/// How good a take is, by what can be measured of it.
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

    /// The check that says least for it, where one says anything against it.
    pub fn weakest(&self) -> Option<&str> {
        let weakest = self.checks.iter().find(|(_, score)| **score == self.score);
        let (name, _) = weakest.filter(|_| self.score < Score::new(1))?;
        Some(name)
    }
}
