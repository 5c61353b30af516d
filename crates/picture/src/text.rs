//! Words set in type: laid into lines by parley, drawn by vello.
//!
//! Shaping, both directions of writing, line breaking and the choice of a font for each script
//! happen in [`lay`]; [`fit`] finds the largest size that fits a box; [`draw`] gives the picture.

use parley::{
    Alignment, AlignmentOptions, BaseDirection, FontFamily, FontFamilyName, FontWeight, GlyphRun,
    Layout, LineHeight, OverflowWrap, PositionedLayoutItem, StyleProperty,
};
use vello_cpu::kurbo::Rect;
use workprint_model::episode::Colour;
use workprint_model::{Language, Size};

use crate::canvas::Canvas;
use crate::fonts::{Face, Fonts, Script};
use crate::plate::Placed;
use crate::{Rgba, blur};

/// Characters past this number are not set.
pub const MAX_CHARACTERS: usize = 10_000;

/// On which side lines are flush.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Align {
    /// Where the text begins: left, and right for Arabic and Hebrew.
    Start,
    /// In the middle.
    #[default]
    Centre,
}

/// How words are set.
#[derive(Debug, Clone, PartialEq)]
pub struct Type<'a> {
    /// The family for Latin, Greek and Cyrillic letters; other scripts have their own.
    pub face: Face,
    /// Bold letters.
    pub bold: bool,
    /// Letter size in pixels, 1 to 2000.
    pub size: f32,
    /// Extra space between letters, in letter sizes. Joined scripts (Arabic, Devanagari) ignore it.
    pub tracking: f32,
    /// Distance between lines, in letter sizes.
    pub leading: f32,
    /// Extra space between words, in letter sizes.
    pub word_spacing: f32,
    /// On which side lines are flush.
    pub align: Align,
    /// The language, which decides the forms of letters and the direction of a neutral line.
    pub language: &'a Language,
}

impl<'a> Type<'a> {
    /// Sans, regular, centred, not tracked, lines 1.25 apart.
    pub const fn new(size: f32, language: &'a Language) -> Self {
        Self {
            face: Face::Sans,
            bold: false,
            size,
            tracking: 0.0,
            leading: 1.25,
            word_spacing: 0.0,
            align: Align::Centre,
            language,
        }
    }
}

/// Words laid into lines.
#[derive(Clone)]
pub struct Laid {
    text: String,
    layout: Layout<()>,
    size: f32,
    width: f32,
    /// Where the widest line begins.
    left: f32,
}

impl Laid {
    /// The widest line, in pixels.
    pub const fn width(&self) -> f32 {
        self.width
    }

    /// All lines, in pixels.
    pub fn height(&self) -> f32 {
        self.layout.height()
    }

    /// How many lines.
    pub fn lines(&self) -> usize {
        self.layout.len()
    }

    /// The letter size that was used.
    pub const fn size(&self) -> f32 {
        self.size
    }

    /// From the top to the first line's baseline.
    pub fn first_baseline(&self) -> f32 {
        self.layout.first_baseline().unwrap_or_default()
    }

    /// From the top to the last line's baseline.
    pub fn last_baseline(&self) -> f32 {
        self.layout.last_baseline().unwrap_or_default()
    }

    /// From the left of the box to the left of the widest line.
    pub const fn left(&self) -> f32 {
        self.left
    }

    /// The words of each line, without the space at its ends.
    pub(crate) fn texts(&self) -> Vec<String> {
        let words = |range: std::ops::Range<usize>| {
            self.text.get(range).unwrap_or_default().trim().to_owned()
        };
        self.layout
            .lines()
            .map(|line| words(line.text_range()))
            .collect()
    }

    pub(crate) const fn layout(&self) -> &Layout<()> {
        &self.layout
    }

    pub(crate) fn runs(&self) -> impl Iterator<Item = GlyphRun<'_, ()>> {
        self.layout.lines().flat_map(|line| {
            line.items().filter_map(|item| match item {
                PositionedLayoutItem::GlyphRun(run) => Some(run),
                PositionedLayoutItem::InlineBox(_) => None,
            })
        })
    }
}

impl std::fmt::Debug for Laid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Laid({} lines, {} wide)", self.lines(), self.width)
    }
}

/// Lays `text` into lines no wider than `max_width` pixels, where the language allows breaks.
///
/// `\n` always breaks. Without a `max_width` there are no other breaks. A word that is wider than
/// the line sticks out; control characters are left out.
pub fn lay(text: &str, style: &Type<'_>, max_width: Option<f32>, fonts: &Fonts) -> Laid {
    lay_with(text, style, max_width, (fonts, OverflowWrap::Normal))
}

/// Whether letters hang together, and would be torn by space between them.
fn is_joined(text: &str) -> bool {
    let joins = |c| {
        matches!(
            Script::of(c, None),
            Some(Script::Arabic | Script::Devanagari)
        )
    };
    text.chars().any(joins)
}

fn lay_with(
    text: &str,
    style: &Type<'_>,
    max_width: Option<f32>,
    (fonts, overflow): (&Fonts, OverflowWrap),
) -> Laid {
    let text = clean(text);
    let size = style.size.clamp(1.0, 2000.0);
    let families: Vec<_> = fonts
        .families(style.face, style.language)
        .into_iter()
        .map(FontFamilyName::named)
        .collect();
    let weight = if style.bold {
        FontWeight::BOLD
    } else {
        FontWeight::NORMAL
    };
    let tracking = if is_joined(&text) {
        0.0
    } else {
        style.tracking
    };
    let mut layout = fonts.set(|setter| {
        let mut builder = setter
            .layout
            .ranged_builder(&mut setter.fonts, &text, 1.0, false);
        builder.push_default(StyleProperty::FontFamily(FontFamily::List(families.into())));
        builder.push_default(StyleProperty::FontSize(size));
        builder.push_default(StyleProperty::FontWeight(weight));
        builder.push_default(LineHeight::FontSizeRelative(style.leading));
        builder.push_default(StyleProperty::LetterSpacing(tracking * size));
        builder.push_default(StyleProperty::WordSpacing(style.word_spacing * size));
        builder.push_default(StyleProperty::OverflowWrap(overflow));
        builder.push_default(StyleProperty::Locale(style.language.as_str().parse().ok()));
        builder.set_base_direction(direction(&text, style.language));
        builder.build(&text)
    });
    layout.break_all_lines(max_width);
    let width = layout.width();
    // Centring needs a box; without a given one it is as wide as the widest line.
    let within = max_width.unwrap_or_else(|| width.ceil() + 1.0);
    if max_width.is_none() {
        layout.break_all_lines(Some(within));
    }
    let alignment = match style.align {
        Align::Start => Alignment::Start,
        Align::Centre => Alignment::Center,
    };
    let options = AlignmentOptions {
        align_when_overflowing: true,
        ..AlignmentOptions::default()
    };
    layout.align(alignment, options);
    let left = layout
        .lines()
        .map(|line| line.metrics().inline_min_coord + line.metrics().offset)
        .fold(f32::INFINITY, f32::min);
    Laid {
        text,
        width,
        size,
        left: if left.is_finite() { left } else { 0.0 },
        layout,
    }
}

fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| *c == '\n' || !c.is_control())
        .take(MAX_CHARACTERS)
        .collect()
}

/// Whether a language is written from right to left.
pub fn is_right_to_left(language: &Language) -> bool {
    let tag = language.as_str();
    if let Some(script) = tag.split('-').skip(1).find(|subtag| subtag.len() == 4) {
        return ["arab", "hebr", "thaa", "syrc", "nkoo", "adlm"]
            .contains(&script.to_ascii_lowercase().as_str());
    }
    matches!(
        language.primary().as_str(),
        "ar" | "he" | "iw" | "fa" | "ur" | "yi" | "ps" | "sd" | "ug" | "dv" | "ckb" | "syr"
    )
}

/// A text goes the way of its language, unless no letter of it does.
fn direction(text: &str, language: &Language) -> BaseDirection {
    let rtl = |c: char| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}');
    let has_rtl = text.chars().any(rtl);
    if is_right_to_left(language) && has_rtl {
        BaseDirection::Rtl
    } else if has_rtl {
        BaseDirection::Auto
    } else {
        BaseDirection::Ltr
    }
}

/// A box to fit text into, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    /// Across.
    pub width: f32,
    /// Down.
    pub height: f32,
    /// The smallest letter size to try.
    pub min_size: f32,
}

/// Lays `text` as large as `style.size` and as small as `room.min_size` so that it fits `room`,
/// with lines of about the same width.
///
/// At the smallest size, long words are broken anywhere; what is still too high sticks out below.
pub fn fit(text: &str, style: &Type<'_>, room: Room, fonts: &Fonts) -> Laid {
    let mut style = style.clone();
    loop {
        let last = style.size <= room.min_size;
        let overflow = if last {
            OverflowWrap::Anywhere
        } else {
            OverflowWrap::Normal
        };
        let laid = lay_with(text, &style, Some(room.width), (fonts, overflow));
        if last || (laid.width() <= room.width && laid.height() <= room.height) {
            return balance(text, &style, (laid, room.width), (fonts, overflow));
        }
        style.size = (style.size * 0.95).max(room.min_size);
    }
}

/// Lays `text` as large as `style.size` and no smaller than a fiftieth of it, so that it is at most
/// `width` wide, in at most `lines` lines and, where it is told, at most `height` high.
pub(crate) fn fit_lines(
    text: &str,
    style: &Type<'_>,
    ((width, height), lines): ((f32, Option<f32>), usize),
    fonts: &Fonts,
) -> Laid {
    let max_width = (lines > 1).then_some(width);
    let set = |size: f32, overflow| {
        let style = Type {
            size,
            ..style.clone()
        };
        let laid = lay_with(text, &style, max_width, (fonts, overflow));
        let fits = laid.width() <= width
            && laid.lines() <= lines
            && height.is_none_or(|height| laid.height() <= height);
        (laid, fits)
    };
    let balanced = |laid: Laid, overflow| {
        let style = Type {
            size: laid.size(),
            ..style.clone()
        };
        balance(text, &style, (laid, width), (fonts, overflow))
    };
    let (laid, fits) = set(style.size, OverflowWrap::Normal);
    if fits {
        return balanced(laid, OverflowWrap::Normal);
    }
    let (mut small, mut large) = (style.size / 50.0, style.size);
    let mut best = None;
    for _ in 0..10 {
        let middle = f32::midpoint(small, large);
        let (laid, fits) = set(middle, OverflowWrap::Normal);
        if fits {
            best = Some(laid);
            small = middle;
        } else {
            large = middle;
        }
    }
    match best {
        Some(laid) => balanced(laid, OverflowWrap::Normal),
        None => set(small, OverflowWrap::Anywhere).0,
    }
}

/// The narrowest box with as many lines.
fn balance(
    text: &str,
    style: &Type<'_>,
    (laid, width): (Laid, f32),
    rules: (&Fonts, OverflowWrap),
) -> Laid {
    if laid.lines() < 2 {
        return laid;
    }
    let (mut narrow, mut wide) = (width / 3.0, width);
    for _ in 0..7 {
        let middle = f32::midpoint(narrow, wide);
        let tried = lay_with(text, style, Some(middle), rules);
        if tried.lines() == laid.lines() && tried.width() <= middle {
            wide = middle;
        } else {
            narrow = middle;
        }
    }
    lay_with(text, style, Some(wide), rules)
}

/// A line around letters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outline {
    /// Its colour.
    pub colour: Colour,
    /// Its width outside the letters, in pixels.
    pub width: f32,
}

/// A soft shadow below letters: black.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shadow {
    /// How far down, in pixels.
    pub down: f32,
    /// How far it spreads, in pixels.
    pub blur: f32,
    /// 0 to 1.
    pub opacity: f32,
}

/// A box behind letters, with round corners.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backing {
    /// Its colour.
    pub colour: Colour,
    /// 0 to 1.
    pub opacity: f32,
    /// From the letters to its left and right edge, in pixels.
    pub pad_x: f32,
    /// From the lines to its top and bottom edge, in pixels.
    pub pad_y: f32,
    /// Of its corners, in pixels.
    pub radius: f32,
}

/// What letters look like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ink {
    /// The letters' colour. Emoji have their own.
    pub colour: Colour,
    /// The letters' opacity, 0 to 1.
    pub opacity: f32,
    /// A line around them.
    pub outline: Option<Outline>,
    /// A shadow below them.
    pub shadow: Option<Shadow>,
    /// A box behind them.
    pub backing: Option<Backing>,
}

impl Ink {
    /// Plain letters of a colour.
    pub const fn of(colour: Colour) -> Self {
        Self {
            colour,
            opacity: 1.0,
            outline: None,
            shadow: None,
            backing: None,
        }
    }

    /// With a shadow.
    pub const fn shadow(mut self, down: f32, blur: f32, opacity: f32) -> Self {
        self.shadow = Some(Shadow {
            down,
            blur,
            opacity,
        });
        self
    }
}

/// Draws letters, cropped to what is visible; the place is relative to the top left of the widest
/// line's box, in whole pixels.
pub fn draw(laid: &Laid, ink: &Ink) -> Placed {
    let margin = margin(laid, ink);
    let mut image = drawn(laid, ink, margin, true);
    if let Some(shadow) = ink.shadow {
        image = with_shadow(&image, &image, shadow);
    }
    placed(image, margin)
}

/// Draws what lies behind letters, as [`draw`] would, without them: box and shadow, where there are.
pub(crate) fn draw_behind(laid: &Laid, ink: &Ink) -> Option<Placed> {
    if ink.backing.is_none() && ink.shadow.is_none() {
        return None;
    }
    let margin = margin(laid, ink);
    let mut image = drawn(laid, ink, margin, false);
    if let Some(shadow) = ink.shadow {
        image = with_shadow(&image, &drawn(laid, ink, margin, true), shadow);
    }
    Some(placed(image, margin))
}

/// Some of laid letters, made larger.
#[derive(Debug)]
pub(crate) struct Enlarged {
    /// Where the layout's top left lies.
    pub(crate) origin: (f32, f32),
    /// How much larger.
    pub(crate) scale: f32,
    /// What stays in its place.
    pub(crate) centre: (f32, f32),
    /// What of the unscaled picture is drawn: left, top, right, bottom.
    pub(crate) parts: Vec<[i32; 4]>,
}

/// Draws parts of laid letters larger, set as they stand among the others; cropped, at even places.
pub(crate) fn draw_enlarged(laid: &Laid, ink: &Ink, enlarged: &Enlarged) -> Placed {
    let Enlarged {
        origin,
        scale,
        centre,
        parts,
    } = enlarged;
    let scaled = |at: i32, centre: f32| (at as f32 - centre) * scale + centre;
    let mut out: Option<Placed> = None;
    for [left, top, right, bottom] in parts {
        let (x, y) = (scaled(*left, centre.0), scaled(*top, centre.1));
        let (x, y) = (x.floor() as i32, y.floor() as i32);
        let mut canvas = Canvas::new(Size {
            width: (scaled(*right, centre.0).ceil() as i32 - x).max(1) as u32,
            height: (scaled(*bottom, centre.1).ceil() as i32 - y).max(1) as u32,
        });
        let at = |origin: f32, centre: f32, corner: i32| {
            f64::from((origin - centre) * scale + centre) - f64::from(corner)
        };
        let at = (at(origin.0, centre.0, x), at(origin.1, centre.1, y));
        ink_letters(&mut canvas, laid, ink, (at, f64::from(*scale)));
        let part = Placed {
            image: canvas.finish(),
            x,
            y,
        };
        out = Some(match out {
            Some(before) => before.with(&part),
            None => part,
        });
    }
    let none = || Placed {
        image: Rgba::transparent(Size {
            width: 2,
            height: 2,
        }),
        x: 0,
        y: 0,
    };
    out.unwrap_or_else(none).cropped().evened()
}

/// Room around lines for all that sticks out of them, in whole pixels.
fn margin(laid: &Laid, ink: &Ink) -> f32 {
    // Letters stick out of their lines: Arabic and Devanagari marks, swashes, italics.
    let mut margin = laid.size();
    margin += ink.outline.map_or(0.0, |outline| outline.width);
    margin += ink
        .shadow
        .map_or(0.0, |shadow| shadow.blur * 2.0 + shadow.down.abs());
    margin += ink
        .backing
        .map_or(0.0, |backing| backing.pad_x.max(backing.pad_y));
    margin.ceil().clamp(1.0, 4000.0)
}

/// Box and, when asked for, letters, with a margin around; no shadow.
fn drawn(laid: &Laid, ink: &Ink, margin: f32, letters: bool) -> Rgba {
    let size = Size {
        width: (laid.width() + margin * 2.0).ceil() as u32,
        height: (laid.height() + margin * 2.0).ceil() as u32,
    };
    let at = (f64::from(margin - laid.left()), f64::from(margin));
    let mut canvas = Canvas::new(size);
    if let Some(backing) = ink.backing {
        canvas.paint(backing.colour, backing.opacity);
        let rect = Rect::new(0.0, 0.0, f64::from(laid.width()), f64::from(laid.height()))
            .inflate(f64::from(backing.pad_x), f64::from(backing.pad_y))
            + vello_cpu::kurbo::Vec2::new(f64::from(margin), f64::from(margin));
        canvas.fill_rounded(rect, f64::from(backing.radius));
    }
    if letters {
        ink_letters(&mut canvas, laid, ink, (at, 1.0));
    }
    canvas.finish()
}

/// Letters and the line around them, the layout's top left at a place, so much larger.
fn ink_letters(canvas: &mut Canvas, laid: &Laid, ink: &Ink, place: ((f64, f64), f64)) {
    if let Some(outline) = ink.outline.filter(|outline| outline.width > 0.0) {
        canvas.paint(outline.colour, ink.opacity);
        canvas.outline(laid, place, f64::from(outline.width));
    }
    canvas.paint(ink.colour, ink.opacity);
    canvas.letters(laid, place);
}

fn placed(image: Rgba, margin: f32) -> Placed {
    Placed {
        image,
        x: -(margin as i32),
        y: -(margin as i32),
    }
    .cropped()
}

/// `above` over the shadow that `solid`, a picture of the same size, casts.
fn with_shadow(above: &Rgba, solid: &Rgba, shadow: Shadow) -> Rgba {
    let alpha: Vec<u8> = solid.pixels.chunks_exact(4).map(|pixel| pixel[3]).collect();
    let soft = blur::soften(&alpha, solid.size, shadow.blur);
    let mut below = Rgba::transparent(solid.size);
    for (pixel, alpha) in below.pixels.chunks_exact_mut(4).zip(soft) {
        pixel[3] = (f32::from(alpha) * shadow.opacity.clamp(0.0, 1.0)).round() as u8;
    }
    let down = shadow.down.round() as i32;
    let mut both = crate::plate::cut(&below, 0, -down, solid.size.width, solid.size.height);
    let above = Placed {
        image: above.clone(),
        x: 0,
        y: 0,
    };
    above.over(&mut both);
    both
}
