//! Named moves over a valley in layers, at moments of their way.

use workprint_model::Percent;
use workprint_model::episode::{ClipEnd, Ease, Fit, Focus, Move, MoveKind};
use workprint_picture::Yuv;

use crate::art;
use crate::harness::{Case, case, check_all};
use crate::scene::{clip, shot, still, timeline};
use crate::stage::{Stage, TALL, WIDE};

pub(crate) fn named(kind: MoveKind, amount: i32) -> Move {
    Move {
        kind: Some(kind),
        amount: Some(Percent::new(amount)),
        seed: Some(5),
        ..Move::default()
    }
}

/// Over the house, which lies left of the middle.
const HOUSE: Focus = Focus {
    x: Percent::new(28),
    y: Percent::new(72),
};

/// Frame `at` of 31 of a move over the layers of the valley.
fn moved(kind: MoveKind, amount: i32, at: u64) -> Yuv {
    let (stage, picture) = Stage::default().with_scene("valley", &art::valley(WIDE, 1.5), 100);
    let mut only = shot(31, picture, named(kind, amount));
    only.focus = Some(HOUSE);
    stage.paint(&timeline(WIDE.width, WIDE.height, vec![only]), at)
}

/// A turn of one picture.
fn turned(degrees: i32, fit: Fit) -> Yuv {
    let tall = fit != Fit::Cover;
    let size = if tall { TALL } else { art::large().size };
    let picture = still("valley", size.width, size.height);
    let mut only = shot(3, picture, named(MoveKind::Rotate, degrees));
    only.camera.ease = Ease::Linear;
    only.fit = fit;
    let line = timeline(WIDE.width, WIDE.height, vec![only]);
    Stage::default()
        .with("valley", &art::photo(size))
        .paint(&line, 2)
}

#[test]
fn named_moves() {
    let kinds = [
        ("push", MoveKind::Push, 40),
        ("pull", MoveKind::Pull, 40),
        ("pan-left", MoveKind::PanLeft, 30),
        ("pan-right", MoveKind::PanRight, 30),
        ("tilt-up", MoveKind::TiltUp, 30),
        ("tilt-down", MoveKind::TiltDown, 30),
        ("rotate", MoveKind::Rotate, 10),
        ("drift", MoveKind::Drift, 12),
        ("shake", MoveKind::Shake, 5),
    ];
    let mut cases: Vec<Case> = Vec::new();
    for (name, kind, amount) in kinds {
        for (moment, at) in [("begin", 0), ("middle", 13), ("end", 30)] {
            let one = case(format!("{name}-{moment}"), move || moved(kind, amount, at));
            // Each of a pair goes back where the other came from.
            cases.push(match (name, moment) {
                ("pull", "begin") => one.like("push-end"),
                ("pull", "end") => one.like("push-begin"),
                ("pan-right", "begin") => one.like("pan-left-end"),
                ("pan-right", "end") => one.like("pan-left-begin"),
                ("tilt-down", "begin") => one.like("tilt-up-end"),
                ("tilt-down", "end") => one.like("tilt-up-begin"),
                _ => one,
            });
        }
    }
    cases.push(case("hold", || moved(MoveKind::Hold, 20, 9)));
    cases.push(case("turned-left", || turned(-20, Fit::Cover)));
    cases.push(case("turned-far", || turned(45, Fit::Cover)));
    cases.push(case("turned-contained", || turned(15, Fit::Contain)));
    cases.push(case("turned-over-blur", || turned(15, Fit::Blur)));
    cases.push(case("turned-stretched", || turned(15, Fit::Fill)));
    cases.push(case("turned-clip", || {
        let picture = clip("ball", 80, ClipEnd::Hold);
        let only = shot(21, picture, named(MoveKind::Rotate, 12));
        let line = timeline(WIDE.width, WIDE.height, vec![only]);
        Stage::default().paint(&line, 20)
    }));
    cases.push(case("turned-chart", || {
        let chart = art::chart(WIDE);
        let picture = still("chart", WIDE.width, WIDE.height);
        let only = shot(2, picture, named(MoveKind::Rotate, 7));
        let line = timeline(WIDE.width, WIDE.height, vec![only]);
        Stage::default().with("chart", &chart).paint(&line, 1)
    }));
    check_all("named-moves", &cases);
}
