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
pub(super) const UNIT: i16 = 128;

/// How many samples a sample can be made of.
pub(super) const MOST: usize = 4;

/// How many samples of nothing are counted before the first of a source.
pub(super) const MARGIN: usize = MOST;

/// The source samples that make one of the frame, and their weights, which sum to [`UNIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taps {
    /// The first of four neighbours, plus [`MARGIN`].
    pub(super) first: usize,
    /// From -20 to [`UNIT`]; below 0 only where [`Filter::Sharp`] made them, and [`UNIT`] only where the
    /// others are 0.
    pub(super) weights: [i16; MOST],
}

impl Taps {
    /// The only source sample that is taken (plus [`MARGIN`]), where it is only one.
    pub(super) fn only(&self) -> Option<usize> {
        let at = self.weights.iter().position(|&weight| weight == UNIT)?;
        Some(self.first + at)
    }
}

/// What weights follow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Filter {
    /// A tent as wide as a step: no sample leaves the range of its neighbours, as edges against
    /// nothing need it.
    #[default]
    Tent,
    /// The cubic of Catmull and Rom, which keeps detail; from one source sample a step to two it
    /// becomes the tent, which leaves out what would flicker.
    Sharp,
}

/// 1.0 in positions.
const FINE: i64 = 1 << 16;

impl Course {
    /// Whether a frame's sample takes four source samples, else two.
    pub(super) fn takes_four(&self, filter: Filter) -> bool {
        filter == Filter::Sharp || self.step > self.den * FINE
    }

    /// The taps of samples `range` of the frame, in a source of `count` samples (at least 1).
    pub(super) fn taps(
        self,
        range: Range<usize>,
        count: usize,
        (filter, beyond): (Filter, Beyond),
    ) -> impl Iterator<Item = Taps> {
        let width = (self.step / self.den).clamp(FINE, 2 * FINE);
        range.map(move |k| {
            let at = self
                .base
                .saturating_add((k as i64).saturating_mul(self.step));
            let at = at.div_euclid(self.den);
            taps(at, (width, filter), count as i64 - 1, beyond)
        })
    }
}

/// The taps around `at` for steps of `width`, in a source whose last sample is `last`.
fn taps(at: i64, (width, filter): (i64, Filter), last: i64, beyond: Beyond) -> Taps {
    // Far outside all taps are the same.
    let at = at.clamp(-(MARGIN as i64) * FINE, (last + MARGIN as i64) * FINE);
    let (start, weights) = match filter {
        Filter::Sharp => sharp(at.clamp(0, last * FINE), width),
        Filter::Tent if width == FINE => tent(at, at.div_euclid(FINE), width),
        Filter::Tent => tent(at, (at - width).div_euclid(FINE) + 1, width),
    };
    if beyond == Beyond::Nothing {
        let first = start.clamp(-(MARGIN as i64), last + 1) + MARGIN as i64;
        return Taps {
            first: first as usize,
            weights: shared(weights),
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
        weights: shared(merged),
    }
}

/// Leaves a whole weight only to what stands alone: kernels take it in halves.
fn shared(mut weights: [i16; MOST]) -> [i16; MOST] {
    if let Some(whole) = weights.iter().position(|&weight| weight == UNIT) {
        let beside = [whole.wrapping_sub(1), whole + 1];
        let lifted = beside
            .into_iter()
            .find(|&at| weights.get(at).is_some_and(|&weight| weight < 0));
        if let Some(lifted) = lifted {
            weights[whole] -= 1;
            weights[lifted] += 1;
        } else {
            weights = [0; MOST];
            weights[whole] = UNIT;
        }
    }
    weights
}

/// The weights of the four samples from `start`: a tent of half-width `width` around `at`.
fn tent(at: i64, start: i64, width: i64) -> (i64, [i16; MOST]) {
    (start, rounded(tent_parts(at, start, width)))
}

fn tent_parts(at: i64, start: i64, width: i64) -> [i64; MOST] {
    std::array::from_fn(|index| (width - (at - (start + index as i64) * FINE).abs()).max(0))
}

/// The first of the four samples around `at`, and their weights.
fn sharp(at: i64, width: i64) -> (i64, [i16; MOST]) {
    let middle = at.div_euclid(FINE);
    let start = middle - 1;
    let soft = tent_parts(at, start, width);
    let total: i64 = soft.iter().sum::<i64>().max(1);
    let parts = std::array::from_fn(|index| {
        let keen = catmull_rom((at - (start + index as i64) * FINE).abs());
        let soft = soft[index] * FINE / total;
        soft + (keen - soft) * keenness(width) / FINE
    });
    (start, rounded(parts))
}

/// How much of the cubic there is for steps of `width`, in 1/65536: all where nothing is left out, a
/// third from 9/8, none at two. More would shimmer: four samples cannot leave out what is too fine.
const fn keenness(width: i64) -> i64 {
    if width < FINE * 9 / 8 {
        FINE - (width - FINE) * 16 / 3
    } else {
        (2 * FINE - width) * 8 / 21
    }
}

/// The cubic of Catmull and Rom (1974) at a distance of at most two samples, in 1/65536.
const fn catmull_rom(x: i64) -> i64 {
    let square = x * x / FINE;
    let cube = square * x / FINE;
    if x < FINE {
        FINE + (3 * cube - 5 * square) / 2
    } else {
        2 * FINE - 4 * x + (5 * square - cube) / 2
    }
}

/// Weights in proportion to `parts` that sum to exactly [`UNIT`].
fn rounded(parts: [i64; MOST]) -> [i16; MOST] {
    let total: i64 = parts.iter().sum::<i64>().max(1);
    // Rounding the running sums keeps every border between weights within half a unit.
    let (mut sum, mut before) = (0, 0);
    let mut weights = [0; MOST];
    for (weight, part) in weights.iter_mut().zip(parts) {
        sum += part;
        let now = (sum * i64::from(UNIT) + total / 2).div_euclid(total);
        *weight = (now - before) as i16;
        before = now;
    }
    weights
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
            filter in prop_oneof![Just(Filter::Tent), Just(Filter::Sharp)],
        ) {
            let course = course(step, base);
            let least = if filter == Filter::Tent { 0 } else { -20 };
            for taps in course.taps(0..60, count, (filter, Beyond::Edge)) {
                prop_assert_eq!(taps.weights.iter().sum::<i16>(), UNIT);
                prop_assert!(taps.weights.iter().all(|&weight| weight >= least && weight <= UNIT));
                let last = taps.weights.iter().rposition(|&weight| weight != 0).unwrap();
                prop_assert!(taps.first >= MARGIN && taps.first + last < MARGIN + count);
                prop_assert!(course.takes_four(filter) || taps.weights[2..] == [0, 0]);
            }
            for taps in course.taps(0..60, count, (filter, Beyond::Nothing)) {
                prop_assert_eq!(taps.weights.iter().sum::<i16>(), UNIT);
                prop_assert!(taps.first <= MARGIN + count);
            }
        }

        /// Away from the edges samples are taken where they lie: to 1/256 where the source is
        /// enlarged. Where it shrinks, a tent of half-width 1 to 2 that is sampled at whole places
        /// averages up to 0.0858 beside its middle, and rounding three borders between weights by
        /// half a unit each adds 1.5/128, sharing a whole weight one more.
        #[test]
        fn taps_average_to_their_place(
            step in 1i64..2 * FINE, base in 8 * FINE..9 * FINE,
            filter in prop_oneof![Just(Filter::Tent), Just(Filter::Sharp)],
        ) {
            let taps = course(step, base).taps(0..20, 100, (filter, Beyond::Edge));
            for (k, taps) in taps.enumerate() {
                let place = (base + k as i64 * step) as f64 / FINE as f64;
                let rounding = if course(step, base).takes_four(filter) { 2.5 / 128.0 } else { 1.0 / 256.0 };
                let limit = if step <= FINE { 0.0 } else { 0.0858 };
                prop_assert!((middle(&taps) - place).abs() <= limit + rounding + 1e-9, "{place} {taps:?}");
            }
        }

        /// Sampling changes nothing where a sample lies on a sample.
        #[test]
        fn a_sample_on_its_place_stays(at in 0usize..100) {
            for taps in course(FINE, 0).taps(at..at + 1, 100, (Filter::Sharp, Beyond::Edge)) {
                prop_assert_eq!(taps.only(), Some(at + MARGIN));
            }
        }
    }
}
