//! Stable, human ids.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// 1 to 64 of `a`–`z`, `0`–`9`, `-` and `_`, beginning with a letter or a digit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(Box<str>);

/// The text cannot be an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an id: use 1 to 64 of a-z, 0-9, `-` and `_`, beginning with a letter or a digit"
)]
pub struct NotAnId(String);

const PATTERN: &str = "^[a-z0-9][a-z0-9_-]{0,63}$";

impl Id {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest id to any text: lower case, runs of other characters become one `-`.
    ///
    /// Text without a single usable character gives `fallback`'s id, or `x`.
    pub fn slug(text: &str, fallback: &str) -> Self {
        let clean = |text: &str| {
            let mut out = String::new();
            for c in text.chars() {
                if c.is_ascii_alphanumeric() {
                    out.push(c.to_ascii_lowercase());
                } else if !out.is_empty() && !out.ends_with('-') && !matches!(c, '\'' | '’') {
                    out.push('-');
                }
                if out.len() == 40 {
                    break;
                }
            }
            out.trim_end_matches('-').to_owned()
        };
        [clean(text), clean(fallback), "x".to_owned()]
            .into_iter()
            .find(|text| !text.is_empty())
            .map_or_else(|| Self("x".into()), |text| Self(text.into()))
    }
}

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|b| ok(b) || b == b'-' || b == b'_')
            && text.bytes().next().is_some_and(ok);
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(NotAnId(text.chars().take(80).collect()))
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Id);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The nearest id to any text; see [`Id::slug`].
            pub fn slug(text: &str, fallback: &str) -> Self {
                Self(Id::slug(text, fallback))
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "description": "1 to 64 of a-z, 0-9, - and _, beginning with a letter or a digit.",
                    "pattern": PATTERN,
                })
            }
        }
    )*};
}

ids! {
    /// An episode: the name of its folder under `episodes/`.
    EpisodeId,
    /// A member of the cast.
    CastId,
    /// A scene of an episode.
    SceneId,
    /// A cue: one thing said, or one silence.
    CueId,
    /// A shot of a cue.
    ShotId,
    /// A graphic laid over shots.
    OverlayId,
    /// A music bed or a sound effect.
    SoundId,
    /// A pose of a puppet's arms, as its drawing names it.
    PoseId,
}

/// A language as BCP 47 writes it (`en`, `en-GB`, `zh-Hans`), up to 35 letters, digits and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(Box<str>);

/// The text is not a language tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a language: write a BCP 47 tag such as `en`, `en-GB` or `zh-Hans`")]
pub struct NotALanguage(String);

impl Language {
    /// The tag as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first subtag in lower case: `en` of `en-GB`.
    pub fn primary(&self) -> String {
        self.0
            .split('-')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    }
}

impl FromStr for Language {
    type Err = NotALanguage;

    fn from_str(text: &str) -> Result<Self, NotALanguage> {
        let mut subtags = text.split('-');
        let primary = subtags.next().unwrap_or_default();
        let fits = (2..=8).contains(&primary.len())
            && primary.bytes().all(|b| b.is_ascii_alphabetic())
            && subtags.all(|s| {
                (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric())
            })
            && text.len() <= 35;
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(NotALanguage(text.chars().take(80).collect()))
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Language {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Language {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Language".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A BCP 47 language tag such as en, en-GB or zh-Hans.",
            "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$",
            "maxLength": 35,
        })
    }
}

/// The place that a made thing fills: `voice/c3`, `image/dawn-wide`, `chunk/main/0012`.
///
/// A slot keeps its name while its content changes; takes are what has filled it.
#[derive(
    Debug,
    Clone,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Slot(String);

impl Slot {
    /// `kind/name`.
    pub fn new(kind: &str, name: impl fmt::Display) -> Self {
        Self(format!("{kind}/{name}"))
    }

    /// The whole slot as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is before the first `/`.
    pub fn kind(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// What is after the first `/`.
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, name)| name)
    }
}

impl From<&str> for Slot {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
