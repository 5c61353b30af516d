//! The engines of a show that are asked elsewhere.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use workprint_engine::StepError;
use workprint_model::show::EngineSpec;
use workprint_providers::engine::Engine;
use workprint_providers::order::Capability;
use workprint_providers::secret::Secret;
use workprint_providers::vendors::Accounts;

use super::Model;

/// A show's engines, and the keys of their accounts.
#[derive(Debug, Default)]
pub struct Engines {
    engines: BTreeMap<(Capability, String), Configured>,
    accounts: Mutex<Accounts>,
}

/// An engine as show.toml describes it.
#[derive(Debug)]
struct Configured {
    spec: EngineSpec,
    key: Option<Secret>,
    /// Where the key was looked for.
    looked: String,
}

impl Engines {
    /// Adds an engine; its key was looked for in `looked`.
    pub fn add(
        &mut self,
        (makes, name): (Capability, &str),
        spec: EngineSpec,
        key: Option<Secret>,
        looked: String,
    ) {
        let configured = Configured { spec, key, looked };
        self.engines.insert((makes, name.to_owned()), configured);
    }

    /// The engine that is a model: the named one, or for a pinned take the one that made it.
    pub fn find(&self, makes: Capability, model: &Model) -> Result<Engine, StepError> {
        let fits =
            |one: &&Configured| one.spec.vendor == model.vendor && one.spec.model == model.model;
        let named = self.engines.get(&(makes, model.engine.clone()));
        let mut others = self.engines.iter().filter(|(key, _)| key.0 == makes);
        let found = named.filter(fits);
        let found = found.or_else(|| others.find_map(|(_, one)| Some(one).filter(fits)));
        let Some(found) = found else {
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
        self.ready(makes, found)
    }

    /// An engine by its name, vendor and model, as a job of the ledger has them.
    pub fn of_job(&self, account: &str, model: &str) -> Result<Engine, StepError> {
        let all = self.engines.iter();
        let found = all
            .filter(|(_, one)| one.spec.model == model)
            .find(|(_, one)| format!("{} by {}", one.spec.vendor, one.looked) == account);
        let Some(((makes, _), found)) = found else {
            let message = format!(
                "show.toml has no engine with the model `{model}` and the key of `{account}`"
            );
            return Err(StepError::permanent(message).hint("describe it in `[engines]` again"));
        };
        self.ready(*makes, found)
    }

    fn ready(&self, makes: Capability, found: &Configured) -> Result<Engine, StepError> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let Configured { spec, key, looked } = found;
        accounts
            .engine(makes, spec, key.clone(), looked)
            .map_err(|error| {
                let hint = error.hint();
                StepError::waiting("outside.no-engine", error.to_string()).hint(hint)
            })
    }
}
