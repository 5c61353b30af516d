//! Drawings that a text model wrote: SVG out of an answer, mended where that can be done, and refused where
//! nothing would be seen.
//!
//! An answer is hostile: it is cut out of whatever stands around it, bounded, and only what a picture is made of
//! is kept of it. No script, picture, address or foreign element is left. What is drawn is looked at once.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::LazyLock;

use resvg::tiny_skia;
use roxmltree::{Attribute, Document, Node};
use workprint_model::{Language, Size};

use crate::art::ArtError;
use crate::fonts::Fonts;
use crate::svg::{draw, edited, parse, readable, tree, view_box};
use crate::{Rgba, svg_cost, svg_fonts};

/// The most bytes of a drawing.
pub const MOST_BYTES: usize = 512 << 10;
/// The most elements of a drawing, as they are written.
pub const MOST_ELEMENTS: usize = 20_000;
/// The least of a drawing of another shape that is left when it is cut to the wanted one, in percent.
const LEAST_KEPT: f64 = 60.0;
/// The most of a picture that may be left open, in percent.
const MOST_OPEN: usize = 25;
/// The least of a picture that differs from its commonest colour, in thousandths.
const LEAST_SEEN: usize = 10;

const SVG: &str = "http://www.w3.org/2000/svg";
const XLINK: &str = "http://www.w3.org/1999/xlink";

/// Why an answer is no drawing. The text is told to the model that drew it, and to people.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// There is none in it.
    #[error("there is no `<svg>` element in the answer")]
    None,
    /// It does not end.
    #[error("the drawing has no end: `</svg>` is missing")]
    CutOff,
    /// There is more of it than is drawn.
    #[error("the drawing has {found} {what}, and {most} are allowed: use fewer and simpler shapes")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How many.
        found: usize,
        /// How many are allowed.
        most: usize,
    },
    /// Its shape is too far from the wanted one.
    #[error("its viewBox is {width} by {height}; draw for one of `0 0 {}`", told(*wanted))]
    Shape {
        /// Its width.
        width: f64,
        /// Its height.
        height: f64,
        /// The size that was asked for.
        wanted: Size,
    },
    /// It does not cover the picture.
    #[error("{percent} % of the picture is left open: fill the whole background first")]
    Open {
        /// How much.
        percent: usize,
    },
    /// There is nothing to be seen.
    #[error(
        "nothing is seen in it but one colour: draw the scene with shapes of other colours, inside the viewBox"
    )]
    Blank,
    /// It cannot be drawn.
    #[error(transparent)]
    Art(#[from] ArtError),
}

fn told(size: Size) -> String {
    format!("{} {}", size.width, size.height)
}

/// The drawing in a model's answer, as an SVG of this size that shows what the model drew and names nothing
/// outside of itself. The same answer gives the same bytes.
pub fn mend(answer: &str, size: Size, fonts: &Fonts) -> Result<String, Unfit> {
    let text = well_formed(cut_out(answer)?);
    let document = parse(&text)?;
    let elements = document.descendants().filter(Node::is_element).count();
    if elements > MOST_ELEMENTS {
        return Err(Unfit::TooMuch {
            what: "elements",
            found: elements,
            most: MOST_ELEMENTS,
        });
    }
    let mut edits = without_foreign(&document);
    edits.extend(sized(&document, size)?);
    let mended = edited(&text, edits);
    look(&paint(&mended, size, fonts)?)?;
    Ok(mended)
}

/// A drawing as it is seen: it covers the size, cut about its middle. Its words are taken for English.
pub fn paint(svg: &str, size: Size, fonts: &Fonts) -> Result<Rgba, ArtError> {
    static ENGLISH: LazyLock<Language> =
        LazyLock::new(|| "en".parse().expect("English has a code"));
    let text = readable(svg, &ENGLISH, fonts)?;
    let tree = tree(&text, &svg_fonts::options(&ENGLISH, fonts))?;
    let (wide, tall) = (tree.size().width(), tree.size().height());
    let (width, height) = (size.width as f32, size.height as f32);
    let scale = (width / wide).max(height / tall);
    let [x, y] = [(width - wide * scale) / 2.0, (height - tall * scale) / 2.0];
    let place = tiny_skia::Transform::from_row(scale, 0.0, 0.0, scale, x, y);
    draw(&tree, size, (place, &mut svg_cost::work()))
}

/// The text from the first `<svg` to the last `</svg>`, without what a model thought before it answered.
fn cut_out(answer: &str) -> Result<&str, Unfit> {
    let answer = answer
        .rsplit_once("</think>")
        .map_or(answer, |(_, after)| after);
    let is_tag = |at: &usize| {
        let next = answer.as_bytes().get(at + 4);
        next.is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
    };
    let from = answer.match_indices("<svg").map(|(at, _)| at).find(is_tag);
    let from = from.ok_or(Unfit::None)?;
    let end = answer.rfind("</svg>").filter(|end| *end > from);
    let text = &answer[from..end.ok_or(Unfit::CutOff)? + "</svg>".len()];
    if text.len() > MOST_BYTES {
        return Err(Unfit::TooMuch {
            what: "bytes",
            found: text.len(),
            most: MOST_BYTES,
        });
    }
    Ok(text)
}

/// Mends what models often write that is no XML: comments with dashes, plain ampersands, namespaces that are
/// used and not named.
fn well_formed(text: &str) -> String {
    let text = without_comments(text);
    let mut out = String::with_capacity(text.len() + 128);
    let mut rest = text.as_ref();
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        out.push_str(if is_reference(after) { "&" } else { "&amp;" });
        rest = after;
    }
    out.push_str(rest);
    let head = out.find('>').map_or(out.as_str(), |end| &out[..end]);
    let mut names = String::new();
    if !head.contains("xmlns=") {
        // Writing to a String does not fail.
        let _ = write!(names, " xmlns=\"{SVG}\"");
    }
    if !head.contains("xmlns:xlink") && out.contains("xlink:") {
        let _ = write!(names, " xmlns:xlink=\"{XLINK}\"");
    }
    out.insert_str("<svg".len(), &names);
    out
}

fn without_comments(text: &str) -> Cow<'_, str> {
    if !text.contains("<!--") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        out.push_str(before);
        let Some((_, after)) = after.split_once("-->") else {
            // One that does not end is left, and told as what it is.
            out.push_str(&rest[before.len()..]);
            return Cow::Owned(out);
        };
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Whether what follows an ampersand makes it a reference that XML knows.
fn is_reference(after: &str) -> bool {
    let name = after
        .split(';')
        .next()
        .filter(|name| name.len() < after.len());
    name.is_some_and(|name| {
        matches!(name, "amp" | "lt" | "gt" | "quot" | "apos")
            || name.strip_prefix('#').is_some_and(|number| {
                let hex = number.strip_prefix('x');
                let (digits, radix) = hex.map_or((number, 10), |digits| (digits, 16));
                digits.len() < 8 && u32::from_str_radix(digits, radix).is_ok()
            })
    })
}

/// What a picture is made of. All else is taken out.
const ELEMENTS: &[&str] = &[
    "svg",
    "g",
    "a",
    "defs",
    "symbol",
    "use",
    "title",
    "desc",
    "style",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "textPath",
    "linearGradient",
    "radialGradient",
    "stop",
    "pattern",
    "clipPath",
    "mask",
    "marker",
    "filter",
    "feBlend",
    "feColorMatrix",
    "feComponentTransfer",
    "feComposite",
    "feConvolveMatrix",
    "feDiffuseLighting",
    "feDisplacementMap",
    "feDistantLight",
    "feDropShadow",
    "feFlood",
    "feFuncA",
    "feFuncB",
    "feFuncG",
    "feFuncR",
    "feGaussianBlur",
    "feMerge",
    "feMergeNode",
    "feMorphology",
    "feOffset",
    "fePointLight",
    "feSpecularLighting",
    "feSpotLight",
    "feTile",
    "feTurbulence",
];

/// The edits that take out scripts, pictures, foreign elements, and attributes that run or name something.
fn without_foreign(document: &Document<'_>) -> Vec<(Range<usize>, String)> {
    let mut edits = Vec::new();
    for node in document.descendants() {
        let keeps = if node.is_element() {
            node.tag_name().namespace() == Some(SVG)
                && ELEMENTS.contains(&node.tag_name().name())
                && !is_outside_style(&node)
        } else {
            !node.is_pi()
        };
        if !keeps {
            edits.push((node.range(), String::new()));
            continue;
        }
        let foreign = node.attributes().filter(|own| is_foreign(&node, own));
        edits.extend(foreign.map(|own| (own.range(), String::new())));
    }
    edits
}

fn is_outside_style(node: &Node<'_, '_>) -> bool {
    let texts = node.descendants().filter_map(|inner| inner.text());
    node.tag_name().name() == "style" && texts.into_iter().any(names_outside)
}

fn is_foreign(node: &Node<'_, '_>, own: &Attribute<'_, '_>) -> bool {
    let (name, value) = (own.name(), own.value());
    let is_root_size = node.parent_element().is_none()
        && matches!(name, "width" | "height" | "viewBox" | "preserveAspectRatio");
    let of_another = own
        .namespace()
        .is_some_and(|namespace| namespace != XLINK && name != "space");
    let is_link =
        name == "href" && (node.tag_name().name() == "a" || !value.trim().starts_with('#'));
    is_root_size
        || of_another
        || is_link
        || name
            .get(..2)
            .is_some_and(|start| start.eq_ignore_ascii_case("on"))
        || name.starts_with("data-")
        || names_outside(value)
}

/// Whether a style or a value names something that is not in the drawing. Escapes could spell anything.
fn names_outside(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let mut urls = text.split("url(").skip(1);
    text.contains('\\')
        || text.contains("@import")
        || text.contains("javascript:")
        || urls.any(|url| {
            let target =
                url.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''));
            !target.starts_with('#')
        })
}

/// The edit that gives the root its size, and the part of the drawing that has the wanted shape.
fn sized(document: &Document<'_>, size: Size) -> Result<Option<(Range<usize>, String)>, Unfit> {
    let root = document.root_element();
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let side = |name: &str| {
        let value = root.attribute(name)?.trim();
        let value: f64 = value.trim_end_matches("px").parse().ok()?;
        (value.is_finite() && value > 0.0).then_some(value)
    };
    let own = view_box(&root).map(|own| own.map(f64::from));
    let own = own.or_else(|| Some([0.0, 0.0, side("width")?, side("height")?]));
    let [x, y, wide, tall] = own.unwrap_or([0.0, 0.0, width, height]);
    let (cut_wide, cut_tall) = (
        wide.min(tall * width / height),
        tall.min(wide * height / width),
    );
    if cut_wide * cut_tall * 100.0 < wide * tall * LEAST_KEPT {
        return Err(Unfit::Shape {
            width: wide,
            height: tall,
            wanted: size,
        });
    }
    let round = |value: f64| (value * 1000.0).round() / 1000.0;
    let head = format!(
        " width=\"{}\" height=\"{}\" viewBox=\"{} {} {} {}\"",
        size.width,
        size.height,
        round(x + (wide - cut_wide) / 2.0),
        round(y + (tall - cut_tall) / 2.0),
        round(cut_wide),
        round(cut_tall),
    );
    let at = root.range().start + "<svg".len();
    Ok(Some((at..at, head)))
}

/// Refuses a picture that covers too little of its frame, or shows nothing.
fn look(picture: &Rgba) -> Result<(), Unfit> {
    let pixels = picture.pixels.chunks_exact(4);
    let all = pixels.len().max(1);
    let open = pixels.clone().filter(|pixel| pixel[3] < 128).count();
    let percent = open * 100 / all;
    if percent > MOST_OPEN {
        return Err(Unfit::Open { percent });
    }
    // Colours of 5 bits a channel: what nobody tells apart counts as one.
    let mut colours = vec![0_usize; 1 << 15];
    for pixel in pixels {
        let [r, g, b] = [0, 1, 2].map(|channel| usize::from(pixel[channel] >> 3));
        colours[r << 10 | g << 5 | b] += 1;
    }
    let commonest = colours.iter().copied().max().unwrap_or_default();
    if (all - commonest) * 1000 < all * LEAST_SEEN {
        return Err(Unfit::Blank);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        width: 320,
        height: 180,
    };
    const SCENE: &str = "<rect width='320' height='180' fill='#123456'/><circle cx='100' cy='90' r='50' fill='gold'/>";

    fn mended(answer: &str) -> Result<String, String> {
        mend(answer, SIZE, Fonts::built_in()).map_err(|unfit| unfit.to_string())
    }

    fn seen(svg: &str) -> Rgba {
        paint(svg, SIZE, Fonts::built_in()).unwrap()
    }

    #[test]
    fn a_drawing_is_cut_out_of_an_answer_and_given_its_size() {
        let plain = format!("<svg xmlns='{SVG}' viewBox='0 0 320 180'>{SCENE}</svg>");
        let wanted = mended(&plain).unwrap();
        assert!(
            wanted.starts_with("<svg width=\"320\" height=\"180\" viewBox=\"0 0 320 180\""),
            "{wanted}"
        );
        let picture = seen(&wanted);
        let middle = |picture: &Rgba| picture.pixels[(90 * 320 + 100) * 4..][..3].to_vec();
        assert_eq!(middle(&picture), [255, 215, 0]);
        for other in [
            format!(
                "Sure!\n```svg\n<?xml version='1.0'?>\n<!DOCTYPE svg PUBLIC 'x' 'y'>\n{plain}\n```\nEnjoy & share"
            ),
            format!("<think>maybe <svg>…</think>{plain}"),
            format!("<svg width='320px' height='180'>{SCENE}</svg>"),
            format!("<svg width='100%' height='100%'>{SCENE}<!-- a -- b --></svg>"),
            format!(
                "<svg viewBox='0,0 320 180' preserveAspectRatio='none' width='10' height='900'>{SCENE}</svg>"
            ),
            format!(
                "<svg viewBox='0 -30 320 240'>{SCENE}<text>Salt & pepper &copy; &#233;</text></svg>"
            ),
            format!(
                "<svg viewBox='0 0 320 180'><defs><g id='a'>{SCENE}</g></defs><use xlink:href='#a'/></svg>"
            ),
        ] {
            let picture = seen(&mended(&other).unwrap());
            assert_eq!(middle(&picture), [255, 215, 0], "{other}");
            assert_eq!(picture.size, SIZE);
        }
    }

    #[test]
    fn nothing_that_runs_or_comes_from_outside_is_left() {
        let hostile = format!(
            "<svg xmlns='{SVG}' xmlns:xlink='{XLINK}' xmlns:evil='http://evil.example/' viewBox='0 0 320 180' \
             onload='alert(1)' evil:x='1' data-depth='deep'>\
             <style>@import 'http://evil.example/a.css';</style>\
             <style>circle {{ stroke: u\\72l(http://evil.example/b) }}</style>\
             <script>alert(2)</script><?php system('evil') ?>\
             <foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><iframe src='http://evil.example/'/></body></foreignObject>\
             <image href='http://evil.example/a.png' width='9' height='9'/>\
             <image href='data:image/png;base64,evil' width='9' height='9'/>\
             <use href='file:///etc/evil.svg#a'/><evil:thing/>\
             <filter id='f'><feImage xlink:href='http://evil.example/c.png'/></filter>\
             {SCENE}\
             <a href='javascript:evil()'><rect width='9' height='9' fill='url(http://evil.example/d#x)' ONCLICK='evil()'/></a>\
             <rect x='9' width='9' height='9' style='fill: url( \"http://evil.example/e\" )'/>\
             <animate attributeName='href' to='http://evil.example/f'/><set attributeName='x'/></svg>"
        );
        let mended = mended(&hostile).unwrap();
        let namespace = "xmlns:evil='http://evil.example/'";
        let left = mended.replace(namespace, "");
        for bad in [
            "evil", "alert", "script", "import", "image", "foreign", "onload", "ONCLICK", "data-",
            "animate", "<set", "file:", "style=",
        ] {
            assert!(!left.contains(bad), "`{bad}` is left: {left}");
        }
        assert!(left.contains("gold"));
    }

    #[test]
    fn what_cannot_be_used_is_told_in_words_that_help_to_mend_it() {
        let svg = |inside: &str| format!("<svg viewBox='0 0 320 180'>{inside}</svg>");
        let deep = format!("{}{SCENE}{}", "<g>".repeat(200), "</g>".repeat(200));
        let many = SCENE.repeat(MOST_ELEMENTS);
        let uses = (0..20).fold("<g id='u0'/>".to_owned(), |all, n| {
            format!(
                "{all}<g id='u{}'><use href='#u{n}'/><use href='#u{n}'/></g>",
                n + 1
            )
        });
        for (answer, wanted) in [
            ("I would rather not.".to_owned(), "there is no `<svg>`"),
            ("<svg viewBox='0 0 9 9'><path d='M".to_owned(), "no end"),
            (svg("<g><rect></g>"), "line 1, column"),
            (svg("<rect x='1' x='2'/>"), "line 1, column"),
            (
                format!("<!DOCTYPE svg [<!ENTITY a 'b'>]>{}", svg("&a;")),
                "one colour|open",
            ),
            (
                format!("<svg viewBox='0 0 180 320'>{SCENE}</svg>"),
                "0 0 320 180",
            ),
            (
                svg("<rect width='320' height='180' fill='#123'/>"),
                "one colour",
            ),
            (
                svg("<rect width='320' height='180' fill='#123' opacity='0'/>"),
                "open",
            ),
            (svg(&SCENE.replace("'#123456'", "'none'")), "open"),
            (
                svg(&format!("<g transform='translate(900 0)'>{SCENE}</g>")),
                "open",
            ),
            (svg(&deep), "deep"),
            (
                svg(&many[..many.len().min(MOST_BYTES / 2)]
                    .rsplit_once('<')
                    .unwrap()
                    .0
                    .repeat(3)),
                "bytes",
            ),
            (svg(&"<g/>".repeat(MOST_ELEMENTS)), "elements"),
            (svg(&uses), "elements"),
            (svg("<g id='a'><use href='#a'/></g>"), "uses itself"),
            (
                format!("<svg xmlns='http://evil.example/'>{SCENE}</svg>"),
                "SVG|size",
            ),
        ] {
            let told = mended(&answer).unwrap_err();
            let fits = wanted.split('|').any(|part| told.contains(part));
            assert!(fits, "{told}\n{}", &answer[..answer.len().min(300)]);
        }
    }

    #[test]
    fn no_answer_makes_it_panic() {
        let whole =
            format!("<svg viewBox='0 0 320 180'>{SCENE}<text>é&amp;</text><!-- x --></svg>");
        for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            let _ = mended(&whole[..end]);
            let _ = mended(&format!("{}</svg>", &whole[..end]));
        }
    }
}
