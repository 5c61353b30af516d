//! Text to model and back: `manifest.json`, `show.toml` and `episode.lock`.

use serde::de::DeserializeOwned;
use workprint_model::diagnostic::Diagnostic;
use workprint_model::episode::Episode;
use workprint_model::lock::Lock;
use workprint_model::show::Show;

mod schema;

pub use schema::{schema_episode, schema_lock, schema_show};

/// A file as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name for people, relative to the show's folder.
    pub file: &'a str,
    /// What it holds.
    pub text: &'a str,
}

/// What a file means, and everything that is to be said about it.
#[derive(Debug, Clone)]
pub struct Loaded<T> {
    /// The value; `None` if and only if a diagnostic is an error.
    pub value: Option<T>,
    /// Problems in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads an episode's `manifest.json`; `show` lends its cast and caption styles.
pub fn load_episode(source: Source<'_>, _show: &Show) -> Loaded<Episode> {
    load_json(source)
}

/// Reads `show.toml`.
pub fn load_show(source: Source<'_>) -> Loaded<Show> {
    loaded(
        source,
        toml::from_str(source.text).map_err(|error| error.to_string()),
    )
}

/// Reads `episode.lock`.
pub fn load_lock(source: Source<'_>) -> Loaded<Lock> {
    load_json(source)
}

fn load_json<T: DeserializeOwned>(source: Source<'_>) -> Loaded<T> {
    loaded(
        source,
        serde_json::from_str(source.text).map_err(|error| error.to_string()),
    )
}

fn loaded<T>(source: Source<'_>, result: Result<T, String>) -> Loaded<T> {
    match result {
        Ok(value) => Loaded {
            value: Some(value),
            diagnostics: Vec::new(),
        },
        Err(message) => Loaded {
            value: None,
            diagnostics: vec![Diagnostic::error("manifest.shape", message).in_file(source.file)],
        },
    }
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

/// A lock as the text of an `episode.lock`.
pub fn save_lock(lock: &Lock) -> String {
    pretty(lock)
}

fn pretty<T: serde::Serialize>(value: &T) -> String {
    let mut text = serde_json::to_string_pretty(value)
        .expect("the model has string keys and writes every value");
    text.push('\n');
    text
}
