//! What gates asked, and the answers: who said what about which exact digest.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use workprint_model::{Digest, EpisodeId};

use crate::steps::list;
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

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// An answer to a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// Something that a run asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The episode.
    pub episode: EpisodeId,
    /// The gate's name.
    pub gate: String,
    /// What it is about.
    pub digest: Digest,
    /// The output that was made, for a dub with `@` and its language.
    pub film: String,
    /// When it was first asked since the last answer: milliseconds since 1970, UTC.
    pub at: i64,
}

type Row = (String, String, String, String, String, i64, Option<String>);

impl Store {
    /// The latest answers of a gate about exactly these digests.
    pub async fn gate_answers(
        &self,
        episode: &EpisodeId,
        gate: &str,
        digests: &[Digest],
    ) -> Result<BTreeMap<Digest, Answer>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT episode, gate, digest, verdict, who, at, note FROM json_each(?1) AS asked
            CROSS JOIN answers ON episode = ?2 AND gate = ?3 AND digest = asked.value
            ORDER BY answers.id",
        )
        .bind(list(digests))
        .bind(episode.as_str())
        .bind(gate)
        .fetch_all(&mut *reader)
        .await
        .map_err(self.0.ledger.fail("read answers"))?;
        let answers = rows.into_iter().map(|row| {
            let answer = answer(row)?;
            Ok((answer.digest, answer))
        });
        answers.collect()
    }

    /// Every answer, about an episode or about all, oldest first.
    pub async fn answers(&self, episode: Option<&EpisodeId>) -> Result<Vec<Answer>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT episode, gate, digest, verdict, who, at, note FROM answers
            WHERE episode = coalesce(?, episode) ORDER BY id",
        )
        .bind(episode.map(EpisodeId::as_str))
        .fetch_all(&mut *reader)
        .await
        .map_err(self.0.ledger.fail("read answers"))?;
        rows.into_iter().map(answer).collect()
    }

    /// Writes answers, durably and all together. Earlier answers stay in the history.
    pub async fn record_answers(&self, answers: &[Answer]) -> Result<(), StoreError> {
        let act = "record an answer";
        let fail = self.0.ledger.fail(act);
        let mut writer = self.0.ledger.writer(act).await?;
        writer.begin().await.map_err(&fail)?;
        for answer in answers {
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
            .map_err(&fail)?;
        }
        self.0.ledger.commit(writer, act).await
    }

    /// Notes that a gate asked about these digests. What it asked before and nobody answered since keeps
    /// its time.
    pub async fn note_asked(
        &self,
        episode: &EpisodeId,
        (gate, film): (&str, &str),
        digests: &[Digest],
    ) -> Result<(), StoreError> {
        let act = "note what a gate asks";
        let fail = self.0.ledger.fail(act);
        let mut writer = self.0.ledger.writer(act).await?;
        writer.begin().await.map_err(&fail)?;
        sqlx::query(
            "INSERT INTO asked (episode, gate, digest, film, at)
            SELECT ?2, ?3, value, ?4, ?5 FROM json_each(?1) WHERE true
            ON CONFLICT DO UPDATE SET film = excluded.film, at = excluded.at WHERE EXISTS
                (SELECT 1 FROM answers WHERE answers.episode = asked.episode
                AND answers.gate = asked.gate AND answers.digest = asked.digest
                AND answers.at >= asked.at)",
        )
        .bind(list(digests))
        .bind(episode.as_str())
        .bind(gate)
        .bind(film)
        .bind(self.now())
        .execute(&mut writer.connection)
        .await
        .map_err(&fail)?;
        self.0.ledger.commit(writer, act).await
    }

    /// What was asked and has no yes since, the oldest first.
    pub async fn not_approved(&self) -> Result<Vec<Asked>, StoreError> {
        let mut reader = self.0.ledger.reader().await?;
        let rows: Vec<(String, String, String, String, i64)> = sqlx::query_as(
            "SELECT episode, gate, digest, film, at FROM asked WHERE coalesce(
                (SELECT verdict FROM answers WHERE answers.episode = asked.episode
                AND answers.gate = asked.gate AND answers.digest = asked.digest
                AND answers.at >= asked.at ORDER BY id DESC LIMIT 1), 'reject') = 'reject'
            ORDER BY at, episode, gate, digest",
        )
        .fetch_all(&mut *reader)
        .await
        .map_err(self.0.ledger.fail("read what gates asked"))?;
        let asked = rows.into_iter().map(|(episode, gate, digest, film, at)| {
            Ok(Asked {
                episode: episode
                    .parse()
                    .map_err(|error| StoreError::row("asked", error))?,
                gate,
                digest: digest
                    .parse()
                    .map_err(|error| StoreError::row("asked", error))?,
                film,
                at,
            })
        });
        asked.collect()
    }
}

fn answer((episode, gate, digest, verdict, who, at, note): Row) -> Result<Answer, StoreError> {
    Ok(Answer {
        episode: episode
            .parse()
            .map_err(|error| StoreError::row("answers", error))?,
        gate,
        digest: digest
            .parse()
            .map_err(|error| StoreError::row("answers", error))?,
        verdict: match verdict.as_str() {
            "approve" => Verdict::Approve,
            _ => Verdict::Reject,
        },
        who,
        at,
        note,
    })
}
