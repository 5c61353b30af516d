//! A program of the user's own, started for each order.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use workprint_media::{CommandCall, Media, MediaError};

use super::Own;
use super::asked::{Asked, Filled};
use crate::error::CallError;

/// How long a program may take where nothing is said.
const LIMIT: u32 = 1800;

impl Own {
    /// Runs the program with its arguments filled in; the file that it made.
    pub async fn run(&self, media: &Media, asked: &Asked<'_>) -> Result<PathBuf, CallError> {
        let arguments = {
            let filled = Filled::write(asked, &self.spec, &self.around.root)?;
            let all = self.spec.command.iter().skip(1);
            let all = all.map(|text| Ok(OsString::from(filled.argument(text)?)));
            all.collect::<Result<Vec<_>, CallError>>()?
        };
        let (own, media, made) = (self.clone(), media.clone(), asked.made());
        let run = move || {
            let call = CommandCall {
                program: own.around.program.as_deref().unwrap_or(Path::new("")),
                arguments,
                folder: &made,
                hidden: &own.hidden(),
                limit: own.limit(),
            };
            media.run_command(call)
        };
        let ran = tokio::task::spawn_blocking(run).await;
        let ran = ran.unwrap_or_else(|_| Err(MediaError::BadRequest("it broke off".to_owned())));
        ran.map_err(|error| self.failed(error))?;
        only(&asked.out(), &asked.made(), "program", |start| {
            self.media_type(start).is_some()
        })
    }

    /// How long it may take.
    pub(super) fn limit(&self) -> Duration {
        Duration::from_secs(self.spec.limit_s.unwrap_or(LIMIT).into())
    }

    /// The variables that its program does not get: all that hold keys, but the one that is its own.
    pub(super) fn hidden(&self) -> Vec<String> {
        let own = self.spec.key_env.as_ref();
        let all = self.around.hidden.iter();
        all.filter(|name| Some(*name) != own).cloned().collect()
    }

    /// What a program says of itself, without its key.
    pub(super) fn failed(&self, error: MediaError) -> CallError {
        match error {
            MediaError::Cancelled => CallError::Cancelled,
            MediaError::TimedOut { seconds, .. } => CallError::Order {
                what: format!("the program took longer than {seconds} s and was ended"),
                hint: "give it more time by `limit_s` in its engine, or ask less of it",
            },
            MediaError::MissingProgram { program, hint } => CallError::Order {
                what: format!("`{program}` cannot be started"),
                hint,
            },
            other => {
                let said = match other.report() {
                    Some(report) => report.to_string(),
                    None => other.to_string(),
                };
                CallError::Program {
                    text: self.without_key(said),
                }
            }
        }
    }

    pub(super) fn without_key(&self, text: String) -> String {
        match &self.key {
            Some(key) => text.replace(key.expose(), "***"),
            None => text,
        }
    }
}

/// The file that was asked for, else the only one that `who` made and that is what is wanted.
pub(super) fn only(
    out: &Path,
    folder: &Path,
    who: &str,
    is_fit: impl Fn(&[u8]) -> bool,
) -> Result<PathBuf, CallError> {
    let is_file = |path: &Path| std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file());
    if is_file(out) {
        return Ok(out.to_owned());
    }
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut all: Vec<PathBuf> = paths.filter(|path| is_file(path)).collect();
    all.sort();
    let mut fit = all.iter().filter(|path| is_fit(&start(path)));
    let names: Vec<String> = all.iter().take(10).map(|path| name(path)).collect();
    let what = match (fit.next(), fit.next(), names.len()) {
        (Some(only), None, _) => return Ok(only.clone()),
        (None, _, 0) => format!("the {who} ended well and made no file"),
        (None, ..) => format!("the {who} made {}, and not {}", names.join(", "), name(out)),
        (Some(_), Some(_), _) => format!(
            "the {who} made {}, and nobody knows which of them is meant",
            names.join(", ")
        ),
    };
    Err(CallError::Order {
        what,
        hint: "have it write one file to `{out}`",
    })
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!("`{}`", name.chars().take(60).collect::<String>())
}

/// How a file begins.
fn start(path: &Path) -> Vec<u8> {
    use std::io::Read as _;
    let mut start = Vec::new();
    if let Ok(file) = std::fs::File::open(path) {
        // What cannot be read begins like nothing known.
        let _ = file.take(64).read_to_end(&mut start);
    }
    start
}
