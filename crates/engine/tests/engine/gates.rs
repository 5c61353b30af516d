//! Gates: questions with recorded answers.

use workprint_engine::{EngineError, Gate, GateState, Run, Step as _};
use workprint_model::event::{Event, Subject};
use workprint_model::step::{RunStatus, StepState};
use workprint_model::{Digest, Money, Slot};
use workprint_store::{Answer, Verdict};

use crate::production::{NOON, Production, Setup, counts, pilot};
use crate::toys::{Take, Tools, Trouble, join, say};

/// Two lines, a draft of them, and a film that waits for somebody to approve the draft.
async fn asked(run: &Run<Tools>) -> Result<Take, EngineError> {
    let lines = run.all([say("c1", "Hello."), say("c2", "Bye.")]).await?;
    let draft = run.step(join("draft", &lines)).await?;
    let digest = draft.text.digest;
    let gate = Gate::new("film", digest, "make the film?");
    run.gate(gate, &[digest]).await?;
    let mut film = join("film", std::slice::from_ref(&draft));
    film.needs.push(digest);
    let film = run.step(film).await?;
    run.step(join("trailer", &[film])).await
}

async fn answer(show: &Production, digest: Digest, verdict: Verdict) {
    let store = show.open().await;
    store
        .record_answers(&[Answer {
            episode: pilot(),
            gate: "film".to_owned(),
            digest,
            verdict,
            who: "mara".to_owned(),
            at: NOON,
            note: None,
        }])
        .await
        .unwrap();
    store.close().await.unwrap();
}

/// A run that met the closed gate, and what it asked about.
async fn closed(show: &Production) -> Digest {
    let run = show.perform(Setup::default(), asked).await;
    assert_eq!(
        show.tools.performed(),
        ["mix/draft", "voice/c1", "voice/c2"]
    );
    assert_eq!(run.summary.status, RunStatus::Waiting);
    assert_eq!(run.summary.steps, counts(0, 3, 0, 2));
    assert_eq!(
        run.waiting(),
        [
            ("mix/film", "gate `film` is closed"),
            ("mix/trailer", "gate `film` is closed"),
        ]
    );
    let question = run.events.iter().find_map(|event| match event {
        Event::GateAsked { digest, .. } => Some(*digest),
        _ => None,
    });
    question.unwrap()
}

#[tokio::test]
async fn an_answer_lets_the_next_run_go_on() {
    let show = Production::new();
    let digest = closed(&show).await;
    assert_eq!(digest, Digest::of(b"mix:Hello.Bye."));
    let plan = show.plan(Setup::default(), asked).await;
    assert!(
        plan.told(|event| matches!(event, Event::GateAsked { .. }).then_some(()))
            .len()
            == 1
    );
    let waits = ("mix/film", StepState::Waiting, "gate `film` is closed");
    assert!(plan.lines().contains(&waits));

    answer(&show, digest, Verdict::Approve).await;
    let run = show.perform(Setup::default(), asked).await;
    assert_eq!(show.tools.performed(), ["mix/film", "mix/trailer"]);
    assert_eq!(run.summary.status, RunStatus::Complete);
    assert_eq!(run.summary.steps, counts(3, 2, 0, 0));
}

#[tokio::test]
async fn an_answer_about_something_else_opens_nothing() {
    let show = Production::new();
    closed(&show).await;
    answer(&show, Digest::of(b"mix:Hello.Hello."), Verdict::Approve).await;
    let run = show.perform(Setup::default(), asked).await;
    assert_eq!(run.summary.status, RunStatus::Waiting);
    assert!(show.tools.performed().is_empty());
}

#[tokio::test]
async fn a_refusal_keeps_it_closed_until_somebody_thinks_better() {
    let show = Production::new();
    let digest = closed(&show).await;
    answer(&show, digest, Verdict::Approve).await;
    answer(&show, digest, Verdict::Reject).await;
    let run = show.perform(Setup::default(), asked).await;
    assert_eq!(run.summary.status, RunStatus::Waiting);
    assert_eq!(run.waiting()[0].1, "gate `film` was refused by mara");
    assert!(show.tools.performed().is_empty());
    let again = |event: &Event| matches!(event, Event::GateAsked { .. });
    assert!(!run.events.iter().any(again), "it was answered");

    answer(&show, digest, Verdict::Approve).await;
    let run = show.perform(Setup::default(), asked).await;
    assert_eq!(run.summary.status, RunStatus::Complete);
}

#[tokio::test]
async fn what_a_closed_gate_guards_is_not_used_though_it_is_kept() {
    let show = Production::new();
    let digest = closed(&show).await;
    answer(&show, digest, Verdict::Approve).await;
    show.perform(Setup::default(), asked).await;
    show.tools.performed();
    answer(&show, digest, Verdict::Reject).await;
    let run = show.perform(Setup::default(), asked).await;
    assert_eq!(run.summary.status, RunStatus::Waiting);
    assert_eq!(run.summary.steps, counts(3, 0, 0, 2));
    let sketch = run.result.unwrap();
    assert_eq!(sketch.text.bytes, 0);
    let store = show.open().await;
    let trailers = store.takes(&Slot::from("mix/trailer")).await.unwrap();
    assert_eq!(trailers.len(), 1, "it is not lost");
}

#[tokio::test]
async fn an_equal_step_without_a_gate_opens_none() {
    let show = Production::new();
    let both = async |run: &Run<Tools>| {
        let digest = Digest::of(b"question");
        run.gate(Gate::new("film", digest, "make the film?"), &[])
            .await?;
        let free = join("draft", &[]);
        let mut gated = join("film", &[]);
        gated.needs.push(digest);
        run.all([free, gated]).await
    };
    let plan = show.plan(Setup::default(), both).await;
    assert_eq!(plan.summary.steps, counts(0, 1, 0, 1));
    let run = show.perform(Setup::default(), both).await;
    assert_eq!(run.summary.steps, counts(0, 1, 0, 1));
    let warm = show.perform(Setup::default(), both).await;
    assert_eq!(warm.summary.steps, counts(1, 0, 0, 1));
}

#[tokio::test]
async fn a_run_waits_for_its_gates_even_when_no_step_does() {
    let show = Production::new();
    let run = show
        .perform(Setup::default(), async |run| {
            let gate = Gate::new("publish", Digest::of(b"question"), "publish it?");
            assert!(!run.gate(gate, &[]).await?);
            Ok(run.gates())
        })
        .await;
    assert_eq!(run.summary.status, RunStatus::Waiting);
    let met = run.result.unwrap();
    let told = met.iter().map(|met| (met.gate.name.as_str(), met.state));
    assert!(told.eq([("publish", GateState::Asked)]));
}

#[tokio::test]
async fn nobody_is_asked_about_what_is_not_made() {
    let show = Production::new();
    let asks = |event: &Event| matches!(event, Event::GateAsked { .. }).then_some(());
    let asked = async |run: &Run<Tools>| {
        let lines = run.all([say("c1", "Hello."), say("c2", "Bye.")]).await?;
        let mut film = join("film", &lines);
        let digest = Digest::of_json(&("film", &film));
        run.gate(Gate::new("film", digest, "make the film?"), &film.inputs())
            .await?;
        film.needs.push(digest);
        run.step(film).await
    };
    let plan = show.plan(Setup::default(), asked).await;
    assert!(plan.told(asks).is_empty(), "its digest is not the one");
    let waits = ("mix/film", StepState::Waiting, "gate `film` is closed");
    assert!(plan.lines().contains(&waits), "{:?}", plan.lines());
    show.tools.script("voice/c1", [Trouble::Fails]);
    let run = show.perform(Setup::default(), asked).await;
    assert_eq!(run.summary.status, RunStatus::Failed);
    assert!(run.told(asks).is_empty());
    assert!(run.waiting().contains(&("mix/film", "voice/c1 failed")));
}

#[tokio::test]
async fn each_thing_of_a_question_has_its_own_answer() {
    let show = Production::new();
    let clips = async |run: &Run<Tools>| {
        let lines = run.all([say("c1", "Hello."), say("c2", "Bye.")]).await?;
        let subjects: Vec<(Subject, Digest)> = lines
            .iter()
            .zip(["c1", "c2"])
            .map(|(line, name)| {
                let of = line.text.digest;
                let subject = Subject {
                    slot: Slot::new("voice", name),
                    digest: Digest::of_json(&("film", of)),
                    what: String::new(),
                    cost: Money::ZERO,
                    shows: None,
                };
                (subject, of)
            })
            .collect();
        let question = |about: &[Subject]| format!("use {} lines?", about.len());
        run.gate_each("film", question, subjects.clone()).await?;
        let clips = lines.iter().zip(&subjects).map(|(line, (subject, _))| {
            let mut clip = join(subject.slot.name(), std::slice::from_ref(line));
            clip.needs.push(subject.digest);
            clip
        });
        run.all(clips).await?;
        Ok(run.gates())
    };
    let plan = show.plan(Setup::default(), clips).await;
    assert_eq!(plan.result.unwrap()[0].state, GateState::Later);
    let run = show.perform(Setup::default(), clips).await;
    let gates = run.result.unwrap();
    assert_eq!(gates[0].gate.question, "use 2 lines?");
    assert_eq!(gates[0].state, GateState::Asked);
    assert_eq!(run.summary.steps, counts(0, 2, 0, 2));
    answer(&show, gates[0].gate.about[0].digest, Verdict::Approve).await;
    answer(&show, gates[0].gate.about[1].digest, Verdict::Reject).await;
    let run = show.perform(Setup::default(), clips).await;
    assert_eq!(run.summary.steps, counts(2, 1, 0, 1));
    let why = "gate `film` was refused by mara";
    assert_eq!(run.waiting(), [("mix/c2", why)]);
    let states = run.result.unwrap().into_iter().map(|met| met.state);
    assert!(states.eq([GateState::Approved, GateState::Refused]));
}
