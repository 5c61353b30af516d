//! Verify: what a file's content credentials are worth, whoever signed it.

use workprint_credentials::{Identity, Report, State, inspect};

use crate::{ExitKind, Host, StudioError};

/// The largest file of trusted certificates that is read.
const LIMIT: u64 = 4 << 20;

/// What a file's credentials are worth. Trusted are this studio's own, and those that the certificates in
/// the files `trust` (PEM) vouch for.
pub async fn verify(host: &Host, file: &str, trust: &[String]) -> Result<Report, StudioError> {
    let own = host.credentials.as_deref().and_then(Identity::own_root);
    let mut anchors: Vec<String> = own.into_iter().collect();
    for name in trust {
        let path = host.directory.join(name);
        let act = StudioError::file("read", &path);
        let meta = std::fs::metadata(&path).map_err(act)?;
        let text = (meta.is_file() && meta.len() <= LIMIT)
            .then(|| std::fs::read_to_string(&path).ok())
            .flatten()
            .filter(|text| text.contains("BEGIN CERTIFICATE"));
        anchors.push(text.ok_or_else(|| {
            StudioError::request(
                format!("`{name}` holds no certificates"),
                "give a PEM file of those you trust",
            )
        })?);
    }
    let path = host.directory.join(file);
    let meta = std::fs::metadata(&path).map_err(StudioError::file("read", &path))?;
    if !meta.is_file() {
        return Err(StudioError::request(
            format!("`{file}` is no file"),
            "name a film, a picture or a sound",
        ));
    }
    let looked = tokio::task::spawn_blocking(move || inspect(&path, &anchors)).await;
    let report = looked.map_err(|error| StudioError::Step {
        message: format!("looking into the file broke off: {error}"),
        hints: vec!["try again".to_owned()],
    })?;
    report.map_err(|error| crate::seals::unsigned(&error))
}

/// How a look into credentials ends, for exit codes.
pub const fn exit(state: State) -> ExitKind {
    match state {
        State::Valid | State::Trusted => ExitKind::Done,
        State::Invalid => ExitKind::Forged,
        State::None => ExitKind::Unsealed,
    }
}

pub use workprint_credentials::{Finding, Made, Signer};
pub use workprint_credentials::{Ingredient, Report as Credentials, State as CredentialsState};
