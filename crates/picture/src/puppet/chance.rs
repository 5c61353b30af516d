//! Chance and waves that are the same everywhere: numbers from a seed, and curves in whole numbers.

use crate::{maths, random};

/// 1.0 in the fixed point of curves.
pub(super) const UNIT: i64 = 1 << 16;

/// A number that `seed` and `count` give and nothing else does, evenly spread over all of `u64`.
pub(super) const fn draw(seed: u32, count: u64) -> u64 {
    let own = (seed as u64) << 32 | 0x9e37_79b9;
    random::nth(own, count)
}

/// One of `from..to`.
pub(super) const fn between(seed: u32, count: u64, (from, to): (u64, u64)) -> u64 {
    from + draw(seed, count) % (to - from)
}

/// One of −[`UNIT`] to [`UNIT`].
fn level(seed: u32, count: u64) -> i64 {
    (draw(seed, count) % (2 * UNIT as u64 + 1)) as i64 - UNIT
}

/// A sine: one wave in `period`, −[`UNIT`] to [`UNIT`].
pub(super) fn sine(time: i64, period: i64) -> i64 {
    let degrees = time.rem_euclid(period) as f64 * 360.0 / period as f64;
    (maths::sine(degrees) * UNIT as f64).round() as i64
}

/// From 0 to [`UNIT`] over `length`, slow at both ends.
pub(super) fn rise(time: i64, length: i64) -> i64 {
    let at = (i128::from(time.clamp(0, length.max(1))) * i128::from(UNIT)
        / i128::from(length.max(1))) as i64;
    at * at / UNIT * (3 * UNIT - 2 * at) / UNIT
}

/// Rises over the first `edge` of a stretch and falls over its last.
pub(super) fn swell(time: i64, length: i64, edge: i64) -> i64 {
    let edge = edge.min(length / 2).max(1);
    rise(time, edge).min(rise(length - time, edge))
}

/// A slow wander between −[`UNIT`] and [`UNIT`] that reaches a new place every `step`.
pub(super) fn wander(seed: u32, time: i64, step: i64) -> i64 {
    let count = time.div_euclid(step);
    let (from, to) = (level(seed, count as u64), level(seed, (count + 1) as u64));
    from + (to - from) * rise(time.rem_euclid(step), step) / UNIT
}

/// Stays at one place and goes to the next in `glide`, at moments `least` to `most` apart.
pub(super) fn darting(seed: u32, time: i64, (least, most): (u64, u64), glide: i64) -> i64 {
    let (mut at, mut count) = (0, 0);
    loop {
        let next = at + between(seed ^ 0x51ed, count, (least, most)) as i64;
        if time < next {
            let (from, to) = (level(seed, count), level(seed, count + 1));
            return from + (to - from) * rise(time - at, glide) / UNIT;
        }
        (at, count) = (next, count + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_is_one() {
        for step in 0..1000 {
            let want = (f64::from(step) / 1000.0 * std::f64::consts::TAU).sin();
            let found = sine(i64::from(step), 1000) as f64 / UNIT as f64;
            assert!((want - found).abs() < 1e-5, "{step}: {want} {found}");
        }
        assert_eq!(sine(-250, 1000), -UNIT);
    }

    #[test]
    fn curves_have_no_leaps() {
        let mut before = [wander(7, -1, 900), darting(7, 0, (300, 900), 90)];
        for time in 0..20_000 {
            let now = [wander(7, time, 900), darting(7, time, (300, 900), 90)];
            assert!((now[0] - before[0]).abs() < UNIT / 200);
            assert!((now[1] - before[1]).abs() < UNIT / 20);
            before = now;
        }
    }

    #[test]
    fn a_swell_begins_and_ends_at_nothing() {
        assert_eq!((swell(0, 100, 20), swell(100, 100, 20)), (0, 0));
        assert_eq!(swell(50, 100, 20), UNIT);
        assert!(swell(5, 8, 20) <= UNIT);
    }
}
