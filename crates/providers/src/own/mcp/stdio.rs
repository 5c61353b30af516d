//! A server that is started as a program, and spoken to over its standard input and output: a message a line.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc::{Receiver, channel};
use workprint_media::{CommandCall, Line, Media, Saying, Talk};

use super::MOST_MESSAGE;
use super::message::{Message, brief};
use crate::error::CallError;
use crate::own::Own;
use crate::own::asked::{Asked, Filled};

/// How many lines wait to be read; a server that says more waits, too.
const WAITING: usize = 64;
/// How many lines that are no messages are overlooked: some servers print there what they think.
const MOST_NOISE: usize = 100;
/// How long a server may take to end once nothing more is said to it.
const LEAVE: Duration = Duration::from_secs(2);

/// The server.
#[derive(Debug)]
pub(super) struct Stdio {
    talk: Option<Talk>,
    saying: Option<Saying>,
    heard: Receiver<Line>,
    own: Own,
    noise: usize,
}

impl Stdio {
    /// Starts the server of an engine, for an order.
    pub(super) fn start(
        own: &Own,
        media: &Media,
        (filled, asked): (&Filled<'_>, &Asked<'_>),
    ) -> Result<Self, CallError> {
        let arguments = own.spec.command.iter().skip(1);
        let arguments = arguments.map(|text| Ok(OsString::from(filled.argument(text)?)));
        let call = CommandCall {
            program: own.around.program.as_deref().unwrap_or(Path::new("")),
            arguments: arguments.collect::<Result<_, CallError>>()?,
            folder: &asked.made(),
            hidden: &own.hidden(),
            // Whoever talks to it looks at the clock, too.
            limit: own.limit() + LEAVE,
        };
        let (tell, heard) = channel(WAITING);
        let talk = media.talk(call, MOST_MESSAGE, move |line| {
            tell.blocking_send(line).is_ok()
        });
        let mut talk = talk.map_err(|error| own.failed(error))?;
        Ok(Self {
            saying: talk.saying(),
            talk: Some(talk),
            heard,
            own: own.clone(),
            noise: 0,
        })
    }

    /// Says a message. One that the server does not take is not missed: what it says next, or its end, tells why.
    pub(super) async fn say(&mut self, message: &Value) {
        let Some(mut saying) = self.saying.take() else {
            return;
        };
        let line = message.to_string();
        let said = tokio::task::spawn_blocking(move || {
            saying.say(line.as_bytes()).ok()?;
            Some(saying)
        });
        self.saying = said.await.ok().flatten();
    }

    /// The next message; nothing where the server has ended.
    pub(super) async fn hear(&mut self) -> Result<Option<Message>, CallError> {
        loop {
            let line = match self.heard.recv().await {
                None => return Ok(None),
                Some(Line::TooLong) => return Err(too_long()),
                Some(Line::Whole(line)) => line,
            };
            let line = self
                .own
                .without_key(String::from_utf8_lossy(&line).into_owned());
            if let Some(message) = Message::read(line.as_bytes()) {
                return Ok(Some(message));
            }
            self.noise += usize::from(!line.trim().is_empty());
            if self.noise > MOST_NOISE {
                let said: String = brief(&line).chars().take(120).collect();
                return Err(CallError::Server {
                    text: format!("the server prints what is no message of MCP: `{said}`"),
                    hint: "see whether `command` starts a server that speaks MCP over standard input and output",
                    certain: false,
                });
            }
        }
    }

    /// Takes leave. What is to be told where that came too early: how it ended, and its last lines.
    pub(super) async fn end(&mut self) -> String {
        drop(self.saying.take());
        self.heard.close();
        let Some(talk) = self.talk.take() else {
            return String::new();
        };
        let ended = tokio::task::spawn_blocking(move || talk.end(LEAVE)).await;
        match ended {
            Ok(Ok(report)) => self.own.without_key(report.to_string()),
            _ => String::new(),
        }
    }
}

/// A message that nobody would read to its end.
pub(super) fn too_long() -> CallError {
    CallError::Server {
        text: format!("the server sent a message of more than {MOST_MESSAGE} bytes"),
        hint: "have the tool write to `{out}`, or name a file, in place of answering with what it made",
        certain: false,
    }
}
