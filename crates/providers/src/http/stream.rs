//! Replies that are read while they come.

use std::io::{Error, ErrorKind};
use std::time::Duration;

use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;
use tokio::time::Instant;

use super::events::{Join, Joined, Parts};
use super::{Http, Reply, Request, broken, shown};
use crate::error::CallError;

/// How many times its limit an answer may take that comes in parts, each of which has the limit.
const LONGEST: u32 = 6;
/// What some vendors send as the last part.
const DONE: &str = "[DONE]";

/// A reply whose body has yet to come. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Open {
    url: String,
    response: Response,
}

impl Http {
    /// Sends a request and takes the beginning of its reply, whatever its status.
    pub(crate) async fn open(&self, request: &Request) -> Result<Open, CallError> {
        let url = self.locate(&request.target)?;
        let shown = shown(&url);
        let started = tokio::time::timeout(request.limit, self.start(request, url)).await;
        let response = started.unwrap_or_else(|_| {
            Err(CallError::Slow {
                url: shown.clone(),
                limit: request.limit,
            })
        })?;
        let url = shown;
        Ok(Open { url, response })
    }

    /// Whether anybody answers at the server's address, whatever they answer.
    pub async fn reach(&self) -> Result<(), CallError> {
        self.open(&Request::get("")).await.map(drop)
    }

    /// Sends a request and puts the parts together in which its reply may come; one that comes whole is taken as
    /// [`Http::send`] takes it. One that ends before it is whole is broken off.
    pub(crate) async fn gather(&self, request: &Request, join: Join) -> Result<Reply, CallError> {
        let begun = Instant::now();
        let mut open = self.open(request).await?;
        let slow = |url: &str, limit: Duration| CallError::Slow {
            url: url.to_owned(),
            limit,
        };
        let Some(mut parts) = open.parts(request.most) else {
            let url = open.url.clone();
            let rest = tokio::time::timeout(request.limit, self.rest(open, request.most)).await;
            return rest.unwrap_or_else(|_| Err(slow(&url, request.limit)));
        };
        let too_large = |url: &str| CallError::TooLarge {
            url: url.to_owned(),
            most: request.most,
        };
        let (mut whole, mut taken, mut came) = (Value::Null, 0, Joined::More);
        while came != Joined::Last {
            let left = (request.limit * LONGEST).saturating_sub(begun.elapsed());
            let more = tokio::time::timeout(request.limit.min(left), open.more()).await;
            let Some(bytes) = more.map_err(|_| slow(&open.url, begun.elapsed()))?? else {
                break;
            };
            taken += bytes.len();
            let all = parts.add(&bytes).filter(|_| taken <= request.most);
            for part in all.ok_or_else(|| too_large(&open.url))? {
                if came == Joined::Last || part == DONE {
                    came = Joined::Last;
                    break;
                }
                let part = serde_json::from_str(&part).map_err(|_| CallError::Unexpected {
                    url: open.url.clone(),
                    what: "a part of its answer that is no JSON".to_owned(),
                })?;
                came = join(&mut whole, &part);
            }
        }
        if came == Joined::More {
            let early = Error::new(
                ErrorKind::UnexpectedEof,
                "the answer ended before it was whole",
            );
            return Err(CallError::Broken {
                url: open.url,
                source: Box::new(early),
            });
        }
        Ok(Reply {
            status: open.response.status().as_u16(),
            url: open.url,
            media_type: "application/json".to_owned(),
            body: self.without_key(whole.to_string().into_bytes()),
        })
    }

    /// The rest of a reply, as [`Http::send`] gives it.
    pub(crate) async fn rest(&self, open: Open, most: usize) -> Result<Reply, CallError> {
        self.receive(open.response, &open.url, most).await
    }
}

impl Open {
    /// Whether this is a stream of events, as servers send them.
    pub(crate) fn is_events(&self) -> bool {
        matches!(self.parts(0), Some(Parts::Events(_)))
    }

    /// The parts in which it comes, each of so many bytes at most; nothing where it comes whole.
    fn parts(&self, most: usize) -> Option<Parts> {
        let media_type = self.header(CONTENT_TYPE.as_str())?.split(';').next()?;
        let media_type = media_type.trim().to_ascii_lowercase();
        Parts::of(&media_type, most).filter(|_| self.response.status().is_success())
    }

    /// A header of it.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// More of its body; nothing at the end.
    pub(crate) async fn more(&mut self) -> Result<Option<Vec<u8>>, CallError> {
        let part = self.response.chunk().await;
        let part = part.map_err(|error| broken(self.url.clone(), error))?;
        Ok(part.map(|part| part.to_vec()))
    }
}
