//! Clips in shots. What is decoded is another room's matter: these are drawn.

use workprint_model::episode::{ClipEnd, Fit, Move};
use workprint_model::timeline::PlacedPicture;
use workprint_model::{Size, timeline::Clip};
use workprint_picture::Yuv;

use crate::harness::{case, check_all};
use crate::scene::{camera, clip, framing, hold, shot, timeline};
use crate::stage::{Stage, TALL, WIDE};

fn sized((width, height): (u32, u32), frames: u64, then: ClipEnd) -> PlacedPicture {
    match clip("ball", frames, then) {
        PlacedPicture::Clip(clip) => PlacedPicture::Clip(Clip {
            size: Size { width, height },
            ..clip
        }),
        other => other,
    }
}

fn seen(frame: Size, picture: PlacedPicture, (fit, shot_move): (Fit, Move), at: u64) -> Yuv {
    let mut only = shot(80, picture, shot_move);
    only.fit = fit;
    let line = timeline(frame.width, frame.height, vec![only]);
    Stage::default().paint(&line, at)
}

#[test]
fn clips() {
    let plain = || (Fit::Cover, hold());
    let ball = |then| sized((240, 136), 40, then);
    let near = camera(framing(100, 50, 50), framing(180, 70, 80));
    check_all(
        "clips",
        &[
            case("first", move || seen(WIDE, ball(ClipEnd::Hold), plain(), 0)),
            case("twentieth", move || {
                seen(WIDE, ball(ClipEnd::Hold), plain(), 20)
            }),
            case("held-at-its-end", move || {
                seen(WIDE, ball(ClipEnd::Hold), plain(), 70)
            }),
            case("begun-again", move || {
                seen(WIDE, ball(ClipEnd::Loop), plain(), 50)
            }),
            case("small-and-enlarged", move || {
                seen(WIDE, sized((64, 36), 40, ClipEnd::Hold), plain(), 20)
            }),
            case("large-and-shrunk", move || {
                seen(WIDE, sized((960, 540), 40, ClipEnd::Hold), plain(), 20)
            }),
            case("covering-upright", move || {
                seen(TALL, ball(ClipEnd::Hold), plain(), 30)
            }),
            case("contained-upright", move || {
                seen(TALL, ball(ClipEnd::Hold), (Fit::Contain, hold()), 30)
            }),
            case("under-a-move", move || {
                seen(WIDE, ball(ClipEnd::Hold), (Fit::Cover, near), 60)
            }),
        ],
    );
}
