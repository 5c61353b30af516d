//! What a render that ended *waiting* waits for: answers and files of people, edits, jobs at vendors.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use workprint_providers::own::returned;
use workprint_store::{JobState, Store};

use crate::ops::jobs::bundle;
use crate::{ExitKind, Host, Place, StudioError};

/// How often it is looked.
const EACH: Duration = Duration::from_secs(1);
/// How often a job at a vendor is asked about again, for which a render has waited long enough.
const AGAIN: Duration = Duration::from_mins(5);

/// Files, with their lengths and when they were written to, in nanoseconds since 1970.
type Files = BTreeMap<PathBuf, (u64, u128)>;

/// A look at what people can do while a render is under way or has just ended, to be taken before it begins: what they did
/// since may have come too late for it.
#[derive(Debug)]
pub struct Watch<'a> {
    host: &'a Host,
    place: Place,
    given: Given,
}

/// What people gave: their answers, by number, and files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Given {
    answers: usize,
    files: Files,
}

impl Given {
    /// Whether something came or was put right since; what a render took is not missed.
    fn is_more_than(&self, before: &Self) -> bool {
        let mut files = self.files.iter();
        self.answers != before.answers
            || files.any(|(file, state)| before.files.get(file) != Some(state))
    }
}

/// How the jobs stand, which are a render's own while it is under way.
type Jobs = Vec<(i64, &'static str, i64)>;

impl<'a> Watch<'a> {
    /// Looks before a render.
    pub async fn begin(host: &'a Host, place: &Place) -> Result<Self, StudioError> {
        let place = place.clone();
        // A show that was never rendered has no books yet: nobody was asked, or handed anything.
        let given = match Store::open_read_only(&place.root, host.clock.clone()).await {
            Ok(store) => look(host, &place, &store).await?.0,
            Err(_) => Given {
                files: texts(&place),
                ..Given::default()
            },
        };
        Ok(Self { host, place, given })
    }

    /// Waits until the next render may find something to do: an answer was given, a file came back or was put right, the
    /// show or the manifest was written to, somebody said what became of a job, or a vendor is to be asked again. A file
    /// that is still written to is waited for; so is who holds the production.
    pub async fn until_changed(&self) -> Result<(), StudioError> {
        let store = Store::open_read_only(&self.place.root, self.host.clock.clone()).await?;
        let (begun, mut before) = (Instant::now(), None);
        loop {
            let (given, jobs, is_out) = look(self.host, &self.place, &store).await?;
            let is_new = given.is_more_than(&self.given);
            let resolved = matches!(&before, Some((_, before)) if *before != jobs);
            let now = Some((given, jobs));
            if is_new && before == now || resolved || is_out && begun.elapsed() >= AGAIN {
                break;
            }
            before = now;
            tokio::time::sleep(EACH).await;
        }
        self.until_free().await
    }

    async fn until_free(&self) -> Result<(), StudioError> {
        loop {
            let clock = self.host.clock.clone();
            match Store::open(&self.place.root, &self.host.command, clock).await {
                Ok(store) => return Ok(store.close().await?),
                Err(error) => {
                    let error = StudioError::from(error);
                    if error.exit() != ExitKind::Held {
                        return Err(error);
                    }
                }
            }
            tokio::time::sleep(EACH).await;
        }
    }
}

/// What was given, how the jobs stand, and whether some are under way at vendors.
async fn look(
    host: &Host,
    place: &Place,
    store: &Store,
) -> Result<(Given, Jobs, bool), StudioError> {
    let mut given = Given {
        answers: store.answers(None).await?.len(),
        files: texts(place),
    };
    let (mut jobs, mut is_out) = (Jobs::new(), false);
    for job in store.jobs().await? {
        jobs.push((job.id, job.state.name(), job.changed_at));
        if let Some(bundle) = bundle(&job) {
            let files = returned(&host.expand(&place.root, bundle)).into_iter();
            given.files.extend(files.filter_map(|file| state(&file)));
        } else {
            is_out |= job.state == JobState::Submitted;
        }
    }
    Ok((given, jobs, is_out))
}

fn texts(place: &Place) -> Files {
    let both = [place.root.join("show.toml"), place.manifest()];
    both.iter().filter_map(|file| state(file)).collect()
}

fn state(file: &Path) -> Option<(PathBuf, (u64, u128))> {
    let about = fs::symlink_metadata(file).ok()?;
    let since = about.modified().ok()?.duration_since(std::time::UNIX_EPOCH);
    let written = since.unwrap_or_default().as_nanos();
    Some((file.to_owned(), (about.len(), written)))
}
