//! What happens in a run, told once to everyone: terminal, web, log, `--json`.

use serde::{Deserialize, Serialize};

use crate::proof::ProofReport;
use crate::step::{Estimate, RunSummary};
use crate::{Diagnostic, Digest, EpisodeId, Money, Slot};

/// Which step an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepName {
    /// The kind of step.
    pub kind: String,
    /// What it fills.
    pub slot: Slot,
    /// Its key.
    pub key: Digest,
}

/// One of the things that a gate asks about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What it fills.
    pub slot: Slot,
    /// What an answer is about: another prompt, seed, model or price is another digest.
    pub digest: Digest,
    /// Who makes it: the engine.
    pub what: String,
    /// The most that a yes may cost.
    #[serde(rename = "cost_micros")]
    pub cost: Money,
    /// What a person should look at before answering, where that is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<Digest>,
}

/// One thing that happened. As JSON it is one object with its name in `event`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event")]
pub enum Event {
    /// A run began.
    #[serde(rename = "run.started")]
    RunStarted {
        /// The run's number in the ledger.
        run: u64,
        /// The episode.
        episode: EpisodeId,
        /// The output's name.
        output: String,
    },
    /// Something about the production that a person should know.
    #[serde(rename = "diagnostic")]
    Diagnostic {
        /// The matter.
        diagnostic: Diagnostic,
    },
    /// A kept output is used.
    #[serde(rename = "step.kept")]
    StepKept {
        /// Which step.
        #[serde(flatten)]
        step: StepName,
    },
    /// A step waits for its turn.
    #[serde(rename = "step.queued")]
    StepQueued {
        /// Which step.
        #[serde(flatten)]
        step: StepName,
        /// Why it is not kept.
        because: String,
        /// What it is likely to take.
        estimate: Estimate,
    },
    /// A step began.
    #[serde(rename = "step.started")]
    StepStarted {
        /// Which step.
        #[serde(flatten)]
        step: StepName,
    },
    /// A step is part of the way through.
    #[serde(rename = "step.progress")]
    StepProgress {
        /// Which step.
        #[serde(flatten)]
        step: StepName,
        /// How much is done, in thousandths.
        permille: u16,
    },
    /// A step failed for now and will be tried again.
    #[serde(rename = "step.retrying")]
    StepRetrying {
        /// Which step.
        #[serde(flatten)]
        step: StepName,
        /// Which attempt failed, counted from 1.
        attempt: u32,
        /// When it is tried again, from now.
        after_ms: u64,
        /// What went wrong.
        message: String,
    },
    /// A step's engine certainly took no order, and another one that the show names for that is asked.
    #[serde(rename = "step.fallback")]
    StepFallback {
        /// Which step.
        #[serde(flatten)]
        step: StepName,
        /// The engine that took none.
        engine: String,
        /// The one that is asked in its place.
        other: String,
        /// Why.
        because: String,
    },
    /// A step was performed.
    #[serde(rename = "step.finished")]
    StepFinished {
        /// Which step.
        #[serde(flatten)]
        step: StepName,
        /// Wall time.
        seconds: f64,
        /// What it cost.
        #[serde(rename = "cost_micros")]
        cost: Money,
        /// The digests of what it made.
        artifacts: Vec<Digest>,
    },
    /// A step failed.
    #[serde(rename = "step.failed")]
    StepFailed {
        /// Which step.
        #[serde(flatten)]
        step: StepName,
        /// What went wrong, with its causes.
        message: String,
        /// What to do.
        hints: Vec<String>,
    },
    /// A step cannot start: a gate is closed or what it needs failed.
    #[serde(rename = "step.waiting")]
    StepWaiting {
        /// Which step.
        #[serde(flatten)]
        step: StepName,
        /// What it waits for.
        because: String,
    },
    /// A gate is closed and wants an answer.
    #[serde(rename = "gate.asked")]
    GateAsked {
        /// The gate's name.
        gate: String,
        /// The digest that an answer is about.
        digest: Digest,
        /// The question.
        question: String,
        /// The most that a yes may cost.
        #[serde(default, rename = "cost_micros")]
        cost: Money,
        /// What it is about, one by one, where that is more than one thing.
        #[serde(default)]
        about: Vec<Subject>,
    },
    /// A deliverable was written.
    #[serde(rename = "final.written")]
    FinalWritten {
        /// Where, relative to the show's folder.
        path: String,
        /// What.
        digest: Digest,
        /// The digest of its signed copy, where that is what was written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sealed: Option<Digest>,
        /// Where the file that stood there before went.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        archived: Option<String>,
    },
    /// A film was heard and measured again, now or in an earlier run.
    #[serde(rename = "film.proofed")]
    FilmProofed {
        /// The report, in the vault.
        report: Digest,
        /// What it says.
        proof: Box<ProofReport>,
    },
    /// The run ended. Always the last event.
    #[serde(rename = "run.finished")]
    RunFinished {
        /// How.
        #[serde(flatten)]
        summary: RunSummary,
    },
}
