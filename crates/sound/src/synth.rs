//! Sounds made from nothing: beds and effects, the same for the same seed.
//!
//! One file for each [`SynthKind`], and what they share: random numbers, partials that ring, scores
//! of notes, noise filters and a room. All arithmetic is `f64` addition, multiplication, division
//! and [`elementary`](crate::elementary), which every machine rounds alike.

mod bell;
mod bright;
mod dawn;
mod filter;
mod harmony;
mod night;
mod random;
mod ring;
mod room;
mod score;
mod switch;
mod waves;
mod whoosh;
mod wind;

use workprint_model::sound::SynthKind;
use workprint_model::{Millis, SAMPLE_RATE, Samples};

use crate::elementary::raised_cosine;
use crate::{Sink, SoundError};

/// Samples a second.
const RATE: f64 = SAMPLE_RATE as f64;
/// The highest amplitude: −3.1 dB under full scale.
const CEILING: f64 = 0.7;
/// Frames given out at once.
const BLOCK: u64 = 4800;

/// Something that makes one stereo frame after the other.
trait Voice {
    fn next(&mut self) -> [f64; 2];
}

/// How long a sound of a kind is when nobody says.
pub const fn usual_length(kind: SynthKind) -> Samples {
    let millis = match kind {
        SynthKind::DawnBed | SynthKind::NightBed | SynthKind::BrightBed => 60_000,
        SynthKind::Waves | SynthKind::Wind => 30_000,
        SynthKind::Bell => 7000,
        SynthKind::Switch => 1200,
        SynthKind::Whoosh => 1400,
    };
    Millis(millis).samples()
}

/// Synthesises exactly `length` frames of interleaved stereo, given out in blocks.
///
/// The same kind, seed and length give the same bits on every machine. A bed is composed for its
/// length: its last chord comes in time to ring out. Peaks stay under −3 dB full scale, there is no
/// offset, and both ends are silent. Memory grows by no more than a bed's score, some hundred bytes
/// a second.
pub fn synthesise(
    kind: SynthKind,
    seed: u32,
    length: Samples,
    out: &mut Sink<'_>,
) -> Result<(), SoundError> {
    let frames = length.0;
    let mut voice: Box<dyn Voice> = match kind {
        SynthKind::DawnBed => Box::new(dawn::Dawn::new(seed, frames)),
        SynthKind::NightBed => Box::new(night::Night::new(seed, frames)),
        SynthKind::BrightBed => Box::new(bright::Bright::new(seed, frames)),
        SynthKind::Waves => Box::new(waves::Waves::new(seed)),
        SynthKind::Wind => Box::new(wind::Wind::new(seed)),
        SynthKind::Bell => Box::new(bell::Bell::new(seed)),
        SynthKind::Switch => Box::new(switch::Switch::new(seed)),
        SynthKind::Whoosh => Box::new(whoosh::Whoosh::new(seed, frames)),
    };
    let mut polish = Polish::new(kind, frames);
    let mut block = vec![0.0f32; BLOCK as usize * 2];
    let mut at = 0;
    while at < frames {
        let count = BLOCK.min(frames - at) as usize;
        for frame in block[..count * 2].chunks_exact_mut(2) {
            let [left, right] = polish.apply(voice.next());
            frame[0] = left as f32;
            frame[1] = right as f32;
        }
        out(&block[..count * 2])?;
        at += count as u64;
    }
    Ok(())
}

/// The last touch: no offset, soft peaks, silent ends.
struct Polish {
    at: u64,
    length: u64,
    fade_in: u64,
    fade_out: u64,
    before: [f64; 2],
    blocked: [f64; 2],
}

impl Polish {
    fn new(kind: SynthKind, length: u64) -> Self {
        let (fade_in, fade_out) = match kind {
            SynthKind::DawnBed => (0.2, 3.0),
            SynthKind::NightBed => (2.5, 5.0),
            SynthKind::BrightBed => (0.002, 1.5),
            // A texture begins and ends in a lull, so that it can also stand alone.
            SynthKind::Waves | SynthKind::Wind => (1.5, 2.0),
            SynthKind::Bell => (0.001, 1.5),
            SynthKind::Switch => (0.001, 0.15),
            SynthKind::Whoosh => (0.02, 0.05),
        };
        let part = |seconds: f64| ((seconds * RATE) as u64).min(length / 3);
        Self {
            at: 0,
            length,
            fade_in: part(fade_in),
            fade_out: part(fade_out),
            before: [0.0; 2],
            blocked: [0.0; 2],
        }
    }

    fn apply(&mut self, frame: [f64; 2]) -> [f64; 2] {
        let ramp = |at: u64, length: u64| {
            if at >= length {
                1.0
            } else {
                raised_cosine((at as f64 + 0.5) / length as f64)
            }
        };
        let left = self.length.saturating_sub(self.at + 1);
        let gain = ramp(self.at, self.fade_in) * ramp(left, self.fade_out);
        self.at += 1;
        let mut out = [0.0; 2];
        for (c, out) in out.iter_mut().enumerate() {
            // A high pass at about 15 Hz.
            self.blocked[c] = frame[c] - self.before[c] + 0.998 * self.blocked[c];
            self.before[c] = frame[c];
            *out = CEILING * soft(self.blocked[c] / CEILING) * gain;
        }
        out
    }
}

/// Nearly straight for small values, level at ±1 from ±1.5 on.
fn soft(x: f64) -> f64 {
    let x = x.clamp(-1.5, 1.5);
    x - x * x * x * (4.0 / 27.0)
}

/// The frequency of a note in semitones over the C of 16.35 Hz.
fn pitch(semitone: f64) -> f64 {
    16.351_597_831_287_414 * crate::elementary::exp2(semitone / 12.0)
}

/// The factor a frame by which something falls by 60 dB in `seconds`.
fn decay(seconds: f64) -> f64 {
    crate::elementary::amplitude(-60.0 / (seconds.max(1e-3) * RATE))
}
