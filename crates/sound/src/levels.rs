//! What a finished sound is held against: loudness, peaks, silences.

use std::ops::Range;

use crate::loudness::{Loudness, Meter};
use crate::{Sound, SoundError};

/// Frames that are silent or not together: 10 ms.
const GRAIN: usize = 480;
/// −70 dBFS: under what EBU R128 takes for sound at all.
const SILENT: f32 = 0.000_316;
/// What is louder than this (−60 dBFS) is heard.
const AUDIBLE: f32 = 0.001;
/// Silences of so many frames, a second, are told.
const LEAST: u64 = 48_000;

/// Measures a finished sound as it comes. Memory grows by 80 bytes a second.
#[derive(Debug)]
pub struct Levels {
    meter: Meter,
    frames: u64,
    sounding: u64,
    clipped: u64,
    silences: Vec<Range<u64>>,
    /// Where the silence began that lasts.
    silent_from: Option<u64>,
}

/// What was measured of a finished sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// How many frames it has.
    pub frames: u64,
    /// How many of them are in 10 ms over −70 dBFS.
    pub sounding: u64,
    /// How loud it is.
    pub loudness: Loudness,
    /// How many samples are at full scale or over it.
    pub clipped: u64,
    /// Stretches of a second or more under −70 dBFS, in frames.
    pub silences: Vec<Range<u64>>,
}

impl Levels {
    /// Of interleaved stereo at 48 kHz.
    pub fn new() -> Result<Self, SoundError> {
        Ok(Self {
            meter: Meter::new()?,
            frames: 0,
            sounding: 0,
            clipped: 0,
            silences: Vec::new(),
            silent_from: None,
        })
    }

    /// How many frames were taken.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Takes the next whole frames. All samples must be numbers.
    pub fn add(&mut self, samples: &[f32]) -> Result<(), SoundError> {
        self.meter.add(samples)?;
        for grain in samples.chunks(GRAIN * 2) {
            let peak = peak(grain);
            if peak >= 1.0 {
                self.clipped += grain.iter().filter(|x| x.abs() >= 1.0).count() as u64;
            }
            let frames = grain.len() as u64 / 2;
            if peak >= SILENT {
                self.end_silence();
                self.sounding += frames;
            } else {
                self.silent_from.get_or_insert(self.frames);
            }
            self.frames += frames;
        }
        Ok(())
    }

    /// What was measured, once everything was taken.
    pub fn finish(mut self) -> Result<Measured, SoundError> {
        self.end_silence();
        Ok(Measured {
            frames: self.frames,
            sounding: self.sounding,
            loudness: self.meter.loudness()?,
            clipped: self.clipped,
            silences: self.silences,
        })
    }

    fn end_silence(&mut self) {
        if let Some(from) = self.silent_from.take()
            && self.frames - from >= LEAST
        {
            self.silences.push(from..self.frames);
        }
    }
}

/// Whether anything is heard in a stretch of a sound: 10 ms whose level (RMS) is over −60 dBFS. What is
/// at its ends is left out, 40 ms: an encoder blurs them.
pub fn is_heard(sound: &mut dyn Sound, stretch: &Range<u64>) -> Result<bool, SoundError> {
    let channels = usize::from(sound.channels());
    let edge = 4 * GRAIN as u64;
    sound.seek(workprint_model::Samples(stretch.start + edge))?;
    let mut left = (stretch.end - stretch.start).saturating_sub(2 * edge) as usize;
    let mut block = vec![0.0; 100 * GRAIN * channels];
    while left > 0 {
        let wanted = left.min(100 * GRAIN) * channels;
        let frames = sound.read(&mut block[..wanted])?;
        let grains = block[..frames * channels].chunks(GRAIN * channels);
        if grains.into_iter().any(|grain| level(grain) > AUDIBLE) {
            return Ok(true);
        }
        if frames * channels < wanted {
            break;
        }
        left -= frames;
    }
    Ok(false)
}

fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak: f32, x| peak.max(x.abs()))
}

fn level(samples: &[f32]) -> f32 {
    let sum: f32 = samples.iter().map(|x| x * x).sum();
    (sum / samples.len().max(1) as f32).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemorySound;

    /// A second each: a tone, silence, faint noise, one click, clipping.
    fn sound() -> Vec<f32> {
        let at = |n: usize| match n / 48_000 {
            0 => 0.1 * ((n % 100) as f32 / 50.0 - 1.0),
            2 => 0.000_2 * if n.is_multiple_of(2) { 1.0 } else { -1.0 },
            3 if n % 48_000 == 24_000 => 0.01,
            4 => 1.5,
            _ => 0.0,
        };
        (0..240_000).flat_map(|n| [at(n); 2]).collect()
    }

    #[test]
    fn silences_and_clipping_are_found_whatever_the_blocks() {
        for block in [960, 4800, 96_000, 480_000] {
            let mut levels = Levels::new().unwrap();
            for block in sound().chunks(block) {
                levels.add(block).unwrap();
            }
            let found = levels.finish().unwrap();
            assert_eq!((found.frames, found.clipped), (240_000, 96_000));
            assert_eq!(found.sounding, 48_000 + 480 + 48_000);
            assert_eq!(found.silences, vec![48_000..168_000]);
        }
    }

    #[test]
    fn what_is_faint_or_a_click_is_not_heard() {
        let mut sound = MemorySound::new(2, sound());
        let mut heard = |from: u64, to: u64| is_heard(&mut sound, &(from..to)).unwrap();
        assert!(heard(0, 48_000));
        assert!(!heard(48_000, 96_000));
        assert!(!heard(96_000, 144_000));
        assert!(!heard(144_000, 192_000));
        assert!(heard(144_000, 240_000));
        assert!(!heard(239_000, 240_000), "shorter than its ends");
    }
}
