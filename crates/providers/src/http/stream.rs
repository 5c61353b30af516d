//! Replies that are read while they come.

use reqwest::Response;
use reqwest::header::CONTENT_TYPE;

use super::{Http, Reply, Request, broken, shown};
use crate::error::CallError;

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

    /// The rest of a reply, as [`Http::send`] gives it.
    pub(crate) async fn rest(&self, open: Open, most: usize) -> Result<Reply, CallError> {
        self.receive(open.response, &open.url, most).await
    }
}

impl Open {
    /// Whether this is a stream of events, as servers send them.
    pub(crate) fn is_events(&self) -> bool {
        let is = self.response.status().is_success();
        is && self
            .header(CONTENT_TYPE.as_str())
            .map(str::to_ascii_lowercase)
            .is_some_and(|media_type| media_type.starts_with("text/event-stream"))
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
