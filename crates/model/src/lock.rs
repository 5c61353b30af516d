//! The chosen take of every slot: `episode.lock`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Digest, MediaPath, Slot};

/// The name and version of this format, kept in the file's `format` field.
pub const FORMAT: &str = "workprint.lock/1";

/// The chosen takes of an episode. Commit it: another checkout then gives the same episode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// `workprint.lock/1`.
    pub format: String,
    /// The chosen take of each slot.
    #[serde(default)]
    pub slots: BTreeMap<String, LockedTake>,
}

impl Default for Lock {
    fn default() -> Self {
        Self {
            format: FORMAT.to_owned(),
            slots: BTreeMap::new(),
        }
    }
}

impl Lock {
    /// The chosen take of a slot.
    pub fn find(&self, slot: &Slot) -> Option<&LockedTake> {
        self.slots.get(slot.as_str())
    }
}

/// A chosen take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LockedTake {
    /// The digest of the artifact (of the first, where the take has several).
    pub digest: Digest,
    /// The key of the step that made it; missing for a file that a person added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Digest>,
    /// The engine that made it, with its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// The seed it was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
    /// The step that made it, as it was: enough to make it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<serde_json::Value>,
    /// The file that a person added as this take, inside the production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<MediaPath>,
    /// In the place of which engine it was made, and why; missing where it was made by the one that was asked first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<Instead>,
    /// A pinned take stays, whatever the manifest says, until it is undone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}

/// That a take was made in the place of another engine's, which certainly took no order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Instead {
    /// The engine that was asked first, with its version.
    pub of: String,
    /// Why it took no order.
    pub because: String,
}
