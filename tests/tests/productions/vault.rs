//! Damage, verification, and garbage.

use std::fs;
use std::path::{Path, PathBuf};

use workprint_tests::Production;

/// Every artifact of the vault.
fn blobs(production: &Production) -> Vec<PathBuf> {
    let folders = fs::read_dir(production.vault().join("vault")).unwrap();
    let shelves = folders.flatten().map(|entry| entry.path());
    let shelves = shelves.filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.len() == 2)
    });
    let mut all: Vec<PathBuf> = shelves
        .flat_map(|shelf| fs::read_dir(shelf).unwrap().flatten())
        .map(|entry| entry.path())
        .collect();
    all.sort();
    all
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    // The vault's files are read-only.
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

/// The blob of the first performed step of a kind.
fn blob_of(production: &Production, slot: &str) -> PathBuf {
    let explained = production.run(&["explain", slot, "--json"]).good().json();
    let digest = explained["steps"][0]["artifacts"][0]["digest"]
        .as_str()
        .unwrap()
        .to_owned();
    production
        .vault()
        .join("vault")
        .join(&digest[..2])
        .join(&digest[2..])
}

#[test]
fn a_flipped_byte_is_found_and_made_again() {
    let production = Production::rendered();
    let film = production.film("pilot.mp4").frames_md5();
    production.run(&["gc", "--verify"]).good();
    let voice = blob_of(&production, "voice/c6");
    let whole = fs::read(&voice).unwrap();
    flip(&voice);
    let said = production.run(&["gc", "--verify"]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(said.out.contains("voice/c6"), "{}", said.out);
    let run = production.render(&[]).complete();
    assert_eq!(
        run.by_kind(),
        [("voice".to_owned(), 1)].into(),
        "it came back byte for byte"
    );
    assert_eq!(fs::read(&voice).unwrap(), whole);
    assert_eq!(production.film("pilot.mp4").frames_md5(), film);
    production.run(&["gc", "--verify"]).good();
    assert_eq!(production.render(&[]).complete().count("performed"), 0);
}

#[test]
fn a_missing_artifact_is_made_again() {
    let production = Production::rendered();
    let chunk = production.laid("pilot.mp4", &[]).chunks[3].slot.clone();
    fs::remove_file(blob_of(&production, &chunk)).unwrap();
    let run = production.render(&[]).complete();
    assert_eq!(run.performed("chunk"), [chunk].into());
    production.run(&["gc", "--verify"]).good();
}

#[test]
fn garbage_is_what_nothing_can_reach() {
    let production = Production::rendered();
    for (number, text) in ["A.", "Be sure.", "See the sea."].iter().enumerate() {
        production.edit_cue("c2", |cue| cue["text"] = (*text).into());
        production.draw("media/stills/10.png", 200 + number as u32);
        production.render(&[]).complete();
    }
    let film = production.film("pilot.mp4").frames_md5();
    let before = blobs(&production);
    let dry = production.run(&["gc", "--dry-run", "--grace", "0"]).good();
    assert!(dry.out.contains("would remove"), "{}", dry.out);
    assert_eq!(blobs(&production), before);
    production.run(&["gc"]).good();
    assert_eq!(
        blobs(&production),
        before,
        "all of it is younger than a week"
    );

    let said = production.run(&["gc", "--grace", "0"]).good();
    let after = blobs(&production);
    assert!(after.len() < before.len(), "{}", said.out);
    production.run(&["gc", "--verify"]).good();
    let run = production.render(&[]).complete();
    assert_eq!(run.count("performed"), 0, "{:?}", run.by_kind());
    assert_eq!(production.film("pilot.mp4").frames_md5(), film);
    let rest = production.run(&["gc", "--grace", "0"]).good();
    assert!(rest.out.contains("removed 0 artifacts"), "{}", rest.out);
}
