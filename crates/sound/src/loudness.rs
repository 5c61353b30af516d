//! Loudness and true peak by EBU R128 (ITU-R BS.1770).

use ebur128::{Channel, EbuR128, Mode};
use workprint_model::SAMPLE_RATE;

use crate::elementary::decibels;
use crate::oversample::{Oversampler, REACH};
use crate::{SoundError, Source};

/// Measures a stream of samples. Memory grows by 80 bytes a second.
#[derive(Debug)]
pub struct Meter {
    state: EbuR128,
    peaks: Peaks,
}

/// What finds true peaks.
#[derive(Debug)]
enum Peaks {
    /// Of stereo: what cannot be the largest is not looked at.
    Stereo {
        oversampler: Box<Oversampler>,
        largest: f32,
        scratch: Vec<f32>,
    },
    /// Of mono: the loudness meter's own.
    Mono,
}

/// What a [`Meter`] found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loudness {
    /// Integrated loudness in LUFS; nothing for silence, and for sound under −70 LUFS or shorter
    /// than 400 ms.
    pub integrated: Option<f64>,
    /// True peak in dBTP by 4 times oversampling; −∞ for digital silence.
    pub true_peak: f64,
}

impl Meter {
    /// A meter for interleaved stereo at 48 kHz.
    pub fn new() -> Result<Self, SoundError> {
        Ok(Self {
            state: EbuR128::new(2, SAMPLE_RATE, Mode::I)?,
            peaks: Peaks::Stereo {
                oversampler: Box::new(Oversampler::new()),
                largest: 0.0,
                scratch: Vec::new(),
            },
        })
    }

    /// A meter for mono at 48 kHz that will be heard from both channels, hence 3 LU louder than
    /// from one.
    pub fn mono() -> Result<Self, SoundError> {
        let mut state = EbuR128::new(1, SAMPLE_RATE, Mode::I | Mode::TRUE_PEAK)?;
        state.set_channel(0, Channel::DualMono)?;
        Ok(Self {
            state,
            peaks: Peaks::Mono,
        })
    }

    /// Takes the next whole frames. All samples must be numbers.
    pub fn add(&mut self, samples: &[f32]) -> Result<(), SoundError> {
        self.state.add_frames_f32(samples)?;
        if let Peaks::Stereo {
            oversampler,
            largest,
            scratch,
        } = &mut self.peaks
        {
            // In pieces, so that what was found already spares as much as it can.
            for piece in samples.chunks(1024) {
                scratch.clear();
                oversampler.peaks(piece, *largest, scratch);
                *largest = scratch.iter().fold(*largest, |most, peak| most.max(*peak));
            }
        }
        Ok(())
    }

    /// What was measured so far.
    pub fn loudness(&self) -> Result<Loudness, SoundError> {
        let integrated = self.state.loudness_global()?;
        let peak = match &self.peaks {
            Peaks::Mono => self.state.true_peak(0)?,
            Peaks::Stereo {
                oversampler,
                largest,
                ..
            } => {
                // The last frames have not come through the filter yet.
                let mut rest = Vec::new();
                let mut oversampler = oversampler.clone();
                oversampler.peaks(&[0.0; 2 * REACH], *largest, &mut rest);
                f64::from(rest.iter().fold(*largest, |most, peak| most.max(*peak)))
            }
        };
        Ok(Loudness {
            integrated: integrated.is_finite().then_some(integrated),
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
