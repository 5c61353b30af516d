//! A bed that moves: a plucked arpeggio with echoes, over pads and a round bass.

use super::harmony::{Chord, Harmony, Span, lay};
use super::random::Random;
use super::room::{Echo, Room};
use super::score::{Instrument, Note, Players};
use super::{Arrangement, RATE, Voice, pitch};

/// I, V, vi and IV.
static CHORDS: [Chord; 4] = [
    Chord {
        bass: 0.0,
        voices: [12.0, 16.0, 19.0, 26.0],
    },
    Chord {
        bass: -5.0,
        voices: [11.0, 14.0, 19.0, 24.0],
    },
    Chord {
        bass: -3.0,
        voices: [12.0, 16.0, 21.0, 24.0],
    },
    Chord {
        bass: -7.0,
        voices: [9.0, 12.0, 19.0, 24.0],
    },
];

/// Seconds a bar lasts, about: 104 beats a minute.
const BAR: f64 = 4.0 * 60.0 / 104.0;
const ENDING: f64 = 5.5;
/// Steps of the arpeggio in a bar.
const STEPS: u64 = 8;

pub(super) struct Bright {
    plucks: Players,
    others: Players,
    echo: Echo,
    room: Room,
}

impl Bright {
    pub(super) fn new(seed: u32, length: u64, how: &Arrangement) -> (Self, Harmony) {
        let mut random = Random::new(seed, 1);
        let frames = |seconds: f64| (seconds * RATE) as u64;
        // The C of 130 Hz, or D, E flat or the A under it.
        let own = random.choose(&[0.0, 2.0, 3.0, -3.0]);
        let key = 36.0 + how.tonic().unwrap_or(own);
        let bar = how.tempo.map_or(BAR, |tempo| 240.0 / f64::from(tempo));
        let spans = lay(length, frames(bar), frames(ENDING), CHORDS.len());
        let pattern = random.choose(&[
            [0, 1, 2, 3, 2, 1, 2, 1],
            [0, 2, 1, 3, 0, 2, 1, 2],
            [0, 1, 2, 1, 3, 1, 2, 1],
            [0, 2, 3, 2, 1, 2, 3, 2],
        ]);
        let (mut plucks, mut others) = (Vec::new(), Vec::new());
        let count = spans.len();
        for (n, span) in spans.iter().enumerate() {
            arpeggio(&mut plucks, key, *span, (pattern, &mut random));
            ground(&mut others, key, *span, n * 8 >= count);
        }
        let step = spans.first().map_or(1, |span| span.length / STEPS);
        let bed = Self {
            plucks: Players::new(plucks, Random::new(seed, 2)),
            others: Players::new(others, Random::new(seed, 3)),
            // Three steps of the arpeggio, at most a second.
            echo: Echo::new((step * 3).clamp(1, 48_000) as usize, 0.42),
            room: Room::new(1.9, 5200.0, 0.8),
        };
        let harmony = Harmony {
            key,
            spans,
            chords: &CHORDS,
        };
        (bed, harmony)
    }
}

impl Voice for Bright {
    fn next(&mut self) -> [f64; 2] {
        let plucks = self.plucks.next();
        let others = self.others.next();
        let echo = self.echo.next(plucks);
        let sent = |c: usize| plucks[c] * 0.7 + echo[c] * 0.4 + others[c] * 0.5;
        let wet = self.room.next([sent(0), sent(1)]);
        let sum = |c: usize| plucks[c] + echo[c] * 0.38 + others[c] + wet[c] * 0.33;
        [sum(0), sum(1)]
    }
}

fn arpeggio(notes: &mut Vec<Note>, key: f64, span: Span, how: ([usize; 8], &mut Random)) {
    let (pattern, random) = how;
    let voices = &CHORDS[span.chord].voices;
    let mut add = |at: u64, semitone: f64, level: f64, bright: f64| {
        notes.push(Note {
            instrument: Instrument::Pluck,
            at,
            held: (2.5 * RATE) as u64,
            pitch: pitch(key + semitone),
            level,
            pan: ((semitone - 17.0) / 14.0).clamp(-0.55, 0.55),
            bright,
            slow: 0.0,
        });
    };
    if span.last {
        // Home: the chord once more, rolled upwards.
        for (n, voice) in voices.iter().chain(&[24.0, 28.0]).enumerate() {
            let late = (0.055 * RATE) as u64 * n as u64;
            add(span.at + late, *voice, 0.12, 0.5);
        }
        return;
    }
    for (n, voice) in pattern.into_iter().enumerate() {
        let step = n as u64;
        if n > 0 && random.chance(0.08) {
            continue;
        }
        let accent = if n % 4 == 0 { 1.0 } else { 0.72 };
        let late = random.between(0.0, 0.006) * RATE;
        let at = span.at + span.length * step / STEPS + late as u64;
        let level = 0.13 * accent * random.between(0.85, 1.0);
        add(at, voices[voice], level, random.between(0.35, 0.6));
        if n % 4 == 3 && random.chance(0.35) {
            let half = span.at + span.length * (2 * step + 1) / (2 * STEPS);
            add(half, voices[voice] + 12.0, level * 0.5, 0.6);
        }
    }
}

/// Pads, and from an eighth of the way on the bass.
fn ground(notes: &mut Vec<Note>, key: f64, span: Span, with_bass: bool) {
    let chord = &CHORDS[span.chord];
    let seconds = span.length as f64 / RATE;
    let note = Note {
        instrument: Instrument::Pad,
        at: span.at,
        held: if span.last {
            span.length / 2
        } else {
            span.length
        },
        pitch: 0.0,
        level: 0.024,
        pan: 0.0,
        bright: 0.35,
        slow: (seconds * 0.25).min(0.6),
    };
    for (n, voice) in chord.voices[..3].iter().enumerate() {
        let pan = [-0.5, 0.5, 0.0][n];
        let pitch = pitch(key + voice);
        notes.push(Note { pitch, pan, ..note });
    }
    if !with_bass && !span.last {
        return;
    }
    let beats: &[u64] = if span.last { &[0] } else { &[0, 3, 6] };
    for beat in beats {
        let next = if *beat == 6 { 2 } else { 3 };
        notes.push(Note {
            instrument: Instrument::Bass,
            at: span.at + span.length * beat / STEPS,
            held: if span.last {
                span.length / 2
            } else {
                span.length * next / STEPS
            },
            pitch: pitch(key + chord.bass - if chord.bass < -4.0 { 0.0 } else { 12.0 } + 0.0),
            level: if *beat == 0 { 0.15 } else { 0.11 },
            bright: 0.8,
            ..note
        });
    }
}
