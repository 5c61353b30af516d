//! Which words are on screen together, how they are broken into lines, and when.

use std::ops::Range;

use workprint_model::caption::CaptionRoom;
use workprint_model::episode::{Cue, Episode};
use workprint_model::show::{CaptionStyle, Output, Show};
use workprint_model::timeline::{CaptionWord, PlacedCaption, PlacedCue, Timeline, WordPlace};
use workprint_model::{Frames, Rate, Samples};

use super::atoms::{Atom, atoms};
use super::break_lines;
use crate::timeline::{CueTake, Materials};

/// A gap shorter than this many seconds (a fraction) between captions is closed.
const CLOSE_GAP: (u64, u64) = (2, 5);
/// A caption stays at least this long where there is room.
const SHORTEST: (u64, u64) = (1, 1);

/// Lays the captions of all cues, broken for the output's shape. A caption never leaves its cue, so
/// that moving a cue moves its captions and changes nothing in them.
pub fn place(
    episode: &Episode,
    show: &Show,
    output: &Output,
    (timeline, materials): (&Timeline, &Materials),
) -> Vec<PlacedCaption> {
    let mut out = Vec::new();
    for (cue, placed) in episode.cues().zip(&timeline.cues) {
        let Some(take) = materials.heard.get(&cue.id) else {
            continue;
        };
        let style = style(cue, episode, show, output);
        let burn = burns(cue, episode, output);
        let room = style.room(
            &episode.captions,
            &output.captions,
            (timeline.size, output.safe),
        );
        let clock = Clock {
            lead: crate::timeline::lead(cue, show),
            rate: timeline.rate,
        };
        for block in blocks(take, placed, room, clock) {
            out.push(PlacedCaption {
                cue: cue.id.clone(),
                speaker: cue.speaker.clone(),
                lines: block.lines,
                from: placed.from + block.from,
                length: block.length,
                words: if style.is_timed() {
                    block.words
                } else {
                    Vec::new()
                },
                style: style.clone(),
                language: take.language.clone(),
                burn,
                safe: output.safe.map(workprint_model::Safe::margins),
                timed_by: vec![take.voice.sound.digest, take.words.id],
            });
        }
    }
    out
}

/// Whether a cue's captions are painted into an output: as the cue says, or the output, or the episode.
pub(super) fn burns(cue: &Cue, episode: &Episode, output: &Output) -> bool {
    let own = cue.caption.as_ref().and_then(|own| own.burn);
    own.or(output.captions.burn)
        .unwrap_or(episode.captions.burn)
}

/// How a cue's captions look on an output.
pub(super) fn style(cue: &Cue, episode: &Episode, show: &Show, output: &Output) -> CaptionStyle {
    find_style(style_name(cue, episode, output), show).on(&output.captions)
}

/// The cue's own style, or the output's, or the episode's.
pub(super) fn style_name<'a>(cue: &'a Cue, episode: &'a Episode, output: &'a Output) -> &'a str {
    let own = cue.caption.as_ref().and_then(|own| own.style.as_deref());
    own.or(output.captions.style.as_deref())
        .unwrap_or(&episode.captions.style)
}

/// A style by name: the show's own, then a built-in one, then the default.
pub fn find_style(name: &str, show: &Show) -> CaptionStyle {
    let own = show.caption_styles.get(name).cloned();
    own.or_else(|| CaptionStyle::built_in(name))
        .unwrap_or_default()
}

/// What is on screen together.
struct Block {
    lines: Vec<String>,
    words: Vec<CaptionWord>,
    /// Counted from the cue's first frame.
    from: Frames,
    length: Frames,
}

/// Turns times of a voice into frames of its cue.
#[derive(Clone, Copy)]
struct Clock {
    lead: Samples,
    rate: Rate,
}

impl Clock {
    fn frame(self, at: Samples) -> u64 {
        self.rate.nearest_frame(self.lead + at).0
    }

    fn frames(self, seconds: (u64, u64)) -> u64 {
        seconds.0 * u64::from(self.rate.num()) / (seconds.1 * u64::from(self.rate.den()))
    }
}

fn blocks(take: &CueTake, cue: &PlacedCue, room: CaptionRoom, clock: Clock) -> Vec<Block> {
    let atoms = atoms(&take.text, &take.words.words);
    let (line, lines) = (usize::from(room.line_length), usize::from(room.lines));
    let ranges = break_lines::blocks(&atoms, (line, lines), room.words.map(usize::from));
    let starts: Vec<u64> = ranges
        .iter()
        .map(|range| clock.frame(atoms[range.start].time.0))
        .collect();
    let mut out = Vec::new();
    for (index, range) in ranges.iter().enumerate() {
        // The first frames of blocks rise strictly even where words are shorter than a frame.
        let from = starts[index].max(out.last().map_or(0, |last: &Block| last.from.0 + 1));
        let limit = starts
            .get(index + 1)
            .copied()
            .unwrap_or(cue.length.0)
            .max(from + 1);
        let spoken = clock
            .frame(atoms[range.end - 1].time.1)
            .clamp(from + 1, limit);
        let least = from + clock.frames(SHORTEST);
        let mut end = spoken.max(least).min(limit);
        if limit - end < clock.frames(CLOSE_GAP) {
            end = limit;
        }
        let block = &atoms[range.clone()];
        let (lines, words) = joined(block, &break_lines::lines(block, line, lines));
        out.push(Block {
            lines,
            words: in_frames(&words, (from, end), clock),
            from: Frames(from),
            length: Frames(end - from),
        });
    }
    out
}

/// A word: where it stands, and when it is heard.
type Timed = (WordPlace, (Samples, Samples));

/// The atoms of each line joined as they were written, and where the words have come to stand.
fn joined(atoms: &[Atom], parts: &[Range<usize>]) -> (Vec<String>, Vec<Timed>) {
    let mut lines = Vec::new();
    let mut words: Vec<Timed> = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let mut line = String::new();
        for atom in &atoms[part.clone()] {
            let begins = line.is_empty();
            if atom.space_before && !begins {
                line.push(' ');
            }
            let start = line.len() as u32;
            line.push_str(&atom.text);
            let end = line.len() as u32;
            match words.last_mut() {
                Some((place, time)) if !atom.word && !begins => {
                    place.end = end;
                    time.1 = atom.time.1;
                }
                _ => words.push((
                    WordPlace {
                        line: number as u8,
                        start,
                        end,
                    },
                    atom.time,
                )),
            }
        }
        lines.push(line);
    }
    (lines, words)
}

/// Times as frames counted from the block's first: in order, within it, none empty.
fn in_frames(words: &[Timed], (from, end): (u64, u64), clock: Clock) -> Vec<CaptionWord> {
    let mut before = 0;
    let frames = words.iter().map(|(place, time)| {
        let at = |time| clock.frame(time).clamp(from, end) - from;
        let start = at(time.0).max(before).min(end - from - 1);
        before = start;
        CaptionWord {
            place: *place,
            from: Frames(start),
            length: Frames(at(time.1).max(start + 1) - start),
        }
    });
    frames.collect()
}
