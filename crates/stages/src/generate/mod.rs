//! Pictures that somebody else's model makes of prompts.

mod call;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::outside::ImageEffort;
use workprint_model::show::ImageEngineSpec;
use workprint_model::step::{Estimate, Pool};
use workprint_model::{Artifact, Digest, Money, Size, Slot};
use workprint_providers::images::{Effort, ImageEngine, ImageOrder, Reference};
use workprint_providers::secret::Secret;
use workprint_providers::vendors::{Accounts, Row};

use self::call::Call;
use crate::tools::Tools;

/// The largest picture that is sent along.
const REFERENCE_LIMIT: u64 = 20 << 20;
/// About as many pixels as models make well.
const PIXELS: u64 = 1_000_000;

/// A picture of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generate {
    /// The vendor.
    pub vendor: String,
    /// The model.
    pub model: String,
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
    /// The show's engine that makes it.
    #[serde(skip)]
    pub engine: String,
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
        (name, spec): (&str, &ImageEngineSpec),
        (prompt, seed): (&str, u32),
        references: Vec<Digest>,
        frame: Size,
        slot: Slot,
    ) -> Self {
        let mut step = Self {
            vendor: spec.vendor.clone(),
            model: spec.model.clone(),
            prompt: prompt.to_owned(),
            seed,
            size: asked(frame),
            quality: spec.quality,
            references,
            engine: name.to_owned(),
            price: Money::ZERO,
            slot,
        };
        let price = Row::find(&spec.vendor).and_then(|row| row.price(spec));
        let sent = step.references.iter().map(|_| Reference {
            media_type: String::new(),
            bytes: Vec::new(),
        });
        step.price = price.map_or(Money::ZERO, |price| {
            price.quote(&step.order(sent.collect()))
        });
        step
    }

    fn order(&self, references: Vec<Reference>) -> ImageOrder {
        ImageOrder {
            model: self.model.clone(),
            prompt: self.prompt.clone(),
            seed: self.seed,
            size: self.size,
            effort: match self.quality {
                ImageEffort::Low => Effort::Low,
                ImageEffort::Medium => Effort::Medium,
                ImageEffort::High => Effort::High,
            },
            references,
        }
    }

    fn references(&self, tools: &Tools, work: &Work) -> Result<Vec<Reference>, StepError> {
        let read = |digest| {
            let bytes = tools.read(work, digest, REFERENCE_LIMIT)?;
            let media_type = picture_type(&bytes).to_owned();
            Ok(Reference { media_type, bytes })
        };
        self.references.iter().map(read).collect()
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

/// A picture's type, by how it begins.
pub(crate) fn picture_type(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(b"\x89PNG") {
        "image/png"
    } else if bytes.starts_with(b"RIFF") {
        "image/webp"
    } else if bytes.starts_with(b"GIF8") {
        "image/gif"
    } else {
        "image/jpeg"
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
            engine: other.engine.clone(),
            price: other.price,
            ..self
        }
    }

    fn engine(&self) -> String {
        format!("{} {}", self.vendor, self.model)
    }

    fn inputs(&self) -> Vec<Digest> {
        self.references.clone()
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
        let engine = tools.images.engine(self)?;
        let order = self.order(self.references(tools, work)?);
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

/// A show's image engines, and the keys of their accounts.
#[derive(Debug, Default)]
pub struct Images {
    engines: BTreeMap<String, Configured>,
    accounts: Mutex<Accounts>,
}

/// An engine as show.toml describes it.
#[derive(Debug)]
struct Configured {
    spec: ImageEngineSpec,
    key: Option<Secret>,
    /// Where the key was looked for.
    looked: String,
}

impl Images {
    /// Adds an engine; its key was looked for in `looked`.
    pub fn add(&mut self, name: &str, spec: ImageEngineSpec, key: Option<Secret>, looked: String) {
        let configured = Configured { spec, key, looked };
        self.engines.insert(name.to_owned(), configured);
    }

    /// The engine that makes a picture: the named one, or for a pinned take the one that made it.
    fn engine(&self, step: &Generate) -> Result<ImageEngine, StepError> {
        let fits =
            |one: &&Configured| one.spec.vendor == step.vendor && one.spec.model == step.model;
        let named = self.engines.get(&step.engine).filter(fits);
        let found = named.or_else(|| self.engines.values().find(fits));
        let Some(found) = found else {
            let message = format!(
                "show.toml has no engine for `{}` of `{}`",
                step.model, step.vendor
            );
            return Err(StepError::permanent(message)
                .hint("describe it in `[engines.images]`, or let go of the pinned take"));
        };
        self.ready(found)
    }

    /// An engine by its name, vendor and model, as a job of the ledger has them.
    pub fn of_job(&self, account: &str, model: &str) -> Result<ImageEngine, StepError> {
        let all = self.engines.values();
        let found = all
            .filter(|one| one.spec.model == model)
            .find(|one| format!("{} by {}", one.spec.vendor, one.looked) == account);
        let Some(found) = found else {
            let message = format!(
                "show.toml has no engine with the model `{model}` and the key of `{account}`"
            );
            return Err(
                StepError::permanent(message).hint("describe it in `[engines.images]` again")
            );
        };
        self.ready(found)
    }

    fn ready(&self, found: &Configured) -> Result<ImageEngine, StepError> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let Configured { spec, key, looked } = found;
        accounts.engine(spec, key.clone(), looked).map_err(|error| {
            let hint = error.hint();
            StepError::waiting("outside.no-engine", error.to_string()).hint(hint)
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
