//! ElevenLabs' speech with the times of its characters.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::{Asked, CHARACTER_MS, Kind, Shop, speech};

pub(crate) const KIND: Kind = Kind {
    vendor: "elevenlabs",
    base: "",
    key: ("xi-api-key", ""),
    models: &[("voices", "eleven_multilingual_v2")],
    charges: 0,
    has_jobs: false,
    answer,
};

fn answer(shop: &Shop, asked: &Asked<'_>) -> Response {
    let voice = asked.path.strip_prefix("/v1/text-to-speech/");
    let voice = voice.and_then(|rest| rest.strip_suffix("/with-timestamps"));
    if voice.is_none_or(|voice| voice.is_empty() || voice.contains('/')) {
        return refuse(StatusCode::NOT_FOUND, "voice_not_found", "no such voice");
    }
    let body = asked.body;
    let (Some(text), Some(model)) = (body["text"].as_str(), body["model_id"].as_str()) else {
        let detail = json!([{"loc": ["body", "text"], "msg": "field required", "type": "missing"}]);
        let body = Json(json!({"detail": detail}));
        return (StatusCode::UNPROCESSABLE_ENTITY, body).into_response();
    };
    if !asked.query.starts_with("output_format=") {
        return refuse(
            StatusCode::BAD_REQUEST,
            "invalid_output_format",
            "no format",
        );
    }
    let job = shop.take(model, &json!({"prompt": text}), "wav");
    if let Some(fails) = &job.fails {
        return refuse(StatusCode::BAD_REQUEST, "model_error", fails);
    }
    // Whatever the format, it is a WAV.
    let times = times(text);
    Json(json!({
        "audio_base64": BASE64.encode(speech(text)),
        "alignment": times, "normalized_alignment": times,
    }))
    .into_response()
}

fn times(text: &str) -> Value {
    let characters: Vec<String> = text.chars().map(String::from).collect();
    let at = |n: usize| (n * CHARACTER_MS) as f64 / 1000.0;
    let count = characters.len();
    json!({
        "characters": characters,
        "character_start_times_seconds": (0..count).map(at).collect::<Vec<_>>(),
        "character_end_times_seconds": (1..=count).map(at).collect::<Vec<_>>(),
    })
}

fn refuse(code: StatusCode, status: &str, message: &str) -> Response {
    let detail = json!({"status": status, "message": message});
    (code, Json(json!({"detail": detail}))).into_response()
}
