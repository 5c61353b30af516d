//! How often a job is asked for: first soon, then ever more seldom; and much more seldom where the vendor calls when it may
//! have ended.

use std::time::Duration;

use crate::External;

/// The first pause between two questions, and the longest.
pub(crate) const FIRST_POLL: Duration = Duration::from_millis(300);
pub(crate) const LAST_POLL: Duration = Duration::from_secs(3);
/// The same about a job that the vendor calls about: a call may get lost.
const FIRST_NET: Duration = Duration::from_secs(10);
const LAST_NET: Duration = Duration::from_mins(1);

/// How long is waited before a job is asked for again.
pub(crate) struct Rhythm {
    /// The next pause where nobody calls. Calls shorten no pause below it, so that however many come, the vendor is
    /// asked no more often than without them.
    least: Duration,
    /// The next pause of one that the vendor calls about.
    net: Option<Duration>,
}

impl Rhythm {
    /// Of a job that nobody promised to call about.
    pub(crate) const fn asking() -> Self {
        Self {
            least: FIRST_POLL,
            net: None,
        }
    }

    /// Of a job that was just handed in.
    pub(crate) fn of(call: &impl External) -> Self {
        Self {
            net: call.is_called().then_some(FIRST_NET),
            ..Self::asking()
        }
    }

    /// Waits for the next time to ask.
    pub(crate) async fn pause(&mut self, call: &impl External, key: &str) {
        let (least, most) = (self.least, self.net.unwrap_or(self.least));
        self.least = (least * 2).min(LAST_POLL);
        self.net = self.net.map(|net| (net * 2).min(LAST_NET));
        let called = async {
            tokio::time::sleep(least).await;
            call.called(key).await;
        };
        tokio::select! {
            () = tokio::time::sleep(most) => {}
            // It ends about now, though the vendor may not know it everywhere yet.
            () = called => self.net = None,
        }
    }
}
