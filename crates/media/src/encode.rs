//! Encoding a chunk of the picture.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ChildStdin;
use std::time::Duration;

use tempfile::{NamedTempFile, TempPath};
use workprint_model::show::Preset;
use workprint_model::{Encoder, Frames, Rate, Size};

use crate::Media;
use crate::backend::Backend;
use crate::decode::check_size;
use crate::error::{MediaError, Result};
use crate::mp4;
use crate::planes::Planes;
use crate::process::{Arguments, Call, Input, Running};
use crate::program::FFMPEG_HINT;
use crate::sessions::Session;
use crate::x264::{self, nothing_to_repeat};

/// A chunk to encode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkSpec {
    /// The file that is written: an MP4 (or what [`Backend::container`] says) without sound. One
    /// that exists is replaced.
    pub out: PathBuf,
    /// What encodes it. Whether it works here is told by [`Media::try_encoder`].
    pub encoder: Encoder,
    /// The frames' size: even numbers.
    pub size: Size,
    /// Frames a second.
    pub rate: Rate,
    /// Quality: 0 (best) to 51.
    pub crf: u8,
    /// How hard the encoder tries.
    pub preset: Preset,
    /// How many frames libx264 encodes side by side, 1 to 16: what it writes depends on it. Other encoders
    /// take no notice.
    pub threads: u8,
    /// The build of libx264 in [`Media::identity`] that the bytes must be of, such as `164 r3095`:
    /// where `workprint-x264` has the same, it encodes.
    pub build: Option<String>,
}

impl ChunkSpec {
    /// How many bytes a frame has in the format that the encoder takes: [`Backend::format`].
    pub fn frame_bytes(&self) -> usize {
        Backend::of(self.encoder).format.frame_bytes(self.size)
    }

    /// The most frames from key frame to key frame: eight seconds. Each costs as much as several
    /// frames, and every chunk begins with one.
    pub(crate) fn key_frames(&self) -> u32 {
        self.rate.num().div_ceil(self.rate.den()).saturating_mul(8)
    }
}

/// How closely an encoder is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watching {
    /// What ffmpeg tells of its work.
    pub(crate) level: &'static str,
    /// How long it may take.
    pub(crate) limit: Option<Duration>,
}

impl Default for Watching {
    fn default() -> Self {
        Self {
            level: "error",
            limit: None,
        }
    }
}

/// Takes frames and encodes them. Dropping it without [`Self::finish`] stops the program and leaves
/// an unusable file.
#[derive(Debug)]
pub struct ChunkWriter {
    frame_bytes: usize,
    by: By,
}

#[derive(Debug)]
enum By {
    X264(Box<x264::Writer>),
    Ffmpeg(Box<FfmpegWriter>),
}

#[derive(Debug)]
struct FfmpegWriter {
    running: Running,
    stdin: Option<ChildStdin>,
    last: Option<Planes>,
    frames: u64,
    rate: Rate,
    out: PathBuf,
    /// What ffmpeg writes, where its file is not the chunk's.
    own: Option<TempPath>,
    /// Dropped after the program, whose place it is.
    _session: Option<Session>,
}

impl ChunkWriter {
    /// Memory for a frame of [`ChunkSpec::frame_bytes`], to be painted and given to
    /// [`Self::write`]; what it holds before is undefined. One is lent at a time. May wait for the
    /// encoder.
    pub fn blank(&mut self) -> Result<Planes> {
        match &mut self.by {
            By::X264(writer) => writer.blank(),
            By::Ffmpeg(writer) => Ok(writer.blank(self.frame_bytes)),
        }
    }

    /// Encodes a frame that [`Self::blank`] lent: planes in BT.709, limited range.
    pub fn write(&mut self, planes: Planes) -> Result<()> {
        match &mut self.by {
            By::X264(writer) => writer.write(planes),
            By::Ffmpeg(writer) => writer.write(planes),
        }
    }

    /// Encodes the last frame once more.
    pub fn again(&mut self) -> Result<()> {
        match &mut self.by {
            By::X264(writer) => writer.again(),
            By::Ffmpeg(writer) => writer.again(),
        }
    }

    /// Encodes a copy of a frame.
    pub fn copy(&mut self, frame: &[u8]) -> Result<()> {
        if frame.len() != self.frame_bytes {
            return Err(MediaError::BadRequest(format!(
                "a frame has {} bytes, not {}",
                self.frame_bytes,
                frame.len()
            )));
        }
        let mut planes = self.blank()?;
        planes.copy_from_slice(frame);
        self.write(planes)
    }

    /// Waits for the encoder and checks that every frame is in the file; how many there are.
    pub fn finish(self) -> Result<Frames> {
        match self.by {
            By::X264(writer) => writer.finish(),
            By::Ffmpeg(writer) => Ok(writer.finish()?.0),
        }
    }

    /// The same, with what ffmpeg said meanwhile.
    pub(crate) fn finish_telling(self) -> Result<(Frames, String)> {
        match self.by {
            By::X264(writer) => Ok((writer.finish()?, String::new())),
            By::Ffmpeg(writer) => writer.finish(),
        }
    }
}

impl FfmpegWriter {
    fn blank(&mut self, bytes: usize) -> Planes {
        let last = self.last.take();
        last.unwrap_or_else(|| Planes::own(vec![0; bytes]))
    }

    fn write(&mut self, planes: Planes) -> Result<()> {
        self.last = Some(planes);
        self.again()
    }

    fn again(&mut self) -> Result<()> {
        let last = self.last.as_ref().ok_or_else(nothing_to_repeat)?;
        let Some(stdin) = &mut self.stdin else {
            return Err(self.running.failure());
        };
        if stdin.write_all(last).is_err() {
            // The encoder's own words say more than a broken pipe.
            self.stdin = None;
            return Err(self.running.failure());
        }
        self.frames += 1;
        Ok(())
    }

    fn finish(mut self) -> Result<(Frames, String)> {
        self.stdin = None;
        let said = self.running.finish_telling()?;
        let track = mp4::Track::read(self.own.as_deref().unwrap_or(&self.out))?;
        let written = track.samples.len() as u64;
        if written != self.frames {
            let why = format!("{} frames went in and {written} came out", self.frames);
            return Err(MediaError::bad(&self.out, why));
        }
        if self.own.is_some() {
            mp4::write_joined(&self.out, &[track], self.rate)?;
        }
        Ok((Frames(written), said))
    }
}

impl Media {
    /// Ends programs that wait for another chunk. The next chunk starts one again.
    pub fn rest(&self) {
        self.idle.clear();
    }

    /// Starts encoding a chunk.
    ///
    /// On the CPU the same frames give the same bytes whatever else runs: the encoder has as many
    /// threads as it is told, and nothing of the time or the machine is written. The first frame is a key frame and
    /// no frame refers to one outside the chunk, so that chunks of the same settings can be joined.
    pub fn encode_chunk(&self, spec: &ChunkSpec) -> Result<ChunkWriter> {
        self.encode_chunk_watched(spec, Watching::default())
    }

    pub(crate) fn encode_chunk_watched(
        &self,
        spec: &ChunkSpec,
        watching: Watching,
    ) -> Result<ChunkWriter> {
        check_size(spec.size)?;
        if spec.crf > 51 {
            return Err(MediaError::BadRequest(format!(
                "the quality cannot be `{}`: 0 (best) to 51 are possible",
                spec.crf
            )));
        }
        if let Some(writer) = self.encode_with_x264(spec)? {
            return Ok(ChunkWriter {
                frame_bytes: spec.frame_bytes(),
                by: By::X264(Box::new(writer)),
            });
        }
        // The file itself is ours, so that it is the same whatever program coded the frames.
        let own = (spec.encoder == Encoder::X264)
            .then(|| beside(&spec.out))
            .transpose()?
            .map(NamedTempFile::into_temp_path);
        let session = if spec.encoder.is_hardware() {
            Some(self.sessions.enter(&self.cancel)?)
        } else {
            None
        };
        let mut running = Running::start(
            Call {
                program: &self.programs.ffmpeg,
                hint: FFMPEG_HINT,
                arguments: chunk_arguments(spec, own.as_deref(), watching.level)?.0,
                input: Input::Pipe,
                subject: spec.out.clone(),
                limit: watching.limit,
            },
            &self.cancel,
        )?;
        Ok(ChunkWriter {
            frame_bytes: spec.frame_bytes(),
            by: By::Ffmpeg(Box::new(FfmpegWriter {
                stdin: running.wide_stdin(),
                running,
                last: None,
                frames: 0,
                rate: spec.rate,
                out: spec.out.clone(),
                own,
                _session: session,
            })),
        })
    }
}

/// A file in the same folder, which is removed in the end.
pub(crate) fn beside(out: &Path) -> Result<NamedTempFile> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    NamedTempFile::new_in(folder).map_err(MediaError::io("write in", folder))
}

fn chunk_arguments(spec: &ChunkSpec, own: Option<&Path>, level: &str) -> Result<Arguments> {
    let backend = Backend::of(spec.encoder);
    let mut arguments = Arguments::default();
    arguments.add(["-hide_banner", "-nostdin", "-nostats", "-v", level, "-y"]);
    backend.before_input(&mut arguments);
    arguments.add(["-f", "rawvideo", "-pix_fmt", backend.format.name()]);
    arguments.set("-video_size", spec.size);
    arguments.set("-framerate", spec.rate);
    arguments.add(["-i", "pipe:0", "-an", "-fps_mode", "passthrough"]);
    backend.settings(&mut arguments, (spec.crf, spec.preset), spec.threads);
    arguments.set("-g", spec.key_frames());
    arguments.set("-video_track_timescale", mp4::timescale(spec.rate)?);
    arguments.add(["-f", backend.container.extension()]);
    arguments.file(own.unwrap_or(&spec.out));
    Ok(arguments)
}
