//! Requests in, messages out.

use std::io::{self, BufRead, Read, Write};
use std::process::ExitCode;

use serde::Deserialize;

use crate::library::{Encoder, Frames};

/// The longest line of a request.
const MOST_LINE: u64 = 64 << 10;

/// Frames begin at multiples of this many bytes, the largest page of systems in use.
const PAGE: usize = 64 << 10;

/// The byte that ends a chunk.
const END: u8 = 255;

/// What is to be encoded, and where its frames lie.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// A file with room for `slots` frames; without one the frames of the chunk before go on.
    #[serde(default)]
    pub(crate) frames: Option<String>,
    pub(crate) slots: u8,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) fps_num: u32,
    pub(crate) fps_den: u32,
    pub(crate) crf: u8,
    pub(crate) preset: String,
    pub(crate) keyint: u32,
    /// How many frames are encoded side by side; what is written depends on it.
    #[serde(default = "one")]
    pub(crate) threads: u8,
}

const fn one() -> u8 {
    1
}

impl Request {
    /// How many bytes a frame has.
    pub(crate) fn frame_bytes(&self) -> usize {
        self.width as usize * self.height as usize * 3 / 2
    }

    /// How many bytes lie from a frame to the next.
    pub(crate) fn stride(&self) -> usize {
        self.frame_bytes().next_multiple_of(PAGE)
    }

    fn check(&self) -> Result<(), String> {
        let side = |side: u32| (2..=16_384).contains(&side) && side.is_multiple_of(2);
        let fits = side(self.width)
            && side(self.height)
            && (1..=64).contains(&self.slots)
            && self.fps_num > 0
            && self.fps_den > 0
            && self.crf <= 51
            && (1..=1_000_000).contains(&self.keyint)
            && (1..=16).contains(&self.threads);
        if fits {
            Ok(())
        } else {
            Err("the request is out of range: see README.md".to_owned())
        }
    }
}

/// Answers all requests.
pub(crate) fn all(input: &mut impl BufRead, output: &mut impl Write) -> ExitCode {
    match serve(input, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Whoever asked may be gone already.
            let _ = say(output, b'X', 0, error.to_string().as_bytes());
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// Encodes chunks until there is no further request.
fn serve(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    let mut frames = None;
    loop {
        let mut line = Vec::new();
        input
            .by_ref()
            .take(MOST_LINE)
            .read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(());
        }
        let request: Request = serde_json::from_slice(&line)?;
        request.check().map_err(io::Error::other)?;
        if let Some(path) = &request.frames {
            frames = Some(Frames::open(path, &request)?);
        }
        let fits = frames.as_ref().filter(|frames| frames.fit(&request));
        let frames = fits.ok_or_else(|| io::Error::other("there are no frames of this size"))?;
        chunk(&request, frames, input, output)?;
    }
}

fn chunk(
    request: &Request,
    frames: &Frames,
    input: &mut impl Read,
    output: &mut impl Write,
) -> io::Result<()> {
    let mut encoder = Encoder::open(request)?;
    say(output, b'O', 0, encoder.headers()?)?;
    let mut number = 0;
    loop {
        let mut slot = [0];
        input.read_exact(&mut slot)?;
        if slot[0] == END {
            break;
        }
        let frame = frames
            .slot(slot[0])
            .ok_or_else(|| io::Error::other("there is no such slot"))?;
        match encoder.encode(frame, number)? {
            Some(packet) => say(output, packet.letter(), packet.shown, packet.bytes)?,
            None => say(output, b'A', 0, &[])?,
        }
        number += 1;
    }
    while let Some(packet) = encoder.flush()? {
        say(output, packet.letter(), packet.shown, packet.bytes)?;
    }
    say(output, b'E', number, &[])
}

fn say(output: &mut impl Write, letter: u8, number: u32, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    let mut head = [letter; 9];
    head[1..5].copy_from_slice(&number.to_le_bytes());
    head[5..].copy_from_slice(&length.to_le_bytes());
    output.write_all(&head)?;
    output.write_all(bytes)?;
    output.flush()
}
