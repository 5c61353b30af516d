//! What can go wrong in a step, and in the engine itself.

use std::error::Error;
use std::time::Duration;

use workprint_store::StoreError;

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permanence {
    /// The same step will fail the same way.
    Permanent,
    /// Trying again may help, not before this time has passed where one is known.
    Temporary(Option<Duration>),
    /// A person must do something first; the code of the diagnostic that says what.
    Waiting(&'static str),
    /// A person stopped the run; nothing is wrong with the step.
    Cancelled,
}

/// Why a step could not be performed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct StepError {
    /// A lower-case fragment that says where and why.
    pub message: String,
    /// What to do, one act each.
    pub hints: Vec<String>,
    /// Whether trying again can help.
    pub permanence: Permanence,
    /// Whether it is certain that its engine took no order, for a reason that is not the order's: another engine
    /// may be asked.
    pub(crate) untaken: bool,
    /// The cause.
    #[source]
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl StepError {
    /// A failure that trying again does not mend.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hints: Vec::new(),
            permanence: Permanence::Permanent,
            untaken: false,
            source: None,
        }
    }

    /// A failure that may pass.
    pub fn temporary(message: impl Into<String>, after: Option<Duration>) -> Self {
        Self {
            permanence: Permanence::Temporary(after),
            ..Self::permanent(message)
        }
    }

    /// What waits for a person; `code` names the matter, as a diagnostic's does.
    pub fn waiting(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            permanence: Permanence::Waiting(code),
            ..Self::permanent(message)
        }
    }

    /// The run was stopped.
    pub fn cancelled() -> Self {
        Self {
            permanence: Permanence::Cancelled,
            ..Self::permanent("stopped")
        }
    }

    /// Its engine certainly took no order, for a reason that is not the order's.
    pub(crate) fn untaken(mut self) -> Self {
        self.untaken = true;
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The message with its causes, one after the other.
    pub fn full(&self) -> String {
        let mut text = self.message.clone();
        let mut next = self.source.as_deref().map(|error| error as &dyn Error);
        while let Some(error) = next {
            let cause = error.to_string();
            if !text.contains(&cause) {
                text.push_str(": ");
                text.push_str(&cause);
            }
            next = error.source();
        }
        text
    }
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        Self::permanent("the vault or the ledger failed").because(error)
    }
}

/// Why a run as a whole cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The vault or the ledger failed.
    #[error("the vault or the ledger failed")]
    Store(#[from] StoreError),
    /// A person stopped the run.
    #[error("stopped")]
    Cancelled,
    /// The ledger holds something that this version does not understand.
    #[error("the ledger's output of `{slot}` cannot be read by this version")]
    Output {
        /// Whose output.
        slot: String,
        /// The cause.
        #[source]
        source: serde_json::Error,
    },
}
