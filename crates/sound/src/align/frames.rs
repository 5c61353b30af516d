//! Rows of numbers, one for each frame, and what is said about many numbers at once.

use crate::elementary::ln;

/// Rows of equal width, one after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Frames {
    width: usize,
    values: Vec<f32>,
}

impl Frames {
    pub(super) fn new(width: usize, values: Vec<f32>) -> Self {
        Self { width, values }
    }

    pub(super) fn zeros(width: usize, count: usize) -> Self {
        Self::new(width, vec![0.0; width * count])
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn count(&self) -> usize {
        self.values.len() / self.width.max(1)
    }

    pub(super) fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.width..][..self.width]
    }

    pub(super) fn row_mut(&mut self, index: usize) -> &mut [f32] {
        &mut self.values[index * self.width..][..self.width]
    }

    pub(super) fn rows(&self) -> std::slice::ChunksExact<'_, f32> {
        self.values.chunks_exact(self.width.max(1))
    }

    pub(super) fn rows_mut(&mut self) -> std::slice::ChunksExactMut<'_, f32> {
        self.values.chunks_exact_mut(self.width.max(1))
    }

    /// The mean and the spread of every column, over the rows that `chosen` allows.
    pub(super) fn moments(&self, chosen: impl Fn(usize) -> bool) -> (Vec<f32>, Vec<f32>) {
        let mut sums = vec![(0.0f64, 0.0f64); self.width];
        let mut count = 0.0f64;
        for (_, row) in self.rows().enumerate().filter(|(index, _)| chosen(*index)) {
            count += 1.0;
            for (sum, value) in sums.iter_mut().zip(row) {
                let value = f64::from(*value);
                sum.0 += value;
                sum.1 += value * value;
            }
        }
        let count = count.max(1.0);
        sums.iter()
            .map(|(sum, squares)| {
                let mean = sum / count;
                let variance = (squares / count - mean * mean).max(0.0);
                (mean as f32, variance.sqrt() as f32)
            })
            .unzip()
    }

    /// The mean of every `size` rows together; the last may be of fewer.
    pub(super) fn pooled(&self, size: usize) -> Self {
        let mut values = Vec::with_capacity(self.values.len() / size + self.width);
        for rows in self.values.chunks(size * self.width) {
            let count = (rows.len() / self.width) as f32;
            for column in 0..self.width {
                let sum: f32 = rows.iter().skip(column).step_by(self.width).sum();
                values.push(sum / count);
            }
        }
        Self::new(self.width, values)
    }

    /// How every column changes: its slope over `reach` rows on either side.
    pub(super) fn slopes(&self, reach: usize, factor: f32) -> Self {
        let mut out = Self::zeros(self.width, self.count());
        for (index, target) in out.rows_mut().enumerate() {
            self.slope(index, (reach, factor), target);
        }
        out
    }

    /// Adds the slopes at a row.
    pub(super) fn slope(&self, index: usize, (reach, factor): (usize, f32), out: &mut [f32]) {
        let last = self.count().saturating_sub(1);
        let scale = factor / (2.0 * (1..=reach).map(|n| (n * n) as f32).sum::<f32>());
        for n in 1..=reach {
            let after = self.row((index + n).min(last));
            let before = self.row(index.saturating_sub(n));
            let weight = scale * n as f32;
            for ((out, after), before) in out.iter_mut().zip(after).zip(before) {
                *out += weight * (after - before);
            }
        }
    }
}

/// The value that `percent` of all lie under, between two of them by its share; 0 for none.
pub(super) fn percentile(values: &[f32], percent: f32) -> f32 {
    let mut values = values.to_vec();
    let Some(last) = values.len().checked_sub(1) else {
        return 0.0;
    };
    let place = percent / 100.0 * last as f32;
    let (low, part) = (place.floor() as usize, place.fract());
    let (_, low_value, above) = values.select_nth_unstable_by(low.min(last), f32::total_cmp);
    let low_value = *low_value;
    let next = above.iter().copied().min_by(f32::total_cmp);
    low_value + (next.unwrap_or(low_value) - low_value) * part
}

/// The natural logarithm, the same on every machine.
pub(super) fn log(x: f32) -> f32 {
    ln(f64::from(x)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_lie_between_values() {
        let values = [4.0, 1.0, 3.0, 2.0, 5.0];
        let near = |found: f32, expected: f32| assert!((found - expected).abs() < 1e-6, "{found}");
        near(percentile(&values, 50.0), 3.0);
        near(percentile(&values, 90.0), 4.6);
        near(percentile(&values, 0.0), 1.0);
        near(percentile(&[], 50.0), 0.0);
    }

    #[test]
    fn slopes_are_of_straight_lines() {
        let line = Frames::new(1, (0..20).map(|n| n as f32 * 2.0).collect());
        let slopes = line.slopes(3, 1.0);
        assert!((slopes.row(10)[0] - 2.0).abs() < 1e-6);
        assert_eq!(line.pooled(8).count(), 3);
        assert!((line.pooled(8).row(0)[0] - 7.0).abs() < 1e-6);
    }
}
