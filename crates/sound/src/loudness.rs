//! Loudness and true peak by EBU R128 (ITU-R BS.1770).

use ebur128::{Channel, EbuR128, Mode};
use workprint_model::SAMPLE_RATE;

use crate::elementary::decibels;
use crate::{SoundError, Source};

/// Frames between two looks at the short-term loudness: half a second.
const LOOK: u32 = SAMPLE_RATE / 2;

/// Measures a stream of samples. Memory grows by 80 bytes a second.
#[derive(Debug)]
pub struct Meter {
    state: EbuR128,
    channels: usize,
    since_look: u32,
    short_term: f64,
}

/// What a [`Meter`] found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loudness {
    /// Integrated loudness in LUFS; nothing for silence, and for sound under −70 LUFS or shorter
    /// than 400 ms.
    pub integrated: Option<f64>,
    /// The highest short-term loudness (3 s) in LUFS, looked at twice a second.
    pub short_term: Option<f64>,
    /// True peak in dBTP by 4 times oversampling; −∞ for digital silence.
    pub true_peak: f64,
}

impl Meter {
    /// A meter for interleaved stereo at 48 kHz.
    pub fn new() -> Result<Self, SoundError> {
        Self::with_channels(2)
    }

    /// A meter for mono at 48 kHz that will be heard from both channels, hence 3 LU louder than
    /// from one.
    pub fn mono() -> Result<Self, SoundError> {
        let mut meter = Self::with_channels(1)?;
        meter.state.set_channel(0, Channel::DualMono)?;
        Ok(meter)
    }

    fn with_channels(channels: u32) -> Result<Self, SoundError> {
        let mode = Mode::I | Mode::S | Mode::TRUE_PEAK;
        Ok(Self {
            state: EbuR128::new(channels, SAMPLE_RATE, mode)?,
            channels: channels as usize,
            since_look: 0,
            short_term: f64::NEG_INFINITY,
        })
    }

    /// Takes the next whole frames. All samples must be numbers.
    pub fn add(&mut self, samples: &[f32]) -> Result<(), SoundError> {
        for piece in samples.chunks(LOOK as usize / 5 * self.channels) {
            self.state.add_frames_f32(piece)?;
            self.since_look += (piece.len() / self.channels) as u32;
            if self.since_look >= LOOK {
                self.since_look = 0;
                self.short_term = self.short_term.max(self.state.loudness_shortterm()?);
            }
        }
        Ok(())
    }

    /// What was measured so far.
    pub fn loudness(&self) -> Result<Loudness, SoundError> {
        let known = |lufs: f64| lufs.is_finite().then_some(lufs);
        let mut peak: f64 = 0.0;
        for channel in 0..self.channels {
            peak = peak.max(self.state.true_peak(channel as u32)?);
        }
        Ok(Loudness {
            integrated: known(self.state.loudness_global()?),
            short_term: known(self.short_term),
            true_peak: decibels(peak),
        })
    }
}

/// Measures the integrated loudness of interleaved stereo at 48 kHz and nothing else, which costs
/// much less than a [`Meter`].
#[derive(Debug)]
pub struct LoudnessMeter(EbuR128);

impl LoudnessMeter {
    /// A meter that has heard nothing yet.
    pub fn new() -> Result<Self, SoundError> {
        Ok(Self(EbuR128::new(2, SAMPLE_RATE, Mode::I)?))
    }

    /// Takes the next whole frames. All samples must be numbers.
    pub fn add(&mut self, samples: &[f32]) -> Result<(), SoundError> {
        Ok(self.0.add_frames_f32(samples)?)
    }

    /// The loudness so far, in LUFS; nothing for silence and for less than 400 ms.
    pub fn integrated(&self) -> Result<Option<f64>, SoundError> {
        let loudness = self.0.loudness_global()?;
        Ok(loudness.is_finite().then_some(loudness))
    }
}

/// Measures interleaved stereo from beginning to end.
pub fn measure(source: &mut Source<'_>) -> Result<Loudness, SoundError> {
    let mut meter = Meter::new()?;
    source(&mut |block| meter.add(block))?;
    meter.loudness()
}
