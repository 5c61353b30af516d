//! How a run reads and writes the lock.

use workprint_model::lock::LockedTake;
use workprint_model::{Diagnostic, Digest, Slot};

use crate::{Run, Step, key_of};

impl<T: Send + Sync + 'static> Run<T> {
    /// The step that fills the slot: the pinned take's where one is pinned, else the one given.
    pub(crate) fn chosen<S: Step>(&self, step: S) -> S {
        if !S::TAKES {
            return step;
        }
        let slot = step.slot();
        match self.with_lock(|lock| lock.find(&slot).and_then(pinned_step::<S>)) {
            None => step,
            Some(Ok(pinned)) => pinned.in_slot(&step),
            Some(Err(error)) => {
                self.warn_pin(&slot, &error.to_string());
                step
            }
        }
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

    /// Records the take that fills a slot, and says so when a kept recipe gave other bytes. A pinned
    /// take that could not be used stays in the lock: it is a person's, and may be mended.
    pub(crate) fn choose<S: Step>(&self, step: &S, digest: Digest) {
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
        let take = LockedTake {
            digest,
            key: Some(key),
            engine: Some(step.engine()),
            seed: step.seed(),
            recipe: serde_json::to_value(step).ok(),
            file: before
                .as_ref()
                .and_then(|take| take.file.clone())
                .filter(|_| is_pinned(before.as_ref())),
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
