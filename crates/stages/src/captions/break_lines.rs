//! Where captions break: at the ends of sentences and clauses where that is possible, else so that
//! pieces are of like length.

use std::ops::Range;

use workprint_model::words::width;

use super::atoms::Atom;

/// Splits atoms into blocks that each fit `lines` lines of `line` columns and have no more words than
/// `words`.
pub(super) fn blocks(
    atoms: &[Atom],
    (line, lines): (usize, usize),
    words: Option<usize>,
) -> Vec<Range<usize>> {
    let columns = Columns::of(atoms);
    let few = |range: &Range<usize>| {
        words.is_none_or(|most| {
            let inner = atoms[range.start + 1..range.end].iter();
            inner.filter(|atom| atom.word).count() < most
        })
    };
    let fits = |range: Range<usize>| few(&range) && columns.greedy(range, line).len() <= lines;
    // Few words fill their lines by half at best.
    let ideal = words.map_or(usize::MAX, |words| words.saturating_mul(6));
    split(atoms, &columns, ideal.min(line * lines), (&fits, 120))
}

/// Splits the atoms of one block into lines; fewer lines are better, then like lengths.
pub(super) fn lines(atoms: &[Atom], line: usize, most: usize) -> Vec<Range<usize>> {
    let columns = Columns::of(atoms);
    let total = columns.measure(0..atoms.len());
    if total <= line || most < 2 {
        return std::iter::once(0..atoms.len()).collect();
    }
    let greedy = columns.greedy(0..atoms.len(), line);
    let needed = greedy.len().max(2);
    let fits = |range: Range<usize>| range.len() == 1 || columns.measure(range) <= line;
    let parts = split(atoms, &columns, total.div_ceil(needed) + 1, (&fits, 25));
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

/// The cheapest split into pieces that fit. A piece costs how far it is from `ideal`, squared, and
/// how bad the place is where it ends, times the weight. An atom that fits nowhere stands alone.
fn split(
    atoms: &[Atom],
    columns: &Columns,
    ideal: usize,
    (fits, weight): (&dyn Fn(Range<usize>) -> bool, u64),
) -> Vec<Range<usize>> {
    let count = atoms.len();
    let mut best: Vec<(u64, usize)> = vec![(u64::MAX, 0); count + 1];
    best[0] = (0, 0);
    for end in 1..=count {
        for start in (0..end).rev() {
            if end - start > 1 && !fits(start..end) {
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
                badness(&atoms[end - 1], &atoms[end]) * weight * 20
            };
            let cost = best[start].0.saturating_add(length_cost + place + 400);
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

/// 0 after a sentence, 1 after a clause, 2 before a joining word, 4 elsewhere, 6 after a word that
/// belongs to the next, 12 inside a word.
fn badness(left: &Atom, right: &Atom) -> u64 {
    const LEANS: &[&str] = &[
        "a", "an", "the", "of", "to", "in", "and", "or", "my", "your", "his", "her", "its", "our",
    ];
    const JOINS: &[&str] = &[
        "and", "but", "or", "because", "when", "while", "that", "which", "who", "if", "so", "for",
        "with", "y", "que", "pero", "und", "et",
    ];
    let end = left
        .text
        .trim_end_matches(['"', '\'', '”', '’', '»', ')', '」', '』'])
        .chars()
        .last();
    match end {
        Some('.' | '!' | '?' | '…' | '。' | '！' | '？' | '؟' | '।') => 0,
        Some(',' | ';' | ':' | '—' | '–' | '、' | '，' | '；' | '：' | '،') => 1,
        _ if !right.word && !right.space_before => 12,
        _ if LEANS.contains(&left.text.to_lowercase().as_str()) => 6,
        _ if JOINS.contains(&right.text.to_lowercase().as_str()) => 2,
        _ => 4,
    }
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
        blocks(&atoms, room, words)
            .into_iter()
            .map(|block| {
                let block = &atoms[block];
                lines(block, room.0, room.1)
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
