//! What only this production knows.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use crate::{Store, StoreError};

/// The file's name in `.workprint`.
const FILE: &str = "secret";

impl Store {
    /// Thirty-two bytes that only this production knows: those of its file, which nobody else may read, else `new` ones,
    /// which are kept there. They prove that something was said by this production, also after a restart; where the file is
    /// lost they are, and nothing else.
    pub fn secret(&self, new: [u8; 32]) -> Result<[u8; 32], StoreError> {
        let dir = self.root().join(".workprint");
        let (kept, part) = (dir.join(FILE), dir.join("secret.part"));
        let is_whole = fs::symlink_metadata(&kept).is_ok_and(|of| of.is_file() && of.len() == 32);
        if is_whole {
            let bytes = fs::read(&kept).map_err(|error| StoreError::file("read", &kept, error))?;
            if let Ok(secret) = bytes.try_into() {
                return Ok(secret);
            }
        }
        if self.is_read_only() {
            return Err(StoreError::ReadOnly {
                act: "make a secret",
            });
        }
        let write = || {
            // What a killed process left; another's would have another mode.
            drop(fs::remove_file(&part));
            let mut open = OpenOptions::new();
            let mut file = open.write(true).create_new(true).mode(0o600).open(&part)?;
            file.write_all(&new)?;
            file.sync_all()?;
            fs::rename(&part, &kept)
        };
        write().map_err(|error| StoreError::file("write", &kept, error))?;
        Ok(new)
    }
}
