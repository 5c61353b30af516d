//! What a film is made of and by what: for the sheets beside it, and for the statement that is signed into
//! it.

mod parts;
mod sheet;
mod stock;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use workprint_credentials::Origin;
use workprint_model::step::StepRecord;
use workprint_model::timeline::Timeline;
use workprint_model::{Artifact, Digest, MediaPath, Money};
use workprint_stages::master::{Master, MasterTake};
use workprint_store::Store;

use crate::StudioError;
use crate::ops::explain::source_files;

pub(crate) use self::parts::Generated;
pub use self::parts::{Part, What};
pub(crate) use self::sheet::markdown;
pub use self::stock::Stocked;

/// The name and version of the format.
pub(crate) const FORMAT: &str = "workprint.credits/1";

/// What a film is made of, who made that, and by whose leave it is shown.
#[derive(Debug, Clone, Serialize)]
pub struct Credits {
    /// `workprint.credits/1`.
    pub format: &'static str,
    /// The film's title.
    pub title: String,
    /// The language it is spoken in.
    pub language: String,
    /// The film's digest, as it lies in the vault.
    pub film: Digest,
    /// Whether a trained model made something that is seen or heard in it: what platforms ask for.
    pub synthetic: bool,
    /// What was made for it, by engine and model.
    pub parts: Vec<Part>,
    /// The production's own files in it.
    pub files: Vec<File>,
    /// What of stock libraries is in it.
    pub stock: Vec<Stocked>,
    /// What everything in it cost.
    #[serde(rename = "cost_micros")]
    pub cost: Money,
    /// Every picture, clip or sound that a vendor's model made.
    #[serde(skip)]
    pub(crate) generated: Vec<Generated>,
    /// When the film was finished: milliseconds since 1970, UTC.
    #[serde(skip)]
    pub(crate) made_at: i64,
}

/// A file of the production.
#[derive(Debug, Clone, Serialize)]
pub struct File {
    /// Where it lies, when it is still there unchanged.
    pub path: Option<MediaPath>,
    /// Its digest.
    pub digest: Digest,
    /// What it is in the episode: slots.
    pub used_for: Vec<String>,
    /// Its licence, from REUSE.toml, a `.license` file beside it or the manifest.
    pub licence: Option<String>,
    /// Whose it is.
    pub copyright: Option<String>,
}

impl Credits {
    /// The credits of a film that was made here; nothing where the ledger does not know it.
    pub(crate) async fn of(
        store: &Store,
        root: &Path,
        film: &Digest,
    ) -> Result<Option<Self>, StudioError> {
        let recipe = store.recipe_of(film).await?;
        let is_made = |step: &&StepRecord| {
            step.kind == "master" && step.artifacts.iter().any(|made| made.digest == *film)
        };
        let Some(master) = recipe.iter().rfind(is_made) else {
            return Ok(None);
        };
        let heard = heard(store, master);
        let mut parts = parts::parts(&recipe, heard.as_ref());
        parts.sort_by(|one, other| (one.what, &one.made_by).cmp(&(other.what, &other.made_by)));
        let text = |name: &str| master.params[name].as_str().unwrap_or_default().to_owned();
        let generated = parts::generated(&recipe);
        let is_by_model = |part: &Part| part.origin.is_some_and(Origin::is_by_model);
        Ok(Some(Self {
            format: FORMAT,
            title: text("title"),
            language: text("language"),
            film: *film,
            synthetic: parts.iter().any(is_by_model),
            files: files(store, root, &recipe).await?,
            stock: stock::stock(&recipe),
            cost: recipe.iter().map(|step| step.cost).sum(),
            made_at: master.made_at,
            parts,
            generated,
        }))
    }
}

/// The sounds that are heard: a dub's recipe holds the original's voices, too, for its times follow theirs.
/// Nothing where the timeline cannot be read any more: then all count.
fn heard(store: &Store, master: &StepRecord) -> Option<BTreeSet<Digest>> {
    serde_json::from_value::<Master>(master.params.clone()).ok()?;
    let take: MasterTake = serde_json::from_value(master.output.clone()).ok()?;
    let bytes = store.read(&take.timeline.digest).ok()?;
    let timeline: Timeline = serde_json::from_slice(&bytes).ok()?;
    let sounds = timeline.sounds.iter();
    Some(sounds.map(|sound| sound.sound.digest).collect())
}

async fn files(
    store: &Store,
    root: &Path,
    recipe: &[StepRecord],
) -> Result<Vec<File>, StudioError> {
    let mut used: BTreeMap<Digest, (BTreeSet<String>, Option<String>)> = BTreeMap::new();
    for step in recipe {
        for input in &step.inputs {
            let (slots, licence) = used.entry(*input).or_default();
            slots.insert(step.slot.to_string());
            if step.kind == "sound" && licence.is_none() {
                licence.clone_from(&step.licence);
            }
        }
    }
    let found = source_files(store, root, recipe).await?;
    let mut files: Vec<File> = found
        .into_iter()
        .map(|file| {
            let (slots, told) = used.remove(&file.digest).unwrap_or_default();
            File {
                path: file.path,
                digest: file.digest,
                used_for: slots.into_iter().collect(),
                licence: file.licence.or(told),
                copyright: file.copyright,
            }
        })
        .collect();
    files.sort_by(|one, other| (&one.path, one.digest).cmp(&(&other.path, other.digest)));
    Ok(files)
}

/// The first of a step's artifacts, which is what it is for.
fn first(step: &StepRecord) -> Option<&Artifact> {
    step.artifacts.first()
}
