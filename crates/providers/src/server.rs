//! Servers of one's own network that speak, asked from a thread of their own.

use std::future::Future;
use std::time::Duration;

use serde_json::Value;
use workprint_media::Cancel;

use crate::error::CallError;
use crate::http::{Http, Request};
use crate::speech::SpeechError;

/// How long a server may take to speak a line.
const ANSWER: Duration = Duration::from_mins(10);
/// How soon a stopped run's request ends.
const LOOK: Duration = Duration::from_millis(20);

/// A server's address.
#[derive(Debug)]
pub(crate) struct Server {
    url: String,
    http: Http,
}

impl Server {
    /// Finds a server of this machine or of a private network.
    pub(crate) fn find(url: &str) -> Result<Self, SpeechError> {
        if !url.starts_with("http://") {
            return Err(SpeechError::Address {
                url: url.to_owned(),
                why: "it does not begin with `http://`".to_owned(),
            });
        }
        let http = Http::new(url, None).map_err(|error| said(url, error))?;
        let url = url.to_owned();
        Ok(Self { url, http })
    }

    /// The address as it was given.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Asks for a path below the address; with a body, posts JSON. The reply's body, which has at most
    /// `most` bytes. Blocks.
    pub(crate) fn ask(
        &self,
        path: &str,
        body: Option<&Value>,
        most: usize,
        cancel: &Cancel,
    ) -> Result<Vec<u8>, SpeechError> {
        let request = match body {
            Some(body) => Request::post(path, body.clone()),
            None => Request::get(path),
        };
        let request = request.within(most, ANSWER);
        let stopped = async {
            while !cancel.is_cancelled() {
                tokio::time::sleep(LOOK).await;
            }
        };
        let asked = async {
            tokio::select! {
                reply = self.http.send(&request) => reply,
                () = stopped => Err(CallError::Cancelled),
            }
        };
        let reply = wait(asked).and_then(|reply| reply);
        reply
            .map(|reply| reply.body)
            .map_err(|error| said(&self.url, error))
    }
}

/// What a future comes to, from a thread that may block.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> Result<T, CallError> {
    if let Ok(handle) = tokio::runtime::Handle::try_current() {
        return Ok(handle.block_on(future));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|source| CallError::Down {
        url: String::new(),
        source: Box::new(source),
    })?;
    Ok(runtime.block_on(future))
}

fn said(server: &str, error: CallError) -> SpeechError {
    let url = server.to_owned();
    match error {
        CallError::Address { why, .. } => SpeechError::Address {
            url,
            why: why.to_string(),
        },
        CallError::Refused { status, text, .. } => SpeechError::Refused { url, status, text },
        CallError::TooLarge { most, .. } => SpeechError::TooLarge { url, most },
        CallError::Cancelled => SpeechError::Cancelled,
        CallError::Down { source, .. } | CallError::Broken { source, .. } => SpeechError::Down {
            url,
            source: std::io::Error::other(source),
        },
        other => SpeechError::Down {
            url,
            source: std::io::Error::other(other),
        },
    }
}
