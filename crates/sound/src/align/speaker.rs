//! The second stage's model: how each speech sound is heard in one voice, learned from that voice.
//!
//! Every sound has three states, each a Gaussian without correlations; silence has one, and two more
//! for its quiet and its loud half. What is kept are counts and sums, so that a line can add its own.

use std::collections::BTreeMap;

use super::frames::Frames;
use crate::elementary::ln;
use crate::resample::total;

/// States of a sound.
pub(super) const STATES: usize = 3;
/// Numbers in a frame.
pub(super) const WIDTH: usize = 39;
/// How many frames the sound's own mean counts for in each of its states.
const SOUND_WEIGHT: f64 = 10.0;
/// How many frames the mean of everything counts for in each sound.
const GLOBAL_WEIGHT: f64 = 5.0;
/// The least variance, as a part of that of everything.
const LEAST_VARIANCE: f64 = 0.1;
/// Halves of silence are told apart from so many frames on.
const LEAST_SILENCE: usize = 60;

/// Counts and sums of frames.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tally {
    pub(super) count: f64,
    pub(super) sums: [f64; WIDTH],
    pub(super) squares: [f64; WIDTH],
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            count: 0.0,
            sums: [0.0; WIDTH],
            squares: [0.0; WIDTH],
        }
    }
}

impl Tally {
    pub(super) fn add(&mut self, frame: &[f32]) {
        self.count += 1.0;
        for (n, value) in frame.iter().enumerate().take(WIDTH) {
            let value = f64::from(*value);
            self.sums[n] += value;
            self.squares[n] += value * value;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        for n in 0..WIDTH {
            self.sums[n] += other.sums[n];
            self.squares[n] += other.squares[n];
        }
    }

    /// Mean and variance, together with `weight` frames of another mean and variance.
    fn moments(&self, weight: f64, other: &Moments) -> Moments {
        let mut out = Moments::default();
        let count = (self.count + weight).max(1e-9);
        for n in 0..WIDTH {
            let (mean, variance) = (other.mean[n], other.variance[n]);
            out.mean[n] = (self.sums[n] + weight * mean) / count;
            let square = (self.squares[n] + weight * (variance + mean * mean)) / count;
            out.variance[n] = (square - out.mean[n] * out.mean[n]).max(0.0);
        }
        out
    }
}

#[derive(Debug, Clone)]
struct Moments {
    mean: [f64; WIDTH],
    variance: [f64; WIDTH],
}

impl Default for Moments {
    fn default() -> Self {
        Self {
            mean: [0.0; WIDTH],
            variance: [0.0; WIDTH],
        }
    }
}

/// What was learned of a voice.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Learned {
    /// All frames.
    pub(super) global: Tally,
    /// The frames of every sound's states.
    pub(super) sounds: BTreeMap<String, [Tally; STATES]>,
    /// The frames of silence.
    pub(super) silence: Tally,
    /// The quiet and the loud half of silence.
    pub(super) halves: [Tally; 2],
}

impl Learned {
    /// Adds the frames of silence, and divides them in halves.
    pub(super) fn add_silence(&mut self, frames: &mut Vec<&[f32]>) {
        for frame in frames.iter() {
            self.silence.add(frame);
        }
        if frames.len() <= LEAST_SILENCE {
            return;
        }
        frames.sort_by(|left, right| left[0].total_cmp(&right[0]));
        let middle = frames.len().div_ceil(2);
        for (n, frame) in frames.iter().enumerate() {
            self.halves[usize::from(n >= middle)].add(frame);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.global.merge(&other.global);
        self.silence.merge(&other.silence);
        for (half, other) in self.halves.iter_mut().zip(&other.halves) {
            half.merge(other);
        }
        for (name, states) in &other.sounds {
            let own = self.sounds.entry(name.clone()).or_default();
            for (own, other) in own.iter_mut().zip(states) {
                own.merge(other);
            }
        }
    }

    /// The Gaussians of the sounds in `names`, state after state, then those of silence.
    pub(super) fn gaussians(&self, names: &[&str]) -> Gaussians {
        let global = self.global.moments(0.0, &Moments::default());
        let state = |sums: &Tally, sound: &Moments| {
            let mut moments = sums.moments(SOUND_WEIGHT, sound);
            for (variance, of_all) in moments.variance.iter_mut().zip(&global.variance) {
                *variance = variance.max(LEAST_VARIANCE * of_all).max(1e-6);
            }
            Gaussian::new(&moments)
        };
        let nothing: [Tally; STATES] = Default::default();
        let mut states = Vec::with_capacity(names.len() * STATES);
        for name in names {
            let own = self.sounds.get(*name).unwrap_or(&nothing);
            let mut whole = Tally::default();
            for sums in own {
                whole.merge(sums);
            }
            let sound = whole.moments(GLOBAL_WEIGHT, &global);
            states.extend(own.iter().map(|sums| state(sums, &sound)));
        }
        let sound = self.silence.moments(GLOBAL_WEIGHT, &global);
        let mut silence = vec![state(&self.silence, &sound)];
        for half in self.halves.iter().filter(|half| half.count > 0.0) {
            let mut moments = half.moments(0.0, &Moments::default());
            for (variance, of_all) in moments.variance.iter_mut().zip(&global.variance) {
                *variance = variance.max(LEAST_VARIANCE * of_all).max(1e-6);
            }
            silence.push(Gaussian::new(&moments));
        }
        Gaussians { states, silence }
    }
}

/// The Gaussians of a line's sounds and of silence.
#[derive(Debug)]
pub(super) struct Gaussians {
    states: Vec<Gaussian>,
    silence: Vec<Gaussian>,
}

impl Gaussians {
    /// How likely a frame is in a sound's state: a logarithm, up to a constant.
    pub(super) fn state(&self, index: usize, frame: &[f32]) -> f32 {
        self.states
            .get(index)
            .map_or(f32::NEG_INFINITY, |state| state.likelihood(frame))
    }

    /// How likely a frame is in silence.
    pub(super) fn silence(&self, frame: &[f32]) -> f32 {
        let parts = self.silence.iter().map(|part| part.likelihood(frame));
        parts.fold(f32::NEG_INFINITY, f32::max)
    }
}

/// A Gaussian without correlations, padded to a whole number of lanes.
#[derive(Debug)]
struct Gaussian {
    constant: f32,
    mean: [f32; 40],
    weight: [f32; 40],
}

impl Gaussian {
    fn new(moments: &Moments) -> Self {
        let mut out = Self {
            constant: 0.0,
            mean: [0.0; 40],
            weight: [0.0; 40],
        };
        let mut logs = 0.0;
        for n in 0..WIDTH {
            logs += ln(moments.variance[n]);
            out.mean[n] = moments.mean[n] as f32;
            out.weight[n] = (1.0 / moments.variance[n]) as f32;
        }
        out.constant = (-0.5 * logs) as f32;
        out
    }

    fn likelihood(&self, frame: &[f32]) -> f32 {
        let mut sums = [0.0f32; 8];
        let lanes = self
            .mean
            .as_chunks::<8>()
            .0
            .iter()
            .zip(self.weight.as_chunks::<8>().0);
        for ((mean, weight), frame) in lanes.zip(frame.as_chunks::<8>().0) {
            for n in 0..8 {
                let distance = frame[n] - mean[n];
                sums[n] += distance * distance * weight[n];
            }
        }
        self.constant - 0.5 * total(sums)
    }
}

/// Frames as the model sees them: the rows of tables side by side, 39 numbers and a zero.
pub(super) fn padded(tables: &[&Frames; 3]) -> Frames {
    let mut out = Frames::zeros(WIDTH + 1, tables[0].count());
    for (index, target) in out.rows_mut().enumerate() {
        let values = tables.iter().flat_map(|table| table.row(index));
        for (target, value) in target.iter_mut().zip(values.take(WIDTH)) {
            *target = *value;
        }
    }
    out
}
