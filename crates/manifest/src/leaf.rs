//! Texts that a type of the model parses.

use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};
use workprint_model::episode::Colour;
use workprint_model::{Digest, Id, Language, MediaPath, Rate};

/// Which parser a text goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaf {
    Id,
    Language,
    Rate,
    Colour,
    Digest,
    MediaPath,
    VoiceName,
    GraphicName,
    Address,
    Url,
    Variable,
    ModelName,
    Pointer,
}

impl Leaf {
    /// Says what is wrong with a text.
    pub(crate) fn check(self, text: &str) -> Result<(), String> {
        match self {
            Self::Id => text.parse::<Id>().map(drop).map_err(|e| e.to_string()),
            Self::Language => parsed::<Language>(text),
            Self::Rate => parsed::<Rate>(text),
            Self::Colour => parsed::<Colour>(text),
            Self::Digest => parsed::<Digest>(text),
            Self::MediaPath => parsed::<MediaPath>(text),
            Self::VoiceName => voice_name(text),
            Self::GraphicName => graphic_name(text),
            Self::Address => address(text, &["http://"]),
            Self::Url => address(text, &["https://", "http://"]),
            Self::Variable => variable(text),
            Self::ModelName => model_name(text),
            Self::Pointer => pointer(text),
        }
    }
}

/// The parser of a definition in a schema.
pub(crate) fn of_type(name: &str) -> Option<Leaf> {
    match name {
        "Language" => Some(Leaf::Language),
        "Rate" => Some(Leaf::Rate),
        "Colour" => Some(Leaf::Colour),
        "Digest" => Some(Leaf::Digest),
        "MediaPath" => Some(Leaf::MediaPath),
        _ => None,
    }
}

/// The parser that says the same as a pattern in a schema.
pub(crate) fn of_pattern(pattern: &str) -> Option<Leaf> {
    match pattern {
        "^[a-z0-9][a-z0-9_-]{0,63}$" => Some(Leaf::Id),
        "^[a-z0-9-]+:.+$" => Some(Leaf::VoiceName),
        "^[a-z0-9][a-z0-9_-]*$" => Some(Leaf::GraphicName),
        "^http://.+$" => Some(Leaf::Address),
        "^[A-Za-z0-9][A-Za-z0-9._:/-]*$" => Some(Leaf::ModelName),
        "^https?://.+$" => Some(Leaf::Url),
        "^(/.*)?$" => Some(Leaf::Pointer),
        "^[A-Za-z_][A-Za-z0-9_]*$" => Some(Leaf::Variable),
        "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$" => Some(Leaf::Language),
        _ => None,
    }
}

/// A JSON pointer (RFC 6901).
fn pointer(text: &str) -> Result<(), String> {
    if text.is_empty() || text.starts_with('/') {
        return Ok(());
    }
    Err("a JSON pointer begins with `/`, such as `/images/0/path`".to_owned())
}

/// What an integer of a Rust type can hold.
pub(crate) fn integer_range(format: Option<&str>) -> (Option<f64>, Option<f64>) {
    match format {
        Some("uint8") => (Some(0.0), Some(f64::from(u8::MAX))),
        Some("uint16") => (Some(0.0), Some(f64::from(u16::MAX))),
        Some("uint32") => (Some(0.0), Some(f64::from(u32::MAX))),
        Some("int32") => (Some(f64::from(i32::MIN)), Some(f64::from(i32::MAX))),
        _ => (None, None),
    }
}

fn parsed<'de, T: Deserialize<'de>>(text: &'de str) -> Result<(), String> {
    T::deserialize(StrDeserializer::<Error>::new(text))
        .map(drop)
        .map_err(|error| error.to_string())
}

fn voice_name(text: &str) -> Result<(), String> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let fits = text.split_once(':').is_some_and(|(engine, voice)| {
        !engine.is_empty()
            && engine.bytes().all(plain)
            && !voice.is_empty()
            && !voice.contains(char::is_control)
    });
    if fits {
        return Ok(());
    }
    Err(format!(
        "`{}` is not a voice: write `engine:voice`, such as `espeak:en-gb`",
        crate::tree::brief(text)
    ))
}

fn graphic_name(text: &str) -> Result<(), String> {
    let start = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let fits = text.bytes().next().is_some_and(start)
        && text.bytes().all(|b| start(b) || b == b'-' || b == b'_');
    if fits {
        return Ok(());
    }
    Err(format!(
        "`{}` is not the name of a graphic: use a-z, 0-9, `-` and `_`, without an ending such as `.svg`",
        crate::tree::brief(text)
    ))
}

fn address(text: &str, schemes: &[&str]) -> Result<(), String> {
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
    let rest = rest.unwrap_or_default();
    if !rest.is_empty() && !rest.contains(char::is_control) {
        return Ok(());
    }
    Err(format!(
        "`{}` is not the address of a server: write `{}HOST:PORT`",
        crate::tree::brief(text),
        schemes[0]
    ))
}

fn model_name(text: &str) -> Result<(), String> {
    let starts = text
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphanumeric());
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._:/-".contains(&b);
    if starts && text.bytes().all(plain) {
        return Ok(());
    }
    Err(format!(
        "`{}` is not the name of a model: write it as the vendor does, with letters, digits and `.`, `_`, `:`, `/`, `-`",
        crate::tree::brief(text)
    ))
}

fn variable(text: &str) -> Result<(), String> {
    let start = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    let fits = text.bytes().next().is_some_and(start)
        && text.bytes().all(|b| start(b) || b.is_ascii_digit());
    if fits {
        return Ok(());
    }
    // Not shown: whoever writes the key itself here must not read it in a log.
    Err("this is not the name of a variable of the environment: write the name, such as `FAL_KEY`, and never the key itself".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{of_pattern, of_type};
    use serde_json::Value;

    #[test]
    fn every_pattern_of_the_schemas_has_its_parser() {
        for text in [
            crate::schema_episode(),
            crate::schema_show(),
            crate::schema_lock(),
        ] {
            let schema: Value = serde_json::from_str(&text).unwrap();
            for (name, definition) in schema["$defs"].as_object().into_iter().flatten() {
                if of_type(name).is_none() {
                    every_pattern(definition, name);
                }
            }
        }
    }

    fn every_pattern(schema: &Value, of: &str) {
        if let Some(pattern) = schema["pattern"].as_str() {
            assert!(of_pattern(pattern).is_some(), "{of}: {pattern}");
        }
        let inner = match schema {
            Value::Object(fields) => fields.values().collect(),
            Value::Array(items) => items.iter().collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        for value in inner {
            every_pattern(value, of);
        }
    }
}
