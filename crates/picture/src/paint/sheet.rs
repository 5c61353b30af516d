//! Drawing planes that share one geometry into planes of a frame.

use std::ops::Range;

use workprint_model::Size;

use super::axis::{Beyond, Course, Filter, MARGIN, MOST, Taps};
use super::kernel::{Kernel, NOTHING, REACH};
use super::lean::Laid;
use super::row::RowPlan;
use crate::caption::FramePart;
use crate::raster::{Alpha, Level, Patch};
use crate::resolve::{ONE, WHOLE, Window};

/// Where a plane's samples lie among the pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    /// Pixels from sample to sample.
    scale: i64,
    /// Twice the distance from the picture's edge to the middle of the first sample, across and
    /// down.
    centre: [i64; 2],
}

impl Grid {
    /// One sample a pixel.
    pub(super) const LUMA: Self = Self::level(0);
    /// Chroma of 4:2:0: over the left pixel of two, between the rows.
    pub(super) const CHROMA: Self = Self {
        scale: 2,
        centre: [1, 2],
    };

    /// A sample in the middle of each square of `2^number` pixels.
    pub(super) const fn level(number: u32) -> Self {
        Self {
            scale: 1 << number,
            centre: [1 << number; 2],
        }
    }

    /// The grid of means of two samples across and down.
    pub(super) const fn halved(self) -> Self {
        let [across, down] = self.centre;
        Self {
            scale: 2 * self.scale,
            centre: [across + self.scale, down + self.scale],
        }
    }

    /// Twice the place of sample `at` along `axis`, in 1/65536 pixel.
    pub(super) const fn twice_place(self, axis: usize, at: u32) -> i64 {
        (2 * self.scale * at as i64 + self.centre[axis]) * ONE
    }

    /// Pixels from sample to sample.
    pub(super) const fn pixels(self) -> i64 {
        self.scale
    }

    /// Twice the distance from the picture's edge to the middle of the first sample, in pixels,
    /// across and down.
    pub(super) const fn centre(self) -> [i64; 2] {
        self.centre
    }

    /// How many samples a length in pixels has.
    pub(super) const fn samples_in(self, pixels: u32) -> usize {
        pixels.div_ceil(self.scale as u32) as usize
    }

    /// How much (of [`WHOLE`]) of sample `at` along `axis` lies between two places in 1/65536 pixel.
    pub(super) fn inside(self, axis: usize, at: u32, (from, to): (i64, i64)) -> u16 {
        let start = (2 * self.scale * i64::from(at) + self.centre[axis] - self.scale) * ONE / 2;
        let length = self.scale * ONE;
        let common = ((start + length).min(to) - start.max(from)).max(0);
        ((common * i64::from(WHOLE) + length / 2) / length) as u16
    }

    /// Where samples of `self` in a frame `out` pixels long lie in a source on grid `source`, of
    /// which `start..start + span` (1/65536 pixel) fills the frame.
    fn course(self, axis: usize, source: Self, out: u32, (start, span): (i64, i64)) -> Course {
        let out = i64::from(out.max(1));
        let first = start
            .saturating_mul(2 * out)
            .saturating_add(span.saturating_mul(self.centre[axis]));
        Course {
            base: first.saturating_sub(source.centre[axis] * ONE * out),
            step: span.saturating_mul(2 * self.scale).max(1),
            den: 2 * out * source.scale,
        }
    }
}

/// Pixels of the frame from `x.0` to before `x.1` and from `y.0` to before `y.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    x: (u32, u32),
    y: (u32, u32),
}

impl Area {
    /// All of a frame.
    pub(super) const fn whole(frame: Size) -> Self {
        Self {
            x: (0, frame.width),
            y: (0, frame.height),
        }
    }

    /// What a picture of `size` at a place covers of a frame.
    pub(super) fn of(size: Size, (x, y): (i32, i32), frame: Size) -> Self {
        let part = |at: i32, length: u32, limit: u32| {
            let clamp = |edge: i64| edge.clamp(0, i64::from(limit)) as u32;
            let at = i64::from(at);
            (clamp(at), clamp(at + i64::from(length)))
        };
        Self {
            x: part(x, size.width, frame.width),
            y: part(y, size.height, frame.height),
        }
    }

    /// The part of a frame between two places across and two down, in 1/65536 of its pixels, and a
    /// little around it, in whole chroma samples.
    pub(super) fn around(x: (i64, i64), y: (i64, i64), frame: Size) -> Self {
        let part = |(from, to): (i64, i64), limit: u32| {
            let limit = i64::from(limit);
            let from = (from.div_euclid(ONE) - 4).clamp(0, limit) & !1;
            let to = (to.div_euclid(ONE) + 6).clamp(0, limit);
            (from as u32, ((to + 1) & !1).clamp(from, limit) as u32)
        };
        Self {
            x: part(x, frame.width),
            y: part(y, frame.height),
        }
    }

    /// What of this area is in another too.
    pub(super) fn within(self, other: Self) -> Self {
        let part = |one: (u32, u32), two: (u32, u32)| {
            let from = one.0.max(two.0);
            (from, one.1.min(two.1).max(from))
        };
        Self {
            x: part(self.x, other.x),
            y: part(self.y, other.y),
        }
    }

    /// What of a frame is painted by a picture of `size` that is nothing beyond its edges.
    pub(super) fn covered(window: Window, size: Size, frame: Size) -> Self {
        // As far out as the smallest level's samples reach.
        let part = |start: i64, span: i64, length: u32, limit: u32| {
            let span = i128::from(span.max(1));
            let margin = i128::from(ONE) * 8 + 8 * span / i128::from(limit.max(1));
            let place = |at: i128| (at - i128::from(start)) * i128::from(limit) / span;
            let from = place(-margin) - 1;
            let to = place(i128::from(length) * i128::from(ONE) + margin) + 2;
            let clamp = |edge: i128| edge.clamp(0, i128::from(limit)) as u32;
            (clamp(from), clamp(to))
        };
        Self {
            x: part(window.left, window.width, size.width, frame.width),
            y: part(window.top, window.height, size.height, frame.height),
        }
    }

    /// A part of a frame; what lies outside of the frame is left out.
    pub(super) fn part(part: FramePart) -> Self {
        let edge = |at: i32| u32::try_from(at).unwrap_or(0);
        Self {
            x: (edge(part.left), edge(part.right)),
            y: (edge(part.top), edge(part.bottom)),
        }
    }

    /// In samples of a grid: every sample that the area touches.
    fn on(self, grid: Grid) -> Self {
        let scale = grid.scale as u32;
        let part = |(from, to): (u32, u32)| (from / scale, to.div_ceil(scale));
        Self {
            x: part(self.x),
            y: part(self.y),
        }
    }

    /// The columns and rows of the samples of a grid that the area touches.
    pub(super) fn samples(self, grid: Grid) -> (Range<usize>, Range<usize>) {
        let area = self.on(grid);
        let range = |(from, to): (u32, u32)| from as usize..to.max(from) as usize;
        (range(area.x), range(area.y))
    }

    const fn is_empty(self) -> bool {
        self.x.0 >= self.x.1 || self.y.0 >= self.y.1
    }
}

/// How a picture is laid into a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placement {
    /// The part of the picture that fills the whole frame.
    pub(super) window: Window,
    /// The part of the frame that is painted.
    pub(super) area: Area,
    /// Of [`WHOLE`].
    pub(super) opacity: u16,
    /// What is beyond the picture's edges.
    pub(super) beyond: Beyond,
}

/// Planes of one size and grid.
pub(super) struct Sheet<'a> {
    width: usize,
    height: usize,
    /// The part that the planes and the alpha hold; around it is nothing.
    patch: Patch,
    planes: Vec<&'a [u8]>,
    alpha: Option<&'a Alpha>,
    grid: Grid,
}

impl<'a> Sheet<'a> {
    /// The planes of a level.
    pub(super) fn of_level(level: Level<'a>) -> Self {
        let [width, height] = level.sides;
        Self {
            width,
            height,
            patch: level.patch,
            planes: level.planes,
            alpha: level.alpha,
            grid: Grid::level(level.number),
        }
    }

    /// The same place with an alpha alone, which is a picture with that alpha.
    pub(super) fn of_alpha<'b>(&self, alpha: &'b Alpha) -> Sheet<'b> {
        Sheet {
            planes: vec![alpha.plane.as_slice()],
            alpha: Some(alpha),
            ..*self
        }
    }

    /// The same planes under an alpha of their size.
    pub(super) fn with_alpha<'b>(&'b self, alpha: &'b Alpha) -> Sheet<'b> {
        Sheet {
            planes: self.planes.clone(),
            alpha: Some(alpha),
            ..*self
        }
    }

    /// Where its samples lie.
    pub(super) const fn grid(&self) -> Grid {
        self.grid
    }

    /// How many samples it has across and down.
    pub(super) const fn sides(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    /// Its planes.
    pub(super) fn planes(&self) -> impl Iterator<Item = Laid<'a>> {
        let (patch, sides) = (self.patch, self.sides());
        let planes = self.planes.iter();
        planes.map(move |samples| Laid::new(samples, patch, sides))
    }

    /// Its alpha, where it has one.
    pub(super) fn alpha(&self) -> Option<Laid<'a>> {
        Some(Laid::new(&self.alpha?.plane, self.patch, self.sides()))
    }

    /// Planes without alpha, each of `size`.
    pub(super) fn opaque(size: Size, planes: Vec<&'a [u8]>, grid: Grid) -> Self {
        let (width, height) = (size.width as usize, size.height as usize);
        Self {
            width,
            height,
            patch: Patch::whole([width, height]),
            planes,
            alpha: None,
            grid,
        }
    }
}

/// Working memory for drawing.
#[derive(Debug, Default)]
pub(super) struct Workshop {
    kernel: Kernel,
    filter: Filter,
    across: Vec<Taps>,
    down: Vec<Taps>,
    plan: RowPlan,
    padded: Vec<u8>,
    /// One for alpha, then one for each plane.
    rings: [Ring; 3],
    line: Vec<u8>,
    alpha: Vec<u8>,
}

/// The last source rows as rows of the frame: each is needed by several rows of the frame.
#[derive(Debug, Default)]
struct Ring {
    rows: [Held; MOST],
}

/// A source row as a row of the frame.
#[derive(Debug, Default)]
struct Held {
    number: Option<usize>,
    /// What of it is not nothing.
    reach: (usize, usize),
    samples: Vec<i16>,
}

impl Workshop {
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
        Placement {
            window,
            area,
            opacity,
            beyond,
        }: Placement,
        (frame, grid): (Size, Grid),
        out: &mut [&mut [u8]],
    ) {
        let area = area.on(grid);
        if area.is_empty() || opacity == 0 {
            return;
        }
        let across = grid.course(0, sheet.grid, frame.width, (window.left, window.width));
        let down = grid.course(1, sheet.grid, frame.height, (window.top, window.height));
        let range = |(from, to): (u32, u32)| from as usize..to as usize;
        self.filter = if sheet.alpha.is_none() && beyond == Beyond::Edge {
            Filter::Sharp
        } else {
            Filter::Tent
        };
        let how = (self.filter, beyond);
        self.across.clear();
        self.across
            .extend(across.taps(range(area.x), sheet.width, how));
        self.down.clear();
        self.down
            .extend(down.taps(range(area.y), sheet.height, how));
        self.plan.plan(&self.across, across.takes_four(self.filter));
        // Only what lies between the margins is written again.
        self.padded.clear();
        self.padded.resize(MARGIN + sheet.width + REACH + MOST, 0);
        self.line.resize(self.across.len(), 0);
        self.alpha.resize(self.across.len(), 0);
        for held in self.rings.iter_mut().flat_map(|ring| &mut ring.rows) {
            held.number = None;
            held.samples.resize(self.across.len(), NOTHING);
        }
        let stride = frame.width.div_ceil(grid.scale as u32) as usize;
        let start = area.y.0 as usize * stride + area.x.0 as usize;
        self.rows(sheet, (start, stride), opacity, out);
    }

    /// Draws row by row; the first row begins at `start` of each plane in `out`.
    fn rows(
        &mut self,
        sheet: &Sheet<'_>,
        (start, stride): (usize, usize),
        opacity: u16,
        out: &mut [&mut [u8]],
    ) {
        let length = self.plan.length();
        let blended = sheet.alpha.is_some() || opacity < WHOLE;
        for row in 0..self.down.len() {
            let taps = self.down[row];
            let mut reach = (0, length);
            if let Some(alpha) = sheet.alpha {
                let source = Source::new(&alpha.plane, sheet);
                reach = self.fetch(0, source, &taps);
                if reach.0 >= reach.1 {
                    continue;
                }
                mix(
                    (self.kernel, self.filter),
                    &self.rings[0],
                    &taps,
                    reach,
                    &mut self.alpha[reach.0..reach.1],
                );
            } else if blended {
                self.alpha.fill(255);
            }
            if opacity < WHOLE {
                self.kernel
                    .lower(&mut self.alpha[reach.0..reach.1], opacity);
            }
            let copied = self.copied(sheet, &taps).filter(|_| !blended);
            for (number, (plane, out)) in sheet.planes.iter().zip(out.iter_mut()).enumerate() {
                let Some(out) = out
                    .get_mut(start + row * stride..)
                    .and_then(|rest| rest.get_mut(reach.0..reach.1))
                else {
                    continue;
                };
                if let Some(samples) = copied.clone().and_then(|range| plane.get(range)) {
                    out.copy_from_slice(samples);
                    continue;
                }
                self.fetch(number + 1, Source::new(plane, sheet), &taps);
                let ring = &self.rings[number + 1];
                if !blended {
                    mix((self.kernel, self.filter), ring, &taps, reach, out);
                    continue;
                }
                let line = &mut self.line[reach.0..reach.1];
                mix((self.kernel, self.filter), ring, &taps, reach, line);
                if opacity < WHOLE {
                    self.kernel.lower(line, opacity);
                }
                self.kernel.over(out, line, &self.alpha[reach.0..reach.1]);
            }
        }
    }

    /// Which of a plane's samples are the row of `taps`, where the row is a piece of the source's.
    fn copied(&self, sheet: &Sheet<'_>, taps: &Taps) -> Option<Range<usize>> {
        let row = taps.only()?.checked_sub(MARGIN)?;
        let column = self.plan.copy_from()?.checked_sub(MARGIN)?;
        let inside = row < sheet.height && column + self.plan.length() <= sheet.width;
        let start = row * sheet.width + column;
        inside.then_some(start..start + self.plan.length())
    }

    /// Makes sure that a ring holds the rows of `taps`; returns what of them is not nothing.
    fn fetch(&mut self, ring: usize, source: Source<'_>, taps: &Taps) -> (usize, usize) {
        let mut all = (usize::MAX, 0);
        for index in 0..MOST {
            if taps.weights[index] == 0 {
                continue;
            }
            let number = taps.first + index;
            let held = &mut self.rings[ring].rows[number % MOST];
            if held.number != Some(number) {
                held.number = Some(number);
                held.fill(number, source, (self.kernel, &self.plan), &mut self.padded);
            }
            if held.reach.0 < held.reach.1 {
                all = (all.0.min(held.reach.0), all.1.max(held.reach.1));
            }
        }
        all
    }
}

/// A plane to take rows of.
#[derive(Clone, Copy)]
struct Source<'a> {
    plane: &'a [u8],
    patch: Patch,
    extents: Option<&'a [(u32, u32)]>,
}

impl<'a> Source<'a> {
    fn new(plane: &'a [u8], sheet: &Sheet<'a>) -> Self {
        Self {
            plane,
            patch: sheet.patch,
            extents: sheet.alpha.map(|alpha| alpha.extents.as_slice()),
        }
    }

    /// The samples of a row that are held, where there are any, and the row's number among those held.
    fn row(self, row: usize) -> Option<(usize, &'a [u8])> {
        let row = row.checked_sub(self.patch.top)?;
        let (width, height) = (self.patch.width, self.patch.height);
        let samples = self.plane.get(row * width..)?.get(..width)?;
        (row < height).then_some((row, samples))
    }

    /// A row with what lies before and after it in memory: without alpha nothing beyond a row's ends
    /// has any weight.
    fn around(self, row: usize) -> Option<&'a [u8]> {
        let start = (row * self.patch.width).checked_sub(MARGIN)?;
        self.plane
            .get(start..)?
            .get(..MARGIN + self.patch.width + REACH + MOST)
    }
}

impl Held {
    /// Takes row `number` (counted with the margin) of `source`.
    fn fill(
        &mut self,
        number: usize,
        source: Source<'_>,
        (kernel, plan): (Kernel, &RowPlan),
        padded: &mut [u8],
    ) {
        self.reach = (0, 0);
        let row = number.checked_sub(MARGIN).and_then(|row| source.row(row));
        if let Some((row, samples)) = row {
            if let Some(extents) = source.extents {
                let (from, to) = (extents[row].0 as usize, extents[row].1 as usize);
                self.reach = plan.reached((from + MARGIN, to + MARGIN));
            } else {
                self.reach = (0, plan.length());
                if let Some(around) = source.around(row) {
                    plan.run(kernel, around, self.reach, &mut self.samples);
                    return;
                }
            }
            // What lies beside the patch stays nothing: all rows of a drawing have the same one.
            padded[MARGIN + source.patch.left..][..samples.len()].copy_from_slice(samples);
        }
        if self.reach != (0, self.samples.len()) {
            self.samples.fill(NOTHING);
        }
        if self.reach.0 < self.reach.1 {
            plan.run(kernel, padded, self.reach, &mut self.samples);
        }
    }
}

/// Mixes the rows of `taps` that `ring` holds.
fn mix(
    (kernel, filter): (Kernel, Filter),
    ring: &Ring,
    taps: &Taps,
    (from, to): (usize, usize),
    out: &mut [u8],
) {
    let row = |index: usize| &ring.rows[(taps.first + index) % MOST].samples[from..to];
    if let Some(only) = taps.only() {
        let only = row(only - taps.first);
        kernel.mix_two(only, only, 0, out);
    } else if filter == Filter::Tent && taps.weights[2..] == [0, 0] {
        // The difference of two sharp rows can be more than sixteen bits.
        kernel.mix_two(row(0), row(1), taps.weights[1] << 8, out);
    } else {
        let weights = taps.weights.map(|weight| weight << 8);
        kernel.mix_four([row(0), row(1), row(2), row(3)], weights, out);
    }
}
