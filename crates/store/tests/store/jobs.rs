//! Orders that cost money: reservations under budgets, and a process that lost its lock.

use workprint_model::show::Budget;
use workprint_model::{Digest, EpisodeId, Money, Slot};
use workprint_store::{JobState, KeepPolicy, NewJob, Reserved, Store, StoreError};

use crate::production::{NOON, Production};

fn budget(text: &str) -> Budget {
    serde_json::from_str(text).unwrap()
}

pub(crate) fn job(name: &str, run: u64, micros: i64) -> NewJob {
    NewJob {
        key: Digest::of(name.as_bytes()),
        kind: "generate".to_owned(),
        slot: Slot::new("generate", name),
        episode: "pilot".parse::<EpisodeId>().unwrap(),
        run,
        vendor: "fal".to_owned(),
        model: "flux".to_owned(),
        account: "fal by the variable `FAL_KEY`".to_owned(),
        server: None,
        instead: None,
        most: Money::from_micros(micros),
        others: 1000,
    }
}

async fn taken(store: &Store) -> i64 {
    let jobs = store.jobs().await.unwrap();
    jobs.iter().map(|job| job.charge.micros).sum()
}

#[tokio::test]
async fn runs_side_by_side_never_spend_a_millionth_too_much() {
    let production = Production::new();
    let store = production.open().await;
    let budget = budget(r#"{"show": 0.1}"#);
    let all = (0..60).map(|n| {
        let (store, budget) = (store.clone(), budget);
        async move {
            let mut job = job(&format!("s{n}"), n % 2 + 1, 3001);
            if n % 2 == 1 {
                job.episode = "second".parse().unwrap();
            }
            store.reserve(&job, &budget).await.unwrap()
        }
    });
    let mut tasks = tokio::task::JoinSet::new();
    all.for_each(|one| drop(tasks.spawn(one)));
    let reserved = tasks.join_all().await;
    let jobs = reserved
        .iter()
        .filter(|one| matches!(one, Reserved::Job(_)));
    // 33 of 0.003001 dollars are 0.099033; one more would be 0.102034.
    assert_eq!(jobs.count(), 33);
    assert_eq!(taken(&store).await, 33 * 3001);
    let refused = reserved
        .into_iter()
        .find(|one| !matches!(one, Reserved::Job(_)));
    let taken = Money::from_micros(99_033);
    let limit = Money::from_micros(100_000);
    assert_eq!(
        refused,
        Some(Reserved::NoRoom {
            budget: Some(("show", limit)),
            taken
        })
    );
}

#[tokio::test]
async fn each_budget_counts_its_own() {
    let production = Production::new();
    let store = production.open().await;
    let refused = async |job: &NewJob, text: &str| match store.reserve(job, &budget(text)).await {
        Ok(Reserved::NoRoom { budget, .. }) => budget.map_or("none", |budget| budget.0),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&job("a", 1, 1), "{}").await, "none");
    let free = store.reserve(&job("free", 1, 0), &Budget::default()).await;
    assert!(matches!(free, Ok(Reserved::Job(_))));
    let room = budget(r#"{"run": 1}"#);
    assert!(matches!(
        store.reserve(&job("a", 1, 1_000_000), &room).await,
        Ok(Reserved::Job(_))
    ));
    assert_eq!(
        refused(&job("b", 1, 1), r#"{"run": 1, "show": 9}"#).await,
        "run"
    );
    assert_eq!(
        refused(&job("b", 2, 1), r#"{"run": 1, "episode": 1}"#).await,
        "episode"
    );
    assert_eq!(
        refused(&job("b", 2, 1), r#"{"run": 1, "day": 1}"#).await,
        "day"
    );
    let other = NewJob {
        episode: "second".parse().unwrap(),
        ..job("b", 2, 1)
    };
    let allowed = budget(r#"{"run": 1, "episode": 1}"#);
    assert!(matches!(
        store.reserve(&other, &allowed).await,
        Ok(Reserved::Job(_))
    ));
}

#[tokio::test]
async fn what_a_job_cost_takes_the_place_of_what_was_reserved() {
    let production = Production::new();
    let store = production.open().await;
    let room = budget(r#"{"show": 1}"#);
    let reserve = async |name: &str| match store.reserve(&job(name, 1, 500_000), &room).await {
        Ok(Reserved::Job(id)) => id,
        other => panic!("{other:?}"),
    };
    let (first, second) = (reserve("a").await, reserve("b").await);
    assert!(matches!(
        store.reserve(&job("c", 1, 1), &room).await,
        Ok(Reserved::NoRoom { .. })
    ));
    store.job_submitted(first, "there-1").await.unwrap();
    let blob = store.keep_bytes(b"picture", "image/png").unwrap();
    let cost = Money::from_micros(123_456);
    store
        .job_fetched(first, std::slice::from_ref(&blob), cost)
        .await
        .unwrap();
    store
        .job_failed(second, "refused", Money::ZERO)
        .await
        .unwrap();
    assert_eq!(taken(&store).await, 123_456);
    // Twice, late, and out of order: nothing changes.
    let moved = |result| matches!(result, Err(StoreError::JobMoved { .. }));
    assert!(moved(store.job_submitted(first, "there-2").await));
    assert!(moved(store.job_fetched(first, &[], Money::ZERO).await));
    assert!(moved(store.job_failed(second, "again", cost).await));
    assert!(moved(store.job_parked(second, "late").await));
    let found = store.open_job(&Digest::of(b"a")).await.unwrap().unwrap();
    assert_eq!(
        (found.state, found.remote.as_deref()),
        (JobState::Fetched, Some("there-1"))
    );
    assert_eq!(found.artifacts, [blob]);
    assert_eq!(store.open_job(&Digest::of(b"b")).await.unwrap(), None);
    reserve("b").await;
}

/// What a budget that allows nothing says is taken of it.
async fn taken_of(store: &Store, name: &str, probe: &NewJob) -> i64 {
    let nothing = budget(&format!(r#"{{"{name}": 0}}"#));
    let refused = store.reserve(probe, &nothing).await.unwrap();
    let Reserved::NoRoom { taken, .. } = refused else {
        unreachable!("{refused:?}");
    };
    taken.micros
}

#[tokio::test]
async fn what_is_kept_as_spent_is_what_all_jobs_cost() {
    const DAY: i64 = 86_400_000;
    let production = Production::new();
    let room = budget(r#"{"show": 100}"#);
    for day in 0..3 {
        let store = production.open_at(NOON + day * DAY).await;
        for n in 0..12 {
            let mut job = job(
                &format!("{day} {n}"),
                1 + n as u64 % 4,
                1000 + day * 100 + n,
            );
            if n % 3 == 0 {
                job.episode = "second".parse().unwrap();
            }
            let Ok(Reserved::Job(id)) = store.reserve(&job, &room).await else {
                panic!("not reserved");
            };
            match n % 5 {
                0 => store
                    .job_failed(id, "lost", Money::from_micros(n))
                    .await
                    .unwrap(),
                1 => store
                    .job_fetched(id, &[], Money::from_micros(7 * n))
                    .await
                    .unwrap(),
                2 => store.job_submitted(id, "there").await.unwrap(),
                3 => store.job_parked(id, "who knows").await.unwrap(),
                _ => {}
            }
        }
        let jobs = store.jobs().await.unwrap();
        let sum = |wanted: &dyn Fn(&workprint_store::Job) -> bool| {
            let own = jobs.iter().filter(|job| wanted(job));
            own.map(|job| job.charge.micros).sum::<i64>()
        };
        for (episode, run) in [("pilot", 1), ("second", 4), ("third", 9)] {
            let mut probe = job("probe", run, 1);
            probe.episode = episode.parse().unwrap();
            let today = NOON + day * DAY;
            let found = [
                taken_of(&store, "show", &probe).await,
                taken_of(&store, "episode", &probe).await,
                taken_of(&store, "day", &probe).await,
                taken_of(&store, "run", &probe).await,
            ];
            let wanted = [
                sum(&|_| true),
                sum(&|job| job.episode.as_str() == episode),
                sum(&|job| job.created_at == today),
                sum(&|job| job.run == run),
            ];
            assert_eq!(found, wanted, "{episode}, run {run}, day {day}");
        }
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_job_that_is_sent_late_says_when() {
    let production = Production::new();
    let room = budget(r#"{"show": 1}"#);
    let store = production.open().await;
    let Ok(Reserved::Job(id)) = store.reserve(&job("a", 1, 5), &room).await else {
        panic!("not reserved");
    };
    store.close().await.unwrap();
    let store = production.open_at(NOON + 60_000).await;
    store.job_late(id).await.unwrap();
    let found = store.job(id).await.unwrap().unwrap();
    assert_eq!(
        (found.state, found.created_at, found.changed_at),
        (JobState::Intent, NOON, NOON + 60_000)
    );
    store.job_submitted(id, "there").await.unwrap();
    let late = store.job_late(id).await;
    assert!(matches!(late, Err(StoreError::JobMoved { .. })));
}

#[tokio::test]
async fn jobs_under_way_take_places_after_a_restart() {
    let production = Production::new();
    let room = budget(r#"{"show": 1}"#);
    let beside = |name: &str, run: u64, others: u32| NewJob {
        others,
        ..job(name, run, 1)
    };
    let store = production.open().await;
    for name in ["a", "b"] {
        assert!(matches!(
            store.reserve(&beside(name, 1, 0), &room).await,
            Ok(Reserved::Job(_))
        ));
    }
    store.close().await.unwrap();
    let store = production.open().await;
    let full = store.reserve(&beside("c", 2, 1), &room).await.unwrap();
    assert_eq!(full, Reserved::Full);
    let other = NewJob {
        account: "another".to_owned(),
        ..beside("c", 2, 1)
    };
    for job in [other, beside("d", 2, 2)] {
        let reserved = store.reserve(&job, &room).await;
        assert!(matches!(reserved, Ok(Reserved::Job(_))));
    }
}

#[tokio::test]
async fn one_that_lost_its_lock_changes_nothing_more() {
    let production = Production::new();
    let room = budget(r#"{"show": 1}"#);
    let zombie = production.open().await;
    let Ok(Reserved::Job(id)) = zombie.reserve(&job("a", 1, 5), &room).await else {
        panic!("not reserved");
    };
    zombie.still_writes().await.unwrap();
    // Somebody takes the lock's file away; the next one gets a new one.
    std::fs::remove_file(production.root().join(".workprint/lock")).unwrap();
    let store = production.open().await;
    let before = store.dump().await.unwrap();
    let late = |result: Result<(), StoreError>| {
        assert!(
            matches!(result, Err(StoreError::Superseded { .. })),
            "{result:?}"
        );
    };
    late(zombie.still_writes().await);
    late(zombie.reserve(&job("b", 1, 5), &room).await.map(drop));
    late(zombie.job_submitted(id, "there").await);
    late(
        zombie
            .record_attempt(&Digest::of(b"a"), "x", 0)
            .await
            .map(drop),
    );
    late(zombie.clear_attempts(&Digest::of(b"a")).await);
    late(zombie.forget(&[Digest::of(b"a")]).await);
    late(
        zombie
            .begin_run(&"pilot".parse().unwrap(), "main", "zombie")
            .await
            .map(drop),
    );
    late(
        zombie
            .push_choice(&"pilot".parse().unwrap(), &Slot::from("a/b"), None)
            .await,
    );
    assert_eq!(store.dump().await.unwrap(), before);
    store.job_submitted(id, "there").await.unwrap();
}

#[tokio::test]
async fn what_was_bought_is_not_garbage() {
    let production = Production::new();
    let room = budget(r#"{"show": 1}"#);
    let store = production.open().await;
    let Ok(Reserved::Job(id)) = store.reserve(&job("a", 1, 5), &room).await else {
        panic!("not reserved");
    };
    store.job_submitted(id, "there").await.unwrap();
    let blob = store.keep_bytes(b"picture", "image/png").unwrap();
    store
        .job_fetched(id, std::slice::from_ref(&blob), Money::ZERO)
        .await
        .unwrap();
    store.close().await.unwrap();
    let month = 30 * 86_400_000;
    let store = production.open_at(NOON + month).await;
    let plan = store
        .plan_gc(&std::collections::BTreeSet::new(), &KeepPolicy::default())
        .await
        .unwrap();
    assert_eq!(plan.blobs, []);
    assert!(store.has(&blob));
}
