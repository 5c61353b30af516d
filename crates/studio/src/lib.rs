//! Opens a production, wires the rooms together, and holds one file for each thing a user can do.
//!
//! [`Host`] is what the machine offers: programs, cores, a clock. [`Place`] is an episode on disk and
//! [`Production`] the same, read and checked. Each operation in [`ops`] is one plain function over
//! these; command line, web and MCP call nothing else.

mod credits;
mod dialogues;
mod error;
mod fallbacks;
mod finals;
mod host;
mod licences;
pub mod ops;
mod place;
mod production;
mod seals;
mod sounds;
mod tools;
mod webhooks;

pub use credits::{Credits, File, Part, Stocked, What};
pub use error::{ExitKind, StudioError, with_causes};
pub use host::{Host, Tool};
pub use place::Place;
pub use production::Production;
pub use webhooks::Receiver;
pub use workprint_providers::webhook::{MOST_CALLED, Webhooks};
pub use workprint_store::Clock;
