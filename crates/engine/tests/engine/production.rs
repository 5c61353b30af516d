//! A production in a temporary folder, and runs over it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use workprint_engine::{EngineError, Mode, Pools, Reporter, Run, RunOptions, Selection, Spending};
use workprint_model::event::Event;
use workprint_model::lock::Lock;
use workprint_model::step::{PlannedStep, RunSummary, StepCounts, StepState};
use workprint_model::{Diagnostic, EpisodeId, Slot};
use workprint_store::{Clock, Store};

use crate::toys::{Take, Tools, join, say};

/// 2026-03-01 12:00:00 UTC.
pub(crate) const NOON: i64 = 1_772_366_400_000;

pub(crate) fn pilot() -> EpisodeId {
    "pilot".parse().unwrap()
}

/// What a run is begun with.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) selection: Selection,
    pub(crate) jobs: usize,
    pub(crate) cancel: CancellationToken,
    pub(crate) lock: Lock,
    pub(crate) now: i64,
    /// How much later it is each time that somebody looks at the clock, in milliseconds.
    pub(crate) tick: i64,
    pub(crate) episode: EpisodeId,
    pub(crate) spending: Spending,
    /// Stops the run when this says so.
    pub(crate) stop_at: fn(&Event) -> bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            selection: Selection::default(),
            jobs: 4,
            cancel: CancellationToken::new(),
            lock: Lock::default(),
            now: NOON,
            tick: 0,
            episode: pilot(),
            spending: Spending::default(),
            stop_at: |_| false,
        }
    }
}

impl Setup {
    fn clock(&self) -> Clock {
        let (now, tick) = (AtomicI64::new(self.now), self.tick);
        Clock::new(move || now.fetch_add(tick, Ordering::SeqCst))
    }

    pub(crate) fn locked(lock: Lock) -> Self {
        Self {
            lock,
            ..Self::default()
        }
    }

    pub(crate) fn from(kinds: &[&str]) -> Self {
        let mut setup = Self::default();
        setup.selection.fresh = set(kinds);
        setup
    }

    pub(crate) fn only(kinds: &[&str]) -> Self {
        let mut setup = Self::default();
        setup.selection.only = Some(set(kinds));
        setup
    }
}

fn set(kinds: &[&str]) -> BTreeSet<String> {
    kinds.iter().map(|kind| (*kind).to_owned()).collect()
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended<R> {
    pub(crate) result: Result<R, EngineError>,
    pub(crate) summary: RunSummary,
    pub(crate) events: Vec<Event>,
    pub(crate) plan: Vec<PlannedStep>,
    /// As [`Run::changed_lock`] gives it for a whole episode.
    pub(crate) lock: Option<Lock>,
    /// The same for a part of one.
    pub(crate) lock_of_part: Option<Lock>,
}

impl<R> Ended<R> {
    /// Slots, verdicts and reasons of a plan.
    pub(crate) fn lines(&self) -> Vec<(&str, StepState, &str)> {
        self.plan
            .iter()
            .map(|line| (line.slot.as_str(), line.state, line.because.as_str()))
            .collect()
    }

    /// Why steps were performed, in the order in which they were queued.
    pub(crate) fn queued(&self) -> Vec<(&str, &str)> {
        self.told(|event| match event {
            Event::StepQueued { step, because, .. } => Some((step.slot.as_str(), because.as_str())),
            _ => None,
        })
    }

    /// What waited for what.
    pub(crate) fn waiting(&self) -> Vec<(&str, &str)> {
        self.told(|event| match event {
            Event::StepWaiting { step, because } => Some((step.slot.as_str(), because.as_str())),
            _ => None,
        })
    }

    pub(crate) fn diagnostics(&self) -> Vec<&Diagnostic> {
        self.told(|event| match event {
            Event::Diagnostic { diagnostic } => Some(diagnostic),
            _ => None,
        })
    }

    /// What `pick` takes from the events, in their order.
    pub(crate) fn told<'a, P>(&'a self, pick: impl FnMut(&'a Event) -> Option<P>) -> Vec<P> {
        self.events.iter().filter_map(pick).collect()
    }
}

/// Kept, performed, failed, waiting.
pub(crate) fn counts(kept: u64, performed: u64, failed: u64, waiting: u64) -> StepCounts {
    StepCounts {
        kept,
        performed,
        failed,
        waiting,
    }
}

pub(crate) struct Production {
    dir: TempDir,
    pub(crate) tools: Arc<Tools>,
}

impl Production {
    pub(crate) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            tools: Arc::default(),
        }
    }

    pub(crate) async fn open(&self) -> Store {
        self.open_at(Clock::fixed(NOON)).await
    }

    async fn open_at(&self, clock: Clock) -> Store {
        Store::open(self.dir.path(), "workprint render pilot", clock)
            .await
            .unwrap()
    }

    pub(crate) async fn dump(&self) -> String {
        let store = self.open().await;
        let dump = store.dump().await.unwrap();
        store.close().await.unwrap();
        dump
    }

    /// The artifact of the take that fills a slot is gone from the vault.
    pub(crate) async fn lose(&self, slot: &str) {
        let store = self.open().await;
        let takes = store.takes(&Slot::from(slot)).await.unwrap();
        let artifact = &takes.last().unwrap().artifacts[0];
        std::fs::remove_file(store.path_of(&artifact.digest)).unwrap();
        store.close().await.unwrap();
    }

    /// A run from its beginning to its end, in a process of its own as far as the store can tell.
    pub(crate) async fn perform<R>(
        &self,
        setup: Setup,
        pipeline: impl AsyncFnOnce(&Run<Tools>) -> Result<R, EngineError>,
    ) -> Ended<R> {
        self.go(Mode::Perform, setup, pipeline).await
    }

    /// A plan, from a store that cannot be written.
    pub(crate) async fn plan<R>(
        &self,
        setup: Setup,
        pipeline: impl AsyncFnOnce(&Run<Tools>) -> Result<R, EngineError>,
    ) -> Ended<R> {
        self.go(Mode::Plan, setup, pipeline).await
    }

    async fn go<R>(
        &self,
        mode: Mode,
        setup: Setup,
        pipeline: impl AsyncFnOnce(&Run<Tools>) -> Result<R, EngineError>,
    ) -> Ended<R> {
        let store = match mode {
            Mode::Perform => self.open_at(setup.clock()).await,
            Mode::Plan => Store::open_read_only(self.dir.path(), Clock::fixed(setup.now))
                .await
                .unwrap(),
        };
        let (run, events) = self.begin(mode, setup, &store).await;
        let result = pipeline(&run).await;
        let lock_of_part = run.changed_lock(false);
        let lock = run.changed_lock(true);
        let summary = run.finish(Vec::new(), false).await.unwrap();
        let plan = run.planned();
        drop(run);
        store.close().await.unwrap();
        let events = std::mem::take(&mut *events.lock().unwrap());
        Ended {
            result,
            summary,
            events,
            plan,
            lock,
            lock_of_part,
        }
    }

    /// A run that somebody else drives.
    pub(crate) async fn begin(
        &self,
        mode: Mode,
        setup: Setup,
        store: &Store,
    ) -> (Run<Tools>, Arc<Mutex<Vec<Event>>>) {
        let number = match mode {
            Mode::Perform => Some(
                store
                    .begin_run(&setup.episode, "main", "workprint render pilot")
                    .await
                    .unwrap(),
            ),
            Mode::Plan => None,
        };
        let events = Arc::new(Mutex::new(Vec::new()));
        let reporter: Reporter = Arc::new({
            let (events, cancel) = (Arc::clone(&events), setup.cancel.clone());
            move |event: &Event| {
                events.lock().unwrap().push(event.clone());
                if (setup.stop_at)(event) {
                    cancel.cancel();
                }
            }
        });
        let run = Run::new(
            RunOptions {
                film: "main".to_owned(),
                main_output: true,
                mode,
                episode: setup.episode,
                selection: setup.selection,
                pools: Pools::new(setup.jobs),
                spending: setup.spending,
                cancel: setup.cancel,
            },
            Arc::clone(&self.tools),
            (store.clone(), number),
            setup.lock,
            (reporter, Clock::fixed(setup.now)),
        );
        (run, events)
    }
}

/// A pipeline: says every line (slot and text), then joins them all in `mix/main`.
pub(crate) async fn film(run: &Run<Tools>, lines: &[(&str, &str)]) -> Result<Take, EngineError> {
    let takes = run
        .all(lines.iter().map(|(slot, text)| say(slot, text)))
        .await?;
    run.step(join("main", &takes)).await
}
