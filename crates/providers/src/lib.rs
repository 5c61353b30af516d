//! Capabilities of engines, and the vendors behind them.
//!
//! [`speech`] is what every engine that speaks can do; [`vendors`] holds one file for each kind, with its
//! row in the table beside them. This room knows no stage: it is given a line and gives back sound.
//! Everything here is spoken to over plain HTTP in one's own network, and costs nothing; vendors that
//! cost money come with budgets.

mod http;
pub mod speech;
pub mod vendors;
