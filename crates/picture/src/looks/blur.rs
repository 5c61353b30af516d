//! Blur: out of focus.

use workprint_model::Size;
use workprint_model::look::Blur;

use super::Effect;
use super::dither::BAYER;
use super::soft::Soft;
use crate::paint::kernel::Kernel;
use crate::resolve::Moment;
use crate::yuv::{YuvMut, chroma_size};

/// A blur of all three planes.
#[derive(Debug)]
pub(super) struct Blurred {
    luma: Soft,
    colour: Soft,
}

impl Blurred {
    pub(super) fn new(blur: &Blur, size: Size) -> Self {
        let sigma = f64::from(size.height) * blur.radius.ratio().clamp(0.0, 0.1);
        let chroma = chroma_size(size);
        Self {
            luma: Soft::new(size.width as usize, size.height as usize, sigma),
            colour: Soft::new(chroma.width as usize, chroma.height as usize, sigma / 2.0),
        }
    }
}

impl Effect for Blurred {
    fn apply(&mut self, frame: &mut YuvMut<'_>, _: Option<Moment>, kernel: Kernel) {
        let widths = [
            frame.size.width,
            chroma_size(frame.size).width,
            chroma_size(frame.size).width,
        ];
        for (number, (plane, width)) in frame.planes_mut().into_iter().zip(widths).enumerate() {
            let soft = if number == 0 {
                &mut self.luma
            } else {
                &mut self.colour
            };
            soft.blur(plane, kernel);
            let width = width as usize;
            soft.rows(kernel, |row, samples| {
                let out = &mut plane[row * width..][..width];
                round(kernel, samples, &BAYER[row % 8], out);
            });
        }
    }
}

super::kernel::twins! {
    /// Rounds by thresholds that differ from place to place, so that a soft shape has no bands.
    fn round(samples: &[u16], thresholds: &[u16; 8], out: &mut [u8]) {
        // A sample that is exact, or nearly, stays what it is.
        let rounded =
            |sample: u16, threshold: u16| (sample.saturating_add(threshold * 3 + 34) >> 8) as u8;
        let (eights, rest) = out.as_chunks_mut::<8>();
        let (sources, rest_of_source) = samples.as_chunks::<8>();
        for (out, samples) in eights.iter_mut().zip(sources) {
            for at in 0..8 {
                out[at] = rounded(samples[at], thresholds[at]);
            }
        }
        for ((out, &sample), &threshold) in rest.iter_mut().zip(rest_of_source).zip(thresholds) {
            *out = rounded(sample, threshold);
        }
    }
}
