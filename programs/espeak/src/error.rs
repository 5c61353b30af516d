//! Every way this program can fail, with its exit code and its JSON line.

use serde::Serialize;

/// A failure, in the words the caller shows to a person.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The command line or the request cannot be used (exit code 2).
    #[error("{message}")]
    BadRequest {
        kind: &'static str,
        message: String,
        hint: String,
    },
    /// libespeak-ng or its data files are not on this machine (exit code 3).
    #[error("{message}")]
    LibraryMissing { kind: &'static str, message: String },
    /// The language, voice or variant does not exist here (exit code 4).
    #[error("{message}")]
    VoiceUnknown { message: String, hint: String },
    /// The library refused to speak, or the speech is too long (exit code 5).
    #[error("{message}")]
    Synthesis { message: String, hint: String },
    /// Standard input or output broke (exit code 1).
    #[error("cannot {action}: {source}")]
    Stream {
        action: &'static str,
        source: std::io::Error,
    },
}

const INSTALL_HINT: &str = "install eSpeak NG: `apt-get install espeak-ng` (Debian, Ubuntu), `dnf install espeak-ng` (Fedora) or `brew install espeak-ng` (macOS)";

#[derive(Serialize)]
struct Report<'a> {
    error: ReportBody<'a>,
}

#[derive(Serialize)]
struct ReportBody<'a> {
    kind: &'a str,
    message: &'a str,
    hint: &'a str,
}

impl Failure {
    /// A request that breaks one of the documented limits.
    pub(crate) fn bad_request(
        kind: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::BadRequest {
            kind,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// A failure inside the library.
    pub(crate) fn synthesis(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Synthesis {
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// The exit code documented in the README.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Stream { .. } => 1,
            Self::BadRequest { .. } => 2,
            Self::LibraryMissing { .. } => 3,
            Self::VoiceUnknown { .. } => 4,
            Self::Synthesis { .. } => 5,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Stream { .. } => "stream",
            Self::BadRequest { kind, .. } | Self::LibraryMissing { kind, .. } => kind,
            Self::VoiceUnknown { .. } => "voice_unknown",
            Self::Synthesis { .. } => "synthesis_failed",
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Stream { .. } => "keep the pipes open until this program ends",
            Self::LibraryMissing { .. } => INSTALL_HINT,
            Self::BadRequest { hint, .. }
            | Self::VoiceUnknown { hint, .. }
            | Self::Synthesis { hint, .. } => hint,
        }
    }

    /// The one JSON line for standard error.
    pub(crate) fn to_json_line(&self) -> String {
        let message = self.to_string();
        let report = Report {
            error: ReportBody {
                kind: self.kind(),
                message: &message,
                hint: self.hint(),
            },
        };
        serde_json::to_string(&report).unwrap_or_else(|_| {
            r#"{"error":{"kind":"stream","message":"cannot report the error","hint":""}}"#
                .to_owned()
        })
    }
}
