//! Files of picture and sound: what is in them, their frames and samples, and new ones.
//!
//! The only room that starts programs: ffmpeg, ffprobe, `workprint-espeak`, `workprint-x264`,
//! `rife-ncnn-vulkan`, `realesrgan-ncnn-vulkan`, `piper`, and programs of the user's own.
//! It knows no timeline and decides nothing about an episode.
//!
//! [`Media`] is the door. A clip is looked at ([`Media::probe`]), its frames come as planar YUV at
//! the timeline's rate ([`Media::decode_video`]), its sound as floats at 48 kHz
//! ([`Media::decode_audio`]). Painted frames are encoded in chunks ([`Media::encode_chunk`]), and
//! chunks and a mix become a film ([`Media::join`]).
//!
//! Everything blocks: callers use threads that may. [`Cancel`] stops every program at once. Files
//! from users are hostile: they are handed over as an open file under a name of ours, and only
//! containers that hold their own content are opened.

mod audio;
mod backend;
mod cancel;
mod check;
mod colour;
mod command;
mod decode;
mod encode;
mod ends;
mod error;
mod film;
mod join;
mod mp4;
mod piper;
mod planes;
mod probe;
mod process;
mod program;
mod sessions;
mod smooth;
mod speech;
mod talk;
mod trial;
mod upscale;
mod x264;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

pub use audio::AudioReader;
pub use backend::{BACKENDS, Backend, Container, PixelFormat};
pub use cancel::Cancel;
pub use check::FrameHash;
pub use command::CommandCall;
pub use decode::{VideoReader, VideoSpec};
pub use encode::{ChunkSpec, ChunkWriter};
pub use ends::Ends;
pub use error::{MediaError, MediaErrorKind, Report, Result};
pub use film::FilmSound;
pub use join::{JoinSpec, frames_of_film, is_sound_of};
pub use piper::PiperCall;
pub use planes::Planes;
pub use probe::{AudioStream, ColourTags, Probe, VideoStream};
pub use program::{Programs, Which, find_program, x264_build};
pub use smooth::Interpolator;
pub use speech::{EspeakVoice, Speech, SpeechRequest, SpokenPhoneme, SpokenWord};
pub use talk::{Line, Saying, Talk};
pub use trial::Trial;
pub use upscale::Upscale;

/// The door to the programs. Clones share the programs and what stops them.
#[derive(Debug, Clone)]
pub struct Media {
    programs: Arc<Programs>,
    cancel: Cancel,
    trials: trial::Trials,
    sessions: sessions::Sessions,
    idle: x264::Idle,
    /// What was found in files, by device, inode, length and time of change.
    probes: Arc<Mutex<BTreeMap<[u64; 5], Probe>>>,
}

impl Media {
    /// Uses `programs`, which `cancel` stops.
    pub fn new(programs: Programs, cancel: Cancel) -> Self {
        Self {
            programs: Arc::new(programs),
            cancel,
            trials: trial::Trials::default(),
            sessions: sessions::Sessions::default(),
            idle: x264::Idle::default(),
            probes: Arc::default(),
        }
    }

    /// Where the programs are.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// What stops the programs.
    pub fn cancel(&self) -> &Cancel {
        &self.cancel
    }
}
