//! A video's frames at the timeline's rate.

use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ChildStdout;

use workprint_model::{Frames, Percent, Rate, SAMPLE_RATE, Samples, Size};

use crate::Media;
use crate::colour::{is_plain, to_bt709};
use crate::error::{MediaError, Result};
use crate::probe::{Probe, SAFE_INPUT, VideoStream, of_input, open};
use crate::process::{Arguments, Call, Input, Running};
use crate::program::FFMPEG_HINT;

/// A seek lands this many microseconds of file time early, so that frames out of order around the
/// key frame are decoded whole; and it is only worth it well into the file.
const SEEK_MARGIN: u64 = 10_000_000;

/// Which frames of a file, and how they should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoSpec {
    /// The file.
    pub path: PathBuf,
    /// Where in the file frame 0 is.
    pub start: Samples,
    /// More than 100 is faster; at least 0.01.
    pub speed: Percent,
    /// The rate of the frames that are read.
    pub rate: Rate,
    /// Their size: even numbers. The whole picture is scaled to it, whatever its shape.
    pub size: Size,
    /// How many frames to pass over.
    pub skip: Frames,
    /// Add a plane of opacity.
    pub alpha: bool,
}

impl VideoSpec {
    /// How many bytes a frame has: Y, then U and V of half the width and height, then, with
    /// `alpha`, opacity in the size of Y. BT.709, limited range; opacity is 0 to 255.
    pub fn frame_bytes(&self) -> usize {
        let luma = self.size.width as usize * self.size.height as usize;
        luma + luma / 2 + if self.alpha { luma } else { 0 }
    }

    fn check(&self) -> Result<()> {
        check_size(self.size)?;
        if self.speed.hundredths() < 1 {
            return Err(MediaError::BadRequest(format!(
                "a clip cannot be read at `{}` percent speed: more than 0 is needed",
                self.speed
            )));
        }
        Ok(())
    }

    /// The rate in the file's own time, as a fraction: frames of the file's second.
    fn file_rate(&self) -> (u128, u128) {
        let hundredths = u128::from(self.speed.hundredths().unsigned_abs());
        (
            u128::from(self.rate.num()) * 10_000,
            u128::from(self.rate.den()) * hundredths,
        )
    }

    /// Where frame `skip` is after frame 0, in microseconds of the file's time.
    fn skipped_micros(&self) -> u64 {
        let (num, den) = self.file_rate();
        let micros = u128::from(self.skip.0).saturating_mul(den * 1_000_000) / num;
        u64::try_from(micros)
            .unwrap_or(u64::MAX / 4)
            .min(u64::MAX / 4)
    }
}

/// Refuses sizes that have no whole chroma samples or are absurd.
pub(crate) fn check_size(size: Size) -> Result<()> {
    let fits = |side: u32| side.is_multiple_of(2) && (2..=16_384).contains(&side);
    if fits(size.width) && fits(size.height) {
        return Ok(());
    }
    Err(MediaError::BadRequest(format!(
        "a picture cannot be `{size}`: each side must be an even number from 2 to 16384"
    )))
}

/// Frames, one after the other. Dropping it stops the program.
#[derive(Debug)]
pub struct VideoReader {
    running: Running,
    stdout: Option<ChildStdout>,
    frame_bytes: usize,
    path: PathBuf,
}

impl VideoReader {
    /// Fills `frame`, which has [`VideoSpec::frame_bytes`] bytes, with the next frame; `false` when
    /// there is none: then `frame` is as it was.
    pub fn next(&mut self, frame: &mut [u8]) -> Result<bool> {
        if frame.len() != self.frame_bytes {
            return Err(MediaError::BadRequest(format!(
                "a frame has {} bytes, not {}",
                self.frame_bytes,
                frame.len()
            )));
        }
        let Some(stdout) = &mut self.stdout else {
            return Ok(false);
        };
        let filled = fill(stdout, frame).map_err(MediaError::io("read frames of", &self.path))?;
        if filled == frame.len() {
            return Ok(true);
        }
        self.stdout = None;
        self.running
            .finish()
            .map_err(|error| of_input(error, &self.path))?;
        if filled > 0 {
            return Err(MediaError::bad(&self.path, "its last frame is cut short"));
        }
        Ok(false)
    }
}

/// Reads until `buffer` is full or the pipe ends; the number of bytes read.
pub(crate) fn fill(pipe: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match pipe.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

impl Media {
    /// Starts reading frames of a file.
    ///
    /// Frame `n` is what a player shows of the file at `start + n / rate * speed`. It is the same
    /// bytes whatever `skip` is. Rotation is applied, colours are converted to BT.709 in limited
    /// range (an untagged file counts as BT.709 from 720 lines up, below as BT.601; PQ and HLG are
    /// brought into its range), fields are woven apart. Without [`VideoSpec::alpha`] transparent parts
    /// lie on black. The frames end where the file does.
    pub fn decode_video(&self, spec: &VideoSpec) -> Result<VideoReader> {
        spec.check()?;
        let probe = self.probe(&spec.path)?;
        let video = picture_of(&probe, &spec.path)?;
        let mut running = Running::start(
            Call {
                program: &self.programs.ffmpeg,
                hint: FFMPEG_HINT,
                arguments: decode_arguments(spec, &probe, video).0,
                input: Input::File(open(&spec.path)?),
                subject: spec.path.clone(),
                limit: None,
            },
            &self.cancel,
        )?;
        Ok(VideoReader {
            stdout: running.wide_stdout(),
            running,
            frame_bytes: spec.frame_bytes(),
            path: spec.path.clone(),
        })
    }
}

fn decode_arguments(spec: &VideoSpec, probe: &Probe, video: &VideoStream) -> Arguments {
    let mut arguments = Arguments::default();
    arguments.add(["-hide_banner", "-nostdin", "-v", "error"]);
    // Chunks are painted beside each other: more threads would only take more memory.
    arguments.add([
        "-threads",
        "1",
        "-filter_threads",
        "1",
        "-copyts",
        "-start_at_zero",
        "-noaccurate_seek",
        "-reinit_filter",
        "0",
    ]);
    let (num, den) = spec.file_rate();
    let start = u128::from(spec.start.0) * 1_000_000 / u128::from(SAMPLE_RATE);
    let start = u64::try_from(start).unwrap_or(u64::MAX / 4);
    let skipped = spec.skipped_micros();
    let from = start.saturating_add(skipped);
    if from > 2 * SEEK_MARGIN && seeks_exactly(&probe.container) {
        arguments.set("-ss", seconds(from - SEEK_MARGIN));
    }
    // An eighth of a frame of grace: a time rounded down to a container's ticks or to a sample must
    // not show the frame before.
    let grace = u64::try_from(den * 1_000_000 / (num * 8)).unwrap_or(0);
    let offset = start.saturating_add(grace);
    arguments.set("-itsoffset", format!("-{}", seconds(offset)));
    arguments.add(SAFE_INPUT);
    // What the file said before is no promise of what comes.
    arguments.add(["-max_pixels", "268435456"]);
    arguments.add(decoder(video));
    arguments.add([
        "-i",
        "file:/dev/stdin",
        "-map",
        "0:V:0",
        "-an",
        "-sn",
        "-dn",
    ]);
    let format = if spec.alpha { "yuva420p" } else { "yuv420p" };
    if video.is_still {
        arguments.add(["-frames:v", "1"]);
    }
    arguments.set("-vf", filters(spec, video, format));
    arguments.add([
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo",
        "-pix_fmt",
        format,
        "pipe:1",
    ]);
    arguments
}

/// What is done with each frame that was decoded.
fn filters(spec: &VideoSpec, video: &VideoStream, format: &str) -> String {
    let (num, den) = spec.file_rate();
    let mut filter = format!(
        "fps=fps={num}/{den}:round=up:start_time={}",
        seconds(spec.skipped_micros())
    );
    if video.interlaced {
        filter = format!("bwdif=mode=send_frame:deint=interlaced,{filter}");
    }
    if video.alpha && !spec.alpha {
        filter.push_str(on_black(video));
    }
    if is_right(video, spec) {
        // Hands frames on as they are, but not those whose size is another all of a sudden.
        let _ = write!(filter, ",scale={}:{}", spec.size.width, spec.size.height);
    } else {
        filter.push_str(&to_bt709(video, spec.size, format));
    }
    filter
}

/// The decoder, where ffmpeg's own choice would drop the plane of opacity.
pub(crate) fn decoder(video: &VideoStream) -> &'static [&'static str] {
    match video.codec.as_str() {
        "vp9" if video.alpha => &["-c:v", "libvpx-vp9"],
        "vp8" if video.alpha => &["-c:v", "libvpx"],
        _ => &[],
    }
}

/// Whether the decoder's frames are what is asked for, as they are.
fn is_right(video: &VideoStream, spec: &VideoSpec) -> bool {
    let colour = &video.colour;
    let size = video.coded == spec.size && video.shown == spec.size;
    let tagged = colour.matrix.as_deref() == Some("bt709") && colour.range.as_deref() == Some("tv");
    let plain = video.pixel_format == "yuv420p" && !video.alpha && is_plain(video);
    size && tagged && plain && !spec.alpha
}

/// What is seen of a picture with transparent parts where nothing lies behind it. Without this the
/// colours that nobody was to see would come to light.
fn on_black(video: &VideoStream) -> &'static str {
    if video.pixel_format.starts_with("yuva") || video.codec.starts_with("vp") {
        ",premultiply=inplace=1"
    } else {
        ",format=gbrap|gbrap10le|gbrap12le|gbrap16le,premultiply=inplace=1"
    }
}

/// Containers with an index of key frames: a seek lands on one at or before the time asked for.
fn seeks_exactly(container: &str) -> bool {
    container.starts_with("mov,") || container.starts_with("matroska,")
}

/// Microseconds as ffmpeg reads them.
fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// Even, and at least 2.
pub(crate) fn even(size: Size) -> Size {
    Size {
        width: (size.width & !1).max(2),
        height: (size.height & !1).max(2),
    }
}

/// The picture of a probed file, or an error that names the file.
pub(crate) fn picture_of<'a>(probe: &'a Probe, path: &Path) -> Result<&'a VideoStream> {
    probe
        .video
        .as_ref()
        .ok_or_else(|| MediaError::bad(path, "it has no picture"))
}
