//! Words that fill the frame or much of it: titles, chapters, quotes.

use vello_cpu::kurbo::Rect;
use workprint_model::Size;
use workprint_model::graphic::{Content, Motion};

use super::Drawn;
use super::column::{Column, dim};
use super::names::one;
use super::set::{Board, PANEL, Parts, Round, Set, Shape};
use crate::Rgba;
use crate::art::ArtError;
use crate::plate::Placed;
use crate::text::{Align, Ink, Laid, Type};

/// A title and a line under it over the picture, in the middle of the frame, on a soft veil that keeps
/// them legible over white.
pub(super) fn title(set: &Set<'_>) -> Result<Drawn, ArtError> {
    let (width, height) = (f64::from(set.size.width), f64::from(set.size.height));
    let room = set.width([0.95, 0.95, 0.95]);
    let title = set.lines(
        set.word("text").unwrap_or_default(),
        &set.display(0.125),
        (room, height * 0.46),
    );
    let mut small = set.sans(0.04, false);
    small.tracking = 0.06;
    small.leading = 1.4;
    small.align = Align::Centre;
    let subtitle = set
        .word("subtitle")
        .map(|text| set.lines(text, &small, (room, height * 0.2)));
    let gap = set.unit * 0.028;
    let under = subtitle
        .as_ref()
        .map_or(0.0, |laid| gap + f64::from(laid.height()));
    let tall = f64::from(title.height()) + under;
    let wide = title
        .width()
        .max(subtitle.as_ref().map_or(0.0, Laid::width));
    let (x, y) = match set.graphic.setting.place {
        Some(_) => set.stand((f64::from(wide), tall), (1, 1)),
        None => ((width - f64::from(wide)) / 2.0, (height - tall) * 0.47),
    };
    let mut board = Board::over(Rect::new(0.0, 0.0, width, height));
    let middle = x + f64::from(wide) / 2.0;
    let stands = |laid: &Laid, y: f64| {
        let (wide, tall) = (f64::from(laid.width()), f64::from(laid.height()));
        Rect::new(middle - wide / 2.0, y, middle + wide / 2.0, y + tall)
    };
    let below = y + f64::from(title.height()) + gap;
    let words = stands(&title, y);
    let words = subtitle
        .as_ref()
        .map_or(words, |laid| words.union(stands(laid, below)));
    let veiled = words.inflate(set.unit * 0.09, set.unit * 0.05);
    board.veil(veiled, set.on(set.theme.paper), (set.unit * 0.2, 0.64));
    let mut put = |laid: &Laid, y: f64, opacity: f32| {
        let unit = set.unit as f32;
        let soft = Ink {
            opacity,
            ..Ink::of(set.theme.paper)
        };
        let at = (stands(laid, y).x0, y);
        board.words(laid, &soft.shadow(unit * 0.003, unit * 0.018, 0.75), at);
    };
    put(&title, y, 1.0);
    if let Some(subtitle) = &subtitle {
        put(subtitle, below, 0.95);
    }
    one(board)
}

/// The picture goes dark; number, rule, title and a line under it.
pub(super) fn chapter(set: &Set<'_>) -> Result<Drawn, ArtError> {
    let height = f64::from(set.size.height);
    let room = set.width([0.8, 0.94, 1.0]);
    let (gap, rule) = (set.unit * 0.03, set.thick(0.006, 2.0));
    let mut small = set.sans(0.032, true);
    small.tracking = 0.14;
    let title = Type {
        align: Align::Start,
        ..set.display(0.115)
    };
    let under = set.sans(0.036, false);
    let paper = set.on_panel();
    let (mut above, mut below) = (Column::default(), Column::default());
    let number = set.word("number").map(|text| set.line(text, &small, room));
    above.add(number, Ink::of(set.theme.accent), 0.0);
    let lines =
        |field, style: &Type<'_>, size| set.word(field).map(|text| set.lines(text, style, size));
    below.add(
        lines("title", &title, (room, height * 0.42)),
        Ink::of(paper),
        0.0,
    );
    let subtitle = lines("subtitle", &under, (room * 0.9, height * 0.16));
    below.add(subtitle, dim(paper, 0.84), gap * 0.7);
    let over = if above.is_empty() {
        0.0
    } else {
        above.height() + gap * 0.6
    };
    let tall = over + rule + gap * 0.8 + below.height();
    let wide = above.width().max(below.width());
    let (x, y) = set.stand((wide, tall), (set.column(), 1));

    let mut parts = Parts::default();
    let veil = parts.keep(&Placed {
        image: filled(set),
        x: 0,
        y: 0,
    })?;
    parts.part(Content::Plate(veil), None, Motion::Rest);
    let around = Rect::new(x, y, x + wide, y + tall).inflate(set.unit * 0.1, set.unit * 0.1);
    let mut board = Board::over(around);
    let flush = (wide, set.rtl());
    above.draw(&mut board, (x, y), flush);
    let length = set.unit * 0.09;
    let from = if set.rtl() { x + wide - length } else { x };
    let top = (y + over).round();
    let line = Rect::new(from, top, from + length, top + rule);
    board.rect(line, set.theme.accent, 1.0);
    below.draw(&mut board, (x, top + rule + gap * 0.8), flush);
    parts.still(board)?;
    parts.finish()
}

/// The panels' colour over the whole frame, so thin that the picture is still there.
fn filled(set: &Set<'_>) -> Rgba {
    let colour = set.theme.primary;
    let alpha = 186_u16;
    let over = |channel: u8| ((u16::from(channel) * alpha + 127) / 255) as u8;
    let mut image = Rgba::transparent(even_size(set.size));
    for pixel in image.pixels.chunks_exact_mut(4) {
        pixel.copy_from_slice(&[over(colour.r), over(colour.g), over(colour.b), alpha as u8]);
    }
    image
}

fn even_size(size: Size) -> Size {
    Size {
        width: size.width.next_multiple_of(2),
        height: size.height.next_multiple_of(2),
    }
}

/// Words of another, on a panel with a large mark; who said it, and where.
pub(super) fn quote(set: &Set<'_>) -> Result<Drawn, ArtError> {
    let (pad, mark_room) = (set.unit * 0.05, set.unit * 0.075);
    let room = set.width([0.66, 0.88, 1.0]) - pad * 2.0 - mark_room;
    let body = Type {
        align: Align::Start,
        leading: 1.22,
        ..set.display(0.06)
    };
    let share = if set.shape() == Shape::Tall {
        0.5
    } else {
        0.56
    };
    let height = set.safe.height() * share;
    let paper = set.on_panel();
    let line = |field, style: &Type<'_>| set.word(field).map(|text| set.line(text, style, room));
    let mut words = Column::default();
    let text = set
        .word("text")
        .map(|text| set.lines(text, &body, (room, height)));
    words.add(text, Ink::of(paper), 0.0);
    let gap = set.unit * 0.03;
    let by = line("by", &set.sans(0.03, true));
    let source_gap = if by.is_some() { 0.0 } else { gap };
    words.add(by, Ink::of(set.theme.accent), gap);
    words.add(
        line("source", &set.sans(0.026, false)),
        dim(paper, 0.7),
        source_gap,
    );
    let wide = (words.width() + pad * 2.0 + mark_room).round();
    let tall = (words.height() + pad * 1.7).round();
    let (x, y) = set.stand((wide, tall), (1, 1));
    let rect = Rect::new(x, y, x + wide, y + tall);
    let radius = set.unit * 0.014;

    let mut board = Board::over(rect.inflate(set.unit * 0.09, set.unit * 0.09));
    board.shadow(rect, radius, (set.unit * 0.03, 0.36));
    board.panel(rect, Round::all(radius), set.theme.primary, PANEL);
    mark(&mut board, set, (rect, pad, set.rtl()));
    let left = if set.rtl() {
        x + pad
    } else {
        x + pad + mark_room
    };
    let flush = (wide - pad * 2.0 - mark_room, set.rtl());
    words.draw(&mut board, (left, y + pad * 0.8), flush);
    one(board)
}

/// A large quotation mark, where reading begins.
fn mark(board: &mut Board, set: &Set<'_>, (rect, pad, right): (Rect, f64, bool)) {
    let mut style = set.display(0.19);
    style.leading = 1.0;
    let sign = set.line(if right { "”" } else { "“" }, &style, f64::MAX);
    let x = if right {
        rect.x1 - pad * 0.75 - f64::from(sign.width())
    } else {
        rect.x0 + pad * 0.75
    };
    board.words(&sign, &Ink::of(set.theme.accent), (x, rect.y0 + pad * 0.42));
}
