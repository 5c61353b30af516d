//! Cutting a timeline into the pieces that are encoded, and what each piece shows.

use std::collections::{BTreeMap, BTreeSet};

use workprint_model::digest::Hasher;
use workprint_model::timeline::{
    ChunkRange, PlacedLook, PlacedOverlay, PlacedPicture, PlacedShot, Timeline,
};
use workprint_model::{CueId, Digest, Frames, Millis, OverlayId, ShotId};

use crate::resolve::{
    base, begin, captions_at, captions_in, entry_length, film_looks_at, overlays_at, shots_seen,
    slate_at, within, write_captions, write_looks, write_overlays, write_slate,
};

/// A run longer than this is split.
const LONG_RUN: u64 = 300;
/// Into pieces of this many frames, counted from the run's start.
const PIECE: u64 = 240;
/// Captions make no piece shorter than this: each costs the start of an encoder and a key frame.
const SHORT: Millis = Millis(2000);
/// Frames without a burned caption, and transitions, are pieces of their own from this length.
const APART: Millis = Millis(1000);

/// What a chunk shows, in its own time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkContent {
    /// Of everything that decides the chunk's frames; where in the episode it lies does not.
    pub digest: Digest,
    /// How many frames.
    pub frames: Frames,
    /// What must be made before the chunk can be painted or its length is certain.
    pub needs: Vec<Digest>,
    /// Those of them that are clips.
    pub clips: Vec<Digest>,
    /// The shots seen, in order.
    pub shots: Vec<ShotId>,
    /// The cues whose captions are burned into it, in order.
    pub captions: Vec<CueId>,
    /// The overlays seen, lowest first.
    pub overlays: Vec<OverlayId>,
    /// Of the shots alone, to tell why a chunk changed.
    pub picture_digest: Digest,
    /// Of the burned captions alone.
    pub caption_digest: Digest,
    /// Of the overlays alone.
    pub overlay_digest: Digest,
}

/// Cuts the timeline into pieces: at every shot's start and at the frames in `also`; around every
/// second and more without a burned caption, and after transitions of a second and more; in what is
/// then longer than two seconds also from caption to caption, and every 240 frames where nothing
/// else cuts. A shot that comes by a shorter transition while a caption stands is cut from the
/// earlier one when that caption has gone, within two seconds.
///
/// Every cut depends only on what lies near it, so that an edit moves the cuts after it without
/// changing them. The pieces follow each other without gaps and none is empty.
pub fn cut(timeline: &Timeline, also: &BTreeSet<Frames>) -> Vec<ChunkRange> {
    let end = timeline.length.0;
    if end == 0 {
        return Vec::new();
    }
    let frames = |ms| timeline.rate.frames_of(ms).0.max(1);
    let mut edges: BTreeSet<u64> = also.iter().map(|frame| frame.0).collect();
    edges.extend([0, end]);
    let captions = Talk::of(timeline);
    let beginning = |shot| captions.edge_of(shot, frames);
    edges.extend(timeline.shots.iter().map(beginning));
    set_apart(timeline, &captions.bare, &mut edges, frames(APART));
    edges.retain(|&edge| edge <= end);
    let mut chunks = Vec::new();
    let runs: Vec<u64> = edges.into_iter().collect();
    for run in runs.windows(2) {
        let mut from = run[0];
        for &change in captions.starts.range(run[0] + 1..run[1]) {
            if change - from >= frames(SHORT) && run[1] - change >= frames(SHORT) {
                split(&mut chunks, from, change);
                from = change;
            }
        }
        split(&mut chunks, from, run[1]);
    }
    chunks
}

/// Where burned captions are.
struct Talk {
    /// Where one begins.
    starts: BTreeSet<u64>,
    /// From where to where one or several that overlap are seen.
    stands: BTreeMap<u64, u64>,
    /// From where to where there is none.
    bare: Vec<(u64, u64)>,
}

impl Talk {
    fn of(timeline: &Timeline) -> Self {
        let mut talk = Self {
            starts: BTreeSet::new(),
            stands: BTreeMap::new(),
            bare: Vec::new(),
        };
        let mut silent_from = 0;
        for caption in &timeline.captions {
            if !caption.burn || caption.length.0 == 0 {
                continue;
            }
            let from = caption.from.0;
            if from > silent_from {
                talk.bare.push((silent_from, from));
            }
            talk.starts.insert(from);
            let end = from.saturating_add(caption.length.0);
            silent_from = silent_from.max(end);
            match talk.stands.last_entry() {
                Some(mut last) if from < *last.get() => {
                    last.insert(end.max(*last.get()));
                }
                _ => {
                    talk.stands.insert(from, end);
                }
            }
        }
        talk.bare.push((silent_from, timeline.length.0));
        talk
    }

    /// Where the pieces of `shot` begin. A word of a caption that stands over a cut is in two pieces;
    /// over a transition both shots are seen anyway, so the piece of the first may go on until the
    /// caption has gone.
    fn edge_of(&self, shot: &PlacedShot, frames: impl Fn(Millis) -> u64) -> u64 {
        let from = shot.from.0;
        let entry = entry_length(shot);
        if entry == 0 || entry >= frames(APART) {
            return from;
        }
        let standing = self.stands.range(..from).next_back();
        let gone = standing.map_or(from, |(_, &end)| end.max(from));
        let early = gone - from <= frames(SHORT);
        let rest = gone.saturating_add(frames(SHORT)) <= from.saturating_add(shot.length.0);
        if early && rest { gone } else { from }
    }
}

/// Cuts out what is cheap to keep when captions change, and shots from long transitions into them.
fn set_apart(timeline: &Timeline, bare: &[(u64, u64)], edges: &mut BTreeSet<u64>, least: u64) {
    let fixed = edges.clone();
    let mut between = |from: u64, to: u64| {
        // Of a stretch that shots divide, the parts that are long enough.
        let inner = fixed.range(from.saturating_add(1)..to.max(from.saturating_add(1)));
        let ends: Vec<u64> = [from]
            .into_iter()
            .chain(inner.copied())
            .chain([to])
            .collect();
        for part in ends.windows(2) {
            if part[1].saturating_sub(part[0]) >= least {
                edges.extend([part[0], part[1]]);
            }
        }
    };
    for &(from, to) in bare {
        between(from, to);
    }
    for shot in &timeline.shots {
        let length = entry_length(shot);
        if length >= least && shot.length.0 - length >= least {
            edges.insert(shot.from.0.saturating_add(length));
        }
    }
}

/// Adds a piece, or several where it is long.
fn split(chunks: &mut Vec<ChunkRange>, from: u64, to: u64) {
    let mut from = from;
    if to - from > LONG_RUN {
        while to - from > PIECE {
            chunks.push(ChunkRange {
                from: Frames(from),
                length: Frames(PIECE),
            });
            from += PIECE;
        }
    }
    chunks.push(ChunkRange {
        from: Frames(from),
        length: Frames(to - from),
    });
}

/// What `range` shows. Costs about as much as hashing a few hundred bytes a frame.
pub fn content(timeline: &Timeline, range: ChunkRange) -> ChunkContent {
    let (parts, numbers) = walk(timeline, range);
    let shots = || numbers.iter().map(|&number| &timeline.shots[number]);
    let shown = |from, length| meet(range, from, length);
    let captions =
        || captions_in(timeline, range.from, range.length).filter(|caption| caption.burn);
    let overlays = || {
        let all = timeline.overlays.iter();
        all.filter(|overlay| shown(overlay.from, overlay.length))
    };
    let mut needs: BTreeSet<Digest> = shots().flat_map(shot_needs).collect();
    needs.extend(cubes(&timeline.looks));
    needs.extend(captions().flat_map(|caption| &caption.timed_by));
    needs.extend(
        overlays()
            .flat_map(PlacedOverlay::artifacts)
            .map(|made| made.digest),
    );
    let mut cues: Vec<CueId> = captions().map(|caption| caption.cue.clone()).collect();
    cues.dedup();
    let mut clips: BTreeSet<Digest> = shots().filter_map(clip_of).collect();
    clips.extend(overlays().filter_map(|overlay| Some(overlay.clip.as_ref()?.video.digest)));
    let [picture_digest, caption_digest, overlay_digest] = parts;
    ChunkContent {
        digest: whole(timeline, range.length, parts),
        frames: range.length,
        needs: needs.into_iter().collect(),
        clips: clips.into_iter().collect(),
        shots: shots().map(|shot| shot.id.clone()).collect(),
        captions: cues,
        overlays: overlays().map(|overlay| overlay.id.clone()).collect(),
        picture_digest,
        caption_digest,
        overlay_digest,
    }
}

/// The digests of the shots, captions and overlays of every frame, and the numbers of the shots.
///
/// What stays the same from frame to frame is written once, with the number of its frames.
fn walk(timeline: &Timeline, range: ChunkRange) -> ([Digest; 3], BTreeSet<usize>) {
    let [mut picture, captions, overlays] = [(); 3].map(|()| begin(timeline.size));
    let mut captions = Runs::new(captions);
    let mut overlays = Runs::new(overlays);
    let mut shots = BTreeSet::new();
    let end = range.from.0.saturating_add(range.length.0);
    let captioned = captions_in(timeline, range.from, range.length).any(|caption| caption.burn);
    let covered = timeline
        .overlays
        .iter()
        .any(|overlay| meet(range, overlay.from, overlay.length));
    for frame in (range.from.0..end).map(Frames) {
        base(timeline, frame).write(&mut picture);
        write_slate(slate_at(timeline, frame).as_ref(), &mut picture);
        write_looks(&film_looks_at(timeline, frame), &mut picture);
        if captioned {
            captions.add(captions_at(timeline, frame), write_captions);
        }
        if covered {
            overlays.add(overlays_at(timeline, frame), write_overlays);
        }
        let (before, on) = shots_seen(timeline, frame);
        shots.extend(before.into_iter().chain(on));
    }
    let parts = [
        picture.finish(),
        captions.finish(write_captions),
        overlays.finish(write_overlays),
    ];
    (parts, shots)
}

/// Hashes a sequence as runs of equal things.
struct Runs<T> {
    hasher: Hasher,
    last: Option<(Vec<T>, u64)>,
}

impl<T: PartialEq> Runs<T> {
    const fn new(hasher: Hasher) -> Self {
        Self { hasher, last: None }
    }

    fn add(&mut self, next: Vec<T>, write: fn(&[T], &mut Hasher)) {
        match &mut self.last {
            Some((last, count)) if *last == next => *count += 1,
            _ => {
                self.flush(write);
                self.last = Some((next, 1));
            }
        }
    }

    fn flush(&mut self, write: fn(&[T], &mut Hasher)) {
        if let Some((last, count)) = self.last.take() {
            self.hasher.update(&count.to_le_bytes());
            write(&last, &mut self.hasher);
        }
    }

    fn finish(mut self, write: fn(&[T], &mut Hasher)) -> Digest {
        self.flush(write);
        self.hasher.finish()
    }
}

fn clip_of(shot: &PlacedShot) -> Option<Digest> {
    match &shot.picture {
        PlacedPicture::Clip(clip) => Some(clip.video.digest),
        PlacedPicture::Still(_) | PlacedPicture::Plate(_) => None,
    }
}

fn shot_needs(shot: &PlacedShot) -> Vec<Digest> {
    let mut needs = shot.timed_by.clone();
    match &shot.picture {
        PlacedPicture::Still(still) => {
            needs.extend(still.layers.iter().map(|layer| layer.image.digest));
        }
        PlacedPicture::Clip(clip) => needs.push(clip.video.digest),
        PlacedPicture::Plate(_) => {}
    }
    for puppet in &shot.puppets {
        needs.extend(puppet.rig.pieces.iter().map(|piece| piece.image.digest));
        needs.extend(&puppet.timed_by);
    }
    needs.extend(cubes(&shot.looks));
    needs
}

fn cubes(looks: &[PlacedLook]) -> impl Iterator<Item = Digest> {
    let cubes = looks.iter().filter_map(|look| look.cube.as_ref());
    cubes.map(|cube| cube.digest)
}

fn whole(timeline: &Timeline, length: Frames, parts: [Digest; 3]) -> Digest {
    let mut hasher = begin(timeline.size);
    hasher.update(&timeline.rate.num().to_le_bytes());
    hasher.update(&timeline.rate.den().to_le_bytes());
    hasher.update(&length.0.to_le_bytes());
    for part in parts {
        hasher.update(part.as_bytes());
    }
    hasher.finish()
}

fn meet(range: ChunkRange, from: Frames, length: Frames) -> bool {
    within(range.from, from, length).is_some()
        || (length.0 > 0 && within(from, range.from, range.length).is_some())
}
