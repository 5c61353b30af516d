//! Smooth chance: the same seed gives the same way, on every machine.

use crate::random::mixed;

/// A value that wanders between −1 and 1, with a new aim at every whole `time`. Value, speed and
/// acceleration never jump.
pub(super) fn wander(seed: u64, time: f64) -> f64 {
    let whole = time.floor();
    let (at, u) = (whole as i64, time - whole);
    let v = 1.0 - u;
    // The uniform cubic B-spline over four aims.
    let weights = [
        v * v * v,
        3.0 * u * u * u - 6.0 * u * u + 4.0,
        3.0 * v * v * v - 6.0 * v * v + 4.0,
        u * u * u,
    ];
    let aims = (at - 1..).map(|knot| aim(seed, knot));
    let sum: f64 = aims.zip(weights).map(|(aim, weight)| aim * weight).sum();
    sum / 6.0
}

/// A value far from 0: −1 to −0.5 or 0.5 to 1.
fn aim(seed: u64, knot: i64) -> f64 {
    let bits = mixed(seed ^ mixed(knot.cast_unsigned()));
    let size = 0.5 + (bits >> 40) as f64 / (1_u64 << 25) as f64;
    if bits & 1 == 0 { size } else { -size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_wanders_within_bounds_without_jumps() {
        for seed in 0..20 {
            let path: Vec<f64> = (-500..5000)
                .map(|at| wander(seed, f64::from(at) / 100.0))
                .collect();
            assert!(path.iter().all(|value| value.abs() <= 1.0));
            let widest = path
                .iter()
                .fold(0.0_f64, |most, value| most.max(value.abs()));
            assert!(widest > 0.5, "{seed}: {widest}");
            let speeds: Vec<f64> = path.windows(2).map(|pair| pair[1] - pair[0]).collect();
            let jerk = speeds
                .windows(2)
                .map(|pair| (pair[1] - pair[0]).abs())
                .fold(0.0, f64::max);
            assert!(jerk < 0.0007, "{seed}: {jerk}");
        }
        assert!((wander(1, 0.3) - wander(2, 0.3)).abs() > 1e-6);
    }
}
