//! Paints the pictures of `docs/guide/captions.md`: every caption style, and the states of its words.
//!
//! ```sh
//! cargo run -p workprint-picture --example caption-pictures -- docs/images/captions
//! ```
#![expect(clippy::unwrap_used, reason = "it writes the documentation's pictures")]

use std::path::Path;
use std::sync::Arc;

use image::codecs::jpeg::JpegEncoder;
use workprint_model::caption::BUILT_IN_STYLES;
use workprint_model::show::CaptionStyle;
use workprint_model::timeline::{CaptionWord, Clip, PlacedCaption, Timeline, WordPlace};
use workprint_model::{Artifact, Digest, Frames, Percent, Rate, Size};
use workprint_picture::{
    CaptionArt, CaptionLook, Fonts, PictureError, Raster, Rgba, Sources, Yuv, paint_frame, to_rgb8,
};

/// How many frames each word is heard.
const WORD: u64 = 10;

/// A hill at dusk, and captions.
struct Dusk(Arc<Raster>);

impl Sources for Dusk {
    fn still(&self, _: &Artifact) -> Result<Arc<Raster>, PictureError> {
        Ok(Arc::clone(&self.0))
    }

    fn clip(&self, _: &Clip, size: Size, _: Frames) -> Result<Arc<Yuv>, PictureError> {
        Ok(Arc::new(Yuv::new(size)?))
    }

    fn caption(&self, look: &CaptionLook) -> Result<Arc<CaptionArt>, PictureError> {
        Ok(Arc::new(CaptionArt::draw(look, Fonts::built_in())))
    }
}

/// A sky from blue to amber above dark hills.
fn dusk(size: Size) -> Rgba {
    let mut image = Rgba::transparent(size);
    let (width, height) = (i64::from(size.width), i64::from(size.height));
    for (at, pixel) in image.pixels.chunks_exact_mut(4).enumerate() {
        let (x, y) = (at as i64 % width, at as i64 / width);
        let down = y * 1000 / height;
        let mix = |from: i64, to: i64| (from + (to - from) * down / 1000) as u8;
        let hill = |at: i64, reach: i64, top: i64| {
            let off = (x * 1000 / width - at) * 1000 / reach;
            down > top + off * off / 4000
        };
        let colour = if hill(820, 700, 700) {
            [24, 30, 44]
        } else if hill(250, 900, 600) {
            [48, 56, 78]
        } else {
            [mix(52, 244), mix(84, 168), mix(150, 104)]
        };
        pixel.copy_from_slice(&[colour[0], colour[1], colour[2], 255]);
    }
    image
}

fn said(lines: &[&str], style: CaptionStyle, tag: &str) -> PlacedCaption {
    let mut words = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let mut start = 0;
        for word in line.split_inclusive(' ') {
            let end = start + word.trim_end().len() as u32;
            words.push(CaptionWord {
                place: WordPlace {
                    line: number as u8,
                    start,
                    end,
                },
                from: Frames(words.len() as u64 * WORD),
                length: Frames(WORD),
            });
            start += word.len() as u32;
        }
    }
    PlacedCaption {
        cue: "c1".parse().unwrap(),
        speaker: None,
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        from: Frames(0),
        length: Frames(100),
        words: if style.is_timed() { words } else { Vec::new() },
        style,
        language: tag.parse().unwrap(),
        burn: true,
        safe: None,
        timed_by: Vec::new(),
    }
}

fn paint(size: Size, said: PlacedCaption, frame: u64) -> Yuv {
    let image = Artifact {
        digest: Digest::of(b"dusk"),
        media_type: "image/png".to_owned(),
        bytes: 1,
    };
    let shot = serde_json::json!({
        "id": "shot", "from": 0, "length": 100,
        "picture": { "still": {
            "layers": [{ "image": image, "x": 0, "y": 0, "size": size, "depth": 0 }],
            "size": size, "bleed_x": 0, "bleed_y": 0, "parallax": 0,
        } },
        "camera": {}, "fit": "cover", "entry": "cut", "timed_by": [],
    });
    let line = Timeline {
        rate: Rate::FPS_30,
        size,
        length: Frames(100),
        cues: Vec::new(),
        shots: vec![serde_json::from_value(shot).unwrap()],
        overlays: Vec::new(),
        captions: vec![said],
        sounds: Vec::new(),
        looks: Vec::new(),
        slate: false,
        chapters: Vec::new(),
    };
    let dusk = Dusk(Arc::new(Raster::from_rgba(&dusk(size))));
    paint_frame(&line, Frames(frame), &dusk).unwrap()
}

/// Frames of one size side by side, in rows of `across`.
fn sheet(frames: &[Yuv], across: u32, path: &Path) {
    let Size { width, height } = frames[0].size;
    let rows = (frames.len() as u32).div_ceil(across);
    let gap = 6;
    let mut sheet = image::RgbImage::from_pixel(
        across * (width + gap) - gap,
        rows * (height + gap) - gap,
        image::Rgb([255, 255, 255]),
    );
    for (at, frame) in frames.iter().enumerate() {
        let own = image::RgbImage::from_raw(width, height, to_rgb8(frame)).unwrap();
        let (column, row) = (at as u32 % across, at as u32 / across);
        let (x, y) = (column * (width + gap), row * (height + gap));
        image::imageops::replace(&mut sheet, &own, i64::from(x), i64::from(y));
    }
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 86);
    encoder.encode_image(&sheet).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn main() {
    let folder = std::env::args_os().nth(1).unwrap();
    let folder = Path::new(&folder);
    let wide = Size {
        width: 640,
        height: 360,
    };
    let upright = Size {
        width: 270,
        height: 480,
    };
    let lines = ["The sun comes up", "over the valley"];
    for name in BUILT_IN_STYLES {
        let style = CaptionStyle::built_in(name).unwrap();
        let path = folder.join(name).with_extension("jpg");
        let frames: Vec<Yuv> = match name {
            "big" | "single" => {
                let one = ["comes"];
                let lines = if name == "single" { &one[..] } else { &lines };
                let at: [u64; 4] = if name == "single" {
                    [0, 2, 4, 9]
                } else {
                    [4, 14, 24, 54]
                };
                at.map(|at| paint(upright, said(lines, style.clone(), "en"), at))
                    .into()
            }
            _ if style.is_timed() => [12, 26]
                .map(|at| paint(wide, said(&lines, style.clone(), "en"), at))
                .into(),
            _ => vec![paint(wide, said(&lines, style, "en"), 0)],
        };
        sheet(&frames, 4.min(frames.len() as u32), &path);
    }
    let scripts = [
        ("ar", ["أشرقت الشمس", "عام 2026 معنا"]),
        ("he", ["השמש זרחה", "ב-2026 שוב"]),
        ("hi", ["सूरज निकला", "क्षितिज पर।"]),
        ("ko", ["태양이 다시", "떠올랐어요!"]),
    ];
    let karaoke = CaptionStyle {
        size: Percent::new(9),
        ..CaptionStyle::built_in("karaoke").unwrap()
    };
    let frames = scripts.map(|(tag, lines)| paint(wide, said(&lines, karaoke.clone(), tag), 15));
    sheet(&frames, 2, &folder.join("scripts.jpg"));
}
