//! What can go wrong with sound.

use std::io;

/// A sound could not be read, mixed or written.
#[derive(Debug, thiserror::Error)]
pub enum SoundError {
    /// Reading the bytes of a sound failed.
    #[error("reading a sound failed")]
    Read(#[source] io::Error),
    /// Writing the bytes of a sound failed.
    #[error("writing a sound failed: is there room left on the disk?")]
    Write(#[source] io::Error),
    /// The bytes are not a WAV file that is understood here.
    #[error("this is not a usable WAV file: {why}; convert it to 16-bit PCM WAV at 48000 Hz")]
    NotWav {
        /// What was found.
        why: String,
    },
    /// A sound has another rate than 48 kHz.
    #[error("the sound has {rate} samples a second and 48000 are needed: resample it first")]
    Rate {
        /// The rate that was found.
        rate: u32,
    },
    /// A sound has more channels than can be mixed.
    #[error("the sound has {channels} channels and 1 or 2 are needed: mix it down first")]
    Channels {
        /// How many were found.
        channels: u16,
    },
    /// A sound cannot be found or opened by the [`Library`](crate::mix::Library).
    #[error("`{what}` cannot be opened")]
    Open {
        /// What was to be opened.
        what: String,
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Something went wrong with one sound of a mix.
    #[error("in the sound `{name}`")]
    Item {
        /// The sound's name.
        name: String,
        /// What went wrong.
        #[source]
        source: Box<Self>,
    },
    /// The bytes are not a voice's model.
    #[error("this is no usable model of a voice: let it be learned again")]
    NotSpeaker,
    /// The loudness meter refused its input.
    #[error("loudness cannot be measured")]
    Meter(#[from] ebur128::Error),
}

impl SoundError {
    /// Says which sound of a mix the error is about.
    pub(crate) fn in_item(self, name: &str) -> Self {
        Self::Item {
            name: name.to_owned(),
            source: Box::new(self),
        }
    }
}
