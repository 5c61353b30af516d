//! ElevenLabs' speech with the times of its characters, its conversations, its music, its effects, its voice changer and its
//! lists of voices.

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::heard::{field, words_in};
use crate::speech::{BETWEEN, changed, conversation, tones};
use crate::stock::parameter;
use crate::{Asked, CHARACTER_MS, Kind, Shop, speech};

pub(crate) const KIND: Kind = Kind {
    vendor: "elevenlabs",
    base: "",
    key: ("xi-api-key", ""),
    models: &[
        ("voices", "eleven_multilingual_v2"),
        ("composers", "music_v2"),
        ("effects", "eleven_text_to_sound_v2"),
        ("changers", "eleven_multilingual_sts_v2"),
        ("dialogues", "eleven_v3"),
    ],
    // An effect.
    charges: 120_000,
    has_jobs: false,
    answer,
};

fn answer(shop: &Shop, asked: &Asked<'_>) -> Response {
    match (asked.method, asked.path) {
        (&Method::GET, "/v2/voices") => return Json(own_voices(asked.query)).into_response(),
        (&Method::GET, "/v1/shared-voices") => {
            return Json(shared_voices(asked.query)).into_response();
        }
        _ => {}
    }
    let known = match asked.path {
        "/v1/music" => music,
        "/v1/sound-generation" => effect,
        "/v1/text-to-dialogue/with-timestamps" => dialogue,
        path if voice(path, "/v1/text-to-speech/", "/with-timestamps").is_some() => line,
        path if voice(path, "/v1/voice-changer/", "").is_some() => change,
        _ => return refuse(StatusCode::NOT_FOUND, "voice_not_found", "no such voice"),
    };
    if !asked.query.starts_with("output_format=") {
        let code = StatusCode::BAD_REQUEST;
        return refuse(code, "invalid_output_format", "no format");
    }
    known(shop, asked)
}

/// Some 250 voices of one's own. Every second is German; the first is fit for nothing.
fn own_voices(query: &str) -> Value {
    let voice = |n: usize| {
        let (language, gender) = if n.is_multiple_of(2) {
            ("en", "female")
        } else {
            ("de", "male")
        };
        json!({
            "voice_id": if n == 0 { "../../v1/music".to_owned() } else { format!("own{n}") },
            "name": format!("Voice {n}"), "category": "premade", "description": null,
            "labels": {"accent": "british", "gender": gender, "age": "young", "use_case": "narration", "language": language},
            "preview_url": format!("https://example.org/{n}.mp3"), "verified_languages": [{"language": language}],
            "is_owner": false, "high_quality_base_model_ids": ["eleven_multilingual_v2"],
        })
    };
    let all = (0..250).map(voice);
    let fits = |voice: &Value| labelled(query, &voice["labels"]) && searched(query, voice);
    let from = parameter(query, "next_page_token");
    let from = from.and_then(|token| token.strip_prefix("from")?.parse().ok());
    let (voices, next) = page(query, all.filter(fits).collect(), from.unwrap_or(0));
    let next = next.map(|next| format!("from{next}"));
    json!({"voices": voices, "has_more": next.is_some(), "total_count": 250, "next_page_token": next})
}

/// 120 voices that others share.
fn shared_voices(query: &str) -> Value {
    let voice = |n: usize| {
        json!({
            "public_owner_id": format!("owner{n}"), "voice_id": format!("shared{n}"), "name": format!("Shared {n}"),
            "accent": "irish", "gender": "female", "age": "old", "descriptive": "calm", "use_case": "audiobooks",
            "category": "professional", "language": "en", "locale": "en-IE", "rate": 1.0, "free_users_allowed": n > 0,
            "notice_period": if n > 0 { 0 } else { 90 }, "preview_url": format!("https://example.org/s{n}.mp3"),
        })
    };
    let all = (0..120).map(voice);
    let fits = |voice: &Value| labelled(query, voice) && searched(query, voice);
    let size = size(query);
    let number: usize = parameter(query, "page")
        .and_then(|page| page.parse().ok())
        .unwrap_or(0);
    let (voices, next) = page(query, all.filter(fits).collect(), number * size);
    json!({"voices": voices, "has_more": next.is_some(), "last_sort_id": null})
}

fn size(query: &str) -> usize {
    let told = parameter(query, "page_size").and_then(|size| size.parse().ok());
    told.unwrap_or(10).clamp(1, 100)
}

fn page(query: &str, all: Vec<Value>, from: usize) -> (Vec<Value>, Option<usize>) {
    let next = from + size(query);
    let more = next < all.len();
    let voices = all.into_iter().skip(from).take(size(query));
    (voices.collect(), more.then_some(next))
}

/// Whether a voice is labelled as is asked for.
fn labelled(query: &str, labels: &Value) -> bool {
    ["language", "gender", "accent"]
        .into_iter()
        .all(|name| parameter(query, name).is_none_or(|wanted| labels[name] == wanted))
}

fn searched(query: &str, voice: &Value) -> bool {
    let name = voice["name"].as_str().unwrap_or_default();
    parameter(query, "search").is_none_or(|words| name.contains(&words))
}

/// The voice that a path names.
fn voice<'a>(path: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let voice = path.strip_prefix(before)?.strip_suffix(after)?;
    (!voice.is_empty() && !voice.contains('/')).then_some(voice)
}

fn line(shop: &Shop, asked: &Asked<'_>) -> Response {
    let Some((text, model)) = told(asked.body, "text") else {
        return lacks("text");
    };
    let job = shop.take(model, &json!({"prompt": text}), "wav");
    if let Some(fails) = &job.fails {
        return refuse(StatusCode::BAD_REQUEST, "model_error", fails);
    }
    // Whatever the format, it is a WAV.
    let times = times(text);
    Json(json!({
        "audio_base64": BASE64.encode(speech(text)),
        "alignment": times, "normalized_alignment": times,
    }))
    .into_response()
}

/// What is wrong with the segments that it tells where it garbles an answer: see `Fake::break_segments`.
const GARBLED: [fn(&mut Vec<Value>); 4] = [
    |segments| drop(segments.pop()),
    |segments| segments.reverse(),
    |segments| segments[0]["dialogue_input_index"] = json!(99),
    |segments| {
        let last = segments.len() - 1;
        segments[last]["end_time_seconds"] = json!(1.0e9);
    },
];

/// A conversation: the lines with a pause between them. The characters are those of the lines alone.
fn dialogue(shop: &Shop, asked: &Asked<'_>) -> Response {
    let inputs = asked.body["inputs"].as_array();
    let text = |input: &Value| Some(input["text"].as_str()?.to_owned());
    let texts = inputs.and_then(|inputs| inputs.iter().map(text).collect::<Option<Vec<_>>>());
    let (Some(texts), Some(model)) = (texts, asked.body["model_id"].as_str()) else {
        return lacks("inputs");
    };
    if asked.body.get("voice_settings").is_some() || texts.is_empty() {
        return lacks("settings");
    }
    let job = shop.take(model, &json!({"prompt": texts.join(" ")}), "wav");
    if let Some(fails) = &job.fails {
        return refuse(StatusCode::BAD_REQUEST, "model_error", fails);
    }
    let lines: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (times, mut segments) = said(&lines, &asked.body["inputs"]);
    if job.spoilt {
        let number = shop.lock().broken;
        GARBLED[number % GARBLED.len()](&mut segments);
    }
    Json(json!({
        "audio_base64": BASE64.encode(conversation(&lines)),
        "alignment": times, "normalized_alignment": times, "voice_segments": segments,
    }))
    .into_response()
}

/// The times of all characters, and the segments of the lines.
fn said(lines: &[&str], inputs: &Value) -> (Value, Vec<Value>) {
    let (mut characters, mut starts, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    let (mut at, mut segments) = (0, Vec::new());
    let time = |place: usize| (place * CHARACTER_MS) as f64 / 1000.0;
    for (n, line) in lines.iter().enumerate() {
        let (from, first) = (at, characters.len());
        for character in line.chars() {
            characters.push(character.to_string());
            starts.push(time(at));
            at += 1;
            ends.push(time(at));
        }
        segments.push(json!({
            "voice_id": inputs[n]["voice_id"], "dialogue_input_index": n,
            "start_time_seconds": time(from), "end_time_seconds": time(at),
            "character_start_index": first, "character_end_index": characters.len(),
        }));
        at += BETWEEN.len();
    }
    let times = json!({
        "characters": characters, "character_start_times_seconds": starts,
        "character_end_times_seconds": ends,
    });
    (times, segments)
}

fn music(shop: &Shop, asked: &Asked<'_>) -> Response {
    let Some((prompt, model)) = told(asked.body, "prompt") else {
        return lacks("prompt");
    };
    let length = asked.body["music_length_ms"].as_u64().unwrap_or(10_000);
    if !(3000..=600_000).contains(&length) {
        return lacks("music_length_ms");
    }
    sound(shop, (model, prompt), tones(prompt, length))
}

fn effect(shop: &Shop, asked: &Asked<'_>) -> Response {
    let Some((text, model)) = told(asked.body, "text") else {
        return lacks("text");
    };
    let seconds = &asked.body["duration_seconds"];
    let of_length = |seconds: f64| tones(text, (seconds * 1000.0) as u64);
    let made = match seconds.as_f64() {
        Some(seconds) if !(0.5..=30.0).contains(&seconds) => return lacks("duration_seconds"),
        Some(seconds) => of_length(seconds),
        None => speech(text),
    };
    sound(shop, (model, text), made)
}

/// The line with every sample turned over: the same words at the same times, in other bytes.
fn change(shop: &Shop, asked: &Asked<'_>) -> Response {
    let part = |name| field(asked.bytes, name);
    let (Some(said), Some(model)) = (part("audio"), part("model_id")) else {
        return lacks("audio");
    };
    let voice = voice(asked.path, "/v1/voice-changer/", "").unwrap_or_default();
    let prompt = words_in(said).unwrap_or_else(|| voice.to_owned());
    let model = String::from_utf8_lossy(model);
    sound(shop, (&*model, prompt.as_str()), changed(said))
}

/// What an order must have.
fn told<'a>(body: &'a Value, text: &str) -> Option<(&'a str, &'a str)> {
    Some((body[text].as_str()?, body["model_id"].as_str()?))
}

/// Takes an order whose answer is the sound.
fn sound(shop: &Shop, (model, prompt): (&str, &str), made: Vec<u8>) -> Response {
    let job = shop.take(model, &json!({"prompt": prompt}), "wav");
    match &job.fails {
        Some(fails) => refuse(StatusCode::BAD_REQUEST, "model_error", fails),
        None => ([("content-type", "audio/wav")], made).into_response(),
    }
}

fn lacks(name: &str) -> Response {
    let detail = json!([{"loc": ["body", name], "msg": "field required", "type": "missing"}]);
    let body = Json(json!({"detail": detail}));
    (StatusCode::UNPROCESSABLE_ENTITY, body).into_response()
}

fn times(text: &str) -> Value {
    let characters: Vec<String> = text.chars().map(String::from).collect();
    let at = |n: usize| (n * CHARACTER_MS) as f64 / 1000.0;
    let count = characters.len();
    json!({
        "characters": characters,
        "character_start_times_seconds": (0..count).map(at).collect::<Vec<_>>(),
        "character_end_times_seconds": (1..=count).map(at).collect::<Vec<_>>(),
    })
}

fn refuse(code: StatusCode, status: &str, message: &str) -> Response {
    let detail = json!({"status": status, "message": message});
    (code, Json(json!({"detail": detail}))).into_response()
}
