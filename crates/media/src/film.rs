//! The sound of our own films, decoded in this process: they are AAC in MP4, and starting a program
//! costs more than decoding a minute of them.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as Symphonia;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use workprint_model::SAMPLE_RATE;

use crate::error::{MediaError, Result};
use crate::mp4::sound_begins;
use crate::{Cancel, Media};

/// A film's sound: 48 kHz, stereo, one sample after the other.
pub struct FilmSound {
    demuxer: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    /// Interleaved samples that are decoded and not yet read, and how many of them are.
    block: Vec<f32>,
    taken: usize,
    /// Interleaved samples before the film begins that the encoder needed to start.
    priming: usize,
    path: PathBuf,
    cancel: Cancel,
}

impl fmt::Debug for FilmSound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilmSound")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl FilmSound {
    /// Fills `samples`, whose length is even, with interleaved samples; the number written, which is
    /// smaller than asked for only at the end and 0 after it.
    pub fn read(&mut self, samples: &mut [f32]) -> Result<usize> {
        let mut written = 0;
        while written < samples.len() {
            if self.taken == self.block.len() && !self.decode()? {
                break;
            }
            let count = (samples.len() - written).min(self.block.len() - self.taken);
            let from = &self.block[self.taken..self.taken + count];
            samples[written..written + count].copy_from_slice(from);
            self.taken += count;
            written += count;
        }
        Ok(written)
    }

    /// Decodes the next packet into `block`; false at the end.
    fn decode(&mut self) -> Result<bool> {
        if self.cancel.is_cancelled() {
            return Err(MediaError::Cancelled);
        }
        let packet = loop {
            match self.demuxer.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track => break packet,
                Ok(Some(_)) => {}
                Ok(None) => return Ok(false),
                Err(error) => return Err(broken(&self.path, &error)),
            }
        };
        let decoded = self.decoder.decode(&packet);
        let decoded = decoded.map_err(|error| broken(&self.path, &error))?;
        self.block.resize(decoded.samples_interleaved(), 0.0);
        decoded.copy_to_slice_interleaved(&mut self.block);
        self.taken = self.priming.min(self.block.len());
        self.priming -= self.taken;
        Ok(true)
    }
}

impl Media {
    /// Starts reading the sound of a film, or of [`Media::encode_sound`], as stereo. Sample 0 is the
    /// film's beginning: what the encoder put before it is passed over.
    ///
    /// # Errors
    ///
    /// A file that is no MP4 of ours: no sound, another codec than AAC, another rate than 48 kHz.
    pub fn decode_film(&self, path: &Path) -> Result<FilmSound> {
        let priming = sound_begins(path)?;
        let file = File::open(path).map_err(MediaError::io("open", path))?;
        let stream = MediaSourceStream::new(Box::new(file), MediaSourceStreamOptions::default());
        let (format, metadata) = (FormatOptions::default(), MetadataOptions::default());
        let demuxer = symphonia::default::get_probe()
            .probe(&Hint::default(), stream, format, metadata)
            .map_err(|error| broken(path, &error))?;
        let (track, parameters) = demuxer
            .first_track(TrackType::Audio)
            .and_then(|track| Some((track.id, track.codec_params.as_ref()?.audio()?)))
            .ok_or_else(|| MediaError::bad(path, "it has no sound"))?;
        let stereo = parameters
            .channels
            .as_ref()
            .is_some_and(|all| all.count() == 2);
        if parameters.sample_rate != Some(SAMPLE_RATE) || !stereo {
            return Err(MediaError::bad(
                path,
                "its sound is not AAC in stereo at 48 kHz",
            ));
        }
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .map_err(|error| broken(path, &error))?;
        Ok(FilmSound {
            demuxer,
            decoder,
            track,
            block: Vec::new(),
            taken: 0,
            priming: priming as usize * 2,
            path: path.to_owned(),
            cancel: self.cancel.clone(),
        })
    }
}

fn broken(path: &Path, error: &Symphonia) -> MediaError {
    MediaError::bad(path, format!("its sound cannot be decoded: {error}"))
}
