//! Vendors: one file for each, and the table that says which there are.

mod openai;
mod piper_server;

use workprint_model::speech::VoiceEngine;

pub use self::openai::Openai;
pub use self::piper_server::PiperServer;
use crate::speech::{Speak, SpeechError};

/// The engine that a show describes, ready to speak.
pub fn speaker(engine: &VoiceEngine) -> Result<Box<dyn Speak>, SpeechError> {
    Ok(match engine {
        VoiceEngine::PiperServer(spec) => Box::new(PiperServer::new(spec)?),
        VoiceEngine::Openai(spec) => Box::new(Openai::new(spec)?),
    })
}
