//! Forced alignment: when each word and each speech sound of a known text is heard in a voice.
//!
//! No model is brought along. A synthesiser reads the same text and tells when it says what; that
//! [`Reading`] is laid against the voice ([`Line::find`]: logarithmic mel bands, cosine distance, time
//! warping with silences that may be left out). Then the voice teaches its own model: three states
//! for every speech sound ([`Speaker::learn`], [`Line::refine`]: Viterbi training). The first stage
//! finds where a sound is, the second where it begins. `docs/guide/alignment.md` has figures.
//!
//! Everything is mono at [`RATE`] and looked at every 5 ms; [`narrow`] brings other rates there. The
//! same input gives the same times on every machine. Memory: some 0.3 MB for a second of voice.

mod directions;
mod frames;
mod line;
#[cfg(test)]
#[path = "../../tests/made/mod.rs"]
mod made;
mod narrowing;
mod path;
mod slips;
mod speaker;
mod spectrum;
mod states;
mod store;
mod warp;

pub use line::{Found, FoundSlip, FoundSound, FoundWord, Line, Speaker};
pub use narrowing::Narrowing;

use crate::SoundError;
use crate::resample::resample_roughly;

/// Samples a second of what is aligned.
pub const RATE: u32 = 16_000;
/// Samples between two frames: 5 ms.
const HOP: usize = 80;

/// A synthesiser's reading of a text, and when it says what.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// Mono at [`RATE`].
    pub samples: Vec<f32>,
    /// Its sounds and pauses, in order, one after the other.
    pub sounds: Vec<ReadSound>,
    /// The first words of its sentences, in order: what is said and not written is looked for there.
    pub sentences: Vec<usize>,
}

/// A sound of a reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadSound {
    /// Its name; the same sound has the same name.
    pub name: String,
    /// The word that it belongs to, counted from 0; none for a pause. Never less than the one before.
    pub word: Option<usize>,
    /// Its first sample.
    pub start: usize,
    /// The sample after its last.
    pub end: usize,
}

/// Brings a mono sound of any rate to [`RATE`].
pub fn narrow(mono: &[f32], from: u32) -> Result<Vec<f32>, SoundError> {
    resample_roughly(mono.iter().copied(), from, RATE)
}

/// As [`narrow`], of 16-bit samples.
pub fn narrow_integers(mono: &[i16], from: u32) -> Result<Vec<f32>, SoundError> {
    let samples = mono.iter().map(|sample| f32::from(*sample) / 32_768.0);
    resample_roughly(samples, from, RATE)
}
