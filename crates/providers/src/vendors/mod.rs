//! Vendors: one file for each, and the table that says which there are.

mod anthropic;
mod assemblyai;
mod comfyui;
mod elevenlabs;
mod elevenlabs_dialogue;
mod elevenlabs_sounds;
mod elevenlabs_voices;
mod fal;
mod gemini;
mod gemini_speech;
mod gemini_text;
mod libraries;
mod llama_swap;
mod ollama;
mod openai;
mod openai_chat;
mod openai_images;
mod openai_speech;
mod openai_transcriptions;
mod pexels;
mod piper;
mod piper_server;
mod pixabay;
mod price;
mod replicate;
mod runpod;
mod shape;
#[cfg(test)]
pub(crate) mod speech_cases;
mod table;
mod whisper_cpp;

use std::path::{Path, PathBuf};

use workprint_media::Media;
use workprint_model::speech::VoiceEngine;

pub use self::libraries::{LIBRARIES, library};
pub use self::openai::Openai;
pub use self::piper::{PiperFolder, PiperProgram};
pub use self::piper_server::PiperServer;
pub use self::price::{Price, Unit};
pub use self::table::{Accounts, NoEngine, ROWS, Row, check, most_references, page, price, told};
use crate::speech::{Speak, SpeechError};
use crate::voices::{HasVoices, VoicesError};

/// The engine that a show describes, ready to speak. `media` starts what is a program, with the
/// voice's `files`.
pub fn speaker(
    engine: &VoiceEngine,
    media: &Media,
    files: &[PathBuf],
) -> Result<Box<dyn Speak>, SpeechError> {
    Ok(match engine {
        VoiceEngine::Piper(_) => Box::new(PiperProgram::new(media, files)?),
        VoiceEngine::PiperServer(spec) => Box::new(PiperServer::new(spec)?),
        VoiceEngine::Openai(spec) => Box::new(Openai::new(spec)?),
    })
}

/// The voices of an engine that a show below `root` describes.
pub fn voices(engine: &VoiceEngine, root: &Path) -> Result<Box<dyn HasVoices>, VoicesError> {
    Ok(match engine {
        VoiceEngine::Piper(spec) => Box::new(PiperFolder(root.join(spec.models.as_str()))),
        VoiceEngine::PiperServer(spec) => Box::new(PiperServer::new(spec)?),
        VoiceEngine::Openai(spec) => {
            return Err(VoicesError::Untold {
                who: format!("the server at `{}`", spec.url),
            });
        }
    })
}
