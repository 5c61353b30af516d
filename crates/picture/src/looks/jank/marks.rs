//! Small marks with soft edges, laid over a frame.

use crate::looks::range::NEUTRAL;
use crate::yuv::{YuvMut, chroma_size};

/// All of a mark.
pub(super) const SOLID: i32 = 256;

/// How opaque a mark is, pixel for pixel, where it lies.
#[derive(Debug, Default)]
pub(super) struct Stamp {
    left: i32,
    top: i32,
    width: i32,
    cover: Vec<u8>,
}

/// A round dot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dot {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) radius: f64,
}

impl Stamp {
    /// Marks dots that join, clipped to 512 pixels across and down.
    pub(super) fn dots(dots: &[Dot]) -> Self {
        let edge = |of: fn(&Dot) -> f64, side: f64| {
            let edges = dots.iter().map(|dot| of(dot) + side * (dot.radius + 1.0));
            edges.fold(None, |best: Option<f64>, edge| {
                Some(best.map_or(edge, |best| {
                    if side < 0.0 {
                        best.min(edge)
                    } else {
                        best.max(edge)
                    }
                }))
            })
        };
        let bounds = |of: fn(&Dot) -> f64| {
            let (from, to) = (edge(of, -1.0).unwrap_or(0.0), edge(of, 1.0).unwrap_or(0.0));
            let from = from.floor().clamp(-1e6, 1e6) as i32;
            (
                from,
                (to.ceil().clamp(-1e6, 1e6) as i32 - from).clamp(1, 512),
            )
        };
        let ((left, width), (top, height)) = (bounds(|dot| dot.x), bounds(|dot| dot.y));
        let mut stamp = Self {
            left,
            top,
            width,
            cover: vec![0; (width * height) as usize],
        };
        for dot in dots {
            stamp.add(dot, height);
        }
        stamp
    }

    fn add(&mut self, dot: &Dot, height: i32) {
        let range = |middle: f64, start: i32, count: i32| {
            let from = (middle - dot.radius - 1.0).floor() as i32 - start;
            let to = (middle + dot.radius + 1.0).ceil() as i32 - start;
            from.clamp(0, count)..to.clamp(0, count)
        };
        for row in range(dot.y, self.top, height) {
            for column in range(dot.x, self.left, self.width) {
                let across = f64::from(self.left + column) + 0.5 - dot.x;
                let down = f64::from(self.top + row) + 0.5 - dot.y;
                let away = (across * across + down * down).sqrt();
                let cover = ((dot.radius - away + 0.5).clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
                let place = &mut self.cover[(row * self.width + column) as usize];
                *place = cover.max(*place);
            }
        }
    }

    /// Lays it over a frame, `strength` of [`SOLID`] at most, in a grey of `luma`.
    pub(super) fn press(&self, frame: &mut YuvMut<'_>, strength: i32, luma: i32) {
        for (row, cover) in self.cover.chunks_exact(self.width as usize).enumerate() {
            for (column, &cover) in cover.iter().enumerate().filter(|(_, cover)| **cover > 0) {
                let place = (self.left + column as i32, self.top + row as i32);
                mark(frame, place, i32::from(cover) * strength / 255, luma);
            }
        }
    }
}

/// Makes one pixel `share` of [`SOLID`] a grey of `luma`.
pub(super) fn mark(frame: &mut YuvMut<'_>, (x, y): (i32, i32), share: i32, luma: i32) {
    let size = frame.size;
    let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
        return;
    };
    if x >= size.width || y >= size.height {
        return;
    }
    let share = share.clamp(0, SOLID);
    let chroma = chroma_size(size).width;
    let [plane, u, v] = frame.planes_mut();
    let blend = |sample: &mut u8, to: i32, share: i32| {
        let own = i32::from(*sample);
        *sample = (own + (((to - own) * share + SOLID / 2) >> 8)).clamp(1, 254) as u8;
    };
    blend(&mut plane[(y * size.width + x) as usize], luma, share);
    // A sample of colour belongs to four pixels.
    let at = (y / 2 * chroma + x / 2) as usize;
    blend(&mut u[at], NEUTRAL, share / 4);
    blend(&mut v[at], NEUTRAL, share / 4);
}
