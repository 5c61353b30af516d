//! The words of a recording, listed with their times.

use std::ops::Range;

use serde::Deserialize;
use workprint_engine::StepError;
use workprint_model::words::units;
use workprint_model::{SAMPLE_RATE, Samples};

use super::carry_over;
use crate::voice::SpokenWord;

/// The longest list that is read.
pub(super) const MOST_BYTES: u64 = 16 << 20;

/// What speech recognisers give: the `words` of OpenAI's `verbose_json`, and of those that follow it.
#[derive(Deserialize)]
struct List {
    words: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    word: String,
    /// Seconds.
    start: f64,
    /// Seconds.
    end: f64,
}

/// Where the words that the list has in `span` lie in `text`: one to one where there are as many of
/// them as the text has units, else by their share of the whole. Times count from the span's start.
pub(super) fn read(
    bytes: &[u8],
    text: &str,
    span: Range<Samples>,
) -> Result<Vec<SpokenWord>, StepError> {
    let list: List = serde_json::from_slice(bytes)
        .map_err(|error| refused("the list of words cannot be read").because(error))?;
    let mut floor = Samples(0);
    let mut heard = Vec::with_capacity(list.words.len());
    for Listed { word, start, end } in &list.words {
        let (Some(from), Some(to)) = (sample(*start), sample(*end)) else {
            return Err(refused(&format!(
                "the times of the word `{}` are not seconds",
                readable(word)
            )));
        };
        if from < floor || to < from {
            return Err(refused(&format!(
                "the word `{}` at {start} s begins before the one before it, or ends before it begins",
                readable(word)
            )));
        }
        floor = from;
        if span.contains(&from) {
            heard.push((
                word.trim(),
                from - span.start,
                to.min(span.end) - span.start,
            ));
        }
    }
    let units = units(text);
    if units.len() == heard.len() {
        let pairs = units.iter().zip(heard);
        return Ok(pairs
            .map(|(unit, (_, start, end))| SpokenWord {
                from: unit.from,
                to: unit.to,
                start,
                end,
            })
            .collect());
    }
    let mut said = String::new();
    let mut spoken = Vec::with_capacity(heard.len());
    let mut from = 0;
    for (word, start, end) in heard {
        let to = from + word.chars().count();
        said.push_str(word);
        said.push(' ');
        spoken.push(SpokenWord {
            from,
            to,
            start,
            end,
        });
        from = to + 1;
    }
    Ok(carry_over(text, &said, &spoken))
}

/// The beginning of a word, which may hold anything, as a terminal can show it.
fn readable(word: &str) -> String {
    let beginning: String = word.chars().take(40).collect();
    beginning.escape_debug().to_string()
}

fn sample(seconds: f64) -> Option<Samples> {
    let day = 86_400.0;
    (0.0..=day)
        .contains(&seconds)
        .then(|| Samples((seconds * f64::from(SAMPLE_RATE)).round() as u64))
}

fn refused(message: &str) -> StepError {
    StepError::permanent(message).hint(
        "write `{\"words\": [{\"word\": \"Dawn\", \"start\": 0.31, \"end\": 0.72}, …]}` in order, in seconds \
         from the file's start",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Range<Samples> = Samples(0)..Samples(48_000);

    fn times(json: &str, text: &str) -> Vec<(usize, u64)> {
        let words = read(json.as_bytes(), text, SECOND).unwrap();
        words.iter().map(|word| (word.from, word.start.0)).collect()
    }

    #[test]
    fn as_many_words_as_units_go_one_to_one() {
        let json = r#"{"words": [{"word": "one", "start": 0.25, "end": 0.5},
            {"word": "2", "start": 0.5, "end": 0.75}]}"#;
        assert_eq!(times(json, "One, two."), [(0, 12_000), (5, 24_000)]);
    }

    #[test]
    fn other_counts_share_the_time_by_width() {
        let json = r#"{"words": [{"word": "twenty", "start": 0, "end": 0.5},
            {"word": "six", "start": 0.5, "end": 1}]}"#;
        assert_eq!(times(json, "26"), [(0, 0)]);
        assert_eq!(times(r#"{"words": []}"#, "26"), [(0, 0)]);
    }

    #[test]
    fn a_span_has_its_own_words_and_its_own_zero() {
        let json = r#"{"words": [{"word": "one", "start": 0.25, "end": 0.5},
            {"word": "two", "start": 0.5, "end": 2}, {"word": "three", "start": 2, "end": 3}]}"#;
        let span = Samples(24_000)..Samples(72_000);
        let words = read(json.as_bytes(), "Two.", span).unwrap();
        assert_eq!(
            (words[0].start, words[0].end),
            (Samples(0), Samples(48_000))
        );
    }

    #[test]
    fn hostile_lists_are_refused() {
        for json in [
            "[]",
            r#"{"words": [{"word": "a", "start": -1, "end": 0.5}]}"#,
            r#"{"words": [{"word": "a", "start": 1e300, "end": 1e301}]}"#,
            r#"{"words": [{"word": "a", "start": 0.5, "end": 0.25}]}"#,
            r#"{"words": [{"word": "a", "start": 0.5, "end": 0.6}, {"word": "b", "start": 0.1, "end": 0.2}]}"#,
        ] {
            assert!(read(json.as_bytes(), "a b", SECOND).is_err(), "{json}");
        }
    }
}
