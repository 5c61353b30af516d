//! Steps that make text, and tools that can be told to fail.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{Barrier, Notify};
use tokio_util::sync::CancellationToken;
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::step::Estimate;
use workprint_model::{Artifact, Digest, Money, Slot};

use crate::shop::Shop;

/// What a step meets when it is performed next.
pub(crate) enum Trouble {
    /// It fails for good.
    Fails,
    /// It fails for now.
    Busy(Option<Duration>),
    /// A person stops the run meanwhile.
    Stopped(CancellationToken),
    /// It never ends; what it has made by then lies in the vault.
    Hangs,
    /// It gives other bytes than it would.
    Gives(&'static str),
}

/// What steps are performed with.
#[derive(Default)]
pub(crate) struct Tools {
    /// Who sells pictures.
    pub(crate) shop: Shop,
    performed: Mutex<Vec<String>>,
    troubles: Mutex<BTreeMap<String, VecDeque<Trouble>>>,
    under_way: AtomicUsize,
    most: AtomicUsize,
    /// Steps of the text `together` wait for each other here.
    pub(crate) together: Mutex<Option<std::sync::Arc<Barrier>>>,
    /// Told when a step hangs.
    pub(crate) hanging: Notify,
}

impl Tools {
    /// Scripts what happens to steps of this slot, one trouble for each time.
    pub(crate) fn script(&self, slot: &str, troubles: impl IntoIterator<Item = Trouble>) {
        let mut all = self.troubles.lock().unwrap();
        all.entry(slot.to_owned()).or_default().extend(troubles);
    }

    /// The slots of the steps performed since this was asked last, sorted.
    pub(crate) fn performed(&self) -> Vec<String> {
        let mut performed = std::mem::take(&mut *self.performed.lock().unwrap());
        performed.sort();
        performed
    }

    /// The most steps that were performed at once.
    pub(crate) fn most_at_once(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    async fn make(&self, slot: &Slot, text: &str, work: &Work) -> Result<Made<Take>, StepError> {
        self.performed.lock().unwrap().push(slot.to_string());
        let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(under_way, Ordering::SeqCst);
        let together = self.together.lock().unwrap().clone();
        if let Some(together) = together {
            together.wait().await;
        }
        let made = self.meet(slot, text, work).await;
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        made
    }

    pub(crate) async fn meet(
        &self,
        slot: &Slot,
        text: &str,
        work: &Work,
    ) -> Result<Made<Take>, StepError> {
        let trouble = {
            let mut all = self.troubles.lock().unwrap();
            all.get_mut(slot.as_str()).and_then(VecDeque::pop_front)
        };
        let mut bytes = text.as_bytes();
        match trouble {
            Some(Trouble::Fails) => {
                let broken = std::io::Error::other("no such voice");
                let error = StepError::permanent("the voice cannot speak").because(broken);
                return Err(error.hint("choose another voice"));
            }
            Some(Trouble::Busy(after)) => return Err(StepError::temporary("busy", after)),
            Some(Trouble::Stopped(cancel)) => {
                cancel.cancel();
                return Err(StepError::permanent("killed"));
            }
            Some(Trouble::Hangs) => {
                work.store().keep_bytes(bytes, "text/plain")?;
                self.hanging.notify_one();
                std::future::pending::<()>().await;
            }
            Some(Trouble::Gives(other)) => bytes = other.as_bytes(),
            None => {}
        }
        let text = work.store().keep_bytes(bytes, "text/plain")?;
        let artifacts = vec![text.clone()];
        Ok(Made {
            output: Take { text },
            artifacts,
            cost: Money::from_micros(5),
        })
    }
}

/// What toy steps make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Take {
    pub(crate) text: Artifact,
}

impl Take {
    fn sketch(key: &Digest) -> Self {
        Self {
            text: Artifact::sketched(key, "text/plain"),
        }
    }
}

/// A line to be said, by the engine's revision `R`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Say<const R: u32 = 1> {
    pub(crate) engine: String,
    pub(crate) text: String,
    pub(crate) pitch_range: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) accent: Option<String>,
    /// Of the text: changes with it.
    pub(crate) length: usize,
    /// One of several.
    #[serde(skip)]
    pub(crate) candidate: bool,
    #[serde(skip)]
    pub(crate) slot: Slot,
}

/// `text` said in `voice/slot`.
pub(crate) fn say(slot: &str, text: &str) -> Say {
    Say {
        engine: "toy 1".to_owned(),
        text: text.to_owned(),
        pitch_range: 50,
        accent: None,
        length: text.len(),
        candidate: false,
        slot: Slot::new("voice", slot),
    }
}

impl Say {
    /// The same by revision 2.
    pub(crate) fn revised(self) -> Say<2> {
        Say {
            engine: self.engine,
            text: self.text,
            pitch_range: self.pitch_range,
            accent: self.accent,
            length: self.length,
            candidate: self.candidate,
            slot: self.slot,
        }
    }
}

impl<const R: u32> Step for Say<R> {
    type Tools = Tools;
    type Output = Take;

    const KIND: &'static str = "voice";
    const REVISION: u32 = R;
    const TAKES: bool = true;
    const SUMMARIES: &'static [&'static str] = &["length"];

    fn slot(&self) -> Slot {
        self.slot.clone()
    }
    fn in_slot(self, other: &Self) -> Self {
        Self {
            slot: other.slot.clone(),
            candidate: other.candidate,
            ..self
        }
    }
    fn is_candidate(&self) -> bool {
        self.candidate
    }
    fn engine(&self) -> String {
        self.engine.clone()
    }
    fn inputs(&self) -> Vec<Digest> {
        Vec::new()
    }
    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 2.0,
            cost: Money::from_micros(5),
        }
    }
    fn sketch(&self, key: &Digest) -> Take {
        Take::sketch(key)
    }
    fn digests(output: &Take) -> Vec<Digest> {
        vec![output.text.digest]
    }
    fn seed(&self) -> Option<u32> {
        Some(7)
    }
    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<Take>, StepError> {
        tools.make(&self.slot, &self.text, work).await
    }
}

/// Takes put one after the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Join {
    parts: Vec<Digest>,
    #[serde(skip)]
    pub(crate) needs: Vec<Digest>,
    #[serde(skip)]
    slot: Slot,
}

/// `parts` joined in `mix/slot`.
pub(crate) fn join(slot: &str, parts: &[Take]) -> Join {
    Join {
        parts: parts.iter().map(|take| take.text.digest).collect(),
        needs: Vec::new(),
        slot: Slot::new("mix", slot),
    }
}

impl Step for Join {
    type Tools = Tools;
    type Output = Take;

    const KIND: &'static str = "mix";
    const REVISION: u32 = 1;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }
    fn engine(&self) -> String {
        "join 1".to_owned()
    }
    fn inputs(&self) -> Vec<Digest> {
        self.parts.iter().chain(&self.needs).copied().collect()
    }
    fn estimate(&self) -> Estimate {
        Estimate::default()
    }
    fn sketch(&self, key: &Digest) -> Take {
        Take::sketch(key)
    }
    fn digests(output: &Take) -> Vec<Digest> {
        vec![output.text.digest]
    }
    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<Take>, StepError> {
        let mut text = "mix:".to_owned();
        for part in &self.parts {
            let bytes = work.store().read(part)?;
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
        tools.make(&self.slot, &text, work).await
    }
}

/// What was learned of takes: stays in the lock while they change, as long as its subject is the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Learn {
    subject: String,
    from: Vec<Digest>,
    #[serde(skip)]
    slot: Slot,
}

/// `subject` learned from takes in `learned/all`.
pub(crate) fn learn(subject: &str, from: &[Take]) -> Learn {
    Learn {
        subject: subject.to_owned(),
        from: from.iter().map(|take| take.text.digest).collect(),
        slot: Slot::new("learned", "all"),
    }
}

impl Step for Learn {
    type Tools = Tools;
    type Output = Take;

    const KIND: &'static str = "learned";
    const REVISION: u32 = 1;
    const TAKES: bool = true;
    const YIELDS: bool = true;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }
    fn in_slot(self, other: &Self) -> Self {
        Self {
            slot: other.slot.clone(),
            ..self
        }
    }
    fn yields_to(&self, locked: &Self) -> bool {
        self.subject == locked.subject
    }
    fn engine(&self) -> String {
        "learn 1".to_owned()
    }
    fn inputs(&self) -> Vec<Digest> {
        self.from.clone()
    }
    fn estimate(&self) -> Estimate {
        Estimate::default()
    }
    fn sketch(&self, key: &Digest) -> Take {
        Take::sketch(key)
    }
    fn digests(output: &Take) -> Vec<Digest> {
        vec![output.text.digest]
    }
    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<Take>, StepError> {
        let mut text = format!("{}:", self.subject);
        for part in &self.from {
            let bytes = work.store().read(part)?;
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
        tools.make(&self.slot, &text, work).await
    }
}
