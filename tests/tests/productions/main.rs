//! Whole productions: from a manifest to a film, and what an edit costs.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start programs, and fail by panicking"
)]

mod asked;
mod best;
mod comfyui;
mod crash;
mod dialogue;
mod drift;
mod edits;
mod encoders;
mod engines;
mod examples;
mod failures;
mod fallback;
mod film;
mod gates;
mod held;
mod illustrated;
mod inspected;
mod judged;
mod kept;
mod mcp;
mod options;
mod own;
mod paid;
mod pools;
mod previews;
mod proof;
mod puppets;
mod readout;
mod recognised;
mod same;
mod scale;
mod seal;
mod sounds;
mod speakers;
mod stock;
mod takes;
mod upscaled;
mod vault;
mod voices;
mod webhooks;
mod words;
