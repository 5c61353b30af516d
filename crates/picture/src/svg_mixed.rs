//! SVG text of more than one script, laid out by parley.
//!
//! resvg shapes a line of several fonts once for each and then stitches the glyphs together, which
//! breaks clusters apart. A `<text>` of several scripts is therefore measured here, and each run
//! becomes a `<tspan>` with a place of its own: a line of one font for resvg.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use resvg::usvg;
use workprint_model::Language;

use crate::fonts::{Face, Fonts, Script};
use crate::svg_fonts;
use crate::text::{Type, fit_lines, lay};

/// How a `<text>` of one chunk is set, as resvg resolved it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Setting {
    words: String,
    x: f32,
    size: f32,
    bold: bool,
    face: Face,
    letter_spacing: f32,
    anchor: usvg::TextAnchor,
    /// How wide resvg draws it.
    width: f32,
}

/// The settings of the text elements of an SVG that are one plain line, by id.
pub(crate) fn settings(svg: &str, language: &Language, fonts: &Fonts) -> BTreeMap<String, Setting> {
    let mut found = BTreeMap::new();
    let options = svg_fonts::options(language, fonts);
    if let Ok(Ok(tree)) = crate::svg::guarded(|| usvg::Tree::from_str(svg, &options)) {
        collect(tree.root(), &mut found);
    }
    found
}

fn collect(group: &usvg::Group, found: &mut BTreeMap<String, Setting>) {
    for node in group.children() {
        match node {
            usvg::Node::Group(inner) => collect(inner, found),
            usvg::Node::Text(text) => {
                if let Some(setting) = setting(text) {
                    found.entry(text.id().to_owned()).or_insert(setting);
                }
            }
            usvg::Node::Path(_) | usvg::Node::Image(_) => {}
        }
    }
}

fn setting(text: &usvg::Text) -> Option<Setting> {
    let ([chunk], usvg::WritingMode::LeftToRight) = (text.chunks(), text.writing_mode()) else {
        return None;
    };
    let ([span], usvg::TextFlow::Linear) = (chunk.spans(), chunk.text_flow()) else {
        return None;
    };
    let moved = [text.dx(), text.dy(), text.rotate()];
    if moved.iter().any(|list| list.iter().any(|by| *by != 0.0)) || span.text_length().is_some() {
        return None;
    }
    let display = span.font().families().iter().any(|family| match family {
        usvg::FontFamily::Named(name) => name == "EB Garamond",
        other => *other == usvg::FontFamily::Serif,
    });
    Some(Setting {
        words: chunk.text().to_owned(),
        x: chunk.x().unwrap_or_default(),
        size: span.font_size().get(),
        bold: span.font().weight() >= 600,
        face: if display { Face::Display } else { Face::Sans },
        letter_spacing: span.letter_spacing(),
        anchor: chunk.anchor(),
        width: text.bounding_box().width(),
    })
}

impl Setting {
    /// The largest letter size, and the lines at it, so that the words are at most `width` wide and,
    /// where it is told, `height` high, in at most so many lines.
    pub(crate) fn fitted(
        &self,
        (width, height): (f32, Option<f32>),
        (lines, lead): (u32, f32),
        (language, fonts): (&Language, &Fonts),
    ) -> (f32, Vec<String>) {
        // Measured large: small sizes would be held to a pixel.
        let scale = 200.0 / self.size;
        let style = Type {
            face: self.face,
            bold: self.bold,
            tracking: self.letter_spacing / self.size,
            leading: lead,
            ..Type::new(200.0, language)
        };
        // A family of the show's own may run wider than ours, in which words are measured here.
        let plain = lay(self.words.trim(), &style, None, fonts).width() / scale;
        let wider = (self.width / plain.max(1e-3)).clamp(1.0, 4.0);
        let room = (width * scale / wider, height.map(|height| height * scale));
        let laid = fit_lines(self.words.trim(), &style, (room, lines as usize), fonts);
        (laid.size() / scale, laid.texts())
    }

    /// The words as tspans, each of one font and at its place, in the order of reading across.
    pub(crate) fn tspans(&self, prefix: &str, language: &Language, fonts: &Fonts) -> String {
        // Measured large: small sizes would be held to a pixel.
        let scale = 200.0 / self.size;
        let style = Type {
            face: self.face,
            bold: self.bold,
            tracking: self.letter_spacing / self.size,
            ..Type::new(200.0, language)
        };
        let laid = lay(&self.words, &style, None, fonts);
        let start = self.x
            - match self.anchor {
                usvg::TextAnchor::Start => 0.0,
                usvg::TextAnchor::Middle => laid.width() / scale / 2.0,
                usvg::TextAnchor::End => laid.width() / scale,
            };
        let mut out = String::new();
        for run in laid.runs() {
            let words = self.words.get(run.run().text_range()).unwrap_or_default();
            let mut letters = words.chars().peekable();
            let mut script = None;
            while let (None, Some(c)) = (script, letters.next()) {
                script = Script::of(c, letters.peek().copied());
            }
            let x = start + (run.offset() - laid.left()) / scale;
            let family = script.map_or(String::new(), |script| {
                let weight = if script == Script::Emoji {
                    ";font-weight:400"
                } else {
                    ""
                };
                format!(
                    " style=\"font-family:'{}'{weight}\"",
                    script.family(language)
                )
            });
            write!(
                out,
                "<{prefix}tspan x=\"{x}\" text-anchor=\"start\" xml:space=\"preserve\"{family}>"
            )
            .expect("writing to a string does not fail");
            for c in words.chars() {
                match c {
                    '&' => out.push_str("&amp;"),
                    '<' => out.push_str("&lt;"),
                    '>' => out.push_str("&gt;"),
                    c => out.push(c),
                }
            }
            out.push_str("</");
            out.push_str(prefix);
            out.push_str("tspan>");
        }
        out
    }
}
