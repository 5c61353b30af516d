use std::collections::BTreeMap;
use std::fs;

use workprint_model::event::{Event, StepName};
use workprint_model::lock::LockedTake;
use workprint_model::step::{RunStatus, RunSummary, StepCounts};
use workprint_model::{Digest, Money, Slot};
use workprint_store::{Answer, FinalFile, Sealed, StoreError, Verdict};

use crate::production::{NOON, Production, key, pilot, speak, voice};

fn kept(text: &str) -> Event {
    Event::StepKept { step: name(text) }
}

fn name(text: &str) -> StepName {
    StepName {
        kind: "voice".to_owned(),
        slot: Slot::new("voice", text),
        key: key(text),
    }
}

fn summary() -> RunSummary {
    RunSummary {
        status: RunStatus::Complete,
        steps: StepCounts {
            kept: 2,
            performed: 1,
            ..StepCounts::default()
        },
        performed_by_kind: BTreeMap::from([("voice".to_owned(), 1)]),
        cost: Money::ZERO,
        finals: vec![],
        seconds: 1.5,
    }
}

fn locked(text: &str) -> LockedTake {
    let take = serde_json::json!({ "digest": key(text), "seed": 7 });
    serde_json::from_value(take).unwrap()
}

#[tokio::test]
async fn events_come_back_in_order_without_progress() {
    let production = Production::new();
    let store = production.open().await;
    let run = store.begin_run(&pilot(), "main", "test").await.unwrap();
    let mut told = Vec::new();
    for n in 0..600 {
        let event = kept(&n.to_string());
        store
            .append_events(run, std::slice::from_ref(&event))
            .await
            .unwrap();
        told.push(event);
    }
    let progress = Event::StepProgress {
        step: name("a"),
        permille: 500,
    };
    store
        .append_events(run, std::slice::from_ref(&progress))
        .await
        .unwrap();
    assert_eq!(store.events(run).await.unwrap(), told);

    let started = Event::StepStarted { step: name("b") };
    store.append_events(run, &[kept("c")]).await.unwrap();
    store
        .append_events(run, std::slice::from_ref(&started))
        .await
        .unwrap();
    let reader = production.read().await;
    assert_eq!(
        reader.events(run).await.unwrap().len(),
        602,
        "told to others at once"
    );
}

/// A run that is stopped drops what it waits for, wherever that stands.
#[tokio::test]
async fn who_stops_waiting_loses_no_event_and_writes_none_twice() {
    let production = Production::new();
    let store = production.open().await;
    let run = store.begin_run(&pilot(), "main", "test").await.unwrap();
    for n in 0..400_u64 {
        // Written at once, not kept for later.
        let event = Event::StepStarted {
            step: name(&n.to_string()),
        };
        let patience = std::time::Duration::from_micros(n % 100 * 10);
        drop(
            tokio::time::timeout(
                patience,
                store.append_events(run, std::slice::from_ref(&event)),
            )
            .await,
        );
    }
    let last = kept("last");
    store
        .append_events(run, std::slice::from_ref(&last))
        .await
        .unwrap();
    let told = store.events(run).await.unwrap();
    assert_eq!(told.last(), Some(&last));
    let steps: Vec<String> = told.iter().map(|event| format!("{event:?}")).collect();
    let once: std::collections::BTreeSet<&String> = steps.iter().collect();
    assert_eq!(once.len(), steps.len(), "told twice");
}

#[tokio::test]
async fn only_a_run_under_way_takes_events() {
    let production = Production::new();
    let store = production.open().await;
    let run = store.begin_run(&pilot(), "main", "test").await.unwrap();
    store.append_events(run, &[kept("a")]).await.unwrap();
    store.end_run(run, &summary()).await.unwrap();
    for other in [run, 99] {
        let error = store.append_events(other, &[kept("b")]).await.unwrap_err();
        assert!(
            matches!(error, StoreError::RunNotUnderWay { .. }),
            "{error}"
        );
    }
    assert_eq!(store.events(run).await.unwrap(), [kept("a")]);
}

#[tokio::test]
async fn runs_are_listed_with_the_latest_first() {
    let production = Production::new();
    let store = production.open().await;
    let first = store.begin_run(&pilot(), "main", "first").await.unwrap();
    store.end_run(first, &summary()).await.unwrap();
    store.close().await.unwrap();
    let store = production.open().await;
    let second = store.begin_run(&pilot(), "square", "second").await.unwrap();
    assert_eq!(store.runs_under_way().await, [second].into());
    drop(store);

    let store = production.read().await;
    let runs = store.runs(10).await.unwrap();
    assert_eq!(runs.len(), 2);
    assert_eq!((runs[0].run, &runs[0].ended), (second, &None));
    assert_eq!(runs[0].output, "square");
    assert_eq!(
        (runs[1].run, &runs[1].ended),
        (first, &Some((NOON, summary())))
    );
    assert_eq!(store.runs(1).await.unwrap(), runs[..1]);
}

#[tokio::test]
async fn an_answer_is_about_exactly_its_digest() {
    let production = Production::new();
    let store = production.open().await;
    let yes = Answer {
        episode: pilot(),
        gate: "publish".to_owned(),
        digest: key("film"),
        verdict: Verdict::Approve,
        who: "ana".to_owned(),
        at: NOON,
        note: None,
    };
    store
        .record_answers(std::slice::from_ref(&yes))
        .await
        .unwrap();
    let ask = async |gate: &str, digest: &str| {
        let asked = [key("none"), key(digest)];
        let answers = store.gate_answers(&pilot(), gate, &asked).await;
        answers.unwrap().remove(&key(digest))
    };
    assert_eq!(ask("publish", "film").await, Some(yes.clone()));
    assert_eq!(ask("publish", "film 2").await, None);
    assert_eq!(ask("budget", "film").await, None);
    let no = Answer {
        verdict: Verdict::Reject,
        who: "bo".to_owned(),
        note: Some("the logo is old".to_owned()),
        ..yes.clone()
    };
    store
        .record_answers(std::slice::from_ref(&no))
        .await
        .unwrap();
    assert_eq!(ask("publish", "film").await, Some(no.clone()));
    assert_eq!(store.answers(None).await.unwrap(), [yes, no]);
    let other = "other".parse().unwrap();
    assert_eq!(store.answers(Some(&other)).await.unwrap(), []);
}

#[tokio::test]
async fn what_is_asked_keeps_its_time_until_it_is_answered() {
    let production = Production::new();
    let ask = async |ms: i64, digests: &[Digest]| {
        let store = production.open_at(ms).await;
        let of = ("spend", "main");
        store.note_asked(&pilot(), of, digests).await.unwrap();
        let open = store.not_approved().await.unwrap();
        store.close().await.unwrap();
        let told = open.iter().map(|asked| (asked.digest, asked.at));
        told.collect::<BTreeMap<_, _>>()
    };
    let (one, two) = (key("one"), key("two"));
    assert_eq!(ask(10, &[one]).await, [(one, 10)].into());
    assert_eq!(ask(20, &[one, two]).await, [(one, 10), (two, 20)].into());
    let store = production.open_at(30).await;
    let answer = |digest, at| Answer {
        episode: pilot(),
        gate: "spend".to_owned(),
        digest,
        verdict: Verdict::Approve,
        who: "ana".to_owned(),
        at,
        note: None,
    };
    store.record_answers(&[answer(one, 30)]).await.unwrap();
    let open = store.not_approved().await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].digest, open[0].film.as_str()), (two, "main"));
    store.close().await.unwrap();
    assert_eq!(ask(40, &[one]).await, [(one, 40), (two, 20)].into());
}

#[tokio::test]
async fn attempts_outlive_the_process_and_end_with_success() {
    let production = Production::new();
    let store = production.open().await;
    let voiced = key("one");
    assert_eq!(store.attempts(&voiced).await.unwrap().failed, 0);
    assert_eq!(
        store
            .record_attempt(&voiced, "503", NOON + 1000)
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        store
            .record_attempt(&voiced, "504", NOON + 4000)
            .await
            .unwrap(),
        2
    );
    drop(store);
    let store = production.open().await;
    let attempts = store.attempts(&voiced).await.unwrap();
    assert_eq!((attempts.failed, attempts.not_before), (2, NOON + 4000));
    assert_eq!(attempts.error, "504");
    store
        .record(&voice("voice/c1", "one", vec![]), 0)
        .await
        .unwrap();
    assert_eq!(store.attempts(&voiced).await.unwrap().failed, 0);

    store.record_attempt(&voiced, "500", 0).await.unwrap();
    store.clear_attempts(&voiced).await.unwrap();
    assert_eq!(store.attempts(&voiced).await.unwrap().failed, 0);
}

#[tokio::test]
async fn what_is_answered_is_committed() {
    let production = Production::new();
    let store = production.open().await;
    let reader = production.read().await;
    for n in 1..=200 {
        let run = store.begin_run(&pilot(), "main", "test").await.unwrap();
        assert_eq!(reader.runs(1).await.unwrap()[0].run, run);
        let failed = store.record_attempt(&key("a"), "503", 0).await.unwrap();
        assert_eq!(failed, n);
        assert_eq!(reader.attempts(&key("a")).await.unwrap().failed, n);
    }
}

#[tokio::test]
async fn choices_are_undone_in_reverse() {
    let production = Production::new();
    let store = production.open().await;
    let slot = Slot::from("voice/c1");
    store.push_choice(&pilot(), &slot, None).await.unwrap();
    store
        .push_choice(&pilot(), &slot, Some(&locked("one")))
        .await
        .unwrap();
    store
        .push_choice(&pilot(), &Slot::from("voice/c2"), None)
        .await
        .unwrap();
    let pop = async || store.pop_choice(&pilot(), &slot).await.unwrap();
    assert_eq!(pop().await, Some(Some(locked("one"))));
    assert_eq!(pop().await, Some(None));
    assert_eq!(pop().await, None);
}

#[tokio::test]
async fn the_whole_ledger_as_text() {
    let production = Production::new();
    let store = production.open().await;
    let run = store
        .begin_run(&pilot(), "main", "workprint build pilot")
        .await
        .unwrap();
    store.append_events(run, &[kept("c0")]).await.unwrap();
    let sound = store.keep_bytes(b"sound", "audio/wav").unwrap();
    let mut record = voice("voice/c1", "one", vec![sound.clone()]);
    record.inputs = vec![key("reference")];
    record.seed = Some(7);
    store.record(&record, run).await.unwrap();
    speak(&store, "voice/c2", "two", b"sound two").await;
    store.forget(&[key("two")]).await.unwrap();
    store
        .record_attempt(&key("three"), "it is `down`", NOON + 1)
        .await
        .unwrap();
    store
        .push_choice(&pilot(), &Slot::from("voice/c1"), Some(&locked("old")))
        .await
        .unwrap();
    let answer = Answer {
        episode: pilot(),
        gate: "publish".to_owned(),
        digest: sound.digest,
        verdict: Verdict::Approve,
        who: "ana".to_owned(),
        at: NOON,
        note: Some("fine".to_owned()),
    };
    store.record_answers(&[answer]).await.unwrap();
    fs::write(production.root().join("dawn.svg"), "dawn").unwrap();
    store
        .digest_file(&"dawn.svg".parse().unwrap())
        .await
        .unwrap();
    let film = FinalFile {
        path: "episodes/pilot/final/main.mp4".to_owned(),
        digest: sound.digest,
        sealed: Some(Sealed {
            file: Digest::of(b"signed"),
            seal: Digest::of(b"seal"),
        }),
        bytes: sound.bytes,
        mtime_ns: 1,
        written_at: NOON,
    };
    store.record_final(&film).await.unwrap();
    let of_copy = store.film_of_seal(&Digest::of(b"signed")).await.unwrap();
    assert_eq!(of_copy, Some(sound.digest));
    let found = store.find_final(&film.path).await.unwrap();
    assert_eq!(found, Some(film));
    store.end_run(run, &summary()).await.unwrap();
    insta::assert_snapshot!(store.dump().await.unwrap());
}
