//! ElevenLabs' music (`POST /v1/music`), effects (`POST /v1/sound-generation`) and voice changer
//! (`POST /v1/voice-changer/VOICE`).
//!
//! The answer to each is the sound itself. As for speech there is no key of one's own for an order and no list of
//! orders. None takes a seed beside a prompt.

use serde_json::{Value, json};

use super::elevenlabs::{format, format_problem, voice_problem};
use crate::error::CallError;
use crate::http::{Part, Reply, Request};
use crate::order::{Delivery, Order, Parcel, Submitted, Vendor, What, sound_type};

/// The lengths of music that can be asked for, in milliseconds.
const MUSIC_MS: std::ops::RangeInclusive<u32> = 3000..=600_000;
/// The lengths of effects.
const EFFECT_MS: std::ops::RangeInclusive<u32> = 500..=30_000;

/// The option that goes into the address instead of the body.
const FORMAT: &str = "output_format";

#[derive(Debug)]
pub(super) struct Composer;

impl Vendor for Composer {
    fn problem(&self, order: &Order) -> Option<(String, &'static str)> {
        let What::Music { length_ms, .. } = order.what else {
            return None;
        };
        let hint = "ask for 3 seconds to 10 minutes";
        let problem = (!MUSIC_MS.contains(&length_ms))
            .then(|| (format!("music of {length_ms} ms cannot be asked for"), hint));
        problem.or_else(|| format_problem(order))
    }

    fn submit(&self, order: &Order, _: &str) -> Request {
        let What::Music {
            length_ms,
            instrumental,
        } = order.what
        else {
            return Request::get("");
        };
        let body = json!({
            "prompt": order.prompt, "model_id": order.model, "music_length_ms": length_ms,
            "force_instrumental": instrumental,
        });
        post("v1/music", order, body)
    }

    fn submitted(&self, _: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        sound(reply)
    }
}

#[derive(Debug)]
pub(super) struct Effects;

impl Vendor for Effects {
    fn problem(&self, order: &Order) -> Option<(String, &'static str)> {
        let What::Effect { length_ms, .. } = order.what else {
            return None;
        };
        let hint = "ask for half a second to 30 seconds";
        let wrong = length_ms.filter(|length| !EFFECT_MS.contains(length));
        let problem = wrong.map(|ms| (format!("an effect of {ms} ms cannot be asked for"), hint));
        problem.or_else(|| format_problem(order))
    }

    fn submit(&self, order: &Order, _: &str) -> Request {
        let What::Effect {
            length_ms,
            loops,
            influence,
        } = order.what
        else {
            return Request::get("");
        };
        let mut body = json!({"text": order.prompt, "model_id": order.model, "loop": loops});
        if let Some(length) = length_ms {
            body["duration_seconds"] = (f64::from(length) / 1000.0).into();
        }
        if let Some(influence) = influence {
            body["prompt_influence"] = (f64::from(influence) / 100.0).into();
        }
        post("v1/sound-generation", order, body)
    }

    fn submitted(&self, _: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        sound(reply)
    }
}

#[derive(Debug)]
pub(super) struct Changer;

impl Vendor for Changer {
    fn problem(&self, order: &Order) -> Option<(String, &'static str)> {
        let What::Change { voice, .. } = &order.what else {
            return None;
        };
        voice_problem(voice).or_else(|| format_problem(order))
    }

    fn submit(&self, order: &Order, _: &str) -> Request {
        let (What::Change { voice, .. }, Some(said)) = (&order.what, order.references.first())
        else {
            return Request::get("");
        };
        let mut parts = vec![
            Part::file("audio", "line.wav", said),
            Part::text("model_id", &order.model),
        ];
        let options = order.options.iter().filter(|(name, _)| *name != FORMAT);
        // Settings of the voice are JSON in a part of text.
        parts.extend(options.map(|(name, value)| match value.as_str() {
            Some(text) => Part::text(name.as_str(), text),
            None => Part::text(name.as_str(), &value.to_string()),
        }));
        let path = format!("v1/voice-changer/{voice}?{FORMAT}={}", format(order));
        Request::form(path, parts)
    }

    fn submitted(&self, _: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        sound(reply)
    }
}

/// An order in JSON, with what else the model is told.
fn post(path: &str, order: &Order, body: Value) -> Request {
    let mut body = order.with_options(body);
    if let Some(body) = body.as_object_mut() {
        body.remove(FORMAT);
    }
    Request::post(format!("{path}?{FORMAT}={}", format(order)), body)
}

/// A reply that is the sound.
fn sound(reply: &Reply) -> Result<Submitted, CallError> {
    if sound_type(&reply.body).is_none() {
        return Err(reply.unexpected("a sound"));
    }
    let sound = Parcel::Bytes(reply.body.clone());
    Ok(Submitted::Done(Delivery::of(sound)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Body, Target};
    use crate::order::Reference;
    use crate::vendors::speech_cases::{order, reply};

    fn asked(what: What) -> Order {
        let options = json!({"output_format": "mp3_48000_192", "extra": {"a": 0.5}});
        Order {
            what,
            options: options.as_object().cloned().unwrap_or_default(),
            ..order("m", "", "rain on tin")
        }
    }

    const MUSIC: What = What::Music {
        length_ms: 12_000,
        instrumental: true,
    };

    fn effect(length_ms: Option<u32>) -> What {
        What::Effect {
            length_ms,
            loops: true,
            influence: Some(70),
        }
    }

    fn to(path: &str) -> Target {
        Target::Path(format!("{path}?output_format=mp3_48000_192"))
    }

    #[test]
    fn sounds_are_asked_for_as_documented() {
        let music = Composer.submit(&asked(MUSIC), "");
        assert_eq!(music.target, to("v1/music"));
        let body = json!({
            "prompt": "rain on tin", "model_id": "m", "music_length_ms": 12_000, "force_instrumental": true,
            "extra": {"a": 0.5},
        });
        assert_eq!(music.body, Some(Body::Json(body)));
        let told = Effects.submit(&asked(effect(Some(1500))), "");
        assert_eq!(told.target, to("v1/sound-generation"));
        let body = json!({
            "text": "rain on tin", "model_id": "m", "duration_seconds": 1.5, "prompt_influence": 0.7, "loop": true,
            "extra": {"a": 0.5},
        });
        assert_eq!(told.body, Some(Body::Json(body)));
        let own = Effects.submit(&asked(effect(None)), "");
        let Some(Body::Json(body)) = own.body else {
            unreachable!("it is JSON");
        };
        assert_eq!(body.get("duration_seconds"), None);
    }

    #[test]
    fn a_voice_is_changed_as_documented() {
        let said = Reference {
            media_type: "audio/wav".to_owned(),
            bytes: crate::speech::wav(48_000, &[0; 960]),
        };
        let mut asked = asked(What::Change {
            voice: "21m00Tcm4TlvDq8ikWAM".to_owned(),
            length_ms: 10,
        });
        asked.references.push(said.clone());
        let request = Changer.submit(&asked, "");
        assert_eq!(request.target, to("v1/voice-changer/21m00Tcm4TlvDq8ikWAM"));
        let parts = vec![
            Part::file("audio", "line.wav", &said),
            Part::text("model_id", "m"),
            Part::text("extra", r#"{"a":0.5}"#),
        ];
        assert_eq!(request.body, Some(Body::Form(parts)));
        assert_eq!(Changer.problem(&asked), None);
        let elsewhere = What::Change {
            voice: "../x".to_owned(),
            length_ms: 10,
        };
        asked.what = elsewhere;
        assert!(Changer.problem(&asked).is_some());
    }

    #[test]
    fn what_cannot_be_had_is_told_before_it_is_asked_for() {
        let long = What::Music {
            length_ms: 600_001,
            instrumental: false,
        };
        assert_eq!(Composer.problem(&asked(MUSIC)), None);
        assert!(Composer.problem(&asked(long)).is_some());
        for (length, is_wrong) in [(None, false), (Some(500), false), (Some(499), true)] {
            let problem = Effects.problem(&asked(effect(length)));
            assert_eq!(problem.is_some(), is_wrong, "{length:?}");
        }
        let mut raw = asked(MUSIC);
        raw.options.insert(FORMAT.to_owned(), "pcm_44100".into());
        assert!(Composer.problem(&raw).is_some());
    }

    #[test]
    fn only_a_sound_is_taken() {
        for body in ["", "{}", "<html>", "RIFF0000WEBP"] {
            let refused = sound(&reply(body));
            assert!(refused.is_err_and(|error| !error.is_certain()), "{body}");
        }
        let made = sound(&reply("ID3 and so on"));
        let wanted = Delivery::of(Parcel::Bytes(b"ID3 and so on".to_vec()));
        assert_eq!(made.ok(), Some(Submitted::Done(wanted)));
    }
}
