//! Loudness and true peak by EBU R128 (ITU-R BS.1770).

mod gated;

use crate::elementary::decibels;
use crate::oversample::{Oversampler, REACH};
use crate::{SoundError, Source};
use gated::Gated;

/// Measures a stream of samples. Memory grows by 80 bytes a second.
#[derive(Debug)]
pub struct Meter {
    loudness: LoudnessMeter,
    oversampler: Box<Oversampler>,
    /// The largest peak so far: what cannot be larger is not looked at.
    largest: f32,
    scratch: Vec<f32>,
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

impl Default for Meter {
    fn default() -> Self {
        Self::new()
    }
}

impl Meter {
    /// A meter for interleaved stereo at 48 kHz.
    pub fn new() -> Self {
        Self {
            loudness: LoudnessMeter::new(),
            oversampler: Box::new(Oversampler::new()),
            largest: 0.0,
            scratch: Vec::new(),
        }
    }

    /// Takes the next whole frames. All samples must be numbers.
    pub fn add(&mut self, samples: &[f32]) {
        self.loudness.add(samples);
        // In pieces, so that what was found already spares as much as it can.
        for piece in samples.chunks(1024) {
            self.scratch.clear();
            self.oversampler
                .peaks(piece, self.largest, &mut self.scratch);
            let peaks = self.scratch.iter();
            self.largest = peaks.fold(self.largest, |most, peak| most.max(*peak));
        }
    }

    /// What was measured so far.
    pub fn loudness(&self) -> Loudness {
        // The last frames have not come through the filter yet.
        let mut rest = Vec::new();
        let mut oversampler = self.oversampler.clone();
        oversampler.peaks(&[0.0; 2 * REACH], self.largest, &mut rest);
        let peak = rest.iter().fold(self.largest, |most, peak| most.max(*peak));
        Loudness {
            integrated: self.loudness.integrated(),
            true_peak: decibels(f64::from(peak)),
        }
    }
}

/// Measures the integrated loudness of sound at 48 kHz and nothing else, which costs less than a
/// [`Meter`].
#[derive(Debug)]
pub struct LoudnessMeter(Gated);

impl Default for LoudnessMeter {
    fn default() -> Self {
        Self::new()
    }
}

impl LoudnessMeter {
    /// A meter that has heard nothing yet.
    pub fn new() -> Self {
        Self(Gated::new())
    }

    /// Takes the next whole frames of interleaved stereo. All samples must be numbers.
    pub fn add(&mut self, samples: &[f32]) {
        self.0.add(samples);
    }

    /// Takes the next samples of what is heard from both channels alike, hence 3 LU louder than from
    /// one.
    pub fn add_mono(&mut self, samples: &[f32]) {
        let mut stereo = [0.0; 1024];
        for piece in samples.chunks(stereo.len() / 2) {
            let frames = &mut stereo[..piece.len() * 2];
            for (frame, sample) in frames.chunks_exact_mut(2).zip(piece) {
                frame.fill(*sample);
            }
            self.0.add(frames);
        }
    }

    /// The loudness so far, in LUFS; nothing for silence and for less than 400 ms.
    pub fn integrated(&self) -> Option<f64> {
        self.0.integrated()
    }
}

/// Measures interleaved stereo from beginning to end.
pub fn measure(source: &mut Source<'_>) -> Result<Loudness, SoundError> {
    let mut meter = Meter::new();
    source(&mut |block| {
        meter.add(block);
        Ok(())
    })?;
    Ok(meter.loudness())
}
