//! What part of a picture fills the frame, and how that changes over a shot.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Percent;

/// A camera move over a picture: a named one, or from one framing to another, over the whole shot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// A named move; left out, the move goes from `from` to `to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<MoveKind>,
    /// How far a named move goes, in percent, 0 to 100; a rotation in degrees, −45 to 45. Each kind
    /// has a usual amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = -45, "maximum" = 100))]
    pub amount: Option<Percent>,
    /// Which of the endless ways to `drift` or `shake`; left out, the shot's id decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
    /// The first frame's framing, where no `kind` is named.
    #[serde(default, skip_serializing_if = "Framing::is_whole")]
    pub from: Framing,
    /// The last frame's framing, where no `kind` is named.
    #[serde(default, skip_serializing_if = "Framing::is_whole")]
    pub to: Framing,
    /// How the move speeds up and slows down.
    #[serde(default)]
    pub ease: Ease,
}

impl Move {
    /// How far it goes: its own amount, or its kind's usual one.
    pub fn reach(&self) -> Percent {
        let usual = self.kind.map_or(Percent::new(0), MoveKind::usual_amount);
        self.amount.unwrap_or(usual)
    }

    /// How near the move comes to a picture that has the frame's shape, 100 percent or more.
    pub fn nearest(&self) -> Percent {
        let framed = self.from.zoom.max(self.to.zoom).hundredths();
        let reach = self.reach().hundredths();
        Percent::from_hundredths(match self.kind {
            None => framed.max(10_000),
            Some(MoveKind::Drift | MoveKind::Shake) => 10_000 + 2 * reach,
            // The frame's corners reach about 3.2 percent further with each degree.
            Some(MoveKind::Rotate) => 10_000 + reach.abs() / 5 * 16,
            Some(_) => 10_000 + reach,
        })
    }
}

/// The named moves. All are counted from the framing that shows as much of the picture as fits,
/// with its `focus` as near to the middle as the picture's edges allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MoveKind {
    /// Nearer to the focus by `amount` (usually 12).
    Push,
    /// Away from the focus by `amount` (usually 12).
    Pull,
    /// The camera turns left over `amount` of the frame's width (usually 15).
    PanLeft,
    /// The camera turns right over `amount` of the frame's width (usually 15).
    PanRight,
    /// The camera turns up over `amount` of the frame's height (usually 15).
    TiltUp,
    /// The camera turns down over `amount` of the frame's height (usually 15).
    TiltDown,
    /// Clockwise about the focus by `amount` degrees (usually 3), −45 to 45.
    Rotate,
    /// A slow seeded wander, up to `amount` of the frame to each side (usually 3).
    Drift,
    /// Still, nearer to the focus by `amount` (usually 0).
    Hold,
    /// A seeded shake as of a hand, up to `amount` of the frame to each side (usually 1).
    Shake,
}

impl MoveKind {
    /// How far the move goes where it does not say.
    pub const fn usual_amount(self) -> Percent {
        Percent::new(match self {
            Self::Push | Self::Pull => 12,
            Self::PanLeft | Self::PanRight | Self::TiltUp | Self::TiltDown => 15,
            Self::Rotate | Self::Drift => 3,
            Self::Hold => 0,
            Self::Shake => 1,
        })
    }
}

/// What part of the picture fills the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Framing {
    /// Magnification in percent, 100 to 800; at 100 the picture just covers the frame.
    #[serde(default = "Framing::unscaled")]
    #[schemars(extend("minimum" = 100, "maximum" = 800))]
    pub zoom: Percent,
    /// The point of the picture that the frame looks at, across, 0 to 100; the shot's focus, else
    /// the middle, where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub x: Option<Percent>,
    /// The point of the picture that the frame looks at, down, 0 to 100; the shot's focus, else the
    /// middle, where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub y: Option<Percent>,
}

impl Framing {
    const fn unscaled() -> Percent {
        Percent::WHOLE
    }

    /// Whether it says nothing.
    fn is_whole(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for Framing {
    fn default() -> Self {
        Self {
            zoom: Percent::WHOLE,
            x: None,
            y: None,
        }
    }
}

/// How a change speeds up and slows down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ease {
    /// Slow at both ends (smoothstep).
    #[default]
    Smooth,
    /// The same speed throughout.
    Linear,
    /// Slow at the start.
    In,
    /// Slow at the end.
    Out,
    /// Almost still at both ends and very fast between.
    Expo,
}

impl Ease {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    pub(crate) const fn is_smooth(&self) -> bool {
        matches!(self, Self::Smooth)
    }
}

/// A picture's point of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Focus {
    /// How far from the picture's left edge, in percent of its width, 0 to 100.
    #[serde(default = "Focus::middle")]
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub x: Percent,
    /// How far from the picture's top edge, in percent of its height, 0 to 100.
    #[serde(default = "Focus::middle")]
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub y: Percent,
}

impl Focus {
    const fn middle() -> Percent {
        Percent::new(50)
    }
}

/// How a picture of another shape fills the frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// Fill the frame; what is over is cut off.
    #[default]
    Cover,
    /// Show all of the picture on black.
    Contain,
    /// Show all of the picture over itself, enlarged to fill the frame, blurred and darkened.
    Blur,
    /// Fill the frame with all of the picture, stretched.
    Fill,
}

impl Fit {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    pub(crate) const fn is_cover(&self) -> bool {
        matches!(self, Self::Cover)
    }
}

/// What is cut off at each edge of a picture, in percent of its width or height.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Crop {
    /// At the left, 0 to 90 percent of the width.
    #[schemars(extend("minimum" = 0, "maximum" = 90))]
    pub left: Percent,
    /// At the top, 0 to 90 percent of the height.
    #[schemars(extend("minimum" = 0, "maximum" = 90))]
    pub top: Percent,
    /// At the right, 0 to 90 percent of the width.
    #[schemars(extend("minimum" = 0, "maximum" = 90))]
    pub right: Percent,
    /// At the bottom, 0 to 90 percent of the height.
    #[schemars(extend("minimum" = 0, "maximum" = 90))]
    pub bottom: Percent,
}

impl Crop {
    /// Whether nothing is cut off.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// How a picture's colours meet those below it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Blend {
    /// It covers what is below.
    #[default]
    Normal,
    /// Darkens: white changes nothing, black stays black.
    Multiply,
    /// Lightens: black changes nothing, white stays white.
    Screen,
    /// Multiplies what is dark below and screens what is light.
    Overlay,
    /// The sum of the two.
    Add,
    /// A gentle `overlay` by the picture's own lightness.
    SoftLight,
    /// Multiplies where the picture is dark and screens where it is light.
    HardLight,
    /// The darker of the two.
    Darken,
    /// The lighter of the two.
    Lighten,
}

impl Blend {
    /// Every mode, in the order of the docs.
    pub const ALL: [Self; 9] = [
        Self::Normal,
        Self::Multiply,
        Self::Screen,
        Self::Overlay,
        Self::Add,
        Self::SoftLight,
        Self::HardLight,
        Self::Darken,
        Self::Lighten,
    ];

    /// Its name in manifests and drawings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Multiply => "multiply",
            Self::Screen => "screen",
            Self::Overlay => "overlay",
            Self::Add => "add",
            Self::SoftLight => "soft-light",
            Self::HardLight => "hard-light",
            Self::Darken => "darken",
            Self::Lighten => "lighten",
        }
    }

    /// Whether it covers what is below.
    pub const fn is_normal(&self) -> bool {
        matches!(self, Self::Normal)
    }
}
