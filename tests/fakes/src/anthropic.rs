//! Anthropic's messages.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::{Asked, Kind, Shop, text};

pub(crate) const KIND: Kind = Kind {
    vendor: "anthropic",
    base: "",
    key: ("x-api-key", ""),
    models: &[("text", "claude-sonnet-5-5")],
    // 1000 tokens at 3 dollars a million, 2000 at 15.
    charges: 3000 + 30_000,
    has_jobs: false,
    answer,
};

fn answer(shop: &Shop, asked: &Asked<'_>) -> Response {
    let body = asked.body;
    if asked.path != "/v1/messages" {
        return refuse(StatusCode::NOT_FOUND, "not_found_error", "Not found");
    }
    let is_whole = body["max_tokens"].is_u64() && body["messages"].is_array();
    if !is_whole
        || body["stream"] != true
        || body.get("temperature").is_some()
        || body.get("seed").is_some()
    {
        let message = "temperature: Extra inputs are not permitted";
        return refuse(StatusCode::BAD_REQUEST, "invalid_request_error", message);
    }
    let last = body["messages"].as_array().and_then(|all| all.last());
    let blocks = last.and_then(|last| last["content"].as_array());
    let asked = blocks.and_then(|blocks| blocks.last()?["text"].as_str());
    let model = body["model"].as_str().unwrap_or_default();
    let shown = text::shown(&body["messages"], "content", |block| {
        let source = &block["source"];
        let is_shown = block["type"] == "image" && source["type"] == "base64";
        let is_picture = is_shown && source["media_type"] == "image/png";
        source["data"].as_str().filter(|_| is_picture)
    });
    let said = text::say(shop, model, (&body["system"], asked), shown);
    let (text, stop, details) = match said {
        Ok(text) => (Some(text), "end_turn", Value::Null),
        Err(why) => {
            let details = json!({"type": "refusal", "category": null, "explanation": why});
            (None, "refusal", details)
        }
    };
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": [],
        "stop_reason": null, "stop_sequence": null, "stop_details": null,
        "usage": {"input_tokens": text::READ, "output_tokens": 1, "cache_read_input_tokens": 0},
    });
    let mut all = vec![json!({"type": "message_start", "message": message})];
    if let Some(text) = text {
        let block = json!({"type": "text", "text": ""});
        all.push(json!({"type": "content_block_start", "index": 0, "content_block": block}));
        all.push(json!({"type": "ping"}));
        all.extend(text::pieces(&text).into_iter().map(|part| {
            let delta = json!({"type": "text_delta", "text": part});
            json!({"type": "content_block_delta", "index": 0, "delta": delta})
        }));
        all.push(json!({"type": "content_block_stop", "index": 0}));
    }
    let delta = json!({"stop_reason": stop, "stop_sequence": null, "stop_details": details});
    all.push(
        json!({"type": "message_delta", "delta": delta, "usage": {"output_tokens": text::MADE}}),
    );
    all.push(json!({"type": "message_stop"}));
    text::events(all.into_iter().map(|event| ("message", event.to_string())))
}

fn refuse(status: StatusCode, kind: &str, message: &str) -> Response {
    let error = json!({"type": kind, "message": message});
    let body = json!({"type": "error", "error": error, "request_id": "req_1"});
    (status, Json(body)).into_response()
}
