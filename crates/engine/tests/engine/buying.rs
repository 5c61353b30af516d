//! What comes of an order, whatever happens on the way.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use workprint_engine::{Run, Spending};
use workprint_model::event::Event;
use workprint_model::show::Budget;
use workprint_model::step::RunStatus;
use workprint_model::{EpisodeId, Money};
use workprint_store::{Job, JobState};

use crate::production::{Ended, NOON, Production, Setup};
use crate::shop::{Answer, Fetched, Stands, buy};
use crate::toys::{Take, Trouble};

/// What a picture costs, in millionths.
pub(crate) const PRICE: i64 = 3;

pub(crate) fn allowed(dollars: &str) -> Setup {
    let budget = Budget {
        show: Some(dollars.parse().unwrap()),
        ..Budget::default()
    };
    Setup {
        spending: Spending {
            budget,
            ..Spending::default()
        },
        ..Setup::default()
    }
}

/// A run that buys one picture, so many milliseconds after noon.
async fn ordered_at(show: &Production, later: i64) -> Ended<Take> {
    let setup = Setup {
        now: NOON + later,
        ..allowed("1")
    };
    show.perform(setup, async |run| run.step(buy("s1", "a cat", PRICE)).await)
        .await
}

async fn ordered(show: &Production) -> Ended<Take> {
    ordered_at(show, 0).await
}

pub(crate) async fn jobs(show: &Production) -> Vec<Job> {
    let store = show.open().await;
    let jobs = store.jobs().await.unwrap();
    store.close().await.unwrap();
    jobs
}

/// How jobs stand and what counts for them.
pub(crate) async fn books(show: &Production) -> Vec<(JobState, i64)> {
    let jobs = jobs(show).await.into_iter();
    jobs.map(|job| (job.state, job.charge.micros)).collect()
}

#[tokio::test]
async fn what_is_done_at_once_and_what_is_asked_for_are_bought_once() {
    let show = Production::new();
    show.tools.shop.answers([Answer::Done]);
    let run = ordered(&show).await;
    assert_eq!(run.summary.status, RunStatus::Complete);
    assert_eq!(run.summary.cost, Money::from_micros(PRICE));
    let again = ordered(&show).await;
    assert_eq!(
        (again.summary.steps.kept, again.summary.cost.micros),
        (1, 0)
    );
    assert_eq!(books(&show).await, [(JobState::Done, PRICE)]);

    let show = Production::new();
    show.tools.shop.stands([Stands::Pending, Stands::Silent]);
    let run = ordered(&show).await;
    assert_eq!(run.summary.status, RunStatus::Complete);
    assert_eq!(show.tools.shop.paid(), ["a cat"]);
    assert_eq!(books(&show).await, [(JobState::Done, PRICE)]);
}

#[tokio::test]
async fn what_is_certainly_not_taken_costs_nothing() {
    let show = Production::new();
    show.tools.shop.answers([Answer::Busy]);
    assert_eq!(ordered(&show).await.summary.status, RunStatus::Complete);
    assert_eq!(show.tools.shop.paid(), ["a cat"]);
    let wanted = [(JobState::Failed, 0), (JobState::Done, PRICE)];
    assert_eq!(books(&show).await, wanted);

    let show = Production::new();
    show.tools.shop.answers([Answer::Refused]);
    assert_eq!(ordered(&show).await.summary.status, RunStatus::Failed);
    assert_eq!(books(&show).await, [(JobState::Failed, 0)]);
}

#[tokio::test]
async fn what_nobody_knows_of_is_looked_for_and_never_sent_again_on_a_guess() {
    // A vendor that lists what it took.
    let show = Production::new();
    show.tools.shop.lists.store(true, Ordering::SeqCst);
    show.tools.shop.answers([Answer::Lost]);
    assert_eq!(ordered(&show).await.summary.status, RunStatus::Complete);
    assert_eq!(show.tools.shop.paid(), ["a cat"]);
    assert_eq!(books(&show).await, [(JobState::Done, PRICE)]);

    // The same, which certainly has none: it is ordered again.
    let show = Production::new();
    show.tools.shop.lists.store(true, Ordering::SeqCst);
    show.tools.shop.answers([Answer::Dropped]);
    let setup = Setup {
        tick: 11_000,
        ..allowed("1")
    };
    let run = show
        .perform(setup, async |run| run.step(buy("s1", "a cat", PRICE)).await)
        .await;
    assert_eq!(run.summary.status, RunStatus::Complete);
    assert_eq!(show.tools.shop.paid(), ["a cat"]);
    let wanted = [(JobState::Failed, 0), (JobState::Done, PRICE)];
    assert_eq!(books(&show).await, wanted);

    // One that cannot tell: it waits for a person, and what is reserved stays so.
    let show = Production::new();
    show.tools.shop.answers([Answer::Lost]);
    for _ in 0..2 {
        let run = ordered(&show).await;
        assert_eq!(run.summary.status, RunStatus::Waiting);
        let told = run.diagnostics();
        assert_eq!(told[0].code, "outside.unknown");
        assert!(told[0].hints[0].contains("workprint jobs resolve 1"));
        assert_eq!(show.tools.shop.paid(), ["a cat"]);
        assert_eq!(books(&show).await, [(JobState::Parked, PRICE)]);
    }
}

#[tokio::test]
async fn an_intent_of_a_killed_run_is_looked_for_first() {
    let show = Production::new();
    let intent = async || {
        let store = show.open().await;
        let (run, _) = show
            .begin(workprint_engine::Mode::Perform, allowed("1"), &store)
            .await;
        // Killed before the vendor was asked: the job is written, and nothing else is.
        show.tools.shop.answers([Answer::Dropped]);
        drop(run.step(buy("s1", "a cat", PRICE)).await);
        let id = store.jobs().await.unwrap().pop().unwrap().id;
        store.job_unparked(id).await.unwrap();
        drop(run);
        store.close().await.unwrap();
    };
    intent().await;
    assert_eq!(books(&show).await, [(JobState::Intent, PRICE)]);
    show.tools.shop.lists.store(true, Ordering::SeqCst);
    let run = ordered_at(&show, 60_000).await;
    assert_eq!(run.summary.status, RunStatus::Complete);
    assert_eq!(show.tools.shop.paid(), ["a cat"]);
    let wanted = [(JobState::Failed, 0), (JobState::Done, PRICE)];
    assert_eq!(books(&show).await, wanted);
}

#[tokio::test]
async fn what_is_paid_and_not_recorded_is_not_bought_again() {
    let show = Production::new();
    show.tools.script("generate/s1", [Trouble::Fails]);
    assert_eq!(ordered(&show).await.summary.status, RunStatus::Failed);
    assert_eq!(books(&show).await, [(JobState::Fetched, PRICE)]);
    let run = ordered(&show).await;
    assert_eq!(run.summary.status, RunStatus::Complete);
    assert_eq!(show.tools.shop.paid(), ["a cat"]);

    // Unless what was made is gone.
    let show = Production::new();
    show.tools.script("generate/s1", [Trouble::Fails]);
    ordered(&show).await;
    let store = show.open().await;
    let made = store.jobs().await.unwrap().remove(0).artifacts.remove(0);
    std::fs::remove_file(store.path_of(&made.digest)).unwrap();
    store.close().await.unwrap();
    assert_eq!(ordered(&show).await.summary.status, RunStatus::Complete);
    assert_eq!(show.tools.shop.paid().len(), 2);
    let wanted = [(JobState::Failed, PRICE), (JobState::Done, PRICE)];
    assert_eq!(books(&show).await, wanted);
}

#[tokio::test]
async fn a_job_that_fails_costs_what_it_costs() {
    let show = Production::new();
    show.tools.shop.stands([Stands::Failed(2)]);
    assert_eq!(ordered(&show).await.summary.status, RunStatus::Failed);
    assert_eq!(books(&show).await, [(JobState::Failed, 2)]);
}

#[tokio::test]
async fn what_cannot_be_fetched_now_stays_with_the_vendor_and_what_is_gone_is_lost() {
    let show = Production::new();
    show.tools.shop.fetches([Fetched::Broken]);
    assert_eq!(ordered(&show).await.summary.status, RunStatus::Failed);
    assert_eq!(books(&show).await, [(JobState::Submitted, PRICE)]);
    assert_eq!(ordered(&show).await.summary.status, RunStatus::Complete);
    assert_eq!(show.tools.shop.paid(), ["a cat"]);

    let show = Production::new();
    show.tools.shop.fetches([Fetched::Gone]);
    assert_eq!(ordered(&show).await.summary.status, RunStatus::Failed);
    assert_eq!(books(&show).await, [(JobState::Failed, PRICE)]);
}

#[tokio::test]
async fn a_run_that_is_stopped_leaves_its_job_to_the_next() {
    let show = Production::new();
    show.tools.shop.stands([Stands::Pending]);
    let mut setup = allowed("1");
    let cancel = setup.cancel.clone();
    setup.spending.boundary = Some(Arc::new(move |boundary| {
        if boundary == "polled" {
            cancel.cancel();
        }
    }));
    let run = show
        .perform(setup, async |run| run.step(buy("s1", "a cat", PRICE)).await)
        .await;
    assert_eq!(run.summary.status, RunStatus::Cancelled);
    assert_eq!(books(&show).await, [(JobState::Submitted, PRICE)]);
    let next = ordered(&show).await;
    assert_eq!(next.summary.status, RunStatus::Complete);
    assert_eq!(show.tools.shop.paid(), ["a cat"]);
    assert_eq!(books(&show).await, [(JobState::Done, PRICE)]);
}

#[tokio::test]
async fn nothing_is_bought_without_a_budget_and_by_nobody_but_a_step() {
    let show = Production::new();
    let run = show
        .perform(Setup::default(), async |run| {
            run.step(buy("s1", "a cat", PRICE)).await
        })
        .await;
    assert_eq!(run.diagnostics()[0].code, "budget.none");
    assert_eq!(
        (run.summary.status, jobs(&show).await.len()),
        (RunStatus::Waiting, 0)
    );
}

/// Two episodes of a show, rendered at once by one process: three hundred orders that together cost more
/// than may be spent.
#[tokio::test]
async fn runs_at_once_never_spend_a_millionth_more_than_they_may() {
    const LIMIT: i64 = 200;
    let show = Production::new();
    let store = show.open().await;
    let mut runs = Vec::new();
    for name in ["pilot", "two", "three"] {
        let setup = Setup {
            episode: name.parse::<EpisodeId>().unwrap(),
            ..allowed("0.0002")
        };
        let begun = show
            .begin(workprint_engine::Mode::Perform, setup, &store)
            .await;
        runs.push((name, begun));
    }
    let buying = runs.iter().map(|(name, (run, _))| async move {
        let orders = (0..30).map(|n| buy(&format!("{name}{n}"), &format!("{name} {n}"), 3 + n % 4));
        run.all(orders).await.unwrap();
        run.finish(Vec::new(), false).await.unwrap()
    });
    let ended = futures::future::join_all(buying).await;
    let spent: i64 = ended.iter().map(|summary| summary.cost.micros).sum();
    let jobs = store.jobs().await.unwrap();
    assert_eq!(jobs.iter().map(|job| job.charge.micros).sum::<i64>(), spent);
    assert_eq!(show.tools.shop.paid().len(), jobs.len());
    assert!((LIMIT - 2..=LIMIT).contains(&spent), "{spent}");
    for (run, summary) in runs.iter().zip(&ended) {
        let events = run.1.1.lock().unwrap();
        let told: Vec<String> = events.iter().filter_map(refusal).collect();
        assert_eq!(told.len() as u64, summary.steps.waiting);
        let exact = told
            .iter()
            .all(|told| told.contains("of the $0.0002 of `budget.show`"));
        assert!(exact, "{told:?}");
    }
    drop(runs);
    store.close().await.unwrap();
}

/// What a step without room says, with what to do.
fn refusal(event: &Event) -> Option<String> {
    let Event::Diagnostic { diagnostic } = event else {
        return None;
    };
    assert_eq!(diagnostic.code, "budget.no-room");
    let hint = &diagnostic.hints[0];
    assert!(hint.contains("set `show = 0.0002"), "{hint}");
    Some(diagnostic.message.clone())
}

#[tokio::test]
async fn a_dearer_order_than_was_asked_about_is_not_sent() {
    let show = Production::new();
    let mut setup = allowed("1");
    setup.spending.unasked = Some(workprint_engine::Unasked {
        together: Some(Money::from_micros(100)),
        each: None,
    });
    let order = async |run: &Run<crate::toys::Tools>| {
        let mut order = buy("s1", "a cat", PRICE);
        order.prices[1] += 1;
        run.step(order).await
    };
    let run = show.perform(setup, order).await;
    assert_eq!(run.diagnostics()[0].code, "gate.dearer");
    assert_eq!(show.tools.shop.paid(), [""; 0]);
}
