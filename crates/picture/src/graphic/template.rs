//! SVG templates of the user's: fields, pictures, and words that fit.
//!
//! `{{name}}` is replaced by words. Attributes say the rest: `data-if`, `data-unless` and `data-shape`
//! leave elements out, `data-image` takes a picture, `data-fit` and `data-wrap` set words in a box,
//! `data-place` and `data-size` lay the drawing into the safe area. An element with a field that has
//! no words is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use roxmltree::{Document, Node};
use workprint_model::Size;
use workprint_model::episode::{Colour, Place};

use super::Drawn;
use super::fitted;
use super::set::{Parts, Set, Shape};
use crate::art::ArtError;
use crate::plate::Placed;
use crate::svg::{self, Spot, at_node, error_at};
use crate::svg_fonts::Pictures;
use crate::{Rgba, still};

/// The most pictures of a template.
const MOST_PICTURES: usize = 32;

/// Names of fields that hold the show's colours.
const THEME: [&str; 4] = ["theme-primary", "theme-accent", "theme-ink", "theme-paper"];

/// What an SVG template takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// Names of words: `{{name}}`.
    pub words: BTreeSet<String>,
    /// Names of pictures: `data-image="name"`.
    pub pictures: BTreeSet<String>,
}

/// The names of the words and pictures that an SVG template takes.
pub fn svg_fields(text: &str) -> Result<Fields, ArtError> {
    let mut fields = Fields::default();
    for piece in pieces(text) {
        if let Piece::Field(name) = piece?
            && !THEME.contains(&name)
        {
            fields.words.insert(name.to_owned());
        }
    }
    let text = svg::without_doctype(text)?;
    let document = svg::parse(&text)?;
    for node in document.descendants() {
        fields
            .pictures
            .extend(node.attribute("data-image").map(str::to_owned));
    }
    Ok(fields)
}

/// Draws a template.
pub(super) fn draw(set: &Set<'_>, text: &str) -> Result<Drawn, ArtError> {
    let known = svg_fields(text)?;
    check_names(set, &known)?;
    let text = svg::without_doctype(text)?;
    let spot = spot(set, &svg::parse(&text)?)?;
    let filled = fill(set, &text)?;
    let pictures = pictures(set, &filled, &spot)?;
    let fitted = fitted::fit_words(&filled, set.language, set.fonts)?;
    let drawn = svg::overlay(
        &fitted,
        (set.size, &spot),
        (set.language, set.fonts),
        &pictures,
    )?;
    let mut parts = Parts::default();
    parts.add(
        &Placed {
            image: drawn,
            x: 0,
            y: 0,
        },
        None,
        workprint_model::graphic::Motion::Rest,
    )?;
    parts.finish()
}

fn check_names(set: &Set<'_>, known: &Fields) -> Result<(), ArtError> {
    let unknown = |field: &String, allowed: &BTreeSet<String>| ArtError::UnknownField {
        graphic: "svg template".to_owned(),
        field: field.clone(),
        allowed: super::listed(allowed.iter().map(String::as_str)),
    };
    if let Some(field) = set
        .graphic
        .fields
        .keys()
        .find(|field| !known.words.contains(*field))
    {
        return Err(unknown(field, &known.words));
    }
    match set
        .graphic
        .pictures
        .keys()
        .find(|name| !known.pictures.contains(*name))
    {
        Some(name) => Err(unknown(name, &known.pictures)),
        None => Ok(()),
    }
}

/// Where the drawing is laid: over the frame, or where `data-place` says.
fn spot(set: &Set<'_>, document: &Document<'_>) -> Result<Spot, ArtError> {
    let root = document.root_element();
    let asked = set.graphic.setting.place.map(|_| (1, 1));
    let own = match root.attribute("data-place") {
        None => asked,
        Some(name) => {
            let place: Option<Place> = serde_json::from_value(name.trim().into()).ok();
            let place = place.ok_or_else(|| {
                at_node(
                    &root,
                    "`data-place` is one of `top-left`, `top`, `top-right`, `left`, `middle`, `right`, `bottom-left`, `bottom`, `bottom-right`".to_owned(),
                )
            })?;
            let (across, down) = place.cell();
            // The overlay's side turns a drawing that stands at a side.
            let turned = set.graphic.setting.side.is_some() && across != 1;
            Some((if turned { set.column() } else { across }, down))
        }
    };
    let Some(cell) = own else {
        return Ok(Spot::over(set.size));
    };
    let share = match root.attribute("data-size") {
        None => 0.4,
        Some(text) => percent(&root, "data-size", text)?,
    };
    let width = set.width([share, share, share]);
    let [_, _, wide, tall] = svg::view_box(&root)
        .map(|own| own.map(f64::from))
        .ok_or_else(|| {
            at_node(
                &root,
                "a drawing with a `data-place` needs a `viewBox`".to_owned(),
            )
        })?;
    let scale = (width / wide).min(set.safe.height() / tall);
    let size = (wide * scale, tall * scale);
    let (x, y) = set.stand(size, cell);
    Ok(Spot {
        x: x as f32,
        y: y as f32,
        wide: size.0 as f32,
        tall: size.1 as f32,
    })
}

fn percent(node: &Node<'_, '_>, name: &str, text: &str) -> Result<f64, ArtError> {
    let value: Option<f64> = text.trim().parse().ok();
    value
        .filter(|value| (1.0..=100.0).contains(value))
        .map(|value| value / 100.0)
        .ok_or_else(|| at_node(node, format!("`{name}` is a percentage, 1 to 100")))
}

/// The template without the elements that go, with its fields filled in, escaped so that no words
/// can become markup.
fn fill(set: &Set<'_>, text: &str) -> Result<String, ArtError> {
    let document = svg::parse(text)?;
    let mut gone = Vec::new();
    for node in document.root_element().children() {
        find_gone(set, text, node, (&mut gone, 0))?;
    }
    let theme = &set.graphic.setting.theme;
    let colours = [theme.primary, theme.accent, theme.ink, theme.paper];
    let themed: BTreeMap<&str, String> = THEME
        .into_iter()
        .zip(colours.iter().map(Colour::to_string))
        .collect();
    let mut filled = String::with_capacity(text.len());
    let mut at = 0;
    for range in gone.iter().chain([&(text.len()..text.len())]) {
        for piece in pieces(&text[at..range.start]) {
            match piece? {
                Piece::Text(text) => filled.push_str(text),
                Piece::Field(name) => match themed.get(name) {
                    Some(colour) => filled.push_str(colour),
                    None => escape_into(&mut filled, set.word(name).unwrap_or_default()),
                },
            }
            if filled.len() > svg::MAX_BYTES {
                return Err(ArtError::TooMuch(format!(
                    "the filled template is longer than {} MiB: shorten its fields",
                    svg::MAX_BYTES >> 20
                )));
            }
        }
        at = range.end;
    }
    Ok(filled)
}

/// Finds the elements that are left out, in order, none inside another.
fn find_gone(
    set: &Set<'_>,
    text: &str,
    node: Node<'_, '_>,
    (gone, depth): (&mut Vec<Range<usize>>, u32),
) -> Result<(), ArtError> {
    if !node.is_element() {
        return Ok(());
    }
    if depth > crate::svg_cost::MAX_DEPTH {
        return Err(at_node(
            &node,
            format!(
                "groups lie more than {} deep: ungroup some",
                crate::svg_cost::MAX_DEPTH
            ),
        ));
    }
    if goes(set, text, &node)? {
        gone.push(node.range());
        return Ok(());
    }
    for child in node.children() {
        find_gone(set, text, child, (gone, depth + 1))?;
    }
    Ok(())
}

fn goes(set: &Set<'_>, text: &str, node: &Node<'_, '_>) -> Result<bool, ArtError> {
    let there = |name: &str| set.word(name).is_some() || set.pictures.contains_key(name);
    let names = |attribute: &str| {
        node.attribute(attribute)
            .unwrap_or_default()
            .split_whitespace()
    };
    if !names("data-if").all(there) || names("data-unless").any(there) {
        return Ok(true);
    }
    if let Some(shapes) = node.attribute("data-shape") {
        let name = match set.shape() {
            Shape::Wide => "wide",
            Shape::Square => "square",
            Shape::Tall => "tall",
        };
        let known = |shape: &str| matches!(shape, "wide" | "square" | "tall");
        if !shapes.split_whitespace().all(known) {
            let message = "`data-shape` names some of `wide`, `square` and `tall`";
            return Err(at_node(node, message.to_owned()));
        }
        if !shapes.split_whitespace().any(|shape| shape == name) {
            return Ok(true);
        }
    }
    if let Some(name) = node.attribute("data-image") {
        if node.tag_name().name() != "image" {
            let message =
                "`data-image` belongs on an `<image>` with `x`, `y`, `width` and `height`";
            return Err(at_node(node, message.to_owned()));
        }
        return Ok(!set.pictures.contains_key(name));
    }
    // In the element's own tag, and in its own words.
    let attributes = node.attributes().map(|attribute| attribute.range());
    let words = node
        .children()
        .filter(Node::is_text)
        .map(|child| child.range());
    let style = node.tag_name().name() == "style";
    for range in attributes.chain(words).filter(|_| !style) {
        for piece in pieces(&text[range]) {
            if let Piece::Field(name) = piece?
                && !THEME.contains(&name)
                && set.word(name).is_none()
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The pictures for the places of a template, as large as they are drawn, and the names by which the
/// drawing asks for them.
fn pictures(set: &Set<'_>, filled: &str, spot: &Spot) -> Result<Pictures, ArtError> {
    let document = svg::parse(filled)?;
    let scale = f64::from(spot.scale(&document));
    let mut found = Pictures::new();
    for node in document.descendants() {
        let Some(name) = node.attribute("data-image") else {
            continue;
        };
        let Some(picture) = set.pictures.get(name) else {
            continue;
        };
        if found.len() >= MOST_PICTURES {
            return Err(at_node(
                &node,
                format!("more than {MOST_PICTURES} pictures: use fewer"),
            ));
        }
        let side = |attribute: &str| -> Result<f64, ArtError> {
            let value: Option<f64> = node
                .attribute(attribute)
                .and_then(|text| text.trim().parse().ok());
            value
                .filter(|value| *value > 0.0 && value.is_finite())
                .ok_or_else(|| {
                    at_node(
                        &node,
                        format!("a picture's place needs a plain number as `{attribute}`"),
                    )
                })
        };
        let (wide, tall) = (side("width")?, side("height")?);
        let pixels =
            |length: f64, most: u32| ((length * scale).ceil() as u32).clamp(1, most.max(1) * 2);
        let size = Size {
            width: pixels(wide, set.size.width),
            height: pixels(tall, set.size.height),
        };
        let cut: Rgba = still::cover(picture, size);
        found.insert(picture_name(&node), Arc::new(still::png(&cut)?));
    }
    Ok(found)
}

/// The address by which a drawing asks for the picture of a place.
pub(super) fn picture_name(node: &Node<'_, '_>) -> String {
    let side = |attribute: &str| {
        node.attribute(attribute)
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let mut name = crate::svg_cost::PICTURE.to_owned();
    let shown = node.attribute("data-image").unwrap_or_default();
    // A name of our own that no template can write: what it shows, and how large.
    write!(name, "{shown}@{}x{}", side("width"), side("height"))
        .expect("writing to a string does not fail");
    name
}

/// A piece of a template.
pub(super) enum Piece<'a> {
    /// As it is.
    Text(&'a str),
    /// The name of a field.
    Field(&'a str),
}

/// A template cut into text and fields.
pub(super) fn pieces(svg: &str) -> impl Iterator<Item = Result<Piece<'_>, ArtError>> {
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
            return Some(Err(error_at(
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

pub(super) fn escape_into(out: &mut String, words: &str) {
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
