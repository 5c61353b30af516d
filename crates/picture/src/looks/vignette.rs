//! Vignette: darker towards the corners, without bands.

use workprint_model::Size;
use workprint_model::look::Vignette;

use super::Effect;
use super::dither::BAYER;
use super::range::{BLACK, NEUTRAL};
use crate::maths::smooth;
use crate::paint::kernel::Kernel;
use crate::resolve::Moment;
use crate::yuv::{YuvMut, chroma_size};

/// All of the light.
pub(super) const WHOLE: i32 = 1 << 12;
/// Parts of the way from the middle to the corner, squared.
const PARTS: u32 = 1 << 12;

/// How much light every sample keeps.
#[derive(Debug)]
pub(super) struct Shaded {
    luma: Vec<u16>,
    colour: Vec<u16>,
}

impl Shaded {
    pub(super) fn new(vignette: &Vignette, size: Size) -> Self {
        let chroma = chroma_size(size);
        let fall = fall(vignette);
        Self {
            luma: map(vignette, &fall, size, 1),
            colour: map(vignette, &fall, chroma, 2),
        }
    }

    /// Darkens a frame, of whose light there is `light` of [`WHOLE`].
    pub(super) fn shade(&self, frame: &mut YuvMut<'_>, light: i32, kernel: Kernel) {
        let width = frame.size.width as usize;
        let half = chroma_size(frame.size).width as usize;
        let [y, u, v] = frame.planes_mut();
        for (row, (samples, map)) in y
            .chunks_exact_mut(width)
            .zip(self.luma.chunks_exact(width))
            .enumerate()
        {
            shade(kernel, map, (light, BLACK), &BAYER[row % 8], samples);
        }
        for plane in [u, v] {
            for (row, (samples, map)) in plane
                .chunks_exact_mut(half)
                .zip(self.colour.chunks_exact(half))
                .enumerate()
            {
                shade(kernel, map, (light, NEUTRAL), &BAYER[row % 8], samples);
            }
        }
    }
}

impl Effect for Shaded {
    fn apply(&mut self, frame: &mut YuvMut<'_>, _: Option<Moment>, kernel: Kernel) {
        self.shade(frame, WHOLE, kernel);
    }
}

/// How much light is left by the squared distance from the middle, in [`PARTS`] of the corner's.
fn fall(vignette: &Vignette) -> Vec<u16> {
    let amount = vignette.amount.ratio().clamp(0.0, 1.0);
    let size = vignette.size.ratio().clamp(0.0, 0.95);
    let light = |part: u32| {
        let away = (f64::from(part) / f64::from(PARTS)).sqrt();
        let dark = smooth((away - size) / (1.0 - size));
        ((1.0 - 0.88 * amount * dark) * f64::from(WHOLE) + 0.5) as u16
    };
    (0..=PARTS).map(light).collect()
}

/// The light at every sample, `scale` pixels of the frame apart.
fn map(vignette: &Vignette, fall: &[u16], size: Size, scale: u32) -> Vec<u16> {
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let round = vignette.round.ratio().clamp(0.0, 1.0);
    let corner = (width * width + height * height) / 4.0;
    // The frame's own shape has half of the corner's distance along each axis.
    let weight = |side: f64| (1.0 - round) * 2.0 / (side * side) + round / corner;
    let squares = |count: u32, side: f64, place: f64, shift: f64| -> Vec<u32> {
        let middle = side * place;
        (0..count)
            .map(|at| {
                let away = f64::from(at) + shift - middle;
                (away * away * weight(side) * f64::from(PARTS) * 16.0) as u32
            })
            .collect()
    };
    // Colour samples lie on the left of their two pixels.
    let left = if scale == 1 { 0.5 } else { 0.25 };
    let across = squares(size.width, width, vignette.x.ratio().clamp(0.0, 1.0), left);
    let down = squares(size.height, height, vignette.y.ratio().clamp(0.0, 1.0), 0.5);
    let mut map = Vec::with_capacity(across.len() * down.len());
    for down in down {
        map.extend(
            across
                .iter()
                .map(|&across| fall[((across + down) / 16).min(PARTS) as usize]),
        );
    }
    map
}

super::kernel::twins! {
    /// Brings samples nearer to `settings.1`; `settings.0` is how much light there is.
    fn shade(map: &[u16], settings: (i32, i32), thresholds: &[u16; 8], row: &mut [u8]) {
        let (light, middle) = settings;
        let shaded = |sample: u8, kept: u16, threshold: u16| {
            let kept = (i32::from(kept) * light) >> 12;
            let sum = (i32::from(sample) - middle) * kept + i32::from(threshold) * 63 + 63;
            (middle + (sum >> 12)).clamp(1, 254) as u8
        };
        let (eights, rest) = row.as_chunks_mut::<8>();
        let (maps, rest_of_map) = map.as_chunks::<8>();
        for (samples, map) in eights.iter_mut().zip(maps) {
            for at in 0..8 {
                samples[at] = shaded(samples[at], map[at], thresholds[at]);
            }
        }
        for ((sample, &kept), &threshold) in rest.iter_mut().zip(rest_of_map).zip(thresholds) {
            *sample = shaded(*sample, kept, threshold);
        }
    }
}

#[cfg(test)]
mod tests {
    use workprint_model::Percent;

    use super::*;
    use crate::yuv::Yuv;

    fn shaded(vignette: &Vignette, size: Size) -> Yuv {
        let mut frame = Yuv::new(size).unwrap();
        frame.fill([200, 90, 170]);
        Shaded::new(vignette, size).apply(&mut frame.lent(), None, Kernel::best());
        frame
    }

    #[test]
    fn corners_are_darker_and_greyer_than_the_middle() {
        let size = Size {
            width: 160,
            height: 90,
        };
        let frame = shaded(&Vignette::default(), size);
        let [y, u, v] = frame.planes();
        assert_eq!(
            (y[45 * 160 + 80], u[22 * 80 + 40], v[22 * 80 + 40]),
            (200, 90, 170)
        );
        assert!(
            y[0] < 145 && u[0] > 100 && v[0] < 160,
            "{} {} {}",
            y[0],
            u[0],
            v[0]
        );
        // The same in all four corners, but for the thresholds.
        for corner in [159, 89 * 160, 90 * 160 - 1] {
            assert!(y[corner].abs_diff(y[0]) <= 1);
        }
    }

    #[test]
    fn none_of_it_changes_nothing() {
        let none = Vignette {
            amount: Percent::new(0),
            ..Vignette::default()
        };
        let size = Size {
            width: 33,
            height: 17,
        };
        let mut same = Yuv::new(size).unwrap();
        same.fill([200, 90, 170]);
        assert!(shaded(&none, size) == same);
    }

    #[test]
    fn a_circle_is_round_in_a_wide_frame() {
        let size = Size {
            width: 200,
            height: 100,
        };
        let circle = Vignette {
            round: Percent::new(100),
            amount: Percent::new(100),
            size: Percent::new(0),
            ..Vignette::default()
        };
        let frame = shaded(&circle, size);
        let at = |x: usize, y: usize| frame.planes()[0][y * 200 + x];
        assert!(at(100 + 40, 50).abs_diff(at(100, 50 + 40)) <= 2);
    }
}
