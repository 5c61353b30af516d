//! What is taken of budgets and places when something is about to be ordered.

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row as _, Sqlite};
use workprint_model::Money;
use workprint_model::show::Budget;

use crate::jobs::{DAY, NewJob, Reserved};
use crate::ledger::begin;

/// Under way for longer than this, a job no longer takes a place: vendors end theirs sooner.
const LONGEST: i64 = 6 * 3_600_000;

/// Asks for no more than a few rows, however many jobs there are.
macro_rules! taken {
    () => {
        "SELECT
            (SELECT micros FROM spent WHERE what = 'show' AND which = ''),
            (SELECT micros FROM spent WHERE what = 'episode' AND which = ?1),
            (SELECT micros FROM spent WHERE what = 'day' AND which = ?2),
            (SELECT micros FROM spent WHERE what = 'run' AND which = ?3),
            (SELECT count(*) FROM jobs WHERE account = ?4 AND state IN ('intent', 'submitted')
                AND created_at > ?5 AND run <> ?3)"
    };
}

/// What is taken when a job is about to be ordered.
pub(crate) struct Taken {
    /// By a budget's name: what is spent or reserved of it.
    budgets: [(&'static str, Money); 4],
    /// How many of the account's jobs of other runs are under way.
    under_way: i64,
}

impl Taken {
    pub(crate) fn of(job: &NewJob, now: i64) -> Query<'_, Sqlite, SqliteArguments> {
        sqlx::query(concat!(begin!(), taken!()))
            .bind(job.episode.as_str())
            .bind(now.div_euclid(DAY))
            .bind(job.run as i64)
            .bind(&job.account)
            .bind(now - LONGEST)
    }

    pub(crate) fn from_rows(rows: &[SqliteRow]) -> sqlx::Result<Self> {
        let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
        let spent = |at: usize| {
            let micros: Option<i64> = row.try_get(at)?;
            Ok::<_, sqlx::Error>(Money::from_micros(micros.unwrap_or_default()))
        };
        let [show, episode, day, run] = [spent(0)?, spent(1)?, spent(2)?, spent(3)?];
        let budgets = [
            ("show", show),
            ("episode", episode),
            ("day", day),
            ("run", run),
        ];
        Ok(Self {
            budgets,
            under_way: row.try_get(4)?,
        })
    }

    /// Why a job may not be ordered now; nothing where it may.
    pub(crate) fn refuses(&self, job: &NewJob, budget: &Budget) -> Option<Reserved> {
        let of = |wanted: &str| {
            let mut all = self.budgets.iter();
            all.find(|(name, _)| *name == wanted)
                .map_or(Money::ZERO, |one| one.1)
        };
        if budget.is_unset() && job.most > Money::ZERO {
            let (budget, taken) = (None, of("show"));
            return Some(Reserved::NoRoom { budget, taken });
        }
        for (name, limit) in budget.limits() {
            let taken = of(name);
            if taken + job.most > limit && job.most > Money::ZERO {
                let budget = Some((name, limit));
                return Some(Reserved::NoRoom { budget, taken });
            }
        }
        (self.under_way > i64::from(job.others)).then_some(Reserved::Full)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Clock, Store};

    #[tokio::test]
    async fn an_order_asks_for_no_more_the_more_jobs_there_are() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), "test", Clock::fixed(0))
            .await
            .unwrap();
        let mut writer = store.0.ledger.writer("test").await.unwrap();
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(concat!("EXPLAIN QUERY PLAN ", taken!()))
                .fetch_all(&mut writer.connection)
                .await
                .unwrap();
        let all: Vec<&String> = plan.iter().map(|row| &row.3).collect();
        let reads = all.iter().filter(|step| step.starts_with("SEARCH"));
        assert_eq!(reads.count(), 5, "{all:?}");
        assert!(
            !all.iter().any(|step| step.contains("SCAN jobs")),
            "{all:?}"
        );
    }
}
