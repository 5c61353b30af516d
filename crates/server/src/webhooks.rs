//! What vendors call to say, over HTTP: bounded in size, time and number, with nothing said in return but a status.
//!
//! Whoever knows no address of an order is turned away before anything but the head of its request is read.

use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use workprint_studio::{MOST_CALLED, Webhooks};

/// The most bytes of a request's head.
const MOST_HEAD: usize = 16 << 10;
/// How long is waited where no connection can be taken, such as without a free file.
const PAUSE: Duration = Duration::from_millis(200);

/// How much is taken at once.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How many connections; others wait.
    pub connections: usize,
    /// How long each may last.
    pub limit: Duration,
}

/// Serves what vendors call at a socket that does not block, for as long as it is polled.
pub fn receive(listener: TcpListener, webhooks: Arc<Webhooks>) -> BoxFuture<'static, ()> {
    let bounds = Bounds {
        connections: 32,
        limit: Duration::from_secs(10),
    };
    Box::pin(async move { receive_within(bounds, listener, &webhooks).await })
}

/// The same within bounds.
pub async fn receive_within(bounds: Bounds, listener: TcpListener, webhooks: &Webhooks) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    let mut open = FuturesUnordered::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if open.len() < bounds.connections => match accepted {
                Ok((stream, _)) => open.push(tokio::time::timeout(bounds.limit, serve(stream, webhooks))),
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            Some(_) = open.next() => {}
        }
    }
}

/// One request of a connection.
async fn serve(stream: TcpStream, webhooks: &Webhooks) {
    let service = service_fn(async |request| Ok::<_, Infallible>(answer(request, webhooks).await));
    let connection = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(MOST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that breaks is the caller's matter: it calls again, or is asked.
    drop(connection.await);
}

async fn answer(request: Request<Incoming>, webhooks: &Webhooks) -> Response<Empty<Bytes>> {
    let status = heard(request, webhooks).await;
    let mut response = Response::new(Empty::new());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response
}

/// The status that a request is answered with.
async fn heard(request: Request<Incoming>, webhooks: &Webhooks) -> u16 {
    let (head, body) = request.into_parts();
    let knock = match webhooks.at(head.uri.path()) {
        Ok(knock) => knock,
        Err(status) => return status,
    };
    if head.method != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED.as_u16();
    }
    match Limited::new(body, MOST_CALLED).collect().await {
        Ok(body) => knock.hear(&head.headers, &body.to_bytes()).await,
        Err(error) if error.is::<LengthLimitError>() => knock.too_large(),
        // It broke off.
        Err(_) => StatusCode::BAD_REQUEST.as_u16(),
    }
}
