//! What a step is.

use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;
use workprint_model::step::{Estimate, Pool};
use workprint_model::{Artifact, Digest, Money, Slot};
use workprint_store::Store;

use crate::StepError;
use crate::outside::Caller;

/// Something that can be made, as a small value.
///
/// The value's fields are its parameters: everything that the made bytes depend on, and nothing
/// else: digests of inputs, never paths or times. Fields that only help to perform it are skipped by
/// serde.
pub trait Step: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// What performing it needs besides a [`Work`]: programs, fonts, settings.
    type Tools: Send + Sync + 'static;
    /// What later steps need to know of what was made; it goes into the ledger.
    type Output: Serialize + DeserializeOwned + Clone + Send + 'static;

    /// The kind's name: `voice`.
    const KIND: &'static str;
    /// Raised when the same parameters give other bytes than before.
    const REVISION: u32;
    /// Whether what is made is a take that the lock records and a person may choose.
    const TAKES: bool = false;
    /// Whether such a step may yield to the lock's take: then [`Self::yields_to`] is asked.
    const YIELDS: bool = false;
    /// Whether takes differ from output to output: the lock then records those of the main output.
    const PER_OUTPUT: bool = false;
    /// Parameters that sum up others, left out of "why" when one of those changed too.
    const SUMMARIES: &'static [&'static str] = &[];

    /// The place that it fills.
    fn slot(&self) -> Slot;
    /// This step in the place of `other`: takes over what is not a parameter, such as the slot.
    fn in_slot(self, other: &Self) -> Self {
        let _ = other;
        self
    }
    /// Whether the lock's take stays in the place of this step although what it would be made from
    /// now differs: it is then made anew only when a person asks for that.
    fn yields_to(&self, locked: &Self) -> bool {
        let _ = locked;
        false
    }
    /// Whether it is one of several that may fill its slot: then it is the slot's take only when
    /// [`Run::fill`](crate::Run::fill) says so.
    fn is_candidate(&self) -> bool {
        false
    }
    /// The step that is performed in the place of this where its engine certainly took no order: by another
    /// engine, which may have another behind it. Its key is its own.
    fn otherwise(&self) -> Option<&Self> {
        None
    }
    /// The engine that will do it, with its version where bytes depend on it.
    fn engine(&self) -> String;
    /// What must have been made before.
    fn inputs(&self) -> Vec<Digest>;
    /// What it asks of the machine.
    fn pool(&self) -> Pool {
        Pool::Cpu
    }
    /// How many places of its pool it takes: more than one where it keeps as many cores busy, or holds
    /// much more memory than others.
    fn places(&self) -> u32 {
        1
    }
    /// What it keeps open meanwhile, each a program that holds memory and would have to be started again for
    /// another step. Of the steps that wait for a place, one that opens something goes first while nothing is
    /// open, and after those that open nothing while another has something open.
    fn opens(&self) -> &[Digest] {
        &[]
    }
    /// What it is likely to take.
    fn estimate(&self) -> Estimate;
    /// A stand-in for the output, good enough to go on planning with. Its artifacts come from
    /// [`Artifact::sketched`] with `key`.
    fn sketch(&self, key: &Digest) -> Self::Output;
    /// The artifacts and other digests that stand for an output, first the one that names the take.
    fn digests(output: &Self::Output) -> Vec<Digest>;
    /// The seed, where it has one.
    fn seed(&self) -> Option<u32> {
        None
    }
    /// The licence of what it makes, where one is known.
    fn licence(&self) -> Option<String> {
        None
    }
    /// Makes it. Blobs are durable in the vault when this returns; the ledger's row follows.
    fn perform(
        &self,
        tools: &Self::Tools,
        work: &Work,
    ) -> impl Future<Output = Result<Made<Self::Output>, StepError>> + Send;
}

/// What performing a step gave.
#[derive(Debug, Clone)]
pub struct Made<T> {
    /// What later steps need to know.
    pub output: T,
    /// What was put into the vault.
    pub artifacts: Vec<Artifact>,
    /// What it cost.
    pub cost: Money,
}

impl<T> Made<T> {
    /// Something that cost nothing.
    pub fn free(output: T, artifacts: Vec<Artifact>) -> Self {
        Self {
            output,
            artifacts,
            cost: Money::ZERO,
        }
    }
}

/// What a step works with while it is performed.
#[derive(Clone)]
pub struct Work {
    store: Store,
    cancel: CancellationToken,
    progress: std::sync::Arc<dyn Fn(u16) + Send + Sync>,
    caller: Option<std::sync::Arc<Caller>>,
    /// The job whose answer is being put into the vault, and what it cost; nothing where it can be asked for again.
    answered: Option<(i64, Money)>,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Work")
    }
}

impl Work {
    pub(crate) fn new(
        store: Store,
        cancel: CancellationToken,
        progress: std::sync::Arc<dyn Fn(u16) + Send + Sync>,
        caller: Option<Caller>,
    ) -> Self {
        Self {
            store,
            cancel,
            progress,
            caller: caller.map(std::sync::Arc::new),
            answered: None,
        }
    }

    /// The same while the answer to an order is put into the vault, which nobody gives a second time.
    pub(crate) fn answered(&self, id: i64, cost: Money) -> Self {
        let answered = Some((id, cost));
        Self {
            answered,
            ..self.clone()
        }
    }

    /// Whether what is put into the vault is an answer that nobody gives a second time.
    pub const fn is_answer(&self) -> bool {
        self.answered.is_some()
    }

    /// Notes what is being put into the vault for an order, so that a run that is killed before it is in the books
    /// has not lost it. What can be asked for again needs no note.
    pub async fn note(&self, artifacts: &[Artifact]) -> Result<(), StepError> {
        if let Some((id, cost)) = self.answered {
            self.store().job_answered(id, artifacts, cost).await?;
        }
        Ok(())
    }

    /// For whom money is spent; nobody outside a step.
    pub(crate) fn caller(&self) -> Result<&Caller, StepError> {
        let nobody = || StepError::permanent("only a step of a run buys anything");
        self.caller.as_deref().ok_or_else(nobody)
    }

    /// Tells that a boundary of an effect is passed.
    pub(crate) fn pass(&self, boundary: &'static str) {
        if let Some(caller) = &self.caller {
            caller.spending.pass(boundary);
        }
    }

    /// Waits until the run is stopped.
    pub async fn stopped(&self) {
        self.cancel.cancelled().await;
    }

    /// The vault and ledger.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Whether the run was stopped; long loops look here.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Tells how much is done, in thousandths.
    pub fn progress(&self, permille: u16) {
        (self.progress)(permille.min(1000));
    }

    /// Runs work that blocks or computes on a thread of its own.
    pub async fn blocking<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Self) -> Result<T, StepError> + Send + 'static,
    ) -> Result<T, StepError> {
        if self.is_cancelled() {
            return Err(StepError::cancelled());
        }
        self.put_away(job).await
    }

    /// The same, though the run is being stopped: for what was paid for.
    pub async fn put_away<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Self) -> Result<T, StepError> + Send + 'static,
    ) -> Result<T, StepError> {
        let work = self.clone();
        match tokio::task::spawn_blocking(move || job(&work)).await {
            Ok(result) => result,
            Err(error) => Err(StepError::permanent("the step's thread broke off").because(error)),
        }
    }
}

/// The key of a step: the digest of kind, revision, engine and parameters.
pub fn key_of<S: Step>(step: &S) -> Digest {
    #[derive(Serialize)]
    struct Keyed<'a, S> {
        kind: &'static str,
        revision: u32,
        engine: String,
        params: &'a S,
    }
    Digest::of_json(&Keyed {
        kind: S::KIND,
        revision: S::REVISION,
        engine: step.engine(),
        params: step,
    })
}
