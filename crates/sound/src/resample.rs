//! Other rates to 48 kHz.

use workprint_model::SAMPLE_RATE;

use crate::SoundError;
use crate::elementary::sine;

/// Zero crossings of the sinc on either side.
const CROSSINGS: f64 = 32.0;
/// The same for sound that is only looked at.
const FEW_CROSSINGS: f64 = 9.0;
/// Shape of the Kaiser window: about 100 dB down outside the band.
const BETA: f64 = 10.0;
/// The band's edge, as a part of the lower rate's half.
const EDGE: f64 = 0.94;

/// Resamples mono to 48 kHz.
///
/// `from` is 1000 to 192,000 samples a second. The result has exactly
/// `round(mono.len() · 48000 / from)` samples, and what was at sample `n` is at `n · 48000 / from`:
/// no delay. A windowed sinc, flat to 0.9 of the band and about 100 dB down beyond it, computed
/// with operations that are the same on every machine. Samples that are no numbers become 0.
pub fn resample(mono: &[f32], from: u32) -> Result<Vec<f32>, SoundError> {
    if !(1000..=192_000).contains(&from) {
        return Err(SoundError::Rate { rate: from });
    }
    Ok(convert(
        mono.iter().copied(),
        (from, SAMPLE_RATE),
        CROSSINGS,
        |taps, window| {
            let products = taps.iter().zip(window);
            let sum: f64 = products
                .map(|(tap, s)| f64::from(*tap) * f64::from(*s))
                .sum();
            sum as f32
        },
    ))
}

/// Resamples mono to `to` samples a second for what only looks at it: flat to two thirds of the
/// band and about 60 dB down beyond it, and a good deal faster than [`resample`].
pub(crate) fn resample_roughly(
    mono: impl ExactSizeIterator<Item = f32>,
    from: u32,
    to: u32,
) -> Result<Vec<f32>, SoundError> {
    if !(1000..=192_000).contains(&from) {
        return Err(SoundError::Rate { rate: from });
    }
    Ok(convert(mono, (from, to), FEW_CROSSINGS, dot))
}

/// `sum` weighs the samples around a place, which it gets with as many more as there are.
fn convert(
    mono: impl ExactSizeIterator<Item = f32>,
    (from, to): (u32, u32),
    crossings: f64,
    sum: impl Fn(&[f32], &[f32]) -> f32,
) -> Vec<f32> {
    let clean = |sample: f32| if sample.abs() <= 1024.0 { sample } else { 0.0 };
    let count = mono.len();
    if from == to {
        return mono.map(clean).collect();
    }
    let (step, phases) = (u64::from(from), u64::from(to));
    let length = (count as u64 * phases + step / 2) / step;
    let divisor = gcd(step, phases);
    let (step, phases) = (step / divisor, phases / divisor);
    let kernel = Kernel::new((from, to), phases, crossings);
    let pad = kernel.reach as usize;
    let mut padded = Vec::with_capacity(count + 2 * pad + 2);
    padded.resize(pad, 0.0);
    padded.extend(mono.map(clean));
    padded.resize(count + 2 * pad + 2, 0.0);
    let at = |n: u64| {
        let place = n * step;
        let taps = kernel.taps(place % phases);
        sum(taps, &padded[(place / phases) as usize + 1..])
    };
    (0..length).map(at).collect()
}

/// The sum of products, in eight sums that run side by side.
pub(crate) fn dot(left: &[f32], right: &[f32]) -> f32 {
    let (lefts, left_rest) = left.as_chunks::<8>();
    let (rights, _) = right.as_chunks::<8>();
    let mut sums = [0.0f32; 8];
    for (left, right) in lefts.iter().zip(rights) {
        for ((sum, left), right) in sums.iter_mut().zip(left).zip(right) {
            *sum += left * right;
        }
    }
    let rest = left_rest.iter().zip(&right[lefts.len() * 8..]);
    let rest: f32 = rest.map(|(left, right)| left * right).sum();
    total(sums) + rest
}

/// The sum of eight numbers.
pub(crate) fn total(sums: [f32; 8]) -> f32 {
    let pair = |n: usize| sums[n] + sums[n + 4];
    (pair(0) + pair(1)) + (pair(2) + pair(3))
}

const fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The interpolation for every place between two samples that occurs.
struct Kernel {
    /// Samples on either side.
    reach: u64,
    taps: Vec<f32>,
}

impl Kernel {
    fn new((from, to): (u32, u32), phases: u64, crossings: f64) -> Self {
        let band = f64::from(to.min(from)) / f64::from(from) * EDGE;
        let reach = (crossings / band).ceil() as u64;
        let mut taps = Vec::with_capacity((phases * reach * 2) as usize);
        let middle = bessel(BETA);
        for phase in 0..phases {
            let part = phase as f64 / phases as f64;
            let values: Vec<f64> = (0..2 * reach)
                .map(|n| {
                    let x = n as f64 + 1.0 - reach as f64 - part;
                    kaiser(x / reach as f64) / middle * sinc(x * band)
                })
                .collect();
            let sum: f64 = values.iter().sum();
            taps.extend(values.iter().map(|value| (value / sum) as f32));
        }
        Self { reach, taps }
    }

    fn taps(&self, phase: u64) -> &[f32] {
        let width = self.reach as usize * 2;
        &self.taps[phase as usize * width..][..width]
    }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        1.0
    } else {
        sine(x / 2.0) / (std::f64::consts::PI * x)
    }
}

/// The Kaiser window at −1 to 1, not yet scaled to 1 in its middle.
fn kaiser(x: f64) -> f64 {
    let inside = 1.0 - x * x;
    if inside < 0.0 {
        return 0.0;
    }
    bessel(BETA * inside.sqrt())
}

/// The modified Bessel function of order 0, by its series.
fn bessel(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for n in 1..40 {
        let half = x / 2.0 / f64::from(n);
        term *= half * half;
        sum += term;
    }
    sum
}
