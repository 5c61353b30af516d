//! Garbage collection and verification of the vault.

use std::collections::BTreeSet;

use workprint_manifest::{Source, load_lock};
use workprint_model::{Digest, EpisodeId};
use workprint_store::{GcPlan, KeepPolicy, Store, VerifyReport};

use crate::place::episodes;
use crate::{Host, Place, StudioError};

/// What a collection removed or would remove.
#[derive(Debug, Clone)]
pub struct Collected {
    /// The blobs.
    pub plan: GcPlan,
    /// Whether they were removed.
    pub removed: bool,
}

/// Removes from the vault what no lock, final, pin or latest take can reach, and nothing younger than
/// `grace_ms`. With `dry_run` it only says what.
pub async fn gc(
    host: &Host,
    show: Option<&str>,
    dry_run: bool,
    grace_ms: i64,
) -> Result<Collected, StudioError> {
    let root = Place::find_show(&host.directory, show)?;
    let store = if dry_run {
        Store::open_read_only(&root, host.clock.clone()).await?
    } else {
        Store::open(&root, &host.command, host.clock.clone()).await?
    };
    let mut roots: BTreeSet<Digest> = BTreeSet::new();
    for episode in episodes(&root) {
        roots.extend(locked(&root, episode)?);
    }
    let policy = KeepPolicy {
        grace_ms,
        ..KeepPolicy::default()
    };
    let plan = store.plan_gc(&roots, &policy).await?;
    let plan = if dry_run {
        plan
    } else {
        store.run_gc(&plan).await?
    };
    store.close().await?;
    Ok(Collected {
        plan,
        removed: !dry_run,
    })
}

/// An unreadable lock stops the collection: what it protects is not known.
fn locked(root: &std::path::Path, episode: EpisodeId) -> Result<BTreeSet<Digest>, StudioError> {
    let place = Place {
        root: root.to_owned(),
        episode,
    };
    let path = place.lock();
    if !path.exists() {
        return Ok(BTreeSet::new());
    }
    let text = std::fs::read_to_string(&path).map_err(StudioError::file("read", &path))?;
    let loaded = load_lock(Source {
        file: &place.shown(&path),
        text: &text,
    });
    match loaded.value {
        Some(lock) => Ok(Store::roots_of(lock.slots.values())),
        None => Err(StudioError::Diagnostics(loaded.diagnostics)),
    }
}

/// Reads every artifact of the vault and moves damaged ones away; the next render makes them again.
pub async fn verify(host: &Host, show: Option<&str>) -> Result<VerifyReport, StudioError> {
    let root = Place::find_show(&host.directory, show)?;
    let store = Store::open(&root, &host.command, host.clock.clone()).await?;
    let report = store.verify().await?;
    store.close().await?;
    Ok(report)
}
