//! Music beds and sound effects as a person writes them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::episode::Anchor;
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
}

/// Where a sound comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SoundSource {
    /// A sound file.
    File(MediaPath),
    /// Synthesised here, the same for the same seed.
    Synth(Synth),
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
    /// Its length in milliseconds, 50 to 600,000; a kind has a usual length of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 50, max = 600_000))]
    pub length_ms: Option<u32>,
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
}
