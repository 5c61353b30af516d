//! Runs and what happened in them.

use std::collections::{BTreeMap, BTreeSet};

use workprint_model::EpisodeId;
use workprint_model::event::Event;
use workprint_model::step::RunSummary;

use crate::ledger::Writer;
use crate::{Store, StoreError};

/// How many events of the common kinds may wait to be written together.
const PENDING_MAX: usize = 256;

/// A run as the ledger knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// Its number, from 1.
    pub run: u64,
    /// The episode.
    pub episode: EpisodeId,
    /// The output's name.
    pub output: String,
    /// The command that ran it.
    pub holder: String,
    /// When it began: milliseconds since 1970, UTC.
    pub began_at: i64,
    /// When it ended, and how. Nothing while it is under way, and after a crash.
    pub ended: Option<(i64, RunSummary)>,
}

/// Events that are not yet in the ledger, and the runs that are under way.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    /// Run, number, time, JSON.
    events: Vec<(i64, i64, i64, String)>,
    /// The number of the last event of each run under way.
    under_way: BTreeMap<u64, i64>,
}

impl Pending {
    /// A run under way, if any is.
    pub(crate) fn run_under_way(&self) -> Option<u64> {
        self.under_way.keys().next().copied()
    }
}

impl Store {
    /// Begins a run and returns its number.
    pub async fn begin_run(
        &self,
        episode: &EpisodeId,
        output: &str,
        holder: &str,
    ) -> Result<u64, StoreError> {
        let act = "begin a run";
        let fail = self.0.ledger.fail(act);
        let mut writer = self.0.ledger.writer(act).await?;
        writer.begin().await.map_err(&fail)?;
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO runs (episode, output, holder, began_at) VALUES (?, ?, ?, ?) RETURNING id",
        )
        .bind(episode.as_str())
        .bind(output)
        .bind(holder)
        .bind(self.now())
        .fetch_one(&mut writer.connection)
        .await
        .map_err(&fail)?;
        let written = writer.commit().await.map_err(&fail)?;
        writer.pending.under_way.insert(id as u64, 0);
        drop(writer);
        self.0.ledger.settle(written, act).await?;
        Ok(id as u64)
    }

    /// Adds events to a run that [`Store::begin_run`] of this store began.
    ///
    /// Events that come by the thousand (`step.kept`, `step.queued`) are written in batches, the
    /// others at once, together with those handed in with them; `step.progress` is not written at all, for
    /// it is nobody's history.
    pub async fn append_events(&self, run: u64, events: &[Event]) -> Result<(), StoreError> {
        let act = "append an event";
        let now = self.now();
        let mut told = Vec::with_capacity(events.len());
        for event in events {
            if !matches!(event, Event::StepProgress { .. }) {
                let json = serde_json::to_string(event);
                told.push(json.map_err(|error| StoreError::row("events", error))?);
            }
        }
        if told.is_empty() {
            return Ok(());
        }
        let common =
            |event: &Event| matches!(event, Event::StepKept { .. } | Event::StepQueued { .. });
        let mut writer = self.0.ledger.writer(act).await?;
        let Pending {
            events: pending,
            under_way,
        } = &mut writer.pending;
        let Some(number) = under_way.get_mut(&run) else {
            return Err(StoreError::RunNotUnderWay { run });
        };
        for json in told {
            *number += 1;
            pending.push((run as i64, *number, now, json));
        }
        if events.iter().all(common) && pending.len() < PENDING_MAX {
            return Ok(());
        }
        self.write_pending(&mut writer).await
    }

    /// Ends a run: writes its events and its summary.
    pub async fn end_run(&self, run: u64, summary: &RunSummary) -> Result<(), StoreError> {
        let act = "end a run";
        let json =
            serde_json::to_string(summary).map_err(|error| StoreError::row("runs", error))?;
        let written = {
            let mut writer = self.0.ledger.writer(act).await?;
            self.write_pending(&mut writer).await?;
            writer.begin().await.map_err(self.0.ledger.fail(act))?;
            sqlx::query("UPDATE runs SET ended_at = ?, summary = ? WHERE id = ?")
                .bind(self.now())
                .bind(json)
                .bind(run as i64)
                .execute(&mut writer.connection)
                .await
                .map_err(self.0.ledger.fail(act))?;
            let written = writer.commit().await.map_err(self.0.ledger.fail(act))?;
            writer.pending.under_way.remove(&run);
            written
        };
        self.0.ledger.settle(written, act).await?;
        self.flush_files().await
    }

    /// A run's events in order.
    pub async fn events(&self, run: u64) -> Result<Vec<Event>, StoreError> {
        if !self.is_read_only() {
            self.flush_events().await?;
        }
        let mut reader = self.0.ledger.reader().await?;
        let rows: Vec<String> =
            sqlx::query_scalar("SELECT event FROM events WHERE run = ? ORDER BY number")
                .bind(run as i64)
                .fetch_all(&mut *reader)
                .await
                .map_err(self.0.ledger.fail("read events"))?;
        rows.iter()
            .map(|row| serde_json::from_str(row).map_err(|error| StoreError::row("events", error)))
            .collect()
    }

    /// The latest runs, at most `limit`, the latest first.
    pub async fn runs(&self, limit: u32) -> Result<Vec<RunRecord>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let rows: Vec<RunRow> = sqlx::query_as(
            "SELECT id, episode, output, holder, began_at, ended_at, summary FROM runs
            ORDER BY id DESC LIMIT ?",
        )
        .bind(limit)
        .fetch_all(&mut *reader)
        .await
        .map_err(self.0.ledger.fail("read runs"))?;
        rows.into_iter().map(RunRow::into_record).collect()
    }

    /// The runs of this store that are under way.
    pub async fn runs_under_way(&self) -> BTreeSet<u64> {
        match self.0.ledger.writer("look at runs").await {
            Ok(writer) => writer.pending.under_way.keys().copied().collect(),
            Err(_) => BTreeSet::new(),
        }
    }

    pub(crate) async fn flush_events(&self) -> Result<(), StoreError> {
        let mut writer = self.0.ledger.writer("append events").await?;
        self.write_pending(&mut writer).await
    }

    /// Events survive the process at once, and the machine with the next durable transaction: they
    /// tell what happened and nothing depends on them.
    async fn write_pending(&self, writer: &mut Writer) -> Result<(), StoreError> {
        if writer.pending.events.is_empty() {
            return Ok(());
        }
        let fail = self.0.ledger.fail("append events");
        let rows = serde_json::json!(writer.pending.events).to_string();
        writer.begin().await.map_err(&fail)?;
        let insert = sqlx::query(
            "INSERT INTO events (run, number, at, event)
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)
            WHERE true ON CONFLICT (run, number) DO NOTHING; COMMIT",
        );
        let written = writer.commit_with(insert.bind(rows)).await;
        written.map(drop).map_err(&fail)?;
        // Only now: a caller that stops waiting halfway must not lose them. One that stops just here has
        // written them; the next writes only what is new.
        writer.pending.events.clear();
        Ok(())
    }
}

row! {
    struct RunRow {
        id: i64,
        episode: String,
        output: String,
        holder: String,
        began_at: i64,
        ended_at: Option<i64>,
        summary: Option<String>,
    }
}

impl RunRow {
    fn into_record(self) -> Result<RunRecord, StoreError> {
        let ended = match (self.ended_at, self.summary) {
            (Some(at), Some(summary)) => {
                let summary = serde_json::from_str(&summary)
                    .map_err(|error| StoreError::row("runs", error))?;
                Some((at, summary))
            }
            _ => None,
        };
        Ok(RunRecord {
            run: self.id as u64,
            episode: self
                .episode
                .parse()
                .map_err(|error: workprint_model::id::NotAnId| StoreError::row("runs", error))?,
            output: self.output,
            holder: self.holder,
            began_at: self.began_at,
            ended,
        })
    }
}
