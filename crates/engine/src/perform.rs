//! How one step is performed: its place in a pool, its attempts, its row in the ledger.

use std::sync::Arc;
use std::time::Duration;

use workprint_model::event::{Event, StepName};
use workprint_model::step::{StepRecord, StepState};
use workprint_model::{Diagnostic, Money, json};

use crate::outside::Caller;
use crate::run::{Fate, Unmade};
use crate::{EngineError, Made, Permanence, Run, Step, StepError, Work};

/// How often a step that fails for now is tried in one run.
const ATTEMPTS: u32 = 4;

/// The longest wait between attempts, whatever a failure asks for.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// How often it is tried where another engine may be asked.
const ATTEMPTS_OF_TWO: u32 = 2;

/// The longest wait for an engine where another one may be asked.
const LONGEST_OF_TWO: Duration = Duration::from_secs(5);

/// What came of performing a step.
pub(crate) enum Performed<O> {
    /// What it made; its sketch where it failed or waits.
    Output(O),
    /// Its engine certainly took no order, and why: another one may be asked.
    Untaken(String),
}

impl<T: Send + Sync + 'static> Run<T> {
    pub(crate) async fn perform<S: Step<Tools = T>>(
        &self,
        step: &S,
        name: &StepName,
        not_before: Option<i64>,
    ) -> Result<Performed<S::Output>, EngineError> {
        let others = step.otherwise().is_some();
        let longest = if others { LONGEST_OF_TWO } else { LONGEST_WAIT };
        self.sit_out(not_before.unwrap_or_default(), longest)
            .await?;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let error = match self.attempt(step, name).await? {
                Ok(output) => return Ok(Performed::Output(output)),
                Err(error) => error,
            };
            let others = error.untaken && others;
            let message = match error.permanence {
                Permanence::Cancelled => return Err(EngineError::Cancelled),
                Permanence::Waiting(code) => {
                    let sketch = self.hold(step, name.clone(), code, error);
                    return Ok(Performed::Output(sketch));
                }
                Permanence::Temporary(after) if is_tried_again(attempt, after, others) => {
                    self.back_off(name, attempt, after, &error).await?;
                    continue;
                }
                Permanence::Temporary(_) => format!("{}, tried {attempt} times", error.full()),
                Permanence::Permanent => error.full(),
            };
            if others {
                let why = error.full();
                self.give_up(name, &why).await?;
                return Ok(Performed::Untaken(why));
            }
            let sketch = self.fail(step, name.clone(), message, error.hints).await;
            return sketch.map(Performed::Output);
        }
    }

    /// Another engine is asked. The next run may try this one at once.
    async fn give_up(&self, name: &StepName, why: &str) -> Result<(), EngineError> {
        let now = self.clock().now();
        self.store().record_attempt(&name.key, why, now).await?;
        let fate = Fate::Untaken(why.to_owned());
        self.state().fates.insert(name.key, fate);
        Ok(())
    }

    /// Performs a step once. It has a place in its pool for no longer than that: what waits to be
    /// tried again keeps nothing else from being made.
    async fn attempt<S: Step<Tools = T>>(
        &self,
        step: &S,
        name: &StepName,
    ) -> Result<Result<S::Output, StepError>, EngineError> {
        let cancel = &self.options().cancel;
        let place = tokio::select! {
            biased;
            () = cancel.cancelled() => None,
            place = self.options().pools.enter(step.pool(), step.places(), step.opens()) => place,
        };
        let Some(_place) = place else {
            return Err(EngineError::Cancelled);
        };
        self.emit(Event::StepStarted { step: name.clone() });
        let started = self.clock().now();
        let work = self.work_on(name, step.estimate().cost);
        // Thousands of steps may wait for their place; what they need to be performed they get with it.
        match Box::pin(step.perform(self.tools(), &work)).await {
            Ok(made) => self.keep(step, name, made, started).await.map(Ok),
            Err(_) if cancel.is_cancelled() => Err(EngineError::Cancelled),
            Err(error) => Ok(Err(error)),
        }
    }

    fn work_on(&self, name: &StepName, estimated: Money) -> Work {
        let (reporter, step) = (self.reporter(), name.clone());
        let progress = Arc::new(move |permille| {
            reporter(&Event::StepProgress {
                step: step.clone(),
                permille,
            });
        });
        Work::new(
            self.store().clone(),
            self.options().cancel.clone(),
            progress,
            Some(Caller {
                step: name.clone(),
                episode: self.options().episode.clone(),
                run: self.number(),
                spending: self.options().spending.clone(),
                estimated,
                instead: self.made_for(&name.slot, &name.key),
            }),
        )
    }

    /// Sits out what is left of the wait that a run before this one did not get through.
    async fn sit_out(&self, not_before: i64, longest: Duration) -> Result<(), EngineError> {
        let left = not_before.saturating_sub(self.clock().now());
        match u64::try_from(left) {
            Ok(left) if left > 0 => self.pause(Duration::from_millis(left).min(longest)).await,
            _ => Ok(()),
        }
    }

    /// Waits 1 s, 2 s, 4 s … or what the failure asked for; the attempt is written down first.
    async fn back_off(
        &self,
        name: &StepName,
        attempt: u32,
        after: Option<Duration>,
        error: &StepError,
    ) -> Result<(), EngineError> {
        let wait = wait_after(attempt, after);
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
        self.flush().await?;
        self.pause(wait).await
    }

    async fn pause(&self, wait: Duration) -> Result<(), EngineError> {
        tokio::select! {
            () = self.options().cancel.cancelled() => Err(EngineError::Cancelled),
            () = tokio::time::sleep(wait.min(LONGEST_WAIT)) => Ok(()),
        }
    }

    async fn keep<S: Step<Tools = T>>(
        &self,
        step: &S,
        name: &StepName,
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
            params: json::value_of(step).unwrap_or_default(),
            inputs: step.inputs(),
            output: json::value_of(&made.output).unwrap_or_default(),
            artifacts: made.artifacts,
            made_at: finished,
            took_ms: (finished - started).max(0) as u64,
            cost: made.cost,
            seed: step.seed(),
            licence: step.licence(),
            instead: self.made_for(&name.slot, &name.key),
        };
        self.store().record(&record, self.number()).await?;
        self.options().spending.pass("recorded");
        self.count(S::KIND, Some(StepState::Run));
        {
            let mut state = self.state();
            state.cost = state.cost + made.cost;
            state.fates.insert(name.key, Fate::Made);
        }
        // Nothing is awaited in between: a stop would leave it made and not locked.
        self.settle(step, &made.output);
        self.emit(Event::StepFinished {
            step: name.clone(),
            seconds: record.took_ms as f64 / 1000.0,
            cost: made.cost,
            artifacts: record
                .artifacts
                .iter()
                .map(|artifact| artifact.digest)
                .collect(),
        });
        self.flush().await?;
        Ok(made.output)
    }

    /// A step that a person must do something for.
    fn hold<S: Step<Tools = T>>(
        &self,
        step: &S,
        name: StepName,
        code: &str,
        error: StepError,
    ) -> S::Output {
        let why = error.full();
        let mut diagnostic = Diagnostic::warning(code, format!("{}: {why}", name.slot));
        diagnostic.hints = error.hints;
        self.diagnose(diagnostic);
        let key = name.key;
        let waits = format!("{} waits: {why}", name.slot);
        self.state().fates.insert(key, Fate::Failed(waits));
        self.wait(step, name, why)
    }

    pub(crate) async fn fail<S: Step<Tools = T>>(
        &self,
        step: &S,
        name: StepName,
        message: String,
        hints: Vec<String>,
    ) -> Result<S::Output, EngineError> {
        // The next run may try at once: a person has looked at it meanwhile.
        let now = self.clock().now();
        self.store()
            .record_attempt(&name.key, &message, now)
            .await?;
        let sketch = step.sketch(&name.key);
        let why = format!("{} failed", name.slot);
        self.mark_unmade(S::digests(&sketch), &Unmade::Waiting(why.clone()));
        self.state().fates.insert(name.key, Fate::Failed(why));
        self.count(S::KIND, None);
        self.emit(Event::StepFailed {
            step: name,
            message,
            hints,
        });
        self.flush().await?;
        Ok(sketch)
    }
}

/// Whether a step is tried again that failed for now at this attempt; `others` where another engine may be asked.
fn is_tried_again(attempt: u32, after: Option<Duration>, others: bool) -> bool {
    // At once is at another of the engine's own servers.
    if others && after != Some(Duration::ZERO) {
        return attempt < ATTEMPTS_OF_TWO && wait_after(attempt, after) <= LONGEST_OF_TWO;
    }
    attempt < ATTEMPTS
}

/// How long to wait after this attempt, counted from 1.
fn wait_after(attempt: u32, asked: Option<Duration>) -> Duration {
    asked
        .unwrap_or_else(|| Duration::from_secs(1 << (attempt - 1)))
        .min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_what_is_asked_for_is_bounded() {
        let seconds = |attempt, asked: Option<u64>| {
            wait_after(attempt, asked.map(Duration::from_secs)).as_secs()
        };
        assert_eq!([1, 2, 3].map(|attempt| seconds(attempt, None)), [1, 2, 4]);
        assert_eq!(seconds(1, Some(30)), 30);
        assert_eq!(seconds(1, Some(u64::MAX)), 3600);
    }

    #[test]
    fn where_another_may_be_asked_it_is_tried_twice_and_not_waited_for() {
        let again = |attempt, after: Option<u64>| {
            is_tried_again(attempt, after.map(Duration::from_secs), true)
        };
        assert_eq!([1, 2].map(|attempt| again(attempt, None)), [true, false]);
        assert_eq!([5, 6].map(|after| again(1, Some(after))), [true, false]);
        assert_eq!([3, 4].map(|attempt| again(attempt, Some(0))), [true, false]);
        let alone = |attempt| is_tried_again(attempt, Some(Duration::from_hours(1)), false);
        assert_eq!([1, 3, 4].map(alone), [true, true, false]);
    }
}
