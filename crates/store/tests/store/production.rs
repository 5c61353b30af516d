//! A production in a temporary folder.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use workprint_model::step::StepRecord;
use workprint_model::{Artifact, Digest, EpisodeId, Money, Slot};
use workprint_store::{Clock, Store};

/// 2026-03-01 12:00:00 UTC.
pub(crate) const NOON: i64 = 1_772_366_400_000;

pub(crate) struct Production(TempDir);

impl Production {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn inside(&self, path: &str) -> PathBuf {
        self.0.path().join(".workprint").join(path)
    }

    pub(crate) async fn open(&self) -> Store {
        self.open_at(NOON).await
    }

    pub(crate) async fn open_at(&self, ms: i64) -> Store {
        Store::open(self.root(), "workprint build pilot", Clock::fixed(ms))
            .await
            .unwrap()
    }

    pub(crate) async fn read(&self) -> Store {
        Store::open_read_only(self.root(), Clock::fixed(NOON))
            .await
            .unwrap()
    }
}

pub(crate) fn pilot() -> EpisodeId {
    "pilot".parse().unwrap()
}

pub(crate) fn key(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

/// A voice step whose key is that of `text`.
pub(crate) fn voice(slot: &str, text: &str, artifacts: Vec<Artifact>) -> StepRecord {
    let digests: Vec<Value> = artifacts.iter().map(|a| json!(a.digest)).collect();
    StepRecord {
        key: key(text),
        kind: "voice".to_owned(),
        revision: 1,
        slot: Slot::from(slot),
        engine: "espeak-ng 1.51".to_owned(),
        params: json!({ "text": text }),
        inputs: vec![],
        output: json!({ "sound": digests }),
        artifacts,
        made_at: NOON,
        took_ms: 120,
        instead: None,
        cost: Money::ZERO,
        seed: None,
        licence: None,
    }
}

/// Keeps `bytes` as a sound and records the voice step that made it.
pub(crate) async fn speak(store: &Store, slot: &str, text: &str, bytes: &[u8]) -> Artifact {
    let sound = store.keep_bytes(bytes, "audio/wav").unwrap();
    store
        .record(&voice(slot, text, vec![sound.clone()]), 0)
        .await
        .unwrap();
    sound
}
