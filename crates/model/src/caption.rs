//! How captions look, and what an output says about them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::caption_rules::{CaptionLimits, CaptionRules, SpeakerMark};
use crate::contrast::{contrast, mixed};
use crate::episode::{Captions, Colour};
use crate::{Percent, Safe, Size};

/// The built-in styles.
pub const BUILT_IN_STYLES: [&str; 11] = [
    "plain",
    "outline",
    "boxed",
    "karaoke",
    "pop",
    "pill",
    "marker",
    "typewriter",
    "reveal",
    "big",
    "single",
];

/// How captions look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CaptionStyle {
    /// Letter size in percent of the frame's height, 1 to 20.
    #[schemars(extend("minimum" = 1, "maximum" = 20))]
    pub size: Percent,
    /// The letters' colour.
    pub colour: Colour,
    /// The colour of the line around the letters.
    pub outline_colour: Colour,
    /// Width of that line in percent of the letter size, 0 to 30; 0 is none.
    #[schemars(extend("minimum" = 0, "maximum" = 30))]
    pub outline: Percent,
    /// The colour of the box behind the letters; none where it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub box_colour: Option<Colour>,
    /// How opaque the box is, in percent, 0 to 100.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub box_opacity: Percent,
    /// Bold letters.
    pub bold: bool,
    /// Distance of the lowest line from the bottom, in percent of the frame's height, 0 to 90; of the
    /// highest from the top where `place` is `top`. In the middle nothing is counted.
    #[schemars(extend("minimum" = 0, "maximum" = 90))]
    pub bottom: Percent,
    /// Where in the frame captions stand.
    #[serde(skip_serializing_if = "is_default")]
    pub place: CaptionPlace,
    /// What happens to words while they are heard.
    #[serde(skip_serializing_if = "is_default")]
    pub effect: WordEffect,
    /// The colour of that: of the words heard, of what lies behind them, or of the cursor.
    #[serde(skip_serializing_if = "CaptionStyle::is_default_accent")]
    pub accent: Colour,
    /// The letters' colour on `accent`; black or white, what reads better, where it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent_letters: Option<Colour>,
    /// Capital letters throughout, in scripts that have them.
    #[serde(skip_serializing_if = "is_default")]
    pub upper: bool,
    /// A soft black shadow that spreads this far, in percent of the letter size, 0 to 50; 0 is none.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(extend("minimum" = 0, "maximum" = 50))]
    pub shadow: Percent,
    /// The most characters in a line of this style, 4 to 80, whatever the episode allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 4, max = 80))]
    pub line_length: Option<u8>,
    /// The most lines of this style at a time, 1 to 3, whatever the episode allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3))]
    pub lines: Option<u8>,
    /// The most words at a time, 1 to 20; as many as there is room for where it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 20))]
    pub words: Option<u8>,
}

/// Where in the frame captions stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CaptionPlace {
    /// Above the bottom.
    #[default]
    Bottom,
    /// In the middle.
    Middle,
    /// Below the top.
    Top,
}

/// What happens to a caption's words while they are heard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WordEffect {
    /// Nothing.
    #[default]
    None,
    /// The accent colour runs through the words as they are spoken, and stays.
    Fill,
    /// The word spoken has the accent colour.
    Colour,
    /// The word spoken springs up, in the accent colour.
    Pop,
    /// A pill of the accent colour lies behind the word spoken.
    Pill,
    /// A bar of the accent colour is drawn behind the words as they are spoken, and stays.
    Marker,
    /// Letters appear as they are spoken, before a cursor.
    Type,
    /// Words come up one after the other as they are spoken.
    Reveal,
}

/// What an output changes about captions, for its shape or its viewers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OutputCaptions {
    /// Whether this output has them in the picture, whatever the episode says. A cue's own `burn`
    /// comes first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burn: Option<bool>,
    /// A built-in style or one of `show.toml`, instead of the episode's. A cue's own style comes
    /// first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// Letter size of every style, in percent of the frame's height, 1 to 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = 1, "maximum" = 20))]
    pub size: Option<Percent>,
    /// Where captions of every style stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<CaptionPlace>,
    /// Distance from the bottom (or the top) for every style, in percent of the frame's height, 0 to
    /// 90.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minimum" = 0, "maximum" = 90))]
    pub bottom: Option<Percent>,
    /// The most characters in a line, 4 to 80, instead of the episode's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 4, max = 80))]
    pub line_length: Option<u8>,
    /// The most lines at a time, 1 to 3, instead of the episode's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3))]
    pub lines: Option<u8>,
    /// How fast, how long and how far apart captions are, instead of what the episode says.
    #[serde(skip_serializing_if = "CaptionRules::is_empty")]
    pub rules: CaptionRules,
    /// How captions tell who speaks, instead of what the episode says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speakers: Option<SpeakerMark>,
}

/// How much of a text is on screen at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CaptionRoom {
    /// The most characters in a line.
    pub line_length: u8,
    /// The most lines.
    pub lines: u8,
    /// The most words; as many as there is room for where it is missing.
    pub words: Option<u8>,
}

/// Whether letters can be told from what is around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Legibility {
    /// What the letters stand against.
    pub against: Against,
    /// The worst contrast ratio in hundredths, 100 to 2100.
    pub ratio: u32,
    /// The ratio asked for: 300 of large letters, 450 of small ones (WCAG 2.2, 1.4.3).
    pub wanted: u32,
}

/// What letters stand against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The box behind them, with the worst picture behind that.
    Box,
    /// The line around them.
    Outline,
    /// The worst picture.
    Picture,
    /// What lies behind the word that is heard.
    Accent,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl OutputCaptions {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        is_default(self)
    }
}

impl Default for CaptionStyle {
    fn default() -> Self {
        Self {
            size: Percent::from_hundredths(480),
            colour: WHITE,
            outline_colour: BLACK,
            outline: Percent::new(12),
            box_colour: None,
            box_opacity: Percent::new(70),
            bold: true,
            bottom: Percent::from_hundredths(750),
            place: CaptionPlace::Bottom,
            effect: WordEffect::None,
            accent: Self::ACCENT,
            accent_letters: None,
            upper: false,
            shadow: Percent::new(0),
            line_length: None,
            lines: None,
            words: None,
        }
    }
}

const WHITE: Colour = Colour::new(255, 255, 255);
const BLACK: Colour = Colour::new(0, 0, 0);

impl CaptionStyle {
    /// A warm yellow that reads on black and beside white.
    const ACCENT: Colour = Colour::new(0xff, 0xd2, 0x3f);

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    fn is_default_accent(accent: &Colour) -> bool {
        *accent == Self::ACCENT
    }

    /// A built-in style by name.
    pub fn built_in(name: &str) -> Option<Self> {
        let outline = Self::default();
        Some(match name {
            "outline" => outline,
            "plain" => Self {
                outline: Percent::new(4),
                bold: false,
                ..outline
            },
            "boxed" => Self {
                outline: Percent::new(0),
                box_colour: Some(Colour::new(10, 12, 20)),
                bold: false,
                ..outline
            },
            _ => return Self::built_in_marked(name).or_else(|| Self::built_in_shown(name)),
        })
    }

    /// The built-in styles that mark the word that is heard among all others.
    fn built_in_marked(name: &str) -> Option<Self> {
        let outline = Self::default();
        Some(match name {
            "karaoke" => Self {
                size: Percent::from_hundredths(540),
                effect: WordEffect::Fill,
                ..outline
            },
            "pop" => Self {
                size: Percent::from_hundredths(620),
                effect: WordEffect::Pop,
                shadow: Percent::new(12),
                words: Some(5),
                line_length: Some(24),
                ..outline
            },
            "pill" => Self {
                size: Percent::from_hundredths(560),
                effect: WordEffect::Pill,
                accent: Colour::new(0x5b, 0x3d, 0xf5),
                outline: Percent::new(7),
                shadow: Percent::new(12),
                line_length: Some(28),
                ..outline
            },
            "marker" => Self {
                size: Percent::from_hundredths(520),
                effect: WordEffect::Marker,
                outline: Percent::new(7),
                ..outline
            },
            _ => return None,
        })
    }

    /// The built-in styles that show few words, or those alone that have been heard.
    fn built_in_shown(name: &str) -> Option<Self> {
        let outline = Self::default();
        let centred = Self {
            place: CaptionPlace::Middle,
            upper: true,
            outline: Percent::new(13),
            shadow: Percent::new(14),
            ..Self::default()
        };
        Some(match name {
            "typewriter" => Self {
                effect: WordEffect::Type,
                outline: Percent::new(0),
                box_colour: Some(Colour::new(10, 12, 20)),
                box_opacity: Percent::new(80),
                bold: false,
                ..outline
            },
            "reveal" => Self {
                size: Percent::from_hundredths(560),
                effect: WordEffect::Reveal,
                outline: Percent::new(8),
                shadow: Percent::new(12),
                line_length: Some(32),
                ..outline
            },
            "big" => Self {
                size: Percent::new(9),
                effect: WordEffect::Colour,
                line_length: Some(16),
                words: Some(4),
                ..centred
            },
            "single" => Self {
                size: Percent::new(12),
                effect: WordEffect::Pop,
                accent: WHITE,
                line_length: Some(16),
                lines: Some(1),
                words: Some(1),
                ..centred
            },
            _ => return None,
        })
    }

    /// This style as an output has it.
    #[must_use]
    pub fn on(mut self, output: &OutputCaptions) -> Self {
        self.size = output.size.unwrap_or(self.size);
        self.place = output.place.unwrap_or(self.place);
        self.bottom = output.bottom.unwrap_or(self.bottom);
        self
    }

    /// Whether what is seen follows the words as they are heard.
    pub fn is_timed(&self) -> bool {
        self.effect != WordEffect::None
    }

    /// The letters' size in a frame before anything makes them smaller, in hundredths of a pixel: of
    /// its height, or of 95 % of its width where that is less, so that upright frames have letters
    /// that a telephone's eye expects.
    pub fn letter_size(&self, frame: Size) -> u32 {
        let side = (u64::from(frame.height) * 100).min(u64::from(frame.width) * 95);
        let share = u64::try_from(self.size.hundredths()).unwrap_or(0);
        ((side * share + 5_000) / 10_000) as u32
    }

    /// The distance from line to line, in hundredths of the letter size: what lies behind one word, and
    /// a word that springs up, need room above and below.
    pub const fn leading(&self) -> u32 {
        match self.effect {
            WordEffect::Pill | WordEffect::Marker | WordEffect::Pop => 140,
            _ => 122,
        }
    }

    /// How much of a text of this style fits a frame at a time: what the rules (the output's, else the
    /// episode's, else the language's) allow, no more than the style does, and no more than there is
    /// room for.
    pub fn room(
        &self,
        captions: &Captions,
        limits: &CaptionLimits,
        (frame, safe): (Size, Option<Safe>),
    ) -> CaptionRoom {
        let own = self.line_length.unwrap_or(u8::MAX);
        CaptionRoom {
            line_length: limits.line.min(own).min(self.columns(frame, safe)).max(4),
            lines: limits.lines.min(self.lines.unwrap_or(u8::MAX)).max(1),
            words: self.words.into_iter().chain(captions.words).min(),
        }
    }

    /// How many characters of common width fit side by side: the safe box, or 90 % of the frame.
    fn columns(&self, frame: Size, safe: Option<Safe>) -> u8 {
        let width = safe.map_or(u64::from(frame.width) * 9 / 10, |safe| {
            u64::from(safe.margins().within(frame).width())
        });
        // Mean widths of Latin text in Inter, in thousandths of the letter size.
        let mean = match (self.upper, self.bold) {
            (true, _) => 700,
            (false, true) => 570,
            (false, false) => 540,
        };
        let one = u64::from(self.letter_size(frame).max(1)) * mean;
        (width * 100_000 / one).min(255) as u8
    }

    /// The letters' colour on what lies behind the word that is heard.
    pub fn on_accent(&self) -> Colour {
        self.accent_letters.unwrap_or_else(|| {
            if contrast(WHITE, self.accent) >= 450
                || contrast(WHITE, self.accent) >= contrast(BLACK, self.accent)
            {
                WHITE
            } else {
                BLACK
            }
        })
    }

    /// Whether the letters can be told from what is around them, over any picture: for the resting
    /// letters and for those of the words that are heard, the worse of the two.
    pub fn legibility(&self) -> Legibility {
        let large = self.size >= Percent::from_hundredths(330);
        let wanted = if large { 300 } else { 450 };
        let all = |colour| {
            let (against, ratio) = self.against(colour);
            Legibility {
                against,
                ratio,
                wanted,
            }
        };
        let resting = all(self.colour);
        let heard = match self.effect {
            WordEffect::Fill | WordEffect::Colour | WordEffect::Pop => all(self.accent),
            WordEffect::Pill | WordEffect::Marker => Legibility {
                against: Against::Accent,
                ratio: contrast(self.on_accent(), self.accent),
                wanted,
            },
            WordEffect::None | WordEffect::Type | WordEffect::Reveal => resting,
        };
        if heard.ratio < resting.ratio {
            heard
        } else {
            resting
        }
    }

    /// What letters of a colour stand against, and the worst ratio.
    fn against(&self, colour: Colour) -> (Against, u32) {
        let pictures = [WHITE, BLACK];
        let over = |behind: Option<(Colour, u32)>| {
            let ratios = pictures.map(|picture| match behind {
                Some((fill, share)) => contrast(colour, mixed(fill, picture, share)),
                None => contrast(colour, picture),
            });
            ratios[0].min(ratios[1])
        };
        // A thinner line is blurred away by the first encoder.
        let has_outline = self.outline >= Percent::new(3);
        let opacity = u32::try_from(self.box_opacity.hundredths()).unwrap_or(0);
        let boxed = self.box_colour.map(|fill| over(Some((fill, opacity))));
        let outlined = has_outline.then(|| contrast(colour, self.outline_colour));
        match (boxed, outlined) {
            (Some(boxed), Some(outlined)) if outlined > boxed => (Against::Outline, outlined),
            (Some(boxed), _) => (Against::Box, boxed),
            (None, Some(outlined)) => (Against::Outline, outlined),
            (None, None) => (Against::Picture, over(None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Size = Size {
        width: 1920,
        height: 1080,
    };
    const UPRIGHT: Size = Size {
        width: 1080,
        height: 1920,
    };

    fn limits() -> CaptionLimits {
        CaptionLimits::of(&"en".parse().unwrap())
    }

    fn room(style: &CaptionStyle, frame: Size, safe: Option<Safe>) -> CaptionRoom {
        style.room(&Captions::default(), &limits(), (frame, safe))
    }

    fn line(style: &CaptionStyle, frame: Size) -> u8 {
        room(style, frame, None).line_length
    }

    #[test]
    fn every_built_in_style_is_there_and_can_be_read() {
        for name in BUILT_IN_STYLES {
            let style = CaptionStyle::built_in(name).unwrap();
            let Legibility {
                against,
                ratio,
                wanted,
            } = style.legibility();
            assert!(ratio >= wanted, "{name}: {ratio} against {against:?}");
            assert!(line(&style, UPRIGHT) <= 36, "{name}");
            assert!(line(&style, UPRIGHT) >= 10, "{name}");
        }
        assert_eq!(CaptionStyle::built_in("none"), None);
    }

    #[test]
    fn the_default_style_is_written_as_it_always_was() {
        assert_eq!(
            serde_json::to_string(&CaptionStyle::default()).unwrap(),
            r##"{"size":4.8,"colour":"#ffffff","outline_colour":"#000000","outline":12,"box_opacity":70,"bold":true,"bottom":7.5}"##
        );
    }

    #[test]
    fn lines_are_as_long_as_the_frame_has_room_for() {
        let style = CaptionStyle::default();
        assert_eq!(line(&style, WIDE), 42);
        let square = Size {
            width: 1080,
            height: 1080,
        };
        assert!(line(&style, square) < 42);
        let large = CaptionStyle {
            size: Percent::new(10),
            ..style.clone()
        };
        assert!(line(&large, UPRIGHT) < line(&style, UPRIGHT));
        let narrow = room(&style, UPRIGHT, Some(Safe::Tiktok));
        assert!(narrow.line_length < line(&style, UPRIGHT));
    }

    #[test]
    fn an_output_comes_before_the_episode_and_a_style_limits_both() {
        let episode = Captions {
            line_length: Some(30),
            lines: Some(3),
            ..Captions::default()
        };
        let output = OutputCaptions {
            line_length: Some(20),
            ..OutputCaptions::default()
        };
        let room = |style: &str, output: &OutputCaptions| {
            let style = CaptionStyle::built_in(style).unwrap();
            style.room(&episode, &limits().with(&episode, output), (WIDE, None))
        };
        let plain = room("plain", &OutputCaptions::default());
        assert_eq!((plain.line_length, plain.lines, plain.words), (30, 3, None));
        assert_eq!(room("plain", &output).line_length, 20);
        let single = room("single", &output);
        assert_eq!(
            (single.line_length, single.lines, single.words),
            (16, 1, Some(1))
        );
    }

    #[test]
    fn letters_without_a_line_or_a_box_are_told() {
        let bare = CaptionStyle {
            outline: Percent::new(0),
            ..CaptionStyle::default()
        };
        assert_eq!(bare.legibility().against, Against::Picture);
        assert_eq!(bare.legibility().ratio, 100);
        let thin = CaptionStyle {
            box_colour: Some(BLACK),
            box_opacity: Percent::new(20),
            ..bare.clone()
        };
        assert!(thin.legibility().ratio < 300);
        let grey = CaptionStyle {
            outline_colour: Colour::new(200, 200, 200),
            ..CaptionStyle::default()
        };
        assert_eq!(grey.legibility().against, Against::Outline);
        assert!(grey.legibility().ratio < 300);
        let pale = CaptionStyle {
            effect: WordEffect::Pill,
            accent: Colour::new(120, 200, 120),
            accent_letters: Some(WHITE),
            ..CaptionStyle::default()
        };
        assert_eq!(pale.legibility().against, Against::Accent);
    }
}
