//! Pictures and sounds that somebody else's model makes of prompts, clips of pictures, lines that it speaks,
//! hears or speaks again in another voice, and what it says of pictures.

mod animate;
pub(crate) mod call;
mod change;
mod compose;
mod dialogue;
mod drawn;
mod engines;
mod inspect;
mod own;
mod recognise;
mod speak;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use workprint_engine::{Bought, Made, Step, StepError, Work};
use workprint_model::outside::ImageEffort;
use workprint_model::show::EngineSpec;
use workprint_model::step::{Estimate, Pool};
use workprint_model::{Artifact, Digest, MediaPath, Money, Rate, Size, Slot};
use workprint_providers::order::{Effort, Graph, Order, Reference, What, picture_type};
use workprint_providers::vendors;

pub use self::animate::Animate;
use self::call::Call;
pub use self::change::{Change, ChangeTake};
pub use self::compose::{Compose, ComposeTake, Composed};
pub use self::dialogue::{Dialogue, DialogueTake};
pub(crate) use self::drawn::is_drawing;
pub use self::drawn::{Again, Drawn};
pub use self::engines::Engines;
pub use self::inspect::{Inspect, Inspected, Stills, inspected};
use self::own::OwnCall;
pub use self::recognise::{Recognise, RecogniseTake};
pub(crate) use self::speak::abilities;
pub use self::speak::{Speak, SpeakTake};
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
    /// The program that makes it, and its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// The tool that makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// What the tool is told.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub arguments: BTreeMap<String, Value>,
    /// Where in its answer stands what it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// The version of what makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The files of the show that make it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<MediaPath, Digest>,
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
            command: spec.command.clone(),
            tool: spec.tool.clone(),
            arguments: spec.arguments.clone(),
            result: spec.result.clone(),
            version: spec.version.clone(),
            files: BTreeMap::new(),
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
        let price = vendors::price(order.capability(), spec);
        price.map_or(Money::ZERO, |price| price.quote(&order))
    }

    fn digests(&self) -> Vec<Digest> {
        let files = self.files.values().copied();
        self.graph.into_iter().chain(files).collect()
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

/// A step with others behind it: each is performed where the one before it took no order.
pub(crate) fn backed<S>(
    mut first: S,
    others: impl DoubleEndedIterator<Item = S>,
    place: fn(&mut S) -> &mut Option<Box<S>>,
) -> S {
    let mut behind = None;
    for mut other in others.rev() {
        *place(&mut other) = behind;
        behind = Some(Box::new(other));
    }
    *place(&mut first) = behind;
    first
}

/// Has something made: by a vendor, or by what is none. `rate` is that of the film that a clip is for.
async fn buy(
    model: &Model,
    order: Order,
    (slot, rate): (&Slot, Option<Rate>),
    (tools, work): (&Tools, &Work),
) -> Result<Bought, StepError> {
    let makes = order.capability();
    let Some(own) = tools.engines.own(makes, model)? else {
        let engine = tools.engines.find(makes, model)?;
        return work.buy(&Call { engine, order }).await;
    };
    let folder = work.store().temp_folder()?;
    work.buy(&OwnCall {
        own,
        order,
        rate,
        title: slot.name().to_owned(),
        media: tools.media.clone(),
        folder: folder.path().to_owned(),
        work: work.clone(),
    })
    .await
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
    /// That a text model draws it, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn: Option<Drawn>,
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

/// What came of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The picture; where it cannot be used, what the model answered.
    #[serde(flatten)]
    pub file: Artifact,
    /// Why it cannot be used, so that it is asked for again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

impl Generate {
    /// The picture of a prompt for frames of a size, by an engine of the show: one that makes pictures, or
    /// where it is drawn, one that answers in words.
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
            drawn: None,
            price: Money::ZERO,
            candidate: false,
            slot,
            otherwise: None,
        };
        step.price = step.quote(spec);
        step
    }

    /// The same, drawn by a text model as an illustrator of this quality.
    pub fn drawn(self, spec: &EngineSpec, quality: ImageEffort) -> Self {
        let drawn = Some(Drawn::FIRST);
        let mut step = Self {
            quality,
            drawn,
            ..self
        };
        step.price = step.quote(spec);
        step
    }

    /// Another try, where the picture cannot be used and one is left.
    pub fn again(&self, picture: &Picture, spec: &EngineSpec) -> Option<Self> {
        let fault = picture.fault.as_ref()?;
        let again = self.drawn.as_ref()?.again(picture.file.digest, fault)?;
        let mut step = Self {
            drawn: Some(again),
            ..self.clone()
        };
        step.price = step.quote(spec);
        Some(step)
    }

    fn quote(&self, spec: &EngineSpec) -> Money {
        let longest = self.drawn.as_ref().map(Drawn::longest_answer);
        let (prompt, what) = self.asked(longest.unwrap_or_default());
        let count = self.references.len();
        self.model.price(spec, what, (&prompt, self.seed), count)
    }

    /// What is asked; of a text model with what it answered before.
    fn asked(&self, answer: String) -> (String, What) {
        if let Some(drawn) = &self.drawn {
            let told = (self.size, self.quality);
            return drawn.asked(&self.prompt, told, self.references.len(), answer);
        }
        let what = What::Image {
            size: self.size,
            effort: match self.quality {
                ImageEffort::Low => Effort::Low,
                ImageEffort::Medium => Effort::Medium,
                ImageEffort::High => Effort::High,
            },
        };
        (self.prompt.clone(), what)
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
    type Output = Picture;

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
        let again = self.drawn.iter().flat_map(|drawn| &drawn.again);
        let answers = again.map(|again| again.answer).collect();
        [self.references.clone(), self.model.digests(), answers].concat()
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

    fn sketch(&self, key: &Digest) -> Picture {
        let media_type = if self.drawn.is_some() {
            drawn::SVG
        } else {
            "image/png"
        };
        Picture {
            file: Artifact::sketched(key, media_type),
            fault: None,
        }
    }

    /// What cannot be used is no take.
    fn digests(output: &Picture) -> Vec<Digest> {
        let usable = output.fault.is_none();
        usable.then_some(output.file.digest).into_iter().collect()
    }

    fn seed(&self) -> Option<u32> {
        Some(self.seed)
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<Picture>, StepError> {
        let references = references(&self.references, tools, work)?;
        let before = self.drawn.as_ref().map(|drawn| drawn.answer(tools, work));
        let (prompt, what) = self.asked(before.transpose()?.unwrap_or_default());
        let graph = self.model.graph(tools, work)?;
        let order = self
            .model
            .order(what, (&prompt, self.seed), references, graph);
        let mut bought = buy(&self.model, order, (&self.slot, None), (tools, work)).await?;
        let [file] = bought.artifacts.as_slice() else {
            return Err(StepError::permanent(
                "a picture was bought, and is not there",
            ));
        };
        let mut picture = Picture {
            file: file.clone(),
            fault: None,
        };
        if let Some(drawn) = &self.drawn {
            match drawn.take(file, self.size, (tools, work)).await? {
                Ok(svg) => {
                    bought.artifacts.insert(0, svg.clone());
                    picture.file = svg;
                }
                Err(fault) => picture.fault = Some(fault),
            }
        }
        Ok(Made {
            output: picture,
            artifacts: bought.artifacts,
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
