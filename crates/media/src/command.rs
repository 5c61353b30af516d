//! Programs of the user's own.
//!
//! What they do is theirs. They are started without a shell, in a folder and a process group of their own,
//! without the variables that hold keys, read nothing, and are ended when they take too long.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::Media;
use crate::error::Result;
use crate::process::{Call, Input, Running, Surroundings};

const HINT: &str = "install it, or write its whole path into `command`";

/// A program of the user's own to be run to its end.
#[derive(Debug)]
pub struct CommandCall<'a> {
    /// The program's file.
    pub program: &'a Path,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// The folder that it works in.
    pub folder: &'a Path,
    /// Variables that it does not get.
    pub hidden: &'a [String],
    /// Killed when it takes longer, with all that it started.
    pub limit: Duration,
}

impl Media {
    /// Runs a program. It has to end with success; where it does not, the error tells its last lines, of
    /// what it wrote to standard output and to standard error.
    pub fn run_command(&self, call: CommandCall<'_>) -> Result<()> {
        let surroundings = Surroundings {
            folder: call.folder,
            hidden: call.hidden,
        };
        let running = Call {
            program: call.program,
            hint: HINT,
            arguments: call.arguments,
            input: Input::Nothing,
            subject: call.folder.to_owned(),
            limit: Some(call.limit),
        };
        Running::start_in(running, Some(&surroundings), &self.cancel)?.finish_hearing()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::{Cancel, MediaError, Programs};

    fn media(cancel: &Cancel) -> Media {
        Media::new(Programs::find("".as_ref(), &[]), cancel.clone())
    }

    fn run(script: &str, folder: &Path, limit: Duration, cancel: &Cancel) -> Result<()> {
        let call = CommandCall {
            program: Path::new("/bin/sh"),
            arguments: ["-c", script, "sh", "a b; $(c)"].map(OsString::from).into(),
            folder,
            hidden: &["PATH".to_owned()],
            limit,
        };
        media(cancel).run_command(call)
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn a_program_works_in_its_folder_without_what_is_hidden() {
        let folder = tempfile::tempdir().unwrap();
        let script = "printf '%s|%s' \"$1\" \"$(/usr/bin/env | /usr/bin/grep -c ^PATH=)\" > out";
        run(script, folder.path(), LONG, &Cancel::default()).unwrap();
        let said = std::fs::read_to_string(folder.path().join("out")).unwrap();
        assert_eq!(said, "a b; $(c)|0");
    }

    #[test]
    fn a_failure_tells_the_last_lines_of_both_outputs() {
        let folder = tempfile::tempdir().unwrap();
        let script = "echo drawn half; echo no lamp >&2; exit 3";
        let error = run(script, folder.path(), LONG, &Cancel::default()).unwrap_err();
        let told = error.report().unwrap();
        assert_eq!(told.stderr, "drawn half\nno lamp");
        assert!(told.status.contains('3'), "{}", told.status);
    }

    #[test]
    fn what_takes_too_long_or_is_cancelled_ends_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let begun = Instant::now();
        let script = "sleep 30 & sleep 30";
        let slow = run(
            script,
            folder.path(),
            Duration::from_millis(200),
            &Cancel::default(),
        );
        assert!(matches!(slow, Err(MediaError::TimedOut { .. })), "{slow:?}");
        let cancel = Cancel::default();
        let other = cancel.clone();
        let stopper = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            other.cancel();
        });
        let stopped = run(script, folder.path(), LONG, &cancel);
        stopper.join().unwrap();
        assert!(matches!(stopped, Err(MediaError::Cancelled)), "{stopped:?}");
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
}
