//! A tool of an MCP server, called for each order.
//!
//! The server is started for the order, or runs already. It is asked which tools it has, the arguments are filled in and
//! held against what the tool takes, and the tool is called once. What it made is a file in the order's folder in the
//! end, wherever the tool put it.

mod answer;
mod message;
mod remote;
mod schema;
mod session;
mod stdio;

use std::future::Future;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use workprint_media::Media;
use workprint_model::Size;

use self::answer::Made;
use self::remote::Remote;
use self::schema::Tool;
use self::session::{Session, Wire};
use self::stdio::Stdio;
use super::asked::{Asked, Filled};
use super::command::only;
use super::{Own, Tell};
use crate::engine::MOST_MADE;
use crate::error::CallError;
use crate::http::{Http, Request};
use crate::order::{Capability, Effort, Order, What};

/// The longest message that is read.
const MOST_MESSAGE: usize = 128 << 20;
/// What may be asked for by a server that was started here: this machine, and what everybody reaches.
const HERE: &str = "http://127.0.0.1";

impl Own {
    /// Calls the tool; the file that it made. `tell` is told how far it is, in thousandths; when `stopped` is done, it is
    /// taken back.
    pub async fn call(
        &self,
        media: &Media,
        asked: &Asked<'_>,
        (tell, stopped): (Tell<'_>, impl Future<Output = ()>),
    ) -> Result<PathBuf, CallError> {
        let filled = Filled::write(asked, &self.spec, &self.around.root)?;
        let mut session = self.session(media, &filled, asked)?;
        let made = tokio::select! {
            made = tokio::time::timeout(self.limit(), self.make(&mut session, (media, asked), &filled, tell)) => made,
            () = stopped => {
                session.end("it was stopped").await;
                return Err(CallError::Cancelled);
            }
        };
        if made.is_ok() {
            session.end("it is not needed").await;
        } else {
            session.end("it took too long").await;
        }
        made.unwrap_or_else(|_| {
            Err(CallError::Server {
                text: format!("the tool took longer than {} s", self.limit().as_secs()),
                hint: "give it more time by `limit_s` in its engine, or ask less of it",
                certain: false,
            })
        })
    }

    fn session(
        &self,
        media: &Media,
        filled: &Filled<'_>,
        asked: &Asked<'_>,
    ) -> Result<Session, CallError> {
        let wire = match &self.spec.url {
            Some(url) => Wire::Remote(Box::new(Remote::new(self, url)?)),
            None => Wire::Stdio(Box::new(Stdio::start(self, media, (filled, asked))?)),
        };
        Ok(Session::new(wire, self.limit()))
    }

    async fn make(
        &self,
        session: &mut Session,
        (media, asked): (&Media, &Asked<'_>),
        filled: &Filled<'_>,
        tell: Tell<'_>,
    ) -> Result<PathBuf, CallError> {
        let name = self.tool();
        let tool = self.meet(session, media, (filled, asked)).await?;
        let mut told = Map::new();
        for (key, value) in &self.spec.arguments {
            told.extend(filled.json(value)?.map(|value| (key.clone(), value)));
        }
        if let Some(why) = tool.misfit(&told) {
            return Err(CallError::Order {
                what: format!("the tool `{name}` cannot be called: {why}"),
                hint: "correct `arguments` in show.toml",
            });
        }
        let told = Value::Object(told);
        let answered = session.call((name, &tool), &told, tell).await?;
        let answer = answered.map_err(|refusal| said(name, &refusal.text))?;
        self.made(session, name, &answer, asked).await
    }

    /// Finds out what the server speaks, and its tool.
    async fn meet(
        &self,
        session: &mut Session,
        media: &Media,
        (filled, asked): (&Filled<'_>, &Asked<'_>),
    ) -> Result<Tool, CallError> {
        if let Err(error) = session.open().await {
            // Some servers end at a question that they do not know: they are greeted at once.
            if !session.has_ended || self.spec.url.is_some() {
                return Err(error.before());
            }
            *session = self.session(media, filled, asked)?;
            session.greet(None).await.map_err(CallError::before)?;
        }
        let found = session.find(self.tool()).await;
        let found = found.map_err(CallError::before)?;
        found.map_err(|names| no_tool(self.tool(), &names))
    }

    fn tool(&self) -> &str {
        self.spec.tool.as_deref().unwrap_or_default()
    }

    /// Whether the server is there and has the tool, in words. Nothing is called; `folder` is an empty one.
    pub async fn probe(&self, media: &Media, folder: &Path) -> Result<String, CallError> {
        let size = Size {
            width: 16,
            height: 16,
        };
        let order = Order {
            model: self.spec.model.clone(),
            prompt: String::new(),
            seed: 0,
            references: Vec::new(),
            options: Map::new(),
            graph: None,
            what: What::Image {
                size,
                effort: Effort::Low,
            },
        };
        let asked = Asked {
            order: &order,
            rate: None,
            folder,
        };
        let filled = Filled::write(&asked, &self.spec, &self.around.root)?;
        let mut session = self.session(media, &filled, &asked)?;
        let met = self.meet(&mut session, media, (&filled, &asked)).await;
        session.end("it was only asked").await;
        met.map(|_| format!("the server answers and has the tool `{}`", self.tool()))
    }

    /// The file that a tool made.
    async fn made(
        &self,
        session: &mut Session,
        name: &str,
        answer: &Value,
        asked: &Asked<'_>,
    ) -> Result<PathBuf, CallError> {
        if let Some(text) = answer::failure(answer) {
            return Err(said(name, &text));
        }
        if let Some(question) = answer::question(answer) {
            return Err(CallError::Server {
                text: format!("the tool `{name}` asks something that nobody answers: {question}"),
                hint: "see whether one of its `arguments` answers that beforehand",
                certain: true,
            });
        }
        let bytes = match self.which(name, answer, asked)? {
            Made::File(path) => return answer::accept(&path, &self.folders(asked)),
            Made::Bytes(bytes) => bytes,
            Made::Url(url) => self.fetch(session, url).await?,
            Made::Resource(uri) => {
                let resource = session.read(&uri).await?;
                let held = answer::contents(&resource);
                held.ok_or_else(|| nothing(name, &format!("`{uri}` holds no file")))?
            }
        };
        let path = asked.folder.join("answered");
        let written = tokio::fs::write(&path, bytes).await;
        written.map_err(|source| CallError::File {
            path: path.clone(),
            source,
        })?;
        Ok(path)
    }

    /// What of an answer is meant: what `result` says; else the file that was written, what the answer holds, or what it
    /// leads to.
    fn which(&self, name: &str, answer: &Value, asked: &Asked<'_>) -> Result<Made, CallError> {
        if let Some(pointer) = &self.spec.result {
            return answer::at(answer, pointer);
        }
        let is_fit = |start: &[u8]| self.media_type(start).is_some();
        let written = only(&asked.out(), &asked.made(), "tool", is_fit);
        if written.is_ok() {
            return written.map(Made::File);
        }
        let held = answer::enclosed(answer, is_fit);
        let kind = match self.makes {
            Capability::Video => "video/",
            _ => "image/",
        };
        let all = if held.is_empty() {
            answer::linked(answer, kind)
        } else {
            held.into_iter().map(Made::Bytes).collect()
        };
        let count = all.len();
        match all.into_iter().next() {
            Some(only) if count == 1 => Ok(only),
            Some(_) => Err(nothing(
                name,
                &format!("it answered with {count}, and nobody knows which of them is meant"),
            )),
            // What it left may be what was meant.
            None if leaves(&asked.made()) => written.map(Made::File),
            None => {
                let text = answer::text(answer).unwrap_or_default();
                let text: String = message::brief(&text).chars().take(200).collect();
                Err(nothing(name, &format!("it answered `{text}`")))
            }
        }
    }

    /// The folders that a tool may leave files in: the order's own, and the one that the show names.
    fn folders(&self, asked: &Asked<'_>) -> Vec<PathBuf> {
        let named = self.spec.folder.as_ref();
        let named = named.map(|folder| self.around.locate(folder));
        [asked.made()].into_iter().chain(named).collect()
    }

    async fn fetch(&self, session: &mut Session, url: String) -> Result<Vec<u8>, CallError> {
        let request = Request::named(url).within(MOST_MADE, self.limit());
        let reply = match &mut session.wire {
            Wire::Remote(remote) => remote.http().send(&request).await?,
            Wire::Stdio(_) => Http::new(HERE, None)?.send(&request).await?,
        };
        Ok(reply.body)
    }
}

/// Whether something lies in a folder.
fn leaves(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut all| all.next().is_some())
}

fn no_tool(name: &str, all: &[String]) -> CallError {
    let names: Vec<String> = all
        .iter()
        .take(60)
        .map(|name| format!("`{name}`"))
        .collect();
    let what = match names.len() {
        0 => "has no tools".to_owned(),
        _ => format!("has no tool `{name}`, but {}", names.join(", ")),
    };
    CallError::Order {
        what: format!("the server {what}"),
        hint: "name one of its tools: `tool`",
    }
}

fn said(name: &str, text: &str) -> CallError {
    CallError::Server {
        text: format!("the tool `{name}` says: {text}"),
        hint: "change the prompt, or what it is told by `arguments` in show.toml",
        certain: true,
    }
}

fn nothing(name: &str, why: &str) -> CallError {
    CallError::Server {
        text: format!("the tool `{name}` made nothing that can be taken: {why}"),
        hint: "have it write to `{out}`, or say by `result` where in its answer the file stands",
        certain: true,
    }
}
