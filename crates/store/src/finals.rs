//! The deliverables as they were last written.

use workprint_model::Digest;

use crate::steps::digest as digest_of;
use crate::{Store, StoreError};

/// A deliverable as it was last written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinalFile {
    /// Where, relative to the show's folder.
    pub path: String,
    /// The artifact that was written.
    pub digest: Digest,
    /// The signed copy of it, where that is what was written.
    pub sealed: Option<Sealed>,
    /// The file's length.
    pub bytes: u64,
    /// The file's modification time after it was written, in nanoseconds since 1970: a file with
    /// another one was touched by somebody else.
    pub mtime_ns: i64,
    /// When it was written: milliseconds since 1970, UTC.
    pub written_at: i64,
}

/// A signed copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// The digest of its bytes.
    pub file: Digest,
    /// What was decided: who signs, and what is told.
    pub seal: Digest,
}

type Row = (
    String,
    String,
    i64,
    i64,
    i64,
    Option<String>,
    Option<String>,
);

/// The columns of a [`Row`], and what follows them.
macro_rules! select_finals {
    ($rest:literal) => {
        concat!(
            "SELECT path, digest, bytes, mtime_ns, written_at, sealed, seal
            FROM finals LEFT JOIN seals ON seals.file = finals.sealed ",
            $rest
        )
    };
}

impl Store {
    /// Remembers that a deliverable was written. Garbage collection then keeps its artifact and
    /// everything that went into it.
    pub async fn record_final(&self, written: &FinalFile) -> Result<(), StoreError> {
        let act = "record a final";
        let fail = self.0.ledger.fail(act);
        let mut writer = self.0.ledger.writer(act).await?;
        writer.begin().await.map_err(&fail)?;
        if let Some(sealed) = &written.sealed {
            sqlx::query("INSERT OR REPLACE INTO seals (file, film, seal) VALUES (?, ?, ?)")
                .bind(sealed.file.to_string())
                .bind(written.digest.to_string())
                .bind(sealed.seal.to_string())
                .execute(&mut writer.connection)
                .await
                .map_err(&fail)?;
        }
        sqlx::query(
            "INSERT OR REPLACE INTO finals (path, digest, bytes, mtime_ns, written_at, sealed)
            VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(&written.path)
        .bind(written.digest.to_string())
        .bind(written.bytes as i64)
        .bind(written.mtime_ns)
        .bind(written.written_at)
        .bind(written.sealed.map(|sealed| sealed.file.to_string()))
        .execute(&mut writer.connection)
        .await
        .map_err(&fail)?;
        self.0.ledger.commit(writer, act).await
    }

    /// The deliverable last written to a path (relative to the show's folder).
    pub async fn find_final(&self, path: &str) -> Result<Option<FinalFile>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let row: Option<Row> = sqlx::query_as(select_finals!("WHERE path = ?"))
            .bind(path)
            .fetch_optional(&mut *reader)
            .await
            .map_err(self.0.ledger.fail("read a final"))?;
        row.map(final_file).transpose()
    }

    /// Every deliverable, by path.
    pub async fn finals(&self) -> Result<Vec<FinalFile>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let rows: Vec<Row> = sqlx::query_as(select_finals!("ORDER BY path"))
            .fetch_all(&mut *reader)
            .await
            .map_err(self.0.ledger.fail("read finals"))?;
        rows.into_iter().map(final_file).collect()
    }

    /// The artifact that a signed copy was made of, by the copy's digest; nothing where it was not made
    /// here.
    pub async fn film_of_seal(&self, file: &Digest) -> Result<Option<Digest>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let film: Option<String> = sqlx::query_scalar("SELECT film FROM seals WHERE file = ?")
            .bind(file.to_string())
            .fetch_optional(&mut *reader)
            .await
            .map_err(self.0.ledger.fail("read a seal"))?;
        film.as_deref().map(digest_of).transpose()
    }
}

fn final_file(
    (path, digest, bytes, mtime_ns, written_at, sealed, seal): Row,
) -> Result<FinalFile, StoreError> {
    let sealed = match (sealed, seal) {
        (Some(file), Some(seal)) => Some(Sealed {
            file: digest_of(&file)?,
            seal: digest_of(&seal)?,
        }),
        _ => None,
    };
    Ok(FinalFile {
        path,
        digest: digest_of(&digest)?,
        sealed,
        bytes: bytes as u64,
        mtime_ns,
        written_at,
    })
}
