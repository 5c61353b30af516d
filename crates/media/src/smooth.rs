//! More frames a second than a clip has.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ChildStdin;
use std::sync::atomic::{AtomicU64, Ordering};

use workprint_model::show::Preset;
use workprint_model::{Encoder, Frames, Percent, Rate, Samples, Size};

use crate::Media;
use crate::decode::{VideoReader, VideoSpec, even, fill, picture_of};
use crate::encode::ChunkSpec;
use crate::error::{MediaError, Result};
use crate::process::{Arguments, Call, Input, Running};
use crate::program::{FFMPEG_HINT, RIFE_HINT};

/// What finds the frames between frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interpolator {
    /// ffmpeg's motion compensation.
    Motion,
    /// `rife-ncnn-vulkan` with the model in the folder `rife-v4.6` beside it.
    Rife,
}

/// Quality of the file between interpolation and the film: no loss to be seen.
const CRF: u8 = 10;
/// Motion compensation looks this far ahead; so often is the last frame repeated for it.
const LOOK_AHEAD: usize = 3;

impl Media {
    /// Makes `factor` (2 to 8) frames of each of a clip's, without its sound, as an MP4 in `out`.
    ///
    /// The result has the clip's shown size (even), `factor` times its average rate and `factor`
    /// times as many frames as the clip gives at its average rate; how many, and at which rate, is
    /// the answer. Frame `n * factor` is the clip's frame `n`, the last frames are its last one. The
    /// same clip gives the same bytes with [`Interpolator::Motion`].
    pub fn interpolate(
        &self,
        path: &Path,
        out: &Path,
        factor: u8,
        with: Interpolator,
    ) -> Result<(Frames, Rate)> {
        if !(2..=8).contains(&factor) {
            return Err(MediaError::BadRequest(format!(
                "a clip cannot be smoothed `{factor}` times: 2 to 8 are possible"
            )));
        }
        let probe = self.probe(path)?;
        let video = picture_of(&probe, path)?;
        let from = video
            .rate
            .ok_or_else(|| MediaError::bad(path, "its frame rate is not known"))?;
        let rate = from
            .num()
            .checked_mul(u32::from(factor))
            .and_then(|num| Rate::new(num, from.den()).ok())
            .ok_or_else(|| {
                MediaError::BadRequest(format!(
                    "`{from}` frames a second cannot become {factor} times as many: 240 are the most"
                ))
            })?;
        let smooth = Smooth {
            media: self,
            source: VideoSpec {
                path: path.to_owned(),
                start: Samples(0),
                speed: Percent::WHOLE,
                rate: from,
                size: even(video.shown),
                skip: Frames(0),
                alpha: false,
            },
            size: even(video.shown),
            rate,
            factor: u64::from(factor),
            out,
        };
        let frames = match with {
            Interpolator::Motion => smooth.motion()?,
            Interpolator::Rife => smooth.rife()?,
        };
        Ok((frames, rate))
    }
}

/// One clip on its way to more frames, or to larger ones.
pub(crate) struct Smooth<'a> {
    pub(crate) media: &'a Media,
    pub(crate) source: VideoSpec,
    /// The size of the frames that are made.
    pub(crate) size: Size,
    pub(crate) rate: Rate,
    pub(crate) factor: u64,
    pub(crate) out: &'a Path,
}

impl Smooth<'_> {
    fn motion(&self) -> Result<Frames> {
        let mut arguments = self.raw_arguments();
        arguments.set(
            "-vf",
            format!(
                "minterpolate=fps={}:mi_mode=mci:mc_mode=aobmc:me_mode=bidir:vsbmc=1:scd=fdiff",
                self.rate
            ),
        );
        arguments.add([
            "-fps_mode",
            "passthrough",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "yuv420p",
        ]);
        arguments.add(["pipe:1"]);
        let frames = self.media.decode_video(&self.source)?;
        let mut running = self.start_ffmpeg(arguments, &self.source.path)?;
        let (stdin, stdout) = (running.stdin(), running.stdout());
        let (Some(stdin), Some(stdout)) = (stdin, stdout) else {
            return Err(running.failure());
        };
        let fed = AtomicU64::new(0);
        let (feeding, made) = std::thread::scope(|scope| {
            let feeder = scope.spawn(|| self.feed(frames, stdin, &fed));
            let made = self.encode(stdout, || fed.load(Ordering::SeqCst) * self.factor);
            (feeder.join(), made)
        });
        // A clip that cannot be read says more than the programs after it.
        if let Ok(feeding) = feeding {
            feeding?;
        }
        let made = made?;
        running.finish()?;
        Ok(made)
    }

    /// Hands the clip's frames over, and the last of them some times more. A pipe that breaks is the
    /// business of whoever waits for the program.
    fn feed(&self, mut frames: VideoReader, mut to: impl Write, fed: &AtomicU64) -> Result<()> {
        let mut frame = vec![0; self.source.frame_bytes()];
        while frames.next(&mut frame)? {
            fed.fetch_add(1, Ordering::SeqCst);
            if to.write_all(&frame).is_err() {
                return Ok(());
            }
        }
        for _ in 0..LOOK_AHEAD {
            if to.write_all(&frame).is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Encodes the frames of `from`, as many as `most` says at the time, and repeats the last one
    /// where there are fewer in the end.
    fn encode(&self, mut from: impl Read, most: impl Fn() -> u64) -> Result<Frames> {
        let mut writer = self.media.encode_chunk(&ChunkSpec {
            out: self.out.to_owned(),
            encoder: Encoder::X264,
            size: self.size,
            rate: self.rate,
            crf: CRF,
            preset: Preset::Veryfast,
            threads: 1,
            build: None,
        })?;
        let made = VideoSpec {
            size: self.size,
            ..self.source.clone()
        };
        let mut next = vec![0; made.frame_bytes()];
        let mut written = 0;
        loop {
            let filled = fill(&mut from, &mut next)
                .map_err(MediaError::io("read frames of", &self.source.path))?;
            if filled < next.len() {
                break;
            }
            if written < most() {
                writer.copy(&next)?;
                written += 1;
            }
        }
        if written == 0 {
            return Err(MediaError::bad(&self.source.path, "it has no frames"));
        }
        while written < most() {
            writer.again()?;
            written += 1;
        }
        writer.finish()
    }

    fn rife(&self) -> Result<Frames> {
        let program = self.media.rife_program()?;
        let folder = self
            .out
            .parent()
            .filter(|path| !path.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let room = tempfile::Builder::new()
            .prefix(".smooth-")
            .tempdir_in(folder)
            .map_err(MediaError::io("make a folder in", folder))?;
        let (before, after) = (room.path().join("before"), room.path().join("after"));
        for folder in [&before, &after] {
            std::fs::create_dir(folder).map_err(MediaError::io("make", folder))?;
        }
        let wanted = self.extract(&before)? * self.factor;
        let mut arguments = Arguments::default();
        arguments.add([Path::new("-i"), &before, Path::new("-o"), &after]);
        let models = program.parent().unwrap_or(Path::new("."));
        arguments.add([Path::new("-m"), &models.join("rife-v4.6")]);
        arguments.set("-n", wanted);
        arguments.add(["-f", "%08d.png"]);
        let call = Call {
            program,
            hint: RIFE_HINT,
            arguments: arguments.0,
            input: Input::Nothing,
            subject: self.source.path.clone(),
            limit: None,
        };
        Running::start(call, &self.media.cancel)?.output(1 << 20)?;
        let pictures = pictures(&after, wanted, &self.source.path)?;
        self.encode_pictures(|mut to, fed| {
            fed.store(wanted, Ordering::SeqCst);
            hand_over(&pictures, &mut to).map(drop)
        })
    }

    /// Writes the clip's frames as PNG files; how many.
    fn extract(&self, folder: &Path) -> Result<u64> {
        let mut frames = self.media.decode_video(&self.source)?;
        match self.extract_next(&mut frames, u64::MAX, folder)? {
            0 => Err(MediaError::bad(&self.source.path, "it has no frames")),
            count => Ok(count),
        }
    }

    /// Writes the next frames, `most` of them where there are as many, as PNG files; how many.
    pub(crate) fn extract_next(
        &self,
        frames: &mut VideoReader,
        most: u64,
        folder: &Path,
    ) -> Result<u64> {
        let mut frame = vec![0; self.source.frame_bytes()];
        if !frames.next(&mut frame)? {
            return Ok(0);
        }
        let mut arguments = self.raw_arguments();
        arguments.add(["-fps_mode", "passthrough", "-f", "image2", "-c:v", "png"]);
        let scale = "scale=in_color_matrix=bt709:in_range=tv:flags=accurate_rnd+full_chroma_int";
        arguments.add(["-vf", scale, "-pix_fmt", "rgb24"]);
        // A per cent sign in the folder's name would be taken for a number's place.
        let pattern = folder.to_string_lossy().replace('%', "%%");
        arguments.file(&Path::new(&pattern).join("%08d.png"));
        let mut running = self.start_ffmpeg(arguments, folder)?;
        let Some(mut to) = running.stdin() else {
            return Err(running.failure());
        };
        let mut count = 0;
        loop {
            if to.write_all(&frame).is_err() {
                drop(to);
                return Err(running.failure());
            }
            count += 1;
            if count == most || !frames.next(&mut frame)? {
                break;
            }
        }
        drop(to);
        running.finish()?;
        Ok(count)
    }

    /// Encodes the PNG pictures that `feed` writes, one after the other. It counts them before it writes them; where
    /// nobody reads them any more, it ends well.
    pub(crate) fn encode_pictures(
        &self,
        feed: impl FnOnce(ChildStdin, &AtomicU64) -> Result<()> + Send,
    ) -> Result<Frames> {
        let mut arguments = Arguments::default();
        arguments.add(["-hide_banner", "-nostdin", "-v", "error"]);
        arguments.add(["-f", "png_pipe", "-i", "pipe:0"]);
        let size = self.size;
        let scale = format!(
            "scale={}:{}:out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_inp,format=yuv420p",
            size.width, size.height
        );
        arguments.add([
            "-vf",
            &scale,
            "-fps_mode",
            "passthrough",
            "-f",
            "rawvideo",
            "pipe:1",
        ]);
        let mut running = self.start_ffmpeg(arguments, &self.source.path)?;
        let (stdin, stdout) = (running.stdin(), running.stdout());
        let (Some(stdin), Some(stdout)) = (stdin, stdout) else {
            return Err(running.failure());
        };
        let fed = AtomicU64::new(0);
        let (feeding, made) = std::thread::scope(|scope| {
            let feeder = scope.spawn(|| feed(stdin, &fed));
            let made = self.encode(stdout, || fed.load(Ordering::SeqCst));
            (feeder.join(), made)
        });
        // Pictures that could not be made say more than the program that lacks them.
        if let Ok(feeding) = feeding {
            feeding?;
        }
        let made = made?;
        running.finish()?;
        Ok(made)
    }

    fn raw_arguments(&self) -> Arguments {
        let mut arguments = Arguments::default();
        arguments.add(["-hide_banner", "-nostdin", "-v", "error", "-y"]);
        arguments.add(["-f", "rawvideo", "-pix_fmt", "yuv420p"]);
        arguments.set("-video_size", self.source.size);
        arguments.set("-framerate", self.source.rate);
        arguments.add(["-i", "pipe:0"]);
        arguments
    }

    fn start_ffmpeg(&self, arguments: Arguments, subject: &Path) -> Result<Running> {
        Running::start(
            Call {
                program: &self.media.programs.ffmpeg,
                hint: FFMPEG_HINT,
                arguments: arguments.0,
                input: Input::Pipe,
                subject: subject.to_owned(),
                limit: None,
            },
            &self.media.cancel,
        )
    }
}

/// Writes pictures one after the other; `false` where the pipe broke, which is the business of whoever waits for the
/// program at its end.
pub(crate) fn hand_over(pictures: &[PathBuf], to: &mut impl Write) -> Result<bool> {
    for picture in pictures {
        let mut file = File::open(picture).map_err(MediaError::io("open", picture))?;
        if std::io::copy(&mut file, to).is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The files of a folder in order, which were made of `subject`. The program that made them ends well even where it
/// could not write some, so they are counted.
pub(crate) fn pictures(folder: &Path, wanted: u64, subject: &Path) -> Result<Vec<PathBuf>> {
    let read = || MediaError::io("read", folder);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(read())? {
        let entry = entry.map_err(read())?;
        if entry.metadata().map_err(read())?.len() > 0 {
            files.push(entry.path());
        }
    }
    files.sort();
    if files.len() as u64 == wanted {
        return Ok(files);
    }
    let why = format!("{} pictures were made of it, not {wanted}", files.len());
    Err(MediaError::bad(subject, why))
}
