//! What a user can do: one file each.

mod brief;
pub mod captions;
pub mod check;
pub mod costs;
pub mod credits;
pub mod doctor;
pub mod dub;
pub mod engines;
pub mod explain;
pub mod frame;
pub mod gates;
pub mod gc;
pub mod import;
pub mod jobs;
pub mod log;
pub mod new;
pub mod plan;
mod preview;
mod readout;
pub mod render;
pub mod schema;
pub mod sheet;
pub mod stock;
pub mod takes;
pub mod verify;
pub mod voices;
pub mod wait;
