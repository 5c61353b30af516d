//! Where captions break: at the ends of sentences and clauses where that is possible, else so that
//! pieces are of like length.

use std::ops::Range;

use workprint_model::words::{Unit, width};

/// Splits units into blocks of at most `words` that each fit `lines` lines of `line` columns.
pub(super) fn blocks(
    units: &[Unit<'_>],
    line: usize,
    (lines, words): (usize, usize),
) -> Vec<Range<usize>> {
    let columns = Columns::of(units);
    let fits =
        |range: Range<usize>| range.len() <= words && columns.greedy(range, line).len() <= lines;
    // Few words fill their lines by half at best.
    let ideal = words.saturating_mul(6).min(line * lines);
    split(units, &columns, ideal, (&fits, 120))
}

/// Splits the units of one block into lines; fewer lines are better, then like lengths.
pub(super) fn lines(units: &[Unit<'_>], line: usize, most: usize) -> Vec<Range<usize>> {
    let columns = Columns::of(units);
    let total = columns.measure(0..units.len());
    if total <= line || most < 2 {
        return std::iter::once(0..units.len()).collect();
    }
    let greedy = columns.greedy(0..units.len(), line);
    let needed = greedy.len().max(2);
    let fits = |range: Range<usize>| range.len() == 1 || columns.measure(range) <= line;
    let parts = split(units, &columns, total.div_ceil(needed) + 1, (&fits, 25));
    if parts.len() <= most { parts } else { greedy }
}

/// How wide pieces of a text are, counted once.
struct Columns {
    /// For each unit: the width of all before it with their spaces, and its own space before.
    before: Vec<(usize, usize)>,
    total: usize,
}

impl Columns {
    fn of(units: &[Unit<'_>]) -> Self {
        let mut total = 0;
        let before = units
            .iter()
            .map(|unit| {
                let space = usize::from(unit.space_before);
                let at = total;
                total += space + width(unit.text);
                (at, space)
            })
            .collect();
        Self { before, total }
    }

    /// The width of a piece on a line of its own: the space before its first unit is not seen.
    fn measure(&self, range: Range<usize>) -> usize {
        let Some((start, space)) = self.before.get(range.start).filter(|_| !range.is_empty())
        else {
            return 0;
        };
        let end = self.before.get(range.end).map_or(self.total, |(at, _)| *at);
        end - start - space
    }

    /// As many units to a line as fit.
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
/// how bad the place is where it ends, times the weight. A unit that fits nowhere stands alone.
fn split(
    units: &[Unit<'_>],
    columns: &Columns,
    ideal: usize,
    (fits, weight): (&dyn Fn(Range<usize>) -> bool, u64),
) -> Vec<Range<usize>> {
    let count = units.len();
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
                badness(&units[end - 1], &units[end]) * weight * 20
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
/// belongs to the next.
fn badness(left: &Unit<'_>, right: &Unit<'_>) -> u64 {
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
        _ if LEANS.contains(&left.text.to_lowercase().as_str()) => 6,
        _ if JOINS.contains(&right.text.to_lowercase().as_str()) => 2,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use workprint_model::words::{join, units};

    use super::*;

    fn laid(text: &str, line: usize, most: usize) -> Vec<Vec<String>> {
        let units = units(text);
        blocks(&units, line, (most, usize::MAX))
            .into_iter()
            .map(|block| {
                let block = &units[block];
                lines(block, line, most)
                    .into_iter()
                    .map(|part| join(&block[part]))
                    .collect()
            })
            .collect()
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
        let units = units("Stop. The lamp goes out every morning at six, as it always did.");
        let blocks = blocks(&units, 42, (1, 3));
        let laid: Vec<String> = blocks
            .into_iter()
            .map(|block| join(&units[block]))
            .collect();
        assert_eq!(
            laid,
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

    proptest! {
        #[test]
        fn lines_fit_and_lose_nothing(text in "([a-zA-Z,.]{1,12} ){1,40}", line in 14usize..50, most in 1usize..4) {
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
