//! What the fakes of stock libraries share: their things, and the files of these.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::{Asked, At, Fault, KEY, Shop, gif, png};

/// A thing of a library.
pub(crate) struct Thing {
    pub(crate) id: u64,
    pub(crate) title: String,
    pub(crate) author: String,
}

fn thing(id: u64, words: &str) -> Thing {
    Thing {
        id,
        title: words.to_owned(),
        author: format!("Ann {id}"),
    }
}

/// What there is of some words.
pub(crate) fn all(_: &Shop, words: &str, count: u64) -> Vec<Thing> {
    let most = if words == "nothing" { 0 } else { count.min(5) };
    (1..=most).map(|id| thing(id, words)).collect()
}

/// The thing of a number; of the next one, where it garbles.
pub(crate) fn one(shop: &Shop, id: &str) -> Option<Thing> {
    let id: u64 = id.parse().ok().filter(|id| *id < 100)?;
    let garbles = shop.lock().next(At::Job) == Some(Fault::Garbles);
    Some(thing(id + u64::from(garbles), "a lamp at night"))
}

/// A file of a thing. Who asks for one with a key shows the key to whoever keeps the files.
pub(crate) fn file(asked: &Asked<'_>) -> Option<Response> {
    let (_, name) = asked.path.split_once("/media/")?;
    let (kind, name) = name.split_once('/')?;
    let id = name.split('.').next().and_then(|id| id.parse().ok());
    Some(match id {
        _ if asked.query.contains(KEY) => StatusCode::BAD_REQUEST.into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
        Some(id) => {
            let (media_type, bytes) = match kind {
                "videos" => ("image/gif", stock_file(true, id)),
                _ => ("image/png", stock_file(false, id)),
            };
            ([("content-type", media_type)], Body::from(bytes)).into_response()
        }
    })
}

/// The file of a photo or a video of this number.
pub fn stock_file(video: bool, id: u64) -> Vec<u8> {
    let of = json!({"prompt": "stock", "seed": id});
    if video { gif(&of) } else { png(&of) }
}

/// A part of a query.
pub(crate) fn parameter(query: &str, name: &str) -> Option<String> {
    let mut parts = query.split('&').filter_map(|part| part.split_once('='));
    let (_, value) = parts.find(|(own, _)| *own == name)?;
    Some(value.replace('+', " "))
}
