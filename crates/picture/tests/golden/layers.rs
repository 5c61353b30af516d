//! Scenes in layers: parallax.

use workprint_model::episode::{Framing, Move};
use workprint_picture::Yuv;

use crate::art;
use crate::harness::{case, check_all};
use crate::scene::{camera, framing, hold, shot, timeline};
use crate::stage::{Stage, WIDE};

fn valley(parallax: i32, shot_move: Move) -> Yuv {
    let scene = art::valley(WIDE, 1.5);
    let (stage, picture) = Stage::default().with_scene("valley", &scene, parallax);
    let only = shot(11, picture, shot_move);
    stage.paint(&timeline(WIDE.width, WIDE.height, vec![only]), 10)
}

fn to(end: Framing) -> Move {
    camera(Framing::default(), end)
}

#[test]
fn layers() {
    check_all(
        "layers",
        &[
            case("still", || valley(100, hold())),
            case("near", || valley(100, to(framing(150, 50, 50)))),
            case("near-without-parallax", || {
                valley(0, to(framing(150, 50, 50)))
            }),
            case("near-with-thrice-the-parallax", || {
                valley(300, to(framing(150, 50, 50)))
            }),
            case("left", || valley(100, to(framing(140, 0, 50)))),
            case("right", || valley(100, to(framing(140, 100, 50)))),
            case("up", || valley(100, to(framing(140, 50, 0)))),
            case("down", || valley(100, to(framing(140, 50, 100)))),
        ],
    );
}
