//! AssemblyAI's transcripts: the sound is uploaded, `POST /v2/transcript` takes the order, and the transcript is
//! asked for until it is done.
//!
//! An upload costs nothing and is sent again where it failed; a transcript is ordered once. There is no key of
//! one's own for an order: one whose answer was lost waits for a person.

use serde_json::{Value, json};

use super::Row;
use super::openai_chat::said;
use crate::error::CallError;
use crate::http::{Reply, Request};
use crate::order::{Capability, Order, Polled, Submitted, Vendor, What};
use crate::recognised::Hearing;
use crate::webhook::{Call, Hook, Webhook};

/// AssemblyAI's row.
pub(super) const ROW: Row = Row {
    id: "assemblyai",
    name: "AssemblyAI",
    url: "https://api.assemblyai.com",
    key: ("ASSEMBLYAI_API_KEY", "authorization", ""),
    has_jobs: true,
    takes_key: false,
    can_find: false,
    references: 0,
    per_minute: 600,
    at_once: 5,
    makes: &[(Capability::Recognition, &AssemblyAi)],
    complaint: |reply| {
        let body: Value = serde_json::from_slice(&reply.body).ok()?;
        let is_job = body.get("id").is_some();
        said(&body).filter(|_| !is_job)
    },
    explain: said,
    prices: &[],
};

#[derive(Debug)]
struct AssemblyAi;

/// Whether this can be the name of a job: a part of an address's path.
fn is_name(id: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !id.is_empty() && id.len() <= 100 && id.bytes().all(known)
}

impl Vendor for AssemblyAi {
    fn before(&self, order: &Order) -> Vec<Request> {
        let sounds = order.references.first().into_iter();
        let upload = sounds.map(|sound| Request::file("v2/upload", sound.bytes.clone()));
        upload.collect()
    }

    fn submit(&self, order: &Order, _: &str) -> Request {
        let language = match &order.what {
            What::Recognition { language, .. } => language.split('-').next().unwrap_or_default(),
            _ => "",
        };
        let body = json!({
            "speech_models": [order.model],
            "language_code": language.to_ascii_lowercase(),
        });
        Request::post("v2/transcript", order.with_options(body))
    }

    fn submit_with(&self, order: &Order, key: &str, sent: &[Reply]) -> Result<Request, CallError> {
        let mut request = self.submit(order, key);
        let Some(reply) = sent.first() else {
            return Ok(request);
        };
        let body = reply.json()?;
        let url = body["upload_url"].as_str();
        let url = url.ok_or_else(|| reply.unexpected("an `upload_url`"))?;
        if let Some(crate::http::Body::Json(asked)) = &mut request.body {
            asked["audio_url"] = url.into();
        }
        Ok(request)
    }

    fn submitted(&self, _: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        let body = reply.json()?;
        let id = body["id"].as_str().filter(|id| is_name(id));
        let id = id.ok_or_else(|| reply.unexpected("a transcript's `id`"))?;
        Ok(Submitted::Job(id.to_owned()))
    }

    fn poll(&self, job: &str) -> Option<Request> {
        is_name(job).then(|| Request::get(format!("v2/transcript/{job}")))
    }

    fn polled(&self, _: &str, reply: &Reply) -> Result<Polled, CallError> {
        let body = reply.json()?;
        match body["status"].as_str() {
            Some("queued" | "processing") => return Ok(Polled::Pending),
            Some("error") => {
                let why = body["error"].as_str().unwrap_or("it says no reason");
                return Ok(Polled::Failed(why.to_owned()));
            }
            Some("completed") => {}
            _ => return Err(reply.unexpected("a transcript's `status`")),
        }
        let none = body["text"]
            .as_str()
            .is_none_or(|text| text.trim().is_empty());
        let words = match body["words"].as_array() {
            Some(words) => words.as_slice(),
            None if none => &[],
            None => return Err(reply.unexpected("a transcript's `words`")),
        };
        let mut hearing = Hearing::of(None, reply);
        for word in words {
            let text = word["text"].as_str();
            let text = text.ok_or_else(|| reply.unexpected("a list of words"))?;
            // Whole milliseconds.
            let time = |name: &str| word[name].as_f64().map(|ms| ms / 1000.0);
            let time = (time("start"), time("end"));
            hearing.hear(text, time, word["confidence"].as_f64())?;
        }
        Ok(Polled::Done(hearing.delivery()?))
    }

    fn webhook(&self) -> Option<&'static dyn Webhook> {
        Some(&Calls)
    }

    fn adopt(&self, _: &str, id: &str, _: &str) -> Option<String> {
        is_name(id).then(|| id.to_owned())
    }
}

/// The header that its calls prove themselves by.
const TOKEN: &str = "X-Workprint-Token";

/// AssemblyAI's calls: each has the header that it was told with the order.
#[derive(Debug)]
struct Calls;

impl Webhook for Calls {
    fn name(&self, request: &mut Request, hook: &Hook) {
        request.add("webhook_url", hook.url.as_str());
        request.add("webhook_auth_header_name", TOKEN);
        request.add("webhook_auth_header_value", hook.token.as_str());
    }

    fn check(&self, call: &Call<'_>) -> Result<(), &'static str> {
        call.has_token(TOKEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Body, Target};
    use crate::recognised::cases::{order, words};
    use crate::vendors::speech_cases::reply;

    #[test]
    fn a_sound_is_uploaded_and_its_transcript_ordered() {
        let mut asked = order("universal-2");
        asked.options.insert("disfluencies".to_owned(), true.into());
        let [upload] = AssemblyAi.before(&asked).try_into().unwrap();
        assert_eq!(upload.target, Target::Path("v2/upload".to_owned()));
        assert_eq!(upload.body, Some(Body::File(vec![1, 2, 3])));
        let url = "https://cdn.assemblyai.com/upload/1";
        let sent = reply(&json!({"upload_url": url}).to_string());
        let body = AssemblyAi.submit_with(&asked, "", &[sent]).unwrap().body;
        let wanted = json!({
            "speech_models": ["universal-2"], "language_code": "en", "disfluencies": true,
            "audio_url": url,
        });
        assert_eq!(body, Some(Body::Json(wanted)));
        assert!(
            AssemblyAi
                .submit_with(&asked, "", &[reply("<html>")])
                .is_err()
        );
        for bad in ["<html>", "{}", r#"{"id": "../upload"}"#, r#"{"id": 7}"#] {
            let refused = AssemblyAi.submitted(&asked, &reply(bad));
            assert!(refused.is_err_and(|error| !error.is_certain()), "{bad}");
        }
        assert_eq!(AssemblyAi.poll("../../v2/account"), None);
    }

    fn polled(body: &Value) -> Result<Polled, CallError> {
        AssemblyAi.polled("j1", &reply(&body.to_string()))
    }

    #[test]
    fn a_transcript_is_waited_for_and_read() {
        let waits = polled(&json!({"id": "j1", "status": "processing", "words": null}));
        assert_eq!(waits.unwrap(), Polled::Pending);
        let failed = polled(&json!({"id": "j1", "status": "error", "error": "no speech"}));
        assert_eq!(failed.unwrap(), Polled::Failed("no speech".to_owned()));
        let done = json!({"id": "j1", "status": "completed", "error": null, "text": "Hello, you.", "words": [
            {"text": "Hello,", "start": 250, "end": 650, "confidence": 0.97, "speaker": null},
            {"text": "you.", "start": -3, "end": 900, "confidence": 2},
        ]});
        let Ok(Polled::Done(delivery)) = polled(&done) else {
            unreachable!("it is done");
        };
        assert_eq!(words(&delivery), ["Hello, 250 650 (970)", "you."]);
        let silent = polled(&json!({"status": "completed", "text": "", "words": null}));
        assert!(matches!(silent, Ok(Polled::Done(_))));
        for bad in [
            json!("x"),
            json!({"status": "gone"}),
            json!({"status": "completed", "text": "x"}),
            json!({"status": "completed", "text": "x", "words": [{"text": 1}]}),
        ] {
            assert!(polled(&bad).is_err(), "{bad}");
        }
    }
}
