//! Alpha: overlays and their edges, fades, and layers over layers.

use workprint_model::Frames;
use workprint_model::timeline::Timeline;
use workprint_picture::{Rgba, Yuv};

use crate::art;
use crate::harness::{case, check_all};
use crate::scene::{drawn, hold, overlay, plain, shot, still, timeline};
use crate::stage::{Stage, WIDE};

fn below() -> (Timeline, Stage) {
    let line = timeline(
        WIDE.width,
        WIDE.height,
        vec![shot(20, still("photo", WIDE.width, WIDE.height), hold())],
    );
    (line, Stage::default().with("photo", &art::photo(WIDE)))
}

/// A picture over the valley at some place.
fn laid(image: &Rgba, at: (i32, i32)) -> Yuv {
    let (mut line, stage) = below();
    let size = (image.size.width, image.size.height);
    line.overlays = vec![overlay("above", at, size, 20)];
    stage.with("above", image).paint(&line, 0)
}

/// The fade of an overlay of twenty frames, at one of them.
fn faded(frame: u64) -> Yuv {
    let (mut line, stage) = below();
    let mut above = overlay("above", (60, 30), (120, 76), 20);
    above.fade = Frames(7);
    line.overlays = vec![above];
    stage
        .with("above", &plain(120, 76, [240, 240, 240, 255]))
        .paint(&line, frame)
}

/// Stripes of alpha from nothing to all, each with a hard edge.
fn steps() -> Rgba {
    drawn(160, 60, |x, _| {
        let alpha = (x / 20 * 255 / 7) as u8;
        [alpha, alpha / 2, 0, alpha]
    })
}

#[test]
fn blends() {
    let glow = || art::glow(90, [120, 220, 255]);
    check_all(
        "blends",
        &[
            case("soft-edge", move || laid(&glow(), (70, 20))),
            case("soft-edge-at-an-odd-place", move || laid(&glow(), (71, 21))),
            case("off-the-left-top", move || laid(&glow(), (-40, -30))),
            case("off-the-right-bottom", move || laid(&glow(), (190, 90))),
            case("steps-of-alpha", || laid(&steps(), (40, 40))),
            case("hard-edge-at-an-odd-place", || {
                laid(&plain(51, 33, [230, 20, 20, 255]), (33, 21))
            }),
            case("hair-lines", || {
                let lines = drawn(121, 71, |x, y| {
                    if x % 10 == 0 || y % 10 == 0 {
                        [255; 4]
                    } else {
                        [0; 4]
                    }
                });
                laid(&lines, (59, 31))
            }),
            case("two-over-each-other", move || {
                let (mut line, stage) = below();
                line.overlays = vec![
                    overlay("one", (50, 20), (90, 90), 20),
                    overlay("two", (95, 30), (90, 90), 20),
                ];
                stage
                    .with("one", &art::glow(90, [255, 60, 60]))
                    .with("two", &art::glow(90, [60, 255, 60]))
                    .paint(&line, 0)
            }),
            case("fade-first", || faded(0)),
            case("fade-rising", || faded(3)),
            case("fade-all", || faded(9)),
            case("fade-falling", || faded(17)),
        ],
    );
}
