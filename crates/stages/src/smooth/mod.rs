//! Smooth: clips with frames interpolated between their own.

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_media::Interpolator;
use workprint_model::step::{Estimate, Pool};
use workprint_model::{Artifact, Digest, Slot};

use crate::Tools;
use crate::clips::ClipTake;
use crate::tools::from_media;

/// A clip, to be given `factor` times as many frames.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Smooth {
    /// The engine, with its version.
    pub engine: String,
    /// By rife-ncnn-vulkan; else by ffmpeg's `minterpolate`.
    pub rife: bool,
    /// How many frames for each.
    pub factor: u8,
    /// The clip.
    pub clip: ClipTake,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

impl Step for Smooth {
    type Tools = Tools;
    type Output = ClipTake;

    const KIND: &'static str = "smooth";
    const REVISION: u32 = 2;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        vec![self.clip.video.digest]
    }

    fn pool(&self) -> Pool {
        if self.rife { Pool::Gpu } else { Pool::Cpu }
    }

    fn estimate(&self) -> Estimate {
        // Motion search takes about as many seconds as the clip has frames at 1080p, over ten.
        Estimate {
            seconds: self.clip.duration.seconds() * 6.0,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> ClipTake {
        ClipTake {
            video: Artifact::sketched(key, "video/mp4"),
            ..self.clip.clone()
        }
    }

    fn digests(output: &ClipTake) -> Vec<Digest> {
        vec![output.video.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<ClipTake>, StepError> {
        let path = tools.locate(work, &self.clip.video.digest)?;
        let (media, step) = (tools.media.clone(), self.clone());
        work.blocking(move |work| {
            let temp = work.store().temp()?;
            let with = if step.rife {
                Interpolator::Rife
            } else {
                Interpolator::Motion
            };
            let (_, rate) = media
                .interpolate(&path, temp.path(), step.factor, with)
                .map_err(from_media)?;
            let video = work.store().keep(temp, "video/mp4")?;
            let take = ClipTake {
                video: video.clone(),
                rate: Some(rate),
                ..step.clip.clone()
            };
            Ok(Made::free(take, vec![video]))
        })
        .await
    }
}
