//! Leaving an account alone when call after call fails.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::CallError;

/// So many failures on end, and the account is left alone.
const FAILURES: u32 = 5;
/// For this long; then one call is let through to see.
const REST: Duration = Duration::from_secs(30);

/// Whether calls of an account go through.
#[derive(Debug, Default)]
pub struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    rests_until: Option<Instant>,
}

/// Whether the server, and not what it was asked, is at fault.
pub(crate) fn is_failure(error: &CallError) -> bool {
    match error {
        CallError::Down { .. } | CallError::Broken { .. } | CallError::Slow { .. } => true,
        CallError::Refused { status, .. } => *status >= 500,
        _ => false,
    }
}

impl Breaker {
    /// Lets a call through, or says how often calls failed and how long yet the account rests.
    pub(crate) fn enter(&self, now: Instant) -> Result<(), (u32, Duration)> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.rests_until {
            Some(until) if until > now => Err((state.failures, until - now)),
            // Whoever comes first tries; the others rest on until it is known how that went.
            Some(_) => {
                state.rests_until = Some(now + REST);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Whether no call goes through now.
    pub(crate) fn rests(&self, now: Instant) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.rests_until.is_some_and(|until| until > now)
    }

    /// Tells how a call went.
    pub(crate) fn leave(&self, failed: bool, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if failed {
            state.failures = state.failures.saturating_add(1);
            if state.failures >= FAILURES {
                state.rests_until = Some(now + REST);
            }
        } else {
            *state = State::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_on_end_make_an_account_rest_and_one_success_ends_it() {
        let (breaker, begin) = (Breaker::default(), Instant::now());
        let later = |seconds| begin + Duration::from_secs(seconds);
        for _ in 0..4 {
            breaker.enter(begin).unwrap();
            breaker.leave(true, begin);
        }
        breaker.leave(false, begin);
        for _ in 0..5 {
            breaker.enter(begin).unwrap();
            breaker.leave(true, begin);
        }
        assert_eq!(breaker.enter(later(10)), Err((5, Duration::from_secs(20))));
        breaker.enter(later(31)).unwrap();
        assert!(breaker.enter(later(31)).is_err(), "a second one tries too");
        breaker.leave(true, later(32));
        assert!(breaker.enter(later(60)).is_err());
        breaker.enter(later(63)).unwrap();
        breaker.leave(false, later(63));
        breaker.enter(later(63)).unwrap();
        breaker.enter(later(63)).unwrap();
    }
}
