//! Grain: noise with the size of film's grain, strongest in the mid tones, new in every frame.

use workprint_model::Size;
use workprint_model::look::Grain;

use super::Effect;
use super::kernel::twins;
use super::range::{BLACK, SPAN};
use crate::maths::exp;
use crate::paint::kernel::Kernel;
use crate::random::Dice;
use crate::resolve::Moment;
use crate::yuv::{YuvMut, chroma_size};

/// The standard deviation of a tile's samples.
const DEVIATION: f64 = 32.0;
/// The standard deviation of the strongest grain in luma.
const STRONGEST: f64 = 15.0;

/// A tile of noise, laid somewhere else in every frame.
#[derive(Debug)]
pub(super) struct Grainy {
    tile: Tile,
    seed: u64,
    /// What a sample of the tile is multiplied by, in 1/4096, where grain is strongest.
    luma: i16,
    colour: i16,
}

/// Noise that goes on at the opposite edge where it ends.
#[derive(Debug)]
struct Tile {
    side: usize,
    /// Rows of `side` samples, each with its first [`Tile::MORE`] again at its end.
    samples: Vec<i8>,
}

impl Grainy {
    pub(super) fn new(grain: &Grain, size: Size) -> Self {
        let amount = grain.amount.ratio().clamp(0.0, 1.0);
        let colour = grain.colour.ratio().clamp(0.0, 1.0);
        let width = f64::from(size.height) * 0.000_44 * grain.size.ratio().clamp(0.5, 6.0);
        // Coarse grain in a small frame would be more than it was on film: it is as strong as seen.
        let scale = |share: f64| (share * STRONGEST / DEVIATION * 4096.0) as i16;
        Self {
            tile: Tile::new(u64::from(grain.seed), width),
            seed: u64::from(grain.seed),
            luma: scale(amount),
            colour: scale(amount * colour * 0.8),
        }
    }
}

impl Effect for Grainy {
    fn apply(&mut self, frame: &mut YuvMut<'_>, moment: Option<Moment>, kernel: Kernel) {
        let Some(moment) = moment.filter(|_| self.luma > 0) else {
            return;
        };
        let dice = Dice::new([self.seed, moment.salt, 0x6772_6169]).at(&[moment.number]);
        let width = frame.size.width as usize;
        let half = chroma_size(frame.size).width as usize;
        let [y, u, v] = frame.planes_mut();
        if self.colour > 0 {
            for (number, plane) in [u, v].into_iter().enumerate() {
                let laid = self.tile.laid(dice.at(&[number as u64 + 1]));
                let below = y.chunks(2 * width);
                for (row, (plane, luma)) in plane.chunks_exact_mut(half).zip(below).enumerate() {
                    let strongest = self.colour;
                    laid.pieces(row, plane, |at, noise, plane| {
                        grain_colour(kernel, noise, strongest, &luma[2 * at..width], plane);
                    });
                }
            }
        }
        let laid = self.tile.laid(dice);
        for (row, luma) in y.chunks_exact_mut(width).enumerate() {
            laid.pieces(row, luma, |_, noise, luma| {
                grain_luma(kernel, noise, self.luma, luma);
            });
        }
    }
}

impl Tile {
    /// Samples that are there twice, so that a row can begin anywhere.
    const MORE: usize = 512;

    /// Noise whose grains are about `width` samples (a standard deviation) wide.
    fn new(seed: u64, width: f64) -> Self {
        let side: usize = if width > 1.6 { 1024 } else { 512 };
        let mut dice = Dice::new([seed, 0x7469_6c65, 1]);
        let noise: Vec<f32> = (0..side * side).map(|_| dice.normal() as f32).collect();
        // The difference of two blurs: clumps of about one size, and no clouds.
        let fine = blurred(&noise, side, width);
        let coarse = blurred(&noise, side, width.max(0.35) * 2.4);
        let mut grain: Vec<f32> = fine.iter().zip(&coarse).map(|(a, b)| a - 0.8 * b).collect();
        let count = (side * side) as f64;
        let square = |sum: f64, value: &f32| sum + f64::from(*value) * f64::from(*value);
        let deviation = (grain.iter().fold(0.0, square) / count).sqrt().max(1e-9);
        let scale = (DEVIATION / deviation) as f32;
        for value in &mut grain {
            *value = (*value * scale + 0.5).floor().clamp(-127.0, 127.0);
        }
        let mut samples = Vec::with_capacity(side * (side + Self::MORE));
        for row in grain.chunks_exact(side) {
            samples.extend(
                row.iter()
                    .chain(&row[..Self::MORE])
                    .map(|&value| value as i8),
            );
        }
        Self { side, samples }
    }

    fn laid(&self, mut dice: Dice) -> Laid<'_> {
        Laid {
            tile: self,
            x: dice.below(self.side as u64) as usize,
            y: dice.below(self.side as u64) as usize,
            backward: dice.below(2) == 1,
        }
    }
}

/// A tile, laid over a frame.
struct Laid<'a> {
    tile: &'a Tile,
    x: usize,
    y: usize,
    backward: bool,
}

impl Laid<'_> {
    /// Hands out a row in pieces, each with its place and its noise.
    fn pieces(
        &self,
        row: usize,
        samples: &mut [u8],
        mut piece: impl FnMut(usize, &[i8], &mut [u8]),
    ) {
        let side = self.tile.side;
        let row = if self.backward {
            side - 1 - row % side
        } else {
            row
        };
        let row = (self.y + row) % side * (side + Tile::MORE);
        let row = &self.tile.samples[row..row + side + Tile::MORE];
        for (number, samples) in samples.chunks_mut(Tile::MORE).enumerate() {
            let at = number * Tile::MORE;
            let from = (self.x + at) % side;
            piece(at, &row[from..from + samples.len()], samples);
        }
    }
}

/// Blurs a plane that goes on at the opposite edges.
fn blurred(plane: &[f32], side: usize, sigma: f64) -> Vec<f32> {
    if sigma < 0.2 {
        return plane.to_vec();
    }
    let reach = (sigma * 2.6).ceil() as usize;
    let parts: Vec<f64> = (0..=reach)
        .map(|at| exp(-((at * at) as f64) / (2.0 * sigma * sigma)))
        .collect();
    let sum = 2.0 * parts.iter().sum::<f64>() - 1.0;
    let weights: Vec<f32> = parts.iter().map(|part| (part / sum) as f32).collect();
    let mut across = vec![0.0; plane.len()];
    let mut line = vec![0.0; side + 2 * reach];
    for (row, out) in plane.chunks_exact(side).zip(across.chunks_exact_mut(side)) {
        line[..reach].copy_from_slice(&row[side - reach..]);
        line[reach..reach + side].copy_from_slice(row);
        line[reach + side..].copy_from_slice(&row[..reach]);
        for (away, &weight) in weights.iter().enumerate() {
            let (left, right) = (&line[reach - away..], &line[reach + away..]);
            let weight = if away == 0 { weight / 2.0 } else { weight };
            for ((out, left), right) in out.iter_mut().zip(left).zip(right) {
                *out += (left + right) * weight;
            }
        }
    }
    let mut down = vec![0.0; plane.len()];
    for (row, out) in down.chunks_exact_mut(side).enumerate() {
        for (away, &weight) in weights.iter().enumerate() {
            let at = |row: usize| &across[row % side * side..][..side];
            let weight = if away == 0 { weight / 2.0 } else { weight };
            let pairs = at(row + side - away).iter().zip(at(row + away));
            for (out, (above, below)) in out.iter_mut().zip(pairs) {
                *out += (above + below) * weight;
            }
        }
    }
    down
}

/// How strong grain is at a luma, of 256: it rises steeply from black, is strongest in the darker
/// mid tones, and is weak in white.
#[inline(always)]
const fn strength(luma: u8) -> i16 {
    /// Where grain is strongest.
    const PEAK: i16 = BLACK as i16 + (SPAN * 2 / 5) as i16;
    let luma = luma as i16;
    let away = luma - PEAK;
    // At white, three fifths of the span away, 256 − 201 are left.
    let round = 256 - (((away as i32 * away as i32) * 3) >> 8) as i16;
    let rise = 48 + (luma - BLACK as i16) * 7;
    let least = if round < rise { round } else { rise };
    if least < 40 { 40 } else { least }
}

twins! {
    fn grain_luma(noise: &[i8], strongest: i16, row: &mut [u8]) {
        for (sample, &noise) in row.iter_mut().zip(noise) {
            // At most 127 · 1920 · 256: the product of three is taken in two steps.
            let scale = (i32::from(strength(*sample)) * i32::from(strongest)) >> 8;
            let grain = (i32::from(noise) * scale + 2048) >> 12;
            *sample = (i32::from(*sample) + grain).clamp(1, 254) as u8;
        }
    }

    /// `luma` is the row over these samples of colour.
    fn grain_colour(noise: &[i8], strongest: i16, luma: &[u8], row: &mut [u8]) {
        let grained = |sample: u8, noise: i8, luma: u8| {
            let scale = (i32::from(strength(luma)) * i32::from(strongest)) >> 8;
            let grain = (i32::from(noise) * scale + 2048) >> 12;
            (i32::from(sample) + grain).clamp(1, 254) as u8
        };
        let (pairs, odd) = luma.as_chunks::<2>();
        for ((sample, &noise), luma) in row.iter_mut().zip(noise).zip(pairs) {
            *sample = grained(*sample, noise, luma[0]);
        }
        if let (true, [luma]) = (row.len() > pairs.len(), odd) {
            let last = pairs.len();
            row[last] = grained(row[last], noise[last], *luma);
        }
    }
}

#[cfg(test)]
mod tests {
    use workprint_model::Percent;

    use super::*;
    use crate::yuv::Yuv;

    const SIZE: Size = Size {
        width: 320,
        height: 180,
    };

    fn grained(grain: &Grain, luma: u8, number: u64) -> Vec<i32> {
        let mut frame = Yuv::new(SIZE).unwrap();
        frame.fill([luma, 128, 128]);
        let moment = Moment { number, salt: 5 };
        Grainy::new(grain, SIZE).apply(&mut frame.lent(), Some(moment), Kernel::best());
        let samples = frame.planes()[0].iter();
        samples
            .map(|&sample| i32::from(sample) - i32::from(luma))
            .collect()
    }

    fn deviation(noise: &[i32]) -> f64 {
        let square: i32 = noise.iter().map(|value| value * value).sum();
        (f64::from(square) / noise.len() as f64).sqrt()
    }

    #[test]
    fn grain_is_fair_and_strongest_in_the_mid_tones() {
        let grain = Grain {
            amount: Percent::new(50),
            ..Grain::default()
        };
        let middle = grained(&grain, 100, 0);
        let mean = f64::from(middle.iter().sum::<i32>()) / middle.len() as f64;
        assert!(mean.abs() < 0.15, "{mean}");
        assert!(
            (deviation(&middle) - 7.5).abs() < 0.6,
            "{}",
            deviation(&middle)
        );
        assert!(deviation(&grained(&grain, 17, 0)) < 3.0);
        assert!(deviation(&grained(&grain, 233, 0)) < 3.0);
    }

    #[test]
    fn every_frame_has_its_own() {
        let grain = Grain::default();
        let frames = [0, 1, 2].map(|number| grained(&grain, 100, number));
        for (one, two) in [(0, 1), (1, 2), (0, 2)] {
            let product: i32 = frames[one]
                .iter()
                .zip(&frames[two])
                .map(|(a, b)| a * b)
                .sum();
            let own: i32 = frames[one].iter().map(|a| a * a).sum();
            assert!(product.abs() * 20 < own, "{one} {two}");
        }
        assert_eq!(frames[0], grained(&grain, 100, 0));
    }

    #[test]
    fn larger_grain_is_larger() {
        let neighbours = |size: i32| {
            let grain = Grain {
                amount: Percent::new(80),
                size: Percent::new(size),
                ..Grain::default()
            };
            let noise = grained(&grain, 100, 0);
            let pairs = noise.chunks_exact(320).flat_map(|row| row.windows(2));
            let alike: i32 = pairs.map(|pair| pair[0] * pair[1]).sum();
            let own: i32 = noise.iter().map(|value| value * value).sum();
            f64::from(alike) / f64::from(own)
        };
        assert!(neighbours(600) > neighbours(300) + 0.2);
    }
}
