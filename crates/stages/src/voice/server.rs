//! Lines that a speech server speaks.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, StepError, Work};
use workprint_media::Media;
use workprint_model::speech::VoiceEngine;
use workprint_model::words::units;
use workprint_model::{Digest, SAMPLE_RATE, Samples};
use workprint_providers::speech::{Line, Speak, SpeechError, Spoken};
use workprint_providers::vendors;

use crate::file_sound::FileSound;
use crate::tools::from_media;

use super::marks::{Heard, Marks};
use super::{SpokenEvents, SpokenWord, VoiceTake, keep, read_recording};

/// The words a minute that engines take as their voices' own pace.
const OWN_PACE: u32 = 160;

/// What a speech server is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The engine's name in the show.
    pub name: String,
    /// The model, of servers that have several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Exactly what is said.
    pub text: String,
    /// The engine's name of the voice.
    pub voice: String,
    /// Words a minute.
    pub rate: u16,
    /// How it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// Speak faster, within limits, so that the line is no longer than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Samples>,
    /// Those limits: at most so many percent of its own pace.
    pub fastest: u16,
    /// The voice's own files, where the engine is a program that reads them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Digest>,
    /// Pauses and stress.
    #[serde(default, skip_serializing_if = "Marks::is_none")]
    pub marks: Marks,
}

impl Asked {
    /// Speaks the line.
    pub(super) fn perform(
        &self,
        (engine, files): (Option<&VoiceEngine>, &[PathBuf]),
        media: &Media,
        work: &Work,
    ) -> Result<Made<VoiceTake>, StepError> {
        let engine = engine.ok_or_else(|| {
            StepError::permanent(format!("the show has no voice engine `{}`", self.name)).hint(
                format!("describe it in show.toml: `[engines.voices.{}]`", self.name),
            )
        })?;
        let speaker = vendors::speaker(engine, media, files).map_err(from_speech)?;
        let own = u32::from(self.rate) * 100 / OWN_PACE;
        let mut speed = own.clamp(10, 1000);
        let mut take = self.take(&*speaker, speed, media, work)?;
        for _ in 0..2 {
            let Some(fit) = self.fit.filter(|fit| take.0.len() as u64 > fit.0.max(1)) else {
                break;
            };
            let needed = u64::from(speed) * take.0.len() as u64 / fit.0.max(1) + 2;
            let faster = needed.min(u64::from(own * u32::from(self.fastest) / 100)) as u32;
            if faster <= speed {
                break;
            }
            speed = faster;
            take = self.take(&*speaker, speed, media, work)?;
        }
        keep(work, &take.0, take.1.as_ref())
    }

    fn take(
        &self,
        speaker: &dyn Speak,
        speed: u32,
        media: &Media,
        work: &Work,
    ) -> Result<Heard, StepError> {
        self.marks.speak(&self.text, |stretch| {
            let line = Line {
                text: &stretch.text,
                voice: &self.voice,
                speed: speed as u16,
                direction: self.direction.as_deref(),
            };
            heard(speaker, &line, media, work)
        })
    }
}

/// What an engine says, as it says it.
fn heard(
    speaker: &dyn Speak,
    line: &Line<'_>,
    media: &Media,
    work: &Work,
) -> Result<Heard, StepError> {
    let Spoken { sound, words } = speaker.speak(line, media.cancel()).map_err(from_speech)?;
    // As it came, so that it can be heard what a server gave.
    let sound = work.store().keep_bytes(&sound, "audio/wav")?;
    let path = work.store().path_of(&sound.digest);
    let samples = read_recording(FileSound::open(media, &path, 1)?, None)?;
    if samples.is_empty() {
        return Err(StepError::permanent(
            "the speech server sent a sound of no length",
        ));
    }
    let events = words.and_then(|words| account(line.text, &words));
    Ok((samples, events))
}

/// An account of when words are heard, from when to when in seconds, where they are as many as the text
/// has between white space.
pub(super) fn account(text: &str, words: &[(f64, f64)]) -> Option<SpokenEvents> {
    let place = |seconds: f64| Samples((seconds * f64::from(SAMPLE_RATE)).round() as u64);
    let units = spans(text);
    let all = units.iter().zip(words);
    let all = all.map(|((from, to), (start, end))| SpokenWord {
        from: *from,
        to: *to,
        start: place(*start),
        end: place(*end),
    });
    (units.len() == words.len()).then(|| SpokenEvents {
        words: all.collect(),
        phonemes: Vec::new(),
    })
}

/// The characters between white space, from and to.
fn spans(text: &str) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for unit in units(text) {
        match spans.last_mut().filter(|_| !unit.space_before) {
            Some(span) => span.1 = unit.to,
            None => spans.push((unit.from, unit.to)),
        }
    }
    spans
}

fn from_speech(error: SpeechError) -> StepError {
    let error = match error {
        SpeechError::Cancelled => return StepError::cancelled(),
        SpeechError::Program(error) => return from_media(error),
        error => error,
    };
    let hint = error.hint();
    let step = if error.is_temporary() {
        StepError::temporary(error.to_string(), None)
    } else {
        StepError::permanent(error.to_string())
    };
    step.hint(hint).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_stands_between_spaces() {
        assert_eq!(spans("It is, 太阳 -"), [(0, 2), (3, 6), (7, 9), (10, 11)]);
    }
}
