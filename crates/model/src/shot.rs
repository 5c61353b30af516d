//! Shots as a person writes them: what is seen, how the camera moves over it, and how it gives way.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::framing::{Crop, Fit, Focus, Move};
use crate::look::Look;
use crate::puppet::Puppet;
use crate::sound::ItemMix;
use crate::transition::Transition;
use crate::{Language, MediaPath, Percent, ShotId};

/// One uncut view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shot {
    /// The shot's id, unique in the episode.
    pub id: ShotId,
    /// What is seen.
    pub picture: Picture,
    /// Where in the cue the shot begins. The first shot begins with its cue; shots without a start
    /// share the time between their neighbours by `weight`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts: Option<ShotStart>,
    /// This shot's share of time among its neighbours, 1 to 100.
    #[serde(
        default = "Shot::default_weight",
        skip_serializing_if = "Shot::is_default_weight"
    )]
    #[schemars(range(min = 1, max = 100))]
    pub weight: u8,
    /// How the frame moves over the picture.
    #[serde(default, rename = "move", skip_serializing_if = "Option::is_none")]
    pub camera: Option<Move>,
    /// How the shot before gives way to this one.
    #[serde(default, skip_serializing_if = "Transition::is_cut")]
    pub transition: Transition,
    /// How the picture fills the frame.
    #[serde(default, skip_serializing_if = "Fit::is_cover")]
    pub fit: Fit,
    /// The point of interest: what `cover` centres on, named moves turn about and outputs of other
    /// shapes keep in view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
    /// What of the picture is cut off before it is fitted.
    #[serde(default, skip_serializing_if = "Crop::is_none")]
    pub crop: Crop,
    /// Puppets that stand in the picture, the farthest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub puppets: Vec<Puppet>,
    /// Changes of the framed picture, one after the other; 16 at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub looks: Vec<Look>,
}

impl Shot {
    const fn default_weight() -> u8 {
        1
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    const fn is_default_weight(weight: &u8) -> bool {
        *weight == 1
    }
}

/// Where in its cue a shot begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ShotStart {
    /// With the word of this number, counted from 0.
    Word(u32),
    /// This many milliseconds after the cue's start.
    Ms(u32),
}

/// What a shot shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Picture {
    /// A still: PNG, JPEG, WebP, GIF, BMP, TIFF, or an SVG whose top groups with `data-depth` are
    /// layers for parallax.
    Image(ImageSpec),
    /// A piece of a video file.
    Clip(ClipSpec),
    /// Words set as a card.
    Card(CardSpec),
    /// A picture to be made by the image engine of the show; the built-in engine sets the prompt as a
    /// storyboard card.
    Prompt(PromptSpec),
    /// A colour, or a gradient from one to another, without a file.
    Plate(PlateSpec),
}

/// A still from a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageSpec {
    /// The file.
    pub file: MediaPath,
    /// How far near layers move against far ones under a camera move, in percent, 0 (flat) to 1000.
    #[serde(default = "ImageSpec::default_parallax")]
    #[schemars(extend("minimum" = 0, "maximum" = 1000))]
    pub parallax: Percent,
    /// Enlarge the picture so many times by a model (1 leaves it alone), 1 to 4.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    #[schemars(range(min = 1, max = 4))]
    pub upscale: u8,
}

const fn one() -> u8 {
    1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_one(factor: &u8) -> bool {
    *factor == 1
}

impl ImageSpec {
    const fn default_parallax() -> Percent {
        Percent::new(100)
    }
}

/// A piece of a video file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClipSpec {
    /// The file.
    pub file: MediaPath,
    /// Where in the file to begin, in milliseconds.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86_400_000))]
    pub in_ms: u32,
    /// Speed in percent, 10 to 1000.
    #[serde(default = "ClipSpec::default_speed")]
    #[schemars(extend("minimum" = 10, "maximum" = 1000))]
    pub speed: Percent,
    /// Interpolate this many frames for each of the file's (1 leaves them alone), 1 to 8.
    #[serde(default = "ClipSpec::default_smooth")]
    #[schemars(range(min = 1, max = 8))]
    pub smooth: u8,
    /// Enlarge the picture so many times by a model (1 leaves it alone), 1 to 4.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    #[schemars(range(min = 1, max = 4))]
    pub upscale: u8,
    /// What is shown when the file ends before the shot.
    #[serde(default)]
    pub then: ClipEnd,
    /// The level of the clip's own sound; left out, the clip is silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound_db: Option<crate::Decibels>,
    /// How far the clip's own sound goes down under a voice, −40 to 0.
    #[serde(
        default = "ClipSpec::default_sound_duck",
        skip_serializing_if = "ClipSpec::is_default_duck"
    )]
    #[schemars(extend("minimum" = -40, "maximum" = 0))]
    pub sound_duck_db: crate::Decibels,
    /// How the clip's own sound lies in the mix.
    #[serde(default, skip_serializing_if = "ItemMix::is_plain")]
    pub sound_mix: ItemMix,
}

impl ClipSpec {
    const fn default_speed() -> Percent {
        Percent::new(100)
    }

    const fn default_smooth() -> u8 {
        1
    }

    const fn default_sound_duck() -> crate::Decibels {
        crate::Decibels::new(-6)
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    const fn is_default_duck(duck: &crate::Decibels) -> bool {
        duck.hundredths() == Self::default_sound_duck().hundredths()
    }

    /// A file as it is, silent.
    pub fn plain(file: MediaPath) -> Self {
        Self {
            file,
            in_ms: 0,
            speed: Self::default_speed(),
            smooth: Self::default_smooth(),
            upscale: one(),
            then: ClipEnd::default(),
            sound_db: None,
            sound_duck_db: Self::default_sound_duck(),
            sound_mix: ItemMix::default(),
        }
    }
}

/// What a clip does when the file ends before the shot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClipEnd {
    /// Hold the last frame.
    #[default]
    Hold,
    /// Begin again.
    Loop,
}

/// Words set as a card over a colour or a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardSpec {
    /// The large line.
    #[schemars(length(min = 1, max = 300))]
    pub title: String,
    /// The small line under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 600))]
    pub subtitle: Option<String>,
    /// A picture behind the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<MediaPath>,
    /// The colour behind the words, as `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<Colour>,
    /// The words in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dub: BTreeMap<Language, CardWords>,
}

/// A card's words in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CardWords {
    /// The large line.
    #[schemars(length(min = 1, max = 300))]
    pub title: String,
    /// The small line under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
}

/// A picture to be made from words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PromptSpec {
    /// What should be seen.
    #[schemars(length(min = 1, max = 8000))]
    pub text: String,
    /// The seed, for engines that take one.
    #[serde(default)]
    pub seed: u32,
    /// Pictures that it should be like, for engines that take any: PNG, JPEG or WebP, 16 at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub references: Vec<MediaPath>,
    /// The engine that makes it, of `[engines.images]` in show.toml; left out, the show's `image`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub engine: Option<String>,
    /// How many takes are made of it, of which one is chosen, 1 to 16; left out, as many as the show says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 16))]
    pub takes: Option<u8>,
    /// What should happen: a clip is made that begins with the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<MotionSpec>,
}

/// A clip to be made of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MotionSpec {
    /// What should happen.
    #[schemars(length(min = 1, max = 8000))]
    pub text: String,
    /// The seed, for engines that take one.
    #[serde(default)]
    pub seed: u32,
    /// How long it should be, in milliseconds, 500 to 60000; models make the nearest that they can.
    #[serde(default = "MotionSpec::default_length")]
    #[schemars(range(min = 500, max = 60_000))]
    pub length_ms: u32,
    /// What is shown when it ends before the shot.
    #[serde(default)]
    pub then: ClipEnd,
    /// The engine that makes it, of `[engines.clips]` in show.toml; left out, the show's `clip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub engine: Option<String>,
    /// How many takes are made of it, of which one is chosen, 1 to 16; left out, as many as the show says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 16))]
    pub takes: Option<u8>,
}

impl MotionSpec {
    const fn default_length() -> u32 {
        5000
    }
}

impl PromptSpec {
    /// Words alone.
    pub const fn of(text: String) -> Self {
        Self {
            text,
            seed: 0,
            references: Vec::new(),
            engine: None,
            takes: None,
            clip: None,
        }
    }
}

/// A colour, or a gradient from one to another. A move does not change it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlateSpec {
    /// The colour, or the gradient's first.
    pub colour: Colour,
    /// The gradient's last colour; none is one colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Colour>,
    /// Where a straight gradient goes, in degrees clockwise, 0 to 359: 0 is up, 90 right, 180 down.
    #[serde(
        default = "PlateSpec::down",
        skip_serializing_if = "PlateSpec::is_down"
    )]
    #[schemars(range(min = 0, max = 359))]
    pub angle: u16,
    /// From the middle to the farthest corner instead of straight.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub radial: bool,
    /// The middle of a radial gradient across, in percent of the frame, 0 to 100.
    #[serde(
        default = "PlateSpec::middle",
        skip_serializing_if = "PlateSpec::is_middle"
    )]
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub x: Percent,
    /// The middle of a radial gradient down, in percent of the frame, 0 to 100.
    #[serde(
        default = "PlateSpec::middle",
        skip_serializing_if = "PlateSpec::is_middle"
    )]
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub y: Percent,
}

impl PlateSpec {
    /// One colour.
    pub const fn plain(colour: Colour) -> Self {
        Self {
            colour,
            to: None,
            angle: 180,
            radial: false,
            x: Self::middle(),
            y: Self::middle(),
        }
    }

    const fn middle() -> Percent {
        Percent::new(50)
    }

    const fn down() -> u16 {
        180
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    const fn is_down(angle: &u16) -> bool {
        *angle == 180
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    fn is_middle(place: &Percent) -> bool {
        *place == Self::middle()
    }
}

/// A colour as `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Colour {
    /// Red, 0 to 255, sRGB.
    pub r: u8,
    /// Green, 0 to 255, sRGB.
    pub g: u8,
    /// Blue, 0 to 255, sRGB.
    pub b: u8,
}

impl Colour {
    /// From sRGB components.
    pub const fn new(r: u8, g: u8, b: u8) -> Self {
        Self { r, g, b }
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.r, self.g, self.b)
    }
}

impl Serialize for Colour {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut rgb = [0; 3];
        text.strip_prefix('#')
            .and_then(|digits| hex::decode_to_slice(digits, &mut rgb).ok())
            .map(|()| Self::new(rgb[0], rgb[1], rgb[2]))
            .ok_or_else(|| {
                serde::de::Error::custom(format!("`{text}` is not a colour: write `#rrggbb`"))
            })
    }
}

impl JsonSchema for Colour {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Colour".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "description": "A colour as #rrggbb.", "pattern": "^#[0-9a-fA-F]{6}$",
        })
    }
}
