//! Frames as encoders take them: planar 4:2:0, BT.709, limited range.

use workprint_model::Size;
use workprint_model::episode::Colour;

use crate::error::PictureError;

/// The most pixels along either side of anything painted.
pub const MAX_SIDE: u32 = 16_384;

/// Black.
pub const BLACK: [u8; 3] = [16, 128, 128];

/// A frame of 8-bit planar 4:2:0 in BT.709 limited range.
///
/// Chroma samples lie on the left of each pair of pixels and midway between two rows, as H.264
/// expects where a stream does not say otherwise.
#[derive(Clone, PartialEq, Eq)]
pub struct Yuv {
    /// Its size in pixels.
    pub size: Size,
    /// The planes Y, U and V, one after the other, rows from the top without padding. Chroma planes
    /// have half the pixels in either direction, rounded up.
    pub data: Vec<u8>,
}

impl std::fmt::Debug for Yuv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Yuv({})", self.size)
    }
}

impl Yuv {
    /// A black frame, or an error when a side is 0 or more than [`MAX_SIDE`].
    pub fn new(size: Size) -> Result<Self, PictureError> {
        check(size)?;
        let mut frame = Self {
            size,
            data: vec![0; Self::bytes(size)],
        };
        frame.fill(BLACK);
        Ok(frame)
    }

    /// How many bytes a frame of `size` has.
    pub const fn bytes(size: Size) -> usize {
        let chroma = chroma_size(size);
        size.width as usize * size.height as usize
            + 2 * chroma.width as usize * chroma.height as usize
    }

    /// The planes Y, U and V; empty ones where `data` is too short for `size`.
    pub fn planes(&self) -> [&[u8]; 3] {
        let (luma, chroma) = self.lengths();
        let Some((y, rest)) = self.data.split_at_checked(luma) else {
            return [&[]; 3];
        };
        let Some((u, v)) = rest.split_at_checked(chroma) else {
            return [&[]; 3];
        };
        [y, u, v]
    }

    /// The planes Y, U and V; empty ones where `data` is too short for `size`.
    pub fn planes_mut(&mut self) -> [&mut [u8]; 3] {
        let (luma, chroma) = self.lengths();
        let Some((y, rest)) = self.data.split_at_mut_checked(luma) else {
            return [&mut [], &mut [], &mut []];
        };
        let Some((u, v)) = rest.split_at_mut_checked(chroma) else {
            return [&mut [], &mut [], &mut []];
        };
        [y, u, v]
    }

    /// Paints every pixel in one colour, given as Y, U, V.
    pub fn fill(&mut self, colour: [u8; 3]) {
        for (plane, value) in self.planes_mut().into_iter().zip(colour) {
            plane.fill(value);
        }
    }

    /// Makes this a frame of `size`; what it shows is undefined until it is painted.
    pub(crate) fn become_size(&mut self, size: Size) -> Result<(), PictureError> {
        check(size)?;
        self.size = size;
        self.data.resize(Self::bytes(size), 0);
        Ok(())
    }

    const fn lengths(&self) -> (usize, usize) {
        let chroma = chroma_size(self.size);
        (
            self.size.width as usize * self.size.height as usize,
            chroma.width as usize * chroma.height as usize,
        )
    }
}

fn check(size: Size) -> Result<(), PictureError> {
    let ok = 1..=MAX_SIDE;
    if ok.contains(&size.width) && ok.contains(&size.height) {
        Ok(())
    } else {
        Err(PictureError::BadSize(size))
    }
}

/// The size of a chroma plane of a frame of `size`.
pub const fn chroma_size(size: Size) -> Size {
    Size {
        width: size.width.div_ceil(2),
        height: size.height.div_ceil(2),
    }
}

/// Fixed point of the colour matrices.
const BITS: u32 = 20;
const HALF: i32 = 1 << (BITS - 1);

const fn fixed(value: f64) -> i32 {
    let scaled = value * (1 << BITS) as f64;
    (if scaled < 0.0 {
        scaled - 0.5
    } else {
        scaled + 0.5
    }) as i32
}

// ITU-R BT.709-6, items 3.2 to 3.5: luma weights, colour difference divisors, quantisation.
pub(crate) const RED: f64 = 0.2126;
pub(crate) const BLUE: f64 = 0.0722;
const LUMA_RANGE: f64 = 219.0 / 255.0;
const BLUE_SCALE: f64 = 224.0 / 255.0 / (2.0 * (1.0 - BLUE));
const RED_SCALE: f64 = 224.0 / 255.0 / (2.0 * (1.0 - RED));
const Y_RED: i32 = fixed(RED * LUMA_RANGE);
const Y_BLUE: i32 = fixed(BLUE * LUMA_RANGE);
const Y_GREEN: i32 = fixed(LUMA_RANGE) - Y_RED - Y_BLUE;
const U_RED: i32 = fixed(-RED * BLUE_SCALE);
const U_BLUE: i32 = fixed((1.0 - BLUE) * BLUE_SCALE);
const V_RED: i32 = fixed((1.0 - RED) * RED_SCALE);
const V_BLUE: i32 = fixed(-BLUE * RED_SCALE);
const Y_ALPHA: i32 = fixed(16.0 / 255.0);
const C_ALPHA: i32 = fixed(128.0 / 255.0);

/// Premultiplied sRGB and alpha as premultiplied Y, U and V (each times alpha over 255).
pub(crate) const fn from_premultiplied(pixel: [u8; 4]) -> [u8; 3] {
    let [red, green, blue, alpha] = pixel;
    let (red, green, blue, alpha) = (red as i32, green as i32, blue as i32, alpha as i32);
    let luma = Y_ALPHA * alpha + Y_RED * red + Y_GREEN * green + Y_BLUE * blue;
    // Differences from green: those of grey cancel exactly.
    let (red, blue) = (red - green, blue - green);
    let u = C_ALPHA * alpha + U_RED * red + U_BLUE * blue;
    let v = C_ALPHA * alpha + V_RED * red + V_BLUE * blue;
    [
        ((luma + HALF) >> BITS) as u8,
        ((u + HALF) >> BITS) as u8,
        ((v + HALF) >> BITS) as u8,
    ]
}

/// An opaque colour as Y, U and V of BT.709 in limited range.
pub const fn bt709(colour: Colour) -> [u8; 3] {
    from_premultiplied([colour.r, colour.g, colour.b, 255])
}

/// A frame as full-range sRGB, 3 bytes a pixel, rows from the top.
///
/// Chroma is interpolated between its samples. A frame whose `data` does not fit its `size` gives
/// no bytes.
pub fn to_rgb8(frame: &Yuv) -> Vec<u8> {
    let [luma, u, v] = frame.planes();
    if luma.is_empty() || v.len() != u.len() {
        return Vec::new();
    }
    let chroma = chroma_size(frame.size);
    let (width, chroma_width) = (frame.size.width as usize, chroma.width as usize);
    let mut rgb = Vec::with_capacity(luma.len() * 3);
    for (row, line) in luma.chunks_exact(width).enumerate() {
        let near = row / 2;
        let far = if row % 2 == 0 {
            near.saturating_sub(1)
        } else {
            (near + 1).min(chroma.height as usize - 1)
        };
        let at = |plane: &[u8], column: usize| {
            let right = (column / 2 + column % 2).min(chroma_width - 1);
            let sum = |x: usize| {
                3 * i32::from(plane[near * chroma_width + x])
                    + i32::from(plane[far * chroma_width + x])
            };
            sum(column / 2) + sum(right) - 8 * 128
        };
        for (column, &y) in line.iter().enumerate() {
            rgb.extend_from_slice(&to_rgb(y, at(u, column), at(v, column)));
        }
    }
    rgb
}

const RGB_LUMA: i32 = fixed(255.0 / 219.0);
const RED_V: i32 = fixed(255.0 / 224.0 * 2.0 * (1.0 - RED));
const BLUE_U: i32 = fixed(255.0 / 224.0 * 2.0 * (1.0 - BLUE));
const GREEN_U: i32 = fixed(255.0 / 224.0 * 2.0 * (1.0 - BLUE) * BLUE / (1.0 - RED - BLUE));
const GREEN_V: i32 = fixed(255.0 / 224.0 * 2.0 * (1.0 - RED) * RED / (1.0 - RED - BLUE));

/// `u` and `v` are less 128 and times 8.
fn to_rgb(y: u8, u: i32, v: i32) -> [u8; 3] {
    let y = i64::from(RGB_LUMA) * 8 * (i64::from(y) - 16);
    let finish = |value: i64| ((value + (i64::from(HALF) << 3)) >> (BITS + 3)).clamp(0, 255) as u8;
    let (u, v) = (i64::from(u), i64::from(v));
    [
        finish(y + i64::from(RED_V) * v),
        finish(y - i64::from(GREEN_U) * u - i64::from(GREEN_V) * v),
        finish(y + i64::from(BLUE_U) * u),
    ]
}
