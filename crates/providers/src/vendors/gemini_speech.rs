//! Gemini's speech: `POST /v1beta/models/MODEL:generateContent` with the modality `AUDIO`. The answer is
//! samples without a header, and nothing tells when its words are heard. Its row is that of the pictures.

use serde_json::{Value, json};

use super::gemini::{inline, unmade};
use crate::error::CallError;
use crate::http::{Reply, Request};
use crate::order::{Delivery, Order, Parcel, Speaks, Submitted, Vendor, What, base64, sound_type};
use crate::speech::wav;

#[derive(Debug)]
pub(super) struct GeminiSpeech;

impl Vendor for GeminiSpeech {
    fn speaks(&self, _: &str) -> Speaks {
        Speaks {
            directed: true,
            paces: None,
            timed: false,
            dialogue: None,
        }
    }

    fn submit(&self, order: &Order, _: &str) -> Request {
        let What::Speech {
            voice, direction, ..
        } = &order.what
        else {
            return Request::get("");
        };
        // A voice of one's own has a key; the others have names.
        let voice = if voice.starts_with("voicekey_") {
            json!({"voice": voice})
        } else {
            json!({"prebuiltVoiceConfig": {"voiceName": voice}})
        };
        let mut said = json!({"text": order.prompt});
        if let Some(direction) = direction {
            said["speechMetadata"] = json!({"style": direction});
        }
        let settings = order.with_options(json!({
            "responseModalities": ["AUDIO"],
            "speechConfig": {"voiceConfig": voice},
        }));
        let body = json!({
            "contents": [{"role": "user", "parts": [said]}],
            "generationConfig": settings,
        });
        let path = format!("v1beta/models/{}:generateContent", order.model);
        Request::post(path, body)
    }

    fn submitted(&self, _: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        let body = reply.json()?;
        let inline = inline(&body).ok_or_else(|| unmade(reply, &body))?;
        let ended = body["candidates"][0]["finishReason"].as_str();
        if ended.is_some_and(|ended| ended != "STOP") {
            return Err(reply.unexpected("a line that is said to its end"));
        }
        let sound = sound(inline).ok_or_else(|| reply.unexpected("a sound in `inlineData`"))?;
        Ok(Submitted::Done(Delivery::of(Parcel::Bytes(sound))))
    }
}

/// A file of what came: `audio/L16;codec=pcm;rate=24000` are samples of 16 bits, the lesser byte first.
fn sound(inline: &Value) -> Option<Vec<u8>> {
    let bytes = base64(&inline["data"])?;
    if sound_type(&bytes).is_some() {
        return Some(bytes);
    }
    let mut parameters = inline["mimeType"].as_str()?.split(';').map(str::trim);
    let kind = parameters.next()?.to_ascii_lowercase();
    let rate: u32 = parameters.find_map(|one| one.strip_prefix("rate=")?.parse().ok())?;
    let is_whole = !bytes.is_empty() && bytes.len().is_multiple_of(2);
    let is_known = ["audio/l16", "audio/pcm"].contains(&kind.as_str());
    (is_whole && is_known && (8000..=192_000).contains(&rate)).then(|| wav(rate, &bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Body;
    use crate::vendors::speech_cases::{order, reply};

    #[test]
    fn a_line_is_asked_for_as_documented() {
        let request = GeminiSpeech.submit(&order("gemini-3.8-flash-tts", "Kore", "Hello."), "");
        let wanted = json!({
            "contents": [{"role": "user", "parts": [
                {"text": "Hello.", "speechMetadata": {"style": "calmly"}},
            ]}],
            "generationConfig": {
                "responseModalities": ["AUDIO"],
                "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}},
            },
        });
        assert_eq!(request.body, Some(Body::Json(wanted)));
    }

    fn answered(mime: &str, data: &str, ended: &str) -> Option<Vec<u8>> {
        let part = json!({"inlineData": {"mimeType": mime, "data": data}});
        let body = json!({"candidates": [{"finishReason": ended, "content": {"parts": [part]}}]});
        match GeminiSpeech.submitted(&order("m", "Kore", "x"), &reply(&body.to_string())) {
            Ok(Submitted::Done(Delivery {
                parcel: Parcel::Bytes(bytes),
                ..
            })) => Some(bytes),
            Ok(other) => unreachable!("{other:?}"),
            Err(error) => {
                assert!(!error.is_certain());
                None
            }
        }
    }

    #[test]
    fn samples_get_the_rate_that_their_type_says() {
        let sound = answered("audio/L16;codec=pcm;rate=24000", "AQACAA==", "STOP");
        assert_eq!(sound, Some(wav(24_000, &[1, 0, 2, 0])));
        let sound = answered("audio/pcm; rate=48000", "AQACAA==", "STOP");
        assert_eq!(sound, Some(wav(48_000, &[1, 0, 2, 0])));
        for (mime, data, ended) in [
            ("audio/L16;rate=24000", "AQACAA==", "MAX_TOKENS"),
            ("audio/L16", "AQACAA==", "STOP"),
            ("audio/L16;rate=1", "AQACAA==", "STOP"),
            ("audio/L16;rate=24000", "AQAC", "STOP"),
            ("audio/L16;rate=24000", "", "STOP"),
            ("audio/L16;rate=24000", "?", "STOP"),
            ("text/html;rate=24000", "AQACAA==", "STOP"),
        ] {
            assert_eq!(answered(mime, data, ended), None, "{mime} {data} {ended}");
        }
    }
}
