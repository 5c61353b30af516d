//! What is kept is not done again, and nothing is done twice.

use std::sync::Arc;

use tokio::sync::Barrier;
use workprint_model::Slot;
use workprint_model::step::RunStatus;

use crate::production::{Production, Setup, counts, film};
use crate::toys::{join, say};

const LINES: &[(&str, &str)] = &[("c1", "Hello."), ("c2", "Is anyone there?")];

#[tokio::test]
async fn second_run_performs_nothing() {
    let show = Production::new();
    let cold = show
        .perform(Setup::default(), async |run| film(run, LINES).await)
        .await;
    assert_eq!(show.tools.performed(), ["mix/main", "voice/c1", "voice/c2"]);
    assert_eq!(cold.summary.steps, counts(0, 3, 0, 0));
    assert_eq!(cold.summary.status, RunStatus::Complete);
    assert_eq!(cold.summary.performed_by_kind["voice"], 2);
    assert_eq!(cold.summary.cost.micros, 15);

    let warm = show
        .perform(Setup::default(), async |run| film(run, LINES).await)
        .await;
    assert!(show.tools.performed().is_empty());
    assert_eq!(warm.summary.steps, counts(3, 0, 0, 0));
    assert_eq!(warm.summary.cost.micros, 0);
    assert_eq!(warm.result.unwrap(), cold.result.unwrap());
}

#[tokio::test]
async fn what_changed_is_performed_and_what_depends_on_it() {
    let show = Production::new();
    show.perform(Setup::default(), async |run| film(run, LINES).await)
        .await;
    show.tools.performed();
    let edited = &[("c1", "Hello!"), ("c2", "Is anyone there?")];
    let run = show
        .perform(Setup::default(), async |run| film(run, edited).await)
        .await;
    assert_eq!(show.tools.performed(), ["mix/main", "voice/c1"]);
    assert_eq!(run.summary.steps, counts(1, 2, 0, 0));
}

#[tokio::test]
async fn equal_steps_of_a_batch_are_performed_once() {
    let show = Production::new();
    let lines = &[
        ("c1", "Yes."),
        ("c2", "No."),
        ("c3", "Yes."),
        ("c4", "Yes."),
    ];
    let run = show
        .perform(Setup::default(), async |run| film(run, lines).await)
        .await;
    assert_eq!(run.summary.steps, counts(2, 3, 0, 0));
    assert_eq!(show.tools.performed(), ["mix/main", "voice/c1", "voice/c2"]);

    // Every slot knows its take, and a second run has nothing to note.
    let store = show.open().await;
    let takes = store.takes(&Slot::from("voice/c4")).await.unwrap();
    assert_eq!(takes[0].slot, Slot::from("voice/c1"));
    store.close().await.unwrap();
    let lock = run.lock.unwrap();
    assert_eq!(lock.slots["voice/c4"], lock.slots["voice/c1"]);
    assert_ne!(lock.slots["voice/c4"], lock.slots["voice/c2"]);
}

#[tokio::test]
async fn equal_steps_of_batches_side_by_side_are_performed_once() {
    let show = Production::new();
    let run = show
        .perform(Setup::from(&["voice"]), async |run| {
            let (one, two) = futures::try_join!(
                run.all([say("c1", "Yes."), say("c2", "No.")]),
                run.all([say("c3", "No."), say("c4", "Yes.")]),
            )?;
            let later = run.step(say("c5", "Yes.")).await?;
            Ok([one, two, vec![later]].concat())
        })
        .await;
    let takes = run.result.unwrap();
    assert_eq!((&takes[0], &takes[1]), (&takes[3], &takes[2]));
    assert_eq!(takes[4], takes[0]);
    assert_eq!(show.tools.performed().len(), 2);
    assert_eq!(run.summary.steps, counts(3, 2, 0, 0));
}

#[tokio::test]
async fn a_kept_step_in_another_slot_fills_it() {
    let show = Production::new();
    show.perform(Setup::default(), async |run| film(run, LINES).await)
        .await;
    show.tools.performed();
    let moved = &[("c8", "Hello."), ("c9", "Is anyone there?")];
    let run = show
        .perform(Setup::default(), async |run| film(run, moved).await)
        .await;
    assert!(show.tools.performed().is_empty());
    assert_eq!(run.summary.steps, counts(3, 0, 0, 0));
    let edited = &[("c8", "Hello!"), ("c9", "Is anyone there?")];
    let run = show
        .perform(Setup::default(), async |run| film(run, edited).await)
        .await;
    assert_eq!(run.queued()[0], ("voice/c8", "text changed"));
}

#[tokio::test]
async fn a_lost_artifact_is_made_again() {
    let show = Production::new();
    show.perform(Setup::default(), async |run| film(run, LINES).await)
        .await;
    show.tools.performed();
    show.lose("voice/c2").await;
    let plan = show
        .plan(Setup::default(), async |run| film(run, LINES).await)
        .await;
    assert_eq!(
        plan.plan[1].because,
        "what it made is missing from the vault"
    );

    let run = show
        .perform(Setup::default(), async |run| film(run, LINES).await)
        .await;
    assert_eq!(show.tools.performed(), ["voice/c2"]);
    assert_eq!(run.summary.steps, counts(2, 1, 0, 0));
    let store = show.open().await;
    assert!(store.verify().await.unwrap().is_clean());
}

#[tokio::test]
async fn a_pool_is_full_but_never_fuller() {
    let show = Production::new();
    // Every step waits until three are under way: fewer at once, and the test would not end.
    *show.tools.together.lock().unwrap() = Some(Arc::new(Barrier::new(3)));
    let setup = Setup {
        jobs: 3,
        ..Setup::default()
    };
    let run = show
        .perform(setup, async |run| {
            let lines: Vec<String> = (0..21).map(|n| n.to_string()).collect();
            let (low, high) = lines.split_at(10);
            futures::try_join!(
                run.all(low.iter().map(|line| say(line, line))),
                run.all(high.iter().map(|line| say(line, line))),
            )
        })
        .await;
    assert_eq!(run.summary.steps, counts(0, 21, 0, 0));
    assert_eq!(show.tools.most_at_once(), 3);
}

#[tokio::test]
async fn a_run_without_steps_is_complete() {
    let show = Production::new();
    let run = show
        .perform(Setup::default(), async |run| {
            run.all(Vec::<crate::toys::Say>::new()).await?;
            run.step(join("main", &[])).await
        })
        .await;
    assert_eq!(run.summary.steps, counts(0, 1, 0, 0));
    assert_eq!(run.summary.status, RunStatus::Complete);
}

#[tokio::test]
async fn an_output_of_another_version_is_named() {
    let show = Production::new();
    let made = show
        .perform(Setup::default(), async |run| {
            run.step(say("c1", "Yes.")).await
        })
        .await;
    let store = show.open().await;
    let slot = Slot::from("voice/c1");
    let mut record = store.takes(&slot).await.unwrap().remove(0);
    record.output = serde_json::json!({ "sound": made.result.unwrap().text });
    store.record(&record, 0).await.unwrap();
    store.close().await.unwrap();
    let run = show
        .perform(Setup::default(), async |run| {
            film(run, &[("c1", "Yes.")]).await
        })
        .await;
    let error = run.result.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the ledger's output of `voice/c1` cannot be read by this version"
    );
}
