//! Puppets: mouths, eyes, moods, gestures, mirrors, and drawings with parts left out.

use workprint_model::puppet::{Act, Mood};
use workprint_model::rig::{Mouth, PlacedAct, PlacedPuppet, Rig, RigPiece, Side};
use workprint_model::{Frames, Language, Percent};
use workprint_picture::{Fonts, Yuv, puppet};

use crate::art;
use crate::harness::{Case, case, check_all};
use crate::scene::{artifact, camera, framing, hold, shot, timeline};
use crate::stage::{Stage, WIDE};

pub(crate) const BEA: &str = include_str!("../../../../examples/moon-stop/media/puppets/bea.svg");
const OTTO: &str = include_str!("../../../../examples/moon-stop/media/puppets/otto.svg");

/// A puppet of nothing but a head with two mouths, and brows without moods.
const PLAIN: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">
<circle cx="50" cy="50" r="46" fill="#7cc6a4" stroke="#1d2b3a" stroke-width="4"/>
<circle cx="34" cy="40" r="6" fill="#1d2b3a"/><circle cx="66" cy="40" r="6" fill="#1d2b3a"/>
<g id="mouth-X" style="display:none"><path d="M30,66H70" stroke="#1d2b3a" stroke-width="5"/></g>
<g id="mouth-C" display="none"><ellipse cx="50" cy="68" rx="20" ry="13" fill="#1d2b3a"/></g>
</svg>"##;

/// Parts that show left from right, some of them drawn and shown through others.
const SIDES: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="-50 -100 100 100" data-feet="0 -4">
<defs><circle id="dot" r="7"/></defs>
<g id="body"><rect x="-18" y="-60" width="36" height="50" rx="8" fill="#e0a030"/>
<g id="arm-left-rest" data-pivot="-16 -52"><path d="M-16,-52V-20" stroke="#c03030" stroke-width="9"/></g>
<g id="arm-right-rest" data-pivot="16 -52"><path d="M16,-52V-20" stroke="#3050c0" stroke-width="9"/></g>
<g id="arm-left-point" data-pivot="-16 -52"><path d="M-16,-52H-46" stroke="#c03030" stroke-width="9"/></g>
<g id="arm-right-point" data-pivot="16 -52"><path d="M16,-52H46" stroke="#3050c0" stroke-width="9"/></g>
<g id="head"><circle cx="0" cy="-78" r="18" fill="#f0d0b0"/><path d="M18,-78h8l-8,7z" fill="#c07040"/>
<g id="eyes-open"><use href="#dot" x="-7" y="-82" fill="#fff"/><use href="#dot" x="7" y="-82" fill="#fff"/>
<g id="pupils" data-reach="3 3"><circle cx="-7" cy="-82" r="3"/><circle cx="7" cy="-82" r="3"/></g></g></g></g>
</svg>"##;

/// Draws a puppet and puts its pieces on the stage.
pub(crate) fn drawn(mut stage: Stage, svg: &str, height: u32, mirrored: bool) -> (Stage, Rig) {
    let language: Language = "en".parse().unwrap();
    let drawn = puppet::draw(svg, height, mirrored, &language, Fonts::built_in()).unwrap();
    let mut pieces = Vec::new();
    for (number, (part, placed)) in drawn.pieces.iter().enumerate() {
        let name = format!("piece-{number}");
        stage = stage.with(&name, &placed.image);
        pieces.push(RigPiece {
            image: artifact(&name),
            x: placed.x,
            y: placed.y,
            size: placed.image.size,
            part: *part,
        });
    }
    let rig = Rig {
        height: drawn.height,
        parts: drawn.parts,
        pieces,
    };
    (stage, rig)
}

/// A puppet that does not idle, its feet on a place of the frame, in percent.
pub(crate) fn still(rig: Rig, (x, y): (i32, i32), height: i32) -> PlacedPuppet {
    PlacedPuppet {
        rig,
        x: Percent::new(x),
        y: Percent::new(y),
        height: Percent::new(height),
        depth: 100,
        idle: Percent::new(0),
        seed: 1,
        mood: Mood::Neutral,
        talks: Vec::new(),
        mouths: Vec::new(),
        looks: Vec::new(),
        acts: Vec::new(),
        timed_by: Vec::new(),
    }
}

fn painted(stage: Stage, puppet: PlacedPuppet, frame: u64) -> Yuv {
    let (stage, picture) = stage.with_scene("valley", &art::valley(WIDE, 1.0), 100);
    let mut only = shot(60, picture, hold());
    only.puppets = vec![puppet];
    stage.paint(&timeline(WIDE.width, WIDE.height, vec![only]), frame)
}

/// A face, near.
fn face(svg: &str, change: impl Fn(&mut PlacedPuppet), frame: u64) -> Yuv {
    let (stage, rig) = drawn(Stage::default(), svg, 480, false);
    let feet = if svg == BEA { 211 } else { 234 };
    let mut puppet = still(rig, (50, feet), 256);
    change(&mut puppet);
    painted(stage, puppet, frame)
}

/// A whole puppet in the middle of an act.
fn acting(svg: &'static str, act: Act, mirrored: bool) -> Yuv {
    let (stage, rig) = drawn(Stage::default(), svg, 192, mirrored);
    let mut puppet = still(rig, (50, 97), 92);
    puppet.acts = vec![PlacedAct {
        act,
        from: Frames(0),
        length: Frames(40),
    }];
    painted(stage, puppet, 17)
}

fn mouth(svg: &'static str, mouth: Mouth) -> Case {
    let who = if svg == BEA { "bea" } else { "plain" };
    let name = format!("{who}-mouth-{}", mouth.letter().to_ascii_lowercase());
    let one = case(name, move || {
        if svg == BEA {
            return face(svg, |puppet| puppet.mouths = vec![(Frames(0), mouth)], 0);
        }
        let (stage, rig) = drawn(Stage::default(), svg, 160, false);
        let mut puppet = still(rig, (50, 95), 90);
        puppet.mouths = vec![(Frames(0), mouth)];
        painted(stage, puppet, 0)
    });
    // Two mouths stand for nine.
    match (who, mouth) {
        ("plain", Mouth::X) => one.like("plain-mouth-a"),
        ("plain", Mouth::F) => one.like("plain-mouth-d"),
        _ => one,
    }
}

fn mood(mood: Mood) -> Case {
    case(format!("otto-{}", mood.name()), move || {
        face(OTTO, |puppet| puppet.mood = mood, 0)
    })
}

fn blink(name: &'static str, frame: u64) -> Case {
    let blinks = |puppet: &mut PlacedPuppet| {
        puppet.acts = vec![PlacedAct {
            act: Act::Blink,
            from: Frames(0),
            length: Frames(6),
        }];
    };
    case(name, move || face(BEA, blinks, frame))
}

/// Two puppets in a moving scene, one behind what is near.
fn together(frame: u64) -> Yuv {
    let (stage, rig) = drawn(Stage::default(), BEA, 128, false);
    let (stage, picture) = stage.with_scene("valley", &art::valley(WIDE, 1.5), 100);
    let mut near = still(rig.clone(), (30, 96), 70);
    near.depth = 100;
    near.looks = vec![(Frames(0), Some(Side::Right))];
    near.idle = Percent::new(300);
    let mut far = still(rig, (66, 92), 50);
    far.depth = 30;
    far.looks = vec![(Frames(0), Some(Side::Left))];
    let mut only = shot(
        60,
        picture,
        camera(framing(100, 50, 50), framing(140, 20, 70)),
    );
    only.puppets = vec![far, near];
    stage.paint(&timeline(WIDE.width, WIDE.height, vec![only]), frame)
}

#[test]
fn puppets() {
    let mut cases: Vec<Case> = Mouth::ALL.map(|shape| mouth(BEA, shape)).into();
    cases.extend([Mouth::A, Mouth::D, Mouth::F, Mouth::X].map(|shape| mouth(PLAIN, shape)));
    cases.extend(Mood::ALL.map(mood));
    cases.extend([blink("blink-half", 1), blink("blink-closed", 3)]);
    let acts = [
        ("wave", Act::Wave),
        ("cheer", Act::Cheer),
        ("shrug", Act::Shrug),
        ("think", Act::Think),
        ("nod", Act::Nod),
        ("tilt", Act::TiltHead),
        ("hop", Act::Hop),
        ("point-left", Act::PointLeft),
        ("look-right", Act::LookRight),
        ("look-up", Act::LookUp),
    ];
    cases.extend(acts.map(|(name, act)| {
        case(format!("otto-{name}"), move || {
            acting(OTTO, act.clone(), false)
        })
    }));
    cases.extend([
        case("sides-point-left", || acting(SIDES, Act::PointLeft, false)),
        case("sides-mirrored-point-left", || {
            acting(SIDES, Act::PointLeft, true)
        }),
        case("sides-mirrored-look-right", || {
            acting(SIDES, Act::LookRight, true)
        }),
        case("two-in-a-scene", || together(0)),
        case("two-in-a-scene-later", || together(45)),
    ]);
    check_all("puppets", &cases);
}
