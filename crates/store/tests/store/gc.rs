use std::collections::BTreeSet;

use workprint_model::lock::LockedTake;
use workprint_model::{Artifact, Digest, Slot};
use workprint_store::{FinalFile, KeepPolicy, Store, StoreError};

use crate::production::{NOON, Production, key, pilot, speak, voice};

const DAY: i64 = 24 * 3_600_000;

fn policy() -> KeepPolicy {
    KeepPolicy {
        grace_ms: DAY,
        ..KeepPolicy::default()
    }
}

/// What a collection removes, by digest.
async fn collect(store: &Store, roots: &[Digest], policy: &KeepPolicy) -> BTreeSet<Digest> {
    let roots = roots.iter().copied().collect();
    let plan = store.plan_gc(&roots, policy).await.unwrap();
    let done = store.run_gc(&plan).await.unwrap();
    assert_eq!(plan, done);
    assert_eq!(
        done.total,
        done.blobs.iter().map(|(_, bytes)| bytes).sum::<u64>()
    );
    done.blobs.into_iter().map(|(digest, _)| digest).collect()
}

/// A production whose line was spoken three times, each before by a week.
async fn three_takes(production: &Production) -> (Artifact, Artifact, Artifact) {
    let store = production.open().await;
    let first = speak(&store, "voice/c1", "one", b"take 1").await;
    let second = speak(&store, "voice/c1", "two", b"take 2").await;
    let third = speak(&store, "voice/c1", "three", b"take 3").await;
    store.close().await.unwrap();
    (first, second, third)
}

#[tokio::test]
async fn old_takes_go_and_the_latest_stays() {
    let production = Production::new();
    let (first, second, third) = three_takes(&production).await;
    let store = production.open_at(NOON + 7 * DAY).await;
    let removed = collect(&store, &[], &policy()).await;
    assert_eq!(removed, BTreeSet::from([first.digest, second.digest]));
    assert!(!store.has(&first));
    assert!(store.has(&third));
    // Their rows stay, but no key leads to them.
    assert_eq!(store.takes(&Slot::from("voice/c1")).await.unwrap().len(), 3);
    assert_eq!(
        store
            .find_steps(&[key("one"), key("three")])
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(store.verify().await.unwrap().is_clean());
    assert!(collect(&store, &[], &policy()).await.is_empty());
}

#[tokio::test]
async fn roots_keys_and_undo_keep_their_takes() {
    let production = Production::new();
    let (first, second, _) = three_takes(&production).await;
    let store = production.open_at(NOON + 7 * DAY).await;
    let locked: LockedTake = serde_json::from_value(serde_json::json!({
        "digest": first.digest, "key": key("one"), "pinned": true,
    }))
    .unwrap();
    let roots = Store::roots_of([&locked]);
    let plan = store.plan_gc(&roots, &policy()).await.unwrap();
    assert_eq!(plan.blobs, [(second.digest, second.bytes)]);

    let by_key = BTreeSet::from([key("two")]);
    let plan = store.plan_gc(&by_key, &policy()).await.unwrap();
    assert_eq!(plan.blobs, [(first.digest, first.bytes)]);

    let live = KeepPolicy {
        live_keys: BTreeSet::from([key("one"), key("two")]),
        ..policy()
    };
    assert!(
        store
            .plan_gc(&BTreeSet::new(), &live)
            .await
            .unwrap()
            .blobs
            .is_empty()
    );
    store.forget(&[key("one")]).await.unwrap();
    let plan = store.plan_gc(&BTreeSet::new(), &live).await.unwrap();
    assert_eq!(plan.blobs, [(first.digest, first.bytes)]);

    let slot = Slot::from("voice/c1");
    store
        .push_choice(&pilot(), &slot, Some(&locked))
        .await
        .unwrap();
    assert!(
        store
            .plan_gc(&BTreeSet::new(), &live)
            .await
            .unwrap()
            .blobs
            .is_empty()
    );
}

#[tokio::test]
async fn a_final_keeps_everything_behind_it() {
    let production = Production::new();
    let store = production.open().await;
    let sound = speak(&store, "voice/c1", "one", b"voice").await;
    let mut mix = voice(
        "mix/main",
        "mix",
        vec![store.keep_bytes(b"mix", "audio/wav").unwrap()],
    );
    mix.inputs = vec![sound.digest];
    store.record(&mix, 0).await.unwrap();
    let film = mix.artifacts[0].clone();
    store
        .record_final(&FinalFile {
            path: "episodes/pilot/final/main.mp4".to_owned(),
            digest: film.digest,
            sealed: None,
            bytes: film.bytes,
            mtime_ns: 5,
            written_at: NOON,
        })
        .await
        .unwrap();
    // Both slots have moved on since.
    speak(&store, "voice/c1", "later", b"voice 2").await;
    let later = speak(&store, "mix/main", "later mix", b"mix 2").await;
    store.close().await.unwrap();

    let store = production.open_at(NOON + 7 * DAY).await;
    assert!(collect(&store, &[], &policy()).await.is_empty());
    assert!(store.has(&sound) && store.has(&film) && store.has(&later));
    let written = store
        .find_final("episodes/pilot/final/main.mp4")
        .await
        .unwrap();
    assert_eq!(written.unwrap().digest, film.digest);
    assert_eq!(store.find_final("elsewhere").await.unwrap(), None);
}

#[tokio::test]
async fn blobs_without_a_row_go_after_their_grace() {
    let production = Production::new();
    let store = production.open().await;
    let orphan = store.keep_bytes(b"its process was killed", "x/y").unwrap();
    assert!(collect(&store, &[], &policy()).await.is_empty());
    store.close().await.unwrap();
    let store = production.open_at(NOON + DAY).await;
    assert!(
        collect(&store, &[], &policy()).await.is_empty(),
        "not older than a day"
    );
    store.close().await.unwrap();
    let store = production.open_at(NOON + DAY + 1).await;
    assert_eq!(
        collect(&store, &[], &policy()).await,
        BTreeSet::from([orphan.digest])
    );
}

#[tokio::test]
async fn a_blob_kept_anew_since_the_plan_stays() {
    let production = Production::new();
    let (first, second, _) = three_takes(&production).await;
    let store = production.open_at(NOON + 7 * DAY).await;
    let plan = store.plan_gc(&BTreeSet::new(), &policy()).await.unwrap();
    assert_eq!(plan.blobs.len(), 2);
    speak(&store, "voice/c1", "one", b"take 1").await;
    let done = store.run_gc(&plan).await.unwrap();
    assert_eq!(done.blobs, [(second.digest, second.bytes)]);
    assert!(store.has(&first));
}

#[tokio::test]
async fn a_run_under_way_is_not_disturbed() {
    let production = Production::new();
    let store = production.open().await;
    let plan = store.plan_gc(&BTreeSet::new(), &policy()).await.unwrap();
    let run = store.begin_run(&pilot(), "main", "test").await.unwrap();
    let error = store.run_gc(&plan).await.unwrap_err();
    assert!(
        matches!(error, StoreError::RunUnderWay { run: held } if held == run),
        "{error}"
    );
}
