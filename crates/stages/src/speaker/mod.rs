//! Speaker: the model of a voice's sounds, learned from the episode's own lines.
//!
//! Words of recordings lie better where more than one line tells how the voice sounds. The model is a
//! take of its own: it stays in the lock while lines are edited, so that an edit moves no other line's
//! words, and is learned anew when the voice changes or a person asks for it.

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_media::Media;
use workprint_model::step::Estimate;
use workprint_model::{Artifact, Digest, SAMPLE_RATE, Samples, Slot};
use workprint_sound::align::{Line, Speaker};

use crate::Tools;
use crate::align::by_text;

/// More of a voice than three minutes teaches nothing new.
const ENOUGH: Samples = Samples(SAMPLE_RATE as u64 * 180);
/// The largest model that is read: of a thousand sounds.
const MOST_BYTES: u64 = 2 << 20;

const MEDIA_TYPE: &str = "application/x-workprint-speaker";

/// What a voice says in a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lesson {
    /// The line's voice.
    pub voice: Digest,
    /// What it says.
    pub said: String,
}

/// A voice whose sounds are to be learned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnSpeaker {
    /// The engine, with its version.
    pub engine: String,
    /// Which voice of the speaker: `recorded`, or an engine's.
    pub voice: String,
    /// The espeak voice that reads its texts.
    pub reader: String,
    /// The lines that it is learned from, in the order of their digests.
    pub lessons: Vec<Lesson>,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

impl LearnSpeaker {
    /// A voice that says these lines, each with its length; three minutes of them are looked at. The
    /// engine is espeak's name with its version.
    pub fn of(
        voice: String,
        (engine, reader): (&str, &str),
        mut lines: Vec<(Lesson, Samples)>,
        slot: Slot,
    ) -> Self {
        lines.sort_unstable();
        lines.dedup();
        let mut heard = Samples(0);
        let enough = lines.into_iter().take_while(|(_, length)| {
            let more = heard < ENOUGH;
            heard = heard + *length;
            more
        });
        Self {
            engine: format!("workprint-speaker 2 / {engine}"),
            voice,
            reader: reader.to_owned(),
            lessons: enough.map(|(lesson, _)| lesson).collect(),
            slot,
        }
    }
}

/// A voice's model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeakerTake {
    /// The model.
    pub model: Artifact,
    /// How much of the voice it was learned from; lines that do not say what is written teach nothing.
    pub heard: Samples,
}

impl SpeakerTake {
    /// Whether a model that is learned anew from `now` would know the voice far better: from four times
    /// as much, and half a minute more.
    pub fn is_outgrown(&self, now: Samples) -> bool {
        let now = now.min(ENOUGH);
        now.0 >= 4 * self.heard.0 && now.0 >= self.heard.0 + 30 * u64::from(SAMPLE_RATE)
    }
}

impl Step for LearnSpeaker {
    type Tools = Tools;
    type Output = SpeakerTake;

    const KIND: &'static str = "speaker";
    const REVISION: u32 = 1;
    const TAKES: bool = true;
    const YIELDS: bool = true;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn in_slot(self, other: &Self) -> Self {
        Self {
            slot: other.slot.clone(),
            ..self
        }
    }

    fn yields_to(&self, locked: &Self) -> bool {
        (&self.voice, &self.reader) == (&locked.voice, &locked.reader)
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        self.lessons.iter().map(|lesson| lesson.voice).collect()
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 0.1 * self.lessons.len() as f64,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> SpeakerTake {
        SpeakerTake {
            model: Artifact::sketched(key, MEDIA_TYPE),
            heard: ENOUGH,
        }
    }

    fn digests(output: &SpeakerTake) -> Vec<Digest> {
        vec![output.model.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<SpeakerTake>, StepError> {
        let (media, step) = (tools.media.clone(), self.clone());
        work.blocking(move |work| step.learn(&media, work)).await
    }
}

impl LearnSpeaker {
    fn learn(&self, media: &Media, work: &Work) -> Result<Made<SpeakerTake>, StepError> {
        let mut lines: Vec<Line> = Vec::new();
        let mut heard = Samples(0);
        for (number, lesson) in self.lessons.iter().enumerate() {
            if work.is_cancelled() {
                return Err(StepError::cancelled());
            }
            let wav = work.store().read(&lesson.voice)?;
            let (found, length) = by_text::find_in(media, &wav, &lesson.said, &self.reader)?;
            if let Some((line, _)) = found.filter(|(line, _)| by_text::is_plausible(line)) {
                lines.push(line);
                heard = heard + length;
            }
            work.progress((number * 1000 / self.lessons.len()) as u16);
        }
        let model = Speaker::learn(&mut lines).to_bytes();
        let model = work.store().keep_bytes(&model, MEDIA_TYPE)?;
        let take = SpeakerTake {
            model: model.clone(),
            heard,
        };
        Ok(Made::free(take, vec![model]))
    }
}

/// Reads a voice's model.
pub(crate) fn read_model(tools: &Tools, work: &Work, model: &Digest) -> Result<Speaker, StepError> {
    let bytes = tools.read(work, model, MOST_BYTES)?;
    Speaker::from_bytes(&bytes)
        .map_err(|error| StepError::permanent("the voice's model cannot be read").because(error))
}
