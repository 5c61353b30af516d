//! Why a file could not be sealed or looked into.

use std::path::{Path, PathBuf};

/// Why a file could not be sealed or looked into.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
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
    /// A certificate or a key is of no use.
    #[error("`{}` {why}", path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
        /// What to do.
        hint: String,
    },
    /// Files of this kind carry no credentials that can be read or written here.
    #[error("`{}` is of no kind that carries content credentials", path.display())]
    Unsupported {
        /// Which file.
        path: PathBuf,
    },
    /// The file is made so that reading it would take more memory or time than a file may.
    #[error("`{}` is not read: {why}", path.display())]
    TooMuch {
        /// Which file.
        path: PathBuf,
        /// What there is too much of.
        why: String,
    },
    /// A file could not be signed.
    #[error("cannot sign `{}`: {why}", path.display())]
    Signing {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The studio's own key could not be made.
    #[error("cannot make a key to sign with: {0}")]
    Key(String),
}

impl CredentialsError {
    pub(crate) fn file(
        act: &'static str,
        path: &Path,
    ) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { act, path, source }
    }

    /// What to do.
    pub fn hint(&self) -> String {
        match self {
            Self::Unusable { hint, .. } => hint.clone(),
            Self::File { path, .. } => format!(
                "see what is at `{}`, and whether it may be read and written",
                path.display()
            ),
            Self::Unsupported { .. } => {
                "name a film, a picture or a sound: .mp4, .mov, .m4a, .png, .jpg, .webp, .gif, .tiff, .svg, .wav, .mp3 or .flac"
                    .to_owned()
            }
            Self::TooMuch { .. } => {
                "it may have been made to do harm; get the file again from where it was published"
                    .to_owned()
            }
            Self::Signing { .. } => {
                "see that `[credentials]` of show.toml names a certificate and its own key, or sign with the studio's: leave both out"
                    .to_owned()
            }
            Self::Key(_) => "turn signing off: `sign = false` in `[credentials]`".to_owned(),
        }
    }
}
