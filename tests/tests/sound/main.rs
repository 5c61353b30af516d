//! Sound from files to masters: the real steps with the real encoder, judged by what comes out.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a failed step fails the test, and samples are compared to the bit"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "these tests look for ffmpeg along the path as the command does"
)]

mod desk;
mod exact;
mod loudness;
mod malformed;
mod proof;
mod remix;
mod signals;
