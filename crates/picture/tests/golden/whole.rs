//! Films with every kind of layer, transition, move, look, graphic and caption: their frames are the same
//! alone, in chunks, and in one pass.

use std::collections::BTreeSet;

use serde_json::json;
use workprint_model::episode::{ClipEnd, Colour, Direction, Ease, Fit, Focus, MoveKind};
use workprint_model::look::{Comic, Glow, Grain, Jank, Look};
use workprint_model::puppet::Act;
use workprint_model::rig::{Mouth, PlacedAct};
use workprint_model::show::CaptionStyle;
use workprint_model::timeline::{Entry, Pass, PassKind, PlacedLook, PlacedShot, Timeline};
use workprint_model::{Frames, Percent};
use workprint_picture::{Painter, Yuv, cut, resolve};

use crate::art;
use crate::caption_words::said;
use crate::graphics::overlaid;
use crate::named_moves::named;
use crate::puppets;
use crate::scene::{camera, caption, clip, framing, hold, overlay, shot, still, timeline};
use crate::stage::{Stage, WIDE};

/// A still under a move, a scene in layers, a clip and a contained picture, with all transitions
/// between them, a graphic that fades over several, and captions of which one is not burned.
fn film() -> (Timeline, Stage) {
    let photo = art::large();
    let (stage, scene) = Stage::default().with_scene("scene", &art::valley(WIDE, 1.3), 100);
    let near = camera(framing(100, 50, 50), framing(140, 30, 70));
    let mut moved = shot(
        25,
        still("photo", photo.size.width, photo.size.height),
        near,
    );
    moved.entry = Entry::Dip(Frames(6), Colour::new(0, 0, 0));
    let mut layered = shot(30, scene, near);
    layered.entry = Entry::Dissolve(Frames(9));
    let mut rolling = shot(40, clip("ball", 30, ClipEnd::Loop), near);
    rolling.entry = Entry::Dip(Frames(11), Colour::new(250, 240, 220));
    let mut contained = shot(20, still("tall", 150, 290), hold());
    contained.fit = Fit::Contain;
    contained.entry = Entry::Dissolve(Frames(7));
    let cut_to = shot(15, still("glow", 160, 160), near);
    let shots = vec![moved, layered, rolling, contained, cut_to];
    let mut line = timeline(WIDE.width, WIDE.height, shots);
    let mut badge = overlay("badge", (31, 17), (61, 39), 60);
    badge.from = Frames(20);
    badge.fade = Frames(8);
    line.overlays = vec![badge];
    line.captions = vec![
        caption("first words", 3, 20),
        caption("more of them", 23, 31),
        caption("unseen", 60, 20),
        caption("and the last", 85, 40),
    ];
    line.captions[2].burn = false;
    let tall = art::photo(workprint_model::Size {
        width: 150,
        height: 290,
    });
    let stage = stage
        .with("photo", photo)
        .with("tall", &tall)
        .with("glow", &art::glow(160, [250, 190, 90]))
        .with("badge", &crate::scene::plain(61, 39, [120, 20, 20, 140]));
    (line, stage)
}

/// How long each shot of [`rich`] is.
const SHOT: u64 = 14;

fn placed(look: Look) -> PlacedLook {
    PlacedLook { look, cube: None }
}

/// A jank that holds each of its frames for four.
fn jank() -> Jank {
    Jank {
        fps: 7,
        ..Jank::default()
    }
}

/// Moves that never rest, puppets, looks of shots, fits that fill what a picture does not, and every way
/// in which one shot pushes, covers or uncovers another.
fn restless(stage: Stage) -> (Vec<PlacedShot>, Stage) {
    let photo = || still("photo", art::large().size.width, art::large().size.height);
    let (stage, scene) = stage.with_scene("scene", &art::valley(WIDE, 1.3), 100);
    let (stage, rig) = puppets::drawn(stage, puppets::BEA, 110, false);
    let mut puppet = puppets::still(rig, (40, 96), 70);
    puppet.idle = Percent::new(200);
    puppet.mouths = (0..SHOT / 2)
        .map(|n| (Frames(n * 2), Mouth::ALL[n as usize % Mouth::ALL.len()]))
        .collect();
    puppet.acts = vec![PlacedAct {
        act: Act::Wave,
        from: Frames(2),
        length: Frames(9),
    }];
    let drift = named(MoveKind::Drift, 12);
    let mut played = shot(SHOT, scene, drift);
    played.puppets = vec![puppet];
    let mut shaken = shot(SHOT, photo(), named(MoveKind::Shake, 5));
    shaken.looks = vec![placed(Look::Grain(Grain::default()))];
    let mut blurred = shot(SHOT, clip("ball", 8, ClipEnd::Loop), hold());
    blurred.fit = Fit::Blur;
    let mut tall = shot(SHOT, still("tall", 150, 290), named(MoveKind::Rotate, 8));
    tall.fit = Fit::Blur;
    tall.looks = vec![placed(Look::Jank(jank()))];
    let mut printed = shot(SHOT, photo(), named(MoveKind::Push, 40));
    printed.focus = Some(Focus {
        x: Percent::new(28),
        y: Percent::new(72),
    });
    printed.looks = vec![placed(Look::Comic(Comic::default()))];
    let mut glowing = shot(SHOT, still("glow", 160, 160), drift);
    glowing.looks = vec![placed(Look::Glow(Glow::default()))];
    let last = shot(SHOT, photo(), named(MoveKind::TiltDown, 30));
    let mut shots = vec![played, shaken, blurred, tall, printed, glowing, last];
    let soft = Percent::new(20);
    let kinds = [
        PassKind::Wipe(Direction::Right, soft),
        PassKind::Push(Direction::Left),
        PassKind::Slide(Direction::Up),
        PassKind::Iris(soft),
        PassKind::ZoomThrough,
        PassKind::Whip(Direction::Down),
    ];
    for (shot, kind) in shots[1..].iter_mut().zip(kinds) {
        shot.entry = Entry::Pass(Pass {
            length: Frames(9),
            kind,
            ease: Ease::Smooth,
        });
    }
    (shots, stage)
}

/// Restless shots under graphics that move and captions whose words follow the voice, with looks over
/// all of the film.
fn rich(looks: Vec<Look>) -> (Timeline, Stage) {
    let tall = workprint_model::Size {
        width: 150,
        height: 290,
    };
    let stage = Stage::default()
        .with("photo", art::large())
        .with("tall", &art::photo(tall))
        .with("glow", &art::glow(160, [250, 190, 90]));
    let (shots, mut stage) = restless(stage);
    let mut line = timeline(WIDE.width, WIDE.height, shots);
    line.looks = looks.into_iter().map(placed).collect();
    let graphics = [
        json!({ "graphic": "counter", "place": "top-left", "size": 40, "count": { "to": 900, "over_ms": 1500 }, "fields": { "label": "Ships" } }),
        json!({ "graphic": "line-chart", "chart": { "over_ms": 800, "values": [{ "value": 1 }, { "value": 3 }, { "value": 2 }] } }),
        json!({ "graphic": "credits", "fields": { "title": "First Light" }, "credits": [{ "role": "Wick", "names": ["A robot"] }] }),
        json!({ "graphic": "picture-in-picture", "clip": { "file": "a.mp4" }, "fields": { "caption": "Live" } }),
    ];
    for (graphic, (from, length)) in
        graphics
            .into_iter()
            .zip([(3, 50), (20, 40), (48, 45), (70, 28)])
    {
        let (mut overlay, drawn) = overlaid(graphic, WIDE, length);
        overlay.from = Frames(from);
        line.overlays.push(overlay);
        stage = stage.with_drawn(&drawn);
    }
    let spoken = [("karaoke", 2, 30), ("pop", 33, 30), ("marker", 64, 30)];
    for (style, from, length) in spoken {
        let style = CaptionStyle::built_in(style).unwrap();
        let mut caption = said("en", &["The sun came", "up again."], style);
        (caption.from, caption.length) = (Frames(from), Frames(length));
        for (number, word) in caption.words.iter_mut().enumerate() {
            (word.from, word.length) = (Frames(number as u64 * 6), Frames(6));
        }
        line.captions.push(caption);
    }
    (line, stage)
}

/// Frames of a stretch with one painter, as a chunk does: what stays is painted once.
fn stretch(line: &Timeline, stage: &Stage, frames: std::ops::Range<u64>) -> Vec<Yuv> {
    let mut painter = Painter::new();
    let mut out = Yuv::new(line.size).unwrap();
    let mut shown = None;
    frames
        .map(|frame| {
            let resolved = resolve(line, Frames(frame));
            if shown.as_ref() != Some(&resolved) {
                painter.paint(&resolved, stage, &mut out).unwrap();
                shown = Some(resolved);
            }
            out.clone()
        })
        .collect()
}

/// Checks every frame of a film in one pass, in chunks, and alone; gives how many are different.
fn check_same((line, stage): &(Timeline, Stage), also: &[u64]) -> usize {
    let whole = stretch(line, stage, 0..line.length.0);
    let chunks = cut(line, &also.iter().copied().map(Frames).collect());
    assert!(chunks.len() > 8, "{}", chunks.len());
    let mut in_chunks = Vec::new();
    for chunk in &chunks {
        let end = chunk.from + chunk.length;
        in_chunks.extend(stretch(line, stage, chunk.from.0..end.0));
    }
    assert_eq!(in_chunks.len(), whole.len());
    for (number, (whole, chunked)) in (0..).zip(whole.iter().zip(&in_chunks)) {
        assert!(whole == chunked, "frame {number} of its chunk");
        assert!(*whole == stage.paint(line, number), "frame {number} alone");
    }
    let kinds: BTreeSet<&[u8]> = whole.iter().map(|frame| &frame.data[..]).collect();
    kinds.len()
}

/// The order in which a painter is asked changes nothing either.
fn check_any_order((line, stage): &(Timeline, Stage)) {
    let mut painter = Painter::new();
    let mut out = Yuv::new(line.size).unwrap();
    for step in 0..line.length.0 {
        let frame = step * 47 % line.length.0;
        let resolved = resolve(line, Frames(frame));
        painter.paint(&resolved, stage, &mut out).unwrap();
        assert!(out == stage.paint(line, frame), "frame {frame}");
    }
}

#[test]
fn frames_are_the_same_alone_in_chunks_and_in_one_pass() {
    // Cut also inside transitions, under captions and under a fading graphic.
    let kinds = check_same(&film(), &[4, 22, 28, 60, 100]);
    assert!(kinds > 100, "it is a film, not a still: {kinds}");
}

#[test]
fn restless_frames_are_the_same_too() {
    let cuts = [5, 17, 31, 35, 47, 60, 73, 90];
    let kinds = check_same(&rich(Vec::new()), &cuts);
    assert!(kinds > 90, "it is a film, not a still: {kinds}");
}

#[test]
fn frames_under_looks_of_the_film_are_the_same_too() {
    // Cut where the film's look holds a frame.
    let looks = vec![Look::Jank(jank()), Look::Grain(Grain::default())];
    let kinds = check_same(&rich(looks), &[5, 18, 31, 46, 61, 75, 91]);
    assert!(kinds > 90, "{kinds}");
    check_same(&rich(vec![Look::Jank(jank())]), &[2, 22, 41, 57]);
}

#[test]
fn a_painter_remembers_nothing_that_is_seen() {
    check_any_order(&film());
    check_any_order(&rich(vec![Look::Jank(jank())]));
}
