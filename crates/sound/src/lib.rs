//! The room of sound: from placed sounds to a master.
//!
//! [`mix::mix`] lays every [`PlacedSound`](workprint_model::timeline::PlacedSound) at its sample,
//! with gain, fades, repetition, and music down under voices; [`master::finish`] brings the mix to
//! a loudness and keeps its true peak under a ceiling; [`wav`] reads and writes the bytes. Lines
//! come in through [`resample`](resample()) and [`voice::trim_and_level`]. [`synth::synthesise`]
//! makes beds and effects from nothing. [`align`] tells when each word of a known text is heard,
//! [`place`] where a sound lies in another, [`levels`] what a finished one is like.
//!
//! All sound is `f32` at 48 kHz, full scale at ±1, stereo interleaved. Everything streams: memory
//! does not grow with the length, but for single spoken lines. The room opens no file and starts no
//! program: bytes come through `Read` and `Seek`, sounds through [`mix::Library`], blocks leave
//! through a [`Sink`]. The same input gives the same samples: sines, powers and decibels that
//! shape samples come from [`elementary`], not from the system's library.
//!
//! ```
//! use workprint_model::sound::SynthKind;
//! use workprint_sound::{synth, wav};
//!
//! let length = synth::usual_length(SynthKind::Switch);
//! let file = std::io::Cursor::new(Vec::new());
//! let mut writer = wav::write_wav(file, 2, wav::WavBits::I24)?;
//! synth::synthesise(SynthKind::Switch, 1, length, &mut |block| writer.write(block))?;
//! let bytes = writer.finish()?.into_inner();
//! assert_eq!(wav::read_wav(bytes.as_slice())?.samples(), Some(length));
//! # Ok::<(), workprint_sound::SoundError>(())
//! ```

pub mod align;
pub mod elementary;
mod error;
pub mod levels;
pub mod limiter;
pub mod lips;
pub mod loudness;
pub mod master;
pub mod mix;
mod oversample;
pub mod place;
mod resample;
mod sound;
pub mod synth;
pub mod voice;
pub mod wav;

pub use error::SoundError;
pub use limiter::Limiter;
pub use resample::resample;
pub use sound::{MemorySound, Sink, Sound, Source};
