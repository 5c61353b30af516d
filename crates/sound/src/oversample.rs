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

/// Finds the largest absolute value in the quarter steps after each frame of interleaved stereo.
#[derive(Debug, Clone)]
pub(crate) struct Oversampler {
    /// The taps of the filters, side by side.
    filters: [[f32; BETWEEN]; TAPS],
    /// No interpolation is larger than this times the largest sample it looks at.
    most: f32,
    /// The last `TAPS - 1` frames and those of one piece, channel by channel.
    frames: [[f32; TAPS - 1 + PIECE]; 2],
}

impl Oversampler {
    /// Begins with silence.
    pub(crate) fn new() -> Self {
        let mut filters = [[0.0; BETWEEN]; TAPS];
        let mut most: f64 = 1.0;
        for n in 0..BETWEEN {
            let taps = windowed_sinc((n + 1) as f64 / (BETWEEN + 1) as f64);
            most = most.max(taps.iter().map(|tap| tap.abs()).sum());
            for (out, tap) in filters.iter_mut().zip(taps) {
                out[n] = tap as f32;
            }
        }
        Self {
            filters,
            most: most as f32,
            frames: [[0.0; TAPS - 1 + PIECE]; 2],
        }
    }

    /// Appends to `out` one peak a frame of `samples`: that of the step which begins [`REACH`]
    /// frames before it. A peak that is certainly no larger than `enough` may be given as 0.
    pub(crate) fn peaks(&mut self, samples: &[f32], enough: f32, out: &mut Vec<f32>) {
        for piece in samples.chunks(PIECE * 2) {
            let count = piece.len() / 2;
            for (c, frames) in self.frames.iter_mut().enumerate() {
                for (n, frame) in piece.chunks_exact(2).enumerate() {
                    frames[TAPS - 1 + n] = frame[c];
                }
            }
            let largest = self.frames.iter().flat_map(|f| &f[..TAPS - 1 + count]);
            let largest = largest.fold(0.0f32, |peak, s| peak.max(s.abs()));
            if largest * self.most <= enough {
                out.extend(std::iter::repeat_n(0.0, count));
            } else {
                out.extend_from_slice(&self.piece_peaks()[..count]);
            }
            for frames in &mut self.frames {
                frames.copy_within(count..count + TAPS - 1, 0);
            }
        }
    }

    /// The peaks of a whole piece. Some frames side by side and taps one after the other, so that sums
    /// stay in registers and are always made in the same order.
    fn piece_peaks(&self) -> [f32; PIECE] {
        let mut peaks = [0.0f32; PIECE];
        for frames in &self.frames {
            for (peak, sample) in peaks.iter_mut().zip(&frames[REACH - 1..]) {
                *peak = peak.max(sample.abs());
            }
            for (n, peaks) in peaks.as_chunks_mut::<ABREAST>().0.iter_mut().enumerate() {
                let mut sums = [[0.0f32; ABREAST]; BETWEEN];
                let from = n * ABREAST;
                let near = &frames[from..from + TAPS - 1 + ABREAST];
                for (taps, samples) in self.filters.iter().zip(near.windows(ABREAST)) {
                    for (sums, tap) in sums.iter_mut().zip(taps) {
                        for (sum, sample) in sums.iter_mut().zip(samples) {
                            *sum += sample * tap;
                        }
                    }
                }
                for sums in &sums {
                    for (peak, sum) in peaks.iter_mut().zip(sums) {
                        *peak = peak.max(sum.abs());
                    }
                }
            }
        }
        peaks
    }
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
