//! The guide leaves no field and no event out, and its example is good.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

#[test]
fn every_field_is_in_the_guide() {
    let guide = guide();
    let mut missing = Vec::new();
    for format in ["manifest", "show", "lock"] {
        let output = workprint(Path::new("."), &["schema", format]);
        let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
        let mut names = BTreeSet::new();
        collect(&schema, &mut names);
        assert!(names.contains("format"), "{format}");
        let is_told = |name: &String| {
            let name = name.as_str();
            [
                format!("`{name}`"),
                format!("`{name}."),
                format!(".{name}`"),
                format!("\"{name}\""),
            ]
            .iter()
            .any(|told| guide.contains(told))
        };
        missing.extend(names.into_iter().filter(|name| !is_told(name)));
    }
    assert!(
        missing.is_empty(),
        "docs/guide/manifest.md does not name {missing:?}"
    );
}

#[test]
fn every_event_is_in_the_guide() {
    let guide = page("docs/guide/machine-output.md");
    let events = page("crates/model/src/event.rs");
    let names: Vec<&str> = events
        .split("#[serde(rename = \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(names.contains(&"run.finished"), "{names:?}");
    let missing: Vec<&str> = names
        .into_iter()
        .filter(|name| !guide.contains(&format!("`{name}`")))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/guide/machine-output.md does not name {missing:?}"
    );
}

#[test]
fn the_first_example_is_good() {
    let output = check("guide", first(&guide(), "toml"));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn voices_are_described_as_the_guide_says() {
    let show = first(&guide(), "toml").replace("espeak:en-gb", "kokoro:af_heart");
    assert!(show.contains("kokoro:af_heart"));
    let output = check("voices-unknown", &show);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("\"voice.unknown-engine\""), "{told}");
    let voices = page("docs/guide/voices.md");
    let blocks = voices.split("```toml\n").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split("```").next());
    let described = std::iter::once(show.as_str())
        .chain(blocks)
        .collect::<Vec<_>>();
    assert_eq!(described.len(), 6);
    let output = check("voices", &described.join("\n"));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

/// Checks the guide's first episode in a show.
fn check(name: &str, show: &str) -> Output {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(std::fs::remove_dir_all(&folder));
    let episode = folder.join("episodes/pilot");
    std::fs::create_dir_all(&episode).expect("the folder can be written to");
    std::fs::write(episode.join("manifest.json"), first(&guide(), "json"))
        .expect("the folder can be written to");
    std::fs::write(folder.join("show.toml"), show).expect("the folder can be written to");
    workprint(&folder, &["check", "pilot", "--json"])
}

fn guide() -> String {
    page("docs/guide/manifest.md")
}

fn page(name: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(name)).expect("the page is in the repository")
}

/// The first whole file in a language: a block of code that names its format.
fn first<'a>(guide: &'a str, language: &str) -> &'a str {
    guide
        .split(&format!("```{language}\n"))
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .find(|block| block.contains("workprint."))
        .expect("the guide has an example")
}

/// The names of all fields that a schema knows, kinds of pictures and the like among them.
fn collect(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                names.extend(properties.keys().cloned());
            }
            fields.values().for_each(|value| collect(value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, names)),
        _ => {}
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the program under test is started, as a user would"
)]
fn workprint(folder: &Path, arguments: &[&str]) -> Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_workprint"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("cargo built the program")
}
