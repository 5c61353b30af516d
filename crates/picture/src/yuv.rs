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
        split(self.size, &self.data)
    }

    /// The planes Y, U and V; empty ones where `data` is too short for `size`.
    pub fn planes_mut(&mut self) -> [&mut [u8]; 3] {
        split_mut(self.size, &mut self.data)
    }

    /// Paints every pixel in one colour, given as Y, U, V.
    pub fn fill(&mut self, colour: [u8; 3]) {
        self.lent().fill(colour);
    }

    /// The frame, to be painted.
    pub fn lent(&mut self) -> YuvMut<'_> {
        YuvMut {
            size: self.size,
            data: &mut self.data,
        }
    }

    /// Makes this a frame of `size`; what it shows is undefined until it is painted.
    pub(crate) fn become_size(&mut self, size: Size) -> Result<(), PictureError> {
        check(size)?;
        self.size = size;
        self.data.resize(Self::bytes(size), 0);
        Ok(())
    }
}

/// A frame as [`Yuv`] is one, in somebody's memory.
pub struct YuvMut<'a> {
    /// Its size in pixels.
    pub size: Size,
    /// The planes, as in [`Yuv::data`]; [`Yuv::bytes`] of them.
    pub data: &'a mut [u8],
}

impl std::fmt::Debug for YuvMut<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "YuvMut({})", self.size)
    }
}

impl YuvMut<'_> {
    /// The planes Y, U and V; empty ones where `data` is too short for `size`.
    pub fn planes(&self) -> [&[u8]; 3] {
        split(self.size, self.data)
    }

    /// The planes Y, U and V; empty ones where `data` is too short for `size`.
    pub fn planes_mut(&mut self) -> [&mut [u8]; 3] {
        split_mut(self.size, self.data)
    }

    /// Paints every pixel in one colour, given as Y, U, V.
    pub fn fill(&mut self, colour: [u8; 3]) {
        for (plane, value) in self.planes_mut().into_iter().zip(colour) {
            plane.fill(value);
        }
    }
}

fn split(size: Size, data: &[u8]) -> [&[u8]; 3] {
    let (luma, chroma) = lengths(size);
    let Some((y, rest)) = data.split_at_checked(luma) else {
        return [&[]; 3];
    };
    let Some((u, v)) = rest.split_at_checked(chroma) else {
        return [&[]; 3];
    };
    [y, u, v]
}

fn split_mut(size: Size, data: &mut [u8]) -> [&mut [u8]; 3] {
    let (luma, chroma) = lengths(size);
    let Some((y, rest)) = data.split_at_mut_checked(luma) else {
        return [&mut [], &mut [], &mut []];
    };
    let Some((u, v)) = rest.split_at_mut_checked(chroma) else {
        return [&mut [], &mut [], &mut []];
    };
    [y, u, v]
}

/// How many samples luma and a plane of chroma have.
const fn lengths(size: Size) -> (usize, usize) {
    let chroma = chroma_size(size);
    (
        size.width as usize * size.height as usize,
        chroma.width as usize * chroma.height as usize,
    )
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

const fn fixed(value: f64, bits: u32) -> i32 {
    let scaled = value * (1 << bits) as f64;
    (if scaled < 0.0 {
        scaled - 0.5
    } else {
        scaled + 0.5
    }) as i32
}

// ITU-R BT.709-6, items 3.2 to 3.5: luma weights, colour difference divisors, quantisation.
pub(crate) const RED: f64 = 0.2126;
pub(crate) const BLUE: f64 = 0.0722;

/// From channels to samples of limited range, less what black has.
///
/// U and V take red and blue less green: differences of grey cancel exactly.
pub(crate) struct ToYuv {
    pub(crate) y_red: i32,
    pub(crate) y_green: i32,
    pub(crate) y_blue: i32,
    pub(crate) u_red: i32,
    pub(crate) u_blue: i32,
    pub(crate) v_red: i32,
    pub(crate) v_blue: i32,
}

impl ToYuv {
    /// Of channels from 0 to `full`, in fixed point of so many bits.
    pub(crate) const fn of(full: f64, bits: u32) -> Self {
        let range = 219.0 / full;
        let blue_scale = 224.0 / full / (2.0 * (1.0 - BLUE));
        let red_scale = 224.0 / full / (2.0 * (1.0 - RED));
        let (y_red, y_blue) = (fixed(RED * range, bits), fixed(BLUE * range, bits));
        Self {
            y_red,
            y_green: fixed(range, bits) - y_red - y_blue,
            y_blue,
            u_red: fixed(-RED * blue_scale, bits),
            u_blue: fixed((1.0 - BLUE) * blue_scale, bits),
            v_red: fixed((1.0 - RED) * red_scale, bits),
            v_blue: fixed(-BLUE * red_scale, bits),
        }
    }
}

/// From samples of limited range, less what black has, to channels.
pub(crate) struct ToRgb {
    pub(crate) luma: i32,
    pub(crate) red_v: i32,
    pub(crate) green_u: i32,
    pub(crate) green_v: i32,
    pub(crate) blue_u: i32,
}

impl ToRgb {
    /// Of channels from 0 to `full`, in fixed point of so many bits.
    pub(crate) const fn of(full: f64, bits: u32) -> Self {
        const GREEN: f64 = 1.0 - RED - BLUE;
        let (red, blue) = (
            full / 224.0 * 2.0 * (1.0 - RED),
            full / 224.0 * 2.0 * (1.0 - BLUE),
        );
        Self {
            luma: fixed(full / 219.0, bits),
            red_v: fixed(red, bits),
            green_u: fixed(blue * BLUE / GREEN, bits),
            green_v: fixed(red * RED / GREEN, bits),
            blue_u: fixed(blue, bits),
        }
    }
}

const YUV: ToYuv = ToYuv::of(255.0, BITS);
const RGB: ToRgb = ToRgb::of(255.0, BITS);
const Y_ALPHA: i32 = fixed(16.0 / 255.0, BITS);
const C_ALPHA: i32 = fixed(128.0 / 255.0, BITS);

/// Premultiplied sRGB and alpha as premultiplied Y, U and V (each times alpha over 255).
pub(crate) const fn from_premultiplied(pixel: [u8; 4]) -> [u8; 3] {
    let [red, green, blue, alpha] = pixel;
    let (red, green, blue, alpha) = (red as i32, green as i32, blue as i32, alpha as i32);
    let luma = Y_ALPHA * alpha + YUV.y_red * red + YUV.y_green * green + YUV.y_blue * blue;
    let (red, blue) = (red - green, blue - green);
    let u = C_ALPHA * alpha + YUV.u_red * red + YUV.u_blue * blue;
    let v = C_ALPHA * alpha + YUV.v_red * red + YUV.v_blue * blue;
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

/// `u` and `v` are less 128 and times 8.
fn to_rgb(y: u8, u: i32, v: i32) -> [u8; 3] {
    let y = i64::from(RGB.luma) * 8 * (i64::from(y) - 16);
    let finish = |value: i64| ((value + (i64::from(HALF) << 3)) >> (BITS + 3)).clamp(0, 255) as u8;
    let (u, v) = (i64::from(u), i64::from(v));
    [
        finish(y + i64::from(RGB.red_v) * v),
        finish(y - i64::from(RGB.green_u) * u - i64::from(RGB.green_v) * v),
        finish(y + i64::from(RGB.blue_u) * u),
    ]
}
