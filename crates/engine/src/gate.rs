//! Questions with recorded answers.

use std::collections::BTreeMap;

use serde::Serialize;
use workprint_model::event::{Event, Subject};
use workprint_model::{Digest, Money};
use workprint_store::{Answer, Verdict};

use crate::run::Unmade;
use crate::{EngineError, Run};

/// A question that must be answered before what depends on it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// Its name, such as `master/main`.
    pub name: String,
    /// What the answer is about: a changed thing needs a new answer.
    pub digest: Digest,
    /// The question for a person.
    pub question: String,
    /// The most that a yes may cost.
    #[serde(rename = "cost_micros")]
    pub cost: Money,
    /// What it is about, one by one, where that is more than one thing. Each is answered by its own
    /// digest, so that what was answered is not asked again when something beside it changes.
    pub about: Vec<Subject>,
}

impl Gate {
    /// A question about one thing, whose answer costs nothing.
    pub fn new(name: impl Into<String>, digest: Digest, question: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            digest,
            question: question.into(),
            cost: Money::ZERO,
            about: Vec::new(),
        }
    }

    /// A question about several things.
    pub(crate) fn of(name: &str, question: String, mut about: Vec<Subject>) -> Self {
        about.sort_by(|one, other| {
            one.slot
                .cmp(&other.slot)
                .then(one.digest.cmp(&other.digest))
        });
        about.dedup();
        let digests: Vec<Digest> = about.iter().map(|subject| subject.digest).collect();
        Self {
            cost: about.iter().map(|subject| subject.cost).sum(),
            about,
            ..Self::new(name, Digest::of_json(&digests), question)
        }
    }

    /// The same question about some of what it is about.
    #[must_use]
    pub fn with(&self, about: Vec<Subject>) -> Self {
        Self::of(&self.name, self.question.clone(), about)
    }

    /// Why what waits for it waits while nobody has answered.
    pub fn why(&self) -> String {
        closed(&self.name)
    }

    /// The digests that answers are about.
    pub fn digests(&self) -> Vec<Digest> {
        if self.about.is_empty() {
            return vec![self.digest];
        }
        self.about.iter().map(|subject| subject.digest).collect()
    }
}

/// How a gate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum GateState {
    /// A person is asked, and has not answered.
    Asked,
    /// A person said yes.
    Approved,
    /// A person said no.
    Refused,
    /// A person will be asked when what it is about is made.
    Later,
}

/// A gate that a run met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetGate {
    /// Which.
    pub gate: Gate,
    /// How it stands.
    pub state: GateState,
}

/// Why what waits for a gate waits.
pub(crate) fn closed(gate: &str) -> String {
    format!("gate `{gate}` is closed")
}

/// The same after a no.
pub(crate) fn refused(answer: &Answer) -> String {
    let note = answer.note.as_ref().map(|note| format!(": {note}"));
    format!(
        "gate `{}` was refused by {}{}",
        answer.gate,
        answer.who,
        note.unwrap_or_default()
    )
}

impl<T: Send + Sync + 'static> Run<T> {
    /// Whether the gate is open; steps that name `gate.digest` among their inputs wait while it is not.
    /// Nobody is asked before everything that the question is `of` is made.
    pub async fn gate(&self, gate: Gate, of: &[Digest]) -> Result<bool, EngineError> {
        let episode = &self.options().episode;
        let answers = self
            .store()
            .gate_answers(episode, &gate.name, &[gate.digest])
            .await?;
        let is_made = of.iter().all(|input| self.is_made(input));
        let state = self.stand(&gate.name, gate.digest, (&answers, is_made));
        match state {
            GateState::Asked => self.ask(gate).await?,
            _ => self.note_gate(gate, state),
        }
        Ok(state == GateState::Approved)
    }

    /// Asks about several things in one question, each with what it is of: steps that name the digest of
    /// one among their inputs wait while there is no yes about that.
    pub async fn gate_each(
        &self,
        name: &str,
        question: impl Fn(&[Subject]) -> String,
        subjects: Vec<(Subject, Digest)>,
    ) -> Result<(), EngineError> {
        let digests: Vec<Digest> = subjects.iter().map(|(subject, _)| subject.digest).collect();
        let episode = &self.options().episode;
        let answers = self.store().gate_answers(episode, name, &digests).await?;
        let mut by_state = BTreeMap::<GateState, Vec<Subject>>::new();
        for (subject, of) in subjects {
            let state = self.stand(name, subject.digest, (&answers, self.is_made(&of)));
            by_state.entry(state).or_default().push(subject);
        }
        for (state, about) in by_state {
            let gate = Gate::of(name, question(&about), about);
            match state {
                GateState::Asked => self.ask(gate).await?,
                _ => self.note_gate(gate, state),
            }
        }
        Ok(())
    }

    /// How one thing that a gate asks about stands; what is not approved is marked as not there.
    fn stand(
        &self,
        gate: &str,
        digest: Digest,
        (answers, is_made): (&BTreeMap<Digest, Answer>, bool),
    ) -> GateState {
        let (state, why) = match answers.get(&digest) {
            Some(answer) if answer.verdict == Verdict::Approve => return GateState::Approved,
            Some(answer) => (GateState::Refused, refused(answer)),
            None if is_made => (GateState::Asked, closed(gate)),
            None => (GateState::Later, closed(gate)),
        };
        self.mark_unmade([digest], &Unmade::Waiting(why));
        state
    }

    /// Asks: tells everyone, and writes down when.
    pub(crate) async fn ask(&self, gate: Gate) -> Result<(), EngineError> {
        self.emit(Event::GateAsked {
            gate: gate.name.clone(),
            digest: gate.digest,
            question: gate.question.clone(),
            cost: gate.cost,
            about: gate.about.clone(),
        });
        if !self.is_plan() {
            let options = self.options();
            let of = (gate.name.as_str(), options.film.as_str());
            let digests = gate.digests();
            self.store()
                .note_asked(&options.episode, of, &digests)
                .await?;
        }
        self.note_gate(gate, GateState::Asked);
        Ok(())
    }
}
