//! Pictures and clips enlarged by a model: `realesrgan-ncnn-vulkan`.
//!
//! The program ends well even where it could not read or write a picture, so what it made is looked for, counted and
//! measured.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::ChildStdin;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;
use workprint_model::show::UpscaleModel;
use workprint_model::{Frames, Percent, Samples, Size};

use crate::Media;
use crate::decode::{VideoSpec, even, picture_of};
use crate::error::{MediaError, Result};
use crate::process::{Arguments, Call, Input, Running};
use crate::program::REALESRGAN_HINT;
use crate::smooth::{Smooth, hand_over, pictures};

/// The most pixels of an enlarged picture.
const MOST_PIXELS: u64 = 64_000_000;
/// The most pixels of an enlarged clip's frame: 8K.
const MOST_FRAME: u64 = 7680 * 4320;
/// The longest side of either.
const MOST_SIDE: u32 = 16_384;
/// The largest file that an enlarged picture may be.
const MOST_BYTES: u64 = 256 << 20;
/// A clip's frames lie on the disk as pictures for a while: so many at once, and so many bytes of enlarged pixels.
const MOST_FRAMES: u64 = 100;
const MOST_ROOM: u64 = 2 << 30;

/// How something is enlarged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upscale {
    /// How many times.
    pub factor: u8,
    /// By which model.
    pub model: UpscaleModel,
}

impl Upscale {
    /// The size of a picture of this size once it is enlarged. One that would have more than 64 million pixels or a side
    /// over 16384 is refused, and a factor that the model does not know.
    pub fn picture(self, size: Size) -> Result<Size> {
        self.of(size, MOST_PIXELS)
    }

    fn of(self, size: Size, most: u64) -> Result<Size> {
        let Self { factor, model } = self;
        if !model.factors().contains(&factor) {
            return Err(MediaError::BadRequest(format!(
                "`{}` does not enlarge {factor} times",
                model.name()
            )));
        }
        let side = |side: u32| side.checked_mul(u32::from(factor));
        let sides = side(size.width).zip(side(size.height));
        let fits = |size: &Size| {
            size.width.max(size.height) <= MOST_SIDE
                && u64::from(size.width) * u64::from(size.height) <= most
        };
        sides
            .map(|(width, height)| Size { width, height })
            .filter(fits)
            .ok_or_else(|| {
                MediaError::BadRequest(format!(
                    "{size} enlarged {factor} times is too large: {most} pixels and sides of {MOST_SIDE} are the most"
                ))
            })
    }
}

impl Media {
    /// Enlarges a PNG, which was made of the file at `path`, to a PNG; `folder` is where that happens.
    pub fn upscale_picture(
        &self,
        path: &Path,
        png: &[u8],
        folder: &Path,
        with: Upscale,
    ) -> Result<Vec<u8>> {
        let size = png_size(png).ok_or_else(|| MediaError::bad(path, "it is no PNG"))?;
        let size = with.picture(size)?;
        let room = room(folder)?;
        let [before, after] = ["before.png", "after.png"].map(|name| room.path().join(name));
        std::fs::write(&before, png).map_err(MediaError::io("write", &before))?;
        self.enlarge((&before, &after), with, path)?;
        check_made(&after, size, path)?;
        let length = std::fs::metadata(&after).map_err(MediaError::io("read", &after))?;
        if length.len() > MOST_BYTES {
            let why = format!("what was made of it has more than {MOST_BYTES} bytes");
            return Err(MediaError::bad(path, why));
        }
        std::fs::read(&after).map_err(MediaError::io("read", &after))
    }

    /// Enlarges a clip, without its sound, as an MP4 in `out`: how many frames that has, which are as many as the clip
    /// gives at its average rate, and their size. A frame of more than 8K is refused.
    ///
    /// However long the clip is, a hundred of its frames lie on the disk as pictures at once.
    pub fn upscale_clip(&self, path: &Path, out: &Path, with: Upscale) -> Result<(Frames, Size)> {
        let probe = self.probe(path)?;
        let video = picture_of(&probe, path)?;
        let rate = video
            .rate
            .ok_or_else(|| MediaError::bad(path, "its frame rate is not known"))?;
        let source = VideoSpec {
            path: path.to_owned(),
            start: Samples(0),
            speed: Percent::WHOLE,
            rate,
            size: even(video.shown),
            skip: Frames(0),
            alpha: false,
        };
        let size = with.of(source.size, MOST_FRAME)?;
        let clip = Smooth {
            media: self,
            source,
            size,
            rate,
            factor: 1,
            out,
        };
        let frames = clip.encode_pictures(|to, fed| self.enlarge_all(&clip, with, (to, fed)))?;
        Ok((frames, size))
    }

    /// Enlarges a clip's frames, some of them at a time, and hands them over.
    fn enlarge_all(
        &self,
        clip: &Smooth<'_>,
        with: Upscale,
        (mut to, fed): (ChildStdin, &AtomicU64),
    ) -> Result<()> {
        let path = &clip.source.path;
        let pixels = u64::from(clip.size.width) * u64::from(clip.size.height);
        let most = (MOST_ROOM / (pixels * 3)).clamp(1, MOST_FRAMES);
        let mut frames = self.decode_video(&clip.source)?;
        loop {
            let room = room(clip.out.parent().unwrap_or(Path::new("")))?;
            let [before, after] = ["before", "after"].map(|name| room.path().join(name));
            for folder in [&before, &after] {
                std::fs::create_dir(folder).map_err(MediaError::io("make", folder))?;
            }
            let count = clip.extract_next(&mut frames, most, &before)?;
            if count == 0 {
                return Ok(());
            }
            self.enlarge((&before, &after), with, path)?;
            let made = pictures(&after, count, path)?;
            for picture in &made {
                check_made(picture, clip.size, path)?;
            }
            fed.fetch_add(count, Ordering::SeqCst);
            if !hand_over(&made, &mut to)? {
                return Ok(());
            }
        }
    }

    /// Runs the program over a PNG, or over a folder of them.
    fn enlarge(&self, (from, to): (&Path, &Path), with: Upscale, subject: &Path) -> Result<()> {
        let program = self.realesrgan_program()?;
        // The models lie beside the program and not beside a link to it.
        let real = program
            .canonicalize()
            .unwrap_or_else(|_| program.to_owned());
        let models = real.parent().unwrap_or(Path::new(".")).join("models");
        let mut arguments = Arguments::default();
        arguments.add([Path::new("-i"), from, Path::new("-o"), to]);
        arguments.add([Path::new("-m"), &models]);
        arguments.set("-s", with.factor);
        arguments.add(["-n", with.model.name(), "-f", "png"]);
        let call = Call {
            program,
            hint: REALESRGAN_HINT,
            arguments: arguments.0,
            input: Input::Nothing,
            subject: subject.to_owned(),
            limit: None,
        };
        Running::start(call, &self.cancel)?.output(1 << 20)?;
        Ok(())
    }
}

/// Refuses a picture that is not there, and one of another size than it should have.
fn check_made(picture: &Path, wanted: Size, subject: &Path) -> Result<()> {
    let mut head = Vec::new();
    let read = File::open(picture).and_then(|file| file.take(24).read_to_end(&mut head));
    let why = match read.ok().and_then(|_| png_size(&head)) {
        Some(size) if size == wanted => return Ok(()),
        Some(size) => format!("a picture of {size} was made of it, not {wanted}"),
        None => "no picture was made of it".to_owned(),
    };
    Err(MediaError::bad(subject, why))
}

/// The size in the head of a PNG (ISO/IEC 15948, 11.2.2).
fn png_size(bytes: &[u8]) -> Option<Size> {
    let rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR")?;
    let side = |at: usize| Some(u32::from_be_bytes(rest.get(at..at + 4)?.try_into().ok()?));
    Some(Size {
        width: side(0)?,
        height: side(4)?,
    })
}

/// An empty folder in another.
fn room(folder: &Path) -> Result<TempDir> {
    let folder = Some(folder).filter(|path| !path.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    tempfile::Builder::new()
        .prefix(".upscale-")
        .tempdir_in(folder)
        .map_err(MediaError::io("make a folder in", folder))
}
