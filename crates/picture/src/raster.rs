//! Images made ready for painting.

mod making;
#[cfg(test)]
pub(crate) mod tests;

use std::io::{BufRead, Cursor, Read, Seek};
use std::sync::OnceLock;

use png::{BitDepth, ColorType};
use workprint_model::Size;

use self::making::Making;
use crate::art::ArtError;
use crate::resolve::ONE;
use crate::rgba::Rgba;
use crate::still;

/// An image as premultiplied BT.709 Y, U, V (limited range) and alpha, with smaller copies of
/// itself for sampling.
///
/// Only the box that is not transparent is held, and only the levels that are looked at. All planes of a
/// level have the same size: chroma is halved only when a frame is painted, where its samples' places are
/// known. An opaque picture that is seen about as large as it is takes 1.5 bytes a pixel.
#[derive(Clone)]
pub struct Raster {
    size: Size,
    /// What is held of level 0.
    patch: Patch,
    luma: Pyramid<Vec<u8>>,
    chroma: [Pyramid<Vec<u8>>; 2],
    /// None when the image is opaque.
    alpha: Option<Pyramid<Alpha>>,
}

/// How finely a picture is looked at: how many times it may be halved before it is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    luma: u32,
    chroma: u32,
}

/// The most that the file of a picture may have that is held as a whole.
const MOST_BYTES: u64 = 512 << 20;

/// A level is sampled up to two of its samples to one: enlarging the next one would be softer.
const LUMA_LIMIT: i64 = 2 * ONE;
/// Colour may be softer, and is painted in half the time.
const CHROMA_LIMIT: i64 = ONE + ONE / 2;

impl Detail {
    /// All that there is.
    pub const FINEST: Self = Self { luma: 0, chroma: 0 };

    /// What is looked at when `step` pixels (in 1/65536) of the picture go to one of the frame.
    pub(crate) const fn of_step(step: i64) -> Self {
        const fn level(step: i64, limit: i64) -> u32 {
            let mut number = 0;
            while step >> number >= limit {
                number += 1;
            }
            number
        }
        Self {
            luma: level(step, LUMA_LIMIT),
            chroma: level(step.saturating_mul(2), CHROMA_LIMIT),
        }
    }

    /// Whether it is no less than another.
    pub const fn holds(self, other: Self) -> bool {
        self.luma <= other.luma && self.chroma <= other.chroma
    }

    /// As fine as both.
    pub fn and(self, other: Self) -> Self {
        Self {
            luma: self.luma.min(other.luma),
            chroma: self.chroma.min(other.chroma),
        }
    }
}

/// A box of a level's samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Patch {
    pub(crate) left: usize,
    pub(crate) top: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Patch {
    /// All of a level.
    pub(crate) const fn whole([width, height]: [usize; 2]) -> Self {
        Self {
            left: 0,
            top: 0,
            width,
            height,
        }
    }

    /// What is left of it after halving `number` times: every sample that something of it is in.
    const fn halved(self, number: u32) -> Self {
        let squares = 1 << number;
        let (left, top) = (self.left / squares, self.top / squares);
        Self {
            left,
            top,
            width: (self.left + self.width).div_ceil(squares) - left,
            height: (self.top + self.height).div_ceil(squares) - top,
        }
    }

    /// The least box around it that halves `number` times without a remainder but at the picture's edges.
    fn aligned(self, number: u32, sides: [usize; 2]) -> Self {
        if self.width == 0 || self.height == 0 {
            return Self::whole([0, 0]);
        }
        let squares = 1 << number.min(MOST_LEVELS);
        let part = |from: usize, length: usize, side: usize| {
            let to = (from + length).next_multiple_of(squares).min(side);
            (from / squares * squares, to)
        };
        let (left, right) = part(self.left, self.width, sides[0]);
        let (top, bottom) = part(self.top, self.height, sides[1]);
        Self {
            left,
            top,
            width: right - left,
            height: bottom - top,
        }
    }

    /// The patch of an image that is not transparent; none where nothing is.
    fn seen(image: &Rgba, [width, height]: [usize; 2]) -> Self {
        let (mut left, mut right, mut top, mut bottom) = (width, 0, height, 0);
        for (row, line) in image.pixels.chunks(4 * width).take(height).enumerate() {
            let mut pixels = line.chunks_exact(4);
            let Some(first) = pixels.position(|pixel| pixel[3] != 0) else {
                continue;
            };
            let last = line.chunks_exact(4).rposition(|pixel| pixel[3] != 0);
            (left, right) = (left.min(first), right.max(last.map_or(0, |last| last + 1)));
            (top, bottom) = (top.min(row), row + 1);
        }
        if left >= right {
            return Self::whole([0, 0]);
        }
        Self {
            left,
            top,
            width: right - left,
            height: bottom - top,
        }
    }
}

/// A level of a [`Raster`], with a sample for each square of `2^number` pixels.
pub(crate) struct Level<'a> {
    pub(crate) number: u32,
    /// How many samples it has across and down.
    pub(crate) sides: [usize; 2],
    /// The part of it that is held; around it is nothing.
    pub(crate) patch: Patch,
    /// Y, or U and V, each times alpha over 255.
    pub(crate) planes: Vec<&'a [u8]>,
    /// None when the image is opaque.
    pub(crate) alpha: Option<&'a Alpha>,
}

/// A level's alpha.
#[derive(Clone)]
pub(crate) struct Alpha {
    pub(crate) plane: Vec<u8>,
    /// For each row that is held, the columns of the level from the first that is not wholly transparent
    /// to after the last.
    pub(crate) extents: Vec<(u32, u32)>,
}

/// More than enough for the largest picture.
const MOST_LEVELS: u32 = 16;

/// Levels from the `first` that is held; those after it are made when they are asked for.
#[derive(Clone)]
struct Pyramid<T> {
    first: u32,
    levels: Vec<OnceLock<T>>,
}

impl<T> Pyramid<T> {
    fn new(first: u32, count: u32, level: T) -> Self {
        let mut levels = vec![OnceLock::from(level)];
        levels.extend((first + 1..count).map(|_| OnceLock::new()));
        Self { first, levels }
    }

    /// A level, made of the one before it where nobody has asked for it yet.
    fn level(&self, number: u32, half: &impl Fn(&T, u32) -> T) -> &T {
        let place = &self.levels[(number - self.first) as usize];
        place.get_or_init(|| half(self.level(number - 1, half), number))
    }

    /// The number of the nearest level that there is.
    fn nearest(&self, number: u32) -> u32 {
        number.clamp(self.first, self.first + self.levels.len() as u32 - 1)
    }

    fn made(&self) -> impl Iterator<Item = &T> {
        self.levels.iter().filter_map(OnceLock::get)
    }
}

impl std::fmt::Debug for Raster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.is_opaque() {
            "opaque"
        } else {
            "with alpha"
        };
        write!(f, "Raster({}, {kind})", self.size)
    }
}

impl Raster {
    /// How much memory it takes, in bytes, to within a few percent.
    pub fn bytes(&self) -> usize {
        let [u, v] = &self.chroma;
        let planes = [&self.luma, u, v].into_iter().flat_map(Pyramid::made);
        let alphas = self.alpha.iter().flat_map(Pyramid::made);
        planes.map(Vec::len).sum::<usize>() + alphas.map(|alpha| alpha.plane.len()).sum::<usize>()
    }

    /// Makes an image ready for painting. Colours that exceed their alpha are lowered to it, and
    /// missing bytes are transparent.
    pub fn from_rgba(image: &Rgba) -> Self {
        Self::from_rgba_in(image, Detail::FINEST)
    }

    /// Makes an image ready for painting pixel for pixel.
    pub(crate) fn plate(image: &Rgba) -> Self {
        Self::from_rgba_in(image, Detail::of_step(ONE))
    }

    fn from_rgba_in(image: &Rgba, detail: Detail) -> Self {
        let (width, height) = (image.size.width.max(1), image.size.height.max(1));
        let sides = [width as usize, height as usize];
        let pixels = image.pixels.chunks_exact(4);
        let opaque = pixels.len() >= sides[0] * sides[1] && pixels.clone().all(|p| p[3] == 255);
        let seen = if opaque {
            Patch::whole(sides)
        } else {
            Patch::seen(image, sides)
        };
        Self::of_seen(image, seen, (detail, opaque))
    }

    fn of_seen(image: &Rgba, seen: Patch, (detail, opaque): (Detail, bool)) -> Self {
        let (width, height) = (image.size.width.max(1), image.size.height.max(1));
        let mut making = Making::new(Size { width, height }, seen, (detail, opaque));
        let patch = making.patch;
        let rows = image.pixels.chunks(4 * width as usize).skip(patch.top);
        for row in rows.take(patch.height) {
            let row = row.get(4 * patch.left..).unwrap_or_default();
            making.row(row.chunks_exact(4).map(|pixel| {
                let a = pixel[3];
                [pixel[0].min(a), pixel[1].min(a), pixel[2].min(a), a]
            }));
        }
        making.finish()
    }

    /// Its size in pixels.
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Whether nothing behind it can be seen.
    pub const fn is_opaque(&self) -> bool {
        self.alpha.is_none()
    }

    /// How much of it is there.
    pub const fn detail(&self) -> Detail {
        Detail {
            luma: self.luma.first,
            chroma: self.chroma[0].first,
        }
    }

    /// Makes a PNG ready for painting, as [`Self::from_rgba`] would what [`still::from_png`] reads of it.
    /// What is opaque and plain and has eight bits is read row by row.
    pub fn from_png(bytes: &[u8]) -> Result<Self, ArtError> {
        Self::from_png_in(bytes, Detail::FINEST)
    }

    /// The same, where no more than `detail` of it will be looked at.
    pub fn from_png_in(bytes: &[u8], detail: Detail) -> Result<Self, ArtError> {
        Self::read_png(&mut Cursor::new(bytes), detail)
    }

    /// The same of a file at its beginning, which is not held as a whole where it is read row by row.
    pub fn read_png(source: &mut (impl BufRead + Seek), detail: Detail) -> Result<Self, ArtError> {
        if let Ok(Some(raster)) = opaque_png(source, detail) {
            return Ok(raster);
        }
        // Whatever is odd about it, the other reader tells.
        let mut bytes = Vec::new();
        source
            .rewind()
            .and_then(|()| source.take(MOST_BYTES).read_to_end(&mut bytes))
            .map_err(|cause| ArtError::Still {
                hint: "",
                cause: cause.into(),
            })?;
        Ok(Self::from_rgba_in(&still::from_png(&bytes)?, detail))
    }

    /// The luma to sample for a detail.
    pub(crate) fn luma(&self, detail: Detail) -> Level<'_> {
        self.level(detail.luma, &[&self.luma])
    }

    /// The chroma to sample for a detail.
    pub(crate) fn chroma(&self, detail: Detail) -> Level<'_> {
        let [u, v] = &self.chroma;
        self.level(detail.chroma, &[u, v])
    }

    fn level<'a>(&'a self, number: u32, planes: &[&'a Pyramid<Vec<u8>>]) -> Level<'a> {
        let number = planes.first().map_or(0, |plane| plane.nearest(number));
        let sides = sides(self.size, number);
        let half = |plane: &[u8], number: u32| {
            let before = number - 1;
            let given = (self.patch.halved(before), self::sides(self.size, before));
            halve_patch(plane, given, self.patch.halved(number))
        };
        let planes = planes.iter().map(|plane| {
            let level = plane.level(number, &|plane: &Vec<u8>, number| half(plane, number));
            level.as_slice()
        });
        let alpha = self.alpha.as_ref().map(|alpha| {
            alpha.level(number, &|alpha: &Alpha, number| {
                Alpha::new(half(&alpha.plane, number), self.patch.halved(number))
            })
        });
        Level {
            number,
            sides,
            patch: self.patch.halved(number),
            planes: planes.collect(),
            alpha,
        }
    }
}

/// How many samples a level of a picture has across and down.
const fn sides(size: Size, number: u32) -> [usize; 2] {
    let squares = 1 << number;
    [
        size.width.div_ceil(squares) as usize,
        size.height.div_ceil(squares) as usize,
    ]
}

/// How many levels there are: the last has two samples a side at most.
fn level_count(size: Size) -> u32 {
    let longer = size.width.max(size.height);
    let last = (0..MOST_LEVELS).find(|&number| longer.div_ceil(1 << number) <= 2);
    last.unwrap_or(MOST_LEVELS) + 1
}

/// A PNG that is opaque, upright and without a profile, and has eight bits of grey or of three colours; none where
/// it is something else, or its rows do not come one after the other.
fn opaque_png(
    source: &mut (impl BufRead + Seek),
    detail: Detail,
) -> Result<Option<Raster>, png::DecodingError> {
    let mut reader = png::Decoder::new(source).read_info()?;
    let info = reader.info();
    let (width, height) = (info.width, info.height);
    let size = Size { width, height };
    let plain = matches!(info.color_type, ColorType::Grayscale | ColorType::Rgb)
        && info.bit_depth == BitDepth::Eight
        && info.trns.is_none()
        && info.icc_profile.is_none()
        && info.animation_control.is_none();
    if !plain || info.interlaced || still::check_size(size).is_err() {
        return Ok(None);
    }
    let samples = reader.info().color_type.samples();
    let whole = Patch::whole(sides(size, 0));
    let mut making = Making::new(size, whole, (detail, true));
    while let Some(row) = reader.next_row()? {
        making.row(row.data().chunks_exact(samples).map(|pixel| match *pixel {
            [red, green, blue] => [red, green, blue, 255],
            _ => [pixel[0], pixel[0], pixel[0], 255],
        }));
    }
    reader.finish()?;
    // Which way is up may be told at the end.
    let upright = reader.info().exif_metadata.is_none();
    Ok(upright.then(|| making.finish()))
}

impl Alpha {
    /// Of a picture that covers everything.
    pub(crate) fn opaque(width: usize, height: usize) -> Self {
        Self {
            plane: vec![255; width * height],
            extents: vec![(0, width as u32); height],
        }
    }

    fn new(plane: Vec<u8>, patch: Patch) -> Self {
        let rows = plane.chunks_exact(patch.width.max(1));
        let extents = rows
            .map(|row| {
                let first = row.iter().position(|&a| a != 0);
                let last = row.iter().rposition(|&a| a != 0);
                let edge = |at: usize| (patch.left + at) as u32;
                match (first, last) {
                    (Some(first), Some(last)) => (edge(first), edge(last + 1)),
                    _ => (0, 0),
                }
            })
            .collect();
        Self { plane, extents }
    }
}

/// Means of squares of four; an odd last row or column counts twice.
pub(crate) fn halve(plane: &[u8], width: usize, height: usize) -> Vec<u8> {
    let whole = Patch::whole([width, height]);
    halve_patch(plane, (whole, [width, height]), whole.halved(1))
}

/// The same of a patch of a plane with so many samples across and down; around it is nothing.
fn halve_patch(
    plane: &[u8],
    (patch, [width, height]): (Patch, [usize; 2]),
    half: Patch,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(half.width * half.height);
    let length = (2 * half.width).min(width - 2 * half.left);
    let (mut upper, mut lower) = (vec![0; length], vec![0; length]);
    let fill = |line: &mut [u8], row: usize| {
        let row = row.min(height - 1).checked_sub(patch.top);
        let held = row.filter(|&row| row < patch.height);
        let into = line.get_mut(patch.left - 2 * half.left..);
        if let (Some(row), Some(into)) = (held, into) {
            into[..patch.width].copy_from_slice(&plane[row * patch.width..][..patch.width]);
        } else {
            line.fill(0);
        }
    };
    for row in half.top..half.top + half.height {
        fill(&mut upper, 2 * row);
        fill(&mut lower, 2 * row + 1);
        mean(&upper, &lower, &mut out);
    }
    out
}

/// Adds the means of two samples of either row; an odd last column counts twice.
fn mean(upper: &[u8], lower: &[u8], out: &mut Vec<u8>) {
    let mean = |a: u8, b: u8, c: u8, d: u8| {
        ((u16::from(a) + u16::from(b) + u16::from(c) + u16::from(d) + 2) >> 2) as u8
    };
    let pairs = upper.chunks_exact(2).zip(lower.chunks_exact(2));
    out.extend(pairs.map(|(a, b)| mean(a[0], a[1], b[0], b[1])));
    if let ([.., a], [.., b]) = (upper, lower)
        && upper.len() % 2 == 1
    {
        out.push(mean(*a, *a, *b, *b));
    }
}
