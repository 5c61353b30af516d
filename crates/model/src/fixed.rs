//! Amounts people write with decimals, kept as whole hundredths.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! hundredths {
    ($(#[$doc:meta])* $name:ident, $min:expr, $max:expr, $text:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i32);

        impl $name {
            /// A whole number of units.
            pub const fn new(units: i32) -> Self {
                Self(units * 100)
            }

            /// From hundredths of a unit.
            pub const fn from_hundredths(hundredths: i32) -> Self {
                Self(hundredths)
            }

            /// In hundredths of a unit.
            pub const fn hundredths(self) -> i32 {
                self.0
            }

            /// As a float, for arithmetic that ends in pixels or samples.
            pub fn to_f64(self) -> f64 {
                f64::from(self.0) / 100.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.to_f64())
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if self.0 % 100 == 0 {
                    serializer.serialize_i32(self.0 / 100)
                } else {
                    serializer.serialize_f64(self.to_f64())
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = f64::deserialize(deserializer)?;
                if !(f64::from($min)..=f64::from($max)).contains(&value) {
                    return Err(serde::de::Error::custom(format!(
                        "`{value}` is out of range: {} to {} are allowed", $min, $max
                    )));
                }
                Ok(Self((value * 100.0).round() as i32))
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "number", "description": $text, "minimum": $min, "maximum": $max,
                })
            }
        }
    };
}

hundredths!(
    /// A level or a change of level in decibels, −120 to 40.
    Decibels, -120, 40, "Decibels, to two decimals."
);
hundredths!(
    /// A share in percent, −1000 to 10,000, where 100 is the whole.
    Percent, -1000, 10_000, "Percent, to two decimals; 100 is the whole."
);

hundredths!(
    /// A width to a height, 0 to 100.
    Aspect, 0, 100, "Width to height, to two decimals."
);

hundredths!(
    /// How good something is, 0 to 1, where 1 is the best.
    Score, 0, 1, "A score, to two decimals; 1 is the best."
);

impl Decibels {
    /// Whether this changes nothing.
    pub const fn is_none(&self) -> bool {
        self.0 == 0
    }

    /// The factor by which this gain multiplies an amplitude.
    pub fn amplitude(self) -> f64 {
        10f64.powf(self.to_f64() / 20.0)
    }
}

impl Percent {
    /// 100 percent.
    pub const WHOLE: Self = Self::new(100);

    /// Whether this is 100 percent.
    pub const fn is_whole(&self) -> bool {
        self.0 == Self::WHOLE.0
    }

    /// 1.0 for 100 percent.
    pub fn ratio(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }
}

/// A number of a chart or a counter, to three decimals, −10¹² to 10¹².
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(i64);

impl Quantity {
    /// The greatest, either way.
    const LIMIT: f64 = 1e12;

    /// A whole number.
    pub const fn new(units: i64) -> Self {
        Self(units.saturating_mul(1000))
    }

    /// From thousandths.
    pub const fn from_thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    /// In thousandths.
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// In units of the last of `decimals` (0 to 3) digits after the mark, rounded half away from 0.
    pub const fn at(self, decimals: u8) -> i64 {
        let unit = match decimals {
            0 => 1000,
            1 => 100,
            2 => 10,
            _ => 1,
        };
        let half = if self.0 < 0 { -unit / 2 } else { unit / 2 };
        self.0.saturating_add(half) / unit
    }

    /// The most decimals that it needs.
    pub const fn decimals(self) -> u8 {
        match self.0 {
            n if n % 1000 == 0 => 0,
            n if n % 100 == 0 => 1,
            n if n % 10 == 0 => 2,
            _ => 3,
        }
    }
}

impl Serialize for Quantity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 1000 == 0 {
            serializer.serialize_i64(self.0 / 1000)
        } else {
            serializer.serialize_f64(self.0 as f64 / 1000.0)
        }
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        if !(-Self::LIMIT..=Self::LIMIT).contains(&value) {
            return Err(serde::de::Error::custom(format!(
                "`{value}` is out of range: −10¹² to 10¹² are allowed"
            )));
        }
        Ok(Self((value * 1000.0).round() as i64))
    }
}

impl schemars::JsonSchema for Quantity {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "number", "description": "A number, to three decimals.",
            "minimum": -1_000_000_000_000_i64, "maximum": 1_000_000_000_000_i64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_round_half_away_from_zero() {
        let quantity = Quantity::from_thousandths(-12_550);
        assert_eq!(
            [0, 1, 2, 3].map(|d| quantity.at(d)),
            [-13, -126, -1255, -12_550]
        );
        assert_eq!(Quantity::new(5_000_000_000).at(0), 5_000_000_000);
        assert_eq!(quantity.decimals(), 2);
    }
}
