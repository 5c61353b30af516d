//! Where tests end this process or put it to sleep: at the named boundary of a paid call, the so-manyth time that it
//! is passed, as by `kill -9`. Only a debug build listens.

use workprint_studio::Host;

#[cfg(not(debug_assertions))]
pub(crate) fn set(_: &mut Host) {}

/// `WORKPRINT_TEST_KILL=intent:2` ends at the second intent, `WORKPRINT_TEST_STOP=intent:2` sleeps there;
/// `WORKPRINT_TEST_PASSED=FILE` gets a line for each boundary; `WORKPRINT_TEST_LATER=MS` is so much later.
#[cfg(debug_assertions)]
pub(crate) fn set(host: &mut Host) {
    use std::sync::Arc;

    use self::listening::{Met, asked, note};

    if let Some(ms) = asked("LATER").and_then(|ms| ms.parse::<i64>().ok()) {
        let clock = host.clock.clone();
        host.clock = workprint_studio::Clock::new(move || clock.now() + ms);
    }
    let met = [Met::asked("KILL"), Met::asked("STOP")];
    let log = asked("PASSED");
    if met.iter().all(Option::is_none) && log.is_none() {
        return;
    }
    host.boundary = Some(Arc::new(move |boundary| {
        if let Some(log) = &log {
            note(log, boundary);
        }
        for met in met.iter().flatten() {
            met.pass(boundary);
        }
    }));
}

#[cfg(debug_assertions)]
mod listening {
    use std::fs::OpenOptions;
    use std::io::Write as _;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use rustix::process::{Signal, getpid, kill_process};

    /// Longer than a process needs to fall asleep: the thread that asks for it runs on for a moment.
    const FALLING: Duration = Duration::from_millis(100);

    #[expect(
        clippy::disallowed_methods,
        reason = "the environment is how a test reaches the process that it starts"
    )]
    pub(super) fn asked(name: &str) -> Option<String> {
        std::env::var(format!("WORKPRINT_TEST_{name}")).ok()
    }

    /// A boundary at which this process gets a signal, and how often it was passed.
    pub(super) struct Met {
        signal: Signal,
        boundary: String,
        times: u32,
        passed: AtomicU32,
    }

    impl Met {
        pub(super) fn asked(name: &str) -> Option<Self> {
            let told = asked(name)?;
            let (boundary, times) = told.split_once(':').unwrap_or((&told, "1"));
            Some(Self {
                signal: if name == "KILL" {
                    Signal::KILL
                } else {
                    Signal::STOP
                },
                boundary: boundary.to_owned(),
                times: times.parse().unwrap_or(1),
                passed: AtomicU32::new(0),
            })
        }

        pub(super) fn pass(&self, boundary: &str) {
            if boundary == self.boundary
                && self.passed.fetch_add(1, Ordering::SeqCst) + 1 == self.times
            {
                let sent = kill_process(getpid(), self.signal);
                debug_assert!(sent.is_ok(), "a process may end itself");
                std::thread::sleep(FALLING);
            }
        }
    }

    pub(super) fn note(log: &str, boundary: &str) {
        let file = OpenOptions::new().append(true).create(true).open(log);
        let written = file.and_then(|mut file| file.write_all(format!("{boundary}\n").as_bytes()));
        debug_assert!(written.is_ok(), "a test names a file that can be written");
    }
}
