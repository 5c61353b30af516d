//! Anthropic's messages: `POST /v1/messages`.
//!
//! No sampling parameter is sent unless a show's `options` name one, for the newest version of the interface
//! refuses all of them; `options` may name another `anthropic-version` too. There is no key of one's own for
//! an order and no list of orders: one whose answer was lost waits for a person.

use serde_json::{Map, Value, json};

use super::Row;
use crate::chat::{Chat, Ended, Message, answered, append, field};
use crate::error::CallError;
use crate::http::{Join, Joined, Reply, Request};
use crate::order::{Capability, Order, Submitted, Usage, Vendor};

/// Anthropic's row.
pub(super) const ROW: Row = Row {
    id: "anthropic",
    name: "Anthropic",
    url: "https://api.anthropic.com",
    key: ("ANTHROPIC_API_KEY", "x-api-key", ""),
    has_jobs: false,
    takes_key: false,
    can_find: false,
    references: 16,
    per_minute: 60,
    at_once: 4,
    makes: &[(Capability::Text, &Anthropic)],
    complaint: |reply| {
        let body: Value = serde_json::from_slice(&reply.body).ok()?;
        said(&body)
    },
    explain: said,
    prices: &[],
};

/// The version of the interface that every model and every server that speaks it takes.
const VERSION: &str = "2023-06-01";
const VERSION_HEADER: &str = "anthropic-version";

#[derive(Debug)]
struct Anthropic;

fn said(body: &Value) -> Option<String> {
    Some(body["error"]["message"].as_str()?.to_owned())
}

/// Puts an event to a message. Events of other kinds may come at any time.
fn join(whole: &mut Value, part: &Value) -> Joined {
    let index = part["index"].as_u64().unwrap_or(u64::MAX);
    match part["type"].as_str() {
        Some("message_start") => *whole = part["message"].clone(),
        Some("content_block_start") => {
            if let Some(blocks) = whole.get_mut("content").and_then(Value::as_array_mut) {
                blocks.push(part["content_block"].clone());
            }
        }
        Some("content_block_delta") if part["delta"]["type"] == "text_delta" => {
            let blocks = whole.get_mut("content").and_then(Value::as_array_mut);
            let block = usize::try_from(index)
                .ok()
                .and_then(|at| blocks?.get_mut(at));
            if let Some(block) = block.filter(|block| block["type"] == "text") {
                append(field(block, "text"), &part["delta"]["text"]);
            }
        }
        Some("message_delta") => {
            for name in ["stop_reason", "stop_details"] {
                *field(whole, name) = part["delta"][name].clone();
            }
            let usage = part["usage"].as_object().into_iter().flatten();
            for (name, count) in usage.filter(|(_, count)| count.is_u64()) {
                *field(field(whole, "usage"), name) = count.clone();
            }
        }
        Some("message_stop") => return Joined::Last,
        Some("error") => {
            *whole = part.clone();
            return Joined::Last;
        }
        _ => {}
    }
    Joined::More
}

fn content(message: &Message<'_>) -> Value {
    let picture = |shown: &crate::order::Reference| {
        json!({"type": "image", "source": {
            "type": "base64", "media_type": shown.media_type, "data": shown.base64(),
        }})
    };
    let pictures = message.shown.iter().map(picture);
    let text = json!({"type": "text", "text": message.text});
    pictures.chain([text]).collect()
}

/// What the decoder that is held to a schema does not know of one: it is told in words instead.
const NOT_KNOWN: [&str; 12] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "default",
];

/// A schema as the vendor takes it: objects without further fields, bounds as words, `anyOf` for `oneOf`.
fn plain(schema: &Value) -> Value {
    let Value::Object(own) = schema else {
        return schema.clone();
    };
    let mut out = Map::new();
    let mut bounds = Vec::new();
    for (name, value) in own {
        match (name.as_str(), value) {
            (bound, value) if NOT_KNOWN.contains(&bound) => {
                bounds.push(format!("{bound}: {value}"));
            }
            ("properties" | "$defs", Value::Object(all)) => {
                let all = all.iter().map(|(name, one)| (name.clone(), plain(one)));
                out.insert(name.clone(), Value::Object(all.collect()));
            }
            ("oneOf" | "anyOf" | "allOf", Value::Array(all)) => {
                let name = if name == "oneOf" { "anyOf" } else { name };
                out.insert(name.to_owned(), all.iter().map(plain).collect());
            }
            ("items", one) => drop(out.insert(name.clone(), plain(one))),
            _ => drop(out.insert(name.clone(), value.clone())),
        }
    }
    if !bounds.is_empty() {
        bounds.sort();
        let said = out.get("description").and_then(Value::as_str);
        let all = said.into_iter().map(str::to_owned).chain(bounds);
        let all: Vec<String> = all.collect();
        out.insert("description".to_owned(), all.join("; ").into());
    }
    if out.get("type") == Some(&json!("object")) {
        out.insert("additionalProperties".to_owned(), false.into());
    }
    Value::Object(out)
}

impl Vendor for Anthropic {
    fn submit(&self, order: &Order, _: &str) -> Request {
        let chat = Chat::of(order);
        let message = |message: &Message<'_>| {
            let role = Chat::role(message, "assistant");
            json!({"role": role, "content": content(message)})
        };
        let mut body = order.with_options(json!({}));
        body["model"] = order.model.as_str().into();
        let version = body[VERSION_HEADER].as_str().unwrap_or(VERSION).to_owned();
        body["messages"] = chat.messages.iter().map(message).collect();
        body["max_tokens"] = chat.most.into();
        body["stream"] = true.into();
        if !chat.system.is_empty() {
            body["system"] = chat.system.into();
        }
        if let Some(schema) = chat.schema {
            body["output_config"]["format"] =
                json!({"type": "json_schema", "schema": plain(schema)});
        }
        if let Some(body) = body.as_object_mut() {
            body.remove(VERSION_HEADER);
        }
        let mut request = Request::post("v1/messages", body);
        request.headers.push((VERSION_HEADER.into(), version));
        request
    }

    fn join(&self) -> Option<Join> {
        Some(join)
    }

    fn submitted(&self, order: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        let body = reply.json()?;
        let content = body["content"].as_array();
        let content = content.ok_or_else(|| reply.unexpected("`content`"))?;
        let texts = content.iter().filter(|block| block["type"] == "text");
        let text: String = texts.filter_map(|block| block["text"].as_str()).collect();
        let ended = match body["stop_reason"].as_str() {
            Some("max_tokens" | "model_context_window_exceeded") => Ended::CutOff,
            Some("refusal") => {
                let why = body["stop_details"]["explanation"].as_str();
                Ended::Refused(why.unwrap_or("it gives no reason").to_owned())
            }
            _ => Ended::Whole,
        };
        let count = |name: &str| body["usage"][name].as_u64().unwrap_or_default();
        // What was read from or written to a cache is not among the first.
        let tokens_in = count("input_tokens")
            + count("cache_creation_input_tokens")
            + count("cache_read_input_tokens");
        let usage = Usage {
            tokens_in,
            tokens_out: count("output_tokens"),
            pixels: 0,
        };
        Ok(answered(order, &text, ended, usage))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::tests::{joined, order, told};
    use crate::http::Body;

    #[test]
    fn a_conversation_is_sent_as_messages() {
        let mut order = order();
        order.options = Map::from_iter([
            ("max_tokens".to_owned(), 1_000_000.into()),
            ("anthropic-version".to_owned(), "2026-10-21".into()),
            ("output_config".to_owned(), json!({"effort": "low"})),
        ]);
        let request = Anthropic.submit(&order, "");
        assert_eq!(
            request.headers,
            [(VERSION_HEADER.into(), "2026-10-21".to_owned())]
        );
        let text = |text: &str| json!({"type": "text", "text": text});
        let image = json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AQID"}});
        let schema = json!({
            "type": "object", "required": ["n"], "additionalProperties": false,
            "properties": {"n": {"type": "integer", "description": "maximum: 9; minimum: 1"}},
        });
        let wanted = json!({
            "model": "m", "system": "be short", "max_tokens": 700, "stream": true,
            "messages": [
                {"role": "user", "content": [image, text("what is it?")]},
                {"role": "assistant", "content": [text("a lamp")]},
                {"role": "user", "content": [text("and now?")]},
            ],
            "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": schema}},
        });
        assert_eq!(request.body, Some(Body::Json(wanted)));
    }

    #[test]
    fn an_answer_comes_in_events() {
        let delta = |index: u32, delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
        let text = |text: &str| delta(1, json!({"type": "text_delta", "text": text}));
        let begins = |index: u32, block: Value| json!({"type": "content_block_start", "index": index, "content_block": block});
        let all = [
            json!({"type": "message_start", "message": {
                "type": "message", "content": [], "stop_reason": null,
                "usage": {"input_tokens": 5, "output_tokens": 1, "cache_read_input_tokens": 2},
            }}),
            begins(0, json!({"type": "thinking", "thinking": ""})),
            delta(0, json!({"type": "thinking_delta", "thinking": "hm"})),
            json!({"type": "content_block_stop", "index": 0}),
            begins(1, json!({"type": "text", "text": ""})),
            text("ye"),
            json!({"type": "ping"}),
            text("s"),
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7}}),
            json!({"type": "message_stop"}),
        ];
        let (said, usage) = told(&Anthropic, &joined(&Anthropic, &all).unwrap()).unwrap();
        assert_eq!(
            (said.as_str(), usage.tokens_in, usage.tokens_out),
            ("yes", 7, 7)
        );
        assert_eq!(joined(&Anthropic, &all[..9]), None);
        let error = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
        let broken = joined(&Anthropic, &[all[0].clone(), error]).unwrap();
        assert_eq!(super::said(&broken).unwrap(), "Overloaded");
    }

    #[test]
    fn answers_are_told_apart_from_refusals() {
        let of = |stop: &str, content: Value| {
            told(
                &Anthropic,
                &json!({
                    "type": "message", "content": content, "stop_reason": stop,
                    "stop_details": {"type": "refusal", "category": "cyber", "explanation": "not that"},
                    "usage": {"input_tokens": 5, "output_tokens": 7, "cache_read_input_tokens": 2},
                }),
            )
        };
        let thought = json!({"type": "thinking", "thinking": "hm", "signature": "x"});
        let text = json!({"type": "text", "text": "yes"});
        let (said, usage) = of("end_turn", json!([thought, text])).unwrap();
        assert_eq!(
            (said.as_str(), usage.tokens_in, usage.tokens_out),
            ("yes", 7, 7)
        );
        let cut = of("max_tokens", json!([text])).unwrap_err();
        assert_eq!(
            cut,
            "its answer was cut off at the limit of 700 tokens (7 7)"
        );
        let refused = of("refusal", json!([])).unwrap_err();
        assert_eq!(refused, "it refuses: not that (7 7)");
        assert!(of("end_turn", json!([])).is_err());
        assert!(
            told(&Anthropic, &json!({"content": 3}))
                .unwrap_err()
                .contains("`content`")
        );
    }
}
