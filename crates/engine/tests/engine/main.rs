//! The engine through its door, with toy steps and a real store.

#![expect(
    clippy::unwrap_used,
    reason = "a failure in what a test prepares is the test's failure"
)]

mod broken;
mod buying;
mod failing;
mod fallback;
mod gates;
mod keeping;
mod locking;
mod log;
mod places;
mod planning;
mod production;
mod selecting;
mod shop;
mod spending;
mod toys;
