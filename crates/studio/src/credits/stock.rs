//! What of stock libraries is in a film.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use workprint_model::Digest;
use workprint_model::step::StepRecord;
use workprint_providers::stock::Found;
use workprint_stages::stock::StockTake;

/// A thing of a stock library.
#[derive(Debug, Clone, Serialize)]
pub struct Stocked {
    /// How it is named where the film is published.
    pub attribution: String,
    /// What it is in the episode: slots.
    pub used_for: Vec<String>,
    /// Its digest.
    pub digest: Digest,
    /// Who made it, where it lies, and its licence.
    #[serde(flatten)]
    pub found: Found,
}

/// What steps fetched, and which other steps used it.
pub(super) fn stock(recipe: &[StepRecord]) -> Vec<Stocked> {
    let mut used: BTreeMap<Digest, BTreeSet<String>> = BTreeMap::new();
    for step in recipe {
        for input in &step.inputs {
            used.entry(*input)
                .or_default()
                .insert(step.slot.to_string());
        }
    }
    let fetched = recipe.iter().filter(|step| step.kind == "stock");
    let takes = fetched.filter_map(|step| {
        let take: StockTake = serde_json::from_value(step.output.clone()).ok()?;
        let digest = take.file.digest;
        let used_for = used.remove(&digest).unwrap_or_default();
        let found = take.found?;
        Some(Stocked {
            attribution: found.attribution(),
            used_for: used_for.into_iter().collect(),
            digest,
            found,
        })
    });
    let mut stock: Vec<Stocked> = takes.collect();
    stock.sort_by(|one, other| one.found.item.cmp(&other.found.item));
    stock.dedup_by(|one, other| one.found.item == other.found.item);
    stock
}
