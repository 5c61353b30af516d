//! Where each shot begins and ends.

use workprint_model::episode::{
    Cue, Episode, Framing, Move, MoveKind, Shot, ShotStart, Sweep, Transition,
};
use workprint_model::look::Look;
use workprint_model::show::Show;
use workprint_model::timeline::{Entry, Pass, PassKind, PlacedCue, PlacedLook, PlacedShot};
use workprint_model::{Digest, Frames, Millis, Percent, Rate};

use super::{Materials, lead};

/// The shots of all cues, one after the other. Cues without shots lengthen the shot before them.
pub(super) fn place(
    episode: &Episode,
    show: &Show,
    cues: &[PlacedCue],
    materials: &Materials,
    rate: Rate,
) -> Vec<PlacedShot> {
    let mut out: Vec<PlacedShot> = Vec::new();
    for (cue, placed) in episode.cues().zip(cues) {
        if cue.shots.is_empty() {
            if let Some(last) = out.last_mut() {
                last.length = last.length + placed.length;
                last.timed_by.extend(&placed.timed_by);
            }
            continue;
        }
        let starts = starts(cue, placed, show, materials, rate);
        let ends = starts.iter().skip(1).copied().chain([placed.length]);
        for ((shot, start), end) in cue.shots.iter().zip(&starts).zip(ends) {
            let Some(picture) = materials.pictures.get(&shot.id) else {
                continue;
            };
            let length = end - *start;
            let before = out.last().map(|shot| shot.length);
            out.push(PlacedShot {
                id: shot.id.clone(),
                from: placed.from + *start,
                length,
                picture: picture.clone(),
                camera: camera(shot),
                fit: shot.fit,
                focus: shot.focus,
                crop: shot.crop,
                puppets: Vec::new(),
                entry: entry(shot, length, before, rate),
                looks: looks(&shot.looks, show, materials),
                timed_by: placed.timed_by.clone(),
            });
        }
    }
    out
}

/// The looks of a list, those that it names put in their places.
pub(super) fn looks(looks: &[Look], show: &Show, materials: &Materials) -> Vec<PlacedLook> {
    let placed = show.looks_of(looks).into_iter().map(|look| PlacedLook {
        cube: look
            .file()
            .and_then(|file| materials.cubes.get(file))
            .cloned(),
        look,
    });
    placed.collect()
}

/// The first frame of each shot, counted from the cue's start: strictly rising, each shot at least
/// one frame long.
fn starts(
    cue: &Cue,
    placed: &PlacedCue,
    show: &Show,
    materials: &Materials,
    rate: Rate,
) -> Vec<Frames> {
    let count = cue.shots.len();
    let length = placed.length.0;
    let asked = |index: usize, shot: &Shot| -> Option<u64> {
        if index == 0 {
            return Some(0);
        }
        let words = materials.timing.get(&cue.id).map(|take| &take.words.words);
        Some(match shot.starts? {
            ShotStart::Ms(ms) => rate.frames_of(Millis(i64::from(ms))).0,
            ShotStart::Word(n) => {
                let word = words?.get(n as usize)?;
                rate.nearest_frame(lead(cue, show) + word.start).0
            }
        })
    };
    let mut fixed: Vec<Option<u64>> = cue
        .shots
        .iter()
        .enumerate()
        .map(|(index, shot)| asked(index, shot))
        .collect();
    let mut floor = 0;
    for (index, start) in fixed.iter_mut().enumerate() {
        // Each shot keeps a frame for itself and leaves one for every shot after it.
        let latest = length.saturating_sub((count - index) as u64);
        if let Some(start) = start {
            *start = (*start).clamp(floor.min(latest), latest);
            floor = *start + 1;
        } else {
            floor += 1;
        }
    }
    share(&cue.shots, &fixed, length)
}

/// Shots without a start share the time between their neighbours by weight.
fn share(shots: &[Shot], fixed: &[Option<u64>], length: u64) -> Vec<Frames> {
    let mut out = Vec::with_capacity(shots.len());
    let mut index = 0;
    while index < shots.len() {
        let from = fixed[index].unwrap_or(0);
        let next = (index + 1..shots.len())
            .find(|&at| fixed[at].is_some())
            .unwrap_or(shots.len());
        let to = fixed.get(next).copied().flatten().unwrap_or(length);
        let weights: Vec<u64> = shots[index..next]
            .iter()
            .map(|shot| u64::from(shot.weight))
            .collect();
        let total = weights.iter().sum::<u64>().max(1);
        let room = to.saturating_sub(from).saturating_sub(weights.len() as u64);
        let mut before = 0;
        for (n, weight) in weights.iter().enumerate() {
            out.push(Frames(from + n as u64 + room * before / total));
            before += weight;
        }
        index = next;
    }
    out
}

/// A shot's move with nothing left open: a framing that names no place looks at the focus, and a
/// seed comes from the shot's id.
fn camera(shot: &Shot) -> Move {
    const MIDDLE: Percent = Percent::new(50);
    let camera = shot.camera.unwrap_or_default();
    let place = shot
        .focus
        .map_or((MIDDLE, MIDDLE), |focus| (focus.x, focus.y));
    let filled = |framing: Framing| Framing {
        zoom: framing.zoom,
        x: framing.x.or(Some(place.0)),
        y: framing.y.or(Some(place.1)),
    };
    let seeded = matches!(camera.kind, Some(MoveKind::Drift | MoveKind::Shake));
    Move {
        from: filled(camera.from),
        to: filled(camera.to),
        seed: seeded.then(|| camera.seed.unwrap_or_else(|| seed_of(shot))),
        ..camera
    }
}

fn seed_of(shot: &Shot) -> u32 {
    (Digest::of(shot.id.as_str().as_bytes()).seed() >> 32) as u32
}

fn entry(shot: &Shot, length: Frames, before: Option<Frames>, rate: Rate) -> Entry {
    let asked = rate.frames_of(shot.transition.length());
    // The film's first shot fades in from nothing but a colour; others need two shots.
    let frames = asked.min(length).min(before.unwrap_or(length));
    if frames.0 == 0 || (before.is_none() && !matches!(shot.transition, Transition::Dip { .. })) {
        return Entry::Cut;
    }
    let pass = |kind, ease| {
        Entry::Pass(Pass {
            length: frames,
            kind,
            ease,
        })
    };
    let sweep = |kind: fn(_) -> _, sweep: Sweep| pass(kind(sweep.direction), sweep.ease);
    match shot.transition {
        Transition::Cut => Entry::Cut,
        Transition::Dip { colour, .. } => Entry::Dip(frames, colour),
        Transition::Dissolve { .. } => Entry::Dissolve(frames),
        Transition::Wipe(wipe) => pass(PassKind::Wipe(wipe.direction, wipe.softness), wipe.ease),
        Transition::Push(push) => sweep(PassKind::Push, push),
        Transition::Slide(slide) => sweep(PassKind::Slide, slide),
        Transition::Iris(iris) => pass(PassKind::Iris(iris.softness), iris.ease),
        Transition::ZoomThrough(zoom) => pass(PassKind::ZoomThrough, zoom.ease),
        Transition::Whip(whip) => sweep(PassKind::Whip, whip),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shot(text: &str) -> Shot {
        let head = r#"{ "id": "s", "picture": { "card": { "title": "x" } }, "#;
        serde_json::from_str(&format!("{head}{text} }}")).unwrap()
    }

    #[test]
    fn what_a_move_leaves_open_is_filled() {
        let plain = camera(&shot(r#""move": { "from": { "x": 20 } }"#));
        assert_eq!(
            serde_json::to_string(&plain).unwrap(),
            r#"{"from":{"zoom":100,"x":20,"y":50},"to":{"zoom":100,"x":50,"y":50},"ease":"smooth"}"#
        );
        let focused = camera(&shot(
            r#""focus": { "x": 70, "y": 30 }, "move": { "to": { "y": 10 } }"#,
        ));
        let place = |framing: Framing| (framing.x.unwrap(), framing.y.unwrap());
        let percent = Percent::new;
        assert_eq!(place(focused.from), (percent(70), percent(30)));
        assert_eq!(place(focused.to), (percent(70), percent(10)));
        let drift = camera(&shot(r#""move": { "kind": "drift" }"#));
        assert!(
            drift.seed.is_some()
                && camera(&shot(r#""move": { "kind": "push" }"#))
                    .seed
                    .is_none()
        );
        let chosen = camera(&shot(r#""move": { "kind": "shake", "seed": 4 }"#));
        assert_eq!(chosen.seed, Some(4));
    }

    #[test]
    fn transitions_become_entries_of_whole_frames() {
        let entry_of = |text: &str, before| entry(&shot(text), Frames(20), before, Rate::FPS_30);
        let push = r#""transition": { "push": { "ms": 500, "direction": "up" } }"#;
        let expected = |length| {
            Entry::Pass(Pass {
                length: Frames(length),
                kind: PassKind::Push(workprint_model::episode::Direction::Up),
                ease: workprint_model::episode::Ease::Smooth,
            })
        };
        assert_eq!(entry_of(push, Some(Frames(90))), expected(15));
        assert_eq!(entry_of(push, Some(Frames(4))), expected(4));
        assert_eq!(entry_of(push, None), Entry::Cut);
        let dip = r#""transition": { "dip": { "ms": 500 } }"#;
        assert_eq!(entry_of(dip, None).length(), Frames(15));
    }
}
