//! Small timelines, and pictures from memory for them.

#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::sync::Arc;

use workprint_model::episode::{Blend, ClipEnd, Crop, Ease, Fit, Framing, Move, Passage};
use workprint_model::graphic::Part;
use workprint_model::show::CaptionStyle;
use workprint_model::timeline::{
    Clip, Entry, PlacedCaption, PlacedOverlay, PlacedPicture, PlacedShot, Plate, Still, StillLayer,
    Timeline,
};
use workprint_model::{
    Artifact, CueId, Digest, Frames, OverlayId, Percent, Rate, Samples, ShotId, Size,
};
use workprint_picture::{
    CaptionArt, CaptionLook, Painter, PictureError, PlacedRaster, Raster, Rgba, Sources, Yuv,
    resolve,
};

/// Premultiplied.
pub(crate) const WHITE: [u8; 4] = [255; 4];
/// Premultiplied.
pub(crate) const RED: [u8; 4] = [255, 0, 0, 255];

/// Stills by name, clips whose frame `n` has the luma `16 + n`, and white caption plates.
#[derive(Default)]
pub(crate) struct Memory {
    stills: BTreeMap<Digest, Arc<Raster>>,
}

impl Memory {
    pub(crate) fn with(mut self, name: &str, image: &Rgba) -> Self {
        self.insert(artifact(name).digest, image);
        self
    }

    pub(crate) fn insert(&mut self, digest: Digest, image: &Rgba) {
        let raster = Arc::new(Raster::from_rgba(image));
        self.stills.insert(digest, raster);
    }
}

impl Sources for Memory {
    fn still(&self, image: &Artifact) -> Result<Arc<Raster>, PictureError> {
        self.stills
            .get(&image.digest)
            .cloned()
            .ok_or_else(|| PictureError::Source {
                what: format!("the image `{}`", image.digest.short()),
                cause: "it is not there".into(),
            })
    }

    fn clip(&self, _: &Clip, size: Size, frame: Frames) -> Result<Arc<Yuv>, PictureError> {
        let mut picture = Yuv::new(size)?;
        picture.fill([16 + frame.0 as u8, 128, 128]);
        Ok(Arc::new(picture))
    }

    fn caption(&self, caption: &CaptionLook) -> Result<Arc<CaptionArt>, PictureError> {
        let width = caption.lines.iter().map(String::len).sum::<usize>().max(1);
        let image = plain(width as u32, 2, [255; 4]);
        let plate = PlacedRaster {
            x: 2,
            y: 4,
            raster: Raster::from_rgba(&image),
        };
        Ok(Arc::new(CaptionArt::of_plate(caption, &plate)))
    }
}

pub(crate) fn artifact(name: &str) -> Artifact {
    Artifact {
        digest: Digest::of(name.as_bytes()),
        media_type: "image/png".to_owned(),
        bytes: 1,
    }
}

/// One colour (premultiplied).
pub(crate) fn plain(width: u32, height: u32, colour: [u8; 4]) -> Rgba {
    drawn(width, height, |_, _| colour)
}

/// A picture pixel by pixel (premultiplied).
pub(crate) fn drawn(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Rgba {
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    Rgba {
        size: Size { width, height },
        pixels: places.flat_map(|(x, y)| pixel(x, y)).collect(),
    }
}

pub(crate) fn framing(zoom: i32, x: i32, y: i32) -> Framing {
    Framing {
        zoom: Percent::new(zoom),
        x: Some(Percent::new(x)),
        y: Some(Percent::new(y)),
    }
}

pub(crate) fn camera(from: Framing, to: Framing) -> Move {
    Move {
        from,
        to,
        ease: Ease::Linear,
        ..Move::default()
    }
}

pub(crate) fn hold() -> Move {
    camera(Framing::default(), Framing::default())
}

pub(crate) fn still(name: &str, width: u32, height: u32) -> PlacedPicture {
    layers(&[(name, 50)], (width, height), 0)
}

pub(crate) fn layers(
    names: &[(&str, u8)],
    (width, height): (u32, u32),
    bleed: u32,
) -> PlacedPicture {
    PlacedPicture::Still(Still {
        layers: names
            .iter()
            .map(|&(name, depth)| StillLayer {
                image: artifact(name),
                x: 0,
                y: 0,
                size: Size {
                    width: width + 2 * bleed,
                    height: height + 2 * bleed,
                },
                depth,
                blend: Blend::Normal,
            })
            .collect(),
        size: Size { width, height },
        bleed_x: bleed,
        bleed_y: bleed,
        parallax: Percent::new(100),
    })
}

pub(crate) fn clip(name: &str, frames: u64, then: ClipEnd) -> PlacedPicture {
    PlacedPicture::Clip(Clip {
        video: artifact(name),
        size: Size {
            width: 64,
            height: 36,
        },
        start: Samples(0),
        speed: Percent::WHOLE,
        frames: Frames(frames),
        then,
    })
}

pub(crate) fn shot(length: u64, picture: PlacedPicture, camera: Move) -> PlacedShot {
    PlacedShot {
        id: ShotId::slug("shot", "shot"),
        from: Frames(0),
        length: Frames(length),
        picture,
        camera,
        fit: Fit::Cover,
        focus: None,
        crop: Crop::default(),
        puppets: Vec::new(),
        entry: Entry::Cut,
        looks: Vec::new(),
        timed_by: Vec::new(),
    }
}

/// Shots one after the other, with ids by their number.
pub(crate) fn timeline(width: u32, height: u32, shots: Vec<PlacedShot>) -> Timeline {
    let mut from = Frames(0);
    let shots: Vec<_> = shots
        .into_iter()
        .enumerate()
        .map(|(number, mut shot)| {
            shot.id = ShotId::slug(&format!("shot-{number}"), "shot");
            shot.from = from;
            from = from + shot.length;
            shot
        })
        .collect();
    Timeline {
        rate: Rate::FPS_30,
        size: Size { width, height },
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

/// Five frames of white, and a red shot that enters.
pub(crate) fn two_shots(
    (width, height): (u32, u32),
    length: u64,
    entry: Entry,
) -> (Timeline, Memory) {
    let mut second = shot(length, still("b", width, height), hold());
    second.entry = entry;
    let first = shot(5, still("a", width, height), hold());
    let memory = Memory::default()
        .with("a", &plain(width, height, WHITE))
        .with("b", &plain(width, height, RED));
    (timeline(width, height, vec![first, second]), memory)
}

pub(crate) fn caption(cue: &str, from: u64, length: u64) -> PlacedCaption {
    PlacedCaption {
        cue: CueId::slug(cue, "cue"),
        speaker: None,
        second: None,
        lines: vec![cue.to_owned()],
        from: Frames(from),
        length: Frames(length),
        style: CaptionStyle::default(),
        language: "en".parse().expect("English has a code"),
        burn: true,
        words: Vec::new(),
        safe: None,
        timed_by: vec![Digest::of(cue.as_bytes())],
    }
}

pub(crate) fn overlay(
    name: &str,
    (x, y): (i32, i32),
    (width, height): (u32, u32),
    length: u64,
) -> PlacedOverlay {
    PlacedOverlay {
        id: OverlayId::slug(name, "overlay"),
        parts: vec![Part::still(Plate {
            image: artifact(name),
            x,
            y,
            size: Size { width, height },
        })],
        clip: None,
        from: Frames(0),
        length: Frames(length),
        fade: Frames(0),
        enter: Passage::Fade,
        leave: Passage::Fade,
        blend: Blend::Normal,
        opacity: Percent::WHOLE,
    }
}

pub(crate) fn paint(timeline: &Timeline, frame: u64, sources: &Memory) -> Yuv {
    workprint_picture::paint_frame(timeline, Frames(frame), sources)
        .expect("the scene can be painted")
}

/// Every frame with one painter, as a chunk does.
pub(crate) fn paint_all(timeline: &Timeline, sources: &Memory) -> Vec<Yuv> {
    let mut painter = Painter::new();
    let mut out = Yuv::new(timeline.size).expect("the scene can be painted");
    (0..timeline.length.0)
        .map(|frame| {
            painter
                .paint(&resolve(timeline, Frames(frame)), sources, &mut out)
                .expect("the scene can be painted");
            out.clone()
        })
        .collect()
}

/// The one value that a plane has everywhere.
pub(crate) fn only(plane: &[u8]) -> u8 {
    let first = plane[0];
    assert!(plane.iter().all(|&value| value == first), "{plane:?}");
    first
}

pub(crate) fn colour(frame: &Yuv) -> [u8; 3] {
    frame.planes().map(only)
}
