//! Piper's own server, `python3 -m piper.http_server`: `/synthesize`, `/voices` and `/info`.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use workprint_media::Cancel;
use workprint_model::speech::PiperServerSpec;

use super::piper::voice;
use crate::server::Server;
use crate::speech::{Line, MOST_SOUND, Speak, SpeechError, Spoken, check_sound};
use crate::voices::{HasVoices, Voice, VoicesError, Wanted, wanted_of};

/// The most bytes of a list of voices or of an account of what was said.
const MOST_JSON: usize = 16 << 20;

/// A server of piper's.
#[derive(Debug)]
pub struct PiperServer {
    server: Server,
}

/// `/info`, as far as it is needed.
#[derive(Deserialize)]
struct Info {
    last: Option<Last>,
}

#[derive(Deserialize)]
struct Last {
    text: String,
    #[serde(default)]
    alignments: Vec<Sound>,
}

#[derive(Deserialize)]
struct Sound {
    phoneme: String,
    seconds: f64,
}

impl PiperServer {
    /// The server that a show describes.
    pub fn new(spec: &PiperServerSpec) -> Result<Self, SpeechError> {
        let server = Server::find(&spec.url)?;
        Ok(Self { server })
    }

    /// The voices that it has, each with its settings.
    fn known(&self, cancel: &Cancel) -> Result<Map<String, Value>, SpeechError> {
        let list = self.server.ask("voices", None, MOST_JSON, cancel)?;
        match serde_json::from_slice(&list) {
            Ok(Value::Object(known)) => Ok(known),
            _ => Err(SpeechError::NotSound {
                url: self.server.url().to_owned(),
                what: "no list of voices".to_owned(),
            }),
        }
    }

    /// A voice that the server does not have is spoken by another one without a word, so it is asked
    /// first.
    fn has(&self, voice: &str, cancel: &Cancel) -> Result<(), SpeechError> {
        let known = self.known(cancel)?;
        if known.contains_key(voice) {
            return Ok(());
        }
        Err(SpeechError::NoVoice {
            url: self.server.url().to_owned(),
            voice: voice.to_owned(),
            known: known.keys().cloned().collect(),
        })
    }

    /// When the words of the last line were said, where the server tells, and tells of this line.
    fn words(&self, text: &str, cancel: &Cancel) -> Option<Vec<(f64, f64)>> {
        let info = self.server.ask("info", None, MOST_JSON, cancel).ok()?;
        let info: Info = serde_json::from_slice(&info).ok()?;
        let last = info.last.filter(|last| last.text == text)?;
        words(text, &last.alignments)
    }
}

/// Words of the sounds between spaces; none where they are not as many as the text has.
fn words(text: &str, sounds: &[Sound]) -> Option<Vec<(f64, f64)>> {
    // Marks of the beginning, the end and padding are no sounds; punctuation is heard as a pause.
    let silent = |phoneme: &str| {
        matches!(phoneme, "^" | "$" | "_") || !phoneme.chars().any(char::is_alphanumeric)
    };
    let mut words: Vec<(f64, f64)> = Vec::new();
    let (mut at, mut open) = (0.0, false);
    for sound in sounds {
        if !(0.0..600.0).contains(&sound.seconds) {
            return None;
        }
        let end = at + sound.seconds;
        if sound.phoneme.trim().is_empty() {
            open = false;
        } else if !silent(&sound.phoneme) {
            match words.last_mut().filter(|_| open) {
                Some(word) => word.1 = end,
                None => words.push((at, end)),
            }
            open = true;
        }
        at = end;
    }
    (words.len() == text.split_whitespace().count()).then_some(words)
}

impl Speak for PiperServer {
    fn speak(&self, line: &Line<'_>, cancel: &Cancel) -> Result<Spoken, SpeechError> {
        let (voice, speaker) = match line.voice.split_once('#') {
            Some((voice, speaker)) => (voice, Some(speaker)),
            None => (line.voice, None),
        };
        self.has(voice, cancel)?;
        let mut body = json!({
            "text": line.text,
            "voice": voice,
            "length_scale": 100.0 / f64::from(line.speed.max(10)),
        });
        if let Some(speaker) = speaker {
            body["speaker"] = speaker.into();
        }
        let sound = self
            .server
            .ask("synthesize", Some(&body), MOST_SOUND, cancel)?;
        check_sound(self.server.url(), &sound)?;
        let words = self.words(line.text, cancel);
        Ok(Spoken { sound, words })
    }
}

impl HasVoices for PiperServer {
    fn voices(&self, wanted: &Wanted) -> Result<Vec<Voice>, VoicesError> {
        let known = self.known(&Cancel::default())?;
        let all = known
            .iter()
            .filter_map(|(name, settings)| voice(name, settings));
        Ok(wanted_of(all.collect(), wanted))
    }
}
