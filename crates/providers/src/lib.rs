//! Capabilities of engines, and the vendors behind them.
//!
//! Every local engine of today is a program that `media` starts or a function of `sound` and
//! `picture`; vendors come as one file each in `vendors/` with a row in the table beside them.
