//! The cheapest way through two rows of frames: dynamic time warping with silences that may be left
//! out.

use super::directions::{Directions, Rows};
use crate::resample::dot;

/// What stands in a column: a frame of the reading, or a silence that the voice may have there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// This frame of the reading.
    Frame(usize),
    /// A silence between words.
    Silence,
    /// A silence between sentences: what is no silence there costs no more than [`GARBAGE`].
    Gap,
}

impl Column {
    fn is_silence(self) -> bool {
        !matches!(self, Self::Frame(_))
    }
}

/// The most that a frame between two sentences costs: something may be said there that is not written.
const GARBAGE: f32 = 0.5;

/// Two sounds to be laid against each other.
#[derive(Debug)]
pub(super) struct Pair<'a> {
    pub(super) voice: &'a Directions,
    /// What each of its frames costs as a silence.
    pub(super) silence: &'a [f32],
    pub(super) reading: &'a Directions,
    pub(super) columns: &'a [Column],
}

/// Where a frame came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Step {
    Both,
    Voice,
    Reading,
    BothOverSilence,
    ReadingOverSilence,
    Begin,
}

const STEPS: [Step; 6] = [
    Step::Both,
    Step::Voice,
    Step::Reading,
    Step::BothOverSilence,
    Step::ReadingOverSilence,
    Step::Begin,
];

/// For every frame of the voice, the columns that it passes: the first and the last.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) passes: Vec<(usize, usize)>,
    /// The mean cost of a step.
    pub(super) cost: f32,
}

/// The cheapest way from the first column to the last in which frame `i` stays within the columns
/// `band(i)`, both included; nothing where there is none. Bands move on and never back.
///
/// Steps cost as much as the place that they lead to, whether they move on in the voice, in the
/// reading or in both. A silence has no length of its own, so it cannot be passed by moving on in the
/// reading alone, but may be left out.
pub(super) fn cheapest(pair: &Pair<'_>, band: impl Fn(usize) -> (usize, usize)) -> Option<Way> {
    let count = pair.voice.count();
    let last = pair.columns.len().checked_sub(1)?;
    let rows: Vec<(usize, usize)> = (0..count)
        .map(&band)
        .map(|(low, high)| (low.min(last), high.min(last)))
        .collect();
    let mut steps = Steps::new(&rows);
    let mut before: Vec<f32> = Vec::new();
    let (mut costs, mut above) = (Vec::new(), Vec::new());
    let mut voice = Rows::new(pair.voice, 1);
    let widest = rows.iter().filter_map(|(low, high)| {
        let (first, last) = frames_in(&pair.columns[*low..=*high])?;
        Some(last + 1 - first)
    });
    let mut reading = Rows::new(pair.reading, widest.max()?);
    for (index, &(low, high)) in rows.iter().enumerate() {
        voice.advance(index, index);
        if let Some((first, last)) = frames_in(&pair.columns[low..=high]) {
            reading.advance(first, last);
        }
        let silence = pair.silence[index];
        let columns = &pair.columns[low..=high];
        place_costs((voice.row(index), silence), (&reading, columns), &mut costs);
        let offset = index
            .checked_sub(1)
            .map(|before| (low - rows[before].0, before));
        let row = Row {
            columns: &pair.columns[low..=high],
            left: low.checked_sub(1).map(|at| pair.columns[at]),
            before: offset.map(|(offset, _)| (offset, before.as_slice())),
            first: low == 0,
        };
        before = row.walk(&costs, &mut above, |at, step| steps.set(index, at, step));
    }
    let (low, high) = *rows.last()?;
    let end = end_column(pair, &before, (low, high), last)?;
    let cost = before[end - low];
    trace(&rows, &steps, end, cost)
}

/// The first and the last frame of the reading in some columns.
fn frames_in(columns: &[Column]) -> Option<(usize, usize)> {
    let frame = |column: &Column| match column {
        Column::Frame(at) => Some(*at),
        _ => None,
    };
    Some((
        columns.iter().find_map(frame)?,
        columns.iter().rev().find_map(frame)?,
    ))
}

/// What each place of a row costs.
fn place_costs(
    (frame, silence): (&[f32], f32),
    (reading, columns): (&Rows<'_>, &[Column]),
    out: &mut Vec<f32>,
) {
    out.clear();
    out.extend(columns.iter().map(|column| match column {
        Column::Frame(at) => 1.0 - dot(frame, reading.row(*at)),
        Column::Silence => silence,
        Column::Gap => silence.min(GARBAGE),
    }));
}

/// One frame of the voice against the columns of its band.
struct Row<'a> {
    columns: &'a [Column],
    /// The column before the first.
    left: Option<Column>,
    /// How far the band moved since the row before, and what that row cost.
    before: Option<(usize, &'a [f32])>,
    /// Whether the first column is the first of all.
    first: bool,
}

impl Row<'_> {
    fn walk(
        &self,
        costs: &[f32],
        above: &mut Vec<f32>,
        mut set: impl FnMut(usize, Step),
    ) -> Vec<f32> {
        self.look_back(costs.len(), above);
        // How many of the first columns a way may begin in.
        let open = match (self.before, self.columns.first()) {
            (None, Some(first)) if self.first => 1 + usize::from(first.is_silence()),
            _ => 0,
        };
        let mut row: Vec<f32> = Vec::with_capacity(costs.len());
        // The two places before this one in the row.
        let (mut second, mut last) = (f32::INFINITY, f32::INFINITY);
        let mut over = self.left.is_some_and(Column::is_silence);
        let places = costs.iter().zip(self.columns).zip(above.windows(3));
        for (at, ((cost, column), above)) in places.enumerate() {
            let silent = column.is_silence();
            let mut best = (f32::INFINITY, Step::Begin);
            let mut offer = |sum: f32, step: Step| {
                if sum < best.0 {
                    best = (sum, step);
                }
            };
            offer(above[1], Step::Both);
            offer(above[2], Step::Voice);
            if over {
                offer(above[0], Step::BothOverSilence);
                offer(second, Step::ReadingOverSilence);
            } else if !silent {
                offer(last, Step::Reading);
            }
            if at < open {
                offer(0.0, Step::Begin);
            }
            set(at, best.1);
            let sum = best.0 + cost;
            row.push(sum);
            (second, last, over) = (last, sum, silent);
        }
        row
    }

    /// What the row before cost two columns before each of this row's and on; nothing costs infinity.
    fn look_back(&self, count: usize, out: &mut Vec<f32>) {
        out.clear();
        out.resize(count + 2, f32::INFINITY);
        let Some((offset, before)) = self.before else {
            return;
        };
        let (skip, from) = (offset.saturating_sub(2), 2usize.saturating_sub(offset));
        let before = before.get(skip..).unwrap_or_default();
        for (out, cost) in out.iter_mut().skip(from).zip(before) {
            *out = *cost;
        }
    }
}

/// The last column, or the one before it where that is a silence that costs more.
fn end_column(
    pair: &Pair<'_>,
    row: &[f32],
    (low, high): (usize, usize),
    last: usize,
) -> Option<usize> {
    let at = |column: usize| {
        (low..=high)
            .contains(&column)
            .then(|| row[column - low])
            .filter(|cost| cost.is_finite())
    };
    let skipped = last
        .checked_sub(1)
        .filter(|_| pair.columns[last].is_silence());
    let ends = [Some(last), skipped].into_iter().flatten();
    let open = ends.filter_map(|column| Some((column, at(column)?)));
    open.min_by(|left, right| left.1.total_cmp(&right.1))
        .map(|(column, _)| column)
}

fn trace(rows: &[(usize, usize)], steps: &Steps, end: usize, cost: f32) -> Option<Way> {
    let mut passes = vec![(usize::MAX, 0); rows.len()];
    let (mut index, mut column, mut length) = (rows.len() - 1, end, 0usize);
    loop {
        let pass = &mut passes[index];
        *pass = (pass.0.min(column), pass.1.max(column));
        length += 1;
        let step = steps.find(index, column.checked_sub(rows[index].0)?);
        match step {
            Step::Begin => break,
            Step::Both => (index, column) = (index.checked_sub(1)?, column.checked_sub(1)?),
            Step::Voice => index = index.checked_sub(1)?,
            Step::Reading => column = column.checked_sub(1)?,
            Step::BothOverSilence => {
                (index, column) = (index.checked_sub(1)?, column.checked_sub(2)?);
            }
            Step::ReadingOverSilence => column = column.checked_sub(2)?,
        }
    }
    (index == 0).then_some(Way {
        passes,
        cost: cost / length as f32,
    })
}

/// Where every place came from, in four bits each.
struct Steps {
    starts: Vec<usize>,
    nibbles: Vec<u8>,
}

impl Steps {
    fn new(rows: &[(usize, usize)]) -> Self {
        let mut total = 0;
        let starts = rows
            .iter()
            .map(|(low, high)| {
                let start = total;
                total += high.saturating_sub(*low) + 1;
                start
            })
            .collect();
        Self {
            starts,
            nibbles: vec![0; total / 2 + 1],
        }
    }

    fn set(&mut self, row: usize, at: usize, step: Step) {
        let place = self.starts[row] + at;
        self.nibbles[place / 2] |= (step as u8) << (place % 2 * 4);
    }

    fn find(&self, row: usize, at: usize) -> Step {
        let place = self.starts[row] + at;
        let nibble = self.nibbles[place / 2] >> (place % 2 * 4) & 0xf;
        STEPS
            .get(usize::from(nibble))
            .copied()
            .unwrap_or(Step::Begin)
    }
}

#[cfg(test)]
mod tests {
    use super::super::frames::Frames;
    use super::*;

    /// Rows of length 1 in as many directions.
    fn rows(directions: &[usize]) -> Frames {
        let mut values = Vec::new();
        for direction in directions {
            let mut row = vec![0.0; 8];
            row[*direction] = 1.0;
            values.extend(row);
        }
        Frames::new(8, values)
    }

    fn passes(voice: &[usize], reading: &[usize], columns: &[Column]) -> Vec<(usize, usize)> {
        let (voice, reading) = (rows(voice), rows(reading));
        // Direction 7 is silence.
        let silence: Vec<f32> = voice.rows().map(|row| 2.0 - 2.0 * row[7]).collect();
        let pair = Pair {
            voice: &Directions::of(voice),
            silence: &silence,
            reading: &Directions::of(reading),
            columns,
        };
        cheapest(&pair, |_| (0, columns.len())).unwrap().passes
    }

    #[test]
    fn silences_are_passed_or_left_out() {
        use Column::{Frame, Silence};
        let columns = [Silence, Frame(0), Frame(1), Silence, Frame(2), Silence];
        let without = passes(&[0, 1, 2], &[0, 1, 2], &columns);
        assert_eq!(without, [(1, 1), (2, 2), (4, 4)]);
        let with = passes(&[7, 0, 1, 7, 7, 2, 7], &[0, 1, 2], &columns);
        assert_eq!(
            with,
            [(0, 0), (1, 1), (2, 2), (3, 3), (3, 3), (4, 4), (5, 5)]
        );
    }

    #[test]
    fn speed_differs() {
        use Column::Frame;
        let columns = [Frame(0), Frame(1), Frame(2), Frame(3)];
        let slow = passes(&[0, 0, 0, 1, 3, 3], &[0, 1, 1, 3], &columns);
        assert_eq!(slow, [(0, 0), (0, 0), (0, 0), (1, 2), (3, 3), (3, 3)]);
    }

    #[test]
    fn what_is_not_written_lies_between_sentences() {
        use Column::{Frame, Gap, Silence};
        let columns = [Gap, Frame(0), Silence, Frame(1), Gap, Frame(2), Gap];
        let found = passes(&[0, 1, 5, 5, 5, 2], &[0, 1, 2], &columns);
        assert_eq!(found, [(1, 1), (3, 3), (4, 4), (4, 4), (4, 4), (5, 5)]);
    }

    #[test]
    fn a_band_without_a_way_is_told() {
        let voice = Directions::of(rows(&[0, 1]));
        let columns = [Column::Frame(0), Column::Frame(1)];
        let pair = Pair {
            voice: &voice,
            silence: &[1.0; 2],
            reading: &voice,
            columns: &columns,
        };
        assert!(cheapest(&pair, |_| (0, 0)).is_none());
    }
}
