//! A program that is still running.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use crate::Said;

/// Longer than anything here takes on a slow and busy machine.
const PATIENCE: Duration = Duration::from_mins(90);

/// A running program whose output is read as it comes.
#[derive(Debug)]
pub struct Running {
    child: Child,
    out: Option<BufReader<ChildStdout>>,
    err: Option<JoinHandle<String>>,
    read: String,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let (Some(out), Some(mut err)) = (child.stdout.take(), child.stderr.take()) else {
            panic!("{command:?} has no output");
        };
        let err = std::thread::spawn(move || {
            let mut text = Vec::new();
            drop(err.read_to_end(&mut text));
            String::from_utf8_lossy(&text).into_owned()
        });
        Self {
            child,
            out: Some(BufReader::new(out)),
            err: Some(err),
            read: String::new(),
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Reads lines until one has `text`; `false` where it ended before.
    pub fn wait_for(&mut self, text: &str) -> bool {
        loop {
            let mut line = String::new();
            let read = self.out.as_mut().map(|out| out.read_line(&mut line));
            match read {
                Some(Ok(1..)) => self.read.push_str(&line),
                _ => return false,
            }
            if line.contains(text) {
                return true;
            }
        }
    }

    /// As Ctrl-C in its terminal.
    pub fn interrupt(&self) {
        let sent = self.process().map(|pid| kill_process(pid, Signal::INT));
        assert!(matches!(sent, Some(Ok(()))), "no signal sent: {sent:?}");
    }

    /// Puts it to sleep, and wakes it.
    pub fn pause(&self, asleep: bool) {
        let signal = if asleep { Signal::STOP } else { Signal::CONT };
        let sent = self.process().map(|pid| kill_process(pid, signal));
        assert!(matches!(sent, Some(Ok(()))), "no signal sent: {sent:?}");
    }

    /// Waits until it has put itself to sleep; `false` where it ended before.
    pub fn wait_until_stopped(&self) -> bool {
        // What it said when it ended is asked for later.
        let either = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let status = self.process().map(|pid| waitid(WaitId::Pid(pid), either));
        matches!(status, Some(Ok(Some(status))) if status.stopped())
    }

    /// `kill -9`. Programs that it started are left to themselves, as after a power cut of one.
    pub fn kill(&mut self) {
        drop(self.child.kill());
    }

    fn process(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
    }

    /// Waits for its end and gives everything that it said.
    pub fn finish(self) -> Said {
        self.finish_measured().0
    }

    /// Waits for its end, and gives with what it said the most memory that it had, in KiB; 0 where Linux
    /// does not count it.
    pub fn finish_measured(self) -> (Said, u64) {
        let (said, peaks) = self.finish_watched();
        (said, peaks.last().map_or(0, |peak| peak.1))
    }

    /// The same with the most memory until each moment (`VmHWM`, looked at every few milliseconds).
    pub fn finish_watched(mut self) -> (Said, Vec<(Instant, u64)>) {
        let out = self.out.take().map(|mut out| {
            std::thread::spawn(move || {
                let mut text = Vec::new();
                drop(out.read_to_end(&mut text));
                String::from_utf8_lossy(&text).into_owned()
            })
        });
        let started = Instant::now();
        let mut peaks: Vec<(Instant, u64)> = Vec::new();
        let status = loop {
            match self.child.try_wait() {
                Ok(None) => {
                    let peak = peak_kib(self.child.id());
                    // What ends has no memory any more.
                    if peaks.last().is_none_or(|last| peak > last.1) {
                        peaks.push((Instant::now(), peak));
                    }
                }
                Ok(Some(status)) => break status,
                Err(error) => panic!("cannot wait: {error}"),
            }
            if started.elapsed() > PATIENCE {
                self.kill();
                panic!("it never ends; it said:\n{}", self.read);
            }
            std::thread::sleep(Duration::from_millis(4));
        };
        let rest = out.and_then(|thread| thread.join().ok());
        let err = self.err.take().and_then(|thread| thread.join().ok());
        let said = Said {
            code: status.code().unwrap_or(-1),
            out: self.read + &rest.unwrap_or_default(),
            err: err.unwrap_or_default(),
        };
        (said, peaks)
    }
}

fn peak_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
