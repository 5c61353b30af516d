//! Blending of rows and planes.

use crate::resolve::WHOLE;

/// `share` of [`WHOLE`] of `other`, the rest of `base`.
pub(super) fn mix(base: &mut [u8], other: &[u8], share: u16) {
    let share = share.min(WHOLE);
    for (base, &other) in base.iter_mut().zip(other) {
        let sum = u16::from(*base) * (WHOLE - share) + u16::from(other) * share;
        *base = ((sum + 128) >> 8) as u8;
    }
}

/// `share` of [`WHOLE`] of `base`, the rest of one value.
pub(super) fn fade(base: &mut [u8], value: u8, share: u16) {
    let share = share.min(WHOLE);
    let rest = u16::from(value) * (WHOLE - share) + 128;
    for base in base {
        *base = ((u16::from(*base) * share + rest) >> 8) as u8;
    }
}

/// As [`fade`], with a share for each sample.
pub(super) fn cover(base: &mut [u8], value: u8, shares: &[u16]) {
    for (base, &share) in base.iter_mut().zip(shares) {
        let share = share.min(WHOLE);
        let sum = u16::from(*base) * share + u16::from(value) * (WHOLE - share);
        *base = ((sum + 128) >> 8) as u8;
    }
}
