//! Music beds and sound effects as a person writes them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::episode::{Anchor, Ease, is_middle};
pub use crate::sound_prompt::{EffectPrompt, MusicPrompt};
use crate::{Decibels, MediaPath, SoundId};

/// A music bed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Music {
    /// The bed's id, unique among sounds.
    pub id: SoundId,
    /// Where the sound comes from.
    pub source: SoundSource,
    /// When it begins; the episode's first frame where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Anchor>,
    /// When it ends; the episode's last frame where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Anchor>,
    /// Its level against the source's own.
    #[serde(default)]
    pub gain_db: Decibels,
    /// How far it goes down under a voice, −40 to 0; 0 is not at all.
    #[serde(default = "Music::default_duck")]
    #[schemars(extend("minimum" = -40, "maximum" = 0))]
    pub duck_db: Decibels,
    /// Length of the fade in, in milliseconds.
    #[serde(default = "Music::default_fade_in")]
    #[schemars(range(min = 0, max = 60_000))]
    pub fade_in_ms: u32,
    /// Length of the fade out, in milliseconds.
    #[serde(default = "Music::default_fade_out")]
    #[schemars(range(min = 0, max = 60_000))]
    pub fade_out_ms: u32,
    /// Begin again where the source is shorter than the bed.
    #[serde(default = "Music::default_repeat")]
    pub repeat: bool,
    /// Where in the source to begin, in milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(range(min = 0, max = 7_200_000))]
    pub in_ms: u32,
    /// How it lies in the mix.
    #[serde(default, skip_serializing_if = "ItemMix::is_plain")]
    pub mix: ItemMix,
    /// By whose leave it is heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<SoundLicence>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_zero(ms: &u32) -> bool {
    *ms == 0
}

impl Music {
    const fn default_duck() -> Decibels {
        Decibels::new(-10)
    }

    const fn default_fade_in() -> u32 {
        500
    }

    const fn default_fade_out() -> u32 {
        2000
    }

    const fn default_repeat() -> bool {
        true
    }
}

/// A one-shot sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SoundEffect {
    /// The effect's id, unique among sounds.
    pub id: SoundId,
    /// Where the sound comes from.
    pub source: SoundSource,
    /// When it begins.
    pub at: Anchor,
    /// Its level against the source's own.
    #[serde(default)]
    pub gain_db: Decibels,
    /// Which lane it lies in.
    #[serde(default, skip_serializing_if = "EffectLane::is_sfx")]
    pub lane: EffectLane,
    /// Where in the source to begin, in milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(range(min = 0, max = 7_200_000))]
    pub in_ms: u32,
    /// How long it is heard, in milliseconds; to the source's end where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 7_200_000))]
    pub length_ms: Option<u32>,
    /// Length of the fade in, in milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(range(min = 0, max = 60_000))]
    pub fade_in_ms: u32,
    /// Length of the fade out, in milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(range(min = 0, max = 60_000))]
    pub fade_out_ms: u32,
    /// How far it goes down under a voice, −40 to 0; 0 is not at all.
    #[serde(default, skip_serializing_if = "Decibels::is_none")]
    #[schemars(extend("minimum" = -40, "maximum" = 0))]
    pub duck_db: Decibels,
    /// How it lies in the mix.
    #[serde(default, skip_serializing_if = "ItemMix::is_plain")]
    pub mix: ItemMix,
    /// By whose leave it is heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<SoundLicence>,
}

/// The lane of a one-shot sound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EffectLane {
    /// Sounds of what is seen.
    #[default]
    Sfx,
    /// Sounds of an audience: laughter, a gasp, applause.
    Reactions,
}

impl EffectLane {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    const fn is_sfx(&self) -> bool {
        matches!(self, Self::Sfx)
    }
}

/// How a sound lies in the mix, beyond its gain and the length of its fades.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ItemMix {
    /// From −100, left, to 100, right. The power of both channels together stays the same.
    #[serde(skip_serializing_if = "is_middle")]
    #[schemars(range(min = -100, max = 100))]
    pub pan: i8,
    /// Changes of its gain over time, in their order; 500 at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 500))]
    pub levels: Vec<Level>,
    /// How it fades in.
    #[serde(skip_serializing_if = "FadeCurve::is_smooth")]
    pub fade_in: FadeCurve,
    /// How it fades out.
    #[serde(skip_serializing_if = "FadeCurve::is_smooth")]
    pub fade_out: FadeCurve,
    /// How it goes down under voices, where that is not as the show's `mix.duck` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duck: Option<Ducking>,
}

impl ItemMix {
    /// Nothing of it differs from what is usual.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// A gain at a moment. Between two, the gain in decibels goes from one to the other; before the
/// first and after the last it stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// When, in milliseconds after the sound begins. Give this or `at`, not both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 86_400_000))]
    pub ms: Option<u32>,
    /// When, tied to a cue or a shot. Give this or `ms`, not both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Anchor>,
    /// The gain there, added to the sound's own.
    pub gain_db: Decibels,
    /// How the gain comes here from the one before.
    #[serde(default)]
    pub ease: Ease,
}

/// The shape of a fade.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FadeCurve {
    /// Level at both ends: half a period of a cosine.
    #[default]
    Smooth,
    /// Even in amplitude.
    Linear,
    /// A quarter of a sine: two sounds that cross keep their power.
    EqualPower,
    /// Even in decibels, over 60 dB: the way a sound dies away.
    Exponential,
}

impl FadeCurve {
    /// As fades usually are.
    pub const fn is_smooth(&self) -> bool {
        matches!(self, Self::Smooth)
    }
}

/// When a sound goes down under voices and comes up again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ducking {
    /// How long it takes to go down, in milliseconds, 10 to 5000.
    #[schemars(range(min = 10, max = 5000))]
    pub attack_ms: u16,
    /// How long it stays down after a voice, in milliseconds: pauses shorter than this and the look
    /// ahead are no reason to come up.
    #[schemars(range(min = 0, max = 10_000))]
    pub hold_ms: u16,
    /// How long it takes to come up again, in milliseconds, 10 to 20,000.
    #[schemars(range(min = 10, max = 20_000))]
    pub release_ms: u16,
    /// How long before a voice it begins to go down, in milliseconds.
    #[schemars(range(min = 0, max = 2000))]
    pub look_ahead_ms: u16,
    /// Only what lies where speech does goes down, around 200 to 4500 Hz.
    pub speech_band: bool,
}

impl Default for Ducking {
    fn default() -> Self {
        Self {
            attack_ms: 150,
            hold_ms: 300,
            release_ms: 600,
            look_ahead_ms: 160,
            speech_band: false,
        }
    }
}

impl Ducking {
    /// As it is where nobody says.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// What all mixes of a show share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MixSettings {
    /// How sounds go down under voices.
    pub duck: Ducking,
    /// Bring all lines of a speaker, taken together, to the same loudness as those of the others.
    pub match_voices: bool,
}

impl Default for MixSettings {
    fn default() -> Self {
        Self {
            duck: Ducking::default(),
            match_voices: true,
        }
    }
}

impl MixSettings {
    /// As it is where nobody says.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// By whose leave a sound is heard, for the recipe and the sheet of what is heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SoundLicence {
    /// The licence, as SPDX writes it where it can: `CC-BY-4.0`.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// What the piece is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 300))]
    pub title: Option<String>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 300))]
    pub by: Option<String>,
    /// Where it is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1000))]
    pub url: Option<String>,
}

/// Where a sound comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SoundSource {
    /// A sound file.
    File(MediaPath),
    /// Synthesised here, the same for the same seed.
    Synth(Synth),
    /// Music that an engine of the show makes of words.
    Music(MusicPrompt),
    /// A sound that an engine of the show makes of words.
    Effect(EffectPrompt),
}

/// A synthesised sound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Synth {
    /// What it is.
    pub kind: SynthKind,
    /// The same seed gives the same sound.
    #[serde(default)]
    pub seed: u32,
    /// Its length in milliseconds, 50 to 600,000. Where it is missing, a bed in `music` is composed
    /// for as long as it is heard, its ending included; another kind has a usual length of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 50, max = 600_000))]
    pub length_ms: Option<u32>,
    /// Beats a minute of a bed, 40 to 200; its mood's own where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 40, max = 200))]
    pub tempo: Option<u16>,
    /// The note that a bed is at home in; chosen by its seed where it is missing. Whether it is major
    /// or minor is the mood's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Tonic>,
    /// Moments in which a bed strikes an accent, in its harmony: cuts, turns of the story; 200 at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 200))]
    pub stingers: Vec<Anchor>,
}

/// A note of the octave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the notes' own names")]
pub enum Tonic {
    C,
    CSharp,
    D,
    EFlat,
    E,
    F,
    FSharp,
    G,
    AFlat,
    A,
    BFlat,
    B,
}

impl Tonic {
    /// Semitones over C, 0 to 11.
    pub const fn semitones(self) -> u8 {
        self as u8
    }
}

/// The sounds that can be synthesised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SynthKind {
    /// A slow, warm bed that brightens: pads, a soft bell line.
    DawnBed,
    /// A quiet, uneasy bed: low drone, sparse tones.
    NightBed,
    /// A light, moving bed: plucked arpeggio over pads.
    BrightBed,
    /// A bed that stays out of the way: slow major chords, felt keys now and then.
    CalmBed,
    /// A sad, close bed: a lone piano line in minor over low strings.
    TenderBed,
    /// A bed that presses on: a pulse in minor, low beats, tones that rub.
    TenseBed,
    /// A bed that skips: short plucks off the beat, a walking bass, a shaker.
    PlayfulBed,
    /// A bed that asks: a circling figure in Dorian, soft marimba and ticks.
    CuriousBed,
    /// A bed that strides: broad chords, horns of a kind, drums.
    HeroicBed,
    /// Waves on a shore.
    Waves,
    /// Wind.
    Wind,
    /// A struck bell.
    Bell,
    /// A heavy switch.
    Switch,
    /// A rush of air for a transition.
    Whoosh,
    /// The air of a quiet room.
    RoomTone,
    /// Rain on leaves and stone.
    Rain,
    /// A small fire that crackles.
    Fire,
    /// A tone that climbs to a cut.
    Riser,
    /// A deep blow.
    Impact,
    /// A soft pop, for something that appears.
    Pop,
    /// A click of a key or a button.
    Click,
    /// Two or three bright notes: something went well.
    Chime,
    /// A small audience that claps.
    Applause,
}

impl SynthKind {
    /// Every kind, beds first.
    pub const ALL: [Self; 23] = [
        Self::DawnBed,
        Self::NightBed,
        Self::BrightBed,
        Self::CalmBed,
        Self::TenderBed,
        Self::TenseBed,
        Self::PlayfulBed,
        Self::CuriousBed,
        Self::HeroicBed,
        Self::Waves,
        Self::Wind,
        Self::Rain,
        Self::Fire,
        Self::RoomTone,
        Self::Applause,
        Self::Bell,
        Self::Switch,
        Self::Whoosh,
        Self::Riser,
        Self::Impact,
        Self::Pop,
        Self::Click,
        Self::Chime,
    ];

    /// Whether it is a bed: composed, with a tempo, a key and an ending.
    pub const fn is_bed(self) -> bool {
        matches!(
            self,
            Self::DawnBed
                | Self::NightBed
                | Self::BrightBed
                | Self::CalmBed
                | Self::TenderBed
                | Self::TenseBed
                | Self::PlayfulBed
                | Self::CuriousBed
                | Self::HeroicBed
        )
    }
}
