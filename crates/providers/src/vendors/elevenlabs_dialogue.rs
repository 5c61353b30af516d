//! ElevenLabs' conversations: `POST /v1/text-to-dialogue/with-timestamps`.
//!
//! The answer is one sound, with the segments of it that are of each line and the time of every character of all
//! lines. Its models are those of the third version.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::elevenlabs::{format, format_problem, is_told_language, voice_problem, words_of};
use crate::dialogue::{Limits, Line, Part, Parts, Segment, spans};
use crate::error::CallError;
use crate::http::{Reply, Request};
use crate::order::{Delivery, Order, Parcel, Submitted, Vendor, What, base64, sound_type};

/// What it takes in one order.
const LIMITS: Limits = Limits {
    voices: 10,
    characters: 2000,
};

/// What a model takes of a conversation.
pub(super) fn limits(model: &str) -> Option<Limits> {
    model.starts_with("eleven_v3").then_some(LIMITS)
}

/// What a conversation is told of its voices, and what that is called where a line is spoken alone.
const SETTINGS: [(&str, &str); 3] = [
    ("stability", "stability"),
    ("similarity", "similarity_boost"),
    ("clone_strength", "clone_strength"),
];

#[derive(Debug)]
pub(super) struct Dialogue;

impl Vendor for Dialogue {
    fn problem(&self, order: &Order) -> Option<(String, &'static str)> {
        let What::Dialogue { lines, .. } = &order.what else {
            return None;
        };
        let voices: BTreeSet<&str> = lines.iter().map(|line| line.voice.as_str()).collect();
        let characters: usize = lines.iter().map(|line| line.text.chars().count()).sum();
        if voices.len() > LIMITS.voices || characters > LIMITS.characters {
            let what = format!(
                "a conversation of {} voices and {characters} characters is too long",
                voices.len()
            );
            return Some((what, "divide the scene into two"));
        }
        let mut voices = voices.into_iter();
        voices
            .find_map(voice_problem)
            .or_else(|| format_problem(order))
    }

    fn submit(&self, order: &Order, _: &str) -> Request {
        let What::Dialogue { lines, language } = &order.what else {
            return Request::get("");
        };
        let inputs = lines
            .iter()
            .map(|line| json!({"text": line.text, "voice_id": line.voice}));
        let inputs: Vec<Value> = inputs.collect();
        let mut body = json!({"inputs": inputs, "model_id": order.model});
        if is_told_language(&order.model) {
            let code = language.split('-').next().unwrap_or_default();
            body["language_code"] = code.to_ascii_lowercase().into();
        }
        let mut body = order.with_options(body);
        if let Some(body) = body.as_object_mut() {
            body.remove("output_format");
            let of_lines = body.remove("voice_settings");
            let settings = settings(of_lines.as_ref());
            if !settings.is_empty() && !body.contains_key("settings") {
                body.insert("settings".to_owned(), settings.into());
            }
        }
        let format = format(order);
        let path = format!("v1/text-to-dialogue/with-timestamps?output_format={format}");
        Request::post(path, body)
    }

    fn submitted(&self, order: &Order, reply: &Reply) -> Result<Submitted, CallError> {
        let body = reply.json()?;
        let sound = base64(&body["audio_base64"]);
        let sound = sound.filter(|sound| sound_type(sound).is_some());
        let sound = sound.ok_or_else(|| reply.unexpected("a sound in `audio_base64`"))?;
        let lines = match &order.what {
            What::Dialogue { lines, .. } => lines.as_slice(),
            _ => &[],
        };
        // A sound whose lines cannot be told apart was paid for, too: it is kept, with the reason.
        let parts = parts(lines, &body).map_or_else(Parts::Broken, Parts::Heard);
        Ok(Submitted::Done(Delivery {
            lines: Some(parts),
            ..Delivery::of(Parcel::Bytes(sound))
        }))
    }
}

/// The settings of a conversation, where an engine's are those of lines.
fn settings(of_lines: Option<&Value>) -> Map<String, Value> {
    let Some(of_lines) = of_lines else {
        return Map::new();
    };
    let known = SETTINGS.into_iter().filter_map(|(name, of_line)| {
        let own = of_lines.get(of_line)?;
        Some((name.to_owned(), own.clone()))
    });
    known.collect()
}

/// Where each line is heard, and its words.
fn parts(lines: &[Line], body: &Value) -> Result<Vec<Part>, String> {
    let told = body["voice_segments"].as_array();
    let told = told.ok_or_else(|| "it has no `voice_segments`".to_owned())?;
    let segments = told.iter().enumerate().map(|(n, one)| {
        let (line, time) = (&one["dialogue_input_index"], |name| one[name].as_f64());
        let segment = || {
            Some(Segment {
                line: line.as_u64()?,
                from: time("start_time_seconds")?,
                to: time("end_time_seconds")?,
            })
        };
        segment().ok_or_else(|| format!("segment {} has no line and times in numbers", n + 1))
    });
    let segments = segments.collect::<Result<Vec<_>, _>>()?;
    let spans = spans(lines.len(), &segments)?;
    let parts = spans.into_iter().zip(lines);
    let parts = parts.map(|(span, line)| {
        let (from, to) = (span.from, span.to);
        let at = |segment: usize, name| {
            let place = told.get(segment)?[name].as_u64()?;
            usize::try_from(place).ok()
        };
        let characters = || {
            let from = at(span.first, "character_start_index")?;
            let to = at(span.last, "character_end_index")?;
            words_of(&line.text, &body["alignment"], Some(from..to))
        };
        let words = characters();
        // Times of what is not in its segment are times of something else.
        let near = |word: &(f64, f64)| word.0 >= from - 0.5 && word.1 <= to + 0.5;
        let words = words.filter(|words| words.iter().all(near));
        Part { from, to, words }
    });
    Ok(parts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Body, Target};
    use crate::vendors::speech_cases::{order, reply, wav};

    fn line(voice: &str, text: &str) -> Line {
        Line {
            voice: voice.to_owned(),
            text: text.to_owned(),
        }
    }

    fn asked(lines: Vec<Line>, options: &Value) -> Order {
        let language = "en-GB".to_owned();
        Order {
            what: What::Dialogue { lines, language },
            options: options.as_object().cloned().unwrap_or_default(),
            ..order("eleven_v3", "", "")
        }
    }

    #[test]
    fn a_conversation_is_asked_for_as_documented() {
        let lines = vec![line("ann1", "Is it?"), line("bob2", "It is.")];
        let voice = json!({"stability": 0.5, "similarity_boost": 0.7, "speed": 1.1});
        let options = json!({"voice_settings": voice, "output_format": "opus_48000_64", "seed": 7});
        let order = asked(lines.clone(), &options);
        let request = Dialogue.submit(&order, "");
        let path = "v1/text-to-dialogue/with-timestamps?output_format=opus_48000_64";
        assert_eq!(request.target, Target::Path(path.to_owned()));
        let inputs = [("Is it?", "ann1"), ("It is.", "bob2")];
        let inputs = inputs.map(|(text, voice)| json!({"text": text, "voice_id": voice}));
        let mut body = json!({
            "inputs": inputs, "model_id": "eleven_v3", "language_code": "en", "seed": 7,
            "settings": {"stability": 0.5, "similarity": 0.7},
        });
        assert_eq!(request.body, Some(Body::Json(body.clone())));
        assert_eq!(Dialogue.problem(&order), None);
        // Its own settings come before those of lines.
        let options = json!({"voice_settings": voice, "settings": {"stability": 1.0}, "seed": 7});
        body["settings"] = json!({"stability": 1.0});
        let request = Dialogue.submit(&asked(lines, &options), "");
        assert_eq!(request.body, Some(Body::Json(body)));
    }

    #[test]
    fn what_cannot_be_had_is_told_before_it_is_asked_for() {
        let voices = |count: usize| (0..count).map(|n| line(&format!("v{n}"), "x")).collect();
        let problem = |lines: Vec<Line>| Dialogue.problem(&asked(lines, &Value::Null)).is_some();
        assert!(!problem(voices(10)) && problem(voices(11)));
        let long = |count: usize| vec![line("v", &"é".repeat(count))];
        assert!(!problem(long(2000)) && problem(long(2001)));
        assert!(problem(vec![line("v", "x"), line("../x", "x")]));
        let raw = asked(voices(1), &json!({"output_format": "pcm_24000"}));
        assert!(Dialogue.problem(&raw).is_some());
        assert_eq!(limits("eleven_v3"), Some(LIMITS));
        assert_eq!(limits("eleven_multilingual_v2"), None);
    }

    /// Two lines of eleven characters in all, a quarter of a second each, with a second between them.
    fn answer() -> Value {
        let characters: Vec<String> = "Is it?It is".chars().map(String::from).collect();
        let time = |more: f64| {
            let at = move |n: usize| n as f64 / 4.0 + more + if n < 6 { 0.0 } else { 1.0 };
            (0..11).map(at).collect::<Vec<_>>()
        };
        let segment = |line: usize, (from, to): (f64, f64), (first, past): (usize, usize)| {
            json!({
                "voice_id": "v", "dialogue_input_index": line, "start_time_seconds": from,
                "end_time_seconds": to, "character_start_index": first, "character_end_index": past,
            })
        };
        json!({
            "audio_base64": wav(),
            "alignment": {
                "characters": characters, "character_start_times_seconds": time(0.0),
                "character_end_times_seconds": time(0.25),
            },
            "voice_segments": [segment(0, (0.0, 1.5), (0, 6)), segment(1, (2.5, 3.75), (6, 11))],
        })
    }

    fn told(body: &Value) -> Parts {
        let lines = vec![line("a", "Is it?"), line("b", "It is")];
        let order = asked(lines, &Value::Null);
        match Dialogue.submitted(&order, &reply(&body.to_string())) {
            Ok(Submitted::Done(delivery)) => delivery.lines.unwrap(),
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn segments_are_the_lines_and_characters_their_words() {
        let part = |from, to, words: &[(f64, f64)]| Part {
            from,
            to,
            words: Some(words.to_vec()),
        };
        let first = part(0.0, 1.5, &[(0.0, 0.5), (0.75, 1.25)]);
        let second = part(2.5, 3.75, &[(2.5, 3.0), (3.25, 3.75)]);
        assert_eq!(told(&answer()), Parts::Heard(vec![first, second]));
        // Characters that are not there tell nothing, and cost no line.
        let mut bad = answer();
        bad["voice_segments"][1]["character_end_index"] = json!(u64::MAX);
        let Parts::Heard(parts) = told(&bad) else {
            unreachable!("the times are good");
        };
        let timed: Vec<bool> = parts.iter().map(|part| part.words.is_some()).collect();
        assert_eq!(timed, [true, false]);
        // Nor do those of another line.
        bad["voice_segments"][1]["character_end_index"] = json!(6);
        bad["voice_segments"][1]["character_start_index"] = json!(0);
        assert!(matches!(told(&bad), Parts::Heard(parts) if parts[1].words.is_none()));
    }

    #[test]
    fn segments_that_cannot_be_keep_the_sound_and_say_why() {
        let spoilt = |name: &str, value: Value| {
            let mut bad = answer();
            bad["voice_segments"][1][name] = value;
            match told(&bad) {
                Parts::Broken(why) => why,
                other @ Parts::Heard(_) => unreachable!("{name}: {other:?}"),
            }
        };
        let numbers = "segment 2 has no line and times in numbers";
        assert_eq!(spoilt("start_time_seconds", json!("NaN")), numbers);
        assert_eq!(spoilt("end_time_seconds", Value::Null), numbers);
        assert_eq!(spoilt("dialogue_input_index", json!(-1)), numbers);
        let late = spoilt("dialogue_input_index", json!(2));
        assert_eq!(late, "segment 2 is of line 3, of 2");
        let back = spoilt("start_time_seconds", json!(0.2));
        assert_eq!(back, "segment 2 begins at 0.2 s, before 1.5 s");
        let mut none = answer();
        none["voice_segments"] = Value::Null;
        let why = "it has no `voice_segments`".to_owned();
        assert_eq!(told(&none), Parts::Broken(why));
        none["audio_base64"] = json!("aGVsbG8=");
        let order = asked(Vec::new(), &Value::Null);
        let refused = Dialogue.submitted(&order, &reply(&none.to_string()));
        assert!(refused.is_err_and(|error| !error.is_certain()));
    }
}
