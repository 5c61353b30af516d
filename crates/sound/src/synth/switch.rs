//! A heavy switch: the lever's click, then the bar falls home in its iron box.

use super::filter::Band;
use super::random::Random;
use super::ring::Partial;
use super::room::Room;
use super::{RATE, Voice, decay};

/// Frequency, level and seconds to fall by 60 dB of what rings when the bar falls home.
const BODY: [(f64, f64, f64); 9] = [
    (62.0, 0.50, 0.34),
    (118.0, 0.42, 0.30),
    (187.0, 0.26, 0.26),
    (331.0, 0.20, 0.22),
    (548.0, 0.14, 0.30),
    (913.0, 0.10, 0.24),
    (1471.0, 0.075, 0.20),
    (2390.0, 0.05, 0.16),
    (3720.0, 0.03, 0.10),
];

/// A blow: partials and a burst of noise that begin at a frame.
struct Blow {
    at: u64,
    partials: Vec<Partial>,
    band: Band,
    middle: f64,
    noise: f64,
    fall: f64,
}

pub(super) struct Switch {
    blows: Vec<Blow>,
    random: Random,
    room: Room,
    at: u64,
}

impl Switch {
    pub(super) fn new(seed: u32) -> Self {
        let mut random = Random::new(seed, 1);
        let home = (random.between(0.075, 0.1) * RATE) as u64;
        let bounce = home + (random.between(0.026, 0.034) * RATE) as u64;
        let blows = vec![
            blow(&mut random, 48, (2.6, 0.22, 0.45), (2900.0, 0.4, 0.018)),
            blow(&mut random, home, (1.0, 1.0, 1.0), (1300.0, 1.5, 0.05)),
            blow(
                &mut random,
                bounce,
                (1.35, 0.28, 0.5),
                (2100.0, 0.45, 0.022),
            ),
        ];
        Self {
            blows,
            random,
            room: Room::new(0.75, 3800.0, 0.42),
            at: 0,
        }
    }
}

/// `body` is pitch, level and length against [`BODY`]; `noise` its middle in Hz, level and seconds.
fn blow(random: &mut Random, at: u64, body: (f64, f64, f64), noise: (f64, f64, f64)) -> Blow {
    let partials = BODY
        .iter()
        .map(|(frequency, level, ring)| {
            let frequency = frequency * body.0 * random.between(0.96, 1.04);
            let pan = random.between(-0.4, 0.4);
            Partial::new(frequency, level * body.1, 0.0, ring * body.2, pan)
        })
        .collect();
    Blow {
        at,
        partials,
        band: Band::default(),
        middle: noise.0,
        noise: noise.1,
        fall: decay(noise.2),
    }
}

impl Voice for Switch {
    fn next(&mut self) -> [f64; 2] {
        let mut frame = [[0.0; 2]];
        for blow in &mut self.blows {
            if self.at < blow.at {
                continue;
            }
            Partial::add(&mut blow.partials, &mut frame);
            let noise = self.random.noise() * blow.noise;
            blow.noise *= blow.fall;
            let knock = blow.band.next(noise, blow.middle, 1.6) * 0.5;
            frame[0][0] += knock;
            frame[0][1] += knock;
        }
        self.at += 1;
        let dry = [frame[0][0] * 0.62, frame[0][1] * 0.62];
        let wet = self.room.next(dry);
        [dry[0] + wet[0] * 0.4, dry[1] + wet[1] * 0.4]
    }
}
