//! Gemini's `generateContent` with pictures, speech and texts.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::{Asked, Kind, Shop, png, speech, text};

pub(crate) const KIND: Kind = Kind {
    vendor: "gemini",
    base: "",
    key: ("x-goog-api-key", ""),
    models: &[
        ("images", "gemini-3.1-flash-image"),
        ("voices", "gemini-3.8-flash-tts"),
        ("text", "gemini-3.8-flash"),
    ],
    charges: 40_000,
    has_jobs: false,
    answer,
};

fn answer(shop: &Shop, asked: &Asked<'_>) -> Response {
    let model = asked.path.strip_prefix("/v1beta/models/");
    let streamed = model.and_then(|rest| rest.strip_suffix(":streamGenerateContent"));
    if let Some(model) = streamed.filter(|_| asked.query == "alt=sse") {
        return said(shop, model, asked.body);
    }
    let Some(model) = model.and_then(|rest| rest.strip_suffix(":generateContent")) else {
        return refuse(StatusCode::NOT_FOUND, "NOT_FOUND", "unknown method");
    };
    let settings = &asked.body["generationConfig"];
    let speaks = settings["responseModalities"] == json!(["AUDIO"]);
    let voice = &settings["speechConfig"]["voiceConfig"]["prebuiltVoiceConfig"]["voiceName"];
    if !speaks && settings["responseModalities"] != json!(["IMAGE"]) || speaks && !voice.is_string()
    {
        let message = "responseModalities must be given, and a voice where it is AUDIO";
        return refuse(StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", message);
    }
    let parts = asked.body["contents"][0]["parts"].as_array();
    let text = parts
        .into_iter()
        .flatten()
        .find_map(|part| part["text"].as_str());
    let input = json!({"prompt": text, "seed": settings["seed"]});
    let job = shop.take(model, &input, "png");
    let made = if speaks {
        let samples = speech(text.unwrap_or_default()).split_off(44);
        let mime = "audio/L16;codec=pcm;rate=24000";
        json!({"inlineData": {"mimeType": mime, "data": BASE64.encode(samples)}})
    } else {
        json!({"inlineData": {"mimeType": "image/png", "data": BASE64.encode(png(&input))}})
    };
    let content: Value = match &job.fails {
        Some(_) => Value::Null,
        None => json!({"role": "model", "parts": [
            {"text": "I think of a lamp", "thought": true},
            made,
        ]}),
    };
    let ended = job
        .fails
        .as_ref()
        .map_or_else(|| "STOP".to_owned(), |why| format!("IMAGE_SAFETY: {why}"));
    Json(json!({
        "candidates": [{"index": 0, "finishReason": ended, "content": content, "safetyRatings": []}],
        "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 1290, "totalTokenCount": 1299},
        "modelVersion": model, "responseId": job.id,
    }))
    .into_response()
}

fn said(shop: &Shop, model: &str, body: &Value) -> Response {
    let last = body["contents"].as_array().and_then(|all| all.last());
    let parts = last.and_then(|last| last["parts"].as_array());
    let text = parts.and_then(|parts| parts.last()?["text"].as_str());
    let shown = text::shown(&body["contents"], "parts", |part| {
        let inline = &part["inlineData"];
        let is_picture = inline["mimeType"] == "image/png";
        inline["data"].as_str().filter(|_| is_picture)
    });
    let said = text::say(shop, model, (&body["systemInstruction"], text), shown);
    let (text, ended) = match said {
        Ok(text) => (text, "STOP".to_owned()),
        Err(why) => (String::new(), format!("SAFETY: {why}")),
    };
    let chunk = |part: Value, ended: Option<&str>| {
        json!({
            "candidates": [{"index": 0, "finishReason": ended, "content": {"role": "model", "parts": [part]}}],
            "usageMetadata": {"promptTokenCount": text::READ, "candidatesTokenCount": text::MADE, "totalTokenCount": 0},
            "modelVersion": model,
        })
    };
    let mut parts = vec![json!({"text": "I think of it", "thought": true})];
    parts.extend(
        text::pieces(&text)
            .into_iter()
            .map(|part| json!({"text": part})),
    );
    parts.push(json!({"text": ""}));
    let last = parts.len() - 1;
    let all = parts.into_iter().enumerate().map(|(at, part)| {
        let ended = (at == last).then_some(ended.as_str());
        ("", chunk(part, ended).to_string())
    });
    text::events(all)
}

fn refuse(code: StatusCode, status: &str, message: &str) -> Response {
    let error = json!({"code": code.as_u16(), "message": message, "status": status});
    (code, Json(json!({"error": error}))).into_response()
}
