//! Tables of colours in `.cube` files (Adobe, "Cube LUT Specification", version 1.0, 2013).

use std::sync::Arc;

use workprint_model::Percent;

use super::colour::Change;

/// The largest file that is read, in bytes.
pub const MOST_BYTES: u64 = 32 << 20;
/// The most entries along each side of a table of three dimensions.
const MOST_3D: usize = 129;
/// The most entries of a table of one dimension.
const MOST_1D: usize = 65_536;
/// Entries beyond this are no colours.
const MOST_VALUE: f64 = 1000.0;

/// A table of colours.
#[derive(Debug, Clone, PartialEq)]
pub struct Cube {
    low: [f64; 3],
    high: [f64; 3],
    table: Table,
}

#[derive(Debug, Clone, PartialEq)]
enum Table {
    /// A curve for each channel.
    Curves(Vec<[f32; 3]>),
    /// So many along each side; red changes fastest.
    Cube(usize, Vec<[f32; 3]>),
}

/// Why a text is no table of colours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct CubeError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl Cube {
    /// Reads the text of a `.cube` file. Every line is looked at; nothing is guessed.
    pub fn parse(text: &str) -> Result<Self, CubeError> {
        let mut reader = Reader::default();
        let mut lines = 0;
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            lines = number + 1;
            reader
                .line(line.trim())
                .map_err(|what| CubeError { line: lines, what })?;
        }
        reader.finish().map_err(|what| CubeError {
            line: lines.max(1),
            what,
        })
    }

    /// What becomes of a colour; outside of the table it is held to the edge.
    pub fn of(&self, rgb: [f64; 3]) -> [f64; 3] {
        let place = [0, 1, 2].map(|axis| {
            let span = self.high[axis] - self.low[axis];
            ((rgb[axis] - self.low[axis]) / span).clamp(0.0, 1.0)
        });
        match &self.table {
            Table::Curves(curves) => [0, 1, 2].map(|channel| {
                let (entry, part) = split(place[channel], curves.len());
                let (from, to) = (curves[entry][channel], curves[entry + 1][channel]);
                f64::from(from) + (f64::from(to) - f64::from(from)) * part
            }),
            Table::Cube(side, entries) => tetrahedral(*side, entries, place),
        }
    }
}

/// The entry at or before a place of 0 to 1, and how far it is to the next.
fn split(place: f64, count: usize) -> (usize, f64) {
    let at = place * (count - 1) as f64;
    let entry = (at as usize).min(count - 2);
    (entry, at - entry as f64)
}

/// Goes from the lowest corner of a cell to the highest, along the longest way first: the four
/// corners on it are those of the tetrahedron that the place lies in.
fn tetrahedral(side: usize, entries: &[[f32; 3]], place: [f64; 3]) -> [f64; 3] {
    let cell = place.map(|place| split(place, side));
    let mut at = cell[0].0 + side * (cell[1].0 + side * cell[2].0);
    let mut order = [0, 1, 2];
    // Stable, so that equal ways are taken in one order everywhere.
    order.sort_by(|&a, &b| cell[b].1.total_cmp(&cell[a].1));
    let strides = [1, side, side * side];
    let mut out = entries[at].map(f64::from);
    for axis in order {
        let from = entries[at];
        at += strides[axis];
        for channel in 0..3 {
            let step = f64::from(entries[at][channel]) - f64::from(from[channel]);
            out[channel] += step * cell[axis].1;
        }
    }
    out
}

/// What was read so far.
#[derive(Debug, Default)]
struct Reader {
    size: Option<Size>,
    low: Option<[f64; 3]>,
    high: Option<[f64; 3]>,
    titled: bool,
    entries: Vec<[f32; 3]>,
}

#[derive(Debug, Clone, Copy)]
enum Size {
    Curves(usize),
    Cube(usize),
}

impl Size {
    const fn entries(self) -> usize {
        match self {
            Self::Curves(count) => count,
            Self::Cube(side) => side * side * side,
        }
    }
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        if !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return self.entry(line);
        }
        if !self.entries.is_empty() {
            return Err(format!("`{}` stands between colours", short(word)));
        }
        match word {
            "TITLE" => once(&mut self.titled, word),
            "LUT_1D_SIZE" => self.size(word, rest, MOST_1D, Size::Curves),
            "LUT_3D_SIZE" => self.size(word, rest, MOST_3D, Size::Cube),
            "DOMAIN_MIN" => set(&mut self.low, numbers(rest)?, word),
            "DOMAIN_MAX" => set(&mut self.high, numbers(rest)?, word),
            // As Resolve and IRIDAS write a domain that is the same for all channels.
            "LUT_1D_INPUT_RANGE" | "LUT_3D_INPUT_RANGE" => {
                let [low, high] = numbers(rest)?;
                set(&mut self.low, [low; 3], word)?;
                set(&mut self.high, [high; 3], word)
            }
            _ => Err(format!("`{}` is not a word of a .cube file", short(word))),
        }
    }

    fn size(
        &mut self,
        word: &str,
        text: &str,
        most: usize,
        kind: fn(usize) -> Size,
    ) -> Result<(), String> {
        let count = text.parse().ok().filter(|count| (2..=most).contains(count));
        let Some(count) = count else {
            return Err(format!(
                "`{word}` is `{}`: 2 to {most} are allowed",
                short(text)
            ));
        };
        set(&mut self.size, kind(count), "a size")
    }

    fn entry(&mut self, line: &str) -> Result<(), String> {
        let Some(size) = self.size else {
            return Err("a colour stands before `LUT_1D_SIZE` or `LUT_3D_SIZE`".to_owned());
        };
        if self.entries.len() == size.entries() {
            return Err(format!("there are more than {} colours", size.entries()));
        }
        let colour = numbers::<3>(line)?;
        self.entries.push(colour.map(|value| value as f32));
        Ok(())
    }

    fn finish(self) -> Result<Cube, String> {
        let Some(size) = self.size else {
            return Err("there is no `LUT_1D_SIZE` or `LUT_3D_SIZE`".to_owned());
        };
        let (found, wanted) = (self.entries.len(), size.entries());
        if found != wanted {
            return Err(format!(
                "there are {found} colours where {wanted} are needed"
            ));
        }
        let (low, high) = (self.low.unwrap_or([0.0; 3]), self.high.unwrap_or([1.0; 3]));
        if (0..3).any(|axis| high[axis] - low[axis] < 1e-6) {
            return Err("the domain ends before it begins".to_owned());
        }
        let table = match size {
            Size::Curves(_) => Table::Curves(self.entries),
            Size::Cube(side) => Table::Cube(side, self.entries),
        };
        Ok(Cube { low, high, table })
    }
}

fn once(flag: &mut bool, word: &str) -> Result<(), String> {
    if std::mem::replace(flag, true) {
        Err(format!("`{word}` is there twice"))
    } else {
        Ok(())
    }
}

fn set<T>(value: &mut Option<T>, new: T, word: &str) -> Result<(), String> {
    if value.replace(new).is_some() {
        Err(format!("{word} is there twice"))
    } else {
        Ok(())
    }
}

/// Exactly `N` numbers.
fn numbers<const N: usize>(text: &str) -> Result<[f64; N], String> {
    let mut out = [0.0; N];
    let mut words = text.split_ascii_whitespace();
    for value in &mut out {
        let Some(word) = words.next() else {
            return Err(format!("{N} numbers are needed: `{}`", short(text)));
        };
        *value = number(word)?;
    }
    match words.next() {
        Some(more) => Err(format!(
            "{N} numbers are needed, and here is `{}` too",
            short(more)
        )),
        None => Ok(out),
    }
}

fn number(word: &str) -> Result<f64, String> {
    // `nan` and `inf` are numbers to the standard library.
    let plain = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E');
    let value = word.parse::<f64>().ok();
    match value.filter(|value| word.bytes().all(plain) && value.abs() <= MOST_VALUE) {
        Some(value) => Ok(value),
        None => Err(format!("`{}` is not a number of a colour", short(word))),
    }
}

fn short(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(40).map(plain).collect()
}

/// A table of colours, used in part.
#[derive(Debug)]
pub(super) struct Looked {
    cube: Arc<Cube>,
    amount: f64,
}

impl Looked {
    pub(super) fn new(cube: Arc<Cube>, amount: Percent) -> Self {
        Self {
            cube,
            amount: amount.ratio().clamp(0.0, 1.0),
        }
    }
}

impl Change for Looked {
    fn of(&self, rgb: [f64; 3]) -> [f64; 3] {
        let changed = self.cube.of(rgb);
        [0, 1, 2].map(|channel| {
            let value = rgb[channel] + (changed[channel] - rgb[channel]) * self.amount;
            value.clamp(0.0, 1.0)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// A table of three dimensions of what `colour` makes.
    fn text(side: usize, colour: impl Fn([f64; 3]) -> [f64; 3]) -> String {
        let mut text = format!("TITLE \"test\"\n# made here\nLUT_3D_SIZE {side}\n");
        let part = |at: usize| at as f64 / (side - 1) as f64;
        for blue in 0..side {
            for green in 0..side {
                for red in 0..side {
                    let [r, g, b] = colour([part(red), part(green), part(blue)]);
                    let _ = writeln!(text, "{r:.6} {g:.6} {b:.6}");
                }
            }
        }
        text
    }

    fn near(one: [f64; 3], two: [f64; 3]) -> bool {
        one.iter()
            .zip(two)
            .all(|(one, two)| (one - two).abs() < 1e-5)
    }

    #[test]
    fn tetrahedra_give_back_what_is_straight() {
        let turn = |[r, g, b]: [f64; 3]| [b, 0.5 * r + 0.25 * g, 1.0 - g];
        let cube = Cube::parse(&text(5, turn)).unwrap();
        for rgb in [
            [0.0; 3],
            [1.0; 3],
            [0.3, 0.6, 0.9],
            [0.77, 0.12, 0.12],
            [0.5, 0.5, 0.49],
        ] {
            assert!(near(cube.of(rgb), turn(rgb)), "{rgb:?}");
        }
        // On the grey axis only the two grey corners count, whatever the others hold.
        let odd = |[r, g, b]: [f64; 3]| {
            if near([r, g, b], [g, b, r]) {
                [r, g, b]
            } else {
                [9.0, 9.0, 9.0]
            }
        };
        let cube = Cube::parse(&text(3, odd)).unwrap();
        assert!(near(cube.of([0.3; 3]), [0.3; 3]));
    }

    #[test]
    fn curves_and_domains_are_read() {
        let cube = Cube::parse(
            "LUT_1D_SIZE 3\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 2 1 1\n0 0 1\n.5 .2 .5\n1 1 0\n",
        )
        .unwrap();
        assert!(near(cube.of([1.0, 0.5, 0.25]), [0.5, 0.2, 0.75]));
        let ranged =
            Cube::parse("LUT_1D_INPUT_RANGE 0.0 0.5\nLUT_1D_SIZE 2\n0 0 0\n1 1 1").unwrap();
        assert!(near(ranged.of([0.25, 0.5, 0.9]), [0.5, 1.0, 1.0]));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let cases = [
            ("", 1, "there is no `LUT_1D_SIZE`"),
            ("LUT_3D_SIZE 1000\n", 1, "2 to 129"),
            ("LUT_3D_SIZE 2\nLUT_3D_SIZE 2\n", 2, "twice"),
            ("LUT_3D_SIZE 2\n0 0 0\n", 2, "1 colours where 8"),
            ("LUT_1D_SIZE 2\n0 0 0\n1 1 1\n2 2 2\n", 4, "more than 2"),
            ("LUT_1D_SIZE 2\n0 0\n", 2, "3 numbers"),
            ("LUT_1D_SIZE 2\n0 0 0 0\n", 2, "too"),
            ("LUT_1D_SIZE 2\n0 nan 0\n", 2, "not a number"),
            ("LUT_1D_SIZE 2\n0 1e9 0\n", 2, "not a number"),
            (
                "LUT_1D_SIZE 2\n0 0 0\nTITLE \"x\"\n1 1 1\n",
                3,
                "between colours",
            ),
            ("SIZE 3\n", 1, "not a word"),
            ("0 0 0\n", 1, "before"),
            (
                "LUT_1D_SIZE 2\nDOMAIN_MIN 1 0 0\n0 0 0\n1 1 1\n",
                4,
                "domain",
            ),
        ];
        for (text, line, words) in cases {
            let error = Cube::parse(text).unwrap_err();
            assert!(
                error.line == line && error.what.contains(words),
                "{text:?}: {error}"
            );
        }
    }
}
