//! A raster that is made row by row.

use workprint_model::Size;

use super::{Alpha, Detail, Patch, Pyramid, Raster, level_count, mean, sides};
use crate::yuv::from_premultiplied;

/// A raster of which rows are still to come.
pub(super) struct Making {
    size: Size,
    pub(super) patch: Patch,
    /// Y, U and V of a row.
    lines: [Vec<u8>; 3],
    planes: [Halving; 3],
    /// The same of alpha.
    alpha: Option<(Vec<u8>, Halving)>,
}

impl Making {
    /// Of a picture of which `seen` is not transparent.
    pub(super) fn new(size: Size, seen: Patch, (detail, opaque): (Detail, bool)) -> Self {
        let last = level_count(size) - 1;
        let (luma, chroma) = (detail.luma.min(last), detail.chroma.min(last));
        let patch = seen.aligned(luma.max(chroma), sides(size, 0));
        Self {
            size,
            patch,
            lines: [(); 3].map(|()| vec![0; patch.width]),
            planes: [luma, chroma, chroma].map(|times| Halving::new(times, patch)),
            alpha: (!opaque).then(|| {
                let halving = Halving::new(luma.min(chroma), patch);
                (vec![0; patch.width], halving)
            }),
        }
    }

    /// Takes the patch's next row: premultiplied colours and alpha. What is missing of it is transparent.
    pub(super) fn row(&mut self, pixels: impl Iterator<Item = [u8; 4]>) {
        for line in &mut self.lines {
            line.fill(0);
        }
        let [luma, u, v] = &mut self.lines;
        let colours = luma.iter_mut().zip(u).zip(v);
        if let Some((line, halving)) = &mut self.alpha {
            line.fill(0);
            for (pixel, (((y, u), v), alpha)) in pixels.zip(colours.zip(line.iter_mut())) {
                if pixel[3] != 0 {
                    [*y, *u, *v] = from_premultiplied(pixel);
                    *alpha = pixel[3];
                }
            }
            halving.push(line, 0);
        } else {
            for (pixel, ((y, u), v)) in pixels.zip(colours) {
                [*y, *u, *v] = from_premultiplied(pixel);
            }
        }
        for (plane, line) in self.planes.iter_mut().zip(&self.lines) {
            plane.push(line, 0);
        }
    }

    pub(super) fn finish(self) -> Raster {
        let count = level_count(self.size);
        let empty = vec![0; self.patch.width];
        let of = |plane: Halving| {
            let (first, plane) = plane.finish(&empty);
            Pyramid::new(first, count, plane)
        };
        let [luma, u, v] = self.planes.map(of);
        let alpha = self.alpha.map(|(_, alpha)| {
            let (first, plane) = alpha.finish(&empty);
            let alpha = Alpha::new(plane, self.patch.halved(first));
            Pyramid::new(first, count, alpha)
        });
        Raster {
            size: self.size,
            patch: self.patch,
            luma,
            chroma: [u, v],
            alpha,
        }
    }
}

/// A plane that is halved while its rows come.
struct Halving {
    /// For each time that it is halved, the upper one of two rows; empty where none waits.
    waiting: Vec<Vec<u8>>,
    /// How many samples are to come.
    missing: usize,
    plane: Vec<u8>,
}

impl Halving {
    fn new(times: u32, patch: Patch) -> Self {
        let half = patch.halved(times);
        let missing = patch.height;
        Self {
            waiting: vec![Vec::new(); times as usize],
            missing,
            plane: Vec::with_capacity(half.width * half.height),
        }
    }

    fn push(&mut self, row: &[u8], level: usize) {
        if level == 0 {
            self.missing = self.missing.saturating_sub(1);
        }
        let Some(waiting) = self.waiting.get_mut(level) else {
            self.plane.extend_from_slice(row);
            return;
        };
        if waiting.is_empty() {
            waiting.extend_from_slice(row);
            return;
        }
        let mut upper = std::mem::take(waiting);
        let mut half = Vec::with_capacity(row.len().div_ceil(2));
        mean(&upper, row, &mut half);
        upper.clear();
        self.waiting[level] = upper;
        self.push(&half, level + 1);
    }

    /// How many times it was halved, and what it became; rows that never came are `empty`.
    fn finish(mut self, empty: &[u8]) -> (u32, Vec<u8>) {
        while self.missing > 0 {
            self.push(empty, 0);
        }
        for level in 0..self.waiting.len() {
            let last = std::mem::take(&mut self.waiting[level]);
            if !last.is_empty() {
                let mut half = Vec::with_capacity(last.len().div_ceil(2));
                mean(&last, &last, &mut half);
                self.push(&half, level + 1);
            }
        }
        (self.waiting.len() as u32, self.plane)
    }
}
