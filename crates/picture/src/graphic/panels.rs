//! Pictures in boxes: panels over a shoulder, and pictures in the picture.

use vello_cpu::kurbo::Rect;
use workprint_model::Size;
use workprint_model::episode::FrameSpec;
use workprint_model::graphic::{Content, Hole, Motion};

use super::Drawn;
use super::column::{Column, dim};
use super::names::one;
use super::set::{Board, PANEL, Parts, Round, Set, Shape, even, rounded};
use crate::Rgba;
use crate::art::ArtError;
use crate::canvas::Canvas;
use crate::plate::Placed;
use crate::still;
use crate::text::{Ink, Type};

/// A picture with words under it, beside the one who speaks. Without a picture the words are the
/// panel; without words the picture is.
pub(super) fn over_shoulder(set: &Set<'_>) -> Result<Drawn, ArtError> {
    let wide = set.width([0.36, 0.48, 1.0]);
    let pad = set.unit * 0.024;
    let words = panel_words(set, wide - pad * 2.0);
    let (bar, below) = if words.is_empty() {
        (0.0, 0.0)
    } else {
        (set.thick(0.006, 2.0), (words.height() + pad * 1.3).round())
    };
    let most = set.safe.height() - below - bar;
    let picture = set.pictures.get("picture");
    let seen = picture.map_or(0.0, |picture| picture_height(set, picture, (wide, most)));
    let tall = seen + bar + below;
    let upright = set.shape() == Shape::Tall;
    let (x, mut y) = set.stand((wide, tall), (if upright { 1 } else { set.column() }, 0));
    if set.graphic.setting.place.is_none() && !upright {
        // At the height of a head, not in the corner.
        y = (y + set.safe.height() * 0.06).min((set.safe.y1 - tall).max(set.safe.y0));
    }
    let rect = Rect::new(x, y, x + wide, y + tall);
    let radius = set.unit * 0.012;
    let mut board = Board::over(rect.inflate(set.unit * 0.09, set.unit * 0.09));
    board.shadow(rect, radius, (set.unit * 0.026, 0.42));
    if let Some(picture) = picture {
        let bottom = if words.is_empty() { radius } else { 0.0 };
        let round = Round {
            left_bottom: bottom,
            right_bottom: bottom,
            ..Round::all(radius)
        };
        let top = Rect {
            y1: y + seen,
            ..rect
        };
        board.put(&cropped(picture, top, round));
    }
    if !words.is_empty() {
        let upper = if seen > 0.0 { 0.0 } else { radius };
        let strip = Rect {
            y0: y + seen,
            ..rect
        };
        foot(&mut board, set, (strip, bar, upper));
        let at = (x + pad, strip.y0 + bar + pad * 0.6);
        words.draw(&mut board, at, (wide - pad * 2.0, set.rtl()));
    }
    one(board)
}

fn panel_words(set: &Set<'_>, room: f64) -> Column {
    let height = set.safe.height();
    let bold = Type {
        leading: 1.18,
        ..set.sans(0.038, true)
    };
    let body = Type {
        leading: 1.3,
        ..set.sans(0.027, false)
    };
    let paper = set.on_panel();
    let lines = |field, style: &Type<'_>, share: f64| {
        let text = set.word(field)?;
        Some(set.lines(text, style, (room, height * share)))
    };
    let source = set
        .word("source")
        .map(|text| set.line(text, &set.sans(0.02, false), room));
    let mut words = Column::default();
    words.add(lines("title", &bold, 0.2), Ink::of(paper), 0.0);
    words.add(
        lines("text", &body, 0.22),
        dim(paper, 0.86),
        set.unit * 0.008,
    );
    words.add(source, dim(paper, 0.6), set.unit * 0.012);
    words
}

/// The accent's strip and the panel under it; `upper` is the radius of the corners above.
fn foot(board: &mut Board, set: &Set<'_>, (rect, bar, upper): (Rect, f64, f64)) {
    let strip = Rect {
        y1: rect.y0 + bar,
        ..rect
    };
    let round = Round {
        left_bottom: 0.0,
        right_bottom: 0.0,
        ..Round::all(upper)
    };
    board.panel(strip, round, set.theme.accent, 1.0);
    let round = Round {
        left_top: 0.0,
        right_top: 0.0,
        ..Round::all(set.unit * 0.012)
    };
    let body = Rect {
        y0: strip.y1,
        ..rect
    };
    board.panel(body, round, set.theme.primary, 0.94);
}

/// How high a picture stands in a panel: in its own shape, between a strip and a square.
fn picture_height(set: &Set<'_>, picture: &Rgba, (wide, most): (f64, f64)) -> f64 {
    let own = wide * f64::from(picture.size.height) / f64::from(picture.size.width.max(1));
    let tallest = if set.shape() == Shape::Tall { 0.6 } else { 1.0 };
    own.clamp(wide * 0.42, wide * tallest)
        .min(most.max(wide * 0.3))
        .round()
}

/// A picture that covers a rectangle, with round corners.
fn cropped(picture: &Rgba, rect: Rect, round: Round) -> Placed {
    let size = Size {
        width: (rect.width().round() as u32).max(1),
        height: (rect.height().round() as u32).max(1),
    };
    let mut image = still::cover(picture, size);
    let mut canvas = Canvas::new(size);
    canvas.paint(workprint_model::episode::Colour::new(0, 0, 0), 1.0);
    let own = Rect::new(0.0, 0.0, f64::from(size.width), f64::from(size.height));
    canvas.fill(&rounded(own, round));
    let mask = canvas.finish();
    for (pixel, mask) in image
        .pixels
        .chunks_exact_mut(4)
        .zip(mask.pixels.chunks_exact(4))
    {
        if mask[3] != 255 {
            for channel in pixel {
                *channel = crate::plate::over_255(u32::from(*channel) * u32::from(mask[3]));
            }
        }
    }
    Placed {
        image,
        x: rect.x0.round() as i32,
        y: rect.y0.round() as i32,
    }
}

/// A clip or a picture in a box with a line around it, and a line of words in its foot.
pub(super) fn picture_in_picture(set: &Set<'_>) -> Result<Drawn, ArtError> {
    let picture = set.pictures.get("picture");
    let clip = set.graphic.figures.clip;
    let Some(own) = clip.or_else(|| picture.map(|picture| picture.size)) else {
        return Parts::default().finish();
    };
    let frame = set.graphic.figures.frame.clone().unwrap_or_default();
    let border = (frame.border.ratio() * f64::from(set.size.width.min(set.size.height))).round();
    let (mut wide, mut tall) = (set.width([0.34, 0.46, 0.62]) - border * 2.0, 0.0);
    for _ in 0..2 {
        tall = wide * f64::from(own.height) / f64::from(own.width.max(1));
        // An upright clip must not fill the frame's height.
        let most = set.safe.height() * 0.62;
        if tall > most {
            wide *= most / tall;
        }
    }
    let (wide, tall) = (
        ((wide / 2.0).round() * 2.0).max(8.0),
        ((tall / 2.0).round() * 2.0).max(8.0),
    );
    let (outer_wide, outer_tall) = (wide + border * 2.0, tall + border * 2.0);
    let column = match set.graphic.setting.side {
        Some(_) => set.column(),
        None => 2 - set.column(),
    };
    let (x, y) = set.stand((outer_wide, outer_tall), (column, 0));
    // Chroma is halved: an even place keeps the clip's edges clean.
    let (x, y) = ((x / 2.0).round() * 2.0, (y / 2.0).round() * 2.0);
    let border = (border / 2.0).round() * 2.0;
    let inner = Rect::new(x + border, y + border, x + border + wide, y + border + tall);
    let radius = (frame.radius.ratio() * wide.min(tall)).round();
    let mut parts = Parts::default();
    let outer = inner.inflate(border, border);
    let mut below = Board::over(outer.inflate(set.unit * 0.09, set.unit * 0.09));
    below.shadow(outer, radius + border, (set.unit * 0.024, 0.45));
    if let (None, Some(picture)) = (clip, picture) {
        below.put(&cropped(picture, inner, Round::all(radius)));
    } else {
        parts.still(std::mem::replace(&mut below, Board::over(outer)))?;
        if let Some(area) = even(inner) {
            let hole = Hole {
                area,
                radius: radius as u32,
            };
            parts.part(Content::Hole(hole), None, Motion::Rest);
        }
    }
    ring(&mut below, set, (inner, radius, border, &frame));
    label(&mut below, set, inner);
    parts.still(below)?;
    parts.finish()
}

/// The line around a box.
fn ring(
    board: &mut Board,
    set: &Set<'_>,
    (inner, radius, border, frame): (Rect, f64, f64, &FrameSpec),
) {
    if border <= 0.0 {
        return;
    }
    let colour = frame.colour.unwrap_or(set.theme.paper);
    board.shapes(|canvas, by| {
        canvas.paint(colour, 1.0);
        let half = border / 2.0;
        let path = rounded(
            inner.inflate(half, half) + vello_cpu::kurbo::Vec2::new(by.0, by.1),
            Round::all(if radius > 0.0 { radius + half } else { 0.0 }),
        );
        // Half a pixel over the picture's edge hides where both are thinned out.
        canvas.stroke(&path, border + 1.0);
    });
}

/// Words in the lower corner of a box where reading begins.
fn label(board: &mut Board, set: &Set<'_>, inner: Rect) {
    let Some(text) = set.word("caption") else {
        return;
    };
    let (pad, margin) = (set.unit * 0.012, set.unit * 0.012);
    let words = set.line(
        text,
        &set.sans(0.022, true),
        inner.width() - (pad + margin) * 2.0,
    );
    let (wide, tall) = (
        f64::from(words.width()) + pad * 2.0,
        f64::from(words.height()) + pad * 0.7,
    );
    let x = if set.rtl() {
        inner.x1 - margin - wide
    } else {
        inner.x0 + margin
    };
    let y = inner.y1 - margin - tall;
    let rect = Rect::new(x.round(), y.round(), (x + wide).round(), (y + tall).round());
    board.panel(rect, Round::all(set.unit * 0.005), set.theme.primary, PANEL);
    board.words(
        &words,
        &Ink::of(set.on_panel()),
        (rect.x0 + pad, rect.y0 + pad * 0.35),
    );
}
