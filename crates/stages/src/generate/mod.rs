//! Pictures that somebody else's model makes of prompts, and clips of pictures.

mod animate;
pub(crate) mod call;
mod engines;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::outside::ImageEffort;
use workprint_model::show::EngineSpec;
use workprint_model::step::{Estimate, Pool};
use workprint_model::{Artifact, Digest, Money, Size, Slot};
use workprint_providers::order::{Capability, Effort, Graph, Order, Reference, What, picture_type};
use workprint_providers::vendors::Row;

pub use self::animate::Animate;
use self::call::Call;
pub use self::engines::Engines;
use crate::tools::Tools;

/// The largest picture that is sent along.
const REFERENCE_LIMIT: u64 = 20 << 20;
/// The largest graph.
const GRAPH_LIMIT: u64 = 4 << 20;
/// About as many pixels as models make well.
const PIXELS: u64 = 1_000_000;

/// Which model makes something, and what it is told besides the prompt: what an engine of the show is to a
/// step's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// The vendor.
    pub vendor: String,
    /// The model.
    pub model: String,
    /// What else it is told.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, Value>,
    /// The graph that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<Digest>,
    /// Where in the graph an order goes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub places: BTreeMap<String, String>,
    /// The show's engine that it is.
    #[serde(skip)]
    pub engine: String,
}

impl Model {
    /// The model of an engine of the show, and the digest of the graph that it names.
    pub fn of((name, spec): (&str, &EngineSpec), graph: Option<Digest>) -> Self {
        Self {
            vendor: spec.vendor.clone(),
            model: spec.model.clone(),
            options: spec.options.clone(),
            graph,
            places: spec.places.clone(),
            engine: name.to_owned(),
        }
    }

    /// What is ordered of it.
    fn order(
        &self,
        what: What,
        (prompt, seed): (&str, u32),
        references: Vec<Reference>,
        graph: Option<Graph>,
    ) -> Order {
        Order {
            model: self.model.clone(),
            prompt: prompt.to_owned(),
            seed,
            references,
            options: self.options.clone().into_iter().collect(),
            graph,
            what,
        }
    }

    /// The most that an order may cost, whose references are only counted.
    fn price(&self, spec: &EngineSpec, what: What, asked: (&str, u32), references: usize) -> Money {
        let sent = Reference {
            media_type: String::new(),
            bytes: Vec::new(),
        };
        let order = self.order(what, asked, vec![sent; references], None);
        let price = Row::find(&spec.vendor).and_then(|row| row.price(order.capability(), spec));
        price.map_or(Money::ZERO, |price| price.quote(&order))
    }

    fn digests(&self) -> Vec<Digest> {
        self.graph.into_iter().collect()
    }

    fn graph(&self, tools: &Tools, work: &Work) -> Result<Option<Graph>, StepError> {
        let Some(digest) = &self.graph else {
            return Ok(None);
        };
        let bytes = tools.read(work, digest, GRAPH_LIMIT)?;
        let nodes = serde_json::from_slice(&bytes).map_err(|error| {
            StepError::permanent(format!("the graph is no JSON object: {error}"))
                .hint("export it from the editor by \"Export (API)\"")
        })?;
        let places = self.places.clone();
        Ok(Some(Graph { nodes, places }))
    }
}

fn references(digests: &[Digest], tools: &Tools, work: &Work) -> Result<Vec<Reference>, StepError> {
    let read = |digest| {
        let bytes = tools.read(work, digest, REFERENCE_LIMIT)?;
        // What begins like nothing known is left to the vendor's own judgement.
        let media_type = picture_type(&bytes).unwrap_or("image/jpeg").to_owned();
        Ok(Reference { media_type, bytes })
    };
    digests.iter().map(read).collect()
}

/// A picture of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generate {
    /// What makes it.
    #[serde(flatten)]
    pub model: Model,
    /// What should be seen.
    pub prompt: String,
    /// The seed.
    pub seed: u32,
    /// The size that is asked for.
    pub size: Size,
    /// How hard the model tries.
    #[serde(default, skip_serializing_if = "ImageEffort::is_default")]
    pub quality: ImageEffort,
    /// What it should be like: digests of files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Digest>,
    /// The most that it may cost.
    #[serde(skip)]
    pub price: Money,
    /// What it fills.
    #[serde(skip)]
    pub slot: Slot,
}

impl Generate {
    /// The picture of a prompt for frames of a size, by an engine of the show.
    pub fn of(
        (model, spec): (Model, &EngineSpec),
        (prompt, seed): (&str, u32),
        references: Vec<Digest>,
        frame: Size,
        slot: Slot,
    ) -> Self {
        let mut step = Self {
            model,
            prompt: prompt.to_owned(),
            seed,
            size: asked(frame),
            quality: spec.quality,
            references,
            price: Money::ZERO,
            slot,
        };
        let count = step.references.len();
        step.price = step.model.price(spec, step.what(), (prompt, seed), count);
        step
    }

    fn what(&self) -> What {
        What::Image {
            size: self.size,
            effort: match self.quality {
                ImageEffort::Low => Effort::Low,
                ImageEffort::Medium => Effort::Medium,
                ImageEffort::High => Effort::High,
            },
        }
    }
}

/// The size to ask for: of the frame's shape, about a million pixels, sides divisible by 16.
fn asked(frame: Size) -> Size {
    let (width, height) = (
        u64::from(frame.width.max(1)),
        u64::from(frame.height.max(1)),
    );
    let side = |of: u64, to: u64| ((PIXELS * of / to).isqrt() / 16 * 16).clamp(256, 3840) as u32;
    Size {
        width: side(width, height),
        height: side(height, width),
    }
}

impl Step for Generate {
    type Tools = Tools;
    type Output = Artifact;

    const KIND: &'static str = "generate";
    const REVISION: u32 = 1;
    const TAKES: bool = true;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }

    fn in_slot(self, other: &Self) -> Self {
        Self {
            slot: other.slot.clone(),
            model: Model {
                engine: other.model.engine.clone(),
                ..self.model
            },
            price: other.price,
            ..self
        }
    }

    fn engine(&self) -> String {
        format!("{} {}", self.model.vendor, self.model.model)
    }

    fn inputs(&self) -> Vec<Digest> {
        [self.references.clone(), self.model.digests()].concat()
    }

    fn pool(&self) -> Pool {
        Pool::Network
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 10.0,
            cost: self.price,
        }
    }

    fn sketch(&self, key: &Digest) -> Artifact {
        Artifact::sketched(key, "image/png")
    }

    fn digests(output: &Artifact) -> Vec<Digest> {
        vec![output.digest]
    }

    fn seed(&self) -> Option<u32> {
        Some(self.seed)
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<Artifact>, StepError> {
        let engine = tools.engines.find(Capability::Image, &self.model)?;
        let references = references(&self.references, tools, work)?;
        let asked = (self.prompt.as_str(), self.seed);
        let graph = self.model.graph(tools, work)?;
        let order = self.model.order(self.what(), asked, references, graph);
        let bought = work.buy(&Call { engine, order }).await?;
        let [picture] = bought.artifacts.as_slice() else {
            return Err(StepError::permanent(
                "a picture was bought, and is not there",
            ));
        };
        Ok(Made {
            output: picture.clone(),
            artifacts: bought.artifacts.clone(),
            cost: bought.cost,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_of_the_frames_shape_and_within_a_megapixel() {
        let size = |width, height| {
            let Size { width, height } = asked(Size { width, height });
            (width, height)
        };
        assert_eq!(size(1920, 1080), (1328, 736));
        assert_eq!(size(1080, 1920), (736, 1328));
        assert_eq!(size(320, 320), (992, 992));
        assert_eq!(size(7680, 16), (3840, 256));
        assert_eq!(size(0, 0), (992, 992));
    }
}
