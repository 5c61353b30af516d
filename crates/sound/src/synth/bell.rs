//! A struck bell: the partials of a church bell, in pairs that beat.

use super::filter::Band;
use super::random::Random;
use super::ring::Partial;
use super::room::Room;
use super::{Voice, decay};

/// Ratio to the strike note, level, seconds to fall by 60 dB: hum, prime, tierce, quint, nominal
/// and what lies over it.
const PARTIALS: [(f64, f64, f64); 12] = [
    (0.5, 0.55, 11.0),
    (1.0, 0.60, 7.5),
    (1.2, 0.75, 6.0),
    (1.5, 0.32, 4.2),
    (2.0, 1.00, 4.6),
    (2.51, 0.34, 2.6),
    (2.67, 0.30, 2.2),
    (3.01, 0.36, 1.9),
    (4.16, 0.30, 1.2),
    (5.43, 0.20, 0.75),
    (6.79, 0.13, 0.45),
    (8.21, 0.09, 0.3),
];

pub(super) struct Bell {
    partials: Vec<Partial>,
    random: Random,
    strike: Band,
    hit: f64,
    fall: f64,
    middle: f64,
    room: Room,
}

impl Bell {
    pub(super) fn new(seed: u32) -> Self {
        let mut random = Random::new(seed, 1);
        let note = random.between(235.0, 345.0);
        let mut partials = Vec::new();
        for (ratio, level, ring) in PARTIALS {
            for side in [-0.5, 0.5] {
                let beat = side * random.between(0.25, 0.9);
                let pan = side * random.between(0.2, 0.9);
                let frequency = note * ratio * random.between(0.999, 1.001) + beat;
                // Begins at 0, so that it does not click.
                partials.push(Partial::new(frequency, level * 0.08, 0.0, ring, pan));
            }
        }
        Self {
            partials,
            random,
            strike: Band::default(),
            hit: 1.0,
            fall: decay(0.09),
            middle: note * 6.0,
            room: Room::new(3.2, 5000.0, 1.0),
        }
    }
}

impl Voice for Bell {
    fn next(&mut self) -> [f64; 2] {
        let mut frame = [[0.0; 2]];
        Partial::add(&mut self.partials, &mut frame);
        let noise = self.random.noise() * self.hit;
        self.hit *= self.fall;
        let knock = self.strike.next(noise, self.middle, 0.8) * 0.4;
        let dry = [frame[0][0] + knock, frame[0][1] + knock];
        let wet = self.room.next(dry);
        [dry[0] + wet[0] * 0.25, dry[1] + wet[1] * 0.25]
    }
}
