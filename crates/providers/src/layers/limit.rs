//! How often an account is asked, and how many jobs it has at once.

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The limits of one account.
#[derive(Debug)]
pub struct Limits {
    rate: DefaultDirectRateLimiter,
    places: Arc<Semaphore>,
    at_once: u32,
}

impl Limits {
    /// `per_minute` requests a minute, as many of them at once; `at_once` jobs under way. Both at least one.
    pub fn new(per_minute: u32, at_once: u32) -> Self {
        let some = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let at_once = at_once.clamp(1, 1000);
        Self {
            rate: RateLimiter::direct(Quota::per_minute(some(per_minute))),
            places: Arc::new(Semaphore::new(at_once as usize)),
            at_once,
        }
    }

    /// How many jobs may be under way.
    pub const fn at_once(&self) -> u32 {
        self.at_once
    }

    /// How many have a place.
    pub fn held(&self) -> u32 {
        self.at_once - self.places.available_permits() as u32
    }

    /// Waits until another request may be sent.
    pub(crate) async fn turn(&self) {
        self.rate.until_ready().await;
    }

    /// Waits, first come, first served, until another job may be under way; it is until the place is
    /// dropped.
    pub async fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_more_are_under_way_than_may_be() {
        let limits = Limits::new(600, 2);
        let (first, second) = (limits.place().await, limits.place().await);
        assert!(first.is_some() && second.is_some());
        let third = tokio::time::timeout(std::time::Duration::from_millis(5), limits.place());
        assert!(third.await.is_err());
        drop(first);
        assert!(limits.place().await.is_some());
    }

    #[tokio::test]
    async fn requests_wait_for_their_minute() {
        let limits = Limits::new(2, 1);
        let two = async {
            limits.turn().await;
            limits.turn().await;
        };
        two.await;
        let third = tokio::time::timeout(std::time::Duration::from_millis(5), limits.turn());
        assert!(third.await.is_err(), "a third within a minute");
    }
}
