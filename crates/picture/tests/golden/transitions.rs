//! Transitions from the valley to a ball that rolls, at moments of their way.

use workprint_model::Frames;
use workprint_model::episode::{ClipEnd, Colour};
use workprint_model::timeline::{Entry, PlacedShot};
use workprint_picture::Yuv;

use crate::art;
use crate::harness::{case, check_all};
use crate::scene::{camera, clip, framing, shot, still, timeline};
use crate::stage::{Stage, WIDE};

fn valley() -> PlacedShot {
    let large = art::large();
    let picture = still("valley", large.size.width, large.size.height);
    let near = camera(framing(100, 50, 50), framing(130, 50, 50));
    shot(20, picture, near)
}

/// Frame `at` of an entry.
fn entering(entry: Entry, at: u64) -> Yuv {
    let mut second = shot(60, clip("ball", 80, ClipEnd::Hold), crate::scene::hold());
    second.entry = entry;
    let line = timeline(WIDE.width, WIDE.height, vec![valley(), second]);
    Stage::default()
        .with("valley", art::large())
        .paint(&line, 20 + at)
}

/// Frame `at` of the entry of the film's first shot.
fn opening(entry: Entry, at: u64) -> Yuv {
    let mut first = valley();
    first.entry = entry;
    let line = timeline(WIDE.width, WIDE.height, vec![first]);
    Stage::default()
        .with("valley", art::large())
        .paint(&line, at)
}

#[test]
fn transitions() {
    let dissolve = Entry::Dissolve(Frames(20));
    let dip = Entry::Dip(Frames(20), Colour::new(0, 0, 0));
    let flash = Entry::Dip(Frames(20), Colour::new(255, 250, 235));
    check_all(
        "transitions",
        &[
            case("cut-first", || entering(Entry::Cut, 0)),
            case("dissolve-quarter", move || entering(dissolve, 5)),
            case("dissolve-half", move || entering(dissolve, 10)),
            case("dissolve-last", move || entering(dissolve, 19)),
            case("dip-quarter", move || entering(dip, 5)),
            case("dip-half", move || entering(dip, 10)),
            case("dip-three-quarters", move || entering(dip, 15)),
            case("dip-to-white-quarter", move || entering(flash, 5)),
            case("opening-dip", move || opening(dip, 14)),
        ],
    );
}
