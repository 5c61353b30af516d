//! Speech from the separate program that uses eSpeak NG.

use serde::{Deserialize, Serialize};

use crate::Media;
use crate::error::{MediaError, Result};
use crate::process::{Call, Input, Running};
use crate::program::ESPEAK_HINT;

const FORMAT: &str = "workprint.espeak/1";
/// The most that one answer may have, header and sound: over an hour.
const LIMIT: u64 = 256 << 20;

/// Something to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SpeechRequest {
    /// The text; at most 100,000 characters.
    pub text: String,
    /// A voice, such as `en-gb+f3`.
    pub voice: String,
    /// Words a minute, 80 to 450.
    pub rate_wpm: u16,
    /// Pitch, 0 to 100.
    pub pitch: u8,
    /// Liveliness, 0 to 100.
    pub range: u8,
    /// Loudness, 0 to 200; 100 is usual.
    pub volume: u8,
    /// Extra silence between words.
    pub word_gap_ms: u16,
    /// Characters that are stressed: from, and up to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stress: Vec<(usize, usize)>,
    /// Characters that are said by their sounds, in the International Phonetic Alphabet: from, and up to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sounds: Vec<(usize, usize, String)>,
}

impl SpeechRequest {
    /// A text in a voice at the usual rate, pitch and loudness.
    pub fn new(text: impl Into<String>, voice: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            voice: voice.into(),
            rate_wpm: 160,
            pitch: 50,
            range: 50,
            volume: 100,
            word_gap_ms: 0,
            stress: Vec::new(),
            sounds: Vec::new(),
        }
    }
}

/// What was said, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speech {
    /// One channel of sound.
    pub samples: Vec<i16>,
    /// Its samples a second.
    pub sample_rate: u32,
    /// The voice that spoke, by its full name.
    pub voice: String,
    /// The version of eSpeak NG.
    pub library_version: String,
    /// The words, in order.
    pub words: Vec<SpokenWord>,
    /// The speech sounds, in order.
    pub phonemes: Vec<SpokenPhoneme>,
}

/// A word in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct SpokenWord {
    /// Its first sample, at [`Speech::sample_rate`].
    pub start: u64,
    /// The sample after its last.
    pub end: u64,
    /// Its first character in the request's text, in Unicode scalar values.
    pub from: usize,
    /// The character after its last.
    pub to: usize,
}

/// A speech sound in time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SpokenPhoneme {
    /// Its first sample, at [`Speech::sample_rate`].
    pub start: u64,
    /// The sample after its last.
    pub end: u64,
    /// The sound in the International Phonetic Alphabet; empty for silence.
    pub ipa: String,
}

#[derive(Deserialize)]
struct Header {
    format: String,
    library_version: String,
    sample_rate: u32,
    samples: usize,
    voice: String,
    words: Vec<SpokenWord>,
    phonemes: Vec<SpokenPhoneme>,
}

#[derive(Deserialize)]
struct Refusal {
    error: RefusalBody,
}

#[derive(Deserialize)]
struct RefusalBody {
    kind: String,
    message: String,
    #[serde(default)]
    hint: String,
}

/// A voice that espeak has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EspeakVoice {
    /// Its name.
    pub name: String,
    /// The languages that it speaks, the foremost first.
    pub languages: Vec<String>,
    /// `female`, `male` or `none`.
    pub gender: String,
}

impl Media {
    /// The voices that espeak has, in its own order.
    pub fn espeak_voices(&self) -> Result<Vec<EspeakVoice>> {
        let program = self.espeak_program()?;
        let list = self.ask(program, ESPEAK_HINT, &["voices"])?;
        serde_json::from_str(list.trim())
            .map_err(|_| MediaError::bad(program, "its list of voices is not what was agreed on"))
    }

    /// Says a text. The same request gives the same samples.
    ///
    /// Fails with [`MediaError::Speech`] where the program says why it will not.
    pub fn espeak(&self, request: &SpeechRequest) -> Result<Speech> {
        let program = self.espeak_program()?;
        let json = serde_json::to_vec(request)
            .map_err(|error| MediaError::BadRequest(error.to_string()))?;
        let call = Call {
            program,
            hint: ESPEAK_HINT,
            arguments: vec!["speak".into()],
            input: Input::Pipe,
            subject: program.to_owned(),
            limit: None,
        };
        let answer = Running::start(call, &self.cancel)?
            .exchange(json, LIMIT)
            .map_err(refusal)?;
        read_answer(&answer)
            .ok_or_else(|| MediaError::bad(program, "its answer is not what was agreed on"))
    }
}

fn refusal(error: MediaError) -> MediaError {
    let said = error
        .report()
        .and_then(|report| report.stderr.lines().last())
        .and_then(|line| serde_json::from_str::<Refusal>(line).ok());
    match said {
        Some(Refusal { error }) => MediaError::Speech {
            kind: error.kind,
            message: error.message,
            hint: error.hint,
        },
        None => error,
    }
}

fn read_answer(bytes: &[u8]) -> Option<Speech> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let header: Header = serde_json::from_slice(&bytes[..end]).ok()?;
    let (samples, rest) = bytes[end + 1..].as_chunks::<2>();
    let ends = |time: u64| time <= header.samples as u64;
    let sound = header.format == FORMAT
        && (1..=192_000).contains(&header.sample_rate)
        && samples.len() == header.samples
        && rest.is_empty()
        && header
            .words
            .iter()
            .all(|word| word.start <= word.end && ends(word.end))
        && header
            .phonemes
            .iter()
            .all(|sound| sound.start <= sound.end && ends(sound.end));
    sound.then(|| Speech {
        samples: samples
            .iter()
            .map(|pair| i16::from_le_bytes(*pair))
            .collect(),
        sample_rate: header.sample_rate,
        voice: header.voice,
        library_version: header.library_version,
        words: header.words,
        phonemes: header.phonemes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(samples: usize, sound: &[u8]) -> Vec<u8> {
        let header = format!(
            r#"{{"format":"workprint.espeak/1","library_version":"1.51","sample_rate":22050,"samples":{samples},"voice":"en","words":[{{"start":0,"end":2,"from":0,"to":1}}],"phonemes":[]}}"#
        );
        [header.as_bytes(), b"\n", sound].concat()
    }

    #[test]
    fn an_answer_is_read_exactly_or_not_at_all() {
        let speech = read_answer(&answer(2, &[10, 0, 255, 255])).unwrap();
        assert_eq!(speech.samples, [10, -1]);
        assert!(read_answer(&answer(2, &[10, 0])).is_none());
        assert!(
            read_answer(&answer(1, &[10, 0])).is_none(),
            "a word past the end"
        );
        assert!(read_answer(&answer(2, &[10, 0, 1, 1, 1])).is_none());
        assert!(read_answer(b"no header").is_none());
    }
}
