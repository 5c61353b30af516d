//! llama-swap: one address in front of many models of one's own, which are started and stopped as they are
//! asked for. Conversations and transcripts are OpenAI's, below `/v1`.
//!
//! `GET /running` says which models are started; a request for another one waits until it is loaded, and may
//! cost one that is loaded its memory. An error with `src` is llama-swap's own; all others are the model's server's.

use serde_json::Value;

use super::Row;
use super::openai_chat::{Chats, complaint, said};
use super::openai_transcriptions::Transcriptions;
use crate::error::CallError;
use crate::http::{Join, Reply, Request, Target};
use crate::layers::load::Load;
use crate::order::{Capability, Known, Order, Submitted, Vendor};

/// llama-swap's row.
pub(super) const ROW: Row = Row {
    id: "llama-swap",
    name: "llama-swap",
    url: "http://127.0.0.1:8080",
    key: ("", "Authorization", "Bearer "),
    has_jobs: false,
    takes_key: false,
    can_find: false,
    references: 16,
    per_minute: 6000,
    at_once: 1,
    makes: &[
        (Capability::Text, &LlamaSwap(&Chats::OF_OTHERS)),
        (Capability::Recognition, &LlamaSwap(&Transcriptions)),
    ],
    complaint: |reply| complaint(reply),
    explain: |body| {
        let told = said(body)?;
        let own = body["src"] == "llama-swap";
        Some(if own {
            format!("llama-swap: {told}")
        } else {
            told
        })
    },
    prices: &[],
};

/// A format of OpenAI's, below `/v1`.
#[derive(Debug)]
struct LlamaSwap(&'static dyn Vendor);

/// The names of models in a list of `{key: NAME}`, with those that `is_resident` says.
fn models(
    reply: Option<&Reply>,
    (list, key): (&str, &str),
    is_resident: fn(&Value) -> bool,
) -> Vec<Known> {
    let body = reply.and_then(|reply| reply.json().ok());
    let body = body.unwrap_or_default();
    let all = body[list].as_array().into_iter().flatten();
    let known = |model: &Value| {
        Some(Known {
            name: model[key].as_str()?.to_owned(),
            is_resident: is_resident(model),
        })
    };
    all.filter_map(known).collect()
}

/// The models that are started, or are being started.
fn running(reply: Option<&Reply>) -> Vec<String> {
    let is_up = |model: &Value| matches!(model["state"].as_str(), Some("ready" | "starting"));
    let all = models(reply, ("running", "model"), is_up).into_iter();
    all.filter(|model| model.is_resident)
        .map(|model| model.name)
        .collect()
}

impl Vendor for LlamaSwap {
    fn problem(&self, order: &Order) -> Option<(String, &'static str)> {
        self.0.problem(order)
    }

    fn list(&self) -> Vec<Request> {
        vec![Request::get("v1/models"), Request::get("running")]
    }

    fn listed(&self, replies: &[Reply]) -> Vec<Known> {
        let up = running(replies.get(1));
        let mut all = models(replies.first(), ("data", "id"), |_| false);
        for model in &mut all {
            model.is_resident = up.contains(&model.name);
        }
        all
    }

    fn load(&self) -> Vec<Request> {
        vec![Request::get("running")]
    }

    fn loaded(&self, replies: &[Reply]) -> Load {
        Load {
            jobs: 0,
            resident: running(replies.first()),
        }
    }

    fn submit(&self, order: &Order, key: &str) -> Request {
        let mut request = self.0.submit(order, key);
        if let Target::Path(path) = &mut request.target {
            path.insert_str(0, "v1/");
        }
        request
    }

    fn join(&self) -> Option<Join> {
        self.0.join()
    }

    fn submitted(&self, order: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        self.0.submitted(order, reply)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reply(body: &Value) -> Reply {
        crate::vendors::speech_cases::reply(&body.to_string())
    }

    #[test]
    fn models_that_are_started_are_in_memory() {
        let vendor = LlamaSwap(&Chats::OF_OTHERS);
        let known = reply(&json!({"data": [{"id": "a"}, {"id": "b/c"}, {"id": 7}, {"id": "d"}]}));
        let one = |model: &str, state: &str| json!({"model": model, "state": state, "ttl": 0});
        let up = reply(&json!({"running": [
            one("a", "stopping"), one("b/c", "ready"), one("d", "starting"), 7,
        ]}));
        let listed = vendor.listed(&[known, up.clone()]);
        let told: Vec<(&str, bool)> = listed
            .iter()
            .map(|one| (one.name.as_str(), one.is_resident))
            .collect();
        assert_eq!(told, [("a", false), ("b/c", true), ("d", true)]);
        assert_eq!(vendor.loaded(&[up]).resident, ["b/c", "d"]);
        assert_eq!(vendor.loaded(&[reply(&json!([]))]), Load::default());
    }

    #[test]
    fn an_error_of_its_own_is_told_from_one_of_a_model() {
        let error = json!({"message": "no such model", "type": "invalid_request_error"});
        let own = json!({"src": "llama-swap", "error": error});
        let told = (ROW.explain)(&own);
        assert_eq!(told.as_deref(), Some("llama-swap: no such model"));
        let told = (ROW.explain)(&json!({"error": {"message": "too long"}}));
        assert_eq!(told.as_deref(), Some("too long"));
    }
}
