//! Colours and gradients painted over a whole frame, without bands.

use workprint_model::Size;
use workprint_model::episode::{Colour, PlateSpec};

use crate::looks::{BAYER, oklab};
use crate::maths;
use crate::resolve::{ONE, Window};
use crate::yuv::{BLUE, RED, YuvMut, bt709, chroma_size};

/// Steps of a gradient that are computed; between them it is straight.
const STEPS: usize = 256;
/// Parts of a sample.
const FINE: f64 = 64.0;

/// Paints the part `window` of a plate as large as the frame over all of `out`.
pub(super) fn fill(plate: &PlateSpec, window: &Window, out: &mut YuvMut<'_>) {
    let Some(to) = plate.to.filter(|to| *to != plate.colour) else {
        out.fill(bt709(plate.colour));
        return;
    };
    let steps = steps(plate.colour, to);
    let (frame, chroma) = (out.size, chroma_size(out.size));
    let way = Way::of(plate, frame);
    for (number, plane) in out.planes_mut().into_iter().enumerate() {
        let (size, scale) = if number == 0 {
            (frame, 1.0)
        } else {
            (chroma, 2.0)
        };
        // Colour samples lie on the left of their two pixels, and midway between two rows.
        let left = 0.5;
        let place = |at: f64, from: i64, length: i64, side: u32| {
            (from as f64 + at * length as f64 / f64::from(side)) / ONE as f64
        };
        let (width, top) = (size.width as usize, scale / 2.0);
        let steps: Vec<i32> = steps.iter().map(|step| step[number]).collect();
        for (row, line) in plane.chunks_exact_mut(width).enumerate() {
            let y = row as f64 * scale + top;
            let y = place(y, window.top, window.height, frame.height);
            let thresholds = &BAYER[row % 8];
            for (column, sample) in line.iter_mut().enumerate() {
                let x = column as f64 * scale + left;
                let at = way.along(place(x, window.left, window.width, frame.width), y);
                let value = between(&steps, at) + i32::from(thresholds[column % 8]);
                *sample = (value >> 6).clamp(1, 254) as u8;
            }
        }
    }
}

/// A step's value at a place of 0 to 1, in 1/64.
fn between(steps: &[i32], at: f64) -> i32 {
    let at = (at * (STEPS * 256) as f64) as usize;
    let (step, part) = (at / 256, (at % 256) as i32);
    let (from, to) = (steps[step], steps[(step + 1).min(STEPS)]);
    from + (((to - from) * part + 128) >> 8)
}

/// Y, U and V of each step, in 1/64; steps look equally far from each other.
fn steps(from: Colour, to: Colour) -> Vec<[i32; 3]> {
    let (from, to) = (oklab::from_colour(from), oklab::from_colour(to));
    (0..=STEPS)
        .map(|step| {
            let part = step as f64 / STEPS as f64;
            let colour = [0, 1, 2].map(|axis| from[axis] + (to[axis] - from[axis]) * part);
            let [red, green, blue] = oklab::to_rgb(colour);
            let luma = RED * red + BLUE * blue + (1.0 - RED - BLUE) * green;
            let u = (blue - luma) / (2.0 * (1.0 - BLUE));
            let v = (red - luma) / (2.0 * (1.0 - RED));
            [16.0 + 219.0 * luma, 128.0 + 224.0 * u, 128.0 + 224.0 * v]
                .map(|value| (value * FINE + 0.5).floor() as i32)
        })
        .collect()
}

/// How far along a gradient a place of the frame is.
enum Way {
    /// So far at the frame's corner, and so much more for each pixel across and down.
    Straight([f64; 3]),
    /// From a place, to one over the squared distance of the farthest corner.
    Round([f64; 3]),
}

impl Way {
    fn of(plate: &PlateSpec, size: Size) -> Self {
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        if plate.radial {
            let x = width * plate.x.ratio().clamp(0.0, 1.0);
            let y = height * plate.y.ratio().clamp(0.0, 1.0);
            let (across, down) = (x.max(width - x), y.max(height - y));
            return Self::Round([x, y, 1.0 / (across * across + down * down)]);
        }
        // As CSS has it: the gradient's ends are level with the corners.
        let degrees = f64::from(plate.angle % 360);
        let (across, down) = (maths::sine(degrees), -maths::sine(degrees + 90.0));
        let length = across.abs() * width + down.abs() * height;
        let (across, down) = (across / length, down / length);
        Self::Straight([
            0.5 - f64::midpoint(across * width, down * height),
            across,
            down,
        ])
    }

    /// 0 to 1.
    fn along(&self, x: f64, y: f64) -> f64 {
        match *self {
            Self::Straight([at, across, down]) => at + x * across + y * down,
            Self::Round([from_x, from_y, over]) => {
                let (across, down) = (x - from_x, y - from_y);
                ((across * across + down * down) * over).sqrt()
            }
        }
        .clamp(0.0, 1.0)
    }
}
