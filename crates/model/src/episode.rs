//! The episode as a person writes it: `manifest.json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::caption_rules::{CaptionRules, ExtraCaption, ExtraKind, SpeakerMark};
pub use crate::dub::{DubLine, Dubbed};
pub use crate::framing::{Blend, Crop, Ease, Fit, Focus, Framing, Move, MoveKind};
use crate::look::Look;
pub use crate::overlay::{
    ChartSpec, ChartValue, CountSpec, CreditSpec, CreditWords, FrameSpec, Overlay, Passage, Place,
    Side, Theme,
};
use crate::proof::Waivers;
use crate::puppet::CastPuppet;
pub use crate::shot::{
    CardSpec, CardWords, ClipEnd, ClipSpec, Colour, ImageSpec, MotionSpec, Picture, PlateSpec,
    PromptSpec, Shot, ShotStart,
};
use crate::sound::{Music, SoundEffect};
pub use crate::transition::{Direction, Iris, Passing, Sweep, Transition, Wipe};
use crate::{CastId, CueId, Decibels, Language, MediaPath, Millis, Samples, SceneId, ShotId};

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
    /// What it is called in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub titles: BTreeMap<Language, String>,
    /// The language that is spoken, as BCP 47 writes it.
    pub language: Language,
    /// Who speaks. A show's own cast (in `show.toml`) may be used without repeating it here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cast: Vec<CastMember>,
    /// What happens, in order.
    pub scenes: Vec<Scene>,
    /// Changes of the whole film's picture, under overlays and captions, one after the other; 16 at
    /// most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub looks: Vec<Look>,
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
    /// Checks of the finished film that may fail, each with the reason why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waive: Waivers,
    /// Notes for people; nothing reads them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl Episode {
    /// What it is called in a language.
    pub fn title_in(&self, language: &Language) -> &str {
        self.titles.get(language).unwrap_or(&self.title)
    }

    /// Every cue in order.
    pub fn cues(&self) -> impl Iterator<Item = &Cue> {
        self.scenes.iter().flat_map(|scene| &scene.cues)
    }

    /// Every shot in order.
    pub fn shots(&self) -> impl Iterator<Item = &Shot> {
        self.cues().flat_map(|cue| &cue.shots)
    }

    /// What asks to be enlarged: the ids of shots and overlays, and how many times.
    pub fn upscaled(&self) -> impl Iterator<Item = (&str, u8)> {
        let shots = self.shots().filter_map(|shot| match &shot.picture {
            Picture::Image(image) => Some((shot.id.as_str(), image.upscale)),
            Picture::Clip(clip) => Some((shot.id.as_str(), clip.upscale)),
            _ => None,
        });
        let overlays = self.overlays.iter().filter_map(|overlay| {
            let clip = overlay.clip.as_ref()?;
            Some((overlay.id.as_str(), clip.upscale))
        });
        shots.chain(overlays).filter(|(_, factor)| *factor > 1)
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
    /// On which side of the frame they usually stand: names go under them, panels over the other
    /// shoulder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// The voice.
    pub voice: Voice,
    /// Voices for dubs, by language. A language without one uses the engine's own voice for it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dub: BTreeMap<Language, Voice>,
    /// How loud they are against the others, added to each of their lines.
    #[serde(default, skip_serializing_if = "Decibels::is_none")]
    pub gain_db: Decibels,
    /// Where they are heard, from −100, left, to 100, right.
    #[serde(default, skip_serializing_if = "is_middle")]
    #[schemars(range(min = -100, max = 100))]
    pub pan: i8,
    /// Their puppet, for shots that only say who stands in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub puppet: Option<CastPuppet>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
pub(crate) const fn is_middle(pan: &i8) -> bool {
    *pan == 0
}

/// A voice of an engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Voice {
    /// `engine:voice`, such as `espeak:en-gb+f3`.
    #[schemars(length(min = 3, max = 200), regex(pattern = r"^[a-z0-9-]+:.+$"))]
    pub name: String,
    /// Words a minute, 80 to 450. Engines that count none take 160 as their voice's own pace.
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
    /// Whether its lines are one conversation: bought together and said in one breath, by an engine that can do
    /// that. Lines with a recording or a file stay as they are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dialogue: bool,
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
    /// The pace of this cue in place of its voice's, in words a minute, 80 to 450. Dubs keep their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 80, max = 450))]
    pub rate: Option<u16>,
    /// The pitch of this cue in place of its voice's, 0 to 100, in dubs too; 50 is the voice's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub pitch: Option<u8>,
    /// The liveliness of this cue's melody in place of its voice's, 0 to 100, in dubs too; 50 is the
    /// voice's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub range: Option<u8>,
    /// A recording that is heard in place of the voice engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<Recording>,
    /// How loud it is heard against the other lines.
    #[serde(default, skip_serializing_if = "Decibels::is_none")]
    pub gain_db: Decibels,
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
    pub dub: BTreeMap<Language, Dubbed>,
    /// A word for those who translate or speak the line; nothing else reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1000))]
    pub note: Option<String>,
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

/// A recorded line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// The sound, of at most 20 minutes. Silence at its ends is cut off, unless its words are given.
    pub file: MediaPath,
    /// When its words are heard: JSON as speech recognisers write it,
    /// `{"words": [{"word": "Dawn", "start": 0.31, "end": 0.72}, …]}` with seconds from the file's
    /// start. Left out, the words are looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<MediaPath>,
    /// Where in the file the line begins, in milliseconds.
    #[serde(default, skip_serializing_if = "Recording::is_zero")]
    #[schemars(range(min = 0, max = 86_400_000))]
    pub from_ms: u32,
    /// Where in the file it ends, in milliseconds; the file's end where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 86_400_000))]
    pub to_ms: Option<u32>,
}

impl Recording {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    const fn is_zero(ms: &u32) -> bool {
        *ms == 0
    }

    /// Which samples of the file are the line: from, and up to.
    pub fn span(&self) -> (Samples, Option<Samples>) {
        let samples = |ms: u32| Millis(i64::from(ms)).samples();
        (samples(self.from_ms), self.to_ms.map(samples))
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
    /// A built-in style (`plain`, `outline`, `boxed`, `karaoke`, `pop`, `pill`, `marker`, `typewriter`,
    /// `reveal`, `big`, `single`) or one of `show.toml`.
    #[serde(default = "Captions::default_style")]
    pub style: String,
    /// The most characters in a line, 10 to 80; where it is missing, 42 or what the frame has room
    /// for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 10, max = 80))]
    pub line_length: Option<u8>,
    /// The most lines at a time, 1 to 3; where it is missing, 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3))]
    pub lines: Option<u8>,
    /// The most words at a time, 1 to 30; left out, as many as the lines hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 30))]
    pub words: Option<u8>,
    /// How fast, how long and how far apart captions are, where the language's own rules do not suit.
    #[serde(default, skip_serializing_if = "CaptionRules::is_empty")]
    pub rules: CaptionRules,
    /// How captions tell who speaks; VTT files name every speaker whatever this says.
    #[serde(default, skip_serializing_if = "SpeakerMark::is_none")]
    pub speakers: SpeakerMark,
    /// Captions that nobody speaks: sounds, and words in pictures for dubs. They are in the caption
    /// files, and are not burned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 2000))]
    pub also: Vec<ExtraCaption>,
}

impl Captions {
    fn default_style() -> String {
        "outline".to_owned()
    }
}

impl Default for Captions {
    fn default() -> Self {
        Self {
            burn: false,
            style: Self::default_style(),
            line_length: None,
            lines: None,
            words: None,
            rules: CaptionRules::default(),
            speakers: SpeakerMark::default(),
            also: Vec::new(),
        }
    }
}

/// A named place for viewers to jump to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// Its title.
    pub title: String,
    /// Its title in other languages.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dub: BTreeMap<Language, String>,
    /// The cue it begins with.
    pub cue: CueId,
}
