//! Money in whole millionths of a currency's unit.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An amount in micro-units of the show's currency (US dollars unless the show says otherwise).
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct Money {
    /// Millionths of the unit.
    pub micros: i64,
}

impl Money {
    /// Nothing to pay.
    pub const ZERO: Self = Self { micros: 0 };

    /// From millionths of the unit.
    pub const fn from_micros(micros: i64) -> Self {
        Self { micros }
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            micros: self.micros.saturating_add(other.micros),
        }
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.micros < 0 { "-" } else { "" };
        let micros = self.micros.unsigned_abs();
        write!(
            f,
            "{sign}{}.{:02}",
            micros / 1_000_000,
            micros % 1_000_000 / 10_000
        )
    }
}
