//! `docs/guide/manifest.md` leaves no field out, and its example is good.

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
fn the_first_example_is_good() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("guide");
    drop(std::fs::remove_dir_all(&folder));
    let episode = folder.join("episodes/pilot");
    std::fs::create_dir_all(&episode).unwrap();
    let guide = guide();
    std::fs::write(episode.join("manifest.json"), first(&guide, "json")).unwrap();
    std::fs::write(folder.join("show.toml"), first(&guide, "toml")).unwrap();
    let output = workprint(&folder, &["check", "pilot", "--json"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

fn guide() -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/manifest.md");
    std::fs::read_to_string(path).expect("the guide is in the repository")
}

/// The first block of code in a language.
fn first<'a>(guide: &'a str, language: &str) -> &'a str {
    let (_, rest) = guide
        .split_once(&format!("```{language}\n"))
        .expect("the guide has an example");
    rest.split("```").next().unwrap_or_default()
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
