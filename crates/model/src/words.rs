//! Words in time.

use serde::{Deserialize, Serialize};

use crate::Samples;

/// A written token and when it is heard, counted from the start of its voice take.
///
/// `start < end`, and a word never starts before the one before it ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Word {
    /// The token exactly as written, punctuation and all.
    pub text: String,
    /// When it begins.
    pub start: Samples,
    /// When it has ended.
    pub end: Samples,
}

/// A speech sound and when it is heard, counted from the start of its voice take.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Phoneme {
    /// The sound in the International Phonetic Alphabet; empty for a pause.
    pub ipa: String,
    /// When it begins.
    pub start: Samples,
    /// When it has ended.
    pub end: Samples,
}
