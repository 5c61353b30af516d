//! Steps, keys, plans and runs.
//!
//! A [`Step`] is a small serialisable value that says what is to be made. Its key is the digest of
//! its kind, revision, engine and parameters, so equal steps are made once, ever. A [`Run`] takes
//! steps one batch at a time ([`Run::all`]): what the ledger knows is *kept*; the rest is performed
//! under the limits of its pool, or, in a planning run, replaced by its sketch. The pipeline that
//! hands steps to a run is therefore written once and serves both.
//!
//! A step that fails, or that waits for a gate, yields its sketch too, and everything that depends
//! on it waits; whatever does not depend on it goes on.
//!
//! What costs money is bought by [`Work::buy`], which reserves, writes down and sends in an order that
//! survives every crash.
//!
//! This room knows no stage and no vendor, starts no program and writes no file but through `store`.

mod batch;
mod error;
mod fallback;
mod gate;
mod lock;
mod outside;
mod perform;
mod pools;
mod reserve;
mod rhythm;
mod run;
mod spend;
mod step;
mod why;

pub use error::{EngineError, Permanence, StepError};
pub use gate::{Gate, GateState, MetGate};
pub use outside::{
    BOUNDARIES, Bought, Boundary, Delivered, External, Found, Polled, Spending, Submitted, Unmet,
};
pub use pools::Pools;
pub use run::{Mode, Reporter, Run, RunOptions, Selection};
pub use spend::{Purchase, SPEND, Unasked, spend_digest};
pub use step::{Made, Step, Work, key_of};
pub use workprint_store::TempBlob;
