//! Texts with places in braces, which an order fills in: `--seed={seed}`.
//!
//! A place is a name in braces; a brace that is meant as such is written twice. What fills a place is never
//! read again, so that braces in a prompt stay what they are.

use serde_json::Value;

/// A part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it stands.
    Text(&'a str),
    /// What an order says, by its name.
    Place(&'a str),
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A brace that opens or closes nothing.
    #[error("a brace stands alone in it")]
    Brace,
    /// Braces around something that is no name.
    #[error("`{{{0}}}` is no place")]
    Name(String),
}

/// What an order tells, by the names of its places; besides, the names of the engine's own `options`.
pub const PLACES: [&str; 10] = [
    "prompt",
    "negative",
    "seed",
    "width",
    "height",
    "model",
    "show",
    "out",
    "folder",
    "reference",
];
/// What an order of a clip tells besides.
pub const CLIP_PLACES: [&str; 5] = ["seconds", "milliseconds", "frames", "rate", "start"];
/// The most references that have a place of their own, `reference1` and so on.
pub const MOST_REFERENCES: usize = 16;

/// Which reference a place is, counted from 0.
pub fn reference(place: &str) -> Option<usize> {
    let number = place.strip_prefix("reference")?;
    if number.is_empty() {
        return Some(0);
    }
    let plain = !number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: usize = number.parse().ok().filter(|_| plain)?;
    (1..=MOST_REFERENCES).contains(&number).then(|| number - 1)
}

/// What of a picture that goes with an order fills a place, where values of any kind do: its path is `start`
/// or `reference2`, its bytes in base64 are `start-data`, its media type `start-type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// Its path.
    Path,
    /// Its bytes, in base64.
    Bytes,
    /// Its media type.
    Type,
}

impl Aspect {
    /// What of a picture a place names, and the place of its path.
    pub fn of(place: &str) -> (Self, &str) {
        if let Some(of) = place.strip_suffix("-data") {
            (Self::Bytes, of)
        } else if let Some(of) = place.strip_suffix("-type") {
            (Self::Type, of)
        } else {
            (Self::Path, place)
        }
    }
}

/// The place of all references in a list, for values of any kind; `references-data` are their bytes.
pub const ALL_REFERENCES: &str = "references";

/// The one place that a text is, where it is nothing else.
pub fn only_place(text: &str) -> Option<&str> {
    match pieces(text).ok()?.as_slice() {
        [Piece::Place(name)] => Some(name),
        _ => None,
    }
}

/// Adds all texts that stand in a value.
pub fn texts<'a>(value: &'a Value, to: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => to.push(text),
        Value::Array(all) => all.iter().for_each(|one| texts(one, to)),
        Value::Object(all) => all.values().for_each(|one| texts(one, to)),
        _ => {}
    }
}

/// The parts of a text, in their order.
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, Broken> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        if at > 0 {
            pieces.push(Piece::Text(&rest[..at]));
        }
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        if after.starts_with(brace) {
            pieces.push(Piece::Text(brace));
            rest = &after[1..];
            continue;
        }
        let end = after.find('}').filter(|_| brace == "{");
        let name = &after[..end.ok_or(Broken::Brace)?];
        if !is_name(name) {
            return Err(Broken::Name(name.chars().take(60).collect()));
        }
        pieces.push(Piece::Place(name));
        rest = &after[name.len() + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

/// The names of a text's places; none of one that is no template.
pub fn places(text: &str) -> impl Iterator<Item = &str> {
    let pieces = pieces(text).unwrap_or_default();
    pieces.into_iter().filter_map(|piece| match piece {
        Piece::Place(name) => Some(name),
        Piece::Text(_) => None,
    })
}

/// A text with its places filled; one of which nothing is known is left empty.
pub fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, Broken> {
    let pieces = pieces(text)?;
    let filled = pieces.into_iter().map(|piece| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Place(name) => value(name).unwrap_or_default(),
    });
    Ok(filled.collect())
}

/// Whether a text can be the name of a place: letters, digits, `_` and `-`, the first a letter.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    name.len() <= 60
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, Broken> {
        fill(text, |name| Some(format!("<{name}>")))
    }

    #[test]
    fn places_are_filled_and_doubled_braces_stay_one() {
        for (text, wanted) in [
            ("plain", "plain"),
            ("", ""),
            ("{prompt}", "<prompt>"),
            ("--seed={seed}!{out}", "--seed=<seed>!<out>"),
            ("{{\"a\": {seed}}}", "{\"a\": <seed>}"),
            ("é{a}é", "é<a>é"),
        ] {
            assert_eq!(filled(text).as_deref(), Ok(wanted), "{text}");
        }
        let kept = fill("{prompt}", |_| Some("{seed} }".to_owned()));
        assert_eq!(kept.as_deref(), Ok("{seed} }"));
        assert_eq!(fill("a{x}b", |_| None).as_deref(), Ok("ab"));
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for text in ["{", "}", "a{b", "a}b", "{a}}", "{{{", "}{"] {
            assert_eq!(filled(text), Err(Broken::Brace), "{text}");
        }
        for name in ["", " a", "1", "a b", "\"a\": 1", "a.b"] {
            let broken = filled(&format!("{{{name}}}"));
            assert_eq!(broken, Err(Broken::Name(name.to_owned())), "{name}");
        }
    }

    #[test]
    fn references_are_counted_from_one() {
        assert_eq!(reference("reference"), Some(0));
        assert_eq!(reference("reference1"), Some(0));
        assert_eq!(reference("reference16"), Some(15));
        for none in [
            "reference0",
            "reference17",
            "reference01",
            "references",
            "prompt",
        ] {
            assert_eq!(reference(none), None, "{none}");
        }
    }
}
