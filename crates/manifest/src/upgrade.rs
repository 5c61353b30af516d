//! Versions of the stored formats.
//!
//! Each format has one version so far. A change that old files cannot follow gets the next number,
//! and a function here, named for the version it starts from, that makes the new tree of the old.

use workprint_model::{episode, lock, show};

use crate::shape::opening;
use crate::tree::{Node, Problem, brief};

/// Checks that a file's `format` is the one that is read here. A missing or misshapen `format` is
/// left to the shape's check.
///
/// An error means that checking anything else would only add noise.
pub(crate) fn check(root: &Node<'_>, expected: &str) -> Result<(), Problem> {
    let Some(field) = root.find("format") else {
        return Ok(());
    };
    let Some(found) = field.text().filter(|found| *found != expected) else {
        return Ok(());
    };
    let (name, version) = split(expected);
    let wrong = |message: String| Problem::new(field.span, "manifest.format", message);
    let problem = match split(found) {
        (same, Some(newer)) if same == name && newer > version.unwrap_or(0) => wrong(format!(
            "this file was made by a newer Workprint: it is `{}`, and `{expected}` is read here",
            brief(found)
        ))
        .hint("install the newer Workprint"),
        _ => match [
            (episode::FORMAT, "a manifest"),
            (show::FORMAT, "a show"),
            (lock::FORMAT, "a lock"),
        ]
        .into_iter()
        .find(|(format, _)| split(format).0 == split(found).0)
        {
            Some((_, other)) if split(found).0 != name => wrong(format!(
                "this file is {other}, and `{expected}` is expected here"
            )),
            _ => wrong(format!(
                "`{}` is not a format: `{expected}` is expected",
                brief(found)
            ))
            .hint(format!("write `{expected}`")),
        },
    };
    Err(problem)
}

/// Says which format is expected in a file that is not even an object.
pub(crate) fn not_an_object(root: &Node<'_>, expected: &str) -> Problem {
    Problem::new(
        opening(root),
        "manifest.wrong-type",
        format!(
            "the file must be an object with `format` = `{expected}`, and here is {}",
            root.kind()
        ),
    )
}

fn split(format: &str) -> (&str, Option<u32>) {
    match format.rsplit_once('/') {
        Some((name, version)) => (name, version.parse().ok()),
        None => (format, None),
    }
}
