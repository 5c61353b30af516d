//! Broken productions: whatever is wrong in one, it is told, nothing panics, nothing is half written,
//! and nothing outside of it is touched.
//!
//! A [`bench::Bench`] is a tiny production that is broken, judged by the operations of the studio, and
//! mended, over and over. The same seed breaks it in the same ways.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start programs, and fail by panicking"
)]
#![expect(
    clippy::too_many_lines,
    reason = "the longest tests are tables of cases"
)]

mod bench;
mod binary;
mod features;
mod files;
mod judge;
mod media;
mod memory;
mod names;
#[path = "../../../crates/picture/tests/files/png.rs"]
#[allow(dead_code, reason = "shared with the tests of pictures")]
mod png;
mod random;
mod samples;
mod state;
mod texts;
mod values;
