//! How many chunks a graphics card encodes at once: cards for consumers refuse more than a few.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::cancel::Cancel;
use crate::error::{MediaError, Result};

/// The oldest driver's limit; a card is not faster with more.
const MOST: usize = 3;

/// The places of all clones of a [`crate::Media`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Sessions(Arc<(Mutex<usize>, Condvar)>);

/// A place; it is given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Session(Sessions);

impl Sessions {
    /// Waits for a place.
    pub(crate) fn enter(&self, cancel: &Cancel) -> Result<Session> {
        let (taken, left) = &*self.0;
        // A count stays right whoever panicked while holding it: places are given back by drop.
        let mut count = taken.lock().unwrap_or_else(PoisonError::into_inner);
        while *count >= MOST {
            if cancel.is_cancelled() {
                return Err(MediaError::Cancelled);
            }
            let waited = left.wait_timeout(count, Duration::from_millis(100));
            count = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *count += 1;
        Ok(Session(self.clone()))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let (taken, left) = &*self.0.0;
        *taken.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_given_back_and_waiting_can_be_stopped() {
        let (sessions, cancel) = (Sessions::default(), Cancel::default());
        let mut held: Vec<Session> = (0..MOST)
            .map(|_| sessions.enter(&cancel).unwrap())
            .collect();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| sessions.enter(&cancel).is_ok());
            held.pop();
            assert!(waiting.join().unwrap());
        });
        held.push(sessions.enter(&cancel).unwrap());
        cancel.cancel();
        assert!(sessions.enter(&cancel).is_err());
    }
}
