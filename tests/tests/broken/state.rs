//! A lock, a vault, a ledger and a folder of finals that are not as they were left.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::bench::{Bench, LOCK};

/// Takes that a lock may name and nobody can use.
#[test]
fn locks_that_ask_for_the_impossible() {
    let bench = Bench::rendered();
    let text = bench.production.lock();
    let whole: Value = serde_json::from_str(&text).unwrap();
    let digest = "a".repeat(64);
    let voice = &whole["slots"]["voice/c2"]["recipe"];
    let takes = [
        json!({"digest": digest}),
        json!({"digest": digest, "pinned": true}),
        json!({"digest": digest, "key": digest, "recipe": null, "pinned": true}),
        json!({"digest": digest, "key": digest, "recipe": {}, "pinned": true}),
        json!({"digest": digest, "key": digest, "recipe": [1, 2], "pinned": true}),
        json!({"digest": digest, "key": digest, "recipe": {"text": 1}, "pinned": true}),
        json!({"digest": digest, "key": digest, "recipe": voice, "pinned": true}),
        json!({"digest": digest, "recipe": voice}),
        json!({"digest": digest, "file": "media/stills/3.png", "pinned": true}),
        json!({"digest": digest, "file": "media/stills/none.png", "pinned": true}),
        json!({"digest": digest, "file": "../outside.png", "pinned": true}),
        json!({"digest": digest, "file": "/etc/passwd", "pinned": true}),
        json!({"digest": digest, "file": "show.toml", "pinned": true}),
        json!({"digest": digest, "file": "media/stills", "pinned": true}),
        json!({"digest": "../../../../etc/passwd"}),
        json!({"digest": ""}),
        json!({"digest": digest, "seed": -1}),
        json!({"digest": digest, "engine": "\u{1b}[2J", "pinned": true}),
        json!(null),
    ];
    let slots = [
        "voice/c2",
        "image/s1",
        "image/s2",
        "clip/s1",
        "master/main",
        "no-such/thing",
        "voice/../../x",
    ];
    for take in &takes {
        for slot in slots {
            let mut lock = whole.clone();
            lock["slots"][slot] = take.clone();
            bench.production.write(LOCK, &lock.to_string());
            let case = format!("{slot}: {take}");
            if !bench.look(&case) {
                let _ = bench.renders(&case);
            }
        }
    }
    bench.production.write(LOCK, &text);
    bench.is_whole("locks");
}

/// What stands where a deliverable should be.
#[test]
fn something_else_in_the_place_of_a_final() {
    for what in ["pilot.mp4", "pilot.srt"] {
        let bench = Bench::new();
        let finals = bench.path("episodes/pilot/final");
        fs::create_dir_all(finals.join(what).join("kept")).unwrap();
        bench.is_whole(what);
        let mut beside = fs::read_dir(&finals).unwrap().flatten();
        let kept = beside.any(|entry| entry.path().join("kept").is_dir());
        assert!(kept, "{what} is archived like any other");
    }
    let bench = Bench::new();
    fs::write(bench.path("episodes/pilot/final"), "mine").unwrap();
    assert!(!bench.renders("`final` is a file"));
    fs::remove_file(bench.path("episodes/pilot/final")).unwrap();
    bench.is_whole("`final`");
}

#[test]
fn a_vault_that_is_none() {
    let bench = Bench::rendered();
    let vault = bench.production.vault();
    let aside = bench.production.root().join("../aside");
    fs::rename(&vault, &aside).unwrap();
    fs::write(&vault, "mine").unwrap();
    assert!(!bench.renders(".workprint is a file"));
    let _ = bench.look(".workprint is a file");
    fs::remove_file(&vault).unwrap();
    std::os::unix::fs::symlink("none", &vault).unwrap();
    assert!(!bench.renders(".workprint is a link to nothing"));
    fs::remove_file(&vault).unwrap();
    fs::rename(&aside, &vault).unwrap();
    bench.is_whole("the vault is back");

    let ledger = vault.join("ledger.db");
    let whole = fs::read(&ledger).unwrap();
    let middle = whole.len() / 2;
    let mut flipped = whole.clone();
    flipped[middle..].fill(0x5a);
    for (case, bytes) in [
        ("garbage", vec![0x5a; 9000]),
        ("text", b"not a ledger".to_vec()),
        ("cut", whole[..middle].to_vec()),
        ("half garbage", flipped),
        ("a head alone", whole[..100].to_vec()),
    ] {
        for rest in ["ledger.db-wal", "ledger.db-shm"] {
            drop(fs::remove_file(vault.join(rest)));
        }
        fs::write(&ledger, &bytes).unwrap();
        let _ = bench.look(case);
        let _ = bench.renders(case);
    }
    fs::remove_dir_all(&vault).unwrap();
    bench.is_whole("a new vault");

    if !rustix::process::geteuid().is_root() {
        bench.production.draw("media/stills/3.png", 77);
        fs::set_permissions(&vault, fs::Permissions::from_mode(0o500)).unwrap();
        fs::set_permissions(vault.join("vault"), fs::Permissions::from_mode(0o500)).unwrap();
        let _ = bench.renders("a vault that may not be written");
        fs::set_permissions(vault.join("vault"), fs::Permissions::from_mode(0o700)).unwrap();
        fs::set_permissions(&vault, fs::Permissions::from_mode(0o700)).unwrap();
        bench.is_whole("a vault that may be written again");
    }
}
