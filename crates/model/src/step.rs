//! What is known of steps outside the engine: states, estimates, and the ledger's record.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::lock::Instead;
use crate::{Artifact, Digest, Money, Slot};

/// What a step asks of the machine; each pool has its own limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pool {
    /// One core.
    Cpu,
    /// The graphics card.
    Gpu,
    /// Somebody else's machine.
    Network,
}

/// What a step is likely to take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Seconds of wall time on one core.
    pub seconds: f64,
    /// Money.
    #[serde(rename = "cost_micros")]
    pub cost: Money,
}

/// The plan's verdict on a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// Its output is in the vault.
    Kept,
    /// It would be performed.
    Run,
    /// It waits for a gate, or for something that failed.
    Waiting,
}

/// One line of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// The kind of step.
    pub kind: String,
    /// What it fills.
    pub slot: Slot,
    /// Its key. A step behind one that would run has a provisional key.
    pub key: Digest,
    /// The verdict.
    pub state: StepState,
    /// Why: `kept`, `new`, `text changed`, `input voice/c3 will be made`, …
    pub because: String,
    /// What it is likely to take; zero when kept.
    pub estimate: Estimate,
}

/// The ledger's row of a performed step: the recipe of its artifacts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The step's key.
    pub key: Digest,
    /// The kind of step.
    pub kind: String,
    /// The kind's revision.
    pub revision: u32,
    /// What it filled when it was performed.
    pub slot: Slot,
    /// The engine that did it, with its version.
    pub engine: String,
    /// The step itself: what the key was computed from.
    pub params: serde_json::Value,
    /// Digests of what it read.
    pub inputs: Vec<Digest>,
    /// What it returned.
    pub output: serde_json::Value,
    /// What it put into the vault.
    pub artifacts: Vec<Artifact>,
    /// When it was finished: milliseconds since 1970, UTC.
    pub made_at: i64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What it cost.
    #[serde(rename = "cost_micros")]
    pub cost: Money,
    /// The seed it was made with.
    pub seed: Option<u32>,
    /// The licence of what it made, where one is known.
    pub licence: Option<String>,
    /// In the place of which engine it was made, and why; nothing where it was made by the one asked first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<Instead>,
}

/// Counts of steps at the end of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepCounts {
    /// Taken from the vault.
    pub kept: u64,
    /// Performed.
    pub performed: u64,
    /// Failed.
    pub failed: u64,
    /// Waiting for a gate, or for something that failed.
    pub waiting: u64,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunStatus {
    /// Everything asked for is there.
    Complete,
    /// A gate is closed.
    Waiting,
    /// Something failed.
    Failed,
    /// The film was made, and its proof found faults: it was not delivered.
    Withheld,
    /// A person stopped it.
    Cancelled,
}

/// The end of a run, in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// How it ended.
    pub status: RunStatus,
    /// How many steps.
    pub steps: StepCounts,
    /// Performed steps by kind.
    pub performed_by_kind: BTreeMap<String, u64>,
    /// What it cost.
    #[serde(rename = "cost_micros")]
    pub cost: Money,
    /// The finished films, relative to the show's folder.
    pub finals: Vec<String>,
    /// Wall time.
    pub seconds: f64,
}
