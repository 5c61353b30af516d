//! Whole-number time: frames at a rational rate, samples at 48 kHz, milliseconds as written.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// All sound inside Workprint has this many samples a second.
pub const SAMPLE_RATE: u32 = 48_000;

/// A count of picture frames, or a frame's place counted from 0.
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
pub struct Frames(pub u64);

/// A count of sound samples at [`SAMPLE_RATE`], or a sample's place counted from 0.
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
pub struct Samples(pub u64);

impl Samples {
    /// No time at all.
    pub const fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

/// Milliseconds, as people write time in a manifest. May be negative where an offset is meant.
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
pub struct Millis(pub i64);

macro_rules! arithmetic {
    ($name:ident) => {
        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }
        }
        /// Saturates at the type's smallest value.
        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }
        }
    };
}
arithmetic!(Frames);
arithmetic!(Samples);
arithmetic!(Millis);

impl Millis {
    /// The samples in this time; negative times are 0.
    pub const fn samples(self) -> Samples {
        if self.0 <= 0 {
            Samples(0)
        } else {
            Samples((self.0 as u64).saturating_mul(SAMPLE_RATE as u64 / 1000))
        }
    }
}

impl Samples {
    /// Rounded down.
    pub const fn millis(self) -> Millis {
        Millis((self.0 / (SAMPLE_RATE as u64 / 1000)) as i64)
    }

    /// For people and for decibel arithmetic, never for keys.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / f64::from(SAMPLE_RATE)
    }
}

/// Frames a second as an exact fraction: `30`, `30000/1001`.
///
/// Both parts are at least 1 and the rate lies between 1 and 240.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    num: u32,
    den: u32,
}

/// The text is not a frame rate between 1 and 240.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a frame rate: write a whole number or a fraction between 1 and 240, such as `30` or `30000/1001`"
)]
pub struct NotARate(String);

impl Rate {
    /// 30 frames a second.
    pub const FPS_30: Self = Self { num: 30, den: 1 };

    /// A rate of `num / den`, reduced.
    pub fn new(num: u32, den: u32) -> Result<Self, NotARate> {
        let refuse = || NotARate(format!("{num}/{den}"));
        if num == 0 || den == 0 || num < den || u64::from(num) > 240 * u64::from(den) {
            return Err(refuse());
        }
        let divisor = gcd(num, den);
        Ok(Self {
            num: num / divisor,
            den: den / divisor,
        })
    }

    /// The numerator.
    pub const fn num(self) -> u32 {
        self.num
    }

    /// The denominator.
    pub const fn den(self) -> u32 {
        self.den
    }

    /// For people and for estimates, never for keys.
    pub fn per_second(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    /// The sample at which `frame` begins, rounded to nearest: exact to half a sample at any length.
    pub fn sample_of(self, frame: Frames) -> Samples {
        let num = u128::from(frame.0) * u128::from(SAMPLE_RATE) * u128::from(self.den);
        Samples(round_div(num, u128::from(self.num)))
    }

    /// The frame whose start lies nearest to `sample`.
    pub fn nearest_frame(self, sample: Samples) -> Frames {
        let num = u128::from(sample.0) * u128::from(self.num);
        Frames(round_div(
            num,
            u128::from(SAMPLE_RATE) * u128::from(self.den),
        ))
    }

    /// The least number of frames that cover `samples`.
    pub fn frames_covering(self, samples: Samples) -> Frames {
        let num = u128::from(samples.0) * u128::from(self.num);
        Frames(num.div_ceil(u128::from(SAMPLE_RATE) * u128::from(self.den)) as u64)
    }

    /// The nearest number of frames to a time; negative times are 0.
    pub fn frames_of(self, time: Millis) -> Frames {
        self.nearest_frame(time.samples())
    }

    /// A frame's time code, as editors read it: `HH:MM:SS:FF`, counted in whole frames without
    /// dropping any, so that it names every frame at every rate.
    pub fn timecode(self, frame: Frames) -> String {
        let base = u64::from(self.num.div_ceil(self.den));
        let (seconds, frames) = (frame.0 / base, frame.0 % base);
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        let digits = (base - 1).to_string().len().max(2);
        format!(
            "{hours:02}:{minutes:02}:{:02}:{frames:0digits$}",
            seconds % 60
        )
    }
}

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

const fn round_div(num: u128, den: u128) -> u64 {
    ((num + den / 2) / den) as u64
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.den == 1 {
            write!(f, "{}", self.num)
        } else {
            write!(f, "{}/{}", self.num, self.den)
        }
    }
}

impl FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || NotARate(text.chars().take(40).collect());
        let (num, den) = text.split_once('/').unwrap_or((text, "1"));
        let num = num.trim().parse().map_err(|_| refuse())?;
        let den = den.trim().parse().map_err(|_| refuse())?;
        Self::new(num, den).map_err(|_| refuse())
    }
}

impl Serialize for Rate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Rate {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "Frames a second, as a whole number or a fraction: \"30\", \"30000/1001\".",
            "pattern": "^[1-9][0-9]{0,8}(/[1-9][0-9]{0,8})?$",
        })
    }
}

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Size {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rates() -> impl Strategy<Value = Rate> {
        prop_oneof![
            Just((24, 1)),
            Just((25, 1)),
            Just((30, 1)),
            Just((60, 1)),
            Just((24_000, 1001)),
            Just((30_000, 1001)),
            Just((60_000, 1001)),
        ]
        .prop_map(|(num, den)| Rate::new(num, den).unwrap())
    }

    #[test]
    fn time_codes_name_every_frame() {
        let code = |num, den, frame| Rate::new(num, den).unwrap().timecode(Frames(frame));
        assert_eq!(code(30, 1, 0), "00:00:00:00");
        assert_eq!(code(30, 1, 30 * 3725 + 29), "01:02:05:29");
        assert_eq!(code(30_000, 1001, 30), "00:00:01:00");
        assert_eq!(code(24_000, 1001, 23), "00:00:00:23");
        assert_eq!(code(240, 1, 7), "00:00:00:007");
        assert_eq!(code(1, 1, 3600 * 100), "100:00:00:00");
    }

    proptest! {
        #[test]
        fn frame_to_sample_and_back(rate in rates(), frame in 0u64..100_000_000) {
            prop_assert_eq!(rate.nearest_frame(rate.sample_of(Frames(frame))), Frames(frame));
        }

        #[test]
        fn covering_is_least(rate in rates(), samples in 1u64..10_000_000_000) {
            let frames = rate.frames_covering(Samples(samples));
            let exact = |n: u64| u128::from(n) * u128::from(SAMPLE_RATE) * u128::from(rate.den());
            prop_assert!(exact(frames.0) >= u128::from(samples) * u128::from(rate.num()));
            prop_assert!(exact(frames.0 - 1) < u128::from(samples) * u128::from(rate.num()));
        }

        #[test]
        fn any_text_is_a_rate_or_refused(text in ".{0,20}") {
            if let Ok(rate) = text.parse::<Rate>() {
                prop_assert_eq!(rate.to_string().parse::<Rate>().unwrap(), rate);
            }
        }
    }

    #[test]
    fn an_hour_at_29_97_does_not_drift() {
        let rate = Rate::new(30_000, 1001).unwrap();
        assert_eq!(rate.sample_of(Frames(107_892)), Samples(172_799_827));
    }
}
