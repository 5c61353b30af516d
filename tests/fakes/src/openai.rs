//! OpenAI's images, speech and conversations, and a server of one's own that has the latter.

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::{Asked, Kind, Shop, heard, png, speech, text};

pub(crate) const KIND: Kind = Kind {
    vendor: "openai",
    base: "/v1",
    key: ("authorization", "Bearer "),
    models: &[
        ("images", "gpt-image-1-mini"),
        ("voices", "gpt-4o-mini-tts"),
        ("text", "gpt-6-sol"),
        ("recognisers", "whisper-1"),
    ],
    // 20 tokens at 2 dollars a million, 1568 at 8.
    charges: 40 + 12_544,
    has_jobs: false,
    answer,
};

/// llama.cpp's router, in front of two models.
pub(crate) const COMPATIBLE: Kind = Kind {
    vendor: "openai-compatible",
    base: "/v1",
    key: ("", ""),
    models: &[("text", "own"), ("recognisers", "own")],
    charges: 0,
    has_jobs: false,
    answer: of_ones_own,
};

pub(crate) fn of_ones_own(shop: &Shop, asked: &Asked<'_>) -> Response {
    match (asked.method, asked.path) {
        (&Method::GET, "/v1/models") => {
            let one = |id: &str, state: &str| json!({"id": id, "object": "model", "status": {"value": state}});
            let all = [one("own", "loaded"), one("other", "unloaded")];
            Json(json!({"object": "list", "data": all})).into_response()
        }
        (&Method::POST, "/v1/chat/completions") if asked.body["model"] == "own" => {
            conversation(shop, asked.body)
        }
        (&Method::POST, "/v1/audio/transcriptions") => transcribe(shop, asked.bytes),
        _ => {
            let error = json!({"message": "no such model", "type": "invalid_request_error", "code": "not_found"});
            let body = json!({"src": "llama-swap", "error": error});
            (StatusCode::NOT_FOUND, Json(body)).into_response()
        }
    }
}

fn conversation(shop: &Shop, body: &Value) -> Response {
    if !body["max_completion_tokens"].is_u64() || body["stream_options"]["include_usage"] != true {
        return refuse(StatusCode::BAD_REQUEST, "Unknown parameter.");
    }
    let messages = body["messages"].as_array();
    let last = messages.and_then(|all| all.last());
    let content = last.map_or(&Value::Null, |last| &last["content"]);
    let parts = content
        .as_array()
        .and_then(|parts| parts.last()?["text"].as_str());
    let system = messages.and_then(|all| all.first()).unwrap_or(&Value::Null);
    let model = body["model"].as_str().unwrap_or_default();
    let shown = text::shown(&body["messages"], "content", |part| {
        let url = part["image_url"]["url"].as_str();
        let url = url.filter(|_| part["type"] == "image_url")?;
        url.strip_prefix("data:image/png;base64,")
    });
    let asked = content.as_str().or(parts);
    let said = text::say(shop, model, (system, asked), shown);
    let (text, refusal) = match said {
        Ok(text) => (Some(text), None),
        Err(why) => (None, Some(why)),
    };
    let chunk = |delta: Value, ended: Value| {
        json!({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "model": model, "usage": null,
            "choices": [{"index": 0, "delta": delta, "finish_reason": ended}],
        })
    };
    let first = chunk(
        json!({"role": "assistant", "content": "", "refusal": refusal}),
        Value::Null,
    );
    let text = text.unwrap_or_default();
    let parts = text::pieces(&text)
        .into_iter()
        .map(|part| chunk(json!({"content": part}), Value::Null));
    let usage =
        json!({"prompt_tokens": text::READ, "completion_tokens": text::MADE, "total_tokens": 0});
    let last = [
        chunk(json!({}), "stop".into()),
        json!({"id": "chatcmpl-1", "choices": [], "usage": usage}),
    ];
    let all = [first]
        .into_iter()
        .chain(parts)
        .chain(last)
        .map(|chunk| chunk.to_string());
    text::events(all.chain(["[DONE]".to_owned()]).map(|chunk| ("", chunk)))
}

fn answer(shop: &Shop, asked: &Asked<'_>) -> Response {
    let (path, body) = (asked.path, asked.body);
    if path == "/v1/chat/completions" {
        return conversation(shop, body);
    }
    if path == "/v1/audio/speech" {
        return speak(shop, body);
    }
    if path == "/v1/audio/transcriptions" {
        return transcribe(shop, asked.bytes);
    }
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

fn speak(shop: &Shop, body: &Value) -> Response {
    let (Some(text), Some(_)) = (body["input"].as_str(), body["voice"].as_str()) else {
        return refuse(StatusCode::BAD_REQUEST, "Missing required parameter.");
    };
    let model = body["model"].as_str().unwrap_or_default();
    let job = shop.take(model, &json!({"prompt": text}), "wav");
    match &job.fails {
        Some(fails) => refuse(StatusCode::BAD_REQUEST, fails),
        None => ([("content-type", "audio/wav")], speech(text)).into_response(),
    }
}

fn transcribe(shop: &Shop, form: &[u8]) -> Response {
    let field = |name| heard::field(form, name);
    let (Some(sound), Some(model)) = (field("file"), field("model")) else {
        return refuse(StatusCode::BAD_REQUEST, "Missing required parameter.");
    };
    let model = String::from_utf8_lossy(model).into_owned();
    let timed = field("response_format") == Some(b"verbose_json")
        && field("timestamp_granularities[]") == Some(b"word");
    let (saying, job) = heard::hear(shop, &model, sound);
    if let Some(fails) = &job.fails {
        return refuse(StatusCode::BAD_REQUEST, fails);
    }
    let word = |(word, from, to): &(String, u64, u64)| {
        let seconds = |ms: &u64| *ms as f64 / 1000.0;
        json!({"word": word, "start": seconds(from), "end": seconds(to), "probability": 0.9})
    };
    let words: Value = saying.iter().map(word).collect();
    let text: Vec<&str> = saying.iter().map(|word| word.0.as_str()).collect();
    Json(json!({
        "task": "transcribe", "language": "english", "duration": 1.0, "text": text.join(" "),
        "words": if timed { words } else { Value::Null },
        "usage": {"type": "duration", "seconds": 1},
    }))
    .into_response()
}

fn refuse(status: StatusCode, message: &str) -> Response {
    let body = json!({"error": {
        "message": message, "type": "invalid_request_error", "param": null, "code": null,
    }});
    (status, Json(body)).into_response()
}
