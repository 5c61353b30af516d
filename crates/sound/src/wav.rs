//! WAV bytes: written and read piece by piece, at 48 kHz only.

mod read;
mod write;

pub use read::{WavReader, WavSound, read_wav};
pub use write::{WavBits, WavWriter, write_wav};
