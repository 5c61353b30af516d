//! Everything that can go wrong with a program or with what it is given.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A result of this room.
pub type Result<T, E = MediaError> = std::result::Result<T, E>;

/// What a program said before it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The program's file.
    pub program: PathBuf,
    /// Its arguments, joined by spaces for people; not for a shell.
    pub arguments: String,
    /// How it ended, such as `exit status: 1` or `signal: 9 (SIGKILL)`.
    pub status: String,
    /// The last twenty lines it wrote to standard error.
    pub stderr: String,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{} {}` ended with {}",
            self.program.display(),
            self.arguments,
            self.status
        )?;
        if self.stderr.is_empty() {
            f.write_str(" and said nothing")
        } else {
            write!(f, " and said: {}", self.stderr)
        }
    }
}

/// What kind of failure it is: decides exit codes, statuses and whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaErrorKind {
    /// A program is not on this machine.
    MissingProgram,
    /// A file is broken, or is not what it should be.
    BadMedia,
    /// What was asked for is not possible, whatever the file.
    BadRequest,
    /// Somebody stopped it.
    Cancelled,
    /// It took longer than it may.
    TimedOut,
    /// A file could not be read or written.
    Io,
    /// The disk is full.
    OutOfSpace,
    /// A program failed for a reason that is not known here.
    Failed,
}

/// A failure of this room.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// A program is not on this machine.
    #[error("`{program}` cannot be started: it is not on this machine")]
    MissingProgram {
        /// The program's name or file.
        program: String,
        /// What to install.
        hint: &'static str,
    },
    /// A file is broken, empty, not a kind that is read here, or lacks what is needed.
    #[error("`{}` cannot be used: {why}", path.display())]
    BadMedia {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
        /// What the program said, if one was started.
        report: Option<Box<Report>>,
    },
    /// A request outside what a function accepts.
    #[error("{0}")]
    BadRequest(String),
    /// [`crate::Cancel::cancel`] was called.
    #[error("cancelled")]
    Cancelled,
    /// A program was stopped because it took too long.
    #[error("`{program}` was stopped: it did not finish `{}` within {seconds} s", path.display())]
    TimedOut {
        /// The program's name.
        program: String,
        /// The file it worked on.
        path: PathBuf,
        /// How long it was given.
        seconds: u64,
    },
    /// A file or pipe could not be read or written.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// Such as `read`.
        action: &'static str,
        /// The file or program.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The disk is full.
    #[error("the disk is full: cannot write `{}`", path.display())]
    OutOfSpace {
        /// The file that was being written.
        path: PathBuf,
    },
    /// The speech program refused a request.
    #[error("{message}")]
    Speech {
        /// Its stable name for the problem, such as `voice_unknown`.
        kind: String,
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// A program failed.
    #[error("{0}")]
    Failed(Box<Report>),
}

impl MediaError {
    /// The kind of failure.
    pub const fn kind(&self) -> MediaErrorKind {
        match self {
            Self::MissingProgram { .. } => MediaErrorKind::MissingProgram,
            Self::BadMedia { .. } => MediaErrorKind::BadMedia,
            Self::BadRequest(_) | Self::Speech { .. } => MediaErrorKind::BadRequest,
            Self::Cancelled => MediaErrorKind::Cancelled,
            Self::TimedOut { .. } => MediaErrorKind::TimedOut,
            Self::Io { .. } => MediaErrorKind::Io,
            Self::OutOfSpace { .. } => MediaErrorKind::OutOfSpace,
            Self::Failed(_) => MediaErrorKind::Failed,
        }
    }

    /// What to do about it, one act each; empty where nothing general can be said.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::MissingProgram { hint, .. } => vec![(*hint).to_owned()],
            Self::Speech { hint, .. } if !hint.is_empty() => vec![hint.clone()],
            Self::BadMedia { path, .. } => vec![format!(
                "play `{}` in a media player; if that fails too, export it again or replace it",
                path.display()
            )],
            Self::TimedOut { .. } => vec![
                "try again when the machine is less busy; if it fails again, replace the file"
                    .to_owned(),
            ],
            Self::OutOfSpace { .. } => {
                vec!["free some disk space, then run again: what is finished is kept".to_owned()]
            }
            _ => Vec::new(),
        }
    }

    /// What the program said, where one was started and failed.
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::BadMedia { report, .. } => report.as_deref(),
            Self::Failed(report) => Some(report),
            _ => None,
        }
    }

    /// A file that cannot be used, and why.
    pub fn bad(path: &Path, why: impl Into<String>) -> Self {
        Self::BadMedia {
            path: path.to_owned(),
            why: why.into(),
            report: None,
        }
    }

    /// What became of reading or writing a file.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| {
            let path = path.to_owned();
            match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    Self::OutOfSpace { path }
                }
                _ => Self::Io {
                    action,
                    path,
                    source,
                },
            }
        }
    }
}
