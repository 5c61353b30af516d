//! Partials: sines that hold or ring out.

use super::{RATE, decay};
use crate::elementary::{cosine, sine};

/// A sine that turns by a fixed angle a frame and may die away: a point on a shrinking circle.
/// Its error after an hour is under 1e-7, far under what is heard.
pub(super) struct Partial {
    x: f64,
    y: f64,
    cos: f64,
    sin: f64,
    left: f64,
    right: f64,
}

impl Partial {
    /// A partial of `frequency` Hz and `level`, beginning at `phase` turns, that falls by 60 dB in
    /// `ring` seconds; 0 holds for ever. `pan` goes from −1, left, to 1.
    pub(super) fn new(frequency: f64, level: f64, phase: f64, ring: f64, pan: f64) -> Self {
        let shrink = if ring > 0.0 { decay(ring) } else { 1.0 };
        let turn = frequency / RATE;
        let side = (pan.clamp(-1.0, 1.0) + 1.0) / 8.0;
        Self {
            x: cosine(phase),
            y: sine(phase),
            cos: cosine(turn) * shrink,
            sin: sine(turn) * shrink,
            left: level * cosine(side) * std::f64::consts::SQRT_2,
            right: level * sine(side) * std::f64::consts::SQRT_2,
        }
    }

    /// Adds the next frames to both channels.
    pub(super) fn add(&mut self, frames: &mut [[f64; 2]]) {
        let (mut x, mut y) = (self.x, self.y);
        for frame in frames {
            frame[0] += y * self.left;
            frame[1] += y * self.right;
            (x, y) = (x * self.cos - y * self.sin, x * self.sin + y * self.cos);
        }
        (self.x, self.y) = (x, y);
    }

    /// Died away below hearing.
    pub(super) fn silent(&self) -> bool {
        self.x * self.x + self.y * self.y < 1e-10
    }
}
