//! Looks that change each colour by itself, all in one table.
//!
//! The table has a cell for every 8 × 8 values of U and V. In it stands, for every luma, what comes
//! out at the cell's four corners; between them it is mixed. Cells are filled when a picture first
//! needs them, which few of them ever are.

use std::fmt::Debug;

use workprint_model::look::Look;

use super::Effect;
use super::range::{BLACK, COLOUR_SPAN, NEUTRAL, SPAN, VALUES};
use crate::paint::kernel::Kernel;
use crate::resolve::Moment;
use crate::yuv::{BLUE, RED, YuvMut, chroma_size};

/// Whether a look changes each colour by itself.
pub(super) const fn is(look: &Look) -> bool {
    matches!(look, Look::Grade(_) | Look::Lut(_) | Look::Mono(_))
}

/// A change of each colour by itself.
pub(super) trait Change: Debug + Send {
    /// What becomes of red, green and blue, each 0 to 1 and gamma-encoded.
    fn of(&self, rgb: [f64; 3]) -> [f64; 3];
}

/// Values of U or V in a cell, as a power of two.
const CELL_BITS: u32 = 3;
const CELL: usize = 1 << CELL_BITS;
/// Cells across.
const CELLS: usize = VALUES / CELL;
/// Corners across.
const CORNERS: usize = CELLS + 1;
/// Parts of one in the table.
const UNIT: f64 = 64.0;
/// The weights of four corners sum to `CELL * CELL`, and corners are in `1 / UNIT`.
const SHIFT: u32 = 2 * CELL_BITS + 6;
const HALF: i32 = 1 << (SHIFT - 1);

/// Every luma, at the four corners of a cell.
type LumaCell = [[i16; 4]; VALUES];
/// Every luma: U at the four corners of a cell, then V.
type ColourCell = [[i16; 8]; VALUES];
/// Every luma: Y, U and V at one corner.
type Column = [[i16; 3]; VALUES];

/// Where a colour sample lies in the table.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// The mean of the luma around it.
    luma: u8,
    cell: u16,
    /// Of the corner with the lower U and V, the higher V, the higher U, and both.
    weights: [i16; 4],
}

/// Changes of colours, ready to be applied.
#[derive(Debug)]
pub(super) struct Coloured {
    changes: Vec<Box<dyn Change>>,
    columns: Vec<Option<Box<Column>>>,
    filled: Vec<bool>,
    luma: Vec<i16>,
    colour: Vec<i16>,
    places: Vec<Place>,
}

impl Coloured {
    /// All of `changes`, one after the other.
    pub(super) fn new(changes: Vec<Box<dyn Change>>) -> Self {
        Self {
            changes,
            columns: vec![None; CORNERS * CORNERS],
            filled: vec![false; CELLS * CELLS],
            luma: vec![0; CELLS * CELLS * VALUES * 4],
            colour: vec![0; CELLS * CELLS * VALUES * 8],
            places: Vec::new(),
        }
    }

    /// What becomes of a colour. Outside of what red, green and blue can be it goes on as it does at
    /// the edge: a cell at the edge is half outside, and what is inside must not be bent by it.
    fn change(&self, rgb: [f64; 3]) -> [f64; 3] {
        const NEAR: f64 = 1.0 / 64.0;
        let all = |rgb: [f64; 3]| self.changes.iter().fold(rgb, |rgb, change| change.of(rgb));
        let edge = rgb.map(|value| value.clamp(0.0, 1.0));
        let mut out = all(edge);
        let base = out;
        for axis in 0..3 {
            let beyond = rgb[axis] - edge[axis];
            if beyond != 0.0 {
                let mut inner = edge;
                inner[axis] -= NEAR * beyond.signum();
                let inner = all(inner);
                for channel in 0..3 {
                    out[channel] += (base[channel] - inner[channel]) / NEAR * beyond.abs();
                }
            }
        }
        out
    }

    fn column(&self, u: usize, v: usize) -> Column {
        let chroma = [u, v].map(|corner| (corner * CELL) as f64);
        let mut column = [[0; 3]; VALUES];
        for (luma, out) in column.iter_mut().enumerate() {
            let yuv = to_yuv(self.change(to_rgb([luma as f64, chroma[0], chroma[1]])));
            *out = yuv.map(|value| ((value * UNIT).clamp(-8000.0, 24_000.0) + 0.5).floor() as i16);
        }
        column
    }

    fn fill(&mut self, cell: usize) {
        let (u, v) = (cell / CELLS, cell % CELLS);
        for (corner, at) in [(u, v), (u, v + 1), (u + 1, v), (u + 1, v + 1)]
            .into_iter()
            .enumerate()
        {
            let number = at.0 * CORNERS + at.1;
            let column = match self.columns[number].take() {
                Some(column) => column,
                None => Box::new(self.column(at.0, at.1)),
            };
            for (luma, &[y, u, v]) in column.iter().enumerate() {
                let place = cell * VALUES + luma;
                self.luma[place * 4 + corner] = y;
                self.colour[place * 8 + corner] = u;
                self.colour[place * 8 + 4 + corner] = v;
            }
            self.columns[number] = Some(column);
        }
        self.filled[cell] = true;
    }

    /// Finds the places of a row of colour samples, and fills the cells that they need.
    fn place(&mut self, [upper, lower]: [&[u8]; 2], u: &[u8], v: &[u8]) {
        self.places.clear();
        let pairs = upper.chunks(2).zip(lower.chunks(2));
        self.places.extend(
            pairs
                .zip(u.iter().zip(v))
                .map(|((upper, lower), (&u, &v))| {
                    let sum = [
                        upper[0],
                        upper[upper.len() - 1],
                        lower[0],
                        lower[lower.len() - 1],
                    ];
                    let sum: u16 = sum.into_iter().map(u16::from).sum();
                    let (u, v) = (usize::from(u), usize::from(v));
                    Place {
                        luma: ((sum + 2) / 4) as u8,
                        cell: (u / CELL * CELLS + v / CELL) as u16,
                        weights: WEIGHTS[u % CELL * CELL + v % CELL],
                    }
                }),
        );
        let mut last = usize::MAX;
        for index in 0..self.places.len() {
            let cell = usize::from(self.places[index].cell);
            if cell != last && !self.filled[cell] {
                self.fill(cell);
            }
            last = cell;
        }
    }
}

const WEIGHTS: [[i16; 4]; CELL * CELL] = weights();

const fn weights() -> [[i16; 4]; CELL * CELL] {
    let mut out = [[0; 4]; CELL * CELL];
    let mut at = 0;
    while at < CELL * CELL {
        let (u, v) = ((at / CELL) as i16, (at % CELL) as i16);
        let (low_u, low_v) = (CELL as i16 - u, CELL as i16 - v);
        out[at] = [low_u * low_v, low_u * v, u * low_v, u * v];
        at += 1;
    }
    out
}

impl Effect for Coloured {
    fn apply(&mut self, frame: &mut YuvMut<'_>, _: Option<Moment>, kernel: Kernel) {
        let width = frame.size.width as usize;
        let chroma_width = chroma_size(frame.size).width as usize;
        let [y, u, v] = frame.planes_mut();
        let rows = y.chunks_mut(2 * width);
        let chroma = u
            .chunks_exact_mut(chroma_width)
            .zip(v.chunks_exact_mut(chroma_width));
        for (pair, (u, v)) in rows.zip(chroma) {
            let (upper, lower) = pair.split_at_mut(width);
            // The last row of an odd number stands alone.
            let below = if lower.is_empty() { &*upper } else { &*lower };
            self.place([upper, below], u, v);
            let (cells, _) = self.luma.as_chunks::<4>();
            let (cells, _) = cells.as_chunks::<VALUES>();
            mix_luma(kernel, &self.places, cells, [upper, lower]);
            let (cells, _) = self.colour.as_chunks::<8>();
            let (cells, _) = cells.as_chunks::<VALUES>();
            mix_colour(kernel, &self.places, cells, u, v);
        }
    }
}

/// Makes two rows of luma; the lower one may be missing.
fn mix_luma(kernel: Kernel, places: &[Place], cells: &[LumaCell], rows: [&mut [u8]; 2]) {
    match kernel {
        Kernel::Plain => plain::luma(places, cells, rows),
        #[cfg(target_arch = "x86_64")]
        #[expect(unsafe_code, reason = "the proof says that the machine has AVX2")]
        // SAFETY: this kernel is made only after the machine was found to have AVX2.
        Kernel::Avx2(_) => unsafe { avx2::luma(places, cells, rows) },
    }
}

/// Makes a row of U and one of V.
fn mix_colour(kernel: Kernel, places: &[Place], cells: &[ColourCell], u: &mut [u8], v: &mut [u8]) {
    match kernel {
        Kernel::Plain => plain::colour(places, cells, u, v),
        #[cfg(target_arch = "x86_64")]
        #[expect(unsafe_code, reason = "the proof says that the machine has AVX2")]
        // SAFETY: this kernel is made only after the machine was found to have AVX2.
        Kernel::Avx2(_) => unsafe { avx2::colour(places, cells, u, v) },
    }
}

mod plain {
    use super::{ColourCell, HALF, LumaCell, Place, SHIFT};

    pub(super) fn luma(places: &[Place], cells: &[LumaCell], rows: [&mut [u8]; 2]) {
        for row in rows {
            for (pair, place) in row.chunks_mut(2).zip(places) {
                let cell = &cells[usize::from(place.cell)];
                for luma in pair {
                    *luma = mixed(cell[usize::from(*luma)], place.weights);
                }
            }
        }
    }

    pub(super) fn colour(places: &[Place], cells: &[ColourCell], u: &mut [u8], v: &mut [u8]) {
        for ((u, v), place) in u.iter_mut().zip(v).zip(places) {
            let corners = &cells[usize::from(place.cell)][usize::from(place.luma)];
            let (corners, _) = corners.as_chunks::<4>();
            *u = mixed(corners[0], place.weights);
            *v = mixed(corners[1], place.weights);
        }
    }

    /// Four corners by their weights.
    fn mixed(corners: [i16; 4], weights: [i16; 4]) -> u8 {
        let parts = corners.iter().zip(weights);
        let sum: i32 = parts
            .map(|(&corner, weight)| i32::from(corner) * i32::from(weight))
            .sum();
        ((sum + HALF) >> SHIFT).clamp(0, 255) as u8
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_add_epi32, _mm256_hadd_epi32, _mm256_madd_epi16, _mm256_packus_epi16,
        _mm256_packus_epi32, _mm256_set1_epi32, _mm256_set1_epi64x, _mm256_srai_epi32,
    };

    use super::{ColourCell, HALF, LumaCell, Place, SHIFT, plain};

    /// Two places at a time: four samples of the upper row, and the four below.
    #[target_feature(enable = "avx2")]
    pub(super) fn luma(places: &[Place], cells: &[LumaCell], [upper, lower]: [&mut [u8]; 2]) {
        let count = if lower.is_empty() { 0 } else { upper.len() / 4 };
        let done = (count * 4).min(lower.len());
        let (pairs, _) = places.as_chunks::<2>();
        let (above, _) = upper.as_chunks_mut::<4>();
        let (below, _) = lower.as_chunks_mut::<4>();
        for ((above, below), pair) in above.iter_mut().zip(below.iter_mut()).zip(pairs) {
            let one = four(&pair[0], cells, [above[0], above[1], below[0], below[1]]);
            let two = four(&pair[1], cells, [above[2], above[3], below[2], below[3]]);
            let bytes: [[u8; 4]; 8] = bytemuck::cast(finish(_mm256_hadd_epi32(one, two)));
            (*above, *below) = (bytes[0], bytes[4]);
        }
        let rest = [&mut upper[count * 4..], &mut lower[done..]];
        plain::luma(&places[count * 2..], cells, rest);
    }

    /// Half sums of four samples of one place.
    #[target_feature(enable = "avx2")]
    fn four(place: &Place, cells: &[LumaCell], lumas: [u8; 4]) -> __m256i {
        let cell = &cells[usize::from(place.cell)];
        let corners = lumas.map(|luma| cell[usize::from(luma)]);
        let weights = _mm256_set1_epi64x(bytemuck::cast(place.weights));
        _mm256_madd_epi16(bytemuck::cast(corners), weights)
    }

    /// Four places at a time.
    #[target_feature(enable = "avx2")]
    pub(super) fn colour(places: &[Place], cells: &[ColourCell], u: &mut [u8], v: &mut [u8]) {
        let (fours, rest) = places.as_chunks::<4>();
        let (us, rest_u) = u.as_chunks_mut::<4>();
        let (vs, rest_v) = v.as_chunks_mut::<4>();
        for ((u, v), four) in us.iter_mut().zip(vs).zip(fours) {
            let sums = _mm256_hadd_epi32(
                two(&four[0], &four[1], cells),
                two(&four[2], &four[3], cells),
            );
            // U and V of the first and third, then of the second and fourth.
            let bytes: [[u8; 4]; 8] = bytemuck::cast(finish(sums));
            let ([u0, v0, u2, v2], [u1, v1, u3, v3]) = (bytes[0], bytes[4]);
            (*u, *v) = ([u0, u1, u2, u3], [v0, v1, v2, v3]);
        }
        plain::colour(rest, cells, rest_u, rest_v);
    }

    /// Half sums of U and V of two places.
    #[target_feature(enable = "avx2")]
    fn two(one: &Place, two: &Place, cells: &[ColourCell]) -> __m256i {
        let corners =
            [one, two].map(|place| cells[usize::from(place.cell)][usize::from(place.luma)]);
        let weights = [one.weights, one.weights, two.weights, two.weights];
        _mm256_madd_epi16(bytemuck::cast(corners), bytemuck::cast(weights))
    }

    /// Sums as bytes: the first four of each half stand in its first four.
    #[target_feature(enable = "avx2")]
    fn finish(sums: __m256i) -> __m256i {
        let rounded = _mm256_add_epi32(sums, _mm256_set1_epi32(HALF));
        let words = _mm256_srai_epi32::<{ SHIFT as i32 }>(rounded);
        let words = _mm256_packus_epi32(words, words);
        _mm256_packus_epi16(words, words)
    }
}

const GREEN: f64 = 1.0 - RED - BLUE;

/// Y, U and V as samples to red, green and blue, 0 to 1 where the colour is one that can be.
fn to_rgb([y, u, v]: [f64; 3]) -> [f64; 3] {
    let y = (y - f64::from(BLACK)) / f64::from(SPAN);
    let [u, v] = [u, v].map(|value| (value - f64::from(NEUTRAL)) / f64::from(COLOUR_SPAN));
    let red = y + 2.0 * (1.0 - RED) * v;
    let blue = y + 2.0 * (1.0 - BLUE) * u;
    [red, (y - RED * red - BLUE * blue) / GREEN, blue]
}

fn to_yuv([red, green, blue]: [f64; 3]) -> [f64; 3] {
    let y = luma([red, green, blue]);
    let difference = |value: f64, weight: f64| {
        (value - y) / (2.0 * (1.0 - weight)) * f64::from(COLOUR_SPAN) + f64::from(NEUTRAL)
    };
    [
        y * f64::from(SPAN) + f64::from(BLACK),
        difference(blue, BLUE),
        difference(red, RED),
    ]
}

/// BT.709's luma.
pub(super) fn luma([red, green, blue]: [f64; 3]) -> f64 {
    RED * red + GREEN * green + BLUE * blue
}

#[cfg(test)]
mod tests {
    use workprint_model::Size;

    use super::*;
    use crate::yuv::Yuv;

    #[derive(Debug)]
    struct Same;

    impl Change for Same {
        fn of(&self, rgb: [f64; 3]) -> [f64; 3] {
            rgb
        }
    }

    /// Every luma with many colours.
    fn colours(width: u32, height: u32) -> Yuv {
        let mut frame = Yuv::new(Size { width, height }).unwrap();
        for (plane, step) in frame.planes_mut().into_iter().zip([1, 37, 91]) {
            for (index, sample) in plane.iter_mut().enumerate() {
                *sample = (index * step) as u8;
            }
        }
        frame
    }

    #[test]
    fn no_change_changes_nothing() {
        let mut frame = colours(257, 131);
        let before = frame.clone();
        Coloured::new(vec![Box::new(Same)]).apply(&mut frame.lent(), None, Kernel::best());
        assert!(frame == before);
    }

    /// A change with a knee, as grades have.
    #[derive(Debug)]
    struct Bright;

    impl Change for Bright {
        fn of(&self, rgb: [f64; 3]) -> [f64; 3] {
            [rgb[0] * 1.2, rgb[1].sqrt(), rgb[2] * rgb[2]].map(|value| value.clamp(0.0, 1.0))
        }
    }

    #[test]
    fn what_comes_out_of_the_table_is_near_to_what_is_exact() {
        let mut changed = Coloured::new(vec![Box::new(Bright)]);
        let (mut worst, mut sum, mut count) = (0.0_f64, 0.0, 0.0);
        for luma in (16..=235u8).step_by(3) {
            for u in (16..=240u8).step_by(5) {
                for v in (16..=240u8).step_by(5) {
                    let rgb = to_rgb([luma, u, v].map(f64::from));
                    // Below that a square root is too steep for any table.
                    if rgb.iter().any(|value| !(0.06..=1.0).contains(value)) {
                        continue;
                    }
                    let mut frame = Yuv::new(Size {
                        width: 2,
                        height: 2,
                    })
                    .unwrap();
                    frame.fill([luma, u, v]);
                    changed.apply(&mut frame.lent(), None, Kernel::best());
                    let exact = to_yuv(Bright.of(rgb));
                    for (plane, exact) in frame.planes().into_iter().zip(exact) {
                        let error = (f64::from(plane[0]) - exact).abs();
                        worst = worst.max(error);
                        sum += error;
                        count += 1.0;
                    }
                }
            }
        }
        assert!(worst < 3.0 && sum / count < 0.4, "{worst} {}", sum / count);
    }

    #[test]
    fn kernels_are_alike() {
        let of = |kernel| {
            let mut frame = colours(130, 61);
            Coloured::new(vec![Box::new(Bright)]).apply(&mut frame.lent(), None, kernel);
            frame
        };
        assert!(of(Kernel::Plain) == of(Kernel::best()));
    }
}
