//! A run: one pass of a pipeline over an episode, to plan it or to perform it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::Mutex as AsyncMutex;
use tokio_util::sync::CancellationToken;
use workprint_model::event::Event;
use workprint_model::lock::{Instead, Lock, LockedTake};
use workprint_model::step::{PlannedStep, RunStatus, RunSummary, StepCounts, StepState};
use workprint_model::{Diagnostic, Digest, EpisodeId, Money, Slot};
use workprint_store::{Clock, Store};

use crate::gate::{GateState, MetGate};
use crate::spend::Permits;
use crate::{EngineError, Gate, Pools, Purchase, Spending, Work};

/// Whether a run performs steps or only says what it would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Unknown steps give their sketch.
    Plan,
    /// Unknown steps are performed.
    Perform,
}

/// Which kinds of steps a run performs.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Kept results of these kinds are forgotten, where the run may perform them.
    pub fresh: BTreeSet<String>,
    /// Only these kinds are performed; all where it is `None`.
    pub only: Option<BTreeSet<String>>,
    /// Nothing that costs money is performed.
    pub free_only: bool,
}

/// What a run is about.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Plan or perform.
    pub mode: Mode,
    /// The episode.
    pub episode: EpisodeId,
    /// The film that is made: its output's name, for a dub with `@` and its language behind it.
    pub film: String,
    /// Whether the run makes the output whose takes the lock records.
    pub main_output: bool,
    /// Which kinds are performed.
    pub selection: Selection,
    /// How many at once.
    pub pools: Pools,
    /// What may be spent.
    pub spending: Spending,
    /// Fires when a person stops the run.
    pub cancel: CancellationToken,
}

/// Where events go.
pub type Reporter = Arc<dyn Fn(&Event) + Send + Sync>;

/// Why something that a step needs is not there.
#[derive(Debug, Clone)]
pub(crate) enum Unmade {
    /// A planning run would make it: the slot.
    Planned(Slot),
    /// It waits or failed: why.
    Waiting(String),
}

/// What became of a step that a run did not find kept.
#[derive(Debug, Clone)]
pub(crate) enum Fate {
    /// A planning run would perform it.
    Planned,
    /// This run performed it.
    Made,
    /// It failed in this run: what waits is told so.
    Failed(String),
    /// Its engine certainly took no order, and why: another one is asked.
    Untaken(String),
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) unmade: BTreeMap<Digest, Unmade>,
    pub(crate) fates: BTreeMap<Digest, Fate>,
    /// By slot and key: in the place of which engine a step is performed.
    pub(crate) instead: BTreeMap<(Slot, Digest), Instead>,
    /// The keys whose earlier results this run has put aside.
    pub(crate) forgotten: BTreeSet<Digest>,
    turns: BTreeMap<Digest, Arc<AsyncMutex<()>>>,
    pub(crate) planned: Vec<PlannedStep>,
    pub(crate) counts: StepCounts,
    pub(crate) by_kind: BTreeMap<String, u64>,
    pub(crate) cost: Money,
    lock: Lock,
    lock_changed: bool,
    seen_slots: BTreeSet<String>,
    gates: Vec<MetGate>,
    pub(crate) purchases: Vec<Purchase>,
    pub(crate) permits: Permits,
    withheld: bool,
    diagnostics: Vec<Diagnostic>,
    unlogged: VecDeque<Event>,
}

/// One pass of a pipeline.
pub struct Run<T> {
    options: RunOptions,
    tools: Arc<T>,
    store: Store,
    number: Option<u64>,
    reporter: Reporter,
    clock: Clock,
    started: i64,
    state: Mutex<State>,
    /// Held while events are written, so that the log has them in the order in which they happened.
    log: AsyncMutex<()>,
}

impl<T> std::fmt::Debug for Run<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run")
            .field("episode", &self.options.episode)
            .finish_non_exhaustive()
    }
}

impl<T: Send + Sync + 'static> Run<T> {
    /// Begins a run. A performing run needs a store that was opened for writing and the number that
    /// [`Store::begin_run`] gave.
    pub fn new(
        options: RunOptions,
        tools: Arc<T>,
        store: (Store, Option<u64>),
        lock: Lock,
        observer: (Reporter, Clock),
    ) -> Self {
        let (reporter, clock) = observer;
        let started = clock.now();
        let state = Mutex::new(State {
            lock,
            permits: Permits::new(options.spending.unasked),
            ..State::default()
        });
        Self {
            options,
            tools,
            store: store.0,
            number: store.1,
            reporter,
            clock,
            started,
            state,
            log: AsyncMutex::default(),
        }
    }

    /// What the run is about.
    pub fn options(&self) -> &RunOptions {
        &self.options
    }

    /// What steps are performed with.
    pub fn tools(&self) -> &Arc<T> {
        &self.tools
    }

    /// What work outside a step is done with, such as painting a frame.
    pub fn work(&self) -> Work {
        Work::new(
            self.store.clone(),
            self.options.cancel.clone(),
            Arc::new(|_| {}),
            None,
        )
    }

    /// The vault and ledger.
    pub fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn reporter(&self) -> Reporter {
        Arc::clone(&self.reporter)
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn number(&self) -> u64 {
        self.number.unwrap_or_default()
    }

    pub(crate) fn is_plan(&self) -> bool {
        self.options.mode == Mode::Plan
    }

    /// Whether steps of this kind may be performed in this run.
    pub(crate) fn selects(&self, kind: &str) -> bool {
        self.options
            .selection
            .only
            .as_ref()
            .is_none_or(|only| only.contains(kind))
    }

    /// Whether kept results of this kind are put aside. What the run may not perform stays kept.
    pub(crate) fn is_fresh(&self, kind: &str) -> bool {
        self.options.selection.fresh.contains(kind) && self.selects(kind)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held leaves plain counters; they are still good to read.
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Tells everyone what happened. Kept steps, and what is kept of a proof, are told but not written
    /// to the ledger's log.
    pub fn emit(&self, event: Event) {
        (self.reporter)(&event);
        let passing = matches!(
            event,
            Event::StepKept { .. } | Event::StepProgress { .. } | Event::FilmProofed { .. }
        );
        if !self.is_plan() && !passing {
            self.state().unlogged.push_back(event);
        }
    }

    /// Says something about the production; the same thing is said once.
    pub fn diagnose(&self, diagnostic: Diagnostic) {
        let new = {
            let mut state = self.state();
            let new = !state.diagnostics.contains(&diagnostic);
            if new {
                state.diagnostics.push(diagnostic.clone());
            }
            new
        };
        if new {
            self.emit(Event::Diagnostic { diagnostic });
        }
    }

    /// What was said about the production so far.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.state().diagnostics.clone()
    }

    /// Writes the events told so far into the ledger's log: also those that others told meanwhile, who then
    /// find theirs written.
    pub(crate) async fn flush(&self) -> Result<(), EngineError> {
        let _log = self.log.lock().await;
        let events: Vec<Event> = self.state().unlogged.drain(..).collect();
        if let Some(number) = self.number.filter(|_| !events.is_empty()) {
            self.store.append_events(number, &events).await?;
        }
        Ok(())
    }

    /// What the steps of a key wait for, so that only one of them is performed at a time.
    pub(crate) fn turn(&self, key: Digest) -> Arc<AsyncMutex<()>> {
        Arc::clone(self.state().turns.entry(key).or_default())
    }

    /// Marks digests as not there, so that steps which need them wait.
    pub(crate) fn mark_unmade(&self, digests: impl IntoIterator<Item = Digest>, why: &Unmade) {
        let mut state = self.state();
        for digest in digests {
            state.unmade.entry(digest).or_insert_with(|| why.clone());
        }
    }

    /// Whether this thing cannot be had in this run, because its step failed or has to wait.
    pub fn is_missing(&self, digest: &Digest) -> bool {
        matches!(self.state().unmade.get(digest), Some(Unmade::Waiting(_)))
    }

    /// Why this thing cannot be had in this run; nothing where it can.
    pub fn why_missing(&self, digest: &Digest) -> Option<String> {
        match self.state().unmade.get(digest) {
            Some(Unmade::Waiting(why)) => Some(why.clone()),
            _ => None,
        }
    }

    /// Whether this thing was made: false for what a sketch stands for.
    pub fn is_made(&self, digest: &Digest) -> bool {
        !self.state().unmade.contains_key(digest)
    }

    /// Holds things back that were made but are not good enough to be delivered: they count as not
    /// there.
    pub fn withhold(&self, digests: impl IntoIterator<Item = Digest>, why: &str) {
        self.mark_unmade(digests, &Unmade::Waiting(why.to_owned()));
        self.state().withheld = true;
    }

    pub(crate) fn note_gate(&self, gate: Gate, state: GateState) {
        self.state().gates.push(MetGate { gate, state });
    }

    /// The gates that this run met, in their order.
    pub fn gates(&self) -> Vec<MetGate> {
        self.state().gates.clone()
    }

    pub(crate) fn with_lock<R>(&self, read: impl FnOnce(&Lock) -> R) -> R {
        read(&self.state().lock)
    }

    /// Notes that the episode has this slot, so that its take stays in the lock though this run does
    /// not fill it.
    pub fn see_slot(&self, slot: &Slot) {
        self.state().seen_slots.insert(slot.as_str().to_owned());
    }

    pub(crate) fn set_lock(&self, slot: &Slot, take: LockedTake) {
        let mut state = self.state();
        state.lock.slots.insert(slot.as_str().to_owned(), take);
        state.lock_changed = true;
    }

    /// The lock as this run leaves it, when it differs from the one it began with. Slots that the
    /// episode no longer has are dropped unless a person pinned or added their take.
    pub fn changed_lock(&self, whole: bool) -> Option<Lock> {
        let mut state = self.state();
        let mut lock = state.lock.clone();
        if whole {
            // A dub's slot is its original's with the language behind an `@`; it goes with it.
            let seen = |slot: &str| {
                let original = slot.split('@').next().unwrap_or(slot);
                state.seen_slots.contains(slot) || state.seen_slots.contains(original)
            };
            lock.slots
                .retain(|slot, take| take.pinned || take.file.is_some() || seen(slot));
        }
        let changed = state.lock_changed || lock != state.lock;
        state.lock_changed = changed;
        changed.then_some(lock)
    }

    /// The plan's lines so far, in the order in which the pipeline reached them.
    pub fn planned(&self) -> Vec<PlannedStep> {
        self.state().planned.clone()
    }

    pub(crate) fn plan_line(&self, line: PlannedStep) {
        self.state().planned.push(line);
    }

    pub(crate) fn count(&self, kind: &str, state: Option<StepState>) {
        let mut all = self.state();
        match state {
            Some(StepState::Kept) => all.counts.kept += 1,
            Some(StepState::Run) => {
                all.counts.performed += 1;
                *all.by_kind.entry(kind.to_owned()).or_default() += 1;
            }
            Some(StepState::Waiting) => all.counts.waiting += 1,
            None => all.counts.failed += 1,
        }
    }

    /// Ends the run: writes the log and the summary and tells everyone.
    pub async fn finish(
        &self,
        finals: Vec<String>,
        failed: bool,
    ) -> Result<RunSummary, EngineError> {
        self.ask_late().await?;
        let summary = {
            let state = self.state();
            let status = if self.options.cancel.is_cancelled() {
                RunStatus::Cancelled
            } else if state.counts.failed > 0 || failed {
                RunStatus::Failed
            } else if state.gates.iter().any(|met| met.state == GateState::Asked)
                || state.counts.waiting > 0
            {
                RunStatus::Waiting
            } else if state.withheld {
                RunStatus::Withheld
            } else {
                RunStatus::Complete
            };
            RunSummary {
                status,
                steps: state.counts,
                performed_by_kind: state.by_kind.clone(),
                cost: state.cost,
                finals,
                seconds: (self.clock.now() - self.started).max(0) as f64 / 1000.0,
            }
        };
        self.flush().await?;
        if let Some(number) = self.number {
            self.store.end_run(number, &summary).await?;
        }
        (self.reporter)(&Event::RunFinished {
            summary: summary.clone(),
        });
        Ok(summary)
    }
}
