//! Capabilities of engines, and the vendors behind them.
//!
//! [`speech`] is what every engine that speaks can do, [`images`] every one that makes pictures;
//! [`vendors`] holds one file for each kind, with its row in the table beside them. A vendor's file knows
//! the vendor's format and nothing else: requests go over [`http`], kept from addresses that nobody
//! configured ([`guard`]), and through the [`layers`] that retry, limit and rest. This room knows no stage
//! and no budget: what may be paid is decided before it is asked.

pub mod error;
pub mod guard;
pub mod http;
pub mod images;
pub mod layers;
pub mod secret;
mod server;
pub mod speech;
pub mod vendors;
