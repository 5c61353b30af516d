//! Costs: what was spent and is reserved, for what, and what may be spent yet.

use std::collections::BTreeMap;

use serde::Serialize;
use workprint_model::Money;
use workprint_store::{Job, JobState, Store};

use crate::production::read_show;
use crate::{Host, Place, StudioError};

/// What a show cost.
#[derive(Debug, Clone, Serialize)]
pub struct Costs {
    /// Everything.
    pub total: Sum,
    /// By episode.
    pub episodes: BTreeMap<String, Sum>,
    /// By vendor and model.
    pub models: BTreeMap<String, Sum>,
    /// By day, UTC, `2026-11-22`.
    pub days: BTreeMap<String, Sum>,
    /// The budgets that are set, by name.
    pub budgets: BTreeMap<&'static str, Room>,
}

/// Some jobs together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// How many jobs.
    pub jobs: u64,
    /// What those that are over cost.
    #[serde(rename = "spent_micros")]
    pub spent: Money,
    /// What is reserved for those that are not.
    #[serde(rename = "reserved_micros")]
    pub reserved: Money,
}

/// A budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Room {
    /// The limit.
    #[serde(rename = "limit_micros")]
    pub limit: Money,
    /// What of it is spent or reserved: on the show, and today. What it is on an episode or in a run depends
    /// on which.
    #[serde(rename = "taken_micros", skip_serializing_if = "Option::is_none")]
    pub taken: Option<Money>,
}

impl Sum {
    fn add(&mut self, job: &Job) {
        self.jobs += 1;
        if matches!(
            job.state,
            JobState::Fetched | JobState::Done | JobState::Failed
        ) {
            self.spent = self.spent + job.charge;
        } else {
            self.reserved = self.reserved + job.charge;
        }
    }

    /// Spent and reserved.
    pub fn taken(&self) -> Money {
        self.spent + self.reserved
    }
}

/// What a show cost until now.
pub async fn costs(host: &Host, show: Option<&str>) -> Result<Costs, StudioError> {
    let root = Place::find_show(&host.directory, show)?;
    let budget = read_show(&root)?.budget;
    let store = Store::open_read_only(&root, host.clock.clone()).await?;
    let mut costs = Costs {
        total: Sum::default(),
        episodes: BTreeMap::new(),
        models: BTreeMap::new(),
        days: BTreeMap::new(),
        budgets: BTreeMap::new(),
    };
    for job in store.jobs().await? {
        costs.total.add(&job);
        let episode = costs.episodes.entry(job.episode.to_string());
        episode.or_default().add(&job);
        let model = costs.models.entry(format!("{} {}", job.vendor, job.model));
        model.or_default().add(&job);
        costs.days.entry(day(job.created_at)).or_default().add(&job);
    }
    let today = costs
        .days
        .get(&day(host.clock.now()))
        .copied()
        .unwrap_or_default();
    for (name, limit) in budget.limits() {
        let taken = match name {
            "show" => Some(costs.total.taken()),
            "day" => Some(today.taken()),
            _ => None,
        };
        costs.budgets.insert(name, Room { limit, taken });
    }
    Ok(costs)
}

fn day(ms: i64) -> String {
    let readable = super::log::readable(ms);
    readable.split(' ').next().unwrap_or_default().to_owned()
}
