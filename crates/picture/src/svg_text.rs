//! Fonts for the scripts of an SVG's text.
//!
//! resvg looks for another font one character at a time, which takes conjuncts and emoji sequences
//! apart. So runs of a script get a `<tspan>` that names the script's family before it sees them; a
//! plain line of several scripts is laid out in [`crate::svg_mixed`].

use std::collections::BTreeMap;
use std::fmt::Write as _;

use resvg::usvg::fontdb;
use roxmltree::{Document, Node};
use workprint_model::Language;

use crate::fonts::{Fonts, Script};
use crate::svg_fonts::has;
use crate::svg_mixed::settings;

/// The SVG with each run of Arabic, Hebrew, Devanagari, Thai, Han, kana, hangul or emoji in the
/// family for it, unless a family of the show's that the SVG names has the character.
pub(crate) fn with_script_fonts(
    text: &str,
    document: &Document<'_>,
    language: &Language,
    fonts: &Fonts,
) -> String {
    let own = own_faces(text, fonts);
    let keeps = |c: char| own.iter().any(|id| has(fonts.database(), *id, c));
    let set: Vec<_> = document
        .descendants()
        .filter(is_set)
        .map(|node| (node, runs(&text[node.range()], &keeps)))
        .filter(|(node, runs)| {
            let raw = &text[node.range()];
            runs.iter().any(|(script, _)| script.is_some()) && !raw.contains("<![CDATA[")
        })
        .collect();
    let is_mixed = |node: &Node<'_, '_>, runs: &[(Option<Script>, &str)]| {
        let alone = node.parent_element().is_some_and(|parent| {
            parent.tag_name().name() == "text" && parent.children().count() == 1
        });
        runs.len() > 1 && alone && own.is_empty()
    };
    let mixed: Vec<_> = set
        .iter()
        .filter(|(node, runs)| is_mixed(node, runs))
        .filter_map(|(node, _)| node.parent_element())
        .collect();
    let settings = if mixed.is_empty() {
        BTreeMap::new()
    } else {
        settings(&with_ids(text, &mixed), language, fonts)
    };
    let prefix = tag_prefix(document);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (node, runs) in set {
        let range = node.range();
        out.push_str(&text[at..range.start]);
        at = range.end;
        let setting = node
            .parent_element()
            .filter(|_| is_mixed(&node, &runs))
            .and_then(|parent| settings.get(&id_of(&parent)));
        match setting {
            Some(setting) => out.push_str(&setting.tspans(&prefix, language, fonts)),
            None => wrap(&mut out, &runs, &prefix, language),
        }
    }
    out.push_str(&text[at..]);
    out
}

/// Puts each run into its script's family.
fn wrap(out: &mut String, runs: &[(Option<Script>, &str)], prefix: &str, language: &Language) {
    for (script, run) in runs {
        let Some(script) = script else {
            out.push_str(run);
            continue;
        };
        let family = script.family(language);
        let weight = if *script == Script::Emoji {
            ";font-weight:400"
        } else {
            ""
        };
        let written = write!(
            out,
            "<{prefix}tspan style=\"font-family:'{family}'{weight}\">{run}</{prefix}tspan>"
        );
        written.expect("writing to a string does not fail");
    }
}

/// An element's id, or one that it is given in [`with_ids`].
pub(crate) fn id_of(node: &Node<'_, '_>) -> String {
    node.attribute("id").map_or_else(
        || format!("workprint-text-{}", node.range().start),
        str::to_owned,
    )
}

/// The SVG with an id for each of `nodes`, which come in its order.
pub(crate) fn with_ids(text: &str, nodes: &[Node<'_, '_>]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for node in nodes.iter().filter(|node| !node.has_attribute("id")) {
        let start = node.range().start;
        let name_end = text[start..]
            .find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
            .map_or(start, |length| start + length);
        out.push_str(&text[at..name_end]);
        write!(out, " id=\"{}\"", id_of(node)).expect("writing to a string does not fail");
        at = name_end;
    }
    out.push_str(&text[at..]);
    out
}

/// `svg:` where the root is `<svg:svg>`.
pub(crate) fn tag_prefix(document: &Document<'_>) -> String {
    let root = document.root_element();
    root.tag_name()
        .namespace()
        .and_then(|namespace| root.lookup_prefix(namespace))
        .filter(|prefix| !prefix.is_empty())
        .map_or(String::new(), |prefix| format!("{prefix}:"))
}

/// Whether a node is text that is drawn.
fn is_set(node: &Node<'_, '_>) -> bool {
    let is_text = |name: &str| matches!(name, "text" | "tspan" | "textPath" | "a");
    node.is_text()
        && node
            .parent_element()
            .is_some_and(|parent| is_text(parent.tag_name().name()))
        && node
            .ancestors()
            .any(|above| above.tag_name().name() == "text")
}

/// The show's faces that the SVG names.
fn own_faces(text: &str, fonts: &Fonts) -> Vec<fontdb::ID> {
    let named: Vec<_> = fonts
        .extra_families()
        .iter()
        .filter(|family| text.contains(family.as_str()))
        .collect();
    fonts
        .database()
        .faces()
        .filter(|face| face.families.iter().any(|(name, _)| named.contains(&name)))
        .map(|face| face.id)
        .collect()
}

/// Cuts text where its script changes. What belongs to no script of ours has none.
fn runs<'a>(raw: &'a str, keeps: &impl Fn(char) -> bool) -> Vec<(Option<Script>, &'a str)> {
    let mut runs: Vec<(Option<Script>, &str)> = Vec::new();
    let (mut from, mut current) = (0, None);
    // Where white space and punctuation since the last letter of `current` began: it belongs to the
    // run only if the run goes on after it.
    let mut pause = None;
    for (at, c) in raw.char_indices() {
        let next = raw[at + c.len_utf8()..].chars().next();
        let script = if Script::joins(c) {
            current
        } else {
            Script::of(c, next).filter(|_| !keeps(c))
        };
        if script == current {
            pause = None;
        } else if script.is_none() && !c.is_alphanumeric() && !matches!(c, '&' | ';') {
            pause = pause.or(Some(at));
        } else {
            let end = pause.take().unwrap_or(at);
            push(&mut runs, current, &raw[from..end]);
            push(&mut runs, None, &raw[end..at]);
            (from, current) = (at, script);
        }
    }
    let end = pause.unwrap_or(raw.len());
    push(&mut runs, current, &raw[from..end]);
    push(&mut runs, None, &raw[end..]);
    runs
}

fn push<'a>(runs: &mut Vec<(Option<Script>, &'a str)>, script: Option<Script>, run: &'a str) {
    if !run.is_empty() {
        runs.push((script, run));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_stay_whole() {
        let text = "A नमस्ते, दुनिया! 👩🏽‍🚀 1️⃣ 2 ❤️ ok";
        let cut: Vec<_> = runs(text, &|_| false)
            .into_iter()
            .filter_map(|(script, run)| script.map(|_| run))
            .collect();
        assert_eq!(cut, ["नमस्ते, दुनिया", "👩🏽‍🚀 1️⃣", "❤️"]);
    }
}
