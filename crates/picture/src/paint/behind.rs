//! A shot's own picture behind it: small, blurred and darkened, and enlarged again.

use workprint_model::Size;

use super::smear::mean_along;
use crate::error::PictureError;
use crate::resolve::{Backdrop, Layer, Window};
use crate::yuv::Yuv;

/// The longer side of the small picture.
const LONGER: u32 = 160;
/// The neighbours to either side that a sample of the small picture is the mean of, three times.
const BLUR: usize = 6;
/// How much luma and colour are left, of 256.
const LIGHT: i32 = 140;
const COLOUR: i32 = 180;

/// The last small picture, and what it is of.
#[derive(Debug)]
pub(super) struct Behind {
    layers: Vec<Layer>,
    frame: Size,
    pub(super) picture: Yuv,
}

impl Behind {
    /// Whether this is what lies behind in a frame of `frame`.
    pub(super) fn is_of(&self, backdrop: &Backdrop, frame: Size) -> bool {
        self.frame == frame && self.layers == backdrop.layers
    }

    /// Of the backdrop's layers, painted small.
    pub(super) fn of(backdrop: &Backdrop, frame: Size, mut picture: Yuv) -> Self {
        let widths = [
            picture.size.width as usize,
            picture.size.width.div_ceil(2) as usize,
        ];
        for (number, plane) in picture.planes_mut().into_iter().enumerate() {
            let (width, half) = if number == 0 {
                (widths[0], BLUR)
            } else {
                (widths[1], BLUR / 2)
            };
            for _ in 0..3 {
                mean_along(plane, width, (0, half));
                mean_along(plane, width, (1, half));
            }
            let (grey, left) = if number == 0 {
                (16, LIGHT)
            } else {
                (128, COLOUR)
            };
            for sample in plane {
                *sample = (grey + (((i32::from(*sample) - grey) * left + 128) >> 8)) as u8;
            }
        }
        Self {
            layers: backdrop.layers.clone(),
            frame,
            picture,
        }
    }

    /// A frame for the small picture.
    pub(super) fn small(frame: Size) -> Result<Yuv, PictureError> {
        Yuv::new(small(frame))
    }

    /// The part of the small picture that fills the frame.
    pub(super) fn window(&self, backdrop: &Backdrop) -> Window {
        let scale = |value: i64, small: u32, large: u32| {
            (i128::from(value) * i128::from(small) / i128::from(large.max(1))) as i64
        };
        let (small, large) = (self.picture.size, self.frame);
        let across = |value| scale(value, small.width, large.width);
        let down = |value| scale(value, small.height, large.height);
        let window = &backdrop.window;
        Window::upright(
            across(window.left),
            down(window.top),
            across(window.width).max(1),
            down(window.height).max(1),
        )
    }
}

fn small(frame: Size) -> Size {
    let longer = frame.width.max(frame.height).max(1);
    let side = |length: u32| {
        let small = u64::from(length) * u64::from(LONGER.min(longer)) / u64::from(longer);
        (small as u32).max(2).next_multiple_of(2)
    };
    Size {
        width: side(frame.width),
        height: side(frame.height),
    }
}
