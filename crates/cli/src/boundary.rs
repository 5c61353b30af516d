//! Where tests end this process: at the named boundary of a paid call, the so-manyth time that it is
//! passed, as by `kill -9`. Only a debug build listens.

use workprint_studio::Host;

#[cfg(not(debug_assertions))]
pub(crate) fn set(_: &mut Host) {}

/// `WORKPRINT_TEST_KILL=intent:2` ends at the second intent; `WORKPRINT_TEST_LATER=MS` is so much later.
#[cfg(debug_assertions)]
#[expect(
    clippy::disallowed_methods,
    reason = "the environment is how a test reaches the process that it starts"
)]
pub(crate) fn set(host: &mut Host) {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    if let Some(ms) = std::env::var("WORKPRINT_TEST_LATER")
        .ok()
        .and_then(|ms| ms.parse::<i64>().ok())
    {
        let clock = host.clock.clone();
        host.clock = workprint_studio::Clock::new(move || clock.now() + ms);
    }
    let Ok(asked) = std::env::var("WORKPRINT_TEST_KILL") else {
        return;
    };
    let (name, times) = asked.split_once(':').unwrap_or((&asked, "1"));
    let (name, times) = (name.to_owned(), times.parse().unwrap_or(1));
    let passed = AtomicU32::new(0);
    host.boundary = Some(Arc::new(move |boundary| {
        if boundary == name && passed.fetch_add(1, Ordering::SeqCst) + 1 == times {
            let own = rustix::process::getpid();
            let killed = rustix::process::kill_process(own, rustix::process::Signal::KILL);
            debug_assert!(killed.is_ok(), "a process may kill itself");
        }
    }));
}
