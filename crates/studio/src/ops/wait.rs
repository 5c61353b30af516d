//! What a render that ended *waiting* waits for: answers and files of people, edits, jobs at vendors.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use workprint_providers::own::returned;
use workprint_store::Store;

use crate::ops::jobs::bundle;
use crate::{ExitKind, Host, Place, StudioError};

/// How often it is looked.
const EACH: Duration = Duration::from_secs(1);
/// How often a job at a vendor is asked about again, for which a render has waited long enough.
const AGAIN: Duration = Duration::from_mins(5);

/// Files, with their lengths and when they were written to, in nanoseconds since 1970.
type Files = BTreeMap<PathBuf, (u64, u128)>;

/// A look at what people can do while a render is under way, to be taken before it begins: what they did meanwhile may
/// have come too late for it.
#[derive(Debug)]
pub struct Watch<'a> {
    host: &'a Host,
    place: Place,
    files: Files,
}

/// What is in the books that only others change while no render is under way: how many answers there are, and how each
/// job stands.
#[derive(Debug, PartialEq, Eq)]
struct Books {
    answers: usize,
    jobs: Vec<(i64, &'static str, i64)>,
}

impl<'a> Watch<'a> {
    /// Looks before a render.
    pub async fn begin(host: &'a Host, place: &Place) -> Result<Self, StudioError> {
        let place = place.clone();
        // A show that was never rendered has no books yet, and nobody was handed anything.
        let files = match Store::open_read_only(&place.root, host.clock.clone()).await {
            Ok(store) => files(host, &place, &store).await?,
            Err(_) => texts(&place),
        };
        Ok(Self { host, place, files })
    }

    /// Waits until the next render may find something to do: an answer was given, a file came back or was put right, the
    /// show or the manifest was written to, somebody said what became of a job, or a vendor is to be asked again. A file
    /// that is still written to is waited for; so is who holds the production.
    pub async fn until_changed(&self) -> Result<(), StudioError> {
        let store = Store::open_read_only(&self.place.root, self.host.clock.clone()).await?;
        let (books, is_out) = look(&store).await?;
        let (begun, mut before) = (Instant::now(), None);
        loop {
            let now = files(self.host, &self.place, &store).await?;
            let same = now == self.files;
            if !same && before.as_ref() == Some(&now) {
                break;
            }
            before = Some(now);
            if look(&store).await?.0 != books || is_out && begun.elapsed() >= AGAIN {
                break;
            }
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

/// The books, and whether jobs are under way at vendors.
async fn look(store: &Store) -> Result<(Books, bool), StudioError> {
    let answers = store.answers(None).await?.len();
    let all = store.jobs().await?;
    let is_out = |job: &workprint_store::Job| {
        job.state == workprint_store::JobState::Submitted && bundle(job).is_none()
    };
    let jobs = all
        .iter()
        .map(|job| (job.id, job.state.name(), job.changed_at));
    let books = Books {
        answers,
        jobs: jobs.collect(),
    };
    Ok((books, all.iter().any(is_out)))
}

/// What the show and the episode say, and what came back to whom something was handed.
async fn files(host: &Host, place: &Place, store: &Store) -> Result<Files, StudioError> {
    let mut all = texts(place);
    for job in store.jobs().await? {
        let folder = bundle(&job).map(|bundle| host.expand(&place.root, bundle));
        let files = folder.map(|folder| returned(&folder)).unwrap_or_default();
        all.extend(files.into_iter().filter_map(|file| state(&file)));
    }
    Ok(all)
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
