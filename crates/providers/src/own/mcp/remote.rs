//! A server that runs already, spoken to over Streamable HTTP: a request for each message, and an answer or a stream of
//! events for each request.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use super::MOST_MESSAGE;
use super::message::Message;
use super::stdio::too_long;
use crate::error::CallError;
use crate::http::{Events, Http, Key, Open, Request};
use crate::own::Own;

/// How long a server may take to begin an answer that it has to give at once.
const SHORT: Duration = Duration::from_secs(30);
/// How long it may take to be told that nothing more is wanted.
const LEAVE: Duration = Duration::from_secs(2);
/// The longest name of a session.
const MOST_SESSION: usize = 1024;
/// The header of it.
const SESSION: &str = "mcp-session-id";

/// The server.
#[derive(Debug)]
pub(super) struct Remote {
    http: Http,
    url: String,
    own: Own,
    session: Option<String>,
    /// The version that requests name, once one is agreed upon.
    pub(super) version: Option<String>,
    stream: Option<Stream>,
    /// Messages that came whole.
    ready: VecDeque<Message>,
}

/// Events that come.
#[derive(Debug)]
struct Stream {
    open: Open,
    events: Events,
}

impl Remote {
    /// The server of an engine.
    pub(super) fn new(own: &Own, url: &str) -> Result<Self, CallError> {
        let key = own.key.as_ref().map(|secret| Key {
            header: "authorization",
            before: "Bearer ",
            secret: secret.clone(),
        });
        Ok(Self {
            http: Http::new(url, key.as_ref())?,
            url: url.to_owned(),
            own: own.clone(),
            session: None,
            version: None,
            stream: None,
            ready: VecDeque::new(),
        })
    }

    /// What is asked besides over HTTP.
    pub(super) const fn http(&self) -> &Http {
        &self.http
    }

    fn request(&self, message: &Value, headers: &[(String, String)], limit: Duration) -> Request {
        let mut request = Request::post("", message.clone()).within(MOST_MESSAGE, limit);
        // The address as it stands: one that ends with `/` may be another.
        request.target = crate::http::Target::Named(self.url.clone());
        let mut add = |name: Cow<'static, str>, value: String| request.headers.push((name, value));
        add(
            "accept".into(),
            "application/json, text/event-stream".to_owned(),
        );
        if let Some(version) = &self.version {
            add("mcp-protocol-version".into(), version.clone());
        }
        if let Some(session) = &self.session {
            add(SESSION.into(), session.clone());
        }
        for (name, value) in headers {
            add(name.clone().into(), header_value(value));
        }
        request
    }

    /// Sends a request of ours; what comes of it is heard.
    pub(super) async fn ask(
        &mut self,
        message: &Value,
        headers: &[(String, String)],
        limit: Duration,
    ) -> Result<(), CallError> {
        (self.stream, self.ready) = (None, VecDeque::new());
        let open = self
            .http
            .open(&self.request(message, headers, limit))
            .await?;
        if let Some(session) = open.header(SESSION) {
            let session: String = session.chars().take(MOST_SESSION).collect();
            self.session = Some(session);
        }
        if open.is_events() {
            let events = Events::new(MOST_MESSAGE);
            self.stream = Some(Stream { open, events });
            return Ok(());
        }
        let reply = match self.http.rest(open, MOST_MESSAGE).await {
            // Errors of the protocol come with a status of their own.
            Err(CallError::Refused {
                status: 400 | 404,
                body,
                ..
            }) if matches!(
                Message::read(body.as_bytes()),
                Some(Message::Reply(_, Err(_)))
            ) =>
            {
                self.ready.extend(Message::read(body.as_bytes()));
                return Ok(());
            }
            reply => reply?,
        };
        let message = Message::read(&reply.body);
        let message = message.ok_or_else(|| reply.unexpected("an answer of MCP"))?;
        self.ready.push_back(message);
        Ok(())
    }

    /// Says something that has no answer.
    pub(super) async fn say(&mut self, message: &Value) -> Result<(), CallError> {
        let request = self.request(message, &[], SHORT);
        self.http.send(&request).await.map(drop)
    }

    /// The next message; nothing where the answer ended.
    pub(super) async fn hear(&mut self) -> Result<Option<Message>, CallError> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                return Ok(Some(message));
            }
            let Some(stream) = &mut self.stream else {
                return Ok(None);
            };
            let Some(part) = stream.open.more().await? else {
                self.stream = None;
                return Ok(None);
            };
            for event in stream.events.add(&part).ok_or_else(too_long)? {
                let event = self.own.without_key(event);
                // An event of another kind, or an empty one to begin with, is no message.
                self.ready.extend(Message::read(event.as_bytes()));
            }
        }
    }

    /// Takes leave: closing what is still open is how a request is taken back.
    pub(super) async fn end(&mut self, last: Option<Value>) {
        self.stream = None;
        let last = last.map(|last| self.request(&last, &[], LEAVE));
        let gone = self.session.as_ref().map(|_| {
            let mut gone = self.request(&Value::Null, &[], LEAVE);
            (gone.method, gone.body) = (reqwest::Method::DELETE, None);
            gone
        });
        for request in last.into_iter().chain(gone) {
            // It ends by itself, sooner or later.
            drop(self.http.send(&request).await);
        }
    }
}

/// A value as a header holds it: in base64 where it would not survive as it is.
fn header_value(value: &str) -> String {
    let plain = value
        .bytes()
        .all(|byte| byte == b' ' || byte.is_ascii_graphic());
    let marked = value.starts_with("=?base64?") && value.ends_with("?=");
    if plain && !marked && value.trim() == value {
        value.to_owned()
    } else {
        format!("=?base64?{}?=", BASE64.encode(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_headers_hold_no_other_header() {
        for (value, wanted) in [
            ("draw", "draw"),
            ("Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="),
            (" padded ", "=?base64?IHBhZGRlZCA=?="),
            ("line1\nline2", "=?base64?bGluZTEKbGluZTI=?="),
            ("=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
        ] {
            assert_eq!(header_value(value), wanted);
        }
    }
}
