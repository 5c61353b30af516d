//! Graphics and captions alone, with how opaque they are: for outputs that are laid over another film.
//!
//! They are painted by the code that paints them over shots, once over dark and once over light: what
//! of the ground comes through tells how opaque each sample is, and what is left is its colour. So
//! they look exactly as they do when they are burned in.

use workprint_model::Size;

use crate::error::PictureError;
use crate::paint::Painter;
use crate::resolve::Resolved;
use crate::sources::Sources;
use crate::yuv::{Yuv, chroma_size};

/// The grounds: every plane's least and greatest value in limited range.
const DARK: [u8; 3] = [16, 16, 16];
const LIGHT: [u8; 3] = [235, 240, 240];
/// Between the grounds.
const LUMA: u32 = 219;
const CHROMA: u32 = 224;

/// Nothing, in ten bits: black, and no opacity.
const NOTHING: [u16; 4] = [64, 512, 512, 0];

/// Paints graphics and captions without what is behind them. Keeps its working memory from frame to
/// frame: use one for each thread.
#[derive(Debug, Default)]
pub struct AlonePainter {
    painter: Painter,
    grounds: Option<[Yuv; 2]>,
}

impl AlonePainter {
    /// How many bytes a frame of `size` has.
    pub const fn bytes(size: Size) -> usize {
        size.width as usize * size.height as usize * 8
    }

    /// Paints what lies over the shots of `resolved` into `out`: planes of Y, U, V (BT.709, limited
    /// range) and opacity (0 to 1023), all of the frame's size, ten bits in two bytes, the lower
    /// first. Colours are straight: not dimmed where they are not wholly opaque.
    ///
    /// Brightness and opacity have a sample for each pixel, colour has one for each four, as in films.
    /// `out` has [`Self::bytes`]; what it held before does not matter.
    pub fn paint(
        &mut self,
        resolved: &Resolved,
        sources: &dyn Sources,
        out: &mut [u8],
    ) -> Result<(), PictureError> {
        let size = resolved.size;
        if out.len() != Self::bytes(size) {
            return Err(PictureError::BadSize(size));
        }
        let known = self.grounds.take().filter(|[dark, _]| dark.size == size);
        let [mut dark, mut light] = match known {
            Some(grounds) => grounds,
            None => [Yuv::new(size)?, Yuv::new(size)?],
        };
        dark.fill(DARK);
        light.fill(LIGHT);
        self.painter.lie_over(resolved, sources, &mut dark.lent())?;
        self.painter
            .lie_over(resolved, sources, &mut light.lent())?;
        separate(&dark, &light, out);
        self.grounds = Some([dark, light]);
        Ok(())
    }
}

/// Writes the four planes of what was painted over both grounds.
fn separate(dark: &Yuv, light: &Yuv, out: &mut [u8]) {
    let Size { width, height } = dark.size;
    let (width, count) = (width as usize, width as usize * height as usize);
    let [luma, on_light] = [dark.planes()[0], light.planes()[0]];
    let (y_plane, rest) = out.split_at_mut(count * 2);
    let (u_plane, rest) = rest.split_at_mut(count * 2);
    let (v_plane, a_plane) = rest.split_at_mut(count * 2);
    let [u, v] = [1, 2].map(|plane| Colours::of(dark, light, plane));
    for (at, (&dark, &light)) in luma.iter().zip(on_light).enumerate() {
        let there = opacity(dark, light, LUMA);
        let samples = if there == 0 {
            NOTHING
        } else {
            let (x, y) = (at % width, at / width);
            [
                64 + straight(u32::from(dark.saturating_sub(16)), there, LUMA),
                u.at(x, y),
                v.at(x, y),
                ((there * 1023 + LUMA / 2) / LUMA) as u16,
            ]
        };
        let planes = [&mut *y_plane, u_plane, v_plane, a_plane];
        for (plane, sample) in planes.into_iter().zip(samples) {
            plane[at * 2..at * 2 + 2].copy_from_slice(&sample.to_le_bytes());
        }
    }
}

/// How opaque a sample is, of `range`: what of the ground does not come through.
fn opacity(dark: u8, light: u8, range: u32) -> u32 {
    range.saturating_sub(u32::from(light.saturating_sub(dark)))
}

/// A value over the dark ground, undimmed, in ten bits.
const fn straight(value: u32, there: u32, range: u32) -> u16 {
    let full = (value * 4 * range + there / 2) / there;
    let most = range * 4;
    (if full < most { full } else { most }) as u16
}

/// A plane of colour, read between its samples.
struct Colours<'a> {
    dark: &'a [u8],
    light: &'a [u8],
    size: Size,
}

impl<'a> Colours<'a> {
    fn of(dark: &'a Yuv, light: &'a Yuv, plane: usize) -> Self {
        Self {
            dark: dark.planes()[plane],
            light: light.planes()[plane],
            size: chroma_size(dark.size),
        }
    }

    /// The colour of a pixel: of the four samples around it, each by how near and how opaque it is.
    fn at(&self, x: usize, y: usize) -> u16 {
        let (width, height) = (self.size.width as usize, self.size.height as usize);
        let near = y / 2;
        let far = if y.is_multiple_of(2) {
            near.saturating_sub(1)
        } else {
            (near + 1).min(height - 1)
        };
        let right = (x / 2 + x % 2).min(width - 1);
        let (mut value, mut there) = (0, 0);
        for (row, weight) in [(near, 3), (far, 1)] {
            for column in [x / 2, right] {
                let at = row * width + column;
                let (Some(&dark), Some(&light)) = (self.dark.get(at), self.light.get(at)) else {
                    continue;
                };
                value += weight * u32::from(dark.saturating_sub(16));
                there += weight * opacity(dark, light, CHROMA);
            }
        }
        if there == 0 {
            NOTHING[1]
        } else {
            64 + straight(value, there, CHROMA)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        width: 4,
        height: 2,
    };

    /// A colour of an opacity (of 256) over a ground, as the painter would lay it.
    fn over(ground: [u8; 3], colour: [u8; 3], share: u32) -> Yuv {
        let mut frame = Yuv::new(SIZE).unwrap();
        let mixed = |at: usize| {
            let (colour, ground) = (u32::from(colour[at]), u32::from(ground[at]));
            ((colour * share + ground * (256 - share) + 128) / 256) as u8
        };
        frame.fill([mixed(0), mixed(1), mixed(2)]);
        frame
    }

    fn sample(out: &[u8], plane: usize) -> i32 {
        let at = plane * 16;
        i32::from(u16::from_le_bytes([out[at], out[at + 1]]))
    }

    #[test]
    fn rounding_below_black_is_black() {
        let (mut dark, mut light) = (Yuv::new(SIZE).unwrap(), Yuv::new(SIZE).unwrap());
        dark.fill([15, 15, 15]);
        light.fill([200, 15, 15]);
        let mut out = vec![0; AlonePainter::bytes(SIZE)];
        separate(&dark, &light, &mut out);
        assert_eq!([0, 1].map(|plane| sample(&out, plane)), [64, 64]);
        light.fill([255, 255, 255]);
        separate(&dark, &light, &mut out);
        assert_eq!(sample(&out, 3), 0);
    }

    #[test]
    fn colour_and_opacity_come_back() {
        let colour = [180, 90, 200];
        for share in [0, 20, 64, 128, 255, 256] {
            let mut out = vec![0; AlonePainter::bytes(SIZE)];
            let (dark, light) = (over(DARK, colour, share), over(LIGHT, colour, share));
            separate(&dark, &light, &mut out);
            let wanted = share as i32 * 1023 / 256;
            assert!((sample(&out, 3) - wanted).abs() <= 6, "{share}");
            if share == 0 {
                let nothing = NOTHING.map(i32::from);
                assert_eq!([0, 1, 2, 3].map(|plane| sample(&out, plane)), nothing);
                continue;
            }
            // A step of eight bits is this many of ten, the more the less there is.
            let step = 4 * 256 / share as i32 * 2 + 2;
            for (plane, value) in colour.into_iter().enumerate() {
                let found = sample(&out, plane);
                assert!(
                    (found - i32::from(value) * 4).abs() <= step,
                    "{share} {plane} {found}"
                );
            }
        }
    }
}
