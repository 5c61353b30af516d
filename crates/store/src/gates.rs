//! Answers to gates: who said what about which exact digest.

use workprint_model::{Digest, EpisodeId};

use crate::{Store, StoreError};

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The run may go on.
    Approve,
    /// It may not, with this digest.
    Reject,
}

impl Verdict {
    /// `approve` or `reject`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }
}

/// An answer to a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The episode.
    pub episode: EpisodeId,
    /// The gate's name.
    pub gate: String,
    /// What the answer is about; another digest asks again.
    pub digest: Digest,
    /// Yes or no.
    pub verdict: Verdict,
    /// Who answered.
    pub who: String,
    /// When: milliseconds since 1970, UTC.
    pub at: i64,
    /// What they added.
    pub note: Option<String>,
}

type Row = (String, String, String, String, String, i64, Option<String>);

impl Store {
    /// The latest answer of a gate about exactly this digest.
    pub async fn gate_answer(
        &self,
        episode: &EpisodeId,
        gate: &str,
        digest: &Digest,
    ) -> Result<Option<Answer>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let row: Option<Row> = sqlx::query_as(
            "SELECT episode, gate, digest, verdict, who, at, note FROM answers
            WHERE episode = ? AND gate = ? AND digest = ? ORDER BY id DESC LIMIT 1",
        )
        .bind(episode.as_str())
        .bind(gate)
        .bind(digest.to_string())
        .fetch_optional(&mut *reader)
        .await
        .map_err(self.0.ledger.fail("read an answer"))?;
        row.map(answer).transpose()
    }

    /// Every answer about an episode, oldest first.
    pub async fn answers(&self, episode: &EpisodeId) -> Result<Vec<Answer>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT episode, gate, digest, verdict, who, at, note FROM answers
            WHERE episode = ? ORDER BY id",
        )
        .bind(episode.as_str())
        .fetch_all(&mut *reader)
        .await
        .map_err(self.0.ledger.fail("read answers"))?;
        rows.into_iter().map(answer).collect()
    }

    /// Writes an answer, durably. Earlier answers stay in the history.
    pub async fn record_answer(&self, answer: &Answer) -> Result<(), StoreError> {
        let act = "record an answer";
        let mut writer = self.0.ledger.writer(act).await?;
        writer.begin().await.map_err(self.0.ledger.fail(act))?;
        sqlx::query(
            "INSERT INTO answers (episode, gate, digest, verdict, who, at, note)
            VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(answer.episode.as_str())
        .bind(&answer.gate)
        .bind(answer.digest.to_string())
        .bind(answer.verdict.as_str())
        .bind(&answer.who)
        .bind(answer.at)
        .bind(&answer.note)
        .execute(&mut writer.connection)
        .await
        .map_err(self.0.ledger.fail(act))?;
        writer.commit().await.map_err(self.0.ledger.fail(act))?;
        Ok(())
    }
}

fn answer((episode, gate, digest, verdict, who, at, note): Row) -> Result<Answer, StoreError> {
    let unreadable =
        |error: Box<dyn std::error::Error + Send + Sync>| StoreError::row("answers", error);
    Ok(Answer {
        episode: episode
            .parse()
            .map_err(|error| unreadable(Box::new(error) as _))?,
        gate,
        digest: digest
            .parse()
            .map_err(|error| unreadable(Box::new(error) as _))?,
        verdict: match verdict.as_str() {
            "approve" => Verdict::Approve,
            _ => Verdict::Reject,
        },
        who,
        at,
        note,
    })
}
