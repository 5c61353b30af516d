//! whisper.cpp's server: its words are pieces of words.

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::{Asked, Kind, Shop, heard};

pub(crate) const KIND: Kind = Kind {
    vendor: "whisper-cpp",
    base: "",
    key: ("", ""),
    models: &[("recognisers", "base.en")],
    charges: 0,
    has_jobs: false,
    answer,
};

fn answer(shop: &Shop, asked: &Asked<'_>) -> Response {
    if (asked.method, asked.path) != (&Method::POST, "/inference") {
        return (StatusCode::NOT_FOUND, "File Not Found (/)").into_response();
    }
    let field = |name| heard::field(asked.bytes, name);
    let Some(sound) = field("file") else {
        return refuse("no 'file' field in the request");
    };
    let (saying, job) = heard::hear(shop, "", sound);
    if let Some(fails) = &job.fails {
        return refuse(fails);
    }
    let text = saying.iter().flat_map(|word| [" ", word.0.as_str()]);
    let text: String = text.collect();
    if field("response_format") != Some(b"verbose_json") {
        return Json(json!({"text": text})).into_response();
    }
    let words: Vec<Value> = saying.iter().flat_map(pieces).collect();
    let segment = json!({
        "id": 0, "text": text, "start": 0.0, "end": 1.0, "tokens": [], "words": words,
        "temperature": 0.0, "avg_logprob": -0.2, "no_speech_prob": 0.01,
    });
    Json(json!({
        "task": "transcribe", "language": "english", "duration": 1.0, "text": text,
        "segments": [segment],
    }))
    .into_response()
}

/// A word in two pieces, the first with the space before it.
fn pieces((word, from, to): &(String, u64, u64)) -> Vec<Value> {
    let half = word.chars().count() / 2;
    let first: String = word.chars().take(half).collect();
    let rest: String = word.chars().skip(half).collect();
    let piece = |text: &str, from: u64, to: u64| {
        let seconds = |ms: u64| ms as f64 / 1000.0;
        json!({"word": text, "start": seconds(from), "end": seconds(to), "t_dtw": -1, "probability": 0.9})
    };
    if first.is_empty() {
        return vec![piece(&format!(" {rest}"), *from, *to)];
    }
    let middle = u64::midpoint(*from, *to);
    let first = piece(&format!(" {first}"), *from, middle);
    vec![first, piece(&rest, middle, *to)]
}

fn refuse(message: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": message}))).into_response()
}
