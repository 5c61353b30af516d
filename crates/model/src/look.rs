//! Looks as a person writes them: changes of a picture that has already been framed, in the order
//! of the list that they stand in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fixed::Aspect;
use crate::shot::Colour;
use crate::{MediaPath, Percent};

/// The most looks in one list, those of a named look included.
pub const MOST_LOOKS: usize = 16;

/// One change of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Look {
    /// All looks of one that show.toml or Workprint names.
    Named(String),
    /// Colour and light, as a colourist sets them.
    Grade(Grade),
    /// A table of colours from a `.cube` file.
    Lut(Lut),
    /// Black and white, or one tone.
    Mono(Mono),
    /// Out of focus.
    Blur(Blur),
    /// Crisper edges.
    Sharpen(Sharpen),
    /// Light that spreads from bright places.
    Glow(Glow),
    /// Film grain.
    Grain(Grain),
    /// Darker towards the corners.
    Vignette(Vignette),
    /// Old film in a worn projector: held frames, weave, dust, scratches, flicker.
    Jank(Jank),
    /// A panel of a printed comic: ink, screen tone and paper.
    Comic(Comic),
    /// Bars that give the picture another shape.
    Letterbox(Letterbox),
}

impl Look {
    /// Whether it changes from frame to frame over a picture that does not.
    pub fn moves(&self) -> bool {
        match self {
            Self::Grain(grain) => grain.amount.hundredths() > 0,
            Self::Jank(jank) => jank.moves(),
            _ => false,
        }
    }

    /// How many pictures a second it lets through, where it holds frames.
    pub fn pictures_a_second(&self) -> Option<u8> {
        match self {
            Self::Jank(jank) => (jank.fps > 0).then_some(jank.fps),
            _ => None,
        }
    }

    /// The file that it needs.
    pub const fn file(&self) -> Option<&MediaPath> {
        match self {
            Self::Lut(lut) => Some(&lut.file),
            _ => None,
        }
    }

    /// A look that Workprint brings, by name.
    pub fn built_in(name: &str) -> Option<Vec<Self>> {
        BUILT_IN
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, looks)| looks())
    }
}

/// A name, and what makes its looks.
pub type NamedLooks = (&'static str, fn() -> Vec<Look>);

/// The looks that Workprint brings.
pub const BUILT_IN: &[NamedLooks] = &[
    ("comic", || vec![Look::Comic(Comic::default())]),
    ("dream", dream),
    ("dusk", dusk),
    ("faded", faded),
    ("moonlight", moonlight),
    ("noir", noir),
    ("old-film", old_film),
    ("sepia", sepia),
];

const fn percent(units: i32) -> Percent {
    Percent::new(units)
}

fn old_film() -> Vec<Look> {
    vec![
        Look::Mono(Mono {
            tone: Some(Colour::new(0x94, 0x86, 0x72)),
            ..Mono::default()
        }),
        Look::Grade(Grade {
            contrast: percent(118),
            lift: Wheel::all(percent(4)),
            ..Grade::default()
        }),
        Look::Blur(Blur {
            radius: Percent::from_hundredths(8),
        }),
        Look::Grain(Grain {
            amount: percent(38),
            size: percent(150),
            colour: percent(0),
            seed: 0,
        }),
        Look::Jank(Jank::default()),
    ]
}

fn noir() -> Vec<Look> {
    vec![
        Look::Mono(Mono {
            filter: Colour::new(255, 190, 120),
            ..Mono::default()
        }),
        Look::Grade(Grade {
            contrast: percent(150),
            gamma: Wheel::all(percent(-12)),
            ..Grade::default()
        }),
        Look::Glow(Glow {
            amount: percent(20),
            ..Glow::default()
        }),
        Look::Vignette(Vignette {
            amount: percent(55),
            ..Vignette::default()
        }),
        Look::Grain(Grain {
            amount: percent(30),
            colour: percent(0),
            ..Grain::default()
        }),
    ]
}

fn sepia() -> Vec<Look> {
    vec![Look::Mono(Mono {
        tone: Some(Colour::new(0x9e, 0x86, 0x69)),
        ..Mono::default()
    })]
}

fn faded() -> Vec<Look> {
    vec![
        Look::Grade(Grade {
            lift: Wheel {
                all: percent(7),
                red: percent(1),
                green: percent(0),
                blue: percent(3),
            },
            gain: Wheel {
                all: percent(-4),
                red: percent(2),
                green: percent(0),
                blue: percent(-5),
            },
            saturation: percent(72),
            ..Grade::default()
        }),
        Look::Grain(Grain {
            amount: percent(16),
            ..Grain::default()
        }),
    ]
}

fn dusk() -> Vec<Look> {
    vec![
        Look::Grade(Grade {
            temperature: percent(28),
            tint: percent(6),
            lift: Wheel {
                all: percent(0),
                red: percent(-1),
                green: percent(0),
                blue: percent(4),
            },
            contrast: percent(112),
            saturation: percent(108),
            ..Grade::default()
        }),
        Look::Glow(Glow {
            amount: percent(22),
            ..Glow::default()
        }),
        Look::Vignette(Vignette {
            amount: percent(25),
            ..Vignette::default()
        }),
    ]
}

fn moonlight() -> Vec<Look> {
    vec![
        Look::Grade(Grade {
            temperature: percent(-70),
            tint: percent(-6),
            gain: Wheel::all(percent(-26)),
            contrast: percent(112),
            saturation: percent(62),
            ..Grade::default()
        }),
        Look::Vignette(Vignette {
            amount: percent(40),
            ..Vignette::default()
        }),
    ]
}

fn dream() -> Vec<Look> {
    vec![
        Look::Glow(Glow {
            amount: percent(55),
            radius: percent(4),
            threshold: percent(35),
        }),
        Look::Grade(Grade {
            lift: Wheel::all(percent(3)),
            saturation: percent(88),
            ..Grade::default()
        }),
    ]
}

/// Colour and light, as a colourist sets them.
///
/// In this order: temperature and tint; lift, gamma and gain of each channel; contrast; saturation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Grade {
    /// Warmer (amber) above 0, colder (blue) below, −100 to 100.
    #[schemars(extend("minimum" = -100, "maximum" = 100))]
    pub temperature: Percent,
    /// More magenta above 0, more green below, −100 to 100.
    #[schemars(extend("minimum" = -100, "maximum" = 100))]
    pub tint: Percent,
    /// The blacks: how far they are raised, in percent of the whole range.
    pub lift: Wheel,
    /// The mid tones: brighter above 0; ends stay where they are.
    pub gamma: Wheel,
    /// The whites: how much brighter, in percent.
    pub gain: Wheel,
    /// Contrast around `pivot` in percent, 0 to 300; 100 leaves it alone. Above 100 the ends roll off
    /// softly.
    #[schemars(extend("minimum" = 0, "maximum" = 300))]
    pub contrast: Percent,
    /// The tone that contrast leaves alone, in percent of the range from black to white, 5 to 95.
    #[schemars(extend("minimum" = 5, "maximum" = 95))]
    pub pivot: Percent,
    /// Saturation in percent, 0 (grey) to 300; 100 leaves it alone.
    #[schemars(extend("minimum" = 0, "maximum" = 300))]
    pub saturation: Percent,
}

impl Default for Grade {
    fn default() -> Self {
        Self {
            temperature: percent(0),
            tint: percent(0),
            lift: Wheel::default(),
            gamma: Wheel::default(),
            gain: Wheel::default(),
            contrast: percent(100),
            pivot: percent(40),
            saturation: percent(100),
        }
    }
}

/// A setting of all three channels and of each besides, −100 to 100; 0 leaves them alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Wheel {
    /// Red, green and blue alike, −100 to 100.
    #[schemars(extend("minimum" = -100, "maximum" = 100))]
    pub all: Percent,
    /// Red besides, −100 to 100.
    #[schemars(extend("minimum" = -100, "maximum" = 100))]
    pub red: Percent,
    /// Green besides, −100 to 100.
    #[schemars(extend("minimum" = -100, "maximum" = 100))]
    pub green: Percent,
    /// Blue besides, −100 to 100.
    #[schemars(extend("minimum" = -100, "maximum" = 100))]
    pub blue: Percent,
}

impl Wheel {
    /// All channels alike.
    pub const fn all(all: Percent) -> Self {
        let none = Percent::new(0);
        Self {
            all,
            red: none,
            green: none,
            blue: none,
        }
    }

    /// What red, green and blue are set to.
    pub fn channels(&self) -> [Percent; 3] {
        let sum = |own: Percent| {
            Percent::from_hundredths(self.all.hundredths().saturating_add(own.hundredths()))
        };
        [sum(self.red), sum(self.green), sum(self.blue)]
    }
}

/// A table of colours from a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lut {
    /// A `.cube` file of one or three dimensions, for gamma-encoded BT.709 or sRGB.
    pub file: MediaPath,
    /// How much of it, in percent, 0 to 100.
    #[serde(default = "Lut::whole")]
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub amount: Percent,
}

impl Lut {
    const fn whole() -> Percent {
        Percent::WHOLE
    }
}

/// Black and white, or one tone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Mono {
    /// How much of it, in percent, 0 to 100.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub amount: Percent,
    /// The colour of the glass before the lens: its own colour comes out bright, the opposite dark.
    pub filter: Colour,
    /// The colour of the print's mid tones; none is neutral.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tone: Option<Colour>,
}

impl Default for Mono {
    fn default() -> Self {
        Self {
            amount: percent(100),
            filter: Colour::new(255, 255, 255),
            tone: None,
        }
    }
}

/// Out of focus.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Blur {
    /// The blur's standard deviation in percent of the frame's height, 0 to 10.
    #[schemars(extend("minimum" = 0, "maximum" = 10))]
    pub radius: Percent,
}

impl Default for Blur {
    fn default() -> Self {
        Self { radius: percent(1) }
    }
}

/// Crisper edges.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sharpen {
    /// How much, in percent, 0 to 300.
    #[schemars(extend("minimum" = 0, "maximum" = 300))]
    pub amount: Percent,
    /// The size of what is made crisper, in percent of the frame's height, 0.05 to 1.
    #[schemars(extend("minimum" = 0.05, "maximum" = 1))]
    pub radius: Percent,
}

impl Default for Sharpen {
    fn default() -> Self {
        Self {
            amount: percent(60),
            radius: Percent::from_hundredths(10),
        }
    }
}

/// Light that spreads from bright places.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Glow {
    /// How much, in percent, 0 to 100.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub amount: Percent,
    /// How far it spreads: a standard deviation in percent of the frame's height, 0.2 to 10.
    #[schemars(extend("minimum" = 0.2, "maximum" = 10))]
    pub radius: Percent,
    /// What is bright: light spreads from tones above this, in percent of the range from black to
    /// white, 0 to 95.
    #[schemars(extend("minimum" = 0, "maximum" = 95))]
    pub threshold: Percent,
}

impl Default for Glow {
    fn default() -> Self {
        Self {
            amount: percent(35),
            radius: Percent::from_hundredths(250),
            threshold: percent(55),
        }
    }
}

/// Film grain: strongest in the mid tones, new in every frame.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Grain {
    /// How strong, in percent, 0 to 100.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub amount: Percent,
    /// The size of the grain in percent of fine 35 mm film's, 50 to 600.
    #[schemars(extend("minimum" = 50, "maximum" = 600))]
    pub size: Percent,
    /// How far the three dyes' grain differs, in percent, 0 (grey) to 100.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub colour: Percent,
    /// Another number gives other grain.
    pub seed: u32,
}

impl Default for Grain {
    fn default() -> Self {
        Self {
            amount: percent(20),
            size: percent(100),
            colour: percent(20),
            seed: 0,
        }
    }
}

/// Darker towards the corners.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Vignette {
    /// How dark the corners are, in percent, 0 to 100.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub amount: Percent,
    /// Where darkness begins, in percent of the way from the middle to the corner, 0 to 95.
    #[schemars(extend("minimum" = 0, "maximum" = 95))]
    pub size: Percent,
    /// 0 has the frame's shape, 100 is a circle.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub round: Percent,
    /// The middle across, in percent of the frame, 0 to 100.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub x: Percent,
    /// The middle down, in percent of the frame, 0 to 100.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub y: Percent,
}

impl Default for Vignette {
    fn default() -> Self {
        Self {
            amount: percent(40),
            size: percent(20),
            round: percent(40),
            x: percent(50),
            y: percent(50),
        }
    }
}

/// Old film in a worn projector. What moves is the same for the same seed and shot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Jank {
    /// Pictures a second, 1 to 60: each is held until the next. 0 holds none.
    #[schemars(range(min = 0, max = 60))]
    pub fps: u8,
    /// How far the picture wanders in the gate, in percent, 0 to 100.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub weave: Percent,
    /// How much dust and hair, in percent, 0 to 100.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub dust: Percent,
    /// How many scratches, in percent, 0 to 100.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub scratches: Percent,
    /// How unsteady the light is, in percent, 0 to 100.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub flicker: Percent,
    /// How dark the corners are, in percent, 0 to 100.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub vignette: Percent,
    /// Another number gives other dust, scratches and weave.
    pub seed: u32,
}

impl Default for Jank {
    fn default() -> Self {
        Self {
            fps: 16,
            weave: percent(35),
            dust: percent(35),
            scratches: percent(30),
            flicker: percent(35),
            vignette: percent(45),
            seed: 0,
        }
    }
}

impl Jank {
    /// Whether anything of it changes from picture to picture.
    pub fn moves(&self) -> bool {
        [self.weave, self.dust, self.scratches, self.flicker]
            .iter()
            .any(|share| share.hundredths() > 0)
    }
}

/// A panel of a printed comic, nearly without colour.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Comic {
    /// How much of the picture is solid ink, in percent, 0 to 100.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub ink: Percent,
    /// How strong the drawn outlines are, in percent, 0 to 100.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub lines: Percent,
    /// Tones between ink and paper, 0 to 4.
    #[schemars(range(min = 0, max = 4))]
    pub tones: u8,
    /// Distance of the screen's dots that make tones, in percent of the frame's height, 0 to 5; 0
    /// makes tones flat.
    #[schemars(extend("minimum" = 0, "maximum" = 5))]
    pub dots: Percent,
    /// How much of the picture's own colour is left, in percent, 0 to 100.
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub colour: Percent,
    /// The paper.
    pub paper: Colour,
    /// The ink.
    pub ink_colour: Colour,
    /// Width of the paper around the panel, in percent of the frame's height, 0 to 20.
    #[schemars(extend("minimum" = 0, "maximum" = 20))]
    pub margin: Percent,
    /// Width of the panel's border, in percent of the frame's height, 0 to 5.
    #[schemars(extend("minimum" = 0, "maximum" = 5))]
    pub border: Percent,
}

impl Default for Comic {
    fn default() -> Self {
        Self {
            ink: percent(35),
            lines: percent(60),
            tones: 2,
            dots: Percent::from_hundredths(65),
            colour: percent(12),
            paper: Colour::new(0xf4, 0xec, 0xdb),
            ink_colour: Colour::new(0x17, 0x14, 0x12),
            margin: Percent::from_hundredths(350),
            border: Percent::from_hundredths(55),
        }
    }
}

/// Bars that give the picture another shape.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Letterbox {
    /// The picture's width to its height, 0.25 to 4.
    #[schemars(extend("minimum" = 0.25, "maximum" = 4))]
    pub ratio: Aspect,
    /// The colour of the bars.
    pub colour: Colour,
}

impl Default for Letterbox {
    fn default() -> Self {
        Self {
            ratio: Aspect::from_hundredths(239),
            colour: Colour::new(0, 0, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_written_by_name_with_defaults_left_out() {
        let looks: Vec<Look> =
            serde_json::from_str(r#"[{"grain":{}},{"named":"noir"},{"letterbox":{"ratio":2.39}}]"#)
                .unwrap();
        assert_eq!(
            looks,
            [
                Look::Grain(Grain::default()),
                Look::Named("noir".to_owned()),
                Look::Letterbox(Letterbox::default())
            ]
        );
        assert!(serde_json::from_str::<Look>(r#"{"grain":{"amout":1}}"#).is_err());
    }

    #[test]
    fn built_in_looks_are_few_enough_and_name_no_others() {
        for (name, looks) in BUILT_IN {
            let looks = looks();
            assert!((1..=MOST_LOOKS).contains(&looks.len()), "{name}");
            assert!(
                !looks.iter().any(|look| matches!(look, Look::Named(_))),
                "{name}"
            );
        }
    }

    #[test]
    fn only_what_changes_by_itself_moves() {
        let still = Jank {
            weave: percent(0),
            dust: percent(0),
            scratches: percent(0),
            flicker: percent(0),
            ..Jank::default()
        };
        assert!(Look::Jank(Jank::default()).moves() && !Look::Jank(still).moves());
        assert!(!Look::Vignette(Vignette::default()).moves());
        let none = Grain {
            amount: percent(0),
            ..Grain::default()
        };
        assert!(!Look::Grain(none).moves());
    }
}
