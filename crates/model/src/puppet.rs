//! Puppets as a person writes them: who stands where in a shot, and what they do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CastId, CueId, MediaPath, Percent, PoseId};

/// The puppet of a cast member, for every shot that only says who stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CastPuppet {
    /// The drawing: an SVG with named parts.
    pub file: MediaPath,
    /// How tall its drawing is, in percent of the picture's height, 1 to 400.
    #[serde(default = "CastPuppet::default_height")]
    #[schemars(extend("minimum" = 1, "maximum" = 400))]
    pub height: Percent,
}

impl CastPuppet {
    /// The height of a puppet whose height nobody says.
    pub const fn default_height() -> Percent {
        Percent::new(60)
    }
}

/// A puppet in a shot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Puppet {
    /// The cast member whose voice moves its mouth. Without one it never speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<CastId>,
    /// The drawing, an SVG with named parts; left out, the speaker's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<MediaPath>,
    /// Where its feet stand, across: percent of the picture, −100 to 200.
    #[serde(default = "Puppet::middle")]
    #[schemars(extend("minimum" = -100, "maximum" = 200))]
    pub x: Percent,
    /// Where its feet stand, down: percent of the picture, −100 to 200.
    #[serde(default = "Puppet::floor")]
    #[schemars(extend("minimum" = -100, "maximum" = 200))]
    pub y: Percent,
    /// How tall its drawing is, in percent of the picture's height, 1 to 400; left out, as the cast
    /// says, else 60.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = 1, "maximum" = 400))]
    pub height: Option<Percent>,
    /// Which way it looks. Puppets are drawn looking right; `left` mirrors the drawing.
    #[serde(default, skip_serializing_if = "Facing::is_right")]
    pub facing: Facing,
    /// How near it is, 0 (farthest) to 100: it moves with the picture's layers of that depth.
    #[serde(default = "Puppet::half", skip_serializing_if = "Puppet::is_half")]
    #[schemars(range(min = 0, max = 100))]
    pub depth: u8,
    /// Its mood when the shot begins.
    #[serde(default, skip_serializing_if = "Mood::is_neutral")]
    pub mood: Mood,
    /// How lively it breathes, sways and shifts its weight, in percent, 0 (not at all) to 300.
    #[serde(default = "Puppet::whole", skip_serializing_if = "Percent::is_whole")]
    #[schemars(extend("minimum" = 0, "maximum" = 300))]
    pub idle: Percent,
    /// Another number gives other blinks and another sway.
    #[serde(default, skip_serializing_if = "Puppet::is_zero")]
    pub seed: u32,
    /// What it does, and when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gestures: Vec<Gesture>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
impl Puppet {
    /// The most puppets in a shot.
    pub const MOST: usize = 12;
    /// The most gestures of a puppet in a shot.
    pub const MOST_GESTURES: usize = 200;

    const fn middle() -> Percent {
        Percent::new(50)
    }

    const fn floor() -> Percent {
        Percent::new(92)
    }

    const fn half() -> u8 {
        50
    }

    const fn is_half(depth: &u8) -> bool {
        *depth == 50
    }

    const fn whole() -> Percent {
        Percent::WHOLE
    }

    const fn is_zero(seed: &u32) -> bool {
        *seed == 0
    }
}

/// Which way a puppet looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Facing {
    /// As it is drawn.
    #[default]
    Right,
    /// Mirrored.
    Left,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
impl Facing {
    const fn is_right(&self) -> bool {
        matches!(self, Self::Right)
    }
}

/// A mood: how brows and the resting mouth are.
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
#[serde(rename_all = "kebab-case")]
pub enum Mood {
    /// At rest.
    #[default]
    Neutral,
    /// Content.
    Happy,
    /// Sad.
    Sad,
    /// Angry.
    Angry,
    /// Surprised.
    Surprised,
    /// Worried.
    Worried,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
impl Mood {
    /// Every mood.
    pub const ALL: [Self; 6] = [
        Self::Neutral,
        Self::Happy,
        Self::Sad,
        Self::Angry,
        Self::Surprised,
        Self::Worried,
    ];

    const fn is_neutral(&self) -> bool {
        matches!(self, Self::Neutral)
    }

    /// Its name in manifests and drawings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Happy => "happy",
            Self::Sad => "sad",
            Self::Angry => "angry",
            Self::Surprised => "surprised",
            Self::Worried => "worried",
        }
    }
}

/// Something that a puppet does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gesture {
    /// When it begins.
    pub at: GestureStart,
    /// The cue that `at` counts in, where the shot goes on over several; left out, the shot's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cue: Option<CueId>,
    /// What it does.
    #[serde(rename = "do")]
    pub act: Act,
    /// How long, in milliseconds, 50 to 60,000; left out, as long as the act usually takes. Moods
    /// last until the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 50, max = 60_000))]
    pub ms: Option<u32>,
}

/// When a gesture begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum GestureStart {
    /// With the cue's word of this number, counted from 0.
    Word(u32),
    /// This many milliseconds after the shot's start, or, where a cue is named, after the cue's.
    Ms(u32),
}

/// What a puppet does. Left and right are the viewer's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Act {
    /// Waves with an arm.
    Wave,
    /// Points to the left.
    PointLeft,
    /// Points to the right.
    PointRight,
    /// Throws up both arms.
    Cheer,
    /// Raises shoulders and both hands.
    Shrug,
    /// Holds the chin.
    Think,
    /// Nods.
    Nod,
    /// Shakes the head.
    ShakeHead,
    /// Tilts the head.
    TiltHead,
    /// Leans towards where it looks.
    LeanIn,
    /// Jumps up.
    Hop,
    /// Turns the head and looks to the left.
    LookLeft,
    /// Turns the head and looks to the right.
    LookRight,
    /// Looks up.
    LookUp,
    /// Looks down.
    LookDown,
    /// Looks at the viewer.
    LookFront,
    /// Closes the eyes and opens them.
    Blink,
    /// Has this mood from now on.
    Mood(Mood),
    /// Holds the arms as the parts `arm-left-NAME` and `arm-right-NAME` are drawn; an arm that is
    /// not drawn so stays.
    Pose(PoseId),
}
