//! The models of voices: learned once, kept while lines change.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};
use workprint_tests::{Production, Rendered};

/// Lines of the corpus that the small production's cues say, recorded by one voice.
const CUES: [&str; 5] = ["c2", "c4", "c6", "c9", "c12"];

/// The small production, where `bo` has recordings of lines of the corpus.
fn recorded() -> Production {
    let production = Production::small();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    std::fs::copy(
        corpus.join("en-slt.flac"),
        production.root().join("media/slt.flac"),
    )
    .unwrap();
    for (number, cue) in CUES.into_iter().enumerate() {
        record(&production, cue, number);
    }
    production
}

/// Gives a cue a line of the corpus.
fn record(production: &Production, cue: &str, number: usize) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/en-slt.json");
    let corpus: Value = serde_json::from_slice(&std::fs::read(corpus).unwrap()).unwrap();
    let line = &corpus["lines"][number];
    let from = line["from"].as_u64().unwrap() / 16;
    let to = from + line["samples"].as_u64().unwrap() / 16;
    production.edit_cue(cue, |cue| {
        cue["speaker"] = "bo".into();
        cue["text"] = line["text"].clone();
        cue["recording"] = json!({"file": "media/slt.flac", "from_ms": from, "to_ms": to});
    });
}

/// What stands for the words of every recorded cue.
fn words(production: &Production) -> BTreeMap<&'static str, String> {
    let id = |cue: &'static str| {
        let slot = format!("align/{cue}");
        let explained = production.run(&["explain", &slot, "--json"]).good().json();
        let mut steps = explained["steps"].as_array().unwrap().iter();
        let step = steps.find(|step| step["slot"] == slot).unwrap();
        assert!(
            step["output"]["words"].as_array().unwrap().len() > 5,
            "{step}"
        );
        (cue, step["output"]["id"].as_str().unwrap().to_owned())
    };
    CUES.into_iter().map(id).collect()
}

fn model(production: &Production) -> String {
    let lock: Value = serde_json::from_str(&production.lock()).unwrap();
    let digest = lock["slots"]["speaker/bo"]["digest"].as_str();
    digest.unwrap().to_owned()
}

fn performed(run: &Rendered) -> BTreeSet<String> {
    let kinds = ["voice", "speaker", "align"];
    kinds.iter().flat_map(|kind| run.performed(kind)).collect()
}

fn slots(slots: &[&str]) -> BTreeSet<String> {
    slots.iter().map(|slot| (*slot).to_owned()).collect()
}

#[test]
fn an_edited_line_moves_no_other_lines_words() {
    let production = recorded();
    let plan = production.plan(&[]);
    assert_eq!(plan.to_run("speaker"), slots(&["speaker/bo"]));
    let run = production.render(&[]).complete();
    // The synthesised voice of `ann` tells its own times.
    assert_eq!(run.performed("speaker"), slots(&["speaker/bo"]));
    let (before, learned) = (words(&production), model(&production));

    record(&production, "c6", 20);
    let plan = production.plan(&[]);
    assert!(plan.to_run("speaker").is_empty());
    let run = production.render(&[]).complete();
    assert_eq!(performed(&run), slots(&["align/c6", "voice/c6"]));
    assert_eq!(model(&production), learned);
    let after = words(&production);
    for (cue, words) in &before {
        assert_eq!(*cue == "c6", after[cue] != *words, "{cue}");
    }

    // Asked for, it is learned anew, and all of the voice's lines are aligned by it; undone, nothing is made.
    production
        .run(&["takes", "renew", "pilot", "speaker/bo"])
        .good();
    let run = production.render(&[]).complete();
    let bos = [
        "align/c12",
        "align/c2",
        "align/c4",
        "align/c6",
        "align/c9",
        "speaker/bo",
    ];
    assert_eq!(performed(&run), slots(&bos));
    assert_ne!(model(&production), learned);
    production
        .run(&["takes", "undo", "pilot", "speaker/bo"])
        .good();
    let run = production.render(&[]).complete();
    assert_eq!(run.count("performed"), 0, "{:?}", run.by_kind());
    assert_eq!(model(&production), learned);
}

#[test]
fn a_model_is_no_file_and_says_what_it_was_learned_from() {
    let production = recorded();
    production.render(&["--only", "align"]);
    production.render(&[]).complete();
    let explained = production
        .run(&["explain", "align/c6", "--json"])
        .good()
        .json();
    let steps = explained["steps"].as_array().unwrap();
    let step = steps
        .iter()
        .find(|step| step["slot"] == "speaker/bo")
        .unwrap();
    assert_eq!(step["params"]["voice"], "recorded");
    assert_eq!(
        step["params"]["lessons"].as_array().unwrap().len(),
        CUES.len()
    );
    let said = production.run(&["takes", "add", "pilot", "speaker/bo", "show.toml"]);
    assert!(
        said.code != 0 && said.err.contains("takes renew"),
        "{}",
        said.err
    );
    let said = production.run(&["takes", "renew", "pilot", "voice/c2"]);
    assert!(
        said.code != 0 && said.err.contains("anyway"),
        "{}",
        said.err
    );
}
