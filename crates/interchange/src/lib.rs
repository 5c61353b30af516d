//! Other people's formats to model and back: Fountain, Markdown, SRT, WebVTT, ASS, chapters.

use workprint_model::Diagnostic;
use workprint_model::episode::Episode;

pub mod captions;
pub mod chapters;
pub mod fountain;
pub mod markdown;

/// An episode made of a script, and what is to be said about it.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The episode.
    pub episode: Episode,
    /// What could not be taken over, or was taken over as something else. Errors mean that the text
    /// was refused; the episode is then only a title card.
    pub notes: Vec<Diagnostic>,
}
