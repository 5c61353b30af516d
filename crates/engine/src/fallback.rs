//! Another engine in the place of one that certainly took no order.
//!
//! It is asked by a step of its own, with its own key, price and budget, which fills the same slot. Nothing is
//! asked of it while nobody knows what became of an order. What it made, and what it was given, is gone on with
//! for as long as the first engine is the one that is asked first; a person lets go of it. The lock says that,
//! and the ledger where a run broke off before the lock was written.

use workprint_model::event::{Event, StepName};
use workprint_model::lock::Instead;
use workprint_model::{Diagnostic, Digest, Slot};

use crate::run::Fate;
use crate::{EngineError, Run, Step, key_of};

/// The longest reason that is kept.
const MOST_TOLD: usize = 400;

/// The steps that stand behind one, in their order.
fn others<S: Step>(step: &S) -> impl Iterator<Item = &S> {
    std::iter::successors(step.otherwise(), |other| other.otherwise())
}

impl<T: Send + Sync + 'static> Run<T> {
    /// Why the engine of a step took no order in this run, where that is so.
    pub(crate) fn untaken(&self, key: &Digest) -> Option<String> {
        match self.state().fates.get(key) {
            Some(Fate::Untaken(why)) => Some(why.clone()),
            _ => None,
        }
    }

    /// In the place of which engine a step of this run fills a slot.
    pub(crate) fn made_for(&self, slot: &Slot, key: &Digest) -> Option<Instead> {
        let of = (slot.clone(), *key);
        self.state().instead.get(&of).cloned()
    }

    /// The step that gave the output of one that this run was handed: that one, or what stood in for it.
    pub fn performed<S: Step>(&self, step: &S) -> S {
        let slot = step.slot();
        let stood_in = others(step).filter(|other| self.made_for(&slot, &key_of(*other)).is_some());
        stood_in.last().unwrap_or(step).clone()
    }

    /// The step that an earlier run asked in the place of this one, whose engine took no order then.
    pub(crate) async fn stood_in<S: Step>(&self, step: &S) -> Result<Option<S>, EngineError> {
        if step.otherwise().is_none() {
            return Ok(None);
        }
        let (slot, key) = (step.slot(), key_of(step));
        // What this engine was given is not left for another.
        if self.store().open_job(&key).await?.is_some() {
            return Ok(None);
        }
        let is_fresh = self.is_fresh(S::KIND);
        if !is_fresh {
            let take = self.with_lock(|lock| lock.find(&slot).cloned());
            if take.as_ref().is_some_and(|take| take.key == Some(key)) {
                return Ok(None);
            }
            let made = take.and_then(|take| Some((take.key?, take.instead?)));
            if let Some((made, instead)) = made.filter(|(_, one)| one.of == step.engine())
                && let Some(other) = others(step).find(|other| key_of(*other) == made)
                && self.is_within_reach(other).await?
            {
                return Ok(Some(self.standing_in(other, instead)));
            }
            if self.is_there(&key).await? {
                return Ok(None);
            }
        }
        for other in others(step) {
            let instead = self.asked_instead(&key_of(other), is_fresh).await?;
            if let Some(instead) = instead.filter(|one| one.of == step.engine()) {
                return Ok(Some(self.standing_in(other, instead)));
            }
        }
        Ok(None)
    }

    fn standing_in<S: Step>(&self, other: &S, instead: Instead) -> S {
        let of = (other.slot(), key_of(other));
        self.state().instead.insert(of, instead);
        other.clone()
    }

    /// In the place of which engine a step was ordered or made, as the ledger has it. What is made afresh
    /// counts for nothing, what is ordered and not over does.
    async fn asked_instead(
        &self,
        key: &Digest,
        is_fresh: bool,
    ) -> Result<Option<Instead>, EngineError> {
        if let Some(job) = self.store().open_job(key).await? {
            return Ok(job.instead);
        }
        if is_fresh || !self.is_there(key).await? {
            return Ok(None);
        }
        Ok(self.store().made_instead(key).await?)
    }

    async fn is_there(&self, key: &Digest) -> Result<bool, EngineError> {
        let kept = self.store().find_steps(&[*key]).await?;
        let all = |artifacts: &[_]| artifacts.iter().all(|one| self.store().has(one));
        Ok(kept.get(key).is_some_and(|step| all(&step.artifacts)))
    }

    /// Performs the step that stands behind one whose engine took no order, and says so.
    pub(crate) async fn fall_back<S: Step<Tools = T>>(
        &self,
        step: &S,
        name: StepName,
        why: String,
    ) -> Result<S::Output, EngineError> {
        // One with the same key would be asked under the same name, and is no other.
        let other = others(step).find(|other| key_of(*other) != name.key);
        let Some(other) = other else {
            return self.fail(step, name, why, Vec::new()).await;
        };
        let key = key_of(other);
        let because: String = why.chars().filter(|c| !c.is_control()).collect();
        let because: String = because.chars().take(MOST_TOLD).collect();
        let is_new = {
            let mut state = self.state();
            // The third is asked in the place of the first, not of the second.
            let before = state.instead.get(&(name.slot.clone(), name.key));
            let of = before.map_or_else(|| step.engine(), |one| one.of.clone());
            let because = because.clone();
            let before = state
                .instead
                .insert((name.slot.clone(), key), Instead { of, because });
            before.is_none()
        };
        if is_new {
            self.announce((step, other), &name, because);
        }
        let batch = self.look_up(vec![(other.clone(), key)]).await?;
        self.one(other, key, &batch).await
    }

    fn announce<S: Step>(&self, (step, other): (&S, &S), name: &StepName, because: String) {
        let (engine, other) = (step.engine(), other.engine());
        let episode = &self.options().episode;
        let message = format!(
            "`{other}` is asked for {} in the place of `{engine}`, which took no order: {because}",
            name.slot
        );
        let hint = format!(
            "what it makes stays; to ask the first again: `workprint takes renew {episode} {}`",
            name.slot
        );
        self.emit(Event::StepFallback {
            step: name.clone(),
            engine,
            other,
            because,
        });
        self.diagnose(Diagnostic::warning("engine.fallback", message).hint(hint));
    }
}
