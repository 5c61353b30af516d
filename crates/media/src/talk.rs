//! Programs of the user's own that are talked to by lines, while they run.
//!
//! They stand in the same surroundings as those that are run to their end ([`crate::Media::run_command`]), but are not
//! killed the moment that a run is stopped: whoever talks to one takes leave of it first.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{ChildStdin, ChildStdout};
use std::time::Duration;

use crate::error::{MediaError, Report, Result};
use crate::process::{Call, Input, Running, Surroundings};
use crate::{Cancel, CommandCall, Media};

const HINT: &str = "install it, or write its whole path into `command`";

/// What a program says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A line, without its end.
    Whole(Vec<u8>),
    /// One that is longer than is taken. Nothing is heard after it.
    TooLong,
}

/// A program that runs and is talked to. Dropping it kills it with all that it started.
#[derive(Debug)]
pub struct Talk {
    running: Running,
    stdin: Option<ChildStdin>,
}

/// Says lines to a program.
#[derive(Debug)]
pub struct Saying(ChildStdin);

impl Saying {
    /// Says a line; waits where the program does not listen. `line` holds no end of a line.
    pub fn say(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.0.write_all(line)?;
        self.0.write_all(b"\n")?;
        self.0.flush()
    }
}

impl Media {
    /// Starts a program. `heard` is told each line of up to `most` bytes that it writes to standard output, on a
    /// thread of its own, until it answers `false`; it is dropped when nothing more comes.
    pub fn talk(
        &self,
        call: CommandCall<'_>,
        most: usize,
        heard: impl FnMut(Line) -> bool + Send + 'static,
    ) -> Result<Talk> {
        if self.cancel.is_cancelled() {
            return Err(MediaError::Cancelled);
        }
        let surroundings = Surroundings {
            folder: call.folder,
            hidden: call.hidden,
        };
        let started = Call {
            program: call.program,
            hint: HINT,
            arguments: call.arguments,
            input: Input::Pipe,
            subject: call.folder.to_owned(),
            limit: Some(call.limit),
        };
        // Of its own, so that there is time to take leave.
        let mut running = Running::start_in(started, Some(&surroundings), &Cancel::default())?;
        let stdin = running.stdin();
        if let Some(stdout) = running.stdout() {
            std::thread::spawn(move || listen(stdout, most, heard));
        }
        Ok(Talk { running, stdin })
    }
}

impl Talk {
    /// The way to say something; once.
    pub fn saying(&mut self) -> Option<Saying> {
        self.stdin.take().map(Saying)
    }

    /// Takes leave: what is said to it ends, which tells it to end too; after `patience` it is killed. How it ended,
    /// and its last lines on standard error. [`Saying`] has to be dropped before.
    pub fn end(mut self, patience: Duration) -> Result<Report> {
        drop(self.stdin.take());
        self.running.end_within(patience)
    }
}

fn listen(stdout: ChildStdout, most: usize, mut heard: impl FnMut(Line) -> bool) {
    let mut lines = BufReader::new(stdout);
    // What cannot be read has ended.
    while let Ok(Some(line)) = next(&mut lines, most) {
        let last = line == Line::TooLong;
        if !heard(line) || last {
            return;
        }
    }
}

/// The next line; nothing at the end.
fn next(lines: &mut BufReader<impl Read>, most: usize) -> std::io::Result<Option<Line>> {
    let mut line = Vec::new();
    let taken = lines
        .by_ref()
        .take(most as u64 + 1)
        .read_until(b'\n', &mut line)?;
    if taken == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if taken > most {
        return Ok(Some(Line::TooLong));
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(Some(Line::Whole(line)))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Instant;

    use super::*;
    use crate::Programs;

    fn talk(script: &str, limit: Duration) -> (Talk, Receiver<Line>, Cancel) {
        let folder = std::env::temp_dir();
        let call = CommandCall {
            program: Path::new("/bin/sh"),
            arguments: ["-c", script].map(OsString::from).into(),
            folder: &folder,
            hidden: &[],
            limit,
        };
        let cancel = Cancel::default();
        let media = Media::new(Programs::find("".as_ref(), &[]), cancel.clone());
        let (tell, told) = channel();
        let heard = move |line| tell.send(line).is_ok();
        (media.talk(call, 10, heard).unwrap(), told, cancel)
    }

    fn whole(text: &str) -> Line {
        Line::Whole(text.as_bytes().to_vec())
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn lines_are_said_and_heard_and_the_end_is_told() {
        let script = "read a; echo \"<$a>\"; echo mumble >&2; cat >/dev/null; exit 3";
        let (mut talk, told, _) = talk(script, LONG);
        let mut saying = talk.saying().unwrap();
        saying.say(b"one").unwrap();
        assert_eq!(told.recv(), Ok(whole("<one>")));
        drop(saying);
        let report = talk.end(LONG).unwrap();
        assert!(
            report.status.contains('3') && report.stderr == "mumble",
            "{report}"
        );
        assert!(told.recv().is_err());
    }

    #[test]
    fn a_line_that_is_too_long_is_the_last() {
        let script = "echo 1234567890; printf '1\\r\\n'; echo 12345678901; echo 2; cat > /dev/null";
        let (talk, told, _) = talk(script, LONG);
        let all: Vec<Line> = told.iter().collect();
        assert_eq!(all, [whole("1234567890"), whole("1"), Line::TooLong]);
        talk.end(LONG).unwrap();
    }

    #[test]
    fn one_that_does_not_end_is_ended_and_a_stop_leaves_time_to_take_leave() {
        let begun = Instant::now();
        let (mut one, told, cancel) =
            talk("echo 1; read a; echo \"$a\"; sleep 30 & sleep 30", LONG);
        assert_eq!(told.recv(), Ok(whole("1")));
        cancel.cancel();
        let mut saying = one.saying().unwrap();
        saying.say(b"bye").unwrap();
        assert_eq!(told.recv(), Ok(whole("bye")));
        drop(saying);
        let report = one.end(Duration::from_millis(100)).unwrap();
        assert!(report.status.contains("signal"), "{report}");
        let (slow, told, _) = talk("sleep 30", Duration::from_millis(100));
        assert!(told.recv().is_err(), "it was not ended");
        drop(slow);
        assert!(begun.elapsed() < LONG);
    }
}
