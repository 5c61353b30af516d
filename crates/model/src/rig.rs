//! A puppet's drawing cut into parts, and a puppet in time.

use serde::{Deserialize, Serialize};

use crate::puppet::{Act, Mood};
use crate::{Artifact, Digest, Frames, Percent, Samples, Size};

/// A mouth shape, as Preston Blair's set is counted by Rhubarb Lip Sync.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Mouth {
    /// Lips pressed together: p, b, m.
    A,
    /// Hardly open, teeth near each other: most consonants, and the vowel of "see".
    B,
    /// Open: the vowels of "men" and "bat".
    C,
    /// Wide open: the vowel of "father".
    D,
    /// Open and a little rounded: the vowels of "off" and "bird".
    E,
    /// Puckered: w, and the vowel of "you".
    F,
    /// Upper teeth on the lower lip: f, v.
    G,
    /// The tongue behind or between the teeth: l, th.
    H,
    /// At rest.
    #[default]
    X,
}

impl Mouth {
    /// Every shape.
    pub const ALL: [Self; 9] = [
        Self::A,
        Self::B,
        Self::C,
        Self::D,
        Self::E,
        Self::F,
        Self::G,
        Self::H,
        Self::X,
    ];

    /// This shape and then the others, the most alike first: what is shown where a drawing has not
    /// all of them.
    pub const fn likest(self) -> [Self; 9] {
        use Mouth::{A, B, C, D, E, F, G, H, X};
        match self {
            A => [A, X, G, B, F, H, C, E, D],
            B => [B, H, C, G, A, X, E, F, D],
            C => [C, B, E, H, D, F, G, A, X],
            D => [D, C, E, H, B, F, G, A, X],
            E => [E, C, F, D, B, H, G, A, X],
            F => [F, E, B, C, G, H, A, X, D],
            G => [G, B, A, F, H, C, X, E, D],
            H => [H, B, C, E, G, F, A, X, D],
            X => [X, A, B, G, F, H, C, E, D],
        }
    }

    /// Its letter.
    pub const fn letter(self) -> char {
        match self {
            Self::A => 'A',
            Self::B => 'B',
            Self::C => 'C',
            Self::D => 'D',
            Self::E => 'E',
            Self::F => 'F',
            Self::G => 'G',
            Self::H => 'H',
            Self::X => 'X',
        }
    }
}

/// A mouth shape and when it is seen, counted from the start of its voice take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shaped {
    /// The shape.
    pub mouth: Mouth,
    /// When it begins.
    pub start: Samples,
    /// When it has ended.
    pub end: Samples,
}

/// How far eyes are open.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Eyes {
    /// Open.
    #[default]
    Open,
    /// Half closed.
    Half,
    /// Closed.
    Closed,
}

/// A side, as the viewer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The viewer's left.
    Left,
    /// The viewer's right.
    Right,
}

impl Side {
    /// The same side in a mirror.
    #[must_use]
    pub const fn mirrored(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// What a part of a drawing is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Breathes and sways; what is not in it stands still.
    Body,
    /// Stays on the floor when the puppet jumps.
    Shadow,
    /// Nods, shakes and tilts.
    Head,
    /// What slides over the head as it turns: eyes, nose and mouth.
    Face,
    /// Moves as the eyes look about.
    Pupils,
    /// The head, or what of it changes, turned to a side or (none) to the front.
    Turn(Option<Side>),
    /// Eyes.
    Eyes(Eyes),
    /// Brows in a mood.
    Brow(Mood),
    /// A mouth shape; one with a mood is shown in that mood instead of the one without.
    Mouth(Mouth, Option<Mood>),
    /// An arm in a pose; `rest` is the usual one.
    Arm(Side, String),
}

impl Part {
    /// The part that a name in a drawing means: `mouth-A`, `mouth-X-happy`, `eyes-half`,
    /// `brow-angry`, `arm-left-wave`, `head`, `head-left`, `face`, `pupils`, `body`,
    /// `shadow`.
    ///
    /// In a `mirrored` drawing left and right are swapped, so that they stay the viewer's.
    pub fn named(name: &str, mirrored: bool) -> Option<Self> {
        let seen = |side: Side| if mirrored { side.mirrored() } else { side };
        let mood = |name: &str| Mood::ALL.into_iter().find(|mood| mood.name() == name);
        Some(match name {
            "body" => Self::Body,
            "shadow" => Self::Shadow,
            "head" => Self::Head,
            "face" => Self::Face,
            "pupils" => Self::Pupils,
            "head-left" => Self::Turn(Some(seen(Side::Left))),
            "head-right" => Self::Turn(Some(seen(Side::Right))),
            "head-front" => Self::Turn(None),
            "eyes-open" => Self::Eyes(Eyes::Open),
            "eyes-half" => Self::Eyes(Eyes::Half),
            "eyes-closed" => Self::Eyes(Eyes::Closed),
            _ => {
                let (set, rest) = name.split_once('-')?;
                match set {
                    "brow" => Self::Brow(mood(rest)?),
                    "mouth" => {
                        let (letter, of) = match rest.split_once('-') {
                            Some((letter, of)) => (letter, Some(mood(of)?)),
                            None => (rest, None),
                        };
                        let is =
                            |mouth: &Mouth| letter.len() == 1 && letter.starts_with(mouth.letter());
                        Self::Mouth(Mouth::ALL.into_iter().find(is)?, of)
                    }
                    "arm" => {
                        let (side, pose) = rest.split_once('-')?;
                        let side = match side {
                            "left" => Side::Left,
                            "right" => Side::Right,
                            _ => return None,
                        };
                        Self::Arm(seen(side), pose.to_owned())
                    }
                    _ => return None,
                }
            }
        })
    }

    /// Whether only one of its set is seen at a time.
    pub const fn is_one_of_a_set(&self) -> bool {
        !matches!(
            self,
            Self::Body | Self::Shadow | Self::Head | Self::Face | Self::Pupils
        )
    }
}

/// A puppet's drawing, cut into pictures that are laid over each other.
///
/// Places are in pixels of the pictures, counted from the feet, right and down.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rig {
    /// How tall the whole drawing is.
    pub height: u32,
    /// The parts, each after the one that it lies in.
    pub parts: Vec<RigPart>,
    /// The pictures, in the order in which they are painted.
    pub pieces: Vec<RigPiece>,
}

/// A part of a rig.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RigPart {
    /// What it is.
    pub part: Part,
    /// The part that it lies in and moves with, by its number.
    pub within: Option<u16>,
    /// The point that it turns about.
    pub pivot: [i32; 2],
    /// How far it goes at most as the puppet looks to a side, and up or down.
    pub reach: [i32; 2],
}

/// A picture of a rig.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RigPiece {
    /// A PNG with alpha.
    pub image: Artifact,
    /// Its left edge.
    pub x: i32,
    /// Its top edge.
    pub y: i32,
    /// Its size.
    pub size: Size,
    /// The part that it belongs to, by its number.
    pub part: Option<u16>,
}

/// A puppet in a shot, in the shot's own time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedPuppet {
    /// Its drawing.
    pub rig: Rig,
    /// Where its feet stand in the picture, across.
    pub x: Percent,
    /// Where its feet stand in the picture, down.
    pub y: Percent,
    /// How tall the whole drawing is, of the picture's height.
    pub height: Percent,
    /// How near it is, 0 to 100.
    pub depth: u8,
    /// How lively it is at rest.
    pub idle: Percent,
    /// What its blinks and its sway come from.
    pub seed: u32,
    /// Its mood at the shot's start.
    pub mood: Mood,
    /// When its voice is heard: first frames and the frames after the last.
    pub talks: Vec<(Frames, Frames)>,
    /// The mouth from each of these frames of the shot on; at rest before the first.
    pub mouths: Vec<(Frames, Mouth)>,
    /// Whom it looks at from each of these frames on: the side where they stand, or none for the
    /// viewer.
    pub looks: Vec<(Frames, Option<Side>)>,
    /// What it does, in order.
    pub acts: Vec<PlacedAct>,
    /// What must be made before its mouth is certain, besides what times the shot.
    pub timed_by: Vec<Digest>,
}

/// An act in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedAct {
    /// What is done.
    pub act: Act,
    /// Its first frame in the shot.
    pub from: Frames,
    /// How many frames.
    pub length: Frames,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parts_are_read() {
        assert_eq!(
            Part::named("mouth-A", false),
            Some(Part::Mouth(Mouth::A, None))
        );
        assert_eq!(
            Part::named("mouth-X-happy", false),
            Some(Part::Mouth(Mouth::X, Some(Mood::Happy)))
        );
        assert_eq!(
            Part::named("arm-left-point-left", false),
            Some(Part::Arm(Side::Left, "point-left".to_owned()))
        );
        assert_eq!(
            Part::named("arm-left-rest", true),
            Some(Part::Arm(Side::Right, "rest".to_owned()))
        );
        for other in [
            "mouth", "mouth-I", "mouth-AB", "mouth-a", "arm-up", "hand", "brow-odd",
        ] {
            assert_eq!(Part::named(other, false), None, "{other}");
        }
    }

    #[test]
    fn every_shape_falls_back_to_every_other() {
        for mouth in Mouth::ALL {
            let mut all = mouth.likest();
            assert_eq!(all[0], mouth);
            all.sort_unstable();
            assert_eq!(all, Mouth::ALL);
        }
    }
}
