//! The deliverables as they were last written.

use workprint_model::Digest;

use crate::{Store, StoreError};

/// A deliverable as it was last written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinalFile {
    /// Where, relative to the show's folder.
    pub path: String,
    /// What was written.
    pub digest: Digest,
    /// Its length.
    pub bytes: u64,
    /// The file's modification time after it was written, in nanoseconds since 1970: a file with
    /// another one was touched by somebody else.
    pub mtime_ns: i64,
    /// When it was written: milliseconds since 1970, UTC.
    pub written_at: i64,
}

type Row = (String, String, i64, i64, i64);

impl Store {
    /// Remembers that a deliverable was written. Garbage collection then keeps its artifact and
    /// everything that went into it.
    pub async fn record_final(&self, written: &FinalFile) -> Result<(), StoreError> {
        let act = "record a final";
        let mut writer = self.0.ledger.writer(act).await?;
        writer.begin().await.map_err(self.0.ledger.fail(act))?;
        sqlx::query(
            "INSERT OR REPLACE INTO finals (path, digest, bytes, mtime_ns, written_at)
            VALUES (?, ?, ?, ?, ?)",
        )
        .bind(&written.path)
        .bind(written.digest.to_string())
        .bind(written.bytes as i64)
        .bind(written.mtime_ns)
        .bind(written.written_at)
        .execute(&mut writer.connection)
        .await
        .map_err(self.0.ledger.fail(act))?;
        writer.commit().await.map_err(self.0.ledger.fail(act))?;
        Ok(())
    }

    /// The deliverable last written to a path (relative to the show's folder).
    pub async fn find_final(&self, path: &str) -> Result<Option<FinalFile>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let row: Option<Row> = sqlx::query_as(
            "SELECT path, digest, bytes, mtime_ns, written_at FROM finals WHERE path = ?",
        )
        .bind(path)
        .fetch_optional(&mut *reader)
        .await
        .map_err(self.0.ledger.fail("read a final"))?;
        row.map(final_file).transpose()
    }

    /// Every deliverable, by path.
    pub async fn finals(&self) -> Result<Vec<FinalFile>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT path, digest, bytes, mtime_ns, written_at FROM finals ORDER BY path",
        )
        .fetch_all(&mut *reader)
        .await
        .map_err(self.0.ledger.fail("read finals"))?;
        rows.into_iter().map(final_file).collect()
    }
}

fn final_file((path, digest, bytes, mtime_ns, written_at): Row) -> Result<FinalFile, StoreError> {
    Ok(FinalFile {
        path,
        digest: digest
            .parse()
            .map_err(|error: workprint_model::digest::NotADigest| {
                StoreError::row("finals", error)
            })?,
        bytes: bytes as u64,
        mtime_ns,
        written_at,
    })
}
