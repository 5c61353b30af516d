//! Stock: what libraries have of something, to be named in a manifest.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use futures::future::join_all;
use serde::{Deserialize, Serialize};
use workprint_model::Digest;
pub use workprint_model::stock::StockKind;
pub use workprint_providers::stock::{COUNTS, Found, MOST_WORDS, Search, Shape};
use workprint_providers::stock::{KEPT, Row};
use workprint_providers::vendors::{LIBRARIES, library};
use workprint_stages::stock::Libraries;

use crate::production::{libraries, read_show};
use crate::{Host, Place, StudioError};

/// The largest answer that is kept and read again.
const MOST_KEPT: u64 = 4 << 20;
/// How many answers are kept.
const MOST_ANSWERS: usize = 500;

/// What was found.
#[derive(Debug, Clone, Serialize)]
pub struct Stock {
    /// Everything, library after library, each in the order in which it lists it.
    pub found: Vec<Candidate>,
    /// The libraries that gave no answer.
    pub silent: Vec<Silent>,
}

/// A thing that a manifest may name.
#[derive(Debug, Clone, Serialize)]
pub struct Candidate {
    /// How a manifest names it: `stock/pexels/photos/2014422`.
    pub file: String,
    /// What the library tells of it.
    #[serde(flatten)]
    pub found: Found,
}

/// A library that gave no answer.
#[derive(Debug, Clone, Serialize)]
pub struct Silent {
    /// Which.
    pub vendor: &'static str,
    /// Why.
    pub why: String,
    /// What to do.
    pub hint: String,
}

/// An answer, and when it came: milliseconds since 1970, UTC.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    at: i64,
    found: Vec<Found>,
}

/// Searches the libraries that there is a key for, or the named one. Where there is a show around the folder its
/// settings count. What was asked within the day is not asked again, as libraries' terms have it.
pub async fn search(
    host: &Host,
    (show, vendor): (Option<&str>, Option<&str>),
    search: &Search,
) -> Result<Stock, StudioError> {
    let search = &checked(search)?;
    let known = known(host, show)?;
    let rows: Vec<&'static Row> = match vendor {
        None => LIBRARIES.iter().collect(),
        Some(name) => vec![library(name).ok_or_else(|| {
            let known = LIBRARIES.iter().map(|row| format!("`{}`", row.id));
            let known = known.collect::<Vec<_>>().join(", ");
            let name: String = name.chars().take(40).collect();
            StudioError::request(
                format!("there is no stock library `{name}`"),
                format!("name one of: {known}"),
            )
        })?],
    };
    let asked = rows.iter().map(|row| one(host, &known, row, search));
    let answers = join_all(asked).await;
    let mut stock = Stock {
        found: Vec::new(),
        silent: Vec::new(),
    };
    for answer in answers {
        match answer {
            Ok(found) => stock.found.extend(found.into_iter().map(candidate)),
            Err(silent) => stock.silent.push(silent),
        }
    }
    // With one key at least, those without are no matter.
    if stock.silent.len() == rows.len() {
        let hints = stock.silent.iter().map(|one| one.hint.clone());
        return Err(StudioError::Step {
            message: stock
                .silent
                .iter()
                .map(|one| one.why.clone())
                .collect::<Vec<_>>()
                .join("; "),
            hints: hints.collect(),
        });
    }
    Ok(stock)
}

fn candidate(found: Found) -> Candidate {
    let file = found.item.to_string();
    Candidate { file, found }
}

/// The search as it is sent.
fn checked(search: &Search) -> Result<Search, StudioError> {
    let words = search
        .words
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let length = words.chars().count();
    if length == 0 || length > MOST_WORDS {
        return Err(StudioError::request(
            format!("a search has 1 to {MOST_WORDS} characters, and this one {length}"),
            "name what should be seen in a few words",
        ));
    }
    Ok(Search {
        words,
        count: search.count.clamp(COUNTS.0, COUNTS.1),
        page: search.page.max(1),
        ..search.clone()
    })
}

/// The libraries with the keys of a show, where there is one.
fn known(host: &Host, show: Option<&str>) -> Result<Libraries, StudioError> {
    let root = Place::find_show(&host.directory, show);
    let root = match (root, show) {
        (Ok(root), _) => root,
        (Err(error), Some(_)) => return Err(error),
        (Err(_), None) => {
            let none = workprint_model::show::Engines::default();
            return Ok(libraries(host, &none, &host.directory));
        }
    };
    let show = read_show(&root)?;
    Ok(libraries(host, &show.engines, &root))
}

async fn one(
    host: &Host,
    known: &Libraries,
    row: &'static Row,
    search: &Search,
) -> Result<Vec<Found>, Silent> {
    let silent = |why: String, hint: String| Silent {
        vendor: row.id,
        why,
        hint,
    };
    let (now, asked) = (host.clock.now(), (row.id, known.url(row), search));
    let key = Digest::of_json(&asked);
    let folder = host.cache().map(|folder| folder.join("stock"));
    let kept = folder.as_deref().and_then(|folder| kept(folder, &key, now));
    if let Some(found) = kept {
        return Ok(found);
    }
    let shop = known
        .find(row.id)
        .map_err(|error| silent(error.to_string(), error.hint()))?;
    let found = shop.search(search).await;
    let found =
        found.map_err(|error| silent(crate::with_causes(&error), error.hint().to_owned()))?;
    if let Some(folder) = folder {
        // What cannot be kept is asked again.
        drop(keep(
            &folder,
            &key,
            &Answer {
                at: now,
                found: found.clone(),
            },
        ));
    }
    Ok(found)
}

/// An answer that came within the day.
fn kept(folder: &Path, key: &Digest, now: i64) -> Option<Vec<Found>> {
    let file = folder.join(format!("{key}.json"));
    let short = fs::metadata(&file).is_ok_and(|about| about.len() <= MOST_KEPT);
    let bytes = short.then(|| fs::read(&file).ok()).flatten()?;
    let answer: Answer = serde_json::from_slice(&bytes).ok()?;
    let age = now.checked_sub(answer.at)?;
    let fresh = u128::try_from(age).is_ok_and(|age| age < KEPT.as_millis());
    fresh.then_some(answer.found)
}

/// Keeps an answer; the folder is emptied where it has grown large.
fn keep(folder: &Path, key: &Digest, answer: &Answer) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let files: Vec<_> = fs::read_dir(folder)?.filter_map(Result::ok).collect();
    if files.len() >= MOST_ANSWERS {
        for file in files {
            fs::remove_file(file.path())?;
        }
    }
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&serde_json::to_vec(answer)?)?;
    file.persist(folder.join(format!("{key}.json")))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_for_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let key = Digest::of(b"a lamp");
        let answer = Answer {
            at: 1000,
            found: Vec::new(),
        };
        keep(folder.path(), &key, &answer).unwrap();
        let day = 24 * 3_600_000;
        let at = |now| kept(folder.path(), &key, now).is_some();
        assert!(at(1000) && at(1000 + day - 1));
        // An answer of the future is of another clock.
        assert!(!at(1000 + day) && !at(999));
        assert!(kept(folder.path(), &Digest::of(b"another"), 1000).is_none());
        fs::write(folder.path().join(format!("{key}.json")), "{").unwrap();
        assert!(!at(1000));
    }
}
