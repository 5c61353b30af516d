//! Gemini's row, and its pictures: `POST /v1beta/models/MODEL:generateContent`.
//!
//! The answer is the picture. There is no key of one's own for an order and no list of orders: one whose
//! answer was lost waits for a person. A refusal comes with status 200 and no picture.

use serde_json::{Value, json};

use super::gemini_speech::GeminiSpeech;
use super::gemini_text::GeminiText;
use super::{Row, shape};
use crate::error::CallError;
use crate::http::{Reply, Request};
use crate::order::{
    Capability, Delivery, Order, Parcel, Reference, Submitted, Usage, Vendor, base64,
};

/// Gemini's row.
pub(super) const ROW: Row = Row {
    id: "gemini",
    name: "Gemini",
    url: "https://generativelanguage.googleapis.com",
    key: ("GEMINI_API_KEY", "x-goog-api-key", ""),
    has_jobs: false,
    takes_key: false,
    can_find: false,
    references: 14,
    per_minute: 60,
    at_once: 4,
    makes: &[
        (Capability::Image, &Gemini),
        (Capability::Speech, &GeminiSpeech),
        (Capability::Text, &GeminiText),
    ],
    complaint: |reply| {
        let body: Value = serde_json::from_slice(&reply.body).ok()?;
        Some(body["error"]["message"].as_str()?.to_owned())
    },
    explain: |body| Some(body["error"]["message"].as_str()?.to_owned()),
    prices: &[],
};

/// The shapes that it makes.
const SHAPES: [(&str, u64, u64); 10] = [
    ("1:1", 1, 1),
    ("2:3", 2, 3),
    ("3:2", 3, 2),
    ("3:4", 3, 4),
    ("4:3", 4, 3),
    ("4:5", 4, 5),
    ("5:4", 5, 4),
    ("9:16", 9, 16),
    ("16:9", 16, 9),
    ("21:9", 21, 9),
];

#[derive(Debug)]
struct Gemini;

/// The parts of what it answered, those that it only thought left out.
pub(super) fn parts(body: &Value) -> impl Iterator<Item = &Value> {
    let parts = body["candidates"][0]["content"]["parts"].as_array();
    let all = parts.into_iter().flatten();
    all.filter(|part| part["thought"] != true)
}

/// What it made.
pub(super) fn inline(body: &Value) -> Option<&Value> {
    parts(body).find_map(|part| part.get("inlineData"))
}

/// Why there is nothing, where it says so.
fn refusal(body: &Value) -> Option<String> {
    let blocked = body["promptFeedback"]["blockReason"].as_str();
    let ended = body["candidates"][0]["finishReason"].as_str();
    let why = blocked.or(ended)?;
    let said: Vec<&str> = parts(body)
        .filter_map(|part| part["text"].as_str())
        .collect();
    Some(
        format!("it made nothing: {why} {}", said.join(" "))
            .trim_end()
            .to_owned(),
    )
}

/// Why nothing is made of an order.
pub(super) fn unmade(reply: &Reply, body: &Value) -> CallError {
    match refusal(body) {
        Some(text) => CallError::Complaint {
            url: reply.url.clone(),
            text: text.chars().take(300).collect(),
        },
        None => reply.unexpected("`inlineData`"),
    }
}

impl Vendor for Gemini {
    fn submit(&self, order: &Order, _: &str) -> Request {
        let inline = |reference: &Reference| {
            json!({"inlineData": {
                "mimeType": reference.media_type, "data": reference.base64(),
            }})
        };
        let shown = order.references.iter().map(inline);
        let parts: Vec<Value> = shown.chain([json!({"text": order.prompt})]).collect();
        let settings = order.with_options(json!({
            "responseModalities": ["IMAGE"],
            "seed": order.seed,
            "imageConfig": {"aspectRatio": shape::nearest(order.size(), &SHAPES)},
        }));
        let body = json!({
            "contents": [{"role": "user", "parts": parts}],
            "generationConfig": settings,
        });
        Request::post(
            format!("v1beta/models/{}:generateContent", order.model),
            body,
        )
    }

    fn submitted(&self, _: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        let body = reply.json()?;
        let bytes = inline(&body).and_then(|picture| base64(&picture["data"]));
        let bytes = bytes.ok_or_else(|| unmade(reply, &body))?;
        let count = |name: &str| body["usageMetadata"][name].as_u64().unwrap_or_default();
        let usage = Usage {
            tokens_in: count("promptTokenCount"),
            tokens_out: count("candidatesTokenCount") + count("thoughtsTokenCount"),
            pixels: 0,
        };
        let delivery = Delivery::of(Parcel::Bytes(bytes));
        Ok(Submitted::Done(Delivery { usage, ..delivery }))
    }
}
