//! Takes: added, chosen, pinned, taken back.

use serde_json::{Value, json};
use workprint_tests::Production;

/// The takes of a slot.
fn takes(production: &Production, slot: &str) -> Value {
    let listed = production
        .run(&["takes", "list", "pilot", slot, "--json"])
        .good();
    let listed = listed.json();
    let first = listed.as_array().map_or(&listed, |slots| &slots[0]);
    first.clone()
}

fn voice_of_the_lock(production: &Production, slot: &str) -> String {
    let lock: Value = serde_json::from_str(&production.lock()).unwrap();
    lock["slots"][slot]["digest"].as_str().unwrap().to_owned()
}

#[test]
fn an_added_file_is_used_and_stays_until_it_is_undone() {
    let production = Production::rendered();
    let (film, lock) = (production.film("pilot.mp4"), production.lock());
    let (frames, samples) = (film.frames_md5(), film.samples_md5());

    production.tone("mine.wav", 330, 1500);
    production
        .run(&["takes", "add", "pilot", "voice/c6", "mine.wav"])
        .good();
    let run = production.render(&[]).complete();
    assert_eq!(run.performed("voice"), ["voice/c6".to_owned()].into());
    assert_eq!(run.performed("align"), ["align/c6".to_owned()].into());
    let heard = production.film("pilot.mp4").samples_md5();
    assert_ne!(heard, samples);
    let mine = voice_of_the_lock(&production, "voice/c6");

    // The file stays, whatever the text says; only the words are found anew.
    production.edit_cue("c6", |cue| cue["text"] = "Listen to the rain.".into());
    let run = production.render(&[]).complete();
    assert!(run.performed("voice").is_empty());
    assert_eq!(run.performed("align").len(), 1);
    assert_eq!(voice_of_the_lock(&production, "voice/c6"), mine);
    production.edit_cue("c6", |cue| cue["text"] = "Listen to the wind.".into());

    production
        .run(&["takes", "undo", "pilot", "voice/c6"])
        .good();
    let run = production.render(&[]).complete();
    assert_eq!(run.count("performed"), 0, "{:?}", run.by_kind());
    let film = production.film("pilot.mp4");
    assert!((frames, samples) == (film.frames_md5(), film.samples_md5()));
    assert_eq!(production.lock(), lock);
}

#[test]
fn an_earlier_take_can_be_chosen() {
    let production = Production::rendered();
    let first = voice_of_the_lock(&production, "voice/c6");
    production.edit_cue("c6", |cue| cue["text"] = "Listen to the rain.".into());
    production.render(&[]).complete();
    assert_ne!(voice_of_the_lock(&production, "voice/c6"), first);
    let listed = takes(&production, "voice/c6");
    assert_eq!(listed["takes"].as_array().unwrap().len(), 2, "{listed}");
    assert_eq!(listed["takes"][1]["chosen"], true, "{listed}");

    production
        .run(&["takes", "select", "pilot", "voice/c6", "1"])
        .good();
    let run = production.render(&[]).complete();
    assert!(run.performed("voice").is_empty());
    assert_eq!(voice_of_the_lock(&production, "voice/c6"), first);
    assert_eq!(takes(&production, "voice/c6")["pinned"], true);

    production
        .run(&["takes", "undo", "pilot", "voice/c6"])
        .good();
    let run = production.render(&[]).complete();
    assert_eq!(run.count("performed"), 0, "{:?}", run.by_kind());
    assert_ne!(voice_of_the_lock(&production, "voice/c6"), first);
}

#[test]
fn a_pinned_take_survives_an_edit() {
    let production = Production::rendered();
    let pinned = voice_of_the_lock(&production, "voice/c10");
    production
        .run(&["takes", "pin", "pilot", "voice/c10"])
        .good();
    production.edit_cue("c10", |cue| cue["text"] = "And nobody waits here.".into());
    let run = production.render(&[]).complete();
    assert!(run.performed("voice").is_empty());
    assert_eq!(voice_of_the_lock(&production, "voice/c10"), pinned);
    // Also where the vault is lost: the lock holds the recipe.
    std::fs::remove_dir_all(production.vault()).unwrap();
    let run = production.render(&[]).complete();
    assert!(run.diagnostics("lock.not-reproduced").is_empty());
    assert_eq!(voice_of_the_lock(&production, "voice/c10"), pinned);
}

#[test]
fn a_swapped_picture_can_be_a_take() {
    let production = Production::rendered();
    production.draw("media/stills/99.png", 99);
    production
        .run(&["takes", "add", "pilot", "image/s10", "media/stills/99.png"])
        .good();
    let plan = production.plan(&[]);
    let run = production.render(&[]).complete();
    assert_eq!(run.performed("image"), ["image/s10".to_owned()].into());
    assert_eq!(plan.to_run("chunk"), run.performed("chunk"));
    assert_eq!(
        run.performed("chunk"),
        production.laid("pilot.mp4", &[]).shot("s10")
    );
}

#[test]
fn a_recording_with_its_words_is_heard_and_captioned_by_them() {
    let production = Production::small();
    production.tone("media/long.wav", 330, 4000);
    let words = r#"{"words": [{"word": "before", "start": 0.1, "end": 0.4},
        {"word": "Listen", "start": 1.0, "end": 1.2}, {"word": "to", "start": 1.2, "end": 1.3},
        {"word": "the", "start": 1.3, "end": 1.5}, {"word": "wind", "start": 2.4, "end": 2.9}]}"#;
    production.write("media/words.json", words);
    production.edit_cue("c6", |cue| {
        cue["recording"] = json!({"file": "media/long.wav", "words": "media/words.json", "from_ms": 1000, "to_ms": 3000});
    });
    production.render(&[]).complete();
    let (from, to) = production.laid("pilot.mp4", &[]).cue("c6");
    // A tenth of a second before, two seconds of the recording, two tenths after, at 30 frames.
    assert_eq!(to - from, 69);

    // Another word at another time moves the words alone.
    production.write("media/words.json", &words.replace("2.4", "2.0"));
    let run = production.render(&[]).complete();
    assert!(run.performed("voice").is_empty());
    assert_eq!(run.performed("align"), ["align/c6".to_owned()].into());
    assert!(run.performed("mix").is_empty());
    assert!(run.performed("listen").is_empty());
    assert_eq!(run.performed("hear"), ["hear/main/c6".to_owned()].into());

    production.write("media/words.json", r#"{"words": [{"word": "Listen"}]}"#);
    let said = production.run(&["render", "pilot"]);
    assert_ne!(said.code, 0);
    assert!(said.err.contains("seconds"), "{}", said.err);
}
