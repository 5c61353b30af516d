//! Capabilities of engines, and the vendors behind them.
//!
//! [`order`] says what can be ordered of an engine, and [`engine`] is one that is ready to be asked,
//! [`pool`] several servers of which each order goes to one; [`analysis`] asks about pictures and holds
//! answers against a shape, [`speech`] is what a server or a program of one's own that speaks can do. [`own`]
//! asks what is no vendor's server. [`dialogue`] says where lines are heard that were said in one breath. [`voices`] lists the voices that
//! an engine has, [`stock`] finds and fetches pictures and clips of libraries. [`vendors`]
//! holds one file for each kind, with its row in the table beside them. A vendor's file knows
//! the vendor's format and nothing else: requests go over [`http`], kept from addresses that nobody
//! configured ([`guard`]), and through the [`layers`] that retry, limit and rest; what vendors call to say goes through
//! [`webhook`]. This room knows no stage
//! and no budget: what may be paid is decided before it is asked.

pub mod analysis;
mod chat;
pub mod dialogue;
pub mod engine;
pub mod error;
pub mod guard;
pub mod http;
pub mod layers;
pub mod order;
pub mod own;
pub mod pool;
pub mod recognised;
pub mod secret;
mod server;
mod socket;
pub mod speech;
pub mod stock;
pub mod vendors;
pub mod voices;
pub mod webhook;
