//! The vault: artifacts by digest, `vault/ab/cdef…`, each written once and then read-only.

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use tempfile::{NamedTempFile, TempDir};
use workprint_model::digest::Hasher;
use workprint_model::{Artifact, Digest};

use crate::clock::file_time;
use crate::{Clock, StoreError};

/// The most that [`crate::Store::read`] holds in memory: 512 MiB.
pub const READ_MAX: u64 = 512 << 20;

/// Leftovers are known by this, so that nothing else is ever cleaned away.
const TEMP_PREFIX: &str = "blob-";
const READ_ONLY: u32 = 0o444;

/// A file in the vault's temporary folder, removed when it is dropped.
///
/// Write to [`TempBlob::file`], or let a program write to [`TempBlob::path`]; then hand it to
/// [`crate::Store::keep`].
#[derive(Debug)]
pub struct TempBlob(NamedTempFile);

impl TempBlob {
    /// Where it is: absolute if the store's root is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The file, open for reading and writing.
    pub fn file(&mut self) -> &mut File {
        self.0.as_file_mut()
    }
}

/// A folder in the vault's temporary folder, removed with all that is in it when it is dropped.
#[derive(Debug)]
pub struct TempFolder(TempDir);

impl TempFolder {
    /// Where it is: absolute if the store's root is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// A file of the vault, as its folders tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blob {
    pub(crate) digest: Digest,
    pub(crate) bytes: u64,
    /// When it was kept last, in milliseconds since 1970.
    pub(crate) kept_at: i64,
}

#[derive(Debug)]
pub(crate) struct Vault {
    dir: PathBuf,
    clock: Clock,
}

impl Vault {
    /// The vault in `dir`, which need not exist.
    pub(crate) fn at(dir: PathBuf, clock: Clock) -> Self {
        Self { dir, clock }
    }

    /// Makes the folders and removes what a killed process left half-written.
    pub(crate) fn prepare(&self) -> Result<(), StoreError> {
        let temp = self.temp_dir();
        fs::create_dir_all(&temp).map_err(|error| StoreError::file("create", &temp, error))?;
        // A link could make cleaning reach outside the production.
        let meta = fs::symlink_metadata(&temp)
            .map_err(|error| StoreError::file("look at", &temp, error))?;
        if !meta.is_dir() {
            return Err(StoreError::NotAFile {
                path: temp,
                what: "a link, where the vault's own folder is expected",
            });
        }
        for entry in entries(&temp)? {
            let name = entry.file_name();
            if name.to_string_lossy().starts_with(TEMP_PREFIX) {
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                // What cannot be removed harms nobody, and is tried again next time.
                let _ = if is_folder {
                    fs::remove_dir_all(entry.path())
                } else {
                    fs::remove_file(entry.path())
                };
            }
        }
        Ok(())
    }

    pub(crate) fn temp(&self, extension: &str) -> Result<TempBlob, StoreError> {
        let suffix = match extension {
            "" => String::new(),
            extension => format!(".{extension}"),
        };
        let dir = self.temp_dir();
        tempfile::Builder::new()
            .prefix(TEMP_PREFIX)
            .suffix(&suffix)
            .tempfile_in(&dir)
            .map(TempBlob)
            .map_err(|error| StoreError::file("write", &dir, error))
    }

    pub(crate) fn temp_folder(&self) -> Result<TempFolder, StoreError> {
        let dir = self.temp_dir();
        let folder = tempfile::Builder::new()
            .prefix(TEMP_PREFIX)
            .tempdir_in(&dir);
        let folder = folder.map_err(|error| StoreError::file("write", &dir, error))?;
        Ok(TempFolder(folder))
    }

    /// See [`crate::Store::keep`].
    pub(crate) fn keep(&self, temp: TempBlob, media_type: &str) -> Result<Artifact, StoreError> {
        let temp = temp.0.into_temp_path();
        // The path and not the open file: a program may have put another file there.
        let meta = fs::symlink_metadata(&temp)
            .map_err(|error| StoreError::file("look at", &temp, error))?;
        if !meta.is_file() {
            return Err(StoreError::NotAFile {
                path: temp.to_path_buf(),
                what: "something else that a program left",
            });
        }
        let mut file = File::open(&temp).map_err(|error| StoreError::file("read", &temp, error))?;
        let (digest, bytes) =
            hash(&mut file).map_err(|error| StoreError::file("read", &temp, error))?;
        let artifact = Artifact {
            digest,
            media_type: media_type.to_owned(),
            bytes,
        };
        if !self.settle_with_existing(&digest)? {
            self.make_durable(&file, &temp)?;
            let blob = self.path_of(&digest);
            self.put(&temp, &blob)?;
        }
        Ok(artifact)
    }

    /// Whether the vault already has these bytes. A damaged file under their name is moved away.
    fn settle_with_existing(&self, digest: &Digest) -> Result<bool, StoreError> {
        let path = self.path_of(digest);
        let mut existing = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(StoreError::file("read", &path, error)),
        };
        let (found, _) =
            hash(&mut existing).map_err(|error| StoreError::file("read", &path, error))?;
        if found == *digest {
            // Kept anew: garbage collection looks at this time.
            existing
                .set_modified(file_time(self.clock.now()))
                .map_err(|error| StoreError::file("write", &path, error))?;
            return Ok(true);
        }
        self.quarantine(digest)?;
        Ok(false)
    }

    fn make_durable(&self, file: &File, path: &Path) -> Result<(), StoreError> {
        let fail = |error| StoreError::file("write", path, error);
        file.set_modified(file_time(self.clock.now()))
            .map_err(fail)?;
        file.set_permissions(Permissions::from_mode(READ_ONLY))
            .map_err(fail)?;
        file.sync_all().map_err(fail)
    }

    /// Gives a durable file its name, and makes the name durable.
    fn put(&self, temp: &Path, blob: &Path) -> Result<(), StoreError> {
        let shard = blob.parent().unwrap_or(&self.dir);
        match fs::create_dir(shard) {
            Ok(()) => sync_dir(&self.dir)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(StoreError::file("create", shard, error)),
        }
        match renameat_with(CWD, temp, CWD, blob, RenameFlags::NOREPLACE) {
            // Another thread kept the same bytes in between: equal, so either may stay.
            Ok(()) | Err(Errno::EXIST) => {}
            // File systems without it: replacing equal bytes is harmless too.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                fs::rename(temp, blob).map_err(|error| StoreError::file("write", blob, error))?;
            }
            Err(error) => return Err(StoreError::file("write", blob, error.into())),
        }
        sync_dir(shard)
    }

    pub(crate) fn keep_bytes(
        &self,
        bytes: &[u8],
        media_type: &str,
    ) -> Result<Artifact, StoreError> {
        let digest = Digest::of(bytes);
        if self.settle_with_existing(&digest)? {
            return Ok(Artifact {
                digest,
                media_type: media_type.to_owned(),
                bytes: bytes.len() as u64,
            });
        }
        let mut temp = self.temp("")?;
        let wrote = temp.file().write_all(bytes);
        wrote.map_err(|error| StoreError::file("write", temp.path(), error))?;
        self.keep(temp, media_type)
    }

    pub(crate) fn path_of(&self, digest: &Digest) -> PathBuf {
        let hex = digest.to_string();
        let (shard, rest) = hex.split_at(2);
        self.dir.join(shard).join(rest)
    }

    pub(crate) fn has(&self, artifact: &Artifact) -> bool {
        fs::symlink_metadata(self.path_of(&artifact.digest))
            .is_ok_and(|meta| meta.is_file() && meta.len() == artifact.bytes)
    }

    pub(crate) fn read(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        let path = self.path_of(digest);
        let file = self.open_blob(digest)?;
        let mut bytes = Vec::new();
        file.take(READ_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| StoreError::file("read", &path, error))?;
        if bytes.len() as u64 > READ_MAX {
            return Err(StoreError::TooLarge {
                what: format!("the artifact `{}`", digest.short()),
                bytes: bytes.len() as u64,
                max: READ_MAX,
            });
        }
        compare(digest, Digest::of(&bytes))?;
        Ok(bytes)
    }

    /// A blob at its beginning, compared with its digest.
    pub(crate) fn open(&self, digest: &Digest) -> Result<File, StoreError> {
        let failed = |error| StoreError::file("read", &self.path_of(digest), error);
        let mut file = self.open_blob(digest)?;
        let (found, _) = hash(&mut file).map_err(failed)?;
        compare(digest, found)?;
        file.rewind().map_err(failed)?;
        Ok(file)
    }

    fn open_blob(&self, digest: &Digest) -> Result<File, StoreError> {
        let path = self.path_of(digest);
        File::open(&path).map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                StoreError::Missing { digest: *digest }
            } else {
                StoreError::file("read", &path, error)
            }
        })
    }

    /// The digest that a blob's bytes have now.
    pub(crate) fn hash_blob(&self, digest: &Digest) -> Result<Digest, StoreError> {
        let mut file = self.open_blob(digest)?;
        hash(&mut file)
            .map(|(found, _)| found)
            .map_err(|error| StoreError::file("read", &self.path_of(digest), error))
    }

    /// Moves a damaged blob out of the way; an earlier one of the same name is replaced.
    pub(crate) fn quarantine(&self, digest: &Digest) -> Result<PathBuf, StoreError> {
        let dir = self.dir.join("quarantine");
        fs::create_dir_all(&dir).map_err(|error| StoreError::file("create", &dir, error))?;
        let to = dir.join(digest.to_string());
        let from = self.path_of(digest);
        fs::rename(&from, &to).map_err(|error| StoreError::file("move", &from, error))?;
        Ok(to)
    }

    pub(crate) fn remove(&self, digest: &Digest) -> Result<(), StoreError> {
        let path = self.path_of(digest);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::file("remove", &path, error))
            }
            _ => Ok(()),
        }
    }

    /// A blob as it lies there, if it does.
    pub(crate) fn find(&self, digest: &Digest) -> Option<Blob> {
        let meta = fs::symlink_metadata(self.path_of(digest)).ok()?;
        meta.is_file().then(|| blob(*digest, &meta))
    }

    /// Every blob, in the order of digests. Files whose names are no digests are passed over.
    pub(crate) fn blobs(&self) -> Result<Vec<Blob>, StoreError> {
        let mut blobs = Vec::new();
        for shard in self.shards()? {
            let head = shard.file_name().to_string_lossy().into_owned();
            for entry in entries(&shard.path())? {
                let name = format!("{head}{}", entry.file_name().to_string_lossy());
                let Ok(digest) = name.parse::<Digest>() else {
                    continue;
                };
                if let Ok(meta) = entry.metadata()
                    && meta.is_file()
                {
                    blobs.push(blob(digest, &meta));
                }
            }
        }
        blobs.sort_by_key(|blob| blob.digest);
        Ok(blobs)
    }

    /// Whether anything was ever kept.
    pub(crate) fn is_empty(&self) -> Result<bool, StoreError> {
        Ok(self.shards()?.is_empty())
    }

    fn shards(&self) -> Result<Vec<fs::DirEntry>, StoreError> {
        let is_shard = |entry: &fs::DirEntry| {
            let name = entry.file_name();
            let name = name.as_encoded_bytes();
            name.len() == 2 && name.iter().all(u8::is_ascii_hexdigit)
        };
        Ok(entries(&self.dir)?.into_iter().filter(is_shard).collect())
    }

    fn temp_dir(&self) -> PathBuf {
        self.dir.join("tmp")
    }
}

fn blob(digest: Digest, meta: &fs::Metadata) -> Blob {
    use std::os::unix::fs::MetadataExt;
    Blob {
        digest,
        bytes: meta.len(),
        kept_at: meta.mtime() * 1000 + meta.mtime_nsec() / 1_000_000,
    }
}

/// The entries of a folder; none where it does not exist.
fn entries(dir: &Path) -> Result<Vec<fs::DirEntry>, StoreError> {
    let fail = |error| StoreError::file("read", dir, error);
    match fs::read_dir(dir) {
        Ok(entries) => entries.collect::<Result<_, _>>().map_err(fail),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(fail(error)),
    }
}

/// A name is durable only when its folder is.
fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(|error| StoreError::file("write", dir, error))
}

/// Refuses bytes that are not those of a digest.
fn compare(digest: &Digest, found: Digest) -> Result<(), StoreError> {
    if found == *digest {
        return Ok(());
    }
    Err(StoreError::Corrupt {
        digest: *digest,
        found,
    })
}

/// The digest and length of what is left of a file.
pub(crate) fn hash(file: &mut impl Read) -> io::Result<(Digest, u64)> {
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok((hasher.finish(), bytes)),
            Ok(count) => {
                hasher.update(&buffer[..count]);
                bytes += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
