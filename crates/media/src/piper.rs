//! Speech from the program `piper`.
//!
//! There are two of that name: the one of Python (OHF-Voice/piper1-gpl, `docs/CLI.md`) and the older
//! one of C++ (rhasspy/piper). Both take the arguments that are used here, one line of text on standard
//! input, and write bare samples to standard output for `--output_raw`.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::Media;
use crate::error::{MediaError, Result};
use crate::process::{Call, Input, Running};
use crate::program::PIPER_HINT;

/// A line takes a second; a large model on a slow machine some more.
const LIMIT: Duration = Duration::from_mins(10);

/// Something for `piper` to say.
#[derive(Debug, Clone, Copy)]
pub struct PiperCall<'a> {
    /// The text; line breaks in it are spaces. `[[ ]]` hold sounds.
    pub text: &'a str,
    /// The voice: an `.onnx` file.
    pub model: &'a Path,
    /// Its settings: the `.onnx.json` file.
    pub config: &'a Path,
    /// Which of the voice's speakers.
    pub speaker: Option<u32>,
    /// How long sounds last, in thousandths of the voice's own.
    pub length: u32,
}

impl Media {
    /// Says a text; gives samples of 16 bits, the lower byte first, of one channel at the voice's rate:
    /// at most `most` bytes.
    pub fn piper(&self, call: PiperCall<'_>, most: u64) -> Result<Vec<u8>> {
        let program = self.piper_program()?;
        let mut arguments: Vec<OsString> = vec![
            "--model".into(),
            call.model.into(),
            "--config".into(),
            call.config.into(),
            "--output_raw".into(),
            "--length_scale".into(),
            format!("{}.{:03}", call.length / 1000, call.length % 1000).into(),
        ];
        if let Some(speaker) = call.speaker {
            arguments.extend(["--speaker".into(), speaker.to_string().into()]);
        }
        let line: Vec<&str> = call.text.split_whitespace().collect();
        let running = Call {
            program,
            hint: PIPER_HINT,
            arguments,
            input: Input::Pipe,
            subject: call.model.to_owned(),
            limit: Some(LIMIT),
        };
        let text = format!("{}\n", line.join(" ")).into_bytes();
        let sound = Running::start(running, &self.cancel)?.exchange(text, most)?;
        if sound.is_empty() || sound.len() % 2 == 1 {
            let what = format!("piper gave {} bytes, which are no samples", sound.len());
            return Err(MediaError::bad(call.model, what));
        }
        Ok(sound)
    }
}
