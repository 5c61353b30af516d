//! Every link from one page of the repository to another leads somewhere.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Markdown files below a folder, without what is hidden or built.
fn pages(folder: &Path, all: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with('.') || name == "target" {
            continue;
        }
        if path.is_dir() {
            pages(&path, all);
        } else if path.extension().is_some_and(|end| end == "md") {
            let text = fs::read_to_string(&path).unwrap();
            all.insert(path, prose(&text));
        }
    }
}

/// A page without its blocks of code.
fn prose(text: &str) -> String {
    let mut code = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        } else if !code {
            prose.push_str(line);
            prose.push('\n');
        }
    }
    prose
}

/// Where the links of a page lead, pictures among them.
fn links(page: &str) -> impl Iterator<Item = &str> {
    let ends = page.split("](").skip(1);
    let inside = ends.filter_map(|rest| rest.split([')', ' ', '\n']).next());
    let pictures = page.split("src=\"").skip(1);
    inside.chain(pictures.filter_map(|rest| rest.split('"').next()))
}

/// A page has a heading that is linked to as GitHub does: in small letters, with `-` for spaces and
/// without other signs.
fn has_heading(page: &str, wanted: &str) -> bool {
    let headings = page.lines().filter_map(|line| line.strip_prefix('#'));
    headings
        .map(|rest| rest.trim_start_matches('#').trim().to_lowercase())
        .map(|heading| heading.replace(' ', "-"))
        .any(|heading| {
            let seen = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_');
            heading.chars().filter(seen).eq(wanted.chars())
        })
}

#[test]
fn every_link_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root.canonicalize().unwrap();
    let mut all = BTreeMap::new();
    pages(&root, &mut all);
    let (mut count, mut wrong) = (0, Vec::new());
    for (path, page) in &all {
        for link in links(page).filter(|link| !link.contains(':')) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                _ => path.parent().unwrap().join(file),
            };
            let found = target.canonicalize().ok();
            let there = found.is_some_and(|target| match all.get(&target) {
                Some(page) if !heading.is_empty() => has_heading(page, heading),
                _ => target.starts_with(&root),
            });
            count += 1;
            if !there {
                wrong.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(count > 100, "{count}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_page_of_the_guide_is_linked_to() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    for page in fs::read_dir(root.join("docs/guide")).unwrap() {
        let path = page.unwrap().path();
        if path.extension().is_none_or(|end| end != "md") {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy();
        let link = format!("](docs/guide/{name})");
        assert!(readme.contains(&link), "{name}");
    }
}
