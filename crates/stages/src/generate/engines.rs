//! The engines of a show that are asked elsewhere.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use workprint_engine::StepError;
use workprint_model::outside::Way;
use workprint_model::show::EngineSpec;
use workprint_providers::engine::Engine;
use workprint_providers::order::Capability;
use workprint_providers::own::{Own, Surroundings};
use workprint_providers::pool::EnginePool;
use workprint_providers::secret::Secret;
use workprint_providers::vendors::{Accounts, NoEngine};
use workprint_providers::webhook::Webhooks;

use super::Model;

/// A show's engines, and the keys of their accounts.
#[derive(Debug, Default)]
pub struct Engines {
    described: BTreeMap<(Capability, String), Configured>,
    accounts: Mutex<Accounts>,
    /// How many orders each that is no vendor's may have under way.
    places: Mutex<BTreeMap<String, Arc<Semaphore>>>,
}

/// An engine as show.toml describes it.
#[derive(Debug)]
struct Configured {
    spec: EngineSpec,
    key: Option<Secret>,
    /// Where the key was looked for.
    looked: String,
    /// What one stands in that is no vendor's.
    around: Surroundings,
}

impl Engines {
    /// Adds an engine; its key was looked for in `looked`.
    pub fn add(
        &mut self,
        (makes, name): (Capability, &str),
        spec: EngineSpec,
        (key, looked): (Option<Secret>, String),
        around: Surroundings,
    ) {
        let configured = Configured {
            spec,
            key,
            looked,
            around,
        };
        self.described.insert((makes, name.to_owned()), configured);
    }

    /// From here on vendors that do so are told where to call when a job has ended.
    pub fn hear_by(&self, webhooks: Arc<Webhooks>) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.hear_by(webhooks);
    }

    /// The engine that is a model: the named one, or for a pinned take the one that made it.
    pub fn find(&self, makes: Capability, model: &Model) -> Result<EnginePool, StepError> {
        let (_, found) = self.configured(makes, model)?;
        self.ready(makes, found)
    }

    /// The same of one that is no vendor's; nothing where it is a vendor's.
    pub(super) fn own(&self, makes: Capability, model: &Model) -> Result<Option<Own>, StepError> {
        let Some(way) = Way::find(&model.vendor) else {
            return Ok(None);
        };
        let (name, found) = self.configured(makes, model)?;
        let account = format!("engines.{}.{name}", makes.table());
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let places = places.entry(account.clone()).or_insert_with(|| {
            let at_once = found.spec.at_once.unwrap_or(1);
            Arc::new(Semaphore::new(at_once as usize))
        });
        let (key, places) = (found.key.clone(), Arc::clone(places));
        let own = Own::new(
            (way, makes),
            &found.spec,
            &found.around,
            (&account, key),
            places,
        );
        own.map(Some).map_err(|error| missing(&error))
    }

    fn configured(
        &self,
        makes: Capability,
        model: &Model,
    ) -> Result<(&str, &Configured), StepError> {
        let fits =
            |one: &Configured| one.spec.vendor == model.vendor && one.spec.model == model.model;
        // Conversations are had with the engines of lines.
        let table = makes.table();
        let others = self.described.iter();
        let others = others.filter(|(key, _)| key.0.table() == table);
        let mut fitting = others.filter(|(_, one)| fits(one));
        let found = fitting.clone().find(|(key, _)| key.1 == model.engine);
        let found = found.or_else(|| fitting.next());
        let Some(((_, name), found)) = found else {
            let message = format!(
                "show.toml has no engine for `{}` of `{}`",
                model.model, model.vendor
            );
            let hint = format!(
                "describe it in `[engines.{}]`, or let go of the pinned take",
                makes.table()
            );
            return Err(StepError::permanent(message).hint(hint));
        };
        Ok((name, found))
    }

    /// An engine by its account and model, as a job of the ledger has them, at the server that the job went to.
    pub fn of_job(
        &self,
        (account, model): (&str, &str),
        server: Option<&str>,
    ) -> Result<Engine, StepError> {
        let all = self.described.iter();
        let found = all
            .filter(|(_, one)| one.spec.model == model)
            .filter(|(_, one)| format!("{} by {}", one.spec.vendor, one.looked) == account);
        for ((makes, _), found) in found.clone() {
            let pool = self.ready(*makes, found)?;
            if pool.go_back(server) {
                return Ok(pool.here().clone());
            }
        }
        if found.count() == 0 {
            let message = format!(
                "show.toml has no engine with the model `{model}` and the key of `{account}`"
            );
            return Err(StepError::permanent(message).hint("describe it in `[engines]` again"));
        }
        let message = match server {
            Some(server) => format!("the job went to `{server}`, which show.toml no longer names"),
            None => "nobody wrote down to which server the job went".to_owned(),
        };
        Err(StepError::permanent(message).hint("put its address back, into `url` or `urls`"))
    }

    fn ready(&self, makes: Capability, found: &Configured) -> Result<EnginePool, StepError> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let Configured {
            spec, key, looked, ..
        } = found;
        accounts
            .pool(makes, spec, (key.clone(), looked))
            .map_err(|error| missing(&error))
    }
}

/// An engine that a person must see to.
fn missing(error: &NoEngine) -> StepError {
    StepError::waiting("outside.no-engine", error.to_string()).hint(error.hint())
}
