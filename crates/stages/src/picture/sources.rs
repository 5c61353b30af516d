//! Where the painter's stills, clip frames and captions come from.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;
use workprint_engine::Work;
use workprint_media::{Media, VideoReader, VideoSpec};
use workprint_model::timeline::{Clip, Timeline};
use workprint_model::{Artifact, Digest, Frames, Rate, Size};
use workprint_picture::fonts::Fonts;
use workprint_picture::looks::MOST_CUBE_BYTES;
use workprint_picture::slate::Slates;
use workprint_picture::sources::{CaptionLook, PlacedRaster, SlateLook, Sources};
use workprint_picture::{CaptionArt, Cube, Detail, PictureError, Raster, Yuv};

use crate::Tools;

/// How many bytes of decoded pictures are kept at hand that no chunk shows: those of so many frames, and no
/// fewer than these. A still that fills the frame takes about as much as a frame.
const CACHE_FRAMES: usize = 3;
const CACHE_BYTES: usize = 8 << 20;

/// How much of a picture's file is read at a time.
const READ_BYTES: usize = 64 << 10;

/// Decoded pictures, shared by all chunks of a run. Those that a chunk shows stay as long as it does; of
/// the others the least recently used go first.
#[derive(Debug, Clone, Default)]
pub struct RasterCache(Arc<Mutex<Cached>>);

#[derive(Debug, Default)]
struct Cached {
    rasters: BTreeMap<Digest, (u64, Arc<Raster>)>,
    clock: u64,
}

impl RasterCache {
    fn find(&self, digest: &Digest) -> Option<Arc<Raster>> {
        let mut cached = lock(&self.0);
        cached.clock += 1;
        let now = cached.clock;
        let (used, raster) = cached.rasters.get_mut(digest)?;
        *used = now;
        Some(Arc::clone(raster))
    }

    fn put(&self, digest: Digest, raster: &Arc<Raster>, most: usize) {
        let mut cached = lock(&self.0);
        cached.clock += 1;
        let now = cached.clock;
        cached.rasters.insert(digest, (now, Arc::clone(raster)));
        cached.limit(most);
    }

    /// Forgets what nobody shows.
    pub(crate) fn clear(&self) {
        lock(&self.0).limit(0);
    }
}

impl Cached {
    /// Forgets what nobody shows and is more than `most` bytes.
    fn limit(&mut self, most: usize) {
        let idle = |raster: &Arc<Raster>| Arc::strong_count(raster) == 1;
        let mut idle: Vec<(u64, usize, Digest)> = self
            .rasters
            .iter()
            .filter(|(_, (_, raster))| idle(raster))
            .map(|(digest, (used, raster))| (*used, raster.bytes(), *digest))
            .collect();
        idle.sort_unstable_by_key(|(used, ..)| std::cmp::Reverse(*used));
        let mut bytes = 0;
        for (_, size, digest) in idle {
            bytes += size;
            if bytes > most {
                self.rasters.remove(&digest);
            }
        }
    }
}

fn failed(
    what: String,
    cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> PictureError {
    PictureError::Source {
        what,
        cause: cause.into(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks are caches: whatever a panic left there is still right.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers the painter of one chunk.
pub struct FrameSources {
    work: Work,
    media: Media,
    fonts: Arc<Fonts>,
    rate: Rate,
    cache: RasterCache,
    cache_bytes: usize,
    paths: BTreeMap<Digest, std::path::PathBuf>,
    clips: Mutex<BTreeMap<Digest, OpenClip>>,
    parked: ParkedClips,
    cubes: Mutex<BTreeMap<Digest, Arc<Cube>>>,
    captions: Mutex<Option<Arc<CaptionArt>>>,
    slates: Mutex<Option<Slates>>,
    /// What this chunk has shown: a frame may need more than the shared cache keeps.
    held: Mutex<BTreeMap<Digest, Arc<Raster>>>,
}

/// Clips that a chunk was done with: the next chunk of the shot goes on where it stopped. There are few
/// at a time, and none for long, since each is a program that holds frames.
#[derive(Debug, Clone, Default)]
pub struct ParkedClips(Arc<Mutex<Vec<Parked>>>);

#[derive(Debug)]
struct Parked {
    name: Digest,
    clip: OpenClip,
    /// How many chunks have begun since.
    passed: u8,
}

impl ParkedClips {
    const MOST: usize = 2;
    /// The next chunk of a shot comes at once: if so many others have come, it was kept from before.
    const PATIENCE: u8 = 4;

    fn park(&self, name: Digest, clip: OpenClip) {
        let mut parked = lock(&self.0);
        if parked.len() == Self::MOST {
            parked.remove(0);
        }
        parked.push(Parked {
            name,
            clip,
            passed: 0,
        });
    }

    /// A chunk begins.
    fn pass(&self) {
        lock(&self.0).retain_mut(|parked| {
            parked.passed += 1;
            parked.passed <= Self::PATIENCE
        });
    }

    /// Ends their programs.
    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }

    /// The clip of a name that is nearest before a frame.
    fn take(&self, name: &Digest, frame: u64) -> Option<OpenClip> {
        let mut parked = lock(&self.0);
        let before = parked.iter().enumerate();
        let before = before.filter(|(_, of)| of.name == *name && of.clip.reaches(frame));
        let (at, _) = before.max_by_key(|(_, of)| of.clip.next)?;
        Some(parked.remove(at).clip)
    }
}

#[derive(Debug)]
struct OpenClip {
    reader: VideoReader,
    frames: u64,
    next: u64,
    last: Option<(u64, Arc<Yuv>)>,
}

impl OpenClip {
    /// Whether a frame is still to come, or is the last that came.
    fn reaches(&self, frame: u64) -> bool {
        self.next <= frame || self.last.as_ref().is_some_and(|last| last.0 == frame)
    }
}

impl Drop for FrameSources {
    fn drop(&mut self) {
        lock(&self.held).clear();
        lock(&self.cache.0).limit(self.cache_bytes);
        for (name, clip) in std::mem::take(&mut *lock(&self.clips)) {
            // Of one that has been shown to its end nobody wants more.
            if clip.next < clip.frames {
                self.parked.park(name, clip);
            }
        }
    }
}

impl std::fmt::Debug for FrameSources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FrameSources")
    }
}

impl FrameSources {
    /// Sources for painting frames of `timeline`.
    pub fn new(tools: &Tools, work: &Work, timeline: &Timeline) -> Self {
        tools.parked.pass();
        let shots = timeline
            .shots
            .iter()
            .filter_map(|shot| match &shot.picture {
                workprint_model::timeline::PlacedPicture::Clip(clip) => Some(clip.video.digest),
                workprint_model::timeline::PlacedPicture::Still(_)
                | workprint_model::timeline::PlacedPicture::Plate(_) => None,
            });
        let overlays = timeline
            .overlays
            .iter()
            .filter_map(|overlay| overlay.clip.as_ref());
        let clips = shots.chain(overlays.map(|clip| clip.video.digest));
        let shot_looks = timeline.shots.iter().flat_map(|shot| &shot.looks);
        let cubes = shot_looks.chain(&timeline.looks).filter_map(|look| {
            let cube = look.cube.as_ref()?;
            Some(cube.digest)
        });
        let paths = clips
            .chain(cubes)
            .filter_map(|digest| Some((digest, tools.locate(work, &digest).ok()?)))
            .collect();
        Self {
            work: work.clone(),
            media: tools.media.clone(),
            fonts: tools.fonts.clone(),
            rate: timeline.rate,
            cache: tools.rasters.clone(),
            cache_bytes: CACHE_BYTES.max(CACHE_FRAMES * Yuv::bytes(timeline.size)),
            paths,
            clips: Mutex::default(),
            parked: tools.parked.clone(),
            cubes: Mutex::default(),
            captions: Mutex::default(),
            slates: Mutex::default(),
            held: Mutex::default(),
        }
    }

    fn held(&self, image: &Artifact, detail: Detail) -> Option<Arc<Raster>> {
        let held = lock(&self.held);
        let raster = held.get(&image.digest)?;
        raster.detail().holds(detail).then(|| Arc::clone(raster))
    }

    fn load(&self, image: &Artifact, detail: Detail) -> Result<Arc<Raster>, PictureError> {
        let known = self.cache.find(&image.digest);
        let detail = match known {
            Some(raster) if raster.detail().holds(detail) => return Ok(raster),
            // The same picture is looked at from near and from afar.
            Some(coarse) => coarse.detail().and(detail),
            None => detail,
        };
        let what = || format!("the image `{}`", image.digest.short());
        let file = self.work.store().open_artifact(&image.digest);
        let file = file.map_err(|error| failed(what(), error))?;
        let mut file = BufReader::with_capacity(READ_BYTES, file);
        let raster = Raster::read_png(&mut file, detail).map_err(|error| failed(what(), error))?;
        let raster = Arc::new(raster);
        self.cache.put(image.digest, &raster, self.cache_bytes);
        Ok(raster)
    }

    fn open(&self, clip: &Clip, size: Size, skip: u64) -> Result<OpenClip, PictureError> {
        let what = || format!("the clip `{}`", clip.video.digest.short());
        let path = self
            .paths
            .get(&clip.video.digest)
            .ok_or_else(|| failed(what(), std::io::Error::from(std::io::ErrorKind::NotFound)))?;
        let spec = VideoSpec {
            path: path.clone(),
            start: clip.start,
            speed: clip.speed,
            rate: self.rate,
            size,
            skip: Frames(skip),
            alpha: false,
        };
        let reader = self
            .media
            .decode_video(&spec)
            .map_err(|error| failed(what(), error))?;
        Ok(OpenClip {
            reader,
            frames: clip.frames.0,
            next: skip,
            last: None,
        })
    }
}

/// A text of the production, where it is still the one that was asked for.
fn read_text(path: &std::path::Path, digest: &Digest) -> std::io::Result<String> {
    let invalid = |text: &'static str| std::io::Error::new(std::io::ErrorKind::InvalidData, text);
    if std::fs::metadata(path)?.len() > MOST_CUBE_BYTES {
        return Err(invalid("it is too large"));
    }
    let bytes = std::fs::read(path)?;
    if Digest::of(&bytes) != *digest {
        return Err(invalid("it changed while it was used: run again"));
    }
    String::from_utf8(bytes).map_err(|_| invalid("it is not UTF-8 text"))
}

impl Sources for FrameSources {
    fn still(&self, image: &Artifact) -> Result<Arc<Raster>, PictureError> {
        self.still_in(image, Detail::FINEST)
    }

    fn still_in(&self, image: &Artifact, detail: Detail) -> Result<Arc<Raster>, PictureError> {
        if let Some(raster) = self.held(image, detail) {
            return Ok(raster);
        }
        let raster = self.load(image, detail)?;
        lock(&self.held).insert(image.digest, Arc::clone(&raster));
        Ok(raster)
    }

    fn expect(&self, images: &[(&Artifact, Detail)]) {
        let missing = images
            .iter()
            .filter(|(image, detail)| self.held(image, *detail).is_none());
        let missing: Vec<_> = missing.copied().collect();
        if missing.len() > 1 {
            // Whoever asks for one that cannot be had is told why then.
            missing
                .into_par_iter()
                .for_each(|(image, detail)| drop(self.still_in(image, detail)));
        }
    }

    fn clip(&self, clip: &Clip, size: Size, frame: Frames) -> Result<Arc<Yuv>, PictureError> {
        let what = || match self.paths.get(&clip.video.digest) {
            Some(path) => format!("the clip `{}`", path.display()),
            None => format!("the clip `{}`", clip.video.digest.short()),
        };
        let name = Digest::of_json(&(clip, size, self.rate));
        let mut clips = lock(&self.clips);
        let open = match clips.remove(&name) {
            Some(open) if open.reaches(frame.0) => open,
            _ => match self.parked.take(&name, frame.0) {
                Some(parked) => parked,
                None => self.open(clip, size, frame.0)?,
            },
        };
        let open = clips.entry(name).or_insert(open);
        while open.last.as_ref().is_none_or(|(at, _)| *at < frame.0) {
            // The frame before is written over, unless it is still looked at.
            let before = open.last.take().map(|(_, yuv)| Arc::try_unwrap(yuv));
            let is_first = before.is_none();
            let (mut yuv, shared) = match before {
                Some(Ok(yuv)) => (yuv, None),
                Some(Err(shared)) => (Yuv::new(size)?, Some(shared)),
                None => (Yuv::new(size)?, None),
            };
            let there = open
                .reader
                .next(&mut yuv.data)
                .map_err(|error| failed(what(), error))?;
            if there {
                open.last = Some((open.next, Arc::new(yuv)));
                open.next += 1;
            } else if !is_first {
                // The container promised more frames than there are: the last one stays.
                open.last = Some((frame.0, shared.unwrap_or_else(|| Arc::new(yuv))));
            } else if open.next > 0 {
                *open = self.open(clip, size, open.next - 1)?;
            } else {
                return Err(failed(
                    what(),
                    std::io::Error::other(
                        "it has no frame that can be decoded where its shot begins",
                    ),
                ));
            }
        }
        open.last
            .as_ref()
            .map(|(_, yuv)| Arc::clone(yuv))
            .ok_or_else(|| failed(what(), std::io::Error::other("it has no frame")))
    }

    fn cube(&self, file: &Artifact) -> Result<Arc<Cube>, PictureError> {
        let what = || format!("the table of colours `{}`", file.digest.short());
        if let Some(cube) = lock(&self.cubes).get(&file.digest) {
            return Ok(Arc::clone(cube));
        }
        let path = self
            .paths
            .get(&file.digest)
            .ok_or_else(|| failed(what(), std::io::Error::from(std::io::ErrorKind::NotFound)))?;
        let what = || format!("the table of colours `{}`", path.display());
        let text = read_text(path, &file.digest).map_err(|error| failed(what(), error))?;
        let cube = Cube::parse(&text).map_err(|error| failed(what(), error))?;
        let cube = Arc::new(cube);
        lock(&self.cubes).insert(file.digest, Arc::clone(&cube));
        Ok(cube)
    }

    fn caption(&self, look: &CaptionLook) -> Result<Arc<CaptionArt>, PictureError> {
        let mut last = lock(&self.captions);
        if let Some(known) = last.as_ref().filter(|known| known.is_of(look)) {
            return Ok(Arc::clone(known));
        }
        let art = Arc::new(CaptionArt::draw(look, &self.fonts));
        *last = Some(Arc::clone(&art));
        Ok(art)
    }

    fn slate(&self, slate: &SlateLook) -> Result<Arc<PlacedRaster>, PictureError> {
        let mut slates = lock(&self.slates);
        let slates = slates.get_or_insert_with(|| Slates::new(slate.frame, &self.fonts));
        Ok(Arc::new(slates.plate(slate, &self.fonts)))
    }
}
