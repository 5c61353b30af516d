//! How often an account is asked, and how many jobs it has at once.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// Where a place is free again so soon, it pays to be ready for it before one has it.
const QUICK: Duration = Duration::from_secs(1);

/// The limits of one account.
#[derive(Debug)]
pub struct Limits {
    rate: DefaultDirectRateLimiter,
    places: Arc<Semaphore>,
    next: Arc<Semaphore>,
    at_once: u32,
    quick: Arc<AtomicBool>,
}

/// A place among an account's jobs; given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
    since: Instant,
    quick: Arc<AtomicBool>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let quick = self.since.elapsed() < QUICK;
        self.quick.store(quick, Ordering::Relaxed);
    }
}

impl Limits {
    /// `per_minute` requests a minute, as many of them at once; `at_once` jobs under way. Both at least one.
    pub fn new(per_minute: u32, at_once: u32) -> Self {
        let some = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let at_once = at_once.clamp(1, 1000);
        let semaphore = |places: u32| Arc::new(Semaphore::new(places as usize));
        Self {
            rate: RateLimiter::direct(Quota::per_minute(some(per_minute))),
            places: semaphore(at_once),
            next: semaphore(at_once.div_ceil(2)),
            at_once,
            quick: Arc::default(),
        }
    }

    /// `requests` in a time, whenever that begins: half of them at once, the others evenly.
    pub fn within(requests: u32, time: Duration) -> Self {
        let half = NonZeroU32::new(requests / 2).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(time / half.get());
        let quota = quota.unwrap_or(Quota::per_minute(half)).allow_burst(half);
        Self {
            rate: RateLimiter::direct(quota),
            ..Self::new(1, 1)
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

    /// Waits, first come, first served, until another job may be under way, and its order be sent; it is
    /// until the place is dropped. What was written down before the order is sent is then not older than
    /// it looks.
    pub async fn place(&self) -> Option<Place> {
        let permit = Arc::clone(&self.places).acquire_owned().await.ok()?;
        Some(self.in_turn(self.taken(permit)).await)
    }

    /// A place that is free now; its order may not be sent yet ([`Self::in_turn`]).
    pub(crate) fn free_place(&self) -> Option<Place> {
        let permit = Arc::clone(&self.places).try_acquire_owned().ok()?;
        Some(self.taken(permit))
    }

    /// Waits until there is a free place, and leaves it to others.
    pub(crate) async fn freed(&self) {
        drop(self.places.acquire().await);
    }

    /// Waits until the order of a place may be sent.
    pub(crate) async fn in_turn(&self, mut place: Place) -> Place {
        self.turn().await;
        place.since = Instant::now();
        place
    }

    fn taken(&self, permit: OwnedSemaphorePermit) -> Place {
        Place {
            _permit: permit,
            since: Instant::now(),
            quick: Arc::clone(&self.quick),
        }
    }

    /// Waits, first come, first served, to be one of those who get a place next: half as many as there are
    /// places.
    pub async fn next(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.next).acquire_owned().await.ok()
    }

    /// Whether the place that was given back last was taken for less than a second.
    pub fn is_quick(&self) -> bool {
        self.quick.load(Ordering::Relaxed)
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
        let third = tokio::time::timeout(Duration::from_millis(5), limits.place());
        assert!(third.await.is_err());
        drop(first);
        assert!(limits.place().await.is_some());
    }

    #[tokio::test]
    async fn half_as_many_as_there_are_places_are_next() {
        let limits = Limits::new(600, 3);
        let (first, second) = (limits.next().await, limits.next().await);
        assert!(first.is_some() && second.is_some());
        let third = tokio::time::timeout(Duration::from_millis(5), limits.next());
        assert!(third.await.is_err());
        drop(first);
        assert!(limits.next().await.is_some());
    }

    #[tokio::test]
    async fn an_account_is_as_quick_as_its_last_job() {
        let limits = Limits::new(600, 2);
        assert!(!limits.is_quick(), "nobody knows yet");
        for (taken, quick) in [(0, true), (1000, false), (50, true)] {
            let mut place = limits.place().await.unwrap();
            place.since -= Duration::from_millis(taken);
            drop(place);
            assert_eq!(limits.is_quick(), quick, "{taken} ms");
        }
    }

    #[tokio::test]
    async fn no_time_has_more_requests_than_it_may() {
        let limits = Limits::within(7, Duration::from_hours(1));
        for _ in 0..3 {
            let turn = tokio::time::timeout(Duration::from_millis(5), limits.turn());
            assert!(turn.await.is_ok());
        }
        let fourth = tokio::time::timeout(Duration::from_millis(5), limits.turn());
        assert!(fourth.await.is_err(), "the others come evenly");
    }

    #[tokio::test]
    async fn requests_wait_for_their_minute() {
        let limits = Limits::new(2, 1);
        let place = limits.place().await;
        limits.turn().await;
        drop(place);
        let order = tokio::time::timeout(Duration::from_millis(5), limits.place());
        assert!(order.await.is_err(), "an order within a minute");
        let third = tokio::time::timeout(Duration::from_millis(5), limits.turn());
        assert!(third.await.is_err(), "a third within a minute");
    }
}
