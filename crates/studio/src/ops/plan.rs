//! Plan: what a render would do, from the code that renders.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use tokio_util::sync::CancellationToken;
use workprint_engine::{Mode, Pools, Run, RunOptions, Spending};
use workprint_model::step::{Estimate, PlannedStep, StepState};
use workprint_model::{Diagnostic, Money};
use workprint_stages::{STAGES, film};
use workprint_store::Store;

use crate::ops::brief::Brief;
use crate::ops::render::RenderOptions;
use crate::{Host, Place, Production, StudioError};

/// A plan.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// Every step, in the order of the pipeline.
    pub steps: Vec<PlannedStep>,
    /// All of them together.
    pub totals: Totals,
    /// The same by stage, in the order of the pipeline.
    pub stages: Vec<StageTotals>,
    /// How long it is likely to take with this many at once.
    pub jobs: usize,
    /// What should be known of the production.
    pub diagnostics: Vec<Diagnostic>,
}

/// Counts and estimates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Totals {
    /// Steps whose output is in the vault.
    pub kept: u64,
    /// Steps that would be performed.
    pub run: u64,
    /// Steps that wait.
    pub waiting: u64,
    /// Seconds on one core.
    pub seconds: f64,
    /// Money.
    #[serde(rename = "cost_micros")]
    pub cost: Money,
}

/// A stage's share of a plan.
#[derive(Debug, Clone, Serialize)]
pub struct StageTotals {
    /// The stage.
    pub stage: &'static str,
    /// Its counts.
    #[serde(flatten)]
    pub totals: Totals,
}

/// Plans an episode. Nothing is written.
pub async fn plan(host: &Host, place: Place, options: &RenderOptions) -> Result<Plan, StudioError> {
    let store = Store::open_read_only(&place.root, host.clock.clone()).await?;
    let production = Production::open_for(place, &store, options).await?;
    let (run, _) = planning(host, &production, options, &store).await?;
    let steps = run.planned();
    let mut by_kind: BTreeMap<&str, Totals> = BTreeMap::new();
    let mut totals = Totals::default();
    for step in &steps {
        add(&mut totals, step);
        add(by_kind.entry(&step.kind).or_default(), step);
    }
    let stages = STAGES
        .iter()
        .map(|(stage, kinds)| StageTotals {
            stage,
            totals: kinds
                .iter()
                .filter_map(|kind| by_kind.get(kind))
                .fold(Totals::default(), sum),
        })
        .filter(|stage| stage.totals != Totals::default())
        .collect();
    let jobs = options.jobs.unwrap_or(host.cores);
    let diagnostics = production.warnings.into_iter().chain(run.diagnostics());
    Ok(Plan {
        steps,
        totals,
        stages,
        jobs,
        diagnostics: diagnostics.collect(),
    })
}

/// Runs the pipeline without performing anything.
pub(crate) async fn planning(
    host: &Host,
    production: &Production,
    options: &RenderOptions,
    store: &Store,
) -> Result<(Run<workprint_stages::Tools>, workprint_stages::Film), StudioError> {
    let brief = Brief::of(production, options)?;
    let tools = production.tools(host).await?;
    let run = Run::new(
        RunOptions {
            mode: Mode::Plan,
            episode: production.place.episode.clone(),
            main_output: brief.is_main(),
            selection: options.selection()?,
            pools: Pools::new(1),
            spending: Spending::default(),
            cancel: CancellationToken::new(),
        },
        tools,
        (store.clone(), None),
        production.lock.clone(),
        (Arc::new(|_| {}), host.clock.clone()),
    );
    let film = film(&run, &brief.order()).await?;
    Ok((run, film))
}

fn add(totals: &mut Totals, step: &PlannedStep) {
    match step.state {
        StepState::Kept => totals.kept += 1,
        StepState::Run => totals.run += 1,
        StepState::Waiting => totals.waiting += 1,
    }
    let Estimate { seconds, cost } = step.estimate;
    totals.seconds += seconds;
    totals.cost = totals.cost + cost;
}

fn sum(one: Totals, other: &Totals) -> Totals {
    Totals {
        kept: one.kept + other.kept,
        run: one.run + other.run,
        waiting: one.waiting + other.waiting,
        seconds: one.seconds + other.seconds,
        cost: one.cost + other.cost,
    }
}
