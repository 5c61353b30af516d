//! OpenAI's conversations, `POST /v1/chat/completions`, and every server that speaks as it does: llama.cpp,
//! vLLM, LocalAI, llama-swap.
//!
//! There is no key of one's own for an order and no list of orders. Servers of one's own are told of a limit
//! and of a schema by the older names too, and say which models they have and, where several share a machine,
//! which of them is in memory.

use serde_json::{Value, json};

use super::Row;
use super::openai_transcriptions::Transcriptions;
use crate::chat::{Chat, Ended, Message, answered, append, field, first, seed};
use crate::error::CallError;
use crate::http::{Join, Joined, Reply, Request};
use crate::order::{Capability, Known, Order, Reference, Submitted, Usage, Vendor};

/// The row of servers that speak as OpenAI's does.
pub(super) const ROW: Row = Row {
    id: "openai-compatible",
    name: "OpenAI-compatible server",
    url: "http://127.0.0.1:8080/v1",
    key: ("", "Authorization", "Bearer "),
    has_jobs: false,
    takes_key: false,
    can_find: false,
    references: 16,
    per_minute: 6000,
    at_once: 1,
    makes: &[
        (Capability::Text, &Chats::OF_OTHERS),
        (Capability::Recognition, &Transcriptions),
    ],
    complaint: |reply| complaint(reply),
    explain: said,
    prices: &[],
};

/// The format of conversations.
#[derive(Debug)]
pub(super) struct Chats {
    /// Whether it is OpenAI's own server.
    is_openai: bool,
}

impl Chats {
    /// As OpenAI itself takes them.
    pub(super) const OF_OPENAI: Self = Self { is_openai: true };
    /// As others do.
    pub(super) const OF_OTHERS: Self = Self { is_openai: false };
}

/// What a reply of status 200 complains of.
pub(super) fn complaint(reply: &Reply) -> Option<String> {
    let body: Value = serde_json::from_slice(&reply.body).ok()?;
    let error = body.get("error").filter(|error| !error.is_null())?;
    let told = said(&body).or_else(|| error.as_str().map(str::to_owned));
    Some(told.unwrap_or_else(|| "an error without a message".to_owned()))
}

/// What an error says; some servers give a text in place of an object.
pub(super) fn said(body: &Value) -> Option<String> {
    let error = &body["error"];
    let said = error["message"].as_str().or_else(|| error.as_str())?;
    Some(said.to_owned())
}

/// Puts a chunk to an answer. The last but one may be the last: some servers tell no usage after it, and no end.
fn join(whole: &mut Value, part: &Value) -> Joined {
    if part.get("error").is_some_and(|error| !error.is_null()) {
        *whole = part.clone();
        return Joined::Last;
    }
    if part["usage"].is_object() {
        *field(whole, "usage") = part["usage"].clone();
    }
    let choices = part["choices"].as_array().into_iter().flatten();
    for choice in choices.filter(|choice| choice["index"].as_u64().unwrap_or(0) == 0) {
        let own = first(field(whole, "choices"));
        for name in ["content", "refusal"] {
            append(field(field(own, "message"), name), &choice["delta"][name]);
        }
        if choice["finish_reason"].is_string() {
            *field(own, "finish_reason") = choice["finish_reason"].clone();
        }
    }
    if whole["choices"][0]["finish_reason"].is_string() {
        return Joined::Enough;
    }
    Joined::More
}

fn content(message: &Message<'_>) -> Value {
    if message.shown.is_empty() {
        return message.text.into();
    }
    let picture =
        |shown: &Reference| json!({"type": "image_url", "image_url": {"url": shown.data_url()}});
    let pictures = message.shown.iter().map(picture);
    let text = json!({"type": "text", "text": message.text});
    pictures.chain([text]).collect()
}

impl Vendor for Chats {
    fn list(&self) -> Vec<Request> {
        vec![Request::get("models")]
    }

    fn listed(&self, replies: &[Reply]) -> Vec<Known> {
        let body = replies.first().and_then(|reply| reply.json().ok());
        let body = body.unwrap_or_default();
        let all = body["data"].as_array().map_or(&[][..], Vec::as_slice);
        let known = |model: &Value| {
            // llama-swap and llama.cpp's router say how each stands; who says nothing has what it lists.
            let state = model["status"]["value"].as_str();
            Some(Known {
                name: model["id"].as_str()?.to_owned(),
                is_resident: state.map_or(all.len() == 1, |state| state == "loaded"),
            })
        };
        all.iter().filter_map(known).collect()
    }

    fn submit(&self, order: &Order, _: &str) -> Request {
        let chat = Chat::of(order);
        let system =
            (!chat.system.is_empty()).then(|| json!({"role": "system", "content": chat.system}));
        let message = |message: &Message<'_>| json!({"role": Chat::role(message, "assistant"), "content": content(message)});
        let messages = chat.messages.iter().map(message);
        let mut body = order.with_options(json!({"seed": seed(order)}));
        body["model"] = order.model.as_str().into();
        body["messages"] = system.into_iter().chain(messages).collect();
        body["stream"] = true.into();
        body["stream_options"] = json!({"include_usage": true});
        if self.is_openai {
            body["stream_options"]["include_obfuscation"] = false.into();
        }
        body["max_completion_tokens"] = chat.most.into();
        if let Some(schema) = chat.schema {
            let named = json!({"name": "answer", "schema": schema, "strict": true});
            body["response_format"] = json!({"type": "json_schema", "json_schema": named});
            if !self.is_openai {
                body["response_format"]["schema"] = schema.clone();
            }
        }
        if let Some(body) = body.as_object_mut() {
            // More than one answer would cost more than was said.
            body.remove("n");
            body.remove("max_tokens");
        }
        if !self.is_openai {
            body["max_tokens"] = chat.most.into();
        }
        Request::post("chat/completions", body)
    }

    fn join(&self) -> Option<Join> {
        Some(join)
    }

    fn submitted(&self, order: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        let body = reply.json()?;
        let choice = body["choices"].get(0);
        let choice = choice.ok_or_else(|| reply.unexpected("`choices`"))?;
        let message = &choice["message"];
        let refusal = message["refusal"].as_str();
        let ended = match (choice["finish_reason"].as_str(), refusal) {
            (_, Some(why)) => Ended::Refused(why.to_owned()),
            (Some("content_filter"), _) => Ended::Refused("its content filter".to_owned()),
            (Some("error"), _) => Ended::Refused("the model broke off".to_owned()),
            (Some("length"), _) => Ended::CutOff,
            _ => Ended::Whole,
        };
        let count = |name: &str| body["usage"][name].as_u64().unwrap_or_default();
        let usage = Usage {
            tokens_in: count("prompt_tokens"),
            tokens_out: count("completion_tokens"),
            pixels: 0,
        };
        let text = message["content"].as_str().unwrap_or_default();
        Ok(answered(order, text, ended, usage))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::chat::tests::{joined, order, told};
    use crate::http::Body;

    #[test]
    fn a_conversation_is_sent_as_messages_and_options_do_not_raise_its_price() {
        let mut order = order();
        order.options = Map::from_iter([
            ("n".to_owned(), 9.into()),
            ("max_completion_tokens".to_owned(), 1_000_000.into()),
            ("max_tokens".to_owned(), 1_000_000.into()),
            ("reasoning_effort".to_owned(), "low".into()),
        ]);
        let Some(Body::Json(own)) = Chats::OF_OPENAI.submit(&order, "").body else {
            panic!("no JSON");
        };
        let url = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AQID"}});
        let schema = match &order.what {
            crate::order::What::Text { schema, .. } => schema.clone(),
            _ => None,
        };
        let wanted = json!({
            "model": "m", "seed": 0x7fff_fff7, "stream": true,
            "stream_options": {"include_usage": true, "include_obfuscation": false}, "max_completion_tokens": 700,
            "reasoning_effort": "low",
            "messages": [
                {"role": "system", "content": "be short"},
                {"role": "user", "content": [url, {"type": "text", "text": "what is it?"}]},
                {"role": "assistant", "content": "a lamp"},
                {"role": "user", "content": "and now?"},
            ],
            "response_format": {"type": "json_schema", "json_schema": {
                "name": "answer", "schema": schema, "strict": true,
            }},
        });
        assert_eq!(own, wanted);
        let Some(Body::Json(other)) = Chats::OF_OTHERS.submit(&order, "").body else {
            panic!("no JSON");
        };
        assert_eq!(other["max_tokens"], 700);
        assert_eq!(other["response_format"]["schema"]["type"], "object");
    }

    #[test]
    fn answers_are_told_apart_from_refusals() {
        let of = |finish: &str, content: Value, refusal: Value| {
            told(
                &Chats::OF_OPENAI,
                &json!({
                    "choices": [{"index": 0, "finish_reason": finish, "message": {
                        "role": "assistant", "content": content, "refusal": refusal,
                    }}],
                    "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12},
                }),
            )
        };
        let (said, usage) = of("stop", "yes".into(), Value::Null).unwrap();
        assert_eq!(
            (said.as_str(), usage.tokens_in, usage.tokens_out),
            ("yes", 5, 7)
        );
        let refused = of("stop", Value::Null, "I cannot".into()).unwrap_err();
        assert_eq!(refused, "it refuses: I cannot (5 7)");
        assert!(
            of("length", "ye".into(), Value::Null)
                .unwrap_err()
                .contains("cut off")
        );
        assert!(
            of("content_filter", Value::Null, Value::Null)
                .unwrap_err()
                .contains("refuses")
        );
        assert!(
            told(&Chats::OF_OTHERS, &json!({"choices": []}))
                .unwrap_err()
                .contains("`choices`")
        );
    }

    #[test]
    fn an_answer_comes_in_chunks() {
        let chunk = |delta: Value, finish: Value| {
            let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
            json!({"object": "chat.completion.chunk", "choices": [choice], "usage": null})
        };
        let first = chunk(
            json!({"role": "assistant", "content": "", "refusal": null}),
            Value::Null,
        );
        let all = [
            first.clone(),
            chunk(json!({"reasoning_content": "hm"}), Value::Null),
            chunk(json!({"content": "ye"}), Value::Null),
            chunk(json!({"content": "s"}), Value::Null),
            chunk(json!({}), "stop".into()),
            json!({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 7}}),
        ];
        let of = |parts: &[Value]| {
            let whole = joined(&Chats::OF_OPENAI, parts).ok_or("not whole")?;
            told(&Chats::OF_OPENAI, &whole)
                .map(|(said, usage)| format!("{said} {}", usage.tokens_out))
        };
        assert_eq!(of(&all).unwrap(), "yes 7");
        // A server that tells no usage.
        assert_eq!(of(&all[..5]).unwrap(), "yes 0");
        assert_eq!(of(&all[..4]).unwrap_err(), "not whole");
        let refused = [
            first.clone(),
            chunk(json!({"refusal": "no"}), "stop".into()),
        ];
        assert!(of(&refused).unwrap_err().contains("it refuses: no"));
        let broken = [first, json!({"error": {"message": "overloaded"}})];
        let whole = joined(&Chats::OF_OTHERS, &broken).unwrap();
        assert_eq!(said(&whole).unwrap(), "overloaded");
    }

    #[test]
    fn a_server_tells_which_models_it_has_and_which_is_in_memory() {
        let of = |body: Value| {
            let reply = Reply {
                url: String::new(),
                status: 200,
                media_type: String::new(),
                body: body.to_string().into_bytes(),
            };
            let all = Chats::OF_OTHERS.listed(&[reply]);
            all.into_iter()
                .map(|one| (one.name, one.is_resident))
                .collect::<Vec<_>>()
        };
        let swap = json!({"data": [
            {"id": "a", "status": {"value": "unloaded"}}, {"id": "b", "status": {"value": "loaded"}}, 7,
        ]});
        assert_eq!(of(swap), [("a".to_owned(), false), ("b".to_owned(), true)]);
        let single = json!({"object": "list", "data": [{"id": "/m/q.gguf", "meta": null}]});
        assert_eq!(of(single), [("/m/q.gguf".to_owned(), true)]);
        assert_eq!(of(json!("<html>")), []);
    }
}
