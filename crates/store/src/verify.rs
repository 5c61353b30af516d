//! Whether the vault still holds what the ledger says.

use std::path::PathBuf;

use workprint_model::{Digest, Slot};

use crate::steps::digest;
use crate::{Store, StoreError};

/// A blob whose bytes are not those it was kept with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// The digest it is named by.
    pub digest: Digest,
    /// The digest it has.
    pub found: Digest,
    /// Where it was moved to; nothing in a store opened for reading.
    pub moved_to: Option<PathBuf>,
    /// What the steps that made it filled.
    pub made_for: Vec<Slot>,
}

/// A blob that a kept step says it made, and that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Its digest.
    pub digest: Digest,
    /// What the steps that made it filled.
    pub made_for: Vec<Slot>,
}

/// What [`Store::verify`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// How many blobs were read.
    pub blobs: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// Blobs with other bytes than their name says.
    pub damaged: Vec<Damaged>,
    /// Blobs of kept steps that are not there. The damaged ones that were moved are not told twice.
    pub missing: Vec<Missing>,
}

impl VerifyReport {
    /// Whether everything is as it should be.
    pub fn is_clean(&self) -> bool {
        self.damaged.is_empty() && self.missing.is_empty()
    }
}

impl Store {
    /// Reads every blob and compares it with its name. A damaged one is moved to
    /// `vault/quarantine`, so that its step is performed again; a store opened for reading only
    /// reports it. Reads the whole vault: as slow as the disk.
    pub async fn verify(&self) -> Result<VerifyReport, StoreError> {
        let store = self.clone();
        let mut report = tokio::task::spawn_blocking(move || store.verify_blobs())
            .await
            .map_err(StoreError::Stopped)??;
        for damaged in &mut report.damaged {
            damaged.made_for = self.slots_made(&damaged.digest).await?;
        }
        for wanted in self.wanted().await? {
            let told = report.damaged.iter().any(|other| other.digest == wanted);
            if !told && self.0.vault.find(&wanted).is_none() {
                report.missing.push(Missing {
                    digest: wanted,
                    made_for: self.slots_made(&wanted).await?,
                });
            }
        }
        Ok(report)
    }

    fn verify_blobs(&self) -> Result<VerifyReport, StoreError> {
        let vault = &self.0.vault;
        let mut report = VerifyReport::default();
        for blob in vault.blobs()? {
            let found = match vault.hash_blob(&blob.digest) {
                // Collected by another process meanwhile.
                Err(StoreError::Missing { .. }) => continue,
                found => found?,
            };
            report.blobs += 1;
            report.bytes += blob.bytes;
            if found == blob.digest {
                continue;
            }
            let moved_to = if self.is_read_only() {
                None
            } else {
                Some(vault.quarantine(&blob.digest)?)
            };
            report.damaged.push(Damaged {
                digest: blob.digest,
                found,
                moved_to,
                made_for: Vec::new(),
            });
        }
        Ok(report)
    }

    /// The artifacts of every step that a key leads to.
    async fn wanted(&self) -> Result<Vec<Digest>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let rows: Vec<String> = sqlx::query_scalar(
            "SELECT DISTINCT digest FROM artifacts
            JOIN steps ON steps.id = step AND steps.forgotten_at IS NULL ORDER BY digest",
        )
        .fetch_all(&mut *reader)
        .await
        .map_err(self.0.ledger.fail("read artifacts"))?;
        rows.iter().map(|row| digest(row)).collect()
    }

    async fn slots_made(&self, artifact: &Digest) -> Result<Vec<Slot>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let rows: Vec<String> = sqlx::query_scalar(
            "SELECT DISTINCT steps.slot FROM artifacts JOIN steps ON steps.id = step
            WHERE digest = ? ORDER BY steps.slot",
        )
        .bind(artifact.to_string())
        .fetch_all(&mut *reader)
        .await
        .map_err(self.0.ledger.fail("read artifacts"))?;
        Ok(rows.iter().map(|row| Slot::from(row.as_str())).collect())
    }
}
