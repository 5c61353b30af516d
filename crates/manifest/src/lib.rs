//! Text to model and back: `manifest.json`, `show.toml` and `episode.lock`.
//!
//! [`load_episode`], [`load_show`] and [`load_lock`] take a file's text through four doors, and say
//! everything that is wrong at once, each with its place and what to do:
//!
//! 1. a tree of values that know their places (`json`, `toml_tree`), which reads over small slips;
//! 2. the format's name and version (`upgrade`);
//! 3. the shape (`shape`): fields, kinds of values and ranges, taken from the published JSON Schema,
//!    which is made from the model's types and is the one place where they are written;
//! 4. what a schema cannot say (`check`): unique and known names, order, what a cue needs.
//!
//! Only a text without errors becomes a value. [`save_episode`] and its neighbours write values so
//! that they load again as the same value. This room opens no file: callers hand in text, and tell
//! what is not UTF-8 themselves.

use std::sync::LazyLock;

use serde::Serialize;
use serde::de::DeserializeOwned;
use workprint_model::episode::Episode;
use workprint_model::lock::Lock;
use workprint_model::show::Show;
use workprint_model::{Diagnostic, Span, episode, lock, show};

mod check;
mod check_framing;
mod check_overlay;
mod check_puppets;
mod json;
mod leaf;
mod nearest;
mod schema;
mod shape;
mod toml_tree;
mod tree;
mod upgrade;

pub use schema::{schema_episode, schema_lock, schema_show};
use shape::Shape;
use tree::{Node, Problem, Value};

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 16 << 20;
/// The most problems that are told at once.
pub(crate) const MOST_PROBLEMS: usize = 200;

/// A file as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name for people, relative to the show's folder.
    pub file: &'a str,
    /// What it holds. A byte order mark at its start is passed over.
    pub text: &'a str,
}

/// What a file means, and everything that is to be said about it.
#[derive(Debug, Clone)]
pub struct Loaded<T> {
    /// The value; `None` if and only if a diagnostic is an error.
    pub value: Option<T>,
    /// Problems in the order of their places, 200 and a last word about the rest at most.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads an episode's `manifest.json`; `show` lends its cast and caption styles.
pub fn load_episode(source: Source<'_>, show: &Show) -> Loaded<Episode> {
    static SHAPE: LazyLock<Shape> = LazyLock::new(schema::shape::<Episode>);
    let kind = Kind {
        format: episode::FORMAT,
        shape: &SHAPE,
        parse: json::parse,
        typed: from_json,
    };
    load(source, &kind, |root, problems| {
        check::episode(root, show, problems);
    })
}

/// Reads `show.toml`.
pub fn load_show(source: Source<'_>) -> Loaded<Show> {
    static SHAPE: LazyLock<Shape> = LazyLock::new(schema::shape::<Show>);
    let kind = Kind {
        format: show::FORMAT,
        shape: &SHAPE,
        parse: toml_tree::parse,
        typed: from_toml,
    };
    load(source, &kind, check::show)
}

/// Reads `episode.lock`.
pub fn load_lock(source: Source<'_>) -> Loaded<Lock> {
    static SHAPE: LazyLock<Shape> = LazyLock::new(schema::shape::<Lock>);
    let kind = Kind {
        format: lock::FORMAT,
        shape: &SHAPE,
        parse: json::parse,
        typed: from_json,
    };
    load(source, &kind, check::lock)
}

/// One of the stored formats.
struct Kind<T> {
    format: &'static str,
    shape: &'static Shape,
    parse: fn(&str) -> (Option<Node<'_>>, Vec<Problem>),
    typed: fn(&str) -> Result<T, Problem>,
}

fn load<T>(
    source: Source<'_>,
    kind: &Kind<T>,
    check: impl FnOnce(&Node<'_>, &mut Vec<Problem>),
) -> Loaded<T> {
    if source.text.len() > MAX_BYTES {
        let message = format!(
            "the file is {} bytes long: {MAX_BYTES} are allowed",
            source.text.len()
        );
        return Loaded {
            value: None,
            diagnostics: vec![
                Diagnostic::error("manifest.too-large", message)
                    .hint("split the episode in two")
                    .in_file(source.file),
            ],
        };
    }
    let (root, mut problems) = (kind.parse)(source.text);
    if let Some(root) = &root {
        look(root, kind, &mut problems, check);
    }
    let mut value = None;
    if problems.is_empty() {
        let text = source.text.strip_prefix('\u{feff}').unwrap_or(source.text);
        match (kind.typed)(text) {
            Ok(typed) => value = Some(typed),
            Err(problem) => problems.push(problem),
        }
    }
    Loaded {
        value,
        diagnostics: diagnostics(source, problems),
    }
}

fn look<T>(
    root: &Node<'_>,
    kind: &Kind<T>,
    problems: &mut Vec<Problem>,
    check: impl FnOnce(&Node<'_>, &mut Vec<Problem>),
) {
    if !matches!(root.value, Value::Object(_)) {
        problems.push(upgrade::not_an_object(root, kind.format));
        return;
    }
    match upgrade::check(root, kind.format) {
        Ok(()) => {
            kind.shape.check(root, problems);
            check(root, problems);
        }
        Err(problem) => problems.push(problem),
    }
}

/// Whether so much is wrong that looking further would help nobody.
pub(crate) fn is_full(problems: &[Problem]) -> bool {
    problems.len() >= MOST_PROBLEMS
}

fn diagnostics(source: Source<'_>, mut problems: Vec<Problem>) -> Vec<Diagnostic> {
    problems.sort_by_key(|problem| problem.span.start);
    let more = is_full(&problems);
    let mut out: Vec<Diagnostic> = problems
        .into_iter()
        .take(MOST_PROBLEMS)
        .map(|problem| {
            let diagnostic = Diagnostic::error(problem.code, problem.message);
            let diagnostic = diagnostic.at(source.file, source.text, problem.span);
            problem.hints.into_iter().fold(diagnostic, Diagnostic::hint)
        })
        .collect();
    if more {
        let last = Diagnostic::error("manifest.too-many", "there may be more problems");
        out.push(last.hint("mend these first").in_file(source.file));
    }
    out
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|error| {
        let line: usize = text
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1))
            .map(str::len)
            .sum();
        let at = (line + error.column().saturating_sub(1)).min(text.len());
        let span = Span { start: at, end: at };
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        Problem::new(span, "manifest.shape", message)
    })
}

fn from_toml<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        let span = Span {
            start: span.start,
            end: span.end,
        };
        Problem::new(span, "manifest.shape", error.message())
    })
}

/// An episode as the text of a `manifest.json`: indented, always the same for the same episode, with
/// a line feed at the end.
pub fn save_episode(episode: &Episode) -> String {
    pretty(episode)
}

/// A show as the text of a `show.toml`.
pub fn save_show(show: &Show) -> String {
    toml::to_string_pretty(show)
        .expect("a show has string keys and no value that TOML cannot write")
}

/// A lock as the text of an `episode.lock`, in the same manner as a manifest.
pub fn save_lock(lock: &Lock) -> String {
    pretty(lock)
}

pub(crate) fn pretty<T: Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string_pretty(value)
        .expect("the model has string keys and writes every value");
    text.push('\n');
    text
}
