//! Align: when each written unit is heard.
//!
//! A synthesiser's own account is used where there is one, and the list of a recording's words where
//! one is given. Any other voice is aligned, and held against the words that a recogniser heard where the show
//! names one ([`recognised`]): laid against espeak's reading of the same text
//! ([`workprint_sound::align`]), each line by its own step, with the model of its voice
//! ([`crate::speaker`]) as an input, so that an edit of one moves no other's words.

pub(crate) mod by_text;
mod list;
pub mod reading;
mod recognised;
mod spoken;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::step::Estimate;
use workprint_model::words::{Phoneme, Word, units, widths};
use workprint_model::{Artifact, Digest, Samples, Slot};

pub use by_text::Judgement;
pub(crate) use by_text::{STRANGE, align_narrow, narrowed, read};
pub use recognised::Recognition;

use crate::Tools;
use crate::speaker::read_model;
use crate::voice::{SpokenEvents, SpokenWord, VoiceTake, even_words};

/// One line's words, to be found in its voice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Align {
    /// The engine, with its version.
    pub engine: String,
    /// What is written.
    pub text: String,
    /// What was read aloud, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// The voice.
    pub voice: Digest,
    /// Its length.
    pub length: Samples,
    /// The synthesiser's own account of it.
    pub events: Option<Digest>,
    /// The espeak voice that reads the text where there is no account.
    pub reader: Option<String>,
    /// The model of the voice, where it is aligned by its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<Digest>,
    /// A list of the recording's words, and where in it the voice begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<(Digest, Samples)>,
    /// What a recogniser heard in the voice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recognised: Option<Digest>,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

impl Align {
    /// The words of `texts.0`, read aloud as `texts.1`, in `take`. `reader` is the engine and the
    /// espeak voice of the language.
    pub fn of(texts: (&str, &str), take: &VoiceTake, reader: (&str, &str), slot: Slot) -> Self {
        let (engine, voice) = reader;
        let (text, said) = texts;
        let known = take.events.is_some();
        Self {
            engine: if known {
                "workprint-align 1".to_owned()
            } else {
                format!("workprint-align 4 / {engine}")
            },
            text: text.to_owned(),
            said: (said != text).then(|| said.to_owned()),
            voice: take.sound.digest,
            length: take.length,
            events: take.events.as_ref().map(|events| events.digest),
            reader: (!known).then(|| voice.to_owned()),
            speaker: None,
            list: None,
            recognised: None,
            slot,
        }
    }

    /// Holds the words against those that a recogniser heard.
    #[must_use]
    pub fn heard_as(self, recognised: Digest) -> Self {
        Self {
            engine: format!("workprint-heard 1 / {}", self.engine),
            recognised: Some(recognised),
            ..self
        }
    }

    /// Takes the words' times from a list of them.
    #[must_use]
    pub fn from_list(self, list: (Digest, Samples)) -> Self {
        Self {
            engine: "workprint-align 1".to_owned(),
            reader: None,
            list: Some(list),
            ..self
        }
    }
}

/// The words of a line in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aligned {
    /// Stands for these times among a step's inputs.
    pub id: Digest,
    /// The units of the text, all of them, in order.
    pub words: Vec<Word>,
    /// Speech sounds, where they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phonemes: Vec<Phoneme>,
    /// What the alignment by text thinks of itself; nothing where the times came with the voice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judgement: Option<Judgement>,
}

impl Step for Align {
    type Tools = Tools;
    type Output = Aligned;

    const KIND: &'static str = "align";
    const REVISION: u32 = 2;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        let list = self.list.map(|(list, _)| list);
        let also = self.speaker.into_iter().chain(list);
        let also = also.chain(self.recognised);
        std::iter::once(self.voice).chain(also).collect()
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            // A line of ten seconds, with espeak's reading of it.
            seconds: if self.reader.is_some() { 0.15 } else { 0.02 },
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> Aligned {
        Aligned {
            id: Artifact::sketched(key, "words").digest,
            words: even_words(&self.text, self.length),
            phonemes: Vec::new(),
            judgement: None,
        }
    }

    fn digests(output: &Aligned) -> Vec<Digest> {
        vec![output.id]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<Aligned>, StepError> {
        if let Some((list, from)) = &self.list {
            let path = tools.locate(work, list)?;
            let bytes = tools.read(work, list, list::MOST_BYTES)?;
            let span = *from..*from + self.length;
            let spoken = list::read(&bytes, &self.text, span).map_err(|mut error| {
                error.message = format!("`{}`: {}", path.display(), error.message);
                error
            })?;
            return Ok(self.made(&spoken, Vec::new(), None));
        }
        let mut judgement = None;
        let events = match (&self.events, &self.reader) {
            (Some(events), _) => {
                let bytes = tools.read(work, events, 64 << 20)?;
                serde_json::from_slice(&bytes).map_err(|error| {
                    StepError::permanent("the voice's own account cannot be read").because(error)
                })?
            }
            (None, Some(reader)) => {
                let (events, own) = self.by_text(reader, tools, work).await?;
                judgement = Some(own);
                events
            }
            (None, None) => SpokenEvents::default(),
        };
        Ok(match &self.said {
            None => self.made(&events.words, events.phonemes, judgement),
            Some(said) => {
                let spoken = carry_over(&self.text, said, &events.words);
                self.made(&spoken, events.phonemes, judgement)
            }
        })
    }
}

impl Align {
    /// The words by what is written, and by what was recognised where it was.
    async fn by_text(
        &self,
        reader: &str,
        tools: &Tools,
        work: &Work,
    ) -> Result<(SpokenEvents, Judgement), StepError> {
        let recognised = self.recognised.map(|words| {
            let bytes = tools.read(work, &words, recognised::MOST_BYTES)?;
            serde_json::from_slice(&bytes).map_err(|error| {
                StepError::permanent("what was recognised cannot be read").because(error)
            })
        });
        let recognised = recognised.transpose()?;
        let bytes = tools.read(work, &self.voice, by_text::MOST_BYTES)?;
        let speaker = self.speaker.map(|model| read_model(tools, work, &model));
        let speaker = speaker.transpose()?;
        let media = tools.media.clone();
        let text = self.said.clone().unwrap_or_else(|| self.text.clone());
        let (reader, length) = (reader.to_owned(), self.length);
        work.blocking(move |_| {
            let read = (text.as_str(), reader.as_str());
            let (found, judgement) = by_text::align(&media, &bytes, read, speaker.as_ref())?;
            let Some(recognised) = recognised else {
                return Ok((found, judgement));
            };
            let found = (judgement.distance < STRANGE).then_some(found);
            let (events, own) = recognised::place(&text, &recognised, (found, length))?;
            let recognised = Some(own);
            let judgement = Judgement {
                recognised,
                ..judgement
            };
            Ok((events, judgement))
        })
        .await
    }

    fn made(
        &self,
        spoken: &[SpokenWord],
        phonemes: Vec<Phoneme>,
        judgement: Option<Judgement>,
    ) -> Made<Aligned> {
        let words = place_units(&self.text, spoken, self.length);
        let aligned = Aligned {
            id: Digest::of_json(&(&words, &self.voice)),
            words,
            phonemes,
            judgement,
        };
        Made::free(aligned, Vec::new())
    }
}

/// Where the units of a written text lie in what was read aloud in its place: the same share of the
/// one's width is taken to be the same share of the other's.
pub(crate) fn carry_over(text: &str, said: &str, spoken: &[SpokenWord]) -> Vec<SpokenWord> {
    let (text_widths, said_widths) = (widths(text), widths(said));
    let whole = |widths: &[usize]| widths.last().map_or(1, |width| (*width).max(1));
    let (text_width, said_width) = (whole(&text_widths) as u64, whole(&said_widths) as u64);
    let before = |widths: &[usize], chars: usize| widths[chars.min(widths.len() - 1)] as u64;
    // Corners of a rising line from widths of `said` to samples.
    let mut corners: Vec<(u64, u64)> = spoken
        .iter()
        .flat_map(|word| [(word.from, word.start.0), (word.to, word.end.0)])
        .map(|(chars, sample)| (before(&said_widths, chars), sample))
        .collect();
    corners.sort_unstable();
    let time_at = |at: u64| {
        let right = corners.partition_point(|corner| corner.0 < at);
        let (left, right) = match (right.checked_sub(1), corners.get(right)) {
            (None, first) => return first.map_or(0, |corner| corner.1),
            (Some(last), None) => return corners[last].1,
            (Some(left), Some(right)) => (corners[left], right),
        };
        let share = (at - left.0) * right.1.saturating_sub(left.1);
        left.1 + share / (right.0 - left.0).max(1)
    };
    let place = |chars: usize| {
        let at = before(&text_widths, chars) * said_width / text_width;
        Samples(time_at(at))
    };
    units(text)
        .iter()
        .map(|unit| SpokenWord {
            from: unit.from,
            to: unit.to,
            start: place(unit.from),
            end: place(unit.to),
        })
        .collect()
}

/// Gives every unit of the text a time: its own where something of it was heard, else one between its
/// neighbours'.
pub fn place_units(text: &str, spoken: &[SpokenWord], length: Samples) -> Vec<Word> {
    let units = units(text);
    let length = length.0.max(units.len() as u64);
    let places: Vec<(usize, usize)> = units.iter().map(|unit| (unit.from, unit.to)).collect();
    let mut times = times_of(&places, spoken);
    if times.iter().all(Option::is_none) {
        let even = even_words(text, Samples(length));
        times = even
            .iter()
            .map(|word| Some((word.start.0, word.end.0)))
            .collect();
    }
    fill_gaps(&mut times, length);
    let mut floor = 0;
    let mut left = units.len() as u64;
    units
        .iter()
        .zip(times)
        .map(|(unit, time)| {
            let (start, end) = time.unwrap_or((floor, floor + 1));
            left -= 1;
            // Room for one sample for each unit that is still to come.
            let start = start.clamp(floor, length - left - 1);
            let end = end.clamp(start + 1, length - left);
            floor = end;
            Word {
                text: unit.text.to_owned(),
                start: Samples(start),
                end: Samples(end),
            }
        })
        .collect()
}

/// From when to when something of each of these stretches of a text is heard.
fn times_of(places: &[(usize, usize)], spoken: &[SpokenWord]) -> Vec<Option<(u64, u64)>> {
    let time = |&(from, to): &(usize, usize)| {
        let heard = spoken
            .iter()
            .filter(|word| word.from < to && word.to > from);
        heard.fold(None, |time: Option<(u64, u64)>, word| {
            let own = share_of(word, from, to);
            Some(time.map_or(own, |(start, end)| (start.min(own.0), end.max(own.1))))
        })
    };
    places.iter().map(time).collect()
}

/// The part of a spoken word that falls to characters `from..to` when it covers several units.
fn share_of(word: &SpokenWord, from: usize, to: usize) -> (u64, u64) {
    let (length, chars) = (
        word.end.0.saturating_sub(word.start.0),
        (word.to - word.from).max(1) as u64,
    );
    let at = |char: usize| {
        let inside = char.clamp(word.from, word.to) - word.from;
        word.start.0 + length * inside as u64 / chars
    };
    (at(from), at(to))
}

/// Units without a time (a lone dash) share the gap between their neighbours.
fn fill_gaps(times: &mut [Option<(u64, u64)>], length: u64) {
    let mut index = 0;
    while index < times.len() {
        if times[index].is_some() {
            index += 1;
            continue;
        }
        let end = (index..times.len())
            .find(|&at| times[at].is_some())
            .unwrap_or(times.len());
        let left = index
            .checked_sub(1)
            .and_then(|at| times[at])
            .map_or(0, |time| time.1);
        let right = times
            .get(end)
            .copied()
            .flatten()
            .map_or(length, |time| time.0)
            .max(left);
        let count = (end - index) as u64;
        for (step, time) in times[index..end].iter_mut().enumerate() {
            let at = |n: u64| left + (right - left) * n / count;
            *time = Some((at(step as u64), at(step as u64 + 1)));
        }
        index = end;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn word(from: usize, to: usize, start: u64, end: u64) -> SpokenWord {
        SpokenWord {
            from,
            to,
            start: Samples(start),
            end: Samples(end),
        }
    }

    #[test]
    fn a_lone_dash_lies_between_its_neighbours() {
        let spoken = [word(0, 2, 100, 200), word(5, 7, 400, 500)];
        let words = place_units("No - no", &spoken, Samples(600));
        let times: Vec<_> = words
            .iter()
            .map(|word| (word.start.0, word.end.0))
            .collect();
        assert_eq!(times, [(100, 200), (200, 400), (400, 500)]);
    }

    #[test]
    fn units_of_a_sample_each_are_timed_too() {
        let words = place_units(",太阳太,阳,太", &[], Samples(1));
        assert!(words.iter().all(|word| word.end > word.start), "{words:?}");
    }

    proptest! {
        #[test]
        fn every_unit_is_timed_in_order(
            text in "[a-z ,.太阳-]{1,40}",
            raw in prop::collection::vec((0usize..40, 1usize..9, 0u64..5000, 1u64..900), 0..12),
            length in 1u64..6000,
        ) {
            let spoken: Vec<_> = raw.iter().map(|&(from, n, start, l)| word(from, from + n, start, start + l)).collect();
            let words = place_units(&text, &spoken, Samples(length));
            prop_assert_eq!(words.len(), units(&text).len());
            let mut floor = 0;
            for word in &words {
                prop_assert!(word.start.0 >= floor && word.end.0 > word.start.0);
                floor = word.end.0;
            }
            prop_assert!(floor <= length.max(words.len() as u64));
        }
    }
}
