use anstyle::Style;
use workprint_model::event::{Event, StepName};
use workprint_model::step::RunStatus;
use workprint_studio::ops::log::{events, readable, runs};
use workprint_studio::{ExitKind, Host, StudioError};

use crate::args::Log;
use crate::show::{self, BAD, BOLD, DIM, GOOD, WAIT, styled};

pub(super) async fn run(host: &Host, args: &Log) -> Result<ExitKind, StudioError> {
    match args.run {
        Some(run) => {
            let events = events(host, args.show.as_deref(), run).await?;
            if events.is_empty() {
                return Err(StudioError::request(
                    format!("there is no run {run}"),
                    "see them: `workprint log`",
                ));
            }
            for event in &events {
                if args.json {
                    show::json(event);
                } else {
                    tell(event);
                }
            }
        }
        None => list(host, args).await?,
    }
    Ok(ExitKind::Done)
}

async fn list(host: &Host, args: &Log) -> Result<(), StudioError> {
    let runs = runs(host, args.show.as_deref(), args.limit).await?;
    for run in &runs {
        let (style, word, more) = match &run.ended {
            None => (WAIT, "broken off", String::new()),
            Some((_, summary)) => {
                let (style, word) = match summary.status {
                    RunStatus::Complete => (GOOD, "complete"),
                    RunStatus::Waiting => (WAIT, "waiting"),
                    RunStatus::Failed => (BAD, "failed"),
                    RunStatus::Withheld => (BAD, "withheld"),
                    RunStatus::Cancelled => (WAIT, "stopped"),
                };
                let steps = summary.steps;
                let took = show::duration(summary.seconds);
                (
                    style,
                    word,
                    format!("{} performed, {} kept, {took}", steps.performed, steps.kept),
                )
            }
        };
        if args.json {
            show::json(&serde_json::json!({
                "run": run.run, "episode": run.episode, "output": run.output, "holder": run.holder,
                "began_at": run.began_at, "ended_at": run.ended.as_ref().map(|ended| ended.0),
                "summary": run.ended.as_ref().map(|ended| &ended.1),
            }));
        } else {
            let (when, word) = (
                readable(run.began_at),
                styled(style, format_args!("{word:<10}")),
            );
            let name = styled(BOLD, format_args!("{:>4}", run.run));
            show::line(format_args!(
                "{name}  {when}  {word} {} {}  {}",
                run.episode,
                run.output,
                styled(DIM, more)
            ));
        }
    }
    if runs.is_empty() && !args.json {
        show::line("nothing was rendered yet");
    }
    Ok(())
}

fn tell(event: &Event) {
    match event {
        Event::StepFinished {
            step,
            seconds,
            cost,
            ..
        } => {
            let cost = match cost.micros {
                0 => String::new(),
                _ => format!("  {}", cost.exact()),
            };
            show::line(format_args!(
                "{} {}  {}{cost}",
                styled(GOOD, "✓"),
                step.slot,
                styled(DIM, show::duration(*seconds))
            ));
        }
        Event::StepFailed { step, message, .. } => of_step((BAD, "✗"), step, message),
        Event::StepWaiting { step, because } => of_step((WAIT, "◌"), step, styled(DIM, because)),
        Event::FinalWritten { path, .. } => {
            show::line(format_args!("{} {path}", styled(GOOD.bold(), "wrote")));
        }
        Event::Diagnostic { diagnostic } => show::line(diagnostic),
        Event::GateAsked { gate, question, .. } => {
            show::line(format_args!(
                "{} {question} ({gate})",
                styled(WAIT.bold(), "asked")
            ));
        }
        Event::StepRetrying { step, message, .. } => of_step((WAIT, "↻"), step, message),
        Event::StepFallback {
            step,
            other,
            because,
            ..
        } => of_step(
            (WAIT, "↷"),
            step,
            format_args!("`{other}` is asked: {because}"),
        ),
        Event::RunStarted { .. }
        | Event::StepKept { .. }
        | Event::StepQueued { .. }
        | Event::StepStarted { .. }
        | Event::StepProgress { .. }
        | Event::FilmProofed { .. }
        | Event::RunFinished { .. } => {}
    }
}

fn of_step((style, sign): (Style, &str), step: &StepName, what: impl std::fmt::Display) {
    show::line(format_args!(
        "{} {}  {what}",
        styled(style, sign),
        step.slot
    ));
}
