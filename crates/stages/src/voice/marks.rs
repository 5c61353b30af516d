//! Lines with pauses and stress in them, spoken stretch by stretch.

use serde::{Deserialize, Serialize};
use workprint_engine::StepError;
use workprint_model::markup::{Piece, pieces};
use workprint_model::{Language, Millis, Samples};
use workprint_sound::voice::{trim, trim_and_level};

use super::lexicon::{Lexicon, Sounds, read_aloud};
use super::{SpokenEvents, failed, line_level};

/// What a trim leaves before and after speech, together: a pause is so much shorter.
const MARGINS: u64 = 960;

/// What is marked in a line, in characters of its text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// Before which character there is silence, and how much.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<(usize, Millis)>,
    /// What is stressed: from, and up to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stress: Vec<(usize, usize)>,
    /// What is said by its sounds, in the International Phonetic Alphabet: from, and up to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sounds: Vec<(usize, usize, String)>,
}

/// A stretch of a line without a pause in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) text: String,
    /// What is stressed, in its own characters.
    pub(super) stress: Vec<(usize, usize)>,
    /// What is said by its sounds, in its own characters.
    pub(super) sounds: Vec<(usize, usize, String)>,
    from: usize,
    /// The silence after it.
    then: Samples,
}

/// What a stretch sounds like: 48 kHz mono, and the engine's account of it.
pub(super) type Heard = (Vec<f32>, Option<SpokenEvents>);

/// A text as it is read aloud, words of the lexicon by what they are said as, and its marks.
pub(crate) fn read_marked(
    text: &str,
    lexicon: &Lexicon,
    language: &Language,
    sounds: Sounds,
) -> (String, Marks) {
    let (mut out, mut marks) = (String::new(), Marks::default());
    let read = |words: &str, out: &mut String| -> Vec<(usize, usize, String)> {
        let from = out.chars().count();
        let read = read_aloud(words, lexicon, language, sounds);
        out.push_str(&read.text);
        let told = read.sounds.into_iter();
        told.map(|(a, b, ipa)| (from + a, from + b, ipa)).collect()
    };
    let Some(pieces) = pieces(text) else {
        marks.sounds = read(text, &mut out);
        return (out, marks);
    };
    for piece in pieces {
        let from = out.chars().count();
        match piece {
            Piece::Said(words) => marks.sounds.append(&mut read(&words, &mut out)),
            Piece::Stressed(words) => {
                marks.sounds.append(&mut read(&words, &mut out));
                marks.stress.push((from, out.chars().count()));
            }
            Piece::Pause(length) => marks.pauses.push((from, length)),
        }
    }
    (out, marks)
}

impl Marks {
    /// Whether nothing is marked.
    pub fn is_none(&self) -> bool {
        self.pauses.is_empty() && self.stress.is_empty() && self.sounds.is_empty()
    }

    /// All silence together.
    pub(super) fn silence(&self) -> Samples {
        let all = self.pauses.iter().map(|(_, length)| length.samples().0);
        Samples(all.sum())
    }

    /// Says in words what is stressed, for engines that are told in words, and forgets it.
    pub(crate) fn take_stress(&mut self, text: &str) -> Option<String> {
        let stress = std::mem::take(&mut self.stress);
        let words = stress.iter().map(|(from, to)| {
            let words: String = text.chars().skip(*from).take(to - from).collect();
            format!("“{words}”")
        });
        let words: Vec<String> = words.collect();
        (!words.is_empty()).then(|| format!("Stress {}.", words.join(" and ")))
    }

    /// What is said of a text, stretch by stretch.
    pub(crate) fn said(&self, text: &str) -> Vec<String> {
        let stretches = self.stretches(text);
        let is_whole = stretches.len() == 1;
        let said = stretches.into_iter().map(|stretch| stretch.text);
        said.filter(|text| is_whole || is_said(text)).collect()
    }

    /// The stretches of a text, at least one.
    fn stretches(&self, text: &str) -> Vec<Stretch> {
        let chars: Vec<char> = text.chars().collect();
        let ends = self
            .pauses
            .iter()
            .map(|(at, length)| (*at, length.samples()));
        let mut from = 0;
        let stretches = ends.chain([(chars.len(), Samples(0))]).map(|(to, then)| {
            let to = to.clamp(from, chars.len());
            let within = |at: usize| at.clamp(from, to) - from;
            let stress = self.stress.iter().map(|(a, b)| (within(*a), within(*b)));
            let sounds = self.sounds.iter();
            let sounds = sounds.map(|(a, b, ipa)| (within(*a), within(*b), ipa.clone()));
            let stretch = Stretch {
                text: chars[from..to].iter().collect(),
                stress: stress.filter(|(a, b)| a < b).collect(),
                sounds: sounds.filter(|(a, b, _)| a < b).collect(),
                from,
                then,
            };
            from = to;
            stretch
        });
        stretches.collect()
    }

    /// Speaks a line, each stretch by itself with silence between them, and levels it as a whole.
    pub(super) fn speak(
        &self,
        text: &str,
        mut say: impl FnMut(&Stretch) -> Result<Heard, StepError>,
    ) -> Result<Heard, StepError> {
        let stretches = self.stretches(text);
        if let [whole] = stretches.as_slice() {
            return finish(say(whole)?, (Samples(0), Samples(0)));
        }
        let mut line = Line::default();
        for stretch in &stretches {
            if is_said(&stretch.text) {
                line.add(stretch.from, say(stretch)?);
            }
            line.silence = line.silence + stretch.then;
        }
        let ends = (line.lead, line.silence);
        finish((line.samples, line.events), ends)
    }
}

/// Whether there is anything to be heard in a stretch.
fn is_said(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

/// A line that grows.
#[derive(Default)]
struct Line {
    samples: Vec<f32>,
    events: Option<SpokenEvents>,
    /// The silence before the first stretch.
    lead: Samples,
    /// The silence since the last one.
    silence: Samples,
}

impl Line {
    fn add(&mut self, from: usize, (samples, events): Heard) {
        let is_first = self.samples.is_empty();
        let (samples, cut) = trim(&samples);
        let silence = std::mem::take(&mut self.silence);
        if is_first {
            self.lead = silence;
        } else {
            let silence = silence.0.saturating_sub(MARGINS) as usize;
            self.samples.resize(self.samples.len() + silence, 0.0);
        }
        let start = self.samples.len() as u64;
        self.samples.extend(samples);
        let place = |at: Samples| Samples(start + at.0.saturating_sub(cut.0));
        // One stretch without an account leaves the line without.
        let Some(mut events) = events.filter(|_| is_first || self.events.is_some()) else {
            self.events = None;
            return;
        };
        for word in &mut events.words {
            (word.from, word.to) = (word.from + from, word.to + from);
            (word.start, word.end) = (place(word.start), place(word.end));
        }
        for sound in &mut events.phonemes {
            (sound.start, sound.end) = (place(sound.start), place(sound.end));
        }
        let all = self.events.get_or_insert_default();
        all.words.extend(events.words);
        all.phonemes.extend(events.phonemes);
    }
}

/// Trims and levels a line, and puts silence before and after it.
fn finish((samples, events): Heard, (lead, tail): (Samples, Samples)) -> Result<Heard, StepError> {
    let line = trim_and_level(&samples, &line_level()).map_err(failed)?;
    let length = line.samples.len() as u64;
    let place = |at: Samples| {
        let within = at.0.saturating_sub(line.trimmed_start.0).min(length);
        Samples(lead.0 + within)
    };
    let events = events.map(|mut events| {
        for word in &mut events.words {
            (word.start, word.end) = (place(word.start), place(word.end));
        }
        for sound in &mut events.phonemes {
            (sound.start, sound.end) = (place(sound.start), place(sound.end));
        }
        events
    });
    let mut samples = vec![0.0; lead.0 as usize];
    samples.extend(line.samples);
    samples.resize(samples.len() + tail.0 as usize, 0.0);
    Ok((samples, events))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::SpokenWord;

    fn marked(text: &str) -> (String, Marks) {
        read_marked(
            text,
            &Lexicon::new(),
            &"en".parse().unwrap(),
            Sounds::Unread,
        )
    }

    #[test]
    fn marks_are_counted_in_what_is_read() {
        let lexicon =
            serde_json::from_value(serde_json::json!({"pause": "paws", "Wick": "week"})).unwrap();
        let (text, marks) = read_marked(
            "Wick, [pause] *Wick* é!",
            &lexicon,
            &"en".parse().unwrap(),
            Sounds::Unread,
        );
        assert_eq!(text, "week, week é!");
        assert_eq!(marks.pauses, [(6, Millis(500))]);
        assert_eq!(marks.stress, [(6, 10)]);
        assert!(marked("2 * 3").1.is_none());
    }

    #[test]
    fn pauses_are_as_long_as_they_are_written() {
        let (text, marks) = marked("[pause 100ms] One. [pause 1s] *Two* three [pause 200ms]");
        assert_eq!(text, "One. Two three");
        let mut said = Vec::new();
        let tone = |stretch: &Stretch| {
            said.push((stretch.text.clone(), stretch.stress.clone()));
            let sine = (0..48_000).map(|n| (n as f32 * 0.05).sin() * 0.3);
            // Engines give silence before and after what they say.
            let quiet = || std::iter::repeat_n(0.0, 9600);
            let samples = quiet().chain(sine).chain(quiet()).collect();
            let word = SpokenWord {
                from: 0,
                to: 3,
                start: Samples(9600),
                end: Samples(57_600),
            };
            Ok((
                samples,
                Some(SpokenEvents {
                    words: vec![word],
                    phonemes: Vec::new(),
                }),
            ))
        };
        let (samples, events) = marks.speak(&text, tone).unwrap();
        assert_eq!(
            said,
            [
                ("One. ".to_owned(), vec![]),
                ("Two three".to_owned(), vec![(0, 3)])
            ]
        );
        let words: Vec<_> = events
            .unwrap()
            .words
            .iter()
            .map(|word| (word.from, word.start.0, word.end.0))
            .collect();
        assert_eq!(words.iter().map(|word| word.0).collect::<Vec<_>>(), [0, 5]);
        let pause = words[1].1 - words[0].2;
        assert!(pause.abs_diff(48_000) <= 960, "{words:?}");
        assert!(words[0].1.abs_diff(4800) <= 960, "{words:?}");
        let tail = samples
            .iter()
            .rev()
            .take_while(|sample| sample.abs() < 1e-6)
            .count();
        assert!(tail.abs_diff(9600) <= 960, "{tail}");
        let quiet = &samples[words[0].2 as usize + 600..words[1].1 as usize - 600];
        assert!(quiet.iter().all(|sample| *sample == 0.0));
    }
}
