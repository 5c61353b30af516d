//! How a row of a source becomes a row of the frame.

use super::axis::{LIFT, Taps};
use super::kernel::{Block, Kernel, LANES, REACH};

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
    pub(super) fn plan(&mut self, taps: &[Taps], four: bool) {
        self.blocks.clear();
        self.length = taps.len();
        self.per_group = if four { 2 } else { 1 };
        let lift = if four { i16::from(LIFT) } else { 0 };
        self.copy_from = taps.first().and_then(Taps::only).filter(|first| {
            let mut following = taps.iter().enumerate();
            following.all(|(index, tap)| tap.only() == Some(first + index))
        });
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
                        block.weigh[2 * lane + side] = (tap.weights[2 * pair + side] + lift) as u8;
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

    /// The first source sample (margin included), where rows stay as they are.
    pub(super) const fn copy_from(&self) -> Option<usize> {
        self.copy_from
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
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let first = low;
        high = groups;
        while low < high {
            let middle = usize::midpoint(low, high);
            if base(middle) < to {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (first * LANES, (low * LANES).min(self.length))
    }

    /// Makes samples `from..to` (from [`Self::reached`]) of a row out of `source`: the source's row with
    /// the margin before it, and [`REACH`] + 2 samples more after it.
    pub(super) fn run(
        &self,
        kernel: Kernel,
        source: &[u8],
        (from, to): (usize, usize),
        out: &mut [i16],
    ) {
        let out = &mut out[from..to];
        if let Some(first) = self.copy_from {
            kernel.widen(&source[first + from..], out);
        } else if self.per_group == 1 {
            kernel.filter(&self.blocks[from / LANES..], source, out);
        } else {
            kernel.filter_two(&self.blocks[from / LANES * 2..], source, out);
        }
    }
}
