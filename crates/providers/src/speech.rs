//! Speech: a line in, sound out.

use workprint_media::{Cancel, MediaError};

/// The most bytes of sound that are taken for a line: ten minutes of 48 kHz stereo.
pub const MOST_SOUND: usize = 128 << 20;

/// A line to be spoken.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// What is read aloud.
    pub text: &'a str,
    /// The voice, as the engine names it.
    pub voice: &'a str,
    /// How fast, in percent of the voice's own pace.
    pub speed: u16,
    /// How it should be said, for engines that take direction.
    pub direction: Option<&'a str>,
}

/// A line that was spoken.
#[derive(Debug, Clone, PartialEq)]
pub struct Spoken {
    /// A whole sound file: RIFF WAV.
    pub sound: Vec<u8>,
    /// When each word of the text, between white space, begins and ends, in seconds from the sound's
    /// start; nothing where the engine does not tell, or tells of other words.
    pub words: Option<Vec<(f64, f64)>>,
}

/// An engine that speaks.
pub trait Speak: Send + Sync {
    /// Speaks a line. It blocks, until `cancel` says otherwise.
    fn speak(&self, line: &Line<'_>, cancel: &Cancel) -> Result<Spoken, SpeechError>;
}

/// Why a line could not be spoken.
#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    /// The address is none, or not of one's own network.
    #[error("`{url}` cannot be used: {why}")]
    Address {
        /// The address.
        url: String,
        /// Why.
        why: String,
    },
    /// Nobody answers there.
    #[error("the speech server at `{url}` does not answer")]
    Down {
        /// The address.
        url: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The server refuses the line.
    #[error("the speech server at `{url}` refuses with status {status}: {text}")]
    Refused {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The beginning of what it says.
        text: String,
    },
    /// What came back is no sound.
    #[error("the speech server at `{url}` sent {what} where a WAV file is expected")]
    NotSound {
        /// The address.
        url: String,
        /// What it is.
        what: String,
    },
    /// The server does not have the voice.
    #[error("the speech server at `{url}` has no voice `{voice}`")]
    NoVoice {
        /// The address.
        url: String,
        /// The voice.
        voice: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// A program failed.
    #[error(transparent)]
    Program(#[from] MediaError),
    /// A voice of a program was given without its files.
    #[error("the voice has no files")]
    NoFiles,
    /// A voice's settings cannot be read.
    #[error("the voice's settings `{file}` cannot be used: {why}")]
    Settings {
        /// The file.
        file: String,
        /// Why.
        why: String,
    },
    /// A voice does not have the speaker.
    #[error("the voice `{voice}` has no speaker `{speaker}`")]
    NoSpeaker {
        /// The voice.
        voice: String,
        /// The speaker.
        speaker: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// More came back than any line is long.
    #[error("the speech server at `{url}` sent more than {most} bytes")]
    TooLarge {
        /// The address.
        url: String,
        /// How many are taken.
        most: usize,
    },
    /// A person stopped the run.
    #[error("stopped")]
    Cancelled,
}

impl SpeechError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Address { .. } => {
                "give the address of a server of this machine or network: `http://127.0.0.1:PORT`".to_owned()
            }
            Self::Down { .. } => "start it, or change its `url` in `[engines.voices]` of show.toml".to_owned(),
            Self::Refused { status: 404, .. } => {
                "see whether the server has the model and the voice, and whether `url` has the right path".to_owned()
            }
            Self::Refused { .. } => "see what the server writes in its log".to_owned(),
            Self::NotSound { .. } => "see whether `url` is that of the speech server itself".to_owned(),
            Self::NoVoice { known, .. } if known.is_empty() => "install a voice on the server".to_owned(),
            Self::NoSpeaker { known, .. } if known.is_empty() => {
                "leave the speaker out, or give its number".to_owned()
            }
            Self::NoVoice { known, .. } | Self::NoSpeaker { known, .. } => {
                let known: Vec<String> = known.iter().take(20).map(|name| format!("`{name}`")).collect();
                format!("name one of: {}", known.join(", "))
            }
            Self::Program(error) => error.hints().into_iter().next().unwrap_or_else(|| {
                "see whether the program speaks on its own with this voice".to_owned()
            }),
            Self::Settings { .. } => "put the voice's own `.onnx.json` there again".to_owned(),
            Self::NoFiles => "put `NAME.onnx` and `NAME.onnx.json` into the folder of `models`".to_owned(),
            Self::TooLarge { .. } => "divide the line".to_owned(),
            Self::Cancelled => "run again".to_owned(),
        }
    }

    /// Whether the same may go well a moment later.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                status: 429 | 500..=599,
                ..
            }
        )
    }
}

/// What a reply is that should be a WAV file.
pub(crate) fn check_sound(url: &str, sound: &[u8]) -> Result<(), SpeechError> {
    if sound.len() > 44 && sound.starts_with(b"RIFF") && sound[8..12] == *b"WAVE" {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&sound[..sound.len().min(200)]);
    let text = text.trim_start().to_ascii_lowercase();
    let what = if sound.is_empty() {
        "nothing".to_owned()
    } else if text.starts_with("<!doctype") || text.starts_with("<html") {
        "a web page".to_owned()
    } else if text.starts_with('{') {
        format!("`{}`", text.chars().take(120).collect::<String>())
    } else {
        format!("{} bytes of something else", sound.len())
    };
    Err(SpeechError::NotSound {
        url: url.to_owned(),
        what,
    })
}

/// Samples of one channel of 16 bits as a WAV.
pub fn wav(rate: u32, samples: &[u8]) -> Vec<u8> {
    let length = samples.len() as u32;
    let mut out = Vec::with_capacity(44 + samples.len());
    out.extend(b"RIFF");
    out.extend((36 + length).to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend(16u32.to_le_bytes());
    out.extend([1, 0, 1, 0]);
    out.extend(rate.to_le_bytes());
    out.extend((rate * 2).to_le_bytes());
    out.extend([2, 0, 16, 0]);
    out.extend(b"data");
    out.extend(length.to_le_bytes());
    out.extend(samples);
    out
}
