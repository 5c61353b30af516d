//! Means of neighbours along rows and columns: motion blur, and the blur of backdrops.

use super::mask::grids;
use crate::resolve::Smear;
use crate::yuv::YuvMut;

/// Smears a frame along an axis, as a shutter does that is open while the frame moves.
pub(super) fn smear(frame: &mut YuvMut<'_>, Smear { axis, length }: Smear) {
    let size = frame.size;
    for (plane, (plane_size, grid)) in frame.planes_mut().into_iter().zip(grids(size)) {
        let half = length as usize / 2 / grid.pixels() as usize;
        mean_along(plane, plane_size.width as usize, (axis, half));
    }
}

/// Makes every sample the mean of itself and `half` neighbours to either side along an axis (0 is
/// across). Beyond the edges the samples at the edges go on.
pub(super) fn mean_along(plane: &mut [u8], width: usize, (axis, half): (usize, usize)) {
    if half == 0 || width == 0 || plane.len() < width {
        return;
    }
    let mean = Mean::of(half);
    if axis == 0 {
        let mut line = Vec::new();
        for row in plane.chunks_exact_mut(width) {
            line.clear();
            line.extend_from_slice(row);
            mean.row(&line, row);
        }
    } else {
        mean.columns(plane, width);
    }
}

/// A division by the number of samples in a mean.
struct Mean {
    half: usize,
    reciprocal: u64,
}

impl Mean {
    fn of(half: usize) -> Self {
        let count = 2 * half as u64 + 1;
        Self {
            half,
            reciprocal: ((1 << 40) + count / 2) / count,
        }
    }

    fn finish(&self, sum: u32) -> u8 {
        ((u64::from(sum) * self.reciprocal + (1 << 39)) >> 40).min(255) as u8
    }

    fn row(&self, line: &[u8], out: &mut [u8]) {
        let (half, last) = (self.half, line.len() - 1);
        let at = |place: usize| u32::from(line[place.min(last)]);
        let mut sum = u32::from(line[0]) * (half as u32 + 1);
        sum += (1..=half).map(at).sum::<u32>();
        for (place, out) in out.iter_mut().enumerate() {
            *out = self.finish(sum);
            sum += at(place + half + 1);
            sum -= at(place.saturating_sub(half));
        }
    }

    fn columns(&self, plane: &mut [u8], width: usize) {
        let source = plane.to_vec();
        let last = source.len() / width - 1;
        let row = |at: usize| &source[at.min(last) * width..][..width];
        let mut sums: Vec<u32> = row(0)
            .iter()
            .map(|&v| u32::from(v) * (self.half as u32 + 1))
            .collect();
        for at in 1..=self.half {
            for (sum, &value) in sums.iter_mut().zip(row(at)) {
                *sum += u32::from(value);
            }
        }
        for (at, out) in plane.chunks_exact_mut(width).enumerate() {
            let (next, gone) = (row(at + self.half + 1), row(at.saturating_sub(self.half)));
            for (((out, sum), &next), &gone) in out.iter_mut().zip(&mut sums).zip(next).zip(gone) {
                *out = self.finish(*sum);
                *sum = *sum + u32::from(next) - u32::from(gone);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_exact_along_both_axes() {
        let (width, height) = (17, 9);
        let plane: Vec<u8> = (0..width * height)
            .map(|at| (at * 37 % 251) as u8)
            .collect();
        for (axis, half) in [(0, 1), (0, 6), (0, 40), (1, 1), (1, 3), (1, 20)] {
            let mut found = plane.clone();
            mean_along(&mut found, width, (axis, half));
            for (at, &mean) in found.iter().enumerate() {
                let (x, y) = ((at % width) as i64, (at / width) as i64);
                let half = half as i64;
                let sum: i64 = (-half..=half)
                    .map(|away| {
                        let (dx, dy) = if axis == 0 { (away, 0) } else { (0, away) };
                        let x = (x + dx).clamp(0, width as i64 - 1) as usize;
                        let y = (y + dy).clamp(0, height as i64 - 1) as usize;
                        i64::from(plane[y * width + x])
                    })
                    .sum();
                let count = 2 * half + 1;
                assert_eq!(
                    i64::from(mean),
                    (2 * sum + count) / (2 * count),
                    "{axis} {half} {at}"
                );
            }
        }
    }
}
