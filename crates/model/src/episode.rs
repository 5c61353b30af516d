//! The episode as a person writes it: `manifest.json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::sound::{Music, SoundEffect};
use crate::{CastId, CueId, Language, MediaPath, Millis, OverlayId, Percent, SceneId, ShotId};

/// The name and version of this format, kept in the file's `format` field.
pub const FORMAT: &str = "workprint.manifest/1";

/// One episode: everything that may be seen or heard in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Episode {
    /// Where editors find the schema of this file.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// `workprint.manifest/1`.
    pub format: String,
    /// What the episode is called.
    pub title: String,
    /// The language that is spoken, as BCP 47 writes it.
    pub language: Language,
    /// Who speaks. A show's own cast (in `show.toml`) may be used without repeating it here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cast: Vec<CastMember>,
    /// What happens, in order.
    pub scenes: Vec<Scene>,
    /// Graphics laid over the shots: lower thirds, badges, titles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overlays: Vec<Overlay>,
    /// Music beds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub music: Vec<Music>,
    /// One-shot sound effects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sfx: Vec<SoundEffect>,
    /// How captions are laid and whether they are burned into the picture.
    #[serde(default)]
    pub captions: Captions,
    /// Named places for viewers to jump to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chapters: Vec<Chapter>,
    /// Notes for people; nothing reads them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl Episode {
    /// Every cue in order.
    pub fn cues(&self) -> impl Iterator<Item = &Cue> {
        self.scenes.iter().flat_map(|scene| &scene.cues)
    }

    /// Every shot in order.
    pub fn shots(&self) -> impl Iterator<Item = &Shot> {
        self.cues().flat_map(|cue| &cue.shots)
    }
}

/// A speaker and how they sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CastMember {
    /// The id that cues name.
    pub id: CastId,
    /// The name that viewers see; the id where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The voice.
    pub voice: Voice,
    /// Voices for dubs, by language. A language without one uses the engine's own voice for it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dub: BTreeMap<Language, Voice>,
}

/// A voice of an engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Voice {
    /// `engine:voice`, such as `espeak:en-gb+f3`.
    #[schemars(length(min = 3, max = 200), regex(pattern = r"^[a-z0-9-]+:.+$"))]
    pub name: String,
    /// Words a minute, 80 to 450.
    #[serde(default = "Voice::default_rate")]
    #[schemars(range(min = 80, max = 450))]
    pub rate: u16,
    /// Pitch, 0 to 100; 50 is the voice's own.
    #[serde(default = "Voice::default_pitch")]
    #[schemars(range(min = 0, max = 100))]
    pub pitch: u8,
    /// Liveliness of the melody, 0 to 100; 50 is the voice's own.
    #[serde(default = "Voice::default_pitch")]
    #[schemars(range(min = 0, max = 100))]
    pub range: u8,
}

impl Voice {
    const fn default_rate() -> u16 {
        160
    }

    const fn default_pitch() -> u8 {
        50
    }

    /// A voice by name, at the usual rate and pitch.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            rate: Self::default_rate(),
            pitch: 50,
            range: 50,
        }
    }

    /// `espeak` of `espeak:en-gb`.
    pub fn engine(&self) -> &str {
        self.name.split(':').next().unwrap_or_default()
    }

    /// `en-gb` of `espeak:en-gb`.
    pub fn voice(&self) -> &str {
        self.name.split_once(':').map_or("", |(_, voice)| voice)
    }
}

/// A run of cues in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// The scene's id, unique in the episode.
    pub id: SceneId,
    /// A heading for people, such as `INT. LAMP ROOM - NIGHT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// What is said and shown, in order.
    pub cues: Vec<Cue>,
}

/// One thing said, or one silence, and what is seen meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cue {
    /// The cue's id, unique in the episode.
    pub id: CueId,
    /// Who speaks. Left out for a silent cue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<CastId>,
    /// What is said, and read in the captions exactly so. Left out for a silent cue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 5000))]
    pub text: Option<String>,
    /// The language of this cue where it is not the episode's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// What the voice engine is given to read where that differs from what is written: kana for kanji,
    /// words for a symbol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 5000))]
    pub say: Option<String>,
    /// How it should be said, for engines that take direction and for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// A voice for this cue alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<Voice>,
    /// Silence before the voice, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 60_000))]
    pub lead_ms: Option<u32>,
    /// Silence after the voice, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 60_000))]
    pub tail_ms: Option<u32>,
    /// The least length of the cue, in milliseconds; a silent cue's length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 600_000))]
    pub hold_ms: Option<u32>,
    /// What is seen. A cue without shots goes on with the last shot before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shots: Vec<Shot>,
    /// Caption settings for this cue alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<CueCaption>,
    /// What is said in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dub: BTreeMap<Language, String>,
}

impl Cue {
    /// The text with outer white space removed, when there is anything to say.
    pub fn spoken(&self) -> Option<&str> {
        self.text
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }
}

impl Cue {
    /// What the voice engine reads: `say` where it is given, else the text.
    pub fn read_aloud(&self) -> Option<&str> {
        let said = self
            .say
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        self.spoken().map(|text| said.unwrap_or(text))
    }
}

/// A caption setting that differs from the episode's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CueCaption {
    /// The style's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// `false` leaves this cue out of burned captions; caption files always have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burn: Option<bool>,
}

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
    /// What is shown when the file ends before the shot.
    #[serde(default)]
    pub then: ClipEnd,
    /// The level of the clip's own sound; left out, the clip is silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound_db: Option<crate::Decibels>,
}

impl ClipSpec {
    const fn default_speed() -> Percent {
        Percent::new(100)
    }

    const fn default_smooth() -> u8 {
        1
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

/// A camera move over a picture, from one framing to another over the whole shot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The first frame's framing.
    #[serde(default)]
    pub from: Framing,
    /// The last frame's framing.
    #[serde(default)]
    pub to: Framing,
    /// How the move speeds up and slows down.
    #[serde(default)]
    pub ease: Ease,
}

/// What part of the picture fills the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Framing {
    /// Magnification in percent, 100 to 800; at 100 the picture just covers the frame.
    #[serde(default = "Framing::whole")]
    #[schemars(extend("minimum" = 100, "maximum" = 800))]
    pub zoom: Percent,
    /// The point of the picture that the frame looks at, across, 0 to 100.
    #[serde(default = "Framing::middle")]
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub x: Percent,
    /// The point of the picture that the frame looks at, down, 0 to 100.
    #[serde(default = "Framing::middle")]
    #[schemars(extend("minimum" = 0, "maximum" = 100))]
    pub y: Percent,
}

impl Framing {
    const fn whole() -> Percent {
        Percent::new(100)
    }

    const fn middle() -> Percent {
        Percent::new(50)
    }
}

impl Default for Framing {
    fn default() -> Self {
        Self {
            zoom: Self::whole(),
            x: Self::middle(),
            y: Self::middle(),
        }
    }
}

/// How a move speeds up and slows down.
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
}

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
        match self {
            Self::Cut => Millis(0),
            Self::Dissolve { ms } | Self::Dip { ms, .. } => Millis(*ms as i64),
        }
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
}

impl Fit {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    const fn is_cover(&self) -> bool {
        matches!(self, Self::Cover)
    }
}

/// A graphic laid over the shots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// The overlay's id, unique in the episode.
    pub id: OverlayId,
    /// A built-in graphic (`lower-third`, `title`, `badge`) or the name of an SVG in `media/graphics/`.
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
    /// Length of the fade at either end, in milliseconds.
    #[serde(default = "Overlay::default_fade")]
    #[schemars(range(min = 0, max = 10_000))]
    pub fade_ms: u32,
}

impl Overlay {
    const fn default_fade() -> u32 {
        300
    }
}

/// A moment, tied to a cue or a shot so that it moves with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// The cue. Give a cue or a shot, not both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cue: Option<CueId>,
    /// The shot. Give a cue or a shot, not both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shot: Option<ShotId>,
    /// Which end of it.
    #[serde(default)]
    pub at: Edge,
    /// Milliseconds after (or, negative, before) that.
    #[serde(default, skip_serializing_if = "Anchor::is_zero")]
    #[schemars(range(min = -600_000, max = 600_000))]
    pub offset_ms: i32,
}

impl Anchor {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    const fn is_zero(ms: &i32) -> bool {
        *ms == 0
    }
}

/// An end of a cue or shot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Edge {
    /// Its first frame.
    #[default]
    Start,
    /// The frame after its last.
    End,
}

/// How captions are laid and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Captions {
    /// Burn them into the picture; caption files are written either way.
    #[serde(default)]
    pub burn: bool,
    /// A built-in style (`plain`, `boxed`, `outline`) or one of `show.toml`.
    #[serde(default = "Captions::default_style")]
    pub style: String,
    /// The most characters in a line, 10 to 80.
    #[serde(default = "Captions::default_line")]
    #[schemars(range(min = 10, max = 80))]
    pub line_length: u8,
    /// The most lines at a time, 1 to 3.
    #[serde(default = "Captions::default_lines")]
    #[schemars(range(min = 1, max = 3))]
    pub lines: u8,
}

impl Captions {
    fn default_style() -> String {
        "outline".to_owned()
    }

    const fn default_line() -> u8 {
        42
    }

    const fn default_lines() -> u8 {
        2
    }
}

impl Default for Captions {
    fn default() -> Self {
        Self {
            burn: false,
            style: Self::default_style(),
            line_length: Self::default_line(),
            lines: Self::default_lines(),
        }
    }
}

/// A named place for viewers to jump to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// Its title.
    pub title: String,
    /// The cue it begins with.
    pub cue: CueId,
}
