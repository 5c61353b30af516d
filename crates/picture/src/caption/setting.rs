//! A caption's words set in type, and where in the frame they stand.

use std::ops::Range;

use workprint_model::caption::{CaptionPlace, WordEffect};
use workprint_model::show::CaptionStyle;
use workprint_model::{Language, SafeArea, Size};

use crate::fonts::Fonts;
use crate::plate::Placed;
use crate::sources::CaptionLook;
use crate::text::{Backing, Ink, Laid, Outline, Shadow, Type, lay};

/// No line is wider than this share of the frame.
const WIDEST: f32 = 0.9;

/// A caption set in type.
pub(super) struct Setting {
    pub(super) laid: Laid,
    pub(super) style: CaptionStyle,
    /// The frame's column of the left of the widest line's box.
    pub(super) x: i32,
    /// The frame's row of the top of the first line.
    pub(super) y: i32,
    /// The text that is laid: lines joined by `\n`, in capitals where the style wants them.
    pub(super) text: String,
    /// Each word's bytes of that text.
    pub(super) words: Vec<Range<usize>>,
    frame: Size,
    /// Where the plates must lie.
    area: Area,
}

/// A rectangle of the frame.
#[derive(Clone, Copy)]
struct Area {
    left: i32,
    top: i32,
    right: i32,
    bottom: i32,
}

impl Setting {
    pub(super) fn of(look: &CaptionLook, fonts: &Fonts) -> Self {
        let (text, words) = written(look);
        let safe = look.safe.map(|safe| safe.within(look.frame));
        let laid = lay_lines(&text, look, safe, fonts);
        let (x, y) = place(&laid, look, safe);
        let area = match safe {
            Some(safe) => Area {
                left: safe.left as i32,
                top: safe.top as i32,
                right: safe.right as i32,
                bottom: safe.bottom as i32,
            },
            None => Area {
                left: 0,
                top: 0,
                right: look.frame.width as i32,
                bottom: look.frame.height as i32,
            },
        };
        Self {
            laid,
            style: look.style.clone(),
            x,
            y,
            text,
            words,
            frame: look.frame,
            area,
        }
    }

    /// How the letters look, with everything behind them.
    pub(super) fn ink(&self) -> Ink {
        let size = self.laid.size();
        let style = &self.style;
        Ink {
            shadow: self.shadow(),
            backing: style.box_colour.map(|colour| Backing {
                colour,
                opacity: style.box_opacity.ratio() as f32,
                pad_x: size * 0.45,
                pad_y: size * 0.16,
                radius: size * 0.22,
            }),
            ..self.letters()
        }
    }

    /// How the letters look, with nothing behind them.
    pub(super) fn letters(&self) -> Ink {
        let width = self.style.outline.ratio() as f32 * self.laid.size();
        Ink {
            outline: (width > 0.0).then_some(Outline {
                colour: self.style.outline_colour,
                width,
            }),
            ..Ink::of(self.style.colour)
        }
    }

    pub(super) fn shadow(&self) -> Option<Shadow> {
        let spread = self.style.shadow.ratio() as f32 * self.laid.size();
        (spread > 0.0).then_some(Shadow {
            down: spread * 0.5,
            blur: spread,
            opacity: 0.75,
        })
    }

    /// Moved so that it lies inside the frame's area as far as its size lets it.
    pub(super) fn inside(&self, plate: &Placed) -> Placed {
        let mut plate = plate.clone();
        let (x, y) = self.shift(&plate);
        plate.x += x;
        plate.y += y;
        plate
    }

    /// How far a plate must be moved to lie inside.
    pub(super) fn shift(&self, plate: &Placed) -> (i32, i32) {
        let Size { width, height } = plate.image.size;
        let hold = |at: i32, length: u32, (from, to): (i32, i32), frame: u32| {
            let held = at.min(to - length as i32).max(from);
            // What is too long for the safe box may at least not leave the frame.
            held.min(frame as i32 - length as i32).max(0) - at
        };
        let Area {
            left,
            top,
            right,
            bottom,
        } = self.area;
        (
            hold(plate.x, width, (left, right), self.frame.width),
            hold(plate.y, height, (top, bottom), self.frame.height),
        )
    }
}

/// The text as it is laid, and each word's place in it.
fn written(look: &CaptionLook) -> (String, Vec<Range<usize>>) {
    let mut text = String::new();
    let mut words = Vec::with_capacity(look.words.len());
    let push = |text: &mut String, part: &str| {
        let start = text.len();
        let clean = part.chars().filter(|c| !c.is_control());
        if look.style.upper {
            capitals(clean, &look.language, text);
        } else {
            text.extend(clean);
        }
        start..text.len()
    };
    for (number, line) in look.lines.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        let mut at = 0;
        for word in look.words.iter().filter(|w| usize::from(w.line) == number) {
            let (start, end) = (word.start as usize, word.end as usize);
            let (Some(before), Some(own)) = (line.get(at..start), line.get(start..end)) else {
                words.push(text.len()..text.len());
                continue;
            };
            push(&mut text, before);
            words.push(push(&mut text, own));
            at = end;
        }
        push(&mut text, line.get(at..).unwrap_or_default());
    }
    (text, words)
}

/// Capital letters as the language writes them.
fn capitals(text: impl Iterator<Item = char>, language: &Language, out: &mut String) {
    let language = language.primary();
    for c in text {
        match (language.as_str(), c) {
            ("tr" | "az", 'i') => out.push('İ'),
            // Greek capitals carry no accents.
            ("el", 'ά') => out.push('Α'),
            ("el", 'έ') => out.push('Ε'),
            ("el", 'ή') => out.push('Η'),
            ("el", 'ί') => out.push('Ι'),
            ("el", 'ό') => out.push('Ο'),
            ("el", 'ύ') => out.push('Υ'),
            ("el", 'ώ') => out.push('Ω'),
            // Georgian has capitals, and writes no text in them.
            (_, '\u{10d0}'..='\u{10ff}') => out.push(c),
            _ => out.extend(c.to_uppercase()),
        }
    }
}

/// The size of captions of a style in a frame, in pixels.
fn letter_size(style: &CaptionStyle, frame: Size) -> f32 {
    let (width, height) = (frame.width as f32, frame.height as f32);
    // 9/16 of the width alone would make an upright frame's letters a third of what they were.
    let upright = width * 0.95;
    style.size.ratio() as f32 * height.min(upright)
}

fn lay_lines(text: &str, look: &CaptionLook, safe: Option<SafeArea>, fonts: &Fonts) -> Laid {
    let style = &look.style;
    // What lies behind one word, or springs up, needs room beside it.
    let apart = matches!(
        style.effect,
        WordEffect::Pill | WordEffect::Marker | WordEffect::Pop
    );
    let widest = match safe {
        Some(safe) => safe.width() as f32 - 2.0 * margin(style) * letter_size(style, look.frame),
        None => look.frame.width as f32 * WIDEST,
    };
    let mut letters = Type {
        bold: style.bold,
        leading: leading(style),
        word_spacing: if apart { 0.12 } else { 0.0 },
        ..Type::new(letter_size(style, look.frame).max(4.0), &look.language)
    };
    let mut laid = lay(text, &letters, None, fonts);
    for _ in 0..3 {
        if laid.width() <= widest || letters.size <= 2.0 {
            break;
        }
        letters.size *= (widest / laid.width()).min(0.99);
        laid = lay(text, &letters, None, fonts);
    }
    laid
}

/// The distance between lines, in letter sizes: what lies behind one word, and a word that
/// springs up, need room above and below.
pub(super) const fn leading(style: &CaptionStyle) -> f32 {
    match style.effect {
        WordEffect::Pill | WordEffect::Marker | WordEffect::Pop => 1.4,
        _ => 1.22,
    }
}

/// How far a style's ink reaches beyond its letters, in letter sizes.
fn margin(style: &CaptionStyle) -> f32 {
    let outline = style.outline.ratio() as f32;
    let boxed = if style.box_colour.is_some() {
        0.45
    } else {
        0.0
    };
    let behind = match style.effect {
        WordEffect::Pill | WordEffect::Marker => 0.25,
        WordEffect::Pop => 0.4,
        _ => 0.0,
    };
    outline.max(boxed).max(behind)
}

/// The left of the widest line and the top of the first.
fn place(laid: &Laid, look: &CaptionLook, safe: Option<SafeArea>) -> (i32, i32) {
    let (width, height) = (look.frame.width as f32, look.frame.height as f32);
    let (left, right) = safe.map_or((0.0, width), |safe| (safe.left as f32, safe.right as f32));
    let (top, bottom) = safe.map_or((0.0, height), |safe| (safe.top as f32, safe.bottom as f32));
    let away = look.style.bottom.ratio() as f32;
    let y = match look.style.place {
        CaptionPlace::Bottom => (height * (1.0 - away)).min(bottom) - laid.height(),
        CaptionPlace::Middle => f32::midpoint(top, bottom) - laid.height() / 2.0,
        CaptionPlace::Top => (height * away).max(top),
    };
    let x = left + (right - left - laid.width()) / 2.0;
    (x.round() as i32, y.round() as i32)
}
