//! How a server stands among others that do the same: what it says that it has to do, and whether it lately
//! failed an order.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::CallError;

/// What a server said is believed for this long.
const FRESH: Duration = Duration::from_secs(1);
/// A server that failed an order is the last choice for this long.
const SHUNNED: Duration = Duration::from_secs(30);

/// What a server says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Load {
    /// How many jobs it has, whoever gave it them; 0 where it does not tell.
    pub jobs: u32,
    /// The models that it has in memory.
    pub resident: Vec<String>,
}

/// What came of asking a server that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// It did not answer.
    Nothing,
    /// It said this.
    This(Load),
}

/// How a server stands.
#[derive(Debug, Default)]
pub(crate) struct Standing(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// What it said last, and when.
    said: Option<(Instant, Said)>,
    failed: Option<Instant>,
}

impl Standing {
    /// What it said lately; nothing where it must be asked.
    pub(crate) fn said(&self, now: Instant) -> Option<Said> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, said) = state.said.as_ref()?;
        (now.duration_since(*at) < FRESH).then(|| said.clone())
    }

    /// It said this now.
    pub(crate) fn says(&self, said: Said, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.said = Some((now, said));
    }

    /// How an order went. One that was refused for what it asks says nothing of the server.
    pub(crate) fn ordered(&self, error: Option<&CallError>, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match error {
            None => state.failed = None,
            Some(error) if is_own_fault(error) => state.failed = Some(now),
            Some(_) => {}
        }
    }

    /// Whether an order lately failed, and none went well since.
    pub(crate) fn is_shunned(&self, now: Instant) -> bool {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state
            .failed
            .is_some_and(|at| now.duration_since(at) < SHUNNED)
    }
}

/// Whether another server may take what this one did not.
pub(crate) fn is_own_fault(error: &CallError) -> bool {
    match error {
        CallError::Down { .. }
        | CallError::Broken { .. }
        | CallError::Slow { .. }
        | CallError::Resting { .. }
        | CallError::Elsewhere { .. }
        | CallError::Unexpected { .. } => true,
        CallError::Refused { status, .. } => !matches!(*status, 400 | 413 | 422),
        CallError::Before(error) => is_own_fault(error),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16) -> CallError {
        CallError::Refused {
            url: String::new(),
            status,
            text: String::new(),
            body: String::new(),
            after: None,
        }
    }

    #[test]
    fn a_server_that_fails_an_order_is_shunned_until_one_goes_well_or_half_a_minute_passed() {
        let (standing, begin) = (Standing::default(), Instant::now());
        let later = |seconds| begin + Duration::from_secs(seconds);
        standing.ordered(Some(&refused(400)), begin);
        assert!(!standing.is_shunned(begin), "the order is at fault");
        for status in [401, 404, 429, 500, 503] {
            standing.ordered(Some(&refused(status)), begin);
            assert!(standing.is_shunned(later(29)), "{status}");
            assert!(!standing.is_shunned(later(30)), "{status}");
            standing.ordered(None, begin);
            assert!(!standing.is_shunned(begin), "{status}");
        }
    }

    #[test]
    fn what_a_server_said_is_believed_for_a_second() {
        let (standing, begin) = (Standing::default(), Instant::now());
        assert_eq!(standing.said(begin), None);
        let load = Load {
            jobs: 3,
            ..Load::default()
        };
        let later = |ms| begin + Duration::from_millis(ms);
        for said in [Said::Nothing, Said::This(load)] {
            standing.says(said.clone(), begin);
            assert_eq!(standing.said(later(999)), Some(said));
            assert_eq!(standing.said(later(1000)), None);
        }
    }
}
