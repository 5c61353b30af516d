//! Which words are on screen together, how they are broken into lines, and when.

use std::collections::BTreeMap;
use std::ops::Range;

use workprint_model::caption::CaptionRoom;
use workprint_model::caption_rules::{CaptionLimits, SpeakerMark};
use workprint_model::episode::{Cue, Episode};
use workprint_model::show::{CaptionStyle, Output, Show};
use workprint_model::timeline::{CaptionWord, PlacedCaption, PlacedCue, Timeline, WordPlace};
use workprint_model::{CueId, Frames, Rate, Samples};

use super::atoms::{Atom, atoms};
use super::break_lines::{self, Pace, Shape};
use super::pairs::{DASH, join};
use super::phrases::Phrases;
use crate::timeline::{CueTake, Materials};

/// Where captions are laid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// The picture, and files that repeat it: as their styles ask.
    Picture,
    /// Files that players set: whatever the styles, as many words as can be read at a time.
    Files,
}

/// Lays the captions of all cues, broken for the output's shape. A caption never leaves its cue, so
/// that moving a cue moves its captions and changes nothing in them; but for those of the picture that
/// two speakers share, where that is asked for.
pub fn place(
    episode: &Episode,
    show: &Show,
    output: &Output,
    (timeline, materials): (&Timeline, &Materials),
    place: For,
) -> Vec<PlacedCaption> {
    let mut out: Vec<PlacedCaption> = Vec::new();
    let mark = mark(episode, output);
    // Which rules the captions of a cue keep that may be shared.
    let mut shared: BTreeMap<&CueId, CaptionLimits> = BTreeMap::new();
    for (cue, placed) in episode.cues().zip(&timeline.cues) {
        let Some(take) = materials.heard.get(&cue.id) else {
            continue;
        };
        let pictured = place == For::Picture;
        let style = match place {
            For::Picture => style(cue, episode, show, output),
            For::Files => file_style(output),
        };
        let burn = pictured && burns(cue, episode, output);
        let limits = CaptionLimits::of(&take.language).with(&episode.captions, &output.captions);
        let frame = (timeline.size, output.safe);
        let mut room = style.room(&episode.captions, &limits, frame);
        room.words = room.words.filter(|_| pictured);
        let sharing = sharing(&limits, room).filter(|_| pictured);
        shared.extend(sharing.map(|limits| (&cue.id, limits)));
        let before = out.last().and_then(|caption| caption.speaker.as_ref());
        let changed = !out.is_empty() && before != cue.speaker.as_ref();
        let laying = Laying {
            take,
            cue: placed,
            room,
            limits,
            mark: marked(mark, changed, cue, (episode, show)),
            clock: Clock {
                lead: crate::timeline::lead(cue, show),
                rate: timeline.rate,
            },
        };
        for block in laying.blocks(timeline) {
            out.push(PlacedCaption {
                cue: cue.id.clone(),
                speaker: cue.speaker.clone(),
                second: None,
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
    let rules_of = |caption: &PlacedCaption| shared.get(&caption.cue).copied();
    let lengths: Vec<Frames> = out.iter().map(|caption| caption.length).collect();
    join(out, &lengths, &rules_of, (mark, timeline.rate))
}

/// The rules of captions in a picture that two speakers may share, where that is asked for.
fn sharing(limits: &CaptionLimits, room: CaptionRoom) -> Option<CaptionLimits> {
    (room.words.is_none() && limits.together.is_some()).then_some(CaptionLimits {
        line: room.line_length,
        lines: room.lines,
        ..*limits
    })
}

/// How captions tell who speaks.
pub(super) fn mark(episode: &Episode, output: &Output) -> SpeakerMark {
    let own = output.captions.speakers;
    own.unwrap_or(episode.captions.speakers)
}

/// How files are taken to be set, which set no letters themselves: as the default style.
pub(super) fn file_style(output: &Output) -> CaptionStyle {
    CaptionStyle::default().on(&output.captions)
}

/// What stands before a cue's first word to tell who speaks.
fn marked(
    mark: SpeakerMark,
    changed: bool,
    cue: &Cue,
    (episode, show): (&Episode, &Show),
) -> Option<String> {
    match mark {
        SpeakerMark::Dash if changed => Some(DASH.to_owned()),
        SpeakerMark::Name => {
            let speaker = cue.speaker.as_ref()?;
            let cast = episode.cast.iter().chain(&show.cast);
            let name = cast
                .filter(|member| member.id == *speaker)
                .find_map(|member| member.name.clone());
            Some(format!("{}: ", name.unwrap_or_else(|| speaker.to_string())))
        }
        _ => None,
    }
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

    /// When a frame of the cue begins, in the voice.
    fn sample(self, frame: Frames) -> Samples {
        self.rate.sample_of(frame) - self.lead
    }
}

/// A cue whose captions are laid.
struct Laying<'a> {
    take: &'a CueTake,
    cue: &'a PlacedCue,
    room: CaptionRoom,
    limits: CaptionLimits,
    /// What stands before its first word.
    mark: Option<String>,
    clock: Clock,
}

impl Laying<'_> {
    /// Styles that show few words follow the voice: they are neither held nor parted.
    fn is_read(&self) -> bool {
        self.room.words.is_none()
    }

    /// Frames at the end of a block in which nothing is seen. A cue's last block has them too: the
    /// next cue's may begin with its first frame.
    fn gap(&self) -> u64 {
        if self.is_read() { self.limits.gap.0 } else { 0 }
    }

    /// What decides where blocks break.
    fn pace(&self, timeline: &Timeline) -> Pace {
        let (clock, limits) = (self.clock, &self.limits);
        let end = Frames(self.cue.length.0.saturating_sub(self.gap()));
        let cuts = timeline.shots.iter().filter_map(|shot| {
            let inside = shot.from.0.checked_sub(self.cue.from.0)?;
            (inside > 0 && inside < self.cue.length.0).then(|| clock.sample(Frames(inside)))
        });
        let gap = clock.rate.sample_of(Frames(self.gap()));
        Pace {
            end: clock.sample(end) + gap,
            seen: (limits.shortest.samples() + gap, limits.longest.samples()),
            speed: if self.is_read() {
                limits.columns_a_second()
            } else {
                0
            },
            cuts: cuts.collect(),
        }
    }

    fn blocks(&self, timeline: &Timeline) -> Vec<Block> {
        let take = self.take;
        let mut atoms = atoms(&take.text, &take.words.words);
        let mark = self.mark.as_deref().unwrap_or_default();
        if let Some(first) = atoms.first_mut() {
            first.text.insert_str(0, mark);
        }
        let pace = self.pace(timeline);
        let shape = Shape {
            line: usize::from(self.room.line_length),
            lines: usize::from(self.room.lines),
            words: self.room.words.map(usize::from),
            phrases: Phrases::of(&take.language),
            pace: &pace,
        };
        let ranges = break_lines::blocks(&atoms, &shape);
        let starts: Vec<u64> = ranges
            .iter()
            .map(|range| self.clock.frame(atoms[range.start].time.0))
            .collect();
        let mut out: Vec<Block> = Vec::new();
        for (index, range) in ranges.iter().enumerate() {
            // The first frames of blocks rise strictly even where words are shorter than a frame.
            let from = starts[index].max(out.last().map_or(0, |last| last.from.0 + 1));
            let next = starts.get(index + 1).copied().unwrap_or(self.cue.length.0);
            let block = &atoms[range.clone()];
            let (lines, mut words) = joined(block, &break_lines::lines(block, &shape));
            if let Some((place, _)) = words.first_mut().filter(|_| index == 0) {
                place.start += mark.len() as u32;
            }
            let end = self.end(block, from, next, &lines);
            out.push(Block {
                lines,
                words: in_frames(&words, (from, end), self.clock),
                from: Frames(from),
                length: Frames(end - from),
            });
        }
        out
    }

    /// The frame at which a block from `from` on is gone: after its last word, and after it can have
    /// been read, as far as `next` leaves room. A short rest before `next` is filled.
    fn end(&self, block: &[Atom], from: u64, next: u64, lines: &[String]) -> u64 {
        let rate = self.clock.rate;
        let limit = next.saturating_sub(self.gap()).max(from + 1);
        let heard = block.last().map_or(Samples(0), |last| last.time.1);
        let least = self.limits.shortest_in(rate).0;
        let reading = if self.is_read() {
            let columns = CaptionLimits::columns(lines);
            self.limits.reading(columns, rate).0
        } else {
            0
        };
        let wanted = self.clock.frame(heard).max(from + least.max(reading));
        let end = wanted.clamp(from + 1, limit);
        let longest = from + rate.frames_of(self.limits.longest).0.max(1);
        let end = if limit - end < rate.frames_of(self.limits.chain).0 {
            limit
        } else {
            end
        };
        end.min(longest.max(self.clock.frame(heard).min(limit)))
    }
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
