//! How many steps of a pool run at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use workprint_model::step::Pool;

/// The limits of a run.
#[derive(Debug, Clone)]
pub struct Pools {
    jobs: usize,
    cpu: Arc<Semaphore>,
    gpu: Arc<Semaphore>,
    network: Arc<Semaphore>,
}

impl Pools {
    /// `jobs` steps on the CPU at once (at least one), one on the graphics card; elsewhere as many as
    /// memory holds, for each account has its own limit.
    pub fn new(jobs: usize) -> Self {
        let jobs = jobs.clamp(1, 1024);
        Self {
            jobs,
            cpu: Arc::new(Semaphore::new(jobs)),
            gpu: Arc::new(Semaphore::new(1)),
            network: Arc::new(Semaphore::new(256)),
        }
    }

    /// How many steps run on the CPU at once.
    pub(crate) const fn jobs(&self) -> usize {
        self.jobs
    }

    /// Waits for a place; it is given back when the permit is dropped.
    pub(crate) async fn enter(&self, pool: Pool) -> Option<OwnedSemaphorePermit> {
        let semaphore = match pool {
            Pool::Cpu => &self.cpu,
            Pool::Gpu => &self.gpu,
            Pool::Network => &self.network,
        };
        Arc::clone(semaphore).acquire_owned().await.ok()
    }
}
