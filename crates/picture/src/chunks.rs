//! Cutting a timeline into the pieces that are encoded, and what each piece shows.

use std::collections::{BTreeMap, BTreeSet};

use workprint_model::digest::Hasher;
use workprint_model::timeline::{ChunkRange, PlacedPicture, Timeline};
use workprint_model::{CueId, Digest, Frames, Millis, OverlayId, ShotId};

use crate::resolve::{begin, entry_length, resolve, shots_at, within};

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
    let mut hashers = [
        begin(timeline.size),
        begin(timeline.size),
        begin(timeline.size),
    ];
    let mut needs = BTreeSet::new();
    let mut shots: BTreeMap<usize, &ShotId> = BTreeMap::new();
    for frame in (range.from.0..range.from.0.saturating_add(range.length.0)).map(Frames) {
        let resolved = resolve(timeline, frame);
        resolved.write_picture(&mut hashers[0]);
        resolved.write_captions(&mut hashers[1]);
        resolved.write_overlays(&mut hashers[2]);
        let (before, on) = shots_at(timeline, frame);
        for number in before.into_iter().chain(on) {
            shots.entry(number).or_insert(&timeline.shots[number].id);
        }
    }
    for &number in shots.keys() {
        let shot = &timeline.shots[number];
        needs.extend(&shot.timed_by);
        match &shot.picture {
            PlacedPicture::Still(still) => {
                needs.extend(still.layers.iter().map(|layer| layer.image.digest))
            }
            PlacedPicture::Clip(clip) => needs.extend([clip.video.digest]),
        }
    }
    let mut captions: Vec<CueId> = Vec::new();
    for caption in timeline
        .captions
        .iter()
        .filter(|caption| caption.burn && meet(range, caption.from, caption.length))
    {
        needs.extend(&caption.timed_by);
        if captions.last() != Some(&caption.cue) {
            captions.push(caption.cue.clone());
        }
    }
    let shown = timeline
        .overlays
        .iter()
        .filter(|overlay| meet(range, overlay.from, overlay.length));
    let overlays = shown
        .inspect(|overlay| _ = needs.insert(overlay.plate.image.digest))
        .map(|overlay| overlay.id.clone())
        .collect();
    let [picture_digest, caption_digest, overlay_digest] = hashers.map(Hasher::finish);
    ChunkContent {
        digest: whole(
            timeline,
            range.length,
            [picture_digest, caption_digest, overlay_digest],
        ),
        frames: range.length,
        needs: needs.into_iter().collect(),
        shots: shots.into_values().cloned().collect(),
        captions,
        overlays,
        picture_digest,
        caption_digest,
        overlay_digest,
    }
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
