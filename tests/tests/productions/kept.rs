//! Same inputs, no work.

use std::fs;
use std::path::Path;
use std::process::Command;

use workprint_tests::{Production, Rendered};

fn assert_idle(run: Rendered) {
    let run = run.complete();
    assert_eq!(run.count("performed"), 0, "{:?}", run.by_kind());
    assert!(run.count("kept") > 30);
}

#[test]
fn a_second_render_does_nothing() {
    let production = Production::small();
    let first = production.render(&[]).complete();
    assert!(first.count("performed") > 30);
    let before = production.delivered();
    let plan = production.plan(&[]);
    assert_eq!((plan.count("run"), plan.count("waiting")), (0, 0));
    let second = production.render(&[]);
    assert_eq!(second.summary()["finals"], first.summary()["finals"]);
    assert_eq!(second.named("final.written").count(), 0);
    assert_idle(second);
    assert!(before == production.delivered(), "a file was written again");
}

#[test]
fn neither_times_nor_places_matter() {
    let production = Production::rendered();
    let touched = Command::new("find")
        .args([".", "-type", "f", "-not", "-path", "./.workprint/*"])
        .args(["-exec", "touch", "-d", "2031-05-06 07:08:09", "{}", "+"])
        .current_dir(production.root())
        .status();
    assert!(touched.unwrap().success());
    assert_idle(production.render(&[]));
    let elsewhere = production.elsewhere();
    drop(production);
    assert_idle(elsewhere.render(&[]));
}

#[test]
fn a_clone_with_the_vault_has_nothing_to_do() {
    let production = Production::rendered();
    let clone = production.cloned();
    assert!(!clone.vault().exists() && !clone.finals().exists());
    workprint_tests::copy_tree(&production.vault(), &clone.vault());
    assert_idle(clone.render(&[]));
    assert_eq!(clone.lock(), production.lock());
    let film = clone.film("pilot.mp4");
    assert_eq!(film.frames_md5(), production.film("pilot.mp4").frames_md5());
}

#[test]
fn a_lost_vault_comes_back_byte_for_byte() {
    let production = Production::small();
    let first = production.render(&[]).complete();
    let film = production.film("pilot.mp4");
    let before = (production.lock(), film.frames_md5(), film.samples_md5());
    fs::remove_dir_all(production.vault()).unwrap();
    let again = production.render(&[]).complete();
    assert_eq!(again.by_kind(), first.by_kind());
    assert!(again.diagnostics("lock.not-reproduced").is_empty());
    let film = production.film("pilot.mp4");
    assert!(before == (production.lock(), film.frames_md5(), film.samples_md5()));
}

#[test]
fn a_take_that_cannot_come_back_is_named() {
    let production = Production::rendered();
    let mut lock: serde_json::Value = serde_json::from_str(&production.lock()).unwrap();
    lock["slots"]["voice/c6"]["digest"] = "ab".repeat(32).into();
    production.write("episodes/pilot/episode.lock", &format!("{lock:#}\n"));
    fs::remove_dir_all(production.vault()).unwrap();
    let run = production.render(&[]).complete();
    let told = run.diagnostics("lock.not-reproduced");
    assert_eq!(told.len(), 1, "{told:?}");
    let message = told[0]["message"].as_str().unwrap();
    assert!(
        message.contains("voice/c6") && message.contains("abab"),
        "{message}"
    );
}

#[test]
fn a_hand_made_take_that_is_gone_is_named() {
    let production = Production::small();
    production.tone("line.wav", 300, 900);
    production
        .run(&["takes", "add", "pilot", "voice/c6", "line.wav"])
        .good();
    let takes = production.root().join("episodes/pilot/takes");
    let added: Vec<_> = fs::read_dir(&takes).unwrap().flatten().collect();
    assert_eq!(added.len(), 1);
    fs::remove_file(added[0].path()).unwrap();
    fs::remove_file(production.root().join("line.wav")).unwrap();
    let run = production.run(&["render", "pilot", "--json"]);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    let name = added[0].file_name();
    let name = name.to_str().unwrap();
    assert!(
        run.out.contains(name) && run.out.contains("voice/c6"),
        "{}",
        run.out
    );
    assert!(!Path::new(&production.finals()).exists());
}
