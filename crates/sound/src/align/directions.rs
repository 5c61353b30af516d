//! Frames as directions: bands as far from their mean as they are wont to be, and how they change.

use super::frames::Frames;
use crate::resample::dot;

/// How much a change of a band weighs against the band itself.
const SLOPE: f32 = 2.5;

/// Frames that are compared by the cosine between them. Rows are made as they are looked at: with
/// their slopes they would take twice the memory.
#[derive(Debug)]
pub(super) struct Directions {
    bands: Frames,
    /// Over how many frames on either side a change is looked at; none where it is not.
    reach: Option<usize>,
}

impl Directions {
    /// Bands as far from their mean in the frames that `speech` allows as they are wont to be there.
    pub(super) fn new(
        mut bands: Frames,
        reach: Option<usize>,
        speech: impl Fn(usize) -> bool,
    ) -> Self {
        let (mean, spread) = bands.moments(speech);
        for row in bands.rows_mut() {
            for ((value, mean), spread) in row.iter_mut().zip(&mean).zip(&spread) {
                *value = (*value - mean) / (spread + 1e-3);
            }
        }
        Self { bands, reach }
    }

    /// The same with rows as they are.
    #[cfg(test)]
    pub(super) fn of(bands: Frames) -> Self {
        Self { bands, reach: None }
    }

    pub(super) fn count(&self) -> usize {
        self.bands.count()
    }

    fn width(&self) -> usize {
        self.bands.width() * (1 + usize::from(self.reach.is_some()))
    }

    /// A frame as a row of length 1.
    fn write(&self, index: usize, row: &mut [f32]) {
        let (own, slopes) = row.split_at_mut(self.bands.width());
        own.copy_from_slice(self.bands.row(index));
        if let Some(reach) = self.reach {
            slopes.fill(0.0);
            self.bands.slope(index, (reach, SLOPE), slopes);
        }
        let length = dot(row, row).sqrt() + 1e-6;
        for value in row {
            *value /= length;
        }
    }
}

/// The rows of some frames that follow each other; it moves on and never back.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    of: &'a Directions,
    width: usize,
    /// How many frames are held: each at its number modulo this.
    held: usize,
    values: Vec<f32>,
    /// The first frame that has not been made.
    next: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn new(of: &'a Directions, held: usize) -> Self {
        let (held, width) = (held.max(1), of.width());
        Self {
            of,
            width,
            held,
            values: vec![0.0; held * width],
            next: 0,
        }
    }

    /// Makes the frames from the first that is looked at up to the last.
    pub(super) fn advance(&mut self, first: usize, last: usize) {
        for index in self.next.max(first)..=last.min(self.of.count() - 1) {
            let at = index % self.held * self.width;
            self.of.write(index, &mut self.values[at..at + self.width]);
            self.next = index + 1;
        }
    }

    pub(super) fn row(&self, index: usize) -> &[f32] {
        &self.values[index % self.held * self.width..][..self.width]
    }
}
