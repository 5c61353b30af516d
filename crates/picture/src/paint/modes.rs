//! Blend modes.
//!
//! Colours meet in R'G'B' as they are coded, each channel on its own, as in browsers and image
//! editors. A pixel's luma is its own; the four pixels of a chroma sample share its colour.

use workprint_model::episode::Blend;

use crate::yuv::{ToRgb, ToYuv, Yuv, YuvMut, chroma_size};

/// 1.0.
const FULL: i32 = 1 << 12;

/// A picture as large as the frame: premultiplied, transparent black where there is nothing.
pub(super) struct Over<'a> {
    pub(super) picture: &'a Yuv,
    /// One sample for each pixel.
    pub(super) alpha: &'a [u8],
    /// One sample for each of the picture's chroma.
    pub(super) chroma_alpha: &'a [u8],
}

/// Lays a picture over `base` in a blend mode.
pub(super) fn lay(base: &mut YuvMut<'_>, over: &Over<'_>, mode: Blend) {
    match mode {
        Blend::Normal => pixels(base, over, |_, over, alpha| (over, alpha)),
        Blend::Multiply => pixels(base, over, |below, over, alpha| (times(over, below), alpha)),
        Blend::Screen => pixels(base, over, |_, over, _| (over, over)),
        Blend::Add => pixels(base, over, |_, over, _| (over, 0)),
        Blend::Overlay => pixels(base, over, |below, over, alpha| {
            (hard(2 * below > FULL, below, over, alpha), alpha)
        }),
        Blend::HardLight => pixels(base, over, |below, over, alpha| {
            (hard(2 * over > alpha, below, over, alpha), alpha)
        }),
        Blend::SoftLight => pixels(base, over, |below, over, alpha| {
            let dark = times(times(alpha - 2 * over, below), below);
            (dark + 2 * times(over, below), alpha)
        }),
        Blend::Darken => pixels(base, over, |below, over, alpha| {
            (over.min(times(alpha, below)), alpha)
        }),
        Blend::Lighten => pixels(base, over, |below, over, alpha| {
            (over.max(times(alpha, below)), alpha)
        }),
    }
}

const fn times(a: i32, b: i32) -> i32 {
    (a * b + FULL / 2) >> 12
}

/// Multiplies, or screens where `light`; premultiplied.
const fn hard(light: bool, below: i32, over: i32, alpha: i32) -> i32 {
    if light {
        alpha - 2 * times(alpha - over, FULL - below)
    } else {
        2 * times(over, below)
    }
}

/// Blends every pixel: `mode` takes a channel below, the premultiplied one over it and its alpha, and
/// gives what is added and how much is taken away of what is below.
fn pixels(base: &mut YuvMut<'_>, over: &Over<'_>, mode: impl Fn(i32, i32, i32) -> (i32, i32)) {
    let (size, chroma) = (base.size, chroma_size(base.size));
    let (width, columns) = (size.width as usize, chroma.width as usize);
    let [over_y, over_u, over_v] = over.picture.planes();
    let [y, u, v] = base.planes_mut();
    for row in 0..chroma.height as usize {
        let lines = 2 * row..(2 * row + 2).min(size.height as usize);
        let seen = lines.clone().any(|line| {
            over.alpha[line * width..][..width]
                .iter()
                .any(|&alpha| alpha > 0)
        });
        if !seen {
            continue;
        }
        for column in 0..columns {
            let at = row * columns + column;
            let places = lines.clone().flat_map(|line| {
                (2 * column..(2 * column + 2).min(width)).map(move |x| line * width + x)
            });
            let alphas = places.clone().map(|place| i32::from(over.alpha[place]));
            let count = places.clone().count() as i32;
            let alpha_sum = alphas.sum::<i32>();
            if alpha_sum == 0 {
                continue;
            }
            let below = Chroma::of(i32::from(u[at]) - 128, i32::from(v[at]) - 128);
            // The picture's chroma was sampled with its own part of the alpha.
            let part = i32::from(over.chroma_alpha[at]);
            let middle = (128 * part + 127) / 255;
            let above = [over_u, over_v].map(|plane| (i32::from(plane[at]) - middle, part.max(1)));
            let mut change = [0; 3];
            for place in places {
                let alpha = i32::from(over.alpha[place]);
                if alpha == 0 {
                    continue;
                }
                let share = (alpha * FULL + 127) / 255;
                let under = below.with(i32::from(y[place]) - 16, FULL);
                let lift = (16 * alpha + 127) / 255;
                let [above_u, above_v] = above.map(|(colour, part)| colour * alpha / part);
                let added =
                    Chroma::of(above_u, above_v).with(i32::from(over_y[place]) - lift, share);
                let difference = [0, 1, 2].map(|channel| {
                    let (add, taken) = mode(under[channel], added[channel], share);
                    let sum = add + times(FULL - taken, under[channel]);
                    sum.clamp(0, FULL) - under[channel]
                });
                y[place] = shifted(y[place], luma(difference));
                for (change, difference) in change.iter_mut().zip(difference) {
                    *change += difference;
                }
            }
            let mean = change.map(|sum| sum / count);
            let [to_u, to_v] = chroma_of(mean);
            u[at] = shifted(u[at], to_u);
            v[at] = shifted(v[at], to_v);
        }
    }
}

/// What a pixel's colour adds to its grey, in red, green and blue.
struct Chroma([i32; 3]);

impl Chroma {
    fn of(u: i32, v: i32) -> Self {
        let green = RGB.green_u * u + RGB.green_v * v;
        Self([RGB.red_v * v, -green, RGB.blue_u * u])
    }

    /// The channels of a pixel with so much luma over black, 0 to `most`.
    fn with(&self, luma: i32, most: i32) -> [i32; 3] {
        let grey = RGB.luma * luma;
        self.0
            .map(|colour| ((grey + colour + HALF) >> BITS).clamp(0, most))
    }
}

/// The change of luma that a change of channels makes, in 1/256.
fn luma([red, green, blue]: [i32; 3]) -> i32 {
    (YUV.y_red * red + YUV.y_green * green + YUV.y_blue * blue) >> BACK
}

/// The change of U and V that a change of channels makes, in 1/256.
fn chroma_of([red, green, blue]: [i32; 3]) -> [i32; 2] {
    let (red, blue) = (red - green, blue - green);
    [
        (YUV.u_red * red + YUV.u_blue * blue) >> BACK,
        (YUV.v_red * red + YUV.v_blue * blue) >> BACK,
    ]
}

fn shifted(value: u8, change: i32) -> u8 {
    (i32::from(value) + ((change + 128) >> 8)).clamp(0, 255) as u8
}

const BITS: u32 = 12;
const HALF: i32 = 1 << (BITS - 1);
/// From products of channels and 1/2²⁰ to 1/256 of a sample.
const BACK: u32 = 12;

/// BT.709 against channels from 0 to [`FULL`].
const RGB: ToRgb = ToRgb::of(FULL as f64, BITS);
const YUV: ToYuv = ToYuv::of(FULL as f64, 20);
