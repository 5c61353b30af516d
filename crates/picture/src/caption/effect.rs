//! What of a caption's plates is painted when its words have been heard so far.

use workprint_model::caption::WordEffect;

use super::spans::{Line, Span};
use crate::resolve::WHOLE;
use crate::sources::Heard;

/// How large a word is that springs up, step by step, in thousandths.
const SPRING: [u16; Heard::STEPS as usize + 1] =
    [940, 1010, 1080, 1130, 1150, 1140, 1120, 1095, 1080];
/// How far a word that comes up lies below its place, step by step, in thousandths of the letter size.
const RISE: [u16; Heard::STEPS as usize + 1] = [300, 225, 160, 110, 70, 40, 18, 6, 0];

/// A rectangle of the frame: a part of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FramePart {
    /// Its first column.
    pub left: i32,
    /// Its first row.
    pub top: i32,
    /// The column after its last.
    pub right: i32,
    /// The row after its last.
    pub bottom: i32,
}

/// The parts of the lines that have been heard, and those that have not: together all of them, and
/// no pixel twice.
pub(super) fn divided(
    lines: &[Line],
    effect: WordEffect,
    heard: Heard,
    letters: &dyn Fn(usize) -> usize,
) -> (Vec<FramePart>, Vec<FramePart>) {
    let mut yes = Vec::new();
    let mut no = Vec::new();
    for line in lines {
        let mut columns = Columns::new(line);
        for (at, span) in line.spans.iter().enumerate() {
            let read = read(line, at, (effect, heard), letters);
            columns.add(span, read);
        }
        columns.finish(&mut yes, &mut no);
    }
    (yes, no)
}

/// The columns of a span that have been heard, if any.
fn read(
    line: &Line,
    at: usize,
    (effect, heard): (WordEffect, Heard),
    letters: &dyn Fn(usize) -> usize,
) -> Option<(i32, i32)> {
    use WordEffect::{Fill, Marker, Reveal, Type};
    let (span, word) = (&line.spans[at], usize::from(heard.word));
    let stays = matches!(effect, Fill | Marker | Type | Reveal);
    if span.word > word || (span.word < word && !stays) {
        return None;
    }
    match effect {
        _ if span.word < word => Some(span.columns),
        Fill | Marker => Some(filled(line, at, heard.step)),
        Type => Some(typed(span, letters(span.word))),
        Reveal => None,
        _ => Some(span.columns),
    }
}

/// Gathers a line's columns from left to right, joined where they meet.
struct Columns {
    rows: (i32, i32),
    runs: Vec<(bool, i32, i32)>,
}

impl Columns {
    fn new(line: &Line) -> Self {
        Self {
            rows: line.rows,
            runs: Vec::new(),
        }
    }

    fn add(&mut self, span: &Span, read: Option<(i32, i32)>) {
        let (from, to) = span.columns;
        let (start, end) = read.unwrap_or((from, from));
        for (heard, from, to) in [(false, from, start), (true, start, end), (false, end, to)] {
            match self.runs.last_mut() {
                _ if from >= to => {}
                Some((last, _, edge)) if *last == heard => *edge = to,
                _ => self.runs.push((heard, from, to)),
            }
        }
    }

    fn finish(self, yes: &mut Vec<FramePart>, no: &mut Vec<FramePart>) {
        let (top, bottom) = self.rows;
        for (heard, left, right) in self.runs {
            let list = if heard { &mut *yes } else { &mut *no };
            list.push(FramePart {
                left,
                top,
                right,
                bottom,
            });
        }
    }
}

/// The columns of a span of the word that is heard, of which `step` steps have been.
fn filled(line: &Line, at: usize, step: u8) -> (i32, i32) {
    let span = &line.spans[at];
    let first = |span: &Span| span.letters.first().map_or(0, |letter| letter.0);
    let own = || line.spans.iter().filter(|other| other.word == span.word);
    let total: f32 = own().map(Span::width).sum();
    let before: f32 = own()
        .filter(|other| first(other) < first(span))
        .map(Span::width)
        .sum();
    if step >= Heard::FILL {
        return span.columns;
    }
    span.read(total * f32::from(step) / f32::from(Heard::FILL) - before)
}

/// The columns of a span whose text has been typed up to `end`, a byte of the caption's text.
fn typed(span: &Span, end: usize) -> (i32, i32) {
    let whole = span.letters.last().is_some_and(|last| last.0 <= end);
    if whole {
        return span.columns;
    }
    let letters = span.letters.iter().take_while(|letter| letter.0 <= end);
    span.read(letters.last().map_or(0.0, |letter| letter.1))
}

/// How large the word that is heard is, in thousandths, so that it never runs into its neighbours:
/// it grows no more than `room` of `width` at either side.
pub(super) fn spring(step: u8, room: f32, width: f32) -> f32 {
    let wanted = f32::from(SPRING[usize::from(step.min(Heard::STEPS))]) / 1000.0;
    wanted.min(1.0 + 2.0 * room / width.max(1.0))
}

/// How far below its place the word that comes up is, in letter sizes, and how opaque.
pub(super) fn rise(step: u8) -> (f32, u16) {
    let step = step.min(Heard::STEPS);
    let share = (u16::from(step) + 1) * WHOLE / (u16::from(Heard::STEPS) + 1);
    (f32::from(RISE[usize::from(step)]) / 1000.0, share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(word: usize, from: i32, to: i32, right_to_left: bool, first: usize) -> Span {
        let width = (to - from) as f32;
        Span {
            word,
            columns: (from, to),
            body: (from as f32, to as f32),
            right_to_left,
            letters: vec![(first + 1, width / 2.0), (first + 2, width)],
        }
    }

    fn line(spans: Vec<Span>) -> Line {
        Line {
            rows: (10, 20),
            body: (10.0, 20.0),
            spans,
        }
    }

    fn heard_columns(line: &Line, effect: WordEffect, heard: Heard) -> Vec<(i32, i32)> {
        let (yes, no) = divided(std::slice::from_ref(line), effect, heard, &|_| 1);
        let mut all: Vec<(i32, i32)> = yes.iter().chain(&no).map(|p| (p.left, p.right)).collect();
        all.sort_unstable();
        let ends: Vec<i32> = line.spans.iter().map(|span| span.columns.1).collect();
        assert_eq!(all.first().map(|part| part.0), Some(0));
        assert_eq!(all.last().map(|part| part.1), ends.last().copied());
        assert!(all.windows(2).all(|pair| pair[0].1 == pair[1].0), "{all:?}");
        yes.iter().map(|part| (part.left, part.right)).collect()
    }

    #[test]
    fn a_fill_runs_the_way_the_word_is_read() {
        let half = Heard {
            word: 1,
            step: Heard::FILL / 2,
        };
        let english = line(vec![
            span(0, 0, 40, false, 0),
            span(1, 40, 80, false, 3),
            span(2, 80, 120, false, 6),
        ]);
        assert_eq!(heard_columns(&english, WordEffect::Fill, half), [(0, 60)]);
        let hebrew = line(vec![
            span(2, 0, 40, true, 6),
            span(1, 40, 80, true, 3),
            span(0, 80, 120, true, 0),
        ]);
        assert_eq!(heard_columns(&hebrew, WordEffect::Fill, half), [(60, 120)]);
    }

    #[test]
    fn a_word_of_both_directions_is_filled_as_it_is_read() {
        // `אב12`: the letters on the right come first, then the number on the left, left to right.
        let mixed = line(vec![span(0, 0, 20, false, 2), span(0, 20, 60, true, 0)]);
        let at = |step| heard_columns(&mixed, WordEffect::Fill, Heard { word: 0, step });
        assert_eq!(at(0), []);
        assert_eq!(at(Heard::FILL / 2), [(30, 60)]);
        assert_eq!(at(Heard::FILL * 5 / 6), [(0, 8), (20, 60)]);
        assert_eq!(at(Heard::FILL), [(0, 60)]);
    }

    #[test]
    fn only_the_word_that_is_on_has_a_colour() {
        let words = line(vec![span(0, 0, 40, false, 0), span(1, 40, 80, false, 3)]);
        let on = Heard { word: 1, step: 0 };
        for effect in [WordEffect::Colour, WordEffect::Pill, WordEffect::Pop] {
            assert_eq!(heard_columns(&words, effect, on), [(40, 80)]);
        }
        assert_eq!(heard_columns(&words, WordEffect::Reveal, on), [(0, 40)]);
        assert_eq!(
            heard_columns(&words, WordEffect::Type, Heard { word: 0, step: 1 }),
            [(0, 20)]
        );
    }

    #[test]
    fn springs_come_to_rest_and_stay_off_their_neighbours() {
        assert!(spring(4, 30.0, 100.0) > spring(8, 30.0, 100.0));
        assert!(spring(8, 30.0, 100.0) > 1.0);
        assert!(spring(4, 5.0, 1000.0) <= 1.01);
        let (below, opacity) = rise(Heard::STEPS);
        assert!(below.abs() < 1e-6 && opacity == WHOLE);
        assert!(rise(0).1 > 0);
    }
}
