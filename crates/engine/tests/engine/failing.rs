//! A step that fails stops nothing but what depends on it.

use std::time::Duration;

use workprint_engine::{EngineError, Run, key_of};
use workprint_model::event::Event;
use workprint_model::step::RunStatus;

use crate::production::{NOON, Production, Setup, counts};
use crate::toys::{Take, Tools, Trouble, join, say};

/// Two acts of two lines each, and a film of both.
async fn acts(run: &Run<Tools>) -> Result<Take, EngineError> {
    let act = async |a: &'static str, b: &'static str| {
        let lines = run.all([say(a, a), say(b, b)]).await?;
        run.step(join(&format!("{a}{b}"), &lines)).await
    };
    let acts = [act("c1", "c2").await?, act("c3", "c4").await?];
    run.step(join("film", &acts)).await
}

#[tokio::test]
async fn what_does_not_depend_on_a_failure_goes_on() {
    let show = Production::new();
    show.tools.script("voice/c2", [Trouble::Fails]);
    let run = show.perform(Setup::default(), acts).await;
    assert_eq!(run.summary.status, RunStatus::Failed);
    assert_eq!(run.summary.steps, counts(0, 4, 1, 2));
    assert_eq!(
        run.waiting(),
        [
            ("mix/c1c2", "voice/c2 failed"),
            ("mix/film", "voice/c2 failed"),
        ]
    );
    let failed = run.events.iter().find_map(|event| match event {
        Event::StepFailed {
            step,
            message,
            hints,
        } => Some((step.slot.as_str(), message.as_str(), hints.as_slice())),
        _ => None,
    });
    let hints: &[String] = &["choose another voice".to_owned()];
    assert_eq!(
        failed,
        Some(("voice/c2", "the voice cannot speak: no such voice", hints))
    );
    assert!(!run.lock.unwrap().slots.contains_key("voice/c2"));

    show.tools.performed();
    let again = show.perform(Setup::default(), acts).await;
    assert_eq!(again.summary.status, RunStatus::Complete);
    assert_eq!(show.tools.performed(), ["mix/c1c2", "mix/film", "voice/c2"]);
    assert_eq!(again.summary.steps, counts(4, 3, 0, 0));
}

#[tokio::test]
async fn an_equal_step_shares_the_failure() {
    let show = Production::new();
    show.tools.script("voice/c1", [Trouble::Fails]);
    let run = show
        .perform(Setup::default(), async |run| {
            run.all([say("c1", "Yes."), say("c2", "Yes.")]).await?;
            run.step(say("c3", "Yes.")).await
        })
        .await;
    assert_eq!(show.tools.performed(), ["voice/c1"]);
    assert_eq!(run.summary.steps, counts(0, 0, 1, 2));
    assert_eq!(
        run.waiting(),
        [
            ("voice/c2", "voice/c1 failed"),
            ("voice/c3", "voice/c1 failed"),
        ]
    );
    assert_eq!(run.lock, None);
}

#[tokio::test]
async fn a_failure_for_now_is_tried_again() {
    let show = Production::new();
    let soon = Some(Duration::from_millis(2));
    show.tools
        .script("voice/c1", [Trouble::Busy(soon), Trouble::Busy(soon)]);
    let run = show
        .perform(Setup::default(), async |run| {
            run.step(say("c1", "Yes.")).await
        })
        .await;
    assert_eq!(run.summary.status, RunStatus::Complete);
    assert_eq!(run.summary.steps, counts(0, 1, 0, 0));
    assert_eq!(show.tools.performed().len(), 3);
    let retries: Vec<(u32, u64)> = run
        .events
        .iter()
        .filter_map(|event| match event {
            Event::StepRetrying {
                attempt, after_ms, ..
            } => Some((*attempt, *after_ms)),
            _ => None,
        })
        .collect();
    assert_eq!(retries, [(1, 2), (2, 2)]);
    let store = show.open().await;
    let key = key_of(&say("c1", "Yes."));
    assert_eq!(store.attempts(&key).await.unwrap().failed, 0);
}

#[tokio::test]
async fn after_four_attempts_it_is_given_up() {
    let show = Production::new();
    let busy = || Trouble::Busy(Some(Duration::ZERO));
    show.tools.script("voice/c1", (0..5).map(|_| busy()));
    let pipeline = async |run: &Run<Tools>| run.step(say("c1", "Yes.")).await;
    let run = show.perform(Setup::default(), pipeline).await;
    assert_eq!(show.tools.performed().len(), 4);
    assert_eq!(run.summary.status, RunStatus::Failed);
    let given_up = |event: &Event| matches!(event, Event::StepFailed { message, .. } if message == "busy, tried 4 times");
    assert!(run.events.iter().any(given_up));
    let store = show.open().await;
    let key = key_of(&say("c1", "Yes."));
    let attempts = store.attempts(&key).await.unwrap();
    assert_eq!((attempts.failed, attempts.not_before), (4, NOON));
    assert_eq!(attempts.error, "busy, tried 4 times");
    store.close().await.unwrap();

    // A person who starts another run gets as many attempts again.
    let run = show.perform(Setup::default(), pipeline).await;
    assert_eq!(show.tools.performed().len(), 2);
    assert_eq!(run.summary.status, RunStatus::Complete);
}

#[tokio::test]
async fn back_off_outlives_a_stopped_run() {
    let show = Production::new();
    show.tools.script("voice/c1", [Trouble::Busy(None)]);
    let pipeline = async |run: &Run<Tools>| run.step(say("c1", "Yes.")).await;
    let setup = Setup {
        stop_at: |event| matches!(event, Event::StepRetrying { after_ms: 1000, .. }),
        ..Setup::default()
    };
    let run = show.perform(setup, pipeline).await;
    assert_eq!(run.summary.status, RunStatus::Cancelled);
    assert_eq!(show.tools.performed().len(), 1);
    let store = show.open().await;
    let attempts = store.attempts(&key_of(&say("c1", "Yes."))).await.unwrap();
    assert_eq!((attempts.failed, attempts.not_before), (1, NOON + 1000));
    assert_eq!(attempts.error, "busy");
    store.close().await.unwrap();

    // Too early: it waits, and the run may be stopped meanwhile.
    let early = Setup {
        now: NOON + 1000 - 60_000,
        stop_at: |event| matches!(event, Event::StepFinished { .. }),
        ..Setup::default()
    };
    let run = show
        .perform(early, async |run| {
            run.all([say("c1", "Yes."), say("c2", "No.")]).await
        })
        .await;
    assert_eq!(run.summary.status, RunStatus::Cancelled);
    assert_eq!(show.tools.performed(), ["voice/c2"]);
    let nearly = Setup {
        now: NOON + 999,
        ..Setup::default()
    };
    let run = show.perform(nearly, pipeline).await;
    assert_eq!(run.summary.status, RunStatus::Complete);
}

#[tokio::test]
async fn what_waits_to_be_tried_again_leaves_its_place() {
    let show = Production::new();
    let hour = Some(Duration::from_hours(1));
    show.tools.script("voice/c1", [Trouble::Busy(hour)]);
    let setup = Setup {
        jobs: 1,
        // The other line is made meanwhile, or this would not end.
        stop_at: |event| matches!(event, Event::StepFinished { step, .. } if step.slot.as_str() == "voice/c2"),
        ..Setup::default()
    };
    let run = show
        .perform(setup, async |run| {
            run.all([say("c1", "Yes."), say("c2", "No.")]).await
        })
        .await;
    assert_eq!(run.summary.status, RunStatus::Cancelled);
    assert_eq!(run.summary.steps, counts(0, 1, 0, 0));
}
