//! Digests of decoded content: what tests compare, never containers.

use std::path::Path;

use crate::Media;
use crate::error::{MediaError, Result};
use crate::probe::{SAFE_INPUT, of_input, open};
use crate::process::{Arguments, Call, Input, Running};
use crate::program::FFMPEG_HINT;

/// A decoded frame's time and content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameHash {
    /// When it is shown, in units of the stream's frame duration or time base.
    pub pts: i64,
    /// The MD5 of its pixels, as hexadecimal digits.
    pub md5: String,
}

impl Media {
    /// Every frame of a file's picture as it decodes, without repeating or dropping any.
    pub fn frame_md5(&self, path: &Path) -> Result<Vec<FrameHash>> {
        let picture = [
            "-map",
            "0:V:0",
            "-fps_mode",
            "passthrough",
            "-f",
            "framemd5",
            "pipe:1",
        ];
        let text = self.decoded(path, &picture)?;
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| {
                let mut fields = line.split(',').map(str::trim);
                Some(FrameHash {
                    pts: fields.nth(2)?.parse().ok()?,
                    md5: fields.nth(2)?.to_owned(),
                })
            })
            .collect::<Option<_>>()
            .ok_or_else(|| MediaError::bad(path, "the list of its frames is odd"))
    }

    /// The MD5 of a file's first sound, decoded to 16 bits, as hexadecimal digits.
    pub fn audio_md5(&self, path: &Path) -> Result<String> {
        let sound = ["-map", "0:a:0", "-c:a", "pcm_s16le", "-f", "md5", "pipe:1"];
        let text = self.decoded(path, &sound)?;
        Ok(text.trim().trim_start_matches("MD5=").to_owned())
    }

    fn decoded(&self, path: &Path, output: &[&str]) -> Result<String> {
        let mut arguments = Arguments::default();
        arguments.add(["-hide_banner", "-nostdin", "-v", "error"]);
        arguments.add(SAFE_INPUT);
        arguments.add(["-i", "file:/dev/stdin"]);
        arguments.add(output);
        let call = Call {
            program: &self.programs.ffmpeg,
            hint: FFMPEG_HINT,
            arguments: arguments.0,
            input: Input::File(open(path)?),
            subject: path.to_owned(),
            limit: None,
        };
        let bytes = Running::start(call, &self.cancel)?
            .output(256 << 20)
            .map_err(|error| of_input(error, path))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
