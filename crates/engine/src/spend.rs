//! What is ordered only when a person says yes.
//!
//! A plan knows what a run would order, and so what a person is asked about: all of it in one question,
//! each order by the digest of its step's key and its price. Another prompt, seed, model or price is
//! another digest. A yes holds for one purchase; an order that an earlier run left is gone on with.

use std::collections::BTreeMap;

use workprint_model::event::{StepName, Subject};
use workprint_model::{Digest, Money};
use workprint_store::{Job, JobState, Verdict};

use crate::gate::{GateState, closed, refused};
use crate::{EngineError, Gate, Run, Step};

/// The name of the gate before orders.
pub const SPEND: &str = "spend";

/// What a run may order without a person's yes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unasked {
    /// All that nobody said yes to, together; any amount where it is `None`.
    pub together: Option<Money>,
    /// Each order; any amount where it is `None`.
    pub each: Option<Money>,
}

/// Something that a plan would order.
#[derive(Debug, Clone)]
pub struct Purchase {
    /// For which step.
    pub step: StepName,
    /// Of whom: the step's engine.
    pub engine: String,
    /// The most that it may cost.
    pub most: Money,
    /// Whether everything that it is made of is there, so that its key is the one that will be ordered.
    pub certain: bool,
}

/// What an answer is about: an order of a step at a price.
pub fn spend_digest(key: &Digest, most: Money) -> Digest {
    Digest::of_json(&(SPEND, key, most.micros))
}

impl Purchase {
    fn subject(&self) -> Subject {
        Subject {
            slot: self.step.slot.clone(),
            digest: spend_digest(&self.step.key, self.most),
            what: self.engine.clone(),
            cost: self.most,
            shows: None,
        }
    }
}

/// What a run may order, as far as it is known.
#[derive(Debug, Default)]
pub(crate) struct Permits {
    /// By key: that it may be ordered, or why not.
    known: BTreeMap<Digest, Result<(), String>>,
    /// What the run may order yet without a yes.
    left: Option<Money>,
    /// What was met after the question was asked, and has no answer.
    late: Vec<Subject>,
}

impl Permits {
    pub(crate) fn new(rule: Option<Unasked>) -> Self {
        Self {
            left: rule.and_then(|rule| rule.together),
            ..Self::default()
        }
    }
}

/// What is known of an order before anybody is asked.
enum Standing {
    /// An earlier run ordered it.
    UnderWay,
    /// A person said yes.
    Approved,
    /// A person said no: why.
    Refused(String),
    /// Nobody said anything yet.
    Open,
}

impl<T: Send + Sync + 'static> Run<T> {
    /// What a plan would order, in its order.
    pub fn purchases(&self) -> Vec<Purchase> {
        self.state().purchases.clone()
    }

    /// Notes in a plan what it would order.
    pub(crate) fn note_purchase<S: Step>(&self, step: &S, name: &StepName, certain: bool) {
        let most = step.estimate().cost;
        if most > Money::ZERO {
            let purchase = Purchase {
                step: name.clone(),
                engine: step.engine(),
                most,
                certain,
            };
            self.state().purchases.push(purchase);
        }
    }

    /// Holds what a plan of this run would order against the rule and the answers, and asks where a yes is
    /// missing. What waits for one then waits, and the rest goes on.
    pub async fn ask_before_spending(&self, purchases: &[Purchase]) -> Result<(), EngineError> {
        let Some(rule) = self.options().spending.unasked else {
            return Ok(());
        };
        let certain: Vec<&Purchase> = purchases.iter().filter(|one| one.certain).collect();
        let later = purchases.iter().filter(|one| !one.certain);
        let later: Money = later.map(|one| one.most).sum();
        let standings = self.standings(&certain).await?;
        let is_open = |key: &Digest| matches!(standings.get(key), Some(Standing::Open));
        let open = certain.iter().filter(|one| is_open(&one.step.key));
        let together: Money = open.clone().map(|one| one.most).sum();
        let over = rule.together.is_some_and(|limit| together + later > limit);
        let is_held = |one: &Purchase| {
            is_open(&one.step.key) && (over || rule.each.is_some_and(|each| one.most > each))
        };
        let held: Vec<Subject> = certain
            .iter()
            .filter(|one| is_held(one))
            .map(|one| one.subject())
            .collect();
        let freely: Money = open.filter(|one| !is_held(one)).map(|one| one.most).sum();
        {
            let permits = &mut self.state().permits;
            permits.left = rule.together.map(|limit| limit - freely);
            for one in &certain {
                let may = match standings.get(&one.step.key) {
                    Some(Standing::Refused(why)) => Err(why.clone()),
                    _ if is_held(one) => Err(closed(SPEND)),
                    _ => Ok(()),
                };
                permits.known.insert(one.step.key, may);
            }
        }
        let answered = |wanted: fn(&Standing) -> bool| {
            let own = certain.iter();
            let own = own.filter(|one| standings.get(&one.step.key).is_some_and(wanted));
            own.map(|one| one.subject()).collect::<Vec<_>>()
        };
        let approved = answered(|standing| matches!(standing, Standing::Approved));
        let refused = answered(|standing| matches!(standing, Standing::Refused(_)));
        for (about, state) in [
            (approved, GateState::Approved),
            (refused, GateState::Refused),
        ] {
            if !about.is_empty() {
                self.note_gate(question(about, Money::ZERO), state);
            }
        }
        if held.is_empty() {
            return Ok(());
        }
        self.ask(question(held, later)).await
    }

    /// Why a step may not be ordered now; nothing where it may. A plan lets pass what nobody asked about.
    pub(crate) async fn may_not_buy<S: Step>(
        &self,
        step: &S,
        name: &StepName,
    ) -> Result<Option<String>, EngineError> {
        let most = step.estimate().cost;
        let Some(rule) = self
            .options()
            .spending
            .unasked
            .filter(|_| most > Money::ZERO)
        else {
            return Ok(None);
        };
        if let Some(known) = self.state().permits.known.get(&name.key) {
            return Ok(known.clone().err());
        }
        if self.is_plan() {
            return Ok(None);
        }
        let purchase = Purchase {
            step: name.clone(),
            engine: step.engine(),
            most,
            certain: true,
        };
        let mut standings = self.standings(&[&purchase]).await?;
        let mut state = self.state();
        let permits = &mut state.permits;
        let may = match standings.remove(&name.key) {
            Some(Standing::UnderWay | Standing::Approved) => Ok(()),
            Some(Standing::Refused(why)) => Err(why),
            _ if rule.each.is_some_and(|each| most > each)
                || permits.left.is_some_and(|left| most > left) =>
            {
                permits.late.push(purchase.subject());
                Err(closed(SPEND))
            }
            _ => {
                permits.left = permits.left.map(|left| left - most);
                Ok(())
            }
        };
        permits.known.insert(name.key, may.clone());
        Ok(may.err())
    }

    /// Asks about what was met on the way and has no answer.
    pub(crate) async fn ask_late(&self) -> Result<(), EngineError> {
        let late = std::mem::take(&mut self.state().permits.late);
        if late.is_empty() {
            return Ok(());
        }
        self.ask(question(late, Money::ZERO)).await
    }

    /// How orders stand: what is under way is gone on with, a yes holds for one purchase.
    async fn standings(
        &self,
        purchases: &[&Purchase],
    ) -> Result<BTreeMap<Digest, Standing>, EngineError> {
        let keys: Vec<Digest> = purchases.iter().map(|one| one.step.key).collect();
        let subjects: Vec<Digest> = purchases.iter().map(|one| one.subject().digest).collect();
        let jobs = self.store().jobs_of(&keys).await?;
        let episode = &self.options().episode;
        let answers = self.store().gate_answers(episode, SPEND, &subjects).await?;
        let standing = |(one, subject): (&&Purchase, &Digest)| {
            let own = || jobs.iter().filter(|job| job.key == one.step.key);
            let standing = match answers.get(subject) {
                _ if own().any(|job| is_open(job) && job.reserved >= one.most) => {
                    Standing::UnderWay
                }
                Some(answer) if answer.verdict == Verdict::Reject => {
                    Standing::Refused(refused(answer))
                }
                Some(answer) if !own().any(|job| is_paid(job) && job.created_at >= answer.at) => {
                    Standing::Approved
                }
                _ => Standing::Open,
            };
            (one.step.key, standing)
        };
        Ok(purchases.iter().zip(&subjects).map(standing).collect())
    }
}

/// Whether an order is not over yet.
fn is_open(job: &Job) -> bool {
    !matches!(job.state, JobState::Done | JobState::Failed)
}

/// Whether an order was paid for, whatever came of it.
fn is_paid(job: &Job) -> bool {
    !is_open(job) && job.charge > Money::ZERO
}

/// What would be ordered, of whom and for how much at most.
fn question(about: Vec<Subject>, later: Money) -> Gate {
    let mut engines = BTreeMap::<&str, usize>::new();
    for subject in &about {
        *engines.entry(&subject.what).or_default() += 1;
    }
    let mut parts: Vec<String> = engines
        .into_iter()
        .map(|(engine, count)| format!("{count} of `{engine}`"))
        .collect();
    let last = parts.pop().unwrap_or_default();
    let all = if parts.is_empty() {
        last
    } else {
        format!("{} and {last}", parts.join(", "))
    };
    let cost: Money = about.iter().map(|subject| subject.cost).sum();
    let more = match later {
        Money::ZERO => String::new(),
        later => format!("; what is made of it may cost {} more", later.exact()),
    };
    let question = format!("order {all} for {} at most{more}?", cost.exact());
    Gate::of(SPEND, question, about)
}
