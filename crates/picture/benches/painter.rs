//! What the painter takes for a frame, on one core.
//!
//! ```sh
//! cargo bench -p workprint-picture --bench painter            # all
//! cargo bench -p workprint-picture --bench painter dissolve   # one
//! ```
#![allow(missing_docs, reason = "the macros write functions without docs")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot paint has failed")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use workprint_model::episode::{ClipEnd, Move};
use workprint_model::timeline::{Entry, PlacedCaption, Timeline};
use workprint_model::{Frames, Size};
use workprint_picture::caption::caption_plate;
use workprint_picture::{CaptionLook, Fonts, Painter, Raster, Rgba, Yuv, resolve};

#[path = "../tests/scene/mod.rs"]
mod scene;

use scene::{Memory, camera, caption, clip, drawn, framing, hold, overlay, shot, still, timeline};

const HD: (u32, u32) = (1920, 1080);

/// A picture with detail everywhere, as photographs have.
fn photo(width: u32, height: u32) -> Rgba {
    drawn(width, height, |x, y| {
        let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)) >> 27;
        let level = |part: u32| (part % 200 + grain) as u8;
        [level(x / 8), level(y / 5), level((x + y) / 9), 255]
    })
}

fn near() -> Move {
    camera(framing(100, 50, 50), framing(112, 60, 45))
}

/// How long frame `at` of `line` takes.
fn frame(bench: &mut Criterion, name: &str, (line, at): (&Timeline, u64), pictures: &Memory) {
    let mut painter = Painter::new();
    let mut out = Yuv::new(line.size).unwrap();
    bench.bench_function(name, |bencher| {
        bencher.iter(|| {
            let resolved = resolve(line, Frames(black_box(at)));
            painter.paint(&resolved, pictures, &mut out).unwrap();
        });
    });
}

/// A still a fifth larger than the frame, under a slow move.
fn still_with_zoom(bench: &mut Criterion) {
    let pictures = Memory::default().with("a", &photo(2304, 1296));
    let line = timeline(HD.0, HD.1, vec![shot(90, still("a", 2304, 1296), near())]);
    frame(bench, "still with zoom", (&line, 45), &pictures);
}

/// A still of 3840x2160.
fn still_of_4k(bench: &mut Criterion) {
    let pictures = Memory::default().with("a", &photo(3840, 2160));
    let line = timeline(HD.0, HD.1, vec![shot(90, still("a", 3840, 2160), hold())]);
    frame(bench, "still of 4K", (&line, 45), &pictures);
}

/// Two moved stills, one giving way to the other.
fn dissolve(bench: &mut Criterion) {
    let pictures = Memory::default()
        .with("a", &photo(2304, 1296))
        .with("b", &photo(2304, 1296));
    frame(bench, "dissolve", (&dissolving(), 100), &pictures);
}

fn dissolving() -> Timeline {
    let mut second = shot(90, still("b", 2304, 1296), near());
    second.entry = Entry::Dissolve(Frames(20));
    let first = shot(90, still("a", 2304, 1296), near());
    timeline(HD.0, HD.1, vec![first, second])
}

/// A clip of the frame's size; decoding is another room's.
fn clip_frame(bench: &mut Criterion) {
    let line = timeline(
        HD.0,
        HD.1,
        vec![shot(90, clip("c", 90, ClipEnd::Hold), hold())],
    );
    frame(bench, "clip", (&line, 45), &Memory::default());
}

/// A caption of two lines, from words to a plate that can be painted.
fn caption_words(bench: &mut Criterion) {
    let said = caption("one", 0, 1);
    let lines = [
        "The keeper climbs two hundred steps".to_owned(),
        "before the sun comes up.".to_owned(),
    ];
    let size = Size {
        width: HD.0,
        height: HD.1,
    };
    bench.bench_function("caption plate", |bencher| {
        bencher.iter(|| {
            let fonts = Fonts::built_in();
            let plate = caption_plate(black_box(&look(&said, &lines, size)), fonts);
            Raster::from_rgba(&plate.image)
        });
    });
}

/// How a caption of these lines looks.
fn look(said: &PlacedCaption, lines: &[String], frame: Size) -> CaptionLook {
    CaptionLook {
        lines: lines.to_vec(),
        style: said.style.clone(),
        language: said.language.clone(),
        frame,
        safe: None,
        words: Vec::new(),
        heard: None,
    }
}

/// All at once: a dissolve of two moved stills, a lower third that fades, and a caption.
fn heaviest(bench: &mut Criterion) {
    let said = caption("one", 0, 180);
    let lines = ["The keeper climbs two hundred steps".to_owned()];
    let size = Size {
        width: HD.0,
        height: HD.1,
    };
    let plate = caption_plate(&look(&said, &lines, size), Fonts::built_in());
    let own = (plate.image.size.width, plate.image.size.height);
    let third = drawn(820, 150, |x, y| {
        if x < 8 || y > 140 {
            [255, 179, 64, 255]
        } else {
            [11, 14, 20, 220]
        }
    });
    let pictures = Memory::default()
        .with("a", &photo(2304, 1296))
        .with("b", &photo(2304, 1296))
        .with("third", &third)
        .with("caption", &plate.image);
    let mut line = dissolving();
    let mut lower = overlay("third", (120, 700), (820, 150), 180);
    lower.fade = Frames(100);
    line.overlays = vec![lower, overlay("caption", (plate.x, plate.y), own, 180)];
    frame(bench, "heaviest frame", (&line, 100), &pictures);
}

/// Making an image of 3840x2160 ready for painting.
fn raster(bench: &mut Criterion) {
    let image = photo(3840, 2160);
    bench.bench_function("raster of 4K", |bencher| {
        bencher.iter(|| Raster::from_rgba(black_box(&image)));
    });
}

criterion_group! {
    name = painter;
    config = Criterion::default().sample_size(30);
    targets = still_with_zoom, still_of_4k, dissolve, clip_frame, caption_words, heaviest, raster
}
criterion_main!(painter);
