//! How a change goes from 0 to 1.
//!
//! Polynomials only: the functions of a maths library differ from machine to machine.

use workprint_model::episode::Ease;

/// How far a change is at `time`, both 0 to 1.
pub(super) fn ease(ease: Ease, time: f64) -> f64 {
    match ease {
        Ease::Smooth => time * time * (3.0 - 2.0 * time),
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

/// `2^exponent` for exponents from −60 to 60, to a few parts in 10¹⁰.
pub(super) fn power_of_two(exponent: f64) -> f64 {
    const LN_2: f64 = std::f64::consts::LN_2;
    let exponent = exponent.clamp(-60.0, 60.0);
    let whole = exponent.floor();
    let part = (exponent - whole) * LN_2;
    // Taylor's series of e^part for part in 0 to ln 2.
    let mut sum = 1.0;
    for n in (1..=12).rev() {
        sum = 1.0 + sum * part / f64::from(n);
    }
    let factor = if whole < 0.0 { 0.5 } else { 2.0 };
    (0..whole.abs() as u32).fold(sum, |value, _| value * factor)
}

/// Cosine and sine of an angle in degrees, −90 to 90, to a few parts in 10¹².
pub(super) fn turn(degrees: f64) -> (f64, f64) {
    if degrees == 0.0 {
        return (1.0, 0.0);
    }
    let angle = degrees.clamp(-90.0, 90.0) / 180.0 * std::f64::consts::PI;
    let square = angle * angle;
    let (mut cosine, mut sine) = (1.0, 1.0);
    for n in (1..=10).rev() {
        let n = f64::from(n);
        cosine = 1.0 - cosine * square / ((2.0 * n - 1.0) * (2.0 * n));
        sine = 1.0 - sine * square / ((2.0 * n) * (2.0 * n + 1.0));
    }
    (cosine, sine * angle)
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

    #[test]
    fn own_functions_are_those_of_mathematics() {
        for at in -900..=900 {
            let (degrees, exponent) = (f64::from(at) / 10.0, f64::from(at) / 30.0);
            let (cosine, sine) = turn(degrees);
            assert!((cosine - degrees.to_radians().cos()).abs() < 1e-11);
            assert!((sine - degrees.to_radians().sin()).abs() < 1e-11);
            assert!((power_of_two(exponent) / exponent.exp2() - 1.0).abs() < 1e-9);
        }
    }
}
