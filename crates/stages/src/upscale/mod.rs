//! Upscale: pictures and clips enlarged by a model, before they are framed or given more frames.

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_media::Upscale;
use workprint_model::show::UpscaleModel;
use workprint_model::step::{Estimate, Pool};
use workprint_model::{Artifact, Digest, Size, Slot};
use workprint_picture::still;

use crate::Tools;
use crate::clips::ClipTake;
use crate::tools::from_media;

/// The largest file that is enlarged.
const FILE_LIMIT: u64 = 256 << 20;

/// A picture, to be enlarged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpscaleImage {
    /// The program, with its version.
    pub engine: String,
    /// Its model.
    pub model: UpscaleModel,
    /// How many times.
    pub factor: u8,
    /// The picture.
    pub file: Digest,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

/// A clip, to be enlarged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpscaleClip {
    /// The program, with its version.
    pub engine: String,
    /// Its model.
    pub model: UpscaleModel,
    /// How many times.
    pub factor: u8,
    /// The clip.
    pub clip: ClipTake,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

impl UpscaleImage {
    const fn with(&self) -> Upscale {
        Upscale {
            factor: self.factor,
            model: self.model,
        }
    }
}

impl UpscaleClip {
    const fn with(&self) -> Upscale {
        Upscale {
            factor: self.factor,
            model: self.model,
        }
    }
}

impl Step for UpscaleImage {
    type Tools = Tools;
    type Output = Artifact;

    const KIND: &'static str = "upscale";
    const REVISION: u32 = 1;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        vec![self.file]
    }

    fn pool(&self) -> Pool {
        Pool::Gpu
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 5.0,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> Artifact {
        Artifact::sketched(key, "image/png")
    }

    fn digests(output: &Artifact) -> Vec<Digest> {
        vec![output.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<Artifact>, StepError> {
        let path = tools.locate(work, &self.file)?;
        let file = tools.read(work, &self.file, FILE_LIMIT)?;
        let (media, with) = (tools.media.clone(), self.with());
        work.blocking(move |work| {
            let unusable = |error| {
                let message = format!("`{}` cannot be enlarged", path.display());
                StepError::permanent(message)
                    .hint("mend or replace the file, or name another one in the manifest")
                    .because(error)
            };
            // Refused before it is decoded where it would become too large; what tells no size is refused by the decoder.
            if let Some(size) = still::stored_size(&file) {
                with.picture(size).map_err(from_media)?;
            }
            // Whatever the file is, the program reads a PNG as it is seen: turned and in sRGB.
            let picture = still::decode_still(&file).map_err(unusable)?;
            drop(file);
            let png = still::png(&picture).map_err(unusable)?;
            drop(picture);
            let folder = work.store().temp_folder()?;
            let made = media
                .upscale_picture(&path, &png, folder.path(), with)
                .map_err(from_media)?;
            let image = work.store().keep_bytes(&made, "image/png")?;
            Ok(Made::free(image.clone(), vec![image]))
        })
        .await
    }
}

impl Step for UpscaleClip {
    type Tools = Tools;
    type Output = ClipTake;

    const KIND: &'static str = "upscale-clip";
    const REVISION: u32 = 1;

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
        Pool::Gpu
    }

    fn estimate(&self) -> Estimate {
        // Some five frames a second on a graphics card of today.
        Estimate {
            seconds: self.clip.duration.seconds() * 6.0,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> ClipTake {
        let side = |side: u32| side.saturating_mul(u32::from(self.factor));
        ClipTake {
            video: Artifact::sketched(key, "video/mp4"),
            size: Size {
                width: side(self.clip.size.width),
                height: side(self.clip.size.height),
            },
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
            let (_, size) = media
                .upscale_clip(&path, temp.path(), step.with())
                .map_err(from_media)?;
            let video = work.store().keep(temp, "video/mp4")?;
            let take = ClipTake {
                video: video.clone(),
                size,
                ..step.clip.clone()
            };
            Ok(Made::free(take, vec![video]))
        })
        .await
    }
}
