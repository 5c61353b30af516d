//! Where captions break: at the ends of sentences and clauses where that is possible, else so that
//! pieces are of like length.

use std::ops::Range;

use workprint_model::words::width;
use workprint_model::{SAMPLE_RATE, Samples};

use super::atoms::Atom;
use super::phrases::Phrases;

/// How much is on screen at a time, and for how long.
pub(super) struct Shape<'a> {
    /// The most columns in a line.
    pub line: usize,
    /// The most lines.
    pub lines: usize,
    /// The most words, of styles that show few.
    pub words: Option<usize>,
    /// What the language's small words belong to.
    pub phrases: Phrases,
    /// The times of blocks: see [`Pace`].
    pub pace: &'a Pace,
}

/// What decides whether a block can be read, in samples of the voice.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    /// When what is seen of the last block ends.
    pub end: Samples,
    /// The shortest and the longest time that a block is seen.
    pub seen: (Samples, Samples),
    /// Columns read in a second; 0 is any number.
    pub speed: u64,
    /// When the picture cuts to another shot.
    pub cuts: Vec<Samples>,
}

/// A pause that a block rather ends with, and one that it should not contain.
const PAUSE: Samples = Samples(SAMPLE_RATE as u64 * 3 / 20);
const SILENCE: Samples = Samples(SAMPLE_RATE as u64);

impl Pace {
    /// How badly a block of so many columns is timed; 0 is well.
    fn cost(&self, block: &[Atom], next: Option<&Atom>, columns: usize) -> u64 {
        let Some((first, last)) = block.first().zip(block.last()) else {
            return 0;
        };
        if self.speed == 0 {
            return 0;
        }
        let begins = first.time.0;
        let seen = next.map_or(self.end.max(last.time.1), |next| next.time.0) - begins;
        let lack = |wanted: u64| wanted.saturating_sub(seen.0) * 100 / wanted.max(1);
        let shortest = lack(self.seen.0.0);
        let reading = lack(columns as u64 * u64::from(SAMPLE_RATE) / self.speed);
        let heard = last.time.1 - begins;
        let long = u64::from(heard > self.seen.1);
        let silences = block
            .windows(2)
            .filter(|pair| pair[1].time.0 - pair[0].time.1 >= SILENCE)
            .count() as u64;
        let half = Samples(u64::from(SAMPLE_RATE) / 2);
        let over_cut = |cut: &&Samples| **cut > begins + half && **cut + half < last.time.1;
        let cuts = self.cuts.iter().filter(over_cut).count() as u64;
        u64::from(shortest > 0) * 20_000
            + shortest * 300
            + reading * 200
            + long * 60_000
            + silences * 6_000
            + cuts * 900
    }
}

/// Splits atoms into blocks that each fit the shape, and can be read in their time where that is
/// possible.
pub(super) fn blocks(atoms: &[Atom], shape: &Shape<'_>) -> Vec<Range<usize>> {
    let (line, lines, words) = (shape.line, shape.lines, shape.words);
    let columns = Columns::of(atoms);
    let few = |range: &Range<usize>| {
        words.is_none_or(|most| {
            let inner = atoms[range.start + 1..range.end].iter();
            inner.filter(|atom| atom.word).count() < most
        })
    };
    let fits = |range: Range<usize>| few(&range) && columns.greedy(range, line).len() <= lines;
    let cost = |range: Range<usize>| {
        let wide = columns.measure(range.clone());
        let next = atoms.get(range.end);
        shape.pace.cost(&atoms[range], next, wide)
    };
    // Few words fill their lines by half at best.
    let ideal = words.map_or(usize::MAX, |words| words.saturating_mul(6));
    let aim = Aim {
        ideal: ideal.min(line * lines),
        weight: 120,
        phrases: shape.phrases,
        fits: &fits,
        cost: &cost,
    };
    split(atoms, &columns, &aim)
}

/// Splits the atoms of one block into lines; fewer lines are better, then like lengths.
pub(super) fn lines(atoms: &[Atom], shape: &Shape<'_>) -> Vec<Range<usize>> {
    let (line, most) = (shape.line, shape.lines);
    let columns = Columns::of(atoms);
    let total = columns.measure(0..atoms.len());
    if total <= line || most < 2 {
        return std::iter::once(0..atoms.len()).collect();
    }
    let greedy = columns.greedy(0..atoms.len(), line);
    let needed = greedy.len().max(2);
    let fits = |range: Range<usize>| range.len() == 1 || columns.measure(range) <= line;
    let aim = Aim {
        ideal: total.div_ceil(needed) + 1,
        weight: 25,
        phrases: shape.phrases,
        fits: &fits,
        cost: &|_| 0,
    };
    let parts = split(atoms, &columns, &aim);
    if parts.len() <= most { parts } else { greedy }
}

/// How wide pieces of a text are, counted once.
struct Columns {
    /// For each atom: the width of all before it with their spaces, and its own space before.
    before: Vec<(usize, usize)>,
    total: usize,
}

impl Columns {
    fn of(atoms: &[Atom]) -> Self {
        let mut total = 0;
        let before = atoms
            .iter()
            .map(|atom| {
                let space = usize::from(atom.space_before);
                let at = total;
                total += space + width(&atom.text);
                (at, space)
            })
            .collect();
        Self { before, total }
    }

    /// The width of a piece on a line of its own: the space before its first atom is not seen.
    fn measure(&self, range: Range<usize>) -> usize {
        let Some((start, space)) = self.before.get(range.start).filter(|_| !range.is_empty())
        else {
            return 0;
        };
        let end = self.before.get(range.end).map_or(self.total, |(at, _)| *at);
        end - start - space
    }

    /// As many atoms to a line as fit.
    fn greedy(&self, range: Range<usize>, line: usize) -> Vec<Range<usize>> {
        let mut out = Vec::new();
        let mut start = range.start;
        for at in range.start + 1..=range.end {
            if at == range.end || self.measure(start..at + 1) > line {
                out.push(start..at);
                start = at;
            }
        }
        out
    }
}

/// What pieces should be like.
struct Aim<'a> {
    /// How wide they are at best.
    ideal: usize,
    /// How much a bad place counts.
    weight: u64,
    phrases: Phrases,
    /// Whether a piece is possible at all.
    fits: &'a dyn Fn(Range<usize>) -> bool,
    /// What else a piece costs.
    cost: &'a dyn Fn(Range<usize>) -> u64,
}

/// The cheapest split into pieces that fit, found as Knuth and Plass break paragraphs. A piece costs
/// how far it is from the ideal, squared, how bad the place is where it ends, times the weight, and
/// its own cost. An atom that fits nowhere stands alone.
fn split(atoms: &[Atom], columns: &Columns, aim: &Aim<'_>) -> Vec<Range<usize>> {
    let count = atoms.len();
    let ideal = aim.ideal;
    let mut best: Vec<(u64, usize)> = vec![(u64::MAX, 0); count + 1];
    best[0] = (0, 0);
    for end in 1..=count {
        for start in (0..end).rev() {
            if end - start > 1 && !(aim.fits)(start..end) {
                break;
            }
            let piece = columns.measure(start..end);
            let short = ideal.saturating_sub(piece) as u64 * 100 / ideal.max(1) as u64;
            let last = end == count;
            // The last piece may be short when it ends the text, but not a lone word.
            let length_cost = if last && end - start > 2 {
                short * short / 4
            } else {
                short * short
            };
            let place = if last {
                0
            } else {
                badness(&atoms[end - 1], &atoms[end], aim.phrases) * aim.weight * 20
            };
            let own = length_cost + place + 400 + (aim.cost)(start..end);
            let cost = best[start].0.saturating_add(own);
            if cost < best[end].0 {
                best[end] = (cost, start);
            }
        }
    }
    let mut out = Vec::new();
    let mut end = count;
    while end > 0 {
        let start = best[end].1;
        out.push(start..end);
        end = start;
    }
    out.reverse();
    out
}

/// 0 after a sentence, 1 after a clause, 2 before a joining word or after a pause, 4 elsewhere, 5 in
/// a name, 7 between words that belong together, 12 inside a word.
fn badness(left: &Atom, right: &Atom, phrases: Phrases) -> u64 {
    let bare = left
        .text
        .trim_end_matches(['"', '\'', '”', '’', '»', ')', '」', '』']);
    let bound = phrases.bind(&left.text, &right.text);
    match bare.chars().last() {
        // `Dr.` ends no sentence.
        Some('.') if bound => 7,
        Some('.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '।') => 0,
        Some(',' | ';' | ':' | '—' | '–' | '、' | '，' | '；' | '：' | '،') => 1,
        _ if !right.word && !right.space_before => 12,
        _ if bound => 7,
        _ if phrases.begins(&right.text) => 2,
        _ if right.time.0 - left.time.1 >= PAUSE => 2,
        _ if is_name(&left.text) && is_name(&right.text) => 5,
        _ => 4,
    }
}

fn is_name(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use workprint_model::Samples;
    use workprint_model::words::{Word, units};

    use super::*;
    use crate::captions::atoms::atoms;

    fn laid(text: &str, line: usize, most: usize) -> Vec<Vec<String>> {
        laid_in(text, (line, most), None)
    }

    fn laid_in(text: &str, room: (usize, usize), words: Option<usize>) -> Vec<Vec<String>> {
        let untimed = |unit: workprint_model::words::Unit<'_>| Word {
            text: unit.text.to_owned(),
            start: Samples(0),
            end: Samples(1),
        };
        let times: Vec<Word> = units(text).into_iter().map(untimed).collect();
        let atoms = atoms(text, &times);
        let shape = Shape {
            line: room.0,
            lines: room.1,
            words,
            phrases: Phrases::of(&"en".parse().unwrap()),
            pace: &Pace::default(),
        };
        blocks(&atoms, &shape)
            .into_iter()
            .map(|block| {
                let block = &atoms[block];
                lines(block, &shape)
                    .into_iter()
                    .map(|part| joined(&block[part]))
                    .collect()
            })
            .collect()
    }

    fn joined(atoms: &[Atom]) -> String {
        let mut out = String::new();
        for atom in atoms {
            if atom.space_before && !out.is_empty() {
                out.push(' ');
            }
            out.push_str(&atom.text);
        }
        out
    }

    #[test]
    fn sentences_stay_whole_where_they_fit() {
        let text = "The lamp goes out. It goes out every morning, and nobody says goodbye to it.";
        assert_eq!(
            laid(text, 42, 1),
            [
                vec!["The lamp goes out."],
                vec!["It goes out every morning,"],
                vec!["and nobody says goodbye to it."]
            ]
        );
    }

    #[test]
    fn two_lines_are_of_like_length() {
        let text = "She had kept the lamp burning for a hundred years and one night";
        let lines = &laid(text, 42, 2)[0];
        assert_eq!(lines.len(), 2);
        assert!(lines[0].len().abs_diff(lines[1].len()) < 16, "{lines:?}");
    }

    #[test]
    fn few_words_at_a_time_break_at_sentences_too() {
        let text = "Stop. The lamp goes out every morning at six, as it always did.";
        assert_eq!(
            laid_in(text, (42, 1), Some(3)).concat(),
            [
                "Stop.",
                "The lamp goes",
                "out every morning",
                "at six, as",
                "it always did."
            ]
        );
    }

    #[test]
    fn chinese_breaks_after_its_marks() {
        let lines = laid("太阳升起来了，今天是新的一天，我们一起出发吧。", 20, 1);
        assert_eq!(
            lines,
            [
                vec!["太阳升起来了，"],
                vec!["今天是新的一天，"],
                vec!["我们一起出发吧。"]
            ]
        );
    }

    #[test]
    fn words_without_spaces_stay_whole() {
        for block in laid("太阳升起来了今天是新的一天我们一起出发吧", 12, 1) {
            assert!(
                !block[0].ends_with('太') && !block[0].ends_with('我'),
                "{block:?}"
            );
        }
        let thai = laid("สวัสดีชาวโลกวันนี้อากาศดีมากเราไปเดินเล่นกันเถอะ", 16, 2);
        assert!(thai.len() > 1, "{thai:?}");
        for line in thai.iter().flatten() {
            assert!(width(line) <= 16, "{line}");
        }
    }

    #[test]
    fn few_words_at_a_time_when_asked_for() {
        let one = laid_in("Stay — for one night", (16, 1), Some(1));
        assert_eq!(one.concat(), ["Stay —", "for", "one", "night"]);
        for block in laid_in("one two three four five six seven", (40, 1), Some(3)) {
            assert!(block[0].split(' ').count() <= 3, "{block:?}");
        }
    }

    proptest! {
        #[test]
        fn lines_fit_and_lose_nothing(text in "([a-zA-Z][a-zA-Z,.]{0,11} ){1,40}", line in 14usize..50, most in 1usize..4) {
            let all = laid(&text, line, most);
            for block in &all {
                prop_assert!(block.len() <= most);
                for part in block {
                    prop_assert!(width(part) <= line, "{part}");
                }
            }
            let joined = all.concat().join(" ");
            prop_assert_eq!(joined.split_whitespace().collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>());
        }
    }
}
