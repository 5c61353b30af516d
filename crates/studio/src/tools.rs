//! What programs said they are, remembered for all productions until a program's file changes: asking
//! means starting it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The file's name in the cache folder.
const FILE: &str = "tools.json";

/// How many programs are remembered. More come only where programs move around.
const MOST: usize = 64;

/// Where answers are remembered. Whatever goes wrong here costs a question and nothing else.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    folder: Option<PathBuf>,
}

/// By the program's path.
type Answers = BTreeMap<PathBuf, Answer>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Answer {
    stamp: Stamp,
    identity: String,
}

/// What tells one file at a path from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    size: u64,
    ino: u64,
    mtime: i64,
    mtime_nsec: i64,
}

impl Stamp {
    fn of(program: &Path) -> Option<Self> {
        let about = fs::metadata(program).ok().filter(fs::Metadata::is_file)?;
        Some(Self {
            size: about.len(),
            ino: about.ino(),
            mtime: about.mtime(),
            mtime_nsec: about.mtime_nsec(),
        })
    }
}

impl Remembered {
    /// In a folder that is made when there is something to remember; nowhere without one.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder: folder.filter(|folder| folder.is_absolute()),
        }
    }

    /// The folder.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// What the program said, if its file is still the same.
    pub(crate) fn find(&self, program: &Path) -> Option<String> {
        let answer = self.read().remove(program)?;
        (Stamp::of(program)? == answer.stamp).then_some(answer.identity)
    }

    /// Remembers what a program said. Of two processes that do so at once, one may have to ask again.
    pub(crate) fn put(&self, program: &Path, identity: &str) {
        let (Some(folder), Some(stamp)) = (&self.folder, Stamp::of(program)) else {
            return;
        };
        let mut answers = self.read();
        if answers.len() >= MOST {
            answers.retain(|path, answer| Stamp::of(path) == Some(answer.stamp));
        }
        if answers.len() >= MOST || !program.is_absolute() {
            return;
        }
        let identity = identity.to_owned();
        answers.insert(program.to_owned(), Answer { stamp, identity });
        drop(write(folder, &answers));
    }

    fn read(&self) -> Answers {
        let text = self.folder.as_ref().and_then(|folder| {
            // What is longer was not written here.
            let file = folder.join(FILE);
            let short = fs::metadata(&file).is_ok_and(|about| about.len() < 1 << 20);
            short.then(|| fs::read(file).ok()).flatten()
        });
        text.and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default()
    }
}

/// A reader sees the whole of the old file or of the new one.
fn write(folder: &Path, answers: &Answers) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&serde_json::to_vec_pretty(answers)?)?;
    file.persist(folder.join(FILE))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_changes_is_asked_again() {
        let dir = tempfile::tempdir().unwrap();
        let (program, cache) = (
            dir.path().join("ffmpeg"),
            dir.path().join("cache/workprint"),
        );
        fs::write(&program, "one").unwrap();
        let known = Remembered::new(Some(cache.clone()));
        assert_eq!(known.find(&program), None);
        known.put(&program, "ffmpeg 5.1");
        let another = Remembered::new(Some(cache));
        assert_eq!(another.find(&program).as_deref(), Some("ffmpeg 5.1"));
        fs::write(&program, "another").unwrap();
        assert_eq!(known.find(&program), None);
        known.put(&program, "ffmpeg 6");
        assert_eq!(another.find(&program).as_deref(), Some("ffmpeg 6"));
        fs::remove_file(&program).unwrap();
        assert_eq!(known.find(&program), None);
    }

    #[test]
    fn what_cannot_be_remembered_is_asked_again() {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("ffmpeg");
        fs::write(&program, "one").unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "no folder").unwrap();
        for folder in [None, Some("relative".into()), Some(file)] {
            let known = Remembered::new(folder);
            known.put(&program, "ffmpeg");
            assert_eq!(known.find(&program), None);
        }
        fs::write(dir.path().join(FILE), "{\"cut sho").unwrap();
        let known = Remembered::new(Some(dir.path().to_owned()));
        assert_eq!(known.find(&program), None);
        known.put(&program, "ffmpeg");
        assert_eq!(known.find(&program).as_deref(), Some("ffmpeg"));
    }

    #[test]
    fn programs_that_are_gone_make_room() {
        let dir = tempfile::tempdir().unwrap();
        let known = Remembered::new(Some(dir.path().join("cache")));
        for number in 0..MOST + 5 {
            let program = dir.path().join(format!("ffmpeg-{number}"));
            fs::write(&program, "one").unwrap();
            known.put(&program, "ffmpeg");
            assert!(known.find(&program).is_some(), "{number}");
            fs::remove_file(&program).unwrap();
        }
    }
}
