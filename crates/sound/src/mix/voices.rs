//! Speakers brought to the same loudness.

use std::collections::BTreeMap;

use workprint_model::timeline::{Lane, PlacedSound};
use workprint_model::{CastId, Samples};

use super::Library;
use crate::SoundError;
use crate::loudness::LoudnessMeter;
use crate::voice::LineLevel;

/// The most that a speaker is turned up or down, in decibels.
const MOST: f64 = 12.0;
/// Frames read at once.
const BLOCK: usize = 4800;

/// How a speaker is brought to the loudness of the others.
#[derive(Debug, Clone, PartialEq)]
pub struct VoiceMatch {
    /// Who.
    pub speaker: CastId,
    /// The loudness of all their lines together as they were made, in LUFS; none where there is too
    /// little to measure.
    pub loudness: Option<f64>,
    /// The gain that brings them to the loudness of a line, in decibels, at most 12 either way.
    pub gain: f64,
}

/// Measures each speaker's lines together, as they are in the library: a line's own gain, and its
/// speaker's, are meant to be heard.
///
/// Single lines are levelled when they are made, but a line of few words, or one whose peak left no
/// room, is not where it should be; taken together they are.
pub fn match_voices(
    items: &[PlacedSound],
    library: &dyn Library,
) -> Result<Vec<VoiceMatch>, SoundError> {
    let mut meters: BTreeMap<&CastId, LoudnessMeter> = BTreeMap::new();
    for item in items.iter().filter(|item| item.lane == Lane::Voice) {
        let Some(speaker) = &item.speaker else {
            continue;
        };
        if !meters.contains_key(speaker) {
            meters.insert(speaker, LoudnessMeter::new()?);
        }
        if let Some(meter) = meters.get_mut(speaker) {
            measure(item, library, meter).map_err(|error| error.in_item(&item.name))?;
        }
    }
    let target = LineLevel::default().target.to_f64();
    let matched = meters.into_iter().map(|(speaker, meter)| {
        let loudness = meter.integrated()?;
        let gain = loudness.map_or(0.0, |loudness| (target - loudness).clamp(-MOST, MOST));
        Ok(VoiceMatch {
            speaker: speaker.clone(),
            loudness,
            gain,
        })
    });
    matched.collect()
}

fn measure(
    item: &PlacedSound,
    library: &dyn Library,
    meter: &mut LoudnessMeter,
) -> Result<(), SoundError> {
    let mut sound = library.open(item)?;
    let channels = sound.channels();
    if !(1..=2).contains(&channels) {
        return Err(SoundError::Channels { channels });
    }
    sound.seek(item.skip)?;
    let mut left = item.length.min(sound.samples() - item.skip);
    let mut block = vec![0.0f32; BLOCK * usize::from(channels)];
    let mut stereo = Vec::with_capacity(BLOCK * 2);
    while left > Samples(0) {
        let frames = (BLOCK as u64).min(left.0) as usize;
        let wanted = &mut block[..frames * usize::from(channels)];
        let got = sound.read(wanted)?;
        if got == 0 {
            break;
        }
        stereo.clear();
        for frame in wanted[..got * usize::from(channels)].chunks_exact(usize::from(channels)) {
            let usable = |s: f32| if s.abs() <= 1024.0 { s } else { 0.0 };
            stereo.extend([usable(frame[0]), usable(frame[frame.len() - 1])]);
        }
        meter.add(&stereo)?;
        left = left - Samples(got as u64);
    }
    Ok(())
}
