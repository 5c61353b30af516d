//! Lines that were bought, brought into the shape of all others.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, StepError, Work};
use workprint_media::Media;
use workprint_model::{Digest, SAMPLE_RATE, Samples};

use crate::file_sound::FileSound;
use crate::generate::SpeakTake;
use crate::tools::Tools;

use super::marks::{Heard, Marks};
use super::server::account;
use super::{VoiceSource, VoiceTake, keep, read_recording};

/// The most bytes of the times of a line's words.
const MOST_WORDS: u64 = 4 << 20;
/// The most that a line is hastened, in percent of its pace.
const MOST_TEMPO: u16 = 200;

/// A line whose stretches were bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bought {
    /// The vendor and the model that spoke.
    pub model: String,
    /// The vendor's name of the voice.
    pub voice: String,
    /// Exactly what is said.
    pub text: String,
    /// What was bought of it: each stretch between two pauses.
    pub stretches: Vec<BoughtStretch>,
    /// Pauses.
    #[serde(default, skip_serializing_if = "Marks::is_none")]
    pub marks: Marks,
    /// Play it faster, at the same pitch and within limits, so that it is no longer than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Samples>,
    /// Those limits: at most so many percent of its own pace.
    #[serde(
        default = "VoiceSource::fastest",
        skip_serializing_if = "VoiceSource::is_fastest"
    )]
    pub fastest: u16,
    /// The engine's name in the show.
    #[serde(skip)]
    pub name: String,
    /// Words a minute, as far as is known before.
    #[serde(skip)]
    pub rate: u16,
}

/// What was bought of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoughtStretch {
    /// A sound file.
    pub sound: Digest,
    /// When its words are heard, where the vendor told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Digest>,
}

impl From<SpeakTake> for BoughtStretch {
    fn from(take: SpeakTake) -> Self {
        Self {
            sound: take.sound.digest,
            words: take.words.map(|words| words.digest),
        }
    }
}

/// A stretch that is there.
pub(super) struct Here {
    path: PathBuf,
    /// From when to when each word is heard, in seconds.
    words: Option<Vec<(f64, f64)>>,
}

impl Bought {
    /// Whether the vendor told of every stretch when its words are heard.
    pub(super) fn tells(&self) -> bool {
        let mut all = self.stretches.iter();
        all.all(|stretch| stretch.words.is_some())
    }

    /// What it is made of.
    pub(super) fn inputs(&self) -> Vec<Digest> {
        let all = self.stretches.iter();
        all.flat_map(|stretch| std::iter::once(stretch.sound).chain(stretch.words))
            .collect()
    }

    /// Where its stretches lie.
    pub(super) fn locate(&self, tools: &Tools, work: &Work) -> Result<Vec<Here>, StepError> {
        let here = |stretch: &BoughtStretch| {
            let words = stretch.words.as_ref();
            let words = words.map(|words| tools.read(work, words, MOST_WORDS));
            let words = words.transpose()?.map(|words| {
                serde_json::from_slice(&words).map_err(|error| {
                    StepError::permanent("the times of a line's words cannot be read")
                        .because(error)
                })
            });
            Ok(Here {
                path: tools.locate(work, &stretch.sound)?,
                words: words.transpose()?,
            })
        };
        self.stretches.iter().map(here).collect()
    }

    /// Trims and levels the line, and hastens it where it must fit.
    pub(super) fn perform(
        &self,
        stretches: &[Here],
        media: &Media,
        work: &Work,
    ) -> Result<Made<VoiceTake>, StepError> {
        let mut tempo = 100;
        let mut take = self.take(stretches, tempo, media)?;
        for _ in 0..2 {
            let Some(fit) = self.fit.filter(|fit| take.0.len() as u64 > fit.0.max(1)) else {
                break;
            };
            let needed = u64::from(tempo) * take.0.len() as u64 / fit.0.max(1) + 1;
            let faster = needed.min(u64::from(self.fastest.min(MOST_TEMPO))) as u16;
            if faster <= tempo {
                break;
            }
            tempo = faster;
            take = self.take(stretches, tempo, media)?;
        }
        keep(work, &take.0, take.1.as_ref())
    }

    fn take(&self, stretches: &[Here], tempo: u16, media: &Media) -> Result<Heard, StepError> {
        let mut stretches = stretches.iter();
        self.marks.speak(&self.text, |stretch| {
            let here = stretches
                .next()
                .ok_or_else(|| StepError::permanent("a stretch of the line was not bought"))?;
            let reader = FileSound::open_at(media, &here.path, 1, tempo)?;
            let samples = read_recording(reader, None)?;
            if samples.is_empty() {
                return Err(
                    StepError::permanent("what was bought is a sound of no length")
                        .hint("order it again: `workprint render EPISODE --from speak`"),
                );
            }
            let faster = 100.0 / f64::from(tempo);
            let end = (samples.len() as f64 / f64::from(SAMPLE_RATE)) + 0.5;
            let words = here.words.iter().flatten();
            let words: Vec<_> = words.map(|(a, b)| (a * faster, b * faster)).collect();
            // Times of what is not there are times of something else.
            let known = here.words.is_some() && words.iter().all(|word| word.1 <= end);
            let events = known.then(|| account(&stretch.text, &words)).flatten();
            Ok((samples, events))
        })
    }
}
