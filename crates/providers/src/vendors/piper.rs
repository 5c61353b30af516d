//! Piper as a program: a voice is a model and its settings, in files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use workprint_media::{Cancel, Media, PiperCall};

use crate::speech::{Line, MOST_SOUND, Speak, SpeechError, Spoken, wav};

/// The most bytes of a voice's settings.
const MOST_CONFIG: u64 = 16 << 20;

/// The program, and the voice's files.
#[derive(Debug)]
pub struct PiperProgram {
    media: Media,
    model: PathBuf,
    config: PathBuf,
    settings: Settings,
}

/// A voice's settings, as far as they are needed.
#[derive(Debug, Deserialize)]
struct Settings {
    audio: Audio,
    #[serde(default)]
    speaker_id_map: BTreeMap<String, u32>,
}

#[derive(Debug, Deserialize)]
struct Audio {
    sample_rate: u32,
}

impl PiperProgram {
    /// A voice of which the files are the model and its settings.
    pub fn new(media: &Media, files: &[PathBuf]) -> Result<Self, SpeechError> {
        let [model, config] = files else {
            return Err(SpeechError::NoFiles);
        };
        Ok(Self {
            media: media.clone(),
            model: model.clone(),
            config: config.clone(),
            settings: settings(config)?,
        })
    }

    /// A speaker's number; a name is looked up in the settings.
    fn speaker(&self, name: &str) -> Result<u32, SpeechError> {
        if let Ok(number) = name.parse() {
            return Ok(number);
        }
        let known = &self.settings.speaker_id_map;
        known
            .get(name)
            .copied()
            .ok_or_else(|| SpeechError::NoSpeaker {
                voice: self.model.display().to_string(),
                speaker: name.to_owned(),
                known: known.keys().cloned().collect(),
            })
    }
}

fn settings(file: &Path) -> Result<Settings, SpeechError> {
    let broken = |why: String| SpeechError::Settings {
        file: file.display().to_string(),
        why,
    };
    let meta = std::fs::metadata(file).map_err(|error| broken(error.to_string()))?;
    if meta.len() > MOST_CONFIG {
        return Err(broken(format!("it is larger than {MOST_CONFIG} bytes")));
    }
    let text = std::fs::read(file).map_err(|error| broken(error.to_string()))?;
    let settings: Settings =
        serde_json::from_slice(&text).map_err(|error| broken(error.to_string()))?;
    if (4000..=192_000).contains(&settings.audio.sample_rate) {
        return Ok(settings);
    }
    let rate = settings.audio.sample_rate;
    Err(broken(format!("`sample_rate` is {rate}")))
}

impl Speak for PiperProgram {
    fn speak(&self, line: &Line<'_>, _: &Cancel) -> Result<Spoken, SpeechError> {
        let speaker = line.voice.split_once('#').map(|(_, speaker)| speaker);
        let call = PiperCall {
            text: line.text,
            model: &self.model,
            config: &self.config,
            speaker: speaker.map(|name| self.speaker(name)).transpose()?,
            length: 100_000 / u32::from(line.speed.max(10)),
        };
        let samples = self.media.piper(call, MOST_SOUND as u64)?;
        let sound = wav(self.settings.audio.sample_rate, &samples);
        Ok(Spoken { sound, words: None })
    }
}
