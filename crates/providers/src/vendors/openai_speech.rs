//! OpenAI's speech: `POST /v1/audio/speech`. The answer is the sound, and nothing tells when its words are
//! heard. Its row is that of the pictures.

use serde_json::json;

use crate::error::CallError;
use crate::http::{Reply, Request};
use crate::order::{Delivery, Order, Parcel, Speaks, Submitted, Vendor, What, sound_type};

/// The most characters of a line.
const MOST_TEXT: usize = 4096;

#[derive(Debug)]
pub(super) struct OpenaiSpeech;

impl Vendor for OpenaiSpeech {
    fn problem(&self, order: &Order) -> Option<(String, &'static str)> {
        let length = order.prompt.chars().count();
        (length > MOST_TEXT).then(|| {
            let what =
                format!("a line of {length} characters is too long: {MOST_TEXT} are allowed");
            (what, "divide the line, or put a `[pause]` into it")
        })
    }

    fn speaks(&self, model: &str) -> Speaks {
        Speaks {
            directed: !model.starts_with("tts-1"),
            paces: Some((25, 400)),
            timed: false,
            dialogue: None,
        }
    }

    fn submit(&self, order: &Order, _: &str) -> Request {
        let What::Speech {
            voice,
            speed,
            direction,
            ..
        } = &order.what
        else {
            return Request::get("");
        };
        let own = voice.starts_with("voice_");
        let mut body = json!({
            "model": order.model,
            "input": order.prompt,
            "voice": if own { json!({"id": voice}) } else { json!(voice) },
            "response_format": "wav",
        });
        if *speed != 100 {
            body["speed"] = (f64::from(*speed) / 100.0).into();
        }
        if let Some(direction) = direction {
            body["instructions"] = direction.as_str().into();
        }
        Request::post("audio/speech", order.with_options(body))
    }

    fn submitted(&self, _: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        if sound_type(&reply.body).is_none() {
            return Err(reply.unexpected("a sound"));
        }
        let sound = Parcel::Bytes(reply.body.clone());
        Ok(Submitted::Done(Delivery::of(sound)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Body;
    use crate::vendors::speech_cases::{order, reply};

    #[test]
    fn a_line_is_asked_for_as_documented() {
        let body = OpenaiSpeech
            .submit(&order("gpt-4o-mini-tts", "alloy", "Hello."), "")
            .body;
        let wanted = json!({
            "model": "gpt-4o-mini-tts", "input": "Hello.", "voice": "alloy", "response_format": "wav",
            "speed": 1.1, "instructions": "calmly",
        });
        assert_eq!(body, Some(Body::Json(wanted)));
        let Some(Body::Json(own)) = OpenaiSpeech.submit(&order("m", "voice_1", "x"), "").body
        else {
            unreachable!("no JSON");
        };
        assert_eq!(own["voice"], json!({"id": "voice_1"}));
        assert!(
            OpenaiSpeech
                .problem(&order("m", "a", &"é".repeat(4096)))
                .is_none()
        );
        assert!(
            OpenaiSpeech
                .problem(&order("m", "a", &"é".repeat(4097)))
                .is_some()
        );
        assert!(!OpenaiSpeech.speaks("tts-1-hd").directed);
    }

    #[test]
    fn what_is_no_sound_is_refused() {
        for body in ["", "<!doctype html>", "{\"text\": \"x\"}", "data: {}"] {
            let refused = OpenaiSpeech.submitted(&order("m", "a", "x"), &reply(body));
            assert!(refused.is_err_and(|error| !error.is_certain()), "{body}");
        }
    }
}
