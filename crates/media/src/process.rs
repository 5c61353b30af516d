//! Starting, watching and ending a program.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use crate::cancel::{Cancel, kill_group};
use crate::error::{MediaError, Report, Result};

/// How much of a program's standard error is kept.
const STDERR_BYTES: usize = 16 * 1024;
const STDERR_LINES: usize = 20;
/// How long a pipe is waited for whose program has ended.
const LEFT_OPEN: Duration = Duration::from_secs(5);

/// What a program reads on standard input.
#[derive(Debug)]
pub(crate) enum Input {
    Nothing,
    /// The program sees the file as `/dev/stdin`, so that no name can be taken for an option, a
    /// protocol or a pattern, and may seek in it.
    File(File),
    Pipe,
}

/// A program to start.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) program: &'a Path,
    /// What to install when it is missing.
    pub(crate) hint: &'static str,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) input: Input,
    /// The file that is read or written, for messages.
    pub(crate) subject: PathBuf,
    /// Killed when it takes longer.
    pub(crate) limit: Option<Duration>,
}

/// Where a program of the user's own runs, and what of the environment it does not see.
#[derive(Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) hidden: &'a [String],
}

/// Lets a pipe hold as much as an unprivileged process may have, so that the two at its ends take turns
/// a few times a frame and not fifty times.
fn widen(pipe: &impl std::os::fd::AsFd) {
    // Without it the pipe works too.
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, 1 << 20);
    #[cfg(not(target_os = "linux"))]
    let _ = pipe;
}

/// A program that runs. Dropping it kills its process group and reaps it.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    pid: i32,
    cancel: Cancel,
    stderr: Option<Heard>,
    watch: Option<Watch>,
    ended: bool,
    program: PathBuf,
    arguments: String,
    subject: PathBuf,
}

impl Running {
    pub(crate) fn start(call: Call<'_>, cancel: &Cancel) -> Result<Self> {
        Self::start_in(call, None, cancel)
    }

    /// The same in surroundings of its own.
    pub(crate) fn start_in(
        call: Call<'_>,
        surroundings: Option<&Surroundings<'_>>,
        cancel: &Cancel,
    ) -> Result<Self> {
        if cancel.is_cancelled() {
            return Err(MediaError::Cancelled);
        }
        let arguments = for_people(&call.arguments);
        let command = command(call.program, &call.arguments, surroundings);
        let mut child = spawn(command, call.input).map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                MediaError::MissingProgram {
                    program: call.program.display().to_string(),
                    hint: call.hint,
                }
            } else {
                MediaError::io("start", call.program)(error)
            }
        })?;
        // A process number fits in an i32 on every Unix.
        let pid = child.id() as i32;
        cancel.add(pid);
        let stderr = child.stderr.take().map(Heard::of);
        Ok(Self {
            child,
            pid,
            cancel: cancel.clone(),
            stderr,
            watch: call.limit.map(|limit| Watch::start(pid, limit)),
            ended: false,
            program: call.program.to_owned(),
            arguments,
            subject: call.subject,
        })
    }

    /// Which program it is.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// The pipe from its standard output; `None` when taken already.
    pub(crate) fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// The same, for something large.
    pub(crate) fn wide_stdout(&mut self) -> Option<ChildStdout> {
        let pipe = self.stdout()?;
        widen(&pipe);
        Some(pipe)
    }

    /// The pipe to its standard input, for something large.
    pub(crate) fn wide_stdin(&mut self) -> Option<ChildStdin> {
        let pipe = self.stdin()?;
        widen(&pipe);
        Some(pipe)
    }

    /// The pipe to its standard input, where it was started with one.
    pub(crate) fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Reads all of standard output, at most `limit` bytes, and waits for success.
    pub(crate) fn output(mut self, limit: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if let Some(stdout) = self.stdout() {
            stdout
                .take(limit.saturating_add(1))
                .read_to_end(&mut bytes)
                .map_err(MediaError::io("read the output of", &self.program))?;
        }
        if bytes.len() as u64 > limit {
            return Err(MediaError::bad(
                &self.subject,
                format!("more than {limit} bytes would be needed to describe it"),
            ));
        }
        self.finish()?;
        Ok(bytes)
    }

    /// Writes `bytes` to standard input from another thread while the output is read.
    pub(crate) fn exchange(mut self, bytes: Vec<u8>, limit: u64) -> Result<Vec<u8>> {
        if let Some(mut stdin) = self.stdin() {
            // The program may end without reading: its own message says why, not the broken pipe.
            std::thread::spawn(move || {
                let _ = stdin.write_all(&bytes);
            });
        }
        self.output(limit)
    }

    /// Waits for the program to end and says whether it succeeded.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.finish_telling().map(drop)
    }

    /// The same; what it wrote to standard error, of which the last 16 KiB are kept.
    pub(crate) fn finish_telling(&mut self) -> Result<String> {
        drop(self.child.stdin.take());
        drop(self.child.stdout.take());
        let (status, report, said) = self.end()?;
        if status.success() {
            return Ok(said);
        }
        Err(self.explain(report))
    }

    /// Waits for the program to end. Where it failed, what it wrote to standard output is told too.
    pub(crate) fn finish_hearing(mut self) -> Result<()> {
        let said = self.stdout().map(Heard::of);
        let (status, mut report, _) = self.end()?;
        if status.success() {
            return Ok(());
        }
        let said = said.map(Heard::all).unwrap_or_default();
        let both = [last_lines(&said), report.stderr].join("\n");
        report.stderr = last_lines(both.as_bytes());
        Err(self.explain(report))
    }

    /// Stops the program if it still runs, and says how it failed. For when its pipes broke.
    pub(crate) fn failure(&mut self) -> MediaError {
        match self.finish() {
            Err(error) => error,
            Ok(()) => MediaError::bad(&self.subject, "it ended before everything was handed over"),
        }
    }

    /// Lets the program end by itself for a while, then kills it. How it ended.
    pub(crate) fn end_within(&mut self, patience: Duration) -> Result<Report> {
        self.watch = Some(Watch::start(self.pid, patience));
        let (_, report, _) = self.end()?;
        Ok(report)
    }

    fn end(&mut self) -> Result<(ExitStatus, Report, String)> {
        self.reap();
        let status = self
            .child
            .wait()
            .map_err(MediaError::io("wait for", &self.program))?;
        let stderr = self.stderr.take().map(Heard::all).unwrap_or_default();
        let report = Report {
            program: self.program.clone(),
            arguments: self.arguments.clone(),
            status: status.to_string(),
            stderr: last_lines(&stderr),
        };
        Ok((
            status,
            report,
            String::from_utf8_lossy(&stderr).into_owned(),
        ))
    }

    /// Waits until the program has ended but not until its number is free, forgets the number, and
    /// ends what the program may have left behind in its group.
    fn reap(&mut self) {
        if self.ended {
            return;
        }
        if let Some(pid) = Pid::from_raw(self.pid) {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), options) {}
        }
        if let Some(watch) = &mut self.watch {
            watch.stop();
        }
        self.cancel.remove(self.pid);
        kill_group(self.pid);
        self.ended = true;
    }

    fn explain(&self, report: Report) -> MediaError {
        if self.cancel.is_cancelled() {
            return MediaError::Cancelled;
        }
        if let Some(watch) = &self.watch
            && watch.fired.load(Ordering::SeqCst)
        {
            return MediaError::TimedOut {
                program: self.program.display().to_string(),
                path: self.subject.clone(),
                seconds: watch.limit.as_secs(),
            };
        }
        if report.stderr.contains("No space left on device") {
            return MediaError::OutOfSpace {
                path: self.subject.clone(),
            };
        }
        MediaError::Failed(Box::new(report))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            kill_group(self.pid);
            self.reap();
            let _ = self.child.wait();
        }
    }
}

/// The one place where programs are named.
#[expect(
    clippy::disallowed_methods,
    reason = "every program that Workprint starts is started here"
)]
fn command(
    program: &Path,
    arguments: &[OsString],
    surroundings: Option<&Surroundings<'_>>,
) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    match surroundings {
        Some(Surroundings { folder, hidden }) => {
            command.current_dir(folder).env("PWD", folder);
            for name in *hidden {
                command.env_remove(name);
            }
        }
        // What our own programs say is read.
        None => drop(command.env("LC_ALL", "C")),
    }
    command
}

fn spawn(mut command: Command, input: Input) -> io::Result<Child> {
    command
        .stdin(match input {
            Input::Nothing => Stdio::null(),
            Input::File(file) => Stdio::from(file),
            Input::Pipe => Stdio::piped(),
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
}

/// Kills a process group after a while unless it is dropped before.
#[derive(Debug)]
struct Watch {
    limit: Duration,
    fired: Arc<AtomicBool>,
    /// Dropping it ends the thread.
    stopper: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    fn start(pid: i32, limit: Duration) -> Self {
        let (stop, stopped) = channel::<()>();
        let fired = Arc::new(AtomicBool::new(false));
        let mark = Arc::clone(&fired);
        let thread = std::thread::spawn(move || {
            if stopped.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                mark.store(true, Ordering::SeqCst);
                kill_group(pid);
            }
        });
        Self {
            limit,
            fired,
            stopper: Some(stop),
            thread: Some(thread),
        }
    }

    /// Once this returns, nothing is killed any more.
    fn stop(&mut self) {
        self.stopper = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The end of what a program writes to a pipe, heard by a thread of its own.
#[derive(Debug)]
struct Heard(Receiver<Vec<u8>>);

impl Heard {
    fn of(pipe: impl Read + Send + 'static) -> Self {
        let (tell, told) = channel();
        std::thread::spawn(move || tell.send(last_bytes(pipe)));
        Self(told)
    }

    /// All that is kept, once the program has ended. What it left running in a group of its own may hold
    /// the pipe open: nobody waits for that.
    fn all(self) -> Vec<u8> {
        self.0.recv_timeout(LEFT_OPEN).unwrap_or_default()
    }
}

fn last_bytes(mut pipe: impl Read) -> Vec<u8> {
    let mut kept = VecDeque::new();
    let mut buffer = [0; 4096];
    while let Ok(count) = pipe.read(&mut buffer) {
        if count == 0 {
            break;
        }
        kept.extend(&buffer[..count]);
        let excess = kept.len().saturating_sub(STDERR_BYTES);
        kept.drain(..excess);
    }
    kept.into()
}

fn last_lines(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    lines[lines.len().saturating_sub(STDERR_LINES)..].join("\n")
}

fn for_people(arguments: &[OsString]) -> String {
    let words: Vec<_> = arguments
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    words.join(" ")
}

/// Arguments from words of any kind.
#[derive(Debug, Default)]
pub(crate) struct Arguments(pub(crate) Vec<OsString>);

impl Arguments {
    pub(crate) fn add<S: AsRef<OsStr>>(&mut self, words: impl IntoIterator<Item = S>) {
        self.0
            .extend(words.into_iter().map(|word| word.as_ref().to_owned()));
    }

    /// An option and a value that is written out.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "most values are made in the call"
    )]
    pub(crate) fn set(&mut self, option: &str, value: impl ToString) {
        self.0.push(option.into());
        self.0.push(value.to_string().into());
    }

    /// A file as ffmpeg takes it without finding an option or a protocol in its name.
    pub(crate) fn file(&mut self, path: &Path) {
        let mut word = OsString::from("file:");
        word.push(path);
        self.0.push(word);
    }
}
