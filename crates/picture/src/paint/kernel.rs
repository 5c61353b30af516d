//! The innermost loops, each written once: compiled as they are for any machine, and again for
//! machines with AVX2.
//!
//! Between the pass along a row and the pass down the rows, samples are kept less 128 and in 1/128:
//! sixteen bits hold them all.

use super::axis::UNIT;
use super::lean::{Plane, Walk};

/// Transparent black between the passes.
pub(super) const NOTHING: i16 = -128 * UNIT;

/// Samples of the frame that are made together.
pub(super) const LANES: usize = 8;

/// How many source samples lie in a block's reach.
pub(super) const REACH: usize = 16;

/// How eight neighbouring samples are made: of two source samples each, picked from the sixteen at
/// `base`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub(super) base: u32,
    pub(super) pick: [u8; REACH],
    pub(super) weigh: [u8; REACH],
}

/// How eight neighbouring samples are made of four source samples each: two picked from the sixteen at
/// the first base, two from those at the second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wide {
    pub(super) bases: [u32; 2],
    pub(super) picks: [[u8; REACH]; 2],
    pub(super) weights: [[i8; REACH]; 2],
}

/// What [`UNIT`] times a sample is more than what is kept of it.
const LESS: i16 = 128 * UNIT;

/// Which of the two compilations this machine runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kernel {
    /// The one for any machine.
    Plain,
    /// The one for AVX2: only [`Kernel::best`] makes it.
    #[cfg(target_arch = "x86_64")]
    Avx2(Proof),
}

/// That the machine was asked for AVX2 and has it.
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Proof(());

impl Default for Kernel {
    fn default() -> Self {
        Self::best()
    }
}

impl Kernel {
    /// The fastest that this machine can run. All give the same bytes.
    pub(crate) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Self::Avx2(Proof(()));
        }
        Self::Plain
    }
}

macro_rules! kernels {
    ($($(#[$doc:meta])* fn $name:ident($($arg:ident: $kind:ty),*);)*) => {
        impl Kernel {$(
            $(#[$doc])*
            pub(super) fn $name(self, $($arg: $kind),*) {
                match self {
                    Self::Plain => plain::$name($($arg),*),
                    #[cfg(target_arch = "x86_64")]
                    #[expect(unsafe_code, reason = "the proof says that the machine has AVX2")]
                    // SAFETY: `Proof` is made only after the machine was found to have AVX2.
                    Self::Avx2(Proof(())) => unsafe { avx2::$name($($arg),*) },
                }
            }
        )*}
    };
}

kernels! {
    /// Samples that stay as they are, brought to between the passes.
    fn widen(source: &[u8], out: &mut [i16]);
    /// Makes a row: a block for every eight samples.
    fn filter(blocks: &[Block], source: &[u8], out: &mut [i16]);
    /// Makes a row of four source samples each.
    fn filter_four(blocks: &[Wide], source: &[u8], out: &mut [i16]);
    /// Mixes two rows: `share` (in 1/32768) of `lower`.
    fn mix_two(upper: &[i16], lower: &[i16], share: i16, out: &mut [u8]);
    /// Mixes four rows by weights in 1/32768 that sum to 1.
    fn mix_four(rows: [&[i16]; 4], weights: [i16; 4], out: &mut [u8]);
    /// Lays premultiplied samples over others.
    fn over(base: &mut [u8], samples: &[u8], alpha: &[u8]);
    /// Lowers samples to `share` of 256.
    fn lower(samples: &mut [u8], share: u16);
    /// Mixes two rows by a share (of 256) of `other` for each sample.
    fn mix_by(base: &mut [u8], other: &[u8], shares: &[u16]);
    /// Makes samples between those of a plane, in 1/256. Every place lies between samples of the
    /// plane, four from its right edge and two from its bottom at least; others are 0.
    fn between(plane: Plane<'_>, walk: Walk, out: &mut [u16]);
}

#[expect(
    clippy::inline_always,
    reason = "`avx2` compiles these again, which takes that they are inlined there"
)]
mod plain {
    use super::{Block, LANES, LESS, Plane, REACH, UNIT, Walk, Wide};

    #[inline(always)]
    pub(super) fn widen(source: &[u8], out: &mut [i16]) {
        for (out, &sample) in out.iter_mut().zip(source) {
            *out = (i16::from(sample) - 128) << UNIT.trailing_zeros();
        }
    }

    pub(super) fn filter(blocks: &[Block], source: &[u8], out: &mut [i16]) {
        for (block, out) in blocks.iter().zip(out.chunks_mut(LANES)) {
            out.copy_from_slice(&pick(block, source)[..out.len()]);
        }
    }

    pub(super) fn filter_four(blocks: &[Wide], source: &[u8], out: &mut [i16]) {
        for (block, out) in blocks.iter().zip(out.chunks_mut(LANES)) {
            let [one, two] = [0, 1].map(|part| half(block, part, source));
            for (lane, out) in out.iter_mut().enumerate() {
                // The sum of both may be over sixteen bits: what is kept of it is not.
                *out = one[lane].wrapping_add(two[lane]).wrapping_sub(LESS);
            }
        }
    }

    fn half(block: &Wide, part: usize, source: &[u8]) -> [i16; LANES] {
        let reach = super::reach(source, block.bases[part]);
        let product = |at: usize| {
            let sample = reach[usize::from(block.picks[part][at]) % REACH];
            i16::from(sample) * i16::from(block.weights[part][at])
        };
        std::array::from_fn(|lane| product(2 * lane).saturating_add(product(2 * lane + 1)))
    }

    fn pick(block: &Block, source: &[u8]) -> [i16; LANES] {
        let reach = super::reach(source, block.base);
        let part = |at: usize| {
            let sample = i16::from(reach[usize::from(block.pick[at]) % REACH]) - 128;
            sample * i16::from(block.weigh[at])
        };
        std::array::from_fn(|lane| part(2 * lane) + part(2 * lane + 1))
    }

    /// `a · b` where `b` is in 1/32768, rounded.
    #[inline(always)]
    const fn scaled(a: i16, b: i16) -> i16 {
        ((((a as i32 * b as i32) >> 14) + 1) >> 1) as i16
    }

    /// From between the passes to a sample.
    #[inline(always)]
    fn finish(value: i16) -> u8 {
        // The largest that sixteen bits hold is just 255.
        (value.saturating_add(128 * UNIT + UNIT / 2).max(0) >> 7) as u8
    }

    #[inline(always)]
    pub(super) fn mix_two(upper: &[i16], lower: &[i16], share: i16, out: &mut [u8]) {
        for ((out, &upper), &lower) in out.iter_mut().zip(upper).zip(lower) {
            *out = finish(upper.wrapping_add(scaled(lower.wrapping_sub(upper), share)));
        }
    }

    #[inline(always)]
    pub(super) fn mix_four([a, b, c, d]: [&[i16]; 4], weights: [i16; 4], out: &mut [u8]) {
        let upper = a.iter().zip(b);
        let lower = c.iter().zip(d);
        for (out, ((&a, &b), (&c, &d))) in out.iter_mut().zip(upper.zip(lower)) {
            let upper = scaled(a, weights[0]).wrapping_add(scaled(b, weights[1]));
            let lower = scaled(c, weights[2]).wrapping_add(scaled(d, weights[3]));
            *out = finish(upper.wrapping_add(lower));
        }
    }

    #[inline(always)]
    pub(super) fn over(base: &mut [u8], samples: &[u8], alpha: &[u8]) {
        for ((base, &sample), &alpha) in base.iter_mut().zip(samples).zip(alpha) {
            // Exactly `base · (255 − alpha) / 255`, rounded: Blinn, "Three wrongs make a right", 1995.
            let rest = u16::from(*base) * (255 - u16::from(alpha)) + 128;
            let rest = (rest + (rest >> 8)) >> 8;
            *base = (rest as u8).saturating_add(sample);
        }
    }

    #[inline(always)]
    pub(super) fn lower(samples: &mut [u8], share: u16) {
        let share = share.min(256);
        for sample in samples {
            *sample = ((u16::from(*sample) * share + 128) >> 8) as u8;
        }
    }

    #[inline(always)]
    pub(super) fn mix_by(base: &mut [u8], other: &[u8], shares: &[u16]) {
        for ((base, &other), &share) in base.iter_mut().zip(other).zip(shares) {
            let sum = u16::from(*base) * (256 - share) + u16::from(other) * share;
            *base = ((sum + 128) >> 8) as u8;
        }
    }

    pub(super) fn between(plane: Plane<'_>, walk: Walk, out: &mut [u16]) {
        for (group, out) in out.chunks_mut(LANES).enumerate() {
            let [across, down] = super::lanes(walk.after(group * LANES));
            for (lane, out) in out.iter_mut().enumerate() {
                *out = one_between(plane, across[lane], down[lane]);
            }
        }
    }

    /// The sample at a place in 1/65536.
    pub(super) fn one_between(plane: Plane<'_>, x: i32, y: i32) -> u16 {
        let (left, top) = ((x >> 16) as usize, (y >> 16) as usize);
        let pair = |from: usize| {
            let pair = plane
                .samples
                .get(from..)
                .and_then(|rest| rest.first_chunk::<2>());
            pair.map_or([0, 0], |pair| pair.map(u32::from))
        };
        let start = top.wrapping_mul(plane.width).wrapping_add(left);
        let (across, down) = ((x >> 8 & 255) as u32, (y >> 8 & 255) as u32);
        let row = |[one, two]: [u32; 2]| one * (256 - across) + two * across;
        let upper = row(pair(start));
        let lower = row(pair(start.wrapping_add(plane.width)));
        ((upper * (256 - down) + lower * down + 128) >> 8) as u16
    }
}

/// The samples at `base`; where there are not as many, nothing.
fn reach(source: &[u8], base: u32) -> &[u8; REACH] {
    let rest = source.get(base as usize..);
    rest.and_then(|rest| rest.first_chunk())
        .unwrap_or(&[0; REACH])
}

/// Where eight neighbouring samples of a walk lie, in 1/65536: the first exactly, the others by
/// rounded steps.
pub(super) fn lanes(walk: Walk) -> [[i32; LANES]; 2] {
    [0, 1].map(|axis| {
        let (start, step) = (
            (walk.start[axis] >> 16) as i32,
            (walk.step[axis] >> 16) as i32,
        );
        std::array::from_fn(|lane| start.wrapping_add(step.wrapping_mul(lane as i32)))
    })
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m128i, __m256i, _mm_add_epi16, _mm_maddubs_epi16, _mm_set1_epi8, _mm_set1_epi16,
        _mm_shuffle_epi8, _mm_sub_epi16, _mm_xor_si128, _mm256_add_epi16, _mm256_add_epi32,
        _mm256_adds_epi16, _mm256_and_si256, _mm256_castsi256_si128, _mm256_extracti128_si256,
        _mm256_i32gather_epi32, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_mulhrs_epi16,
        _mm256_mullo_epi32, _mm256_or_si256, _mm256_packus_epi16, _mm256_permute4x64_epi64,
        _mm256_set1_epi16, _mm256_set1_epi32, _mm256_setr_m128i, _mm256_shuffle_epi8,
        _mm256_slli_epi32, _mm256_srai_epi16, _mm256_srai_epi32, _mm256_srli_epi32,
        _mm256_sub_epi32,
    };

    use super::{Block, LANES, LESS, Plane, UNIT, Walk, Wide, plain};

    macro_rules! again {
        ($($name:ident($($arg:ident: $kind:ty),*);)*) => {$(
            #[target_feature(enable = "avx2")]
            pub(super) fn $name($($arg: $kind),*) {
                plain::$name($($arg),*);
            }
        )*};
    }

    again! {
        widen(source: &[u8], out: &mut [i16]);
        mix_two(upper: &[i16], lower: &[i16], share: i16, out: &mut [u8]);
        over(base: &mut [u8], samples: &[u8], alpha: &[u8]);
        lower(samples: &mut [u8], share: u16);
        mix_by(base: &mut [u8], other: &[u8], shares: &[u16]);
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn filter(blocks: &[Block], source: &[u8], out: &mut [i16]) {
        for (block, out) in blocks.iter().zip(out.chunks_mut(LANES)) {
            store(pick(block, source), out);
        }
    }

    // No closures below: what takes one is compiled without AVX2 and calls it for every step.

    #[target_feature(enable = "avx2")]
    pub(super) fn filter_four(blocks: &[Wide], source: &[u8], out: &mut [i16]) {
        let less = _mm_set1_epi16(LESS);
        for (block, out) in blocks.iter().zip(out.chunks_mut(LANES)) {
            let one = *super::reach(source, block.bases[0]);
            let two = *super::reach(source, block.bases[1]);
            let reach = _mm256_setr_m128i(bytemuck::cast(one), bytemuck::cast(two));
            let picked = _mm256_shuffle_epi8(reach, bytemuck::cast(block.picks));
            // No weight is over 127 and no two over 128 together: sums of two stay within sixteen bits.
            let sums = _mm256_maddubs_epi16(picked, bytemuck::cast(block.weights));
            let sum = _mm_add_epi16(
                _mm256_castsi256_si128(sums),
                _mm256_extracti128_si256::<1>(sums),
            );
            store(_mm_sub_epi16(sum, less), out);
        }
    }

    /// Samples that are mixed together.
    const EACH: usize = 32;

    #[target_feature(enable = "avx2")]
    pub(super) fn mix_four(rows: [&[i16]; 4], weights: [i16; 4], out: &mut [u8]) {
        let by = [
            _mm256_set1_epi16(weights[0]),
            _mm256_set1_epi16(weights[1]),
            _mm256_set1_epi16(weights[2]),
            _mm256_set1_epi16(weights[3]),
        ];
        let (whole, rest) = out.as_chunks_mut::<EACH>();
        let (a, b) = (rows[0].as_chunks().0, rows[1].as_chunks().0);
        let (c, d) = (rows[2].as_chunks().0, rows[3].as_chunks().0);
        let done = whole.len() * EACH;
        for ((((out, a), b), c), d) in whole.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            let low = sixteen([a, b, c, d], 0, by);
            let high = sixteen([a, b, c, d], 1, by);
            // Packing works in halves of the register.
            let packed = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packus_epi16(low, high));
            *out = bytemuck::cast(packed);
        }
        let rows = rows.map(|row| &row[done.min(row.len())..]);
        plain::mix_four(rows, weights, rest);
    }

    /// The first or second half of the samples of four rows, mixed.
    #[target_feature(enable = "avx2")]
    fn sixteen(rows: [&[i16; EACH]; 4], half: usize, by: [__m256i; 4]) -> __m256i {
        let part = [
            bytemuck::cast::<_, [__m256i; 2]>(*rows[0])[half],
            bytemuck::cast::<_, [__m256i; 2]>(*rows[1])[half],
            bytemuck::cast::<_, [__m256i; 2]>(*rows[2])[half],
            bytemuck::cast::<_, [__m256i; 2]>(*rows[3])[half],
        ];
        let upper = _mm256_add_epi16(
            _mm256_mulhrs_epi16(part[0], by[0]),
            _mm256_mulhrs_epi16(part[1], by[1]),
        );
        let lower = _mm256_add_epi16(
            _mm256_mulhrs_epi16(part[2], by[2]),
            _mm256_mulhrs_epi16(part[3], by[3]),
        );
        let round = _mm256_set1_epi16(LESS + UNIT / 2);
        let sum = _mm256_adds_epi16(_mm256_add_epi16(upper, lower), round);
        _mm256_srai_epi16::<7>(sum)
    }

    #[target_feature(enable = "avx2")]
    fn pick(block: &Block, source: &[u8]) -> __m128i {
        // Sums stay within 128 · 128: the weights of a sample are at most 128 together.
        let less_128 = _mm_xor_si128(
            bytemuck::cast(*super::reach(source, block.base)),
            _mm_set1_epi8(i8::MIN),
        );
        let picked = _mm_shuffle_epi8(less_128, bytemuck::cast(block.pick));
        _mm_maddubs_epi16(bytemuck::cast(block.weigh), picked)
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn between(plane: Plane<'_>, walk: Walk, out: &mut [u16]) {
        for (group, out) in out.chunks_mut(LANES).enumerate() {
            let [across, down] = super::lanes(walk.after(group * LANES));
            let whole = out.first_chunk_mut::<LANES>();
            let (Some(whole), true) = (whole, are_inside(plane, across, down)) else {
                for (lane, out) in out.iter_mut().enumerate() {
                    *out = plain::one_between(plane, across[lane], down[lane]);
                }
                continue;
            };
            *whole = eight_between(plane, across, down);
        }
    }

    /// Whether four samples to the right of every place are in the plane, in its row and the next.
    fn are_inside(plane: Plane<'_>, across: [i32; LANES], down: [i32; LANES]) -> bool {
        let within = |places: [i32; LANES], side: usize, spare: i64| {
            // Steps are equal, so the ends are the extremes.
            [places[0], places[LANES - 1]]
                .iter()
                .all(|&place| place >= 0 && i64::from(place >> 16) + spare < side as i64)
        };
        plane.samples.len() >= plane.width.saturating_mul(plane.height)
            && plane.samples.len() < i32::MAX as usize
            && within(across, plane.width, 3)
            && within(down, plane.height, 1)
    }

    /// Eight samples between those of `plane`; [`are_inside`] must hold.
    #[target_feature(enable = "avx2")]
    fn eight_between(plane: Plane<'_>, across: [i32; LANES], down: [i32; LANES]) -> [u16; LANES] {
        let (x, y): (__m256i, __m256i) = (bytemuck::cast(across), bytemuck::cast(down));
        let width = _mm256_set1_epi32(plane.width as i32);
        let start = _mm256_add_epi32(
            _mm256_mullo_epi32(_mm256_srai_epi32::<16>(y), width),
            _mm256_srai_epi32::<16>(x),
        );
        let pairs = |start: __m256i| {
            #[expect(clippy::cast_ptr_alignment, reason = "a gather takes any address")]
            let samples = plane.samples.as_ptr().cast::<i32>();
            #[expect(unsafe_code, reason = "a gather reads by address")]
            // SAFETY: `are_inside` says that the four bytes from each place are in the plane.
            unsafe {
                _mm256_i32gather_epi32::<1>(samples, start)
            }
        };
        let (byte, whole) = (_mm256_set1_epi32(255), _mm256_set1_epi32(256));
        let part = |place: __m256i| _mm256_and_si256(_mm256_srai_epi32::<8>(place), byte);
        let (right, lower) = (part(x), part(y));
        // In each lane the weights of the two samples, sixteen bits each.
        let left = _mm256_sub_epi32(whole, right);
        let weights = _mm256_or_si256(left, _mm256_slli_epi32::<16>(right));
        let row = |pairs: __m256i| {
            let one = _mm256_and_si256(pairs, byte);
            let two = _mm256_and_si256(_mm256_slli_epi32::<8>(pairs), _mm256_set1_epi32(255 << 16));
            _mm256_madd_epi16(_mm256_or_si256(one, two), weights)
        };
        let above = _mm256_mullo_epi32(row(pairs(start)), _mm256_sub_epi32(whole, lower));
        let below = _mm256_mullo_epi32(row(pairs(_mm256_add_epi32(start, width))), lower);
        let sum = _mm256_add_epi32(_mm256_add_epi32(above, below), _mm256_set1_epi32(128));
        let values: [u32; LANES] = bytemuck::cast(_mm256_srli_epi32::<8>(sum));
        values.map(|value| value as u16)
    }

    #[target_feature(enable = "avx2")]
    fn store(samples: __m128i, out: &mut [i16]) {
        let samples: [i16; LANES] = bytemuck::cast(samples);
        match out.first_chunk_mut() {
            Some(out) => *out = samples,
            None => out.copy_from_slice(&samples[..out.len()]),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block() -> impl Strategy<Value = Block> {
        let pairs = prop::array::uniform8((0u8..=15, 0u8..=15, 0u8..=128));
        (0u32..60, pairs).prop_map(|(base, pairs)| {
            let mut block = Block {
                base,
                pick: [0; REACH],
                weigh: [0; REACH],
            };
            for (lane, (one, two, weight)) in pairs.into_iter().enumerate() {
                block.pick[2 * lane..][..2].copy_from_slice(&[one, two]);
                block.weigh[2 * lane..][..2].copy_from_slice(&[weight, 128 - weight]);
            }
            block
        })
    }

    /// Four weights for each sample that sum to [`UNIT`], some of them below 0.
    fn wide([one, two]: [Block; 2]) -> Wide {
        let weights = |lane: usize| {
            let weight = |block: &Block| i16::from(block.weigh[2 * lane]) * 5 / 4 - 20;
            let (main, other) = (weight(&one).min(127), weight(&two) / 8);
            [
                other,
                main - other,
                (UNIT - main) / 2,
                UNIT - main - (UNIT - main) / 2,
            ]
        };
        let lanes: [[i16; 4]; LANES] = std::array::from_fn(weights);
        let part = |at: usize| std::array::from_fn(|i| lanes[i / 2][2 * at + i % 2].min(127) as i8);
        Wide {
            bases: [one.base, two.base],
            picks: [one.pick, two.pick],
            weights: [part(0), part(1)],
        }
    }

    /// What a kernel writes into `length` samples of something.
    fn out<T: Copy + Default>(length: usize, write: impl Fn(&mut [T])) -> Vec<T> {
        let mut out = vec![T::default(); length];
        write(&mut out);
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn filters_are_alike(
            blocks in prop::collection::vec(block(), 10),
            source in prop::collection::vec(any::<u8>(), 70),
            length in 0usize..=80,
        ) {
            let best = Kernel::best();
            prop_assert_eq!(
                out(length, |out| best.filter(&blocks, &source, out)),
                out(length, |out| Kernel::Plain.filter(&blocks, &source, out))
            );
            let wide: Vec<_> = blocks.as_chunks().0.iter().map(|&pair| wide(pair)).collect();
            let length = length.min(40);
            prop_assert_eq!(
                out(length, |out| best.filter_four(&wide, &source, out)),
                out(length, |out| Kernel::Plain.filter_four(&wide, &source, out))
            );
        }

        #[test]
        fn rows_are_alike(
            rows in prop::array::uniform4(prop::collection::vec(-16384i16..=16256, 77)),
            at in 0i16..=32767, bytes in prop::collection::vec(any::<u8>(), 77), share in 0u16..=256,
        ) {
            let best = Kernel::best();
            prop_assert_eq!(
                out(77, |out| best.mix_two(&rows[0], &rows[1], at, out)),
                out(77, |out| Kernel::Plain.mix_two(&rows[0], &rows[1], at, out))
            );
            let weights = [at / 2, at - at / 2, (32767 - at) / 2, 32767 - at - (32767 - at) / 2];
            let four = || rows.each_ref().map(Vec::as_slice);
            prop_assert_eq!(
                out(77, |out| best.mix_four(four(), weights, out)),
                out(77, |out| Kernel::Plain.mix_four(four(), weights, out))
            );
            let write = |kernel: Kernel| {
                let mut base = bytes.clone();
                let alpha: Vec<u8> = rows[0].iter().map(|&value| value as u8).collect();
                let mut samples: Vec<u8> = rows[1].iter().map(|&value| value as u8).collect();
                kernel.lower(&mut samples, share);
                kernel.over(&mut base, &samples, &alpha);
                out(77, |out: &mut [i16]| kernel.widen(&base, out))
            };
            prop_assert_eq!(write(best), write(Kernel::Plain));
        }

        /// Wherever the places lie: in the plane, at its edges and far beyond.
        #[test]
        fn samples_between_are_alike(
            samples in prop::collection::vec(any::<u8>(), 40 * 30),
            start in prop::array::uniform2(-5i64 << 32..45 << 32),
            step in prop::array::uniform2(-2i64 << 32..2 << 32),
            other in prop::collection::vec(any::<u8>(), 77), shares in prop::collection::vec(0u16..=256, 77),
        ) {
            let plane = Plane { samples: &samples, width: 40, height: 30 };
            let walk = Walk { start, step };
            let best = Kernel::best();
            prop_assert_eq!(
                out(37, |out| best.between(plane, walk, out)),
                out(37, |out| Kernel::Plain.between(plane, walk, out))
            );
            let mixed = |kernel: Kernel| {
                let mut base = samples[..77].to_vec();
                kernel.mix_by(&mut base, &other, &shares);
                base
            };
            prop_assert_eq!(mixed(best), mixed(Kernel::Plain));
        }

        /// Samples, once blended by the exact quotient and once as the kernel does.
        #[test]
        fn over_is_exact(base in any::<u8>(), alpha in any::<u8>()) {
            let mut blended = [base];
            Kernel::best().over(&mut blended, &[0], &[alpha]);
            let exact = f64::from(base) * f64::from(255 - alpha) / 255.0;
            prop_assert_eq!(blended[0], exact.round() as u8);
        }
    }
}
