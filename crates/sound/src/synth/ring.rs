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

    /// Adds the next frames of all to both channels, each frame in the partials' order. A point's next
    /// place waits for the one before, so several turn side by side.
    pub(super) fn add(all: &mut [Self], frames: &mut [[f64; 2]]) {
        let (eights, rest) = all.as_chunks_mut::<8>();
        for eight in eights {
            add(eight, frames);
        }
        let (twos, rest) = rest.as_chunks_mut::<2>();
        for two in twos {
            add(two, frames);
        }
        for one in rest {
            add(std::array::from_mut(one), frames);
        }
    }

    /// Died away below hearing.
    pub(super) fn silent(&self) -> bool {
        self.x * self.x + self.y * self.y < 1e-10
    }
}

fn add<const N: usize>(all: &mut [Partial; N], frames: &mut [[f64; 2]]) {
    let mut x = all.each_ref().map(|partial| partial.x);
    let mut y = all.each_ref().map(|partial| partial.y);
    let cos = all.each_ref().map(|partial| partial.cos);
    let sin = all.each_ref().map(|partial| partial.sin);
    let levels = all.each_ref().map(|partial| [partial.left, partial.right]);
    for frame in frames {
        let [mut left, mut right] = *frame;
        for n in 0..N {
            left += y[n] * levels[n][0];
            right += y[n] * levels[n][1];
        }
        *frame = [left, right];
        for n in 0..N {
            (x[n], y[n]) = (x[n] * cos[n] - y[n] * sin[n], x[n] * sin[n] + y[n] * cos[n]);
        }
    }
    for (n, partial) in all.iter_mut().enumerate() {
        (partial.x, partial.y) = (x[n], y[n]);
    }
}
