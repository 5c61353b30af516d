//! What was said in a sound: words in the order in which they were heard, as every recogniser's are kept.

use serde::{Deserialize, Serialize};
use workprint_model::words::units;
use workprint_model::{SAMPLE_RATE, Samples};

use crate::error::CallError;
use crate::http::Reply;
use crate::order::{Delivery, Order, Parcel, What};

/// The most words of a sound: four a second, for two hours.
const MOST_WORDS: usize = 30_000;
/// The most characters of a word.
const MOST_LETTERS: usize = 200;
/// How far behind the end of a sound a word may end: recognisers count in steps and blocks.
const BEYOND: f64 = 1.0;

/// What was said in a sound.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recognised {
    /// The words, in order.
    pub words: Vec<RecognisedWord>,
}

/// A word that was heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecognisedWord {
    /// The word, as the recogniser spells it, its punctuation included.
    pub text: String,
    /// From when up to when, counted from the sound's start; nothing where no time was told that can be one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<(Samples, Samples)>,
    /// How sure the recogniser is, in thousandths, where it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u16>,
}

impl Recognised {
    /// The media type of what a recogniser made.
    pub(crate) fn media_type(bytes: &[u8]) -> Option<&'static str> {
        let read: Result<Self, _> = serde_json::from_slice(bytes);
        read.is_ok().then_some("application/json")
    }
}

/// Words as a recogniser tells of them, one after the other.
#[derive(Debug)]
pub(crate) struct Hearing<'a> {
    reply: &'a Reply,
    words: Vec<RecognisedWord>,
    /// How long the sound is, in seconds.
    length: f64,
    /// When the last word began that has a time.
    floor: Samples,
}

impl<'a> Hearing<'a> {
    /// Of an order's sound, by a reply; without an order nothing is known of its length.
    pub(crate) fn of(order: Option<&Order>, reply: &'a Reply) -> Self {
        let length = order.map_or(86_400.0, |order| match order.what {
            What::Recognition { length_ms, .. } => f64::from(length_ms) / 1000.0,
            _ => 0.0,
        });
        Self {
            reply,
            words: Vec::new(),
            length,
            floor: Samples(0),
        }
    }

    /// The next word, its time in seconds, and how sure the recogniser is, from 0 to 1. A time that is none,
    /// lies outside of the sound or before an earlier word's is left out; the word is not.
    pub(crate) fn hear(
        &mut self,
        text: &str,
        time: (Option<f64>, Option<f64>),
        confidence: Option<f64>,
    ) -> Result<(), CallError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        if self.words.len() >= MOST_WORDS || text.chars().count() > MOST_LETTERS {
            return Err(self.reply.unexpected("a list of words"));
        }
        let heard = self.time(time);
        if let Some((from, _)) = heard {
            self.floor = from;
        }
        let sure = confidence.filter(|sure| (0.0..=1.0).contains(sure));
        self.words.push(RecognisedWord {
            text: text.to_owned(),
            heard,
            confidence: sure.map(|sure| (sure * 1000.0).round() as u16),
        });
        Ok(())
    }

    /// A piece of a word or a whole one, as models write them: what begins with white space begins a word.
    pub(crate) fn hear_piece(
        &mut self,
        piece: &str,
        time: (Option<f64>, Option<f64>),
        confidence: Option<f64>,
    ) -> Result<(), CallError> {
        let begins = piece.starts_with(char::is_whitespace);
        let Some(last) = self.words.last_mut().filter(|_| !begins) else {
            return self.hear(piece, time, confidence);
        };
        let whole = format!("{}{}", last.text, piece.trim_end());
        if units(&whole).len() > units(&last.text).len() {
            return self.hear(piece, time, confidence);
        }
        if whole.chars().count() > MOST_LETTERS {
            return Err(self.reply.unexpected("a list of words"));
        }
        last.text = whole;
        let sure = confidence.filter(|sure| (0.0..=1.0).contains(sure));
        let sure = sure.map(|sure| (sure * 1000.0).round() as u16);
        last.confidence = last.confidence.min(sure).or(last.confidence);
        let floor = last.heard.map_or(self.floor, |(from, _)| from);
        let is_sound = piece.contains(char::is_alphanumeric);
        let end = sample(time.1, self.length).filter(|end| is_sound && *end >= floor);
        if let (Some(heard), Some(end)) = (&mut last.heard, end) {
            heard.1 = heard.1.max(end);
        }
        Ok(())
    }

    fn time(&self, (from, to): (Option<f64>, Option<f64>)) -> Option<(Samples, Samples)> {
        let (from, to) = (sample(from, self.length)?, sample(to, self.length)?);
        (from >= self.floor && to >= from).then_some((from, to))
    }

    /// What was heard, as an order's delivery.
    pub(crate) fn delivery(self) -> Result<Delivery, CallError> {
        let all = Recognised { words: self.words };
        let bytes = serde_json::to_vec(&all).map_err(|_| self.reply.unexpected("words"))?;
        Ok(Delivery::of(Parcel::Bytes(bytes)))
    }
}

/// A time within a sound.
fn sample(seconds: Option<f64>, length: f64) -> Option<Samples> {
    let seconds = seconds.filter(|seconds| (0.0..=length + BEYOND).contains(seconds))?;
    let within = seconds.min(length);
    Some(Samples((within * f64::from(SAMPLE_RATE)).round() as u64))
}

#[cfg(test)]
pub(crate) mod cases {
    //! What the tests of recognisers share.

    use serde_json::Map;

    use super::*;
    use crate::error::CallError;
    use crate::order::{Reference, Submitted, Vendor};

    /// A sound of two seconds in English.
    pub(crate) fn order(model: &str) -> Order {
        Order {
            model: model.to_owned(),
            prompt: String::new(),
            seed: 0,
            references: vec![Reference {
                media_type: "audio/wav".to_owned(),
                bytes: vec![1, 2, 3],
            }],
            options: Map::new(),
            graph: None,
            what: What::Recognition {
                length_ms: 2000,
                language: "en-GB".to_owned(),
            },
        }
    }

    /// A delivery's words as `text from to confidence`, in milliseconds and thousandths.
    pub(crate) fn words(delivery: &Delivery) -> Vec<String> {
        let Parcel::Bytes(bytes) = &delivery.parcel else {
            unreachable!("it lies elsewhere");
        };
        let all: Recognised = serde_json::from_slice(bytes).unwrap_or_default();
        let one = |word: &RecognisedWord| {
            let time = word.heard.map_or(String::new(), |(a, b)| {
                format!(" {} {}", a.0 / 48, b.0 / 48)
            });
            let sure = word.confidence.map_or(String::new(), |n| format!(" ({n})"));
            format!("{}{time}{sure}", word.text)
        };
        all.words.iter().map(one).collect()
    }

    /// What a vendor makes of a reply.
    pub(crate) fn told(vendor: &dyn Vendor, body: &str) -> Result<Vec<String>, CallError> {
        let reply = crate::vendors::speech_cases::reply(body);
        match vendor.submitted(&order("m"), &reply)? {
            Submitted::Done(delivery) => Ok(words(&delivery)),
            other => unreachable!("{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::cases::{order, words};
    use super::*;
    use crate::vendors::speech_cases::reply;

    #[test]
    fn words_without_a_time_that_can_be_one_are_kept_without() {
        let (order, reply) = (order("m"), reply(""));
        let mut hearing = Hearing::of(Some(&order), &reply);
        for (text, from, to) in [
            (" one ", 0.5, 0.75),
            ("before", 0.25, 0.5),
            ("negative", -1.0, 0.5),
            ("backwards", 0.8, 0.7),
            ("nowhere", f64::NAN, 1.0),
            ("far", 1e300, 1e301),
            ("late", 3.5, 3.6),
            ("  ", 0.9, 1.0),
            ("end", 1.9, 2.4),
        ] {
            hearing
                .hear(text, (Some(from), Some(to)), Some(0.5004))
                .unwrap();
        }
        hearing
            .hear("untold", (None, Some(2.0)), Some(7.0))
            .unwrap();
        let told = words(&hearing.delivery().unwrap());
        let wanted = [
            "one 500 750 (500)",
            "before (500)",
            "negative (500)",
            "backwards (500)",
            "nowhere (500)",
            "far (500)",
            "late (500)",
            "end 1900 2000 (500)",
            "untold",
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn pieces_become_words_in_every_script() {
        let (order, reply) = (order("m"), reply(""));
        let mut hearing = Hearing::of(Some(&order), &reply);
        for (n, piece) in [" Al", "ice", "'s", " cat", ".", "太", "阳", "。"]
            .into_iter()
            .enumerate()
        {
            let at = n as f64 / 10.0;
            let sure = Some(1.0 - at);
            hearing
                .hear_piece(piece, (Some(at), Some(at + 0.1)), sure)
                .unwrap();
        }
        let told = words(&hearing.delivery().unwrap());
        let wanted = [
            "Alice's 0 300 (800)",
            "cat. 300 400 (600)",
            "太 500 600 (500)",
            "阳。 600 700 (300)",
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn huge_lists_and_huge_words_are_refused() {
        let (order, reply) = (order("m"), reply(""));
        let mut hearing = Hearing::of(Some(&order), &reply);
        let none = (None, None);
        assert!(hearing.hear(&"x".repeat(201), none, None).is_err());
        let mut fits = 0;
        while hearing.hear("a", none, None).is_ok() {
            fits += 1;
        }
        assert_eq!(fits, MOST_WORDS);
        assert!(hearing.hear_piece(&"x".repeat(200), none, None).is_err());
    }
}
