//! The store through its door, on real files.

#![expect(
    clippy::unwrap_used,
    reason = "a failure in what a test prepares is the test's failure"
)]

mod files;
mod gc;
mod history;
mod instead;
mod jobs;
mod killed;
mod ledger;
mod opening;
mod production;
mod vault;
