//! Sampling one row along the frame, and mixing rows down it.
//!
//! Between the two, samples are kept less 128 and in 1/128: sixteen bits hold them all.

use super::axis::{Taps, UNIT};

/// Transparent black between the passes.
pub(super) const NOTHING: i16 = -128 * UNIT as i16;

/// Samples of the frame that are made together.
pub(super) const LANES: usize = 8;

/// How many source samples lie in a block's reach.
pub(super) const REACH: usize = 16;

/// How eight neighbouring samples are made: of two source samples each, picked from the sixteen at
/// `base`. Shrinking rows take the sum of two blocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub(super) base: u32,
    pub(super) pick: [u8; REACH],
    pub(super) weigh: [u8; REACH],
}

/// How a row of the source becomes a row of the frame.
#[derive(Debug, Default)]
pub(super) struct RowPlan {
    blocks: Vec<Block>,
    /// Blocks to a group of eight samples: 1 or 2.
    per_group: usize,
    /// The first source sample, where every sample is one source sample and its neighbour the next.
    copy_from: Option<usize>,
    length: usize,
}

impl RowPlan {
    /// Plans a row. `taps` come in order, and neighbours lie at most two source samples apart.
    pub(super) fn plan(&mut self, taps: &[Taps], shrinks: bool) {
        self.blocks.clear();
        self.length = taps.len();
        self.per_group = if shrinks { 2 } else { 1 };
        let whole = |(index, tap): (usize, &Taps)| {
            tap.weights[0] == UNIT && tap.first == taps[0].first + index
        };
        self.copy_from = taps
            .iter()
            .enumerate()
            .all(whole)
            .then(|| taps.first().map_or(0, |tap| tap.first));
        for group in taps.chunks(LANES) {
            for pair in 0..self.per_group {
                let base = group[0].first + 2 * pair;
                let mut block = Block {
                    base: base as u32,
                    pick: [0; REACH],
                    weigh: [0; REACH],
                };
                for (lane, tap) in group.iter().enumerate() {
                    for side in 0..2 {
                        // Beyond the reach only where a source is shrunk more than its levels allow.
                        let at = (tap.first + side - group[0].first).min(REACH - 1);
                        block.pick[2 * lane + side] = at as u8;
                        block.weigh[2 * lane + side] = tap.weights[2 * pair + side];
                    }
                }
                self.blocks.push(block);
            }
        }
    }

    /// How many samples a row has.
    pub(super) const fn length(&self) -> usize {
        self.length
    }

    /// Which samples of the frame the source samples `from..to` can reach, in whole groups.
    pub(super) fn reached(&self, (from, to): (usize, usize)) -> (usize, usize) {
        if from >= to {
            return (0, 0);
        }
        let groups = self.blocks.len() / self.per_group.max(1);
        let base = |group: usize| self.blocks[group * self.per_group].base as usize;
        let (mut low, mut high) = (0, groups);
        while low < high {
            let middle = usize::midpoint(low, high);
            if base(middle) + REACH + 2 <= from {
                low = middle + 1
            } else {
                high = middle
            }
        }
        let first = low;
        high = groups;
        while low < high {
            let middle = usize::midpoint(low, high);
            if base(middle) < to {
                low = middle + 1
            } else {
                high = middle
            }
        }
        (first * LANES, (low * LANES).min(self.length))
    }

    /// Makes samples `from..to` (from [`Self::reached`]) of a row out of `source`, whose samples are
    /// less 128 and which has [`REACH`] + 2 more of them than the source's row.
    #[inline(always)]
    pub(super) fn run(&self, source: &[i8], (from, to): (usize, usize), out: &mut [i16]) {
        if let Some(first) = self.copy_from {
            for (out, &sample) in out[from..to].iter_mut().zip(&source[first + from..]) {
                *out = i16::from(sample) * i16::from(UNIT);
            }
            return;
        }
        let groups = self.blocks.chunks_exact(self.per_group).skip(from / LANES);
        for (group, out) in groups.zip(out[from..to].chunks_mut(LANES)) {
            let mut sum = [0_i16; LANES];
            for block in group {
                add(block, source, &mut sum);
            }
            out.copy_from_slice(&sum[..out.len()]);
        }
    }
}

/// The scalar form of a byte shuffle and a multiply-add of byte pairs.
#[inline(always)]
fn add(block: &Block, source: &[i8], sum: &mut [i16; LANES]) {
    let Some(reach) = source
        .get(block.base as usize..)
        .and_then(|rest| rest.first_chunk::<REACH>())
    else {
        return;
    };
    for (lane, sum) in sum.iter_mut().enumerate() {
        let part = |side: usize| {
            let at = usize::from(block.pick[2 * lane + side]) % REACH;
            i16::from(reach[at]) * i16::from(block.weigh[2 * lane + side])
        };
        *sum += part(0) + part(1);
    }
}

/// `a · b` where `b` is in 1/32768, rounded.
#[inline(always)]
const fn scaled(a: i16, b: i16) -> i16 {
    ((a as i32 * b as i32 + 0x4000) >> 15) as i16
}

/// From between the passes to a sample.
#[inline(always)]
const fn finish(value: i16) -> u8 {
    // The sum cannot leave sixteen bits: `value` lies within 128 · 128 and a little.
    ((value + (128 * UNIT as i16 + UNIT as i16 / 2)) >> 7) as u8
}

/// Mixes two rows: `share` (in 1/32768) of `lower`.
#[inline(always)]
pub(super) fn mix_two(upper: &[i16], lower: &[i16], share: i16, out: &mut [u8]) {
    for ((out, &upper), &lower) in out.iter_mut().zip(upper).zip(lower) {
        *out = finish(upper + scaled(lower - upper, share));
    }
}

/// Mixes four rows by weights in 1/32768 that sum to 1.
#[inline(always)]
pub(super) fn mix_four(rows: [&[i16]; 4], weights: [i16; 4], out: &mut [u8]) {
    let [a, b, c, d] = rows;
    for (index, out) in out.iter_mut().enumerate() {
        let sum = scaled(a[index], weights[0])
            + scaled(b[index], weights[1])
            + scaled(c[index], weights[2])
            + scaled(d[index], weights[3]);
        *out = finish(sum);
    }
}
