use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;
use workprint_model::{Digest, Slot};

use crate::production::{Production, key, speak, voice};

#[tokio::test]
async fn ten_thousand_keys_find_exactly_their_steps() {
    let production = Production::new();
    let store = production.open().await;
    let even = (0..500).map(|n| n * 2);
    for n in even {
        let mut record = voice(&format!("voice/c{n}"), &n.to_string(), vec![]);
        record.output = json!({ "n": n });
        store.record(&record, 0).await.unwrap();
    }
    let keys: Vec<Digest> = (0..10_000).map(|n: u32| key(&n.to_string())).collect();
    let found = store.find_steps(&keys).await.unwrap();
    assert_eq!(found.len(), 500);
    for n in 0..10_000u32 {
        let kept = found.get(&key(&n.to_string()));
        let expected = (n < 1000 && n % 2 == 0).then(|| json!({ "n": n }).to_string());
        assert_eq!(kept.map(|kept| &kept.output), expected.as_ref(), "{n}");
    }

    let slots: Vec<Slot> = (0..10_000)
        .map(|n: u32| Slot::new("voice", format!("c{n}")))
        .collect();
    let last = store.last_in_slot(&slots).await.unwrap();
    assert_eq!(last.len(), 500);
    assert_eq!(last[&Slot::from("voice/c998")].key, key("998"));
}

#[tokio::test]
async fn light_and_heavy_outputs_are_found_alike() {
    let production = Production::new();
    let store = production.open().await;
    let mut keys = Vec::new();
    for length in [0, 10, 65_000, 65_536, 70_000, 3_000_000] {
        let mut record = voice("voice/c1", &length.to_string(), vec![]);
        record.output = json!("two\nlines\r\n".repeat(length / 10));
        record.artifacts = vec![store.keep_bytes(b"x", "odd\n\"type\"").unwrap()];
        store.record(&record, 0).await.unwrap();
        keys.push((record.key, record.output, record.artifacts));
    }
    let asked: Vec<Digest> = keys.iter().map(|(key, ..)| *key).collect();
    let twice = [asked.clone(), asked].concat();
    let found = store.find_steps(&twice).await.unwrap();
    assert_eq!(found.len(), 6);
    for (key, output, artifacts) in keys {
        assert_eq!(found[&key].output, output.to_string());
        assert_eq!(found[&key].artifacts, artifacts);
    }
    assert!(store.find_steps(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_record_comes_back_as_it_was() {
    let production = Production::new();
    let store = production.open().await;
    let mut record = voice(
        "voice/c1",
        "one",
        vec![
            store
                .keep_bytes(b"second in order of digests", "audio/wav")
                .unwrap(),
            store.keep_bytes(b"first", "text/vtt").unwrap(),
            store.keep_bytes(b"", "text/plain").unwrap(),
        ],
    );
    record.inputs = vec![key("b"), key("a"), key("b")];
    record.output =
        json!({ "π": 0.1 + 0.2, "tiny": 5e-324, "text": "'\"\\ \u{0} 🎬", "n": u64::MAX });
    record.seed = Some(u32::MAX);
    record.licence = Some("CC-BY-4.0".to_owned());
    store.record(&record, 0).await.unwrap();
    assert_eq!(store.step(&record.key).await.unwrap(), Some(record.clone()));
    let found = store.find_steps(&[record.key]).await.unwrap();
    assert_eq!(found[&record.key].output, record.output.to_string());
    assert_eq!(found[&record.key].artifacts, record.artifacts);
    assert_eq!(
        store.maker_of(&record.artifacts[1].digest).await.unwrap(),
        [record.clone()]
    );
    assert_eq!(store.readers_of(&key("a")).await.unwrap(), [record.clone()]);
    assert_eq!(store.steps_in("voice/").await.unwrap(), [record]);
    assert_eq!(store.steps_in("voice/c11").await.unwrap(), []);
}

#[tokio::test]
async fn forgetting_hides_and_recording_revives() {
    let production = Production::new();
    let store = production.open().await;
    speak(&store, "voice/c1", "one", b"sound").await;
    store.forget(&[key("one"), key("unknown")]).await.unwrap();
    assert!(store.find_steps(&[key("one")]).await.unwrap().is_empty());
    let slot = Slot::from("voice/c1");
    assert_eq!(store.takes(&slot).await.unwrap().len(), 1);
    assert!(
        store
            .last_in_slot(std::slice::from_ref(&slot))
            .await
            .unwrap()[&slot]
            .forgotten
    );

    speak(&store, "voice/c1", "one", b"sound").await;
    assert_eq!(store.find_steps(&[key("one")]).await.unwrap().len(), 1);
    assert_eq!(store.takes(&slot).await.unwrap().len(), 1, "the same take");
}

#[tokio::test]
async fn another_result_of_the_same_key_is_another_take() {
    let production = Production::new();
    let store = production.open().await;
    let first = speak(&store, "voice/c1", "one", b"take 1").await;
    store.forget(&[key("one")]).await.unwrap();
    let second = speak(&store, "voice/c1", "one", b"take 2").await;
    let takes = store.takes(&Slot::from("voice/c1")).await.unwrap();
    let made: Vec<_> = takes.iter().map(|take| &take.artifacts[0]).collect();
    assert_eq!(made, [&first, &second]);
    assert_eq!(
        store.find_steps(&[key("one")]).await.unwrap()[&key("one")].artifacts,
        [second]
    );

    speak(&store, "voice/c1", "one", b"take 1").await;
    assert_eq!(
        store.find_steps(&[key("one")]).await.unwrap()[&key("one")].artifacts,
        [first]
    );
    assert_eq!(store.takes(&Slot::from("voice/c1")).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_slot_knows_what_filled_it_last_also_when_it_was_kept() {
    let production = Production::new();
    let store = production.open().await;
    let slot = Slot::from("voice/c1");
    speak(&store, "voice/c1", "one", b"1").await;
    speak(&store, "voice/c1", "two", b"2").await;
    let last = async || {
        let mut last = store
            .last_in_slot(std::slice::from_ref(&slot))
            .await
            .unwrap();
        let params = last.remove(&slot).unwrap().params;
        serde_json::from_str::<serde_json::Value>(&params).unwrap()
    };
    assert_eq!(last().await, json!({ "text": "two" }));
    // The text was changed back, so that the first take is used again, also for another line.
    let other = Slot::from("voice/c9");
    store
        .mark_used(&[
            (slot.clone(), key("one")),
            (other.clone(), key("one")),
            (other.clone(), key("unknown")),
        ])
        .await
        .unwrap();
    assert_eq!(last().await, json!({ "text": "one" }));
    let takes = store.takes(&other).await.unwrap();
    assert_eq!(takes.len(), 1);
    assert_eq!(takes[0].slot, slot, "the slot it was made for");
}

#[tokio::test]
async fn a_recipe_reaches_back_to_the_first_step() {
    let production = Production::new();
    let store = production.open().await;
    let sound = speak(&store, "voice/c1", "one", b"voice").await;
    speak(&store, "voice/c2", "unrelated", b"other").await;
    let mut mix = voice(
        "mix/main",
        "mix",
        vec![store.keep_bytes(b"mix", "audio/wav").unwrap()],
    );
    mix.inputs = vec![sound.digest];
    store.record(&mix, 0).await.unwrap();
    let mut master = voice("master/main", "master", vec![]);
    master.artifacts = vec![store.keep_bytes(b"film", "video/mp4").unwrap()];
    master.inputs = vec![mix.artifacts[0].digest, key("a file of the user")];
    store.record(&master, 0).await.unwrap();

    let recipe = store.recipe_of(&master.artifacts[0].digest).await.unwrap();
    let slots: Vec<&str> = recipe.iter().map(|step| step.slot.as_str()).collect();
    assert_eq!(slots, ["voice/c1", "mix/main", "master/main"]);
}

#[tokio::test]
async fn a_failed_write_is_undone_and_the_next_one_works() {
    let production = Production::new();
    let store = production.open().await;
    let record = voice("voice/c1", "one", vec![]);
    let error = store.record(&record, 999).await.unwrap_err();
    assert!(error.to_string().contains("record a step"), "{error}");
    speak(&store, "voice/c2", "two", b"x").await;
    let made = store.steps_in("voice/").await.unwrap();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].key, key("two"));
}

#[tokio::test]
async fn a_dropped_write_is_undone_and_the_next_one_works() {
    let production = Production::new();
    let store = production.open().await;
    for n in 0..50u32 {
        let record = voice(&format!("voice/c{n}"), &n.to_string(), vec![]);
        let write = store.record(&record, 0);
        // Stops waiting after a few steps of the write, at another place each time.
        let mut write = Box::pin(write);
        for _ in 0..n % 12 {
            let step = std::future::poll_fn(|context| {
                let polled = write.as_mut().poll(context);
                std::task::Poll::Ready(polled.is_ready())
            });
            if step.await {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(write);
    }
    let keys: Vec<Digest> = (0..50u32).map(|n| key(&n.to_string())).collect();
    let whole: BTreeSet<Digest> = store.find_steps(&keys).await.unwrap().into_keys().collect();
    let in_slots = store.steps_in("voice/").await.unwrap();
    assert_eq!(whole, in_slots.iter().map(|step| step.key).collect());
    for step in &in_slots {
        assert_eq!(
            store.takes(&step.slot).await.unwrap().len(),
            1,
            "no half-written step"
        );
    }
    speak(&store, "voice/last", "last", b"x").await;
    assert_eq!(store.find_steps(&[key("last")]).await.unwrap().len(), 1);
}

/// What a step may do to the ledger.
#[derive(Debug, Clone)]
enum Act {
    Record { key: u8, result: u8 },
    Forget { key: u8 },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        (0..4u8, 0..3u8).prop_map(|(key, result)| Act::Record { key, result }),
        (0..4u8).prop_map(|key| Act::Forget { key }),
    ];
    prop::collection::vec(act, 0..24)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_key_finds_its_latest_result_unless_forgotten(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let production = Production::new();
            let store = production.open().await;
            let mut expected = std::collections::BTreeMap::new();
            let mut results = BTreeSet::new();
            for act in acts {
                match act {
                    Act::Record { key: k, result } => {
                        let mut record = voice("voice/c1", &k.to_string(), vec![]);
                        record.output = json!(result);
                        store.record(&record, 0).await.unwrap();
                        expected.insert(key(&k.to_string()), json!(result).to_string());
                        results.insert((k, result));
                    }
                    Act::Forget { key: k } => {
                        store.forget(&[key(&k.to_string())]).await.unwrap();
                        expected.remove(&key(&k.to_string()));
                    }
                }
                let keys: Vec<Digest> = (0..4u8).map(|k| key(&k.to_string())).collect();
                let found = store.find_steps(&keys).await.unwrap();
                let found = found.into_iter().map(|(key, kept)| (key, kept.output)).collect();
                assert_eq!(expected, found);
            }
            let takes = store.takes(&Slot::from("voice/c1")).await.unwrap();
            assert_eq!(takes.len(), results.len());
        });
    }
}
