//! The examples: each of their episodes can be checked and planned as it is.

use std::fs;
use std::path::{Path, PathBuf};

use workprint_tests::Production;

fn folders(at: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(at).unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}

#[test]
fn every_episode_of_the_examples_is_good() {
    let mut tried = Vec::new();
    for show in folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")) {
        let production = Production::of(&show);
        for episode in folders(&production.root().join("episodes")) {
            let name = episode.file_name().unwrap().to_str().unwrap();
            production.run(&["check", name]).good();
            let planned = production.run(&["plan", name, "--json"]).good().json();
            let steps = planned["steps"].as_array().unwrap();
            for kind in ["voice", "image", "chunk", "master"] {
                let found = steps.iter().any(|step| step["kind"] == kind);
                assert!(found, "{name}: no {kind}");
            }
            tried.push(name.to_owned());
        }
    }
    assert!(tried.len() >= 3, "{tried:?}");
}
