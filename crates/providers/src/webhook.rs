//! What vendors call to say: that a job may have ended. They are told an address of ours with the order.
//!
//! A call is a hint to ask now, and nothing else: nothing in it is taken for a result. It is heard all the same only at an
//! address that nobody can guess, and where the vendor's signature is right, so that nobody else makes us ask.
//! [`Webhooks`] knows who waits for which call, and opens no connection: whoever serves HTTP shows it first where a call came
//! to ([`Webhooks::at`]), and then what it is ([`Knock::hear`]).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::Url;
use reqwest::header::HeaderMap;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::Value;
use tokio::sync::{Notify, mpsc};

use crate::error::CallError;
use crate::guard::is_loopback;
use crate::http::Request;
use crate::layers::Account;

/// The most bytes that a call may have.
pub const MOST_CALLED: usize = 4 << 20;
/// How far its time may be from ours, in seconds.
const APART: u64 = 300;
/// How many refusals are kept until they are told.
const MOST_UNTOLD: usize = 64;

/// How a vendor is told where to call, and how its calls are known.
pub trait Webhook: fmt::Debug + Send + Sync {
    /// Tells it, with an order.
    fn name(&self, request: &mut Request, hook: &Hook);
    /// Asks the server at this address for what its calls are signed with, one of these after the other; none where they
    /// are not signed, or by what it was told.
    fn keys(&self, url: &str) -> Vec<Request> {
        let _ = url;
        Vec::new()
    }
    /// Why a call is not its own; that it came to the right address is known. Vendors that sign nothing say nothing.
    fn check(&self, call: &Call<'_>) -> Result<(), &'static str> {
        let _ = call;
        Ok(())
    }
}

/// Where a vendor calls about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// The address.
    pub url: String,
    /// What it may be told to send along: what only it and we know.
    pub token: String,
}

/// A call, as it came.
#[derive(Debug)]
pub struct Call<'a> {
    headers: &'a HeaderMap,
    /// Its body.
    pub body: &'a [u8],
    /// What [`Webhook::keys`] were answered with.
    pub keys: &'a Value,
    /// Seconds since 1970.
    now: i64,
    secret: &'a hmac::Key,
    order: &'a str,
}

impl Call<'_> {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The time in a header, where it is about now: an old call may be somebody's who saw it.
    pub fn time(&self, name: &str) -> Result<&str, &'static str> {
        let text = self.header(name).ok_or(UNSIGNED)?;
        let at: i64 = text.parse().map_err(|_| UNSIGNED)?;
        if at.abs_diff(self.now) > APART {
            return Err("it is more than five minutes old, or a clock is wrong");
        }
        Ok(text)
    }

    /// Whether a header holds the order's own token.
    pub fn has_token(&self, name: &str) -> Result<(), &'static str> {
        let token = self.header(name).ok_or(UNSIGNED)?;
        let is_own = proves(self.secret, TOKEN, self.order, token);
        is_own.then_some(()).ok_or(FORGED)
    }

    /// Holds it against a signature as Standard Webhooks has it, by a secret that begins with `whsec_`.
    pub fn is_signed_with(&self, secret: &str) -> Result<(), &'static str> {
        let id = self.header("webhook-id").ok_or(UNSIGNED)?;
        let time = self.time("webhook-timestamp")?;
        let signatures = self.header("webhook-signature").ok_or(UNSIGNED)?;
        let secret = secret.strip_prefix("whsec_").unwrap_or(secret);
        let secret = BASE64.decode(secret).map_err(|_| "its key is none")?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let signed = [format!("{id}.{time}.").as_bytes(), self.body].concat();
        let of = |one: &str| BASE64.decode(one.strip_prefix("v1,")?).ok();
        let mut given = signatures.split(' ').filter_map(of);
        let is_right = given.any(|tag| hmac::verify(&key, &signed, &tag).is_ok());
        is_right.then_some(()).ok_or(FORGED)
    }
}

/// What is said of a call without a signature.
pub(crate) const UNSIGNED: &str = "it is not signed";
/// What is said of one with another's.
pub(crate) const FORGED: &str = "its signature is wrong";

/// What an address proves, and what a token does.
const ADDRESS: &str = "address";
const TOKEN: &str = "token";

fn proof(secret: &hmac::Key, of: &str, order: &str) -> String {
    let tag = hmac::sign(secret, format!("{of} {order}").as_bytes());
    hex::encode(tag)
}

/// The same, looked at in a time that says nothing of how much is right.
fn proves(secret: &hmac::Key, of: &str, order: &str, given: &str) -> bool {
    let tag = hex::decode(given).unwrap_or_default();
    hmac::verify(secret, format!("{of} {order}").as_bytes(), &tag).is_ok()
}

/// Why an address is none that vendors can call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAddress {
    /// No URL of a server.
    #[error("it is no address of a server")]
    None,
    /// More than a place.
    #[error("it holds a name, a password, a query or a fragment")]
    More,
    /// HTTP to somewhere else.
    #[error("over plain `http://` only this machine itself may be called")]
    Plain,
}

/// Why a call was not heard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotHeard {
    /// It came to an address that is none of ours.
    #[error("a call came to an address that no order of this show has")]
    Address,
    /// It is not the vendor's.
    #[error("a call about an order at {vendor} was not heard: {why}")]
    Forged {
        /// The vendor.
        vendor: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// It is too large.
    #[error(
        "a call about an order at {vendor} was not heard: it has more than {MOST_CALLED} bytes"
    )]
    TooLarge {
        /// The vendor.
        vendor: &'static str,
    },
    /// Nobody knows what it must be signed with.
    #[error(
        "a call about an order at {vendor} was not heard: nobody says what it must be signed with: {why}"
    )]
    NoKeys {
        /// The vendor.
        vendor: &'static str,
        /// Why.
        why: String,
    },
}

impl NotHeard {
    /// The HTTP status that the caller is answered with.
    const fn status(&self) -> u16 {
        match self {
            Self::Address => 404,
            Self::Forged { .. } => 401,
            Self::TooLarge { .. } => 413,
            Self::NoKeys { .. } => 503,
        }
    }
}

/// Calls that were not heard, as they come.
pub type Refusals = mpsc::Receiver<NotHeard>;

/// Somebody who waits for a call.
#[derive(Debug)]
struct Waiting {
    of: Of,
    called: Notify,
}

/// Who calls: the vendor's name, its way and the account.
pub(crate) type Of = (&'static str, &'static dyn Webhook, Arc<Account>);

/// Where vendors call, and who waits for it.
pub struct Webhooks {
    address: String,
    secret: hmac::Key,
    /// Milliseconds since 1970.
    now: Box<dyn Fn() -> i64 + Send + Sync>,
    waiting: Mutex<BTreeMap<String, Arc<Waiting>>>,
    refused: mpsc::Sender<NotHeard>,
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Webhooks {
    /// Bytes of chance for a secret; nothing where the machine gives none.
    pub fn chance() -> Option<[u8; 32]> {
        let mut secret = [0; 32];
        SystemRandom::new().fill(&mut secret).ok()?;
        Some(secret)
    }

    /// Whether vendors can call at an address.
    pub fn check(address: &str) -> Result<(), NoAddress> {
        let is_plain = address.bytes().all(|byte| byte.is_ascii_graphic());
        let url = Url::parse(address).ok().filter(|_| is_plain);
        let url = url.ok_or(NoAddress::None)?;
        let is_bare = url.username().is_empty() && url.password().is_none();
        if !is_bare || url.query().is_some() || url.fragment().is_some() {
            return Err(NoAddress::More);
        }
        match url.scheme() {
            _ if url.host_str().is_none_or(str::is_empty) => Err(NoAddress::None),
            "https" => Ok(()),
            "http" if is_loopback(&url) => Ok(()),
            "http" => Err(NoAddress::Plain),
            _ => Err(NoAddress::None),
        }
    }

    /// Calls to addresses below `address`, each of which only who knows the secret can make. `now` tells the time in
    /// milliseconds since 1970.
    pub fn new(
        address: &str,
        secret: &[u8; 32],
        now: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> Result<(Arc<Self>, Refusals), NoAddress> {
        Self::check(address)?;
        let (refused, refusals) = mpsc::channel(MOST_UNTOLD);
        let new = Self {
            address: address.trim_end_matches('/').to_owned(),
            secret: hmac::Key::new(hmac::HMAC_SHA256, secret),
            now: Box::new(now),
            waiting: Mutex::default(),
            refused,
        };
        Ok((Arc::new(new), refusals))
    }

    /// Where calls about an order come to. From here on they are heard.
    pub(crate) fn hook(&self, order: &str, of: Of) -> Hook {
        drop(self.waits(order, of));
        let proof_of = |what| proof(&self.secret, what, order);
        Hook {
            url: format!("{}/{order}.{}", self.address, proof_of(ADDRESS)),
            token: proof_of(TOKEN),
        }
    }

    /// Waits for a call about an order.
    pub(crate) async fn called(&self, order: &str, of: Of) {
        self.waits(order, of).called.notified().await;
    }

    fn waits(&self, order: &str, of: Of) -> Arc<Waiting> {
        let mut all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let called = Notify::new();
            Arc::new(Waiting { of, called })
        };
        Arc::clone(all.entry(order.to_owned()).or_insert_with(new))
    }

    /// About which order a call to a path is, before anything more of it is read; else the status that it is answered
    /// with. What stands before the last part of the path is a proxy's matter.
    pub fn at(&self, path: &str) -> Result<Knock<'_>, u16> {
        let last = path.rsplit('/').next().unwrap_or_default();
        let parts = last.split_once('.');
        let own = parts.filter(|(order, tag)| proves(&self.secret, ADDRESS, order, tag));
        let Some((order, _)) = own else {
            return Err(self.refuse(NotHeard::Address));
        };
        let all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Knock {
            webhooks: self,
            order: order.to_owned(),
            waiting: all.get(order).cloned(),
        })
    }

    fn refuse(&self, why: NotHeard) -> u16 {
        let status = why.status();
        // Where more came than can be told, enough is told.
        drop(self.refused.try_send(why));
        status
    }
}

/// A call to an address of ours.
#[derive(Debug)]
pub struct Knock<'a> {
    webhooks: &'a Webhooks,
    order: String,
    waiting: Option<Arc<Waiting>>,
}

impl Knock<'_> {
    /// Hears the call: who waits for it asks the vendor now. The status that it is answered with. One that comes late, or
    /// again, does nothing.
    pub async fn hear(self, headers: &HeaderMap, body: &[u8]) -> u16 {
        let Some(waiting) = &self.waiting else {
            return 200;
        };
        let (vendor, webhook, account) = &waiting.of;
        let keys = match keys(*webhook, account).await {
            Ok(keys) => keys,
            Err(error) => {
                let why = error.to_string();
                return self.webhooks.refuse(NotHeard::NoKeys { vendor, why });
            }
        };
        let call = Call {
            headers,
            body,
            keys: &keys,
            now: (self.webhooks.now)() / 1000,
            secret: &self.webhooks.secret,
            order: &self.order,
        };
        match webhook.check(&call) {
            Ok(()) => {
                waiting.called.notify_one();
                200
            }
            Err(why) => self.webhooks.refuse(NotHeard::Forged { vendor, why }),
        }
    }

    /// Refuses a call that is larger than [`MOST_CALLED`].
    pub fn too_large(self) -> u16 {
        match self.waiting {
            None => 200,
            Some(waiting) => {
                let vendor = waiting.of.0;
                self.webhooks.refuse(NotHeard::TooLarge { vendor })
            }
        }
    }
}

/// What a vendor signs its calls with.
async fn keys(webhook: &dyn Webhook, account: &Account) -> Result<Arc<Value>, CallError> {
    let questions = webhook.keys(&account.url());
    if questions.is_empty() {
        return Ok(Arc::default());
    }
    account.signs_with(&questions).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signed by another program.
    #[test]
    fn a_signature_of_standard_webhooks_is_read_as_it_is_written() {
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let check = |signature: &str, body: &str, now: i64| {
            let mut headers = HeaderMap::new();
            headers.insert("webhook-id", "msg_1".parse().unwrap());
            headers.insert("webhook-timestamp", "1700000000".parse().unwrap());
            headers.insert("webhook-signature", signature.parse().unwrap());
            let call = Call {
                headers: &headers,
                body: body.as_bytes(),
                keys: &Value::Null,
                now,
                secret: &secret,
                order: "x",
            };
            call.is_signed_with("whsec_YSBzZWNyZXQgdGhhdCBub2JvZHkga25vd3MgaGVyZSE=")
        };
        let right = "v1,5Ol0XOZG3e/XhlB0vLuWJewlUdtzpM0wufBIYJ1Hv44=";
        let body = "{\"id\":\"p1\"}";
        assert_eq!(check(right, body, 1_700_000_010), Ok(()));
        assert_eq!(
            check(&format!("v1a,x {right}"), body, 1_699_999_990),
            Ok(())
        );
        assert_eq!(check(right, "{\"id\":\"p2\"}", 1_700_000_010), Err(FORGED));
        assert!(check(right, body, 1_700_000_301).is_err());
        for bad in ["", "v1,", "v2,5Ol0XOZG3e/XhlB0vLuWJewlUdtzpM0wufBIYJ1Hv44="] {
            assert_eq!(check(bad, body, 1_700_000_010), Err(FORGED), "{bad}");
        }
    }
}
