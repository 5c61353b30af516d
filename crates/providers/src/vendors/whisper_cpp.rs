//! whisper.cpp's server: `POST /inference`, a server of one's own with one model.
//!
//! The words of its `verbose_json` are the model's tokens, pieces of words, in each segment; it answers one
//! request after the other. A show's `options` are parts of the form (`beam_size`, `vad`).

use serde_json::Value;

use super::Row;
use super::openai_chat::said;
use crate::error::CallError;
use crate::http::{Part, Reply, Request};
use crate::order::{Capability, Order, Submitted, Vendor, What};
use crate::recognised::Hearing;

/// whisper.cpp's row.
pub(super) const ROW: Row = Row {
    id: "whisper-cpp",
    name: "whisper.cpp server",
    url: "http://127.0.0.1:8080",
    key: ("", "Authorization", "Bearer "),
    has_jobs: false,
    takes_key: false,
    can_find: false,
    references: 0,
    per_minute: 6000,
    at_once: 1,
    makes: &[(Capability::Recognition, &WhisperCpp)],
    complaint: |reply| {
        let body: Value = serde_json::from_slice(&reply.body).ok()?;
        let error = body.get("error")?;
        Some(said(&body).unwrap_or_else(|| error.to_string()))
    },
    explain: said,
    prices: &[],
};

#[derive(Debug)]
struct WhisperCpp;

/// A form with an order's sound and its language, these fields, and a show's options, which come before
/// the fields.
pub(super) fn parts(order: &Order, told: &[(&str, &str)]) -> Vec<Part> {
    let sound = order.references.first();
    let sound = sound.map(|sound| Part::file("file", "sound.wav", sound));
    let mut parts: Vec<Part> = sound.into_iter().collect();
    let language = match &order.what {
        What::Recognition { language, .. } => language.split('-').next().unwrap_or_default(),
        _ => "",
    };
    let language = language.to_ascii_lowercase();
    let own = [("language", language.as_str())];
    let own = own.iter().chain(told);
    let own = own.filter(|(name, _)| !order.options.contains_key(*name));
    parts.extend(own.map(|(name, value)| Part::text(*name, value)));
    parts.extend(order.options.iter().map(|(name, value)| {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        Part::text(name.as_str(), &text)
    }));
    parts
}

impl Vendor for WhisperCpp {
    fn submit(&self, order: &Order, _: &str) -> Request {
        let told = [
            ("response_format", "verbose_json"),
            ("temperature", "0.0"),
            // A pass over the sound whose answer is not looked at.
            ("no_language_probabilities", "true"),
        ];
        Request::form("inference", parts(order, &told))
    }

    fn submitted(&self, order: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        let body = reply.json()?;
        let segments = body["segments"].as_array();
        let segments = segments.ok_or_else(|| reply.unexpected("a transcript's `segments`"))?;
        let mut hearing = Hearing::of(Some(order), reply);
        for segment in segments {
            let words = segment["words"].as_array();
            let words = words.ok_or_else(|| reply.unexpected("a segment's `words`"))?;
            for word in words {
                let text = word["word"].as_str();
                let text = text.ok_or_else(|| reply.unexpected("a list of words"))?;
                let time = (word["start"].as_f64(), word["end"].as_f64());
                hearing.hear_piece(text, time, word["probability"].as_f64())?;
            }
        }
        Ok(Submitted::Done(hearing.delivery()?))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::Body;
    use crate::recognised::cases::{order, told};
    use crate::vendors::speech_cases::reply;

    #[test]
    fn a_sound_is_sent_as_documented() {
        let mut asked = order("base.en");
        asked.options.insert("beam_size".to_owned(), 5.into());
        asked.options.insert("temperature".to_owned(), "0.4".into());
        let wanted = vec![
            Part::file("file", "sound.wav", &asked.references[0]),
            Part::text("language", "en"),
            Part::text("response_format", "verbose_json"),
            Part::text("no_language_probabilities", "true"),
            Part::text("beam_size", "5"),
            Part::text("temperature", "0.4"),
        ];
        let body = WhisperCpp.submit(&asked, "").body;
        assert_eq!(body, Some(Body::Form(wanted)));
    }

    #[test]
    fn pieces_of_all_segments_become_words() {
        let piece = |text: &str, from: f64, to: f64| json!({"word": text, "start": from, "end": to, "t_dtw": -1, "probability": 0.5});
        let body = json!({"task": "transcribe", "language": "english", "text": " And so. Yes", "segments": [
            {"id": 0, "text": " And so.", "words": [
                piece(" And", 0.3, 0.5), piece(" s", 0.5, 0.6), piece("o", 0.6, 0.7), piece(".", 0.7, 1.0),
            ]},
            {"id": 1, "text": " Yes", "words": [piece(" Yes", 1.2, 1.5)]},
        ]});
        let words = told(&WhisperCpp, &body.to_string()).unwrap();
        let wanted = [
            "And 300 500 (500)",
            "so. 500 700 (500)",
            "Yes 1200 1500 (500)",
        ];
        assert_eq!(words, wanted);
        assert!(told(&WhisperCpp, r#"{"segments": []}"#).unwrap().is_empty());
        for bad in [
            "<html><body>whisper.cpp server</body></html>",
            r#"{"text": " And so."}"#,
            r#"{"segments": [{"text": "x"}]}"#,
            r#"{"segments": [{"words": [{"word": 1}]}]}"#,
        ] {
            let refused = WhisperCpp.submitted(&order("m"), &reply(bad));
            assert!(refused.is_err_and(|error| !error.is_certain()), "{bad}");
        }
        let told = |body: &str| (ROW.complaint)(&reply(body));
        let failed = told(r#"{"error": "failed to process audio"}"#);
        assert_eq!(failed.as_deref(), Some("failed to process audio"));
        assert_eq!(told(r#"{"segments": []}"#), None);
    }
}
