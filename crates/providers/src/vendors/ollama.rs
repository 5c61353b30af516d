//! Ollama's conversations: `POST /api/chat`.
//!
//! A prompt that does not fit into the model's memory is refused, not cut
//! (`truncate`). A show's `options` are the model's own (`num_ctx`, `temperature`), but for what Ollama itself
//! is told (`think`, `keep_alive`).

use serde_json::{Value, json};

use super::Row;
use super::openai_chat::{complaint, said};
use crate::chat::{Chat, Ended, Message, answered, append, field, seed};
use crate::error::CallError;
use crate::http::{Join, Joined, Reply, Request};
use crate::layers::load::Load;
use crate::order::{Capability, Known, Order, Reference, Submitted, Usage, Vendor};

/// Ollama's row.
pub(super) const ROW: Row = Row {
    id: "ollama",
    name: "Ollama",
    url: "http://127.0.0.1:11434",
    key: ("", "Authorization", "Bearer "),
    has_jobs: false,
    takes_key: false,
    can_find: false,
    references: 16,
    per_minute: 6000,
    at_once: 1,
    makes: &[(Capability::Text, &Ollama)],
    complaint: |reply| complaint(reply),
    explain: said,
    prices: &[],
};

#[derive(Debug)]
struct Ollama;

/// What of a show's options is Ollama's and not the model's.
const OWN: [&str; 3] = ["think", "keep_alive", "shift"];

fn names(reply: &Reply) -> Vec<String> {
    let body = reply.json().unwrap_or_default();
    let all = body["models"].as_array().into_iter().flatten();
    all.filter_map(|model| Some(model["name"].as_str()?.to_owned()))
        .collect()
}

/// Puts a line to an answer; the last one has the counts.
fn join(whole: &mut Value, part: &Value) -> Joined {
    if part.get("error").is_some() {
        *whole = part.clone();
        return Joined::Last;
    }
    let mut text = field(field(whole, "message"), "content").take();
    append(&mut text, &part["message"]["content"]);
    *whole = part.clone();
    *field(field(whole, "message"), "content") = text;
    match part["done"].as_bool() {
        Some(true) => Joined::Last,
        _ => Joined::More,
    }
}

fn message(role: &str, text: &str, shown: &[Reference]) -> Value {
    let mut message = json!({"role": role, "content": text});
    if !shown.is_empty() {
        message["images"] = shown.iter().map(Reference::base64).collect();
    }
    message
}

impl Vendor for Ollama {
    fn list(&self) -> Vec<Request> {
        vec![Request::get("api/tags"), Request::get("api/ps")]
    }

    fn listed(&self, replies: &[Reply]) -> Vec<Known> {
        let [installed, resident] = [0, 1].map(|at| replies.get(at).map(names).unwrap_or_default());
        let known = |name: String| Known {
            is_resident: resident.contains(&name),
            name,
        };
        installed.into_iter().map(known).collect()
    }

    fn load(&self) -> Vec<Request> {
        vec![Request::get("api/ps")]
    }

    fn loaded(&self, replies: &[Reply]) -> Load {
        Load {
            jobs: 0,
            resident: replies.first().map(names).unwrap_or_default(),
        }
    }

    fn submit(&self, order: &Order, _: &str) -> Request {
        let chat = Chat::of(order);
        let system = (!chat.system.is_empty()).then(|| message("system", chat.system, &[]));
        let said =
            |said: &Message<'_>| message(Chat::role(said, "assistant"), said.text, said.shown);
        let messages = system.into_iter().chain(chat.messages.iter().map(said));
        let mut body = json!({
            "model": order.model, "messages": messages.collect::<Value>(),
            "stream": true, "truncate": false,
        });
        let mut options = json!({"seed": seed(order)});
        for (name, value) in &order.options {
            let place = if OWN.contains(&name.as_str()) {
                &mut body
            } else {
                &mut options
            };
            place[name] = value.clone();
        }
        options["num_predict"] = chat.most.into();
        body["options"] = options;
        if let Some(schema) = chat.schema {
            body["format"] = schema.clone();
        }
        Request::post("api/chat", body)
    }

    fn join(&self) -> Option<Join> {
        Some(join)
    }

    fn submitted(&self, order: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        let body = reply.json()?;
        let text = body["message"]["content"].as_str();
        let text = text.ok_or_else(|| reply.unexpected("`message.content`"))?;
        let ended = match body["done_reason"].as_str() {
            Some("length") => Ended::CutOff,
            _ => Ended::Whole,
        };
        let count = |name: &str| body[name].as_u64().unwrap_or_default();
        let usage = Usage {
            tokens_in: count("prompt_eval_count"),
            tokens_out: count("eval_count"),
            pixels: 0,
        };
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
    fn a_conversation_is_sent_whole() {
        let mut order = order();
        order.options = Map::from_iter([
            ("num_ctx".to_owned(), 8192.into()),
            ("num_predict".to_owned(), (-1).into()),
            ("think".to_owned(), false.into()),
        ]);
        let schema = match &order.what {
            crate::order::What::Text { schema, .. } => schema.clone(),
            _ => None,
        };
        let wanted = json!({
            "model": "m", "stream": true, "truncate": false, "think": false, "format": schema,
            "options": {"seed": 0x7fff_fff7, "num_ctx": 8192, "num_predict": 700},
            "messages": [
                {"role": "system", "content": "be short"},
                {"role": "user", "content": "what is it?", "images": ["AQID"]},
                {"role": "assistant", "content": "a lamp"},
                {"role": "user", "content": "and now?"},
            ],
        });
        assert_eq!(Ollama.submit(&order, "").body, Some(Body::Json(wanted)));
    }

    #[test]
    fn an_answer_comes_in_lines() {
        let line =
            |text: &str| json!({"message": {"role": "assistant", "content": text}, "done": false});
        let last = json!({
            "message": {"role": "assistant", "content": ""}, "done": true, "done_reason": "stop", "eval_count": 7,
        });
        let whole = joined(&Ollama, &[line("ye"), line("s"), last]).unwrap();
        let (said, usage) = told(&Ollama, &whole).unwrap();
        assert_eq!((said.as_str(), usage.tokens_out), ("yes", 7));
        assert_eq!(joined(&Ollama, &[line("ye"), line("s")]), None);
        let broken = joined(&Ollama, &[line("ye"), json!({"error": "out of memory"})]);
        assert_eq!(super::said(&broken.unwrap()).unwrap(), "out of memory");
    }

    #[test]
    fn answers_and_models_are_read() {
        let of = |reason: &str| {
            let message = json!({"role": "assistant", "content": "yes", "thinking": "hm"});
            let body =
                json!({"message": message, "done": true, "done_reason": reason, "eval_count": 7});
            told(&Ollama, &body)
        };
        let (said, usage) = of("stop").unwrap();
        assert_eq!(
            (said.as_str(), usage.tokens_in, usage.tokens_out),
            ("yes", 0, 7)
        );
        assert!(of("length").unwrap_err().contains("cut off"));
        assert!(
            told(&Ollama, &json!({"done": true}))
                .unwrap_err()
                .contains("`message.content`")
        );
        let reply = |names: &[&str]| {
            Reply {
            url: String::new(),
            status: 200,
            media_type: String::new(),
            body: json!({"models": names.iter().map(|name| json!({"name": name})).collect::<Vec<_>>()})
                .to_string()
                .into_bytes(),
        }
        };
        let known = Ollama.listed(&[reply(&["a:latest", "b:7b"]), reply(&["b:7b"])]);
        let resident: Vec<bool> = known.iter().map(|one| one.is_resident).collect();
        assert_eq!(resident, [false, true]);
    }
}
