//! Sine, powers of two, logarithm and decibels from additions and multiplications alone.
//!
//! The functions of the C library differ in their last bits between systems. A kept output must
//! not, so everything here uses only operations that IEEE 754 rounds in one way.

use std::f64::consts::TAU;

/// The first terms of the sine's Taylor series.
const SINE: [f64; 9] = [
    1.0,
    -1.0 / 6.0,
    1.0 / 120.0,
    -1.0 / 5040.0,
    1.0 / 362_880.0,
    -1.0 / 39_916_800.0,
    1.0 / 6_227_020_800.0,
    -1.0 / 1_307_674_368_000.0,
    1.0 / 355_687_428_096_000.0,
];

/// The sine of `turns` full turns; exact to about 1e-12 for arguments up to 1000.
pub fn sine(turns: f64) -> f64 {
    // Folded to a quarter turn either side of 0, where the series converges fast.
    let wrapped = turns - (turns + 0.5).floor();
    let folded = if wrapped > 0.25 {
        0.5 - wrapped
    } else if wrapped < -0.25 {
        -0.5 - wrapped
    } else {
        wrapped
    };
    let x = folded * TAU;
    let s = x * x;
    let mut series = 0.0;
    for factor in SINE.iter().rev() {
        series = series * s + factor;
    }
    x * series
}

/// The cosine of `turns` full turns; as exact as [`sine`].
pub fn cosine(turns: f64) -> f64 {
    sine(turns + 0.25)
}

/// 2 to the power of `x`, exact to about 1e-12 of itself; 0 below −1000 and at most 2^1000.
pub fn exp2(x: f64) -> f64 {
    if x.is_nan() || x < -1000.0 {
        return 0.0;
    }
    let x = x.min(1000.0);
    let whole = (x + 0.5).floor();
    let y = (x - whole) * std::f64::consts::LN_2;
    let mut term = 1.0;
    let mut sum = 1.0;
    for n in 1..12 {
        term *= y / f64::from(n);
        sum += term;
    }
    let exponent = (whole as i64 + 1023) as u64;
    sum * f64::from_bits(exponent << 52)
}

/// The natural logarithm of a positive number, exact to about 1e-11; −745 for what is none.
pub fn ln(x: f64) -> f64 {
    // Subnormal numbers count as none.
    if x.is_nan() || x < f64::MIN_POSITIVE {
        return -745.0;
    }
    let bits = x.to_bits();
    let exponent = (bits >> 52) as i64 - 1023;
    let mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    let (part, power) = if mantissa > std::f64::consts::SQRT_2 {
        (mantissa / 2.0, exponent + 1)
    } else {
        (mantissa, exponent)
    };
    // ln m = 2·artanh((m − 1) / (m + 1)), and |(m − 1) / (m + 1)| ≤ 0.172.
    let t = (part - 1.0) / (part + 1.0);
    let square = t * t;
    let mut series = 0.0;
    for n in (0..7).rev() {
        series = series * square + 1.0 / f64::from(2 * n + 1);
    }
    2.0 * t * series + power as f64 * std::f64::consts::LN_2
}

/// The factor by which a gain in decibels multiplies an amplitude.
pub fn amplitude(decibels: f64) -> f64 {
    // 20·log10(a) = dB  ⇔  log2(a) = dB · log2(10) / 20
    exp2(decibels * std::f64::consts::LOG2_10 / 20.0)
}

/// The level in decibels of an amplitude; −∞ for 0. For reports and thresholds, never for samples.
pub fn decibels(amplitude: f64) -> f64 {
    20.0 * amplitude.log10()
}

/// From 0 to 1 as `x` goes from 0 to 1, with level ends: half a period of a cosine.
pub fn raised_cosine(x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x >= 1.0 {
        1.0
    } else {
        0.5 - 0.5 * cosine(x / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_library() {
        for i in -4000..4000 {
            let x = f64::from(i) / 777.0;
            assert!((sine(x) - (x * TAU).sin()).abs() < 1e-12, "sine {x}");
            assert!((cosine(x) - (x * TAU).cos()).abs() < 1e-12, "cosine {x}");
            assert!((exp2(x) / x.exp2() - 1.0).abs() < 1e-11, "exp2 {x}");
            assert!((ln(x.exp2()) - x.exp2().ln()).abs() < 1e-11, "ln {x}");
            let gain = x * 10.0;
            assert!((decibels(amplitude(gain)) - gain).abs() < 1e-9, "dB {gain}");
        }
        assert!(exp2(f64::NAN).abs() < f64::EPSILON);
        assert!(exp2(1e9).is_finite());
    }
}
