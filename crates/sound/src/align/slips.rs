//! Where a voice does not say what is written: a second look at a line, in which words may be left
//! out or said again and others may come between, each at a price.
//!
//! The way through a sentence takes every word once, in order; here it may also jump from the end of
//! any word to the beginning of any other, and pass through a filler that stands for any speech
//! (a word is then known by what no other sound is likelier to be). What it gains by that must be
//! worth more than the price, so that a clear voice has no slips.

use super::HOP;
use super::frames::Frames;
use super::line::{FoundSlip, Line, Sentence};
use super::speaker::{Gaussians, Learned, STATES};

/// Every so many frames are looked at: 10 ms.
const STRIDE: usize = 2;
/// How far words are looked for from where they were found, in frames: 6 s.
const REACH: i64 = 1200;
/// What a jump costs, as a logarithm of likelihood.
const JUMP: f32 = 260.0;
/// What it costs to begin with what is not written.
const FILLER: f32 = 160.0;
/// How much less likely each frame of it is than the likeliest sound there.
const STRANGE: f32 = 8.0;
/// Sentences that begin within so many frames (20 s) are looked at together.
const STRETCH: usize = 4000;
/// What is not written is told from so many frames on: 250 ms.
const LEAST: usize = 50;

/// A word as it was found.
#[derive(Debug, Clone)]
pub(super) struct Written {
    /// The names of its sounds.
    pub(super) names: Vec<usize>,
    /// The frames in which it was found.
    pub(super) frames: (i64, i64),
}

/// Something that is not said as it is written; words are counted in what was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slip {
    /// These words (from, and up to) are left out.
    LeftOut(usize, usize),
    /// These words (from, and up to) are said again, from a frame up to another.
    Again((usize, usize), (usize, usize)),
    /// Something that is not written is said from a frame up to another.
    Added(usize, usize),
}

/// The slips in a stretch of frames in which these words were found.
pub(super) fn slips(
    words: &[Written],
    (features, range): (&Frames, std::ops::Range<usize>),
    (gaussians, names): (&Gaussians, usize),
) -> Vec<Slip> {
    let graph = Graph::new(words);
    let mut search = Search::new(&graph);
    let mut likely = Likely::new(names);
    for frame in range.clone().step_by(STRIDE) {
        likely.look(gaussians, features.row(frame));
        search.step(frame as i64, &likely);
    }
    let way = search.trace();
    graph.told(&way, range.start)
}

impl Line {
    /// Where the line is not said as it is written, with what is known of its voice.
    pub(super) fn slips(&self, learned: &Learned) -> Vec<FoundSlip> {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let gaussians = learned.gaussians(&names);
        let mut out = Vec::new();
        let mut from = 0;
        while from < self.sentences.len() {
            let start = self.sentences[from].frames.start;
            let rest = self.sentences[from..].iter();
            let more = rest.take_while(|sentence| sentence.frames.start < start + STRETCH);
            let stretch = &self.sentences[from..from + more.count().max(1)];
            from += stretch.len();
            let end = stretch.last().map_or(start, |last| last.frames.end);
            let (numbers, words) = written(stretch);
            let rows = (&self.features, start..end);
            let found = slips(&words, rows, (&gaussians, names.len()));
            out.extend(found.iter().map(|slip| slip.told(&numbers)));
        }
        out
    }
}

/// The words of sentences: their numbers, and where they were found.
fn written(sentences: &[Sentence]) -> (Vec<usize>, Vec<Written>) {
    let (mut numbers, mut words): (Vec<usize>, Vec<Written>) = (Vec::new(), Vec::new());
    for sentence in sentences {
        for (sound, time) in sentence.spoken.iter().zip(&sentence.times) {
            let end = time.1 / 2;
            match words.last_mut() {
                Some(word) if numbers.last() == Some(&sound.word) => {
                    word.names.push(sound.name);
                    word.frames.1 = end;
                }
                _ => {
                    numbers.push(sound.word);
                    words.push(Written {
                        names: vec![sound.name],
                        frames: (time.0 / 2, end),
                    });
                }
            }
        }
    }
    (numbers, words)
}

impl Slip {
    fn told(self, numbers: &[usize]) -> FoundSlip {
        let words = |from: usize, to: usize| {
            let number = |at: usize| numbers.get(at).copied();
            let last = to.checked_sub(1).and_then(number).unwrap_or_default();
            (number(from).unwrap_or_default(), last + 1)
        };
        let span = |from: usize, to: usize| ((from * HOP) as u64, (to * HOP) as u64);
        match self {
            Self::LeftOut(from, to) => FoundSlip::LeftOut {
                words: words(from, to),
            },
            Self::Again((first, past), (from, to)) => FoundSlip::Again {
                words: words(first, past),
                span: span(from, to),
            },
            Self::Added(from, to) => FoundSlip::Added {
                span: span(from, to),
            },
        }
    }
}

/// How likely a frame is in everything.
struct Likely {
    states: Vec<f32>,
    silence: f32,
    filler: f32,
}

impl Likely {
    fn new(names: usize) -> Self {
        Self {
            states: vec![0.0; names * STATES],
            silence: 0.0,
            filler: 0.0,
        }
    }

    fn look(&mut self, gaussians: &Gaussians, frame: &[f32]) {
        let mut best = f32::NEG_INFINITY;
        for (index, likelihood) in self.states.iter_mut().enumerate() {
            *likelihood = gaussians.state(index, frame);
            best = best.max(*likelihood);
        }
        self.silence = gaussians.silence(frame);
        self.filler = best.max(self.silence) - STRANGE;
    }
}

/// Before every word and after the last a silence and a filler, then the word's own states.
struct Graph<'a> {
    words: &'a [Written],
    /// The first state of every place; one more place than words.
    places: Vec<usize>,
    /// For every state the sound's state that it is; none for silences and fillers.
    sounds: Vec<Option<usize>>,
}

impl<'a> Graph<'a> {
    fn new(words: &'a [Written]) -> Self {
        let (mut places, mut sounds) = (Vec::with_capacity(words.len() + 1), Vec::new());
        for word in words {
            places.push(sounds.len());
            sounds.extend([None, None]);
            let own = word.names.iter();
            sounds.extend(own.flat_map(|name| (0..STATES).map(move |n| Some(name * STATES + n))));
        }
        places.push(sounds.len());
        sounds.extend([None, None]);
        Self {
            words,
            places,
            sounds,
        }
    }

    /// The last state of the word before a place.
    fn end_before(&self, place: usize) -> Option<usize> {
        Some(self.places[place.checked_sub(1)?..][1] - 1)
    }

    /// The place of a state.
    fn place_of(&self, state: usize) -> usize {
        self.places.partition_point(|first| *first <= state) - 1
    }

    /// The first place and the one after the last that may be near a frame.
    fn near(&self, frame: i64) -> (usize, usize) {
        let first = self
            .words
            .partition_point(|word| word.frames.1 + REACH < frame);
        let past = self
            .words
            .partition_point(|word| word.frames.0 - REACH <= frame);
        (first, (past + 1).max(first + 1).min(self.places.len()))
    }
}

/// Where a state came from.
const STAY: u8 = 0;
const BEFORE: u8 = 1;
const WORD: u8 = 2;
const SILENCE: u8 = 3;
const OTHER: u8 = 4;
const JUMPED: u8 = 5;
const BEGIN: u8 = 6;

struct Search<'a> {
    graph: &'a Graph<'a>,
    before: Vec<f32>,
    now: Vec<f32>,
    /// The states that hold something.
    held: (usize, usize),
    /// For every step the first state that was reached, where each came from, and where jumps do.
    steps: Vec<(usize, Vec<u8>, usize)>,
}

impl<'a> Search<'a> {
    fn new(graph: &'a Graph<'a>) -> Self {
        let nothing = vec![f32::NEG_INFINITY; graph.sounds.len()];
        Self {
            graph,
            before: nothing.clone(),
            now: nothing,
            held: (0, 0),
            steps: Vec::new(),
        }
    }

    fn step(&mut self, frame: i64, likely: &Likely) {
        let (first, past) = self.graph.near(frame);
        let (low, high) = (
            self.graph.places[first],
            self.graph
                .places
                .get(past)
                .copied()
                .unwrap_or(self.graph.sounds.len()),
        );
        let (from, best) = self.likeliest_end(first, past);
        let mut origins = vec![STAY; high - low];
        for place in first..past {
            self.enter(place, best - JUMP, (likely, &mut origins, low));
            self.go_on(place, (likely, &mut origins, low));
        }
        self.before[self.held.0..self.held.1].fill(f32::NEG_INFINITY);
        self.before[low..high].copy_from_slice(&self.now[low..high]);
        self.held = (low, high);
        self.steps.push((low, origins, from));
    }

    /// The likeliest state from which another word may begin, and how likely that is.
    fn likeliest_end(&self, first: usize, past: usize) -> (usize, f32) {
        if self.steps.is_empty() {
            return (usize::MAX, 0.0);
        }
        let states = (first..past).flat_map(|place| {
            let own = self.graph.places[place];
            [Some(own), Some(own + 1), self.graph.end_before(place)]
        });
        states
            .flatten()
            .fold((0, f32::NEG_INFINITY), |best, state| {
                if self.before[state] > best.1 {
                    (state, self.before[state])
                } else {
                    best
                }
            })
    }

    /// The silence and the filler of a place, and the first state of its word.
    fn enter(
        &mut self,
        place: usize,
        jump: f32,
        (likely, origins, low): (&Likely, &mut [u8], usize),
    ) {
        let own = self.graph.places[place];
        let begins = self.steps.is_empty();
        let from = |state: usize| self.before[state];
        let word = self.graph.end_before(place).map_or(f32::NEG_INFINITY, from);
        let begin = if begins && place == 0 {
            0.0
        } else {
            f32::NEG_INFINITY
        };
        let (silence, filler) = (from(own), from(own + 1));
        let quiet = likeliest([
            (silence, STAY),
            (word, WORD),
            (filler, OTHER),
            (begin, BEGIN),
        ]);
        let into = word.max(silence).max(begin) - FILLER;
        let other = if silence >= word { SILENCE } else { WORD };
        let other = if begins { BEGIN } else { other };
        let strange = likeliest([(filler, STAY), (into, other)]);
        self.now[own] = quiet.0 + likely.silence;
        self.now[own + 1] = strange.0 + likely.filler;
        origins[own - low] = quiet.1;
        origins[own + 1 - low] = strange.1;
        let state = own + 2;
        if place < self.graph.words.len() {
            let jump = if begins && place == 0 {
                f32::NEG_INFINITY
            } else {
                jump
            };
            let jumped = if begins { BEGIN } else { JUMPED };
            let best = likeliest([
                (from(state), STAY),
                (word, WORD),
                (silence, SILENCE),
                (filler, OTHER),
                (begin, BEGIN),
                (jump, jumped),
            ]);
            self.now[state] = best.0 + likely.states[self.graph.sounds[state].unwrap_or(0)];
            origins[state - low] = best.1;
        }
    }

    /// The other states of a place's word.
    fn go_on(&mut self, place: usize, (likely, origins, low): (&Likely, &mut [u8], usize)) {
        let Some(end) = self.graph.places.get(place + 1) else {
            return;
        };
        for state in self.graph.places[place] + 3..*end {
            let (stay, step) = (self.before[state], self.before[state - 1]);
            let (sum, origin) = if step > stay {
                (step, BEFORE)
            } else {
                (stay, STAY)
            };
            let sound = self.graph.sounds[state].unwrap_or(0);
            self.now[state] = sum + likely.states[sound];
            origins[state - low] = origin;
        }
    }

    /// The states of the likeliest way, one for each step; nothing where there is none.
    fn trace(&self) -> Vec<usize> {
        let last = self.graph.places.len() - 1;
        let own = self.graph.places[last];
        let ends = [Some(own), Some(own + 1), self.graph.end_before(last)];
        let regular = ends
            .into_iter()
            .flatten()
            .map(|state| (self.before[state], state));
        let (first, past) = (0, self.graph.places.len());
        let (early, sum) = self.likeliest_end(first, past);
        let (sum, mut state) =
            regular.fold(
                (sum - JUMP, early),
                |best, end| {
                    if end.0 > best.0 { end } else { best }
                },
            );
        if !sum.is_finite() {
            return Vec::new();
        }
        let mut way = vec![0; self.steps.len()];
        for (time, (low, origins, jumped)) in self.steps.iter().enumerate().rev() {
            way[time] = state;
            let place = self.graph.place_of(state);
            let own = self.graph.places[place];
            let origin = state.checked_sub(*low).and_then(|at| origins.get(at));
            state = match origin.copied().unwrap_or(STAY) {
                BEFORE => state - 1,
                WORD => self.graph.end_before(place).unwrap_or(state),
                SILENCE => own,
                OTHER => own + 1,
                JUMPED => *jumped,
                _ => state,
            };
        }
        way
    }
}

/// What a way says.
impl Graph<'_> {
    /// The word that comes next where nothing slips.
    fn next(&self, state: usize) -> usize {
        let place = self.place_of(state);
        place + usize::from(state >= self.places[place] + 2)
    }

    fn told(&self, way: &[usize], start: usize) -> Vec<Slip> {
        let (Some(first), Some(last)) = (way.first(), way.last()) else {
            return Vec::new();
        };
        let frame = |step: usize| start + step * STRIDE;
        let mut out = Vec::new();
        if self.place_of(*first) > 0 {
            out.push(Slip::LeftOut(0, self.place_of(*first)));
        }
        let mut strange: Option<usize> = None;
        for (step, pair) in way.windows(2).enumerate() {
            let (before, now) = (pair[0], pair[1]);
            let (next, place) = (self.next(before), self.place_of(now));
            let begins = now == self.places[place] + 2 && now != before;
            if begins && place > next {
                out.push(Slip::LeftOut(next, place));
            } else if begins && place < next {
                let rest = way[step + 1..].iter();
                let count = rest
                    .take_while(|state| self.place_of(**state) < next)
                    .count();
                let frames = (frame(step + 1), frame(step + 1 + count));
                out.push(Slip::Again((place, next), frames));
            }
            let is_filler = now == self.places[place] + 1;
            match (is_filler, strange) {
                (true, None) => strange = Some(step + 1),
                (false, Some(from)) => {
                    out.push(Slip::Added(frame(from), frame(step + 1)));
                    strange = None;
                }
                _ => {}
            }
        }
        if let Some(from) = strange {
            out.push(Slip::Added(frame(from), frame(way.len())));
        }
        if self.next(*last) < self.words.len() {
            out.push(Slip::LeftOut(self.next(*last), self.words.len()));
        }
        out.retain(|slip| !matches!(slip, Slip::Added(from, to) if to - from < LEAST));
        out
    }
}

fn likeliest<const N: usize>(from: [(f32, u8); N]) -> (f32, u8) {
    from.into_iter()
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .unwrap_or((f32::NEG_INFINITY, STAY))
}
