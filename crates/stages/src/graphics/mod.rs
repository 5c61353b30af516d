//! Graphics: titles, lower thirds, charts and the like as parts with alpha, drawn once for each size.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::graphic::{Content, Drawing, Graphic, Part, Template};
use workprint_model::step::Estimate;
use workprint_model::timeline::Plate;
use workprint_model::{Artifact, Digest, Language, Size, Slot};
use workprint_picture::{Fonts, Rgba, graphic, still, svg};

use crate::Tools;
use crate::images::{flat, text};

/// The largest SVG template that is read.
const TEMPLATE_LIMIT: u64 = 8 << 20;
/// The largest picture that is read.
const PICTURE_LIMIT: u64 = 256 << 20;

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
    type Output = Drawing;

    const KIND: &'static str = "graphic";
    const REVISION: u32 = 3;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn engine(&self) -> String {
        "workprint-graphic 2".to_owned()
    }

    fn inputs(&self) -> Vec<Digest> {
        let template = match &self.graphic.template {
            Template::Svg(digest) => Some(*digest),
            Template::BuiltIn(_) => None,
        };
        let pictures = self.graphic.pictures.values().map(|picture| picture.file);
        template.into_iter().chain(pictures).collect()
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 0.1,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> Drawing {
        Drawing {
            parts: vec![Part::still(Plate {
                image: Artifact::sketched(key, "image/png"),
                x: 0,
                y: 0,
                size: self.size,
            })],
        }
    }

    fn digests(output: &Drawing) -> Vec<Digest> {
        let images = output.parts.iter().filter_map(|part| match &part.content {
            Content::Plate(plate) => Some(plate.image.digest),
            Content::Count(count) => Some(count.plate.image.digest),
            Content::Hole(_) => None,
        });
        images.collect()
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<Drawing>, StepError> {
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
        let mut files = Vec::new();
        for (name, picture) in &self.graphic.pictures {
            let path = tools.locate(work, &picture.file)?;
            let bytes = tools.read(work, &picture.file, PICTURE_LIMIT)?;
            files.push((name.clone(), picture.svg, path, bytes));
        }
        let (step, fonts) = (self.clone(), std::sync::Arc::clone(&tools.fonts));
        work.blocking(move |work| {
            let mut pictures = BTreeMap::new();
            for (name, is_svg, path, bytes) in files {
                let picture = picture(&step, (&bytes, is_svg), &fonts).map_err(|error| {
                    StepError::permanent(format!("`{}` cannot be used", path.display()))
                        .hint("mend or replace the file, or name another one in the manifest")
                        .because(error)
                })?;
                pictures.insert(name, picture);
            }
            let given = graphic::Given {
                svg: template.as_deref(),
                pictures: &pictures,
                size: step.size,
                language: &step.language,
                fonts: &fonts,
            };
            let drawn = graphic::graphic(&step.graphic, &given).map_err(|error| {
                StepError::permanent("the graphic cannot be drawn")
                    .hint("give the overlay what its graphic takes, or mend the SVG")
                    .because(error)
            })?;
            let mut kept = Vec::new();
            for (artifact, bytes) in &drawn.files {
                kept.push(work.store().keep_bytes(bytes, &artifact.media_type)?);
            }
            Ok(Made::free(drawn.drawing, kept))
        })
        .await
    }
}

/// A picture of a graphic, no larger than the frame needs.
fn picture(
    step: &DrawGraphic,
    (bytes, is_svg): (&[u8], bool),
    fonts: &Fonts,
) -> Result<Rgba, StepError> {
    let unusable = |error| StepError::permanent("the picture cannot be drawn").because(error);
    if is_svg {
        let scene =
            svg::scene(text(bytes)?, step.size, 1.0, &step.language, fonts).map_err(unusable)?;
        return flat(&scene, scene.size).map_err(unusable);
    }
    let picture = still::decode_still(bytes).map_err(unusable)?;
    let side = step.size.width.max(step.size.height).saturating_mul(2);
    Ok(still::fit_to(
        picture,
        Size {
            width: side,
            height: side,
        },
    ))
}
