//! ElevenLabs' speech: `POST /v1/text-to-speech/VOICE/with-timestamps`.
//!
//! The answer is the sound, with the time of every character of the text. There is no key of one's own for
//! an order and no list of orders: one whose answer was lost waits for a person.

use std::ops::Range;

use serde_json::{Map, Value, json};

use super::elevenlabs_dialogue::{self, Dialogue};
use super::elevenlabs_sounds::{Changer, Composer, Effects};
use super::{Price, Row, Unit, elevenlabs_voices};
use crate::error::CallError;
use crate::http::{Reply, Request};
use crate::order::{
    Capability, Delivery, Heard, Order, Parcel, Speaks, Submitted, Vendor, What, base64, sound_type,
};
use crate::voices::{Voice, Wanted};

/// ElevenLabs' row.
pub(super) const ROW: Row = Row {
    id: "elevenlabs",
    name: "ElevenLabs",
    url: "https://api.elevenlabs.io",
    key: ("ELEVENLABS_API_KEY", "xi-api-key", ""),
    has_jobs: false,
    takes_key: false,
    can_find: false,
    references: 0,
    per_minute: 600,
    at_once: 2,
    makes: &[
        (Capability::Speech, &ElevenLabs),
        (Capability::Music, &Composer),
        (Capability::Effect, &Effects),
        (Capability::Change, &Changer),
        (Capability::Dialogue, &Dialogue),
    ],
    complaint: |reply| {
        let body: Value = serde_json::from_slice(&reply.body).ok()?;
        let is_sound = body.get("audio_base64").is_some();
        said(&body).filter(|_| !is_sound)
    },
    explain: said,
    prices: &[
        price("eleven_text_to_sound_v2", Unit::Each(120_000)),
        price("eleven_multilingual_sts_v2", Unit::Minute(120_000)),
    ],
};

/// A price of its interface by use, without tax, the same on every plan.
const fn price(model: &'static str, unit: Unit) -> Price {
    Price {
        model,
        unit,
        date: "2026-06",
        source: "https://developer.puter.com/tutorials/elevenlabs-api-pricing/",
    }
}

/// What it says of a failure: a text, a status with a message, or what is wrong with each field.
fn said(body: &Value) -> Option<String> {
    let detail = body.get("detail").filter(|detail| !detail.is_null())?;
    let told = [detail, &detail["message"], &detail[0]["msg"]];
    let told = told.into_iter().find_map(Value::as_str);
    Some(told.unwrap_or("an error without a message").to_owned())
}

/// A format that every plan has.
const FORMAT: &str = "mp3_44100_128";

#[derive(Debug)]
struct ElevenLabs;

/// The format that is asked for.
pub(super) fn format(order: &Order) -> &str {
    let own = order.options.get("output_format");
    own.and_then(Value::as_str).unwrap_or(FORMAT)
}

/// What is wrong with that format: it must be that of a file.
pub(super) fn format_problem(order: &Order) -> Option<(String, &'static str)> {
    let format = format(order);
    let known = ["mp3_", "opus_", "wav_"];
    let is_name = format
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (!is_name || !known.iter().any(|known| format.starts_with(known))).then(|| {
        let hint = "choose one that begins with `mp3_`, `opus_` or `wav_`";
        (format!("the `output_format` `{format}` is no file"), hint)
    })
}

/// What is wrong with the name of a voice.
pub(super) fn voice_problem(voice: &str) -> Option<(String, &'static str)> {
    let is_id = !voice.is_empty() && voice.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (!is_id).then(|| {
        let hint = "name the voice by its id, such as `21m00Tcm4TlvDq8ikWAM`, not by its name";
        (format!("`{voice}` is no id of a voice of ElevenLabs"), hint)
    })
}

/// Whether a model can be told its language; others refuse to be, and find it themselves.
pub(super) fn is_told_language(model: &str) -> bool {
    model.contains("_v2_5") || model.starts_with("eleven_v3")
}

impl Vendor for ElevenLabs {
    fn ask_voices(&self, wanted: &Wanted, after: Option<&str>) -> Option<Request> {
        Some(elevenlabs_voices::ask(wanted, after))
    }

    fn read_voices(
        &self,
        wanted: &Wanted,
        after: Option<&str>,
        reply: &Reply,
    ) -> Result<(Vec<Voice>, Option<String>), CallError> {
        elevenlabs_voices::read(wanted, after, reply)
    }

    fn problem(&self, order: &Order) -> Option<(String, &'static str)> {
        let What::Speech { voice, .. } = &order.what else {
            return None;
        };
        voice_problem(voice).or_else(|| format_problem(order))
    }

    fn speaks(&self, model: &str) -> Speaks {
        Speaks {
            directed: false,
            // https://elevenlabs.io/docs/api-reference/text-to-speech: `speed`.
            paces: Some((70, 120)),
            timed: true,
            dialogue: elevenlabs_dialogue::limits(model),
        }
    }

    fn submit(&self, order: &Order, _: &str) -> Request {
        let What::Speech {
            voice,
            speed,
            language,
            ..
        } = &order.what
        else {
            return Request::get("");
        };
        let mut body = json!({"text": order.prompt, "model_id": order.model});
        if is_told_language(&order.model) {
            let code = language.split('-').next().unwrap_or_default();
            body["language_code"] = code.to_ascii_lowercase().into();
        }
        let mut body = order.with_options(body);
        if let Some(body) = body.as_object_mut() {
            body.remove("output_format");
        }
        if *speed != 100 {
            let settings = body["voice_settings"].as_object().cloned();
            let mut settings: Map<String, Value> = settings.unwrap_or_default();
            settings.insert("speed".to_owned(), (f64::from(*speed) / 100.0).into());
            body["voice_settings"] = settings.into();
        }
        let format = format(order);
        let path = format!("v1/text-to-speech/{voice}/with-timestamps?output_format={format}");
        Request::post(path, body)
    }

    fn submitted(&self, order: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        let body = reply.json()?;
        let sound = base64(&body["audio_base64"]);
        let sound = sound.filter(|sound| sound_type(sound).is_some());
        let sound = sound.ok_or_else(|| reply.unexpected("a sound in `audio_base64`"))?;
        // Of the text as it was sent; the other one is of numbers in words.
        let words = words_of(&order.prompt, &body["alignment"], None);
        let delivery = Delivery::of(Parcel::Bytes(sound));
        Ok(Submitted::Done(Delivery { words, ..delivery }))
    }
}

/// When the words of a text are heard, by the times of its characters, which are all that there are or these;
/// nothing where they are of another text, or go backwards.
pub(super) fn words_of(
    text: &str,
    alignment: &Value,
    those: Option<Range<usize>>,
) -> Option<Vec<Heard>> {
    let characters = alignment["characters"].as_array()?;
    let starts = alignment["character_start_times_seconds"].as_array()?;
    let ends = alignment["character_end_times_seconds"].as_array()?;
    if starts.len() != characters.len() || ends.len() != characters.len() {
        return None;
    }
    let those = those.unwrap_or(0..characters.len());
    let characters = characters.get(those.clone())?;
    let (starts, ends) = (&starts[those.clone()], &ends[those]);
    let mut said: Vec<(String, Heard)> = Vec::new();
    let (mut open, mut at) = (false, 0.0);
    for ((character, start), end) in characters.iter().zip(starts).zip(ends) {
        let (character, start, end) = (character.as_str()?, start.as_f64()?, end.as_f64()?);
        if start < at || end < start {
            return None;
        }
        at = start;
        if character.trim().is_empty() {
            open = false;
            continue;
        }
        match said.last_mut().filter(|_| open) {
            Some((word, heard)) => {
                word.push_str(character);
                // A comma lasts as long as the pause after it.
                if character.contains(char::is_alphanumeric) {
                    heard.1 = end;
                }
            }
            None => said.push((character.to_owned(), (start, end))),
        }
        open = true;
    }
    let of_text = said.iter().map(|(word, _)| word.as_str());
    let same = of_text.eq(text.split_whitespace());
    same.then(|| said.into_iter().map(|(_, heard)| heard).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Body, Target};
    use crate::vendors::speech_cases::{order, reply, wav};

    #[test]
    fn a_line_is_asked_for_as_documented() {
        let mut asked = order("eleven_v3", "21m00Tcm4TlvDq8ikWAM", "Hello.");
        asked.options =
            json!({"voice_settings": {"stability": 0.5}, "output_format": "opus_48000_64"})
                .as_object()
                .cloned()
                .unwrap_or_default();
        let request = ElevenLabs.submit(&asked, "");
        let path =
            "v1/text-to-speech/21m00Tcm4TlvDq8ikWAM/with-timestamps?output_format=opus_48000_64";
        assert_eq!(request.target, Target::Path(path.to_owned()));
        let body = json!({
            "text": "Hello.", "model_id": "eleven_v3", "language_code": "en",
            "voice_settings": {"stability": 0.5, "speed": 1.1},
        });
        assert_eq!(request.body, Some(Body::Json(body)));
        assert_eq!(ElevenLabs.problem(&asked), None);
        for (voice, format) in [
            ("../x", "mp3_44100_128"),
            ("", "wav_24000"),
            ("a", "pcm_24000"),
        ] {
            let mut bad = order("m", voice, "x");
            bad.options
                .insert("output_format".to_owned(), format.into());
            assert!(ElevenLabs.problem(&bad).is_some(), "{voice} {format}");
        }
    }

    fn answered(alignment: &Value) -> Option<Vec<Heard>> {
        let body = json!({"audio_base64": wav(), "alignment": alignment});
        match ElevenLabs.submitted(&order("m", "v", "Hi, you."), &reply(&body.to_string())) {
            Ok(Submitted::Done(delivery)) => delivery.words,
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn characters_become_words_and_wrong_times_none() {
        let characters: Vec<String> = "Hi, you.".chars().map(String::from).collect();
        let times = |from: f64| {
            (0..8)
                .map(|n| from + f64::from(n) / 4.0)
                .collect::<Vec<_>>()
        };
        let good = json!({
            "characters": characters, "character_start_times_seconds": times(0.0),
            "character_end_times_seconds": times(0.25),
        });
        assert_eq!(answered(&good), Some(vec![(0.0, 0.5), (1.0, 1.75)]));
        let spoilt = |name: &str, value: Value| {
            let mut bad = good.clone();
            bad[name] = value;
            answered(&bad)
        };
        assert_eq!(answered(&Value::Null), None);
        let starts = "character_start_times_seconds";
        assert_eq!(spoilt(starts, json!([0.0])), None);
        assert_eq!(
            spoilt(starts, times(0.5).into()),
            None,
            "ends before starts"
        );
        let mut back = times(0.0);
        back[5] = 0.1;
        assert_eq!(spoilt(starts, back.into()), None);
        assert_eq!(spoilt(starts, json!(["a", 1, 2, 3, 4, 5, 6, 7])), None);
        let other: Vec<String> = "Ho, you.".chars().map(String::from).collect();
        assert_eq!(spoilt("characters", other.into()), None);
    }

    #[test]
    fn what_is_no_sound_is_refused_and_complaints_are_told() {
        for body in [
            "<html>",
            "{}",
            r#"{"audio_base64": ""}"#,
            r#"{"audio_base64": "?"}"#,
        ] {
            let refused = ElevenLabs.submitted(&order("m", "v", "x"), &reply(body));
            assert!(refused.is_err_and(|error| !error.is_certain()), "{body}");
        }
        let told = |body: &str| (ROW.complaint)(&reply(body));
        let quota = r#"{"detail": {"status": "quota_exceeded", "message": "too few credits"}}"#;
        assert_eq!(told(quota).as_deref(), Some("too few credits"));
        let fields = r#"{"detail": [{"loc": ["body", "text"], "msg": "field required"}]}"#;
        assert_eq!(told(fields).as_deref(), Some("field required"));
        assert_eq!(told(r#"{"audio_base64": "", "detail": null}"#), None);
    }
}
