//! OpenAI's transcripts, `POST /v1/audio/transcriptions`, and those of servers that speak as it does:
//! speaches and others before faster-whisper. Its rows are that of the pictures and that of the conversations.
//!
//! `verbose_json` alone has the times of words, and of OpenAI's own models `whisper-1` alone gives it. There
//! is no key of one's own for an order and no list of orders.

use super::whisper_cpp::parts;
use crate::error::CallError;
use crate::http::{Reply, Request};
use crate::order::{Order, Submitted, Usage, Vendor};
use crate::recognised::Hearing;

#[derive(Debug)]
pub(super) struct Transcriptions;

impl Vendor for Transcriptions {
    fn problem(&self, order: &Order) -> Option<(String, &'static str)> {
        let untimed = order.model.starts_with("gpt-") && order.model.contains("transcribe");
        untimed.then(|| {
            let what = format!("`{}` does not tell when words are heard", order.model);
            (what, "name one that does, such as `whisper-1`")
        })
    }

    fn submit(&self, order: &Order, _: &str) -> Request {
        let told = [
            ("model", order.model.as_str()),
            ("response_format", "verbose_json"),
            ("timestamp_granularities[]", "word"),
        ];
        Request::form("audio/transcriptions", parts(order, &told))
    }

    fn submitted(&self, order: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        let body = reply.json()?;
        let text = body["text"].as_str();
        let text = text.ok_or_else(|| reply.unexpected("a transcript's `text`"))?;
        let Some(words) = body["words"].as_array() else {
            if text.trim().is_empty() {
                return Ok(Submitted::Done(Hearing::of(Some(order), reply).delivery()?));
            }
            return Ok(Submitted::Failed {
                why: format!("`{}` does not tell when words are heard", order.model),
                hint: "name a model that does, such as `whisper-1`",
                usage: Usage::default(),
            });
        };
        let mut hearing = Hearing::of(Some(order), reply);
        for word in words {
            let text = word["word"].as_str();
            let text = text.ok_or_else(|| reply.unexpected("a list of words"))?;
            let time = (word["start"].as_f64(), word["end"].as_f64());
            hearing.hear(text, time, word["probability"].as_f64())?;
        }
        Ok(Submitted::Done(hearing.delivery()?))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::{Body, Part, Target};
    use crate::recognised::cases::{order, told};
    use crate::vendors::speech_cases::reply;

    #[test]
    fn a_sound_is_sent_as_documented() {
        let mut asked = order("whisper-1");
        asked.options.insert("temperature".to_owned(), json!(0.2));
        let request = Transcriptions.submit(&asked, "");
        let path = "audio/transcriptions".to_owned();
        assert_eq!(request.target, Target::Path(path));
        let wanted = vec![
            Part::file("file", "sound.wav", &asked.references[0]),
            Part::text("language", "en"),
            Part::text("model", "whisper-1"),
            Part::text("response_format", "verbose_json"),
            Part::text("timestamp_granularities[]", "word"),
            Part::text("temperature", "0.2"),
        ];
        assert_eq!(request.body, Some(Body::Form(wanted)));
        assert!(Transcriptions.problem(&asked).is_none());
        for untimed in ["gpt-transcribe", "gpt-4o-mini-transcribe"] {
            assert!(Transcriptions.problem(&order(untimed)).is_some());
        }
    }

    #[test]
    fn words_are_read_and_what_has_none_is_told() {
        let body = json!({"task": "transcribe", "language": "english", "text": "Dawn came.", "words": [
            {"word": " Dawn", "start": 0.3, "end": 0.7, "probability": 0.91},
            {"word": "came", "start": 0.7, "end": 1},
        ]});
        let words = told(&Transcriptions, &body.to_string()).unwrap();
        assert_eq!(words, ["Dawn 300 700 (910)", "came 700 1000"]);
        let silent = told(&Transcriptions, r#"{"text": " ", "words": null}"#);
        assert!(silent.unwrap().is_empty());
        let untimed = reply(r#"{"text": "Dawn."}"#);
        let untimed = Transcriptions.submitted(&order("m"), &untimed);
        assert!(matches!(untimed, Ok(Submitted::Failed { .. })));
        for bad in [
            "<!doctype html>",
            "",
            "[]",
            "{}",
            r#"{"text": "x", "words": [7]}"#,
            r#"{"text": "x", "words": [{"word": null}]}"#,
        ] {
            let refused = Transcriptions.submitted(&order("m"), &reply(bad));
            assert!(refused.is_err_and(|error| !error.is_certain()), "{bad}");
        }
    }
}
