//! Money for an order: reserved, and the intent on the disk, before anything is sent.
//!
//! That is a wait for the disk, and a vendor's place that waits for it too stands empty meanwhile. Where
//! places are free again within a second, those who are next in line reserve while they wait for theirs.
//! There are few of them, for a killed run leaves each as an order of which nobody knows whether it was sent.
//! Where places are taken for longer, nobody would notice the wait, and each reserves in its place.

use std::time::Duration;

use workprint_model::Money;
use workprint_store::{NewJob, Reserved};

use crate::outside::Caller;
use crate::rhythm::FIRST_POLL;
use crate::{External, StepError, Work};

/// How long a step waits for jobs of other runs to end.
const FULL: Duration = Duration::from_mins(1);
/// Sent later than this after it was reserved, an order says once more when it is sent: it is looked for by
/// that time.
const LATE: i64 = 1000;

impl Work {
    /// Reserves money for an order that has none, writes its intent down and waits for its place.
    pub(crate) async fn reserved<E: External>(
        &self,
        call: &E,
        caller: &Caller,
    ) -> Result<(i64, impl Send), StepError> {
        let next = self.until_stopped(call.next()).await?;
        let mut place = if call.is_quick() {
            let job = new_job(call, caller)?;
            let since = self.store().clock().now();
            // Asked for at once: who comes first is served first, whoever's disk is quicker.
            let (place, ahead) = tokio::join!(
                self.until_stopped(call.place()),
                self.try_to_reserve(&job, caller)
            );
            drop(next);
            // What others have reserved may be free again when it is this one's turn.
            if let Reserved::Job(id) = ahead? {
                return Ok((id, self.in_place(id, since, place).await?));
            }
            place?
        } else {
            let place = self.until_stopped(call.place()).await?;
            drop(next);
            place
        };
        let mut waited = Duration::ZERO;
        loop {
            let job = new_job(call, caller)?;
            match self.try_to_reserve(&job, caller).await? {
                Reserved::Job(id) => return Ok((id, place)),
                Reserved::NoRoom { budget, taken } => return Err(no_room(&job, budget, taken)),
                Reserved::Full if waited < FULL => {
                    // What is waited for may be a job that this run goes on with, once it has a place.
                    drop(place);
                    self.until_stopped(tokio::time::sleep(FIRST_POLL)).await?;
                    waited += FIRST_POLL;
                    place = self.until_stopped(call.place()).await?;
                }
                Reserved::Full => return Err(full(&job, call.at_once())),
            }
        }
    }

    /// What was reserved ahead, `since` then, has its place, or is given back where the run is stopped.
    async fn in_place<P>(
        &self,
        id: i64,
        since: i64,
        place: Result<P, StepError>,
    ) -> Result<P, StepError> {
        if place.is_err() {
            let why = "the run was stopped before it was sent";
            self.store().job_failed(id, why, Money::ZERO).await?;
        } else if self.store().clock().now() - since > LATE {
            self.store().job_late(id).await?;
        }
        place
    }

    async fn try_to_reserve(&self, job: &NewJob, caller: &Caller) -> Result<Reserved, StepError> {
        self.pass("before-intent");
        let reserved = self.store().reserve(job, &caller.spending.budget).await?;
        if matches!(reserved, Reserved::Job(_)) {
            self.pass("intent");
        }
        Ok(reserved)
    }
}

fn new_job<E: External>(call: &E, caller: &Caller) -> Result<NewJob, StepError> {
    let [vendor, model, account] = call.names();
    if caller.spending.unasked.is_some() && call.most() > caller.estimated {
        return Err(dearer(&vendor, call.most(), caller.estimated));
    }
    Ok(NewJob {
        key: caller.step.key,
        kind: caller.step.kind.clone(),
        slot: caller.step.slot.clone(),
        episode: caller.episode.clone(),
        run: caller.run,
        vendor,
        model,
        account,
        server: call.server(),
        instead: caller.instead.clone(),
        most: call.most(),
        others: call.at_once().saturating_sub(call.held()),
    })
}

/// Nobody was asked about this price.
fn dearer(vendor: &str, most: Money, estimated: Money) -> StepError {
    let (most, estimated) = (most.exact(), estimated.exact());
    let message = format!("it may cost {most} at {vendor}, and the plan says {estimated}");
    StepError::waiting("gate.dearer", message)
        .hint("let go of the take if it is pinned, or set the engine's `price` in show.toml")
}

/// Others have all places, and have had them for long.
fn full(job: &NewJob, places: u32) -> StepError {
    let message = format!(
        "{} has {places} jobs under way already, of other runs",
        job.vendor
    );
    StepError::waiting("outside.full", message)
        .hint("see them: `workprint jobs`; render the episodes that they are of")
}

fn no_room(job: &NewJob, budget: Option<(&'static str, Money)>, taken: Money) -> StepError {
    let needed = job.most.exact();
    let Some((name, limit)) = budget else {
        let message = format!(
            "it may cost {needed} at {}, and no budget allows anything",
            job.vendor
        );
        return StepError::waiting("budget.none", message)
            .hint("say in show.toml what may be spent, such as `[budget]` with `episode = 5`");
    };
    let message = format!(
        "it may cost {needed} at {}; of the {} of `budget.{name}` {} are spent or reserved",
        job.vendor,
        limit.exact(),
        taken.exact()
    );
    let enough = (taken + job.most).exact();
    let enough = enough.trim_start_matches('$');
    StepError::waiting("budget.no-room", message).hint(format!(
        "allow it: set `{name} = {enough}` or more in `[budget]` of show.toml"
    ))
}
