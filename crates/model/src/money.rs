//! Money in whole millionths of a currency's unit.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

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

    /// With as many decimals as it needs, two at least, and its currency's sign: `$0.003`.
    pub fn exact(self) -> String {
        let sign = if self.micros < 0 { "-" } else { "" };
        let micros = self.micros.unsigned_abs();
        let decimals = format!("{:06}", micros % 1_000_000);
        let more = decimals[2..].trim_end_matches('0');
        format!("{sign}${}.{}{more}", micros / 1_000_000, &decimals[..2])
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self {
            micros: self.micros.saturating_sub(other.micros),
        }
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

/// An amount as a person writes it, in dollars: 0 to 1,000,000, to six decimals, exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dollars(Money);

impl Dollars {
    const MOST: f64 = 1e6;

    /// The amount.
    pub const fn money(self) -> Money {
        self.0
    }

    /// Of a decimal number's own digits, so that nothing is rounded.
    fn of_digits(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || decimals.len() > 6 || !digits(whole) || !digits(decimals) {
            return None;
        }
        let micros: i64 = format!("{whole}{decimals:0<6}").parse().ok()?;
        Some(Self(Money::from_micros(micros)))
    }
}

impl std::str::FromStr for Dollars {
    type Err = NotDollars;
    fn from_str(text: &str) -> Result<Self, NotDollars> {
        let known = Self::of_digits(text).filter(|own| own.0.micros <= 1_000_000_000_000);
        known.ok_or_else(|| NotDollars(text.chars().take(40).collect()))
    }
}

/// What is no amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no amount: 0 to 1000000 with at most six decimals are allowed")]
pub struct NotDollars(String);

impl Serialize for Dollars {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let micros = self.0.micros;
        if micros % 1_000_000 == 0 {
            serializer.serialize_i64(micros / 1_000_000)
        } else {
            serializer.serialize_f64(micros as f64 / 1e6)
        }
    }
}

impl<'de> Deserialize<'de> for Dollars {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        // The shortest digits that mean this number are those that were written.
        let known = (0.0..=Self::MOST).contains(&value);
        let known = known.then(|| Self::of_digits(&value.to_string())).flatten();
        known.ok_or_else(|| serde::de::Error::custom(NotDollars(value.to_string())))
    }
}

impl JsonSchema for Dollars {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Dollars".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "number", "description": "US dollars, to six decimals.",
            "minimum": 0, "maximum": 1_000_000,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_millionth() {
        let read = |text: &str| {
            serde_json::from_str::<Dollars>(text)
                .ok()
                .map(|own| own.0.micros)
        };
        assert_eq!(read("0"), Some(0));
        assert_eq!(read("25"), Some(25_000_000));
        assert_eq!(read("0.003"), Some(3000));
        assert_eq!(read("1.1"), Some(1_100_000));
        assert_eq!(read("0.000001"), Some(1));
        assert_eq!(read("999999.999999"), Some(999_999_999_999));
        for bad in ["-1", "0.0000001", "1000001", "1e300", "null"] {
            assert_eq!(read(bad), None, "{bad}");
        }
        for micros in [0, 1, 10, 999_999, 1_000_001, 123_456_789] {
            let text = serde_json::to_string(&Dollars(Money::from_micros(micros))).unwrap();
            assert_eq!(read(&text), Some(micros), "{text}");
        }
    }

    #[test]
    fn amounts_are_told_exactly() {
        let told = |micros| Money::from_micros(micros).exact();
        assert_eq!(told(3000), "$0.003");
        assert_eq!(told(25_000_000), "$25.00");
        assert_eq!(told(-1), "-$0.000001");
    }
}
