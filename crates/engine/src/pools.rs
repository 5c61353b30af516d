//! How many steps of a pool run at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use workprint_model::step::Pool;

const GPU_PLACES: u32 = 1;
const NETWORK_PLACES: u32 = 256;

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
            gpu: Arc::new(Semaphore::new(GPU_PLACES as usize)),
            network: Arc::new(Semaphore::new(NETWORK_PLACES as usize)),
        }
    }

    /// How many steps run on the CPU at once.
    pub(crate) const fn jobs(&self) -> usize {
        self.jobs
    }

    /// Waits for places, all of the pool's where it has not as many; they are given back when the permit
    /// is dropped.
    pub(crate) async fn enter(&self, pool: Pool, places: u32) -> Option<OwnedSemaphorePermit> {
        let (semaphore, all) = match pool {
            Pool::Cpu => (&self.cpu, self.jobs as u32),
            Pool::Gpu => (&self.gpu, GPU_PLACES),
            Pool::Network => (&self.network, NETWORK_PLACES),
        };
        let places = places.clamp(1, all);
        Arc::clone(semaphore).acquire_many_owned(places).await.ok()
    }
}
