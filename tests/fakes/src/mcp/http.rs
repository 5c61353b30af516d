//! The same over Streamable HTTP.

use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::PoisonError;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use serde_json::{Value, json};

use super::{Came, Era, NEWEST, Server};
use crate::KEY;
use crate::faults::png;

/// A session's name, for servers that are greeted.
const SESSION: &str = "session-1";

/// A server on the loopback; it ends with this value.
#[derive(Debug)]
pub struct McpServer {
    server: Server,
    url: String,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Drop for McpServer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl McpServer {
    /// A server that wants [`KEY`].
    ///
    /// # Panics
    /// Where no server can be started.
    pub fn start(era: Era) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a thread");
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
        listener
            .set_nonblocking(true)
            .expect("a port that does not block");
        let at = listener.local_addr().expect("an address");
        let server = Server::new(era);
        let app = Router::new()
            .route("/mcp", any(answer))
            .route("/files/{name}", get(file))
            .with_state(server.clone());
        drop(runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            axum::serve(listener, app).await
        }));
        Self {
            server,
            url: format!("http://{at}/mcp"),
            runtime: Some(runtime),
        }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address of a picture on it.
    pub fn file(&self) -> String {
        self.url.replace("/mcp", "/files/a.png")
    }

    /// Every message that it heard; `{"method": "closed"}` where an answer was not waited for, `{"method": "gone"}` where
    /// leave was taken.
    pub fn heard(&self) -> Vec<Value> {
        let inner = self.server.inner.lock();
        inner.unwrap_or_else(PoisonError::into_inner).heard.clone()
    }
}

impl Server {
    fn note(&self, what: &str) {
        let inner = self.inner.lock();
        let mut inner = inner.unwrap_or_else(PoisonError::into_inner);
        inner.heard.push(json!({"method": what}));
    }
}

async fn file() -> Response {
    (
        [("content-type", "image/png")],
        png(&json!({"prompt": "file"})),
    )
        .into_response()
}

async fn answer(
    State(server): State<Server>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    if header("authorization") != format!("Bearer {KEY}") {
        // As careless servers do, it says the key.
        let said = format!("no such key: {}", header("authorization"));
        return (StatusCode::UNAUTHORIZED, said).into_response();
    }
    if method == Method::DELETE {
        server.note("gone");
        return StatusCode::OK.into_response();
    }
    let accepts = header("accept");
    if !accepts.contains("application/json") || !accepts.contains("text/event-stream") {
        return StatusCode::NOT_ACCEPTABLE.into_response();
    }
    let message: Value = serde_json::from_slice(&body).unwrap_or_default();
    if let Some(why) = mismatch(server.era, &header, &message) {
        let error = json!({"code": -32020, "message": why});
        let body = json!({"jsonrpc": "2.0", "id": message["id"], "error": error});
        return (StatusCode::BAD_REQUEST, axum::Json(body)).into_response();
    }
    match server.hear(&message) {
        Came::Said(all) if all.len() == 1 => one(&server, &message, &all[0]),
        Came::Said(all) => events(Events::of(&all, None)),
        Came::Hangs(all) => events(Events::of(&all, Some(server))),
        Came::Nothing => StatusCode::ACCEPTED.into_response(),
        Came::Ends | Came::Noise => events(Events::of(&[], None)),
        Came::Flood => {
            let more = json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {}});
            let mut flood = Events::of(&[more], None);
            flood.again = true;
            events(flood)
        }
    }
}

/// What of the headers is not as the message has it.
fn mismatch(era: Era, header: &dyn Fn(&str) -> String, message: &Value) -> Option<String> {
    let params = &message["params"];
    let differs = |name: &str, wanted: &Value| {
        let (is, wanted) = (header(name), wanted.as_str().unwrap_or_default());
        (is != wanted).then(|| format!("Header mismatch: {name} is '{is}', not '{wanted}'"))
    };
    if era != Era::Modern {
        let greets = message["method"] == "initialize" || message["method"] == "server/discover";
        let wanted = if greets { "" } else { SESSION };
        return differs("mcp-session-id", &wanted.into());
    }
    let seed = match &params["arguments"]["seed"] {
        Value::Number(seed) if params["name"] == "draw" => json!(seed.to_string()),
        _ => Value::Null,
    };
    let name = if params["name"].is_null() {
        &params["uri"]
    } else {
        &params["name"]
    };
    differs("mcp-protocol-version", &NEWEST.into())
        .or_else(|| differs("mcp-method", &message["method"]))
        .or_else(|| differs("mcp-name", name))
        .or_else(|| differs("mcp-param-seed", &seed))
}

fn one(server: &Server, message: &Value, answer: &Value) -> Response {
    let refused = answer["error"].is_object();
    let status = match server.era {
        _ if !refused => StatusCode::OK,
        _ if answer["error"]["code"] == -32601 => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_REQUEST,
    };
    let mut response = (status, axum::Json(answer)).into_response();
    if message["method"] == "initialize" && !refused {
        let session = axum::http::HeaderValue::from_static(SESSION);
        response.headers_mut().insert("mcp-session-id", session);
    }
    response
}

fn events(events: Events) -> Response {
    let kind = [("content-type", "text/event-stream")];
    (kind, Body::from_stream(events)).into_response()
}

/// Messages as events; where somebody is told of it, none ends the stream but whoever reads it.
struct Events {
    left: Vec<Bytes>,
    open: Option<Server>,
    again: bool,
}

impl Events {
    fn of(all: &[Value], open: Option<Server>) -> Self {
        let event = |message: &Value| Bytes::from(format!("event: message\ndata: {message}\n\n"));
        Self {
            left: all.iter().rev().map(event).collect(),
            open,
            again: false,
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        if let Some(server) = &self.open {
            server.note("closed");
        }
    }
}

impl futures::Stream for Events {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.again {
            return Poll::Ready(self.left.first().cloned().map(Ok));
        }
        match self.left.pop() {
            Some(event) => Poll::Ready(Some(Ok(event))),
            None if self.open.is_some() => Poll::Pending,
            None => Poll::Ready(None),
        }
    }
}
