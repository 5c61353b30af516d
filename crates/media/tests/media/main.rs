//! The room through its door, with the real programs.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot set itself up has failed"
)]

mod clips;
mod colours;
mod drift;
mod encoders;
mod film;
mod fixtures;
mod hostile;
mod join;
mod programs;
mod smooth;
mod sounds;
mod strange;
mod upscale;
