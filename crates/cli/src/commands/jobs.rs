use workprint_studio::ops::jobs::{self, Job, JobState, Resolution};
use workprint_studio::ops::log::readable;
use workprint_studio::{ExitKind, Host, StudioError};

use crate::args::{Jobs, JobsAct, Resolve};
use crate::show::{self, BAD, BOLD, BUSY, DIM, GOOD, PLAIN, WAIT, cell, number, styled};

pub(super) async fn run(host: &Host, args: Jobs) -> Result<ExitKind, StudioError> {
    let folder = args.show.as_deref();
    let job = match args.act {
        None => return list(host, folder, false, args.json).await,
        Some(JobsAct::List { all }) => return list(host, folder, all, args.json).await,
        Some(JobsAct::Explain { job }) => {
            let job = jobs::one(host, folder, job).await?;
            if args.json {
                show::json(&job);
            } else {
                explain(&job, host.clock.now());
            }
            return Ok(ExitKind::Done);
        }
        Some(JobsAct::Retry { job }) => jobs::retry(host, folder, job).await?,
        Some(JobsAct::Cancel { job }) => jobs::cancel(host, folder, job).await?,
        Some(JobsAct::Resolve(given)) => {
            let resolution = resolution(&given);
            jobs::resolve(host, folder, given.job, &resolution).await?
        }
    };
    if args.json {
        show::json(&job);
    } else {
        tell(std::slice::from_ref(&job), host.clock.now());
        show::note(format_args!("go on: `workprint render {}`", job.episode));
    }
    Ok(ExitKind::Done)
}

fn resolution(given: &Resolve) -> Resolution {
    match &given.adopt {
        Some(name) => Resolution::Adopt(name.clone()),
        None if given.unpaid => Resolution::Unpaid,
        None => Resolution::Paid(given.cost),
    }
}

async fn list(
    host: &Host,
    folder: Option<&str>,
    all: bool,
    json: bool,
) -> Result<ExitKind, StudioError> {
    let jobs = jobs::list(host, folder, all).await?;
    if json {
        show::json(&jobs);
        return Ok(ExitKind::Done);
    }
    tell(&jobs, host.clock.now());
    if jobs.is_empty() {
        show::line(if all {
            "nothing was ordered yet"
        } else {
            "no job is under way"
        });
    }
    for job in &jobs {
        if let Some(error) = &job.error {
            let first = error.lines().next().unwrap_or_default();
            show::line(format_args!(
                "{} {first}",
                styled(DIM, format_args!("job {}:", job.id))
            ));
        }
    }
    for job in &jobs {
        if let Some(file) = jobs::wanted(job) {
            show::note(format_args!(
                "{} job {} waits for `{file}`: put it there, then `workprint render {}`",
                styled(BUSY, "hint:"),
                job.id,
                job.episode
            ));
        }
    }
    for job in jobs.iter().filter(|job| job.state == JobState::Parked) {
        show::note(format_args!(
            "{} look at the vendor's own pages, then: `workprint jobs resolve {} --adopt NAME`, `--paid` or `--unpaid`",
            styled(BUSY, "hint:"),
            job.id
        ));
    }
    Ok(ExitKind::Done)
}

fn tell(jobs: &[Job], now: i64) {
    let row = |job: &Job| {
        let style = match job.state {
            JobState::Done | JobState::Fetched => GOOD,
            JobState::Failed => BAD,
            JobState::Parked => WAIT,
            JobState::Intent | JobState::Submitted => BUSY,
        };
        vec![
            number(BOLD, job.id),
            cell(style, job.state.name()),
            number(PLAIN, job.charge.exact()),
            cell(BOLD, &job.episode),
            cell(PLAIN, job.slot.as_str()),
            cell(PLAIN, format_args!("{} {}", job.vendor, job.model)),
            cell(DIM, show::ago(now - job.created_at)),
        ]
    };
    show::table(0, &jobs.iter().map(row).collect::<Vec<_>>());
}

fn explain(job: &Job, now: i64) {
    tell(std::slice::from_ref(job), now);
    let row = |name: &str, value: &dyn std::fmt::Display| {
        show::line(format_args!(
            "     {} {value}",
            styled(DIM, format_args!("{name:<9}"))
        ));
    };
    let cost = matches!(
        job.state,
        JobState::Fetched | JobState::Done | JobState::Failed
    );
    row(
        "ordered",
        &format_args!("{} in run {}", readable(job.created_at), job.run),
    );
    row("changed", &readable(job.changed_at));
    row("key from", &job.account);
    if let Some(server) = &job.server {
        row("at", server);
    }
    if let Some(instead) = &job.instead {
        row(
            "instead",
            &format!("of {}: {}", instead.of, instead.because),
        );
    }
    row("reserved", &job.reserved.exact());
    if cost {
        row("cost", &job.charge.exact());
    }
    if let Some(remote) = &job.remote {
        row("there", remote);
    }
    for artifact in &job.artifacts {
        row(
            "fetched",
            &format_args!("{} {}", artifact.digest, artifact.media_type),
        );
    }
    if let Some(error) = &job.error {
        row("why", error);
    }
    row("step", &job.key);
    let means = match job.state {
        JobState::Intent => "it was about to be sent; the next render looks whether it was",
        JobState::Submitted => "the vendor has it; the next render fetches what it makes",
        JobState::Parked => {
            "nobody knows whether the vendor took it; it is never sent again by itself"
        }
        JobState::Fetched => "it is paid and in the vault; the next render uses it",
        JobState::Done => "it is paid and used",
        JobState::Failed => "it came to nothing; the next render orders it again",
    };
    row("means", &means);
}
