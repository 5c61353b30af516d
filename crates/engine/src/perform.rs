//! How a batch of steps is looked up and performed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use workprint_model::event::{Event, StepName};
use workprint_model::step::{Estimate, PlannedStep, StepRecord, StepState};
use workprint_model::{Digest, Slot};
use workprint_store::{KeptStep, LastTake};

use crate::run::Unmade;
use crate::{EngineError, Made, Permanence, Run, Step, StepError, Work, key_of, why};

/// How often a step that fails for now is tried.
const ATTEMPTS: u32 = 4;

struct Batch<S> {
    steps: Vec<(S, Digest)>,
    kept: BTreeMap<Digest, KeptStep>,
    history: BTreeMap<Slot, LastTake>,
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
    /// # Errors
    /// Only when the ledger or vault fails or the run is cancelled; a failed step is no error here.
    pub async fn all<S: Step<Tools = T>>(
        &self,
        steps: impl IntoIterator<Item = S>,
    ) -> Result<Vec<S::Output>, EngineError> {
        let steps: Vec<(S, Digest)> = steps
            .into_iter()
            .map(|step| self.chosen(step))
            .map(|step| {
                let key = key_of(&step);
                (step, key)
            })
            .collect();
        let batch = self.look_up(steps).await?;
        // Equal steps are performed once: only the first of each key may run.
        let mut first = BTreeMap::new();
        for (index, (_, key)) in batch.steps.iter().enumerate() {
            first.entry(*key).or_insert(index);
        }
        let results = join_all(
            batch
                .steps
                .iter()
                .enumerate()
                .filter(|(index, (_, key))| first[key] == *index)
                .map(|(_, (step, key))| async {
                    let output = self.one(step, *key, &batch).await?;
                    Ok::<_, EngineError>((*key, output))
                }),
        )
        .await;
        let outputs = results.into_iter().collect::<Result<BTreeMap<_, _>, _>>()?;
        for (index, (step, key)) in batch.steps.iter().enumerate() {
            self.settle(step, key, &outputs[key], first[key] == index);
        }
        if self.options().cancel.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        Ok(batch
            .steps
            .iter()
            .map(|(_, key)| outputs[key].clone())
            .collect())
    }

    async fn look_up<S: Step<Tools = T>>(
        &self,
        steps: Vec<(S, Digest)>,
    ) -> Result<Batch<S>, EngineError> {
        let keys: Vec<Digest> = steps.iter().map(|(_, key)| *key).collect();
        let fresh = self.options().selection.fresh.contains(S::KIND);
        if fresh && !self.is_plan() {
            let stale: Vec<Digest> = {
                let state = self.state();
                keys.iter()
                    .filter(|key| !state.performed.contains(key))
                    .copied()
                    .collect()
            };
            self.store().forget(&stale).await?;
        }
        let mut kept = if fresh && self.is_plan() {
            BTreeMap::new()
        } else {
            self.store().find_steps(&keys).await?
        };
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
        Ok(Batch {
            steps,
            kept,
            history,
        })
    }

    async fn one<S: Step<Tools = T>>(
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
        if let Some(kept) = self.usable(step, &key, batch)? {
            self.line(
                &name,
                StepState::Kept,
                "kept".to_owned(),
                Estimate::default(),
            );
            self.count(S::KIND, Some(StepState::Kept));
            self.emit(Event::StepKept { step: name });
            return Ok(kept);
        }
        if let Some(why) = self.waits_for(step) {
            return Ok(self.wait(step, name, why));
        }
        let because = self.planned_input(step).unwrap_or_else(|| {
            if self.options().selection.fresh.contains(S::KIND) {
                "asked for by --from".to_owned()
            } else {
                why::because(step, &key, batch.history.get(&name.slot))
            }
        });
        self.line(&name, StepState::Run, because.clone(), step.estimate());
        if self.is_plan() {
            self.count(S::KIND, Some(StepState::Run));
            let sketch = step.sketch(&key);
            self.mark_unmade(S::digests(&sketch), Unmade::Planned(name.slot));
            return Ok(sketch);
        }
        self.emit(Event::StepQueued {
            step: name.clone(),
            because,
            estimate: step.estimate(),
        });
        self.perform(step, name).await
    }

    /// The kept output, when it can be read and what it was made from is not itself to be made again.
    fn usable<S: Step<Tools = T>>(
        &self,
        step: &S,
        key: &Digest,
        batch: &Batch<S>,
    ) -> Result<Option<S::Output>, EngineError> {
        let Some(kept) = batch.kept.get(key) else {
            return Ok(None);
        };
        let state = self.state();
        if step
            .inputs()
            .iter()
            .any(|input| state.unmade.contains_key(input))
        {
            return Ok(None);
        }
        drop(state);
        serde_json::from_value(kept.output.clone())
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
    fn wait<S: Step<Tools = T>>(&self, step: &S, name: StepName, why: String) -> S::Output {
        let sketch = step.sketch(&name.key);
        self.mark_unmade(S::digests(&sketch), Unmade::Waiting(why.clone()));
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

    async fn perform<S: Step<Tools = T>>(
        &self,
        step: &S,
        name: StepName,
    ) -> Result<S::Output, EngineError> {
        let Some(_place) = self.options().pools.enter(step.pool()).await else {
            return Err(EngineError::Cancelled);
        };
        let mut attempt = 0;
        loop {
            if self.options().cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
            attempt += 1;
            self.emit(Event::StepStarted { step: name.clone() });
            let started = self.clock().now();
            match step.perform(self.tools(), &self.work_on(&name)).await {
                Ok(made) => return self.keep(step, name, made, started).await,
                Err(_) if self.options().cancel.is_cancelled() => {
                    return Err(EngineError::Cancelled);
                }
                Err(error) => match error.permanence {
                    Permanence::Cancelled => return Err(EngineError::Cancelled),
                    Permanence::Temporary(after) if attempt < ATTEMPTS => {
                        self.back_off(&name, attempt, after, &error).await?;
                    }
                    _ => return self.fail(step, name, &error).await,
                },
            }
        }
    }

    fn work_on(&self, name: &StepName) -> Work {
        let (reporter, step) = (self.reporter(), name.clone());
        let progress = Arc::new(move |permille| {
            reporter(&Event::StepProgress { step: step.clone(), permille });
        });
        Work::new(self.store().clone(), self.options().cancel.clone(), progress)
    }

    /// Waits 1 s, 2 s, 4 s … or what the failure asked for; the attempt is written down first.
    async fn back_off(
        &self,
        name: &StepName,
        attempt: u32,
        after: Option<Duration>,
        error: &StepError,
    ) -> Result<(), EngineError> {
        let wait = after.unwrap_or_else(|| Duration::from_secs(1 << (attempt - 1)));
        let not_before = self.clock().now() + wait.as_millis() as i64;
        self.store()
            .record_attempt(&name.key, &error.full(), not_before)
            .await?;
        self.emit(Event::StepRetrying {
            step: name.clone(),
            attempt,
            after_ms: wait.as_millis() as u64,
            message: error.full(),
        });
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(()),
            () = self.options().cancel.cancelled() => Err(EngineError::Cancelled),
        }
    }

    async fn keep<S: Step<Tools = T>>(
        &self,
        step: &S,
        name: StepName,
        made: Made<S::Output>,
        started: i64,
    ) -> Result<S::Output, EngineError> {
        let finished = self.clock().now();
        let record = StepRecord {
            key: name.key,
            kind: name.kind.clone(),
            revision: S::REVISION,
            slot: name.slot.clone(),
            engine: step.engine(),
            params: serde_json::to_value(step).unwrap_or_default(),
            inputs: step.inputs(),
            output: serde_json::to_value(&made.output).unwrap_or_default(),
            artifacts: made.artifacts,
            made_at: finished,
            took_ms: (finished - started).max(0) as u64,
            cost: made.cost,
            seed: step.seed(),
            licence: step.licence(),
        };
        self.store().record(&record, self.number()).await?;
        self.count(S::KIND, Some(StepState::Run));
        {
            let mut state = self.state();
            state.cost = state.cost + made.cost;
            state.performed.insert(name.key);
        }
        self.emit(Event::StepFinished {
            step: name,
            seconds: record.took_ms as f64 / 1000.0,
            cost: made.cost,
            artifacts: record
                .artifacts
                .iter()
                .map(|artifact| artifact.digest)
                .collect(),
        });
        Ok(made.output)
    }

    async fn fail<S: Step<Tools = T>>(
        &self,
        step: &S,
        name: StepName,
        error: &StepError,
    ) -> Result<S::Output, EngineError> {
        let sketch = step.sketch(&name.key);
        self.mark_unmade(
            S::digests(&sketch),
            Unmade::Waiting(format!("{} failed", name.slot)),
        );
        self.count(S::KIND, None);
        self.emit(Event::StepFailed {
            step: name,
            message: error.full(),
            hints: error.hints.clone(),
        });
        self.flush().await?;
        Ok(sketch)
    }

    /// What is done for every step of a batch, performed or not.
    fn settle<S: Step<Tools = T>>(&self, step: &S, key: &Digest, output: &S::Output, first: bool) {
        self.see_slot(&step.slot());
        let digests = S::digests(output);
        if !first {
            let name = StepName {
                kind: S::KIND.to_owned(),
                slot: step.slot(),
                key: *key,
            };
            let made = digests.iter().all(|digest| self.is_made(digest));
            let state = if made {
                StepState::Kept
            } else {
                StepState::Waiting
            };
            self.line(
                &name,
                state,
                "the same as another".to_owned(),
                Estimate::default(),
            );
            if made {
                self.count(S::KIND, Some(StepState::Kept));
                self.emit(Event::StepKept { step: name });
            }
        }
        if let Some(digest) = digests.first()
            && self.is_made(digest)
        {
            self.choose(step, *digest);
        }
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
