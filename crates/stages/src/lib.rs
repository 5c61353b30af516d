//! The stages of a film, one folder each, and the pipeline that joins them.
//!
//! A stage is a [`Step`](workprint_engine::Step): its parameters, its sketch, and how it is performed
//! with the [`Tools`]. [`pipeline::film`] is read from top to bottom: voices, words, pictures, the
//! timeline, chunks, mix, captions, master. Nothing here decides what is kept or when to run; the
//! engine does. Nothing here knows files by path once [`sources`] has turned them into digests.

pub mod align;
pub mod assess;
pub mod captions;
pub mod choose;
pub mod clips;
mod file_sound;
pub mod generate;
pub mod graphics;
pub mod images;
pub mod lips;
pub mod master;
pub mod mix;
pub mod picture;
pub mod pipeline;
pub mod proof;
pub mod puppets;
pub mod readout;
pub mod smooth;
pub mod sounds;
pub mod sources;
pub mod speaker;
pub mod stock;
pub mod timeline;
pub mod tools;
pub mod upscale;
pub mod voice;

/// The kinds of step that cost money.
pub const PAID: &[&str] = &[
    "speak",
    "dialogue",
    "change",
    "recognise",
    "generate",
    "animate",
    "compose",
    "inspect",
];

pub use pipeline::{
    Draft, Film, Laid, Order, Reading, StandIn, film, generation_digest, laid, ordered_characters,
    readout, review_digest, stand_in, voice_of,
};
pub use timeline::room_for_voice;
pub use tools::{Identities, Tools};

/// The kinds of step that ask others for what costs nothing: once, unless their stage is named.
pub const FETCHED: &[&str] = &["stock"];

/// The stages in the order in which `--from` counts them, with the kinds of step each has.
pub const STAGES: &[(&str, &[&str])] = &[
    ("speak", &["speak", "dialogue"]),
    ("voice", &["voice"]),
    ("change", &["change"]),
    ("recognise", &["recognise"]),
    ("align", &["speaker", "align", "lips"]),
    ("stock", &["stock"]),
    (
        "generate",
        &["generate", "inspect", "animate", "assess", "choose"],
    ),
    ("images", &["image", "puppet"]),
    ("clips", &["clip"]),
    ("upscale", &["upscale", "upscale-clip"]),
    ("smooth", &["smooth"]),
    ("graphics", &["graphic"]),
    ("compose", &["compose"]),
    ("music", &["sound"]),
    ("picture", &["chunk"]),
    ("sound", &["mix", "soundtrack", "stems", "parts", "readout"]),
    ("captions", &["captions"]),
    ("master", &["listen", "hear", "master", "proof"]),
];
