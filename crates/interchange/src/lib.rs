//! Other people's formats to model and back.
//!
//! [`fountain`] and [`markdown`] read scripts into an [`Episode`](workprint_model::episode::Episode)
//! that can be made at once: speakers get voices, action lines become pictures to be made, and a
//! title card opens the film. [`captions`] writes SubRip, WebVTT and ASS files of a laid timeline and
//! reads the first two; [`transcript`] writes what is said, for reading and for programs; [`sheet`] is
//! what translators fill in.
//!
//! This room opens no file and knows no stage. A script goes through [`fountain::import`] or
//! [`markdown::import`] (which only tell what they see) into `draft`, which gives ids, casts voices
//! and keeps the limits of the manifest.

pub mod captions;
mod draft;
pub mod fountain;
pub mod markdown;
pub mod sheet;
mod stress;
pub mod transcript;

pub use draft::Imported;

/// The largest script that is read, in bytes.
pub const MAX_BYTES: usize = 4 << 20;
