//! Integrated loudness by ITU-R BS.1770: weighted by frequency, squared, gated.
//!
//! Both channels go through together, and the sums of the four blocks that overlap run side by side:
//! all of it waits for the filter alone. Every sum is made in the order in which `ebur128` makes it,
//! so that a loudness is the same to the bit, and nothing that was levelled by one is made again.

/// Frames in a quarter of a block: blocks of 400 ms begin every 100 ms.
const QUARTER: usize = 4800;
const BLOCK: usize = 4 * QUARTER;

/// The weighting at 48 kHz, a shelf and a high pass in one: its numerator.
const NUMERATOR: [f64; 5] = [
    1.535_124_859_586_970_2,
    -5.761_945_908_580_321,
    8.116_910_049_252_581,
    -5.088_481_811_112_08,
    1.198_392_810_852_85,
];
/// Its denominator, but for the first 1.
const DENOMINATOR: [f64; 4] = [
    -3.680_706_748_016_39,
    5.087_045_247_971_131,
    -3.131_546_351_446_730_5,
    0.725_208_888_477_870_5,
];
/// The power of −70 LUFS: blocks under it are silence.
const SILENCE: f64 = 1.172_465_304_582_298_1e-7;
/// 10 LU under the mean: what is quieter does not count.
const RELATIVE: f64 = 0.1;
/// Numbers of the filter under this no longer make themselves felt, and smaller ones would be slow.
const FADED: f64 = 1e-200;

/// One number for each channel.
type Pair = [f64; 2];

/// Measures the loudness of interleaved stereo. Memory grows by 80 bytes a second.
#[derive(Debug, Clone)]
pub(super) struct Gated {
    /// What the filter remembers, the latest first.
    state: [Pair; 4],
    /// The squares of the last block's frames, each at its place in the round of four quarters.
    squares: Vec<Pair>,
    /// The place in that round.
    at: usize,
    /// The blocks that end in this round: each is summed in the round's order, so those that end
    /// sooner have the round before behind their end.
    sums: [Pair; 4],
    /// A round is over, so there is one behind every block.
    full: bool,
    /// The power of every block that is not silent.
    powers: Vec<f64>,
}

impl Gated {
    pub(super) fn new() -> Self {
        Self {
            state: [[0.0; 2]; 4],
            squares: vec![[0.0; 2]; BLOCK],
            at: 0,
            sums: [[0.0; 2]; 4],
            full: false,
            powers: Vec::new(),
        }
    }

    /// Takes the next whole frames.
    pub(super) fn add(&mut self, samples: &[f32]) {
        let mut frames = samples.as_chunks::<2>().0;
        while !frames.is_empty() {
            let left = QUARTER - self.at % QUARTER;
            let piece;
            (piece, frames) = frames.split_at(left.min(frames.len()));
            match self.at / QUARTER {
                0 => self.sum::<1>(piece),
                1 => self.sum::<2>(piece),
                2 => self.sum::<3>(piece),
                _ => self.sum::<4>(piece),
            }
            self.at += piece.len();
            if self.at.is_multiple_of(QUARTER) {
                self.end_quarter();
            }
        }
    }

    /// Adds frames within a quarter to the sums of `SUMS` blocks: the last of them has these frames, and
    /// the others have those of the round before.
    fn sum<const SUMS: usize>(&mut self, frames: &[[f32; 2]]) {
        let mut state = self.state;
        let mut sums: [Pair; SUMS] = std::array::from_fn(|n| self.sums[n]);
        let squares = &mut self.squares[self.at..];
        for (frame, square) in frames.iter().zip(squares) {
            let before = *square;
            for c in 0..2 {
                let out = weigh(&mut state, c, frame[c]);
                square[c] = out * out;
            }
            for sum in &mut sums[..SUMS - 1] {
                *sum = [sum[0] + before[0], sum[1] + before[1]];
            }
            let last = &mut sums[SUMS - 1];
            *last = [last[0] + square[0], last[1] + square[1]];
        }
        let faded = |x: f64| if x.abs() < FADED { 0.0 } else { x };
        self.state = state.map(|pair| pair.map(faded));
        self.sums[..SUMS].copy_from_slice(&sums);
    }

    fn end_quarter(&mut self) {
        let quarter = self.at / QUARTER;
        if quarter < 4 {
            // The next block has the same behind it as this one.
            self.sums[quarter] = self.sums[quarter - 1];
            return;
        }
        let first = if self.full { 0 } else { 3 };
        for sum in &self.sums[first..] {
            keep(&mut self.powers, *sum);
        }
        self.full = true;
        self.sums[0] = [0.0; 2];
        self.at = 0;
    }

    /// The loudness so far, in LUFS; nothing for silence and for less than 400 ms.
    pub(super) fn integrated(&self) -> Option<f64> {
        let mut powers = self.powers.clone();
        if self.full {
            // Blocks that have ended and wait for the rest of the round before.
            for sum in &self.sums[..self.at / QUARTER] {
                let rest = self.squares[self.at..].iter();
                let sum = rest.fold(*sum, |sum, square| [sum[0] + square[0], sum[1] + square[1]]);
                keep(&mut powers, sum);
            }
        }
        let mean = powers.iter().sum::<f64>() / powers.len() as f64;
        let loud = powers.iter().filter(|power| **power >= mean * RELATIVE);
        let (count, sum) = loud.fold((0u64, 0.0), |(count, sum), power| (count + 1, sum + power));
        (count > 0).then(|| 10.0 * (sum / count as f64).log10() - 0.691)
    }
}

/// One sample of a channel, weighted.
#[inline]
fn weigh(state: &mut [Pair; 4], c: usize, sample: f32) -> f64 {
    let [one, two, three, four] = state.map(|pair| pair[c]);
    let now = f64::from(sample)
        - DENOMINATOR[0] * one
        - DENOMINATOR[1] * two
        - DENOMINATOR[2] * three
        - DENOMINATOR[3] * four;
    (state[3][c], state[2][c], state[1][c], state[0][c]) = (three, two, one, now);
    NUMERATOR[0] * now
        + NUMERATOR[1] * one
        + NUMERATOR[2] * two
        + NUMERATOR[3] * three
        + NUMERATOR[4] * four
}

/// Keeps the power of a block whose squares were summed, unless it is silent.
fn keep(powers: &mut Vec<f64>, sum: Pair) {
    let power = (sum[0] + sum[1]) / BLOCK as f64;
    if power >= SILENCE {
        powers.push(power);
    }
}

#[cfg(test)]
mod tests {
    use ebur128::{EbuR128, Mode};

    use super::*;

    /// Noise whose level goes up and down, with silences, different in the two channels.
    fn noise(seed: u32, frames: usize) -> Vec<f32> {
        let mut state = seed | 1;
        let mut level = 0.0;
        let mut samples = Vec::with_capacity(frames * 2);
        for n in 0..frames * 2 {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            if n.is_multiple_of(7001) {
                level = [0.0, 0.001, 0.03, 0.5, 1.1][state as usize % 5];
            }
            samples.push(level * (state as f32 / u32::MAX as f32 - 0.5));
        }
        samples
    }

    fn by_ebur128(samples: &[f32]) -> Option<f64> {
        let mut meter = EbuR128::new(2, 48_000, Mode::I).unwrap();
        meter.add_frames_f32(samples).unwrap();
        Some(meter.loudness_global().unwrap()).filter(|loudness| loudness.is_finite())
    }

    #[test]
    fn every_loudness_is_that_of_ebur128_to_the_bit() {
        for (seed, frames) in [
            (1, 19_199),
            (2, 19_200),
            (3, 24_000),
            (4, 38_399),
            (5, 40_001),
            (6, 250_000),
            (7, 431_999),
            (8, 432_000),
        ] {
            let samples = noise(seed, frames);
            let wanted = by_ebur128(&samples);
            for block in [1, 333, 4800, 9600, 100_000] {
                let mut gated = Gated::new();
                samples.chunks(block * 2).for_each(|block| gated.add(block));
                assert_eq!(
                    gated.integrated().map(f64::to_bits),
                    wanted.map(f64::to_bits),
                    "{frames} frames, {block} at a time: {:?}, {wanted:?}",
                    gated.integrated()
                );
            }
        }
    }

    #[test]
    fn mono_counts_as_heard_from_both_channels() {
        let mono = noise(9, 60_000);
        let mut meter = EbuR128::new(1, 48_000, Mode::I).unwrap();
        meter.set_channel(0, ebur128::Channel::DualMono).unwrap();
        meter.add_frames_f32(&mono).unwrap();
        let mut gated = Gated::new();
        let both: Vec<f32> = mono.iter().flat_map(|sample| [*sample; 2]).collect();
        gated.add(&both);
        let wanted = meter.loudness_global().unwrap();
        assert_eq!(gated.integrated().map(f64::to_bits), Some(wanted.to_bits()));
    }

    #[test]
    fn silence_and_short_sounds_have_no_loudness() {
        let mut gated = Gated::new();
        gated.add(&noise(3, 60_000)[..2 * 19_199]);
        assert_eq!(gated.integrated(), None);
        let mut gated = Gated::new();
        gated.add(&vec![0.0; 96_000]);
        assert_eq!(gated.integrated(), None);
    }
}
