//! How one shot gives way to the next.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::framing::Ease;
use crate::shot::Colour;
use crate::{Millis, Percent};

/// How one shot gives way to the next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Transition {
    /// At once.
    #[default]
    Cut,
    /// One picture fades into the other.
    Dissolve {
        /// Length in milliseconds, 1 to 10,000.
        #[schemars(range(min = 1, max = 10_000))]
        ms: u32,
    },
    /// Down to a colour and up again.
    Dip {
        /// Length in milliseconds, 1 to 10,000.
        #[schemars(range(min = 1, max = 10_000))]
        ms: u32,
        /// The colour between.
        #[serde(default = "Transition::black")]
        colour: Colour,
    },
    /// An edge goes over the frame; behind it is the new picture.
    Wipe(Wipe),
    /// The new picture pushes the old one out of the frame.
    Push(Sweep),
    /// The new picture slides over the old one.
    Slide(Sweep),
    /// The new picture opens in a circle about its focus.
    Iris(Iris),
    /// Into the old picture at its focus, and out of there into the new one.
    ZoomThrough(Passing),
    /// A camera thrown aside: both pictures rush by, smeared.
    Whip(Sweep),
}

/// A transition that has a length and an ease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Passing {
    /// Length in milliseconds, 1 to 10,000.
    #[schemars(range(min = 1, max = 10_000))]
    pub ms: u32,
    /// How it speeds up and slows down.
    #[serde(default, skip_serializing_if = "Ease::is_smooth")]
    pub ease: Ease,
}

/// A transition in which pictures move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// Length in milliseconds, 1 to 10,000.
    #[schemars(range(min = 1, max = 10_000))]
    pub ms: u32,
    /// Which way the pictures move over the frame.
    #[serde(default)]
    pub direction: Direction,
    /// How it speeds up and slows down.
    #[serde(default, skip_serializing_if = "Ease::is_smooth")]
    pub ease: Ease,
}

/// A wipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wipe {
    /// Length in milliseconds, 1 to 10,000.
    #[schemars(range(min = 1, max = 10_000))]
    pub ms: u32,
    /// Which way the edge goes over the frame.
    #[serde(default)]
    pub direction: Direction,
    /// How wide the edge is, in percent of the frame along the way it goes, 0 to 100.
    #[serde(default = "Wipe::usual_softness")]
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub softness: Percent,
    /// How it speeds up and slows down.
    #[serde(default, skip_serializing_if = "Ease::is_smooth")]
    pub ease: Ease,
}

impl Wipe {
    const fn usual_softness() -> Percent {
        Percent::new(10)
    }
}

/// An iris.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Iris {
    /// Length in milliseconds, 1 to 10,000.
    #[schemars(range(min = 1, max = 10_000))]
    pub ms: u32,
    /// How wide the circle's edge is, in percent of the frame's height, 0 to 100.
    #[serde(default = "Iris::usual_softness")]
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub softness: Percent,
    /// How it speeds up and slows down.
    #[serde(default, skip_serializing_if = "Ease::is_smooth")]
    pub ease: Ease,
}

impl Iris {
    const fn usual_softness() -> Percent {
        Percent::new(2)
    }
}

/// A way over the frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// To the left.
    #[default]
    Left,
    /// To the right.
    Right,
    /// To the top.
    Up,
    /// To the bottom.
    Down,
}

impl Transition {
    const fn black() -> Colour {
        Colour::new(0, 0, 0)
    }

    /// Whether this is a plain cut.
    pub const fn is_cut(&self) -> bool {
        matches!(self, Self::Cut)
    }

    /// Its length; 0 for a cut.
    pub const fn length(&self) -> Millis {
        Millis(match self {
            Self::Cut => 0,
            Self::Dissolve { ms } | Self::Dip { ms, .. } => *ms as i64,
            Self::Wipe(wipe) => wipe.ms as i64,
            Self::Push(sweep) | Self::Slide(sweep) | Self::Whip(sweep) => sweep.ms as i64,
            Self::Iris(iris) => iris.ms as i64,
            Self::ZoomThrough(passing) => passing.ms as i64,
        })
    }
}
