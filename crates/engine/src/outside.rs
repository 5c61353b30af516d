//! Calls that cost money: the discipline that stands around every one of them.
//!
//! Money is reserved and the intent written in one transaction; then the order is sent, once; its name at
//! the vendor is written before it is asked for; what it made goes into the vault before it is paid in the
//! books. After a crash each of these says where to go on. An intent without a name is an order of which
//! nobody knows whether it was taken: it is looked for at the vendor, and where that cannot tell, it waits
//! for a person. Nothing is ever sent a second time on a guess.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use workprint_model::event::StepName;
use workprint_model::lock::Instead;
use workprint_model::show::Budget;
use workprint_model::{Artifact, Digest, EpisodeId, Money};
use workprint_store::{Job, JobState};

use crate::rhythm::{LAST_POLL, Rhythm};
use crate::{StepError, Unasked, Work};

/// Told when a boundary of an effect is passed, by name: see [`BOUNDARIES`].
pub type Boundary = Arc<dyn Fn(&'static str) + Send + Sync>;

/// The boundaries of a paid call, in their order: killed at any of them, the next run goes on. An order whose outcome
/// nobody knows is `looked` for.
pub const BOUNDARIES: [&str; 9] = [
    "before-intent",
    "intent",
    "sent",
    "looked",
    "submitted",
    "polled",
    "kept",
    "settled",
    "recorded",
];

/// What a run may spend, and who is told how far its calls are.
#[derive(Clone, Default)]
pub struct Spending {
    /// What may be spent.
    pub budget: Budget,
    /// What may be ordered without a yes; everything where there is no such rule.
    pub unasked: Option<Unasked>,
    /// Who is told.
    pub boundary: Option<Boundary>,
}

impl Spending {
    /// Tells that a boundary of an effect is passed.
    pub(crate) fn pass(&self, boundary: &'static str) {
        debug_assert!(
            BOUNDARIES.contains(&boundary),
            "`{boundary}` is in the list"
        );
        if let Some(told) = &self.boundary {
            told(boundary);
        }
    }
}

impl std::fmt::Debug for Spending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spending")
            .field("budget", &self.budget)
            .field("unasked", &self.unasked)
            .finish_non_exhaustive()
    }
}

/// For whom a call is made.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) step: StepName,
    pub(crate) episode: EpisodeId,
    pub(crate) run: u64,
    pub(crate) spending: Spending,
    /// The most that it was said to cost.
    pub(crate) estimated: Money,
    /// In the place of which engine.
    pub(crate) instead: Option<Instead>,
}

/// Why a call did not give what it should.
#[derive(Debug)]
pub struct Unmet {
    /// Why.
    pub error: StepError,
    /// Whether it is certain that an order was not taken, and costs nothing.
    pub certain: bool,
    /// Whether another engine may be asked then: the reason is not what was ordered. It counts for orders alone.
    pub others: bool,
}

/// What a vendor delivers.
#[derive(Debug)]
pub struct Delivered<P> {
    /// What is to be fetched, or is here already.
    pub parcel: P,
    /// What it cost.
    pub cost: Money,
}

/// What came of an order.
#[derive(Debug)]
pub enum Submitted<P> {
    /// The vendor has a job of this name.
    Job(String),
    /// It is done.
    Done(Delivered<P>),
    /// It came to nothing, and cost this.
    Failed(StepError, Money),
}

/// How a job stands.
#[derive(Debug)]
pub enum Polled<P> {
    /// It is under way.
    Pending,
    /// It is done.
    Done(Delivered<P>),
    /// It came to nothing, and cost this.
    Failed(StepError, Money),
}

/// What a vendor knows of an order whose outcome nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It has a job of this name for it.
    Job(String),
    /// It certainly has none.
    None,
    /// It cannot tell.
    Unknown,
}

/// Something done elsewhere for money: by a vendor, on rented machines, in a queue. The one shape of all.
pub trait External: Send + Sync {
    /// What is delivered, before it is fetched.
    type Parcel: Send;

    /// The vendor, the model and where the account's key comes from.
    fn names(&self) -> [String; 3];
    /// Where the order goes, once it has its place, or is gone back to; nothing where there is one place alone
    /// that needs no name.
    fn server(&self) -> Option<String> {
        None
    }
    /// Goes back to where an order went; `false` where that is not known, or no longer there.
    fn go_back(&self, server: Option<&str>) -> bool {
        let _ = server;
        true
    }
    /// Goes anywhere: a new order is to be sent.
    fn go_anywhere(&self) {}
    /// Whether an order is given up because the server that it went to is gone: it costs nothing, and others
    /// can make what it makes. Asked when a question about it failed.
    fn is_lost(&self) -> bool {
        false
    }
    /// The most that it may cost.
    fn most(&self) -> Money;
    /// How many jobs the account may have under way.
    fn at_once(&self) -> u32;
    /// How many of them are this process's own: those with a place.
    fn held(&self) -> u32;
    /// Waits for a place among them, and until an order may be sent, first come, first served; given back
    /// when it is dropped.
    fn place(&self) -> impl Future<Output = Option<impl Send>> + Send;
    /// Waits to be one of the next who get a place, first come, first served; no longer one when it is
    /// dropped.
    fn next(&self) -> impl Future<Output = Option<impl Send>> + Send {
        std::future::ready(Some(()))
    }
    /// Whether places are soon free again, so that it is worth the while to reserve before one has a place.
    fn is_quick(&self) -> bool {
        false
    }
    /// Hands the order in with a key of ours, a UUID. Called once for each time that money was reserved.
    fn submit(
        &self,
        key: &str,
    ) -> impl Future<Output = Result<Submitted<Self::Parcel>, Unmet>> + Send;
    /// Looks for the order, about to be sent at `since` with this key, at the vendor; `known` are jobs of
    /// other orders.
    fn lookup(
        &self,
        key: &str,
        since: i64,
        known: &[String],
    ) -> impl Future<Output = Result<Found, Unmet>> + Send;
    /// Asks how a job stands.
    fn poll(
        &self,
        remote: &str,
    ) -> impl Future<Output = Result<Polled<Self::Parcel>, Unmet>> + Send;
    /// Tells how far a job is, in thousandths, as long as anything is known; ends with the job, and never where nobody
    /// tells.
    fn watch(
        &self,
        remote: &str,
        tell: &(dyn Fn(u16) + Send + Sync),
    ) -> impl Future<Output = ()> + Send {
        let _ = (remote, tell);
        std::future::pending()
    }
    /// Whether orders are handed in with an address that the vendor calls when a job may have ended.
    fn is_called(&self) -> bool {
        false
    }
    /// Waits until it calls about the order of this key; a call that came since the last one was waited for ends it at
    /// once. For ever where it does not call. Only a hint to ask now: what is called says nothing.
    fn called(&self, key: &str) -> impl Future<Output = ()> + Send {
        let _ = key;
        std::future::pending()
    }
    /// Fetches what was made into the vault.
    fn fetch(
        &self,
        parcel: Self::Parcel,
        work: &Work,
    ) -> impl Future<Output = Result<Vec<Artifact>, Unmet>> + Send;
    /// Asks the vendor to stop a job; `false` where it does not do that.
    fn cancel(&self, remote: &str) -> impl Future<Output = Result<bool, Unmet>> + Send;
}

/// What was bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bought {
    /// What is in the vault.
    pub artifacts: Vec<Artifact>,
    /// What it cost.
    pub cost: Money,
}

/// How long an order may take to reach a vendor's lists: younger ones that are not in them may come yet.
const SETTLED: i64 = 10_000;
/// How long a stopped run waits for the answer to an order that it has just sent.
const GRACE: Duration = Duration::from_secs(5);
/// A job under way for longer is left to the next run.
const LONGEST: Duration = Duration::from_hours(1);

impl Work {
    /// Buys what a call makes: goes on with the order that an earlier run left, or orders it.
    ///
    /// # Errors
    /// [`crate::Permanence::Waiting`] where a budget has no room and where nobody knows what became of an
    /// order; else what the vendor says.
    pub async fn buy<E: External>(&self, call: &E) -> Result<Bought, StepError> {
        let caller = self.caller()?;
        let left = self.store().open_job(&caller.step.key).await?;
        // Looked for without a place: who has one may be waiting for this order to be over.
        let job = match left {
            Some(job) => self.go_on(call, job).await?,
            None => None,
        };
        match job {
            Some(Standing::Bought(bought)) => Ok(bought),
            Some(Standing::Job(id, remote)) => {
                let place = self.until_stopped(call.place()).await?;
                // Nobody knows whether the earlier run named an address to call.
                let rhythm = Rhythm::asking();
                self.collect(call, (id, &remote), (place, rhythm)).await
            }
            None => {
                call.go_anywhere();
                let (id, place) = self.reserved(call, caller).await?;
                self.order(call, (id, caller), place).await
            }
        }
    }

    /// What a question about an order failed with; the order is given up where its server is gone and it costs
    /// nothing, so that the next attempt orders it elsewhere.
    async fn unanswered<E: External>(&self, call: &E, id: i64, error: StepError) -> StepError {
        if !call.is_lost() || call.most() > Money::ZERO {
            return error;
        }
        let why = error.full();
        let given_up = self.store().job_failed(id, &why, Money::ZERO).await;
        match given_up {
            Ok(()) => StepError::temporary(why, Some(Duration::ZERO)),
            Err(error) => error.into(),
        }
    }

    /// Where an earlier run's order stands; nothing where it is certain that there is none.
    async fn go_on<E: External>(&self, call: &E, job: Job) -> Result<Option<Standing>, StepError> {
        let mut all = job.artifacts.iter();
        let is_here = all.all(|artifact| self.store().has(artifact));
        // The answer was noted and is there, though the run ended before it was in the books.
        if job.state == JobState::Intent && is_here && !job.artifacts.is_empty() {
            let (artifacts, cost) = (job.artifacts, job.charge);
            self.store().job_fetched(job.id, &artifacts, cost).await?;
            return Ok(Some(Standing::Bought(Bought { artifacts, cost })));
        }
        let is_out = !matches!(job.state, JobState::Fetched | JobState::Parked);
        if is_out && !call.go_back(job.server.as_deref()) {
            let error = elsewhere(&call.names()[0], job.id, job.server.as_deref());
            if call.most() > Money::ZERO {
                return Err(error);
            }
            let why = error.full();
            self.store().job_failed(job.id, &why, Money::ZERO).await?;
            return Ok(None);
        }
        match (job.state, job.remote) {
            (JobState::Fetched, _) => {
                if is_here {
                    let (artifacts, cost) = (job.artifacts, job.charge);
                    return Ok(Some(Standing::Bought(Bought { artifacts, cost })));
                }
                let why = "what it made is gone from the vault";
                self.store().job_failed(job.id, why, job.charge).await?;
                Ok(None)
            }
            (JobState::Submitted, Some(remote)) => Ok(Some(Standing::Job(job.id, remote))),
            (JobState::Parked, _) => {
                let why = job.error.unwrap_or_default();
                Err(parked(&call.names()[0], job.id, &why))
            }
            _ => {
                let times = (job.created_at, job.changed_at);
                self.look_for(call, (job.id, times), None).await
            }
        }
    }

    /// Looks for an order of which nobody knows whether it was taken: sent `since` then at the earliest, and
    /// `until` then at the latest.
    async fn look_for<E: External>(
        &self,
        call: &E,
        (id, (since, until)): (i64, (i64, i64)),
        why: Option<&StepError>,
    ) -> Result<Option<Standing>, StepError> {
        let [vendor, _, account] = call.names();
        let known = self.store().known_remotes(&account).await?;
        let key = order_key(&self.caller()?.step.key, id);
        loop {
            let found = self.until_stopped(call.lookup(&key, since, &known)).await?;
            self.pass("looked");
            let found = match found {
                Ok(found) => found,
                Err(unmet) => return Err(self.unanswered(call, id, unmet.error).await),
            };
            match found {
                Found::Job(remote) => {
                    self.store().job_submitted(id, &remote).await?;
                    return Ok(Some(Standing::Job(id, remote)));
                }
                Found::None => {
                    let left = until + SETTLED - self.store().clock().now();
                    if let Ok(left @ 1..) = u64::try_from(left) {
                        let pause = Duration::from_millis(left).min(LAST_POLL);
                        self.until_stopped(tokio::time::sleep(pause)).await?;
                        continue;
                    }
                    let error = "the vendor was never given it";
                    self.store().job_failed(id, error, Money::ZERO).await?;
                    return Ok(None);
                }
                Found::Unknown => {
                    let why = why.map_or_else(
                        || "the run ended before it was answered".to_owned(),
                        StepError::full,
                    );
                    self.store().job_parked(id, &why).await?;
                    return Err(parked(&vendor, id, &why));
                }
            }
        }
    }

    /// Sends what is reserved and written down.
    async fn order<E: External>(
        &self,
        call: &E,
        (id, caller): (i64, &Caller),
        place: impl Send,
    ) -> Result<Bought, StepError> {
        // A process that was asleep and lost its lock meanwhile must not send.
        self.store().still_writes().await?;
        let since = self.store().clock().now();
        let answer = self.sent(call, &order_key(&caller.step.key, id)).await;
        self.pass("sent");
        let unmet = match answer {
            Some(Ok(Submitted::Job(remote))) => {
                self.store().job_submitted(id, &remote).await?;
                self.pass("submitted");
                let rhythm = Rhythm::of(call);
                return self.collect(call, (id, &remote), (place, rhythm)).await;
            }
            Some(Ok(Submitted::Done(delivered))) => {
                drop(place);
                let work = self.answered(id, delivered.cost);
                return work.take(call, id, delivered).await;
            }
            Some(Ok(Submitted::Failed(error, cost))) => {
                self.store().job_failed(id, &error.full(), cost).await?;
                return Err(error);
            }
            Some(Err(unmet)) => unmet,
            None => return Err(StepError::cancelled()),
        };
        if unmet.certain {
            let why = unmet.error.full();
            self.store().job_failed(id, &why, Money::ZERO).await?;
            let error = unmet.error;
            return Err(if unmet.others { error.untaken() } else { error });
        }
        // It may have taken long to send.
        let times = (since, self.store().clock().now());
        match self.look_for(call, (id, times), Some(&unmet.error)).await? {
            Some(Standing::Job(id, remote)) => {
                let rhythm = Rhythm::of(call);
                self.collect(call, (id, &remote), (place, rhythm)).await
            }
            Some(Standing::Bought(bought)) => Ok(bought),
            // Released: it may be ordered again, after the wait that the next attempt is given.
            None => Err(StepError::temporary(unmet.error.full(), None)),
        }
    }

    /// The answer to an order. A run that is stopped waits for it a little: it may have been paid.
    async fn sent<E: External>(
        &self,
        call: &E,
        key: &str,
    ) -> Option<Result<Submitted<E::Parcel>, Unmet>> {
        let submitted = call.submit(key);
        tokio::pin!(submitted);
        tokio::select! {
            answer = &mut submitted => Some(answer),
            () = self.stopped() => tokio::time::timeout(GRACE, submitted).await.ok(),
        }
    }

    /// Waits for a job to end, which gives its place back, and takes what it made.
    async fn collect<E: External>(
        &self,
        call: &E,
        (id, remote): (i64, &str),
        (place, mut rhythm): (impl Send, Rhythm),
    ) -> Result<Bought, StepError> {
        let key = order_key(&self.caller()?.step.key, id);
        let begun = Instant::now();
        let tell = |permille| self.progress(permille);
        let watched = call.watch(remote, &tell);
        tokio::pin!(watched);
        let mut watching = true;
        loop {
            let polled = self.until_stopped(call.poll(remote)).await?;
            self.pass("polled");
            let polled = match polled {
                Ok(polled) => polled,
                Err(unmet) => return Err(self.unanswered(call, id, unmet.error).await),
            };
            match polled {
                Polled::Done(delivered) => {
                    drop(place);
                    return self.take(call, id, delivered).await;
                }
                Polled::Failed(error, cost) => {
                    self.store().job_failed(id, &error.full(), cost).await?;
                    return Err(error);
                }
                Polled::Pending if begun.elapsed() < LONGEST => {
                    // Whoever is told that it has ended asks at once.
                    let either = async {
                        tokio::select! {
                            () = rhythm.pause(call, &key) => {}
                            () = &mut watched, if watching => watching = false,
                        }
                    };
                    self.until_stopped(either).await?;
                }
                Polled::Pending => {
                    let message = format!("job {id} is not done after an hour");
                    return Err(StepError::waiting("outside.slow", message)
                        .hint("render again later; it goes on where it is"));
                }
            }
        }
    }

    /// Fetches at once, then settles. What was paid is fetched even where the run is being stopped.
    async fn take<E: External>(
        &self,
        call: &E,
        id: i64,
        delivered: Delivered<E::Parcel>,
    ) -> Result<Bought, StepError> {
        let cost = delivered.cost;
        let fetched = call.fetch(delivered.parcel, self);
        tokio::pin!(fetched);
        let fetched = tokio::select! {
            fetched = &mut fetched => fetched,
            () = self.stopped() => match tokio::time::timeout(GRACE, fetched).await {
                Ok(fetched) => fetched,
                Err(_) => return Err(StepError::cancelled()),
            },
        };
        let artifacts = match fetched {
            Ok(artifacts) => artifacts,
            Err(unmet) => {
                // What can be fetched again stays with the vendor; what cannot is paid and lost.
                if unmet.certain {
                    self.store()
                        .job_failed(id, &unmet.error.full(), cost)
                        .await?;
                }
                return Err(unmet.error);
            }
        };
        self.pass("kept");
        self.store().job_fetched(id, &artifacts, cost).await?;
        self.pass("settled");
        Ok(Bought { artifacts, cost })
    }

    pub(crate) async fn until_stopped<T>(
        &self,
        future: impl Future<Output = T>,
    ) -> Result<T, StepError> {
        tokio::select! {
            biased;
            () = self.stopped() => Err(StepError::cancelled()),
            done = future => Ok(done),
        }
    }
}

enum Standing {
    Bought(Bought),
    Job(i64, String),
}

/// The key of an order: a UUID of our own making (version 8 of RFC 9562), of the step's key and the job's
/// number in the ledger, so that it is the same after a restart.
fn order_key(step: &Digest, id: i64) -> String {
    let hex = Digest::of(format!("{step} {id}").as_bytes()).to_string();
    let [time, high] = [&hex[..8], &hex[8..12]];
    let [version, variant, rest] = [&hex[12..15], &hex[15..18], &hex[18..30]];
    format!("{time}-{high}-8{version}-8{variant}-{rest}")
}

fn elsewhere(vendor: &str, id: i64, server: Option<&str>) -> StepError {
    let message = match server {
        Some(server) => format!(
            "the order of job {id} went to `{server}`, which show.toml no longer names for {vendor}"
        ),
        None => format!("nobody wrote down to which server of {vendor} the order of job {id} went"),
    };
    StepError::waiting("outside.elsewhere", message).hint(format!(
        "put the address back, or say what came of it: `workprint jobs resolve {id}`"
    ))
}

fn parked(vendor: &str, id: i64, why: &str) -> StepError {
    let message = format!("whether {vendor} took the order of job {id} is not known: {why}");
    StepError::waiting("outside.unknown", message).hint(format!(
        "look at the vendor's own pages, then say what is so: `workprint jobs resolve {id}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_an_order_is_a_uuid_and_its_own() {
        let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
        let key = order_key(&one, 7);
        assert_eq!(key, order_key(&one, 7));
        assert_ne!(key, order_key(&one, 8));
        assert_ne!(key, order_key(&two, 7));
        let lengths: Vec<usize> = key.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!((&key[14..15], &key[19..20]), ("8", "8"));
    }
}
