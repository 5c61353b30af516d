//! Spoken lines: trimmed and levelled.

use workprint_model::{Decibels, Samples};

use crate::SoundError;
use crate::elementary::{amplitude, decibels, raised_cosine};
use crate::loudness::Meter;

/// Samples over which level is looked at: 10 ms. As much is kept before and after the line.
const STEP: usize = 480;
/// Samples of fade at either end: 5 ms.
const FADE: usize = 240;
/// The meter needs 400 ms; shorter lines are shown to it several times.
const LEAST: usize = 48_000;

/// How a spoken line is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineLevel {
    /// Its loudness in LUFS as heard from both channels.
    pub target: Decibels,
    /// What lies this far under the line's loudest 10 ms, before and after it, is silence; negative.
    pub silence: Decibels,
    /// The highest sample, in dB under full scale.
    pub peak: Decibels,
    /// The most gain.
    pub most_gain: Decibels,
}

impl Default for LineLevel {
    fn default() -> Self {
        Self {
            target: Decibels::new(-20),
            silence: Decibels::new(-45),
            peak: Decibels::new(-3),
            most_gain: Decibels::new(40),
        }
    }
}

/// A line, trimmed and levelled.
#[derive(Debug, Clone, PartialEq)]
pub struct Leveled {
    /// Mono at 48 kHz.
    pub samples: Vec<f32>,
    /// Samples cut off at the beginning.
    pub trimmed_start: Samples,
    /// Samples cut off at the end.
    pub trimmed_end: Samples,
    /// The gain that was given, in dB.
    pub gain: f64,
    /// The loudness reached in LUFS; nothing for silence, which is neither trimmed nor levelled.
    pub loudness: Option<f64>,
}

/// Cuts the silence off both ends of a spoken line, but for 10 ms, and gives it the loudness wanted
/// by one linear gain, or as much as its peak allows.
///
/// `samples` are mono at 48 kHz; those that are no numbers become 0.
pub fn trim_and_level(samples: &[f32], spec: &LineLevel) -> Result<Leveled, SoundError> {
    let clean = |sample: &f32| if sample.abs() <= 1024.0 { *sample } else { 0.0 };
    let mut line: Vec<f32> = samples.iter().map(clean).collect();
    let mut leveled = Leveled {
        samples: Vec::new(),
        trimmed_start: Samples(0),
        trimmed_end: Samples(0),
        gain: 0.0,
        loudness: None,
    };
    let Some((from, to)) = spoken(&line, spec.silence) else {
        leveled.samples = line;
        return Ok(leveled);
    };
    leveled.trimmed_start = Samples(from as u64);
    leveled.trimmed_end = Samples((line.len() - to) as u64);
    line.truncate(to);
    line.drain(..from);
    fade_ends(&mut line);
    if let Some(loudness) = line_loudness(&line)? {
        let peak = line.iter().fold(0.0f32, |peak, s| peak.max(s.abs()));
        let room = spec.peak.to_f64() - decibels(f64::from(peak));
        let wanted = spec.target.to_f64() - loudness;
        leveled.gain = wanted.min(room).min(spec.most_gain.to_f64());
        leveled.loudness = Some(loudness + leveled.gain);
        let gain = amplitude(leveled.gain) as f32;
        for sample in &mut line {
            *sample *= gain;
        }
    }
    leveled.samples = line;
    Ok(leveled)
}

/// What is heard of a line, as [`trim_and_level`] cuts it, at the level that it has; and how many samples
/// were cut off its beginning. Silence gives nothing.
pub fn trim(samples: &[f32]) -> (Vec<f32>, Samples) {
    let Some((from, to)) = spoken(samples, LineLevel::default().silence) else {
        return (Vec::new(), Samples(0));
    };
    let mut line = samples[from..to].to_vec();
    fade_ends(&mut line);
    (line, Samples(from as u64))
}

/// The part of a line that is heard, with 10 ms to either side; nothing for silence.
fn spoken(line: &[f32], silence: Decibels) -> Option<(usize, usize)> {
    let level = |step: &[f32]| {
        let power: f64 = step.iter().map(|s| f64::from(*s).powi(2)).sum();
        power / step.len() as f64
    };
    let loudest = line.chunks(STEP).map(level).fold(0.0, f64::max);
    // −70 dB under full scale is silence by any measure.
    let floor = amplitude(silence.to_f64().min(0.0)).powi(2) * loudest;
    let heard = |step: &[f32]| level(step) >= floor.max(1e-7);
    let first = line.chunks(STEP).position(heard)?;
    let last = line.chunks(STEP).rposition(heard)?;
    let from = first.saturating_sub(1) * STEP;
    let to = ((last + 2) * STEP).min(line.len());
    Some((from, to))
}

fn fade_ends(line: &mut [f32]) {
    let length = FADE.min(line.len() / 2);
    let last = line.len().saturating_sub(1);
    for n in 0..length {
        let gain = raised_cosine((n as f64 + 0.5) / length as f64) as f32;
        line[n] *= gain;
        line[last - n] *= gain;
    }
}

fn line_loudness(line: &[f32]) -> Result<Option<f64>, SoundError> {
    if line.is_empty() {
        return Ok(None);
    }
    let mut meter = Meter::mono()?;
    for _ in 0..LEAST.div_ceil(line.len()).min(LEAST) {
        meter.add(line)?;
    }
    Ok(meter.loudness()?.integrated)
}
