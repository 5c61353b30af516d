//! A Gaussian blur of one plane, at a cost that does not grow with its radius.
//!
//! The plane is halved until few neighbours are enough, blurred there, and made larger again while
//! it is read. Samples are kept in 1/256, so that soft shapes can be rounded without bands.

use super::kernel::twins;
use crate::maths::exp;
use crate::paint::kernel::Kernel;

/// Weights of neighbours sum to this.
const UNIT: f64 = 65_536.0;
/// A level is halved again where the blur is at least this wide in it.
const WIDE: f64 = 2.2;

/// A plane in 1/256 of a sample.
#[derive(Debug, Default)]
struct Plane {
    width: usize,
    height: usize,
    samples: Vec<u16>,
}

/// A blur, ready for planes of one size.
#[derive(Debug)]
pub(super) struct Soft {
    size: (usize, usize),
    /// How often the plane is halved.
    halvings: u32,
    /// Of a sample, then of its neighbours to either side.
    weights: Vec<u16>,
    levels: Vec<Plane>,
    line: Vec<u16>,
    column: Vec<u16>,
}

impl Soft {
    /// A blur with a standard deviation of `sigma` samples.
    pub(super) fn new(width: usize, height: usize, sigma: f64) -> Self {
        let mut halvings = 0;
        let mut rest = sigma;
        // Halving and enlarging n times blurs by a variance of (4^n − 1) / 3 by itself.
        while halvings < 8 {
            let grown = f64::from(1 << (2 * (halvings + 1)));
            let own = (grown - 1.0) / 3.0;
            let left = (sigma * sigma - own) / grown;
            if rest < WIDE
                || left < 0.25
                || width >> (halvings + 1) < 4
                || height >> (halvings + 1) < 4
            {
                break;
            }
            halvings += 1;
            rest = left.sqrt();
        }
        Self {
            size: (width, height),
            halvings,
            weights: weights(rest),
            levels: Vec::new(),
            line: Vec::new(),
            column: Vec::new(),
        }
    }

    /// Whether what is blurred is first made smaller: then [`Self::read_halved`] will do.
    pub(super) const fn halves(&self) -> bool {
        self.halvings > 0
    }

    /// Blurs a plane.
    pub(super) fn blur(&mut self, plane: &[u8], kernel: Kernel) {
        self.blur_of(plane, kernel, |_| {});
    }

    /// Blurs what `change` makes of each row of a plane. Where the blur is wide the rows are of half
    /// the plane already.
    pub(super) fn blur_of(&mut self, plane: &[u8], kernel: Kernel, change: impl Fn(&mut [u16])) {
        let (width, height) = self.size;
        self.levels
            .resize_with(self.halvings as usize + 1, Plane::default);
        let mut first = usize::from(self.halves());
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        let level = &mut self.levels[first];
        if first == 0 {
            level.become_size(width, height);
            for (row, out) in plane
                .chunks_exact(width)
                .zip(level.samples.chunks_exact_mut(width))
            {
                widen(kernel, row, out);
                change(out);
            }
        } else {
            level.become_size(half_width, half_height);
            for (rows, out) in plane
                .chunks(2 * width)
                .zip(level.samples.chunks_exact_mut(half_width))
            {
                let (upper, lower) = rows.split_at(width);
                halve_samples(
                    kernel,
                    upper,
                    if lower.is_empty() { upper } else { lower },
                    out,
                );
                change(out);
            }
        }
        while first < self.halvings as usize {
            let (before, after) = self.levels.split_at_mut(first + 1);
            after[0].halve(&before[first], kernel);
            first += 1;
        }
        let weights = &self.weights;
        let smallest = &mut self.levels[first];
        if weights.len() > 1 {
            smallest.filter(weights, kernel, (&mut self.line, &mut self.column));
        }
        while first > 1 {
            let (before, after) = self.levels.split_at_mut(first);
            before[first - 1].double(&after[0], kernel, &mut self.line);
            first -= 1;
        }
    }

    /// Hands out the blurred rows, from the top, with their numbers.
    pub(super) fn rows(&mut self, kernel: Kernel, mut take: impl FnMut(usize, &[u16])) {
        let (width, height) = self.size;
        let Some(level) = self.levels.get(usize::from(self.halvings > 0)) else {
            return;
        };
        if self.halvings == 0 {
            let rows = level.samples.chunks_exact(width);
            rows.enumerate()
                .for_each(|(row, samples)| take(row, samples));
            return;
        }
        self.column.resize(width, 0);
        for row in 0..height {
            level.doubled_row(row, kernel, &mut self.line, &mut self.column[..width]);
            take(row, &self.column[..width]);
        }
    }
}

/// The weights of a Gaussian, of the middle and of each neighbour to one side.
fn weights(sigma: f64) -> Vec<u16> {
    if sigma < 0.15 {
        return vec![u16::MAX];
    }
    let reach = ((sigma * 2.8).ceil() as usize).max(1);
    let parts: Vec<f64> = (0..=reach)
        .map(|at| exp(-((at * at) as f64) / (2.0 * sigma * sigma)))
        .collect();
    let sum = 2.0 * parts.iter().sum::<f64>() - 1.0;
    let mut weights: Vec<u16> = parts
        .iter()
        .map(|part| (part / sum * UNIT + 0.5).floor().min(UNIT - 1.0) as u16)
        .collect();
    // Together they are exactly one, so that what is even stays as it is.
    let beside: i64 = weights[1..]
        .iter()
        .map(|&weight| 2 * i64::from(weight))
        .sum();
    weights[0] = (UNIT as i64 - beside).clamp(0, i64::from(u16::MAX)) as u16;
    weights
}

impl Plane {
    fn become_size(&mut self, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        self.samples.resize(width * height, 0);
    }

    /// Becomes `source` at half its size.
    fn halve(&mut self, source: &Self, kernel: Kernel) {
        self.become_size(source.width.div_ceil(2), source.height.div_ceil(2));
        let rows = source.samples.chunks(2 * source.width);
        for (rows, out) in rows.zip(self.samples.chunks_exact_mut(self.width)) {
            let (upper, lower) = rows.split_at(source.width);
            halve_rows(
                kernel,
                upper,
                if lower.is_empty() { upper } else { lower },
                out,
            );
        }
    }

    /// Becomes `source` at twice its size, which this plane had before.
    fn double(&mut self, source: &Self, kernel: Kernel, line: &mut Vec<u16>) {
        for (row, out) in self.samples.chunks_exact_mut(self.width).enumerate() {
            source.doubled_row(row, kernel, line, out);
        }
    }

    /// A row of this plane at twice its size.
    fn doubled_row(&self, row: usize, kernel: Kernel, line: &mut Vec<u16>, out: &mut [u16]) {
        let near = (row / 2).min(self.height - 1);
        let far = if row.is_multiple_of(2) {
            near.saturating_sub(1)
        } else {
            (near + 1).min(self.height - 1)
        };
        let at = |row: usize| &self.samples[row * self.width..][..self.width];
        // A sample more at either end.
        line.resize(self.width + 2, 0);
        blend_rows(kernel, at(near), at(far), &mut line[1..=self.width]);
        line[0] = line[1];
        line[self.width + 1] = line[self.width];
        double_row(kernel, &line[..self.width + 2], out);
    }

    /// Blurs this plane by `weights`.
    fn filter(
        &mut self,
        weights: &[u16],
        kernel: Kernel,
        (line, ring): (&mut Vec<u16>, &mut Vec<u16>),
    ) {
        let reach = weights.len() - 1;
        let (width, height) = (self.width, self.height);
        line.resize(width + 2 * reach, 0);
        for row in self.samples.chunks_exact_mut(width) {
            line[reach..reach + width].copy_from_slice(row);
            let (first, last) = (row[0], row[width - 1]);
            line[..reach].fill(first);
            line[reach + width..].fill(last);
            filter_row(kernel, line, weights, row);
        }
        // Rows that were replaced are still needed: the last ones are kept as they were.
        let kept = reach + 1;
        ring.resize(kept * width, 0);
        let slot = |row: usize| row % kept * width..row % kept * width + width;
        line.resize(width, 0);
        for row in 0..height {
            let own = row * width..row * width + width;
            ring[slot(row)].copy_from_slice(&self.samples[own.clone()]);
            scale_row(
                kernel,
                &self.samples[own.clone()],
                weights[0],
                &mut line[..width],
            );
            for (away, &weight) in weights.iter().enumerate().skip(1) {
                let above = &ring[slot(row.saturating_sub(away))];
                let below = (row + away).min(height - 1) * width;
                let below = &self.samples[below..below + width];
                add_rows(kernel, above, below, weight, &mut line[..width]);
            }
            self.samples[own].copy_from_slice(&line[..width]);
        }
    }
}

/// `value · weight / 65536`, rounded down.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "it is the body of loops that are compiled twice"
)]
const fn part(value: u16, weight: u16) -> u16 {
    ((value as u32 * weight as u32) >> 16) as u16
}

/// The mean, rounded up.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "it is the body of loops that are compiled twice"
)]
const fn mean(one: u16, two: u16) -> u16 {
    ((one as u32 + two as u32 + 1) >> 1) as u16
}

twins! {
    fn widen(row: &[u8], out: &mut [u16]) {
        for (out, &sample) in out.iter_mut().zip(row) {
            *out = u16::from(sample) << 8;
        }
    }

    fn halve_samples(upper: &[u8], lower: &[u8], out: &mut [u16]) {
        let sum = |a: u8, b: u8, c: u8, d: u8| {
            (u16::from(a) + u16::from(b) + u16::from(c) + u16::from(d)) << 6
        };
        let (pairs, odd) = upper.as_chunks::<2>();
        let (below, odd_below) = lower.as_chunks::<2>();
        for ((out, upper), lower) in out.iter_mut().zip(pairs).zip(below) {
            *out = sum(upper[0], upper[1], lower[0], lower[1]);
        }
        if let ([upper], [lower], Some(out)) = (odd, odd_below, out.last_mut()) {
            *out = sum(*upper, *upper, *lower, *lower);
        }
    }

    fn halve_rows(upper: &[u16], lower: &[u16], out: &mut [u16]) {
        let four = |a: u16, b: u16, c: u16, d: u16| {
            ((u32::from(a) + u32::from(b) + u32::from(c) + u32::from(d) + 2) >> 2) as u16
        };
        let (pairs, odd) = upper.as_chunks::<2>();
        let (below, odd_below) = lower.as_chunks::<2>();
        for ((out, upper), lower) in out.iter_mut().zip(pairs).zip(below) {
            *out = four(upper[0], upper[1], lower[0], lower[1]);
        }
        if let ([upper], [lower], Some(out)) = (odd, odd_below, out.last_mut()) {
            *out = four(*upper, *upper, *lower, *lower);
        }
    }

    /// Three quarters of one row, a quarter of another.
    fn blend_rows(near: &[u16], far: &[u16], out: &mut [u16]) {
        for ((out, &near), &far) in out.iter_mut().zip(near).zip(far) {
            *out = mean(near, mean(near, far));
        }
    }

    /// A row at twice its length; it has a sample more at either end.
    fn double_row(row: &[u16], out: &mut [u16]) {
        let (pairs, odd) = out.as_chunks_mut::<2>();
        for (out, near) in pairs.iter_mut().zip(row.windows(3)) {
            *out = [mean(near[1], mean(near[1], near[0])), mean(near[1], mean(near[1], near[2]))];
        }
        if let ([last], Some([.., before, near, _])) = (odd, row.last_chunk::<3>()) {
            *last = mean(*near, mean(*near, *before));
        }
    }

    /// A row of which `line` has `weights.len() - 1` samples more at either end.
    fn filter_row(line: &[u16], weights: &[u16], out: &mut [u16]) {
        let (reach, count) = (weights.len() - 1, out.len());
        let middle = &line[reach..reach + count];
        for (out, &sample) in out.iter_mut().zip(middle) {
            *out = part(sample, weights[0]);
        }
        for (away, &weight) in weights.iter().enumerate().skip(1) {
            let left = &line[reach - away..][..count];
            let right = &line[reach + away..][..count];
            for ((out, &left), &right) in out.iter_mut().zip(left).zip(right) {
                // Half of what rounding down takes comes back.
                *out = out.saturating_add(part(left, weight).saturating_add(part(right, weight)).saturating_add(1));
            }
        }
    }

    fn scale_row(row: &[u16], weight: u16, out: &mut [u16]) {
        for (out, &sample) in out.iter_mut().zip(row) {
            *out = part(sample, weight);
        }
    }

    fn add_rows(above: &[u16], below: &[u16], weight: u16, out: &mut [u16]) {
        for ((out, &above), &below) in out.iter_mut().zip(above).zip(below) {
            *out = out.saturating_add(part(above, weight).saturating_add(part(below, weight)).saturating_add(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blurred(plane: &[u8], width: usize, sigma: f64, kernel: Kernel) -> Vec<u16> {
        let mut soft = Soft::new(width, plane.len() / width, sigma);
        soft.blur(plane, kernel);
        let mut out = Vec::new();
        soft.rows(kernel, |_, row| out.extend_from_slice(row));
        out
    }

    #[test]
    fn what_is_even_stays_so() {
        for sigma in [0.1, 0.6, 1.5, 3.0, 9.0, 40.0] {
            for value in [16, 128, 235] {
                let out = blurred(&vec![value; 67 * 41], 67, sigma, Kernel::best());
                let exact = i32::from(value) << 8;
                assert!(
                    out.iter().all(|&v| (i32::from(v) - exact).abs() <= 24),
                    "{sigma} {:?}",
                    &out[..3]
                );
            }
        }
    }

    #[test]
    fn a_dot_spreads_as_wide_as_was_asked() {
        for sigma in [0.8, 1.5, 3.0, 6.0, 11.0] {
            let (width, height) = (129, 129);
            let mut plane = vec![0; width * height];
            for y in 62..=66 {
                plane[y * width + 62..=y * width + 66].fill(255);
            }
            let out = blurred(&plane, width, sigma, Kernel::best());
            // Rounding leaves a few parts of a sample everywhere.
            let row: Vec<u16> = out[64 * width..][..width].iter().map(|v| v & !63).collect();
            let sum: f64 = row.iter().map(|&v| f64::from(v)).sum();
            let away = |at: usize| at as f64 - 64.0;
            let middle: f64 = row
                .iter()
                .enumerate()
                .map(|(at, &v)| away(at) * f64::from(v))
                .sum();
            assert!((middle / sum).abs() < 0.5, "{sigma} {}", middle / sum);
            let variance: f64 = row
                .iter()
                .enumerate()
                .map(|(at, &v)| away(at) * away(at) * f64::from(v))
                .sum::<f64>()
                / sum;
            // The five pixels themselves have a variance of 2.
            let found = (variance - 2.0).max(0.0).sqrt();
            assert!((found / sigma - 1.0).abs() < 0.15, "{sigma} {found}");
        }
    }

    #[test]
    fn kernels_are_alike() {
        let plane: Vec<u8> = (0..77 * 53)
            .map(|at: u32| (at.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        for sigma in [0.5, 2.0, 7.0, 30.0] {
            assert_eq!(
                blurred(&plane, 77, sigma, Kernel::Plain),
                blurred(&plane, 77, sigma, Kernel::best())
            );
        }
    }
}
