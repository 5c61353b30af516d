//! What stands around every vendor, and in none of their files: how many are asked at once and how often
//! ([`limit`]), when an account is left alone ([`breaker`]), what is asked again ([`retry`]), and that an
//! error inside a reply of status 200 is one.
//!
//! An order that costs money is sent once ([`Account::order`]); questions about it are asked again
//! ([`Account::ask`]).

pub mod breaker;
pub mod limit;
pub mod load;
pub mod retry;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Mutex as AsyncMutex, OnceCell};
use tokio::time::Instant;

use self::breaker::Breaker;
use self::limit::Limits;
use self::load::Standing;
use crate::error::CallError;
use crate::http::{Http, Join, Reply, Request};
use crate::order::Known;

/// What a vendor's reply of status 200 complains of, if it does.
pub type Complaint = fn(&Reply) -> Option<String>;
/// What a vendor's reply of another status says, in words, where it is JSON.
pub type Explain = fn(&Value) -> Option<String>;

/// An account at a vendor: all that is asked of it goes through here.
#[derive(Debug)]
pub struct Account {
    vendor: String,
    http: Http,
    limits: Limits,
    breaker: Breaker,
    complaint: Complaint,
    explain: Explain,
    models: OnceCell<Vec<Known>>,
    standing: Standing,
    /// What its calls to us are signed with, and when it was asked for that.
    signs: AsyncMutex<Option<(Instant, Arc<Value>)>>,
}

/// How long a vendor's answer to that is kept, how large it may be, and how long it may take.
const SIGNS: Duration = Duration::from_hours(1);
const MOST_SIGNS: usize = 64 << 10;
const SIGNS_WAIT: Duration = Duration::from_secs(5);

impl Account {
    /// An account that is asked over `http`.
    pub fn new(
        vendor: &str,
        http: Http,
        limits: Limits,
        (complaint, explain): (Complaint, Explain),
    ) -> Self {
        Self {
            vendor: vendor.to_owned(),
            http,
            limits,
            breaker: Breaker::default(),
            complaint,
            explain,
            models: OnceCell::new(),
            standing: Standing::default(),
            signs: AsyncMutex::default(),
        }
    }

    /// The models that the server has, once it was asked.
    pub(crate) fn models(&self) -> &OnceCell<Vec<Known>> {
        &self.models
    }

    /// How it stands among servers that do the same.
    pub(crate) fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Whether it is left alone now.
    pub(crate) fn rests(&self) -> bool {
        self.breaker.rests(Instant::now())
    }

    /// How much is asked at once, and how often.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Where it is asked.
    pub fn url(&self) -> String {
        self.http.url()
    }

    /// Whether anybody answers there.
    pub(crate) async fn reach(&self) -> Result<(), CallError> {
        self.http.reach().await
    }

    /// Hears what the server tells over a WebSocket.
    pub async fn listen(&self, path: &str, heard: impl FnMut(&str) -> bool) {
        self.http.listen(path, heard).await;
    }

    /// Sends what costs money: once, whatever comes of it, and at once, for its place came with its turn
    /// ([`Limits::place`]).
    pub(crate) async fn order(
        &self,
        request: &Request,
        join: Option<Join>,
    ) -> Result<Reply, CallError> {
        let reply = self.send_joined(request, join).await;
        self.standing.ordered(reply.as_ref().err(), Instant::now());
        reply
    }

    /// Asks what costs nothing, again where that may help.
    pub async fn ask(&self, request: &Request) -> Result<Reply, CallError> {
        self.again(request, true).await
    }

    /// What the vendor's calls to us are signed with: what the first of these questions that is answered says. Asked once an
    /// hour, and past the rest of a failing account, which this says nothing of.
    pub(crate) async fn signs_with(&self, questions: &[Request]) -> Result<Arc<Value>, CallError> {
        let mut known = self.signs.lock().await;
        if let Some((at, keys)) = known.as_ref()
            && at.elapsed() < SIGNS
        {
            return Ok(Arc::clone(keys));
        }
        let mut answer = Err(CallError::Cancelled);
        for question in questions {
            let question = question.clone().within(MOST_SIGNS, SIGNS_WAIT);
            answer = self.http.send(&question).await;
            if answer.is_ok() {
                break;
            }
        }
        let keys = Arc::new(answer?.json()?);
        *known = Some((Instant::now(), Arc::clone(&keys)));
        Ok(keys)
    }

    /// The same of a file, which counts for none of the requests that the account may send.
    pub(crate) async fn fetch(&self, request: &Request) -> Result<Reply, CallError> {
        self.again(request, false).await
    }

    async fn again(&self, request: &Request, counts: bool) -> Result<Reply, CallError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            if counts {
                self.limits.turn().await;
            }
            let error = match self.send(request).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            match retry::wait(&error, attempt) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(error),
            }
        }
    }

    pub(crate) async fn send(&self, request: &Request) -> Result<Reply, CallError> {
        self.send_joined(request, None).await
    }

    async fn send_joined(&self, request: &Request, join: Option<Join>) -> Result<Reply, CallError> {
        self.breaker
            .enter(Instant::now())
            .map_err(|(failures, left)| {
                let left = left.max(Duration::from_millis(1));
                let vendor = self.vendor.clone();
                CallError::Resting {
                    vendor,
                    failures,
                    left,
                }
            })?;
        let reply = match join {
            Some(join) => self.http.gather(request, join).await,
            None => self.http.send(request).await,
        };
        let failed = reply.as_ref().is_err_and(breaker::is_failure);
        self.breaker.leave(failed, Instant::now());
        let reply = reply.map_err(|error| self.explained(error))?;
        match (self.complaint)(&reply) {
            Some(text) => Err(CallError::Complaint {
                url: reply.url,
                text: text.chars().take(300).collect(),
            }),
            None => Ok(reply),
        }
    }

    /// A refusal in the vendor's own words rather than its format.
    fn explained(&self, error: CallError) -> CallError {
        let CallError::Refused {
            url,
            status,
            text,
            body,
            after,
        } = error
        else {
            return error;
        };
        let body: Option<Value> = serde_json::from_str(&body).ok();
        let words = body.as_ref().and_then(self.explain);
        let words = words.map(|words| words.chars().take(1000).collect());
        CallError::Refused {
            url,
            status,
            text: words.unwrap_or(text),
            body: String::new(),
            after,
        }
    }
}
