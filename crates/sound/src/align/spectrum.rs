//! What is heard in every frame: logarithms of the energy in bands of the mel scale.

use std::f64::consts::{LN_10, LOG2_10};
use std::sync::Arc;

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlannerScalar};

use super::frames::{Frames, log};
use super::{HOP, RATE};
use crate::elementary::{cosine, exp2, ln};

/// Points of the transform.
const POINTS: usize = 512;
/// The lowest and the highest frequency, in Hz.
const BAND: (f32, f32) = (60.0, 7600.0);
/// How much of the sample before is taken away: what brings up the high frequencies.
const EMPHASIS: f32 = 0.97;

/// How a sound is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    /// Samples of the window.
    pub(super) window: usize,
    /// Bands of the mel scale.
    pub(super) bands: usize,
    /// What is added to a band's energy.
    pub(super) floor: f32,
}

/// The logarithms of the bands' energies, and of the whole energy, of every frame; frames are
/// centred on multiples of [`HOP`] samples.
pub(super) fn log_mel(samples: &[f32], view: View) -> (Frames, Vec<f32>) {
    let count = 1 + samples.len().div_ceil(HOP);
    let mut out = Frames::zeros(view.bands, count);
    let mut energies = vec![0.0; count];
    let mut spectrum = Spectrum::new(view);
    let mut first = 0;
    while first < count {
        spectrum.load(samples, first);
        for (half, index) in (first..count).take(2).enumerate() {
            energies[index] = log(spectrum.energies[half] + 1e-10);
            spectrum.bands(half, out.row_mut(index));
        }
        first += 2;
    }
    (out, energies)
}

/// Two frames at once: one is the transform's real part, the other its imaginary part.
struct Spectrum {
    view: View,
    fft: Arc<dyn Fft<f32>>,
    window: Vec<f32>,
    filters: Vec<(usize, Vec<f32>)>,
    /// The samples of both frames.
    stretch: Vec<f32>,
    buffer: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    power: [Vec<f32>; 2],
    energies: [f32; 2],
}

impl Spectrum {
    fn new(view: View) -> Self {
        // The planner without vector instructions: the same bits on every machine.
        let fft = FftPlannerScalar::new().plan_fft_forward(POINTS);
        let last = (view.window - 1) as f64;
        let hamming = |n: usize| (0.54 - 0.46 * cosine(n as f64 / last)) as f32;
        Self {
            view,
            window: (0..view.window).map(hamming).collect(),
            filters: filters(view.bands),
            stretch: vec![0.0; view.window + HOP],
            buffer: vec![Complex::default(); POINTS],
            scratch: vec![Complex::default(); fft.get_inplace_scratch_len()],
            power: [vec![0.0; POINTS / 2 + 1], vec![0.0; POINTS / 2 + 1]],
            energies: [0.0; 2],
            fft,
        }
    }

    /// Transforms the frames `first` and `first + 1`.
    fn load(&mut self, samples: &[f32], first: usize) {
        let half = self.view.window / 2;
        emphasise(samples, (first * HOP, half), &mut self.stretch);
        self.energies = [0.0; 2];
        self.buffer.fill(Complex::default());
        let (lefts, rights) = (&self.stretch, &self.stretch[HOP..]);
        let pairs = lefts.iter().zip(rights).zip(&self.window);
        for (((left, right), weight), out) in pairs.zip(&mut self.buffer) {
            let (left, right) = (left * weight, right * weight);
            self.energies[0] += left * left;
            self.energies[1] += right * right;
            *out = Complex::new(left, right);
        }
        self.energies = self.energies.map(|sum| sum / self.view.window as f32);
        self.fft
            .process_with_scratch(&mut self.buffer, &mut self.scratch);
        for bin in 0..=POINTS / 2 {
            let here = self.buffer[bin];
            let there = self.buffer[(POINTS - bin) % POINTS].conj();
            self.power[0][bin] = (here + there).norm_sqr() / 4.0;
            self.power[1][bin] = (here - there).norm_sqr() / 4.0;
        }
    }

    fn bands(&self, half: usize, out: &mut [f32]) {
        for (out, (from, weights)) in out.iter_mut().zip(&self.filters) {
            let bins = &self.power[half][*from..][..weights.len()];
            let energy: f32 = bins
                .iter()
                .zip(weights)
                .map(|(power, weight)| power * weight)
                .sum();
            *out = log(energy + self.view.floor);
        }
    }
}

/// Fills `out` with samples from `at` − `before` on, each less a part of the one before it; zeros
/// where there are none.
fn emphasise(samples: &[f32], (at, before): (usize, usize), out: &mut [f32]) {
    let lead = before.saturating_sub(at).min(out.len());
    let (silent, out) = out.split_at_mut(lead);
    silent.fill(0.0);
    let from = (at + lead).saturating_sub(before).min(samples.len());
    let count = out.len().min(samples.len() - from);
    let (heard, silent) = out.split_at_mut(count);
    silent.fill(0.0);
    let mut last = from.checked_sub(1).map_or(0.0, |before| samples[before]);
    for (out, sample) in heard.iter_mut().zip(&samples[from..]) {
        *out = sample - EMPHASIS * last;
        last = *sample;
    }
}

/// Triangles whose corners are even on the mel scale of HTK, 2595·log10(1 + f/700): the first bin and
/// the weights from there on.
fn filters(bands: usize) -> Vec<(usize, Vec<f32>)> {
    let mel = |hertz: f64| 2595.0 * ln(1.0 + hertz / 700.0) / LN_10;
    let hertz = |mel: f64| 700.0 * (exp2(mel / 2595.0 * LOG2_10) - 1.0);
    let (low, high) = (mel(f64::from(BAND.0)), mel(f64::from(BAND.1)));
    let corner = |n: usize| hertz(low + (high - low) * n as f64 / (bands + 1) as f64) as f32;
    (0..bands)
        .map(|band| {
            let (a, b, c) = (corner(band), corner(band + 1), corner(band + 2));
            let weight = |bin: usize| {
                let f = bin as f32 * RATE as f32 / POINTS as f32;
                ((f - a) / (b - a)).min((c - f) / (c - b)).max(0.0)
            };
            let inside = |bin: &usize| weight(*bin) > 0.0;
            let first = (0..=POINTS / 2).find(inside).unwrap_or(0);
            (
                first,
                (first..=POINTS / 2)
                    .take_while(inside)
                    .map(weight)
                    .collect(),
            )
        })
        .collect()
}

/// The first `kept` coefficients of the bands' cosine transform (DCT-II, orthonormal but for the first).
pub(super) fn cepstra(bands: &Frames, kept: usize) -> Frames {
    let width = bands.width();
    let scale = (2.0 / width as f32).sqrt();
    let turn = |k: usize, n: usize| cosine(k as f64 * (n as f64 + 0.5) / width as f64 / 2.0) as f32;
    let table: Vec<Vec<f32>> = (0..kept)
        .map(|k| (0..width).map(|n| turn(k, n) * scale).collect())
        .collect();
    let mut values = Vec::with_capacity(kept * bands.count());
    for row in bands.rows() {
        values.extend(
            table
                .iter()
                .map(|weights| crate::resample::dot(weights, row)),
        );
    }
    Frames::new(kept, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32, seconds: f32) -> Vec<f32> {
        let count = (RATE as f32 * seconds) as usize;
        let phase = |n: usize| std::f32::consts::TAU * hertz * n as f32 / RATE as f32;
        (0..count).map(|n| 0.3 * phase(n).sin()).collect()
    }

    #[test]
    fn a_tone_is_loudest_in_its_own_band() {
        let view = View {
            window: 400,
            bands: 40,
            floor: 1e-7,
        };
        let loudest = |hertz: f32| {
            let (mel, _) = log_mel(&tone(hertz, 0.2), view);
            // An odd frame and an even one are the two halves of a transform.
            let of = |row: &[f32]| (0..40).max_by(|a, b| row[*a].total_cmp(&row[*b]));
            assert_eq!(of(mel.row(20)), of(mel.row(21)));
            of(mel.row(20))
        };
        assert!(loudest(200.0) < loudest(1000.0));
        assert!(loudest(1000.0) < loudest(5000.0));
    }

    #[test]
    fn the_two_halves_of_a_transform_are_kept_apart() {
        let view = View {
            window: 400,
            bands: 40,
            floor: 1e-7,
        };
        let mut sound = vec![0.0; 8000];
        sound.extend(tone(1000.0, 0.5));
        let (mel, energies) = log_mel(&sound, view);
        let (edge, last) = (8000 / HOP, mel.count() - 20);
        assert!(energies[edge - 4] < -20.0 && energies[last] > -8.0);
        assert!(
            mel.rows()
                .take(edge - 4)
                .all(|row| row.iter().all(|band| *band < -15.9))
        );
    }
}
