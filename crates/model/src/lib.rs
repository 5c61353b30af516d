//! The nouns of Workprint.
//!
//! What an episode *is* ([`episode`], [`show`], [`look`], [`lock`]), what a run makes of it ([`timeline`],
//! [`words`], [`artifact`]), and what is said about both ([`event`], [`diagnostic`], [`step`], [`proof`]).
//! This room does no I/O and knows no async: every other room may import it and it imports none.
//!
//! Time is whole numbers ([`time`]): picture in frames at a rational rate, sound in samples at
//! 48 kHz, and what a person writes in milliseconds. Amounts that people write with decimals are
//! kept as hundredths ([`fixed`]), so that a key never depends on how a float was printed.

pub mod artifact;
pub mod caption;
pub mod caption_rules;
pub mod contrast;
pub mod credentials;
pub mod diagnostic;
pub mod digest;
pub mod dub;
pub mod encoder;
pub mod episode;
pub mod event;
pub mod fixed;
pub mod framing;
pub mod graphic;
pub mod id;
pub mod json;
pub mod lock;
pub mod look;
pub mod markup;
pub mod money;
pub mod outside;
pub mod overlay;
pub mod path;
pub mod proof;
pub mod puppet;
pub mod rig;
pub mod safe;
pub mod shot;
pub mod show;
pub mod sound;
mod sound_prompt;
pub mod speech;
pub mod step;
pub mod stock;
pub mod takes;
pub mod template;
pub mod time;
pub mod timeline;
pub mod transition;
pub mod webhook;
pub mod words;

pub use artifact::Artifact;
pub use diagnostic::{Diagnostic, Severity, Span};
pub use digest::Digest;
pub use encoder::{Codec, Encoder};
pub use fixed::{Aspect, Decibels, Percent, Quantity, Score};
pub use id::{
    CastId, CueId, EpisodeId, Id, Language, OverlayId, PoseId, SceneId, ShotId, Slot, SoundId,
};
pub use money::{Dollars, Money};
pub use path::MediaPath;
pub use safe::{Safe, SafeArea, SafeBox};
pub use time::{Frames, Millis, Rate, SAMPLE_RATE, Samples, Size};
