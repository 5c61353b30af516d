//! Where timelines are cut, and what makes a chunk another one.

mod scene;

use std::collections::BTreeSet;

use proptest::prelude::*;
use scene::{camera, caption, clip, framing, hold, overlay, shot, still, timeline};
use workprint_model::episode::{ClipEnd, Colour};
use workprint_model::graphic::Content;
use workprint_model::look::{Jank, Look};
use workprint_model::timeline::{ChunkRange, Entry, PlacedLook, PlacedShot, Timeline};
use workprint_model::{Digest, Frames, Percent};
use workprint_picture::{ChunkContent, content, cut, resolve};

/// Where pieces begin.
fn starts(line: &Timeline) -> Vec<u64> {
    cut(line, &BTreeSet::new())
        .iter()
        .map(|chunk| chunk.from.0)
        .collect()
}

fn plain(length: u64) -> PlacedShot {
    shot(length, still("a", 64, 36), hold())
}

fn entering(length: u64, entry: Entry) -> PlacedShot {
    PlacedShot {
        entry,
        ..plain(length)
    }
}

fn contents(line: &Timeline) -> Vec<ChunkContent> {
    cut(line, &BTreeSet::new())
        .into_iter()
        .map(|range| content(line, range))
        .collect()
}

fn digests(line: &Timeline) -> Vec<Digest> {
    contents(line)
        .into_iter()
        .map(|content| content.digest)
        .collect()
}

#[test]
fn nothing_has_no_pieces() {
    assert!(starts(&timeline(64, 36, Vec::new())).is_empty());
}

#[test]
fn shots_and_long_transitions_are_pieces() {
    let dip = Entry::Dip(Frames(30), Colour::new(0, 0, 0));
    let shots = vec![
        plain(100),
        entering(100, Entry::Dissolve(Frames(15))),
        entering(60, dip),
        plain(9),
    ];
    // A short transition is not worth a piece of its own.
    assert_eq!(starts(&timeline(64, 36, shots)), [0, 100, 200, 230, 260]);
}

#[test]
fn an_entry_as_long_as_its_shot_is_one_piece() {
    let shots = vec![
        plain(100),
        entering(10, Entry::Dissolve(Frames(15))),
        plain(10),
    ];
    assert_eq!(starts(&timeline(64, 36, shots)), [0, 100, 110]);
}

#[test]
fn long_runs_are_split() {
    assert_eq!(starts(&timeline(64, 36, vec![plain(300)])), [0]);
    assert_eq!(starts(&timeline(64, 36, vec![plain(301)])), [0, 240]);
    assert_eq!(
        starts(&timeline(64, 36, vec![plain(10), plain(1000)])),
        [0, 10, 250, 490, 730, 970]
    );
}

#[test]
fn seconds_without_captions_are_apart() {
    let mut line = timeline(64, 36, vec![plain(130), plain(120)]);
    line.captions = vec![
        caption("a", 30, 30),
        caption("b", 60, 25),
        // Half a second of silence stays with what is said around it.
        caption("c", 100, 20),
        // Silence across a cut: its second part is long enough.
        caption("d", 170, 40),
    ];
    assert_eq!(starts(&line), [0, 30, 130, 170, 210]);
    for caption in &mut line.captions {
        caption.burn = false;
    }
    assert_eq!(starts(&line), [0, 130]);
}

#[test]
fn long_talk_is_cut_between_captions() {
    let mut line = timeline(64, 36, vec![plain(290)]);
    line.captions = (0..7)
        .map(|n| caption(&format!("c{n}"), 10 + 40 * n, 40))
        .collect();
    // A cut at 250 would leave less than two seconds.
    assert_eq!(starts(&line), [0, 90, 170]);
}

#[test]
fn a_caption_over_a_short_transition_stays_whole() {
    let starts_with = |entry, length, caption_length| {
        let mut line = timeline(64, 36, vec![plain(150), entering(length, entry)]);
        line.captions = vec![
            caption("a", 0, 120),
            caption("b", 120, caption_length),
            caption("c", 120 + caption_length, 150),
        ];
        starts(&line)
    };
    let dissolve = Entry::Dissolve(Frames(15));
    assert_eq!(starts_with(dissolve, 150, 50), [0, 170]);
    // At a cut the key frame is needed where the cut is.
    assert_eq!(starts_with(Entry::Cut, 150, 50), [0, 150]);
    // So it is at a transition that is a piece of its own.
    let slow = Entry::Dissolve(Frames(30));
    assert_eq!(starts_with(slow, 150, 50), [0, 150, 180]);
    // A caption that stands for more than two seconds into the shot is not waited for.
    assert_eq!(starts_with(dissolve, 150, 90), [0, 120, 210]);
    assert_eq!(starts_with(dissolve, 150, 91), [0, 150, 211]);
    // Nor one after which less than two seconds of the shot are left.
    assert_eq!(starts_with(dissolve, 79, 50), [0, 150]);
}

#[test]
fn captions_that_overlap_go_together() {
    let dissolve = Entry::Dissolve(Frames(15));
    let mut line = timeline(64, 36, vec![plain(150), entering(150, dissolve)]);
    line.captions = vec![
        caption("a", 0, 130),
        caption("b", 130, 30),
        caption("c", 140, 35),
        caption("d", 175, 125),
    ];
    assert_eq!(starts(&line), [0, 175]);
}

#[test]
fn wished_cuts_are_made() {
    let line = timeline(64, 36, vec![plain(100), plain(100)]);
    let also = BTreeSet::from([Frames(0), Frames(30), Frames(100), Frames(200), Frames(900)]);
    let starts: Vec<u64> = cut(&line, &also).iter().map(|chunk| chunk.from.0).collect();
    assert_eq!(starts, [0, 30, 100]);
}

/// A timeline with a bit of everything after `before` frames of something else.
fn after(before: &[u64]) -> Timeline {
    let mut shots: Vec<PlacedShot> = before.iter().map(|&length| plain(length)).collect();
    let zoom = camera(framing(100, 50, 50), framing(120, 20, 80));
    let mut moving = shot(400, still("b", 64, 36), zoom);
    moving.entry = Entry::Cut;
    shots.push(moving);
    shots.push(PlacedShot {
        entry: Entry::Dissolve(Frames(12)),
        ..shot(90, clip("c", 40, ClipEnd::Loop), hold())
    });
    shots.push(plain(50));
    let offset = before.iter().sum::<u64>();
    let mut line = timeline(64, 36, shots);
    line.captions = (0..8)
        .map(|n| caption(&format!("c{n}"), offset + 30 + 45 * n, 40))
        .collect();
    line.overlays = vec![overlay("o", (3, 3), (20, 10), 60)];
    line.overlays[0].from = Frames(offset + 380);
    line.overlays[0].fade = Frames(9);
    line
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_follow_without_gaps(
        shots in prop::collection::vec((1u64..700, 0u64..50), 1..6),
        captions in prop::collection::vec((0u64..90, 1u64..90), 0..12),
        also in prop::collection::btree_set(0u64..3000, 0..5),
    ) {
        let shots = shots.into_iter().map(|(length, entry)| entering(length, Entry::Dissolve(Frames(entry))));
        let mut line = timeline(64, 36, shots.collect());
        let mut at = 0;
        for (gap, length) in captions {
            line.captions.push(caption("c", at + gap, length));
            at += gap + length;
        }
        let mut next = 0;
        for ChunkRange { from, length } in cut(&line, &also.into_iter().map(Frames).collect()) {
            prop_assert_eq!(from.0, next);
            prop_assert!(length.0 > 0 && length.0 <= 300);
            next += length.0;
        }
        prop_assert_eq!(next, line.length.0);
    }

    /// What lies before changes neither the cuts after it nor what is in the pieces.
    #[test]
    fn moving_changes_nothing(one in prop::collection::vec(1u64..500, 1..4), other in prop::collection::vec(1u64..500, 1..4)) {
        let tail = |before: &[u64]| {
            let offset = before.iter().sum::<u64>();
            let line = after(before);
            let chunks = cut(&line, &BTreeSet::new())
                .into_iter()
                .filter(|chunk| chunk.from.0 >= offset);
            let place = |chunk: ChunkRange| (chunk.from.0 - offset, chunk.length);
            chunks
                .map(|chunk| (place(chunk), content(&line, chunk).digest))
                .collect::<Vec<_>>()
        };
        prop_assert_eq!(tail(&one), tail(&other));
    }
}

/// Which pieces differ between two timelines cut alike.
fn changed(one: &Timeline, other: &Timeline) -> Vec<usize> {
    let (one, other) = (digests(one), digests(other));
    assert_eq!(one.len(), other.len());
    (0..one.len())
        .filter(|&index| one[index] != other[index])
        .collect()
}

#[test]
fn an_edit_changes_its_own_pieces() {
    let line = after(&[100]);
    let all = contents(&line);
    let with = |cue: &str| -> Vec<usize> {
        (0..all.len())
            .filter(|&index| all[index].captions.iter().any(|id| id.as_str() == cue))
            .collect()
    };

    let mut word = line.clone();
    word.captions[3].lines = vec!["another".to_owned()];
    assert_eq!(changed(&line, &word), with("c3"));

    let mut style = line.clone();
    for caption in &mut style.captions {
        caption.style.bottom = Percent::new(20);
    }
    let captioned: Vec<usize> = (0..all.len())
        .filter(|&index| !all[index].captions.is_empty())
        .collect();
    assert_eq!(changed(&line, &style), captioned);
    assert!(captioned.len() < all.len());

    let mut graphic = line.clone();
    if let Content::Plate(plate) = &mut graphic.overlays[0].parts[0].content {
        plate.x = 4;
    }
    let under: Vec<usize> = (0..all.len())
        .filter(|&index| !all[index].overlays.is_empty())
        .collect();
    assert_eq!(changed(&line, &graphic), under);
    assert!(!under.is_empty() && under.len() < all.len());

    let mut picture = line.clone();
    picture.shots[2].picture = clip("d", 40, ClipEnd::Loop);
    let seen: Vec<usize> = (0..all.len())
        .filter(|&index| all[index].shots.contains(&line.shots[2].id))
        .collect();
    assert_eq!(changed(&line, &picture), seen);
}

#[test]
fn why_a_piece_changed_can_be_told() {
    let line = after(&[100]);
    let mut word = line.clone();
    word.captions[0].lines = vec!["another".to_owned()];
    let (before, now) = (&contents(&line)[2], &contents(&word)[2]);
    assert_ne!(before.digest, now.digest);
    assert_ne!(before.caption_digest, now.caption_digest);
    assert_eq!(before.picture_digest, now.picture_digest);
    assert_eq!(before.overlay_digest, now.overlay_digest);
}

#[test]
fn pieces_name_what_they_need() {
    let mut line = after(&[100]);
    line.shots[1].timed_by = vec![Digest::of(b"voice")];
    let all = contents(&line);
    let needs =
        |content: &ChunkContent, name: &str| content.needs.contains(&Digest::of(name.as_bytes()));
    assert!(needs(&all[0], "a") && !needs(&all[0], "b") && !needs(&all[0], "voice"));
    assert!(needs(&all[1], "b") && needs(&all[1], "voice") && !needs(&all[1], "c0"));
    assert!(needs(&all[2], "b") && needs(&all[2], "c0"));
    let dissolve = all.iter().find(|content| content.shots.len() == 2).unwrap();
    assert!(needs(dissolve, "b") && needs(dissolve, "c") && needs(dissolve, "o"));
    // Of all that only `c` is a clip.
    assert_eq!(dissolve.clips, [Digest::of(b"c")]);
    assert!(all[0].clips.is_empty() && all[1].clips.is_empty());
    assert_eq!(
        dissolve.shots,
        [line.shots[1].id.clone(), line.shots[2].id.clone()]
    );
}

#[test]
fn a_piece_needs_the_shot_that_a_look_still_holds() {
    // At 16 pictures of 30 frames, frame 33 holds the picture of frame 32.
    let mut line = timeline(
        64,
        36,
        vec![plain(100), entering(100, Entry::Dissolve(Frames(33)))],
    );
    line.looks = vec![PlacedLook {
        look: Look::Jank(Jank {
            fps: 16,
            ..Jank::default()
        }),
        cube: None,
    }];
    let piece = ChunkRange {
        from: Frames(133),
        length: Frames(1),
    };
    let held = content(&line, piece);
    assert_eq!(
        held.shots,
        [line.shots[0].id.clone(), line.shots[1].id.clone()]
    );
    line.looks.clear();
    assert_eq!(content(&line, piece).shots, [line.shots[1].id.clone()]);
}

#[test]
fn a_still_frame_is_the_same_everywhere() {
    let line = timeline(64, 36, vec![plain(100)]);
    assert_eq!(resolve(&line, Frames(3)), resolve(&line, Frames(97)));
    assert_eq!(
        resolve(&line, Frames(3)).digest(),
        resolve(&line, Frames(97)).digest()
    );
    let moved = timeline(
        64,
        36,
        vec![shot(
            100,
            still("a", 64, 36),
            camera(framing(100, 50, 50), framing(101, 50, 50)),
        )],
    );
    assert_ne!(
        resolve(&moved, Frames(3)).digest(),
        resolve(&moved, Frames(4)).digest()
    );
}
