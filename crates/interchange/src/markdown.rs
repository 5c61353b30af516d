//! Markdown with a few conventions.

use workprint_model::episode::{Captions, Episode, FORMAT};

use crate::Imported;

/// Makes an episode of a Markdown script.
pub fn import(_text: &str) -> Imported {
    Imported {
        episode: Episode {
            schema: None,
            format: FORMAT.to_owned(),
            title: "Untitled".to_owned(),
            language: "en".parse().expect("`en` is a language"),
            cast: Vec::new(),
            scenes: Vec::new(),
            overlays: Vec::new(),
            music: Vec::new(),
            sfx: Vec::new(),
            captions: Captions::default(),
            chapters: Vec::new(),
            notes: None,
        },
        notes: Vec::new(),
    }
}
