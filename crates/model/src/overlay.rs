//! Overlays as a person writes them: graphics over the shots, and what they show.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::episode::{Anchor, Blend, ClipSpec, Colour};
use crate::fixed::Quantity;
use crate::{Language, MediaPath, OverlayId, Percent};

/// A graphic laid over the shots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// The overlay's id, unique in the episode.
    pub id: OverlayId,
    /// A built-in graphic (`lower-third`, `title`, `badge`, …) or the name of an SVG in
    /// `media/graphics/`.
    #[schemars(length(min = 1, max = 64), regex(pattern = "^[a-z0-9][a-z0-9_-]*$"))]
    pub graphic: String,
    /// The words that fill the graphic's `{{fields}}`.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// The words in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dub: BTreeMap<Language, BTreeMap<String, String>>,
    /// When it appears.
    pub from: Anchor,
    /// When it is gone.
    pub to: Anchor,
    /// Length of the fade, or of another way to come and go, at either end, in milliseconds.
    #[serde(default = "Overlay::default_fade")]
    #[schemars(range(min = 0, max = 10_000))]
    pub fade_ms: u32,
    /// How its colours meet those of the shots.
    #[serde(default, skip_serializing_if = "Blend::is_normal")]
    pub blend: Blend,
    /// How much of it there is, in percent, 0 to 100.
    #[serde(default = "Overlay::opaque", skip_serializing_if = "Percent::is_whole")]
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub opacity: Percent,
    /// How it comes; the graphic's own way where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enter: Option<Passage>,
    /// How it goes; as it comes where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leave: Option<Passage>,
    /// On which side it stands. Left out: under the speaker whose `side` the cast tells, and for a
    /// panel over the shoulder on the other side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// Where in the safe area it stands; the graphic's own place where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Its width in percent of the safe area's, 5 to 100; the graphic's own where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = 5, "maximum" = 100))]
    pub size: Option<Percent>,
    /// Files for the graphic's pictures, by name: `picture` in built-in graphics, `data-image` in an
    /// SVG. Where one is missing the graphic closes up.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pictures: BTreeMap<String, MediaPath>,
    /// The clip of a picture in the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<ClipSpec>,
    /// The box of a picture in the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<FrameSpec>,
    /// What a counter counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<CountSpec>,
    /// What a chart shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chart: Option<ChartSpec>,
    /// The lines of rolling credits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credits: Vec<CreditSpec>,
}

impl Overlay {
    const fn default_fade() -> u32 {
        300
    }

    const fn opaque() -> Percent {
        Percent::WHOLE
    }
}

/// How a graphic comes or goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Passage {
    /// It becomes visible, or fades away.
    #[default]
    Fade,
    /// At once.
    Cut,
    /// From the nearer side of the frame, a little way, while it fades in.
    Slide,
    /// From below, a little way, while it fades in.
    Rise,
    /// Uncovered from the side where it stands.
    Wipe,
}

/// A side of the frame, as viewers see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Side {
    Left,
    Right,
}

impl Side {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// Where in the safe area a graphic stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Place {
    TopLeft,
    Top,
    TopRight,
    Left,
    Middle,
    Right,
    BottomLeft,
    Bottom,
    BottomRight,
}

impl Place {
    /// Across and down: 0 is left or top, 1 the middle, 2 right or bottom.
    pub const fn cell(self) -> (u8, u8) {
        match self {
            Self::TopLeft => (0, 0),
            Self::Top => (1, 0),
            Self::TopRight => (2, 0),
            Self::Left => (0, 1),
            Self::Middle => (1, 1),
            Self::Right => (2, 1),
            Self::BottomLeft => (0, 2),
            Self::Bottom => (1, 2),
            Self::BottomRight => (2, 2),
        }
    }
}

/// The box of a picture in the picture.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FrameSpec {
    /// How round its corners are, in percent of its shorter side, 0 to 50.
    #[schemars(extend("minimum" = 0, "maximum" = 50))]
    pub radius: Percent,
    /// Width of the line around it, in percent of the frame's shorter side, 0 to 5.
    #[schemars(extend("minimum" = 0, "maximum" = 5))]
    pub border: Percent,
    /// Colour of that line; the theme's paper where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<Colour>,
}

impl Default for FrameSpec {
    fn default() -> Self {
        Self {
            radius: Percent::new(5),
            border: Percent::from_hundredths(40),
            colour: None,
        }
    }
}

/// What a counter counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountSpec {
    /// The first number.
    #[serde(default)]
    pub from: Quantity,
    /// The last number, which stays.
    pub to: Quantity,
    /// Digits after the decimal mark, 0 to 3.
    #[serde(default)]
    #[schemars(range(min = 0, max = 3))]
    pub decimals: u8,
    /// How long it counts, in milliseconds, 0 to 60,000.
    #[serde(default = "CountSpec::default_over")]
    #[schemars(range(min = 0, max = 60_000))]
    pub over_ms: u32,
    /// Set thousands apart, as the language does.
    #[serde(default = "CountSpec::default_group")]
    pub group: bool,
}

impl CountSpec {
    const fn default_over() -> u32 {
        1600
    }

    const fn default_group() -> bool {
        true
    }
}

/// What a chart shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChartSpec {
    /// The values in order: 1 to 24 bars, or 2 to 200 points of a line.
    #[schemars(length(min = 1, max = 200))]
    pub values: Vec<ChartValue>,
    /// Digits after the decimal mark, 0 to 3.
    #[serde(default)]
    #[schemars(range(min = 0, max = 3))]
    pub decimals: u8,
    /// Written before each number, such as `€`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 12))]
    pub prefix: String,
    /// Written after each number, such as ` %`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 12))]
    pub unit: String,
    /// Where the scale begins: 0 for bars, below the smallest value for a line where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Quantity>,
    /// How long it takes to grow, in milliseconds, 0 to 60,000.
    #[serde(default = "ChartSpec::default_over")]
    #[schemars(range(min = 0, max = 60_000))]
    pub over_ms: u32,
}

impl ChartSpec {
    const fn default_over() -> u32 {
        1200
    }
}

/// A bar, or a point of a line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChartValue {
    /// What it stands for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 60))]
    pub label: String,
    /// How much.
    pub value: Quantity,
    /// Drawn in the accent colour, the others quietly. Without any, all are in the accent colour.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub highlight: bool,
    /// The label in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dub: BTreeMap<Language, String>,
}

/// A line, or a few, of rolling credits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CreditSpec {
    /// A heading over what follows, up to 200 characters.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 200))]
    pub heading: String,
    /// What was done, up to 200 characters.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = 200))]
    pub role: String,
    /// Who did it: up to 100 names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub names: Vec<String>,
    /// The words in other languages.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dub: BTreeMap<Language, CreditWords>,
}

/// A credit's words in another language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CreditWords {
    /// A heading over what follows.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub heading: String,
    /// What was done.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// Who did it, where names are written otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

/// The colours that graphics are drawn in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Theme {
    /// Behind words: the panels.
    pub primary: Colour,
    /// What stands out: bars, dots, lines, the values of charts.
    pub accent: Colour,
    /// Words on light panels.
    pub ink: Colour,
    /// Words on dark panels and over pictures.
    pub paper: Colour,
}

impl Default for Theme {
    fn default() -> Self {
        Self {
            primary: Colour::new(14, 18, 28),
            accent: Colour::new(255, 179, 64),
            ink: Colour::new(20, 22, 28),
            paper: Colour::new(250, 249, 246),
        }
    }
}

impl Theme {
    /// Whether these are the colours of a show that sets none.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
