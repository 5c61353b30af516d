//! Graphics laid over shots: the built-in ones, and SVG templates of the user's.

use std::collections::{BTreeMap, BTreeSet};

use vello_cpu::kurbo::{BezPath, Rect};
use workprint_model::episode::Colour;
use workprint_model::graphic::{Graphic, Template};
use workprint_model::{Language, Size};

use crate::Rgba;
use crate::art::ArtError;
use crate::canvas::Canvas;
use crate::card::TITLE_SAFE;
use crate::fonts::{Face, Fonts};
use crate::plate::Placed;
use crate::svg;
use crate::text::{Align, Ink, Laid, Room, Type, draw, fit, is_right_to_left, lay};

/// A graphic that Workprint brings.
#[derive(Debug, PartialEq, Eq)]
pub struct BuiltIn {
    /// Its name in the manifest.
    pub name: &'static str,
    /// Fields it cannot do without.
    pub needs: &'static [&'static str],
    /// Fields it can do without.
    pub takes: &'static [&'static str],
}

/// The graphics that Workprint brings.
pub const BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        name: "lower-third",
        needs: &["name"],
        takes: &["role"],
    },
    BuiltIn {
        name: "title",
        needs: &["text"],
        takes: &["subtitle"],
    },
    BuiltIn {
        name: "badge",
        needs: &["text"],
        takes: &[],
    },
];

/// The foot of a lower third, as a share of the frame's height: captions stay below it.
const LOWER_THIRD_FOOT: f32 = 0.76;

const ACCENT: Colour = Colour::new(255, 179, 64);
const PAPER: Colour = Colour::new(250, 249, 246);
const NIGHT: Colour = Colour::new(13, 16, 24);

/// Draws a graphic for a frame of `size`: the plate holds nothing but its ink, at an even place and
/// of an even size.
///
/// `svg` is the text of the template that [`Template::Svg`] names. Fields that the graphic has not,
/// and fields that it needs and the words have not, are errors.
pub fn graphic(
    graphic: &Graphic,
    svg: Option<&str>,
    size: Size,
    language: &Language,
    fonts: &Fonts,
) -> Result<Placed, ArtError> {
    crate::still::check_size(size)?;
    let fields = &graphic.fields;
    let placed = match &graphic.template {
        Template::BuiltIn(name) => {
            check_fields(name, fields)?;
            let set = Set {
                size,
                language,
                fonts,
            };
            let word = |field: &str| fields.get(field).map_or("", |text| text.trim());
            match name.as_str() {
                "lower-third" => set.lower_third(word("name"), word("role")),
                "badge" => set.badge(word("text")),
                _ => set.title(word("text"), word("subtitle")),
            }
        }
        Template::Svg(digest) => {
            let text = svg.ok_or_else(|| {
                ArtError::TooMuch(format!(
                    "the template `{}` was not handed over",
                    digest.short()
                ))
            })?;
            let filled = fill(text, fields)?;
            Placed {
                image: svg::overlay(&filled, size, language, fonts)?,
                x: 0,
                y: 0,
            }
        }
    };
    Ok(placed.cropped().evened())
}

/// Checks the words of a built-in graphic without drawing it.
pub fn check_fields(name: &str, fields: &BTreeMap<String, String>) -> Result<(), ArtError> {
    let built_in = BUILT_IN.iter().find(|built_in| built_in.name == name);
    let built_in = built_in.ok_or_else(|| ArtError::UnknownGraphic {
        name: name.to_owned(),
        known: listed(BUILT_IN.iter().map(|built_in| built_in.name)),
    })?;
    let known = || built_in.needs.iter().chain(built_in.takes).copied();
    if let Some(field) = fields
        .keys()
        .find(|field| !known().any(|known| known == *field))
    {
        return Err(ArtError::UnknownField {
            graphic: name.to_owned(),
            field: field.clone(),
            allowed: listed(known()),
        });
    }
    let filled = |field: &str| {
        fields
            .get(field)
            .is_some_and(|text| !text.trim().is_empty())
    };
    match built_in.needs.iter().find(|field| !filled(field)) {
        Some(field) => Err(ArtError::MissingField {
            graphic: name.to_owned(),
            field: (*field).to_owned(),
        }),
        None => Ok(()),
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        "no fields".to_owned()
    } else {
        names.join(", ")
    }
}

/// The names between `{{` and `}}` in an SVG template.
pub fn svg_fields(svg: &str) -> Result<BTreeSet<String>, ArtError> {
    let mut names = BTreeSet::new();
    for piece in pieces(svg) {
        if let Piece::Field(name) = piece? {
            names.insert(name.to_owned());
        }
    }
    Ok(names)
}

/// An SVG template with its `{{fields}}` filled in, escaped so that no words can become markup.
pub fn fill(svg: &str, fields: &BTreeMap<String, String>) -> Result<String, ArtError> {
    let known = svg_fields(svg)?;
    if let Some(field) = fields.keys().find(|field| !known.contains(*field)) {
        return Err(ArtError::UnknownField {
            graphic: "svg template".to_owned(),
            field: field.clone(),
            allowed: listed(known.iter().map(String::as_str)),
        });
    }
    let mut filled = String::with_capacity(svg.len());
    for piece in pieces(svg) {
        match piece? {
            Piece::Text(text) => filled.push_str(text),
            Piece::Field(name) => {
                let words = fields.get(name).ok_or_else(|| ArtError::MissingField {
                    graphic: "svg template".to_owned(),
                    field: name.to_owned(),
                })?;
                escape_into(&mut filled, words);
            }
        }
        if filled.len() > svg::MAX_BYTES {
            return Err(ArtError::TooMuch(format!(
                "the filled template is longer than {} MiB: shorten its fields",
                svg::MAX_BYTES >> 20
            )));
        }
    }
    Ok(filled)
}

enum Piece<'a> {
    Text(&'a str),
    Field(&'a str),
}

/// A template cut into text and fields.
fn pieces(svg: &str) -> impl Iterator<Item = Result<Piece<'_>, ArtError>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &svg[at..];
        if rest.is_empty() {
            return None;
        }
        let Some(inside) = rest.strip_prefix("{{") else {
            let end = rest.find("{{").unwrap_or(rest.len());
            at += end;
            return Some(Ok(Piece::Text(&rest[..end])));
        };
        let is_name = |name: &str| {
            !name.is_empty()
                && name.len() <= 64
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        };
        let name = inside.split_once("}}").map(|(name, _)| name.trim());
        let here = at;
        at = svg.len();
        let Some(name) = name.filter(|name| is_name(name)) else {
            return Some(Err(svg::error_at(
                svg,
                here,
                "a field is written `{{name}}`, its name of letters, digits, `-` and `_`"
                    .to_owned(),
            )));
        };
        at = here + rest.find("}}").map_or(rest.len(), |end| end + 2);
        Some(Ok(Piece::Field(name)))
    })
}

fn escape_into(out: &mut String, words: &str) {
    for c in words.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' | '\t' => out.push(' '),
            // XML 1.0 has no way to write these.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
}

/// What the built-in graphics are drawn with.
struct Set<'a> {
    size: Size,
    language: &'a Language,
    fonts: &'a Fonts,
}

impl Set<'_> {
    /// The unit that graphics are sized by: the frame's height, or nearly its width if that is less.
    fn unit(&self) -> f32 {
        (self.size.height as f32).min(self.size.width as f32 * 0.95)
    }

    fn frame(&self) -> (f32, f32) {
        (self.size.width as f32, self.size.height as f32)
    }

    /// One line, as large as `style` says or as small as it must be to be `width` wide.
    fn line(&self, text: &str, style: &Type<'_>, width: f32) -> Laid {
        let mut style = style.clone();
        let text = text.replace(['\n', '\r'], " ");
        let laid = lay(&text, &style, None, self.fonts);
        if laid.width() <= width {
            return laid;
        }
        style.size *= width / laid.width() * 0.995;
        lay(&text, &style, None, self.fonts)
    }

    fn lower_third(&self, name: &str, role: &str) -> Placed {
        let (width, height) = self.frame();
        let unit = self.unit();
        let pad = unit * 0.026;
        let bar = (unit * 0.0085).round().max(2.0);
        let room = width * TITLE_SAFE - bar - pad * 2.6;
        let name_type = Type {
            bold: true,
            leading: 1.2,
            ..Type::new(unit * 0.05, self.language)
        };
        let role_type = Type {
            tracking: 0.02,
            leading: 1.3,
            ..Type::new(unit * 0.0305, self.language)
        };
        let name = self.line(name, &name_type, room);
        let role = (!role.is_empty()).then(|| self.line(role, &role_type, room));
        let words = role.as_ref().map_or(0.0, Laid::width).max(name.width());
        let gap = if role.is_some() { unit * 0.004 } else { 0.0 };
        let tall = pad * 1.3 + name.height() + gap + role.as_ref().map_or(0.0, Laid::height);
        let wide = bar + pad * 2.6 + words;
        let right = is_right_to_left(self.language);

        let mut image = self.lower_third_box(wide, tall, bar);
        let put = |image: &mut Rgba, laid: &Laid, y: f32, opacity: f32| {
            let x = if right {
                wide - bar - pad - laid.width()
            } else {
                bar + pad
            };
            let ink = Ink {
                opacity,
                ..Ink::of(PAPER)
            };
            draw(laid, &ink)
                .moved(x.round() as i32, y.round() as i32)
                .over(image);
        };
        put(&mut image, &name, pad * 0.6, 1.0);
        if let Some(role) = &role {
            put(&mut image, role, pad * 0.6 + name.height() + gap, 0.82);
        }
        let margin = width * (1.0 - TITLE_SAFE) / 2.0;
        let x = if right { width - margin - wide } else { margin };
        Placed {
            image,
            x: x.round() as i32,
            y: (height * LOWER_THIRD_FOOT - tall).round() as i32,
        }
    }

    /// A dark slab with round corners away from its bar, which stands where reading begins.
    fn lower_third_box(&self, wide: f32, tall: f32, bar: f32) -> Rgba {
        let (wide, tall) = (f64::from(wide), f64::from(tall));
        let bar = f64::from(bar);
        let radius = f64::from(self.unit()) * 0.008;
        let mut canvas = Canvas::new(Size {
            width: wide.ceil() as u32,
            height: tall.ceil() as u32,
        });
        let right = is_right_to_left(self.language);
        let (from, to) = if right {
            (0.0, wide - bar)
        } else {
            (bar, wide)
        };
        canvas.paint(NIGHT, 0.80);
        canvas.fill(&one_sided(Rect::new(from, 0.0, to, tall), radius, right));
        canvas.paint(ACCENT, 1.0);
        let bar = if right {
            Rect::new(to, 0.0, wide, tall)
        } else {
            Rect::new(0.0, 0.0, bar, tall)
        };
        canvas.fill_rect(bar);
        canvas.finish()
    }

    fn badge(&self, text: &str) -> Placed {
        let (width, height) = self.frame();
        let unit = self.unit();
        let (pad_x, pad_y) = (unit * 0.022, unit * 0.009);
        let margin = unit * 0.055;
        let dot = unit * 0.011;
        let style = Type {
            bold: true,
            tracking: 0.05,
            leading: 1.3,
            ..Type::new(unit * 0.028, self.language)
        };
        let room = width * 0.6;
        let laid = self.line(text, &style, room);
        let wide = pad_x * 2.0 + dot * 2.0 + laid.width();
        let tall = pad_y * 2.0 + laid.height();
        let right = is_right_to_left(self.language);
        let mut canvas = Canvas::new(Size {
            width: wide.ceil() as u32,
            height: tall.ceil() as u32,
        });
        let slab = Rect::new(0.0, 0.0, f64::from(wide), f64::from(tall));
        canvas.paint(NIGHT, 0.78);
        canvas.fill_rounded(slab, f64::from(tall) / 2.0);
        canvas.paint(ACCENT, 1.0);
        let middle = if right {
            wide - pad_x - dot / 2.0
        } else {
            pad_x + dot / 2.0
        };
        let (x, y, r) = (
            f64::from(middle),
            f64::from(tall / 2.0),
            f64::from(dot / 2.0),
        );
        canvas.fill_rounded(Rect::new(x - r, y - r, x + r, y + r), r);
        let mut image = canvas.finish();
        let at = if right { pad_x } else { pad_x + dot * 2.0 };
        draw(&laid, &Ink::of(PAPER))
            .moved(at.round() as i32, pad_y.round() as i32)
            .over(&mut image);
        let x = if right { margin } else { width - margin - wide };
        Placed {
            image,
            x: x.round() as i32,
            y: margin.min(height * 0.1).round() as i32,
        }
    }

    fn title(&self, text: &str, subtitle: &str) -> Placed {
        let (width, height) = self.frame();
        let unit = self.unit();
        let room = Room {
            width: width * TITLE_SAFE * 0.95,
            height: height * 0.5,
            min_size: unit * 0.02,
        };
        let style = Type {
            face: Face::Display,
            leading: 1.14,
            ..Type::new(unit * 0.125, self.language)
        };
        let title = fit(text, &style, room, self.fonts);
        let small = Type {
            tracking: 0.06,
            leading: 1.4,
            align: Align::Centre,
            ..Type::new(unit * 0.04, self.language)
        };
        let small_room = Room {
            height: height * 0.2,
            min_size: unit * 0.012,
            ..room
        };
        let subtitle =
            (!subtitle.is_empty()).then(|| fit(subtitle, &small, small_room, self.fonts));
        let gap = unit * 0.028;
        let tall = title.height() + subtitle.as_ref().map_or(0.0, |laid| gap + laid.height());
        let top = (height - tall) * 0.47;
        let mut image = Rgba::transparent(self.size);
        let mut put = |laid: &Laid, y: f32, opacity: f32| {
            let ink = Ink {
                opacity,
                ..Ink::of(PAPER)
            }
            .shadow(unit * 0.004, unit * 0.028, 0.8);
            let x = (width - laid.width()) / 2.0;
            draw(laid, &ink)
                .moved(x.round() as i32, y.round() as i32)
                .over(&mut image);
        };
        put(&title, top, 1.0);
        if let Some(subtitle) = &subtitle {
            put(subtitle, top + title.height() + gap, 0.94);
        }
        Placed { image, x: 0, y: 0 }
    }
}

/// A rectangle whose corners are round on the right, or on the left.
fn one_sided(rect: Rect, radius: f64, left: bool) -> BezPath {
    use vello_cpu::kurbo::{RoundedRect, RoundedRectRadii, Shape as _};
    let radii = if left {
        RoundedRectRadii::new(radius, 0.0, 0.0, radius)
    } else {
        RoundedRectRadii::new(0.0, radius, radius, 0.0)
    };
    RoundedRect::from_rect(rect, radii).to_path(0.05)
}
