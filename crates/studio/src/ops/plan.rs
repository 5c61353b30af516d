//! Plan: what a render would do, from the code that renders.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use tokio_util::sync::CancellationToken;
use workprint_engine::{Gate, GateState, Mode, Pools, Purchase, Run, RunOptions, Selection};
use workprint_model::step::{Estimate, PlannedStep, StepState};
use workprint_model::{Diagnostic, Money};
use workprint_stages::{Film, STAGES, Tools, film};
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
    /// The gates that a person is asked about now.
    pub gates: Vec<Gate>,
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
    let gates = run.gates().into_iter();
    let asked = gates.filter(|met| met.state == GateState::Asked);
    let jobs = options.jobs.unwrap_or(host.cores);
    let diagnostics = production.warnings.into_iter().chain(run.diagnostics());
    Ok(Plan {
        steps,
        totals,
        stages,
        gates: asked.map(|met| met.gate).collect(),
        jobs,
        diagnostics: diagnostics.collect(),
    })
}

/// Runs the pipeline without performing anything. Where something is ordered only with a yes, what waits
/// for one is known from a first pass.
pub(crate) async fn planning(
    host: &Host,
    production: &Production,
    options: &RenderOptions,
    store: &Store,
) -> Result<(Run<Tools>, Film), StudioError> {
    let brief = Brief::of(production, options)?;
    let tools = production.tools(host).await?;
    let planner = Planner {
        host,
        production,
        selection: options.selection()?,
        brief: &brief,
        tools: &tools,
        store,
    };
    let (run, film) = planner.pass(&[]).await?;
    let purchases = run.purchases();
    if run.options().spending.unasked.is_none() || purchases.is_empty() {
        return Ok((run, film));
    }
    planner.pass(&purchases).await
}

/// What plans an episode.
pub(crate) struct Planner<'a> {
    pub(crate) host: &'a Host,
    pub(crate) production: &'a Production,
    pub(crate) selection: Selection,
    pub(crate) brief: &'a Brief<'a>,
    pub(crate) tools: &'a Arc<Tools>,
    pub(crate) store: &'a Store,
}

impl Planner<'_> {
    /// What a render would order; nothing where nobody would be asked and no vendor calls. A readout makes no
    /// pictures: what it orders is asked about when it is met.
    pub(crate) async fn purchases(
        &self,
        options: &RenderOptions,
    ) -> Result<Vec<Purchase>, StudioError> {
        let asks = self.brief.spending(None).unasked.is_some();
        let hears = !self.production.show.engines.webhooks.is_unset();
        if options.readout || self.selection.free_only || !(asks || hears) {
            return Ok(Vec::new());
        }
        Ok(self.pass(&[]).await?.0.purchases())
    }

    /// The pipeline once, with what is to be ordered held against the rules and answers.
    async fn pass(&self, purchases: &[Purchase]) -> Result<(Run<Tools>, Film), StudioError> {
        let run = Run::new(
            RunOptions {
                mode: Mode::Plan,
                episode: self.production.place.episode.clone(),
                film: self.brief.film(),
                main_output: self.brief.is_main(),
                selection: self.selection.clone(),
                pools: Pools::new(1),
                spending: self.brief.spending(None),
                cancel: CancellationToken::new(),
            },
            Arc::clone(self.tools),
            (self.store.clone(), None),
            self.production.lock.clone(),
            (Arc::new(|_| {}), self.host.clock.clone()),
        );
        run.ask_before_spending(purchases).await?;
        let film = film(&run, &self.brief.order()).await?;
        Ok((run, film))
    }
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
