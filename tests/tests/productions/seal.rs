//! Films that are signed when they are handed out.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use workprint_credentials::{Identity, Origin, Part, Statement, seal};
use workprint_fakes::KEY;
use workprint_tests::{Film, KEY_ENV, Paid, Production, Rendered, Said};

const SHOW: &str = r#"format = "workprint.show/1"
title = "Sealed"

[outputs.main]
width = 160
height = 90
rate = "25"
crf = 30
preset = "ultrafast"
"#;

/// One line over a still that somebody else signed.
fn production() -> Production {
    let cue = json!({
        "id": "c1", "speaker": "ann", "text": "The red door opens.",
        "shots": [{"id": "s1", "picture": {"image": {"file": "media/stills/door.png"}}}],
    });
    let production = Production::bare(
        SHOW,
        &json!({
            "format": "workprint.manifest/1",
            "title": "A door",
            "language": "en",
            "cast": [{"id": "ann", "voice": {"name": "espeak:en-us"}}],
            "scenes": [{"id": "one", "cues": [cue]}],
        }),
    );
    production.write(
        "media/stills/door.png.license",
        "SPDX-License-Identifier: CC-BY-4.0\n",
    );
    production.draw("media/stills/plain.png", 3);
    let other = Identity::own(&production.root().join("../other"), 1_795_305_600_000).unwrap();
    let statement = Statement {
        title: "A picture".to_owned(),
        media_type: "image/png".to_owned(),
        origin: Origin::Model,
        made_by: ("Painter".to_owned(), "3".to_owned()),
        made_at: None,
        parts: Vec::<Part>::new(),
    };
    let still = |name: &str| production.root().join("media/stills").join(name);
    seal(&still("plain.png"), &still("door.png"), &statement, &other).unwrap();
    production
}

/// Runs the command, with a key that lies beside the show.
fn signing(production: &Production, args: &[&str]) -> Said {
    signing_with(production, args, &[])
}

fn signing_with(production: &Production, args: &[&str], more: &[(&str, &str)]) -> Said {
    let data = production.root().join("../data");
    let data = data.display().to_string();
    let environment = [
        ("XDG_DATA_HOME", data.as_str()),
        ("WORKPRINT_CREDENTIALS", "on"),
    ];
    let environment: Vec<_> = environment.iter().chain(more).copied().collect();
    production.start_with(args, &environment).finish()
}

fn render(production: &Production) -> Rendered {
    Rendered::of(&signing(production, &["render", "pilot", "--json"])).complete()
}

fn verify(production: &Production, code: i32) -> Value {
    let path = production.finals().join("pilot.mp4").display().to_string();
    let said = signing(production, &["verify", &path, "--json"]);
    assert_eq!(said.code, code, "{}{}", said.out, said.err);
    said.json()
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let last = bytes.len() - 200;
    bytes[last] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// The file in the vault that has the first of these digests.
fn kept(production: &Production, digest: &Value) -> Option<PathBuf> {
    let digest = digest.as_str().unwrap();
    let mut folders = vec![production.vault()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .display()
                .to_string()
                .replace('/', "")
                .ends_with(digest)
            {
                return Some(path);
            }
        }
    }
    None
}

#[test]
fn a_film_is_signed_once_and_verified() {
    let production = production();
    let run = render(&production);
    let film = production.finals().join("pilot.mp4");
    let written: Vec<&Value> = run.named("final.written").collect();
    let written = written.iter().find(|event| event["sealed"].is_string());
    let written = written.expect("the film is signed");
    assert_ne!(written["sealed"], written["digest"]);

    let found = verify(&production, 0);
    assert_eq!(found["state"], "trusted", "{found}");
    assert_eq!(
        (&found["title"], &found["synthetic"]),
        (&json!("A door"), &json!(false))
    );
    let made = found["made"].as_array().unwrap();
    let voice = made
        .iter()
        .find(|made| made["description"] == "1 spoken line");
    assert_eq!(voice.unwrap()["source_type"], "algorithmicMedia");
    let parts = found["ingredients"].as_array().unwrap();
    let door = parts
        .iter()
        .find(|part| part["title"] == "door.png")
        .unwrap();
    assert_eq!(
        (&door["marked"], &door["problems"]),
        (&json!(true), &json!([])),
        "{found}"
    );

    // It plays as what was made, it is known by what was made, and nothing is signed twice.
    let unsigned = kept(&production, &written["digest"]).unwrap();
    assert_eq!(
        Film::at(&film).frames_md5(),
        Film::at(&unsigned).frames_md5()
    );
    let before = production.delivered();
    assert_eq!(render(&production).named("final.written").count(), 0);
    assert_eq!(production.delivered(), before);
    let path = film.display().to_string();
    let explained = production
        .run(&["explain", &path, "--frame", "3", "--json"])
        .good()
        .json();
    assert_eq!(explained["digest"], written["digest"]);
    assert_eq!(explained["frame"]["shots"], json!(["s1"]));
    let steps = explained["steps"].as_array().unwrap();
    for kind in ["chunk", "soundtrack", "mix"] {
        assert!(steps.iter().any(|step| step["kind"] == kind), "{kind}");
    }

    sheets(&production);
    nothing_secret(&production);
    changed_and_made_again(&production, &film);
}

/// The sheets say what is in the film, and are the same wherever they are asked for.
fn sheets(production: &Production) {
    let json: Value =
        serde_json::from_str(&production.read("episodes/pilot/final/pilot.credits.json")).unwrap();
    let asked = production
        .run(&["credits", "pilot", "--json"])
        .good()
        .json();
    assert_eq!(json, asked);
    assert_eq!(json["synthetic"], false);
    assert_eq!(json["parts"][0]["what"], "voices", "{json}");
    assert_eq!(json["parts"][0]["origin"], "algorithm");
    assert_eq!(json["files"][0]["path"], "media/stills/door.png");
    assert_eq!(json["files"][0]["licence"], "CC-BY-4.0");
    assert_eq!(json["files"][0]["used_for"], json!(["image/s1"]));
    let sheet = production.read("episodes/pilot/final/pilot.credits.md");
    assert!(
        sheet.contains("none by a trained model") && sheet.contains("CC-BY-4.0"),
        "{sheet}"
    );
}

/// The key is nowhere but in its file.
fn nothing_secret(production: &Production) {
    let key = fs::read_to_string(
        production
            .root()
            .join("../data/workprint/credentials/key.pem"),
    );
    let key = key.unwrap();
    let line = key.lines().nth(1).unwrap().as_bytes();
    let mut folders = vec![production.root().to_owned()];
    let mut looked = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bytes = fs::read(entry.path()).unwrap();
            let found = bytes.windows(line.len()).any(|found| found == line);
            assert!(!found, "the key is in {}", entry.path().display());
            looked += 1;
        }
    }
    assert!(looked > 10);
}

fn changed_and_made_again(production: &Production, film: &Path) {
    flip(film);
    let found = verify(production, 8);
    assert_eq!(found["state"], "invalid");
    assert_eq!(
        found["problems"][0]["code"], "assertion.bmffHash.mismatch",
        "{found}"
    );
    let again = render(production);
    let written = again.named("final.written").next().unwrap();
    assert!(written["archived"].is_string(), "{written}");
    assert_eq!(verify(production, 0)["state"], "trusted");
    production.write(
        "show.toml",
        &format!("{SHOW}\n[credentials]\nsign = false\n"),
    );
    render(production);
    assert_eq!(verify(production, 9)["state"], "none");
}

#[test]
fn a_film_of_bought_pictures_says_which_model_made_them() {
    let paid = Paid::new("fal", 1, "show = 1");
    let args = ["render", "pilot", "--json"];
    let run = signing_with(&paid.production, &args, &[(KEY_ENV, KEY)]);
    Rendered::of(&run).complete();
    let found = verify(&paid.production, 0);
    assert_eq!(found["synthetic"], true);
    assert_eq!(found["source_type"], "compositeWithTrainedAlgorithmicMedia");
    let made = &found["made"][1];
    assert_eq!(made["source_type"], "trainedAlgorithmicMedia", "{found}");
    let by = made["made_by"].as_str().unwrap();
    assert!(by.starts_with("fal "), "{by}");
    let film = fs::read(paid.production.finals().join("pilot.mp4")).unwrap();
    let told = |text: &str| {
        film.windows(text.len())
            .any(|found| found == text.as_bytes())
    };
    assert!(
        told("org.workprint.sha256") && !told("picture 1"),
        "prompts are nobody's business"
    );
    let credits = paid.run(&["credits", "pilot", "--json"]).good().json();
    assert_eq!(credits["synthetic"], true);
    let part = &credits["parts"][0];
    assert_eq!(
        (&part["what"], &part["origin"]),
        (&json!("pictures"), &json!("model"))
    );
    assert_eq!(
        (&part["made_by"], &part["cost_micros"]),
        (&json!(by), &json!(3000))
    );
}

#[test]
fn a_certificate_without_its_key_is_told_before_anything_is_made() {
    let production = production();
    let show = format!("{SHOW}\n[credentials]\ncertificate = \"chain.pem\"\n");
    production.write("show.toml", &show);
    let said = signing(&production, &["check", "pilot"]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("credentials.incomplete"), "{}", said.err);
    production.write("show.toml", &format!("{show}key_file = \"nowhere.pem\"\n"));
    let run = Rendered::of(&signing(&production, &["render", "pilot", "--json"]));
    assert_eq!(
        (run.code, run.named("step.started").count()),
        (2, 0),
        "{:?}",
        run.events
    );
}
