//! A graphic with its words filled in, and what is drawn of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::overlay::{ChartSpec, CountSpec, CreditSpec, FrameSpec, Passage, Place, Side, Theme};
use crate::timeline::Plate;
use crate::{Digest, Percent, Safe, Size};

/// An overlay's graphic, ready to be drawn at any size.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Graphic {
    /// Which template.
    pub template: Template,
    /// The words for the template's fields.
    pub fields: BTreeMap<String, String>,
    /// The pictures for the template's places, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pictures: BTreeMap<String, Picture>,
    /// Where it stands and how it looks.
    #[serde(default)]
    pub setting: Setting,
    /// What it counts, charts or rolls.
    #[serde(default)]
    pub figures: Figures,
}

impl Graphic {
    /// A template with words, all else as usual.
    pub fn new(template: Template, fields: BTreeMap<String, String>) -> Self {
        Self {
            template,
            fields,
            pictures: BTreeMap::new(),
            setting: Setting::default(),
            figures: Figures::default(),
        }
    }
}

/// A picture to be set in a graphic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Picture {
    /// The digest of its bytes.
    pub file: Digest,
    /// Whether it is an SVG.
    pub svg: bool,
}

/// Where a graphic stands and how it looks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Setting {
    /// The side; the side where reading begins where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// The place; the template's own where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Its width, as a share of the safe area's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Percent>,
    /// The part of the frame that words keep to.
    pub safe: Safe,
    /// How much of the frame's height, from the top and in permille, is free of captions; 0 is all.
    pub clear: u16,
    /// The colours.
    pub theme: Theme,
}

/// What a graphic counts, charts or rolls, or the box that it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// What a counter counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<CountSpec>,
    /// What a chart shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart: Option<ChartSpec>,
    /// The lines of credits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub credits: Vec<CreditSpec>,
    /// The box of a picture in the picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<FrameSpec>,
    /// The size of the clip that a picture in the picture shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip: Option<Size>,
}

impl Figures {
    /// Whether a language has a part in them: in words, or in how numbers are written.
    pub const fn tells(&self) -> bool {
        self.count.is_some() || self.chart.is_some() || !self.credits.is_empty()
    }
}

/// The drawing that a graphic's words are set in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Template {
    /// One that Workprint brings.
    BuiltIn(String),
    /// An SVG of the user's, by the digest of its bytes.
    Svg(Digest),
}

/// A graphic that Workprint brings.
#[derive(Debug, PartialEq, Eq)]
pub struct BuiltIn {
    /// Its name in the manifest.
    pub name: &'static str,
    /// Fields it cannot do without.
    pub needs: &'static [&'static str],
    /// Fields it can do without.
    pub takes: &'static [&'static str],
    /// What it shows besides words.
    pub shows: Shows,
    /// How it comes where the overlay does not say.
    pub enter: Passage,
}

/// What a built-in graphic shows besides words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// Nothing.
    Words,
    /// `pictures.picture`, where there is one.
    Picture,
    /// `pictures.picture` or `clip`: one of them.
    PictureOrClip,
    /// `count`, which it needs.
    Count,
    /// `chart`, which it needs.
    Chart,
    /// `credits`, which it needs.
    Credits,
}

impl BuiltIn {
    /// The built-in graphic of a name.
    pub fn find(name: &str) -> Option<&'static Self> {
        BUILT_IN.iter().find(|graphic| graphic.name == name)
    }

    /// The names of all of them.
    pub fn names() -> Vec<&'static str> {
        BUILT_IN.iter().map(|graphic| graphic.name).collect()
    }
}

/// The graphics that Workprint brings.
pub const BUILT_IN: &[BuiltIn] = &[
    words("lower-third", &["name"], &["role"], Passage::Wipe),
    words("name-plate", &["name"], &["role"], Passage::Wipe),
    words("title", &["text"], &["subtitle"], Passage::Fade),
    words(
        "chapter",
        &["title"],
        &["number", "subtitle"],
        Passage::Fade,
    ),
    words("quote", &["text"], &["by", "source"], Passage::Rise),
    words("badge", &["text"], &[], Passage::Fade),
    words("number", &["value"], &["label", "note"], Passage::Rise),
    BuiltIn {
        name: "over-shoulder",
        needs: &[],
        takes: &["title", "text", "source"],
        shows: Shows::Picture,
        enter: Passage::Slide,
    },
    BuiltIn {
        name: "picture-in-picture",
        needs: &[],
        takes: &["caption"],
        shows: Shows::PictureOrClip,
        enter: Passage::Rise,
    },
    BuiltIn {
        name: "counter",
        needs: &[],
        takes: &["label", "prefix", "unit", "note"],
        shows: Shows::Count,
        enter: Passage::Fade,
    },
    BuiltIn {
        name: "bar-chart",
        needs: &[],
        takes: &["title", "note"],
        shows: Shows::Chart,
        enter: Passage::Fade,
    },
    BuiltIn {
        name: "line-chart",
        needs: &[],
        takes: &["title", "note"],
        shows: Shows::Chart,
        enter: Passage::Fade,
    },
    BuiltIn {
        name: "credits",
        needs: &[],
        takes: &["title", "end"],
        shows: Shows::Credits,
        enter: Passage::Fade,
    },
];

const fn words(
    name: &'static str,
    needs: &'static [&'static str],
    takes: &'static [&'static str],
    enter: Passage,
) -> BuiltIn {
    BuiltIn {
        name,
        needs,
        takes,
        shows: Shows::Words,
        enter,
    }
}

/// A rectangle of the frame, in whole pixels. It may reach beyond the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Area {
    /// Left edge in the frame.
    pub x: i32,
    /// Top edge in the frame.
    pub y: i32,
    /// Its size.
    pub size: Size,
}

impl Area {
    /// The column after the last.
    pub const fn right(&self) -> i32 {
        self.x.saturating_add_unsigned(self.size.width)
    }

    /// The row after the last.
    pub const fn bottom(&self) -> i32 {
        self.y.saturating_add_unsigned(self.size.height)
    }

    /// From edges; nothing where they cross.
    pub fn between(left: i32, top: i32, right: i32, bottom: i32) -> Option<Self> {
        (left < right && top < bottom).then(|| Self {
            x: left,
            y: top,
            size: Size {
                width: right.abs_diff(left),
                height: bottom.abs_diff(top),
            },
        })
    }

    /// What both cover.
    pub fn within(&self, other: &Self) -> Option<Self> {
        Self::between(
            self.x.max(other.x),
            self.y.max(other.y),
            self.right().min(other.right()),
            self.bottom().min(other.bottom()),
        )
    }

    /// The smallest rectangle that holds both.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Self {
            x,
            y,
            size: Size {
                width: self.right().max(other.right()).abs_diff(x),
                height: self.bottom().max(other.bottom()).abs_diff(y),
            },
        }
    }
}

/// What is drawn of a graphic for one size of the frame: parts, the lowest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawing {
    /// The parts.
    pub parts: Vec<Part>,
}

/// A piece of a graphic that is drawn once, and how it moves against the rest of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What is seen.
    pub content: Content,
    /// The part of the frame where it may be seen; all of it where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Area>,
    /// How it moves.
    #[serde(default, skip_serializing_if = "Motion::is_rest")]
    pub motion: Motion,
}

impl Part {
    /// A picture that is there as long as the graphic.
    pub const fn still(plate: Plate) -> Self {
        Self {
            content: Content::Plate(plate),
            window: None,
            motion: Motion::Rest,
        }
    }

    /// Where it is seen when it has come to rest.
    pub fn area(&self) -> Option<Area> {
        let own = match &self.content {
            Content::Plate(plate) => plate.area(),
            Content::Count(count) => count.area(),
            Content::Hole(hole) => hole.area,
        };
        match (&self.window, self.motion) {
            (Some(window), Motion::Roll { .. }) => Some(*window),
            (Some(window), _) => own.within(window),
            (None, _) => Some(own),
        }
    }
}

/// What a part shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// A picture.
    Plate(Plate),
    /// A number that counts.
    Count(Box<CountSheet>),
    /// A box for the overlay's clip.
    Hole(Hole),
}

/// A box that a clip fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hole {
    /// The box; place and size are even.
    pub area: Area,
    /// Radius of its corners, in pixels; at most half of its shorter side.
    pub radius: u32,
}

/// How a number that counts is set: its signs were drawn once, side by side, and are put together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountSheet {
    /// The signs; its place is where a sign would lie whose `at` is 0 and that begins the number.
    pub plate: Plate,
    /// Columns of the ten digits in the plate, and the width of them all.
    pub digits: [u32; 10],
    /// How wide every digit is set.
    pub digit_width: u32,
    /// The mark between thousands, where one is set.
    pub group: Option<Sign>,
    /// The decimal mark, where there is one.
    pub point: Option<Sign>,
    /// The sign of negative numbers, where there are any.
    pub minus: Option<Sign>,
    /// What stands before the number and its sign, where there is anything.
    pub prefix: Option<Sign>,
    /// After the first group of three, groups are of two digits (Indian numbering).
    pub by_two: bool,
    /// The column of the frame after the number's last digit.
    pub right: i32,
    /// The number's greatest width.
    pub width: u32,
    /// From what to what, in units of the last digit.
    pub from: i64,
    /// The last number.
    pub to: i64,
    /// Digits after the decimal mark.
    pub decimals: u8,
    /// When it begins to count, in milliseconds after the graphic appears.
    pub after_ms: u32,
    /// How long it counts, in milliseconds.
    pub over_ms: u32,
}

impl CountSheet {
    fn area(&self) -> Area {
        Area {
            x: self.right.saturating_sub_unsigned(self.width),
            y: self.plate.y,
            size: Size {
                width: self.width,
                height: self.plate.size.height,
            },
        }
    }
}

/// A sign of a number: where it lies in the sheet, and how wide it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sign {
    /// Its first column in the sheet.
    pub at: u32,
    /// Its width.
    pub width: u32,
}

/// How a part moves against the rest of its graphic. Times are in milliseconds after it appears.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Motion {
    /// Not at all.
    #[default]
    Rest,
    /// It fades in.
    Appear {
        /// When.
        after_ms: u32,
        /// For how long.
        over_ms: u32,
    },
    /// It moves into its window from beyond an edge of it.
    Grow {
        /// When.
        after_ms: u32,
        /// For how long.
        over_ms: u32,
        /// The edge.
        edge: Edge,
    },
    /// It is uncovered, from an edge of it on.
    Reveal {
        /// When.
        after_ms: u32,
        /// For how long.
        over_ms: u32,
        /// The edge.
        edge: Edge,
    },
    /// It moves up through its window as long as the graphic lasts, in whole pixels where it can.
    Roll {
        /// How far, in pixels.
        travel: u32,
    },
}

impl Motion {
    const fn is_rest(&self) -> bool {
        matches!(self, Self::Rest)
    }
}

/// An edge of a rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Edge {
    Left,
    Right,
    Top,
    Bottom,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_in_the_picture_tells_nothing() {
        let size = Size {
            width: 640,
            height: 360,
        };
        let box_alone = Figures {
            frame: Some(FrameSpec::default()),
            clip: Some(size),
            ..Figures::default()
        };
        assert!(!box_alone.tells() && !Figures::default().tells());
        let rolled = Figures {
            credits: vec![CreditSpec::default()],
            ..box_alone
        };
        assert!(rolled.tells());
    }
}
