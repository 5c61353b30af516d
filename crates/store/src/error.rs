//! What can go wrong with the store, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use workprint_model::Digest;

use crate::lock::Holder;

/// An error of the vault or the ledger.
///
/// The text says where and why; [`StoreError::hint`] says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process writes this production.
    #[error("this production is in use by {holder}")]
    Held {
        /// The lock file.
        path: PathBuf,
        /// Who has it.
        holder: Holder,
    },
    /// A file operation failed.
    #[error("cannot {act} `{}`", path.display())]
    File {
        /// What was tried, such as `read`.
        act: &'static str,
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The disk is full.
    #[error("no space left on the disk of `{}`", path.display())]
    NoSpace {
        /// What was being written.
        path: PathBuf,
    },
    /// The production's folder does not allow writing.
    #[error("`{}` cannot be written", path.display())]
    NotWritable {
        /// What was to be written.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The ledger's file is not a whole database.
    #[error("the ledger `{}` is damaged: {why}", path.display())]
    Damaged {
        /// The ledger's file.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// A newer Workprint wrote the ledger.
    #[error(
        "the ledger `{}` has version {found}, and this program knows versions up to {known}",
        path.display()
    )]
    Newer {
        /// The ledger's file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The latest version known here.
        known: i64,
    },
    /// The ledger must be upgraded, which reading does not do.
    #[error("the ledger `{}` has the old version {found}", path.display())]
    Older {
        /// The ledger's file.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// The ledger refused a statement.
    #[error("cannot {act} in the ledger `{}`", path.display())]
    Ledger {
        /// What was tried, such as `record the step`.
        act: &'static str,
        /// The ledger's file.
        path: PathBuf,
        /// Why.
        source: sqlx::Error,
    },
    /// A row of the ledger does not hold what it should.
    #[error("the ledger's table `{table}` holds something unreadable")]
    Row {
        /// The table.
        table: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The store was opened for reading.
    #[error("cannot {act}: the production was opened for reading only")]
    ReadOnly {
        /// What was tried.
        act: &'static str,
    },
    /// An artifact is not in the vault, or not with the length it should have.
    #[error("the artifact `{digest}` is not in the vault")]
    Missing {
        /// Its digest.
        digest: Digest,
    },
    /// An artifact's bytes are not those it was kept with.
    #[error("the artifact `{digest}` is damaged: its bytes now have the digest `{found}`")]
    Corrupt {
        /// The digest it is named by.
        digest: Digest,
        /// The digest it has.
        found: Digest,
    },
    /// Something is larger than is ever held in memory or in a row.
    #[error("{what} has {bytes} bytes, and at most {max} are allowed")]
    TooLarge {
        /// What.
        what: String,
        /// Its size.
        bytes: u64,
        /// The limit.
        max: u64,
    },
    /// A path of the production names something other than a file.
    #[error("`{}` is not a file: it is {what}", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What it is, with its article.
        what: &'static str,
    },
    /// A path of the production leads out of it.
    #[error("`{}` leads out of the production, to `{}`", path.display(), target.display())]
    Outside {
        /// The path.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// A file was written while it was read.
    #[error("`{}` changes while it is read", path.display())]
    Changing {
        /// The file.
        path: PathBuf,
    },
    /// Another process has taken the production over: this one lost its lock.
    #[error("another process has taken over the production of `{}`", path.display())]
    Superseded {
        /// The ledger's file.
        path: PathBuf,
    },
    /// A job is no longer in a state from which it can be changed so.
    #[error("job {id} has gone on meanwhile")]
    JobMoved {
        /// Its number.
        id: i64,
    },
    /// A run of this process is under way.
    #[error("run {run} is under way")]
    RunUnderWay {
        /// Its number.
        run: u64,
    },
    /// A run that this store did not begin, or that has ended.
    #[error("run {run} is not under way")]
    RunNotUnderWay {
        /// Its number.
        run: u64,
    },
    /// Work on another thread did not end.
    #[error("work in the background was stopped")]
    Stopped(#[source] tokio::task::JoinError),
}

impl StoreError {
    /// What the user can do: one act, imperative.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Held { holder, .. } => match holder.pid {
                Some(pid) => format!("wait for it to end, or stop process {pid}"),
                None => "wait for it to end".to_owned(),
            },
            Self::NoSpace { .. } => {
                "free some space, for example with `workprint gc`, and run again".to_owned()
            }
            Self::NotWritable { path, .. } => {
                format!(
                    "allow writing to `{}`, or copy the production",
                    path.display()
                )
            }
            Self::Damaged { path, .. } => format!(
                "move `{}` away and run again: the lock file keeps the chosen takes, and what is \
                 missing is made again",
                path.display()
            ),
            Self::Newer { .. } => "update Workprint".to_owned(),
            Self::Older { .. } => "run `workprint render` once to upgrade it".to_owned(),
            Self::Missing { .. } | Self::Corrupt { .. } => {
                "run `workprint gc --verify`, then render again to make it anew".to_owned()
            }
            Self::NotAFile { .. } => "name a regular file".to_owned(),
            Self::Outside { .. } => "copy the file into the production".to_owned(),
            Self::Changing { .. } => "wait until the file is complete, and run again".to_owned(),
            Self::RunUnderWay { .. } => "wait for the run to end".to_owned(),
            Self::Superseded { .. } => {
                "leave it to the other one, and never remove `.workprint/lock` by hand".to_owned()
            }
            Self::JobMoved { id } => format!("see how it stands: `workprint jobs explain {id}`"),
            Self::File { source, path, .. } if source.kind() == io::ErrorKind::NotFound => {
                format!("check that `{}` exists", path.display())
            }
            Self::File { .. }
            | Self::Ledger { .. }
            | Self::Row { .. }
            | Self::ReadOnly { .. }
            | Self::TooLarge { .. }
            | Self::RunNotUnderWay { .. }
            | Self::Stopped(_) => return None,
        };
        Some(hint)
    }

    /// A failed file operation, told apart by what the user can do about it.
    pub(crate) fn file(act: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        let writing = !matches!(act, "read" | "look at");
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace { path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem if writing => {
                Self::NotWritable {
                    path,
                    source: Box::new(source),
                }
            }
            _ => Self::File { act, path, source },
        }
    }

    /// A failed statement, told apart by SQLite's result code.
    pub(crate) fn ledger(act: &'static str, path: &Path, source: sqlx::Error) -> Self {
        let path = path.to_owned();
        if let sqlx::Error::Configuration(cause) = &source
            && cause.is::<crate::ledger::Superseded>()
        {
            return Self::Superseded { path };
        }
        match primary_code(&source) {
            Some(SQLITE_CORRUPT | SQLITE_NOTADB) => Self::Damaged {
                path,
                why: source
                    .as_database_error()
                    .map_or_else(String::new, |error| error.message().to_owned()),
            },
            Some(SQLITE_FULL) => Self::NoSpace { path },
            Some(SQLITE_READONLY | SQLITE_CANTOPEN | SQLITE_PERM) => Self::NotWritable {
                path,
                source: Box::new(source),
            },
            _ => Self::Ledger { act, path, source },
        }
    }

    /// A row that cannot be read.
    pub(crate) fn row(
        table: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Row {
            table,
            source: source.into(),
        }
    }
}

// Result codes of SQLite: https://www.sqlite.org/rescode.html
const SQLITE_PERM: u32 = 3;
const SQLITE_READONLY: u32 = 8;
const SQLITE_CORRUPT: u32 = 11;
const SQLITE_FULL: u32 = 13;
const SQLITE_CANTOPEN: u32 = 14;
const SQLITE_NOTADB: u32 = 26;

/// The low byte of an extended result code is the primary code.
fn primary_code(error: &sqlx::Error) -> Option<u32> {
    let code = error.as_database_error()?.code()?;
    code.parse::<u32>().ok().map(|code| code & 0xff)
}
