//! The writer lock: at most one process writes a production.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::clock::utc;
use crate::{Clock, StoreError};

/// Who writes a production: one JSON line in the lock file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process.
    pub pid: Option<u32>,
    /// What it does, such as `workprint build pilot`.
    pub command: String,
    /// Since when: milliseconds since 1970, UTC.
    pub since: i64,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(
                f,
                "`{}` (process {pid}) since {}",
                self.command,
                utc(self.since)
            ),
            None => f.write_str("another process"),
        }
    }
}

/// The lock, held until it is dropped. The operating system releases it when the process dies.
#[derive(Debug)]
pub(crate) struct WriterLock {
    file: File,
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // Closing the file is not enough: a program that another thread is just starting has a copy
        // of it for a moment, and would go on holding the lock.
        drop(self.file.unlock());
    }
}

/// Far more than a holder's line.
const LINE_MAX: u64 = 4096;

impl WriterLock {
    /// Takes the lock without waiting.
    pub(crate) fn take(path: &Path, command: &str, clock: &Clock) -> Result<Self, StoreError> {
        let fail = |act| move |source| StoreError::file(act, path, source);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(fail("open"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Held {
                    path: path.to_owned(),
                    holder: read_holder(&mut file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(fail("lock")(source)),
        }
        let holder = Holder {
            pid: Some(std::process::id()),
            command: command.chars().take(200).collect(),
            since: clock.now(),
        };
        let line = serde_json::json!(holder).to_string() + "\n";
        file.set_len(0).map_err(fail("write"))?;
        file.seek(SeekFrom::Start(0)).map_err(fail("write"))?;
        file.write_all(line.as_bytes()).map_err(fail("write"))?;
        Ok(Self { file })
    }
}

/// What the holder wrote, or nobody in particular: it may be about to write it.
fn read_holder(file: &mut File) -> Holder {
    let mut line = String::new();
    match file.take(LINE_MAX).read_to_string(&mut line) {
        Ok(_) => serde_json::from_str(&line).unwrap_or_default(),
        Err(_) => Holder::default(),
    }
}
