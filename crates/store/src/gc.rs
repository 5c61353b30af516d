//! What nothing needs any more.

use std::collections::BTreeSet;

use workprint_model::Digest;
use workprint_model::lock::LockedTake;

use crate::ledger::Writer;
use crate::steps::list;
use crate::{Store, StoreError};

/// What garbage collection keeps beyond what is reachable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeepPolicy {
    /// Keys whose steps are kept unless they were forgotten.
    pub live_keys: BTreeSet<Digest>,
    /// Nothing that was kept less than this many milliseconds ago is removed.
    pub grace_ms: i64,
}

impl Default for KeepPolicy {
    /// No keys; a week of grace.
    fn default() -> Self {
        Self {
            live_keys: BTreeSet::new(),
            grace_ms: 7 * 24 * 3_600_000,
        }
    }
}

/// What [`Store::run_gc`] would remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GcPlan {
    /// The blobs and their lengths, in the order of digests.
    pub blobs: Vec<(Digest, u64)>,
    /// Their lengths together.
    pub total: u64,
    /// Nothing younger is removed: milliseconds since 1970.
    pub before: i64,
}

/// The digests that roots reach. Each row of `reached` is a step or a digest: a step leads to the
/// digests that it read, a digest to the steps that made it.
const REACHABLE: &str = "
    WITH RECURSIVE
    root (digest) AS (
        SELECT value FROM json_each(?1)
        UNION SELECT digest FROM finals
        UNION SELECT previous ->> 'digest' FROM choices WHERE previous IS NOT NULL
        UNION SELECT bought.value ->> 'digest' FROM jobs, json_each(jobs.artifacts) AS bought
            WHERE state IN ('intent', 'fetched')
    ),
    reached (step, digest) AS (
        SELECT NULL, digest FROM root
        UNION SELECT step, NULL FROM slots
        UNION SELECT steps.id, NULL FROM root JOIN steps ON steps.key = root.digest
        UNION SELECT steps.id, NULL FROM json_each(?2) AS live
            JOIN steps ON steps.key = live.value AND steps.forgotten_at IS NULL
        UNION SELECT artifacts.step, NULL FROM reached
            JOIN artifacts ON artifacts.digest = reached.digest
        UNION SELECT NULL, inputs.digest FROM reached JOIN inputs ON inputs.step = reached.step
    )
    SELECT digest FROM reached WHERE digest IS NOT NULL
    UNION SELECT artifacts.digest FROM reached JOIN artifacts ON artifacts.step = reached.step";

impl Store {
    /// Finds the blobs that nothing can reach.
    ///
    /// Kept is what these reach through the steps that made it and what those read: `roots`
    /// (digests of artifacts or keys of steps: those of every lock and pin, with or without a row
    /// in the ledger), the finals, what undo could bring back, what was bought and is not recorded
    /// yet, the latest step of every slot, and
    /// the policy's live keys.
    pub async fn plan_gc(
        &self,
        roots: &BTreeSet<Digest>,
        policy: &KeepPolicy,
    ) -> Result<GcPlan, StoreError> {
        let roots: Vec<&Digest> = roots.iter().collect();
        let live: Vec<&Digest> = policy.live_keys.iter().collect();
        let reached: BTreeSet<Digest> = {
            let mut reader = self.0.ledger.reader().await?;
            let rows: Vec<String> = sqlx::query_scalar(REACHABLE)
                .bind(list(&roots))
                .bind(list(&live))
                .fetch_all(&mut *reader)
                .await
                .map_err(self.0.ledger.fail("find what is needed"))?;
            // A digest that cannot be read could be one that is needed: better to stop.
            rows.iter()
                .map(|row| crate::steps::digest(row))
                .collect::<Result<_, _>>()?
        };
        let before = self.now().saturating_sub(policy.grace_ms);
        let store = self.clone();
        let blobs = tokio::task::spawn_blocking(move || store.0.vault.blobs())
            .await
            .map_err(StoreError::Stopped)??;
        let blobs: Vec<(Digest, u64)> = blobs
            .into_iter()
            .filter(|blob| blob.kept_at < before && !reached.contains(&blob.digest))
            .map(|blob| (blob.digest, blob.bytes))
            .collect();
        Ok(GcPlan {
            total: blobs.iter().map(|(_, bytes)| bytes).sum(),
            blobs,
            before,
        })
    }

    /// Removes what a plan names, except what was kept anew since, and returns what was removed.
    ///
    /// The rows of steps whose artifacts go are forgotten first, so that no key ever leads to a
    /// missing blob. Refused while a run of this store is under way
    /// ([`StoreError::RunUnderWay`]).
    pub async fn run_gc(&self, plan: &GcPlan) -> Result<GcPlan, StoreError> {
        let act = "collect garbage";
        // Held until the end: no run begins and no step is recorded meanwhile.
        let mut writer = self.0.ledger.writer(act).await?;
        if let Some(run) = writer.pending.run_under_way() {
            return Err(StoreError::RunUnderWay { run });
        }
        let old = |digest: &Digest| {
            let blob = self.0.vault.find(digest)?;
            (blob.kept_at < plan.before).then_some((*digest, blob.bytes))
        };
        let blobs: Vec<(Digest, u64)> = plan.blobs.iter().filter_map(|(d, _)| old(d)).collect();
        let digests: Vec<Digest> = blobs.iter().map(|(digest, _)| *digest).collect();
        let forgotten = self.forget_makers(&mut writer, &digests).await;
        // A full disk must not stop what frees it: until the rows are forgotten, `Store::has` tells
        // that their blobs are gone.
        let full = matches!(forgotten, Err(StoreError::NoSpace { .. }));
        if !full {
            forgotten?;
        }
        for digest in &digests {
            self.0.vault.remove(digest)?;
        }
        if full {
            self.forget_makers(&mut writer, &digests).await?;
        }
        Ok(GcPlan {
            total: blobs.iter().map(|(_, bytes)| bytes).sum(),
            blobs,
            before: plan.before,
        })
    }

    async fn forget_makers(
        &self,
        writer: &mut Writer,
        artifacts: &[Digest],
    ) -> Result<(), StoreError> {
        let act = "collect garbage";
        let fail = self.0.ledger.fail(act);
        writer.undo().await;
        writer.begin().await.map_err(&fail)?;
        sqlx::query(
            "UPDATE steps SET forgotten_at = ? WHERE forgotten_at IS NULL AND id IN
                (SELECT step FROM artifacts WHERE digest IN (SELECT value FROM json_each(?)))",
        )
        .bind(self.now())
        .bind(list(artifacts))
        .execute(&mut writer.connection)
        .await
        .map_err(&fail)?;
        let written = writer.commit().await.map_err(&fail)?;
        self.0.ledger.settle(written, act).await
    }

    /// The roots of a lock's takes, for [`Store::plan_gc`].
    pub fn roots_of<'a>(takes: impl IntoIterator<Item = &'a LockedTake>) -> BTreeSet<Digest> {
        takes
            .into_iter()
            .flat_map(|take| [Some(take.digest), take.key])
            .flatten()
            .collect()
    }
}
