//! What steps make.

use serde::{Deserialize, Serialize};

use crate::Digest;

/// A thing in the vault.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Artifact {
    /// The SHA-256 of its bytes: its name in the vault.
    pub digest: Digest,
    /// What it is, such as `audio/wav`.
    pub media_type: String,
    /// Its length in bytes.
    pub bytes: u64,
}

impl Artifact {
    /// A stand-in for what the step of `key` will make: its digest is of no bytes, but always the
    /// same for the same key, so that planning can go on and tell what depends on it.
    pub fn sketched(key: &Digest, media_type: &str) -> Self {
        let mut text = b"sketch ".to_vec();
        text.extend_from_slice(key.as_bytes());
        Self {
            digest: Digest::of(&text),
            media_type: media_type.to_owned(),
            bytes: 0,
        }
    }
}
