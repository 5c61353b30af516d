//! Moves: the camera over a still, at moments of its way.

use workprint_model::episode::{Ease, Framing, Move};
use workprint_picture::Yuv;

use crate::art;
use crate::harness::{case, check_all};
use crate::scene::{framing, shot, still, timeline};
use crate::stage::{Stage, WIDE};

/// Frame `at` of 31 of a move over the valley.
fn moved(from: Framing, to: Framing, ease: Ease, at: u64) -> Yuv {
    let large = art::large();
    let picture = still("valley", large.size.width, large.size.height);
    let only = shot(
        31,
        picture,
        Move {
            from,
            to,
            ease,
            ..Move::default()
        },
    );
    let line = timeline(WIDE.width, WIDE.height, vec![only]);
    Stage::default().with("valley", large).paint(&line, at)
}

#[test]
fn moves() {
    let (far, near) = (framing(100, 50, 50), framing(200, 20, 75));
    let (left, right) = (framing(160, 0, 50), framing(160, 100, 50));
    check_all(
        "moves",
        &[
            case("in-begin", move || moved(far, near, Ease::Smooth, 0)),
            case("in-quarter", move || moved(far, near, Ease::Smooth, 7)),
            case("in-middle", move || moved(far, near, Ease::Smooth, 15)),
            case("in-end", move || moved(far, near, Ease::Smooth, 30)),
            case("out-late", move || moved(near, far, Ease::Linear, 22)),
            case("across-ease-in", move || moved(left, right, Ease::In, 10)),
            case("across-linear", move || {
                moved(left, right, Ease::Linear, 10)
            }),
            case("across-ease-out", move || moved(left, right, Ease::Out, 10)),
            case("down-middle", move || {
                let (top, bottom) = (framing(170, 50, 0), framing(170, 50, 100));
                moved(top, bottom, Ease::Smooth, 15)
            }),
        ],
    );
}
