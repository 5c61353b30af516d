//! How a row of a source becomes a row of the frame.

use super::axis::{Taps, UNIT};
use super::kernel::{Block, Kernel, LANES, REACH, Wide};

/// How a row of the source becomes a row of the frame.
#[derive(Debug, Default)]
pub(super) struct RowPlan {
    /// A block for every eight samples, where they take two source samples each.
    blocks: Vec<Block>,
    /// And where they take four.
    wide: Vec<Wide>,
    /// The first source sample, where every sample is one source sample and its neighbour the next.
    copy_from: Option<usize>,
    length: usize,
}

impl RowPlan {
    /// Plans a row. `taps` come in order, and neighbours lie at most two source samples apart.
    pub(super) fn plan(&mut self, taps: &[Taps], four: bool) {
        self.blocks.clear();
        self.wide.clear();
        self.length = taps.len();
        self.copy_from = taps.first().and_then(Taps::only).filter(|first| {
            let mut following = taps.iter().enumerate();
            following.all(|(index, tap)| tap.only() == Some(first + index))
        });
        for group in taps.chunks(LANES) {
            if four {
                self.wide.push(wide(group));
            } else {
                self.blocks.push(block(group));
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
        let groups = self.blocks.len() + self.wide.len();
        let base = |group: usize| match self.wide.get(group) {
            Some(wide) => wide.bases[0] as usize,
            None => self.blocks[group].base as usize,
        };
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
        } else if self.wide.is_empty() {
            kernel.filter(&self.blocks[from / LANES..], source, out);
        } else {
            kernel.filter_four(&self.wide[from / LANES..], source, out);
        }
    }
}

fn block(group: &[Taps]) -> Block {
    let mut block = Block {
        base: group[0].first as u32,
        pick: [0; REACH],
        weigh: [0; REACH],
    };
    for (lane, tap) in group.iter().enumerate() {
        for side in 0..2 {
            // Beyond the reach only where a source is shrunk more than its levels allow.
            let at = (tap.first + side - group[0].first).min(REACH - 1);
            block.pick[2 * lane + side] = at as u8;
            block.weigh[2 * lane + side] = tap.weights[side] as u8;
        }
    }
    block
}

fn wide(group: &[Taps]) -> Wide {
    let base = group[0].first as u32;
    // Two weights over a whole one, as at the left edge, are not added before a third is taken from them:
    // the second and the third change places, which takes a base nearer to the first.
    let crowded = |tap: &Taps| tap.weights[0] + tap.weights[1] > UNIT;
    let second = if group.iter().any(crowded) { 1 } else { 2 };
    let mut wide = Wide {
        bases: [base, base + second],
        picks: [[0; REACH]; 2],
        weights: [[0; REACH]; 2],
    };
    for (lane, tap) in group.iter().enumerate() {
        let pairs = if crowded(tap) {
            [[0, 2], [1, 3]]
        } else {
            [[0, 1], [2, 3]]
        };
        for (half, pair) in pairs.into_iter().enumerate() {
            let beyond = half * second as usize;
            let mut places = pair.map(|side| {
                let at = tap.first + side - group[0].first;
                (at - beyond).min(REACH - 1) as u8
            });
            let mut weights = pair.map(|side| tap.weights[side]);
            // A whole weight does not fit into eight bits: it stands alone and is taken in two halves.
            if let Some(whole) = weights.iter().position(|&weight| weight == UNIT) {
                places[1 - whole] = places[whole];
                weights = [UNIT / 2; 2];
            }
            wide.picks[half][2 * lane..][..2].copy_from_slice(&places);
            let weights = weights.map(|weight| weight as i8);
            wide.weights[half][2 * lane..][..2].copy_from_slice(&weights);
        }
    }
    wide
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::axis::{Beyond, Course, Filter, MARGIN, MOST};
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever the step and the edges: each sample is the sum of its taps, less what is not kept.
        #[test]
        fn rows_are_the_sums_of_their_taps(
            step in 1i64..2 << 16, base in -3i64 << 16..20 << 16, count in 1usize..40,
            filter in prop_oneof![Just(Filter::Tent), Just(Filter::Sharp)],
            samples in prop::collection::vec(any::<u8>(), 40),
        ) {
            let course = Course { base, step, den: 1 };
            let taps: Vec<Taps> = course.taps(0..30, count, (filter, Beyond::Edge)).collect();
            let mut source = vec![0; MARGIN];
            source.extend(&samples[..count]);
            source.resize(MARGIN + count + REACH + MOST + 30, 0);
            let mut plan = RowPlan::default();
            plan.plan(&taps, course.takes_four(filter));
            let mut out = vec![0; 30];
            plan.run(Kernel::best(), &source, (0, 30), &mut out);
            for (tap, found) in taps.iter().zip(out) {
                let parts = tap.weights.iter().enumerate();
                let sum: i32 = parts
                    .map(|(at, &weight)| i32::from(weight) * i32::from(source[tap.first + at]))
                    .sum();
                prop_assert_eq!(i32::from(found), sum - 128 * i32::from(UNIT), "{:?}", tap);
            }
        }
    }
}
