//! Several servers that do the same, of which each order goes to one.
//!
//! Orders are given out first come, first served, each when a server has a place for it: to one that has the
//! model in memory where there is one, else to the one with the least to do, by our own count and by what the
//! server says. A server that does not answer gets none, and one that lately failed an order only where no
//! other is up. Where an order went is written down before it is sent, and all that is asked about it is asked
//! there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::{join_all, select_all};
use tokio::sync::{Mutex as AsyncMutex, OwnedSemaphorePermit};
use tokio::time::Instant;

use crate::engine::{Engine, is_model};
use crate::error::CallError;
use crate::layers::limit::Place;
use crate::layers::load::is_own_fault;

/// Held by whoever chooses among servers.
pub(crate) type Turn = Arc<AsyncMutex<()>>;

/// How long is waited for a place before servers are looked at again.
const LOOK: Duration = Duration::from_secs(1);

/// A place among those who get one next; given back when it is dropped.
#[derive(Debug)]
pub struct Next {
    _permit: Option<OwnedSemaphorePermit>,
}

/// The servers of an engine, and where an order of it is.
#[derive(Debug)]
pub struct EnginePool {
    engines: Vec<Engine>,
    turn: Turn,
    /// The server of this order.
    here: AtomicUsize,
    /// Whether the order went there before.
    is_back: AtomicBool,
}

impl EnginePool {
    /// The servers of an engine; nothing where there are none.
    pub(crate) fn new(engines: Vec<Engine>, turn: Turn) -> Option<Self> {
        (!engines.is_empty()).then(|| Self {
            engines,
            turn,
            here: AtomicUsize::new(0),
            is_back: AtomicBool::new(false),
        })
    }

    /// The engine at the server where the order is; the first one before it is anywhere.
    pub fn here(&self) -> &Engine {
        &self.engines[self.here.load(Ordering::SeqCst)]
    }

    /// All of them.
    pub fn engines(&self) -> &[Engine] {
        &self.engines
    }

    /// How many jobs they have at once.
    pub fn at_once(&self) -> u32 {
        self.engines.iter().map(Engine::at_once).sum()
    }

    /// How many of them have a place now.
    pub fn held(&self) -> u32 {
        self.engines.iter().map(Engine::held).sum()
    }

    /// Whether places are soon free again. Where an order goes must be known before it is written down, so
    /// that among several servers nothing is done ahead of its turn.
    pub fn is_quick(&self) -> bool {
        self.engines.len() == 1 && self.here().is_quick()
    }

    /// A place among those who get one next; among several servers the turn to choose takes its part.
    pub async fn next(&self) -> Option<Next> {
        let permit = match self.engines.as_slice() {
            [only] => Some(only.next().await?),
            _ => None,
        };
        Some(Next { _permit: permit })
    }

    /// Goes back to the server that an order went to; `false` where it is none of these, or where nobody
    /// knows which of several it was.
    pub fn go_back(&self, server: Option<&str>) -> bool {
        let found = match server {
            Some(url) => self.engines.iter().position(|engine| engine.url() == url),
            None => (self.engines.len() == 1).then_some(0),
        };
        let Some(found) = found else {
            return false;
        };
        self.here.store(found, Ordering::SeqCst);
        self.is_back.store(true, Ordering::SeqCst);
        true
    }

    /// Goes to any server again.
    pub fn go_anywhere(&self) {
        self.is_back.store(false, Ordering::SeqCst);
    }

    /// A place at a server: where an order went, there; else at the best one that has a place.
    pub async fn place(&self, model: &str) -> Option<Place> {
        if self.is_back.load(Ordering::SeqCst) || self.engines.len() == 1 {
            return self.here().place().await;
        }
        let place = {
            let _turn = self.turn.lock().await;
            self.chosen(model).await
        };
        match place {
            Some(place) => Some(self.here().account_of().limits().in_turn(place).await),
            // Nobody is up: the order fails at this one, and says why.
            None => self.here().place().await,
        }
    }

    /// A place at the best server; nothing where none is up.
    async fn chosen(&self, model: &str) -> Option<Place> {
        loop {
            let ranked = self.ranked(model).await;
            if ranked.is_empty() {
                self.here.store(self.least_failed(), Ordering::SeqCst);
                return None;
            }
            for at in &ranked {
                let limits = self.engines[*at].account_of().limits();
                if let Some(place) = limits.free_place() {
                    self.here.store(*at, Ordering::SeqCst);
                    return Some(place);
                }
            }
            let freed = ranked
                .iter()
                .map(|at| Box::pin(self.engines[*at].account_of().limits().freed()));
            // One that was down may be up by then.
            let _ = tokio::time::timeout(LOOK, select_all(freed)).await;
        }
    }

    /// The servers that an order may go to, the best first.
    async fn ranked(&self, model: &str) -> Vec<usize> {
        let loads = join_all(self.engines.iter().map(Engine::load)).await;
        let now = Instant::now();
        let mut up = Vec::new();
        for (at, (engine, load)) in self.engines.iter().zip(loads).enumerate() {
            let Some(load) = load else {
                continue;
            };
            let is_shunned = engine.account_of().standing().is_shunned(now);
            let is_resident = load.resident.iter().any(|name| is_model(name, model));
            let depth = load.jobs.max(engine.held());
            up.push(((is_shunned, !is_resident, depth), at));
        }
        up.sort_unstable();
        let best = up.first().map(|((is_shunned, ..), _)| *is_shunned);
        up.retain(|((is_shunned, ..), _)| Some(*is_shunned) == best);
        up.into_iter().map(|(_, at)| at).collect()
    }

    /// Where none is up, one that is not left alone may be asked at least.
    fn least_failed(&self) -> usize {
        let rests = |engine: &Engine| engine.account_of().rests();
        let found = self.engines.iter().position(|engine| !rests(engine));
        found.unwrap_or_default()
    }

    /// Whether another server may take an order that this one certainly did not.
    pub fn may_take_elsewhere(&self, error: &CallError) -> bool {
        let now = Instant::now();
        let others = self.engines.iter().filter(|engine| {
            let account = engine.account_of();
            !account.rests() && !account.standing().is_shunned(now)
        });
        error.is_certain() && is_own_fault(error) && others.count() > 0
    }

    /// Whether the order's server is gone, what it makes costs nothing, and others can make it.
    pub fn is_lost(&self) -> bool {
        self.engines.len() > 1 && self.here().is_free() && self.here().account_of().rests()
    }
}
