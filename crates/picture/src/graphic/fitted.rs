//! Words of a template that fit their box: `<text data-fit="width" data-wrap="lines">`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use roxmltree::Node;
use workprint_model::Language;

use super::template::{escape_into, picture_name};
use crate::art::ArtError;
use crate::fonts::Fonts;
use crate::svg::{self, at_node};
use crate::svg_cost;
use crate::svg_mixed::{Setting, settings};
use crate::svg_text::{id_of, tag_prefix, with_ids};

/// The most texts that are fitted.
const MOST_TEXTS: usize = 64;
/// The most characters of a text.
const MOST_CHARACTERS: usize = 1000;
/// The most lines of a text.
const MOST_LINES: u32 = 20;

/// What a `<text>` is fitted into, in its own units.
struct Fit {
    width: f32,
    height: Option<f32>,
    lines: u32,
    /// Distance between lines, in letter sizes.
    lead: f32,
    grow: Grow,
    y: f32,
}

/// Where further lines go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grow {
    Down,
    Up,
    Middle,
}

/// The SVG with each fitted text as a `<text>` for each line, and with the addresses of its pictures.
pub(super) fn fit_words(
    text: &str,
    language: &Language,
    fonts: &Fonts,
) -> Result<String, ArtError> {
    let document = svg::parse(text)?;
    let fitted: Vec<Node<'_, '_>> = document
        .descendants()
        .filter(|node| node.tag_name().name() == "text" && node.has_attribute("data-fit"))
        .collect();
    if let Some(node) = fitted.get(MOST_TEXTS) {
        return Err(at_node(
            node,
            format!("more than {MOST_TEXTS} texts have a `data-fit`: use fewer"),
        ));
    }
    let known = if fitted.is_empty() {
        BTreeMap::new()
    } else {
        // The addresses of pictures are not yet those that are drawn.
        svg_cost::check_elements(&document)?;
        settings(&with_ids(text, &fitted), language, fonts)
    };
    let prefix = tag_prefix(&document);
    let mut changes: Vec<(Range<usize>, String)> = Vec::new();
    for node in &fitted {
        let words: String = node
            .descendants()
            .filter(Node::is_text)
            .filter_map(|text| text.text())
            .collect();
        if words.trim().is_empty() {
            changes.push((node.range(), String::new()));
            continue;
        }
        if words.chars().count() > MOST_CHARACTERS {
            let message =
                format!("more than {MOST_CHARACTERS} characters have a `data-fit`: shorten them");
            return Err(at_node(node, message));
        }
        let setting = known.get(&id_of(node)).ok_or_else(|| {
            at_node(node, "a text with `data-fit` is one line of words, without `<tspan>`, `dx`, `dy` or `rotate`".to_owned())
        })?;
        let fit = Fit::of(node)?;
        changes.push((
            node.range(),
            lines(text, node, (setting, &fit), (language, fonts, &prefix)),
        ));
    }
    let is_image =
        |node: &Node<'_, '_>| node.tag_name().name() == "image" && node.has_attribute("data-image");
    for node in document.descendants().filter(is_image) {
        changes.push((node.range(), image(text, &node, &prefix)));
    }
    Ok(svg::edited(text, changes))
}

impl Fit {
    fn of(node: &Node<'_, '_>) -> Result<Self, ArtError> {
        let wrong = |message: &str| at_node(node, message.to_owned());
        let plain = |text: &str| {
            text.trim()
                .parse::<f32>()
                .ok()
                .filter(|value| value.is_finite())
        };
        let positive = |text: &str| plain(text).filter(|value| *value > 0.0);
        let sides: Vec<&str> = node
            .attribute("data-fit")
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let rule = "`data-fit` is a width, or a width and a height, such as `data-fit=\"480\"`";
        let (width, height) = match sides[..] {
            [width] => (positive(width), None),
            [width, height] => (
                positive(width),
                Some(positive(height).ok_or_else(|| wrong(rule))?),
            ),
            _ => (None, None),
        };
        let lines = node
            .attribute("data-wrap")
            .unwrap_or("1")
            .trim()
            .parse::<u32>()
            .ok();
        let grow = match node.attribute("data-grow").unwrap_or("down").trim() {
            "down" => Some(Grow::Down),
            "up" => Some(Grow::Up),
            "middle" => Some(Grow::Middle),
            _ => None,
        };
        Ok(Self {
            width: width.ok_or_else(|| wrong(rule))?,
            height,
            lines: lines
                .filter(|lines| (1..=MOST_LINES).contains(lines))
                .ok_or_else(|| wrong("`data-wrap` is the most lines, 1 to 20"))?,
            lead: positive(node.attribute("data-lead").unwrap_or("1.2"))
                .filter(|lead| (0.5..=4.0).contains(lead))
                .ok_or_else(|| {
                    wrong("`data-lead` is the distance between lines in letter sizes, 0.5 to 4")
                })?,
            grow: grow.ok_or_else(|| wrong("`data-grow` is one of `down`, `up`, `middle`"))?,
            y: plain(node.attribute("y").unwrap_or("0"))
                .ok_or_else(|| wrong("a text with `data-fit` needs a plain number as `y`"))?,
        })
    }
}

/// A fitted text as a `<text>` for each line.
fn lines(
    text: &str,
    node: &Node<'_, '_>,
    (setting, fit): (&Setting, &Fit),
    (language, fonts, prefix): (&Language, &Fonts, &str),
) -> String {
    let (size, lines) = setting.fitted(
        (fit.width, fit.height),
        (fit.lines, fit.lead),
        (language, fonts),
    );
    let lead = size * fit.lead;
    let more = lead * (lines.len() as f32 - 1.0);
    let mut y = match fit.grow {
        Grow::Down => fit.y,
        Grow::Up => fit.y - more,
        Grow::Middle => fit.y - more / 2.0,
    };
    let mut out = String::new();
    for (index, line) in lines.iter().enumerate() {
        write!(out, "<{prefix}text").expect("writing to a string does not fail");
        let mut style = String::new();
        for attribute in node.attributes() {
            match attribute.name() {
                "style" => style.push_str(attribute.value()),
                "y" | "data-fit" | "data-wrap" | "data-lead" | "data-grow" | "font-size" => {}
                "id" if index > 0 => {}
                _ => {
                    out.push(' ');
                    out.push_str(&text[attribute.range()]);
                }
            }
        }
        out.push_str(" style=\"");
        escape_into(&mut out, style.trim_end_matches(';'));
        if !style.is_empty() {
            out.push(';');
        }
        write!(out, "font-size:{size}px\" y=\"{y}\">").expect("writing to a string does not fail");
        escape_into(&mut out, line);
        write!(out, "</{prefix}text>").expect("writing to a string does not fail");
        y += lead;
    }
    out
}

/// A picture's place with the address of its picture.
fn image(text: &str, node: &Node<'_, '_>, prefix: &str) -> String {
    let mut out = format!("<{prefix}image");
    let mut shaped = false;
    for attribute in node.attributes() {
        match attribute.name() {
            "href" | "data-image" => continue,
            "preserveAspectRatio" => shaped = true,
            _ => {}
        }
        out.push(' ');
        out.push_str(&text[attribute.range()]);
    }
    if !shaped {
        out.push_str(" preserveAspectRatio=\"xMidYMid slice\"");
    }
    out.push_str(" href=\"");
    escape_into(&mut out, &picture_name(node));
    out.push_str("\"/>");
    out
}
