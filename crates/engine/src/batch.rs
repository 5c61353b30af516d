//! How a batch of steps is looked up, and what becomes of each step.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use workprint_model::event::{Event, StepName};
use workprint_model::step::{Estimate, PlannedStep, StepState};
use workprint_model::{Digest, Money, Slot};
use workprint_store::{KeptStep, LastTake};

use crate::perform::Performed;
use crate::run::{Fate, Unmade};
use crate::{EngineError, Run, Step, key_of, why};

/// Steps handed to a run together, and what the ledger knew of them.
pub(crate) struct Batch<S> {
    pub(crate) steps: Vec<(S, Digest)>,
    kept: BTreeMap<Digest, KeptStep>,
    history: BTreeMap<Slot, LastTake>,
    /// When steps may be performed that failed before: what is left of their waits is sat out.
    not_before: BTreeMap<Digest, i64>,
}

/// The order in which `count` steps start: those that run at the same time lie as far from each other as
/// they can. Neighbours often read one file, each from where the other stops.
fn spread(count: usize, jobs: usize) -> Vec<usize> {
    let stretch = count.div_ceil(jobs.max(1)).max(1);
    (0..stretch)
        .flat_map(|at| (at..count).step_by(stretch))
        .collect()
}

impl<T: Send + Sync + 'static> Run<T> {
    /// The output of one step; see [`Run::all`].
    pub async fn step<S: Step<Tools = T>>(&self, step: S) -> Result<S::Output, EngineError> {
        let key = key_of(&step);
        let sketch = step.sketch(&key);
        Ok(self.all([step]).await?.pop().unwrap_or(sketch))
    }

    /// The outputs of steps, in their order: kept ones from the ledger, others performed side by
    /// side. A step that cannot be performed (a plan, a closed gate, a failure, an input that is not
    /// there) gives its sketch; what depends on it will wait.
    ///
    /// Equal steps are performed once, in this batch and in batches side by side with it.
    ///
    /// # Errors
    /// Only when the ledger or vault fails or the run is cancelled; a failed step is no error here.
    /// What the batch had finished by then is kept all the same.
    pub async fn all<S: Step<Tools = T>>(
        &self,
        steps: impl IntoIterator<Item = S>,
    ) -> Result<Vec<S::Output>, EngineError> {
        let mut chosen: Vec<(S, Digest)> = Vec::new();
        for step in steps {
            let step = self.chosen(step).await?;
            let key = key_of(&step);
            chosen.push((step, key));
        }
        let batch = self.look_up(chosen).await?;
        for (step, _) in &batch.steps {
            self.see_slot(&step.slot());
        }
        // A plan names steps in their order.
        let jobs = if self.is_plan() {
            1
        } else {
            self.options().pools.jobs()
        };
        let started = spread(batch.steps.len(), jobs).into_iter().map(|at| {
            let (step, key) = &batch.steps[at];
            let one = self.one(step, *key, &batch);
            async move { (at, one.await) }
        });
        let mut results = join_all(started).await;
        results.sort_by_key(|(at, _)| *at);
        let mut outputs = Vec::with_capacity(results.len());
        let mut broken = None;
        for (_, result) in results {
            match result {
                Ok(output) => outputs.push(output),
                // Why the vault or ledger failed says more than that steps were stopped.
                Err(error) if matches!(broken, None | Some(EngineError::Cancelled)) => {
                    broken = Some(error);
                }
                Err(_) => {}
            }
        }
        if let Some(error) = broken {
            return Err(error);
        }
        if self.options().cancel.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        Ok(outputs)
    }

    /// For each step, whether its output is kept, so that it would not be performed.
    pub async fn are_kept<S: Step<Tools = T>>(
        &self,
        steps: &[S],
    ) -> Result<Vec<bool>, EngineError> {
        let mut keys: Vec<Digest> = Vec::with_capacity(steps.len());
        for step in steps {
            keys.push(key_of(&self.chosen(step.clone()).await?));
        }
        let kept = self.store().find_steps(&keys).await?;
        let is_there = |key: &Digest| {
            kept.get(key).is_some_and(|step| {
                let mut artifacts = step.artifacts.iter();
                artifacts.all(|artifact| self.store().has(artifact))
            })
        };
        Ok(keys.iter().map(is_there).collect())
    }

    pub(crate) async fn look_up<S: Step<Tools = T>>(
        &self,
        steps: Vec<(S, Digest)>,
    ) -> Result<Batch<S>, EngineError> {
        let keys = self.known_keys::<S>(&steps).await?;
        let mut kept = self.store().find_steps(&keys).await?;
        kept.retain(|_, step| {
            step.artifacts
                .iter()
                .all(|artifact| self.store().has(artifact))
        });
        // A plan asks only why steps would run; a run also notes what fills slots now.
        let slots: Vec<Slot> = steps
            .iter()
            .filter(|(_, key)| !self.is_plan() || !kept.contains_key(key))
            .map(|(step, _)| step.slot())
            .collect();
        let history = if slots.is_empty() {
            BTreeMap::new()
        } else {
            self.store().last_in_slot(&slots).await?
        };
        if !self.is_plan() {
            let moved: Vec<(Slot, Digest)> = steps
                .iter()
                .filter(|(_, key)| kept.contains_key(key))
                .map(|(step, key)| (step.slot(), *key))
                .filter(|(slot, key)| history.get(slot).is_none_or(|last| last.key != *key))
                .collect();
            if !moved.is_empty() {
                self.store().mark_used(&moved).await?;
            }
        }
        let unknown = steps.iter().map(|(_, key)| *key);
        let unknown: Vec<Digest> = unknown.filter(|key| !kept.contains_key(key)).collect();
        let not_before = if self.is_plan() || unknown.is_empty() {
            BTreeMap::new()
        } else {
            self.store().not_before(&unknown).await?
        };
        Ok(Batch {
            steps,
            kept,
            history,
            not_before,
        })
    }

    /// The keys whose kept outputs may be used. Those of kinds that are to be made afresh are
    /// forgotten, each once in a run, and count only when this run made them.
    async fn known_keys<S: Step<Tools = T>>(
        &self,
        steps: &[(S, Digest)],
    ) -> Result<Vec<Digest>, EngineError> {
        let keys: BTreeSet<Digest> = steps.iter().map(|(_, key)| *key).collect();
        if !self.is_fresh(S::KIND) {
            return Ok(keys.into_iter().collect());
        }
        let (known, stale) = {
            let mut state = self.state();
            let stale: Vec<Digest> = keys
                .iter()
                .filter(|key| state.forgotten.insert(**key))
                .copied()
                .collect();
            let made = |key: &Digest| matches!(state.fates.get(key), Some(Fate::Made));
            let known = keys.into_iter().filter(made).collect();
            (known, stale)
        };
        if !self.is_plan() && !stale.is_empty() {
            self.store().forget(&stale).await?;
        }
        Ok(known)
    }

    pub(crate) async fn one<S: Step<Tools = T>>(
        &self,
        step: &S,
        key: Digest,
        batch: &Batch<S>,
    ) -> Result<S::Output, EngineError> {
        let name = StepName {
            kind: S::KIND.to_owned(),
            slot: step.slot(),
            key,
        };
        if let Some(kept) = batch.kept.get(&key)
            && let Some(output) = self.usable(step, kept)?
        {
            self.settle(step, &output);
            self.note_kept(name, "kept");
            return Ok(output);
        }
        // Equal steps take turns: whoever comes second finds what became of the first.
        let turn = if self.is_plan() {
            None
        } else {
            Some(self.turn(key).lock_owned().await)
        };
        if let Some(why) = self.waits_for(step) {
            return Ok(self.wait(step, name, why));
        }
        if let Some(why) = self.untaken(&key) {
            drop(turn);
            return Box::pin(self.fall_back(step, name, why)).await;
        }
        if let Some(output) = self.same_as_another(step, &name).await? {
            return Ok(output);
        }
        if let Some(why) = self.may_not_buy(step, &name).await? {
            return Ok(self.wait(step, name, why));
        }
        let planned = self.planned_input(step);
        let certain = planned.is_none();
        let because = planned.unwrap_or_else(|| {
            let last = batch.history.get(&name.slot);
            why::because(step, &key, last, self.is_fresh(S::KIND))
        });
        if self.is_plan() {
            self.note_purchase(step, &name, certain);
            return Ok(self.planned_step(step, name, because));
        }
        self.emit(Event::StepQueued {
            step: name.clone(),
            because,
            estimate: step.estimate(),
        });
        let not_before = batch.not_before.get(&key).copied();
        let why = match self.perform(step, &name, not_before).await? {
            Performed::Output(output) => return Ok(output),
            Performed::Untaken(why) => why,
        };
        // Who holds a turn and waits for another's might be waited for by that one.
        drop(turn);
        Box::pin(self.fall_back(step, name, why)).await
    }

    /// The sketch of a step that a planning run would perform.
    fn planned_step<S: Step<Tools = T>>(
        &self,
        step: &S,
        name: StepName,
        because: String,
    ) -> S::Output {
        let told = match step.otherwise() {
            Some(other) => format!("{because}; `{}` where that takes no order", other.engine()),
            None => because,
        };
        self.line(&name, StepState::Run, told, step.estimate());
        self.count(S::KIND, Some(StepState::Run));
        let sketch = step.sketch(&name.key);
        self.state().fates.insert(name.key, Fate::Planned);
        self.mark_unmade(S::digests(&sketch), &Unmade::Planned(name.slot));
        sketch
    }

    /// What became of an equal step that this run met before.
    async fn same_as_another<S: Step<Tools = T>>(
        &self,
        step: &S,
        name: &StepName,
    ) -> Result<Option<S::Output>, EngineError> {
        const SAME: &str = "the same as another";
        let fate = self.state().fates.get(&name.key).cloned();
        match fate {
            None | Some(Fate::Untaken(_)) => Ok(None),
            Some(Fate::Planned) => {
                self.note_kept(name.clone(), SAME);
                Ok(Some(step.sketch(&name.key)))
            }
            Some(Fate::Failed(why)) => Ok(Some(self.wait(step, name.clone(), why))),
            Some(Fate::Made) => {
                let found = self.store().find_steps(&[name.key]).await?;
                let Some(kept) = found.get(&name.key) else {
                    return Ok(None);
                };
                let output = self.usable(step, kept)?;
                if let Some(output) = &output {
                    self.settle(step, output);
                    let used = (name.slot.clone(), name.key);
                    self.store().mark_used(&[used]).await?;
                    self.note_kept(name.clone(), SAME);
                }
                Ok(output)
            }
        }
    }

    /// The kept output, when what it was made from is not itself to be made again.
    fn usable<S: Step<Tools = T>>(
        &self,
        step: &S,
        kept: &KeptStep,
    ) -> Result<Option<S::Output>, EngineError> {
        if !step.inputs().iter().all(|input| self.is_made(input)) {
            return Ok(None);
        }
        serde_json::from_str(&kept.output)
            .map(Some)
            .map_err(|source| EngineError::Output {
                slot: step.slot().to_string(),
                source,
            })
    }

    /// Why a step cannot be performed now.
    fn waits_for<S: Step<Tools = T>>(&self, step: &S) -> Option<String> {
        if !self.selects(S::KIND) {
            return Some(format!(
                "{} is not kept and --only leaves it out",
                step.slot()
            ));
        }
        if self.options().selection.free_only && step.estimate().cost > Money::ZERO {
            return Some(format!(
                "{} is not kept, and this run pays for nothing",
                step.slot()
            ));
        }
        let state = self.state();
        step.inputs()
            .iter()
            .find_map(|input| match state.unmade.get(input) {
                Some(Unmade::Waiting(why)) => Some(why.clone()),
                _ => None,
            })
    }

    fn planned_input<S: Step<Tools = T>>(&self, step: &S) -> Option<String> {
        let state = self.state();
        step.inputs()
            .iter()
            .find_map(|input| match state.unmade.get(input) {
                Some(Unmade::Planned(slot)) => Some(format!("{slot} will be made")),
                _ => None,
            })
    }

    /// `why` is the root of the matter and is handed on to whatever depends on this step.
    pub(crate) fn wait<S: Step<Tools = T>>(
        &self,
        step: &S,
        name: StepName,
        why: String,
    ) -> S::Output {
        let sketch = step.sketch(&name.key);
        self.mark_unmade(S::digests(&sketch), &Unmade::Waiting(why.clone()));
        self.line(&name, StepState::Waiting, why.clone(), Estimate::default());
        if self.selects(S::KIND) {
            self.count(S::KIND, Some(StepState::Waiting));
            self.emit(Event::StepWaiting {
                step: name,
                because: why,
            });
        }
        sketch
    }

    /// What a step made fills its slot.
    pub(crate) fn settle<S: Step<Tools = T>>(&self, step: &S, output: &S::Output) {
        if let Some(digest) = S::digests(output).first().filter(|_| !step.is_candidate()) {
            self.choose(step, *digest);
        }
    }

    fn note_kept(&self, name: StepName, because: &str) {
        let estimate = Estimate::default();
        self.line(&name, StepState::Kept, because.to_owned(), estimate);
        self.count(&name.kind, Some(StepState::Kept));
        self.emit(Event::StepKept { step: name });
    }

    fn line(&self, name: &StepName, state: StepState, because: String, estimate: Estimate) {
        if self.is_plan() {
            self.plan_line(PlannedStep {
                kind: name.kind.clone(),
                slot: name.slot.clone(),
                key: name.key,
                state,
                because,
                estimate,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn every_step_starts_once_and_neighbours_apart() {
        assert_eq!(spread(7, 2), [0, 4, 1, 5, 2, 6, 3]);
        assert_eq!(spread(5, 1), [0, 1, 2, 3, 4]);
        assert_eq!(spread(2, 16), [0, 1]);
        assert_eq!(spread(0, 4), [0; 0]);
        for (count, jobs) in [(1, 1), (10, 3), (64, 7), (3, 3)] {
            let mut all = spread(count, jobs);
            all.sort_unstable();
            assert!(all.into_iter().eq(0..count), "{count} by {jobs}");
        }
    }
}
