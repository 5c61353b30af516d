//! Gemini's texts: `POST /v1beta/models/MODEL:streamGenerateContent?alt=sse`.

use serde_json::{Value, json};

use super::gemini::parts;
use crate::chat::{Chat, Ended, Message, answered, field, first, seed};
use crate::error::CallError;
use crate::http::{Join, Joined, Reply, Request};
use crate::order::{Order, Reference, Submitted, Usage, Vendor};

/// The format of texts.
#[derive(Debug)]
pub(super) struct GeminiText;

/// What a model is said to have ended with that is neither the end nor the limit.
fn ended(body: &Value) -> Ended {
    let blocked = body["promptFeedback"]["blockReason"].as_str();
    match (blocked, body["candidates"][0]["finishReason"].as_str()) {
        (Some(why), _) => Ended::Refused(format!("the prompt is blocked: {why}")),
        (None, Some("MAX_TOKENS")) => Ended::CutOff,
        (None, None | Some("STOP" | "FINISH_REASON_UNSPECIFIED")) => Ended::Whole,
        (None, Some(why)) => Ended::Refused(why.to_owned()),
    }
}

fn parts_of(whole: &mut Value) -> &mut Value {
    let candidate = first(field(whole, "candidates"));
    field(field(candidate, "content"), "parts")
}

/// Puts a chunk to an answer: each has the parts that are new, and the last one says how it ended.
fn join(whole: &mut Value, part: &Value) -> Joined {
    if part.get("error").is_some() {
        *whole = part.clone();
        return Joined::Last;
    }
    let before = parts_of(whole).take();
    let counts = field(whole, "usageMetadata").take();
    let ended = field(first(field(whole, "candidates")), "finishReason").take();
    *whole = part.clone();
    if let Value::Array(mut all) = before {
        let more = parts_of(whole);
        all.extend(more.as_array().into_iter().flatten().cloned());
        *more = all.into();
    }
    // What was told once is not said again with every chunk.
    let own = field(whole, "usageMetadata");
    if own.is_null() {
        *own = counts;
    }
    let own = field(first(field(whole, "candidates")), "finishReason");
    if own.is_null() {
        *own = ended;
    }
    let ends = whole["candidates"][0]["finishReason"].is_string()
        || whole["promptFeedback"]["blockReason"].is_string();
    if ends { Joined::Enough } else { Joined::More }
}

impl Vendor for GeminiText {
    fn submit(&self, order: &Order, _: &str) -> Request {
        let chat = Chat::of(order);
        let inline = |shown: &Reference| json!({"inlineData": {"mimeType": shown.media_type, "data": shown.base64()}});
        let said = |message: &Message<'_>| {
            let shown = message.shown.iter().map(inline);
            let parts: Value = shown.chain([json!({"text": message.text})]).collect();
            json!({"role": Chat::role(message, "model"), "parts": parts})
        };
        let mut settings = order.with_options(json!({"seed": seed(order)}));
        settings["maxOutputTokens"] = chat.most.into();
        settings["candidateCount"] = 1.into();
        if let Some(schema) = chat.schema {
            settings["responseMimeType"] = "application/json".into();
            settings["responseJsonSchema"] = schema.clone();
        }
        let mut body = json!({
            "contents": chat.messages.iter().map(said).collect::<Value>(),
            "generationConfig": settings,
        });
        if !chat.system.is_empty() {
            body["systemInstruction"] = json!({"parts": [{"text": chat.system}]});
        }
        Request::post(
            format!(
                "v1beta/models/{}:streamGenerateContent?alt=sse",
                order.model
            ),
            body,
        )
    }

    fn join(&self) -> Option<Join> {
        Some(join)
    }

    fn submitted(&self, order: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        let body = reply.json()?;
        let ended = ended(&body);
        if body["candidates"].get(0).is_none() && ended == Ended::Whole {
            return Err(reply.unexpected("`candidates`"));
        }
        let texts = parts(&body).filter_map(|part| part["text"].as_str());
        let text: String = texts.collect();
        let count = |name: &str| body["usageMetadata"][name].as_u64().unwrap_or_default();
        let usage = Usage {
            tokens_in: count("promptTokenCount"),
            tokens_out: count("candidatesTokenCount") + count("thoughtsTokenCount"),
            pixels: 0,
        };
        Ok(answered(order, &text, ended, usage))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::tests::{joined, order, told};
    use crate::http::{Body, Target};

    #[test]
    fn a_conversation_is_sent_as_contents() {
        let request = GeminiText.submit(&order(), "");
        let path = "v1beta/models/m:streamGenerateContent?alt=sse".to_owned();
        assert_eq!(request.target, Target::Path(path));
        let schema = match order().what {
            crate::order::What::Text { schema, .. } => schema,
            _ => None,
        };
        let image = json!({"inlineData": {"mimeType": "image/png", "data": "AQID"}});
        let wanted = json!({
            "systemInstruction": {"parts": [{"text": "be short"}]},
            "contents": [
                {"role": "user", "parts": [image, {"text": "what is it?"}]},
                {"role": "model", "parts": [{"text": "a lamp"}]},
                {"role": "user", "parts": [{"text": "and now?"}]},
            ],
            "generationConfig": {
                "seed": 0x7fff_fff7, "maxOutputTokens": 700, "candidateCount": 1,
                "responseMimeType": "application/json", "responseJsonSchema": schema,
            },
        });
        assert_eq!(request.body, Some(Body::Json(wanted)));
    }

    #[test]
    fn an_answer_comes_in_chunks() {
        let chunk = |text: &str, ended: Option<&str>| {
            let content = json!({"role": "model", "parts": [{"text": text}]});
            json!({
                "candidates": [{"index": 0, "content": content, "finishReason": ended}],
                "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": text.len()},
            })
        };
        let whole = joined(&GeminiText, &[chunk("y", None), chunk("es", Some("STOP"))]).unwrap();
        let (said, usage) = told(&GeminiText, &whole).unwrap();
        assert_eq!(
            (said.as_str(), usage.tokens_in, usage.tokens_out),
            ("yes", 5, 2)
        );
        assert_eq!(
            joined(&GeminiText, &[chunk("y", None), chunk("es", None)]),
            None
        );
        let counts = json!({"usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 9}});
        let whole = joined(&GeminiText, &[chunk("yes", Some("STOP")), counts]).unwrap();
        let (said, usage) = told(&GeminiText, &whole).unwrap();
        assert_eq!((said.as_str(), usage.tokens_out), ("yes", 9));
        // The last one may have no text.
        let last = json!({"candidates": [{"finishReason": "MAX_TOKENS"}]});
        let whole = joined(&GeminiText, &[chunk("yes", None), last]).unwrap();
        assert!(told(&GeminiText, &whole).unwrap_err().contains("cut off"));
        let blocked = joined(
            &GeminiText,
            &[json!({"promptFeedback": {"blockReason": "OTHER"}})],
        );
        assert!(
            told(&GeminiText, &blocked.unwrap())
                .unwrap_err()
                .contains("blocked: OTHER")
        );
    }

    #[test]
    fn answers_are_told_apart_from_refusals() {
        let of = |finish: &str| {
            let thought = json!({"text": "hm", "thought": true});
            let parts = json!({"role": "model", "parts": [thought, {"text": "ye"}, {"text": "s"}]});
            told(
                &GeminiText,
                &json!({
                    "candidates": [{"index": 0, "finishReason": finish, "content": parts}],
                    "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 3, "thoughtsTokenCount": 4},
                }),
            )
        };
        let (said, usage) = of("STOP").unwrap();
        assert_eq!(
            (said.as_str(), usage.tokens_in, usage.tokens_out),
            ("yes", 5, 7)
        );
        assert!(of("MAX_TOKENS").unwrap_err().contains("cut off"));
        assert_eq!(of("SAFETY").unwrap_err(), "it refuses: SAFETY (5 7)");
        let blocked = json!({"promptFeedback": {"blockReason": "OTHER"}});
        let blocked = told(&GeminiText, &blocked).unwrap_err();
        assert!(
            blocked.contains("the prompt is blocked: OTHER"),
            "{blocked}"
        );
        assert!(
            told(&GeminiText, &json!({}))
                .unwrap_err()
                .contains("`candidates`")
        );
    }
}
