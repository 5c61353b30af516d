//! A vendor in memory, and steps that buy of it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock};

use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use workprint_engine::{
    Delivered, External, Found, Made, Polled, Step, StepError, Submitted, Unmet, Work,
};
use workprint_model::step::{Estimate, Pool};
use workprint_model::{Artifact, Digest, Money, Slot};

use crate::toys::{Take, Tools};

/// How the next order is answered; a job where nothing is said.
pub(crate) enum Answer {
    /// It is done at once.
    Done,
    /// It is certainly not taken, and may be later.
    Busy,
    /// It is certainly not taken, ever.
    Refused,
    /// It is certainly not taken, for the shop is closed.
    Closed,
    /// It is taken, and nobody says so.
    Lost,
    /// It is not taken, and nobody says so.
    Dropped,
    /// It is answered when [`Shop::let_go`] says so: by this.
    Held(Box<Self>),
}

/// How a job stands when it is asked for next; done where nothing is said.
pub(crate) enum Stands {
    Pending,
    Failed(i64),
    Silent,
}

/// What comes of fetching next; the picture where nothing is said.
pub(crate) enum Fetched {
    /// It can be tried again.
    Broken,
    /// It is gone for good.
    Gone,
}

#[derive(Default)]
struct Books {
    /// The keys that orders were sent with.
    keys: std::collections::BTreeSet<String>,
    answers: VecDeque<Answer>,
    stands: VecDeque<Stands>,
    fetched: VecDeque<Fetched>,
    /// By the name of a job.
    jobs: BTreeMap<String, String>,
    orders: Vec<String>,
    /// What was handed in, in its order.
    came: Vec<String>,
}

/// How many orders it takes at once.
struct Places {
    all: u32,
    free: Arc<Semaphore>,
    next: Arc<Semaphore>,
}

/// A vendor.
#[derive(Default)]
pub(crate) struct Shop {
    books: Mutex<Books>,
    places: OnceLock<Places>,
    held: Notify,
    /// Whether it can tell which orders it has.
    pub(crate) lists: std::sync::atomic::AtomicBool,
}

impl Shop {
    pub(crate) fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        self.books.lock().unwrap().answers.extend(answers);
    }

    pub(crate) fn stands(&self, stands: impl IntoIterator<Item = Stands>) {
        self.books.lock().unwrap().stands.extend(stands);
    }

    pub(crate) fn fetches(&self, fetched: impl IntoIterator<Item = Fetched>) {
        self.books.lock().unwrap().fetched.extend(fetched);
    }

    /// What it took and charges for, sorted.
    pub(crate) fn paid(&self) -> Vec<String> {
        let mut orders = self.books.lock().unwrap().orders.clone();
        orders.sort();
        orders
    }

    /// Takes so many orders at once, and is quick; so many may be next.
    pub(crate) fn quick(&self, places: u32, next: usize) {
        let free = Arc::new(Semaphore::new(places as usize));
        let next = Arc::new(Semaphore::new(next));
        let set = self.places.set(Places {
            all: places,
            free,
            next,
        });
        assert!(set.is_ok(), "told twice");
    }

    /// Answers what is held.
    pub(crate) fn let_go(&self) {
        self.held.notify_waiters();
    }

    /// What was handed in, in its order.
    pub(crate) fn came(&self) -> Vec<String> {
        self.books.lock().unwrap().came.clone()
    }

    fn take(&self, prompt: &str) -> String {
        let mut books = self.books.lock().unwrap();
        books.orders.push(prompt.to_owned());
        let name = format!("job-{}", books.orders.len());
        books.jobs.insert(name.clone(), prompt.to_owned());
        name
    }
}

/// A call of the vendor.
struct Call<'a> {
    shop: &'a Shop,
    prompt: &'a str,
    most: Money,
}

impl Call<'_> {
    fn done(&self) -> Delivered<String> {
        Delivered {
            parcel: self.prompt.to_owned(),
            cost: self.most,
        }
    }
}

async fn permit(of: Option<&Arc<Semaphore>>) -> Option<Option<OwnedSemaphorePermit>> {
    let Some(of) = of else {
        return Some(None);
    };
    Arc::clone(of).acquire_owned().await.ok().map(Some)
}

fn unmet(error: StepError, certain: bool) -> Unmet {
    Unmet {
        error,
        certain,
        others: false,
    }
}

impl External for Call<'_> {
    type Parcel = String;

    fn names(&self) -> [String; 3] {
        ["shop", "model", "shop by key"].map(str::to_owned)
    }

    fn most(&self) -> Money {
        self.most
    }

    fn at_once(&self) -> u32 {
        self.shop.places.get().map_or(4, |places| places.all)
    }

    fn held(&self) -> u32 {
        let held = |places: &Places| places.all - places.free.available_permits() as u32;
        self.shop.places.get().map_or(1, held)
    }

    async fn place(&self) -> Option<impl Send> {
        let places = self.shop.places.get();
        permit(places.map(|places| &places.free)).await
    }

    async fn next(&self) -> Option<impl Send> {
        let places = self.shop.places.get();
        permit(places.map(|places| &places.next)).await
    }

    fn is_quick(&self) -> bool {
        self.shop.places.get().is_some()
    }

    async fn submit(&self, key: &str) -> Result<Submitted<String>, Unmet> {
        assert!(
            self.shop.books.lock().unwrap().keys.insert(key.to_owned()),
            "a key is used twice"
        );
        let mut answer = {
            let mut books = self.shop.books.lock().unwrap();
            books.came.push(self.prompt.to_owned());
            books.answers.pop_front()
        };
        if let Some(Answer::Held(then)) = answer {
            self.shop.held.notified().await;
            answer = Some(*then);
        }
        let lost = StepError::temporary("the line went dead", None);
        match answer {
            None => Ok(Submitted::Job(self.shop.take(self.prompt))),
            Some(Answer::Done) => {
                self.shop.take(self.prompt);
                Ok(Submitted::Done(self.done()))
            }
            Some(Answer::Busy) => {
                let now = std::time::Duration::ZERO;
                Err(unmet(StepError::temporary("too many", Some(now)), true))
            }
            Some(Answer::Closed) => Err(Unmet {
                others: true,
                ..unmet(StepError::permanent("it is closed"), true)
            }),
            Some(Answer::Refused) => Err(unmet(StepError::permanent("not this"), true)),
            Some(Answer::Lost) => {
                self.shop.take(self.prompt);
                Err(unmet(lost, false))
            }
            Some(Answer::Dropped | Answer::Held(_)) => Err(unmet(lost, false)),
        }
    }

    async fn lookup(&self, key: &str, _: i64, known: &[String]) -> Result<Found, Unmet> {
        if !self.shop.lists.load(std::sync::atomic::Ordering::SeqCst) {
            return Ok(Found::Unknown);
        }
        let books = self.shop.books.lock().unwrap();
        let mut own = books.jobs.iter();
        let own = own.find(|(name, prompt)| *prompt == self.prompt && !known.contains(name));
        assert!(
            own.is_none() || books.keys.contains(key),
            "it was sent with another key"
        );
        Ok(own.map_or(Found::None, |(name, _)| Found::Job(name.clone())))
    }

    async fn poll(&self, remote: &str) -> Result<Polled<String>, Unmet> {
        assert!(self.shop.books.lock().unwrap().jobs.contains_key(remote));
        let stands = self.shop.books.lock().unwrap().stands.pop_front();
        match stands {
            None => Ok(Polled::Done(self.done())),
            Some(Stands::Pending) => Ok(Polled::Pending),
            Some(Stands::Failed(cost)) => {
                let error = StepError::permanent("it came out black");
                Ok(Polled::Failed(error, Money::from_micros(cost)))
            }
            Some(Stands::Silent) => {
                let now = std::time::Duration::ZERO;
                Err(unmet(StepError::temporary("no answer", Some(now)), false))
            }
        }
    }

    async fn fetch(&self, parcel: String, work: &Work) -> Result<Vec<Artifact>, Unmet> {
        let fetched = self.shop.books.lock().unwrap().fetched.pop_front();
        match fetched {
            None => {
                let kept = work.store().keep_bytes(parcel.as_bytes(), "image/png");
                Ok(vec![kept.unwrap()])
            }
            Some(Fetched::Broken) => Err(unmet(StepError::permanent("half of it came"), false)),
            Some(Fetched::Gone) => Err(unmet(StepError::permanent("it is gone"), true)),
        }
    }

    async fn cancel(&self, _: &str) -> Result<bool, Unmet> {
        Ok(false)
    }
}

/// A picture to be bought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Buy {
    pub(crate) prompt: String,
    /// What it is made of.
    pub(crate) of: Vec<Digest>,
    /// What the plan says that it costs, and what the vendor asks.
    #[serde(skip)]
    pub(crate) prices: [i64; 2],
    #[serde(skip)]
    slot: Slot,
    #[serde(skip)]
    other: Option<Box<Self>>,
    #[serde(skip)]
    candidate: bool,
}

impl Buy {
    /// As one of several that may fill the slot.
    pub(crate) fn candidate(self) -> Self {
        Self {
            candidate: true,
            ..self
        }
    }

    /// With another one behind it, of another engine.
    pub(crate) fn or(self, other: Self) -> Self {
        let other = Some(Box::new(other));
        Self { other, ..self }
    }
}

/// A picture of `prompt` for `price` millionths, in `generate/slot`.
pub(crate) fn buy(slot: &str, prompt: &str, price: i64) -> Buy {
    Buy {
        prompt: prompt.to_owned(),
        of: Vec::new(),
        prices: [price; 2],
        slot: Slot::new("generate", slot),
        other: None,
        candidate: false,
    }
}

impl Step for Buy {
    type Tools = Tools;
    type Output = Take;

    const KIND: &'static str = "generate";
    const REVISION: u32 = 1;
    const TAKES: bool = true;

    fn slot(&self) -> Slot {
        self.slot.clone()
    }
    fn otherwise(&self) -> Option<&Self> {
        self.other.as_deref()
    }
    fn is_candidate(&self) -> bool {
        self.candidate
    }
    fn in_slot(self, other: &Self) -> Self {
        Self {
            slot: other.slot.clone(),
            candidate: other.candidate,
            ..self
        }
    }
    fn engine(&self) -> String {
        match self.prompt.split_once(" by ") {
            Some((_, other)) => format!("{other} model"),
            None => "shop model".to_owned(),
        }
    }
    fn inputs(&self) -> Vec<Digest> {
        self.of.clone()
    }
    fn pool(&self) -> Pool {
        Pool::Network
    }
    fn estimate(&self) -> Estimate {
        Estimate {
            seconds: 1.0,
            cost: Money::from_micros(self.prices[0]),
        }
    }
    fn sketch(&self, key: &Digest) -> Take {
        Take {
            text: Artifact::sketched(key, "image/png"),
        }
    }
    fn digests(output: &Take) -> Vec<Digest> {
        vec![output.text.digest]
    }
    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<Take>, StepError> {
        let call = Call {
            shop: &tools.shop,
            prompt: &self.prompt,
            most: Money::from_micros(self.prices[1]),
        };
        let bought = work.buy(&call).await?;
        // What breaks here breaks after it was paid, and before the step is recorded.
        tools.meet(&self.slot, &self.prompt, work).await?;
        Ok(Made {
            output: Take {
                text: bought.artifacts[0].clone(),
            },
            artifacts: bought.artifacts,
            cost: bought.cost,
        })
    }
}
