//! What is said to a server and what it answers, whichever way it is spoken to.

use std::time::Duration;

use serde_json::{Value, json};

use super::message::{
    GREETED, Message, NEWEST, Refusal, answer, client, meta, notification, request,
};
use super::remote::Remote;
use super::schema::Tool;
use super::stdio::Stdio;
use crate::error::CallError;
use crate::own::Tell;

/// How long a program is waited for that may not know the question which versions it speaks, before it is greeted as well.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long it may take to answer what needs no work.
const SHORT: Duration = Duration::from_mins(1);
/// How many messages a server may send before an answer.
const MOST_MESSAGES: usize = 100_000;
/// How many pages of tools are read.
const MOST_PAGES: usize = 100;

/// The way to a server.
#[derive(Debug)]
pub(super) enum Wire {
    /// It was started.
    Stdio(Box<Stdio>),
    /// It runs.
    Remote(Box<Remote>),
}

/// A server that is spoken to.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) wire: Wire,
    /// The version that each request names; nothing where the server was greeted.
    version: Option<&'static str>,
    last: u64,
    /// The request that it works on, which can be taken back.
    working: Option<u64>,
    /// How long a request may take to be answered.
    limit: Duration,
    /// It ended by itself.
    pub(super) has_ended: bool,
}

/// What comes of a request.
type Answered = Result<Value, Refusal>;

impl Session {
    pub(super) const fn new(wire: Wire, limit: Duration) -> Self {
        Self {
            wire,
            version: None,
            last: 0,
            working: None,
            limit,
            has_ended: false,
        }
    }

    /// Finds out what the server speaks, and greets it where it waits for that.
    pub(super) async fn open(&mut self) -> Result<(), CallError> {
        self.version = Some(NEWEST);
        if let Wire::Remote(remote) = &mut self.wire {
            remote.version = Some(NEWEST.to_owned());
        }
        let probe = match self.send("server/discover", json!({}), &[]).await {
            Ok(probe) => probe,
            // Before there was such a question, servers had no words for that.
            Err(CallError::Refused {
                status: 400 | 404 | 405 | 406 | 415 | 422,
                ..
            }) => return self.greet(None).await,
            Err(error) => return Err(error),
        };
        let waited = tokio::time::timeout(PATIENCE, self.reply(&[probe], &|_| {})).await;
        let (answered, probe) = match waited {
            Ok(reply) => (Some(reply?.1), None),
            Err(_) => (None, Some(probe)),
        };
        match answered {
            None => self.greet(probe).await,
            Some(Ok(about)) => self.agree(versions(&about["supportedVersions"])).await,
            Some(Err(refusal)) if refusal.is_version() => self.agree(refusal.speaks).await,
            Some(Err(refusal)) if refusal.is_modern() => {
                Err(refused("the question what it speaks", &refusal))
            }
            Some(Err(_)) => self.greet(None).await,
        }
    }

    /// Takes one of the versions that the server says it speaks.
    async fn agree(&mut self, speaks: Vec<String>) -> Result<(), CallError> {
        if speaks.is_empty() || speaks.iter().any(|version| version == NEWEST) {
            return Ok(());
        }
        if speaks
            .iter()
            .any(|version| GREETED.contains(&version.as_str()))
        {
            return self.greet(None).await;
        }
        Err(strange(&speaks.join("`, `")))
    }

    /// Greets a server as it was done before the revision of 2026-07-28. `probe` is a question that may be answered yet.
    pub(super) async fn greet(&mut self, probe: Option<u64>) -> Result<(), CallError> {
        self.version = None;
        if let Wire::Remote(remote) = &mut self.wire {
            remote.version = None;
        }
        let hello =
            json!({"protocolVersion": GREETED[0], "capabilities": {}, "clientInfo": client()});
        let greeting = self.send("initialize", hello, &[]).await?;
        let mut open: Vec<u64> = probe.into_iter().chain([greeting]).collect();
        let about = loop {
            let (id, answered) = self.reply(&open, &|_| {}).await?;
            match answered {
                Ok(_) if id != greeting => {
                    self.version = Some(NEWEST);
                    return Ok(());
                }
                Ok(about) => break about,
                // It may know the other.
                Err(_) if open.len() > 1 => open.retain(|one| *one != id),
                Err(refusal) => return Err(refused("the greeting", &refusal)),
            }
        };
        let version = about["protocolVersion"].as_str().unwrap_or_default();
        let Some(version) = GREETED.into_iter().find(|known| *known == version) else {
            return Err(strange(&super::message::brief(version)));
        };
        if let Wire::Remote(remote) = &mut self.wire {
            remote.version = Some(version.to_owned());
        }
        let ready = notification("notifications/initialized", &json!({}));
        self.say(&ready).await
    }

    /// The tool of a name; else the names of all.
    pub(super) async fn find(
        &mut self,
        name: &str,
    ) -> Result<Result<Tool, Vec<String>>, CallError> {
        let (mut names, mut cursor) = (Vec::new(), Value::Null);
        for _ in 0..MOST_PAGES {
            let params = match &cursor {
                Value::Null => json!({}),
                cursor => json!({"cursor": cursor}),
            };
            let mut page = self.ask("tools/list", params).await?;
            for tool in page["tools"].as_array_mut().into_iter().flatten() {
                if tool["name"] == name {
                    return Ok(Ok(Tool::of(tool.take())));
                }
                names.extend(tool["name"].as_str().map(super::message::brief));
            }
            cursor = page["nextCursor"].take();
            if cursor.is_null() {
                break;
            }
        }
        Ok(Err(names))
    }

    /// Calls a tool, once.
    pub(super) async fn call(
        &mut self,
        (name, tool): (&str, &Tool),
        arguments: &Value,
        tell: Tell<'_>,
    ) -> Result<Answered, CallError> {
        let mut headers = vec![("mcp-name".to_owned(), name.to_owned())];
        headers.extend(tool.headers(arguments));
        let params = json!({"name": name, "arguments": arguments});
        let id = self.send("tools/call", params, &headers).await;
        let reply = match id {
            Ok(id) => self.reply(&[id], tell).await,
            Err(error) => Err(error),
        };
        if !matches!(reply, Err(CallError::Server { .. })) {
            self.working = None;
        }
        Ok(reply?.1)
    }

    /// What a resource of the server holds.
    pub(super) async fn read(&mut self, uri: &str) -> Result<Value, CallError> {
        let headers = [("mcp-name".to_owned(), uri.to_owned())];
        let id = self
            .send("resources/read", json!({"uri": uri}), &headers)
            .await?;
        let (_, answered) = self.reply(&[id], &|_| {}).await?;
        answered.map_err(|refusal| refused(&format!("to give `{uri}`"), &refusal))
    }

    async fn ask(&mut self, method: &str, params: Value) -> Result<Value, CallError> {
        let id = self.send(method, params, &[]).await?;
        let (_, answered) = self.reply(&[id], &|_| {}).await?;
        answered.map_err(|refusal| refused(&format!("`{method}`"), &refusal))
    }

    /// Sends a request; its number.
    async fn send(
        &mut self,
        method: &str,
        mut params: Value,
        named: &[(String, String)],
    ) -> Result<u64, CallError> {
        self.last += 1;
        let id = self.last;
        let mut headers = Vec::new();
        if let Some(version) = self.version {
            params["_meta"] = meta(version);
            headers.push(("mcp-method".to_owned(), method.to_owned()));
            headers.extend_from_slice(named);
        }
        if method == "tools/call" {
            params["_meta"]["progressToken"] = id.into();
            self.working = Some(id);
        }
        let message = request(id, method, &params);
        match &mut self.wire {
            Wire::Stdio(stdio) => stdio.say(&message).await,
            Wire::Remote(remote) => {
                let makes = matches!(method, "tools/call" | "resources/read");
                // Whoever called looks at the clock first.
                let limit = if makes {
                    self.limit + SHORT
                } else {
                    self.limit.min(SHORT)
                };
                remote.ask(&message, &headers, limit).await?;
            }
        }
        Ok(id)
    }

    async fn say(&mut self, message: &Value) -> Result<(), CallError> {
        match &mut self.wire {
            Wire::Stdio(stdio) => stdio.say(message).await,
            Wire::Remote(remote) => remote.say(message).await?,
        }
        Ok(())
    }

    /// The answer to one of these requests. What else the server says meanwhile is answered or told.
    async fn reply(&mut self, to: &[u64], tell: Tell<'_>) -> Result<(u64, Answered), CallError> {
        for _ in 0..MOST_MESSAGES {
            let heard = match &mut self.wire {
                Wire::Stdio(stdio) => stdio.hear().await?,
                Wire::Remote(remote) => remote.hear().await?,
            };
            match heard {
                None => return Err(self.ended().await),
                Some(Message::Reply(Some(id), answered)) if to.contains(&id) => {
                    return Ok((id, answered));
                }
                // What it could not read is the last that it was sent.
                Some(Message::Reply(None, answered)) => {
                    return Ok((to.last().copied().unwrap_or_default(), answered));
                }
                Some(Message::Asks(id, method)) => self.say(&answer(&id, &method)).await?,
                Some(Message::Progress(id, Some(permille))) if to.contains(&id) => tell(permille),
                Some(_) => {}
            }
        }
        Err(CallError::Server {
            text: format!("the server sent {MOST_MESSAGES} messages and no answer"),
            hint: "see what it does: it may be broken",
            certain: false,
        })
    }

    /// It ended before it answered.
    async fn ended(&mut self) -> CallError {
        self.has_ended = true;
        let text = match &mut self.wire {
            Wire::Stdio(stdio) => {
                let how = stdio.end().await;
                format!("the server ended before it answered: {how}")
            }
            Wire::Remote(_) => "the server ended its answer before it was whole".to_owned(),
        };
        CallError::Server {
            text,
            hint: "see what it says, and run it by hand",
            certain: false,
        }
    }

    /// Takes leave; first takes back what it still works on, and says why.
    pub(super) async fn end(&mut self, why: &str) {
        let taken_back = self.working.take().map(|id| {
            let params = json!({"requestId": id, "reason": why});
            notification("notifications/cancelled", &params)
        });
        match &mut self.wire {
            Wire::Stdio(stdio) => {
                if let Some(taken_back) = &taken_back {
                    stdio.say(taken_back).await;
                }
                stdio.end().await;
            }
            // Without a greeting, the end of the connection says it.
            Wire::Remote(remote) => {
                let last = taken_back.filter(|_| self.version.is_none());
                remote.end(last).await;
            }
        }
    }
}

fn versions(all: &Value) -> Vec<String> {
    let all = all.as_array().into_iter().flatten();
    all.filter_map(|version| Some(super::message::brief(version.as_str()?)))
        .collect()
}

fn refused(what: &str, refusal: &Refusal) -> CallError {
    CallError::Server {
        text: format!("the server refuses {what}: {}", refusal.text),
        hint: "see whether it is a server of MCP, and what it needs to start",
        certain: true,
    }
}

fn strange(version: &str) -> CallError {
    CallError::Server {
        text: format!(
            "the server speaks version `{version}` of MCP; understood are `{NEWEST}`, `{}`",
            GREETED.join("`, `")
        ),
        hint: "take another version of the server",
        certain: true,
    }
}
