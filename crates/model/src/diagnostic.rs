//! What is said about a user's production: many at once, each with a place and a hint.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::path::is_hidden;

/// How grave a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The run goes on.
    Warning,
    /// The run cannot start.
    Error,
}

/// Bytes of a text: `start` up to, not including, `end`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// Where in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file, relative to the show's folder where it lies inside.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// The bytes meant.
    pub span: Span,
}

/// One problem of a production.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// A stable name, such as `manifest.unknown-field`.
    pub code: String,
    /// How grave it is.
    pub severity: Severity,
    /// What is wrong: a lower-case fragment, literals in backticks.
    pub message: String,
    /// Where, when it is in a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What to do: one act each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// A problem that stops the run.
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, &message.into())
    }

    /// A problem that the run survives.
    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, &message.into())
    }

    fn new(severity: Severity, code: &str, message: &str) -> Self {
        Self {
            code: code.to_owned(),
            severity,
            message: visible(message),
            place: None,
            hints: Vec::new(),
        }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(visible(&hint.into()));
        self
    }

    /// Adds where: the bytes `span` of `text`, the content of `file`, widened to whole characters.
    #[must_use]
    pub fn at(mut self, file: &str, text: &str, span: Span) -> Self {
        let span = Span {
            start: text.floor_char_boundary(span.start),
            end: text.ceil_char_boundary(span.end),
        };
        let before = &text[..span.start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        self.place = Some(Place {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            span,
        });
        self
    }

    /// Adds a file as the place when there is nothing more exact.
    #[must_use]
    pub fn in_file(mut self, file: &str) -> Self {
        self.place = Some(Place {
            file: file.to_owned(),
            line: 1,
            column: 1,
            span: Span::default(),
        });
        self
    }

    /// Whether this stops the run.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// A message may quote what a user wrote: nothing in it moves a terminal's cursor or turns what follows.
fn visible(text: &str) -> String {
    text.chars()
        .map(|c| if is_hidden(c) && c != '\n' { ' ' } else { c })
        .collect()
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{}:{}:{}: ", place.file, place.line, place.column)?;
        }
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{severity}[{}]: {}", self.code, self.message)
    }
}
