//! Short effects: a blow, a pop, a click, a chime, and a tone that climbs to a cut.

use super::filter::{Band, Pink};
use super::random::Random;
use super::ring::Partial;
use super::room::Room;
use super::score::{Instrument, Note, Players};
use super::{RATE, Voice, decay, pitch};
use crate::elementary::{exp2, raised_cosine, sine};

/// A burst of noise that begins at a frame.
struct Burst {
    at: u64,
    level: f64,
    fall: f64,
    middle: f64,
    band: Band,
}

impl Burst {
    fn new(at: u64, level: f64, seconds: f64, middle: f64) -> Self {
        Self {
            at,
            level,
            fall: decay(seconds),
            middle,
            band: Band::default(),
        }
    }

    fn next(&mut self, now: u64, random: &mut Random) -> f64 {
        if now < self.at {
            return 0.0;
        }
        let value = self
            .band
            .next(random.noise() * self.level, self.middle, 1.3);
        self.level *= self.fall;
        value
    }
}

/// Partials and bursts in a room.
pub(super) struct Strike {
    partials: Vec<Partial>,
    bursts: Vec<Burst>,
    random: Random,
    room: Room,
    wet: f64,
    at: u64,
}

impl Strike {
    /// A deep blow that rolls away.
    pub(super) fn impact(seed: u32) -> Self {
        let mut random = Random::new(seed, 1);
        let low = random.between(36.0, 46.0);
        let shape = [
            (1.0, 0.42, 2.2),
            (1.51, 0.24, 1.5),
            (2.03, 0.15, 0.9),
            (2.9, 0.08, 0.5),
            (4.4, 0.05, 0.3),
        ];
        let partials = shape.map(|(ratio, level, ring)| {
            let pan = random.between(-0.3, 0.3);
            Partial::new(low * ratio, level, 0.0, ring, pan)
        });
        Self {
            partials: partials.into(),
            bursts: vec![
                Burst::new(48, 0.8, 0.5, 190.0),
                Burst::new(48, 0.4, 0.09, 1400.0),
            ],
            random,
            room: Room::new(3.4, 1800.0, 1.1),
            wet: 0.6,
            at: 0,
        }
    }

    /// A key or a button: down, and up again.
    pub(super) fn click(seed: u32) -> Self {
        let mut random = Random::new(seed, 1);
        let up = (random.between(0.055, 0.085) * RATE) as u64;
        let body = random.between(1500.0, 2200.0);
        let partial = |ratio: f64, level: f64| Partial::new(body * ratio, level, 0.0, 0.03, 0.05);
        Self {
            partials: vec![partial(1.0, 0.16), partial(1.73, 0.1), partial(0.31, 0.25)],
            bursts: vec![
                Burst::new(48, 1.6, 0.016, 3200.0),
                Burst::new(up, 1.1, 0.014, 4300.0),
            ],
            random,
            room: Room::new(0.25, 6000.0, 0.3),
            wet: 0.25,
            at: 0,
        }
    }
}

impl Voice for Strike {
    fn next(&mut self) -> [f64; 2] {
        let mut frame = [[0.0; 2]];
        Partial::add(&mut self.partials, &mut frame);
        for burst in &mut self.bursts {
            let value = burst.next(self.at, &mut self.random);
            frame[0][0] += value;
            frame[0][1] += value;
        }
        self.at += 1;
        let wet = self.room.next(frame[0]);
        [
            frame[0][0] + wet[0] * self.wet,
            frame[0][1] + wet[1] * self.wet,
        ]
    }
}

/// Two or three bright notes upwards.
pub(super) struct Chime {
    players: Players,
    room: Room,
}

impl Chime {
    pub(super) fn new(seed: u32) -> Self {
        let mut random = Random::new(seed, 1);
        let key = 72.0 + random.choose(&[0.0, 2.0, 4.0, -3.0]);
        let steps = random.choose(&[
            [0.0, 7.0, 12.0],
            [4.0, 7.0, 12.0],
            [0.0, 4.0, 7.0],
            [7.0, 12.0, 16.0],
        ]);
        let apart = random.between(0.09, 0.13);
        let note = |(n, step): (usize, f64)| Note {
            instrument: Instrument::Bell,
            at: (apart * n as f64 * RATE) as u64,
            held: (1.5 * RATE) as u64,
            pitch: pitch(key + step - 12.0),
            level: 0.22,
            pan: -0.25 + 0.25 * n as f64,
            bright: 0.8,
            slow: 0.0,
        };
        let notes = steps.into_iter().enumerate().map(note).collect();
        Self {
            players: Players::new(notes, Random::new(seed, 2)),
            room: Room::new(1.4, 6000.0, 0.7),
        }
    }
}

impl Voice for Chime {
    fn next(&mut self) -> [f64; 2] {
        let dry = self.players.next();
        let wet = self.room.next(dry);
        [dry[0] + wet[0] * 0.3, dry[1] + wet[1] * 0.3]
    }
}

/// A drop of tone that jumps up.
pub(super) struct Pop {
    at: u64,
    turn: f64,
    low: f64,
    room: Room,
}

impl Pop {
    pub(super) fn new(seed: u32) -> Self {
        Self {
            at: 0,
            turn: 0.0,
            low: Random::new(seed, 1).between(230.0, 420.0),
            room: Room::new(0.35, 5000.0, 0.35),
        }
    }
}

impl Voice for Pop {
    fn next(&mut self) -> [f64; 2] {
        let seconds = self.at as f64 / RATE;
        self.at += 1;
        // An octave and a half up within 40 ms, while it dies away.
        self.turn += self.low * exp2(1.6 * raised_cosine(seconds / 0.04)) / RATE;
        let level = raised_cosine(seconds / 0.002) * exp2(-seconds / 0.016);
        let dry = sine(self.turn - self.turn.floor()) * level * 0.75;
        let wet = self.room.next([dry, dry * 0.9]);
        [dry + wet[0] * 0.3, dry + wet[1] * 0.3]
    }
}

/// Noise and a tone that climb, and stop when they are there.
pub(super) struct Riser {
    random: Random,
    pink: [Pink; 2],
    bands: [Band; 2],
    turns: [f64; 3],
    low: f64,
    at: u64,
    length: u64,
}

impl Riser {
    pub(super) fn new(seed: u32, length: u64) -> Self {
        let mut random = Random::new(seed, 1);
        let low = random.between(105.0, 150.0);
        Self {
            random,
            pink: Default::default(),
            bands: Default::default(),
            turns: [0.0; 3],
            low,
            at: 0,
            length: length.max(1),
        }
    }
}

impl Voice for Riser {
    fn next(&mut self) -> [f64; 2] {
        let x = self.at as f64 / self.length as f64;
        self.at += 1;
        let level = x * x * (0.3 + 0.7 * x);
        let middle = 220.0 * exp2(4.8 * x);
        let mut tone = [0.0; 2];
        for (n, turn) in self.turns.iter_mut().enumerate() {
            let ratio = [1.0, 1.498, 2.004][n];
            *turn += self.low * ratio * exp2(2.0 * x) / RATE;
            *turn -= turn.floor();
            // Three harmonics; the first voice in the middle, the others to the sides.
            let voice = sine(*turn) + 0.5 * sine(2.0 * *turn) + 0.3 * sine(3.0 * *turn);
            let side = [0.5, 0.2, 0.8][n];
            tone[0] += voice * side;
            tone[1] += voice * (1.0 - side);
        }
        let mut out = [0.0; 2];
        for (c, out) in out.iter_mut().enumerate() {
            let noise = self.pink[c].next(&mut self.random);
            let air = self.bands[c].next(noise, middle, 0.8);
            *out = (air * 0.8 + tone[c] * 0.11) * level;
        }
        out
    }
}
