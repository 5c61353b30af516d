//! What is said in other languages, and how it is fitted to the picture.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a cue says in another language: its text, or its text with how that is read aloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Dubbed {
    /// What is said, and read in the captions exactly so.
    Text(#[schemars(length(max = 5000))] String),
    /// The same with what the voice engine reads in its place.
    Line(DubLine),
}

/// What a cue says in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DubLine {
    /// What is said, and read in the captions exactly so.
    #[schemars(length(max = 5000))]
    pub text: String,
    /// What the voice engine is given to read where that differs: kana for kanji.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 5000))]
    pub say: Option<String>,
}

impl Dubbed {
    /// A text with how it is read aloud, in its shortest form.
    pub fn new(text: impl Into<String>, say: Option<String>) -> Self {
        let text = text.into();
        match say {
            Some(say) => Self::Line(DubLine {
                text,
                say: Some(say),
            }),
            None => Self::Text(text),
        }
    }

    /// The text with outer white space removed, when there is anything to say.
    pub fn spoken(&self) -> Option<&str> {
        let text = match self {
            Self::Text(text) => text,
            Self::Line(line) => &line.text,
        };
        filled(text)
    }

    /// How it is written to be read aloud, where that differs from the text.
    pub fn say(&self) -> Option<&str> {
        match self {
            Self::Text(_) => None,
            Self::Line(line) => line.say.as_deref().and_then(filled),
        }
    }

    /// What the voice engine reads: `say` where it is given, else the text.
    pub fn read_aloud(&self) -> Option<&str> {
        self.spoken().map(|text| self.say().unwrap_or(text))
    }
}

fn filled(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// How a dub's voices are fitted to the original's picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DubTiming {
    /// How fast a line may be spoken to fit its cue, in percent of its voice's own pace, 100 to 200.
    #[schemars(range(min = 100, max = 200))]
    pub fastest: u16,
    /// How much longer than the original's a cue may become where that is not enough, in milliseconds,
    /// 0 to 10 000. Its last shot is held for so long, and all that follows comes later.
    #[schemars(range(min = 0, max = 10_000))]
    pub longer_ms: u32,
}

impl Default for DubTiming {
    fn default() -> Self {
        Self {
            fastest: 145,
            longer_ms: 0,
        }
    }
}

impl DubTiming {
    /// Whether nothing was said.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_or_a_line_with_its_reading() {
        let read = |json| serde_json::from_str::<Dubbed>(json).unwrap();
        let text = read(r#"" Hola. ""#);
        assert_eq!(
            (text.spoken(), text.read_aloud()),
            (Some("Hola."), Some("Hola."))
        );
        let line = read(r#"{"text": "灯台", "say": "とうだい"}"#);
        assert_eq!(
            (line.spoken(), line.read_aloud()),
            (Some("灯台"), Some("とうだい"))
        );
        assert_eq!(read(r#"" ""#).read_aloud(), None);
        assert_eq!(Dubbed::new("a", None), Dubbed::Text("a".to_owned()));
    }
}
