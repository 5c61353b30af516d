//! Paths that stay inside a production.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A file named relative to the show's folder, with `/` between parts: `media/art/dawn.svg`.
///
/// It never begins with `/`, never contains `..`, `.`, an empty part, a backslash, a colon or a
/// control character, is at most 240 bytes long, and so cannot climb out of the production or name a
/// protocol to a program that accepts URLs. (Symbolic links are looked at where files are read.)
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaPath(Box<str>);

/// The text cannot be a path inside a production.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` is not a path inside the production: {why}")]
pub struct NotAMediaPath {
    path: String,
    why: &'static str,
}

impl MediaPath {
    /// The path as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path below the show's folder.
    pub fn below(&self, root: &Path) -> PathBuf {
        root.join(&*self.0)
    }

    /// What follows the last dot of the file's name, in lower case.
    pub fn extension(&self) -> String {
        let name = self.0.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.')
            .map_or_else(String::new, |(_, ext)| ext.to_ascii_lowercase())
    }
}

impl FromStr for MediaPath {
    type Err = NotAMediaPath;

    fn from_str(text: &str) -> Result<Self, NotAMediaPath> {
        let why = if text.is_empty() {
            "it is empty"
        } else if text.len() > 240 {
            "it is longer than 240 bytes"
        } else if text.starts_with('/') {
            "it begins with `/`; write it relative to the folder of show.toml"
        } else if text
            .chars()
            .any(|c| is_hidden(c) || matches!(c, '\\' | ':'))
        {
            "it contains a backslash, a colon or a control character"
        } else if text.split('/').any(|part| part == "..") {
            "`..` would leave the production"
        } else if text.split('/').any(|part| part.is_empty() || part == ".") {
            "it has an empty or `.` part"
        } else if text.starts_with('-') {
            "it begins with `-`"
        } else {
            return Ok(Self(text.into()));
        };
        Err(NotAMediaPath {
            path: text
                .chars()
                .take(80)
                .map(|c| if is_hidden(c) { '\u{fffd}' } else { c })
                .collect(),
            why,
        })
    }
}

/// Whether a character does something to the text around it instead of being seen: a control
/// character, or one that turns the direction of what follows (Unicode Standard Annex #9, 2), so that
/// a text does not read as it is.
pub fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl fmt::Display for MediaPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for MediaPath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MediaPath {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for MediaPath {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MediaPath".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A file inside the production, relative to the folder of show.toml: media/art/dawn.svg.",
            "minLength": 1,
            "maxLength": 240,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn climbing_and_protocols_are_refused() {
        for text in [
            "/etc/passwd",
            "../x",
            "media/../../x",
            "a//b",
            "./a",
            "http://x",
            "a\\b",
            "a\0b",
            "media/gnp.\u{202e}x",
            "-i",
            "",
        ] {
            assert!(text.parse::<MediaPath>().is_err(), "{text}");
        }
        assert_eq!(
            "media/Art/Dawn.SVG"
                .parse::<MediaPath>()
                .unwrap()
                .extension(),
            "svg"
        );
    }
}
