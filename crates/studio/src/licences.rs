//! Licences of the production's own files, as REUSE writes them (<https://reuse.software/spec-3.3/>):
//! `REUSE.toml` beside show.toml, or a file `NAME.license` beside a file.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use workprint_model::MediaPath;

/// The largest licence file that is read.
const LIMIT: u64 = 1 << 20;
/// The most files that are looked through.
const MOST_FILES: usize = 20_000;

#[derive(Debug, Default, Deserialize)]
struct Reuse {
    #[serde(default)]
    annotations: Vec<Annotation>,
}

#[derive(Debug, Deserialize)]
struct Annotation {
    path: OneOrMore,
    #[serde(rename = "SPDX-License-Identifier", default)]
    licence: Option<String>,
    #[serde(rename = "SPDX-FileCopyrightText", default)]
    copyright: Option<OneOrMore>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn all(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::More(texts) => texts,
        }
    }
}

/// What is known of a show's licences.
#[derive(Debug, Default)]
pub(crate) struct Licences {
    root: PathBuf,
    reuse: Reuse,
}

impl Licences {
    pub(crate) fn read(root: &Path) -> Self {
        let reuse = text(&root.join("REUSE.toml")).and_then(|text| toml::from_str(&text).ok());
        Self {
            root: root.to_owned(),
            reuse: reuse.unwrap_or_default(),
        }
    }

    /// The licence and the copyright holder of a file, where they are told.
    pub(crate) fn of(&self, path: &MediaPath) -> (Option<String>, Option<String>) {
        if let Some(beside) = text(&self.root.join(format!("{path}.license"))) {
            let tag = |name: &str| {
                let line = beside
                    .lines()
                    .find_map(|line| line.trim().strip_prefix(name));
                line.map(|value| value.trim().to_owned())
            };
            return (
                tag("SPDX-License-Identifier:"),
                tag("SPDX-FileCopyrightText:"),
            );
        }
        // As REUSE has it, the last annotation that matches counts.
        let matching = self.reuse.annotations.iter().rfind(|annotation| {
            annotation
                .path
                .all()
                .iter()
                .any(|pattern| matches(pattern, path.as_str()))
        });
        matching.map_or((None, None), |annotation| {
            let copyright = annotation
                .copyright
                .as_ref()
                .map(|holders| holders.all().join("; "));
            (annotation.licence.clone(), copyright)
        })
    }
}

fn text(path: &Path) -> Option<String> {
    let meta = std::fs::metadata(path).ok()?;
    (meta.is_file() && meta.len() <= LIMIT)
        .then(|| std::fs::read_to_string(path).ok())
        .flatten()
}

/// REUSE's patterns: `*` is any run without `/`, `**` any run.
fn matches(pattern: &str, path: &str) -> bool {
    if let Some(rest) = pattern.strip_prefix("**") {
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        return matches(rest, path)
            || path
                .char_indices()
                .any(|(at, c)| matches(rest, &path[at + c.len_utf8()..]));
    }
    if let Some(rest) = pattern.strip_prefix('*') {
        let ends = path.find('/').unwrap_or(path.len());
        return path[..=ends.min(path.len().saturating_sub(1))]
            .char_indices()
            .map(|(at, _)| at)
            .chain([ends])
            .filter(|at| *at <= ends)
            .any(|at| matches(rest, &path[at..]));
    }
    match (pattern.chars().next(), path.chars().next()) {
        (None, None) => true,
        (Some(one), Some(other)) if one == other => {
            matches(&pattern[one.len_utf8()..], &path[one.len_utf8()..])
        }
        _ => false,
    }
}

/// Every file of a show that may be named by its episodes.
pub(crate) fn walk(root: &Path, out: &mut Vec<MediaPath>) {
    let mut folders = vec![root.join("media"), root.join("bible")];
    for episode in crate::place::episodes(root) {
        folders.push(root.join("episodes").join(episode.as_str()).join("takes"));
    }
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else {
            continue;
        };
        for entry in entries.filter_map(Result::ok) {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            let path = entry.path();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file()
                && out.len() < MOST_FILES
                && let Some(Ok(path)) = path
                    .strip_prefix(root)
                    .ok()
                    .and_then(Path::to_str)
                    .map(str::parse)
            {
                out.push(path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_reuse_has_it() {
        assert!(matches("media/**", "media/art/dawn.svg"));
        assert!(matches("**/*.svg", "media/art/dawn.svg"));
        assert!(matches("media/art/*.svg", "media/art/dawn.svg"));
        assert!(!matches("media/*.svg", "media/art/dawn.svg"));
        assert!(!matches("media/art/*.png", "media/art/dawn.svg"));
        assert!(matches("*", "a"));
    }
}
