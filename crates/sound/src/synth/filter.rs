//! Filters for noise, and slow random motion.

use super::RATE;
use super::random::Random;
use crate::elementary::{cosine, exp2, sine};

/// A one-pole low pass.
#[derive(Default)]
pub(super) struct LowPass {
    value: f64,
}

impl LowPass {
    /// The next value, through a pass up to `part`, as [`edge`] gives it.
    pub(super) fn next(&mut self, input: f64, part: f64) -> f64 {
        self.value += (input - self.value) * part;
        self.value
    }
}

/// The coefficient of a [`LowPass`] with its edge at `frequency` Hz.
pub(super) fn edge(frequency: f64) -> f64 {
    1.0 - exp2(-frequency / RATE * std::f64::consts::TAU * std::f64::consts::LOG2_E)
}

/// A band pass whose middle can move: a state-variable filter in trapezoidal form (Zavalishin).
#[derive(Default)]
pub(super) struct Band {
    first: f64,
    second: f64,
}

impl Band {
    /// The next value; `middle` in Hz, `narrow` is the width against the middle, such as 0.5.
    pub(super) fn next(&mut self, input: f64, middle: f64, narrow: f64) -> f64 {
        let turn = (middle / RATE / 2.0).clamp(1e-5, 0.24);
        let g = sine(turn) / cosine(turn);
        let a1 = 1.0 / (1.0 + g * (g + narrow));
        let rest = input - self.second;
        let v1 = a1 * self.first + g * a1 * rest;
        let v2 = self.second + g * v1;
        self.first = 2.0 * v1 - self.first;
        self.second = 2.0 * v2 - self.second;
        v1 * narrow
    }
}

/// Pink noise, −3 dB an octave: white noise through three poles (Kellet's economy filter).
#[derive(Default)]
pub(super) struct Pink {
    poles: [f64; 3],
}

impl Pink {
    pub(super) fn next(&mut self, random: &mut Random) -> f64 {
        let white = random.noise();
        self.poles[0] = 0.997_65 * self.poles[0] + white * 0.099_046;
        self.poles[1] = 0.963 * self.poles[1] + white * 0.296_516_4;
        self.poles[2] = 0.57 * self.poles[2] + white * 1.052_691_3;
        (self.poles.iter().sum::<f64>() + white * 0.1848) * 0.25
    }
}

/// Wanders between 0 and 1, a new aim every so often, smoothly between.
pub(super) struct Wander {
    random: Random,
    from: f64,
    to: f64,
    at: f64,
    step: f64,
    /// Shortest and longest time between two aims, in seconds.
    pace: (f64, f64),
}

impl Wander {
    pub(super) fn new(mut random: Random, shortest: f64, longest: f64) -> Self {
        let (from, to) = (random.part(), random.part());
        let mut wander = Self {
            random,
            from,
            to,
            at: 0.0,
            step: 0.0,
            pace: (shortest, longest),
        };
        wander.pick_pace();
        wander
    }

    pub(super) fn next(&mut self) -> f64 {
        self.at += self.step;
        if self.at >= 1.0 {
            self.at = 0.0;
            self.from = self.to;
            self.to = self.random.part();
            self.pick_pace();
        }
        let x = self.at;
        self.from + (self.to - self.from) * x * x * (3.0 - 2.0 * x)
    }

    fn pick_pace(&mut self) {
        let seconds = self.random.between(self.pace.0, self.pace.1);
        self.step = 1.0 / (seconds * RATE);
    }
}
