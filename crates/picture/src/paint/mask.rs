//! Two frames in parts of one.

use std::ops::Range;

use workprint_model::Size;

use super::kernel::Kernel;
use super::sheet::{Area, Grid};
use crate::resolve::{Bars, Mask, ONE, WHOLE};
use crate::yuv::{Yuv, YuvMut, chroma_size};

/// What of a frame has to be painted of the shot that goes, and of the one that comes.
pub(super) fn areas(mask: Mask, frame: Size) -> [Area; 2] {
    let whole = Area::whole(frame);
    let all = (0, i64::from(frame.width.max(frame.height)) * ONE);
    match mask {
        Mask::Line {
            axis,
            at,
            soft,
            beyond,
        } => {
            let parts = [(all.0, at + soft / 2), (at - soft / 2, all.1)];
            let parts = parts.map(|part| match axis {
                0 => Area::around(part, all, frame),
                _ => Area::around(all, part, frame),
            });
            let [before, after] = parts;
            if beyond {
                [before, after]
            } else {
                [after, before]
            }
        }
        Mask::Circle {
            centre: [x, y],
            radius,
            soft,
        } => {
            let far = (radius + soft / 2).max(0);
            [
                whole,
                Area::around((x - far, x + far), (y - far, y + far), frame),
            ]
        }
        Mask::Rectangle { edges, .. } => {
            let to = Area::around((edges.left, edges.right), (edges.top, edges.bottom), frame);
            [whole, to]
        }
    }
}

/// Lays `other` over `base` where `mask` says. Both have the same size.
pub(super) fn lay(kernel: Kernel, base: &mut YuvMut<'_>, other: &Yuv, mask: Mask) {
    let frame = base.size;
    let planes = base.planes_mut().into_iter().zip(other.planes());
    for ((base, other), (size, grid)) in planes.zip(grids(frame)) {
        let width = size.width as usize;
        let mut shares = Shares::new(mask, grid, size.width);
        let rows = base.chunks_exact_mut(width).zip(other.chunks_exact(width));
        for (row, (base, other)) in rows.enumerate() {
            let Part { range, shares } = shares.row(row as u32);
            let (base, other) = (&mut base[range.clone()], &other[range]);
            match shares {
                None => base.copy_from_slice(other),
                Some(shares) => kernel.mix_by(base, other, shares),
            }
        }
    }
}

/// Lays `behind` over `base` outside of `bars`; pixels and chroma samples cut by an edge in part.
pub(super) fn lay_around(kernel: Kernel, base: &mut YuvMut<'_>, behind: &Yuv, bars: Bars) {
    let frame = base.size;
    let edges = [
        open((bars.left, bars.right), frame.width),
        open((bars.top, bars.bottom), frame.height),
    ];
    let planes = base.planes_mut().into_iter().zip(behind.planes());
    for ((base, behind), (size, grid)) in planes.zip(grids(frame)) {
        let width = size.width as usize;
        let across: Vec<u16> = (0..size.width)
            .map(|at| grid.inside(0, at, edges[0]))
            .collect();
        let mut shares: Vec<u16> = Vec::with_capacity(width);
        let rows = base.chunks_exact_mut(width).zip(behind.chunks_exact(width));
        for (row, (base, behind)) in rows.enumerate() {
            let part = u32::from(grid.inside(1, row as u32, edges[1]));
            if part == 0 {
                base.copy_from_slice(behind);
                continue;
            }
            shares.clear();
            shares.extend(
                across
                    .iter()
                    .map(|&share| WHOLE - (u32::from(share) * part / 256) as u16),
            );
            kernel.mix_by(base, behind, &shares);
        }
    }
}

/// The edges of what is seen; samples at the frame's own edges may reach beyond it.
pub(super) fn open((from, to): (i64, i64), end: u32) -> (i64, i64) {
    let far = 8 * ONE;
    let end = i64::from(end) * ONE;
    (
        if from <= 0 { from.min(-far) } else { from },
        if to >= end { to.max(end + far) } else { to },
    )
}

/// The sizes and grids of a frame's planes.
pub(super) const fn grids(frame: Size) -> [(Size, Grid); 3] {
    let chroma = (chroma_size(frame), Grid::CHROMA);
    [(frame, Grid::LUMA), chroma, chroma]
}

/// The shares of a plane's rows.
struct Shares {
    mask: Mask,
    grid: Grid,
    width: usize,
    /// For masks that are the same in every row.
    across: Vec<u16>,
    row: Vec<u16>,
}

/// The part of a row that has any share, and its shares; without shares all of it has all.
struct Part<'a> {
    range: Range<usize>,
    shares: Option<&'a [u16]>,
}

impl Shares {
    fn new(mask: Mask, grid: Grid, width: u32) -> Self {
        let places = (0..width).map(|at| grid.twice_place(0, at) / 2);
        let across = match mask {
            Mask::Line { axis: 0, .. } => places.map(|place| of_line(mask, grid, place)).collect(),
            Mask::Rectangle { edges, soft, .. } => places
                .map(|place| between(place, (edges.left, edges.right), width_of(soft, grid)))
                .collect(),
            _ => Vec::new(),
        };
        Self {
            mask,
            grid,
            width: width as usize,
            across,
            row: vec![0; width as usize],
        }
    }

    fn row(&mut self, row: u32) -> Part<'_> {
        let place = self.grid.twice_place(1, row) / 2;
        match self.mask {
            Mask::Line { axis: 0, .. } => part(&self.across),
            Mask::Line { .. } => self.even(of_line(self.mask, self.grid, place)),
            Mask::Circle {
                centre,
                radius,
                soft,
            } => self.circle((centre[0], place - centre[1]), radius, soft),
            Mask::Rectangle { edges, soft, share } => {
                let soft = width_of(soft, self.grid);
                let down = between(place, (edges.top, edges.bottom), soft);
                let most = u32::from(down) * u32::from(share);
                for (row, &across) in self.row.iter_mut().zip(&self.across) {
                    *row = ((most * u32::from(across) + (1 << 15)) >> 16) as u16;
                }
                part(&self.row)
            }
        }
    }

    fn even(&mut self, share: u16) -> Part<'_> {
        self.row.fill(share);
        part(&self.row)
    }

    fn circle(&mut self, (x, down): (i64, i64), radius: i64, soft: i64) -> Part<'_> {
        let soft = width_of(soft, self.grid);
        let down = down as f64;
        for at in 0..self.width {
            let across = (self.grid.twice_place(0, at as u32) / 2 - x) as f64;
            let distance = (across * across + down * down).sqrt() as i64;
            self.row[at] = ramp(radius - distance, soft);
        }
        part(&self.row)
    }
}

fn part(shares: &[u16]) -> Part<'_> {
    let from = shares.iter().position(|&share| share > 0).unwrap_or(0);
    let to = shares
        .iter()
        .rposition(|&share| share > 0)
        .map_or(0, |at| at + 1);
    let seen = &shares[from..to.max(from)];
    Part {
        range: from..to.max(from),
        shares: seen.iter().any(|&share| share < WHOLE).then_some(seen),
    }
}

/// The width of an edge: a sample's at least.
fn width_of(soft: i64, grid: Grid) -> i64 {
    soft.max(grid.pixels() * ONE)
}

fn of_line(mask: Mask, grid: Grid, place: i64) -> u16 {
    let Mask::Line {
        at, soft, beyond, ..
    } = mask
    else {
        return 0;
    };
    ramp(
        if beyond { place - at } else { at - place },
        width_of(soft, grid),
    )
}

fn between(place: i64, (from, to): (i64, i64), soft: i64) -> u16 {
    let near = (place - from).min(to - place);
    ramp(near - soft / 2, soft)
}

/// From nothing to [`WHOLE`] over `soft`, half of it at 0; slow at both ends where it is wide.
fn ramp(inside: i64, soft: i64) -> u16 {
    let share = ((inside * 256 + soft * 128) / soft).clamp(0, 256);
    if soft <= 4 * ONE {
        return share as u16;
    }
    ((share * share * (768 - 2 * share) + (1 << 15)) >> 16) as u16
}
