//! Stopping programs.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal, kill_process_group};

/// Stops programs: clones stop the same ones.
#[derive(Clone, Default)]
pub struct Cancel(Arc<State>);

#[derive(Default)]
struct State {
    cancelled: AtomicBool,
    running: Mutex<BTreeSet<i32>>,
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cancel").field(&self.is_cancelled()).finish()
    }
}

impl Cancel {
    /// Kills every running program and all that it started, and makes later starts fail with
    /// [`crate::MediaError::Cancelled`]. It cannot be taken back.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
        for pid in self.running().iter() {
            kill_group(*pid);
        }
    }

    /// Whether [`Self::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::SeqCst)
    }

    /// Registers a process group; one that comes too late is killed at once.
    pub(crate) fn add(&self, pid: i32) {
        let mut running = self.running();
        running.insert(pid);
        if self.is_cancelled() {
            kill_group(pid);
        }
    }

    /// Forgets a process group. Called after its leader ended and before it is reaped, so that the
    /// number cannot belong to somebody else yet.
    pub(crate) fn remove(&self, pid: i32) {
        self.running().remove(&pid);
    }

    fn running(&self) -> MutexGuard<'_, BTreeSet<i32>> {
        // The set stays whole whoever panicked while holding it.
        self.0
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Kills a process group. One that has ended already is no error.
pub(crate) fn kill_group(pid: i32) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = kill_process_group(pid, Signal::KILL);
    }
}
