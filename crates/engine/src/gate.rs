//! Questions with recorded answers.

use serde::Serialize;
use workprint_model::Digest;
use workprint_model::event::Event;

use workprint_store::Verdict;

use crate::run::Unmade;
use crate::{EngineError, Run};

/// A question that must be answered before what depends on it is made.
#[derive(Debug, Clone, Serialize)]
pub struct Gate {
    /// Its name, such as `master`.
    pub name: String,
    /// What the answer is about: a changed thing needs a new answer.
    pub digest: Digest,
    /// The question for a person.
    pub question: String,
}

impl<T: Send + Sync + 'static> Run<T> {
    /// Whether the gate is open; steps that name `gate.digest` among their inputs wait while it is not.
    pub async fn gate(&self, gate: Gate) -> Result<bool, EngineError> {
        let answer = self
            .store()
            .gate_answer(&self.options().episode, &gate.name, &gate.digest)
            .await?;
        match answer {
            Some(answer) if answer.verdict == Verdict::Approve => return Ok(true),
            Some(answer) => {
                let by = format!("gate `{}` was refused by {}", gate.name, answer.who);
                self.mark_unmade([gate.digest], &Unmade::Waiting(by));
            }
            None => {
                let waits = format!("gate `{}` is closed", gate.name);
                self.mark_unmade([gate.digest], &Unmade::Waiting(waits));
                self.emit(Event::GateAsked {
                    gate: gate.name.clone(),
                    digest: gate.digest,
                    question: gate.question.clone(),
                });
                self.note_closed_gate(gate);
            }
        }
        Ok(false)
    }
}
