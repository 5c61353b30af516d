//! Orders that cost money: what is reserved for them, how they stand, what they cost.
//!
//! A job is written before anything is sent, in the transaction that looks whether the budgets have room
//! for it. From there it goes one way: `intent` → `submitted` → `fetched` → `done`, or to `failed`; what
//! nobody knows the outcome of is `parked` until a person says. Every change names the states it may begin
//! from, so that what comes twice or late changes nothing.

use serde::Serialize;
use sqlx::query::QueryAs;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Row as _, Sqlite};
use workprint_model::lock::Instead;
use workprint_model::show::Budget;
use workprint_model::{Artifact, Digest, EpisodeId, Money, Slot};

use crate::steps::{json, list, written};
use crate::taken::Taken;
use crate::{Store, StoreError};

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// About to be sent, or sent: not known which.
    Intent,
    /// The vendor has it.
    Submitted,
    /// Nobody knows whether the vendor has it: a person must say.
    Parked,
    /// What it made is in the vault; its step is not recorded yet.
    Fetched,
    /// Its step is recorded.
    Done,
    /// It came to nothing.
    Failed,
}

impl JobState {
    /// As the ledger writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Submitted => "submitted",
            Self::Parked => "parked",
            Self::Fetched => "fetched",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    fn of(name: &str) -> Option<Self> {
        let all = [
            Self::Intent,
            Self::Submitted,
            Self::Parked,
            Self::Fetched,
            Self::Done,
            Self::Failed,
        ];
        all.into_iter().find(|state| state.name() == name)
    }
}

/// A job that is about to be ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// The key of the step it is for.
    pub key: Digest,
    /// The kind of step.
    pub kind: String,
    /// What it fills.
    pub slot: Slot,
    /// The episode.
    pub episode: EpisodeId,
    /// The run.
    pub run: u64,
    /// The vendor.
    pub vendor: String,
    /// The model.
    pub model: String,
    /// Where its key comes from.
    pub account: String,
    /// The address that it goes to.
    pub server: Option<String>,
    /// In the place of which engine it is made.
    pub instead: Option<Instead>,
    /// The most it may cost.
    pub most: Money,
    /// How many of the account's jobs of other runs may be under way beside this one.
    pub others: u32,
}

/// A job as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Job {
    /// Its number.
    pub id: i64,
    /// The key of the step it is for.
    pub key: Digest,
    /// The kind of step.
    pub kind: String,
    /// What it fills.
    pub slot: Slot,
    /// The episode.
    pub episode: EpisodeId,
    /// The run that reserved it.
    pub run: u64,
    /// The vendor.
    pub vendor: String,
    /// The model.
    pub model: String,
    /// Where its key comes from.
    pub account: String,
    /// The address that it went to, where that was written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// In the place of which engine it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead: Option<Instead>,
    /// How it stands.
    pub state: JobState,
    /// The vendor's name for it.
    pub remote: Option<String>,
    /// The most it may cost.
    #[serde(rename = "reserved_micros")]
    pub reserved: Money,
    /// What counts against budgets: what is reserved, and once it is known, what it cost.
    #[serde(rename = "charge_micros")]
    pub charge: Money,
    /// What was fetched.
    pub artifacts: Vec<Artifact>,
    /// Why it failed or is parked.
    pub error: Option<String>,
    /// When it was reserved: milliseconds since 1970, UTC.
    pub created_at: i64,
    /// When it last changed.
    pub changed_at: i64,
}

/// What came of asking for a reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reserved {
    /// It is written: the job's number.
    Job(i64),
    /// A budget has no room for it.
    NoRoom {
        /// Which budget: `show`, `episode`, `day`, `run`; nothing where none is set.
        budget: Option<(&'static str, Money)>,
        /// What of it is spent or reserved.
        taken: Money,
    },
    /// The account has as many jobs under way as it may.
    Full,
}

pub(crate) const DAY: i64 = 86_400_000;

row! {
    struct Row {
        id: i64,
        key: String,
        kind: String,
        slot: String,
        episode: String,
        run: i64,
        vendor: String,
        model: String,
        account: String,
        server: Option<String>,
        instead: Option<String>,
        state: String,
        remote: Option<String>,
        reserved: i64,
        charge: i64,
        artifacts: String,
        error: Option<String>,
        created_at: i64,
        changed_at: i64,
    }
}

impl Row {
    fn into_job(self) -> Result<Job, StoreError> {
        let unreadable = |what: &str| StoreError::row("jobs", what.to_owned());
        Ok(Job {
            id: self.id,
            key: self.key.parse().map_err(|_| unreadable("its key"))?,
            kind: self.kind,
            slot: Slot::from(self.slot.as_str()),
            episode: self
                .episode
                .parse()
                .map_err(|_| unreadable("its episode"))?,
            run: self.run as u64,
            vendor: self.vendor,
            model: self.model,
            account: self.account,
            server: self.server,
            instead: self.instead.as_deref().map(json).transpose()?,
            state: JobState::of(&self.state).ok_or_else(|| unreadable("its state"))?,
            remote: self.remote,
            reserved: Money::from_micros(self.reserved),
            charge: Money::from_micros(self.charge),
            artifacts: serde_json::from_str(&self.artifacts)
                .map_err(|error| StoreError::row("jobs", error))?,
            error: self.error,
            created_at: self.created_at,
            changed_at: self.changed_at,
        })
    }
}

/// What a change writes: nothing keeps what stands there.
#[derive(Default)]
struct Change<'a> {
    remote: Option<&'a str>,
    charge: Option<Money>,
    artifacts: Option<String>,
    error: Option<&'a str>,
}

impl Store {
    /// Looks whether every budget has room and the account a place, and if so writes the job: one
    /// transaction, so that runs side by side cannot overspend together.
    pub async fn reserve(&self, job: &NewJob, budget: &Budget) -> Result<Reserved, StoreError> {
        let act = "reserve money";
        let now = self.now();
        let fail = self.0.ledger.fail(act);
        let mut writer = self.0.ledger.writer(act).await?;
        let taken = writer.begin_asking(Taken::of(job, now)).await;
        let taken = taken.and_then(|rows| Taken::from_rows(&rows));
        if let Some(refused) = taken.map_err(&fail)?.refuses(job, budget) {
            writer.undo().await;
            return Ok(refused);
        }
        let insert = sqlx::query(
            "INSERT INTO jobs (key, kind, slot, episode, run, day, vendor, model, account, state,
                reserved, charge, artifacts, created_at, changed_at, server, instead)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'intent', ?10, ?10, '[]', ?11, ?11, ?12, ?13)
            RETURNING id; COMMIT",
        )
        .bind(job.key.to_string())
        .bind(&job.kind)
        .bind(job.slot.as_str())
        .bind(job.episode.as_str())
        .bind(job.run as i64)
        .bind(now.div_euclid(DAY))
        .bind(&job.vendor)
        .bind(&job.model)
        .bind(&job.account)
        .bind(job.most.micros)
        .bind(now)
        .bind(&job.server)
        .bind(job.instead.as_ref().map(written));
        let rows = self.0.ledger.commit_with(writer, insert, act).await?;
        let id = rows.first().ok_or(sqlx::Error::RowNotFound);
        let id = id.and_then(|row| row.try_get(0)).map_err(&fail)?;
        Ok(Reserved::Job(id))
    }

    /// It is sent only now, later than it was reserved.
    pub async fn job_late(&self, id: i64) -> Result<(), StoreError> {
        let from = "state = 'intent'";
        self.change(id, (from, JobState::Intent), Change::default())
            .await
    }

    /// The vendor has it, under this name.
    pub async fn job_submitted(&self, id: i64, remote: &str) -> Result<(), StoreError> {
        let remote = Some(remote);
        let from = "state IN ('intent', 'parked')";
        self.change(
            id,
            (from, JobState::Submitted),
            Change {
                remote,
                ..Change::default()
            },
        )
        .await
    }

    /// It is answered: what it made is being put into the vault, and this is what it cost.
    pub async fn job_answered(
        &self,
        id: i64,
        artifacts: &[Artifact],
        cost: Money,
    ) -> Result<(), StoreError> {
        let change = Change {
            charge: Some(cost),
            artifacts: Some(serde_json::json!(artifacts).to_string()),
            ..Change::default()
        };
        let from = "state = 'intent'";
        self.change(id, (from, JobState::Intent), change).await
    }

    /// What it made is in the vault, and this is what it cost.
    pub async fn job_fetched(
        &self,
        id: i64,
        artifacts: &[Artifact],
        cost: Money,
    ) -> Result<(), StoreError> {
        for artifact in artifacts {
            if !self.has(artifact) {
                return Err(StoreError::Missing {
                    digest: artifact.digest,
                });
            }
        }
        let change = Change {
            charge: Some(cost),
            artifacts: Some(serde_json::json!(artifacts).to_string()),
            ..Change::default()
        };
        let from = "state IN ('intent', 'submitted')";
        self.change(id, (from, JobState::Fetched), change).await
    }

    /// It came to nothing, and this is what it cost all the same.
    pub async fn job_failed(&self, id: i64, error: &str, cost: Money) -> Result<(), StoreError> {
        let change = Change {
            charge: Some(cost),
            error: Some(error),
            ..Change::default()
        };
        let from = "state IN ('intent', 'submitted', 'parked', 'fetched')";
        self.change(id, (from, JobState::Failed), change).await
    }

    /// Nobody knows what came of it. What is reserved stays so.
    pub async fn job_parked(&self, id: i64, why: &str) -> Result<(), StoreError> {
        let error = Some(why);
        let from = "state IN ('intent', 'parked')";
        self.change(
            id,
            (from, JobState::Parked),
            Change {
                error,
                ..Change::default()
            },
        )
        .await
    }

    /// A parked job is looked for again by the next run.
    pub async fn job_unparked(&self, id: i64) -> Result<(), StoreError> {
        let from = "state = 'parked'";
        self.change(id, (from, JobState::Intent), Change::default())
            .await
    }

    async fn change(
        &self,
        id: i64,
        (from, to): (&'static str, JobState),
        change: Change<'_>,
    ) -> Result<(), StoreError> {
        let act = "change a job";
        let fail = self.0.ledger.fail(act);
        let error: Option<String> = change.error.map(|error| error.chars().take(4000).collect());
        let mut writer = self.0.ledger.writer(act).await?;
        writer.begin().await.map_err(&fail)?;
        // `from` is one of the texts above.
        let sql = format!(
            "UPDATE jobs SET state = ?, remote = coalesce(?, remote), charge = coalesce(?, charge),
                artifacts = coalesce(?, artifacts), error = ?, changed_at = ?
            WHERE id = ? AND {from} RETURNING id; COMMIT"
        );
        let update = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(to.name())
            .bind(change.remote)
            .bind(change.charge.map(|charge| charge.micros))
            .bind(change.artifacts)
            .bind(error)
            .bind(self.now())
            .bind(id);
        let changed = self.0.ledger.commit_with(writer, update, act).await?;
        if changed.is_empty() {
            return Err(StoreError::JobMoved { id });
        }
        Ok(())
    }

    /// The job of a step that is not over yet.
    pub async fn open_job(&self, key: &Digest) -> Result<Option<Job>, StoreError> {
        let open = sqlx::query_as(
            "SELECT * FROM jobs WHERE key = ?
            AND state IN ('intent', 'submitted', 'parked', 'fetched')",
        );
        let rows = self.rows(open.bind(key.to_string())).await?;
        Ok(rows.into_iter().next())
    }

    /// Every job of these steps, the oldest first.
    pub async fn jobs_of(&self, keys: &[Digest]) -> Result<Vec<Job>, StoreError> {
        let keys = list(keys);
        let of = sqlx::query_as(
            "SELECT jobs.* FROM json_each(?) AS asked CROSS JOIN jobs
            ON jobs.key = asked.value ORDER BY jobs.id",
        );
        self.rows(of.bind(keys)).await
    }

    /// A job by its number.
    pub async fn job(&self, id: i64) -> Result<Option<Job>, StoreError> {
        let one = sqlx::query_as("SELECT * FROM jobs WHERE id = ?");
        let rows = self.rows(one.bind(id)).await?;
        Ok(rows.into_iter().next())
    }

    /// Every job, the oldest first.
    pub async fn jobs(&self) -> Result<Vec<Job>, StoreError> {
        self.rows(sqlx::query_as("SELECT * FROM jobs ORDER BY id"))
            .await
    }

    /// The vendor's names of all jobs of an account.
    pub async fn known_remotes(&self, account: &str) -> Result<Vec<String>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        sqlx::query_scalar("SELECT remote FROM jobs WHERE account = ? AND remote IS NOT NULL")
            .bind(account)
            .fetch_all(&mut *reader)
            .await
            .map_err(self.0.ledger.fail("read jobs"))
    }

    async fn rows(
        &self,
        wanted: QueryAs<'_, Sqlite, Row, SqliteArguments>,
    ) -> Result<Vec<Job>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let rows = wanted
            .fetch_all(&mut *reader)
            .await
            .map_err(self.0.ledger.fail("read jobs"))?;
        rows.into_iter().map(Row::into_job).collect()
    }

    /// Fails where another process has taken the production over meanwhile. Asked before what cannot be
    /// taken back.
    pub async fn still_writes(&self) -> Result<(), StoreError> {
        self.0.ledger.still_writes("look who writes").await
    }
}
