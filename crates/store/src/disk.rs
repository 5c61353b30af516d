//! Committed transactions on the disk: one wait for all that were committed meanwhile.
//!
//! SQLite itself waits for the disk in every commit (`synchronous = FULL`), while nobody else can write: a
//! thousand steps that end at once would wait a thousand times, one after the other. Here it does not
//! (`synchronous = NORMAL`: the log is brought to the disk before it is folded into the database, so a
//! crash loses no more than the latest commits), and whoever commits waits afterwards until the log is on
//! the disk, together with the others. Nothing is done on the strength of a commit before that.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::SqliteConnection;
use tokio::sync::Mutex;

use crate::ledger::{Written, log_of};

#[derive(Debug, Default)]
pub(crate) struct Disk {
    /// How many transactions were committed.
    pub(crate) commits: Arc<AtomicU64>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The write-ahead log; nothing where SQLite keeps none and waits for the disk itself.
    log: Option<PathBuf>,
    /// The log, once it is known to be in its folder for good.
    file: Option<Arc<File>>,
    /// How many commits are on the disk.
    settled: u64,
    /// The disk failed once: what it says of those commits later is not to be trusted.
    failed: bool,
}

impl Disk {
    pub(crate) async fn of(connection: &mut SqliteConnection, path: &Path) -> sqlx::Result<Self> {
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
            .fetch_one(&mut *connection)
            .await?;
        let log = (mode == "wal").then(|| log_of(path));
        if log.is_none() {
            let full = "PRAGMA synchronous = FULL";
            sqlx::raw_sql(full).execute(connection).await?;
        }
        let state = State {
            log,
            ..State::default()
        };
        Ok(Self {
            commits: Arc::default(),
            state: Mutex::new(state),
        })
    }

    /// Waits until a commit is on the disk. The first who comes brings everything there that is committed by
    /// then; the others wait for it, and mostly find theirs done.
    pub(crate) async fn settle(&self, Written(commit): Written) -> io::Result<()> {
        let mut state = self.state.lock().await;
        let Some(log) = &state.log else {
            return Ok(());
        };
        if state.failed {
            return Err(io::Error::other("the disk failed before"));
        }
        if state.settled >= commit {
            return Ok(());
        }
        let all = self.commits.load(Ordering::Acquire);
        let (log, known) = (log.clone(), state.file.clone());
        let synced = tokio::task::spawn_blocking(move || sync(&log, known)).await;
        match synced.map_err(io::Error::other).flatten() {
            Ok(file) => {
                state.file = Some(file);
                state.settled = all;
                Ok(())
            }
            Err(error) => {
                state.failed = true;
                Err(error)
            }
        }
    }
}

fn sync(log: &Path, known: Option<Arc<File>>) -> io::Result<Arc<File>> {
    if let Some(file) = known {
        file.sync_data()?;
        return Ok(file);
    }
    let file = File::options().read(true).write(true).open(log)?;
    file.sync_data()?;
    // The log is new, or was made by somebody who did not come so far.
    if let Some(folder) = log.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(Arc::new(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(log: &Path) -> Disk {
        let state = State {
            log: Some(log.to_owned()),
            ..State::default()
        };
        Disk {
            commits: Arc::new(AtomicU64::new(5)),
            state: Mutex::new(state),
        }
    }

    #[tokio::test]
    async fn one_wait_is_for_all_that_is_committed() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("ledger-wal");
        std::fs::write(&log, "log").unwrap();
        let disk = disk(&log);
        disk.settle(Written(3)).await.unwrap();
        assert_eq!(disk.state.lock().await.settled, 5);
        // Were the log looked at again, this would fail.
        disk.state.lock().await.log = Some(folder.path().join("none"));
        disk.state.lock().await.file = None;
        disk.settle(Written(5)).await.unwrap();
        disk.commits.store(6, Ordering::Release);
        disk.settle(Written(6)).await.unwrap_err();
    }

    #[tokio::test]
    async fn a_disk_that_failed_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("ledger-wal");
        let disk = disk(&log);
        disk.settle(Written(1)).await.unwrap_err();
        std::fs::write(&log, "log").unwrap();
        disk.settle(Written(1)).await.unwrap_err();
    }
}
