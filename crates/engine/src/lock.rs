//! How a run reads and writes the lock.

use workprint_model::lock::{Instead, LockedTake};
use workprint_model::{Diagnostic, Digest, Slot, json};

use crate::{EngineError, Run, Step, key_of};

impl<T: Send + Sync + 'static> Run<T> {
    /// The step that fills the slot: the pinned take's where one is pinned, that of the lock where the
    /// one given yields to it, else the one given.
    pub(crate) async fn chosen<S: Step>(&self, step: S) -> Result<S, EngineError> {
        if !S::TAKES {
            return Ok(step);
        }
        let slot = step.slot();
        match self.with_lock(|lock| lock.find(&slot).and_then(pinned_step::<S>)) {
            Some(Ok(pinned)) => return Ok(pinned.in_slot(&step)),
            Some(Err(error)) => {
                self.warn_pin(&slot, &error.to_string());
                return Ok(step);
            }
            None => {}
        }
        if let Some(other) = Box::pin(self.stood_in(&step)).await? {
            return Ok(other);
        }
        if !S::YIELDS {
            return Ok(step);
        }
        let recipe = self.with_lock(|lock| lock.find(&slot)?.recipe.clone());
        let locked = recipe.and_then(|recipe| serde_json::from_value::<S>(recipe).ok());
        let Some(locked) = locked.filter(|locked| step.yields_to(locked)) else {
            return Ok(step);
        };
        let locked = locked.in_slot(&step);
        if Box::pin(self.is_within_reach(&locked)).await? {
            return Ok(locked);
        }
        if !self.is_plan() && step.inputs().iter().all(|input| self.is_made(input)) {
            self.warn_lost(&slot);
        }
        Ok(step)
    }

    /// Whether a step's output is kept, or can be made from what is there.
    pub(crate) async fn is_within_reach<S: Step>(&self, step: &S) -> Result<bool, EngineError> {
        let kept = self.store().find_steps(&[key_of(step)]).await?;
        let mut kept = kept.values().flat_map(|step| &step.artifacts).peekable();
        let is_kept = kept.peek().is_some() && kept.all(|artifact| self.store().has(artifact));
        let inputs = step.inputs();
        let is_there = |input: &Digest| self.store().path_of(input).is_file();
        Ok(is_kept || inputs.iter().all(is_there))
    }

    fn warn_lost(&self, slot: &Slot) {
        self.diagnose(
            Diagnostic::warning(
                "lock.take-lost",
                format!("the take of `{slot}` in the lock cannot be made again, and is made anew"),
            )
            .hint("bring back the vault it was made in, or accept the new take by committing the lock"),
        );
    }

    fn warn_pin(&self, slot: &Slot, why: &str) {
        self.diagnose(
            Diagnostic::warning(
                "lock.pin-unreadable",
                format!("the pinned take of `{slot}` cannot be used: {why}"),
            )
            .hint(format!("undo it: `workprint takes undo EPISODE {slot}`")),
        );
    }

    /// Whether a person pinned what fills the slot.
    pub fn is_pinned(&self, slot: &Slot) -> bool {
        self.with_lock(|lock| is_pinned(lock.find(slot)))
    }

    /// Records that of several candidates this one fills the slot of another step, as that one's take.
    pub fn fill<S: Step>(&self, step: &S, own: &S, digest: Digest) {
        let made = self.performed(step);
        let instead = self.made_for(&step.slot(), &key_of(&made));
        self.fill_with(&made.in_slot(own), digest, instead);
    }

    /// Records the take that fills a slot, and says so when a kept recipe gave other bytes. A pinned
    /// take that could not be used stays in the lock: it is a person's, and may be mended.
    pub(crate) fn choose<S: Step>(&self, step: &S, digest: Digest) {
        let instead = self.made_for(&step.slot(), &key_of(step));
        self.fill_with(step, digest, instead);
    }

    fn fill_with<S: Step>(&self, step: &S, digest: Digest, instead: Option<Instead>) {
        if !S::TAKES || (S::PER_OUTPUT && !self.options().main_output) {
            return;
        }
        let slot = step.slot();
        let key = key_of(step);
        let before = self.with_lock(|lock| lock.find(&slot).cloned());
        if let Some(Err(_)) = before.as_ref().and_then(pinned_step::<S>) {
            return;
        }
        if let Some(before) = &before
            && before.key == Some(key)
            && before.digest != digest
        {
            self.diagnose(
                Diagnostic::warning(
                    "lock.not-reproduced",
                    format!(
                        "the take of `{slot}` could not be made again byte for byte: it was {} and is {}",
                        before.digest.short(),
                        digest.short()
                    ),
                )
                .hint("bring back the vault it was made in, or accept the new take by committing the lock"),
            );
        }
        let known = before.as_ref().filter(|take| take.key == Some(key));
        let known = known.and_then(|take| take.instead.clone());
        let take = LockedTake {
            digest,
            key: Some(key),
            engine: Some(step.engine()),
            seed: step.seed(),
            recipe: json::value_of(step).ok(),
            file: before
                .as_ref()
                .and_then(|take| take.file.clone())
                .filter(|_| is_pinned(before.as_ref())),
            instead: instead.or(known),
            pinned: is_pinned(before.as_ref()),
        };
        if before.as_ref() != Some(&take) {
            self.set_lock(&slot, take);
        }
    }
}

/// The step of a pinned take. A file that a person added is named by the step as given, for its
/// bytes may have changed.
fn pinned_step<S: Step>(take: &LockedTake) -> Option<serde_json::Result<S>> {
    let recipe = take.recipe.as_ref()?;
    (take.pinned && take.file.is_none()).then(|| S::deserialize(recipe))
}

fn is_pinned(take: Option<&LockedTake>) -> bool {
    take.is_some_and(|take| take.pinned)
}
