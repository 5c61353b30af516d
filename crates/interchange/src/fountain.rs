//! Fountain, the plain-text screenplay format.

use workprint_model::episode::Episode;

use crate::Imported;

/// Makes an episode of a Fountain screenplay.
pub fn import(text: &str) -> Imported {
    crate::markdown::import(text)
}

/// Writes an episode as a Fountain screenplay.
pub fn export(episode: &Episode) -> String {
    format!("Title: {}\n", episode.title)
}
