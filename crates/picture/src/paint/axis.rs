//! Which samples of a source make each sample of a frame, along one axis.

use std::ops::Range;

/// Where the samples of the frame lie in a row (or column) of the source: sample `k` lies at
/// `(base + k · step) / den`, in 1/65536 of a source sample, counted from the middle of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Course {
    /// Numerator at 0.
    pub(super) base: i64,
    /// Numerator of a step; more than 0.
    pub(super) step: i64,
    /// Denominator; more than 0.
    pub(super) den: i64,
}

/// What lies beyond a source's edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beyond {
    /// The sample at the edge again.
    Edge,
    /// Transparent black.
    Nothing,
}

/// The sum of the weights of a [`Taps`].
pub(super) const UNIT: u8 = 128;

/// How many samples a sample can be made of.
pub(super) const MOST: usize = 4;

/// How many samples of nothing are counted before the first of a source.
pub(super) const MARGIN: usize = MOST;

/// The source samples that make one of the frame, and their weights, which sum to [`UNIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taps {
    /// The first of four neighbours, plus [`MARGIN`].
    pub(super) first: usize,
    pub(super) weights: [u8; MOST],
}

/// 1.0 in positions.
const FINE: i64 = 1 << 16;

impl Course {
    /// Whether a frame's sample takes more than one source sample: then four taps are needed, else
    /// two.
    pub(super) const fn shrinks(&self) -> bool {
        self.step > self.den * FINE
    }

    /// The taps of samples `range` of the frame, in a source of `count` samples (at least 1).
    pub(super) fn taps(
        self,
        range: Range<usize>,
        count: usize,
        beyond: Beyond,
    ) -> impl Iterator<Item = Taps> {
        let width = (self.step / self.den).clamp(FINE, 2 * FINE);
        range.map(move |k| {
            let at = self
                .base
                .saturating_add((k as i64).saturating_mul(self.step));
            taps(at.div_euclid(self.den), width, count as i64 - 1, beyond)
        })
    }
}

/// A tent of half-width `width` around `at`, in a source whose last sample is `last`.
fn taps(at: i64, width: i64, last: i64, beyond: Beyond) -> Taps {
    // Far outside all taps are the same.
    let at = at.clamp(-(MARGIN as i64) * FINE, (last + MARGIN as i64) * FINE);
    let start = if width == FINE {
        at.div_euclid(FINE)
    } else {
        (at - width).div_euclid(FINE) + 1
    };
    let mut parts = [0; MOST];
    for (index, part) in parts.iter_mut().enumerate() {
        *part = (width - (at - (start + index as i64) * FINE).abs()).max(0);
    }
    let weights = rounded(parts);
    if beyond == Beyond::Nothing {
        let first = start.clamp(-(MARGIN as i64), last + 1) + MARGIN as i64;
        return Taps {
            first: first as usize,
            weights,
        };
    }
    let first = start.clamp(0, last);
    let mut merged = [0; MOST];
    for (index, weight) in weights.into_iter().enumerate() {
        let place = (start + index as i64).clamp(0, last);
        merged[(place - first) as usize] += weight;
    }
    Taps {
        first: first as usize + MARGIN,
        weights: merged,
    }
}

/// Weights in proportion to `parts` that sum to exactly [`UNIT`].
fn rounded(parts: [i64; MOST]) -> [u8; MOST] {
    let total: i64 = parts.iter().sum::<i64>().max(1);
    // Rounding the running sums keeps every border between weights within half a unit.
    let (mut sum, mut before) = (0, 0);
    parts.map(|part| {
        sum += part;
        let now = (sum * i64::from(UNIT) + total / 2) / total;
        let weight = (now - before) as u8;
        before = now;
        weight
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn course(step: i64, base: i64) -> Course {
        Course { base, step, den: 1 }
    }

    /// The place that taps average to, in samples.
    fn middle(taps: &Taps) -> f64 {
        let places = taps.weights.iter().enumerate();
        let sum: f64 = places
            .map(|(index, &weight)| (taps.first + index) as f64 * f64::from(weight))
            .sum();
        sum / f64::from(UNIT) - MARGIN as f64
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn weights_are_whole_and_samples_inside(
            step in 1i64..5 * FINE, base in -20 * FINE..20 * FINE, count in 1usize..40,
        ) {
            for taps in course(step, base).taps(0..60, count, Beyond::Edge) {
                prop_assert_eq!(taps.weights.iter().map(|&weight| u32::from(weight)).sum::<u32>(), 128);
                let last = taps.weights.iter().rposition(|&weight| weight > 0).unwrap();
                prop_assert!(taps.first >= MARGIN && taps.first + last < MARGIN + count);
            }
            for taps in course(step, base).taps(0..60, count, Beyond::Nothing) {
                prop_assert_eq!(taps.weights.iter().map(|&weight| u32::from(weight)).sum::<u32>(), 128);
                prop_assert!(taps.first <= MARGIN + count);
            }
        }

        /// Away from the edges samples are taken where they lie: to 1/256 where the source is
        /// enlarged. Where it shrinks, a tent of half-width 1 to 2 that is sampled at whole places
        /// averages up to 0.0858 beside its middle, and rounding three borders between weights by
        /// half a unit each adds 1.5/128.
        #[test]
        fn taps_average_to_their_place(step in 1i64..2 * FINE, base in 8 * FINE..9 * FINE) {
            for (k, taps) in course(step, base).taps(0..20, 100, Beyond::Edge).enumerate() {
                let place = (base + k as i64 * step) as f64 / FINE as f64;
                let limit = if step <= FINE { 1.0 / 256.0 + 1e-9 } else { 0.0858 + 1.5 / 128.0 };
                prop_assert!((middle(&taps) - place).abs() <= limit, "{place} {taps:?}");
            }
        }
    }
}
