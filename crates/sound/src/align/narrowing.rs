//! A sound that comes block by block, brought to the rate at which voices are aligned.

use workprint_model::SAMPLE_RATE;

use super::{RATE, narrow};
use crate::SoundError;

/// Frames that are narrowed together, 30 s, and what is looked at on either side of them.
const BLOCK: usize = SAMPLE_RATE as usize * 30;
const MARGIN: usize = 960;
/// Frames to one of [`RATE`].
const STEP: usize = (SAMPLE_RATE / RATE) as usize;

/// Brings a sound at 48 kHz to mono at [`RATE`] as it comes: the same as [`narrow`] of the whole of it.
#[derive(Debug, Default)]
pub struct Narrowing {
    /// Begins with the margin of the block before.
    wide: Vec<f32>,
    before: usize,
    out: Vec<f32>,
}

impl Narrowing {
    /// Takes the next whole frames of interleaved `channels`: their means.
    pub fn take(&mut self, samples: &[f32], channels: usize) -> Result<(), SoundError> {
        let share = 1.0 / channels as f32;
        let frames = samples.chunks_exact(channels.max(1));
        self.wide
            .extend(frames.map(|frame| frame.iter().sum::<f32>() * share));
        if self.wide.len() >= self.before + BLOCK {
            let keep = (self.wide.len() - MARGIN) / STEP * STEP;
            let narrow = narrow(&self.wide, SAMPLE_RATE)?;
            self.out
                .extend_from_slice(&narrow[place(self.before, &narrow)..place(keep, &narrow)]);
            self.before = MARGIN;
            self.wide.drain(..keep - MARGIN);
        }
        Ok(())
    }

    /// All of it.
    pub fn finish(mut self) -> Result<Vec<f32>, SoundError> {
        let narrow = narrow(&self.wide, SAMPLE_RATE)?;
        self.out
            .extend_from_slice(&narrow[place(self.before, &narrow)..]);
        Ok(self.out)
    }
}

/// Where a sample lies in what was narrowed.
fn place(sample: usize, narrow: &[f32]) -> usize {
    (sample / STEP).min(narrow.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_narrowed_as_the_whole_is() {
        for count in [0, 5, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 777] {
            let wave = |n: usize| ((n * n / 999) % 1000) as f32 / 2000.0 - 0.25;
            let voice: Vec<f32> = (0..count).map(wave).collect();
            let whole = narrow(&voice, SAMPLE_RATE).unwrap();
            for block in [BLOCK, 48_000] {
                let mut narrowing = Narrowing::default();
                for block in voice.chunks(block) {
                    let stereo: Vec<f32> = block.iter().flat_map(|x| [x + 0.1, x - 0.1]).collect();
                    narrowing.take(&stereo, 2).unwrap();
                }
                let blocks = narrowing.finish().unwrap();
                assert_eq!(blocks.len(), whole.len(), "{count}");
                let worst = blocks.iter().zip(&whole).map(|(a, b)| (a - b).abs());
                assert!(worst.fold(0.0, f32::max) < 1e-5, "{count}");
            }
        }
    }
}
