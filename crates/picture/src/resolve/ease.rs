//! How a change goes from 0 to 1.

use workprint_model::episode::Ease;

use crate::maths::{power_of_two, smooth};

/// How far a change is at `time`, both 0 to 1.
pub(super) fn ease(ease: Ease, time: f64) -> f64 {
    match ease {
        Ease::Smooth => smooth(time),
        Ease::Linear => time,
        Ease::In => time * time,
        Ease::Out => time * (2.0 - time),
        Ease::Expo if time < 0.5 => start_of_expo(2.0 * time) / 2.0,
        Ease::Expo => 1.0 - start_of_expo(2.0 - 2.0 * time) / 2.0,
    }
}

/// 0 to 1 by doubling ten times on the way.
fn start_of_expo(time: f64) -> f64 {
    (power_of_two(10.0 * time) - 1.0) / 1023.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Ease; 5] = [Ease::Smooth, Ease::Linear, Ease::In, Ease::Out, Ease::Expo];

    #[test]
    fn eases_rise_from_nothing_to_all() {
        for kind in ALL {
            assert!(ease(kind, 0.0).abs() < 1e-9 && (ease(kind, 1.0) - 1.0).abs() < 1e-9);
            let values: Vec<f64> = (0..=100)
                .map(|at| ease(kind, f64::from(at) / 100.0))
                .collect();
            assert!(values.windows(2).all(|pair| pair[0] < pair[1]), "{kind:?}");
        }
    }
}
