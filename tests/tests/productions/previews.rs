//! Looking at an episode without rendering it: frames, contact sheets, animatics.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use workprint_tests::{Film, Production, Rendered};

/// A sheet's pages, as `--json` tells them.
fn sheet(production: &Production, more: &[&str], code: i32) -> Vec<Value> {
    let args: Vec<&str> = ["sheet", "pilot", "--json"]
        .iter()
        .chain(more)
        .copied()
        .collect();
    let said = production.run(&args);
    assert_eq!(said.code, code, "{}\n{}", said.out, said.err);
    said.json()["pages"].as_array().unwrap().clone()
}

fn frames(pages: &[Value]) -> Vec<&Value> {
    let all = pages.iter();
    all.flat_map(|page| page["frames"].as_array().unwrap())
        .collect()
}

#[test]
fn a_sheet_shows_every_shot_of_what_was_never_rendered() {
    let production = Production::small();
    let pages = sheet(&production, &["-o", "look.png"], 0);
    let shots: Vec<&str> = frames(&pages)
        .iter()
        .map(|frame| frame["shot"].as_str().unwrap())
        .collect();
    assert_eq!(
        shots,
        [
            "s1", "s2", "s3", "s3b", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12"
        ]
    );
    let third = frames(&pages)[2].clone();
    assert_eq!(
        (&third["cue"], &third["words"], &third["speaker"]),
        (
            &"c3".into(),
            &"One lamp, then another.".into(),
            &"ann".into()
        )
    );
    let path = production.root().join("look.png");
    let page = image::open(&path).unwrap();
    assert_eq!(u64::from(page.width()), pages[0]["width"].as_u64().unwrap());
    assert!(!production.finals().exists());
    // What was made for looking is kept; no chunk was.
    let render = production.render(&[]).complete();
    assert!(render.performed("image").is_empty() && render.performed("voice").is_empty());
    assert!(!render.performed("chunk").is_empty());
}

#[test]
fn a_sheet_goes_by_seconds_on_as_many_pages_as_it_takes() {
    let production = Production::small();
    let by_second = sheet(&production, &["--every", "1"], 0);
    let all = frames(&by_second);
    let numbers: Vec<u64> = all
        .iter()
        .map(|frame| frame["frame"].as_u64().unwrap())
        .collect();
    let wanted: Vec<u64> = (0..numbers.len() as u64).map(|n| n * 30).collect();
    assert_eq!(numbers, wanted);
    assert_eq!(all[2]["time"], "00:00:02:00");
    let more = [
        "--every",
        "0.5s",
        "--columns",
        "1",
        "--output",
        "tiny",
        "-o",
        "p.png",
    ];
    let pages = sheet(&production, &more, 0);
    assert!(pages.len() > 1);
    for (page, name) in pages.iter().zip(["p.png", "p-2.png", "p-3.png"]) {
        assert!(page["path"].as_str().unwrap().ends_with(name));
        assert!(page["height"].as_u64().unwrap() <= 4096);
        assert!(production.root().join(name).is_file());
    }
    // Less than a frame is every frame.
    production.edit(|manifest| {
        let silent = manifest["scenes"][0]["cues"][0].clone();
        manifest["scenes"] = serde_json::json!([{"id": "one", "cues": [silent]}]);
        for gone in ["overlays", "sfx", "chapters"] {
            manifest[gone] = serde_json::json!([]);
        }
    });
    let pages = sheet(&production, &["--every", "0.001", "-o", "all.png"], 0);
    let numbers = frames(&pages)
        .into_iter()
        .map(|frame| frame["frame"].as_u64().unwrap());
    assert!(numbers.eq(0..24));
}

#[test]
fn a_frame_that_cannot_be_painted_says_so_in_its_place() {
    let production = Production::small();
    production.write("media/art/6.svg", "<svg");
    let pages = sheet(&production, &[], 1);
    let all = frames(&pages);
    let missing: Vec<&str> = all
        .iter()
        .filter(|frame| !frame["missing"].is_null())
        .map(|frame| frame["shot"].as_str().unwrap())
        .collect();
    assert_eq!(missing, ["s6"]);
    assert!(production.root().join("sheet.png").is_file());
}

#[test]
fn looking_at_what_is_kept_writes_nothing() {
    let production = Production::rendered();
    let log = || production.run(&["log", "--json", "-n", "100"]).good().out;
    let (before, delivered) = (log(), production.delivered());
    production.run(&["frame", "pilot", "100"]).good();
    sheet(&production, &[], 0);
    assert_eq!(log(), before);
    assert_eq!(production.delivered(), delivered);
}

fn animatic(production: &Production, more: &[&str]) -> Rendered {
    let args: Vec<&str> = ["animatic", "pilot", "--json"]
        .iter()
        .chain(more)
        .copied()
        .collect();
    Rendered::of(&production.run(&args))
}

fn small_film(production: &Production) -> PathBuf {
    production.root().join("episodes/pilot/animatic/pilot.mp4")
}

#[test]
fn an_animatic_is_made_whatever_is_missing_and_replaces_no_final() {
    let production = Production::small();
    production.edit(|manifest| {
        manifest["music"][0]["source"] = serde_json::json!({"file": "media/none.wav"});
    });
    for gone in ["media/stills/3.png", "media/clips/8.mp4"] {
        fs::remove_file(production.root().join(gone)).unwrap();
    }
    let show = production.read("show.toml") + "\n[gates]\nmaster = true\n";
    production.write("show.toml", &show);
    assert_eq!(production.render(&[]).code, 3);
    let made = animatic(&production, &[]).complete();
    let told: Vec<&str> = made
        .named("diagnostic")
        .map(|event| event["diagnostic"]["code"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["media.unreadable"; 3]);
    assert!(made.performed("image").contains("image/s3"));
    assert!(!production.finals().exists());
    assert!(
        !production
            .root()
            .join("episodes/pilot/episode.lock")
            .exists()
    );
    let film = Film::at(&small_film(&production));
    assert!(film.frames() > 300, "{}", film.frames());
    let before = film.frames_md5();
    assert_eq!(animatic(&production, &[]).complete().count("performed"), 0);

    // A picture that is there and broken becomes a card too, and the failure is told.
    production.write("media/art/6.svg", "<svg");
    let broken = animatic(&production, &[]);
    assert_eq!((broken.code, broken.status()), (1, "failed"));
    assert!(broken.performed("image").contains("image/s6~card"));
    let folder = small_film(&production);
    let left = fs::read_dir(folder.parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "an animatic replaces the one before");
    assert!(Film::at(&folder).frames_md5() != before, "the same film");
}

#[test]
fn an_animatic_of_silence_is_about_as_long_and_hears_what_is_kept() {
    let production = Production::small();
    let made = animatic(&production, &["--voices", "silence"]).complete();
    let voices = made.performed("voice");
    assert_eq!(voices.len(), 9);
    assert!(
        voices.iter().all(|slot| slot.ends_with("~silence")),
        "{voices:?}"
    );
    let silent = Film::at(&small_film(&production));
    let render = production.render(&[]).complete();
    assert_eq!(render.performed("voice").len(), 9);
    let film = production.film("pilot.mp4");
    let (long, short) = (
        film.frames().max(silent.frames()),
        film.frames().min(silent.frames()),
    );
    assert!(long < short * 2, "{short} {long}");

    let heard = animatic(&production, &["--voices", "silence"]).complete();
    assert!(heard.performed("voice").is_empty());
    // The same sounds, to the sample.
    assert_eq!(
        Film::at(&small_film(&production)).samples_md5(),
        film.samples_md5()
    );
    assert!(heard.performed("mix").is_empty());
}
