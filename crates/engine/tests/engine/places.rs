//! Orders that wait for a place at a vendor that is quick.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use workprint_engine::{EngineError, Step as _, key_of};
use workprint_model::Money;
use workprint_model::step::RunStatus;
use workprint_store::{JobState, NewJob, Reserved};

use crate::buying::{PRICE, allowed, books, jobs};
use crate::production::{Production, Setup, pilot};
use crate::shop::{Answer, Buy, Stands, buy};

fn orders(count: usize) -> impl Iterator<Item = Buy> {
    (0..count).map(|n| buy(&format!("s{n}"), &format!("picture {n}"), PRICE))
}

fn held(then: Answer) -> Answer {
    Answer::Held(Box::new(then))
}

#[tokio::test]
async fn who_is_next_has_reserved_and_gives_it_back_where_the_run_is_stopped() {
    let show = Production::new();
    show.tools.shop.quick(2, 1);
    show.tools
        .shop
        .answers([held(Answer::Done), held(Answer::Done)]);
    let setup = allowed("1");
    let cancel = setup.cancel.clone();
    let run = show
        .perform(setup, async |run| {
            let bought = run.all(orders(6));
            let stopped = async {
                while run.store().jobs().await.unwrap().len() < 3 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                // Nobody else does, however long it takes.
                tokio::time::sleep(Duration::from_millis(50)).await;
                assert_eq!(run.store().jobs().await.unwrap().len(), 3);
                assert_eq!(show.tools.shop.came().len(), 2);
                cancel.cancel();
                show.tools.shop.let_go();
            };
            tokio::join!(bought, stopped).0
        })
        .await;
    assert!(matches!(run.result, Err(EngineError::Cancelled)));
    assert_eq!(show.tools.shop.paid().len(), 2);
    let wanted = [
        (JobState::Done, PRICE),
        (JobState::Done, PRICE),
        (JobState::Failed, 0),
    ];
    assert_eq!(books(&show).await, wanted);
    let why = jobs(&show).await.pop().unwrap().error.unwrap();
    assert!(why.contains("stopped before it was sent"), "{why}");
}

#[tokio::test]
async fn what_has_no_room_ahead_of_its_turn_may_have_it_then() {
    let show = Production::new();
    show.tools.shop.quick(1, 1);
    show.tools.shop.answers([held(Answer::Refused)]);
    let asked = Arc::new(AtomicU32::new(0));
    let mut setup = allowed("0.000003");
    setup.spending.boundary = Some(Arc::new({
        let asked = Arc::clone(&asked);
        move |boundary| {
            if boundary == "before-intent" {
                asked.fetch_add(1, Ordering::SeqCst);
            }
        }
    }));
    let run = show
        .perform(setup, async |run| {
            let answered = async {
                while asked.load(Ordering::SeqCst) < 2 || show.tools.shop.came().is_empty() {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
                show.tools.shop.let_go();
            };
            tokio::join!(run.all(orders(2)), answered).0
        })
        .await;
    assert_eq!(run.summary.steps.waiting, 0);
    let wanted = [(JobState::Failed, 0), (JobState::Done, PRICE)];
    assert_eq!(books(&show).await, wanted);
}

#[tokio::test]
async fn what_is_sent_long_after_it_was_reserved_says_so_first() {
    let show = Production::new();
    show.tools.shop.quick(1, 1);
    for (tick, late) in [(0, false), (600, true)] {
        show.tools.shop.answers([held(Answer::Refused)]);
        let setup = Setup {
            tick,
            ..allowed("1")
        };
        let before = show.tools.shop.came().len();
        show.perform(setup, async |run| {
            let looked = async {
                while show.tools.shop.came().len() == before {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                let job = run.store().jobs().await.unwrap().pop().unwrap();
                assert_eq!(job.state, JobState::Intent);
                assert_eq!(job.changed_at > job.created_at, late, "{job:?}");
                show.tools.shop.let_go();
            };
            let order = buy("s1", &format!("a cat {tick}"), PRICE);
            tokio::join!(run.step(order), looked).0
        })
        .await;
    }
}

#[tokio::test]
async fn what_an_earlier_run_left_is_looked_for_without_a_place() {
    let show = Production::new();
    show.tools.shop.quick(1, 1);
    show.tools.shop.lists.store(true, Ordering::SeqCst);
    let store = show.open().await;
    let second = orders(2).last().unwrap();
    let left = NewJob {
        key: key_of(&second),
        kind: "generate".to_owned(),
        slot: second.slot(),
        episode: pilot(),
        run: store.begin_run(&pilot(), "main", "killed").await.unwrap(),
        vendor: "shop".to_owned(),
        model: "model".to_owned(),
        account: "shop by key".to_owned(),
        server: None,
        instead: None,
        most: Money::from_micros(PRICE),
        others: 1,
    };
    let mut setup = allowed("1");
    let reserved = store.reserve(&left, &setup.spending.budget).await;
    assert!(matches!(reserved, Ok(Reserved::Job(_))));
    store.close().await.unwrap();
    // The first has the only place, and may order nothing before the second is known to be over.
    setup.now += 60_000;
    let run = show
        .perform(setup, async |run| run.all(orders(2)).await)
        .await;
    assert_eq!(run.summary.status, RunStatus::Complete);
    let wanted = [
        (JobState::Failed, 0),
        (JobState::Done, PRICE),
        (JobState::Done, PRICE),
    ];
    assert_eq!(books(&show).await, wanted);
}

#[tokio::test]
async fn who_comes_first_is_served_first() {
    const PLACES: u32 = 3;
    let show = Production::new();
    show.tools.shop.quick(PLACES, 2);
    let setup = Setup {
        jobs: 1,
        ..allowed("1")
    };
    let run = show
        .perform(setup, async |run| run.all(orders(40)).await)
        .await;
    assert_eq!(run.summary.status, RunStatus::Complete);
    let came = show.tools.shop.came();
    assert_eq!(came.len(), 40);
    for (at, prompt) in came.iter().enumerate() {
        let turn: usize = prompt.trim_start_matches("picture ").parse().unwrap();
        assert!(at.abs_diff(turn) <= PLACES as usize, "{at}: {prompt}");
    }
}

/// One that is ordered first has the only place, and may order nothing before the jobs that an earlier run left are over.
#[tokio::test]
async fn what_an_earlier_run_left_gets_a_place_before_those_who_wait_for_it() {
    let show = Production::new();
    show.tools.shop.stands([Stands::Pending, Stands::Pending]);
    let mut setup = allowed("1");
    let (cancel, polled) = (setup.cancel.clone(), AtomicU32::new(0));
    setup.spending.boundary = Some(Arc::new(move |boundary| {
        if boundary == "polled" && polled.fetch_add(1, Ordering::SeqCst) == 1 {
            cancel.cancel();
        }
    }));
    let left = show
        .perform(setup, async |run| run.all(orders(3).skip(1)).await)
        .await;
    assert!(matches!(left.result, Err(EngineError::Cancelled)));
    let wanted = [(JobState::Submitted, PRICE), (JobState::Submitted, PRICE)];
    assert_eq!(books(&show).await, wanted);
    // Fewer places than there are jobs.
    show.tools.shop.quick(1, 1);
    let run = show
        .perform(allowed("1"), async |run| run.all(orders(3)).await)
        .await;
    assert_eq!(run.summary.status, RunStatus::Complete);
    assert_eq!(show.tools.shop.paid().len(), 3);
}
