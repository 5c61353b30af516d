//! The vault and the ledger: what was made, and how.
//!
//! Everything lies in a production's `.workprint` folder: `vault/ab/cdef…` holds artifacts by
//! digest, `ledger.db` (SQLite, documented in `schema.sql`) one row per performed step with its
//! whole recipe, and `lock` is held by the one process that writes. [`Store`] is the door.
//!
//! The path of a thing: a step writes to a [`TempBlob`]; [`Store::keep`] hashes it, makes it durable
//! and names it by its digest; [`Store::record`] then writes the step's row. Later
//! [`Store::find_steps`] finds it by key, [`Store::maker_of`] and [`Store::recipe_of`] tell where an
//! artifact comes from, and [`Store::plan_gc`] finds what nothing needs any more.
//!
//! Promises: one writer; a row never names a blob that is not durable; a blob is never replaced; a
//! killed process leaves nothing but temporary files, which the next one clears away. Work that was
//! recorded is never removed by forgetting it: forgotten rows stay as takes.
//!
//! This room does not decide anything: when a step runs, what a key is made of and which take is
//! chosen are the engine's matter. It starts no program and knows no stage.

#[macro_use]
mod row;

mod attempts;
mod choices;
mod clock;
mod disk;
mod dump;
mod error;
mod files;
mod finals;
mod gates;
mod gc;
mod jobs;
mod ledger;
mod lock;
mod runs;
mod secret;
mod steps;
mod store;
mod taken;
mod vault;
mod verify;

pub use attempts::Attempts;
pub use clock::Clock;
pub use error::StoreError;
pub use finals::{FinalFile, Sealed};
pub use gates::{Answer, Asked, Verdict};
pub use gc::{GcPlan, KeepPolicy};
pub use jobs::{Job, JobState, NewJob, Reserved};
pub use lock::Holder;
pub use runs::RunRecord;
pub use steps::{KeptStep, LastTake};
pub use store::Store;
pub use vault::{READ_MAX, TempBlob, TempFolder};
pub use verify::{Damaged, Missing, VerifyReport};
