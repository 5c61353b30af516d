//! The sounds of a mix, opened from the vault.

use std::fs::File;
use std::io::BufReader;

use workprint_engine::{StepError, Work};
use workprint_model::Decibels;
use workprint_model::timeline::PlacedSound;
use workprint_sound::mix::{Library, match_voices};
use workprint_sound::wav::WavSound;
use workprint_sound::{Sound, SoundError};

use super::{MatchedVoice, failed};

/// Bytes read from a file at once.
const BUFFER: usize = 1 << 16;

/// Opens sounds from the vault.
pub(super) struct Shelf<'a> {
    pub(super) work: &'a Work,
}

impl Library for Shelf<'_> {
    fn open(&self, sound: &PlacedSound) -> Result<Box<dyn Sound>, SoundError> {
        let path = self.work.store().path_of(&sound.sound.digest);
        let file = File::open(path).map_err(|error| SoundError::Open {
            what: sound.name.clone(),
            source: error.into(),
        })?;
        Ok(Box::new(WavSound::open(BufReader::with_capacity(
            BUFFER, file,
        ))?))
    }
}

/// The sounds with every speaker brought to the loudness of the others, where that is wanted, and
/// what each was given.
pub(super) fn matched(
    sounds: &[PlacedSound],
    wanted: bool,
    work: &Work,
) -> Result<(Vec<PlacedSound>, Vec<MatchedVoice>), StepError> {
    let mut sounds = sounds.to_vec();
    if !wanted {
        return Ok((sounds, Vec::new()));
    }
    let voices = match_voices(&sounds, &Shelf { work }).map_err(failed)?;
    let hundredths = |value: f64| (value * 100.0).round() as i32;
    let voices: Vec<MatchedVoice> = voices
        .into_iter()
        .map(|voice| MatchedVoice {
            speaker: voice.speaker,
            loudness: voice.loudness.map(hundredths),
            gain: Decibels::from_hundredths(hundredths(voice.gain)),
        })
        .collect();
    for sound in &mut sounds {
        let voice = voices
            .iter()
            .find(|voice| Some(&voice.speaker) == sound.speaker.as_ref());
        if let Some(voice) = voice {
            let both = sound.gain.hundredths() + voice.gain.hundredths();
            sound.gain = Decibels::from_hundredths(both);
        }
    }
    Ok((sounds, voices))
}
