//! Any text is a value or at least one error, never a panic; and what the published schema refuses
//! is refused here.

mod generate;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use workprint_manifest::{
    Loaded, Source, load_episode, load_lock, load_show, save_episode, save_lock, save_show,
    schema_episode,
};
use workprint_model::show::Show;

const HOSTILE: [&str; 16] = [
    "null",
    "-1",
    "1e400",
    "99999999999999999999",
    "0.5",
    "[]",
    "{}",
    "\"\"",
    "true",
    "\"../../etc/passwd\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"a\\nb\"",
    "[[[[[[[[1]]]]]]]]",
    "{\"image\":{\"file\":\"x\"},\"card\":{\"title\":\"x\"}}",
    "\"espeak:\"",
];

/// One change: where, which, and a byte to make it with.
type Change = (Index, u8, u8);

fn changed(text: &str, changes: &[Change]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for (place, kind, byte) in changes {
        if bytes.is_empty() {
            break;
        }
        let at = place.index(bytes.len());
        match kind % 6 {
            0 => bytes[at] = *byte,
            1 => bytes.truncate(at),
            2 => drop(bytes.remove(at)),
            3 => bytes.splice(at..at, *b"\"narator\": 7,").for_each(drop),
            4 => {
                let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
                let line = place.index(lines.len());
                let times = usize::from(byte % 3);
                let mut out = lines[..line].concat();
                out.extend(lines[line].repeat(times));
                out.extend(lines[line + 1..].concat());
                bytes = out;
            }
            _ => {
                let value = HOSTILE[usize::from(*byte) % HOSTILE.len()];
                let colon = bytes[at..].iter().position(|b| matches!(b, b':' | b'='));
                let from = at + colon.map_or(0, |colon| colon + 1);
                let end = bytes[from..].iter().position(|b| matches!(b, b',' | b'\n'));
                let to = end.map_or(bytes.len(), |end| from + end);
                bytes.splice(from..to, value.bytes()).for_each(drop);
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn sound<T>(loaded: &Loaded<T>, text: &str) -> Result<(), TestCaseError> {
    let errors = loaded.diagnostics.iter().filter(|d| d.is_error()).count();
    prop_assert_eq!(loaded.value.is_none(), errors > 0);
    for diagnostic in &loaded.diagnostics {
        let place = diagnostic.place.as_ref().expect("a place");
        prop_assert!(place.span.start <= place.span.end && place.span.end <= text.len());
        prop_assert!(text.is_char_boundary(place.span.start));
        prop_assert!(text.is_char_boundary(place.span.end), "{diagnostic}");
    }
    Ok(())
}

fn source(text: &str) -> Source<'_> {
    Source { file: "file", text }
}

fn any_show() -> Show {
    let text = "format = \"workprint.show/1\"\ntitle = \"Any\"\n";
    load_show(source(text)).value.expect("a show")
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    proptest::collection::vec(any::<Change>(), 1..4)
}

#[test]
fn deep_and_large_files_are_refused() {
    for text in [
        "[".repeat(1 << 20),
        "{\"a\":".repeat(1 << 20),
        " ".repeat(17 << 20),
    ] {
        let loaded = load_episode(source(&text), &any_show());
        assert!(loaded.value.is_none());
        assert_eq!(loaded.diagnostics.len(), 1);
        assert!(load_show(source(&text)).value.is_none());
    }
    assert!(
        load_show(source(&format!("a = {}", "[".repeat(100_000))))
            .value
            .is_none()
    );
    assert!(
        load_show(source(&format!("a{} = 1", ".a".repeat(100_000))))
            .value
            .is_none()
    );
}

#[test]
fn a_thousand_problems_end_at_two_hundred() {
    let cue = r#"{"id": "c", "speaker": "nobody", "text": 5, "x": 1},"#.repeat(1000);
    let text = format!(
        r#"{{"format": "workprint.manifest/1", "title": "x", "language": "en", "scenes": [{{"id": "a", "cues": [{cue}]}}]}}"#
    );
    let loaded = load_episode(source(&text), &any_show());
    assert_eq!(loaded.diagnostics.len(), 201);
    assert_eq!(
        loaded.diagnostics[200].message,
        "there may be more problems"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1200, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn changed_episodes(episode in generate::episodes(), changes in changes()) {
        let text = changed(&save_episode(&episode), &changes);
        let loaded = load_episode(source(&text), &any_show());
        sound(&loaded, &text)?;
    }

    #[test]
    fn changed_shows(show in generate::shows(), changes in changes()) {
        let text = changed(&save_show(&show), &changes);
        sound(&load_show(source(&text)), &text)?;
    }

    #[test]
    fn changed_locks(lock in generate::locks(), changes in changes()) {
        let text = changed(&save_lock(&lock), &changes);
        sound(&load_lock(source(&text)), &text)?;
    }

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        sound(&load_episode(source(&text), &any_show()), &text)?;
        sound(&load_show(source(&text)), &text)?;
        sound(&load_lock(source(&text)), &text)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_schema_and_the_loader_agree(episode in generate::episodes(), place in any::<Index>(), byte in any::<u8>()) {
        let text = changed(&save_episode(&episode), &[(place, 5, byte)]);
        let Ok(value) = serde_json::from_str::<Value>(&text) else { return Ok(()) };
        let schema: Value = serde_json::from_str(&schema_episode()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let loaded = load_episode(source(&text), &any_show());
        if loaded.value.is_some() {
            let problem = validator.iter_errors(&value).next().map(|error| error.to_string());
            prop_assert_eq!(problem, None);
        }
        prop_assert!(loaded.diagnostics.iter().all(|d| d.code != "manifest.shape"), "{:?}", loaded.diagnostics);
    }
}
