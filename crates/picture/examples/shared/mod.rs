//! What the programs that paint the documentation's pictures have in common.

#![allow(dead_code, reason = "each program uses its part")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use workprint_model::episode::{Blend, Crop, Fit, Move};
use workprint_model::timeline::{
    Clip, Entry, PlacedPicture, PlacedShot, Still, StillLayer, Timeline,
};
use workprint_model::{Artifact, Digest, Frames, Percent, Rate, ShotId, Size};
use workprint_picture::{
    CaptionArt, CaptionLook, Cube, Fonts, PictureError, Raster, Rgba, Sources, Yuv, paint_frame,
    still, to_rgb8,
};

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Pictures by the digests of their names; one picture for every clip, one table for every look.
#[derive(Default)]
pub(crate) struct Desk {
    stills: BTreeMap<Digest, Arc<Raster>>,
    pub(crate) clip: Option<Rgba>,
    pub(crate) cube: Option<Arc<Cube>>,
}

impl Desk {
    pub(crate) fn add(&mut self, name: &str, image: &Rgba) -> Artifact {
        let artifact = artifact(name);
        self.insert(artifact.digest, image);
        artifact
    }

    pub(crate) fn insert(&mut self, digest: Digest, image: &Rgba) {
        let raster = Arc::new(Raster::from_rgba(image));
        self.stills.insert(digest, raster);
    }

    pub(crate) fn paint(&self, line: &Timeline, frame: u64) -> Outcome<Yuv> {
        Ok(paint_frame(line, Frames(frame), self)?)
    }
}

impl Sources for Desk {
    fn still(&self, image: &Artifact) -> Result<Arc<Raster>, PictureError> {
        let found = self.stills.get(&image.digest);
        found.cloned().ok_or_else(|| missing("a still"))
    }

    fn clip(&self, _: &Clip, size: Size, _: Frames) -> Result<Arc<Yuv>, PictureError> {
        let frame = self.clip.clone().ok_or_else(|| missing("a clip"))?;
        let mut desk = Self::default();
        let small = still::fit_to(frame, size);
        let image = desk.add("frame", &small);
        let line = timeline(size, vec![shot(1, picture(image, small.size))]);
        Ok(Arc::new(paint_frame(&line, Frames(0), &desk)?))
    }

    fn cube(&self, _: &Artifact) -> Result<Arc<Cube>, PictureError> {
        self.cube
            .clone()
            .ok_or_else(|| missing("a table of colours"))
    }

    fn caption(&self, look: &CaptionLook) -> Result<Arc<CaptionArt>, PictureError> {
        Ok(Arc::new(CaptionArt::draw(look, Fonts::built_in())))
    }
}

fn missing(what: &str) -> PictureError {
    PictureError::Source {
        what: what.to_owned(),
        cause: "it is not on the desk".into(),
    }
}

pub(crate) fn artifact(name: &str) -> Artifact {
    Artifact {
        digest: Digest::of(name.as_bytes()),
        media_type: "image/png".to_owned(),
        bytes: 1,
    }
}

/// A picture in one layer.
pub(crate) fn picture(image: Artifact, size: Size) -> PlacedPicture {
    PlacedPicture::Still(Still {
        layers: vec![StillLayer {
            image,
            x: 0,
            y: 0,
            size,
            depth: 50,
            blend: Blend::Normal,
        }],
        size,
        bleed_x: 0,
        bleed_y: 0,
        parallax: Percent::WHOLE,
    })
}

/// A shot that stands still.
pub(crate) fn shot(length: u64, picture: PlacedPicture) -> PlacedShot {
    PlacedShot {
        id: ShotId::slug("shot", "shot"),
        from: Frames(0),
        length: Frames(length),
        picture,
        camera: Move::default(),
        fit: Fit::Cover,
        focus: None,
        crop: Crop::default(),
        puppets: Vec::new(),
        entry: Entry::Cut,
        looks: Vec::new(),
        timed_by: Vec::new(),
    }
}

/// Shots one after the other, at 30 frames a second.
pub(crate) fn timeline(size: Size, shots: Vec<PlacedShot>) -> Timeline {
    let mut from = Frames(0);
    let shots: Vec<_> = shots
        .into_iter()
        .map(|mut shot| {
            shot.from = from;
            from = from + shot.length;
            shot
        })
        .collect();
    Timeline {
        rate: Rate::FPS_30,
        size,
        length: from,
        cues: Vec::new(),
        shots,
        looks: Vec::new(),
        overlays: Vec::new(),
        captions: Vec::new(),
        sounds: Vec::new(),
        chapters: Vec::new(),
        slate: false,
    }
}

/// Frames in rows of `across`, as high as the highest of each, with white between them.
pub(crate) fn sheet(frames: &[Yuv], across: usize, gap: u32) -> Outcome<RgbImage> {
    let rows: Vec<&[Yuv]> = frames.chunks(across.max(1)).collect();
    let wide = |row: &&[Yuv]| row.iter().map(|frame| frame.size.width + gap).sum::<u32>() - gap;
    let tall = |row: &&[Yuv]| row.iter().map(|frame| frame.size.height).max().unwrap_or(0);
    let height = rows.iter().map(|row| tall(row) + gap).sum::<u32>();
    let width = rows.iter().map(wide).max().unwrap_or(1);
    let white = image::Rgb([255; 3]);
    let mut sheet = RgbImage::from_pixel(width, height.saturating_sub(gap).max(1), white);
    let mut top = 0;
    for row in &rows {
        let mut left = 0;
        for frame in *row {
            let Size { width, height } = frame.size;
            let picture = RgbImage::from_raw(width, height, to_rgb8(frame))
                .ok_or("a frame has not as many pixels as it should")?;
            image::imageops::replace(&mut sheet, &picture, left, i64::from(top));
            left += i64::from(width + gap);
        }
        top += tall(row) + gap;
    }
    Ok(sheet)
}

/// Writes a JPEG.
pub(crate) fn write(path: &Path, image: &RgbImage) -> Outcome {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 84).encode_image(image)?;
    Ok(std::fs::write(path, bytes)?)
}
