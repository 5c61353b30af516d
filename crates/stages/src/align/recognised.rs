//! A text held against the words that a recogniser heard.
//!
//! Both fall into words without punctuation, which are laid against each other by the cheapest way through
//! (Needleman and Wunsch 1970, with Gotoh's price for opening a gap, 1982): equal and nearly equal words go
//! together, all else lies in gaps, which are what is told. A word that goes together with a recognised one is
//! heard when that is; the alignment by text, which is finer, has its place to the sample where both agree.

mod pairs;

use serde::{Deserialize, Serialize};
use workprint_engine::StepError;
use workprint_model::words::{Phoneme, units};
use workprint_model::{SAMPLE_RATE, Samples};
use workprint_providers::recognised::Recognised;

use self::pairs::{Piece, Way, pair, pieces};
use super::{share_of, times_of};
use crate::voice::{SpokenEvents, SpokenWord};

/// Where the alignment by text puts a word no further from its recognised place, it is believed: 250 ms.
/// Recognisers are that far off at pauses.
const NEAR: u64 = SAMPLE_RATE as u64 / 4;
/// What a recogniser is less sure of is not told, in thousandths.
const SURE: u16 = 500;
/// The largest list of recognised words that is read.
pub(super) const MOST_BYTES: u64 = 16 << 20;

/// What a recogniser heard of a line, held against its text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recognition {
    /// So many written words were recognised.
    pub found: u32,
    /// Of so many.
    pub words: u32,
    /// Words whose times are the recogniser's, for the alignment by text has none or others.
    pub anchored: u32,
    /// How sure the recogniser is of what it heard, in thousandths: the mean, where it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u16>,
    /// Written words that were not heard: characters from, and up to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<(usize, usize)>,
    /// Written words that were heard once more: characters from, and up to, and when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repeated: Vec<((usize, usize), Option<Span>)>,
    /// What was heard and is not written, and when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unwritten: Vec<(String, Option<Span>)>,
    /// Written words in whose place others were heard: characters from, and up to, and what was heard.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub otherwise: Vec<((usize, usize), String)>,
}

/// From when up to when.
type Span = (Samples, Samples);

impl Recognition {
    /// Whether what was heard has little to do with what is written.
    pub fn is_strange(&self) -> bool {
        self.found * 3 < self.words
    }
}

/// A text's words in time, by what was recognised of it and what the alignment by text found; nothing where
/// that found nothing that is likely.
pub(super) fn place(
    text: &str,
    recognised: &Recognised,
    (found, length): (Option<SpokenEvents>, Samples),
) -> Result<(SpokenEvents, Recognition), StepError> {
    let written = pieces(text);
    let heard = heard(recognised, length);
    let way = pair(
        &written,
        &heard.iter().map(|heard| &heard.piece).collect::<Vec<_>>(),
    );
    let way = way.ok_or_else(|| {
        StepError::permanent("the line has too many words to be held against what was recognised")
            .hint("divide the line")
    })?;
    let mut recognition = Recognition {
        confidence: mean(recognised.words.iter().filter_map(|word| word.confidence)),
        ..Recognition::default()
    };
    let mut anchors: Vec<SpokenWord> = Vec::new();
    let mut line = Told {
        text,
        written: &written,
        heard: &heard,
        found: vec![false; written.len()],
    };
    for (n, step) in way.iter().enumerate() {
        match step {
            Way::Pair(own, other) => {
                line.found[*own] = true;
                anchors.extend(anchor(&written[*own], heard[*other].span));
            }
            Way::Gap(own, other) => {
                let around = (n.checked_sub(1).map(|n| &way[n]), way.get(n + 1));
                match line.same(own, other) {
                    Some(spans) => {
                        line.found[own.clone()].fill(true);
                        let own = own.clone().zip(spans);
                        anchors.extend(own.filter_map(|(at, span)| anchor(&written[at], span)));
                    }
                    None => line.tell((own, other), around, &mut recognition),
                }
            }
        }
    }
    let units = units(text);
    let is_found = |from: usize, to: usize| {
        let mut own = line.found.iter().zip(&written);
        own.any(|(found, piece)| *found && piece.from < to && piece.to > from)
    };
    recognition.words = units.len() as u32;
    recognition.found = units
        .iter()
        .filter(|unit| is_found(unit.from, unit.to))
        .count() as u32;
    let places: Vec<(usize, usize)> = units.iter().map(|unit| (unit.from, unit.to)).collect();
    let (events, anchored) = merged(&places, &anchors, found.unwrap_or_default());
    recognition.anchored = anchored;
    Ok((events, recognition))
}

/// A recognised word without its punctuation, or a part of it.
struct Heard {
    piece: Piece,
    span: Option<Span>,
    confidence: Option<u16>,
}

/// What was recognised; what stands in brackets is no speech.
fn heard(recognised: &Recognised, length: Samples) -> Vec<Heard> {
    let mut out = Vec::new();
    let mut depth = 0_u32;
    for word in &recognised.words {
        let opens = word.text.matches(['[', '(']).count() as u32;
        let closes = word.text.matches([']', ')']).count() as u32;
        let is_sound = depth + opens > 0;
        depth = (depth + opens).saturating_sub(closes);
        if is_sound {
            continue;
        }
        let time = word.heard.filter(|(from, to)| from <= to && *from < length);
        let letters = word.text.chars().count();
        out.extend(pieces(&word.text).into_iter().map(|piece| {
            let span = time.map(|(from, to)| {
                let whole = SpokenWord {
                    from: 0,
                    to: letters,
                    start: from,
                    end: to.min(length),
                };
                let (from, to) = share_of(&whole, piece.from, piece.to);
                (Samples(from), Samples(to))
            });
            Heard {
                piece,
                span,
                confidence: word.confidence,
            }
        }));
    }
    out
}

fn anchor(piece: &Piece, span: Option<Span>) -> Option<SpokenWord> {
    span.map(|(start, end)| SpokenWord {
        from: piece.from,
        to: piece.to,
        start,
        end,
    })
}

fn mean(all: impl Iterator<Item = u16>) -> Option<u16> {
    let (sum, count) = all.fold((0_u64, 0_u64), |(sum, count), one| {
        (sum + u64::from(one), count + 1)
    });
    (count > 0).then(|| (sum / count) as u16)
}

/// A line and what was heard of it.
struct Told<'a> {
    text: &'a str,
    written: &'a [Piece],
    heard: &'a [Heard],
    /// Which of the written words were heard.
    found: Vec<bool>,
}

type Range = std::ops::Range<usize>;

impl Told<'_> {
    /// Written words that are heard under another division (`ice cream` as `icecream`), with their shares of
    /// its time; nothing where they are others.
    fn same(&self, own: &Range, other: &Range) -> Option<Vec<Option<Span>>> {
        let (written, heard) = (&self.written[own.clone()], &self.heard[other.clone()]);
        let joined: String = written.iter().map(|piece| piece.letters.as_str()).collect();
        let said: String = heard
            .iter()
            .map(|heard| heard.piece.letters.as_str())
            .collect();
        if joined.is_empty() || joined != said {
            return None;
        }
        let whole = self.span(other);
        let letters = joined.chars().count();
        let mut at = 0;
        let share = |piece: &Piece| {
            let from = at;
            at += piece.letters.chars().count();
            whole.map(|(start, end)| {
                let word = SpokenWord {
                    from: 0,
                    to: letters,
                    start,
                    end,
                };
                let (from, to) = share_of(&word, from, at);
                (Samples(from), Samples(to))
            })
        };
        Some(written.iter().map(share).collect())
    }

    /// From the first to the last time that is known of what was heard.
    fn span(&self, other: &Range) -> Option<Span> {
        let spans = self.heard[other.clone()].iter();
        let mut spans = spans.filter_map(|heard| heard.span);
        let first = spans.next()?;
        Some(spans.fold(first, |all, span| (all.0, all.1.max(span.1))))
    }

    fn chars(&self, own: &Range) -> (usize, usize) {
        let own = &self.written[own.clone()];
        let first = own.first().map_or(0, |piece| piece.from);
        (first, own.last().map_or(first, |piece| piece.to))
    }

    /// Notes what a gap is, between the steps around it. What stands beside a number is read aloud in too many
    /// ways to be told, and what the recogniser is not sure of is not.
    fn tell(
        &self,
        (own, other): (&Range, &Range),
        (before, after): (Option<&Way>, Option<&Way>),
        told: &mut Recognition,
    ) {
        let beside = |way: Option<&Way>| match way {
            Some(Way::Pair(own, _)) => self.has_number(&(*own..own + 1)),
            _ => false,
        };
        let heard = &self.heard[other.clone()];
        let has_digit = |heard: &Heard| heard.piece.letters.contains(|c: char| c.is_numeric());
        let is_number = self.has_number(own) || beside(before) || beside(after);
        if is_number || heard.iter().any(has_digit) {
            return;
        }
        let sure = mean(heard.iter().filter_map(|heard| heard.confidence));
        if sure.is_some_and(|sure| sure < SURE) {
            return;
        }
        let said: Vec<&str> = heard
            .iter()
            .map(|heard| heard.piece.letters.as_str())
            .collect();
        let text = said.join(" ");
        if said.is_empty() {
            told.left_out.push(self.chars(own));
        } else if !own.is_empty() {
            told.otherwise.push((self.chars(own), text));
        } else if let Some(again) = self.again(own.start, &said) {
            told.repeated.push((self.chars(&again), self.span(other)));
        } else {
            told.unwritten.push((text, self.span(other)));
        }
    }

    /// Written words just before or after a place that are these.
    fn again(&self, at: usize, said: &[&str]) -> Option<Range> {
        let before = at.checked_sub(said.len()).map(|from| from..at);
        let ranges = before
            .into_iter()
            .chain(std::iter::once(at..at + said.len()));
        ranges.into_iter().find(|range| {
            let own = self.written.get(range.clone());
            own.is_some_and(|own| {
                own.iter()
                    .map(|piece| piece.letters.as_str())
                    .eq(said.iter().copied())
            })
        })
    }

    /// Whether the unit of written words has a digit or a sign that is read as a word.
    fn has_number(&self, own: &Range) -> bool {
        let (from, to) = self.chars(own);
        let around = units(self.text).into_iter();
        let mut around = around.filter(|unit| unit.from < to && unit.to > from);
        around.any(|unit| {
            let sign = |c: char| c.is_numeric() || "%&+=@#°$€£¥₹₽₩§×".contains(c);
            unit.text.contains(sign)
        })
    }
}

/// The times of a text's units: the alignment's where it agrees with the recogniser or that heard nothing, else
/// the recogniser's; and how many are the recogniser's. Sounds that were found elsewhere are none.
fn merged(
    units: &[(usize, usize)],
    anchors: &[SpokenWord],
    found: SpokenEvents,
) -> (SpokenEvents, u32) {
    let fixed = times_of(units, anchors);
    let finer = times_of(units, &found.words);
    let mut words = Vec::with_capacity(units.len());
    let mut elsewhere = Vec::new();
    let mut anchored = 0;
    let mut floor = 0;
    for (n, (&(from, to), (fixed_at, finer_at))) in
        units.iter().zip(fixed.iter().zip(&finer)).enumerate()
    {
        let agree = |own: &(u64, u64), other: &(u64, u64)| own.0.abs_diff(other.0) <= NEAR;
        let time = match (fixed_at, finer_at) {
            (Some(fixed), Some(finer)) if agree(fixed, finer) => Some(*finer),
            (Some(fixed), finer) => {
                elsewhere.extend(*finer);
                anchored += 1;
                Some(*fixed)
            }
            (None, Some(finer)) => {
                let next = fixed[n + 1..].iter().flatten().next();
                let fits = finer.0 >= floor && next.is_none_or(|next| finer.1 <= next.0 + NEAR);
                if !fits {
                    elsewhere.push(*finer);
                }
                fits.then_some(*finer)
            }
            (None, None) => None,
        };
        if let Some((start, end)) = time {
            floor = floor.max(end.saturating_sub(NEAR));
            words.push(SpokenWord {
                from,
                to,
                start: Samples(start),
                end: Samples(end),
            });
        }
    }
    let is_elsewhere = |sound: &Phoneme| {
        let middle = u64::midpoint(sound.start.0, sound.end.0);
        let mut all = elsewhere.iter();
        all.any(|(from, to)| (*from..*to).contains(&middle))
    };
    let mut phonemes = found.phonemes;
    for sound in &mut phonemes {
        if is_elsewhere(sound) {
            sound.ipa.clear();
        }
    }
    (SpokenEvents { words, phonemes }, anchored)
}

#[cfg(test)]
mod tests {
    use workprint_providers::recognised::RecognisedWord;

    use super::*;

    const SECOND: u64 = SAMPLE_RATE as u64;

    /// Words of a half second each, one after the other; those with a `?` are not sure.
    fn said(text: &str) -> Recognised {
        let word = |(word, n): (&str, u64)| RecognisedWord {
            text: word.trim_end_matches('?').to_owned(),
            heard: Some((Samples(n * SECOND / 2), Samples((n + 1) * SECOND / 2))),
            confidence: Some(if word.ends_with('?') { 300 } else { 900 }),
        };
        let words = text.split_whitespace().zip(0..).map(word).collect();
        Recognised { words }
    }

    fn placed(text: &str, heard: &str) -> (Vec<(String, u64)>, Recognition) {
        let length = Samples(SECOND * 60);
        let (events, told) = place(text, &said(heard), (None, length)).unwrap();
        let words = events.words.iter().map(|word| {
            let own = text.chars().skip(word.from).take(word.to - word.from);
            (own.collect(), word.start.0 * 10 / SECOND)
        });
        (words.collect(), told)
    }

    fn at(words: &[(String, u64)]) -> Vec<(&str, u64)> {
        words
            .iter()
            .map(|(word, at)| (word.as_str(), *at))
            .collect()
    }

    #[test]
    fn a_text_that_is_read_as_written_takes_the_times_of_what_was_heard() {
        let (words, told) = placed("“Don’t,” said Ann-Marie.", "don't said Ann Marie");
        let wanted = [("“Don’t,”", 0), ("said", 5), ("Ann-Marie.", 10)];
        assert_eq!(at(&words), wanted);
        let as_written = Recognition {
            found: 3,
            words: 3,
            anchored: 3,
            confidence: Some(900),
            ..Recognition::default()
        };
        assert_eq!(told, as_written);
        // Another division and another spelling are the same words.
        for (text, heard) in [
            ("Ice cream, everyone!", "icecream every one"),
            ("The colour of hope.", "the color of hope"),
            ("太阳出来了。", "太阳 出来了"),
            ("[Wind] No.", "[wind blows] (sighs) No."),
        ] {
            let told = placed(text, heard).1;
            assert!(
                told.left_out.is_empty() || text.starts_with('['),
                "{told:?}"
            );
            assert_eq!((told.unwritten, told.otherwise), (vec![], vec![]), "{text}");
        }
    }

    #[test]
    fn what_a_reader_skips_adds_repeats_and_changes_is_told() {
        let text = "The red door opens and nobody comes in.";
        let (words, told) = placed(text, "The door opens and um nobody comes in");
        assert_eq!(told.left_out, [(4, 7)]);
        let um = (Samples(SECOND * 2), Samples(SECOND * 5 / 2));
        assert_eq!(told.unwritten, [("um".to_owned(), Some(um))]);
        assert_eq!((told.found, told.words), (7, 8));
        assert_eq!(at(&words)[1], ("door", 5), "{words:?}");

        let (_, told) = placed(text, "The red the red door opens and nobody comes in");
        let again = (Samples(SECOND), Samples(SECOND * 2));
        assert_eq!(told.repeated, [((0, 7), Some(again))]);
        assert!(told.unwritten.is_empty() && told.left_out.is_empty());

        let (_, told) = placed(text, "The green window opens and nobody comes in");
        assert_eq!(told.otherwise, [((4, 12), "green window".to_owned())]);
        let (_, told) = placed(text, "The gr? door opens? and nobody comes in thanks?");
        assert_eq!((told.otherwise, told.unwritten), (vec![], vec![]));
        assert!(placed(text, "Something else was said there").1.is_strange());
        assert!(placed(text, "").1.is_strange());
    }

    #[test]
    fn numbers_are_read_in_many_ways() {
        for heard in [
            "it cost 26 dollars in 1848",
            "it cost twenty six dollars in eighteen forty eight",
        ] {
            let told = placed("It cost $26 in 1848.", heard).1;
            let Recognition {
                left_out,
                unwritten,
                otherwise,
                ..
            } = told;
            assert!(left_out.is_empty() && unwritten.is_empty() && otherwise.is_empty());
        }
    }

    #[test]
    fn the_alignment_counts_where_the_recogniser_agrees_or_heard_nothing() {
        let word = |from, to, start: u64| SpokenWord {
            from,
            to,
            start: Samples(start),
            end: Samples(start + 9600),
        };
        let sound = |ipa: &str, start: u64| Phoneme {
            ipa: ipa.to_owned(),
            start: Samples(start),
            end: Samples(start + 9600),
        };
        // `one` is near, `two` is elsewhere, `three` was not recognised.
        let found = SpokenEvents {
            words: vec![word(0, 3, 4800), word(4, 7, 60_000), word(8, 13, 62_000)],
            phonemes: vec![sound("w", 4800), sound("t", 60_000), sound("θ", 72_000)],
        };
        let mut heard = said("one two");
        heard.words[0].heard = Some((Samples(0), Samples(12_000)));
        let (events, told) =
            place("one two three", &heard, (Some(found), Samples(96_000))).unwrap();
        let starts: Vec<u64> = events.words.iter().map(|word| word.start.0).collect();
        assert_eq!(starts, [4800, 24_000, 62_000]);
        assert_eq!((told.found, told.words, told.anchored), (2, 3, 1));
        let sounds: Vec<&str> = events.phonemes.iter().map(|one| one.ipa.as_str()).collect();
        assert_eq!(sounds, ["w", "", "θ"]);
    }
}
