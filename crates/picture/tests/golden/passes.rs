//! Transitions in which two shots are seen in parts of the frame, at moments of their way.

use workprint_model::episode::{Direction, Ease, Fit, Focus, MoveKind};
use workprint_model::timeline::{Entry, Pass, PassKind, PlacedShot};
use workprint_model::{Frames, Percent};
use workprint_picture::Yuv;

use crate::art;
use crate::harness::{Case, case, check_all};
use crate::scene::{hold, plain, shot, still, timeline};
use crate::stage::{Stage, WIDE};

fn pass(kind: PassKind, ease: Ease) -> Entry {
    Entry::Pass(Pass {
        length: Frames(20),
        kind,
        ease,
    })
}

/// Frame `at` of 20 in which a chart comes after the valley.
fn entering(entry: Entry, at: u64, change: impl Fn(&mut PlacedShot, &mut PlacedShot)) -> Yuv {
    let valley = art::large();
    let mut first = shot(
        20,
        still("valley", valley.size.width, valley.size.height),
        hold(),
    );
    first.focus = Some(Focus {
        x: Percent::new(69),
        y: Percent::new(51),
    });
    let mut second = shot(40, still("chart", WIDE.width, WIDE.height), hold());
    second.entry = entry;
    change(&mut first, &mut second);
    let line = timeline(WIDE.width, WIDE.height, vec![first, second]);
    Stage::default()
        .with("valley", valley)
        .with("chart", &art::chart(WIDE))
        .with("square", &plain(80, 80, [60, 140, 220, 255]))
        .paint(&line, 20 + at)
}

fn plainly(kind: PassKind, at: u64) -> Yuv {
    entering(pass(kind, Ease::Smooth), at, |_, _| {})
}

fn square(one: &mut PlacedShot, fit: Fit) {
    one.picture = still("square", 80, 80);
    one.fit = fit;
}

const SOFT: Percent = Percent::new(20);

/// The moments of each.
fn moments(cases: &mut Vec<Case>) {
    let kinds = [
        ("wipe-right", PassKind::Wipe(Direction::Right, SOFT)),
        ("push-left", PassKind::Push(Direction::Left)),
        ("slide-left", PassKind::Slide(Direction::Left)),
        ("iris", PassKind::Iris(Percent::new(4))),
        ("zoom-through", PassKind::ZoomThrough),
        ("whip-left", PassKind::Whip(Direction::Left)),
    ];
    for (name, kind) in kinds {
        for (moment, at) in [
            ("first", 1),
            ("early", 6),
            ("half", 10),
            ("late", 15),
            ("last", 19),
        ] {
            cases.push(case(format!("{name}-{moment}"), move || plainly(kind, at)));
        }
    }
}

/// Other ways and edges, at half of the way.
fn ways(cases: &mut Vec<Case>) {
    let others = [
        (
            "wipe-left-hard",
            PassKind::Wipe(Direction::Left, Percent::new(0)),
        ),
        ("wipe-up", PassKind::Wipe(Direction::Up, SOFT)),
        (
            "wipe-down",
            PassKind::Wipe(Direction::Down, Percent::new(100)),
        ),
        ("push-right", PassKind::Push(Direction::Right)),
        ("push-up", PassKind::Push(Direction::Up)),
        ("slide-down", PassKind::Slide(Direction::Down)),
        ("iris-soft", PassKind::Iris(Percent::new(60))),
        ("whip-up", PassKind::Whip(Direction::Up)),
    ];
    for (name, kind) in others {
        cases.push(case(name, move || plainly(kind, 9)));
    }
}

/// Each ease, and pictures that do not fill their frames.
fn others(cases: &mut Vec<Case>) {
    for (name, ease) in [
        ("linear", Ease::Linear),
        ("in", Ease::In),
        ("out", Ease::Out),
        ("expo", Ease::Expo),
    ] {
        let entry = pass(PassKind::Push(Direction::Left), ease);
        cases.push(case(format!("push-{name}"), move || {
            entering(entry, 7, |_, _| {})
        }));
    }
    let push = pass(PassKind::Push(Direction::Left), Ease::Linear);
    cases.push(case("push-out-of-bars", move || {
        entering(push, 7, |first, _| square(first, Fit::Contain))
    }));
    cases.push(case("push-into-bars", move || {
        entering(push, 7, |_, second| square(second, Fit::Contain))
    }));
    cases.push(case("push-into-blur", move || {
        entering(push, 7, |_, second| square(second, Fit::Blur))
    }));
    cases.push(case("zoom-out-of-bars", move || {
        let zoom = pass(PassKind::ZoomThrough, Ease::Smooth);
        entering(zoom, 9, |first, _| square(first, Fit::Contain))
    }));
    cases.push(case("slide-of-a-turn", move || {
        let slide = pass(PassKind::Slide(Direction::Up), Ease::Linear);
        entering(slide, 9, |first, second| {
            for one in [first, second] {
                one.camera.kind = Some(MoveKind::Rotate);
                one.camera.amount = Some(Percent::new(20));
            }
        })
    }));
}

#[test]
fn passes() {
    let mut cases = Vec::new();
    moments(&mut cases);
    ways(&mut cases);
    others(&mut cases);
    check_all("passes", &cases);
}
