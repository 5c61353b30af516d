//! The finished program, asked about broken productions.

use serde_json::json;
use workprint_tests::{Production, Rendered, Said};

use crate::bench::{MANIFEST, SHOW, silent};

fn production() -> Production {
    let production = Production::small();
    production.write("show.toml", SHOW);
    let still = json!({"image": {"file": "media/stills/3.png"}});
    production.write(MANIFEST, &silent(&still).to_string());
    production
}

/// An exit code, something to do, and no word of a panic.
fn told(said: &Said, code: i32) {
    assert_eq!(said.code, code, "{}{}", said.out, said.err);
    assert!(
        said.err.contains("hint") || said.err.contains("help"),
        "{}",
        said.err
    );
    assert!(!said.err.contains("panicked"), "{}", said.err);
    let no_command = |text: &str| !text.contains('\u{1b}') && !text.contains('\u{202e}');
    assert!(
        no_command(&said.err) && no_command(&said.out),
        "{:?}",
        said.err
    );
}

/// The same of `render --json`, whose last line says how it ended.
fn told_as_json(production: &Production, code: i32) {
    let run = Rendered::of(&production.run(&["render", "pilot", "--json"]));
    assert_eq!(
        (run.code, run.status()),
        (code, "failed"),
        "{:?}",
        run.events
    );
    assert!(
        run.summary()["finals"]
            .as_array()
            .is_some_and(Vec::is_empty)
    );
    let hint = |event: &serde_json::Value| {
        let diagnostic = &event["diagnostic"]["hints"];
        [diagnostic, &event["hints"]]
            .iter()
            .any(|hints| hints.as_array().is_some_and(|hints| !hints.is_empty()))
    };
    assert!(run.events.iter().any(hint), "{:?}", run.events);
}

#[test]
fn a_broken_manifest() {
    let production = production();
    production.write(
        MANIFEST,
        "{\"format\": \"workprint.manifest/1\", \"\u{1b}[2J\u{202e}\": 1",
    );
    for command in ["render", "plan", "check"] {
        told(&production.run(&[command, "pilot"]), 3);
    }
    told_as_json(&production, 3);
    assert!(!production.finals().exists());
}

#[test]
fn a_broken_picture() {
    let production = production();
    production.write("media/stills/3.png", "not a picture");
    let said = production.run(&["render", "pilot"]);
    told(&said, 1);
    assert!(said.err.contains("media/stills/3.png"), "{}", said.err);
    told_as_json(&production, 1);
    production.draw("media/stills/3.png", 3);
    production.render(&[]).complete();
}

#[test]
fn a_lock_that_is_no_file() {
    let production = production();
    let lock = production.root().join("episodes/pilot/episode.lock");
    for what in ["/dev/zero", "/dev/tty", "."] {
        std::os::unix::fs::symlink(what, &lock).unwrap();
        let said = production.run(&["check", "pilot"]);
        assert_eq!(said.code, 3, "{what}: {}", said.err);
        assert!(said.err.contains("episode.lock"), "{what}: {}", said.err);
        told_as_json(&production, 3);
        std::fs::remove_file(&lock).unwrap();
    }
}

#[test]
fn a_broken_vault() {
    let production = production();
    production.write(".workprint", "mine");
    told(&production.run(&["render", "pilot"]), 1);
    told_as_json(&production, 1);
}

#[test]
fn requests_that_make_no_sense() {
    let production = production();
    for args in [
        &["render", "../../etc/passwd"][..],
        &["render", "no-such-episode"],
        &["render", "\u{1b}[2J\u{202e}"],
        &["render", "pilot", "--output", "../x"],
        &["render", "pilot", "--from", "\u{1b}[2J"],
        &["plan", "-C", "/none", "pilot"],
        &["frame", "pilot", "999999999"],
        &["takes", "add", "pilot", "image/s1", "/none.png"],
        &["takes", "select", "pilot", "image/s1", "99"],
        &["explain", "\u{1b}[2J/../x"],
    ] {
        let said = production.run(args);
        assert!(
            [1, 2].contains(&said.code),
            "{args:?}: {} {}",
            said.code,
            said.err
        );
        assert!(!said.err.contains("panicked"), "{args:?}: {}", said.err);
        assert!(!said.err.contains('\u{1b}'), "{args:?}: {:?}", said.err);
    }
}
