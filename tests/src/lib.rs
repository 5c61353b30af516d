//! Whole productions: the real programs on real files, judged by what comes out.
//!
//! The tests of this package run the built `workprint` as a person would, in a folder of their own,
//! and look at its events, its plan, its lock, and the decoded frames and samples of its films. What
//! can be seen in one room is tested in that room; here is only what needs the whole house.
//!
//! [`Production`] is a production in a folder that vanishes with it; [`Production::render`] gives
//! [`Rendered`], what a run said; [`Film`] is a finished file as ffprobe and ffmpeg see it; [`Laid`]
//! says which chunk shows what; [`Impulses`] is a film that shows whether sound drifts.
//!
//! The programs are looked for beside the test's own executable, so `cargo build --workspace` (or
//! `cargo build -p workprint-cli -p workprint-espeak`) comes first. Everything here panics where
//! something is wrong: a test that meets it fails.

#![expect(
    clippy::disallowed_methods,
    reason = "these tests start the finished programs, ffmpeg and git as a person would"
)]
#![expect(
    clippy::panic,
    reason = "whatever goes wrong in the harness fails the test that uses it"
)]

mod art;
mod crash;
mod disturbed;
mod film;
mod goods;
mod impulses;
mod laid;
mod paid;
mod production;
mod rich;
mod run;
mod running;

pub use art::{kept_folder, made};
pub use crash::{Crash, Report};
pub use disturbed::{How, Outcome, Purchase, Undisturbed};
pub use film::Film;
pub use goods::goods;
pub use impulses::{Heard, Impulses};
pub use laid::{Chunk, Laid};
pub use paid::{KEY_ENV, Paid, engine};
pub use production::{Production, copy_tree};
pub use rich::{CUBE, SHOW_TABLES, WORDS};
pub use run::{Planned, Rendered, Said, program};
pub use running::Running;
pub use workprint_engine::BOUNDARIES;
