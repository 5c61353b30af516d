//! A caption's words set in type, and where in the frame they stand.

use std::ops::Range;

use workprint_model::caption::{CaptionPlace, WordEffect};
use workprint_model::show::CaptionStyle;
use workprint_model::words::capitals;
use workprint_model::{SafeArea, Size};

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
            let clean: String = clean.collect();
            text.push_str(&capitals(&clean, &look.language));
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

fn lay_lines(text: &str, look: &CaptionLook, safe: Option<SafeArea>, fonts: &Fonts) -> Laid {
    let style = &look.style;
    // What lies behind one word, or springs up, needs room beside it.
    let apart = matches!(
        style.effect,
        WordEffect::Pill | WordEffect::Marker | WordEffect::Pop
    );
    // In a safe box the ink beside the letters counts too, which shrinks with them.
    let (room, beside) = match safe {
        Some(safe) => (safe.width() as f32, 2.0 * margin(style)),
        None => (look.frame.width as f32 * WIDEST, 0.0),
    };
    let size = style.letter_size(look.frame) as f32 / 100.0;
    let mut letters = Type {
        bold: style.bold,
        leading: style.leading() as f32 / 100.0,
        word_spacing: if apart { 0.12 } else { 0.0 },
        ..Type::new(size.max(4.0), &look.language)
    };
    let mut laid = lay(text, &letters, None, fonts);
    for _ in 0..3 {
        let taken = laid.width() + beside * letters.size;
        if taken <= room || letters.size <= 2.0 {
            break;
        }
        letters.size *= (room / taken).min(0.99);
        laid = lay(text, &letters, None, fonts);
    }
    laid
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

#[cfg(test)]
mod tests {
    use workprint_model::{Percent, Safe, SafeBox};

    use super::*;

    #[test]
    fn letters_fill_a_narrow_safe_box() {
        let half = Percent::new(43);
        let safe = SafeBox {
            left: half,
            right: half,
            ..SafeBox::default()
        };
        for name in ["pop", "boxed", "pill", "outline"] {
            let style = CaptionStyle {
                size: Percent::new(20),
                ..CaptionStyle::built_in(name).expect("a built-in style")
            };
            let frame = Size {
                width: 1280,
                height: 720,
            };
            let look = CaptionLook {
                lines: vec!["Goodbye".to_owned()],
                style: style.clone(),
                language: "en".parse().expect("English has a code"),
                frame,
                safe: Some(Safe::Box(safe).margins()),
                words: Vec::new(),
                heard: None,
            };
            let laid = Setting::of(&look, Fonts::built_in()).laid;
            let taken = laid.width() + 2.0 * margin(&style) * laid.size();
            let room = safe.within(frame).width() as f32;
            assert!(
                (room * 0.97..=room).contains(&taken),
                "{name}: {taken} of {room} at {}",
                laid.size()
            );
        }
    }
}
