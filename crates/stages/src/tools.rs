//! What steps are performed with.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use workprint_engine::{StepError, Work};
use workprint_media::{Media, MediaError};
use workprint_model::Digest;
use workprint_model::speech::VoiceEngine;
use workprint_picture::fonts::Fonts;

use crate::generate::Engines;
use crate::picture::{ParkedClips, RasterCache};
use crate::stock::Libraries;

/// The names and versions of the programs, as they go into keys.
#[derive(Debug, Clone)]
pub struct Identities {
    /// ffmpeg with its encoders.
    pub ffmpeg: String,
    /// The speech program, when there is one.
    pub espeak: Option<String>,
    /// rife-ncnn-vulkan, when there is one.
    pub rife: Option<String>,
    /// realesrgan-ncnn-vulkan, when there is one.
    pub realesrgan: Option<String>,
}

/// Programs, fonts and files that steps are performed with.
pub struct Tools {
    /// Starts programs.
    pub media: Media,
    /// Their names and versions.
    pub identities: Identities,
    /// The fonts that text is set in.
    pub fonts: Arc<Fonts>,
    /// What speaks besides espeak, by name.
    pub voices: BTreeMap<String, VoiceEngine>,
    /// What makes pictures of prompts.
    pub engines: Engines,
    /// What pictures and clips are fetched from.
    pub stock: Libraries,
    /// Pictures that were decoded a moment ago.
    pub rasters: RasterCache,
    /// Clips that are open a moment longer.
    pub parked: ParkedClips,
    files: Mutex<BTreeMap<Digest, PathBuf>>,
}

impl std::fmt::Debug for Tools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tools")
            .field("identities", &self.identities)
            .finish_non_exhaustive()
    }
}

impl Tools {
    /// Tools without any of the production's files; see [`Tools::know_file`].
    pub fn new(media: Media, identities: Identities, fonts: Arc<Fonts>) -> Self {
        Self {
            media,
            identities,
            fonts,
            voices: BTreeMap::new(),
            engines: Engines::default(),
            stock: Libraries::default(),
            rasters: RasterCache::default(),
            parked: ParkedClips::default(),
            files: Mutex::default(),
        }
    }

    /// Gives back what was held for further chunks. Where there are some after all, it is made again.
    pub(crate) fn rest(&self) {
        self.rasters.clear();
        self.parked.clear();
        self.media.rest();
    }

    /// Tells where a file of the production lies.
    pub fn know_file(&self, digest: Digest, path: PathBuf) {
        self.files
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(digest, path);
    }

    /// Where the bytes of a digest lie: in the vault or among the production's own files.
    pub fn locate(&self, work: &Work, digest: &Digest) -> Result<PathBuf, StepError> {
        let kept = work.store().path_of(digest);
        if kept.is_file() {
            return Ok(kept);
        }
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.get(digest).cloned().ok_or_else(|| {
            StepError::permanent(format!(
                "no file of the production has the digest {}",
                digest.short()
            ))
            .hint("bring back the file that this take was made from, or undo the take")
        })
    }

    /// The bytes of a digest, checked, when they are at most `limit`.
    pub fn read(&self, work: &Work, digest: &Digest, limit: u64) -> Result<Vec<u8>, StepError> {
        let path = self.locate(work, digest)?;
        let cannot = |error| {
            StepError::permanent(format!("cannot read `{}`", path.display())).because(error)
        };
        let length = std::fs::metadata(&path).map_err(cannot)?.len();
        if length > limit {
            return Err(StepError::permanent(format!(
                "`{}` has {length} bytes; at most {limit} are read",
                path.display()
            )));
        }
        let bytes = std::fs::read(&path).map_err(cannot)?;
        if Digest::of(&bytes) == *digest {
            Ok(bytes)
        } else {
            Err(StepError::temporary(
                format!(
                    "`{}` changed while it was used, or is damaged",
                    path.display()
                ),
                None,
            )
            .hint("run again; if it stays, run `workprint gc --verify`"))
        }
    }
}

/// A program's failure as a step's.
pub(crate) fn from_media(error: MediaError) -> StepError {
    if matches!(error, MediaError::Cancelled) {
        return StepError::cancelled();
    }
    let hints = error.hints();
    let mut step = StepError::permanent(error.to_string());
    for hint in hints {
        step = step.hint(hint);
    }
    step.because(error)
}
