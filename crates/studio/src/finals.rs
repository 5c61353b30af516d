//! Deliverables: written whole, never over what was there before.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use workprint_credentials::Statement;
use workprint_model::digest::Hasher;
use workprint_model::event::Event;
use workprint_model::{Artifact, Diagnostic, Digest, MediaPath};
use workprint_store::{FinalFile, Sealed, Store};

use crate::seals::{Seal, unsigned};
use crate::{Place, StudioError};

/// What becomes of an earlier file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Earlier {
    /// It stays under a name with its time.
    Archive,
    /// It goes, where it is as it was delivered.
    Replace,
}

/// Puts an artifact at `target`, in a folder of the episode, or with a `seal` a signed copy of it. What
/// stands there with other bytes is archived beside it under the time it was written, or replaced. Says
/// nothing when the same bytes are there already, or the same artifact signed in the same way: signatures
/// differ from one time to the next, so nothing is signed twice without need.
pub(crate) async fn deliver(
    store: &Store,
    place: &Place,
    (target, earlier): (&Path, Earlier),
    artifact: &Artifact,
    seal: Option<&Seal>,
) -> Result<Vec<Event>, StudioError> {
    let folder = target.parent().unwrap_or(target);
    fs::create_dir_all(folder).map_err(StudioError::file("make", folder))?;
    let target = target.to_owned();
    let shown = place.shown(&target);
    let wanted = (artifact, seal.map(|seal| seal.digest));
    if is_there(store, place, &target, wanted).await? {
        return Ok(Vec::new());
    }
    store.still_writes().await?;
    let keep = earlier == Earlier::Archive || !is_ours(store, place, &target).await?;
    let Written {
        archived,
        sealed,
        warnings,
    } = write(store, place, (&target, keep), artifact, seal).await?;
    let meta = fs::metadata(&target).map_err(StudioError::file("look at", &target))?;
    store
        .record_final(&FinalFile {
            path: shown.clone(),
            digest: artifact.digest,
            sealed,
            bytes: meta.len(),
            mtime_ns: mtime_ns(&meta),
            written_at: store.clock().now(),
        })
        .await?;
    let archived = archived.map(|path| place.shown(&path));
    let events = warnings
        .into_iter()
        .map(|diagnostic| Event::Diagnostic { diagnostic });
    Ok(events
        .chain([Event::FinalWritten {
            path: shown,
            digest: artifact.digest,
            sealed: sealed.map(|sealed| sealed.file),
            archived,
        }])
        .collect())
}

/// Writes the artifact, or a signed copy of it, to `target`.
async fn write(
    store: &Store,
    place: &Place,
    (target, keep): (&Path, bool),
    artifact: &Artifact,
    seal: Option<&Seal>,
) -> Result<Written, StudioError> {
    let source = store.path_of(&artifact.digest);
    let signed = match seal {
        Some(seal) => {
            let statement = seal.statement(store, &place.root, artifact).await?;
            Some((seal.clone(), statement))
        }
        None => None,
    };
    let target = target.to_owned();
    let written =
        tokio::task::spawn_blocking(move || replace(&source, &target, (keep, signed))).await;
    written.map_err(|error| StudioError::Step {
        message: format!("writing the final broke off: {error}"),
        hints: vec!["run again".to_owned()],
    })?
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

/// Whether the file at `target` has the artifact's bytes, or is the copy of it that was signed as is wanted.
/// A file that nobody touched since it was written is not read again.
async fn is_there(
    store: &Store,
    place: &Place,
    target: &Path,
    (artifact, seal): (&Artifact, Option<Digest>),
) -> Result<bool, StudioError> {
    let Ok(meta) = fs::symlink_metadata(target) else {
        return Ok(false);
    };
    if !meta.is_file() {
        return Ok(false);
    }
    let shown = place.shown(target);
    let known = store.find_final(&shown).await?;
    let known = known.filter(|known| {
        known.digest == artifact.digest && known.sealed.map(|sealed| sealed.seal) == seal
    });
    let (bytes, digest) = match (&known, seal) {
        (Some(known), _) => {
            let file = known.sealed.map_or(known.digest, |sealed| sealed.file);
            (known.bytes, file)
        }
        (None, Some(_)) => return Ok(false),
        (None, None) => (artifact.bytes, artifact.digest),
    };
    if meta.len() != bytes {
        return Ok(false);
    }
    if known.is_some_and(|known| known.mtime_ns == mtime_ns(&meta)) {
        return Ok(true);
    }
    let Ok(path) = shown.parse::<MediaPath>() else {
        return Ok(false);
    };
    let found = store.digest_file(&path).await;
    Ok(found.is_ok_and(|(found, _)| found == digest))
}

/// The artifact that was delivered as the file `shown`, where nobody touched it since: told without
/// reading it.
pub(crate) async fn delivered_as(
    store: &Store,
    (shown, meta): (&str, &fs::Metadata),
) -> Result<Option<Digest>, StudioError> {
    let known = store.find_final(shown).await?;
    let known = known.filter(|known| known.bytes == meta.len() && known.mtime_ns == mtime_ns(meta));
    Ok(known.map(|known| known.digest))
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

/// What was written.
#[derive(Debug, Default)]
struct Written {
    /// Where the file that stood there before went.
    archived: Option<PathBuf>,
    /// The signed copy.
    sealed: Option<Sealed>,
    /// What should be known of its parts.
    warnings: Vec<Diagnostic>,
}

/// Copies `source` beside `target`, signed or as it is, archives what is there where that is to be kept,
/// and renames the copy into its place: at every moment `target` is a whole file.
fn replace(
    source: &Path,
    target: &Path,
    (keep, signed): (bool, Option<(Seal, Statement)>),
) -> Result<Written, StudioError> {
    let part = target.with_file_name(format!(
        ".{}.part",
        target
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("final")
    ));
    drop(fs::remove_file(&part));
    let mut written = Written::default();
    match signed {
        None => {
            fs::copy(source, &part).map_err(StudioError::file("write", &part))?;
        }
        Some((seal, statement)) => {
            written.warnings = sign(source, &part, (&seal, &statement))?;
            let mut file = File::open(&part).map_err(StudioError::file("read", &part))?;
            let mut hasher = Hasher::default();
            std::io::copy(&mut file, &mut hasher).map_err(StudioError::file("read", &part))?;
            written.sealed = Some(Sealed {
                file: hasher.finish(),
                seal: seal.digest,
            });
        }
    }
    make_own(&part)?;
    if keep && target.exists() {
        written.archived = Some(archive(target)?);
    }
    fs::rename(&part, target).map_err(StudioError::file("write", target))?;
    if let Some(folder) = target.parent() {
        let folder = File::open(folder).map_err(StudioError::file("write", folder))?;
        folder
            .sync_all()
            .map_err(StudioError::file("write", target))?;
    }
    Ok(written)
}

/// Signs a copy; tells of parts whose own marks do not hold.
fn sign(
    source: &Path,
    part: &Path,
    (seal, statement): (&Seal, &Statement),
) -> Result<Vec<Diagnostic>, StudioError> {
    let sealed = workprint_credentials::seal(source, part, statement, &seal.identity);
    let sealed = sealed.map_err(|error| {
        drop(fs::remove_file(part));
        unsigned(&error)
    })?;
    let warn = |(title, why): (String, String)| {
        let message = format!("the content credentials of `{title}` do not hold: {why}");
        Diagnostic::warning("credentials.broken-marks", message).hint(
            "look into the file: `workprint verify FILE`; get it again from where it was published",
        )
    };
    Ok(sealed.broken_marks.into_iter().map(warn).collect())
}

/// The vault's files are read-only; a deliverable is the user's own.
fn make_own(part: &Path) -> Result<(), StudioError> {
    let file = File::options()
        .read(true)
        .open(part)
        .map_err(StudioError::file("write", part))?;
    let mut permissions = file
        .metadata()
        .map_err(StudioError::file("write", part))?
        .permissions();
    #[expect(
        clippy::permissions_set_readonly_false,
        reason = "a deliverable is the user's own file"
    )]
    permissions.set_readonly(false);
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
    file.set_permissions(permissions)
        .map_err(StudioError::file("write", part))?;
    file.sync_all().map_err(StudioError::file("write", part))
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
