//! Opening a production's store, and its vault's door.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use workprint_model::{Artifact, Digest};

use crate::files::FileCache;
use crate::ledger::Ledger;
use crate::lock::WriterLock;
use crate::vault::{TempBlob, TempFolder, Vault};
use crate::{Clock, StoreError};

/// A production's vault and ledger. Cheap to clone; clones are the same store.
#[derive(Debug, Clone)]
pub struct Store(pub(crate) Arc<Inner>);

/// Fields are dropped in this order: the lock is let go after the ledger.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) ledger: Ledger,
    pub(crate) vault: Vault,
    pub(crate) files: FileCache,
    pub(crate) root: PathBuf,
    pub(crate) clock: Clock,
    _lock: Option<WriterLock>,
}

impl Store {
    /// Opens the production in `root` for writing. `holder` is the command, told to whoever finds
    /// the production in use.
    ///
    /// Creates `.workprint` where it is missing, takes the writer lock without waiting
    /// ([`StoreError::Held`]), clears away what a killed process left half-written, and upgrades an
    /// older ledger. The lock is let go when the last clone is dropped.
    pub async fn open(root: &Path, holder: &str, clock: Clock) -> Result<Self, StoreError> {
        let dir = root.join(".workprint");
        std::fs::create_dir_all(&dir).map_err(|error| StoreError::file("create", &dir, error))?;
        let lock = WriterLock::take(&dir.join("lock"), holder, &clock)?;
        let vault = Vault::at(dir.join("vault"), clock.clone());
        vault.prepare()?;
        let path = dir.join("ledger.db");
        refuse_emptied(&path, &vault)?;
        let ledger = Ledger::open(path).await?;
        Ok(Self::assemble(root, ledger, vault, clock, Some(lock)))
    }

    /// Opens the production in `root` for reading, also while another process writes it.
    ///
    /// Creates nothing. Where no ledger was written yet this is an empty store, and stays one.
    pub async fn open_read_only(root: &Path, clock: Clock) -> Result<Self, StoreError> {
        let dir = root.join(".workprint");
        let vault = Vault::at(dir.join("vault"), clock.clone());
        let ledger = Ledger::open_read_only(dir.join("ledger.db")).await?;
        Ok(Self::assemble(root, ledger, vault, clock, None))
    }

    fn assemble(
        root: &Path,
        ledger: Ledger,
        vault: Vault,
        clock: Clock,
        lock: Option<WriterLock>,
    ) -> Self {
        Self(Arc::new(Inner {
            ledger,
            vault,
            files: FileCache::default(),
            root: root.to_owned(),
            clock,
            _lock: lock,
        }))
    }

    /// Writes what is still in memory, and closes the ledger if this is the last clone.
    pub async fn close(self) -> Result<(), StoreError> {
        if !self.is_read_only() {
            self.flush().await?;
        }
        if let Some(inner) = Arc::into_inner(self.0) {
            inner.ledger.close().await;
        }
        Ok(())
    }

    /// Writes events and file digests that are still in memory.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.flush_events().await?;
        self.flush_files().await
    }

    /// Whether writing is refused.
    pub fn is_read_only(&self) -> bool {
        self.0.ledger.is_read_only()
    }

    /// The show's folder.
    pub fn root(&self) -> &Path {
        &self.0.root
    }

    /// The store's clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn now(&self) -> i64 {
        self.0.clock.now()
    }

    fn writable(&self, act: &'static str) -> Result<&Vault, StoreError> {
        if self.is_read_only() {
            return Err(StoreError::ReadOnly { act });
        }
        Ok(&self.0.vault)
    }

    /// An empty temporary file in the vault's folder, removed when dropped.
    pub fn temp(&self) -> Result<TempBlob, StoreError> {
        self.writable("make a file")?.temp("")
    }

    /// Like [`Store::temp`], with a name that ends in `.extension`, for programs that look at it.
    /// What is no ASCII letter or digit is left out of it.
    pub fn temp_with_extension(&self, extension: &str) -> Result<TempBlob, StoreError> {
        let extension: String = extension
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        self.writable("make a file")?.temp(&extension)
    }

    /// An empty temporary folder beside those files, removed with all that is in it when dropped, or by the
    /// next command that writes where the process was killed.
    pub fn temp_folder(&self) -> Result<TempFolder, StoreError> {
        self.writable("make a folder")?.temp_folder()
    }

    /// Moves a finished file into the vault: hashes it, makes it read-only and durable, and gives
    /// it the name of its digest, also durably.
    ///
    /// If the vault has the same bytes already, those stay and the file is dropped; a damaged file
    /// under that name is moved to `vault/quarantine` first. Blocks on the disk.
    pub fn keep(&self, temp: TempBlob, media_type: &str) -> Result<Artifact, StoreError> {
        self.writable("keep an artifact")?.keep(temp, media_type)
    }

    /// Like [`Store::keep`], for bytes in memory.
    pub fn keep_bytes(&self, bytes: &[u8], media_type: &str) -> Result<Artifact, StoreError> {
        self.writable("keep an artifact")?
            .keep_bytes(bytes, media_type)
    }

    /// Where the artifact of this digest is, or would be.
    pub fn path_of(&self, digest: &Digest) -> PathBuf {
        self.0.vault.path_of(digest)
    }

    /// Whether the vault has the artifact: a file of its name and exactly its length.
    pub fn has(&self, artifact: &Artifact) -> bool {
        self.0.vault.has(artifact)
    }

    /// The artifact's bytes, compared with its digest; at most [`READ_MAX`](crate::READ_MAX) bytes.
    pub fn read(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        self.0.vault.read(digest)
    }

    /// The artifact's file at its beginning, compared with its digest: for what is too large to be held.
    pub fn open_artifact(&self, digest: &Digest) -> Result<std::fs::File, StoreError> {
        self.0.vault.open(digest)
    }
}

/// An empty ledger beside a vault that is not empty is a truncated one: a crash while a ledger is
/// created leaves no vault.
fn refuse_emptied(path: &Path, vault: &Vault) -> Result<(), StoreError> {
    let emptied = std::fs::metadata(path).is_ok_and(|meta| meta.len() == 0);
    if emptied && !vault.is_empty()? {
        return Err(StoreError::Damaged {
            path: path.to_owned(),
            why: "it is empty, and the vault is not".to_owned(),
        });
    }
    Ok(())
}
