//! Shapes and letters drawn into an [`Rgba`].

use vello_cpu::color::AlphaColor;
use vello_cpu::kurbo::{Affine, BezPath, Cap, Join, Rect, RoundedRect, Shape as _, Stroke};
use vello_cpu::{Glyph, Level, Pixmap, RenderContext, RenderSettings, Resources};
use workprint_model::Size;
use workprint_model::episode::Colour;

use crate::Rgba;
use crate::text::Laid;

/// The longest side that can be drawn, in pixels.
pub(crate) const MAX_SIDE: u32 = 16_384;

/// A surface to draw on.
pub(crate) struct Canvas {
    context: RenderContext,
    resources: Resources,
    size: Size,
}

impl Canvas {
    /// A transparent surface; sides are held to 1 to [`MAX_SIDE`].
    pub(crate) fn new(size: Size) -> Self {
        let size = Size {
            width: size.width.clamp(1, MAX_SIDE),
            height: size.height.clamp(1, MAX_SIDE),
        };
        // The processor's own instructions would round differently from machine to machine.
        let settings = RenderSettings {
            level: Level::baseline(),
            num_threads: 0,
        };
        Self {
            context: RenderContext::new_with(size.width as u16, size.height as u16, settings),
            resources: Resources::new(),
            size,
        }
    }

    /// What further shapes are filled with; opacity is 0 to 1.
    pub(crate) fn paint(&mut self, colour: Colour, opacity: f32) {
        let Colour { r, g, b } = colour;
        let alpha = (opacity.clamp(0.0, 1.0) * 255.0).round() as u8;
        self.context
            .set_paint(AlphaColor::from_rgba8(r, g, b, alpha));
    }

    pub(crate) fn fill(&mut self, path: &BezPath) {
        self.context.fill_path(path);
    }

    /// A line with round ends and corners.
    pub(crate) fn stroke(&mut self, path: &BezPath, width: f64) {
        let stroke = Stroke::new(width)
            .with_join(Join::Round)
            .with_caps(Cap::Round);
        self.context.set_stroke(stroke);
        self.context.stroke_path(path);
    }

    pub(crate) fn fill_rect(&mut self, rect: Rect) {
        self.context.fill_path(&rect.to_path(0.1));
    }

    pub(crate) fn fill_rounded(&mut self, rect: Rect, radius: f64) {
        let radius = radius.min(rect.width() / 2.0).min(rect.height() / 2.0);
        let path = RoundedRect::from_rect(rect, radius).to_path(0.05);
        self.context.fill_path(&path);
    }

    /// Letters with their layout's top left at `place`, made so much larger.
    pub(crate) fn letters(&mut self, laid: &Laid, place: ((f64, f64), f64)) {
        self.glyphs(laid, place, None);
    }

    /// The line around letters: `width` pixels outside them, and as many inside, made larger alike.
    pub(crate) fn outline(&mut self, laid: &Laid, place: ((f64, f64), f64), width: f64) {
        self.glyphs(laid, place, Some(width));
    }

    fn glyphs(&mut self, laid: &Laid, (at, scale): ((f64, f64), f64), outline: Option<f64>) {
        let place = Affine::translate(at);
        self.context
            .set_transform(if (scale - 1.0).abs() < f64::EPSILON {
                place
            } else {
                place * Affine::scale(scale)
            });
        if let Some(width) = outline {
            let stroke = Stroke::new(width * 2.0).with_join(Join::Round);
            self.context.set_stroke(stroke);
        }
        for run in laid.runs() {
            let glyphs = run.positioned_glyphs().map(|glyph| Glyph {
                id: glyph.id,
                x: glyph.x,
                y: glyph.y,
            });
            let variation: Vec<i16> = run
                .run()
                .normalized_coords()
                .iter()
                .map(|at| at.to_bits())
                .collect();
            let builder = self
                .context
                .glyph_run(&mut self.resources, run.run().font())
                .font_size(run.run().font_size())
                .normalized_coords(&variation)
                .hint(false);
            // A glyph that its font cannot give (a broken font of the user's) stays blank.
            let _ = match outline {
                Some(_) => builder.stroke_glyphs(glyphs),
                None => builder.fill_glyphs(glyphs),
            };
        }
        self.context.reset_transform();
    }

    /// What was drawn.
    pub(crate) fn finish(mut self) -> Rgba {
        let mut pixmap = Pixmap::new(self.size.width as u16, self.size.height as u16);
        self.context.flush();
        self.context.render(&mut pixmap, &mut self.resources);
        Rgba {
            size: self.size,
            pixels: pixmap.data_as_u8_slice().to_vec(),
        }
    }
}
