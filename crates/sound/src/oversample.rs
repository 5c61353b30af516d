//! Peaks between samples, found at 4 times the rate.

use crate::elementary::{cosine, sine};

/// Frames on either side of a point that its interpolation looks at.
pub(crate) const REACH: usize = 24;
/// Frames that one interpolation looks at.
const TAPS: usize = 2 * REACH;
/// Points between two frames.
const BETWEEN: usize = 3;
/// Frames looked at together.
const PIECE: usize = 64;
/// Frames whose sums are made side by side.
const ABREAST: usize = 8;

/// Bounds are wider by this part of the samples than they need be, for sums are rounded.
const ROUNDED: f64 = 1e-5;

/// Finds the largest absolute value in the quarter steps after each frame of interleaved stereo.
#[derive(Debug, Clone)]
pub(crate) struct Oversampler {
    filters: Filters,
    /// The last `TAPS - 1` frames and those of one piece, channel by channel.
    frames: [[f32; TAPS - 1 + PIECE]; 2],
}

impl Oversampler {
    /// Begins with silence.
    pub(crate) fn new() -> Self {
        Self {
            filters: Filters::new(),
            frames: [[0.0; TAPS - 1 + PIECE]; 2],
        }
    }

    /// Appends to `out` one peak a frame of `samples`: that of the step which begins [`REACH`]
    /// frames before it. A peak that is certainly no larger than `enough` may be given as 0.
    pub(crate) fn peaks(&mut self, samples: &[f32], enough: f32, out: &mut Vec<f32>) {
        for piece in samples.chunks(PIECE * 2) {
            let count = piece.len() / 2;
            let [left, right] = &mut self.frames;
            let new = left[TAPS - 1..].iter_mut().zip(&mut right[TAPS - 1..]);
            for ((left, right), frame) in new.zip(piece.as_chunks::<2>().0) {
                [*left, *right] = *frame;
            }
            let from = out.len();
            out.resize(from + count, 0.0);
            for frames in &mut self.frames {
                self.filters.raise(&mut out[from..], frames, enough);
                frames.copy_within(count..count + TAPS - 1, 0);
            }
        }
    }
}

/// What interpolates between two frames, and how far its results may go.
#[derive(Debug, Clone)]
struct Filters {
    /// Their taps, side by side.
    taps: [[f32; BETWEEN]; TAPS],
    /// No interpolation is larger than this times the largest sample it looks at.
    most: f32,
    /// Nor does it go beyond the larger of the two samples around it by more than this times the
    /// largest second difference: what is low is nearly straight between two samples.
    bend: f32,
}

impl Filters {
    fn new() -> Self {
        let mut filters = [[0.0; BETWEEN]; TAPS];
        let (mut most, mut bend) = (1.0f64, 0.0f64);
        for n in 0..BETWEEN {
            let part = (n + 1) as f64 / (BETWEEN + 1) as f64;
            let taps = windowed_sinc(part);
            most = most.max(taps.iter().map(|tap| tap.abs()).sum());
            bend = bend.max(bend_of(&taps, part));
            for (out, tap) in filters.iter_mut().zip(taps) {
                out[n] = tap as f32;
            }
        }
        Self {
            taps: filters,
            most: (most + ROUNDED) as f32,
            bend: bend as f32,
        }
    }

    /// Raises `peaks` to those of one channel, where they may be larger than `enough`.
    fn raise(&self, peaks: &mut [f32], frames: &[f32; TAPS - 1 + PIECE], enough: f32) {
        let seen = &frames[..TAPS - 1 + peaks.len()];
        let most = largest(seen);
        if most * self.most <= enough {
            return;
        }
        let beyond = self.bend * largest_bend(seen) + most * ROUNDED as f32;
        for (n, peaks) in peaks.chunks_mut(ABREAST).enumerate() {
            let from = n * ABREAST;
            let around = &frames[from + REACH - 1..from + REACH + ABREAST];
            if largest(around) + beyond > enough {
                self.raise_few(peaks, &frames[from..from + TAPS - 1 + ABREAST]);
            }
        }
    }

    /// The same for [`ABREAST`] peaks, whatever they are. Frames side by side and taps one after the
    /// other, so that sums stay in registers and are always made in the same order.
    fn raise_few(&self, peaks: &mut [f32], frames: &[f32]) {
        let mut sums = [[0.0f32; ABREAST]; BETWEEN];
        for (taps, samples) in self.taps.iter().zip(frames.windows(ABREAST)) {
            for (sums, tap) in sums.iter_mut().zip(taps) {
                for (sum, sample) in sums.iter_mut().zip(samples) {
                    *sum += sample * tap;
                }
            }
        }
        for values in sums
            .iter()
            .map(<[f32; ABREAST]>::as_slice)
            .chain([&frames[REACH - 1..]])
        {
            for (peak, value) in peaks.iter_mut().zip(values) {
                *peak = peak.max(value.abs());
            }
        }
    }
}

/// The largest absolute value. Eight side by side, each chosen as the processor's own instruction does.
fn largest(values: &[f32]) -> f32 {
    let (eights, rest) = values.as_chunks::<8>();
    let mut most = [0.0f32; 8];
    for eight in eights {
        for (most, value) in most.iter_mut().zip(eight) {
            let value = value.abs();
            *most = if value > *most { value } else { *most };
        }
    }
    most.iter()
        .chain(rest)
        .fold(0.0, |most: f32, value| most.max(value.abs()))
}

/// The largest absolute second difference.
fn largest_bend(values: &[f32]) -> f32 {
    let mut bends = [0.0; TAPS - 1 + PIECE];
    let after = &values[2..];
    for (bend, ((a, b), c)) in bends
        .iter_mut()
        .zip(values.iter().zip(&values[1..]).zip(after))
    {
        *bend = a - 2.0 * b + c;
    }
    largest(&bends[..after.len()])
}

/// The sum of the absolute weights that second differences have in an interpolation, over a straight
/// line between its two middle samples: a filter that keeps straight lines is that line and a sum of
/// second differences.
fn bend_of(taps: &[f64; TAPS], part: f64) -> f64 {
    let (mut slope, mut weight, mut sum) = (0.0, 0.0, 0.0f64);
    for (n, tap) in taps.iter().enumerate() {
        let line = match n {
            n if n == REACH - 1 => 1.0 - part,
            n if n == REACH => part,
            _ => 0.0,
        };
        slope += tap - line;
        weight += slope;
        sum += weight.abs();
    }
    sum
}

/// The taps that interpolate `part` of a frame after the window's frame `REACH - 1`: a sinc under
/// a Hann window, scaled to pass a constant unchanged.
fn windowed_sinc(part: f64) -> [f64; TAPS] {
    let mut taps = [0.0; TAPS];
    for (n, tap) in taps.iter_mut().enumerate() {
        let x = n as f64 - (REACH - 1) as f64 - part;
        let turn = x / (2.0 * REACH as f64);
        let window = 0.5 + 0.5 * cosine(turn);
        *tap = window * sine(x / 2.0) / (std::f64::consts::PI * x);
    }
    let sum: f64 = taps.iter().sum();
    taps.map(|tap| tap / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Loud and low, loud and high, quiet, and with all peaks between samples; with clicks: a second of each.
    fn stereo() -> Vec<f32> {
        let at = |n: usize| {
            let turn = n as f64 / 48_000.0;
            let tones = [(0.9, 90.0), (0.9, 17_000.0), (0.2, 3000.0), (0.9, 12_000.0)];
            let (level, pitch) = tones[n / 48_000];
            let click = if n.is_multiple_of(5000) { 0.3 } else { 0.0 };
            (level * sine(turn * pitch + 0.125) + click) as f32
        };
        (0..192_000)
            .flat_map(|n| [at(n), 0.7 * at((n + 777) % 192_000)])
            .collect()
    }

    #[test]
    fn what_is_not_looked_at_is_no_larger_than_enough() {
        let samples = stereo();
        let all = |enough: f32| {
            let mut peaks = Vec::new();
            Oversampler::new().peaks(&samples, enough, &mut peaks);
            peaks
        };
        let exact = all(-1.0);
        assert!(exact.iter().any(|peak| *peak > 1.0));
        for enough in [0.1, 0.5, 0.8, 0.89, 0.9, 0.91, 1.0, 1.2] {
            let peaks = all(enough);
            let pairs = peaks.iter().zip(&exact);
            assert!(pairs.clone().all(|(peak, exact)| {
                if *exact > enough {
                    peak.to_bits() == exact.to_bits()
                } else {
                    *peak <= *exact
                }
            }));
            let spared = peaks.iter().filter(|peak| **peak <= 0.0).count();
            assert!(enough < 0.89 || spared > 80_000, "{spared} at {enough}");
        }
    }

    #[test]
    fn bounds_hold_and_are_no_wider_than_needed() {
        let filters = Filters::new();
        assert!((2.7..2.8).contains(&filters.most) && (0.5..0.55).contains(&filters.bend));
        // A straight line stays one, or its second differences would not bound what lies beside it.
        for part in [0.25, 0.5, 0.75] {
            let taps = windowed_sinc(part);
            let place = |(n, tap): (usize, &f64)| n as f64 * tap;
            let at: f64 = taps.iter().enumerate().map(place).sum();
            assert!((at - (REACH - 1) as f64 - part).abs() < 1e-9, "{at}");
        }
    }
}
