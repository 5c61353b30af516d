//! Digests of the user's files, remembered by what stat(2) says of them.
//!
//! The same idea as git's index, with the same trap: a file written again within the clock's grain
//! of when it was hashed looks unchanged. So an entry is trusted only if the file had been left
//! alone for two seconds when it was hashed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Metadata, OpenOptions};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::fs::OFlags;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row as _};
use tokio::sync::OnceCell;
use workprint_model::{Digest, MediaPath};

use crate::{Clock, Store, StoreError, vault};

/// How long a file must have been left alone before it was hashed, in nanoseconds.
const RACY_NS: i128 = 2_000_000_000;

/// How often a file that changes while it is read is read again.
const READS_MAX: u32 = 3;

row! {
    /// What stat(2) says of a file, as far as it changes with the content.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
    struct Stamp {
        dev: i64,
        ino: i64,
        size: i64,
        mtime_ns: i64,
        ctime_ns: i64,
    }
}

impl Stamp {
    fn of(meta: &Metadata) -> Self {
        let ns = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000) + nanos;
        Self {
            dev: meta.dev() as i64,
            ino: meta.ino() as i64,
            size: meta.len() as i64,
            mtime_ns: ns(meta.mtime(), meta.mtime_nsec()),
            ctime_ns: ns(meta.ctime(), meta.ctime_nsec()),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    stamp: Stamp,
    /// Milliseconds since 1970, before the file was read.
    hashed_at: i64,
    digest: Digest,
}

impl Entry {
    fn holds_for(&self, stamp: &Stamp) -> bool {
        let apart = |ns: i64| (i128::from(self.hashed_at) * 1_000_000 - i128::from(ns)).abs();
        self.stamp == *stamp && apart(stamp.mtime_ns) >= RACY_NS && apart(stamp.ctime_ns) >= RACY_NS
    }
}

/// The digests known in memory, read from the ledger when first asked for.
#[derive(Debug, Default)]
pub(crate) struct FileCache {
    loaded: OnceCell<Arc<Mutex<Entries>>>,
}

#[derive(Debug, Default)]
struct Entries {
    by_path: BTreeMap<String, Entry>,
    /// What the ledger does not know yet.
    changed: BTreeSet<String>,
}

fn lock(entries: &Mutex<Entries>) -> MutexGuard<'_, Entries> {
    // Every change is a single insert, so a panic elsewhere leaves nothing half-done.
    entries.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    /// The digest and length of a file of the production, read only if stat(2) tells that it may
    /// have changed since it was hashed last.
    ///
    /// Links are followed inside the production ([`StoreError::Outside`] beyond); folders, pipes
    /// and devices are refused ([`StoreError::NotAFile`]); so is a file that is written meanwhile
    /// ([`StoreError::Changing`]). Digests are kept in memory until a run ends, or [`Store::flush`].
    pub async fn digest_file(&self, path: &MediaPath) -> Result<(Digest, u64), StoreError> {
        let mut found = self.digest_files(std::slice::from_ref(path)).await?;
        found
            .pop()
            .expect("digest_files answers every path that it is asked for")
    }

    /// Like [`Store::digest_file`] for many files: one answer for each, in order.
    pub async fn digest_files(
        &self,
        paths: &[MediaPath],
    ) -> Result<Vec<Result<(Digest, u64), StoreError>>, StoreError> {
        let entries = Arc::clone(self.file_entries().await?);
        let (root, clock, paths) = (self.root().to_owned(), self.clock().clone(), paths.to_vec());
        tokio::task::spawn_blocking(move || {
            let root = root
                .canonicalize()
                .map_err(|error| StoreError::file("look at", &root, error))?;
            Ok(paths
                .iter()
                .map(|path| digest_one(&entries, &root, path, &clock))
                .collect())
        })
        .await
        .map_err(StoreError::Stopped)?
    }

    async fn file_entries(&self) -> Result<&Arc<Mutex<Entries>>, StoreError> {
        let load = || async {
            let mut reader = self.0.ledger.reader().await?;
            let rows: Vec<Row> = sqlx::query_as(
                "SELECT path, dev, ino, size, mtime_ns, ctime_ns, hashed_at, digest FROM files",
            )
            .fetch_all(&mut *reader)
            .await
            .map_err(self.0.ledger.fail("read file digests"))?;
            let mut entries = Entries::default();
            for row in rows {
                // An unreadable entry of a cache is an entry that is not there.
                if let Ok(digest) = row.digest.parse() {
                    let entry = Entry {
                        stamp: row.stamp,
                        hashed_at: row.hashed_at,
                        digest,
                    };
                    entries.by_path.insert(row.path, entry);
                }
            }
            Ok(Arc::new(Mutex::new(entries)))
        };
        self.0.files.loaded.get_or_try_init(load).await
    }

    /// Writes the digests that are new since the last time, in one transaction.
    pub(crate) async fn flush_files(&self) -> Result<(), StoreError> {
        let act = "remember file digests";
        let Some(entries) = self.0.files.loaded.get() else {
            return Ok(());
        };
        let (changed, rows) = {
            let entries = lock(entries);
            let rows: Vec<_> = entries
                .changed
                .iter()
                .filter_map(|path| {
                    let entry = entries.by_path.get(path)?;
                    Some((path, entry.stamp, entry.hashed_at, entry.digest))
                })
                .collect();
            (entries.changed.clone(), serde_json::json!(rows).to_string())
        };
        if changed.is_empty() || self.is_read_only() {
            return Ok(());
        }
        let fail = self.0.ledger.fail(act);
        let mut writer = self.0.ledger.writer(act).await?;
        writer.begin().await.map_err(&fail)?;
        sqlx::query(
            "INSERT OR REPLACE INTO files
                (path, dev, ino, size, mtime_ns, ctime_ns, hashed_at, digest)
            SELECT value ->> 0, value ->> '$[1].dev', value ->> '$[1].ino', value ->> '$[1].size',
                value ->> '$[1].mtime_ns', value ->> '$[1].ctime_ns', value ->> 2, value ->> 3
            FROM json_each(?)",
        )
        .bind(rows)
        .execute(&mut writer.connection)
        .await
        .map_err(&fail)?;
        self.0.ledger.commit(writer, act).await?;
        let mut entries = lock(entries);
        entries.changed.retain(|path| !changed.contains(path));
        Ok(())
    }
}

struct Row {
    path: String,
    stamp: Stamp,
    hashed_at: i64,
    digest: String,
}

impl FromRow<'_, SqliteRow> for Row {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            path: row.try_get("path")?,
            stamp: Stamp::from_row(row)?,
            hashed_at: row.try_get("hashed_at")?,
            digest: row.try_get("digest")?,
        })
    }
}

fn digest_one(
    entries: &Mutex<Entries>,
    root: &Path,
    path: &MediaPath,
    clock: &Clock,
) -> Result<(Digest, u64), StoreError> {
    let (file, target) = open_inside(root, path)?;
    let look = || {
        file.metadata()
            .map_err(|error| StoreError::file("look at", &target, error))
    };
    let mut stamp = Stamp::of(&look()?);
    let known = lock(entries).by_path.get(path.as_str()).copied();
    if let Some(entry) = known.filter(|entry| entry.holds_for(&stamp)) {
        return Ok((entry.digest, stamp.size as u64));
    }
    for _ in 0..READS_MAX {
        let hashed_at = clock.now();
        let (digest, bytes) = read_whole(&file, &target)?;
        let after = Stamp::of(&look()?);
        if after == stamp && bytes == stamp.size as u64 {
            let entry = Entry {
                stamp,
                hashed_at,
                digest,
            };
            let mut entries = lock(entries);
            entries.by_path.insert(path.as_str().to_owned(), entry);
            entries.changed.insert(path.as_str().to_owned());
            return Ok((digest, bytes));
        }
        stamp = after;
    }
    Err(StoreError::Changing {
        path: path.below(root),
    })
}

/// Opens a regular file of the production, wherever its links lead inside it.
fn open_inside(root: &Path, path: &MediaPath) -> Result<(File, PathBuf), StoreError> {
    let named = path.below(root);
    let target = named
        .canonicalize()
        .map_err(|error| StoreError::file("read", &named, error))?;
    if !target.starts_with(root) {
        return Err(StoreError::Outside {
            path: named,
            target,
        });
    }
    // A pipe is not waited for, and a link that appeared meanwhile is not followed.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let meta = std::fs::symlink_metadata(&target)
        .map_err(|error| StoreError::file("read", &target, error))?;
    refuse_special(&meta, &named)?;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits() as i32)
        .open(&target)
        .map_err(|error| StoreError::file("read", &named, error))?;
    let meta = file
        .metadata()
        .map_err(|error| StoreError::file("read", &named, error))?;
    refuse_special(&meta, &named)?;
    Ok((file, target))
}

fn refuse_special(meta: &Metadata, path: &Path) -> Result<(), StoreError> {
    let kind = meta.file_type();
    let what = if kind.is_file() {
        return Ok(());
    } else if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    };
    Err(StoreError::NotAFile {
        path: path.to_owned(),
        what,
    })
}

fn read_whole(file: &File, path: &Path) -> Result<(Digest, u64), StoreError> {
    use std::io::Seek;
    let mut file = file;
    file.rewind()
        .and_then(|()| vault::hash(&mut file))
        .map_err(|error| StoreError::file("read", path, error))
}
