use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use workprint_model::event::Event;
use workprint_model::step::{RunStatus, RunSummary, StepCounts};
use workprint_model::{Diagnostic, Money};
use workprint_studio::ops::plan::plan;
use workprint_studio::ops::render::{RenderOptions, Reporter, render};
use workprint_studio::ops::wait::Watch;
use workprint_studio::{ExitKind, Host, Place, StudioError, with_causes};

use crate::args::Render;
use crate::memory;
use crate::progress::Progress;
use crate::show::{self, BAD, BOLD, DIM, GOOD, WAIT, styled};

pub(super) async fn run(host: &Host, args: &Render) -> Result<ExitKind, StudioError> {
    let options = args.target.options(Some(&args.stages));
    let render = || Box::pin(perform(host, &args.target.episode, &options, args.json));
    if !args.wait {
        return render().await;
    }
    let place = Place::find(&host.directory, &args.target.episode)?;
    let mut is_first = true;
    loop {
        let watch = Watch::begin(host, &place).await?;
        // Listened for all the time: a signal between the render and the wait must not be lost.
        let mut stop = Box::pin(tokio::signal::ctrl_c());
        let mut rendering = render();
        let (ended, is_stopped) = tokio::select! {
            biased;
            ended = &mut rendering => (ended, false),
            _ = &mut stop => (rendering.await, true),
        };
        let kind = ended.as_ref().map_or_else(StudioError::exit, |kind| *kind);
        // Who edits may save what cannot be read yet.
        let waits = kind == ExitKind::Waiting || kind == ExitKind::Invalid && !is_first;
        if !waits || is_stopped {
            return ended;
        }
        is_first = false;
        if !args.json {
            show::note("it goes on by itself; Ctrl-C ends it");
        }
        tokio::select! {
            changed = watch.until_changed() => changed?,
            _ = &mut stop => return ended,
        }
    }
}

/// Makes what the options say, telling how it goes.
pub(super) async fn perform(
    host: &Host,
    episode: &str,
    options: &RenderOptions,
    json: bool,
) -> Result<ExitKind, StudioError> {
    let place = Place::find(&host.directory, episode)?;
    let episode = place.episode.to_string();
    let root = place.root.clone();
    let reporter: Reporter = if json {
        Arc::new(|event: &Event| show::json(event))
    } else {
        // The plan only serves the bars; what stops a plan will stop the render and be told there.
        let planned = if Progress::is_wanted() && !options.readout {
            plan(host, place.clone(), options).await.ok()
        } else {
            None
        };
        let progress = Progress::new(planned.as_ref(), root.clone());
        Arc::new(move |event: &Event| progress.take(event))
    };
    let reporter: Reporter = Arc::new(move |event: &Event| {
        reporter(event);
        if matches!(event, Event::StepFinished { step, .. } if step.kind == "chunk") {
            memory::give_back();
        }
    });
    let cancel = CancellationToken::new();
    let rendering = render(host, place, options, cancel.clone(), reporter);
    tokio::pin!(rendering);
    let result = tokio::select! {
        result = &mut rendering => result,
        _ = tokio::signal::ctrl_c() => {
            cancel.cancel();
            if !json {
                show::note(styled(WAIT, "stopping; what is finished is kept"));
            }
            rendering.await
        }
    };
    let summary = match result {
        Ok(summary) => summary,
        Err(error) if json => return Err(tell_json(error)),
        Err(StudioError::Diagnostics(diagnostics)) => {
            for diagnostic in &diagnostics {
                show::diagnostic(diagnostic, Some(&root));
            }
            return Ok(ExitKind::Invalid);
        }
        Err(error) => return Err(error),
    };
    if !json {
        tell(&summary, &episode, &root);
    }
    Ok(summary.status.into())
}

/// Whatever happened, the last line of `--json` says how the run ended.
fn tell_json(error: StudioError) -> StudioError {
    if let StudioError::Diagnostics(diagnostics) = &error {
        for diagnostic in diagnostics {
            show::json(&Event::Diagnostic {
                diagnostic: diagnostic.clone(),
            });
        }
    } else {
        let mut diagnostic = Diagnostic::error("run.refused", with_causes(&error));
        diagnostic.hints = error.hints();
        show::json(&Event::Diagnostic { diagnostic });
    }
    let summary = RunSummary {
        status: RunStatus::Failed,
        steps: StepCounts::default(),
        performed_by_kind: BTreeMap::new(),
        cost: Money::ZERO,
        finals: Vec::new(),
        seconds: 0.0,
    };
    show::json(&Event::RunFinished { summary });
    error
}

fn tell(summary: &RunSummary, episode: &str, root: &Path) {
    let steps = summary.steps;
    let (style, word) = match summary.status {
        RunStatus::Complete => (GOOD, "done"),
        RunStatus::Waiting => (WAIT, "waiting"),
        RunStatus::Failed => (BAD, "failed"),
        RunStatus::Withheld => (BAD, "withheld"),
        RunStatus::Cancelled => (WAIT, "stopped"),
    };
    let mut parts = vec![
        format!("{} performed", steps.performed),
        format!("{} kept", steps.kept),
    ];
    if steps.failed > 0 {
        parts.push(format!("{} failed", steps.failed));
    }
    if steps.waiting > 0 {
        parts.push(format!("{} waiting", steps.waiting));
    }
    if summary.cost.micros != 0 {
        parts.push(format!("cost {}", summary.cost.exact()));
    }
    let parts = styled(DIM, parts.join(", "));
    show::line(format_args!(
        "{} in {}  {parts}",
        styled(style.bold(), word),
        show::duration(summary.seconds)
    ));
    for film in summary.finals.iter().filter(|path| {
        Path::new(path)
            .extension()
            .is_some_and(|e| e == "mp4" || e == "mov" || e == "html")
    }) {
        show::line(format_args!(
            "  {}",
            styled(BOLD, root.join(film).display())
        ));
    }
    match summary.status {
        RunStatus::Waiting => {
            show::note(format_args!(
                "see what it waits for: `workprint gates {episode}` or `workprint plan {episode}`"
            ));
        }
        RunStatus::Failed => show::note(format_args!(
            "mend what failed and run again: what is done is kept"
        )),
        RunStatus::Withheld => show::note(format_args!(
            "the film was made but not put into `final/`: mend what its proof found, or waive it by name"
        )),
        RunStatus::Complete | RunStatus::Cancelled => {}
    }
}
