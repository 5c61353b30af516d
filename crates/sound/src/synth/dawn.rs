//! A bed like a morning: slow pads, a bell that arrives late, light that grows.

use super::filter::{Band, Pink, Wander};
use super::harmony::{Chord, Harmony, Span, lay, pentatonic};
use super::random::Random;
use super::room::Room;
use super::score::{Instrument, Note, Players};
use super::{Arrangement, RATE, Voice, pitch};

/// I, vi, IV and V, voiced so that most notes stay where they are.
static CHORDS: [Chord; 4] = [
    Chord {
        bass: 0.0,
        voices: [7.0, 12.0, 14.0, 16.0],
    },
    Chord {
        bass: -3.0,
        voices: [4.0, 7.0, 12.0, 16.0],
    },
    Chord {
        bass: -7.0,
        voices: [5.0, 9.0, 12.0, 16.0],
    },
    Chord {
        bass: -5.0,
        voices: [7.0, 12.0, 14.0, 17.0],
    },
];

/// Seconds a chord lasts, about, and the last one.
const CHORD: f64 = 7.2;
const ENDING: f64 = 10.0;

pub(super) struct Dawn {
    players: Players,
    room: Room,
    air: [(Band, Pink, Random); 2],
    breath: Wander,
    at: u64,
    length: u64,
}

impl Dawn {
    pub(super) fn new(seed: u32, length: u64, how: &Arrangement) -> (Self, Harmony) {
        let air = |stream| (Band::default(), Pink::default(), Random::new(seed, stream));
        let (notes, harmony) = score(seed, length, how);
        let bed = Self {
            players: Players::new(notes, Random::new(seed, 2)),
            room: Room::new(4.2, 4200.0, 1.0),
            air: [air(3), air(4)],
            breath: Wander::new(Random::new(seed, 5), 3.0, 7.0),
            at: 0,
            length,
        };
        (bed, harmony)
    }
}

impl Voice for Dawn {
    fn next(&mut self) -> [f64; 2] {
        let light = self.at as f64 / self.length as f64;
        let dry = self.players.next();
        let wet = self.room.next(dry);
        let breath = (0.3 + 0.7 * self.breath.next()) * (0.003 + 0.006 * light);
        let middle = 900.0 + 2600.0 * light;
        self.at += 1;
        let mut out = [0.0; 2];
        for (c, (band, pink, random)) in self.air.iter_mut().enumerate() {
            let air = band.next(pink.next(random), middle, 0.8) * breath;
            out[c] = dry[c] * 0.8 + wet[c] * 0.55 + air;
        }
        out
    }
}

fn score(seed: u32, length: u64, how: &Arrangement) -> (Vec<Note>, Harmony) {
    let mut random = Random::new(seed, 1);
    let frames = |seconds: f64| (seconds * RATE) as u64;
    // The C of 130 Hz, or D, F or the B flat under it.
    let own = random.choose(&[0.0, 2.0, 5.0, -2.0]);
    let key = 36.0 + how.tonic().unwrap_or(own);
    // Two bars.
    let chord = how.tempo.map_or(CHORD, |tempo| 480.0 / f64::from(tempo));
    let motif = Motif::new(&mut random);
    let mut notes = Vec::new();
    let spans = lay(length, frames(chord), frames(ENDING), CHORDS.len());
    for span in spans.iter().copied() {
        let light = span.at as f64 / length as f64;
        pads(&mut notes, key, span, light);
        if span.last {
            close(&mut notes, key, span);
        } else if light > 0.27 {
            motif.play(&mut notes, key, span, (light, &mut random));
        }
    }
    let harmony = Harmony {
        key,
        spans,
        chords: &CHORDS,
    };
    (notes, harmony)
}

fn pads(notes: &mut Vec<Note>, key: f64, span: Span, light: f64) {
    let chord = &CHORDS[span.chord];
    let seconds = span.length as f64 / RATE;
    let slow = (seconds * 0.3).min(2.2);
    let held = if span.last {
        (span.length as f64 * 0.45) as u64
    } else {
        span.length
    };
    let mut add = |semitone: f64, level: f64, pan: f64| {
        notes.push(Note {
            instrument: Instrument::Pad,
            at: span.at,
            held,
            pitch: pitch(key + semitone),
            level,
            pan,
            bright: 0.2 + 0.8 * light,
            slow,
        });
    };
    add(chord.bass, 0.06, 0.0);
    for (n, voice) in chord.voices.iter().enumerate() {
        let side = [-0.6, 0.35, -0.2, 0.6][n];
        add(*voice, 0.042, side);
    }
    if light > 0.55 {
        // Light from above: the key's ninth or fifth an octave up.
        add(if span.chord == 3 { 26.0 } else { 19.0 }, 0.022, 0.2);
    }
}

/// A small tune of steps on a pentatonic scale, which every chord hears a little differently.
struct Motif {
    steps: [i32; 4],
    beats: [u64; 4],
}

impl Motif {
    fn new(random: &mut Random) -> Self {
        Self {
            steps: random.choose(&[[0, 2, 3, 2], [2, 1, 0, 2], [0, 1, 3, 4], [4, 3, 1, 2]]),
            beats: random.choose(&[[0, 3, 4, 6], [0, 2, 3, 6], [1, 3, 4, 5], [0, 3, 5, 6]]),
        }
    }

    fn play(&self, notes: &mut Vec<Note>, key: f64, span: Span, how: (f64, &mut Random)) {
        let (light, random) = how;
        let lift = [0, 0, -1, 1][span.chord];
        for (n, (step, beat)) in self.steps.iter().zip(self.beats).enumerate() {
            // More of the tune as it grows lighter; its first note always.
            if n > 0 && !random.chance(0.3 + 0.8 * light) {
                continue;
            }
            let octave = if light > 0.6 && random.chance(0.25) {
                12.0
            } else {
                0.0
            };
            let late = random.between(0.0, 0.02) * RATE;
            notes.push(Note {
                instrument: Instrument::Bell,
                at: span.at + span.length * beat / 8 + late as u64,
                held: (3.0 * RATE) as u64,
                pitch: pitch(key + 24.0 + pentatonic(step + lift) + octave),
                level: (0.085 + 0.075 * light) * random.between(0.75, 1.0),
                pan: random.between(-0.5, 0.5),
                bright: light,
                slow: 0.0,
            });
        }
    }
}

/// The last chord: the bell climbs home and is left to ring.
fn close(notes: &mut Vec<Note>, key: f64, span: Span) {
    for (n, semitone) in [7.0, 12.0, 16.0, 19.0, 24.0].into_iter().enumerate() {
        notes.push(Note {
            instrument: Instrument::Bell,
            at: span.at + span.length * n as u64 / 22 + (0.01 * RATE) as u64,
            held: (4.0 * RATE) as u64,
            pitch: pitch(key + 24.0 + semitone - 12.0),
            level: 0.15 - 0.012 * n as f64,
            pan: -0.4 + 0.2 * n as f64,
            bright: 0.9,
            slow: 0.0,
        });
    }
}
