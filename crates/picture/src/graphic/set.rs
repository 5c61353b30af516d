//! What built-in graphics are drawn with: the safe area, the sizes, the colours, the words.

use std::collections::BTreeMap;

use vello_cpu::kurbo::{BezPath, Rect, RoundedRect, RoundedRectRadii, Shape as _};
use workprint_model::contrast::contrast;
use workprint_model::episode::{Colour, Place, Side, Theme};
use workprint_model::graphic::{Area, Content, Drawing, Graphic, Motion, Part};
use workprint_model::timeline::Plate;
use workprint_model::{Artifact, Digest, Language, Percent, Size};

use super::{Drawn, Given};
use crate::art::ArtError;
use crate::canvas::Canvas;
use crate::fonts::{Face, Fonts};
use crate::plate::Placed;
use crate::text::{Align, Ink, Laid, Room, Type, draw, fit, is_right_to_left, lay};
use crate::{Rgba, blur, still};

/// How opaque panels are.
pub(super) const PANEL: f32 = 0.9;

/// A graphic's surroundings.
pub(super) struct Set<'a> {
    pub(super) graphic: &'a Graphic,
    pub(super) pictures: &'a BTreeMap<String, Rgba>,
    pub(super) size: Size,
    pub(super) language: &'a Language,
    pub(super) fonts: &'a Fonts,
    pub(super) theme: &'a Theme,
    /// The safe area, its foot above the captions.
    pub(super) safe: Rect,
    /// What type is sized by.
    pub(super) unit: f64,
}

/// The shape of a frame, as far as layouts differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Wide,
    Square,
    Tall,
}

impl<'a> Set<'a> {
    pub(super) fn new(graphic: &'a Graphic, given: &'a Given<'a>) -> Self {
        let (width, height) = (f64::from(given.size.width), f64::from(given.size.height));
        let share = |free: Percent| free.ratio().clamp(0.0, 0.45);
        let inset = graphic.setting.safe.margins();
        let mut foot = height * (1.0 - share(inset.bottom));
        if graphic.setting.clear > 0 {
            foot = foot.min(height * f64::from(graphic.setting.clear.clamp(300, 1000)) / 1000.0);
        }
        Self {
            graphic,
            pictures: given.pictures,
            size: given.size,
            language: given.language,
            fonts: given.fonts,
            theme: &graphic.setting.theme,
            safe: Rect::new(
                width * share(inset.left),
                height * share(inset.top),
                width * (1.0 - share(inset.right)),
                foot,
            ),
            unit: height.min(width * 0.95),
        }
    }

    pub(super) fn shape(&self) -> Shape {
        let (width, height) = (u64::from(self.size.width), u64::from(self.size.height));
        if width * 4 > height * 5 {
            Shape::Wide
        } else if width * 10 >= height * 9 {
            Shape::Square
        } else {
            Shape::Tall
        }
    }

    /// A field's words, trimmed; none where there are none.
    pub(super) fn word(&self, field: &str) -> Option<&'a str> {
        let words = self.graphic.fields.get(field)?.trim();
        (!words.is_empty()).then_some(words)
    }

    /// Whether the language is read from right to left.
    pub(super) fn rtl(&self) -> bool {
        is_right_to_left(self.language)
    }

    /// The side where the graphic stands.
    pub(super) fn side(&self) -> Side {
        let natural = if self.rtl() { Side::Right } else { Side::Left };
        self.graphic.setting.side.unwrap_or(natural)
    }

    /// A share of the safe area's width: `size` of the overlay, or what the graphic itself takes in a
    /// wide, a square and a tall frame.
    pub(super) fn width(&self, [wide, square, tall]: [f64; 3]) -> f64 {
        let own = match self.shape() {
            Shape::Wide => wide,
            Shape::Square => square,
            Shape::Tall => tall,
        };
        let asked = self
            .graphic
            .setting
            .size
            .map(|size| size.ratio().clamp(0.05, 1.0));
        (self.safe.width() * asked.unwrap_or(own)).round()
    }

    /// Where a box of a size stands: `place` of the overlay, or the cell that the graphic itself takes
    /// (0 to 2 across and down).
    pub(super) fn stand(&self, (wide, tall): (f64, f64), own: (u8, u8)) -> (f64, f64) {
        let (across, down) = self.graphic.setting.place.map_or(own, Place::cell);
        let along = |cell: u8, from: f64, to: f64, length: f64| {
            let at = match cell {
                0 => from,
                1 => f64::midpoint(from, to) - length / 2.0,
                _ => to - length,
            };
            at.round()
        };
        let safe = self.safe;
        (
            along(across, safe.x0, safe.x1, wide),
            along(down, safe.y0, safe.y1, tall).max(safe.y0.min(safe.y1 - tall).max(0.0)),
        )
    }

    /// The column (0 to 2) of the side where the graphic stands.
    pub(super) fn column(&self) -> u8 {
        match self.side() {
            Side::Left => 0,
            Side::Right => 2,
        }
    }

    /// A share of the unit: larger letters in upright frames, which are seen on telephones.
    pub(super) fn letters(&self, share: f64) -> f32 {
        let more = if self.shape() == Shape::Tall {
            1.14
        } else {
            1.0
        };
        (self.unit * share * more) as f32
    }

    /// Type in a weight and a size.
    pub(super) fn sans(&self, share: f64, bold: bool) -> Type<'a> {
        Type {
            bold,
            align: Align::Start,
            leading: 1.25,
            ..Type::new(self.letters(share), self.language)
        }
    }

    /// Type for titles.
    pub(super) fn display(&self, share: f64) -> Type<'a> {
        Type {
            face: Face::Display,
            leading: 1.14,
            ..Type::new(self.letters(share), self.language)
        }
    }

    /// One line, as large as `style` says or as small as it must be to be `width` wide.
    pub(super) fn line(&self, text: &str, style: &Type<'_>, width: f64) -> Laid {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut style = style.clone();
        let mut laid = lay(&text, &style, None, self.fonts);
        for _ in 0..4 {
            if f64::from(laid.width()) <= width || style.size <= 1.0 {
                break;
            }
            style.size *= (width as f32 / laid.width()).min(0.995);
            laid = lay(&text, &style, None, self.fonts);
        }
        laid
    }

    /// Lines in a box, as large as `style` says or as small as they must be.
    pub(super) fn lines(&self, text: &str, style: &Type<'_>, (width, height): (f64, f64)) -> Laid {
        let room = Room {
            width: width as f32,
            height: height as f32,
            min_size: (style.size * 0.2).max(2.0),
        };
        fit(text, style, room, self.fonts)
    }

    /// Words on the panels' colour.
    pub(super) fn on_panel(&self) -> Colour {
        self.on(self.theme.primary)
    }

    /// The theme's colour for words that stands out more from a colour.
    pub(super) fn on(&self, behind: Colour) -> Colour {
        if contrast(self.theme.ink, behind) > contrast(self.theme.paper, behind) {
            self.theme.ink
        } else {
            self.theme.paper
        }
    }

    /// Even pixels of a share of the unit, at least `least`.
    pub(super) fn thick(&self, share: f64, least: f64) -> f64 {
        (self.unit * share).round().max(least)
    }
}

/// A surface for one picture of a graphic: a part of the frame.
pub(super) struct Board {
    pub(super) image: Rgba,
    x: i32,
    y: i32,
}

/// Corners of a panel that are round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    pub(super) left_top: f64,
    pub(super) right_top: f64,
    pub(super) right_bottom: f64,
    pub(super) left_bottom: f64,
}

impl Round {
    pub(super) const fn all(radius: f64) -> Self {
        Self {
            left_top: radius,
            right_top: radius,
            right_bottom: radius,
            left_bottom: radius,
        }
    }
}

impl Board {
    /// Over a part of the frame, which may reach beyond it.
    pub(super) fn over(rect: Rect) -> Self {
        let (x, y) = (rect.x0.floor(), rect.y0.floor());
        let side = |from: f64, to: f64| ((to - from).ceil() as u32).clamp(1, 16_384);
        Self {
            image: Rgba::transparent(Size {
                width: side(x, rect.x1),
                height: side(y, rect.y1),
            }),
            x: x as i32,
            y: y as i32,
        }
    }

    /// Draws shapes in the frame's coordinates.
    pub(super) fn shapes(&mut self, draw: impl FnOnce(&mut Canvas, (f64, f64))) {
        let mut canvas = Canvas::new(self.image.size);
        draw(&mut canvas, (-f64::from(self.x), -f64::from(self.y)));
        self.put(&Placed {
            image: canvas.finish(),
            x: self.x,
            y: self.y,
        });
    }

    /// Fills a rectangle of the frame.
    pub(super) fn rect(&mut self, rect: Rect, colour: Colour, opacity: f32) {
        self.panel(rect, Round::all(0.0), colour, opacity);
    }

    /// Fills a rectangle with round corners.
    pub(super) fn panel(&mut self, rect: Rect, round: Round, colour: Colour, opacity: f32) {
        let part = Self::over(rect);
        let mut canvas = Canvas::new(part.image.size);
        canvas.paint(colour, opacity);
        let by = vello_cpu::kurbo::Vec2::new(-f64::from(part.x), -f64::from(part.y));
        canvas.fill(&rounded(rect + by, round));
        self.put(&Placed {
            image: canvas.finish(),
            x: part.x,
            y: part.y,
        });
    }

    /// A soft shadow below a rectangle, nothing where the rectangle itself is.
    pub(super) fn shadow(&mut self, rect: Rect, radius: f64, (spread, strength): (f64, f32)) {
        let outer = rect.inflate(spread * 2.0, spread * 2.0);
        let mut below = Self::over(outer);
        let by = vello_cpu::kurbo::Vec2::new(-f64::from(below.x), -f64::from(below.y));
        let path = rounded(rect + by, Round::all(radius));
        let mut canvas = Canvas::new(below.image.size);
        canvas.paint(Colour::new(0, 0, 0), 1.0);
        canvas.fill(&path);
        let solid = canvas.finish();
        let alpha: Vec<u8> = solid.pixels.chunks_exact(4).map(|pixel| pixel[3]).collect();
        let soft = blur::soften(&alpha, solid.size, spread as f32);
        let pixels = below.image.pixels.chunks_exact_mut(4);
        for ((pixel, soft), own) in pixels.zip(soft).zip(alpha) {
            let value = f32::from(soft) * strength * f32::from(255 - own) / 255.0;
            pixel[3] = value.round() as u8;
        }
        let down = (spread * 0.3).round() as i32;
        self.put(&below.placed().moved(0, down));
    }

    /// A soft veil over a rectangle, which keeps words legible over whatever lies behind it.
    pub(super) fn veil(&mut self, rect: Rect, colour: Colour, (spread, strength): (f64, f32)) {
        // Three means of as many pixels reach so far.
        let reach = spread * 1.6;
        let mut under = Self::over(rect.inflate(reach, reach));
        let by = vello_cpu::kurbo::Vec2::new(-f64::from(under.x), -f64::from(under.y));
        let mut canvas = Canvas::new(under.image.size);
        canvas.paint(colour, 1.0);
        canvas.fill_rect(rect + by);
        let solid = canvas.finish();
        let alpha: Vec<u8> = solid.pixels.chunks_exact(4).map(|pixel| pixel[3]).collect();
        let soft = blur::soften(&alpha, solid.size, spread as f32);
        for (pixel, soft) in under.image.pixels.chunks_exact_mut(4).zip(soft) {
            let share = f32::from(soft) * strength;
            let over = |channel: u8| (f32::from(channel) * share / 255.0).round() as u8;
            pixel.copy_from_slice(&[
                over(colour.r),
                over(colour.g),
                over(colour.b),
                share.round() as u8,
            ]);
        }
        self.put(&under.placed());
    }

    /// Letters with the top left of their box at a place of the frame.
    pub(super) fn words(&mut self, laid: &Laid, ink: &Ink, (x, y): (f64, f64)) {
        self.put(&draw(laid, ink).moved(x.round() as i32, y.round() as i32));
    }

    /// A picture at its place in the frame.
    pub(super) fn put(&mut self, placed: &Placed) {
        let moved = Placed {
            image: placed.image.clone(),
            x: placed.x.saturating_sub(self.x),
            y: placed.y.saturating_sub(self.y),
        };
        moved.over(&mut self.image);
    }

    pub(super) fn placed(self) -> Placed {
        Placed {
            image: self.image,
            x: self.x,
            y: self.y,
        }
    }
}

/// A rectangle with round corners.
pub(super) fn rounded(rect: Rect, round: Round) -> BezPath {
    let most = (rect.width() / 2.0).min(rect.height() / 2.0).max(0.0);
    let [a, b, c, d] = [
        round.left_top,
        round.right_top,
        round.right_bottom,
        round.left_bottom,
    ]
    .map(|radius| radius.min(most));
    RoundedRect::from_rect(rect, RoundedRectRadii::new(a, b, c, d)).to_path(0.05)
}

/// Gathers parts and their pictures.
#[derive(Default)]
pub(super) struct Parts {
    drawn: Drawn,
}

impl Parts {
    /// A picture that stays. One without ink is left out.
    pub(super) fn still(&mut self, board: Board) -> Result<(), ArtError> {
        self.add(&board.placed(), None, Motion::Rest)
    }

    /// A picture that moves.
    pub(super) fn add(
        &mut self,
        placed: &Placed,
        window: Option<Area>,
        motion: Motion,
    ) -> Result<(), ArtError> {
        if crate::plate::ink(&placed.image).is_none() {
            return Ok(());
        }
        let plate = self.keep(&placed.cropped().evened())?;
        self.part(Content::Plate(plate), window, motion);
        Ok(())
    }

    pub(super) fn part(&mut self, content: Content, window: Option<Area>, motion: Motion) {
        self.drawn.drawing.parts.push(Part {
            content,
            window,
            motion,
        });
    }

    /// Keeps a picture, as it is.
    pub(super) fn keep(&mut self, placed: &Placed) -> Result<Plate, ArtError> {
        let bytes = still::png(&placed.image)?;
        let image = Artifact {
            digest: Digest::of(&bytes),
            media_type: "image/png".to_owned(),
            bytes: bytes.len() as u64,
        };
        let plate = Plate {
            image: image.clone(),
            x: placed.x,
            y: placed.y,
            size: placed.image.size,
        };
        if self
            .drawn
            .files
            .iter()
            .all(|(known, _)| known.digest != image.digest)
        {
            self.drawn.files.push((image, bytes));
        }
        Ok(plate)
    }

    pub(super) fn finish(mut self) -> Result<Drawn, ArtError> {
        if self.drawn.drawing.parts.is_empty() {
            // Something must be there to be shown, even if it cannot be seen.
            let nothing = Placed {
                image: Rgba::transparent(Size {
                    width: 2,
                    height: 2,
                }),
                x: 0,
                y: 0,
            };
            let plate = self.keep(&nothing)?;
            self.drawn.drawing = Drawing {
                parts: vec![Part::still(plate)],
            };
        }
        Ok(self.drawn)
    }
}

/// An area of even place and size around a rectangle.
pub(super) fn even(rect: Rect) -> Option<Area> {
    let low = |at: f64| (at.round() as i32).div_euclid(2) * 2;
    let high = |at: f64| (at.round() as i32 + 1).div_euclid(2) * 2;
    Area::between(low(rect.x0), low(rect.y0), high(rect.x1), high(rect.y1))
}
