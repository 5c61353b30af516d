//! Master: chunks and the mix joined without being encoded again, one file that plays while it loads.

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_media::{Container, JoinSpec};
use workprint_model::step::Estimate;
use workprint_model::timeline::Timeline;
use workprint_model::{Artifact, Digest, Frames, Language, Rate, Slot};

use crate::Tools;
use crate::picture::ChunkTake;
use crate::tools::from_media;

/// A film, to be joined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Master {
    /// The engine, with its version.
    pub engine: String,
    /// The picture, in order.
    pub chunks: Vec<ChunkTake>,
    /// The soundtrack, where there is any.
    pub mix: Option<Digest>,
    /// Frames a second.
    pub rate: Rate,
    /// How many frames.
    pub frames: Frames,
    /// The title, for players.
    pub title: String,
    /// The language of the sound.
    pub language: Language,
    /// Where chapters begin.
    pub chapters: Vec<(Frames, String)>,
    /// The timeline, kept beside the film so that any frame of it can be explained.
    pub timeline: Digest,
    /// Its text.
    #[serde(skip)]
    pub timeline_json: Vec<u8>,
    /// What else must be made or answered before.
    #[serde(skip)]
    pub needs: Vec<Digest>,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

/// A finished film.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MasterTake {
    /// The MP4.
    pub film: Artifact,
    /// The timeline that it shows: JSON of [`Timeline`].
    pub timeline: Artifact,
}

/// That of a film's chunks.
fn container(chunks: &[ChunkTake]) -> Container {
    let kind = chunks.first().map(|chunk| chunk.video.media_type.as_str());
    if kind == Some(Container::Mov.media_type()) {
        Container::Mov
    } else {
        Container::Mp4
    }
}

impl Master {
    /// What joins such chunks, with the version of ffmpeg where that takes part.
    pub fn engine_for(chunks: &[ChunkTake], ffmpeg: &str) -> String {
        match container(chunks) {
            Container::Mp4 => "workprint-master 2".to_owned(),
            Container::Mov => format!("workprint-master 2 / {ffmpeg}"),
        }
    }

    /// The timeline as it is kept beside the film.
    pub fn timeline_json(timeline: &Timeline) -> Vec<u8> {
        serde_json::to_vec(timeline).unwrap_or_default()
    }
}

impl Step for Master {
    type Tools = Tools;
    type Output = MasterTake;

    const KIND: &'static str = "master";
    const REVISION: u32 = 1;
    const SUMMARIES: &'static [&'static str] = &["timeline"];

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        let chunks = self.chunks.iter().map(|chunk| chunk.video.digest);
        chunks
            .chain(self.mix)
            .chain(self.needs.iter().copied())
            .collect()
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 0.5 + self.frames.0 as f64 / self.rate.per_second() / 30.0,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> MasterTake {
        MasterTake {
            film: Artifact::sketched(key, container(&self.chunks).media_type()),
            timeline: Artifact::sketched(key, "application/json"),
        }
    }

    fn digests(output: &MasterTake) -> Vec<Digest> {
        vec![output.film.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<MasterTake>, StepError> {
        let (media, step) = (tools.media.clone(), self.clone());
        work.blocking(move |work| {
            let store = work.store();
            let chunks: Vec<_> = step
                .chunks
                .iter()
                .map(|chunk| store.path_of(&chunk.video.digest))
                .collect();
            let temp = store.temp()?;
            let spec = JoinSpec {
                out: temp.path().to_owned(),
                container: container(&step.chunks),
                rate: step.rate,
                frames: step.frames,
                title: Some(step.title.clone()),
                language: Some(step.language.to_string()),
                chapters: step.chapters.clone(),
            };
            let mix = step.mix.as_ref().map(|mix| store.path_of(mix));
            let joined = media.join(&chunks, mix.as_deref(), &spec);
            joined.map_err(from_media)?;
            let film = store.keep(temp, container(&step.chunks).media_type())?;
            let timeline = store.keep_bytes(&step.timeline_json, "application/json")?;
            let take = MasterTake {
                film: film.clone(),
                timeline: timeline.clone(),
            };
            Ok(Made::free(take, vec![film, timeline]))
        })
        .await
    }
}
