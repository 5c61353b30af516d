//! Piper as a program: a voice is a model and its settings, in files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use workprint_media::{Cancel, Media, PiperCall};

use crate::speech::{Line, MOST_SOUND, Speak, SpeechError, Spoken, wav};
use crate::voices::{HasVoices, Voice, VoicesError, Wanted, told, wanted_of};

/// The most bytes of a voice's settings.
const MOST_CONFIG: u64 = 16 << 20;

/// The most files of a folder with voices that are looked at.
const MOST_FILES: usize = 4000;

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

/// A folder with voices: `NAME.onnx` and `NAME.onnx.json` for each.
#[derive(Debug)]
pub struct PiperFolder(pub PathBuf);

impl HasVoices for PiperFolder {
    fn voices(&self, wanted: &Wanted) -> Result<Vec<Voice>, VoicesError> {
        let unread = |error: std::io::Error| SpeechError::Settings {
            file: self.0.display().to_string(),
            why: error.to_string(),
        };
        let files = std::fs::read_dir(&self.0).map_err(unread)?;
        let files = files.take(MOST_FILES).filter_map(Result::ok);
        let mut names: Vec<String> = files
            .filter_map(|file| {
                let name = file.file_name().into_string().ok()?;
                let name = name.strip_suffix(".onnx.json")?.to_owned();
                self.0
                    .join(format!("{name}.onnx"))
                    .is_file()
                    .then_some(name)
            })
            .collect();
        names.sort();
        let read = |name: &String| {
            let file = self.0.join(format!("{name}.onnx.json"));
            let is_short = std::fs::metadata(&file).is_ok_and(|about| about.len() <= MOST_CONFIG);
            let text = is_short.then(|| std::fs::read(&file).ok()).flatten()?;
            voice(name, &serde_json::from_slice(&text).ok()?)
        };
        Ok(wanted_of(names.iter().filter_map(read).collect(), wanted))
    }
}

/// A voice, by its name and its settings.
pub(super) fn voice(name: &str, settings: &Value) -> Option<Voice> {
    let language = &settings["language"];
    let code = language["code"]
        .as_str()
        .or(settings["espeak"]["voice"].as_str());
    let code = told(code).map(|code| code.replace('_', "-"));
    let speakers = settings["num_speakers"].as_u64().unwrap_or(1);
    let quality = told(settings["audio"]["quality"].as_str());
    let parts = [
        quality.map(|quality| format!("quality {quality}")),
        (speakers > 1).then(|| format!("{speakers} speakers, `{name}#NAME` or `#NUMBER`")),
    ];
    Some(Voice {
        name: told(settings["dataset"].as_str()).unwrap_or_else(|| name.to_owned()),
        languages: code.into_iter().collect(),
        description: parts.into_iter().flatten().collect::<Vec<_>>().join(", "),
        ..Voice::named(name)?
    })
}
