//! Why an operation could not be done, with what to do and how it ends.

use std::path::{Path, PathBuf};

use workprint_engine::EngineError;
use workprint_model::Diagnostic;
use workprint_model::step::RunStatus;
use workprint_store::StoreError;

/// How an operation ended, for exit codes and HTTP statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitKind {
    /// Done.
    Done,
    /// A step failed, or the operation itself did.
    Failed,
    /// The request cannot be understood.
    Usage,
    /// The production has errors.
    Invalid,
    /// A gate is closed.
    Waiting,
    /// Another process holds the production.
    Held,
    /// A program is missing.
    MissingProgram,
    /// The film was made, and its proof found faults.
    Withheld,
    /// A file's content credentials do not hold.
    Forged,
    /// A file has no content credentials.
    Unsealed,
    /// A person stopped it.
    Cancelled,
}

impl ExitKind {
    /// The process's exit code. Documented in the user guide; never renumbered.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::Waiting => 4,
            Self::Held => 5,
            Self::MissingProgram => 6,
            Self::Withheld => 7,
            Self::Forged => 8,
            Self::Unsealed => 9,
            Self::Cancelled => 130,
        }
    }
}

impl From<RunStatus> for ExitKind {
    fn from(status: RunStatus) -> Self {
        match status {
            RunStatus::Complete => Self::Done,
            RunStatus::Waiting => Self::Waiting,
            RunStatus::Failed => Self::Failed,
            RunStatus::Withheld => Self::Withheld,
            RunStatus::Cancelled => Self::Cancelled,
        }
    }
}

/// Why an operation could not be done.
#[derive(Debug, thiserror::Error)]
pub enum StudioError {
    /// The production has errors.
    #[error("the production has {} that must be mended first", count(.0))]
    Diagnostics(Vec<Diagnostic>),
    /// The request names something that is not there, or makes no sense.
    #[error("{message}")]
    Request {
        /// What.
        message: String,
        /// What to do.
        hint: String,
    },
    /// A program is missing.
    #[error("`{program}` is not installed")]
    MissingProgram {
        /// Which.
        program: &'static str,
        /// How to get it.
        hint: String,
    },
    /// A file could not be read or written.
    #[error("cannot {act} `{}`", path.display())]
    File {
        /// What was tried.
        act: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The vault or the ledger failed, or is in use.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The run could not go on.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A step failed outside a run.
    #[error("{message}")]
    Step {
        /// What, with its causes.
        message: String,
        /// What to do.
        hints: Vec<String>,
    },
}

/// An error's text with its causes, one after the other.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let more = cause.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        next = cause.source();
    }
    text
}

fn count(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_error())
        .count();
    if errors == 1 {
        "an error".to_owned()
    } else {
        format!("{errors} errors")
    }
}

impl StudioError {
    /// A request that cannot be done.
    pub fn request(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Request {
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// A program that is there and does not say which version it is.
    pub(crate) fn mute(program: &Path, error: &dyn std::error::Error) -> Self {
        Self::Step {
            message: format!("`{}` does not say what it is: {error}", program.display()),
            hints: vec!["see what is wrong with it: `workprint doctor`".to_owned()],
        }
    }

    pub(crate) fn file(
        act: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { act, path, source }
    }

    /// How the operation ended.
    pub const fn exit(&self) -> ExitKind {
        match self {
            Self::Diagnostics(_) => ExitKind::Invalid,
            Self::Request { .. } => ExitKind::Usage,
            Self::MissingProgram { .. } => ExitKind::MissingProgram,
            Self::Store(StoreError::Held { .. }) => ExitKind::Held,
            Self::Engine(EngineError::Cancelled) => ExitKind::Cancelled,
            _ => ExitKind::Failed,
        }
    }

    /// What to do, one act each.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::Request { hint, .. } | Self::MissingProgram { hint, .. } => vec![hint.clone()],
            Self::Store(error) | Self::Engine(EngineError::Store(error)) => {
                let hint = error.hint();
                vec![hint.unwrap_or_else(|| {
                    "see whether `.workprint` can be read and written, then run again".to_owned()
                })]
            }
            Self::File { path, .. } => vec![format!(
                "see what is at `{}`, and whether it may be read and written",
                path.display()
            )],
            Self::Step { hints, .. } => hints.clone(),
            _ => Vec::new(),
        }
    }
}
