//! Which of two lists of words go together.

use std::collections::BTreeMap;
use std::ops::Range;

use workprint_model::words::units;

/// What it costs to leave a word without another.
const ALONE: u32 = 500;
/// What it costs to begin with that, so that what is alone lies together.
const OPEN: u32 = 60;
/// What a nearly equal word costs beside what it lacks.
const NEARLY: u32 = 50;
/// How much alike words must be to go together, in thousandths.
const ALIKE: u32 = 700;
/// The most pairs that are weighed: lines of four thousand words.
const MOST_PAIRS: usize = 16 << 20;

/// A word without its punctuation, in small letters, and its place in its text, in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) letters: String,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// A step of the way through both lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// These two go together.
    Pair(usize, usize),
    /// Between them nothing does.
    Gap(Range<usize>, Range<usize>),
}

/// The words of a text: what hyphens, slashes and points divide is several, apostrophes divide nothing.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for unit in units(text) {
        let mut open = false;
        for (at, c) in (unit.from..).zip(unit.text.chars()) {
            if is_apostrophe(c) {
                continue;
            }
            if !c.is_alphanumeric() && !is_mark(c) {
                open = false;
                continue;
            }
            match out.last_mut().filter(|_| open) {
                Some(piece) => {
                    piece.letters.extend(c.to_lowercase());
                    piece.to = at + 1;
                }
                None => out.push(Piece {
                    letters: c.to_lowercase().collect(),
                    from: at,
                    to: at + 1,
                }),
            }
            open = true;
        }
    }
    out
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{02bc}' | '\u{200c}' | '\u{200d}')
}

/// Marks that belong to the letter before them and are no letters: accents, and the signs of Indic scripts
/// and of Thai.
fn is_mark(c: char) -> bool {
    let is_danda = matches!(c, '\u{964}' | '\u{965}' | '\u{970}');
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{e47}'..='\u{e4e}') && !is_danda
}

/// The cheapest way through both lists; where several are, the one on which words go together first. Nothing
/// where they are too long.
pub(super) fn pair(written: &[Piece], heard: &[&Piece]) -> Option<Vec<Way>> {
    let (rows, columns) = (written.len() + 1, heard.len() + 1);
    rows.checked_mul(columns).filter(|all| *all <= MOST_PAIRS)?;
    let costs = Costs::of(written, heard);
    // From the end: what it costs from here on, after a pair and after a gap.
    let mut steps = vec![0_u8; rows * columns];
    let mut below: Vec<[u32; 2]> = vec![[0; 2]; columns];
    for row in (0..rows).rev() {
        let mut right = [0; 2];
        let mut diagonal = [0; 2];
        for column in (0..columns).rev() {
            let down = below[column];
            let (ends, last) = (row + 1 == rows, column + 1 == columns);
            if ends && last {
                continue;
            }
            let skip_own = if ends { u32::MAX } else { ALONE + down[1] };
            let skip_other = if last { u32::MAX } else { ALONE + right[1] };
            let skip = skip_own.min(skip_other);
            let together = (!ends && !last).then(|| costs.together(row, column));
            let together = together.flatten().map(|cost| cost + diagonal[0]);
            let together = together.unwrap_or(u32::MAX);
            let after = [together.min(skip + OPEN), together.min(skip)];
            let bits = [
                together <= skip + OPEN,
                together <= skip,
                skip_own <= skip_other,
            ];
            let bits = bits.iter().zip([PAIR, PAIR_IN_GAP, OWN]);
            steps[row * columns + column] = bits.map(|(set, bit)| u8::from(*set) * bit).sum();
            diagonal = down;
            below[column] = after;
            right = after;
        }
    }
    Some(trace(&steps, (rows, columns)))
}

/// After a pair it is best to pair.
const PAIR: u8 = 1;
/// After a gap it is best to pair.
const PAIR_IN_GAP: u8 = 2;
/// A gap goes on with a written word.
const OWN: u8 = 4;

fn trace(steps: &[u8], (rows, columns): (usize, usize)) -> Vec<Way> {
    let mut way = Vec::new();
    let (mut row, mut column) = (0, 0);
    let mut gap: Option<(usize, usize)> = None;
    while row + 1 < rows || column + 1 < columns {
        let step = steps[row * columns + column];
        let pairs = if gap.is_some() { PAIR_IN_GAP } else { PAIR };
        if step & pairs != 0 {
            way.extend(gap.take().map(|from| Way::Gap(from.0..row, from.1..column)));
            way.push(Way::Pair(row, column));
            row += 1;
            column += 1;
            continue;
        }
        gap.get_or_insert((row, column));
        if step & OWN != 0 {
            row += 1;
        } else {
            column += 1;
        }
    }
    way.extend(gap.map(|from| Way::Gap(from.0..row, from.1..column)));
    way
}

/// What it costs that two words go together, looked up by their spelling.
struct Costs {
    own: Vec<usize>,
    other: Vec<usize>,
    width: usize,
    known: Vec<u16>,
}

impl Costs {
    fn of(written: &[Piece], heard: &[&Piece]) -> Self {
        let (own, own_words) = numbered(written.iter());
        let (other, other_words) = numbered(heard.iter().copied());
        let all = own_words.iter();
        let known = all.flat_map(|one| other_words.iter().map(|other| cost(one, other) as u16));
        Self {
            own,
            other,
            width: other_words.len(),
            known: known.collect(),
        }
    }

    /// Nothing where they do not.
    fn together(&self, own: usize, other: usize) -> Option<u32> {
        let cost = u32::from(self.known[self.own[own] * self.width + self.other[other]]);
        (cost < 2 * ALONE).then_some(cost)
    }
}

/// The number of every word's spelling, and the spellings.
fn numbered<'a>(words: impl Iterator<Item = &'a Piece>) -> (Vec<usize>, Vec<Vec<char>>) {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut spellings = Vec::new();
    let number = |piece: &'a Piece| {
        *numbers.entry(&piece.letters).or_insert_with(|| {
            spellings.push(piece.letters.chars().collect());
            spellings.len() - 1
        })
    };
    let all = words.map(number).collect();
    (all, spellings)
}

fn cost(one: &[char], other: &[char]) -> u32 {
    if one == other {
        return 0;
    }
    let (longer, shorter) = (one.len().max(other.len()), one.len().min(other.len()));
    let has_digit = |word: &[char]| word.iter().any(|c| c.is_numeric());
    let never = 2 * ALONE;
    // Numbers are equal or others.
    if has_digit(one) || has_digit(other) || (shorter as u32) * 1000 < longer as u32 * ALIKE {
        return never;
    }
    let alike = 1000 - edits(one, other) * 1000 / longer.max(1) as u32;
    if alike < ALIKE {
        return never;
    }
    NEARLY + 1000 - alike
}

/// How many letters must be changed, put in or taken out (Levenshtein 1965).
fn edits(one: &[char], other: &[char]) -> u32 {
    let mut row: Vec<u32> = (0..=other.len() as u32).collect();
    for (n, letter) in (1..).zip(one) {
        let mut diagonal = row[0];
        row[0] = n;
        for (at, own) in other.iter().enumerate() {
            let changed = diagonal + u32::from(own != letter);
            diagonal = row[at + 1];
            row[at + 1] = changed.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ways(written: &str, heard: &str) -> Vec<Way> {
        let (written, heard) = (pieces(written), pieces(heard));
        pair(&written, &heard.iter().collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn words_are_without_punctuation_in_every_script() {
        let words = |text: &str| -> Vec<String> {
            pieces(text)
                .into_iter()
                .map(|piece| piece.letters)
                .collect()
        };
        assert_eq!(
            words("“Don’t,” he-said 2,400 A/B…"),
            ["dont", "he", "said", "2", "400", "a", "b"]
        );
        assert_eq!(words("सत्य है।"), ["सत्य", "है"]);
        assert_eq!(words("太阳。"), ["太", "阳"]);
        let places: Vec<_> = pieces("a 'bc'").iter().map(|p| (p.from, p.to)).collect();
        assert_eq!(places, [(0, 1), (3, 5)]);
    }

    #[test]
    fn what_is_alone_lies_together() {
        let way = ways("the cat", "and the dog the cat");
        assert_eq!(
            way,
            [Way::Gap(0..0, 0..3), Way::Pair(0, 3), Way::Pair(1, 4)]
        );
        let way = ways("one two three", "one four three");
        assert_eq!(
            way,
            [Way::Pair(0, 0), Way::Gap(1..2, 1..2), Way::Pair(2, 2)]
        );
        assert_eq!(ways("", ""), []);
        assert_eq!(ways("a", ""), [Way::Gap(0..1, 0..0)]);
        let many = pieces(&"a ".repeat(6000));
        assert!(pair(&many, &many.iter().collect::<Vec<_>>()).is_none());
    }

    proptest! {
        #[test]
        fn every_word_is_passed_once_and_in_order(
            written in prop::collection::vec(0u8..6, 0..12),
            heard in prop::collection::vec(0u8..6, 0..12),
        ) {
            let text = |words: &[u8]| {
                let words: Vec<String> = words.iter().map(|n| format!("w{n}")).collect();
                words.join(" ")
            };
            let mut at = (0, 0);
            for step in ways(&text(&written), &text(&heard)) {
                match step {
                    Way::Pair(own, other) => {
                        prop_assert_eq!((own, other), at);
                        prop_assert_eq!(written[own], heard[other]);
                        at = (own + 1, other + 1);
                    }
                    Way::Gap(own, other) => {
                        prop_assert_eq!((own.start, other.start), at);
                        prop_assert!(own.len() + other.len() > 0);
                        at = (own.end, other.end);
                    }
                }
            }
            prop_assert_eq!(at, (written.len(), heard.len()));
        }
    }
}
