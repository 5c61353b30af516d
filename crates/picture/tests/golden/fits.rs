//! Pictures of one shape in frames of another.

use workprint_model::Size;
use workprint_model::episode::{Fit, Move};
use workprint_picture::Yuv;

use crate::art;
use crate::harness::{case, check_all};
use crate::scene::{camera, framing, hold, shot, still, timeline};
use crate::stage::{Stage, TALL, WIDE};

fn fitted(frame: Size, (width, height): (u32, u32), fit: Fit, shot_move: Move) -> Yuv {
    let image = art::photo(Size { width, height });
    let mut only = shot(3, still("photo", width, height), shot_move);
    only.fit = fit;
    let line = timeline(frame.width, frame.height, vec![only]);
    Stage::default().with("photo", &image).paint(&line, 1)
}

#[test]
fn fits() {
    let zoomed = camera(framing(140, 30, 60), framing(140, 30, 60));
    check_all(
        "fits",
        &[
            case("cover-wide", || {
                fitted(WIDE, (480, 200), Fit::Cover, hold())
            }),
            case("cover-tall", || {
                fitted(WIDE, (200, 300), Fit::Cover, hold())
            }),
            case("cover-in-upright", || {
                fitted(TALL, (480, 272), Fit::Cover, hold())
            }),
            case("contain-wide", || {
                fitted(WIDE, (480, 160), Fit::Contain, hold())
            }),
            case("contain-tall", || {
                fitted(WIDE, (150, 290), Fit::Contain, hold())
            }),
            case("contain-in-upright", || {
                fitted(TALL, (480, 272), Fit::Contain, hold())
            }),
            case("contain-odd-bars", || {
                fitted(WIDE, (333, 229), Fit::Contain, hold())
            }),
            case("contain-zoomed", move || {
                fitted(WIDE, (150, 290), Fit::Contain, zoomed)
            }),
        ],
    );
}
