//! A spoken text: found by the first stage, refined by the second.

use std::collections::BTreeMap;
use std::ops::Range;

use super::frames::Frames;
use super::speaker::{Gaussians, Learned, STATES, padded};
use super::spectrum::{View, cepstra, log_mel};
use super::states::{Onset, Spoken, likeliest, states};
use super::warp::{Warp, dithered, warp};
use super::{HOP, ReadSound, Reading};

const VIEW: View = View {
    window: 320,
    bands: 32,
    floor: 1e-10,
};
/// How often a voice is gone through to learn its model.
const ROUNDS: usize = 3;
/// Sounds that begin with a closure: after a pause it cannot be heard.
const STOPS: [char; 11] = ['p', 'b', 't', 'd', 'k', 'ɡ', 'g', 'ʈ', 'ɖ', 'c', 'ɟ'];
/// The longest closure that is taken from a reading, in halves of a frame: 70 ms. In some languages
/// espeak holds a stop longer after a pause than voices do.
const HELD: i64 = 28;
/// Vowels of the International Phonetic Alphabet.
const VOWELS: [char; 29] = [
    'a', 'e', 'i', 'o', 'u', 'y', 'æ', 'ø', 'œ', 'ɐ', 'ɑ', 'ɒ', 'ɔ', 'ɘ', 'ə', 'ɚ', 'ɛ', 'ɜ', 'ɞ',
    'ɤ', 'ɨ', 'ɪ', 'ɯ', 'ɵ', 'ʉ', 'ʊ', 'ʌ', 'ʏ', 'ᵻ',
];
/// How much later than it is found a vowel begins after a pause, in halves of a frame: 7.5 ms. A frame of
/// 20 ms is loud before the vowel reaches its middle.
const OPENING: i64 = 3;
/// Half frames of silence (30 ms) that make a pause.
const PAUSE: i64 = 12;

/// A text in a voice.
#[derive(Debug, Clone)]
pub struct Line {
    pub(super) features: Frames,
    /// The names of its sounds.
    pub(super) names: Vec<String>,
    pub(super) sentences: Vec<Sentence>,
    /// What every frame was taken for: a name and one of its states, or silence.
    labels: Vec<Option<(usize, usize)>>,
    cost: f32,
    unwritten: Vec<(usize, usize)>,
}

#[derive(Debug, Clone)]
pub(super) struct Sentence {
    pub(super) frames: Range<usize>,
    pub(super) spoken: Vec<Spoken>,
    /// The last times found, in halves of a frame from the line's first.
    pub(super) times: Vec<(i64, i64)>,
}

/// What is known of a voice's sounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Speaker(pub(super) Learned);

/// When everything of a line is heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The words that have sounds, in order.
    pub words: Vec<FoundWord>,
    /// The sounds, in order; what lies between them is silence.
    pub sounds: Vec<FoundSound>,
    /// The mean distance of a frame from the reading: 0.27 to 0.34 where what is said is what is
    /// written, 1 for what has nothing to do with it.
    pub distance: f32,
    /// Where between two sentences, before the first or after the last something is said that is not
    /// written: samples from and to.
    pub unwritten: Vec<(u64, u64)>,
    /// Where something is not said as it is written; only a refined line tells.
    pub slips: Vec<FoundSlip>,
}

/// Something that is not said as it is written. Words are those of the reading, from, and up to; times
/// are samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundSlip {
    /// Words that are left out.
    LeftOut {
        /// Which.
        words: (usize, usize),
    },
    /// Words that are said once more.
    Again {
        /// Which.
        words: (usize, usize),
        /// When.
        span: (u64, u64),
    },
    /// Something that is not written.
    Added {
        /// When.
        span: (u64, u64),
    },
}

/// A word in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundWord {
    /// Its number in the reading.
    pub word: usize,
    /// Its first sample.
    pub start: u64,
    /// The sample after its last.
    pub end: u64,
    /// How many samples apart the two stages put its start: more than 1600 (100 ms) is a reason to
    /// doubt it.
    pub doubt: u64,
}

/// A sound in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSound {
    /// Its name.
    pub name: String,
    /// Its first sample.
    pub start: u64,
    /// The sample after its last.
    pub end: u64,
}

impl Line {
    /// Finds the sounds of a reading in a voice; nothing where one of them is empty, or so much
    /// shorter that there is no way through.
    pub fn find(voice: &[f32], reading: &Reading) -> Option<Self> {
        let found = warp(voice, reading)?;
        let (bands, _) = log_mel(&dithered(voice), VIEW);
        let cepstra = cepstra(&bands, 13);
        let slopes = cepstra.slopes(4, 1.0);
        let bends = slopes.slopes(4, 6.0);
        let mut steep = slopes;
        for row in steep.rows_mut() {
            for value in row {
                *value *= 3.0;
            }
        }
        drop(bands);
        let features = padded(&[&cepstra, &steep, &bends]);
        Some(Self::of(features, found, reading))
    }

    /// See [`Found::distance`].
    pub fn distance(&self) -> f32 {
        self.cost
    }

    fn of(features: Frames, found: Warp, reading: &Reading) -> Self {
        let mut names: Vec<String> = reading
            .sounds
            .iter()
            .map(|sound| sound.name.clone())
            .collect();
        names.sort_unstable();
        names.dedup();
        let sounds = reading
            .sounds
            .iter()
            .filter_map(|sound| Some((sound, sound.word?)));
        let spoken: Vec<Spoken> = sounds
            .zip(&found.times)
            .map(|((sound, word), time)| Spoken {
                name: names.binary_search(&sound.name).unwrap_or_default(),
                word,
                time: *time,
                onset: onset(sound),
            })
            .collect();
        let mut line = Self {
            labels: vec![None; features.count()],
            sentences: sentences(&spoken, &reading.sentences, features.count()),
            features,
            names,
            cost: found.cost,
            unwritten: found.unwritten,
        };
        line.label_by_times();
        line
    }

    /// Takes every third of a sound's time for one of its states.
    fn label_by_times(&mut self) {
        let count = self.labels.len();
        for sentence in &self.sentences {
            for (sound, time) in sentence.spoken.iter().zip(&sentence.times) {
                let start = (time.0.max(-2).div_euclid(2) + 1) as usize;
                let end = ((time.1.max(-2).div_euclid(2) + 1) as usize).max(start + 1);
                for part in 0..STATES {
                    let at = |part: usize| (start + (end - start) * part / STATES).min(count);
                    self.labels[at(part)..at(part + 1)].fill(Some((sound.name, part)));
                }
            }
        }
    }

    /// What this line tells of its voice.
    fn learned(&self) -> Learned {
        let mut out = Learned::default();
        let mut sounds: BTreeMap<usize, [super::speaker::Tally; STATES]> = BTreeMap::new();
        for (frame, label) in self.features.rows().zip(&self.labels) {
            out.global.add(frame);
            if let Some((name, part)) = label {
                sounds.entry(*name).or_default()[*part].add(frame);
            }
        }
        let named = sounds
            .into_iter()
            .map(|(name, sums)| (self.names[name].clone(), sums));
        out.sounds = named.collect();
        out
    }

    fn silence(&self) -> impl Iterator<Item = &[f32]> {
        let frames = self.features.rows().zip(&self.labels);
        frames
            .filter(|(_, label)| label.is_none())
            .map(|(frame, _)| frame)
    }

    /// Goes through the line once.
    fn decode(&mut self, learned: &Learned) {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let gaussians = learned.gaussians(&names);
        for sentence in &mut self.sentences {
            sentence.decode(&self.features, &gaussians, &mut self.labels);
        }
    }

    /// Finds the times again, better, with what is known of the voice, or with this line alone.
    pub fn refine(mut self, speaker: Option<&Speaker>) -> Found {
        let Some(Speaker(known)) = speaker else {
            learn(std::slice::from_mut(&mut self));
            let learned = gather(std::slice::from_ref(&self));
            return Found {
                slips: self.slips(&learned),
                ..self.found()
            };
        };
        let learned = self.learned_with(known);
        self.decode(&learned);
        Found {
            slips: self.slips(&self.learned_with(known)),
            ..self.found()
        }
    }

    fn learned_with(&self, known: &Learned) -> Learned {
        let mut learned = self.learned();
        if known.silence.count < 1.0 {
            learned.add_silence(&mut self.silence().collect());
        }
        learned.merge(known);
        learned
    }

    /// The times found so far.
    pub fn found(&self) -> Found {
        let mut out = Found {
            words: Vec::new(),
            sounds: Vec::new(),
            distance: self.cost,
            unwritten: Vec::new(),
            slips: Vec::new(),
        };
        let samples = |halves: i64| halves.max(0).unsigned_abs() * (HOP as u64 / 2);
        let (mut floor, mut before) = (0, i64::MIN / 2);
        for sentence in &self.sentences {
            for (sound, time) in sentence.spoken.iter().zip(&sentence.times) {
                let paused = time.0 - before > PAUSE;
                let heard = match sound.onset {
                    Onset::Held(closure) if paused => (time.1 - closure).clamp(before, time.0),
                    Onset::Opens if paused => (time.0 + OPENING).min(time.1 - 1).max(time.0),
                    _ => time.0,
                };
                before = time.1;
                let start = samples(heard).max(floor);
                let end = samples(time.1).max(start + 1);
                floor = end;
                out.sounds.push(FoundSound {
                    name: self.names[sound.name].clone(),
                    start,
                    end,
                });
                let first = samples(sound.time.0 + 2 * sentence.frames.start as i64);
                match out.words.last_mut() {
                    Some(last) if last.word == sound.word => last.end = end,
                    _ => out.words.push(FoundWord {
                        word: sound.word,
                        start,
                        end,
                        doubt: start.abs_diff(first),
                    }),
                }
            }
        }
        let frames = self.unwritten.iter();
        let at = |frame: usize| (frame * HOP) as u64;
        out.unwritten = frames.map(|(from, to)| (at(*from), at(*to))).collect();
        out
    }
}

impl Speaker {
    /// Learns a voice from lines that it speaks, and refines their times.
    pub fn learn(lines: &mut [Line]) -> Self {
        learn(lines);
        Self(gather(lines))
    }
}

fn gather(lines: &[Line]) -> Learned {
    let mut learned = Learned::default();
    for line in lines {
        learned.merge(&line.learned());
    }
    learned.add_silence(&mut lines.iter().flat_map(Line::silence).collect());
    learned
}

fn learn(lines: &mut [Line]) {
    for _ in 0..ROUNDS {
        let learned = gather(lines);
        for line in &mut *lines {
            line.decode(&learned);
        }
    }
}

fn onset(sound: &ReadSound) -> Onset {
    if sound.name.starts_with(STOPS) {
        return Onset::Held(HELD.min(((sound.end - sound.start) * 2 / HOP) as i64));
    }
    if sound.name.starts_with(VOWELS) {
        return Onset::Opens;
    }
    Onset::Plain
}

/// Cuts a line's sounds where its sentences begin, midway in the pause before.
fn sentences(spoken: &[Spoken], firsts: &[usize], frames: usize) -> Vec<Sentence> {
    let mut out: Vec<Sentence> = Vec::new();
    let mut at = 0;
    while at < spoken.len() {
        let first = spoken[at].word;
        let next = firsts.iter().find(|next| **next > first);
        let end = next.and_then(|next| spoken[at..].iter().position(|sound| sound.word >= *next));
        let end = end.map_or(spoken.len(), |more| at + more);
        let from = out.last().map_or(0, |last| last.frames.end);
        let to = match spoken.get(end) {
            None => frames,
            Some(after) => {
                let middle = (spoken[end - 1].time.1 + after.time.0) / 4;
                (middle.max(0) as usize).clamp(from, frames)
            }
        };
        let times = spoken[at..end].iter().map(|sound| sound.time).collect();
        let shift = 2 * from as i64;
        let moved = spoken[at..end].iter().map(|sound| Spoken {
            time: (sound.time.0 - shift, sound.time.1 - shift),
            ..*sound
        });
        out.push(Sentence {
            frames: from..to,
            spoken: moved.collect(),
            times,
        });
        at = end;
    }
    out
}

impl Sentence {
    /// Where there is no way (more sounds than frames), the times stay as they were.
    fn decode(
        &mut self,
        features: &Frames,
        gaussians: &Gaussians,
        labels: &mut [Option<(usize, usize)>],
    ) {
        let states = states(&self.spoken, self.frames.len());
        let Some(way) = likeliest(&states, (features, self.frames.clone()), gaussians) else {
            return;
        };
        let mut times: Vec<Option<(i64, i64)>> = vec![None; self.spoken.len()];
        for (frame, place) in self.frames.clone().zip(way) {
            let state = &states[place];
            labels[frame] = state
                .sound
                .map(|sound| (self.spoken[sound].name, state.part));
            if let Some(time) = state.sound.and_then(|sound| times.get_mut(sound)) {
                // A boundary lies midway between two frames.
                let (start, end) = (2 * frame as i64 - 1, 2 * frame as i64 + 1);
                *time = Some(time.map_or((start, end), |time| (time.0, end)));
            }
        }
        for (time, found) in self.times.iter_mut().zip(times) {
            *time = found.unwrap_or(*time);
        }
    }
}
