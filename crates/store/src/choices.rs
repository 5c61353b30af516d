//! What choosing takes replaced: undo pops it.

use workprint_model::lock::LockedTake;
use workprint_model::{EpisodeId, Slot};

use crate::{Store, StoreError};

impl Store {
    /// Remembers the take that a choice replaces; `None` where no take was locked.
    pub async fn push_choice(
        &self,
        episode: &EpisodeId,
        slot: &Slot,
        previous: Option<&LockedTake>,
    ) -> Result<(), StoreError> {
        let act = "remember a choice";
        let previous = previous
            .map(serde_json::to_string)
            .transpose()
            .map_err(|error| StoreError::row("choices", error))?;
        let mut writer = self.0.ledger.writer(act).await?;
        writer.begin().await.map_err(self.0.ledger.fail(act))?;
        sqlx::query("INSERT INTO choices (episode, slot, previous, at) VALUES (?, ?, ?, ?)")
            .bind(episode.as_str())
            .bind(slot.as_str())
            .bind(previous)
            .bind(self.now())
            .execute(&mut writer.connection)
            .await
            .map_err(self.0.ledger.fail(act))?;
        self.0.ledger.commit(writer, act).await
    }

    /// Takes back the latest choice of a slot: `None` when there is nothing to undo, else the take
    /// that was locked before it (`Some(None)` where none was).
    pub async fn pop_choice(
        &self,
        episode: &EpisodeId,
        slot: &Slot,
    ) -> Result<Option<Option<LockedTake>>, StoreError> {
        let act = "undo a choice";
        let fail = self.0.ledger.fail(act);
        let mut writer = self.0.ledger.writer(act).await?;
        writer.begin().await.map_err(&fail)?;
        let row: Option<Option<String>> = sqlx::query_scalar(
            "DELETE FROM choices WHERE id =
                (SELECT max(id) FROM choices WHERE episode = ? AND slot = ?)
            RETURNING previous",
        )
        .bind(episode.as_str())
        .bind(slot.as_str())
        .fetch_optional(&mut writer.connection)
        .await
        .map_err(&fail)?;
        self.0.ledger.commit(writer, act).await?;
        row.map(|previous| previous.as_deref().map(serde_json::from_str).transpose())
            .transpose()
            .map_err(|error| StoreError::row("choices", error))
    }
}
