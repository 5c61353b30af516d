//! The ledger's database: opening, upgrading, and the two connections to it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Row as _, Sqlite, SqliteConnection};
use tokio::sync::{Mutex, MutexGuard, OnceCell};

use crate::StoreError;
use crate::disk::Disk;
use crate::runs::Pending;

/// What brings the ledger from version `n` to `n + 1` is at place `n`.
const MIGRATIONS: &[&str] = &[
    include_str!("schema.sql"),
    include_str!("jobs.sql"),
    include_str!("asked.sql"),
    include_str!("seals.sql"),
    include_str!("spent.sql"),
    include_str!("servers.sql"),
    include_str!("instead.sql"),
];

/// `WkPr`: marks the file as a ledger, for `file(1)` and for us.
const APPLICATION_ID: i64 = 0x576b_5072;

/// How long a statement waits for another process's checkpoint.
const BUSY: Duration = Duration::from_secs(10);

/// The single writing connection, with what it has yet to write.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) connection: SqliteConnection,
    pub(crate) pending: Pending,
    /// Whether a transaction was begun and not committed.
    begun: bool,
    /// The number under which this process writes.
    epoch: i64,
    /// How many transactions were committed.
    commits: Arc<AtomicU64>,
}

/// A transaction that is committed, and on the disk once [`Ledger::settle`] has returned.
#[derive(Debug)]
#[must_use = "it may not be on the disk yet"]
pub(crate) struct Written(pub(crate) u64);

/// What every transaction begins with: a row with the number under which somebody writes now. What is asked
/// next may follow in the same text, for each text is a way to SQLite's thread and back.
macro_rules! begin {
    () => {
        "BEGIN IMMEDIATE; SELECT epoch FROM writer; "
    };
}
pub(crate) use begin;

/// Another process has taken the production over.
#[derive(Debug, thiserror::Error)]
#[error("another process has taken the production over")]
pub(crate) struct Superseded;

/// Transactions are begun and ended here and not by sqlx, which loses count when SQLite itself rolls
/// one back, as it does on a full disk.
///
/// Lone statements have a transaction too: it is what looks whether this process still writes.
impl Writer {
    /// Begins a transaction. Without [`Writer::commit`] it is undone when the writer is next asked
    /// for, whether a statement failed or the caller stopped waiting.
    pub(crate) async fn begin(&mut self) -> sqlx::Result<()> {
        self.begin_asking(sqlx::query(begin!())).await.map(drop)
    }

    /// The same for a text that begins with [`begin!`], and asks something more: the rows of that.
    pub(crate) async fn begin_asking(
        &mut self,
        asked: Query<'_, Sqlite, SqliteArguments>,
    ) -> sqlx::Result<Vec<SqliteRow>> {
        self.begun = true;
        let mut rows = asked.fetch_all(&mut self.connection).await?;
        let epoch: i64 = rows.first().map_or(Ok(0), |row| row.try_get(0))?;
        if epoch == self.epoch {
            rows.remove(0);
            return Ok(rows);
        }
        // At once: what is begun keeps the other one from writing.
        self.undo().await;
        Err(sqlx::Error::Configuration(Box::new(Superseded)))
    }

    /// Commits what was begun: from now on others see it, and the end of this process does not undo it.
    pub(crate) async fn commit(&mut self) -> sqlx::Result<Written> {
        let (_, written) = self.commit_with(sqlx::query("COMMIT")).await?;
        Ok(written)
    }

    /// The same for a text that ends with `COMMIT`, and writes something before: the rows that it returns.
    pub(crate) async fn commit_with(
        &mut self,
        last: Query<'_, Sqlite, SqliteArguments>,
    ) -> sqlx::Result<(Vec<SqliteRow>, Written)> {
        let rows = last.fetch_all(&mut self.connection).await?;
        self.begun = false;
        let number = self.commits.fetch_add(1, Ordering::AcqRel) + 1;
        Ok((rows, Written(number)))
    }

    /// Undoes what was begun and not committed.
    pub(crate) async fn undo(&mut self) {
        if self.begun {
            // It fails where SQLite has rolled back already.
            let _ = sqlx::raw_sql("ROLLBACK")
                .execute(&mut self.connection)
                .await;
            self.begun = false;
        }
    }
}

#[derive(Debug)]
pub(crate) struct Ledger {
    path: PathBuf,
    writer: Option<Mutex<Writer>>,
    /// The number under which this process writes.
    epoch: Option<i64>,
    disk: Disk,
    /// A second connection, so that reading never waits for a disk to sync.
    reader: OnceCell<Mutex<SqliteConnection>>,
}

impl Ledger {
    /// Opens for writing; creates and upgrades as needed. The caller has the writer lock.
    pub(crate) async fn open(path: PathBuf) -> Result<Self, StoreError> {
        let options = options(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Commits go to the disk by `Disk`, several at once.
            .synchronous(SqliteSynchronous::Normal);
        let fail = |source| StoreError::ledger("open", &path, source);
        let mut connection = options.connect().await.map_err(fail)?;
        let disk = Disk::of(&mut connection, &path).await.map_err(fail)?;
        migrate(&mut connection, &path).await?;
        let epoch = take_over(&mut connection).await.map_err(fail)?;
        let writer = Writer {
            connection,
            pending: Pending::default(),
            begun: false,
            epoch,
            commits: Arc::clone(&disk.commits),
        };
        Ok(Self {
            writer: Some(Mutex::new(writer)),
            epoch: Some(epoch),
            disk,
            reader: OnceCell::new(),
            path,
        })
    }

    /// Opens for reading. Where there is no ledger yet, an empty one in memory stands for it.
    pub(crate) async fn open_read_only(path: PathBuf) -> Result<Self, StoreError> {
        let connection = match read_connection(&path).await? {
            Some(connection) => connection,
            None => empty(&path).await?,
        };
        Ok(Self {
            writer: None,
            epoch: None,
            disk: Disk::default(),
            reader: OnceCell::new_with(Some(Mutex::new(connection))),
            path,
        })
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.writer.is_none()
    }

    /// The connection for reading.
    pub(crate) async fn reader(&self) -> Result<MutexGuard<'_, SqliteConnection>, StoreError> {
        let reader = self.reader.get_or_try_init(|| async {
            let options = options(&self.path).read_only(true);
            let connection = options
                .connect()
                .await
                .map_err(|source| StoreError::ledger("open", &self.path, source))?;
            Ok(Mutex::new(connection))
        });
        Ok(reader.await?.lock().await)
    }

    /// The connection for writing; `act` names what for.
    pub(crate) async fn writer(
        &self,
        act: &'static str,
    ) -> Result<MutexGuard<'_, Writer>, StoreError> {
        let Some(writer) = &self.writer else {
            return Err(StoreError::ReadOnly { act });
        };
        let mut writer = writer.lock().await;
        writer.undo().await;
        Ok(writer)
    }

    /// Fails where another process has taken the production over. Asked of the reader, so that it waits for
    /// nobody who writes.
    pub(crate) async fn still_writes(&self, act: &'static str) -> Result<(), StoreError> {
        let epoch = self.epoch.ok_or(StoreError::ReadOnly { act })?;
        let mut reader = self.reader().await?;
        let now: i64 = sqlx::query_scalar("SELECT epoch FROM writer")
            .fetch_one(&mut *reader)
            .await
            .map_err(self.fail(act))?;
        if now == epoch {
            return Ok(());
        }
        Err(self.fail(act)(sqlx::Error::Configuration(Box::new(
            Superseded,
        ))))
    }

    /// Commits what was begun, lets others write, and waits until it is on the disk.
    pub(crate) async fn commit(
        &self,
        writer: MutexGuard<'_, Writer>,
        act: &'static str,
    ) -> Result<(), StoreError> {
        let commit = sqlx::query("COMMIT");
        self.commit_with(writer, commit, act).await.map(drop)
    }

    /// The same by a text of [`Writer::commit_with`]: the rows that it returns.
    pub(crate) async fn commit_with(
        &self,
        mut writer: MutexGuard<'_, Writer>,
        last: Query<'_, Sqlite, SqliteArguments>,
        act: &'static str,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let (rows, written) = writer.commit_with(last).await.map_err(self.fail(act))?;
        drop(writer);
        self.settle(written, act).await?;
        Ok(rows)
    }

    /// Waits until a transaction is on the disk.
    pub(crate) async fn settle(
        &self,
        written: Written,
        act: &'static str,
    ) -> Result<(), StoreError> {
        let settled = self.disk.settle(written).await;
        settled.map_err(|error| self.fail(act)(sqlx::Error::Io(error)))
    }

    /// Wraps a failed statement.
    pub(crate) fn fail(&self, act: &'static str) -> impl Fn(sqlx::Error) -> StoreError + '_ {
        move |source| StoreError::ledger(act, &self.path, source)
    }

    /// Closes both connections and folds the write-ahead log into the file.
    pub(crate) async fn close(self) {
        if let Some(reader) = self.reader.into_inner() {
            // Nothing is lost if closing fails: what was committed is in the log.
            let _ = reader.into_inner().close().await;
        }
        if let Some(writer) = self.writer {
            let _ = writer.into_inner().connection.close().await;
        }
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .row_buffer_size(1024)
        // In KiB, of 2000: the system keeps the file's pages anyway, and what grows with the ledger is
        // memory of the run.
        .pragma("cache_size", "-512")
        .disable_statement_logging()
}

/// A reading connection, or nothing where no ledger was written yet.
async fn read_connection(path: &Path) -> Result<Option<SqliteConnection>, StoreError> {
    match std::fs::metadata(path) {
        Ok(meta) if meta.len() == 0 => return Ok(None),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::file("read", path, error)),
    }
    let (connection, found) = match connect_and_ask(options(path).read_only(true), path).await {
        // On a read-only disk the log's index cannot be made. Without a log nobody needs one.
        Err(StoreError::NotWritable { .. }) if !has_log(path) => {
            connect_and_ask(options(path).read_only(true).immutable(true), path).await?
        }
        other => other?,
    };
    match found {
        0 => Ok(None),
        found if found < MIGRATIONS.len() as i64 => Err(StoreError::Older {
            path: path.to_owned(),
            found,
        }),
        _ => Ok(Some(connection)),
    }
}

async fn connect_and_ask(
    options: SqliteConnectOptions,
    path: &Path,
) -> Result<(SqliteConnection, i64), StoreError> {
    let mut connection = options
        .connect()
        .await
        .map_err(|source| StoreError::ledger("open", path, source))?;
    let found = version(&mut connection, path).await?;
    Ok((connection, found))
}

fn has_log(path: &Path) -> bool {
    std::fs::metadata(log_of(path)).is_ok_and(|meta| meta.len() > 0)
}

/// The write-ahead log of a ledger.
pub(crate) fn log_of(path: &Path) -> PathBuf {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

/// A ledger in memory that holds nothing.
async fn empty(path: &Path) -> Result<SqliteConnection, StoreError> {
    let fail = |source| StoreError::ledger("open", path, source);
    let mut connection = SqliteConnectOptions::new()
        .in_memory(true)
        .disable_statement_logging()
        .connect()
        .await
        .map_err(fail)?;
    for migration in MIGRATIONS {
        sqlx::raw_sql(*migration)
            .execute(&mut connection)
            .await
            .map_err(fail)?;
    }
    Ok(connection)
}

/// The ledger's version, 0 where nothing was written yet; refuses a newer one and files of other
/// programs.
async fn version(connection: &mut SqliteConnection, path: &Path) -> Result<i64, StoreError> {
    let fail = |source| StoreError::ledger("open", path, source);
    let known = MIGRATIONS.len() as i64;
    let [found, application, tables] = header(connection).await.map_err(fail)?;
    if found > known && application == APPLICATION_ID {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    if (found != 0 && application != APPLICATION_ID) || (found == 0 && tables > 0) {
        return Err(foreign(path));
    }
    Ok(found)
}

/// The version, whose file it is, and how many tables there are: all read in one transaction, or a
/// ledger that is made between two readings would look like another program's.
async fn header(connection: &mut SqliteConnection) -> sqlx::Result<[i64; 3]> {
    let mut reading = connection.begin().await?;
    let mut found = [0; 3];
    let questions = [
        "PRAGMA user_version",
        "PRAGMA application_id",
        "SELECT count(*) FROM sqlite_schema",
    ];
    for (found, question) in found.iter_mut().zip(questions) {
        *found = sqlx::query_scalar(question)
            .fetch_one(&mut *reading)
            .await?;
    }
    reading.rollback().await?;
    Ok(found)
}

fn foreign(path: &Path) -> StoreError {
    StoreError::Damaged {
        path: path.to_owned(),
        why: "it is a database of another program".to_owned(),
    }
}

/// From here on nobody else writes, not even one that still thinks it holds the lock.
async fn take_over(connection: &mut SqliteConnection) -> sqlx::Result<i64> {
    sqlx::raw_sql("BEGIN IMMEDIATE; UPDATE writer SET epoch = epoch + 1; COMMIT")
        .execute(&mut *connection)
        .await?;
    sqlx::query_scalar("SELECT epoch FROM writer")
        .fetch_one(connection)
        .await
}

async fn migrate(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let found = version(connection, path).await?;
    let known = MIGRATIONS.len() as i64;
    if found == known {
        return Ok(());
    }
    // A PRAGMA takes no parameters; both values are our own numbers.
    let stamp = format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {known};");
    let steps = ["BEGIN IMMEDIATE;"]
        .into_iter()
        .chain(MIGRATIONS.iter().skip(found as usize).copied())
        .chain([stamp.as_str(), "COMMIT;"]);
    for step in steps {
        // On a failure the connection is dropped, and what was begun is undone.
        sqlx::raw_sql(sqlx::AssertSqlSafe(step))
            .execute(&mut *connection)
            .await
            .map_err(|source| StoreError::ledger("upgrade", path, source))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ledger of version 4, with three jobs.
    async fn older(path: &Path) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(path);
        let mut connection = options.create_if_missing(true).connect().await.unwrap();
        for migration in &MIGRATIONS[..4] {
            sqlx::raw_sql(*migration)
                .execute(&mut connection)
                .await
                .unwrap();
        }
        sqlx::raw_sql(
            "PRAGMA application_id = 0x576b5072; PRAGMA user_version = 4;
            INSERT INTO jobs (key, kind, slot, episode, run, day, vendor, model, account, state,
                reserved, charge, artifacts, created_at, changed_at)
            VALUES ('a', '', '', 'pilot', 1, 7, '', '', '', 'done', 5, 3, '[]', 0, 0),
                ('b', '', '', 'pilot', 2, 8, '', '', '', 'intent', 5, 5, '[]', 0, 0),
                ('c', '', '', 'two', 2, 8, '', '', '', 'failed', 5, 0, '[]', 0, 0)",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        connection
    }

    #[tokio::test]
    async fn what_an_older_ledger_spent_is_kept_from_then_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let mut connection = older(&path).await;
        migrate(&mut connection, &path).await.unwrap();
        let spent: Vec<String> = sqlx::query_scalar(
            "SELECT what || ' ' || which || ' ' || micros FROM spent ORDER BY what, which",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        let wanted = [
            "day 7 3",
            "day 8 5",
            "episode pilot 8",
            "episode two 0",
            "run 1 3",
            "run 2 5",
            "show  8",
        ];
        assert_eq!(spent, wanted);
    }
}
