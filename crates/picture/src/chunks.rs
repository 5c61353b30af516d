//! Cutting a timeline into the pieces that are encoded, and what each piece shows.

use std::collections::BTreeSet;

use workprint_model::digest::Hasher;
use workprint_model::timeline::{ChunkRange, PlacedPicture, PlacedShot, Timeline};
use workprint_model::{CueId, Digest, Frames, Millis, OverlayId, ShotId};

use crate::resolve::{
    base, begin, captions_at, captions_in, entry_length, overlays_at, shots_at, within,
    write_captions, write_overlays,
};

/// A run longer than this is split.
const LONG_RUN: u64 = 300;
/// Into pieces of this many frames, counted from the run's start.
const PIECE: u64 = 240;
/// Captions do not cut a piece shorter than this.
const SHORT: Millis = Millis(2000);

/// What a chunk shows, in its own time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkContent {
    /// Of everything that decides the chunk's frames; where in the episode it lies does not.
    pub digest: Digest,
    /// How many frames.
    pub frames: Frames,
    /// What must be made before the chunk can be painted or its length is certain.
    pub needs: Vec<Digest>,
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

/// Cuts the timeline into pieces: at every shot's start and transition's end, wherever burned
/// captions begin or cease to be seen, and at the frames in `also`; in runs of more than two seconds
/// also from caption to caption, and in still longer ones every 240 frames.
///
/// Every cut depends only on what lies near it, so that an edit moves the cuts after it without
/// changing them. The pieces follow each other without gaps and none is empty.
pub fn cut(timeline: &Timeline, also: &BTreeSet<Frames>) -> Vec<ChunkRange> {
    let end = timeline.length.0;
    if end == 0 {
        return Vec::new();
    }
    let mut edges: BTreeSet<u64> = also.iter().map(|frame| frame.0).collect();
    edges.insert(0);
    for shot in &timeline.shots {
        edges.insert(shot.from.0);
        edges.insert(shot.from.0.saturating_add(entry_length(shot)));
    }
    let caption_starts = caption_edges(timeline, &mut edges);
    edges.retain(|&edge| edge < end);
    let edges: Vec<u64> = edges.into_iter().chain([end]).collect();
    let short = timeline.rate.frames_of(SHORT).0.max(1);
    let mut chunks = Vec::new();
    for run in edges.windows(2) {
        let mut from = run[0];
        if run[1] - run[0] > short {
            for &change in caption_starts.range(run[0] + 1..run[1]) {
                if change - from >= short {
                    split(&mut chunks, from, change);
                    from = change;
                }
            }
        }
        split(&mut chunks, from, run[1]);
    }
    chunks
}

/// Adds the edges between frames with and without a burned caption; returns where captions begin.
fn caption_edges(timeline: &Timeline, edges: &mut BTreeSet<u64>) -> BTreeSet<u64> {
    let mut shown: Option<(u64, u64)> = None;
    let mut starts = BTreeSet::new();
    for caption in timeline
        .captions
        .iter()
        .filter(|caption| caption.burn && caption.length.0 > 0)
    {
        let (from, to) = (
            caption.from.0,
            caption.from.0.saturating_add(caption.length.0),
        );
        starts.insert(from);
        shown = match shown {
            Some((start, end)) if from <= end => Some((start, end.max(to))),
            before => {
                edges.extend(before.into_iter().flat_map(|(start, end)| [start, end]));
                Some((from, to))
            }
        };
    }
    edges.extend(shown.into_iter().flat_map(|(start, end)| [start, end]));
    starts
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
    needs.extend(captions().flat_map(|caption| &caption.timed_by));
    needs.extend(overlays().map(|overlay| overlay.plate.image.digest));
    let mut cues: Vec<CueId> = captions().map(|caption| caption.cue.clone()).collect();
    cues.dedup();
    let [picture_digest, caption_digest, overlay_digest] = parts;
    ChunkContent {
        digest: whole(timeline, range.length, parts),
        frames: range.length,
        needs: needs.into_iter().collect(),
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
        if captioned {
            captions.add(captions_at(timeline, frame), write_captions);
        }
        if covered {
            overlays.add(overlays_at(timeline, frame), write_overlays);
        }
        let (before, on) = shots_at(timeline, frame);
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

fn shot_needs(shot: &PlacedShot) -> Vec<Digest> {
    let mut needs = shot.timed_by.clone();
    match &shot.picture {
        PlacedPicture::Still(still) => {
            needs.extend(still.layers.iter().map(|layer| layer.image.digest));
        }
        PlacedPicture::Clip(clip) => needs.push(clip.video.digest),
    }
    needs
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
