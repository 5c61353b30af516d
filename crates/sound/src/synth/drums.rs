//! A low drum, and what ticks.

use super::filter::Band;
use super::random::Random;
use super::ring::Partial;
use super::{RATE, decay};

/// What rings when the low drum is struck: frequency, level, seconds to fall by 60 dB.
const SKIN: [(f64, f64, f64); 5] = [
    (55.0, 1.0, 0.55),
    (88.0, 0.5, 0.32),
    (123.0, 0.25, 0.22),
    (176.0, 0.12, 0.15),
    (260.0, 0.06, 0.09),
];

/// One stroke.
#[derive(Clone, Copy)]
pub(super) struct Stroke {
    at: u64,
    level: f64,
    low: bool,
}

impl Stroke {
    /// The low drum.
    pub(super) fn low(at: u64, level: f64) -> Self {
        Self {
            at,
            level,
            low: true,
        }
    }

    /// A shaker, or the tick of a clock.
    pub(super) fn tick(at: u64, level: f64) -> Self {
        Self {
            at,
            level,
            low: false,
        }
    }
}

/// Plays strokes.
pub(super) struct Drums {
    /// Strokes to come, the latest first.
    strokes: Vec<Stroke>,
    ringing: Vec<Partial>,
    noise: f64,
    /// The level that the noise rises to, so that it does not click.
    struck: f64,
    thump: f64,
    band: [Band; 2],
    side: f64,
    random: Random,
    fall: f64,
    thud: f64,
    at: u64,
}

impl Drums {
    pub(super) fn new(mut strokes: Vec<Stroke>, random: Random) -> Self {
        strokes.sort_by_key(|stroke| std::cmp::Reverse(stroke.at));
        Self {
            strokes,
            ringing: Vec::new(),
            noise: 0.0,
            struck: 0.0,
            thump: 0.0,
            band: [Band::default(), Band::default()],
            side: 1.0,
            random,
            fall: decay(0.07),
            thud: decay(0.05),
            at: 0,
        }
    }

    /// The next frame.
    pub(super) fn next(&mut self) -> [f64; 2] {
        while let Some(stroke) = self.strokes.pop_if(|stroke| stroke.at <= self.at) {
            if stroke.low {
                let partial = |(frequency, level, ring): (f64, f64, f64)| {
                    Partial::new(frequency, level * stroke.level * 0.4, 0.0, ring, 0.0)
                };
                self.ringing.extend(SKIN.map(partial));
                self.thump = stroke.level * 0.3;
            } else {
                self.struck = stroke.level;
                self.side = -self.side;
            }
        }
        self.at += 1;
        let mut frame = [[0.0; 2]];
        Partial::add(&mut self.ringing, &mut frame);
        if self.at.is_multiple_of(4800) {
            self.ringing.retain(|partial| !partial.silent());
        }
        // Half a millisecond up, then down.
        self.noise += (self.struck - self.noise) * (24.0 / RATE * 40.0);
        self.struck *= self.fall;
        self.thump *= self.thud;
        let [high, low] = &mut self.band;
        let tick = high.next(self.random.noise() * self.noise, 6800.0, 0.7);
        let knock = low.next(self.random.noise() * self.thump, 900.0, 1.4);
        let pan = self.side * 0.25;
        [
            frame[0][0] + knock + tick * (1.0 - pan),
            frame[0][1] + knock + tick * (1.0 + pan),
        ]
    }
}
