//! Why a step is not kept.

use serde_json::Value;
use workprint_model::{Digest, json};
use workprint_store::LastTake;

use crate::Step;

/// Says what differs between a step and the last one that filled its slot. `fresh` is whether a
/// person asked for steps of its kind to be made again.
pub(crate) fn because<S: Step>(
    step: &S,
    key: &Digest,
    last: Option<&LastTake>,
    fresh: bool,
) -> String {
    let Some(last) = last else {
        return "new".to_owned();
    };
    if last.key == *key {
        let why = if fresh || last.forgotten {
            "asked for by --from"
        } else {
            "what it made is missing from the vault"
        };
        return why.to_owned();
    }
    if last.revision != S::REVISION {
        return format!("revision changed from {} to {}", last.revision, S::REVISION);
    }
    let then = serde_json::from_str(&last.params).unwrap_or_default();
    let now = json::value_of(step).unwrap_or_default();
    let mut changed = changed_fields(&then, &now);
    if changed.len() > 1 {
        changed.retain(|field| !S::SUMMARIES.contains(&field.as_str()));
    }
    let engine_changed = last.engine != step.engine();
    if engine_changed && !changed.iter().any(|field| field == "engine") {
        changed.insert(0, "engine".to_owned());
    }
    match changed.len() {
        0 => "asked for again".to_owned(),
        1..=3 => format!("{} changed", changed.join(", ")),
        n => format!("{} and {} more changed", changed[..2].join(", "), n - 2),
    }
}

fn changed_fields(then: &Value, now: &Value) -> Vec<String> {
    let (Value::Object(then), Value::Object(now)) = (then, now) else {
        return if then == now {
            Vec::new()
        } else {
            vec!["parameters".to_owned()]
        };
    };
    let mut names: Vec<String> = now
        .iter()
        .filter(|(name, value)| then.get(*name) != Some(value))
        .map(|(name, _)| name.replace('_', " "))
        .collect();
    names.extend(
        then.keys()
            .filter(|name| !now.contains_key(*name))
            .map(|name| name.replace('_', " ")),
    );
    names
}
