//! Readout: the whole script, heard and read before any picture is made.
//!
//! [`Parts`] cuts the mix of the voices into its chapters, [`Readout`] writes the page and the list of
//! who says what and when.

mod page;
mod parts;
mod script;

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};

use base64::prelude::BASE64_STANDARD;
use base64::write::EncoderWriter;
use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_media::Media;
use workprint_model::step::Estimate;
use workprint_model::{Artifact, Digest, Slot};

pub use parts::Parts;
pub use script::{Script, ScriptLine, ScriptScene, Spoken};
pub(crate) use script::{count_words, ms};

use crate::Tools;
use crate::tools::from_media;

/// The bit rate of a page's sound: speech in AAC is not told from the original at this.
const PAGE_KBPS: u16 = 64;

/// A script that was read aloud, to be written as a page that plays it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readout {
    /// The page's maker and the encoder of its sound, with their versions.
    pub engine: String,
    /// What is said.
    pub script: Script,
    /// How it sounds: a WAV.
    pub sound: Digest,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

/// A readout, written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadoutTake {
    /// One HTML page with everything in it, its sound too.
    pub page: Artifact,
    /// The same for programs: JSON.
    pub list: Artifact,
}

impl Step for Readout {
    type Tools = Tools;
    type Output = ReadoutTake;

    const KIND: &'static str = "readout";
    const REVISION: u32 = 1;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        self.engine.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        vec![self.sound]
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 0.2 + self.script.length_ms as f64 / 60_000.0,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> ReadoutTake {
        ReadoutTake {
            page: Artifact::sketched(key, "text/html"),
            list: Artifact::sketched(key, "application/json"),
        }
    }

    fn digests(output: &ReadoutTake) -> Vec<Digest> {
        vec![output.page.digest, output.list.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<ReadoutTake>, StepError> {
        let sound = tools.locate(work, &self.sound)?;
        let (step, media) = (self.clone(), tools.media.clone());
        work.blocking(move |work| step.write(&media, &sound, work))
            .await
    }
}

impl Readout {
    fn write(
        &self,
        media: &Media,
        sound: &std::path::Path,
        work: &Work,
    ) -> Result<Made<ReadoutTake>, StepError> {
        let cannot = |error| StepError::permanent("cannot write the page").because(error);
        let encoded = work.store().temp()?;
        media
            .encode_sound(sound, PAGE_KBPS, encoded.path())
            .map_err(from_media)?;
        let mut page = work.store().temp()?;
        let (head, tail) = page::around_sound(&self.script);
        let mut out = BufWriter::new(page.file());
        out.write_all(head.as_bytes()).map_err(cannot)?;
        let file = File::open(encoded.path()).map_err(cannot)?;
        // An hour of sound is 29 MB: it goes through piece by piece.
        let mut letters = EncoderWriter::new(&mut out, &BASE64_STANDARD);
        std::io::copy(&mut BufReader::new(file), &mut letters).map_err(cannot)?;
        letters.finish().map_err(cannot)?;
        drop(letters);
        out.write_all(tail.as_bytes()).map_err(cannot)?;
        out.flush().map_err(cannot)?;
        drop(out);
        let page = work.store().keep(page, "text/html")?;
        let list = self.script.json().map_err(|error| {
            StepError::permanent("cannot write the list of lines").because(error)
        })?;
        let list = work.store().keep_bytes(&list, "application/json")?;
        let take = ReadoutTake { page, list };
        let artifacts = vec![take.page.clone(), take.list.clone()];
        Ok(Made::free(take, artifacts))
    }
}
