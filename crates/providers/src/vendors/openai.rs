//! Servers with OpenAI's speech interface, `POST /v1/audio/speech`: speaches, Kokoro-FastAPI, LocalAI.

use serde_json::json;
use workprint_media::Cancel;
use workprint_model::speech::OpenaiSpec;

use crate::server::Server;
use crate::speech::{Line, MOST_SOUND, Speak, SpeechError, Spoken, check_sound};

/// The slowest and the fastest that the interface allows, in percent.
const SPEEDS: (u16, u16) = (25, 400);

/// A server with OpenAI's speech interface.
#[derive(Debug)]
pub struct Openai {
    server: Server,
    model: String,
    instructions: bool,
}

impl Openai {
    /// The server that a show describes.
    pub fn new(spec: &OpenaiSpec) -> Result<Self, SpeechError> {
        Ok(Self {
            server: Server::find(&spec.url)?,
            model: spec.model.clone(),
            instructions: spec.instructions,
        })
    }
}

impl Speak for Openai {
    fn speak(&self, line: &Line<'_>, cancel: &Cancel) -> Result<Spoken, SpeechError> {
        let speed = line.speed.clamp(SPEEDS.0, SPEEDS.1);
        let mut body = json!({
            "model": self.model,
            "input": line.text,
            "voice": line.voice,
            "response_format": "wav",
            "speed": f64::from(speed) / 100.0,
        });
        if let Some(direction) = line.direction.filter(|_| self.instructions) {
            body["instructions"] = direction.into();
        }
        let sound = self
            .server
            .ask("audio/speech", Some(&body), MOST_SOUND, cancel)?;
        check_sound(self.server.url(), &sound)?;
        Ok(Spoken { sound, words: None })
    }
}
