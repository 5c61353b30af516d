//! What speaks besides espeak, and how words are pronounced.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Language;

/// What speaks the voices of a name: `kokoro` in `kokoro:af_heart`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VoiceEngine {
    /// A server of piper's (`python3 -m piper.http_server`).
    PiperServer(PiperServerSpec),
    /// A server that speaks as OpenAI's `/v1/audio/speech` does: speaches, Kokoro-FastAPI, LocalAI.
    Openai(OpenaiSpec),
}

/// A server of piper's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PiperServerSpec {
    /// Its address, such as `http://127.0.0.1:5000`: of this machine or of one's own network.
    #[schemars(length(min = 8, max = 300), regex(pattern = r"^http://.+$"))]
    pub url: String,
}

/// A server with OpenAI's interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenaiSpec {
    /// Its address with the version, such as `http://127.0.0.1:8000/v1`: of this machine or of one's
    /// own network.
    #[schemars(length(min = 8, max = 300), regex(pattern = r"^http://.+$"))]
    pub url: String,
    /// The model.
    #[schemars(length(min = 1, max = 200))]
    pub model: String,
    /// Send a cue's `direction` as `instructions`, for models that take them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub instructions: bool,
}

/// How a word is said: other letters that are read so, or the sounds themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Pronunciation {
    /// Other letters.
    Respelled(#[schemars(length(min = 1, max = 200))] String),
    /// More exactly.
    Exact(ExactPronunciation),
}

/// How a word is said, exactly.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExactPronunciation {
    /// Other letters that are read as the word is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub say: Option<String>,
    /// Its sounds in the International Phonetic Alphabet, with `ˈ` before the stressed syllable, for
    /// engines that read it; others read `say`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub ipa: Option<String>,
    /// Only in this language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

impl Pronunciation {
    /// In its long form.
    pub fn exact(&self) -> ExactPronunciation {
        match self {
            Self::Respelled(say) => ExactPronunciation {
                say: Some(say.clone()),
                ..ExactPronunciation::default()
            },
            Self::Exact(exact) => exact.clone(),
        }
    }
}
