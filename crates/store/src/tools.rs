//! What programs said they are, until the program's file changes.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::{Store, StoreError};

impl Store {
    /// What [`Store::remember_tool`] was told of this program, if its file is still the same by
    /// size and modification time.
    pub async fn tool(&self, program: &Path) -> Result<Option<String>, StoreError> {
        let Some((path, size, mtime_ns)) = stamp(program) else {
            return Ok(None);
        };
        let mut reader = self.0.ledger.reader().await?;
        sqlx::query_scalar(
            "SELECT identity FROM tools WHERE path = ? AND size = ? AND mtime_ns = ?",
        )
        .bind(path)
        .bind(size)
        .bind(mtime_ns)
        .fetch_optional(&mut *reader)
        .await
        .map_err(self.0.ledger.fail("read a program's identity"))
    }

    /// Remembers what a program said it is. Does nothing in a store opened for reading, and for a
    /// path that is not absolute or not UTF-8.
    pub async fn remember_tool(&self, program: &Path, identity: &str) -> Result<(), StoreError> {
        let act = "remember a program's identity";
        let Some((path, size, mtime_ns)) = stamp(program) else {
            return Ok(());
        };
        if self.is_read_only() {
            return Ok(());
        }
        let mut writer = self.0.ledger.writer(act).await?;
        sqlx::query(
            "INSERT OR REPLACE INTO tools (path, size, mtime_ns, identity) VALUES (?, ?, ?, ?)",
        )
        .bind(path)
        .bind(size)
        .bind(mtime_ns)
        .bind(identity)
        .execute(&mut writer.connection)
        .await
        .map_err(self.0.ledger.fail(act))?;
        Ok(())
    }
}

fn stamp(program: &Path) -> Option<(&str, i64, i64)> {
    let path = program.to_str().filter(|_| program.is_absolute())?;
    let meta = std::fs::metadata(program)
        .ok()
        .filter(std::fs::Metadata::is_file)?;
    let mtime_ns = meta.mtime().saturating_mul(1_000_000_000) + meta.mtime_nsec();
    Some((path, meta.len() as i64, mtime_ns))
}
