//! Clips: what is in the user's video files, so that shots can be laid out and frames asked for.

pub(crate) mod animation;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::step::Estimate;
use workprint_model::{Artifact, Digest, Rate, SAMPLE_RATE, Samples, Size, Slot};

use crate::Tools;
use crate::tools::from_media;

/// A video file, to be looked into.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LookIntoClip {
    /// The engine, with its version.
    pub engine: String,
    /// The file.
    pub file: Digest,
    /// Its length in bytes, for the artifact that stands for it.
    #[serde(skip)]
    pub bytes: u64,
    /// The frame's size, which a sketch takes for the clip's.
    #[serde(skip)]
    pub frame: Option<Size>,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

/// A clip that can be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClipTake {
    /// The video.
    pub video: Artifact,
    /// The size as shown: pixel shape and rotation applied.
    pub size: Size,
    /// How long its picture plays: as far as there are frames.
    pub duration: Samples,
    /// How long it says that it plays, where it ends before that: it was cut short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<Samples>,
    /// Its frames a second, where it has a steady rate.
    pub rate: Option<Rate>,
    /// Whether it has sound.
    pub has_sound: bool,
}

impl Step for LookIntoClip {
    type Tools = Tools;
    type Output = ClipTake;

    const KIND: &'static str = "clip";
    const REVISION: u32 = 2;
    const TAKES: bool = true;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn in_slot(self, other: &Self) -> Self {
        Self {
            slot: other.slot.clone(),
            frame: other.frame,
            bytes: other.bytes,
            ..self
        }
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        vec![self.file]
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 0.1,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> ClipTake {
        ClipTake {
            video: Artifact::sketched(key, "video/mp4"),
            size: self.frame.unwrap_or(Size {
                width: 1920,
                height: 1080,
            }),
            duration: Samples(u64::from(SAMPLE_RATE) * 5),
            promised: None,
            rate: None,
            has_sound: false,
        }
    }

    fn digests(output: &ClipTake) -> Vec<Digest> {
        vec![output.video.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<ClipTake>, StepError> {
        let path = tools.locate(work, &self.file)?;
        let (media, step) = (tools.media.clone(), self.clone());
        work.blocking(move |work| {
            let other = animation::readable(&path, work).map_err(from_media)?;
            let shown = other.as_ref().map_or(path.as_path(), |other| other.path());
            let (probe, ends) = media.probe_to_end(shown).map_err(from_media)?;
            let Some(video) = &probe.video else {
                return Err(
                    StepError::permanent(format!("`{}` has no picture", path.display()))
                        .hint("name a video file, or use the file as a sound"),
                );
            };
            let duration = if ends.picture.0 > 0 {
                ends.picture
            } else {
                probe.duration
            };
            let bytes = std::fs::metadata(&path).map_or(step.bytes, |file| file.len());
            let mut video_artifact = Artifact {
                digest: step.file,
                media_type: "video/x-user".to_owned(),
                bytes,
            };
            // A file that is shown as it is, is the user's own and stays where it is.
            let mut made = Vec::new();
            if let Some(other) = other {
                video_artifact = work.store().keep(other, "image/apng")?;
                made.push(video_artifact.clone());
            }
            let take = ClipTake {
                video: video_artifact,
                size: video.shown,
                duration,
                promised: ends.promised,
                rate: video.rate,
                has_sound: probe.audio.is_some(),
            };
            Ok(Made::free(take, made))
        })
        .await
    }
}
