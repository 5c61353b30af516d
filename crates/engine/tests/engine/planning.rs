//! A plan says what the run would do, and does nothing.

use workprint_engine::EngineError;
use workprint_model::step::StepState::{Kept, Run as Perform, Waiting};
use workprint_model::{Digest, Slot};
use workprint_store::Clock;

use crate::production::{NOON, Production, Setup, counts, film};
use crate::toys::{Say, Trouble, join, say};

const LINES: &[(&str, &str)] = &[("c1", "Yes."), ("c2", "No."), ("c3", "Yes.")];

#[tokio::test]
async fn plan_agrees_with_the_run_before_and_after() {
    let show = Production::new();
    let before = show
        .plan(Setup::default(), async |run| film(run, LINES).await)
        .await;
    assert_eq!(
        before.lines(),
        [
            ("voice/c1", Perform, "new"),
            ("voice/c2", Perform, "new"),
            ("voice/c3", Kept, "the same as another"),
            ("mix/main", Perform, "voice/c1 will be made"),
        ]
    );
    assert!((before.plan[0].estimate.seconds - 2.0).abs() < f64::EPSILON);
    let run = show
        .perform(Setup::default(), async |run| film(run, LINES).await)
        .await;
    assert_eq!(run.summary.steps, before.summary.steps);
    assert_eq!(
        run.summary.performed_by_kind,
        before.summary.performed_by_kind
    );
    assert!(run.plan.is_empty());

    let after = show
        .plan(Setup::default(), async |run| film(run, LINES).await)
        .await;
    let kept = |slot| (slot, Kept, "kept");
    assert_eq!(
        after.lines(),
        ["voice/c1", "voice/c2", "voice/c3", "mix/main"].map(kept)
    );
    assert_eq!(after.result.unwrap(), run.result.unwrap());
}

#[tokio::test]
async fn equal_steps_of_two_batches_are_planned_as_they_are_performed() {
    let pipeline = async |run: &workprint_engine::Run<crate::toys::Tools>| {
        run.step(say("c1", "Yes.")).await?;
        run.step(say("c2", "Yes.")).await
    };
    let show = Production::new();
    let setup = Setup::from(&["voice"]);
    for again in [false, true] {
        let plan = show.plan(setup.clone(), pipeline).await;
        assert_eq!(plan.summary.steps, counts(1, 1, 0, 0), "again: {again}");
        let run = show.perform(setup.clone(), pipeline).await;
        assert_eq!(run.summary.steps, counts(1, 1, 0, 0), "again: {again}");
    }
}

#[tokio::test]
async fn planning_performs_and_writes_nothing() {
    let show = Production::new();
    show.perform(Setup::default(), async |run| film(run, LINES).await)
        .await;
    show.tools.performed();
    let before = show.dump().await;
    let edited = &[("c1", "Yes!"), ("c2", "No.")];
    show.plan(Setup::from(&["mix"]), async |run| film(run, edited).await)
        .await;
    assert!(show.tools.performed().is_empty());
    assert_eq!(show.dump().await, before);
}

#[tokio::test]
async fn where_nothing_was_ever_made_a_plan_creates_no_folder() {
    let root = tempfile::tempdir().unwrap();
    let store = workprint_store::Store::open_read_only(root.path(), Clock::fixed(NOON))
        .await
        .unwrap();
    let show = Production::new();
    let (run, _) = show
        .begin(workprint_engine::Mode::Plan, Setup::default(), &store)
        .await;
    film(&run, LINES).await.unwrap();
    assert_eq!(run.planned().len(), 4);
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
}

/// Why a step would be performed after `before` was.
async fn reason<const R: u32>(setup: Setup, before: Say, step: Say<R>) -> String {
    let show = Production::new();
    show.perform(Setup::default(), async |run| run.step(before).await)
        .await;
    let plan = show
        .plan(setup.clone(), async |run| run.step(step.clone()).await)
        .await;
    let run = show.perform(setup, async |run| run.step(step).await).await;
    let because = plan.plan[0].because.clone();
    let performed: Vec<&str> = run.queued().into_iter().map(|(_, why)| why).collect();
    assert_eq!(performed, [&because], "a plan gives the run's reason");
    because
}

#[tokio::test]
async fn reasons_say_what_changed() {
    let before = Say {
        accent: Some("scots".to_owned()),
        ..say("c1", "Yes.")
    };
    let because = async |step| reason(Setup::default(), before.clone(), step).await;
    let accent = before.accent.clone();
    let text = Say {
        accent,
        ..say("c1", "Never.")
    };
    assert_eq!(because(text.clone()).await, "text changed");
    let engine = Say {
        engine: "toy 2".to_owned(),
        ..before.clone()
    };
    assert_eq!(because(engine).await, "engine changed");
    let plain = Say {
        accent: None,
        ..before.clone()
    };
    assert_eq!(because(plain).await, "accent changed");
    let pitch = Say {
        pitch_range: 3,
        ..text
    };
    assert_eq!(because(pitch.clone()).await, "pitch range, text changed");
    let everything = Say {
        engine: "toy 2".to_owned(),
        accent: None,
        ..pitch
    };
    assert_eq!(
        because(everything).await,
        "engine, pitch range and 2 more changed"
    );
    assert_eq!(because(say("c2", "Never.")).await, "new");
    let revised = before.clone().revised();
    assert_eq!(
        reason(Setup::default(), before.clone(), revised).await,
        "revision changed from 1 to 2"
    );
}

#[tokio::test]
async fn reasons_tell_from_apart_from_changes() {
    let because = async |step| reason(Setup::from(&["voice"]), say("c1", "Yes."), step).await;
    assert_eq!(because(say("c1", "Yes.")).await, "asked for by --from");
    assert_eq!(because(say("c1", "No.")).await, "text changed");
    assert_eq!(because(say("c2", "No.")).await, "new");
}

#[tokio::test]
async fn going_back_to_an_earlier_value_is_no_work() {
    let show = Production::new();
    for text in ["Yes.", "No.", "Yes."] {
        show.perform(Setup::default(), async |run| {
            run.step(say("c1", text)).await
        })
        .await;
    }
    assert_eq!(show.tools.performed().len(), 2);
    let plan = show
        .plan(Setup::default(), async |run| {
            run.step(say("c1", "Maybe.")).await
        })
        .await;
    assert_eq!(plan.plan[0].because, "text changed");
    let store = show.open().await;
    let last = store.last_in_slot(&[Slot::from("voice/c1")]).await.unwrap();
    let params: serde_json::Value =
        serde_json::from_str(&last[&Slot::from("voice/c1")].params).unwrap();
    assert_eq!(params["text"], "Yes.");
}

#[tokio::test]
async fn a_plan_does_not_know_of_failures_to_come() {
    let show = Production::new();
    show.tools.script("voice/c1", [Trouble::Fails]);
    let pipeline = async |run: &workprint_engine::Run<crate::toys::Tools>| film(run, LINES).await;
    show.perform(Setup::default(), pipeline).await;
    let plan = show.plan(Setup::default(), pipeline).await;
    assert_eq!(
        plan.lines(),
        [
            ("voice/c1", Perform, "new"),
            ("voice/c2", Kept, "kept"),
            ("voice/c3", Kept, "the same as another"),
            ("mix/main", Perform, "voice/c1 will be made"),
        ]
    );
}

#[tokio::test]
async fn plans_of_ten_thousand_steps_count_right() {
    let show = Production::new();
    let texts: Vec<String> = (0..10_000).map(|n| format!("line {}", n % 9_900)).collect();
    let pipeline = async |run: &workprint_engine::Run<crate::toys::Tools>| {
        let steps = texts.iter().enumerate();
        let takes = run
            .all(steps.map(|(n, text)| say(&format!("c{n}"), text)))
            .await?;
        let mix = run.step(join("main", &takes)).await?;
        let mut gated = join("gated", &[mix]);
        gated.needs.push(gate(run).await?);
        run.step(gated).await
    };
    show.perform(Setup::default(), async |run| {
        run.all(texts[..300].iter().map(|text| say(text, text)))
            .await
    })
    .await;
    let plan = show.plan(Setup::default(), pipeline).await;
    assert_eq!(plan.summary.steps, counts(400, 9_601, 0, 1));
    let states = |state| plan.plan.iter().filter(|line| line.state == state).count();
    assert_eq!(
        (states(Kept), states(Perform), states(Waiting)),
        (400, 9_601, 1)
    );
    let slots = plan.plan.iter().map(|line| line.slot.name().to_owned());
    let order: Vec<String> = (0..10_000)
        .map(|n| format!("c{n}"))
        .chain(["main".to_owned(), "gated".to_owned()])
        .collect();
    assert_eq!(slots.collect::<Vec<_>>(), order);
}

async fn gate(run: &workprint_engine::Run<crate::toys::Tools>) -> Result<Digest, EngineError> {
    let digest = Digest::of(b"question");
    run.gate(
        workprint_engine::Gate::new("master", digest, "make it?"),
        &[],
    )
    .await?;
    Ok(digest)
}
