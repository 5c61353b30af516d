//! When a question that costs nothing is asked again.

use std::time::Duration;

use crate::error::CallError;

/// How often a question is asked.
const ATTEMPTS: u32 = 5;
/// The longest wait in between. Who asks for more is asked again by the next attempt of the step, which is
/// written down.
const LONGEST: Duration = Duration::from_secs(20);

/// How long to wait after this attempt, counted from 1, before the next; nothing where there is none.
/// Half a second, doubled each time, or what the server asks for.
pub(crate) fn wait(error: &CallError, attempt: u32) -> Option<Duration> {
    if attempt >= ATTEMPTS || !error.is_temporary() {
        return None;
    }
    let doubled = Duration::from_millis(500 << (attempt - 1).min(10));
    let wait = error.after().unwrap_or(doubled);
    (wait <= LONGEST).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, after: Option<u64>) -> CallError {
        CallError::Refused {
            url: String::new(),
            status,
            text: String::new(),
            body: String::new(),
            after: after.map(Duration::from_secs),
        }
    }

    #[test]
    fn what_may_pass_is_asked_again_and_what_is_wrong_is_not() {
        let seconds = |error: &CallError, attempt| wait(error, attempt).map(|w| w.as_secs_f64());
        for status in [408, 429, 500, 502, 503, 504] {
            let error = refused(status, None);
            let waits = [1, 2, 3, 4, 5].map(|attempt| seconds(&error, attempt));
            let wanted = [Some(0.5), Some(1.0), Some(2.0), Some(4.0), None];
            assert_eq!(waits, wanted, "{status}");
        }
        for status in [400, 401, 402, 403, 404, 422, 501] {
            assert_eq!(wait(&refused(status, None), 1), None, "{status}");
        }
        assert_eq!(seconds(&refused(429, Some(7)), 1), Some(7.0));
        assert_eq!(wait(&refused(429, Some(600)), 1), None);
    }

    #[test]
    fn only_what_was_certainly_not_taken_may_be_sent_again() {
        for (status, after, certain) in [
            (400, None, true),
            (402, None, true),
            (408, None, false),
            (429, None, true),
            (500, None, false),
            (502, Some(1), false),
            (503, None, false),
            (503, Some(1), true),
            (504, None, false),
        ] {
            assert_eq!(
                refused(status, after).is_certain(),
                certain,
                "{status} {after:?}"
            );
        }
    }

    #[test]
    fn others_are_asked_only_where_a_server_certainly_took_nothing_for_a_reason_of_its_own() {
        for (status, after, own) in [
            (303, None, false),
            (400, None, false),
            (401, None, true),
            (402, None, true),
            (403, None, true),
            (404, None, true),
            (408, None, false),
            (409, None, false),
            (413, None, false),
            (422, None, false),
            (429, None, true),
            (451, None, false),
            (500, None, false),
            (502, Some(1), false),
            (503, None, false),
            (503, Some(1), true),
            (504, None, false),
            (529, None, true),
        ] {
            let error = refused(status, after);
            assert_eq!(error.is_own(), own, "{status} {after:?}");
            assert!(!own || error.is_certain(), "{status} {after:?}");
        }
        let url = String::new;
        let limit = Duration::from_secs(1);
        let slow = || CallError::Slow { url: url(), limit };
        assert!(!slow().is_own());
        // What goes before an order is none.
        assert!(slow().before().is_own() && slow().before().is_certain());
        let what = String::new();
        assert!(!CallError::Unexpected { url: url(), what }.is_own());
        assert!(!CallError::Elsewhere { url: url() }.is_own());
    }
}
