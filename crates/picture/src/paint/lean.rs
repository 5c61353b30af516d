//! Drawing pictures whose sides are not the frame's: bilinear, between the samples of a level.

use workprint_model::Size;

use super::axis::Beyond;
use super::kernel::{Kernel, LANES, lanes};
use super::sheet::{Grid, Placement, Sheet};
use crate::raster::Patch;
use crate::resolve::{ONE, WHOLE, Window};

/// 1.0 in the fixed point of places.
pub(super) const FINE: i64 = 1 << 32;

/// The samples of a plane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane<'a> {
    pub(super) samples: &'a [u8],
    pub(super) width: usize,
    pub(super) height: usize,
}

/// A plane that holds a patch of a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Laid<'a> {
    plane: Plane<'a>,
    patch: Patch,
    /// The picture's samples across and down.
    sides: [usize; 2],
}

/// A row of places in a plane: from a first one on, by equal steps. In 1/2³² of a sample, counted
/// from the middle of the first; across and down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Walk {
    pub(super) start: [i64; 2],
    pub(super) step: [i64; 2],
}

impl Walk {
    /// The place after `count` steps.
    pub(super) const fn after(&self, count: usize) -> Self {
        Self {
            start: [
                self.start[0] + self.step[0] * count as i64,
                self.start[1] + self.step[1] * count as i64,
            ],
            step: self.step,
        }
    }

    /// The steps, of the first `count`, at which the place lies in `from..to` along `axis`.
    fn within(&self, axis: usize, (from, to): (i64, i64), count: usize) -> (usize, usize) {
        let (start, step) = (self.start[axis], self.step[axis]);
        let all = count as i64;
        // The first step at which a rising place is no less than `edge`.
        let reaches = |start: i64, step: i64, edge: i64| {
            if start >= edge {
                0
            } else {
                (edge - start + step - 1).div_euclid(step).min(all)
            }
        };
        let (first, last) = match step {
            0 if (from..to).contains(&start) => (0, all),
            0 => (0, 0),
            1.. => (reaches(start, step, from), reaches(start, step, to)),
            _ => (
                reaches(-start, -step, 1 - to),
                reaches(-start, -step, 1 - from),
            ),
        };
        (first as usize, last.max(first) as usize)
    }

    /// The steps, of the first `count`, at which the place lies in a rectangle, given by what lies
    /// between its edges across and down.
    fn inside(&self, edges: [(i64, i64); 2], count: usize) -> (usize, usize) {
        let across = self.within(0, edges[0], count);
        let down = self.within(1, edges[1], count);
        let first = across.0.max(down.0);
        (first, across.1.min(down.1).max(first))
    }
}

/// Working memory for drawing pictures that lean.
#[derive(Debug, Default)]
pub(super) struct Leaning {
    kernel: Kernel,
    sums: Vec<u32>,
    values: Vec<u16>,
    line: Vec<u8>,
    alpha: Vec<u8>,
}

/// How many samples of a level go to one of the frame before four places are looked at for each.
const ONE_PLACE: i64 = FINE + FINE / 4;

/// The places that make one sample, counted from its middle.
#[derive(Debug, Clone, Copy)]
struct Places {
    places: [[i64; 2]; 4],
    count: usize,
}

impl Places {
    /// For steps to the right and down. Where they are long, four places within them.
    fn of([right, down]: [[i64; 2]; 2]) -> Self {
        let square = |step: [i64; 2]| {
            step.iter()
                .map(|&part| i128::from(part) * i128::from(part))
                .sum::<i128>()
        };
        let longest = square(right).max(square(down));
        if longest <= i128::from(ONE_PLACE) * i128::from(ONE_PLACE) {
            return Self {
                places: [[0; 2]; 4],
                count: 1,
            };
        }
        let signs = [(-1, -1), (1, -1), (-1, 1), (1, 1)];
        Self {
            places: signs.map(|(to_right, to_down)| {
                [0, 1].map(|axis| (to_right * right[axis] + to_down * down[axis]) / 4)
            }),
            count: 4,
        }
    }

    fn all(&self) -> &[[i64; 2]] {
        &self.places[..self.count]
    }
}

impl Leaning {
    /// With the loops for any machine.
    pub(super) fn portable() -> Self {
        Self {
            kernel: Kernel::Plain,
            ..Self::default()
        }
    }

    /// Draws `sheet` into planes `out` of a frame, whose samples lie on `grid`.
    pub(super) fn draw(
        &mut self,
        sheet: &Sheet<'_>,
        placement: Placement,
        (frame, grid): (Size, Grid),
        out: &mut [&mut [u8]],
    ) {
        if placement.opacity == 0 {
            return;
        }
        let (columns, rows) = placement.area.samples(grid);
        let stride = grid.samples_in(frame.width);
        let field = Field::new(grid, sheet.grid(), frame, &placement.window);
        let places = Places::of(field.steps);
        for row in rows {
            let walk = field.walk(columns.start, row);
            let (from, to) = match placement.beyond {
                Beyond::Edge => (0, columns.len()),
                Beyond::Nothing => walk.inside(reach(sheet), columns.len()),
            };
            if from < to {
                let at = row * stride + columns.start + from;
                let walk = (walk.after(from), places.all());
                self.row((sheet, placement), walk, (at, to - from), out);
            }
        }
    }

    /// Draws `count` samples from `at` of each plane in `out`.
    fn row(
        &mut self,
        (sheet, placement): (&Sheet<'_>, Placement),
        (walk, places): (Walk, &[[i64; 2]]),
        (at, count): (usize, usize),
        out: &mut [&mut [u8]],
    ) {
        let Placement {
            opacity, beyond, ..
        } = placement;
        let blended = sheet.alpha().is_some() || opacity < WHOLE || beyond == Beyond::Nothing;
        let mut alpha = std::mem::take(&mut self.alpha);
        alpha.resize(count, 0);
        if blended {
            match sheet.alpha() {
                Some(plane) => self.sample(plane, (walk, places), beyond, &mut alpha),
                None if beyond == Beyond::Edge => alpha.fill(255),
                None => Self::cover(sheet, (walk, places), &mut alpha),
            }
            if opacity < WHOLE {
                self.kernel.lower(&mut alpha, opacity);
            }
        }
        let mut line = std::mem::take(&mut self.line);
        line.resize(count, 0);
        for (plane, out) in sheet.planes().zip(out.iter_mut()) {
            let Some(out) = out.get_mut(at..at + count) else {
                continue;
            };
            if !blended {
                self.sample(plane, (walk, places), beyond, out);
                continue;
            }
            self.sample(plane, (walk, places), beyond, &mut line);
            if opacity < WHOLE {
                self.kernel.lower(&mut line, opacity);
            }
            self.kernel.over(out, &line, &alpha);
        }
        self.line = line;
        self.alpha = alpha;
    }

    /// The means of what lies at the places of each step.
    fn sample(
        &mut self,
        plane: Laid<'_>,
        (walk, places): (Walk, &[[i64; 2]]),
        beyond: Beyond,
        out: &mut [u8],
    ) {
        self.sums.clear();
        self.sums.resize(out.len(), 0);
        for place in places {
            let walk = moved(walk, *place);
            self.values.clear();
            self.values.resize(out.len(), 0);
            self.between(plane, walk, beyond);
            for (sum, &value) in self.sums.iter_mut().zip(&self.values) {
                *sum += u32::from(value);
            }
        }
        finish(&self.sums, places.len() as u32, out);
    }

    /// Samples between samples into `values`, in 1/256.
    fn between(&mut self, laid: Laid<'_>, walk: Walk, beyond: Beyond) {
        let count = self.values.len();
        let Laid { plane, patch, .. } = laid;
        let [left, top] = [patch.left, patch.top].map(|edge| edge as i64 * FINE);
        let on_patch = moved(walk, [-left, -top]);
        // The kernel reads four samples from each place to the right and two down, and takes its
        // steps a little short.
        let last = |side: usize, spare: i64| (side as i64 - spare) * FINE;
        let edges = |[width, height]: [usize; 2]| {
            let first = FINE / 256;
            [(first, last(width, 4)), (first, last(height, 2))]
        };
        let (from, to) = walk.inside(edges(laid.sides), count);
        for index in (0..from).chain(to..count) {
            let [x, y] = walk.after(index).start;
            self.values[index] = tap(x, y, |x, y| laid.at(x, y, beyond));
        }
        // Its places are in groups: they begin where they would if nothing were left out around the patch,
        // and what is near the patch is taken from them one by one.
        let sides = [plane.width, plane.height];
        let held = on_patch.inside(edges(sides), count);
        let start = from + held.0.saturating_sub(from).next_multiple_of(LANES);
        let start = start.min(to);
        let end = held.1.clamp(start, to);
        let near = on_patch.inside(sides.map(|side| (-2 * FINE, last(side, -1))), count);
        let before = from.max(near.0.saturating_sub(LANES))..start;
        let after = end..to.min(near.1 + LANES);
        for index in before.chain(after) {
            let lane = (index - from) % LANES;
            let [x, y] =
                lanes(walk.after(index - lane)).map(|places| i64::from(places[lane]) << 16);
            self.values[index] = tap(x, y, |x, y| laid.at(x, y, beyond));
        }
        self.kernel
            .between(plane, on_patch.after(start), &mut self.values[start..end]);
    }

    /// How much of each step's places lies on a picture without alpha.
    fn cover(sheet: &Sheet<'_>, (walk, places): (Walk, &[[i64; 2]]), out: &mut [u8]) {
        let [width, height] = sheet.sides();
        let inside = |x: i64, y: i64| {
            let on = (0..width as i64).contains(&x) && (0..height as i64).contains(&y);
            if on { 255 } else { 0 }
        };
        // One sample more on each side, for the places around a step's middle.
        let edges = [width, height].map(|side| (FINE, (side as i64 - 2).max(1) * FINE));
        let (from, to) = walk.inside(edges, out.len());
        out[from..to].fill(255);
        for index in (0..from).chain(to..out.len()) {
            let [x, y] = walk.after(index).start;
            let sum: u32 = places
                .iter()
                .map(|place| u32::from(tap(x + place[0], y + place[1], inside)))
                .sum();
            finish(&[sum], places.len() as u32, &mut out[index..=index]);
        }
    }
}

impl<'a> Laid<'a> {
    pub(super) const fn new(samples: &'a [u8], patch: Patch, sides: [usize; 2]) -> Self {
        let plane = Plane {
            samples,
            width: patch.width,
            height: patch.height,
        };
        Self {
            plane,
            patch,
            sides,
        }
    }

    fn at(self, x: i64, y: i64, beyond: Beyond) -> u8 {
        let [last_x, last_y] = self.sides.map(|side| side as i64 - 1);
        let (near_x, near_y) = (x.clamp(0, last_x), y.clamp(0, last_y));
        if beyond == Beyond::Nothing && (near_x, near_y) != (x, y) {
            return 0;
        }
        let column = (near_x as usize).checked_sub(self.patch.left);
        let row = (near_y as usize).checked_sub(self.patch.top);
        match (column, row) {
            (Some(column), Some(row)) if column < self.patch.width => {
                let index = row * self.patch.width + column;
                self.plane.samples.get(index).copied().unwrap_or_default()
            }
            _ => 0,
        }
    }
}

/// A sample between four, in 1/256.
fn tap(x: i64, y: i64, at: impl Fn(i64, i64) -> u8) -> u16 {
    // As exact as the kernel is.
    let (x, y) = (x >> 16, y >> 16);
    let (left, top) = (x >> 16, y >> 16);
    let [across, down] = [x, y].map(|place| (place >> 8 & 255) as u32);
    let row =
        |y: i64| u32::from(at(left, y)) * (256 - across) + u32::from(at(left + 1, y)) * across;
    ((row(top) * (256 - down) + row(top + 1) * down + 128) >> 8) as u16
}

fn finish(sums: &[u32], places: u32, out: &mut [u8]) {
    let bits = 8 + places.trailing_zeros();
    for (out, sum) in out.iter_mut().zip(sums) {
        *out = ((sum + (1 << (bits - 1))) >> bits) as u8;
    }
}

fn moved(walk: Walk, by: [i64; 2]) -> Walk {
    Walk {
        start: [walk.start[0] + by[0], walk.start[1] + by[1]],
        ..walk
    }
}

/// What lies so near to a sheet that something of it is seen there.
fn reach(sheet: &Sheet<'_>) -> [(i64, i64); 2] {
    sheet
        .sides()
        .map(|side| (-3 * FINE, (side as i64 + 3) * FINE))
}

/// Where the samples of a frame lie in a source.
#[derive(Debug, Clone, Copy)]
struct Field {
    /// Of the first sample, in 1/2³² of a source sample, times `parts`.
    first: [i128; 2],
    /// From sample to sample to the right and down, times `parts`.
    exact: [[i128; 2]; 2],
    parts: i128,
    /// The same, rounded.
    steps: [[i64; 2]; 2],
}

impl Field {
    /// Of samples on `grid` of a frame, whose corners lie in a picture as `window` says, in a source
    /// on grid `source`.
    fn new(grid: Grid, source: Grid, frame: Size, window: &Window) -> Self {
        let (wide, tall) = (
            i128::from(frame.width.max(1)),
            i128::from(frame.height.max(1)),
        );
        let corner = [window.left, window.top].map(i128::from);
        let right = [window.width, window.lean[1]].map(i128::from);
        let down = [window.lean[0], window.height].map(i128::from);
        let [own, other] = [grid, source].map(|grid| grid.centre().map(i128::from));
        let scale = i128::from(grid.pixels());
        // From 1/65536 to 1/2³² of a sample.
        let finer = i128::from(FINE / ONE);
        let exact = [0, 1].map(|axis| {
            [
                right[axis] * 2 * scale * tall * finer,
                down[axis] * 2 * scale * wide * finer,
            ]
        });
        let exact = [0, 1].map(|way| [0, 1].map(|axis| exact[axis][way]));
        let first = [0, 1].map(|axis| {
            let corner = (2 * corner[axis] - other[axis] * i128::from(ONE)) * wide * tall;
            (corner + right[axis] * own[0] * tall + down[axis] * own[1] * wide) * finer
        });
        let parts = 2 * wide * tall * i128::from(source.pixels());
        Self {
            first,
            exact,
            parts,
            steps: exact.map(|step| step.map(|part| part.div_euclid(parts) as i64)),
        }
    }

    /// To the right from the sample at a column and row.
    fn walk(&self, column: usize, row: usize) -> Walk {
        let start = [0, 1].map(|axis| {
            let right = self.exact[0][axis] * column as i128;
            let down = self.exact[1][axis] * row as i128;
            (self.first[axis] + right + down).div_euclid(self.parts) as i64
        });
        Walk {
            start,
            step: self.steps[0],
        }
    }
}
