//! Ollama.

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::{Asked, Kind, Shop, text};

pub(crate) const KIND: Kind = Kind {
    vendor: "ollama",
    base: "",
    key: ("", ""),
    models: &[("text", "own")],
    charges: 0,
    has_jobs: false,
    answer,
};

fn answer(shop: &Shop, asked: &Asked<'_>) -> Response {
    let body = asked.body;
    match (asked.method, asked.path) {
        (&Method::GET, "/api/ps") if !shop.has_loaded() => {
            Json(json!({"models": []})).into_response()
        }
        (&Method::GET, "/api/tags" | "/api/ps") => {
            Json(json!({"models": [{"name": "own:latest", "size": 1}]})).into_response()
        }
        (&Method::POST, "/api/chat") if body["stream"] == true => {
            let messages = body["messages"].as_array();
            let content =
                |message: Option<&serde_json::Value>| message.map(|one| one["content"].clone());
            let system = content(messages.and_then(|all| all.first())).unwrap_or_default();
            let last = content(messages.and_then(|all| all.last())).unwrap_or_default();
            let shown = text::shown(&body["messages"], "images", serde_json::Value::as_str);
            match text::say(shop, "own", (&system, last.as_str()), shown) {
                Ok(text) => {
                    let line = |text: &str| json!({"model": "own", "message": {"role": "assistant", "content": text}, "done": false});
                    let mut all: Vec<_> =
                        text::pieces(&text).iter().map(|part| line(part)).collect();
                    all.push(json!({
                        "model": "own", "message": {"role": "assistant", "content": ""}, "done": true,
                        "done_reason": "stop", "prompt_eval_count": text::READ, "eval_count": text::MADE,
                    }));
                    let body: Vec<String> = all.iter().map(ToString::to_string).collect();
                    let body = body.join("\n") + "\n";
                    ([("content-type", "application/x-ndjson")], body).into_response()
                }
                Err(why) => Json(json!({"error": why})).into_response(),
            }
        }
        _ => (StatusCode::NOT_FOUND, Json(json!({"error": "not found"}))).into_response(),
    }
}
