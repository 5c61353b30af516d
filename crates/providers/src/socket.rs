//! What a server of one's own network tells while it works, over a WebSocket (RFC 6455). It is listened to for
//! a person's comfort: what counts is asked for over HTTP.

use std::time::Duration;

use futures::StreamExt;
use reqwest::Url;
use tokio::net::{TcpStream, lookup_host};
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::guard::is_near;

/// The largest message, which may be a preview of a picture.
const MOST: usize = 32 << 20;
/// How long a server may take to accept.
const CONNECT: Duration = Duration::from_secs(5);

/// Hears what a server says at a path, until `heard` has enough or the server ends. A server that is not
/// near, or does not speak so, says nothing.
pub(crate) async fn listen(base: &Url, path: &str, mut heard: impl FnMut(&str) -> bool) {
    let Some(mut socket) = open(base, path).await else {
        return;
    };
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Text(text) = message
            && !heard(text.as_str())
        {
            break;
        }
    }
}

type Socket = tokio_tungstenite::WebSocketStream<TcpStream>;

async fn open(base: &Url, path: &str) -> Option<Socket> {
    if base.scheme() != "http" {
        return None;
    }
    let (host, port) = (base.host_str()?, base.port_or_known_default()?);
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let found = lookup_host((name, port)).await.ok()?;
    // The name is resolved anew: where it leads is looked at anew.
    let near = found.into_iter().find(|address| is_near(address.ip()))?;
    let whole = async {
        let stream = TcpStream::connect(near).await.ok()?;
        let root = base.path().trim_end_matches('/');
        let url = format!("ws://{host}:{port}{root}/{path}");
        let config = WebSocketConfig::default()
            .max_message_size(Some(MOST))
            .max_frame_size(Some(MOST));
        let opened = client_async_with_config(url, stream, Some(config)).await;
        opened.ok().map(|(socket, _)| socket)
    };
    tokio::time::timeout(CONNECT, whole).await.ok().flatten()
}
