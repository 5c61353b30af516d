//! Slates: the name of the shot and the time code, burned into the frames of a draft.

use std::collections::BTreeMap;

use vello_cpu::kurbo::Rect;
use workprint_model::episode::Colour;
use workprint_model::{Language, Size};

use crate::canvas::Canvas;
use crate::fonts::Fonts;
use crate::plate::Placed;
use crate::sources::{PlacedRaster, SlateLook};
use crate::text::{Ink, Laid, Type, draw, lay};
use crate::{Raster, Rgba};

const BEHIND: Colour = Colour::new(10, 12, 16);
const NAME: Colour = Colour::new(243, 241, 236);
const TIME: Colour = Colour::new(240, 190, 96);

/// Sets slates for frames of one size. Digits are drawn once, so that a time code costs hardly
/// anything and never moves sideways.
#[derive(Debug)]
pub struct Slates {
    frame: Size,
    letter: f32,
    cell: f32,
    digits: BTreeMap<char, (Placed, f32)>,
    baseline: f32,
    /// The box with the name of a shot, and where the time begins in it.
    named: Option<(String, usize, Rgba, f32)>,
}

impl Slates {
    /// For frames of `frame`.
    pub fn new(frame: Size, fonts: &Fonts) -> Self {
        let letter = (frame.width.min(frame.height) as f32 / 20.0).clamp(8.0, 60.0);
        let laid = |c: char| set(&c.to_string(), letter, fonts);
        let digits: BTreeMap<char, (Placed, f32)> = "0123456789:"
            .chars()
            .map(|c| {
                let laid = laid(c);
                (c, (draw(&laid, &Ink::of(TIME)), laid.width()))
            })
            .collect();
        let cell = digits.values().map(|(_, width)| *width).fold(0.0, f32::max);
        Self {
            frame,
            letter,
            cell,
            digits,
            baseline: laid('0').first_baseline(),
            named: None,
        }
    }

    /// The slate of a frame, in its top left corner.
    pub fn plate(&mut self, look: &SlateLook, fonts: &Fonts) -> PlacedRaster {
        let count = look.time.chars().count();
        let fits = |(name, digits, ..): &(String, usize, Rgba, f32)| {
            *name == look.shot && *digits == count
        };
        if !self.named.as_ref().is_some_and(fits) {
            let (behind, start) = self.behind(&look.shot, count, fonts);
            self.named = Some((look.shot.clone(), count, behind, start));
        }
        let margin = self.margin();
        let Some((_, _, behind, start)) = &self.named else {
            return PlacedRaster {
                x: margin,
                y: margin,
                raster: Raster::plate(&Rgba::transparent(self.frame)),
            };
        };
        let mut image = behind.clone();
        let (mut x, y) = (*start, self.pad());
        for c in look.time.chars() {
            if let Some((digit, width)) = self.digits.get(&c) {
                let left = x + (self.advance(c) - width) / 2.0;
                let digit = digit.clone();
                digit
                    .moved(left.round() as i32, y.round() as i32)
                    .over(&mut image);
            }
            x += self.advance(c);
        }
        PlacedRaster {
            x: margin,
            y: margin,
            raster: Raster::plate(&image),
        }
    }

    /// As much of a name as there is room for.
    fn label(&self, name: &str, room: f32, fonts: &Fonts) -> Laid {
        let letters: Vec<char> = name.chars().take(64).collect();
        let whole = set(name, self.letter, fonts);
        if whole.width() <= room {
            return whole;
        }
        let mut cut = (1..letters.len()).rev().map(|count| {
            let text: String = letters[..count].iter().chain(['…'].iter()).collect();
            set(&text, self.letter, fonts)
        });
        cut.find(|laid| laid.width() <= room)
            .unwrap_or_else(|| set("", self.letter, fonts))
    }

    /// From the frame's edges; even, as 4:2:0 chroma wants it.
    fn margin(&self) -> i32 {
        (self.letter * 0.6) as i32 & !1
    }

    fn pad(&self) -> f32 {
        self.letter * 0.3
    }

    fn advance(&self, c: char) -> f32 {
        if c == ':' { self.cell * 0.5 } else { self.cell }
    }

    fn behind(&self, name: &str, digits: usize, fonts: &Fonts) -> (Rgba, f32) {
        let (side, gap) = (self.letter * 0.5, self.letter * 0.7);
        // Three of the characters part hours, minutes, seconds and frames.
        let time = self.cell * digits.saturating_sub(3) as f32 + self.advance(':') * 3.0;
        let room = self.frame.width as f32 - (self.margin() as f32 + side) * 2.0 - gap - time;
        let label = self.label(name, room, fonts);
        let start = side + label.width() + gap;
        let width = start + time + side;
        let size = Size {
            width: (width.ceil() as u32).clamp(2, self.frame.width.max(2)),
            height: (label.height() + self.pad() * 2.0).ceil() as u32,
        };
        let mut canvas = Canvas::new(size);
        canvas.paint(BEHIND, 0.72);
        let whole = Rect::new(0.0, 0.0, f64::from(size.width), f64::from(size.height));
        canvas.fill_rounded(whole, f64::from(self.letter * 0.22));
        let mut image = canvas.finish();
        let down = self.pad() + self.baseline - label.first_baseline();
        draw(&label, &Ink::of(NAME))
            .moved(side.round() as i32, down.round() as i32)
            .over(&mut image);
        (image, start)
    }
}

fn set(text: &str, letter: f32, fonts: &Fonts) -> Laid {
    // Names of shots and digits are ASCII.
    let language: Language = "en".parse().expect("`en` is a language");
    let style = Type {
        bold: true,
        ..Type::new(letter, &language)
    };
    lay(text, &style, None, fonts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(shot: &str, time: &str) -> SlateLook {
        SlateLook {
            shot: shot.to_owned(),
            time: time.to_owned(),
            frame: Size {
                width: 640,
                height: 360,
            },
        }
    }

    #[test]
    fn time_goes_on_in_a_box_that_stays() {
        let fonts = Fonts::built_in();
        let mut slates = Slates::new(look("", "").frame, fonts);
        let one = slates.plate(&look("s1", "00:00:01:00"), fonts);
        let next = slates.plate(&look("s1", "00:00:01:11"), fonts);
        assert_eq!((one.x, one.y), (next.x, next.y));
        assert_eq!(one.raster.size(), next.raster.size());
        let again = slates.plate(&look("s1", "00:00:01:00"), fonts);
        assert_eq!(again.raster.size(), one.raster.size());
        let longer = slates.plate(&look("a-longer-name", "00:00:01:00"), fonts);
        assert!(longer.raster.size().width > one.raster.size().width);
        let endless = slates.plate(&look(&"x".repeat(500), "00:00:01:00"), fonts);
        assert!(endless.raster.size().width <= 640);
    }
}
