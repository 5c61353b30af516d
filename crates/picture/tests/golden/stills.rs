//! Stills of all sizes in one frame: how they are sampled.

use workprint_model::Size;
use workprint_picture::{Rgba, Yuv};

use crate::art;
use crate::harness::{case, check_all};
use crate::scene::{camera, drawn, framing, shot, still, timeline};
use crate::stage::{Stage, WIDE};

fn framed(image: &Rgba, zoom: i32, (x, y): (i32, i32)) -> Yuv {
    let Size { width, height } = image.size;
    let at = framing(zoom, x, y);
    let only = shot(1, still("all", width, height), camera(at, at));
    let line = timeline(WIDE.width, WIDE.height, vec![only]);
    Stage::default().with("all", image).paint(&line, 0)
}

fn chart(width: u32, height: u32) -> Yuv {
    framed(&art::chart(Size { width, height }), 100, (50, 50))
}

#[test]
fn stills() {
    check_all(
        "stills",
        &[
            case("same-size", || chart(240, 136)),
            case("up-twice", || chart(120, 68)),
            case("up-by-7-and-a-half", || chart(32, 18)),
            case("up-by-1-point-1", || chart(218, 124)),
            case("down-by-1-point-3", || chart(312, 177)),
            case("down-twice", || chart(480, 272)),
            case("down-by-2-point-7", || chart(648, 367)),
            case("down-by-5", || chart(1200, 680)),
            case("down-by-8", || chart(1920, 1088)),
            case("odd-size", || chart(333, 191)),
            case("one-pixel", || {
                framed(&drawn(1, 1, |_, _| [200, 90, 40, 255]), 100, (50, 50))
            }),
            case("two-pixels", || {
                let two = drawn(2, 1, |x, _| [x as u8 * 255, 90, 255 - x as u8 * 255, 255]);
                framed(&two, 100, (50, 50))
            }),
            case("a-column-of-one-pixel", || {
                let column = drawn(1, 64, |_, y| [y as u8 * 4, 60, 90, 255]);
                framed(&column, 100, (50, 0))
            }),
            case("photo-up", || {
                let small = Size {
                    width: 96,
                    height: 54,
                };
                framed(&art::photo(small), 100, (50, 50))
            }),
            case("photo-down", || framed(art::large(), 100, (50, 50))),
            case("photo-near", || framed(art::large(), 410, (22, 72))),
            case("photo-at-a-fraction", || {
                framed(&art::photo(WIDE), 103, (37, 61))
            }),
            case("see-through-over-black", || {
                framed(&art::glow(160, [250, 190, 90]), 100, (50, 50))
            }),
        ],
    );
}
