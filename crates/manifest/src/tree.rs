//! A parsed file whose every value knows its place: what JSON and TOML are both read into.

use std::borrow::Cow;

use workprint_model::Span;

/// The deepest nesting that is read. The model itself needs about ten.
pub(crate) const MAX_DEPTH: usize = 64;

/// A value and where it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node<'a> {
    pub span: Span,
    pub value: Value<'a>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// A number without a fraction, clamped to what an `i64` holds.
    Integer(i64),
    Float(f64),
    String(Cow<'a, str>),
    Array(Vec<Node<'a>>),
    Object(Vec<Field<'a>>),
    /// Something that only this file's format has, such as a TOML date.
    Other(&'static str),
}

/// A key, where it is written, and its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field<'a> {
    pub key: Cow<'a, str>,
    pub key_span: Span,
    pub node: Node<'a>,
}

impl<'a> Node<'a> {
    /// The fields of an object; none for anything else.
    pub(crate) fn fields(&self) -> &[Field<'a>] {
        match &self.value {
            Value::Object(fields) => fields,
            _ => &[],
        }
    }

    /// The elements of an array; none for anything else.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::Array(items) => items,
            _ => &[],
        }
    }

    /// The value of a field, unless it is missing or null.
    pub(crate) fn find(&self, key: &str) -> Option<&Self> {
        self.fields()
            .iter()
            .find(|field| field.key == key)
            .map(|field| &field.node)
            .filter(|node| node.value != Value::Null)
    }

    /// The elements of an array field; none where it is missing.
    pub(crate) fn list(&self, key: &str) -> &[Self] {
        self.find(key).map_or(&[], Self::items)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn integer(&self) -> Option<i64> {
        match self.value {
            Value::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// What it is, for people.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number with a fraction",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
            Value::Other(name) => name,
        }
    }
}

/// Something wrong at a place in a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    pub span: Span,
    pub code: &'static str,
    pub message: String,
    pub hints: Vec<String>,
}

impl Problem {
    pub(crate) fn new(span: Span, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            span,
            code,
            message: message.into(),
            hints: Vec::new(),
        }
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    #[must_use]
    pub(crate) fn hint_nearest(self, word: &str, known: &[&str]) -> Self {
        match crate::nearest::nearest(word, known) {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None => self,
        }
    }
}

/// A text from the file, short enough for a message.
pub(crate) fn brief(text: &str) -> String {
    let mut out: String = text.chars().take(60).collect();
    if text.chars().nth(60).is_some() {
        out.push('…');
    }
    out
}
