//! Images made ready for painting.

use workprint_model::Size;

use crate::rgba::Rgba;
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
        let mut levels = vec![Level {
            width,
            height,
            planes,
            alpha,
        }];
        while let Some(next) = levels.last().and_then(Level::half) {
            levels.push(next);
        }
        Self {
            size: Size {
                width: width as u32,
                height: height as u32,
            },
            levels,
        }
    }

    /// Its size in pixels.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Whether nothing behind it can be seen.
    pub fn is_opaque(&self) -> bool {
        self.levels[0].alpha.is_none()
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
