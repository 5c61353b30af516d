//! Functions of real numbers that give the same bits on every machine: `+ − × ÷` alone.

use std::f64::consts::{LN_2, SQRT_2};

/// `x` to the power of `exponent`; 0 where `x` is not above 0.
pub(crate) fn pow(x: f64, exponent: f64) -> f64 {
    if x > 0.0 && x.is_finite() {
        exp(ln(x) * exponent)
    } else {
        0.0
    }
}

/// `x` is above 0 and no subnormal.
fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = ((bits >> 52) & 0x7ff) as i32 - 1023;
    let mut part = f64::from_bits(bits & ((1 << 52) - 1) | 1023 << 52);
    if part > SQRT_2 {
        part /= 2.0;
        exponent += 1;
    }
    let s = (part - 1.0) / (part + 1.0);
    let square = s * s;
    let mut sum = 0.0;
    for odd in [21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0, 1.0] {
        sum = sum * square + 1.0 / odd;
    }
    2.0 * s * sum + f64::from(exponent) * LN_2
}

pub(crate) fn exp(x: f64) -> f64 {
    let x = x.clamp(-700.0, 700.0);
    let whole = (x / LN_2 + 0.5).floor();
    let rest = x - whole * LN_2;
    let mut sum = 1.0;
    for n in (1..=18).rev() {
        sum = 1.0 + sum * rest / f64::from(n);
    }
    sum * f64::from_bits(((whole as i64 + 1023) as u64) << 52)
}

/// `2^exponent`.
pub(crate) fn power_of_two(exponent: f64) -> f64 {
    exp(exponent * LN_2)
}

/// The sine of an angle in degrees.
pub(crate) fn sine(degrees: f64) -> f64 {
    let turn = degrees.rem_euclid(360.0);
    let (sign, half) = if turn >= 180.0 {
        (-1.0, turn - 180.0)
    } else {
        (1.0, turn)
    };
    let quarter = half.min(180.0 - half);
    if quarter >= 90.0 {
        return sign;
    }
    let x = quarter * std::f64::consts::PI / 180.0;
    let mut sum = 1.0;
    for n in (1..=10).rev() {
        let n = f64::from(n);
        sum = 1.0 - sum * x * x / (2.0 * n * (2.0 * n + 1.0));
    }
    sign * x * sum
}

/// Cosine and sine of an angle in degrees.
pub(crate) fn turn(degrees: f64) -> (f64, f64) {
    (sine(degrees + 90.0), sine(degrees))
}

/// From 0 at 0 to 1 at 1, level at both; held beyond.
pub(crate) fn smooth(x: f64) -> f64 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_what_their_names_say() {
        for step in 1..2000 {
            let x = f64::from(step) / 250.0;
            assert!((pow(x, 1.7) / x.powf(1.7) - 1.0).abs() < 1e-12, "{x}");
            assert!((pow(x, -0.4) / x.powf(-0.4) - 1.0).abs() < 1e-12, "{x}");
            assert!((exp(-x) / (-x).exp() - 1.0).abs() < 1e-13, "{x}");
        }
        assert!(pow(0.0, 2.0) == 0.0 && pow(-1.0, 2.0) == 0.0);
        for at in -7200..7200 {
            let degrees = f64::from(at) / 10.0;
            let (cosine, sine) = turn(degrees);
            assert!((cosine - degrees.to_radians().cos()).abs() < 1e-12);
            assert!((sine - degrees.to_radians().sin()).abs() < 1e-12);
            let exponent = degrees / 20.0;
            assert!((power_of_two(exponent) / exponent.exp2() - 1.0).abs() < 1e-12);
        }
        assert_eq!(turn(0.0), (1.0, 0.0));
        assert_eq!((sine(90.0), sine(-90.0)), (1.0, -1.0));
    }
}
