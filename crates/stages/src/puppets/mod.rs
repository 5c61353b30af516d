//! Puppets: an SVG with named parts as pictures that the painter lays over each other.

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::rig::{Rig, RigPiece};
use workprint_model::step::Estimate;
use workprint_model::{Artifact, Digest, Language, Size, Slot};
use workprint_picture::{puppet, still};

use crate::Tools;

/// One puppet at one size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawPuppet {
    /// The digest of the SVG.
    pub file: Digest,
    /// How many pixels the whole drawing is high.
    pub height: u32,
    /// Turned left for right.
    pub mirrored: bool,
    /// The language of its text.
    pub language: Language,
    /// The fonts of its text.
    pub fonts: Digest,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

impl Step for DrawPuppet {
    type Tools = Tools;
    type Output = Rig;

    const KIND: &'static str = "puppet";
    const REVISION: u32 = 1;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        "workprint-puppet 1".to_owned()
    }

    fn inputs(&self) -> Vec<Digest> {
        vec![self.file]
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 0.5,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> Rig {
        let size = Size {
            width: self.height / 2,
            height: self.height,
        };
        Rig {
            height: self.height,
            parts: Vec::new(),
            pieces: vec![RigPiece {
                image: Artifact::sketched(key, "image/png"),
                x: -(size.width as i32) / 2,
                y: -(size.height as i32),
                size,
                part: None,
            }],
        }
    }

    fn digests(output: &Rig) -> Vec<Digest> {
        let pieces = output.pieces.iter();
        pieces.map(|piece| piece.image.digest).collect()
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<Rig>, StepError> {
        let path = tools.locate(work, &self.file)?;
        let bytes = tools.read(work, &self.file, puppet::MAX_BYTES as u64)?;
        let (step, fonts) = (self.clone(), std::sync::Arc::clone(&tools.fonts));
        work.blocking(move |work| {
            let unusable =
                || StepError::permanent(format!("`{}` cannot be used as a puppet", path.display()));
            let svg = std::str::from_utf8(&bytes)
                .map_err(|error| unusable().hint("save it as UTF-8 text").because(error))?;
            let drawn = puppet::draw(svg, step.height, step.mirrored, &step.language, &fonts)
                .map_err(|error| {
                    unusable()
                        .hint("mend the SVG; docs/guide/puppets.md says how parts are named")
                        .because(error)
                })?;
            keep(drawn, work)
        })
        .await
    }
}

fn keep(drawn: puppet::DrawnRig, work: &Work) -> Result<Made<Rig>, StepError> {
    let mut pieces = Vec::with_capacity(drawn.pieces.len());
    for (part, placed) in drawn.pieces {
        let png = still::png(&placed.image)
            .map_err(|error| StepError::permanent("the puppet cannot be written").because(error))?;
        pieces.push(RigPiece {
            image: work.store().keep_bytes(&png, "image/png")?,
            x: placed.x,
            y: placed.y,
            size: placed.image.size,
            part,
        });
    }
    let artifacts = pieces.iter().map(|piece| piece.image.clone()).collect();
    let rig = Rig {
        height: drawn.height,
        parts: drawn.parts,
        pieces,
    };
    Ok(Made::free(rig, artifacts))
}
