//! Failed attempts, so that a restart neither forgets them nor tries again too soon.

use std::collections::BTreeMap;

use workprint_model::Digest;

use crate::steps::{digest, list};
use crate::{Store, StoreError};

/// The failed attempts at a key since it last succeeded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempts {
    /// How many.
    pub failed: u32,
    /// The last one's error; empty if there was none.
    pub error: String,
    /// When the next may start: milliseconds since 1970, UTC.
    pub not_before: i64,
}

impl Store {
    /// The failed attempts at a key; none is `failed: 0`.
    pub async fn attempts(&self, key: &Digest) -> Result<Attempts, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let row: Option<(i64, String, i64)> =
            sqlx::query_as("SELECT failed, error, not_before FROM attempts WHERE key = ?")
                .bind(key.to_string())
                .fetch_optional(&mut *reader)
                .await
                .map_err(self.0.ledger.fail("read attempts"))?;
        Ok(
            row.map_or_else(Attempts::default, |(failed, error, not_before)| Attempts {
                failed: failed as u32,
                error,
                not_before,
            }),
        )
    }

    /// When those of some keys whose last attempt failed may be tried again: milliseconds since 1970, UTC.
    pub async fn not_before(&self, keys: &[Digest]) -> Result<BTreeMap<Digest, i64>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT attempts.key, not_before FROM json_each(?) AS asked
            CROSS JOIN attempts ON attempts.key = asked.value",
        )
        .bind(list(keys))
        .fetch_all(&mut *reader)
        .await
        .map_err(self.0.ledger.fail("read attempts"))?;
        rows.into_iter()
            .map(|(key, at)| Ok((digest(&key)?, at)))
            .collect()
    }

    /// Counts a failed attempt, durably, and returns how many there are now. `not_before` is when
    /// the next may start, in milliseconds since 1970.
    pub async fn record_attempt(
        &self,
        key: &Digest,
        error: &str,
        not_before: i64,
    ) -> Result<u32, StoreError> {
        let act = "record an attempt";
        let error: String = error.chars().take(4000).collect();
        let fail = self.0.ledger.fail(act);
        let mut writer = self.0.ledger.writer(act).await?;
        writer.begin().await.map_err(&fail)?;
        let failed: i64 = sqlx::query_scalar(
            "INSERT INTO attempts (key, failed, error, not_before, at) VALUES (?, 1, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET failed = failed + 1, error = excluded.error,
                not_before = excluded.not_before, at = excluded.at
            RETURNING failed",
        )
        .bind(key.to_string())
        .bind(error)
        .bind(not_before)
        .bind(self.now())
        .fetch_one(&mut writer.connection)
        .await
        .map_err(&fail)?;
        self.0.ledger.commit(writer, act).await?;
        Ok(failed as u32)
    }

    /// Forgets the failed attempts at a key. [`Store::record`] does so by itself.
    pub async fn clear_attempts(&self, key: &Digest) -> Result<(), StoreError> {
        let act = "clear attempts";
        let mut writer = self.0.ledger.writer(act).await?;
        writer.begin().await.map_err(self.0.ledger.fail(act))?;
        sqlx::query("DELETE FROM attempts WHERE key = ?")
            .bind(key.to_string())
            .execute(&mut writer.connection)
            .await
            .map_err(self.0.ledger.fail(act))?;
        self.0.ledger.commit(writer, act).await
    }
}
