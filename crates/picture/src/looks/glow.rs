//! Glow: light spreads from bright places, and takes their colour with it.

use workprint_model::Size;
use workprint_model::look::Glow;

use super::Effect;
use super::range::{BLACK, NEUTRAL, SPAN, VALUES};
use super::soft::Soft;
use crate::paint::kernel::Kernel;
use crate::resolve::Moment;
use crate::yuv::{YuvMut, chroma_size};

/// Blurred light, laid over a frame.
#[derive(Debug)]
pub(super) struct Glowing {
    luma: Soft,
    colour: [Soft; 2],
    /// How much light each luma gives, of 255.
    light: [u8; VALUES],
    /// Of 256.
    amount: i32,
    /// The light that each sample gives, and then its colour.
    given: Vec<u8>,
    shares: Vec<u8>,
}

impl Glowing {
    pub(super) fn new(glow: &Glow, size: Size) -> Self {
        let sigma = f64::from(size.height) * glow.radius.ratio().clamp(0.002, 0.1);
        let chroma = chroma_size(size);
        let half = || Soft::new(chroma.width as usize, chroma.height as usize, sigma / 2.0);
        let threshold = glow.threshold.ratio().clamp(0.0, 0.95);
        let mut light = [0; VALUES];
        for (luma, light) in light.iter_mut().enumerate() {
            let tone = (luma as f64 - f64::from(BLACK)) / f64::from(SPAN);
            let above = ((tone - threshold) / (1.0 - threshold)).clamp(0.0, 1.0);
            // Softly from the threshold, so that no edge of it is seen.
            *light = (above * (0.4 + 0.6 * above) * tone.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
        }
        Self {
            luma: half(),
            colour: [half(), half()],
            light,
            amount: (glow.amount.ratio().clamp(0.0, 1.0) * 256.0) as i32,
            given: Vec::new(),
            shares: Vec::new(),
        }
    }

    /// The light of each four samples of luma, at the places of colour.
    fn gather(&mut self, luma: &[u8], width: usize) {
        self.given.clear();
        for rows in luma.chunks(2 * width) {
            let (upper, lower) = rows.split_at(width);
            let lower = if lower.is_empty() { upper } else { lower };
            let pairs = upper.chunks(2).zip(lower.chunks(2));
            self.given.extend(pairs.map(|(upper, lower)| {
                let four = [
                    upper[0],
                    upper[upper.len() - 1],
                    lower[0],
                    lower[lower.len() - 1],
                ];
                let sum: u16 = four.into_iter().map(u16::from).sum();
                self.light[usize::from((sum + 2) >> 2)]
            }));
        }
    }
}

impl Effect for Glowing {
    fn apply(&mut self, frame: &mut YuvMut<'_>, _: Option<Moment>, kernel: Kernel) {
        let width = frame.size.width as usize;
        let half = chroma_size(frame.size).width as usize;
        let amount = self.amount;
        let [luma, u, v] = frame.planes_mut();
        self.gather(luma, width);
        self.luma.blur(&self.given, kernel);
        for (plane, soft) in [u, v].into_iter().zip(&mut self.colour) {
            self.shares.resize(plane.len(), 0);
            weigh(kernel, plane, &self.given, &mut self.shares);
            soft.blur(&self.shares, kernel);
            soft.rows(kernel, |row, samples| {
                add_colour(kernel, samples, amount, &mut plane[row * half..][..half]);
            });
        }
        let height = frame.size.height as usize;
        let [luma, ..] = frame.planes_mut();
        let mut wide = vec![0; width];
        self.luma.rows(kernel, |row, samples| {
            stretch(kernel, samples, &mut wide);
            for row in [2 * row, 2 * row + 1]
                .into_iter()
                .filter(|&row| row < height)
            {
                add_light(kernel, &wide, amount, &mut luma[row * width..][..width]);
            }
        });
    }
}

super::kernel::twins! {
    /// Colour by how much light there is.
    fn weigh(colour: &[u8], light: &[u8], out: &mut [u8]) {
        for ((out, &colour), &light) in out.iter_mut().zip(colour).zip(light) {
            let away = i32::from(colour) - NEUTRAL;
            *out = (NEUTRAL + ((away * i32::from(light) + 128) >> 8)) as u8;
        }
    }

    /// Each sample twice, its neighbour half in the second.
    fn stretch(samples: &[u16], out: &mut [u16]) {
        for (out, &sample) in out.chunks_mut(2).zip(samples) {
            out.fill(sample);
        }
    }

    /// As slides over each other: white stays white.
    fn add_light(light: &[u16], amount: i32, row: &mut [u8]) {
        for (sample, &light) in row.iter_mut().zip(light) {
            let own = i32::from(*sample);
            let room = (BLACK + SPAN - own).max(0);
            let light = (i32::from(light) * amount) >> 8;
            *sample = (own + ((room * light + 32_768) >> 16)).clamp(0, 255) as u8;
        }
    }

    fn add_colour(colour: &[u16], amount: i32, row: &mut [u8]) {
        for (sample, &colour) in row.iter_mut().zip(colour) {
            let away = i32::from(colour) - (NEUTRAL << 8);
            let sum = i32::from(*sample) + ((away * amount + 32_768) >> 16);
            *sample = sum.clamp(1, 254) as u8;
        }
    }
}
