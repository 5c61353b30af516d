//! Runs that are stopped or killed: what was finished is kept, and nothing is left half.

use workprint_engine::{EngineError, Mode, Run};
use workprint_model::Slot;
use workprint_model::event::Event;
use workprint_model::step::RunStatus;

use crate::production::{Production, Setup, counts, film};
use crate::toys::{Tools, Trouble, say};

const LINES: &[(&str, &str)] = &[("c1", "One."), ("c2", "Two."), ("c3", "Three.")];

#[tokio::test]
async fn a_stopped_run_keeps_what_it_finished() {
    let show = Production::new();
    let setup = Setup {
        jobs: 1,
        ..Setup::default()
    };
    let stop = Trouble::Stopped(setup.cancel.clone());
    show.tools.script("voice/c2", [stop]);
    let run = show
        .perform(setup, async |run| {
            run.step(say("c1", "One.")).await?;
            film(run, LINES).await
        })
        .await;
    assert!(matches!(run.result, Err(EngineError::Cancelled)));
    assert_eq!(run.summary.status, RunStatus::Cancelled);
    assert_eq!(run.summary.steps.failed, 0);
    assert!(
        !run.events
            .iter()
            .any(|event| matches!(event, Event::StepFailed { .. } | Event::StepWaiting { .. }))
    );
    // In which order the others came is nobody's matter.
    let performed = run.summary.steps.performed;
    assert!((1..=2).contains(&performed));

    show.tools.performed();
    let run = show
        .perform(Setup::default(), async |run| film(run, LINES).await)
        .await;
    assert_eq!(run.summary.status, RunStatus::Complete);
    assert_eq!(run.summary.steps, counts(performed, 4 - performed, 0, 0));
    let again = show.tools.performed();
    assert!(!again.contains(&"voice/c1".to_owned()));
    assert!(again.contains(&"voice/c2".to_owned()));
}

#[tokio::test]
async fn a_stopped_run_locks_the_takes_it_finished() {
    let show = Production::new();
    let setup = Setup {
        jobs: 1,
        stop_at: |event| matches!(event, Event::StepFinished { .. }),
        ..Setup::default()
    };
    let run = show
        .perform(setup, async |run| film(run, LINES).await)
        .await;
    assert!(matches!(run.result, Err(EngineError::Cancelled)));
    assert_eq!(run.summary.steps, counts(0, 1, 0, 0));
    assert_eq!(show.tools.performed().len(), 1);
    let lock = run.lock_of_part.unwrap();
    assert_eq!(lock.slots.len(), 1);
}

#[tokio::test]
async fn batches_side_by_side_lock_what_they_finished_before_a_stop() {
    let show = Production::new();
    let hour = std::time::Duration::from_hours(1);
    show.tools.script("voice/c1", [Trouble::Busy(Some(hour))]);
    show.tools.script("voice/c3", [Trouble::Hangs]);
    let setup = Setup {
        stop_at: |event| matches!(event, Event::StepFinished { .. }),
        ..Setup::default()
    };
    let run = show
        .perform(setup, async |run| {
            futures::try_join!(
                run.step(say("c1", "One.")),
                run.all([say("c2", "Two."), say("c3", "Three.")]),
            )
        })
        .await;
    assert!(matches!(run.result, Err(EngineError::Cancelled)));
    let lock = run.lock_of_part.unwrap();
    assert_eq!(lock.slots.keys().collect::<Vec<_>>(), ["voice/c2"]);
}

#[tokio::test]
async fn a_run_that_was_stopped_before_it_began_does_nothing() {
    let show = Production::new();
    let setup = Setup::default();
    setup.cancel.cancel();
    let run = show
        .perform(setup, async |run| film(run, LINES).await)
        .await;
    assert!(matches!(run.result, Err(EngineError::Cancelled)));
    assert!(show.tools.performed().is_empty());
    assert_eq!(run.summary.status, RunStatus::Cancelled);
}

/// Drives a run until a step hangs, and then drops everything, as a kill does.
async fn kill(show: &Production, pipeline: impl AsyncFnOnce(&Run<Tools>)) {
    let store = show.open().await;
    let (run, _) = show.begin(Mode::Perform, Setup::default(), &store).await;
    tokio::select! {
        () = pipeline(&run) => {}
        () = show.tools.hanging.notified() => {}
    }
}

#[tokio::test]
async fn a_killed_run_leaves_nothing_half() {
    let show = Production::new();
    show.tools.script("voice/c2", [Trouble::Hangs]);
    kill(&show, async |run| {
        run.step(say("c1", "One.")).await.unwrap();
        film(run, LINES).await.unwrap();
    })
    .await;
    show.tools.performed();

    let store = show.open().await;
    assert!(store.verify().await.unwrap().is_clean());
    // The blob is there, its row is not: nobody takes it for made.
    let orphan = workprint_model::Digest::of(b"Two.");
    assert_eq!(store.read(&orphan).unwrap(), b"Two.");
    assert!(store.maker_of(&orphan).await.unwrap().is_empty());
    let runs = store.runs(10).await.unwrap();
    assert_eq!((runs.len(), &runs[0].ended), (1, &None));
    let log = store.events(1).await.unwrap();
    let finished = |event: &Event| matches!(event, Event::StepFinished { step, .. } if step.slot.as_str() == "voice/c1");
    assert!(log.iter().any(finished), "the log outlives the process");
    store.close().await.unwrap();

    let run = show
        .perform(Setup::default(), async |run| film(run, LINES).await)
        .await;
    assert_eq!(run.summary.status, RunStatus::Complete);
    let performed = show.tools.performed();
    assert!(!performed.contains(&"voice/c1".to_owned()));
    assert!(performed.contains(&"voice/c2".to_owned()));
    let store = show.open().await;
    let takes = store.takes(&Slot::from("voice/c2")).await.unwrap();
    assert_eq!(takes.len(), 1);
    assert!(store.verify().await.unwrap().is_clean());
}

#[tokio::test]
async fn a_run_killed_while_making_afresh_goes_on_afresh() {
    let show = Production::new();
    show.perform(Setup::default(), async |run| film(run, LINES).await)
        .await;
    show.tools.performed();
    show.tools.script("voice/c2", [Trouble::Hangs]);
    let store = show.open().await;
    let (run, _) = show
        .begin(Mode::Perform, Setup::from(&["voice"]), &store)
        .await;
    tokio::select! {
        _ = run.step(say("c2", "Two.")) => {}
        () = show.tools.hanging.notified() => {}
    }
    drop((run, store));
    show.tools.performed();
    let run = show
        .perform(Setup::default(), async |run| film(run, LINES).await)
        .await;
    assert_eq!(show.tools.performed(), ["voice/c2"]);
    assert_eq!(run.queued(), [("voice/c2", "asked for by --from")]);
}
