//! Deliverables: written whole, never over what was there before.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use workprint_model::event::Event;
use workprint_model::{Artifact, MediaPath};
use workprint_store::{FinalFile, Store};

use crate::{Place, StudioError};

/// What becomes of an earlier file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Earlier {
    /// It stays under a name with its time.
    Archive,
    /// It goes, where it is as it was delivered.
    Replace,
}

/// Puts an artifact at `target`, in a folder of the episode. What stands there with other bytes is
/// archived beside it under the time it was written, or replaced. Says nothing when the same bytes are there already.
pub(crate) async fn deliver(
    store: &Store,
    place: &Place,
    (target, earlier): (&Path, Earlier),
    artifact: &Artifact,
) -> Result<Option<Event>, StudioError> {
    let folder = target.parent().unwrap_or(target);
    fs::create_dir_all(folder).map_err(StudioError::file("make", folder))?;
    let target = target.to_owned();
    let shown = place.shown(&target);
    if is_there(store, place, &target, artifact).await? {
        return Ok(None);
    }
    store.still_writes().await?;
    let keep = earlier == Earlier::Archive || !is_ours(store, place, &target).await?;
    let source = store.path_of(&artifact.digest);
    let shown_target = target.clone();
    let written = tokio::task::spawn_blocking(move || replace(&source, &target, keep)).await;
    let archived = written.map_err(|error| StudioError::Step {
        message: format!("writing the final broke off: {error}"),
        hints: vec!["run again".to_owned()],
    })??;
    let meta = fs::metadata(&shown_target).map_err(StudioError::file("look at", &shown_target))?;
    store
        .record_final(&FinalFile {
            path: shown.clone(),
            digest: artifact.digest,
            bytes: artifact.bytes,
            mtime_ns: mtime_ns(&meta),
            written_at: store.clock().now(),
        })
        .await?;
    let archived = archived.map(|path| place.shown(&path));
    Ok(Some(Event::FinalWritten {
        path: shown,
        digest: artifact.digest,
        archived,
    }))
}

/// Takes away what was delivered at `target` and nobody touched since.
pub(crate) async fn withdraw(
    store: &Store,
    place: &Place,
    target: &Path,
) -> Result<(), StudioError> {
    if is_ours(store, place, target).await? {
        fs::remove_file(target).map_err(StudioError::file("remove", target))?;
    }
    Ok(())
}

/// Whether the file at `target` has the artifact's bytes. A file that nobody touched since it was
/// written is not read again.
async fn is_there(
    store: &Store,
    place: &Place,
    target: &Path,
    artifact: &Artifact,
) -> Result<bool, StudioError> {
    let Ok(meta) = fs::symlink_metadata(target) else {
        return Ok(false);
    };
    if !meta.is_file() || meta.len() != artifact.bytes {
        return Ok(false);
    }
    let shown = place.shown(target);
    if let Some(known) = store.find_final(&shown).await?
        && known.digest == artifact.digest
        && known.mtime_ns == mtime_ns(&meta)
    {
        return Ok(true);
    }
    let Ok(path) = shown.parse::<MediaPath>() else {
        return Ok(false);
    };
    Ok(store
        .digest_file(&path)
        .await
        .is_ok_and(|(digest, _)| digest == artifact.digest))
}

/// Whether the file at `target` is what was delivered there last.
async fn is_ours(store: &Store, place: &Place, target: &Path) -> Result<bool, StudioError> {
    let Ok(meta) = fs::symlink_metadata(target) else {
        return Ok(false);
    };
    let known = store.find_final(&place.shown(target)).await?;
    Ok(known.is_some_and(|known| known.bytes == meta.len() && known.mtime_ns == mtime_ns(&meta)))
}

fn mtime_ns(meta: &fs::Metadata) -> i64 {
    let since = meta
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |time| i64::try_from(time.as_nanos()).unwrap_or(i64::MAX))
}

/// Copies `source` beside `target`, archives what is there where that is to be kept, and renames the copy into its place: at
/// every moment `target` is a whole file.
fn replace(source: &Path, target: &Path, keep: bool) -> Result<Option<PathBuf>, StudioError> {
    let part = target.with_file_name(format!(
        ".{}.part",
        target
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("final")
    ));
    drop(fs::remove_file(&part));
    fs::copy(source, &part).map_err(StudioError::file("write", &part))?;
    // The vault's files are read-only; a deliverable is the user's own.
    let file = File::options()
        .read(true)
        .open(&part)
        .map_err(StudioError::file("write", &part))?;
    let mut permissions = file
        .metadata()
        .map_err(StudioError::file("write", &part))?
        .permissions();
    #[expect(
        clippy::permissions_set_readonly_false,
        reason = "a deliverable is the user's own file"
    )]
    permissions.set_readonly(false);
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
    file.set_permissions(permissions)
        .map_err(StudioError::file("write", &part))?;
    file.sync_all().map_err(StudioError::file("write", &part))?;
    let archived = if keep && target.exists() {
        Some(archive(target)?)
    } else {
        None
    };
    fs::rename(&part, target).map_err(StudioError::file("write", target))?;
    if let Some(folder) = target.parent() {
        let folder = File::open(folder).map_err(StudioError::file("write", folder))?;
        folder
            .sync_all()
            .map_err(StudioError::file("write", target))?;
    }
    Ok(archived)
}

/// Gives what stands at `target` a second name with the time it was written; never one in use.
fn archive(target: &Path) -> Result<PathBuf, StudioError> {
    let meta = fs::metadata(target).map_err(StudioError::file("archive", target))?;
    let stamp = crate::ops::log::stamp(mtime_ns(&meta) / 1_000_000);
    let name = target
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("final");
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
    for n in 1..1000 {
        let number = if n == 1 {
            String::new()
        } else {
            format!("-{n}")
        };
        let path = target.with_file_name(format!("{stem}.{stamp}{number}.{extension}"));
        match fs::hard_link(target, &path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            // A file system without hard links: the name moves, and the new file follows at once.
            Err(_) if !path.exists() => {
                fs::rename(target, &path).map_err(StudioError::file("archive", target))?;
                return Ok(path);
            }
            Err(_) => {}
        }
    }
    Err(StudioError::request(
        format!(
            "`{}` has a thousand archived copies of one second",
            target.display()
        ),
        "move them away",
    ))
}
