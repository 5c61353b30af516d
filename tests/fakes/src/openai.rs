//! OpenAI's images.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

use crate::{Asked, Kind, Shop, png};

pub(crate) const KIND: Kind = Kind {
    vendor: "openai",
    base: "/v1",
    key: ("authorization", "Bearer "),
    models: ["gpt-image-1-mini", ""],
    // 20 tokens at 2 dollars a million, 1568 at 8.
    charges: 40 + 12_544,
    has_jobs: false,
    answer,
};

fn answer(shop: &Shop, asked: &Asked<'_>) -> Response {
    let (path, body) = (asked.path, asked.body);
    if !["/v1/images/generations", "/v1/images/edits"].contains(&path) {
        return refuse(StatusCode::NOT_FOUND, "unknown URL");
    }
    if !body["prompt"].is_string() {
        return refuse(
            StatusCode::BAD_REQUEST,
            "Missing required parameter: 'prompt'.",
        );
    }
    if body.get("response_format").is_some() || body.get("seed").is_some() {
        return refuse(StatusCode::BAD_REQUEST, "Unknown parameter.");
    }
    let made = match body["quality"].as_str() {
        Some("low") => 400,
        Some("high") => 6208,
        _ => 1568,
    };
    let job = shop.take(body["model"].as_str().unwrap_or_default(), body, "png");
    if let Some(fails) = &job.fails {
        return refuse(StatusCode::BAD_REQUEST, fails);
    }
    Json(json!({
        "created": 1, "background": "opaque", "output_format": "png", "quality": body["quality"],
        "size": body["size"], "data": [{"b64_json": BASE64.encode(png(&job.input))}],
        "usage": {
            "input_tokens": 20, "output_tokens": made, "total_tokens": 20 + made,
            "input_tokens_details": {"text_tokens": 20, "image_tokens": 0},
        },
    }))
    .into_response()
}

fn refuse(status: StatusCode, message: &str) -> Response {
    let body = json!({"error": {
        "message": message, "type": "invalid_request_error", "param": null, "code": null,
    }});
    (status, Json(body)).into_response()
}
