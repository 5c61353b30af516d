//! Performed steps: recording them, finding them by key, and where things come from.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use workprint_model::lock::Instead;
use workprint_model::step::StepRecord;
use workprint_model::{Artifact, Digest, Money, Slot, json as values};

use crate::{Store, StoreError};

/// The most that a step's parameters, output, inputs and artifacts take together, as JSON: 64 MiB.
const ROW_MAX: u64 = 64 << 20;

/// How many keys one query looks up.
const BATCH: usize = 1000;

/// Rows of more bytes than this are fetched one by one; [`BATCH`] of these fit into memory easily.
const LIGHT_MAX: i64 = 64 << 10;

macro_rules! artifacts_json {
    () => {
        "(SELECT json_group_array(json_object('digest', digest, 'media_type', media_type,
            'bytes', bytes) ORDER BY position) FROM artifacts WHERE artifacts.step = steps.id)"
    };
}

/// The light rows of a list of keys as one text, and how many heavy ones there are. Handing over a
/// row costs more than finding it, so thousands come as one: three lines each, for JSON as it is
/// stored has no line breaks.
const FIND_LIGHT: &str = concat!(
    "SELECT group_concat(steps.key || char(10) || steps.output || char(10) || ",
    artifacts_json!(),
    ", char(10)) FILTER (WHERE weight <= ?2), count(*) FILTER (WHERE weight > ?2)
    FROM json_each(?1) AS asked
    CROSS JOIN steps ON steps.key = asked.value AND steps.forgotten_at IS NULL"
);

const FIND_HEAVY: &str = concat!(
    "SELECT steps.key, steps.output, ",
    artifacts_json!(),
    " FROM json_each(?1) AS asked
    CROSS JOIN steps ON steps.key = asked.value AND steps.forgotten_at IS NULL
    WHERE weight > ?2"
);

macro_rules! recorded {
    () => {
        "(SELECT id FROM steps WHERE key = ? AND outcome = ?)"
    };
}

/// All that recording a step writes, in one text: see [`crate::ledger::begin`]. Its parameters are not
/// numbered, for sqlx takes numbers that a statement leaves out for further arguments.
const RECORD: &str = concat!(
    "UPDATE steps SET forgotten_at = ?
        WHERE key = ? AND forgotten_at IS NULL AND outcome <> ?;
    INSERT INTO steps (key, outcome, kind, revision, slot, engine, params, output,
            weight, made_at, took_ms, cost_micros, seed, licence, instead, run)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0))
        ON CONFLICT (key, outcome) DO UPDATE SET
            forgotten_at = NULL, made_at = excluded.made_at, took_ms = excluded.took_ms,
            cost_micros = excluded.cost_micros, instead = excluded.instead, let_go = 0,
            run = excluded.run;
    INSERT OR IGNORE INTO artifacts (step, position, digest, media_type, bytes)
        SELECT ",
    recorded!(),
    ", key, value ->> 'digest', value ->> 'media_type', value ->> 'bytes'
        FROM json_each(?);
    INSERT OR IGNORE INTO inputs (step, position, digest)
        SELECT ",
    recorded!(),
    ", key, value FROM json_each(?);
    INSERT OR IGNORE INTO takes (step, slot) VALUES (",
    recorded!(),
    ", ?);
    INSERT INTO slots (step, slot) VALUES (",
    recorded!(),
    ", ?)
        ON CONFLICT (slot) DO UPDATE SET step = excluded.step;
    DELETE FROM attempts WHERE key = ?;
    UPDATE jobs SET state = 'done', changed_at = ? WHERE key = ? AND state = 'fetched';
    COMMIT"
);

/// What a kept step returned and made.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptStep {
    /// What it returned, as the JSON it was recorded in: of a long episode only what is being looked at is
    /// worth holding as more than text.
    pub output: String,
    /// What it put into the vault; whether it is still there is [`Store::has`]'s matter.
    pub artifacts: Vec<Artifact>,
}

/// The step that filled a slot last.
#[derive(Debug, Clone, PartialEq)]
pub struct LastTake {
    /// Its key.
    pub key: Digest,
    /// Its kind.
    pub kind: String,
    /// The kind's revision.
    pub revision: u32,
    /// What the key was computed from, as JSON.
    pub params: String,
    /// The engine that did it.
    pub engine: String,
    /// [`Store::forget`] was told of it, or it was superseded.
    pub forgotten: bool,
}

row! {
    /// A row of `steps` with its artifacts and inputs as JSON. `SELECT` lists its columns.
    struct StepRow {
        key: String,
        kind: String,
        revision: i64,
        slot: String,
        engine: String,
        params: String,
        inputs: String,
        output: String,
        artifacts: String,
        made_at: i64,
        took_ms: i64,
        cost_micros: i64,
        seed: Option<i64>,
        licence: Option<String>,
        instead: Option<String>,
    }
}

/// `SELECT` of a [`StepRow`], and what follows it.
macro_rules! select_steps {
    ($rest:literal) => {
        concat!(
            "SELECT steps.key, steps.kind, steps.revision, steps.slot, steps.engine, steps.params,
                (SELECT json_group_array(digest ORDER BY position) FROM inputs
                    WHERE inputs.step = steps.id) AS inputs,
                steps.output, ",
            artifacts_json!(),
            " AS artifacts,
                steps.made_at, steps.took_ms, steps.cost_micros, steps.seed, steps.licence,
                steps.instead
            FROM steps ",
            $rest
        )
    };
}

impl StepRow {
    fn into_record(self) -> Result<StepRecord, StoreError> {
        Ok(StepRecord {
            key: digest(&self.key)?,
            kind: self.kind,
            revision: self.revision as u32,
            slot: Slot::from(self.slot.as_str()),
            engine: self.engine,
            params: json(&self.params)?,
            inputs: json(&self.inputs)?,
            output: json(&self.output)?,
            artifacts: json(&self.artifacts)?,
            made_at: self.made_at,
            took_ms: self.took_ms as u64,
            cost: Money::from_micros(self.cost_micros),
            seed: self.seed.map(|seed| seed as u32),
            licence: self.licence,
            instead: self.instead.as_deref().map(json).transpose()?,
        })
    }
}

impl Store {
    /// The kept outputs of those `keys` that have one: one query for every thousand keys.
    pub async fn find_steps(
        &self,
        keys: &[Digest],
    ) -> Result<BTreeMap<Digest, KeptStep>, StoreError> {
        let fail = self.0.ledger.fail("find steps");
        let mut found = BTreeMap::new();
        let mut reader = self.0.ledger.reader().await?;
        for keys in keys.chunks(BATCH) {
            let keys = list(keys);
            let (light, heavy): (Option<String>, i64) = sqlx::query_as(FIND_LIGHT)
                .bind(&keys)
                .bind(LIGHT_MAX)
                .fetch_one(&mut *reader)
                .await
                .map_err(&fail)?;
            let mut lines = light.as_deref().unwrap_or_default().split('\n');
            while let (Some(key), Some(output), Some(artifacts)) =
                (lines.next(), lines.next(), lines.next())
            {
                found.insert(digest(key)?, kept_step(output.to_owned(), artifacts)?);
            }
            if heavy == 0 {
                continue;
            }
            let rows: Vec<(String, String, String)> = sqlx::query_as(FIND_HEAVY)
                .bind(&keys)
                .bind(LIGHT_MAX)
                .fetch_all(&mut *reader)
                .await
                .map_err(&fail)?;
            for (key, output, artifacts) in rows {
                found.insert(digest(&key)?, kept_step(output, &artifacts)?);
            }
        }
        Ok(found)
    }

    /// Writes a performed step's row, in one durable transaction, and makes it the one that
    /// [`Store::find_steps`] finds and that fills its slot. Failed attempts at its key are cleared.
    ///
    /// `run` is the run that did it, or 0 for none. Recording the same result again revives a
    /// forgotten row; another result under the same key supersedes it. An artifact that is not in
    /// the vault is refused ([`StoreError::Missing`]).
    pub async fn record(&self, record: &StepRecord, run: u64) -> Result<(), StoreError> {
        let act = "record a step";
        for artifact in &record.artifacts {
            if !self.has(artifact) {
                return Err(StoreError::Missing {
                    digest: artifact.digest,
                });
            }
        }
        let row = NewRow::of(record)?;
        let fail = self.0.ledger.fail(act);
        let mut writer = self.0.ledger.writer(act).await?;
        writer.begin().await.map_err(&fail)?;
        let write = row.write(record, run, self.now());
        self.0
            .ledger
            .commit_with(writer, write, act)
            .await
            .map(drop)
    }

    /// Notes that kept steps now fill slots, also slots that other steps were made for, so that
    /// [`Store::last_in_slot`] and [`Store::takes`] know them. Unknown keys are passed over.
    pub async fn mark_used(&self, used: &[(Slot, Digest)]) -> Result<(), StoreError> {
        let act = "note what fills a slot";
        let pairs = serde_json::json!(used).to_string();
        let fail = self.0.ledger.fail(act);
        let mut writer = self.0.ledger.writer(act).await?;
        writer.begin().await.map_err(&fail)?;
        for statement in [
            "INSERT OR IGNORE INTO takes (slot, step)
                SELECT value ->> 0, steps.id FROM json_each(?)
                CROSS JOIN steps ON steps.key = value ->> 1 AND forgotten_at IS NULL",
            "INSERT INTO slots (slot, step)
                SELECT value ->> 0, steps.id FROM json_each(?)
                CROSS JOIN steps ON steps.key = value ->> 1 AND forgotten_at IS NULL
                ON CONFLICT (slot) DO UPDATE SET step = excluded.step WHERE step <> excluded.step",
        ] {
            sqlx::query(statement)
                .bind(&pairs)
                .execute(&mut writer.connection)
                .await
                .map_err(&fail)?;
        }
        self.0.ledger.commit(writer, act).await
    }

    /// The step that filled each of `slots` last, forgotten or not. One query.
    pub async fn last_in_slot(
        &self,
        slots: &[Slot],
    ) -> Result<BTreeMap<Slot, LastTake>, StoreError> {
        let act = "find what filled slots";
        let mut reader = self.0.ledger.reader().await?;
        let rows: Vec<(String, String, String, i64, String, String, bool)> = sqlx::query_as(
            "SELECT slots.slot, steps.key, kind, revision, params, engine, forgotten_at IS NOT NULL
            FROM json_each(?) AS asked
            CROSS JOIN slots ON slots.slot = asked.value
            JOIN steps ON steps.id = slots.step",
        )
        .bind(list(slots))
        .fetch_all(&mut *reader)
        .await
        .map_err(self.0.ledger.fail(act))?;
        rows.into_iter()
            .map(|(slot, key, kind, revision, params, engine, forgotten)| {
                let last = LastTake {
                    key: digest(&key)?,
                    kind,
                    revision: revision as u32,
                    params,
                    engine,
                    forgotten,
                };
                Ok((Slot::from(slot.as_str()), last))
            })
            .collect()
    }

    /// Everything that ever filled a slot, oldest first. The records name the slot they were made
    /// for, which may be another.
    pub async fn takes(&self, slot: &Slot) -> Result<Vec<StepRecord>, StoreError> {
        let sql = select_steps!(
            "JOIN takes ON takes.step = steps.id WHERE takes.slot = ? ORDER BY steps.id"
        );
        self.records(sql, slot.as_str()).await
    }

    /// The step of a key; where it was made several times, the one that holds, else the latest.
    pub async fn step(&self, key: &Digest) -> Result<Option<StepRecord>, StoreError> {
        let sql = select_steps!(
            "WHERE steps.key = ? ORDER BY forgotten_at IS NOT NULL, steps.id DESC LIMIT 1"
        );
        Ok(self.records(sql, &key.to_string()).await?.pop())
    }

    /// The steps that made an artifact, oldest first.
    pub async fn maker_of(&self, artifact: &Digest) -> Result<Vec<StepRecord>, StoreError> {
        let sql = select_steps!(
            "WHERE steps.id IN (SELECT step FROM artifacts WHERE digest = ?) ORDER BY steps.id"
        );
        self.records(sql, &artifact.to_string()).await
    }

    /// The steps that read an artifact or a file of this digest, oldest first.
    pub async fn readers_of(&self, input: &Digest) -> Result<Vec<StepRecord>, StoreError> {
        let sql = select_steps!(
            "WHERE steps.id IN (SELECT step FROM inputs WHERE digest = ?) ORDER BY steps.id"
        );
        self.records(sql, &input.to_string()).await
    }

    /// The whole recipe of an artifact: the steps that made it, those that made what they read, and
    /// so on, oldest first.
    pub async fn recipe_of(&self, artifact: &Digest) -> Result<Vec<StepRecord>, StoreError> {
        let sql = select_steps!(
            "WHERE steps.id IN (
                WITH RECURSIVE recipe (step, digest) AS (
                    SELECT NULL, ?
                    UNION SELECT artifacts.step, NULL FROM recipe
                        JOIN artifacts ON artifacts.digest = recipe.digest
                    UNION SELECT NULL, inputs.digest FROM recipe
                        JOIN inputs ON inputs.step = recipe.step
                ) SELECT step FROM recipe
            ) ORDER BY steps.id"
        );
        self.records(sql, &artifact.to_string()).await
    }

    /// The steps, forgotten ones too, made for slots that begin with `prefix` (`voice/`), oldest
    /// first.
    pub async fn steps_in(&self, prefix: &str) -> Result<Vec<StepRecord>, StoreError> {
        let sql = select_steps!(
            "WHERE steps.slot >= ?1 AND steps.slot < ?1 || char(0x10FFFF) ORDER BY steps.id"
        );
        self.records(sql, prefix).await
    }

    async fn records(
        &self,
        sql: &'static str,
        argument: &str,
    ) -> Result<Vec<StepRecord>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let rows: Vec<StepRow> = sqlx::query_as(sql)
            .bind(argument)
            .fetch_all(&mut *reader)
            .await
            .map_err(self.0.ledger.fail("read steps"))?;
        rows.into_iter().map(StepRow::into_record).collect()
    }

    /// In the place of which engine a kept step was made, unless a person let go of that.
    pub async fn made_instead(&self, key: &Digest) -> Result<Option<Instead>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let found: Option<String> = sqlx::query_scalar(
            "SELECT instead FROM steps
            WHERE key = ? AND forgotten_at IS NULL AND instead IS NOT NULL AND let_go = 0",
        )
        .bind(key.to_string())
        .fetch_optional(&mut *reader)
        .await
        .map_err(self.0.ledger.fail("read steps"))?;
        found.as_deref().map(json).transpose()
    }

    /// A person lets go of what was made for a slot in the place of another engine's, by this key or as one of
    /// several takes: [`Store::made_instead`] no longer tells of it.
    pub async fn let_go(&self, slot: &Slot, key: Option<&Digest>) -> Result<(), StoreError> {
        let act = "let go of a take";
        let mut writer = self.0.ledger.writer(act).await?;
        writer.begin().await.map_err(self.0.ledger.fail(act))?;
        sqlx::query(
            "UPDATE steps SET let_go = 1 WHERE instead IS NOT NULL AND
            (slot = ?1 OR substr(slot, 1, length(?1) + 1) = ?1 || '~' OR key = ?2)",
        )
        .bind(slot.as_str())
        .bind(key.map(Digest::to_string))
        .execute(&mut writer.connection)
        .await
        .map_err(self.0.ledger.fail(act))?;
        self.0.ledger.commit(writer, act).await
    }

    /// Makes [`Store::find_steps`] no longer find these keys. Rows and blobs stay, as takes;
    /// [`Store::record`] of the same result revives one.
    pub async fn forget(&self, keys: &[Digest]) -> Result<(), StoreError> {
        let act = "forget steps";
        let mut writer = self.0.ledger.writer(act).await?;
        writer.begin().await.map_err(self.0.ledger.fail(act))?;
        sqlx::query(
            "UPDATE steps SET forgotten_at = ?
            WHERE forgotten_at IS NULL AND key IN (SELECT value FROM json_each(?))",
        )
        .bind(self.now())
        .bind(list(keys))
        .execute(&mut writer.connection)
        .await
        .map_err(self.0.ledger.fail(act))?;
        self.0.ledger.commit(writer, act).await
    }
}

/// A record's parts as the ledger stores them.
struct NewRow {
    key: String,
    outcome: String,
    params: String,
    output: String,
    inputs: String,
    artifacts: String,
}

impl NewRow {
    fn of(record: &StepRecord) -> Result<Self, StoreError> {
        let row = Self {
            key: record.key.to_string(),
            outcome: Digest::of_json(&(values::sorted(record.output.clone()), &record.artifacts))
                .to_string(),
            params: record.params.to_string(),
            output: record.output.to_string(),
            inputs: list(&record.inputs),
            artifacts: list(&record.artifacts),
        };
        let bytes = row.params.len() + row.output.len() + row.inputs.len() + row.artifacts.len();
        if bytes as u64 > ROW_MAX {
            return Err(StoreError::TooLarge {
                what: format!("the record of `{}`", record.slot),
                bytes: bytes as u64,
                max: ROW_MAX,
            });
        }
        Ok(row)
    }

    /// Inserts the row, or revives the one with the same outcome, and all that belongs to it.
    fn write<'a>(
        &'a self,
        record: &'a StepRecord,
        run: u64,
        now: i64,
    ) -> Query<'a, Sqlite, SqliteArguments> {
        let (key, outcome, slot) = (&self.key, &self.outcome, record.slot.as_str());
        let mut query = sqlx::query(RECORD)
            .bind(now)
            .bind(key)
            .bind(outcome)
            .bind(key)
            .bind(outcome)
            .bind(&record.kind)
            .bind(record.revision)
            .bind(slot)
            .bind(&record.engine)
            .bind(&self.params)
            .bind(&self.output)
            .bind((self.output.len() + self.artifacts.len()) as i64)
            .bind(record.made_at)
            .bind(i64::try_from(record.took_ms).unwrap_or(i64::MAX))
            .bind(record.cost.micros)
            .bind(record.seed)
            .bind(&record.licence)
            .bind(record.instead.as_ref().map(written))
            .bind(run as i64);
        for of_step in [self.artifacts.as_str(), self.inputs.as_str(), slot, slot] {
            query = query.bind(key).bind(outcome).bind(of_step);
        }
        // What was bought for it is used up: made again, it is bought again.
        query.bind(key).bind(now).bind(key)
    }
}

/// Values as a JSON array, for `json_each`.
pub(crate) fn list<T: serde::Serialize>(values: &[T]) -> String {
    serde_json::json!(values).to_string()
}

pub(crate) fn digest(text: &str) -> Result<Digest, StoreError> {
    text.parse()
        .map_err(|error| StoreError::row("steps", error))
}

fn kept_step(output: String, artifacts: &str) -> Result<KeptStep, StoreError> {
    Ok(KeptStep {
        output,
        artifacts: json(artifacts)?,
    })
}

/// In the place of which engine something is made, as the ledger has it.
pub(crate) fn written(instead: &Instead) -> String {
    serde_json::json!(instead).to_string()
}

pub(crate) fn json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::row("steps", error))
}
