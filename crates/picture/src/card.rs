//! Words that fill the frame: title cards and storyboard cards.

use vello_cpu::kurbo::Rect;
use workprint_model::episode::{CardWords, Colour};
use workprint_model::{Language, Size};

use crate::Rgba;
use crate::backdrop::{scrim, vignette};
use crate::canvas::Canvas;
use crate::fonts::{Face, Fonts};
use crate::plate::Placed;
use crate::text::{Align, Ink, Laid, Room, Type, draw, fit, lay};

/// Words stay inside this share of the frame, as title-safe areas ask (SMPTE ST 2046-1).
pub const TITLE_SAFE: f32 = 0.9;

/// The colour behind words where none is asked for.
pub const MIDNIGHT: Colour = Colour::new(16, 20, 31);

/// What lies behind a card's words.
#[derive(Debug, Clone, Copy)]
pub enum Behind<'a> {
    /// A colour with a soft vignette.
    Colour(Colour),
    /// A picture of the frame's size, darkened so that the words can be read.
    Picture(&'a Rgba),
}

/// Sets a title and a line under it in the middle of the frame. The card is opaque.
///
/// Both shrink until they fit the title-safe area. A picture of another size than `size` is laid at
/// the top left on black.
pub fn card(
    words: &CardWords,
    behind: Behind<'_>,
    size: Size,
    language: &Language,
    fonts: &Fonts,
) -> Rgba {
    let mut frame = match behind {
        Behind::Colour(colour) => vignette(colour, size),
        Behind::Picture(picture) if picture.size == size => scrim(picture, 0.5, 0.52),
        Behind::Picture(picture) => scrim(
            &crate::plate::cut(picture, 0, 0, size.width, size.height),
            0.5,
            0.52,
        ),
    };
    let dark = match behind {
        Behind::Colour(colour) => brightness(colour) < 0.55,
        Behind::Picture(_) => true,
    };
    let colour = if dark {
        Colour::new(248, 245, 238)
    } else {
        Colour::new(24, 24, 28)
    };
    let shadow = if matches!(behind, Behind::Picture(_)) {
        0.75
    } else {
        0.0
    };
    let stack = Stack::set(words, size, language, fonts);
    stack.draw(&mut frame, colour, shadow);
    frame
}

fn brightness(colour: Colour) -> f32 {
    let weighed =
        f32::from(colour.r) * 0.30 + f32::from(colour.g) * 0.59 + f32::from(colour.b) * 0.11;
    weighed / 255.0
}

/// The unit that type is sized by: less of an upright frame's height than of a wide one's.
fn unit(size: Size) -> f32 {
    (size.height as f32).min(size.width as f32 * 0.8)
}

/// A card's words, one above the other.
struct Stack {
    title: Laid,
    subtitle: Option<Laid>,
    unit: f32,
}

impl Stack {
    fn set(words: &CardWords, size: Size, language: &Language, fonts: &Fonts) -> Self {
        let unit = unit(size);
        let width = size.width as f32 * TITLE_SAFE * 0.94;
        let height = size.height as f32 * TITLE_SAFE;
        let subtitle = words
            .subtitle
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        let title = fit(
            words.title.trim(),
            &Type {
                face: Face::Display,
                leading: 1.14,
                ..Type::new(unit * 0.145, language)
            },
            Room {
                width,
                height: height * if subtitle.is_some() { 0.62 } else { 0.94 },
                min_size: unit * 0.02,
            },
            fonts,
        );
        let subtitle = subtitle.map(|text| {
            fit(
                text,
                &Type {
                    tracking: 0.075,
                    leading: 1.5,
                    ..Type::new(unit * 0.04, language)
                },
                Room {
                    width: width * 0.86,
                    height: height * 0.24,
                    min_size: unit * 0.012,
                },
                fonts,
            )
        });
        Self {
            title,
            subtitle,
            unit,
        }
    }

    fn draw(&self, frame: &mut Rgba, colour: Colour, shadow: f32) {
        let (width, height) = (frame.size.width as f32, frame.size.height as f32);
        let gap = self.unit * 0.05;
        let rule = (self.unit * 0.0028).max(1.0).round();
        let below = self
            .subtitle
            .as_ref()
            .map_or(0.0, |laid| gap * 2.15 + rule + laid.height());
        // The optical middle lies a little above the true one.
        let top = ((height - self.title.height() - below) * 0.485).max(height * 0.05);
        let ink = |opacity: f32, size: f32| {
            let ink = Ink {
                opacity,
                ..Ink::of(colour)
            };
            if shadow > 0.0 {
                ink.shadow(size * 0.03, size * 0.22, shadow)
            } else {
                ink
            }
        };
        put(
            frame,
            &self.title,
            &ink(1.0, self.title.size()),
            (width - self.title.width()) / 2.0,
            top,
        );
        let Some(subtitle) = &self.subtitle else {
            return;
        };
        let at = top + self.title.height() + gap * 1.15;
        let mut canvas = Canvas::new(Size {
            width: (self.unit * 0.11).round() as u32,
            height: rule as u32,
        });
        canvas.paint(colour, 0.6);
        canvas.fill_rect(Rect::new(0.0, 0.0, f64::from(self.unit), f64::from(rule)));
        let line = Placed {
            image: canvas.finish(),
            x: 0,
            y: at.round() as i32,
        };
        let x = (frame.size.width as i32 - line.image.size.width as i32) / 2;
        line.moved(x, 0).over(frame);
        put(
            frame,
            subtitle,
            &ink(0.86, subtitle.size()),
            (width - subtitle.width()) / 2.0,
            at + rule + gap,
        );
    }
}

/// Draws letters over a frame with the top left of their box at `(x, y)`.
fn put(frame: &mut Rgba, laid: &Laid, ink: &Ink, x: f32, y: f32) {
    draw(laid, ink)
        .moved(x.round() as i32, y.round() as i32)
        .over(frame);
}

/// Sets what a shot should show, for as long as there is no picture of it: the words of `prompt` on
/// paper-white panel lines, with `label` (the shot's name) in the corner. The card is opaque.
pub fn storyboard(
    prompt: &str,
    label: &str,
    size: Size,
    language: &Language,
    fonts: &Fonts,
) -> Rgba {
    let unit = unit(size);
    let (width, height) = (size.width as f32, size.height as f32);
    let mut frame = vignette(Colour::new(44, 48, 58), size);
    let pale = Colour::new(226, 229, 236);
    let margin = unit * 0.07;
    panel(size, margin, pale).over(&mut frame);

    let head = Type {
        tracking: 0.12,
        align: Align::Start,
        bold: true,
        ..Type::new(unit * 0.026, language)
    };
    let label = lay(label, &head, None, fonts);
    let words = Ink {
        opacity: 0.72,
        ..Ink::of(pale)
    };
    put(&mut frame, &label, &words, margin * 1.55, margin * 1.42);

    let body = Type {
        leading: 1.38,
        ..Type::new(unit * 0.052, language)
    };
    let room = Room {
        width: (width - margin * 4.0).min(unit * 1.5),
        height: height - margin * 5.2,
        min_size: unit * 0.016,
    };
    let laid = fit(prompt.trim(), &body, room, fonts);
    let top = ((height - laid.height()) / 2.0).max(margin * 2.6);
    put(
        &mut frame,
        &laid,
        &Ink::of(pale),
        (width - laid.width()) / 2.0,
        top,
    );
    frame
}

/// Corner marks of a viewfinder.
fn panel(size: Size, margin: f32, colour: Colour) -> Placed {
    let mut canvas = Canvas::new(size);
    canvas.paint(colour, 0.34);
    let thick = f64::from((margin * 0.035).max(1.0));
    let arm = f64::from(margin * 0.8);
    let (left, top) = (f64::from(margin), f64::from(margin));
    let (right, bottom) = (f64::from(size.width) - left, f64::from(size.height) - top);
    for (x, inward) in [(left, 1.0), (right, -1.0)] {
        for (y, down) in [(top, 1.0), (bottom, -1.0)] {
            canvas.fill_rect(Rect::new(x, y, x + arm * inward, y + thick * down).abs());
            canvas.fill_rect(
                Rect::new(x, y + thick * down, x + thick * inward, y + arm * down).abs(),
            );
        }
    }
    Placed {
        image: canvas.finish(),
        x: 0,
        y: 0,
    }
}
