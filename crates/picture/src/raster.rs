//! Images made ready for painting.

use std::io::Cursor;

use workprint_model::Size;

use crate::art::ArtError;
use crate::rgba::Rgba;
use crate::still;
use crate::yuv::from_premultiplied;

/// An image as premultiplied BT.709 Y, U, V (limited range) and alpha, with smaller copies of
/// itself for sampling.
///
/// All planes of a level have the same size: chroma is halved only when a frame is painted, where
/// its samples' places are known. Takes about 5.3 bytes a pixel.
#[derive(Clone)]
pub struct Raster {
    size: Size,
    levels: Vec<Level>,
}

/// One scale of a [`Raster`]: level `n` has a sample for each square of `2^n` pixels.
#[derive(Clone)]
pub(crate) struct Level {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Y, U and V, each times alpha over 255.
    pub(crate) planes: [Vec<u8>; 3],
    /// None when the image is opaque.
    pub(crate) alpha: Option<Alpha>,
}

/// A level's alpha.
#[derive(Clone)]
pub(crate) struct Alpha {
    pub(crate) plane: Vec<u8>,
    /// For each row, the columns from the first that is not wholly transparent to after the last.
    pub(crate) extents: Vec<(u32, u32)>,
}

impl std::fmt::Debug for Raster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.is_opaque() {
            "opaque"
        } else {
            "with alpha"
        };
        write!(f, "Raster({}, {kind})", self.size)
    }
}

impl Raster {
    /// How much memory it takes, in bytes, to within a few percent.
    pub fn bytes(&self) -> usize {
        let plane = |level: &Level| level.width * level.height;
        self.levels
            .iter()
            .map(|level| plane(level) * if level.alpha.is_some() { 4 } else { 3 })
            .sum()
    }

    /// Makes an image ready for painting. Colours that exceed their alpha are lowered to it, and
    /// missing bytes are transparent.
    pub fn from_rgba(image: &Rgba) -> Self {
        let (width, height) = (
            image.size.width.max(1) as usize,
            image.size.height.max(1) as usize,
        );
        let count = width * height;
        // Memory comes as zeros: where nothing is drawn, which is most of most layers, it is not touched.
        let mut planes = [(); 3].map(|()| vec![0; count]);
        let mut alpha = vec![0; count];
        let [luma, blue, red] = &mut planes;
        let colours = luma.iter_mut().zip(blue).zip(red);
        for ((pixel, ((y, u), v)), alpha) in
            image.pixels.chunks_exact(4).zip(colours).zip(&mut alpha)
        {
            let a = pixel[3];
            if a != 0 {
                [*y, *u, *v] =
                    from_premultiplied([pixel[0].min(a), pixel[1].min(a), pixel[2].min(a), a]);
                *alpha = a;
            }
        }
        let alpha = alpha
            .iter()
            .any(|&a| a != 255)
            .then(|| Alpha::new(alpha, width));
        Self::of_level(Level {
            width,
            height,
            planes,
            alpha,
        })
    }

    /// Its size in pixels.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Whether nothing behind it can be seen.
    pub fn is_opaque(&self) -> bool {
        self.levels[0].alpha.is_none()
    }

    /// Makes a PNG ready for painting, as [`Self::from_rgba`] would what [`still::from_png`] reads of it.
    /// What is opaque and has eight bits is read row by row.
    pub fn from_png(bytes: &[u8]) -> Result<Self, ArtError> {
        match still::plain_png(bytes).map(|size| opaque_planes(bytes, size)) {
            Some(Ok(level)) => Ok(Self::of_level(level)),
            // Whatever is odd about it, the other reader tells.
            Some(Err(_)) | None => Ok(Self::from_rgba(&still::from_png(bytes)?)),
        }
    }

    /// With all smaller levels.
    fn of_level(level: Level) -> Self {
        let size = Size {
            width: level.width as u32,
            height: level.height as u32,
        };
        let mut levels = vec![level];
        while let Some(next) = levels.last().and_then(Level::half) {
            levels.push(next);
        }
        Self { size, levels }
    }

    /// The level to sample when `step` pixels (in 1/65536) go to one sample of the frame, and its
    /// number: a level is left for the next where `limit` (in 1/65536) of its samples would.
    pub(crate) fn level(&self, step: i64, limit: i64) -> (&Level, u32) {
        let mut number = 0;
        while step >> number >= limit && (number as usize) + 1 < self.levels.len() {
            number += 1;
        }
        (&self.levels[number as usize], number)
    }
}

/// The planes of a PNG that is opaque, of a known size, and has eight bits of grey or of three colours.
fn opaque_planes(bytes: &[u8], size: Size) -> Result<Level, png::DecodingError> {
    let (width, height) = (size.width as usize, size.height as usize);
    let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info()?;
    let samples = reader.info().color_type.samples();
    let mut planes = [(); 3].map(|()| Vec::with_capacity(width * height));
    while let Some(row) = reader.next_row()? {
        for pixel in row.data().chunks_exact(samples) {
            let [red, green, blue] = match *pixel {
                [red, green, blue] => [red, green, blue],
                _ => [pixel[0]; 3],
            };
            let sample = from_premultiplied([red, green, blue, 255]);
            for (plane, sample) in planes.iter_mut().zip(sample) {
                plane.push(sample);
            }
        }
    }
    for plane in &mut planes {
        plane.resize(width * height, 0);
    }
    Ok(Level {
        width,
        height,
        planes,
        alpha: None,
    })
}

impl Level {
    /// The next smaller level, each sample the mean of four; none when this one is small already.
    fn half(&self) -> Option<Self> {
        if self.width.max(self.height) <= 2 {
            return None;
        }
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let halve = |plane: &[u8]| halve(plane, self.width, self.height);
        Some(Self {
            width,
            height,
            planes: [
                halve(&self.planes[0]),
                halve(&self.planes[1]),
                halve(&self.planes[2]),
            ],
            alpha: self
                .alpha
                .as_ref()
                .map(|alpha| Alpha::new(halve(&alpha.plane), width)),
        })
    }
}

impl Alpha {
    /// Of a picture that covers everything.
    pub(crate) fn opaque(width: usize, height: usize) -> Self {
        Self {
            plane: vec![255; width * height],
            extents: vec![(0, width as u32); height],
        }
    }

    fn new(plane: Vec<u8>, width: usize) -> Self {
        let extents = plane
            .chunks_exact(width)
            .map(|row| {
                let first = row.iter().position(|&a| a != 0).unwrap_or(0);
                let last = row.iter().rposition(|&a| a != 0).map_or(0, |at| at + 1);
                (first as u32, last as u32)
            })
            .collect();
        Self { plane, extents }
    }
}

/// Means of squares of four; an odd last row or column counts twice.
pub(crate) fn halve(plane: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(width.div_ceil(2) * height.div_ceil(2));
    for row in (0..height).step_by(2) {
        let upper = &plane[row * width..][..width];
        let lower = &plane[(row + 1).min(height - 1) * width..][..width];
        let mean = |a: u8, b: u8, c: u8, d: u8| {
            ((u16::from(a) + u16::from(b) + u16::from(c) + u16::from(d) + 2) >> 2) as u8
        };
        let pairs = upper.chunks_exact(2).zip(lower.chunks_exact(2));
        out.extend(pairs.map(|(a, b)| mean(a[0], a[1], b[0], b[1])));
        if width % 2 == 1 {
            out.push(mean(
                upper[width - 1],
                upper[width - 1],
                lower[width - 1],
                lower[width - 1],
            ));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(size: Size, pixels: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, size.width, size.height);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(pixels).unwrap();
        drop(writer);
        bytes
    }

    #[test]
    fn a_png_read_by_rows_is_the_same() {
        let size = Size {
            width: 37,
            height: 23,
        };
        let pixels: Vec<u8> = (0..37 * 23 * 3).map(|at| (at * 7 % 251) as u8).collect();
        let coloured = still::png_rgb8(&pixels, size).unwrap();
        for bytes in [coloured, grey(size, &pixels[..37 * 23])] {
            assert_eq!(still::plain_png(&bytes), Some(size));
            let by_rows = Raster::from_png(&bytes).unwrap();
            let whole = Raster::from_rgba(&still::from_png(&bytes).unwrap());
            assert_eq!(by_rows.levels.len(), whole.levels.len());
            for (one, other) in by_rows.levels.iter().zip(&whole.levels) {
                assert!(one.planes == other.planes && one.alpha.is_none());
            }
            assert!(Raster::from_png(&bytes[..bytes.len() / 2]).is_err());
        }
    }
}
