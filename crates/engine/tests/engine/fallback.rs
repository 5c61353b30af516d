//! Engines that are asked in the place of others.

use workprint_engine::{EngineError, Run, Step as _, Unasked};
use workprint_model::Money;
use workprint_model::event::Event;
use workprint_model::lock::{Lock, LockedTake};
use workprint_model::step::{RunStatus, StepState};
use workprint_store::JobState;

use crate::buying::{PRICE, allowed, books, jobs};
use crate::production::{Ended, Production, Setup, counts};
use crate::shop::{Answer, Buy, Stands, buy};
use crate::toys::{Take, Tools};

/// A picture by the shop, else by another, else by a third.
fn cat(slot: &str) -> Buy {
    let third = buy(slot, "a cat by third", PRICE + 2);
    let other = buy(slot, "a cat by other", PRICE + 1).or(third);
    buy(slot, "a cat", PRICE).or(other)
}

async fn bought(show: &Production, setup: Setup, slots: &'static [&str]) -> Ended<Vec<Take>> {
    let all = || slots.iter().map(|slot| cat(slot));
    show.perform(setup, async |run| run.all(all()).await).await
}

/// The take of the first slot, as a run left it.
fn take(lock: &Lock) -> &LockedTake {
    &lock.slots["generate/s1"]
}

fn told(ended: &Ended<Vec<Take>>) -> Vec<String> {
    ended.told(|event| match event {
        Event::StepFallback { engine, other, .. } => Some(format!("{engine} > {other}")),
        _ => None,
    })
}

/// A setup with a lock.
fn with(lock: &Lock) -> Setup {
    Setup {
        lock: lock.clone(),
        ..allowed("1")
    }
}

#[tokio::test]
async fn what_another_engine_made_is_told_and_stays_until_a_person_lets_go_of_it() {
    let show = Production::new();
    show.tools.shop.answers([Answer::Closed, Answer::Closed]);
    let first = bought(&show, allowed("1"), &["s1"]).await;
    assert_eq!(first.summary.status, RunStatus::Complete);
    assert_eq!(first.summary.steps, counts(0, 1, 0, 0));
    assert_eq!(show.tools.shop.paid(), ["a cat by third"]);
    let wanted = ["shop model > other model", "other model > third model"];
    assert_eq!(told(&first), wanted);
    let diagnostics = first.diagnostics();
    let codes: Vec<&str> = diagnostics.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["engine.fallback"; 2]);
    let lock = first.lock.unwrap();
    assert_eq!(take(&lock).engine.as_deref(), Some("third model"));
    let instead = take(&lock).instead.as_ref().unwrap();
    assert_eq!(instead.of, "shop model");
    assert_eq!(instead.because, "it is closed");
    let dump = show.dump().await;
    assert!(dump.contains("instead {"), "{dump}");
    // Each reserved its own price, and one was paid.
    let (failed, done) = (JobState::Failed, JobState::Done);
    let wanted = [(failed, 0), (failed, 0), (done, PRICE + 2)];
    assert_eq!(books(&show).await, wanted);

    // The first is open again.
    let again = bought(&show, with(&lock), &["s1"]).await;
    assert_eq!(again.summary.steps, counts(1, 0, 0, 0));
    assert!(again.lock.is_none(), "{:?}", again.lock);
    // Where the lock was not written, the ledger says so, until a person lets go of it.
    let without = bought(&show, allowed("1"), &["s1"]).await;
    assert_eq!(without.summary.steps, counts(1, 0, 0, 0));
    assert_eq!(without.lock.unwrap(), lock);
    let store = show.open().await;
    store.let_go(&"generate/s1".into(), None).await.unwrap();
    store.close().await.unwrap();
    let asked = show
        .plan(allowed("1"), async |run| run.step(cat("s1")).await)
        .await;
    assert_eq!(asked.plan[0].state, StepState::Run);
    // The lock has it all the same.
    let locked = bought(&show, with(&lock), &["s1"]).await;
    assert_eq!(locked.summary.steps, counts(1, 0, 0, 0));
    // In the place of another engine than the one that is asked first now, it counts for nothing.
    let mut other = lock.clone();
    let moved = other.slots.get_mut("generate/s1").unwrap();
    moved.instead.as_mut().unwrap().of = "an old model".to_owned();
    let asked = show
        .plan(with(&other), async |run| run.step(cat("s1")).await)
        .await;
    assert_eq!(asked.plan.len(), 1);
    let why = &asked.plan[0].because;
    assert!(
        why.ends_with("`other model` where that takes no order"),
        "{why}"
    );
    // Asked for afresh, it is made by the first.
    let fresh = Setup {
        selection: Setup::from(&["generate"]).selection,
        ..with(&lock)
    };
    let anew = bought(&show, fresh, &["s1"]).await.lock.unwrap();
    assert_eq!(take(&anew).engine.as_deref(), Some("shop model"));
    assert_eq!(take(&anew).instead, None);
    assert_eq!(show.tools.shop.paid(), ["a cat", "a cat by third"]);
}

#[tokio::test]
async fn nobody_else_is_asked_while_an_outcome_is_not_known_or_for_what_the_order_asks() {
    for (answer, status) in [
        (Answer::Lost, RunStatus::Waiting),
        (Answer::Dropped, RunStatus::Waiting),
        (Answer::Refused, RunStatus::Failed),
    ] {
        let show = Production::new();
        show.tools.shop.answers([answer]);
        let ended = bought(&show, allowed("1"), &["s1"]).await;
        assert_eq!(ended.summary.status, status);
        assert_eq!(show.tools.shop.came(), ["a cat"]);
        assert!(told(&ended).is_empty());
    }
}

#[tokio::test]
async fn equal_steps_ask_the_first_engine_once() {
    let show = Production::new();
    show.tools.shop.answers([Answer::Closed]);
    let ended = bought(&show, allowed("1"), &["s1", "s2"]).await;
    assert_eq!(ended.summary.status, RunStatus::Complete);
    assert_eq!(show.tools.shop.came(), ["a cat", "a cat by other"]);
    let lock = ended.lock.unwrap();
    for slot in ["generate/s1", "generate/s2"] {
        let instead = lock.slots[slot].instead.as_ref();
        assert_eq!(instead.map(|one| one.of.as_str()), Some("shop model"));
    }
}

#[tokio::test]
async fn engines_that_stand_in_for_each_other_wait_for_nobody() {
    let show = Production::new();
    show.tools.shop.answers([Answer::Closed, Answer::Closed]);
    let cats = || {
        let (one, two) = ("a cat", "a cat by other");
        [
            buy("s1", one, PRICE).or(buy("s1", two, PRICE)),
            buy("s2", two, PRICE).or(buy("s2", one, PRICE)),
        ]
    };
    let ended = show.perform(allowed("1"), async |run| run.all(cats()).await);
    let ended = tokio::time::timeout(std::time::Duration::from_mins(1), ended).await;
    // Both were asked and closed: each stands for the other, and neither makes anything.
    assert_eq!(ended.unwrap().summary.status, RunStatus::Failed);
}

#[tokio::test]
async fn what_stands_in_has_its_own_yes() {
    let show = Production::new();
    show.tools.shop.answers([Answer::Closed]);
    let mut setup = allowed("1");
    setup.spending.unasked = Some(Unasked {
        together: None,
        each: Some(Money::from_micros(PRICE)),
    });
    let ended = bought(&show, setup, &["s1"]).await;
    assert_eq!(ended.summary.status, RunStatus::Waiting);
    assert_eq!(show.tools.shop.came(), ["a cat"]);
    let asked = ended.told(|event| match event {
        Event::GateAsked { cost, .. } => Some(cost.micros),
        _ => None,
    });
    assert_eq!(asked, [PRICE + 1]);
}

#[tokio::test]
async fn what_nobody_knows_of_at_the_second_is_not_given_to_the_first() {
    for fresh in [false, true] {
        let show = Production::new();
        show.tools.shop.answers([Answer::Closed, Answer::Lost]);
        let ended = bought(&show, allowed("1"), &["s1"]).await;
        assert_eq!(ended.summary.status, RunStatus::Waiting);
        assert_eq!(show.tools.shop.came(), ["a cat", "a cat by other"]);
        let of = jobs(&show).await.remove(1).instead.map(|one| one.of);
        assert_eq!(of.as_deref(), Some("shop model"));
        // Without its lock, and even where all is asked for afresh.
        let mut setup = allowed("1");
        if fresh {
            setup.selection = Setup::from(&["generate"]).selection;
        }
        let again = bought(&show, setup, &["s1"]).await;
        assert_eq!(again.summary.status, RunStatus::Waiting, "{fresh}");
        assert_eq!(
            show.tools.shop.came(),
            ["a cat", "a cat by other"],
            "{fresh}"
        );
        assert_eq!(show.tools.shop.paid(), ["a cat by other"], "{fresh}");
    }
}

#[tokio::test]
async fn an_order_that_was_taken_and_failed_is_not_carried_on() {
    let show = Production::new();
    show.tools.shop.stands([Stands::Failed(1)]);
    let ended = bought(&show, allowed("1"), &["s1"]).await;
    assert_eq!(ended.summary.status, RunStatus::Failed);
    assert_eq!(show.tools.shop.came(), ["a cat"]);
}

#[tokio::test]
async fn what_the_first_was_given_comes_before_what_another_made() {
    let show = Production::new();
    show.tools.shop.answers([Answer::Closed]);
    let lock = bought(&show, allowed("1"), &["s1"]).await.lock.unwrap();
    // Asked for afresh, the first takes it, and nobody knows.
    show.tools.shop.answers([Answer::Lost]);
    let fresh = Setup {
        selection: Setup::from(&["generate"]).selection,
        ..with(&lock)
    };
    assert_eq!(
        bought(&show, fresh, &["s1"]).await.summary.status,
        RunStatus::Waiting
    );
    let again = bought(&show, with(&lock), &["s1"]).await;
    assert_eq!(again.summary.status, RunStatus::Waiting);
    assert_eq!(show.tools.shop.paid(), ["a cat", "a cat by other"]);
}

/// Two takes, of which the second fills the slot.
async fn of_two(run: &Run<Tools>) -> Result<Take, EngineError> {
    let candidate = |slot: &str, prompt: &str| {
        let other = buy(slot, &format!("{prompt} by other"), PRICE).candidate();
        buy(slot, prompt, PRICE).candidate().or(other)
    };
    let several = [candidate("s1", "a cat"), candidate("s1~2", "a dog")];
    let takes = run.all(several.clone()).await?;
    let by: Vec<String> = several
        .iter()
        .map(|one| run.performed(one).engine())
        .collect();
    assert_eq!(by, ["other model"; 2]);
    run.fill(
        &several[1],
        &buy("s1", "a cat", PRICE),
        takes[1].text.digest,
    );
    Ok(takes[1].clone())
}

#[tokio::test]
async fn of_candidates_the_lock_has_the_one_that_was_really_made() {
    let show = Production::new();
    show.tools.shop.answers([Answer::Closed, Answer::Closed]);
    for performed in [2, 0] {
        let ended = show.perform(allowed("1"), of_two).await;
        assert_eq!(ended.summary.steps.performed, performed);
        let lock = ended.lock.unwrap();
        assert_eq!(lock.slots.len(), 1);
        assert_eq!(take(&lock).engine.as_deref(), Some("other model"));
        assert_eq!(take(&lock).instead.as_ref().unwrap().of, "shop model");
    }
    assert_eq!(show.tools.shop.paid(), ["a cat by other", "a dog by other"]);
}
