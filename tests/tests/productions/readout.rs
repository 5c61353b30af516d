//! The script alone, spoken before any picture.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use workprint_tests::{Production, Rendered};

fn readout(production: &Production, more: &[&str]) -> Rendered {
    let args: Vec<&str> = ["readout", "pilot", "--json"]
        .iter()
        .chain(more)
        .copied()
        .collect();
    Rendered::of(&production.run(&args))
}

fn folder(production: &Production) -> PathBuf {
    production.root().join("episodes/pilot/readout")
}

/// What lies in the folder.
fn names(production: &Production) -> BTreeSet<String> {
    let entries = fs::read_dir(folder(production)).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn list(production: &Production, name: &str) -> Value {
    let text = fs::read_to_string(folder(production).join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The samples of a 24-bit stereo WAV, as bytes.
fn samples(production: &Production, name: &str) -> Vec<u8> {
    let bytes = fs::read(folder(production).join(name)).unwrap();
    assert_eq!((&bytes[..4], &bytes[72..76]), (&b"RIFF"[..], &b"data"[..]));
    let length = u32::from_le_bytes(bytes[76..80].try_into().unwrap()) as usize;
    bytes[80..80 + length].to_vec()
}

#[test]
fn it_makes_voices_alone_and_a_render_keeps_them() {
    let production = Production::small();
    // Nobody has drawn anything yet.
    fs::remove_dir_all(production.root().join("media")).unwrap();
    let first = readout(&production, &[]).complete();
    let kinds: BTreeSet<String> = first.by_kind().into_keys().collect();
    let wanted = ["align", "mix", "parts", "readout", "voice"];
    assert_eq!(kinds, wanted.map(str::to_owned).into());
    assert_eq!(first.by_kind()["voice"], 9);
    assert_eq!(first.named("diagnostic").count(), 0);
    let files = ["01-start.wav", "02-end.wav", "html", "json", "wav"];
    let files = files.map(|name| format!("pilot.{name}"));
    assert_eq!(names(&production), files.into());
    let again = readout(&production, &[]).complete();
    assert_eq!(again.count("performed"), 0);
    assert_eq!(again.named("final.written").count(), 0);

    let told = list(&production, "pilot.json");
    assert_eq!(
        (&told["total"]["lines"], &told["total"]["missing"]),
        (&json!(9), &json!(0))
    );
    let ann = &told["speakers"][0];
    assert_eq!(
        (&ann["speaker"], &ann["lines"], &ann["words"]),
        (&json!("ann"), &json!(5), &json!(20))
    );
    let times: Vec<u64> = told["lines"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|line| {
            [
                line["from_ms"].as_u64().unwrap(),
                line["to_ms"].as_u64().unwrap(),
            ]
        })
        .collect();
    assert!(times.is_sorted() && times[0] >= 900, "{times:?}");
    let page = fs::read_to_string(folder(&production).join("pilot.html")).unwrap();
    assert!(
        page.contains("src=\"data:audio/mp4;base64,AAAA")
            && page.contains("One lamp, then another.")
    );

    let made = Production::small();
    readout(&made, &[]).complete();
    let render = made.render(&["--output", "tiny"]).complete();
    assert_eq!(
        (render.kept("voice").len(), render.kept("align").len()),
        (9, 9)
    );
    assert!(render.performed("voice").is_empty() && render.performed("align").is_empty());
}

#[test]
fn chapters_are_the_whole_to_the_sample() {
    let production = Production::small();
    production.edit(|manifest| {
        manifest["chapters"] = json!([
            {"title": "The door / opens", "cue": "c2"}, {"title": "<End>", "cue": "c9"},
        ]);
    });
    readout(&production, &[]).complete();
    let parts = [
        "pilot.01-opening.wav",
        "pilot.02-the-door-opens.wav",
        "pilot.03-end.wav",
    ];
    let whole = samples(&production, "pilot.wav");
    let joined: Vec<u8> = parts
        .iter()
        .flat_map(|name| samples(&production, name))
        .collect();
    assert_eq!(whole.len() % 6, 0);
    assert!(whole == joined && whole.iter().any(|byte| *byte != 0));
    // `c1` holds 24 frames: the first chapter begins at exactly that sample.
    assert_eq!(samples(&production, parts[0]).len(), 24 * 1600 * 6);
    // Chapters that are no more go; a file that somebody else put there stays.
    production.write("episodes/pilot/readout/pilot.07-mine.wav", "mine");
    production.edit(|manifest| manifest["chapters"] = json!([{"title": "All", "cue": "c1"}]));
    readout(&production, &[]).complete();
    let left: Vec<String> = names(&production)
        .into_iter()
        .filter(|name| name.contains('-'))
        .collect();
    assert_eq!(left, ["pilot.01-all.wav", "pilot.07-mine.wav"]);
}

#[test]
fn what_is_missing_is_told_and_the_rest_is_heard() {
    let production = Production::small();
    production.edit_cue("c3", |cue| cue["voice"] = json!({"name": "far:x"}));
    production.edit_cue("c4", |cue| {
        cue["recording"] = json!({"file": "media/c4.wav"});
    });
    let show = production.read("show.toml");
    production.write(
        "show.toml",
        &format!(
            "{show}\n[engines.voices.far.openai]\nurl = \"http://127.0.0.1:9/v1\"\nmodel = \"m\"\n"
        ),
    );
    let run = readout(&production, &[]);
    assert_eq!(
        (run.code, run.status(), run.count("failed")),
        (1, "failed", 1)
    );
    let told = list(&production, "pilot.json");
    let line = |id: &str| {
        let lines = told["lines"].as_array().unwrap();
        lines.iter().find(|line| line["cue"] == id).unwrap().clone()
    };
    assert_eq!(line("c3")["missing"], "voice/c3 failed");
    assert_eq!(line("c4")["missing"], Value::Null);
    assert!(
        line("c4")["note"]
            .as_str()
            .unwrap()
            .contains("`media/c4.wav` is missing")
    );
    assert_eq!(told["total"]["missing"], 1);
    // Where the line would be, nothing is heard; its neighbours are.
    let whole = samples(&production, "pilot.wav");
    let heard = |line: &Value| {
        let at = |name: &str| line[name].as_u64().unwrap() as usize * 48 * 6;
        whole[at("from_ms")..at("to_ms")]
            .iter()
            .any(|byte| *byte != 0)
    };
    assert!(!heard(&line("c3")) && heard(&line("c2")) && heard(&line("c4")));
}

#[test]
fn dubs_are_read_too() {
    let production = Production::small();
    production.edit_cue("c6", |cue| cue["dub"] = json!({}));
    let run = readout(&production, &["--lang", "es"]).complete();
    assert_eq!(run.diagnostics("dub.no-text").len(), 1);
    let told = list(&production, "pilot.es.json");
    assert_eq!(told["language"], "es");
    assert_eq!(told["lines"][0]["text"], "La puerta roja abre.");
    let untold = &told["lines"][3];
    assert_eq!(untold["language"], "en-GB");
    assert!(
        untold["note"]
            .as_str()
            .unwrap()
            .contains("not translated into `es`")
    );
}
