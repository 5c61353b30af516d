//! Sounds to be made of words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Music to be made of words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MusicPrompt {
    /// What should be heard.
    #[schemars(length(min = 1, max = 4000))]
    pub text: String,
    /// The seed, for engines that take one. Another one is another take with every engine.
    #[serde(default)]
    pub seed: u32,
    /// How long it should be, in milliseconds, 3000 to 600,000. What is made is fitted to its place as a file is.
    #[serde(default = "MusicPrompt::default_length")]
    #[schemars(range(min = 3000, max = 600_000))]
    pub length_ms: u32,
    /// Without anybody singing; `false` leaves that to the words.
    #[serde(default = "MusicPrompt::default_instrumental")]
    pub instrumental: bool,
    /// The engine that makes it, of `[engines.composers]` in show.toml; left out, the show's `composer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub engine: Option<String>,
}

impl MusicPrompt {
    const fn default_length() -> u32 {
        30_000
    }

    const fn default_instrumental() -> bool {
        true
    }
}

/// A sound of something, to be made of words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EffectPrompt {
    /// What should be heard.
    #[schemars(length(min = 1, max = 4000))]
    pub text: String,
    /// The seed, for engines that take one. Another one is another take with every engine.
    #[serde(default)]
    pub seed: u32,
    /// How long it should be, in milliseconds, 500 to 30,000; as long as the model finds right where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 500, max = 30_000))]
    pub length_ms: Option<u32>,
    /// Its end leads into its beginning, so that it can be repeated.
    #[serde(default, rename = "loop", skip_serializing_if = "std::ops::Not::not")]
    pub loops: bool,
    /// How closely it keeps to the words, in percent, 0 to 100; the model's own where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100))]
    pub influence: Option<u8>,
    /// The engine that makes it, of `[engines.effects]` in show.toml; left out, the show's `effect`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100))]
    pub engine: Option<String>,
}
