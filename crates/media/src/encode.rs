//! Encoding a chunk of the picture.

use std::io::Write;
use std::path::PathBuf;
use std::process::ChildStdin;

use workprint_model::show::Preset;
use workprint_model::{Frames, Rate, Size};

use crate::Media;
use crate::decode::check_size;
use crate::error::{MediaError, Result};
use crate::mp4;
use crate::process::{Arguments, Call, Input, Running};
use crate::program::FFMPEG_HINT;

/// A chunk to encode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkSpec {
    /// The file that is written: an MP4 without sound. One that exists is replaced.
    pub out: PathBuf,
    /// The frames' size: even numbers.
    pub size: Size,
    /// Frames a second.
    pub rate: Rate,
    /// Quality: 0 (best) to 51.
    pub crf: u8,
    /// How hard the encoder tries.
    pub preset: Preset,
}

impl ChunkSpec {
    /// How many bytes a frame has: Y, then U and V of half the width and height.
    pub fn frame_bytes(&self) -> usize {
        self.size.width as usize * self.size.height as usize * 3 / 2
    }
}

/// Takes frames and encodes them. Dropping it without [`Self::finish`] stops the program and leaves
/// an unusable file.
#[derive(Debug)]
pub struct ChunkWriter {
    running: Running,
    stdin: Option<ChildStdin>,
    frame_bytes: usize,
    frames: u64,
    out: PathBuf,
}

impl ChunkWriter {
    /// Encodes one frame: planar YUV 4:2:0, BT.709, limited range, [`ChunkSpec::frame_bytes`] bytes.
    pub fn write(&mut self, frame: &[u8]) -> Result<()> {
        if frame.len() != self.frame_bytes {
            return Err(MediaError::BadRequest(format!(
                "a frame has {} bytes, not {}",
                self.frame_bytes,
                frame.len()
            )));
        }
        let Some(stdin) = &mut self.stdin else {
            return Err(self.running.failure());
        };
        if stdin.write_all(frame).is_err() {
            // The encoder's own words say more than a broken pipe.
            self.stdin = None;
            return Err(self.running.failure());
        }
        self.frames += 1;
        Ok(())
    }

    /// Waits for the encoder and checks that every frame is in the file; how many there are.
    pub fn finish(mut self) -> Result<Frames> {
        self.stdin = None;
        self.running.finish()?;
        let written = mp4::Track::read(&self.out)?.samples.len() as u64;
        if written != self.frames {
            let why = format!("{} frames went in and {written} came out", self.frames);
            return Err(MediaError::bad(&self.out, why));
        }
        Ok(Frames(written))
    }
}

impl Media {
    /// Starts encoding a chunk with libx264.
    ///
    /// The same frames give the same bytes whatever else runs: the encoder has one thread, and
    /// nothing of the time or the machine is written. The first frame is a key frame and no frame
    /// refers to one outside the chunk, so that chunks of the same settings can be joined.
    pub fn encode_chunk(&self, spec: &ChunkSpec) -> Result<ChunkWriter> {
        check_size(spec.size)?;
        if spec.crf > 51 {
            return Err(MediaError::BadRequest(format!(
                "the quality cannot be `{}`: 0 (best) to 51 are possible",
                spec.crf
            )));
        }
        let mut running = Running::start(
            Call {
                program: &self.programs.ffmpeg,
                hint: FFMPEG_HINT,
                arguments: chunk_arguments(spec)?.0,
                input: Input::Pipe,
                subject: spec.out.clone(),
                limit: None,
            },
            &self.cancel,
        )?;
        Ok(ChunkWriter {
            stdin: running.stdin(),
            running,
            frame_bytes: spec.frame_bytes(),
            frames: 0,
            out: spec.out.clone(),
        })
    }
}

fn chunk_arguments(spec: &ChunkSpec) -> Result<Arguments> {
    let mut arguments = Arguments::default();
    arguments.add(["-hide_banner", "-nostdin", "-v", "error", "-y"]);
    arguments.add(["-f", "rawvideo", "-pix_fmt", "yuv420p"]);
    arguments.set("-video_size", spec.size);
    arguments.set("-framerate", spec.rate);
    arguments.add(["-i", "pipe:0", "-an", "-fps_mode", "passthrough"]);
    x264(&mut arguments, spec.crf, spec.preset.name());
    // A key frame at least every two seconds, so that players can seek.
    let keys = spec.rate.num().div_ceil(spec.rate.den()).saturating_mul(2);
    arguments.set("-g", keys);
    arguments.set("-video_track_timescale", mp4::timescale(spec.rate)?);
    arguments.add(["-f", "mp4"]);
    arguments.file(&spec.out);
    Ok(arguments)
}

/// libx264 on one thread, BT.709 in limited range, square pixels, nothing about the encoder.
pub(crate) fn x264(arguments: &mut Arguments, crf: u8, preset: &str) {
    arguments.set(
        "-vf",
        "setsar=1,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709",
    );
    arguments.add(["-c:v", "libx264", "-preset", preset, "-profile:v", "high"]);
    arguments.set("-crf", crf);
    // `stitchable` keeps headers independent of content; access unit delimiters keep frames apart
    // where two chunks of one frame meet.
    arguments.add([
        "-threads",
        "1",
        "-x264-params",
        "threads=1:lookahead-threads=1:open-gop=0:stitchable=1:aud=1",
    ]);
    arguments.add(["-pix_fmt", "yuv420p", "-color_range", "tv"]);
    arguments.add([
        "-color_primaries",
        "bt709",
        "-color_trc",
        "bt709",
        "-colorspace",
        "bt709",
    ]);
    arguments.add([
        "-flags",
        "+bitexact+cgop",
        "-fflags",
        "+bitexact",
        "-map_metadata",
        "-1",
    ]);
    // The encoder signs its streams in a message of its own.
    arguments.add(["-bsf:v", "filter_units=remove_types=6"]);
}
