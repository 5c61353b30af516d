//! Why a call to somebody else's server did not give what was asked for.

use std::path::PathBuf;
use std::time::Duration;

use crate::guard::NotAllowed;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a call failed. No text of it holds a key.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The address may not be asked.
    #[error("`{url}` cannot be asked: {why}")]
    Address {
        /// The address.
        url: String,
        /// Why.
        why: NotAllowed,
    },
    /// Nobody answers there: nothing was sent.
    #[error("`{url}` does not answer")]
    Down {
        /// The address.
        url: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// The connection broke before the reply was whole.
    #[error("`{url}` broke off")]
    Broken {
        /// The address.
        url: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// No whole reply came in time.
    #[error("`{url}` gave no whole answer within {} s", limit.as_secs())]
    Slow {
        /// The address.
        url: String,
        /// How long was waited.
        limit: Duration,
    },
    /// More came back than is taken.
    #[error("`{url}` sent more than {most} bytes")]
    TooLarge {
        /// The address.
        url: String,
        /// How many are taken.
        most: usize,
    },
    /// The server sends on to another one.
    #[error("`{url}` sends on to another address, which is not followed")]
    Elsewhere {
        /// The address.
        url: String,
    },
    /// The server refuses.
    #[error("`{url}` refuses with status {status}: {text}")]
    Refused {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What it says, or the beginning of that.
        text: String,
        /// The reply itself, until it is explained.
        body: String,
        /// When it may be asked again, where it says so.
        after: Option<Duration>,
    },
    /// The server says in a reply of status 200 that it failed.
    #[error("`{url}` says: {text}")]
    Complaint {
        /// The address.
        url: String,
        /// What it says.
        text: String,
    },
    /// The reply is not what the server's documentation promises.
    #[error("`{url}` sent {what}")]
    Unexpected {
        /// The address.
        url: String,
        /// What came instead, and what was expected.
        what: String,
    },
    /// The account is left alone for a while, because call after call failed.
    #[error("`{vendor}` failed {failures} times on end and is left alone for {} s", left.as_secs().max(1))]
    Resting {
        /// The vendor.
        vendor: String,
        /// How often it failed.
        failures: u32,
        /// How long yet.
        left: Duration,
    },
    /// The order cannot be handed in as it is.
    #[error("{what}")]
    Order {
        /// What is wrong with it.
        what: String,
        /// What to do.
        hint: &'static str,
    },
    /// What an order needs could not be sent before it, so that the order itself was not.
    #[error(transparent)]
    Before(Box<Self>),
    /// A program of one's own failed.
    #[error("{text}")]
    Program {
        /// How, and its last lines.
        text: String,
    },
    /// A server that is talked to did not do its part.
    #[error("{text}")]
    Server {
        /// What it did or said instead.
        text: String,
        /// What to do.
        hint: &'static str,
        /// Whether it certainly made nothing.
        certain: bool,
    },
    /// A file of the order could not be read or written.
    #[error("`{}` cannot be read or written", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A person stopped the run.
    #[error("stopped")]
    Cancelled,
}

impl CallError {
    /// The same of what is sent before an order.
    pub(crate) fn before(self) -> Self {
        if self.is_certain() {
            return self;
        }
        Self::Before(Box::new(self))
    }

    /// Whether it is certain that the server did not take what was sent, so that it may be sent again
    /// without being paid twice.
    ///
    /// A status of 500 and above is not certain, for what stands before a server may say so after the
    /// server took it; but 503 with `Retry-After` is (RFC 9110, 15.6.4: it is not able to handle the
    /// request), and so is 529, by which vendors say that they are overloaded.
    pub const fn is_certain(&self) -> bool {
        match self {
            Self::Address { .. }
            | Self::Down { .. }
            | Self::Elsewhere { .. }
            | Self::Complaint { .. }
            | Self::Order { .. }
            | Self::Before(_)
            | Self::Program { .. }
            | Self::File { .. }
            | Self::Resting { .. } => true,
            Self::Server { certain, .. } => *certain,
            Self::Refused { status, after, .. } => {
                *status < 500 && *status != 408
                    || *status == 503 && after.is_some()
                    || *status == 529
            }
            Self::Broken { .. }
            | Self::Slow { .. }
            | Self::TooLarge { .. }
            | Self::Unexpected { .. }
            | Self::Cancelled => false,
        }
    }

    /// Whether another engine may be asked for what this one certainly did not take, for a reason of its own: nobody
    /// is there, it is left alone, nothing is left to pay with, it has no such model or no room.
    ///
    /// That is less than [`Self::is_certain`]: what is refused for what it asks is not carried on to others, and a
    /// status that may speak of an earlier order, as 409 does, or of another address is no reason to order again.
    pub const fn is_own(&self) -> bool {
        match self {
            Self::Down { .. } | Self::Resting { .. } | Self::Before(_) => true,
            Self::Refused { status, after, .. } => {
                matches!(*status, 401..=404 | 429 | 529) || *status == 503 && after.is_some()
            }
            _ => false,
        }
    }

    /// Whether the same may go well later.
    pub const fn is_temporary(&self) -> bool {
        match self {
            Self::Down { .. } | Self::Broken { .. } | Self::Slow { .. } | Self::Resting { .. } => {
                true
            }
            Self::Refused { status, .. } => {
                matches!(*status, 408 | 409 | 425 | 429 | 500 | 502..=504 | 520..=529)
            }
            Self::Before(error) => error.is_temporary(),
            _ => false,
        }
    }

    /// When it may be asked again, where that is known.
    pub const fn after(&self) -> Option<Duration> {
        match self {
            Self::Refused { after, .. } => *after,
            Self::Resting { left, .. } => Some(*left),
            Self::Before(error) => error.after(),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Address { .. } => {
                "give the address of a public server over `https://`, or of one's own network"
            }
            Self::Down { .. } => {
                "see whether the server runs and the network is up, or change its `url` in show.toml"
            }
            Self::Refused {
                status: 401 | 403, ..
            } => {
                "see whether the key is right and may do this, and whether its account is in good standing"
            }
            Self::Refused { status: 402, .. } => {
                "see the vendor's account: it has nothing left to pay with"
            }
            Self::Refused { status: 404, .. } => {
                "see whether the vendor has the model, and whether `url` is right"
            }
            Self::Refused {
                status: 400 | 422, ..
            }
            | Self::Complaint { .. } => "change the prompt, or what else the vendor names",
            Self::Unexpected { .. } | Self::Elsewhere { .. } => {
                "see whether `url` is that of the vendor itself"
            }
            Self::Order { hint, .. } | Self::Server { hint, .. } => hint,
            Self::Before(error) => error.hint(),
            Self::Program { .. } => {
                "run the program by hand with these arguments, and see what it says"
            }
            Self::File { .. } => "see whether the disk has room and the folder may be written",
            _ => "run again later",
        }
    }
}
