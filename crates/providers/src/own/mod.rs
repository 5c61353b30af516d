//! Engines that are no vendor's server: a program of the user's own, a tool of an MCP server, somebody who is handed
//! a bundle.
//!
//! An [`Own`] is one of a show, ready to be asked. What it is told is filled into the templates of its
//! description ([`asked`]).

mod asked;
mod command;
mod hand_off;
mod mcp;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use workprint_model::Money;
use workprint_model::outside::{EngineSpec, Way};

pub use self::asked::Asked;
pub use self::hand_off::{Given, awaited, returned};
use crate::order::{Capability, Order, Usage};
use crate::secret::Secret;
use crate::vendors::{NoEngine, Unit};

/// Who is told how far something is, in thousandths.
pub type Tell<'a> = &'a (dyn Fn(u16) + Send + Sync);

/// What an engine stands in: the show's folder, and what the machine has.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The show's folder.
    pub root: PathBuf,
    /// The user's own folder.
    pub home: PathBuf,
    /// The file of its program, where it has one and that is there.
    pub program: Option<PathBuf>,
    /// Variables of the environment that programs do not get: they hold keys.
    pub hidden: Vec<String>,
}

impl Surroundings {
    /// A path of show.toml: from the show's folder, or from the user's own.
    pub fn locate(&self, path: &str) -> PathBuf {
        match path.strip_prefix("~/") {
            Some(rest) => self.home.join(rest),
            None => self.root.join(path),
        }
    }
}

/// An engine of a show that is no vendor's.
#[derive(Debug, Clone)]
pub struct Own {
    way: Way,
    makes: Capability,
    spec: EngineSpec,
    around: Surroundings,
    key: Option<Secret>,
    account: String,
    price: Unit,
    places: Arc<Semaphore>,
}

impl Own {
    /// What is wrong with an engine of these ways that a show describes. What stands in its settings is
    /// checked with the manifest.
    pub fn check(way: Way, makes: Capability) -> Result<(), NoEngine> {
        match makes {
            Capability::Image | Capability::Video => Ok(()),
            _ => Err(NoEngine::Cannot {
                vendor: way.name(),
                makes,
            }),
        }
    }

    /// An engine, ready to be asked; `account` names it in the ledger, `places` are shared by all that are
    /// it.
    pub fn new(
        (way, makes): (Way, Capability),
        spec: &EngineSpec,
        around: &Surroundings,
        (account, key): (&str, Option<Secret>),
        places: Arc<Semaphore>,
    ) -> Result<Self, NoEngine> {
        Self::check(way, makes)?;
        let starts = way == Way::Command || way == Way::Mcp && spec.url.is_none();
        if starts && around.program.is_none() {
            return Err(NoEngine::Program {
                name: spec.command.first().cloned().unwrap_or_default(),
            });
        }
        Ok(Self {
            way,
            makes,
            spec: spec.clone(),
            around: around.clone(),
            key,
            account: account.to_owned(),
            price: price(makes, spec),
            places,
        })
    }

    /// The way.
    pub const fn way(&self) -> Way {
        self.way
    }

    /// Its name in the ledger.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Whether it costs nothing, so that it may be asked again when nobody knows what came of it.
    pub fn is_free(&self) -> bool {
        self.price == Unit::Free
    }

    /// What an order costs.
    pub fn cost(&self, order: &Order) -> Money {
        self.price.charge(order, &Usage::default())
    }

    /// A place among its orders.
    pub async fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    /// The media type of what was made, by how it begins.
    pub fn media_type(&self, start: &[u8]) -> Option<&'static str> {
        self.makes.media_type(start)
    }
}

/// What an engine costs that is no vendor's: nothing, unless the show says otherwise.
pub(crate) fn price(makes: Capability, spec: &EngineSpec) -> Unit {
    match (spec.price, makes) {
        (None, _) => Unit::Free,
        (Some(each), Capability::Video) => Unit::Second(each.money().micros),
        (Some(each), _) => Unit::Each(each.money().micros),
    }
}
