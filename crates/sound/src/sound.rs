//! Where samples come from and go to.

use workprint_model::Samples;

use crate::SoundError;

/// A finished sound of 48 kHz that is read piece by piece, perhaps more than once.
pub trait Sound {
    /// How many channels.
    fn channels(&self) -> u16;

    /// How many samples each channel has.
    fn samples(&self) -> Samples;

    /// Fills `out` with interleaved samples, as many whole frames as fit, and returns how many
    /// frames were read. Fewer than fit means that the sound has ended.
    fn read(&mut self, out: &mut [f32]) -> Result<usize, SoundError>;

    /// Goes on at a sample; past the end there is nothing more.
    fn seek(&mut self, to: Samples) -> Result<(), SoundError>;
}

/// Takes blocks of interleaved stereo.
pub type Sink<'a> = dyn FnMut(&[f32]) -> Result<(), SoundError> + 'a;

/// Plays a stretch of interleaved stereo into a sink from beginning to end, the same each time.
pub type Source<'a> = dyn FnMut(&mut Sink<'_>) -> Result<(), SoundError> + 'a;

/// A sound held in memory: for short ones.
#[derive(Debug, Clone)]
pub struct MemorySound {
    channels: u16,
    samples: Vec<f32>,
    at: usize,
}

impl MemorySound {
    /// A sound of interleaved samples; a last frame that is not whole is dropped. At least one
    /// channel is assumed.
    pub fn new(channels: u16, mut samples: Vec<f32>) -> Self {
        let channels = channels.max(1);
        samples.truncate(samples.len() - samples.len() % usize::from(channels));
        Self {
            channels,
            samples,
            at: 0,
        }
    }
}

impl Sound for MemorySound {
    fn channels(&self) -> u16 {
        self.channels
    }

    fn samples(&self) -> Samples {
        Samples((self.samples.len() / usize::from(self.channels)) as u64)
    }

    fn read(&mut self, out: &mut [f32]) -> Result<usize, SoundError> {
        let channels = usize::from(self.channels);
        let fit = out.len() - out.len() % channels;
        let left = &self.samples[self.at..];
        let count = fit.min(left.len());
        out[..count].copy_from_slice(&left[..count]);
        self.at += count;
        Ok(count / channels)
    }

    fn seek(&mut self, to: Samples) -> Result<(), SoundError> {
        let frame = to.0.min(self.samples().0) as usize;
        self.at = frame * usize::from(self.channels);
        Ok(())
    }
}
