//! Jobs: orders that cost money, and what a person says about those that nobody knows the outcome of.

use std::path::{Path, PathBuf};

use workprint_engine::Step as _;
use workprint_model::outside::Way;
use workprint_model::show::Show;
use workprint_model::{Dollars, Money};
use workprint_providers::engine::Engine;
use workprint_providers::order::Capability;
use workprint_providers::own::awaited;
use workprint_stages::generate::Animate;
use workprint_store::Store;
pub use workprint_store::{Job, JobState};

use crate::production::{engines, read_show};
use crate::{Host, Place, StudioError};

/// What a person found out about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// The vendor has it, under this name: it is fetched by the next render.
    Adopt(String),
    /// It was paid, and what it made cannot be had; the amount, where it is not what was reserved.
    Paid(Option<Dollars>),
    /// It was never taken, or is not charged for.
    Unpaid,
}

/// The jobs of a show, the oldest first; with `all` also those that are over.
pub async fn list(host: &Host, show: Option<&str>, all: bool) -> Result<Vec<Job>, StudioError> {
    let root = Place::find_show(&host.directory, show)?;
    let store = Store::open_read_only(&root, host.clock.clone()).await?;
    let mut jobs = store.jobs().await?;
    jobs.retain(|job| all || !matches!(job.state, JobState::Done | JobState::Failed));
    Ok(jobs)
}

/// A job by its number.
pub async fn one(host: &Host, show: Option<&str>, id: i64) -> Result<Job, StudioError> {
    let root = Place::find_show(&host.directory, show)?;
    let store = Store::open_read_only(&root, host.clock.clone()).await?;
    find(&store, id).await
}

async fn find(store: &Store, id: i64) -> Result<Job, StudioError> {
    store.job(id).await?.ok_or_else(|| {
        StudioError::request(
            format!("there is no job {id}"),
            "see them: `workprint jobs list --all`",
        )
    })
}

async fn open(host: &Host, show: Option<&str>) -> Result<(PathBuf, Store), StudioError> {
    let root = Place::find_show(&host.directory, show)?;
    let store = Store::open(&root, &host.command, host.clock.clone()).await?;
    Ok((root, store))
}

/// Lets the next render look for a parked job again, or try a failed one without waiting.
pub async fn retry(host: &Host, show: Option<&str>, id: i64) -> Result<Job, StudioError> {
    let (_, store) = open(host, show).await?;
    let job = find(&store, id).await?;
    match job.state {
        JobState::Parked => store.job_unparked(id).await?,
        JobState::Failed => store.clear_attempts(&job.key).await?,
        _ => {
            return Err(StudioError::request(
                format!("job {id} is {} and needs no other try", job.state.name()),
                format!("render its episode: `workprint render {}`", job.episode),
            ));
        }
    }
    let job = find(&store, id).await?;
    store.close().await?;
    Ok(job)
}

/// Writes down what a person found out.
pub async fn resolve(
    host: &Host,
    show: Option<&str>,
    id: i64,
    resolution: &Resolution,
) -> Result<Job, StudioError> {
    let (root, store) = open(host, show).await?;
    let job = find(&store, id).await?;
    let waits = matches!(
        job.state,
        JobState::Parked | JobState::Submitted | JobState::Intent
    );
    // What was fetched and cannot be used is kept until a person lets go of it.
    let lets_go = job.state == JobState::Fetched && matches!(resolution, Resolution::Paid(_));
    if !waits && !lets_go {
        return Err(StudioError::request(
            format!("job {id} is {} and needs no answer", job.state.name()),
            "see those that do: `workprint jobs`",
        ));
    }
    match resolution {
        Resolution::Adopt(name) => {
            let engine = engine_of(host, &root, &job)?;
            let remote = engine.adopt(name, &job.model).ok_or_else(|| {
                StudioError::request(
                    format!(
                        "{} has no jobs that can be taken over by `{name}`",
                        engine.row().name
                    ),
                    "say whether it was paid: `--paid` or `--unpaid`",
                )
            })?;
            store.job_submitted(id, &remote).await?;
        }
        Resolution::Paid(amount) => {
            let known = if lets_go { job.charge } else { job.reserved };
            let cost = amount.map_or(known, Dollars::money);
            let who = format!("{} says that it was paid and is lost", host.user);
            store.job_failed(id, &who, cost).await?;
        }
        Resolution::Unpaid => {
            let who = format!("{} says that it was not taken", host.user);
            store.job_failed(id, &who, Money::ZERO).await?;
        }
    }
    let job = find(&store, id).await?;
    store.close().await?;
    Ok(job)
}

/// Asks the vendor to stop a job. What it says of it is seen by the render that waits for it, or by the next one.
pub async fn cancel(host: &Host, show: Option<&str>, id: i64) -> Result<Job, StudioError> {
    let root = Place::find_show(&host.directory, show)?;
    // Nothing is written, so that a job can be stopped under a render.
    let store = Store::open_read_only(&root, host.clock.clone()).await?;
    let job = find(&store, id).await?;
    let Some(remote) = job
        .remote
        .as_ref()
        .filter(|_| job.state == JobState::Submitted)
    else {
        return Err(StudioError::request(
            format!("job {id} is {} and cannot be stopped", job.state.name()),
            "see how it stands: `workprint jobs`",
        ));
    };
    let engine = engine_of(host, &root, &job)?;
    let stopped = engine
        .cancel(remote)
        .await
        .map_err(|error| StudioError::Step {
            message: format!("{} did not stop it: {error}", engine.row().name),
            hints: vec![error.hint().to_owned()],
        })?;
    if !stopped {
        return Err(StudioError::request(
            format!("{} stops no jobs", engine.row().name),
            "let it end, and render again",
        ));
    }
    Ok(job)
}

/// Where a person has to put what, for a job that waits for a file.
pub fn wanted(job: &Job) -> Option<String> {
    let makes = match job.kind.as_str() {
        Animate::KIND => Capability::Video,
        _ => Capability::Image,
    };
    bundle(job).map(|bundle| awaited(bundle, makes))
}

/// The bundle of a job that waits for a file.
pub(crate) fn bundle(job: &Job) -> Option<&str> {
    let waits = job.state == JobState::Submitted && Way::find(&job.vendor) == Some(Way::HandOff);
    job.remote.as_deref().filter(|_| waits)
}

fn engine_of(host: &Host, root: &Path, job: &Job) -> Result<Engine, StudioError> {
    if let Some(way) = Way::find(&job.vendor) {
        return Err(StudioError::request(
            format!(
                "job {} is one of `{}`, which nobody else knows of",
                job.id,
                way.name()
            ),
            format!(
                "give it up: `workprint jobs resolve {} --unpaid`, or `--paid`",
                job.id
            ),
        ));
    }
    let show: Show = read_show(root)?;
    let engines = engines(host, &show, root);
    let engine = engines.of_job((&job.account, &job.model), job.server.as_deref());
    engine.map_err(|error| StudioError::Step {
        message: error.full(),
        hints: error.hints,
    })
}
