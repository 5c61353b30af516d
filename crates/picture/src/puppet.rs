//! Puppets: cut-outs that stand in a shot's picture and speak.
//!
//! [`draw`] cuts an SVG into parts once; [`shapes`] turns the sounds of a voice into mouth shapes and
//! [`track`] those into the mouth of every frame; a pose decides at each frame which parts are seen
//! and how they have moved. All of it is a function of the drawing, the voice, the gestures and a
//! seed, in the shot's own time.

mod chance;
mod place;
mod pose;
mod rig;
#[cfg(test)]
mod tests;
mod track;
mod visemes;

pub(crate) use self::place::{Laid, seen};
pub use self::pose::usual_length;
pub use self::rig::{DrawnRig, MAX_BYTES, draw};
pub use self::track::{Line, track};
pub use self::visemes::{flaps, shapes};
