//! Blending of rows and planes.

use crate::resolve::WHOLE;

/// `share` of [`WHOLE`] of `other`, the rest of `base`.
pub(super) fn mix(base: &mut [u8], other: &[u8], share: u16) {
    let share = share.min(WHOLE);
    for (base, &other) in base.iter_mut().zip(other) {
        let sum = u32::from(*base) * u32::from(WHOLE - share) + u32::from(other) * u32::from(share);
        *base = ((sum + 128) >> 8) as u8;
    }
}

/// `share` of [`WHOLE`] of `base`, the rest of one value.
pub(super) fn fade(base: &mut [u8], value: u8, share: u16) {
    let share = share.min(WHOLE);
    let rest = u32::from(value) * u32::from(WHOLE - share) + 128;
    for base in base {
        *base = ((u32::from(*base) * u32::from(share) + rest) >> 8) as u8;
    }
}

/// As [`fade`], with a share for each sample.
pub(super) fn cover(base: &mut [u8], value: u8, shares: &[u16]) {
    for (base, &share) in base.iter_mut().zip(shares) {
        let share = u32::from(share.min(WHOLE));
        let sum = u32::from(*base) * share + u32::from(value) * (u32::from(WHOLE) - share);
        *base = ((sum + 128) >> 8) as u8;
    }
}

/// Lays premultiplied samples over others.
#[inline(always)]
pub(super) fn over(base: &mut [u8], samples: &[u8], alpha: &[u8]) {
    for ((base, &sample), &alpha) in base.iter_mut().zip(samples).zip(alpha) {
        // Exactly `base · (255 − alpha) / 255`, rounded: Blinn, "Three wrongs make a right", 1995.
        let rest = u16::from(*base) * (255 - u16::from(alpha)) + 128;
        let rest = (rest + (rest >> 8)) >> 8;
        *base = (rest + u16::from(sample)).min(255) as u8;
    }
}

/// Lowers samples to `share` of [`WHOLE`].
#[inline(always)]
pub(super) fn lower(samples: &mut [u8], share: u16) {
    for sample in samples {
        *sample = ((u32::from(*sample) * u32::from(share.min(WHOLE)) + 128) >> 8) as u8;
    }
}
