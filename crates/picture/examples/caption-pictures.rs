//! Paints the pictures of `docs/guide/captions.md`: every caption style, and the states of its words.
//!
//! ```sh
//! cargo run -p workprint-picture --example caption-pictures -- docs/guide/images/captions
//! ```
#![expect(clippy::unwrap_used, reason = "it writes the documentation's pictures")]

mod shared;

use std::path::Path;

use shared::{Desk, Outcome, picture, sheet, shot, timeline, write};
use workprint_model::caption::BUILT_IN_STYLES;
use workprint_model::show::CaptionStyle;
use workprint_model::timeline::{CaptionWord, PlacedCaption, WordPlace};
use workprint_model::{Frames, Percent, Size};
use workprint_picture::{Rgba, Yuv};

/// How many frames each word is heard.
const WORD: u64 = 10;

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
        second: None,
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

fn paint(size: Size, said: PlacedCaption, frame: u64) -> Outcome<Yuv> {
    let mut desk = Desk::default();
    let image = desk.add("dusk", &dusk(size));
    let mut line = timeline(size, vec![shot(100, picture(image, size))]);
    line.captions = vec![said];
    desk.paint(&line, frame)
}

fn main() -> Outcome {
    let folder = std::env::args_os().nth(1).ok_or("name a folder")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
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
                    .into_iter()
                    .collect::<Outcome<_>>()?
            }
            _ if style.is_timed() => [12, 26]
                .map(|at| paint(wide, said(&lines, style.clone(), "en"), at))
                .into_iter()
                .collect::<Outcome<_>>()?,
            _ => vec![paint(wide, said(&lines, style, "en"), 0)?],
        };
        write(&path, &sheet(&frames, 4, 6)?)?;
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
    let frames = frames.into_iter().collect::<Outcome<Vec<_>>>()?;
    write(&folder.join("scripts.jpg"), &sheet(&frames, 2, 6)?)
}
