//! Graphics: title cards and lower thirds as plates with alpha, drawn once for each size.

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::graphic::{Graphic, Template};
use workprint_model::step::Estimate;
use workprint_model::timeline::Plate;
use workprint_model::{Artifact, Digest, Language, Size, Slot};
use workprint_picture::{graphic, still};

use crate::Tools;

/// The largest SVG template that is read.
const TEMPLATE_LIMIT: u64 = 8 << 20;

/// One overlay's graphic at one size.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DrawGraphic {
    /// The template and its words.
    pub graphic: Graphic,
    /// The frame's size.
    pub size: Size,
    /// The words' language, which decides on forms and direction.
    pub language: Language,
    /// The fonts that are used.
    pub fonts: Digest,
    /// The place in the episode.
    #[serde(skip)]
    pub slot: Slot,
}

impl Step for DrawGraphic {
    type Tools = Tools;
    type Output = Plate;

    const KIND: &'static str = "graphic";
    const REVISION: u32 = 1;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        "workprint-graphic 1".to_owned()
    }

    fn inputs(&self) -> Vec<Digest> {
        match &self.graphic.template {
            Template::Svg(digest) => vec![*digest],
            Template::BuiltIn(_) => Vec::new(),
        }
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 0.1,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> Plate {
        Plate {
            image: Artifact::sketched(key, "image/png"),
            x: 0,
            y: 0,
            size: self.size,
        }
    }

    fn digests(output: &Plate) -> Vec<Digest> {
        vec![output.image.digest]
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<Plate>, StepError> {
        let template = match &self.graphic.template {
            Template::BuiltIn(_) => None,
            Template::Svg(digest) => {
                let bytes = tools.read(work, digest, TEMPLATE_LIMIT)?;
                Some(String::from_utf8(bytes).map_err(|error| {
                    StepError::permanent("the graphic's SVG is not UTF-8 text")
                        .hint("save it as UTF-8")
                        .because(error)
                })?)
            }
        };
        let (step, fonts) = (self.clone(), std::sync::Arc::clone(&tools.fonts));
        work.blocking(move |work| {
            let drawn = graphic::graphic(
                &step.graphic,
                template.as_deref(),
                step.size,
                &step.language,
                &fonts,
            )
            .map_err(|error| {
                StepError::permanent("the graphic cannot be drawn")
                    .hint("give the overlay the fields that its graphic has, or mend the SVG")
                    .because(error)
            })?;
            let png = still::png(&drawn.image).map_err(|error| {
                StepError::permanent("the graphic cannot be written").because(error)
            })?;
            let image = work.store().keep_bytes(&png, "image/png")?;
            let plate = Plate {
                image: image.clone(),
                x: drawn.x,
                y: drawn.y,
                size: drawn.image.size,
            };
            Ok(Made::free(plate, vec![image]))
        })
        .await
    }
}
