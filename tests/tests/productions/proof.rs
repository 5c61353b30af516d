//! A film is heard and measured again before it is delivered.

use serde_json::{Value, json};
use workprint_tests::Production;

/// A production whose captions are read faster than its rules allow.
fn hurried() -> Production {
    let production = Production::small();
    production.edit(|manifest| {
        manifest["captions"]["rules"] = json!({ "speed": 4, "chain_ms": 0 });
    });
    production
}

#[test]
fn a_good_film_is_proofed_once_and_told_at_every_run() {
    let production = Production::small();
    let first = production.render(&[]).complete();
    assert_eq!(first.by_kind()["proof"], 1);
    let told = first.named("film.proofed").next().unwrap().clone();
    let proof = &told["proof"];
    assert_eq!(
        (&proof["passed"], &proof["format"]),
        (&true.into(), &"workprint.proof/1".into())
    );
    assert_eq!(proof["measured"]["lines"], 9);
    // One of each speaker: espeak itself told when it says what.
    assert_eq!(proof["measured"]["aligned"], 2);
    assert_eq!(proof["findings"], json!([]));
    let again = production.render(&[]).complete();
    assert_eq!(again.count("performed"), 0);
    assert_eq!(again.named("film.proofed").next(), Some(&told));
    let film = "episodes/pilot/final/pilot.mp4";
    let explained = production.run(&["explain", film, "--json"]).good().json();
    assert_eq!(&explained["proof"], proof);
}

#[test]
fn a_film_with_faults_is_withheld_until_they_are_waived() {
    let production = hurried();
    let run = production.render(&[]);
    assert_eq!(
        (run.code, run.status()),
        (7, "withheld"),
        "{}",
        run.summary()
    );
    assert_eq!(run.summary()["finals"], json!([]));
    assert!(!production.finals().exists(), "something was delivered");
    let told = run.diagnostics("proof.captions-speed");
    assert!(!told.is_empty());
    assert!(told.iter().all(|told| told["severity"] == "error"));
    // Nothing is made again, and nothing is delivered either.
    let again = production.render(&[]);
    assert_eq!((again.code, again.count("performed")), (7, 0));
    production.edit(|manifest| manifest["waive"] = json!({ "captions-speed": "" }));
    assert_eq!(production.render(&[]).code, 3);
    production.edit(|manifest| {
        manifest["waive"] = json!({ "captions-speed": "an auction" });
    });
    let waived = production.render(&[]).complete();
    let kinds: Vec<String> = waived.by_kind().into_keys().collect();
    assert_eq!(kinds, ["proof"]);
    let proof = &waived.named("film.proofed").next().unwrap()["proof"];
    assert_eq!(proof["waived"]["captions-speed"], "an auction");
    assert!(production.finals().join("pilot.mp4").exists());
    let told = waived.diagnostics("proof.captions-speed");
    assert!(told.iter().all(|told| told["severity"] == "warning"));
}

#[test]
fn a_film_before_stays_while_the_new_one_is_withheld() {
    let production = Production::rendered();
    let before = production.delivered();
    production.edit(|manifest| {
        manifest["captions"]["rules"] = json!({ "speed": 4 });
    });
    assert_eq!(production.render(&[]).status(), "withheld");
    assert!(production.delivered() == before, "a final was touched");
}

/// Speaks a cue by its own voice as a recording, with a list of its words that is so late.
fn record(production: &Production, cue: &str, late_ms: u64) {
    let lock: Value = serde_json::from_str(&production.lock()).unwrap();
    let digest = lock["slots"][format!("voice/{cue}")]["digest"].as_str();
    let (folder, name) = digest.unwrap().split_at(2);
    let voice = production.vault().join("vault").join(folder).join(name);
    let file = format!("media/{cue}.wav");
    std::fs::copy(voice, production.root().join(&file)).unwrap();
    let told = production.read("episodes/pilot/final/pilot.transcript.json");
    let told: Value = serde_json::from_str(&told).unwrap();
    let mut lines = told["lines"].as_array().unwrap().iter();
    let words = &lines.find(|line| line["cue"] == cue).unwrap()["words"];
    let first = words[0]["from_ms"].as_u64().unwrap();
    let words: Vec<Value> = words
        .as_array()
        .unwrap()
        .iter()
        .map(|word| {
            let time = |of: &str| (word[of].as_u64().unwrap() - first + late_ms) as f64 / 1000.0;
            json!({"word": word["text"], "start": time("from_ms"), "end": time("to_ms")})
        })
        .collect();
    let list = format!("media/{cue}.json");
    production.write(&list, &json!({"words": words}).to_string());
    production.edit_cue(cue, |cue| {
        cue["recording"] = json!({"file": file, "words": list});
    });
}

#[test]
fn a_list_of_words_that_are_heard_elsewhere_is_told() {
    let production = Production::rendered();
    record(&production, "c9", 0);
    let run = production.render(&[]).complete();
    let proof = &run.named("film.proofed").next().unwrap()["proof"];
    assert_eq!(proof["measured"]["aligned"], 3);
    assert_eq!(proof["not_made"], Value::Null);
    record(&production, "c9", 250);
    let run = production.render(&[]);
    assert_eq!(run.status(), "withheld", "{}", run.summary());
    let told = run.diagnostics("proof.sync");
    let message = told[0]["message"].as_str().unwrap();
    assert!(message.contains("My name is Ann."), "{message}");
    assert!(
        message.contains("ms earlier than its times say"),
        "{message}"
    );
}

#[test]
fn music_alone_and_silence_are_good_films() {
    let production = Production::small();
    production.edit(|manifest| {
        manifest["scenes"] = json!([{"id": "one", "cues": [
            {"id": "c1", "hold_ms": 2000, "shots": manifest["scenes"][0]["cues"][0]["shots"].clone()},
        ]}]);
        for gone in ["overlays", "sfx", "chapters"] {
            manifest[gone] = json!([]);
        }
    });
    let music = production.render(&[]).complete();
    let proof = &music.named("film.proofed").next().unwrap()["proof"];
    assert_eq!(proof["measured"]["sound"]["loudness_asked"], -14);
    assert_eq!(proof["measured"]["lines"], 0);
    production.edit(|manifest| manifest["music"] = json!([]));
    let silence = production.render(&[]).complete();
    let proof = &silence.named("film.proofed").next().unwrap()["proof"];
    let heard = &proof["measured"]["sound"];
    assert_eq!(
        (&heard["loudness"], &heard["true_peak"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(heard["silences"][0]["asked"], true);
}
