//! Numbers: counters, and numbers that stand still.

use vello_cpu::kurbo::Rect;
use workprint_model::Language;
use workprint_model::Size;
use workprint_model::episode::CountSpec;
use workprint_model::graphic::{Content, CountSheet, Motion, Sign};

use super::Drawn;
use super::names::one;
use super::set::{Board, PANEL, Parts, Round, Set};
use crate::art::ArtError;
use crate::number::{Figure, figures};
use crate::plate::Placed;
use crate::text::{Ink, Laid, Type, draw};

/// How a language writes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks {
    group: char,
    point: char,
    by_two: bool,
}

impl Marks {
    pub(super) fn of(language: &Language) -> Self {
        let (group, point) = match language.primary().as_str() {
            "de" | "es" | "it" | "nl" | "pt" | "id" | "tr" | "da" | "el" | "ro" | "hr" | "sl" => {
                ('.', ',')
            }
            "fr" | "pl" | "cs" | "sk" | "ru" | "uk" | "bg" | "sv" | "nb" | "no" | "nn" | "fi"
            | "hu" => ('\u{202f}', ','),
            _ => (',', '.'),
        };
        let by_two = matches!(
            language.primary().as_str(),
            "hi" | "bn" | "mr" | "ta" | "te" | "gu" | "kn" | "ml" | "pa"
        ) || language.as_str().eq_ignore_ascii_case("en-IN");
        Self {
            group,
            point,
            by_two,
        }
    }

    /// `value` in units of the last of `decimals` digits, as people read it.
    pub(super) fn write(self, value: i64, decimals: u8, group: bool) -> String {
        let signs = figures(value, decimals, self.by_two).into_iter().rev();
        let signs = signs.filter(|sign| group || *sign != Figure::Group);
        signs.map(|sign| self.sign(sign)).collect()
    }

    fn sign(self, sign: Figure) -> char {
        match sign {
            Figure::Digit(digit) => char::from(b'0' + digit),
            Figure::Group => self.group,
            Figure::Point => self.point,
            Figure::Minus => '\u{2212}',
        }
    }
}

/// Words over and under a number.
struct Around {
    label: Option<Laid>,
    note: Option<Laid>,
    gap: f64,
}

impl Around {
    fn of(set: &Set<'_>, room: f64) -> Self {
        let mut style = set.sans(0.03, true);
        style.tracking = 0.02;
        let height = set.safe.height();
        Self {
            label: set
                .word("label")
                .map(|text| set.lines(text, &style, (room, height * 0.16))),
            note: set
                .word("note")
                .map(|text| set.lines(text, &set.sans(0.025, false), (room, height * 0.16))),
            gap: set.unit * 0.006,
        }
    }

    fn wide(&self) -> f64 {
        let words = [&self.label, &self.note].into_iter().flatten();
        f64::from(words.map(Laid::width).fold(0.0, f32::max))
    }

    fn over(&self) -> f64 {
        self.label
            .as_ref()
            .map_or(0.0, |laid| f64::from(laid.height()) + self.gap)
    }

    fn under(&self) -> f64 {
        self.note
            .as_ref()
            .map_or(0.0, |laid| f64::from(laid.height()) + self.gap)
    }
}

/// The panel of a number that is `wide` and `tall`; where the number's top left lies in the frame.
fn panel(set: &Set<'_>, around: &Around, (wide, tall): (f64, f64)) -> (Board, (f64, f64)) {
    let pad = set.unit * 0.036;
    let words = wide.max(around.wide());
    let size = (
        (words + pad * 2.0).round(),
        (around.over() + tall + around.under() + pad * 1.3).round(),
    );
    let (x, y) = set.stand(size, (set.column(), 1));
    let rect = Rect::new(x, y, x + size.0, y + size.1);
    let radius = set.unit * 0.012;
    let mut board = Board::over(rect.inflate(set.unit * 0.08, set.unit * 0.08));
    board.shadow(rect, radius, (set.unit * 0.024, 0.36));
    board.panel(rect, Round::all(radius), set.theme.primary, PANEL);
    let at = |wide: f64| {
        if set.rtl() {
            rect.x1 - pad - wide
        } else {
            rect.x0 + pad
        }
    };
    let top = y + pad * 0.65;
    if let Some(label) = &around.label {
        board.words(
            label,
            &Ink::of(set.theme.accent),
            (at(f64::from(label.width())), top),
        );
    }
    if let Some(note) = &around.note {
        let ink = Ink {
            opacity: 0.76,
            ..Ink::of(set.on_panel())
        };
        let down = top + around.over() + tall + around.gap;
        board.words(note, &ink, (at(f64::from(note.width())), down));
    }
    (board, (at(wide), top + around.over()))
}

/// A number, or a few words as large as one, between a label and a note.
pub(super) fn number(set: &Set<'_>) -> Result<Drawn, ArtError> {
    let room = set.width([0.5, 0.7, 0.9]);
    let around = Around::of(set, room);
    let mut style = set.sans(0.115, true);
    style.leading = 1.1;
    let value = set.line(set.word("value").unwrap_or_default(), &style, room);
    let size = (f64::from(value.width()), f64::from(value.height()));
    let (mut board, at) = panel(set, &around, size);
    board.words(&value, &Ink::of(set.on_panel()), at);
    one(board)
}

/// A number that counts, with what stands before and after it.
struct Line {
    style: Type<'static>,
    digits: Vec<Laid>,
    group: Option<Laid>,
    point: Option<Laid>,
    minus: Option<Laid>,
    prefix: Option<Laid>,
    unit: Option<Laid>,
    digit_width: u32,
    /// Between the number and a unit of words.
    space: f64,
    number_width: u32,
}

impl Line {
    /// Room over the signs in their sheet.
    fn over(&self) -> i32 {
        (self.style.size * 0.1).ceil() as i32
    }

    fn wide(&self) -> f64 {
        let unit = self.unit.as_ref().map_or(0.0, Laid::width);
        f64::from(self.number_width) + self.space + f64::from(unit)
    }
}

static LATIN: std::sync::LazyLock<Language> =
    std::sync::LazyLock::new(|| "en".parse().expect("English has a code"));

fn set_line(set: &Set<'_>, count: &CountSpec, size: f32) -> Line {
    let marks = Marks::of(set.language);
    let style = Type {
        bold: true,
        leading: 1.1,
        ..Type::new(size, &LATIN)
    };
    let sign = |c: char| set.line(&c.to_string(), &style, f64::MAX);
    let digits: Vec<Laid> = ('0'..='9').map(sign).collect();
    let widest = digits.iter().map(Laid::width).fold(0.0, f32::max);
    // A little closer than their own bearings would set them, as large figures are.
    let digit_width = ((widest * 0.965).ceil() as u32).next_multiple_of(2);
    let ends = [count.from.at(count.decimals), count.to.at(count.decimals)];
    let texts = ends.map(|end| marks.write(end, count.decimals, count.group));
    let has = |c: char| texts.iter().any(|text| text.contains(c));
    // A narrow space has no ink to lay: any width will do.
    let mark = |c: char| has(c).then(|| sign(if c == '\u{202f}' { '.' } else { c }));
    let unit = set.word("unit");
    let is_sign = unit.is_some_and(|unit| unit.chars().count() <= 1);
    let unit_style = Type {
        size: if is_sign { size } else { size * 0.46 },
        bold: true,
        leading: 1.1,
        ..Type::new(size, set.language)
    };
    let mut line = Line {
        group: mark(marks.group).filter(|_| count.group),
        point: mark(marks.point).filter(|_| count.decimals > 0),
        minus: has('\u{2212}').then(|| sign('\u{2212}')),
        prefix: set
            .word("prefix")
            .map(|text| set.line(text, &style, f64::MAX)),
        unit: unit.map(|text| set.line(text, &unit_style, f64::MAX)),
        space: if unit.is_some() && !is_sign {
            f64::from(size) * 0.16
        } else {
            f64::from(size) * 0.03
        },
        digit_width,
        number_width: 0,
        digits,
        style,
    };
    let width = |text: &String| -> u32 {
        text.chars()
            .map(|c| match c {
                '0'..='9' => digit_width,
                '\u{2212}' => cell(line.minus.as_ref()),
                c if c == marks.point => cell(line.point.as_ref()),
                _ => cell(line.group.as_ref()),
            })
            .sum()
    };
    line.number_width =
        texts.iter().map(width).max().unwrap_or_default() + cell(line.prefix.as_ref());
    line
}

/// How wide a sign is set.
fn cell(laid: Option<&Laid>) -> u32 {
    laid.map_or(0, |laid| (laid.width().ceil() as u32).next_multiple_of(2))
}

/// A number that counts.
pub(super) fn counter(set: &Set<'_>, count: &CountSpec) -> Result<Drawn, ArtError> {
    let room = set.width([0.56, 0.8, 0.92]);
    let around = Around::of(set, room);
    let mut size = set.letters(0.115);
    let mut line = set_line(set, count, size);
    for _ in 0..4 {
        if line.wide() <= room || size <= 4.0 {
            break;
        }
        size *= (room / line.wide()).min(0.98) as f32;
        line = set_line(set, count, size);
    }
    let tall = f64::from(line.digits[0].height());
    let (mut board, (x, y)) = panel(set, &around, (line.wide(), tall));
    let ink = Ink::of(set.on_panel());
    let baseline = line.digits[0].first_baseline();
    let right = (f64::midpoint(x, f64::from(line.number_width))).ceil() * 2.0;
    // The sheet lies at an even row; what stands beside it shares its baseline.
    let over = line.over();
    let top = (y.round() as i32 - over).div_euclid(2) * 2;
    let y = f64::from(top + over);
    if let Some(unit) = &line.unit {
        let down = y + f64::from(baseline - unit.first_baseline());
        board.words(unit, &ink, (right + line.space, down));
    }
    let mut parts = Parts::default();
    parts.still(board)?;
    let sheet = sheet(
        &mut parts,
        &line,
        count,
        (ink, (right as i32, top), Marks::of(set.language)),
    )?;
    parts.part(Content::Count(Box::new(sheet)), None, Motion::Rest);
    parts.finish()
}

/// Signs drawn once, side by side.
struct Signs {
    placed: Vec<Placed>,
    ink: Ink,
    over: i32,
    at: u32,
}

impl Signs {
    /// Between cells, so that no filter takes from the next one.
    const GAP: u32 = 8;

    fn add(&mut self, laid: &Laid, width: u32) -> Sign {
        let sign = Sign { at: self.at, width };
        let inside = (width as f32 - laid.width()) / 2.0;
        let x = self.at as i32 + inside.round() as i32;
        self.placed.push(draw(laid, &self.ink).moved(x, self.over));
        self.at += width + Self::GAP;
        sign
    }

    fn mark(&mut self, laid: Option<&Laid>) -> Option<Sign> {
        laid.map(|laid| self.add(laid, cell(Some(laid))))
    }
}

/// Draws the sheet of a number's signs.
fn sheet(
    parts: &mut Parts,
    line: &Line,
    count: &CountSpec,
    (ink, (right, top), marks): (Ink, (i32, i32), Marks),
) -> Result<CountSheet, ArtError> {
    let over = line.over();
    let height = (line.digits[0].height().ceil() as u32 + over as u32 * 2).next_multiple_of(2);
    let mut signs = Signs {
        placed: Vec::new(),
        ink,
        over,
        at: 0,
    };
    let mut digits = [0; 10];
    for (digit, laid) in digits.iter_mut().zip(&line.digits) {
        *digit = signs.add(laid, line.digit_width).at;
    }
    let point = signs.mark(line.point.as_ref());
    let minus = signs.mark(line.minus.as_ref());
    let prefix = signs.mark(line.prefix.as_ref());
    let group = match &line.group {
        // Nothing is drawn: the columns after the last sign are empty.
        Some(laid) if marks.group == '\u{202f}' => Some(Sign {
            at: signs.at,
            width: cell(Some(laid)),
        }),
        group => signs.mark(group.as_ref()),
    };
    let width = signs.at + group.map_or(0, |sign| sign.width);
    let mut image = crate::Rgba::transparent(Size {
        width: width.next_multiple_of(2),
        height,
    });
    for sign in signs.placed {
        sign.over(&mut image);
    }
    let plate = parts.keep(&Placed {
        image,
        x: right,
        y: top,
    })?;
    Ok(CountSheet {
        plate,
        digits,
        digit_width: line.digit_width,
        group,
        point,
        minus,
        prefix,
        by_two: marks.by_two,
        right,
        width: line.number_width,
        from: count.from.at(count.decimals),
        to: count.to.at(count.decimals),
        decimals: count.decimals,
        after_ms: 200,
        over_ms: count.over_ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_write_numbers_their_own_way() {
        let write = |tag: &str, value, decimals| {
            Marks::of(&tag.parse().expect("a tag")).write(value, decimals, true)
        };
        assert_eq!(write("en", 1_234_567, 0), "1,234,567");
        assert_eq!(write("de", -1_234_567, 2), "\u{2212}12.345,67");
        assert_eq!(write("fr", 1_000, 0), "1\u{202f}000");
        assert_eq!(write("hi", 123_456_789, 0), "12,34,56,789");
        assert_eq!(write("en", 5, 3), "0.005");
        assert_eq!(Marks::of(&LATIN).write(1_000, 0, false), "1000");
    }
}
