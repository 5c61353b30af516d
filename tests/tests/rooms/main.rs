//! The walls between rooms: which room may import which, and whose licence may be in the tree.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// The import table of ARCHITECTURE.md. A room may import what stands here and nothing else.
const TABLE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("manifest", &["model"]),
    ("interchange", &["model"]),
    ("store", &["model"]),
    ("engine", &["model", "store"]),
    ("media", &["model"]),
    ("picture", &["model"]),
    ("credentials", &["model"]),
    ("sound", &["model"]),
    ("providers", &["model", "media"]),
    (
        "stages",
        &[
            "model",
            "interchange",
            "engine",
            "media",
            "picture",
            "sound",
            "providers",
        ],
    ),
    (
        "studio",
        &[
            "model",
            "manifest",
            "interchange",
            "store",
            "engine",
            "media",
            "picture",
            "sound",
            "providers",
            "credentials",
            "stages",
        ],
    ),
    ("server", &["model", "studio"]),
    ("cli", &["model", "studio", "server"]),
    ("espeak", &[]),
    ("x264", &[]),
    ("tests", &["model", "engine", "fakes"]),
    ("fakes", &[]),
];

/// Crates that only one room may use: heavy ones, and those that would break a wall.
const KEPT_IN: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("parley", &["picture"]),
    ("vello_cpu", &["picture"]),
    ("resvg", &["picture"]),
    ("jumpcut", &["interchange"]),
    ("libloading", &["espeak"]),
    ("reqwest", &["providers"]),
    ("governor", &["providers"]),
    ("axum", &["server", "fakes"]),
    ("hyper", &["server"]),
    ("tokio-tungstenite", &["providers"]),
    ("c2pa", &["credentials"]),
    ("rcgen", &["credentials"]),
];

/// Licences that may be in the tree besides that of `workprint-espeak` and `workprint-x264`.
const LICENCES: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "CC0-1.0",
    "Unlicense",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "BSL-1.0",
    "NCSA",
];

fn metadata() -> Metadata {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    MetadataCommand::new()
        .manifest_path(manifest)
        .exec()
        .expect("cargo describes this workspace")
}

fn room(package: &Package) -> &str {
    package
        .name
        .strip_prefix("workprint-")
        .expect("packages here carry the project's name")
}

#[test]
fn rooms_import_what_the_table_allows() {
    let metadata = metadata();
    let table: BTreeMap<&str, BTreeSet<&str>> = TABLE
        .iter()
        .map(|(room, allowed)| (*room, allowed.iter().copied().collect()))
        .collect();
    let mut wrong = Vec::new();
    for package in metadata.workspace_packages() {
        let Some(allowed) = table.get(room(package)) else {
            wrong.push(format!("`{}` is not in the table", room(package)));
            continue;
        };
        for dependency in package
            .dependencies
            .iter()
            .filter(|dep| dep.kind == DependencyKind::Normal)
        {
            if let Some(imported) = dependency.name.strip_prefix("workprint-")
                && !allowed.contains(imported)
            {
                wrong.push(format!("`{}` imports `{imported}`", room(package)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn heavy_crates_stay_in_their_rooms() {
    let metadata = metadata();
    let mut wrong = Vec::new();
    for package in metadata.workspace_packages() {
        for dependency in &package.dependencies {
            let kept = KEPT_IN.iter().find(|(name, _)| *name == dependency.name);
            if let Some((name, rooms)) = kept
                && !rooms.contains(&room(package))
            {
                wrong.push(format!("`{}` uses `{name}`", room(package)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_dependency_has_a_permissive_licence() {
    let metadata = metadata();
    let members: BTreeSet<_> = metadata.workspace_members.iter().collect();
    let wrong: Vec<String> = metadata
        .packages
        .iter()
        .filter(|package| !members.contains(&package.id))
        .filter(|package| !package.license.as_deref().is_some_and(is_permissive))
        // The one exception: docs/adr/0012-our-own-films-are-decoded-in-the-process.md.
        .filter(|package| {
            let decoder = package.name.starts_with("symphonia");
            !(decoder && package.license.as_deref() == Some("MPL-2.0"))
        })
        .map(|package| {
            format!(
                "{} {}: {:?}",
                package.name, package.version, package.license
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// One of the alternatives of an `OR`, with every part of its `AND`s, is on the list.
fn is_permissive(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    plain
        .split(" AND ")
        .all(|part| part.split(" OR ").any(|one| LICENCES.contains(&one.trim())))
}

#[test]
fn the_licence_of_separate_programs_is_their_own() {
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        let wanted = if ["espeak", "x264"].contains(&room(package)) {
            "GPL-3.0-or-later"
        } else {
            "MIT OR Apache-2.0"
        };
        assert_eq!(package.license.as_deref(), Some(wanted), "{}", package.name);
    }
}
