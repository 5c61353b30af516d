//! What speaks besides espeak, and how words are pronounced.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::episode::Voice;
use crate::outside::EngineSpec;
use crate::{CastId, CueId, Language, MediaPath};

/// What speaks the voices of a name: `kokoro` in `kokoro:af_heart`.
///
/// What has a `vendor` is asked for money, with a key and within a budget; all else is one's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum VoiceEngineSpec {
    /// A model of a vendor's.
    Vendor(Box<EngineSpec>),
    /// A program or a server of one's own.
    Own(VoiceEngine),
}

impl VoiceEngineSpec {
    /// A vendor's.
    pub const fn vendor(&self) -> Option<&EngineSpec> {
        match self {
            Self::Vendor(spec) => Some(spec),
            Self::Own(_) => None,
        }
    }

    /// One's own.
    pub const fn own(&self) -> Option<&VoiceEngine> {
        match self {
            Self::Own(engine) => Some(engine),
            Self::Vendor(_) => None,
        }
    }
}

/// A program or a server of one's own that speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VoiceEngine {
    /// The program `piper` on this machine, started for every line.
    Piper(PiperSpec),
    /// A server of piper's (`python3 -m piper.http_server`).
    PiperServer(PiperServerSpec),
    /// A server of one's own that speaks as OpenAI's `/v1/audio/speech` does: speaches, Kokoro-FastAPI,
    /// LocalAI.
    Openai(OpenaiSpec),
}

/// The program `piper`, and the voices that it speaks with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PiperSpec {
    /// The folder with the voices, below that of show.toml: `NAME.onnx` with `NAME.onnx.json` for each.
    /// What is in them decides how a line sounds, so it is in the key of every line.
    pub models: MediaPath,
}

impl PiperSpec {
    /// The model of a voice and its settings; nothing where its name is no file's.
    pub fn files(&self, voice: &str) -> Option<[MediaPath; 2]> {
        let name = voice.split('#').next().unwrap_or_default();
        let file = |ending: &str| format!("{}/{name}{ending}", self.models).parse().ok();
        let is_name = !name.is_empty() && !name.contains('/');
        is_name
            .then(|| Some([file(".onnx")?, file(".onnx.json")?]))
            .flatten()
    }
}

/// Why a `file:` voice names no file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAVoiceFile {
    /// Something in braces that is not known.
    #[error("`{{{0}}}` stands for nothing")]
    Unknown(String),
    /// A brace without its other.
    #[error("a brace has no other")]
    Brace,
    /// The path leaves the production or is none.
    #[error(transparent)]
    Path(#[from] crate::path::NotAMediaPath),
}

impl Voice {
    /// The engine of voices that are read from files.
    pub const FILE: &'static str = "file";

    /// The file of a line, where this is a voice that is read from files: `takes/{line}.wav`, with the
    /// cue in place of `{line}`, its speaker of `{speaker}`, and the language of `{lang}`.
    pub fn file(
        &self,
        line: &CueId,
        speaker: Option<&CastId>,
        language: &Language,
    ) -> Option<Result<MediaPath, NotAVoiceFile>> {
        (self.engine() == Self::FILE).then(|| {
            let mut path = String::new();
            let mut rest = self.voice();
            while let Some((before, after)) = rest.split_once('{') {
                let (name, after) = after.split_once('}').ok_or(NotAVoiceFile::Brace)?;
                path.push_str(before);
                path.push_str(match name {
                    "line" => line.as_str(),
                    "speaker" => speaker.map_or("", CastId::as_str),
                    "lang" => language.as_str(),
                    other => {
                        let name = other.chars().take(40).collect();
                        return Err(NotAVoiceFile::Unknown(name));
                    }
                });
                rest = after;
            }
            path.push_str(rest);
            if rest.contains('}') {
                return Err(NotAVoiceFile::Brace);
            }
            Ok(path.parse()?)
        })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> Option<Result<String, String>> {
        let (line, speaker) = ("c3".parse().unwrap(), "ann".parse().unwrap());
        let file = Voice::named(name).file(&line, Some(&speaker), &"en-GB".parse().unwrap());
        file.map(|file| match file {
            Ok(path) => Ok(path.to_string()),
            Err(error) => Err(error.to_string()),
        })
    }

    #[test]
    fn files_are_named_by_line_speaker_and_language() {
        assert_eq!(file("espeak:{line}"), None);
        let path = file("file:takes/{lang}/{speaker}-{line}.wav");
        assert_eq!(path, Some(Ok("takes/en-GB/ann-c3.wav".to_owned())));
        for bad in [
            "file:{cue}.wav",
            "file:{line.wav",
            "file:line}.wav",
            "file:../{line}.wav",
            "file:",
        ] {
            assert!(matches!(file(bad), Some(Err(_))), "{bad}");
        }
    }

    #[test]
    fn models_lie_in_their_folder() {
        let spec = PiperSpec {
            models: "media/voices".parse().unwrap(),
        };
        let files = spec.files("en_GB-alba-medium#3").unwrap();
        assert_eq!(
            files[1].as_str(),
            "media/voices/en_GB-alba-medium.onnx.json"
        );
        for bad in ["", "#1", "../x", "a/b"] {
            assert_eq!(spec.files(bad), None, "{bad}");
        }
    }
}
