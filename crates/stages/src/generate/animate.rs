//! Clips that somebody else's model makes of pictures.

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::show::{EngineSpec, Output};
use workprint_model::step::{Estimate, Pool};
use workprint_model::{Artifact, Digest, Money, Rate, Size, Slot};
use workprint_providers::order::What;

use super::drawn::{as_png, is_drawing};
use super::{Model, asked, buy, references};
use crate::tools::Tools;

/// A clip that begins with a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Animate {
    /// What makes it.
    #[serde(flatten)]
    pub model: Model,
    /// What should happen.
    pub prompt: String,
    /// The seed.
    pub seed: u32,
    /// The size that is asked for.
    pub size: Size,
    /// How long it should be, in milliseconds.
    pub length_ms: u32,
    /// The film's frames a second, where it is made in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Its first frame.
    pub first: Digest,
    /// What else must be answered before.
    #[serde(skip)]
    pub needs: Vec<Digest>,
    /// The most that it may cost.
    #[serde(skip)]
    pub price: Money,
    /// Whether it is one of several takes.
    #[serde(skip)]
    pub candidate: bool,
    /// What it fills.
    #[serde(skip)]
    pub slot: Slot,
    /// What is made in its place, by another engine, where this one's takes no order.
    #[serde(skip)]
    pub otherwise: Option<Box<Self>>,
}

impl Animate {
    /// The clip of a picture for an output, by an engine of the show.
    pub fn of(
        (model, spec): (Model, &EngineSpec),
        (prompt, seed): (&str, u32),
        (first, length_ms): (Digest, u32),
        output: &Output,
        slot: Slot,
    ) -> Self {
        let in_frames = |place| matches!(place, "frames" | "rate");
        let mut step = Self {
            model,
            prompt: prompt.to_owned(),
            seed,
            size: asked(output.size()),
            length_ms,
            rate: Some(output.rate).filter(|_| spec.places_named().any(in_frames)),
            first,
            needs: Vec::new(),
            price: Money::ZERO,
            candidate: false,
            slot,
            otherwise: None,
        };
        step.price = step.model.price(spec, step.what(), (prompt, seed), 1);
        step
    }

    /// It and what is made in its place must have this answered before.
    pub(crate) fn need(&mut self, digest: Digest) {
        self.needs.push(digest);
        if let Some(other) = &mut self.otherwise {
            other.need(digest);
        }
    }

    fn what(&self) -> What {
        What::Video {
            size: self.size,
            length_ms: self.length_ms,
        }
    }
}

impl Step for Animate {
    type Tools = Tools;
    type Output = Artifact;

    const KIND: &'static str = "animate";
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
            needs: other.needs.clone(),
            price: other.price,
            candidate: other.candidate,
            ..self
        }
    }

    fn is_candidate(&self) -> bool {
        self.candidate
    }

    fn otherwise(&self) -> Option<&Self> {
        self.otherwise.as_deref()
    }

    fn engine(&self) -> String {
        format!("{} {}", self.model.vendor, self.model.model)
    }

    fn inputs(&self) -> Vec<Digest> {
        let needs = self.needs.clone();
        [vec![self.first], self.model.digests(), needs].concat()
    }

    fn pool(&self) -> Pool {
        Pool::Network
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 60.0,
            cost: self.price,
        }
    }

    fn sketch(&self, key: &Digest) -> Artifact {
        Artifact::sketched(key, "video/mp4")
    }

    fn digests(output: &Artifact) -> Vec<Digest> {
        vec![output.digest]
    }

    fn seed(&self) -> Option<u32> {
        Some(self.seed)
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<Artifact>, StepError> {
        let mut references = references(&[self.first], tools, work)?;
        for first in &mut references {
            if is_drawing(&first.bytes) {
                first.bytes = as_png(&first.bytes, self.size, &tools.fonts)?;
                "image/png".clone_into(&mut first.media_type);
            }
        }
        let asked = (self.prompt.as_str(), self.seed);
        let graph = self.model.graph(tools, work)?;
        let order = self.model.order(self.what(), asked, references, graph);
        let bought = buy(&self.model, order, (&self.slot, self.rate), (tools, work)).await?;
        let [clip] = bought.artifacts.as_slice() else {
            return Err(StepError::permanent("a clip was bought, and is not there"));
        };
        Ok(Made {
            output: clip.clone(),
            artifacts: bought.artifacts.clone(),
            cost: bought.cost,
        })
    }
}
