//! How things look in a terminal: colours that respect `NO_COLOR`, source lines under diagnostics.

use std::fmt::Display;
use std::io::Write;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use anstyle::{AnsiColor, Style};
use workprint_model::Diagnostic;
use workprint_model::diagnostic::Severity;
use workprint_studio::{StudioError, with_causes};

pub(crate) const PLAIN: Style = Style::new();
pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BUSY: Style = AnsiColor::Cyan.on_default();
pub(crate) const WAIT: Style = AnsiColor::Yellow.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();

/// Text in a style; the streams below drop the colours where they are not wanted.
pub(crate) fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A line on standard output. A reader that went away is no error.
pub(crate) fn line(text: impl Display) {
    drop(writeln!(anstream::stdout().lock(), "{text}"));
}

/// A line on standard error.
pub(crate) fn note(text: impl Display) {
    drop(writeln!(anstream::stderr().lock(), "{text}"));
}

/// One field of a table.
pub(crate) struct Cell {
    style: Style,
    text: String,
    right: bool,
}

/// A field, from the left.
pub(crate) fn cell(style: Style, text: impl Display) -> Cell {
    Cell {
        style,
        text: text.to_string(),
        right: false,
    }
}

/// A number, from the right.
pub(crate) fn number(style: Style, text: impl Display) -> Cell {
    Cell {
        right: true,
        ..cell(style, text)
    }
}

/// Lines whose fields stand below each other, two spaces apart.
pub(crate) fn table(indent: usize, rows: &[Vec<Cell>]) {
    let mut wide: Vec<usize> = Vec::new();
    for row in rows {
        wide.resize(wide.len().max(row.len()), 0);
        for (wide, cell) in wide.iter_mut().zip(row) {
            *wide = (*wide).max(cell.text.chars().count());
        }
    }
    for row in rows {
        let mut text = " ".repeat(indent);
        for (at, (cell, wide)) in row.iter().zip(&wide).enumerate() {
            let gap = " ".repeat(wide - cell.text.chars().count());
            let (before, after) = if cell.right {
                (gap.as_str(), "")
            } else {
                ("", gap.as_str())
            };
            let apart = if at == 0 { "" } else { "  " };
            text.push_str(apart);
            text.push_str(before);
            // A style of nothing would stand between the line and the spaces at its end.
            if !cell.text.is_empty() {
                text.push_str(&styled(cell.style, &cell.text));
            }
            text.push_str(after);
        }
        line(text.trim_end());
    }
}

/// A line of JSON on standard output, at once.
pub(crate) fn json(value: &impl serde::Serialize) {
    let Ok(text) = serde_json::to_string(value) else {
        return;
    };
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{text}").and_then(|()| out.flush()));
}

/// An error with what to do about it.
pub(crate) fn problem(message: &str, hints: &[String]) {
    note(format_args!("{} {message}", styled(BAD.bold(), "error:")));
    for hint in hints {
        note(format_args!("  {} {hint}", styled(BUSY, "hint:")));
    }
}

/// An operation's error, with its causes.
pub(crate) fn error(error: &StudioError) {
    if let StudioError::Diagnostics(diagnostics) = error {
        for diagnostic in diagnostics {
            self::diagnostic(diagnostic, None);
        }
        return;
    }
    problem(&with_causes(error), &error.hints());
}

/// The text of a file; what is no file, such as a pipe that nobody writes to, or is larger than any
/// text that the studio reads, has none.
fn text_of(path: &std::path::Path) -> Option<String> {
    let meta = std::fs::metadata(path).ok()?;
    (meta.is_file() && meta.len() <= 16 << 20)
        .then(|| std::fs::read_to_string(path).ok())
        .flatten()
}

/// A diagnostic, with the line that it is about where its file can be read.
pub(crate) fn diagnostic(diagnostic: &Diagnostic, root: Option<&std::path::Path>) {
    let text = root
        .zip(diagnostic.place.as_ref())
        .and_then(|(root, place)| text_of(&root.join(&place.file)));
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    if let (Some(text), Some(place)) = (&text, &diagnostic.place) {
        let start = place.span.start.min(text.len());
        let end = place.span.end.clamp(start, text.len());
        let shown = Snippet::source(text.as_str())
            .path(place.file.as_str())
            .annotation(AnnotationKind::Primary.span(start..end));
        group = group.element(shown);
    }
    for hint in &diagnostic.hints {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    let place = diagnostic.place.as_ref().filter(|_| text.is_none());
    let rendered = Renderer::styled().render(&[group]);
    match place {
        Some(place) => note(format_args!(
            "{}:{}:{}: {rendered}",
            place.file, place.line, place.column
        )),
        None => note(rendered),
    }
}

/// `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`.
pub(crate) fn duration(seconds: f64) -> String {
    let whole = seconds.round().max(0.0) as u64;
    match whole {
        0..10 => format!("{seconds:.1} s"),
        10..60 => format!("{whole} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

/// `just now`, `5 min ago`, `3 h ago`, `12 days ago`.
pub(crate) fn ago(ms: i64) -> String {
    let minutes = ms.max(0) / 60_000;
    match minutes {
        0 => "just now".to_owned(),
        1..60 => format!("{minutes} min ago"),
        60..2880 => format!("{} h ago", minutes / 60),
        _ => format!("{} days ago", minutes / 1440),
    }
}

/// `812 B`, `3.4 MB`.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}
