//! A film with every kind of layer: its frames are the same alone, in chunks, and in one pass.

use std::collections::BTreeSet;

use workprint_model::Frames;
use workprint_model::episode::{ClipEnd, Colour, Fit};
use workprint_model::timeline::{Entry, Timeline};
use workprint_picture::{Painter, Yuv, cut, resolve};

use crate::art;
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

#[test]
fn frames_are_the_same_alone_in_chunks_and_in_one_pass() {
    let (line, stage) = film();
    let whole = stretch(&line, &stage, 0..line.length.0);
    // Cut also inside transitions, under captions and under a fading graphic.
    let also = [4, 22, 28, 60, 100].map(Frames);
    let chunks = cut(&line, &BTreeSet::from(also));
    assert!(chunks.len() > 8, "{}", chunks.len());
    let mut in_chunks = Vec::new();
    for chunk in &chunks {
        let end = chunk.from + chunk.length;
        in_chunks.extend(stretch(&line, &stage, chunk.from.0..end.0));
    }
    assert_eq!(in_chunks.len(), whole.len());
    for (number, (whole, chunked)) in (0..).zip(whole.iter().zip(&in_chunks)) {
        assert!(whole == chunked, "frame {number} of its chunk");
        assert!(*whole == stage.paint(&line, number), "frame {number} alone");
    }
    let kinds: BTreeSet<Vec<u8>> = whole.iter().map(|frame| frame.data.clone()).collect();
    assert!(
        kinds.len() > 100,
        "it is a film, not a still: {}",
        kinds.len()
    );
}

/// The order in which a painter is asked changes nothing either.
#[test]
fn a_painter_remembers_nothing_that_is_seen() {
    let (line, stage) = film();
    let mut painter = Painter::new();
    let mut out = Yuv::new(line.size).unwrap();
    for step in 0..line.length.0 {
        let frame = step * 47 % line.length.0;
        let resolved = resolve(&line, Frames(frame));
        painter.paint(&resolved, &stage, &mut out).unwrap();
        assert!(out == stage.paint(&line, frame), "frame {frame}");
    }
}
