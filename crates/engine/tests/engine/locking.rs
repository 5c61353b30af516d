//! How runs read and write the lock.

use workprint_engine::{EngineError, Run, key_of};
use workprint_model::Digest;
use workprint_model::lock::{Lock, LockedTake};
use workprint_model::step::StepState;

use crate::production::{Production, Setup, counts, film};
use crate::toys::{Say, Take, Tools, Trouble, learn, say};

const LINES: &[(&str, &str)] = &[("c1", "Hello."), ("c2", "Bye.")];
const EDITED: &[(&str, &str)] = &[("c1", "Hello!"), ("c2", "Bye.")];

async fn first_film(run: &Run<Tools>) -> Result<Take, EngineError> {
    film(run, LINES).await
}

/// A production whose film was made, and its lock.
async fn made() -> (Production, Lock) {
    let show = Production::new();
    let run = show.perform(Setup::default(), first_film).await;
    show.tools.performed();
    (show, run.lock.unwrap())
}

fn pin(mut lock: Lock, slot: &str) -> Lock {
    lock.slots.get_mut(slot).unwrap().pinned = true;
    lock
}

#[tokio::test]
async fn takes_are_locked_with_their_recipes() {
    let (show, lock) = made().await;
    let step = say("c1", "Hello.");
    let take = LockedTake {
        digest: Digest::of(b"Hello."),
        key: Some(key_of(&step)),
        engine: Some("toy 1".to_owned()),
        seed: Some(7),
        recipe: Some(workprint_model::json::value_of(&step).unwrap()),
        file: None,
        instead: None,
        pinned: false,
    };
    assert_eq!(lock.slots["voice/c1"], take);
    // A mix is no take.
    assert_eq!(lock.slots.len(), 2);

    let again = show.perform(Setup::locked(lock.clone()), first_film).await;
    assert_eq!((again.lock, again.lock_of_part), (None, None));
    // Where the lock is missing it is written from what is kept.
    let without = show.perform(Setup::default(), first_film).await;
    assert_eq!(without.lock.unwrap(), lock);
    assert!(show.tools.performed().is_empty());
}

/// Three takes, of which the second fills the slot.
async fn of_three(run: &Run<Tools>) -> Result<Take, EngineError> {
    assert!(!run.is_pinned(&"voice/c1".into()));
    let several = ["Hello.", "Hallo.", "Hullo."].map(|text| Say {
        candidate: true,
        ..say("c1", text)
    });
    let takes = run.all(several).await?;
    run.fill(
        &say("c1", "Hallo."),
        &say("c1", "Hallo."),
        takes[1].text.digest,
    );
    Ok(takes[1].clone())
}

#[tokio::test]
async fn of_candidates_the_lock_has_the_one_that_fills_the_slot() {
    let show = Production::new();
    for performed in [3, 0] {
        let run = show.perform(Setup::default(), of_three).await;
        assert_eq!(show.tools.performed().len(), performed);
        let lock = run.lock.unwrap();
        assert_eq!(lock.slots["voice/c1"].digest, Digest::of(b"Hallo."));
        assert_eq!(lock.slots.len(), 1);
    }
}

#[tokio::test]
async fn an_unpinned_take_follows_the_manifest() {
    let (show, lock) = made().await;
    let run = show
        .perform(Setup::locked(lock.clone()), async |run| {
            film(run, EDITED).await
        })
        .await;
    let after = run.lock.unwrap();
    assert_eq!(after.slots["voice/c1"].digest, Digest::of(b"Hello!"));
    assert_eq!(after.slots["voice/c2"], lock.slots["voice/c2"]);
    assert_eq!(run.lock_of_part.unwrap(), after);
}

#[tokio::test]
async fn a_pinned_take_stays_whatever_the_manifest_says() {
    let (show, lock) = made().await;
    let lock = pin(lock, "voice/c1");
    let edited = async |run: &Run<Tools>| film(run, EDITED).await;
    let plan = show.plan(Setup::locked(lock.clone()), edited).await;
    assert_eq!(plan.summary.steps, counts(3, 0, 0, 0));
    let run = show.perform(Setup::locked(lock.clone()), edited).await;
    assert!(show.tools.performed().is_empty());
    assert_eq!(run.lock, None);

    // In another checkout, without the vault, it is made again from its recipe.
    let elsewhere = Production::new();
    let run = elsewhere.perform(Setup::locked(lock.clone()), edited).await;
    assert_eq!(
        elsewhere.tools.performed(),
        ["mix/main", "voice/c1", "voice/c2"]
    );
    assert_eq!(run.lock, None);
    assert!(run.diagnostics().is_empty());
}

#[tokio::test]
async fn a_pinned_recipe_that_cannot_be_read_is_told_and_passed_over() {
    let (show, lock) = made().await;
    let mut lock = pin(lock, "voice/c1");
    let take = lock.slots.get_mut("voice/c1").unwrap();
    take.recipe = Some(serde_json::json!({ "text": 7 }));
    let run = show
        .perform(Setup::locked(lock), async |run| {
            film(run, EDITED).await?;
            film(run, EDITED).await
        })
        .await;
    let told = run.diagnostics();
    assert_eq!(told.len(), 1, "it is told once");
    assert_eq!(run.lock, None, "what a person pinned stays");
    assert_eq!(told[0].code, "lock.pin-unreadable");
    assert!(told[0].message.contains("`voice/c1`"), "{told:?}");
    assert_eq!(show.tools.performed(), ["mix/main", "voice/c1"]);
}

#[tokio::test]
async fn a_pinned_file_is_named_by_the_step_as_given() {
    let (show, lock) = made().await;
    let mut lock = pin(lock, "voice/c1");
    let take = lock.slots.get_mut("voice/c1").unwrap();
    take.file = Some("media/hello.wav".parse().unwrap());
    let run = show
        .perform(Setup::locked(lock), async |run| film(run, EDITED).await)
        .await;
    let after = &run.lock.unwrap().slots["voice/c1"];
    assert_eq!(after.digest, Digest::of(b"Hello!"));
    assert!(after.pinned && after.file.is_some());
}

#[tokio::test]
async fn slots_that_vanished_are_dropped_from_the_lock_of_a_whole_episode() {
    let (show, lock) = made().await;
    let short = async |run: &Run<Tools>| run.step(say("c2", "Bye.")).await;
    let run = show.perform(Setup::locked(lock.clone()), short).await;
    assert_eq!(run.lock_of_part, None, "a part says nothing of the rest");
    let after = run.lock.unwrap();
    assert_eq!(after.slots.keys().collect::<Vec<_>>(), ["voice/c2"]);

    let pinned = pin(lock.clone(), "voice/c1");
    let run = show.perform(Setup::locked(pinned), short).await;
    assert_eq!(run.lock, None);
    let mut added = lock;
    let take = added.slots.get_mut("voice/c1").unwrap();
    take.file = Some("media/hello.wav".parse().unwrap());
    let run = show.perform(Setup::locked(added), short).await;
    assert_eq!(run.lock, None);
}

#[tokio::test]
async fn a_slot_whose_step_failed_keeps_its_take() {
    let (show, lock) = made().await;
    show.tools.script("voice/c1", [Trouble::Fails]);
    let run = show
        .perform(Setup::locked(lock), async |run| film(run, EDITED).await)
        .await;
    assert_eq!(run.summary.steps.failed, 1);
    assert_eq!(run.lock, None);
}

#[tokio::test]
async fn other_bytes_than_the_lock_says_are_told() {
    let (_, lock) = made().await;
    let elsewhere = Production::new();
    elsewhere.tools.script("voice/c2", [Trouble::Gives("Bye?")]);
    let run = elsewhere
        .perform(Setup::locked(lock.clone()), first_film)
        .await;
    let told = run.diagnostics();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].code, "lock.not-reproduced");
    for part in [
        "`voice/c2`",
        &Digest::of(b"Bye.").short(),
        &Digest::of(b"Bye?").short(),
    ] {
        assert!(
            told[0].message.contains(part),
            "{part}: {}",
            told[0].message
        );
    }
    let after = run.lock.unwrap();
    assert_eq!(after.slots["voice/c1"], lock.slots["voice/c1"]);
    assert_eq!(after.slots["voice/c2"].digest, Digest::of(b"Bye?"));
}

/// What is learned of the lines, about a subject.
async fn taught(
    run: &Run<Tools>,
    subject: &str,
    lines: &[(&str, &str)],
) -> Result<Take, EngineError> {
    let takes = run.all(lines.iter().map(|(slot, text)| say(slot, text)));
    run.step(learn(subject, &takes.await?)).await
}

#[tokio::test]
async fn what_was_learned_stays_until_it_is_let_go_or_its_subject_changes() {
    let show = Production::new();
    let first = async |run: &Run<Tools>| taught(run, "ann", LINES).await;
    let run = show.perform(Setup::default(), first).await;
    let (lock, learned) = (run.lock.unwrap(), run.result.unwrap());
    show.tools.performed();

    let edited = async |run: &Run<Tools>| taught(run, "ann", EDITED).await;
    let plan = show.plan(Setup::locked(lock.clone()), edited).await;
    let planned: Vec<(&str, StepState)> = plan.lines().iter().map(|l| (l.0, l.1)).collect();
    assert!(
        planned.contains(&("learned/all", StepState::Kept)),
        "{planned:?}"
    );
    let run = show.perform(Setup::locked(lock.clone()), edited).await;
    assert_eq!(show.tools.performed(), ["voice/c1"]);
    assert_eq!(run.result.unwrap(), learned);
    let after = run.lock.unwrap();
    assert_eq!(after.slots["learned/all"], lock.slots["learned/all"]);

    // Another subject, and one that a person let go of, are learned from the lines of today.
    let other = async |run: &Run<Tools>| taught(run, "bo", EDITED).await;
    show.perform(Setup::locked(after.clone()), other).await;
    assert_eq!(show.tools.performed(), ["learned/all"]);
    let mut free = after;
    free.slots.remove("learned/all");
    let run = show.perform(Setup::locked(free), edited).await;
    assert_eq!(show.tools.performed(), ["learned/all"]);
    assert_ne!(run.result.unwrap(), learned);
}

#[tokio::test]
async fn what_was_learned_is_learned_again_from_the_lock_or_that_is_told() {
    let show = Production::new();
    let first = async |run: &Run<Tools>| taught(run, "ann", LINES).await;
    let run = show.perform(Setup::default(), first).await;
    let (lock, learned) = (run.lock.unwrap(), run.result.unwrap());

    // Without the vault: what it was learned from is made again, and one line is new.
    let elsewhere = Production::new();
    let more = [LINES, &[("c3", "And more.")]].concat();
    let run = elsewhere
        .perform(Setup::locked(lock.clone()), async |run| {
            taught(run, "ann", &more).await
        })
        .await;
    assert!(run.diagnostics().is_empty());
    assert_eq!(run.result.unwrap(), learned);

    // What it was learned from cannot be had any more.
    let elsewhere = Production::new();
    let edited = async |run: &Run<Tools>| taught(run, "ann", EDITED).await;
    let run = elsewhere.perform(Setup::locked(lock), edited).await;
    let told: Vec<&str> = run.diagnostics().iter().map(|d| d.code.as_str()).collect();
    assert_eq!(told, ["lock.take-lost"]);
    assert_ne!(run.result.unwrap(), learned);
}
