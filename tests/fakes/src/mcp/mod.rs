//! A server of the Model Context Protocol with tools that draw, over standard input and output or over HTTP.

mod http;
mod tools;

use std::io::{BufRead as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

pub use self::http::McpServer;
use self::tools::{Answer, call, described};

/// The version that needs no greeting.
const NEWEST: &str = "2026-07-28";

/// Which revisions of the protocol a server knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    /// That of 2026-07-28 alone: each request says its version.
    Modern,
    /// Those before: it is greeted first.
    Greeted,
    /// The same, and it ends where something else comes first.
    Strict,
    /// The same, and it says nothing to what it does not know.
    Silent,
    /// One that nobody else knows.
    Strange,
}

impl Era {
    /// By its name.
    pub fn find(name: &str) -> Option<Self> {
        Some(match name {
            "modern" => Self::Modern,
            "greeted" => Self::Greeted,
            "strict" => Self::Strict,
            "silent" => Self::Silent,
            "strange" => Self::Strange,
            _ => return None,
        })
    }
}

/// What a server knows and has heard.
#[derive(Debug, Clone)]
struct Server {
    era: Era,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    is_greeted: bool,
    /// Every message, in the order in which they came.
    heard: Vec<Value>,
}

/// What comes of a message.
#[derive(Debug, PartialEq)]
enum Came {
    /// These are sent, the last being the answer.
    Said(Vec<Value>),
    /// These are sent, and nothing more, until the request is taken back.
    Hangs(Vec<Value>),
    /// Nothing is sent.
    Nothing,
    /// The server ends.
    Ends,
    /// It prints what is no message, without end.
    Noise,
    /// It sends messages without end.
    Flood,
}

impl Server {
    fn new(era: Era) -> Self {
        Self {
            era,
            inner: Arc::default(),
        }
    }

    fn hear(&self, message: &Value) -> Came {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.heard.push(message.clone());
        let (id, method) = (
            &message["id"],
            message["method"].as_str().unwrap_or_default(),
        );
        let refuse = |code: i64, text: &str, data: Value| {
            let error = json!({"code": code, "message": text, "data": data});
            Came::Said(vec![json!({"jsonrpc": "2.0", "id": id, "error": error})])
        };
        if id.is_null() {
            inner.is_greeted |= method == "notifications/initialized";
            return Came::Nothing;
        }
        match self.era {
            Era::Strange => {
                let speaks = json!({"supported": ["2031-01-01"], "requested": NEWEST});
                return refuse(-32022, "Unsupported protocol version", speaks);
            }
            Era::Modern => {
                let meta = &message["params"]["_meta"];
                let version = &meta["io.modelcontextprotocol/protocolVersion"];
                if *version != NEWEST
                    || !meta["io.modelcontextprotocol/clientCapabilities"].is_object()
                {
                    return refuse(-32602, "say the version: 2026-07-28", Value::Null);
                }
            }
            _ if method == "initialize" => {
                let about = json!({
                    "protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
                    "serverInfo": {"name": "fake", "version": "1"},
                });
                return Came::Said(vec![json!({"jsonrpc": "2.0", "id": id, "result": about})]);
            }
            Era::Strict if !inner.is_greeted => return Came::Ends,
            Era::Silent if !inner.is_greeted => return Came::Nothing,
            _ if !inner.is_greeted || method == "server/discover" => {
                return refuse(-32000, "Server not initialized", Value::Null);
            }
            _ => {}
        }
        drop(inner);
        answer(message)
    }
}

/// What a request that is understood comes to.
fn answer(message: &Value) -> Came {
    let (id, params) = (&message["id"], &message["params"]);
    let mut said = Vec::new();
    let result = match message["method"].as_str().unwrap_or_default() {
        "server/discover" => {
            json!({"supportedVersions": [NEWEST], "capabilities": {"tools": {}}})
        }
        // In two pages, as long lists come.
        "tools/list" => match params["cursor"].as_str() {
            None => json!({"tools": described()[..2], "nextCursor": "more"}),
            Some(_) => json!({"tools": described()[2..]}),
        },
        "resources/read" => {
            json!({"contents": [{"uri": params["uri"], "blob": tools::blob(&json!({"prompt": params["uri"]}))}]})
        }
        "tools/call" => {
            let token = &params["_meta"]["progressToken"];
            let progress = |done: u32| {
                let params = json!({"progressToken": token, "progress": done, "total": 4, "message": "drawing"});
                json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})
            };
            said.push(progress(1));
            match call(
                params["name"].as_str().unwrap_or_default(),
                &params["arguments"],
            ) {
                Answer::Is(result) => {
                    said.push(progress(3));
                    result
                }
                Answer::Never => return Came::Hangs(said),
                Answer::Ends => return Came::Ends,
                Answer::Noise => return Came::Noise,
                Answer::Flood => return Came::Flood,
            }
        }
        method => {
            let error = json!({"code": -32601, "message": format!("no method {method}")});
            return Came::Said(vec![json!({"jsonrpc": "2.0", "id": id, "error": error})]);
        }
    };
    said.push(json!({"jsonrpc": "2.0", "id": id, "result": result}));
    Came::Said(said)
}

/// Speaks over standard input and output until that ends. Every message is a line in the file `log`.
pub fn speak_mcp(era: Era, log: Option<&std::path::Path>) -> std::io::Result<()> {
    let server = Server::new(era);
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if let Some(log) = log {
            let mut file = std::fs::File::options()
                .append(true)
                .create(true)
                .open(log)?;
            writeln!(file, "{line}")?;
        }
        let message: Value = serde_json::from_str(&line).unwrap_or_default();
        match server.hear(&message) {
            Came::Said(all) | Came::Hangs(all) => {
                for message in all {
                    writeln!(out, "{message}")?;
                }
            }
            Came::Nothing => {}
            Came::Ends => {
                writeln!(std::io::stderr(), "the lamp fell over")?;
                return Ok(());
            }
            Came::Noise => loop {
                writeln!(out, "Loading the lamp ...")?;
            },
            Came::Flood => loop {
                writeln!(
                    out,
                    r#"{{"jsonrpc":"2.0","method":"notifications/message","params":{{}}}}"#
                )?;
            },
        }
        out.flush()?;
    }
    Ok(())
}
