//! Runs that make some kinds afresh, or only some kinds.

use workprint_engine::{EngineError, Run};
use workprint_model::step::{RunStatus, StepState};

use crate::production::{Production, Setup, counts, film};
use crate::toys::{Tools, Trouble, join, say};

const LINES: &[(&str, &str)] = &[("c1", "One."), ("c2", "Two.")];

#[tokio::test]
async fn fresh_kinds_are_performed_again_once() {
    let show = Production::new();
    let pipeline = async |run: &Run<Tools>| {
        let first = run.all([say("c1", "One."), say("c2", "Two.")]).await?;
        let second = run.all([say("c3", "One."), say("c4", "Three.")]).await?;
        run.step(join("main", &[first, second].concat())).await
    };
    show.perform(Setup::default(), pipeline).await;
    show.tools.performed();
    let run = show.perform(Setup::from(&["voice"]), pipeline).await;
    // The same bytes come out again, so that what is made from them is kept.
    assert_eq!(show.tools.performed(), ["voice/c1", "voice/c2", "voice/c4"]);
    assert_eq!(run.summary.steps, counts(2, 3, 0, 0));
    let run = show.perform(Setup::default(), pipeline).await;
    assert_eq!(run.summary.steps, counts(5, 0, 0, 0));
}

#[tokio::test]
async fn other_bytes_of_a_fresh_step_are_what_follows_depends_on() {
    let show = Production::new();
    let pipeline = async |run: &Run<Tools>| film(run, LINES).await;
    let before = show.perform(Setup::default(), pipeline).await;
    show.tools.performed();
    show.tools.script("voice/c1", [Trouble::Gives("Uno.")]);
    let after = show.perform(Setup::from(&["voice"]), pipeline).await;
    assert_eq!(show.tools.performed(), ["mix/main", "voice/c1", "voice/c2"]);
    assert_ne!(before.result.unwrap(), after.result.unwrap());
}

#[tokio::test]
async fn only_performs_its_kind_and_says_what_is_missing() {
    let show = Production::new();
    let pipeline = async |run: &Run<Tools>| film(run, LINES).await;
    let missing = "voice/c1 is not kept and --only leaves it out";
    let run = show.perform(Setup::only(&["mix"]), pipeline).await;
    assert!(show.tools.performed().is_empty());
    assert_eq!(run.waiting(), [("mix/main", missing)]);
    assert_eq!(run.summary.steps, counts(0, 0, 0, 1));
    assert_eq!(run.summary.status, RunStatus::Waiting);
    let plan = show.plan(Setup::only(&["mix"]), pipeline).await;
    assert_eq!(plan.lines()[0], ("voice/c1", StepState::Waiting, missing));
    assert_eq!(plan.lines()[2], ("mix/main", StepState::Waiting, missing));

    let run = show.perform(Setup::only(&["voice"]), pipeline).await;
    assert_eq!(show.tools.performed(), ["voice/c1", "voice/c2"]);
    assert_eq!(run.summary.steps, counts(0, 2, 0, 0));
    assert_eq!(run.summary.status, RunStatus::Complete);
    let run = show.perform(Setup::only(&["mix"]), pipeline).await;
    assert_eq!(show.tools.performed(), ["mix/main"]);
    assert_eq!(run.summary.steps, counts(2, 1, 0, 0));
}

#[tokio::test]
async fn what_may_not_be_performed_is_not_forgotten() -> Result<(), EngineError> {
    let show = Production::new();
    let pipeline = async |run: &Run<Tools>| film(run, LINES).await;
    show.perform(Setup::default(), pipeline).await;
    show.tools.performed();
    let mut setup = Setup::from(&["voice", "mix"]);
    setup.selection.only = Setup::only(&["voice"]).selection.only;
    let run = show.perform(setup, pipeline).await;
    assert_eq!(show.tools.performed(), ["voice/c1", "voice/c2"]);
    assert_eq!(run.summary.steps, counts(1, 2, 0, 0));
    run.result.map(drop)
}

#[tokio::test]
async fn a_free_run_uses_what_is_kept_and_pays_for_nothing() {
    let show = Production::new();
    let one = async |run: &Run<Tools>| run.step(say("c1", "One.")).await;
    show.perform(Setup::default(), one).await;
    show.tools.performed();
    let setup = || {
        let mut setup = Setup::default();
        setup.selection.free_only = true;
        setup
    };
    let why = "voice/c2 is not kept, and this run pays for nothing";
    let pipeline = async |run: &Run<Tools>| {
        let lines = [say("c1", "One."), say("c2", "Two.")];
        assert_eq!(run.are_kept(&lines).await?, [true, false]);
        let takes = run.all(lines).await?;
        assert!(run.is_made(&takes[0].text.digest) && run.is_missing(&takes[1].text.digest));
        run.step(join("main", &takes)).await
    };
    let plan = show.plan(setup(), pipeline).await;
    assert!(
        plan.lines()
            .contains(&("voice/c2", StepState::Waiting, why))
    );
    let run = show.perform(setup(), pipeline).await;
    assert!(show.tools.performed().is_empty());
    assert_eq!(run.waiting(), [("voice/c2", why), ("mix/main", why)]);
    assert_eq!(run.summary.status, RunStatus::Waiting);
}
