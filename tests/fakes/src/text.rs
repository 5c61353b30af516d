//! What text models answer: a drawing to those that ask for one, an object to those that tell a schema, else a line of
//! what was asked.

use std::fmt::Write as _;

use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::{Paints, Shop};

/// How many tokens are said to have been read.
pub(crate) const READ: u64 = 1000;
/// How many tokens are said to have been made.
pub(crate) const MADE: u64 = 2000;

/// From how large a difference on, of 255 in red, green or blue, what is seen has become something else.
const MELTED: f64 = 60.0;

/// Takes an order for an answer to `asked`, where `system` is what was told before, and `shown` are the pictures that
/// came with it; why not, where it refuses.
pub(crate) fn say(
    shop: &Shop,
    model: &str,
    (system, asked): (&Value, Option<&str>),
    shown: Vec<Vec<u8>>,
) -> Result<String, String> {
    let asked = asked.unwrap_or_default();
    let melts = melts(&shown);
    shop.lock().shown.push(shown);
    let is_drawing = system.to_string().contains("SVG");
    // What is to be seen stands between quotation marks; what is wrong with a drawing does not.
    let scene = asked
        .split('\u{201c}')
        .nth(1)
        .and_then(|rest| rest.split('\u{201d}').next());
    let prompt = scene.filter(|_| is_drawing).unwrap_or(asked);
    let job = shop.take(model, &json!({"prompt": prompt}), "txt");
    if let Some(why) = job.fails {
        return Err(why);
    }
    if let Some(schema) = schema(system) {
        if job.spoilt {
            return Ok("{\"nothing\": \"that was asked for\"}".to_owned());
        }
        let of = (prompt, melts || job.paints == Paints::Blank);
        return Ok(format!("```json\n{}\n```", object(&schema, of)));
    }
    if !is_drawing {
        return Ok(answer(prompt));
    }
    let mut text = format!("Here it is:\n\n```svg\n{}\n```\n", drawing(prompt));
    if job.spoilt {
        text.truncate(text.len() / 2);
    }
    Ok(text)
}

/// The pictures of a conversation: in `messages`, each of which has a list of parts, those that `of` gives in base64.
pub(crate) fn shown(
    messages: &Value,
    parts: &str,
    of: impl Fn(&Value) -> Option<&str>,
) -> Vec<Vec<u8>> {
    let messages = messages.as_array().into_iter().flatten();
    let parts = messages.filter_map(|message| message[parts].as_array());
    let given = parts.flatten().filter_map(of);
    given
        .map(|text| BASE64.decode(text).unwrap_or_default())
        .collect()
}

/// Whether one of the pictures has other colours than the one before it.
fn melts(shown: &[Vec<u8>]) -> bool {
    let colours: Vec<[f64; 3]> = shown.iter().filter_map(|one| colour(one)).collect();
    let differ = |pair: &[[f64; 3]]| {
        let differences = pair[0].iter().zip(pair[1]);
        differences.into_iter().any(|(a, b)| (a - b).abs() > MELTED)
    };
    colours.windows(2).any(differ)
}

/// The mean of a picture's red, green and blue.
pub fn colour(picture: &[u8]) -> Option<[f64; 3]> {
    let picture = image::load_from_memory(picture).ok()?.into_rgb8();
    let count = f64::from(picture.width() * picture.height()).max(1.0);
    let mut sums = [0.0; 3];
    for pixel in picture.pixels() {
        for (sum, part) in sums.iter_mut().zip(pixel.0) {
            *sum += f64::from(part);
        }
    }
    Some(sums.map(|sum| sum / count))
}

/// An answer as events, as servers send them; each may have a name.
pub(crate) fn events(all: impl IntoIterator<Item = (&'static str, String)>) -> Response {
    let mut body = ": here it comes\n\n".to_owned();
    for (name, data) in all {
        let name = if name.is_empty() {
            String::new()
        } else {
            format!("event: {name}\r\n")
        };
        // Writing to a String does not fail.
        let _ = write!(body, "{name}data: {data}\r\n\r\n");
    }
    ([("content-type", "text/event-stream; charset=utf-8")], body).into_response()
}

/// A text in the pieces in which it comes.
pub(crate) fn pieces(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars
        .chunks(7)
        .map(|piece| piece.iter().collect())
        .collect()
}

/// The schema in what was told before all, where one is.
fn schema(system: &Value) -> Option<Value> {
    let text = match system {
        Value::String(text) => text.clone(),
        Value::Array(all) => return all.iter().find_map(schema),
        Value::Object(all) => return all.values().find_map(schema),
        _ => return None,
    };
    let (_, schema) = text.split_once("Its schema: ")?;
    serde_json::from_str(schema).ok()
}

/// The fewest things that a schema allows, with what was asked as its texts; its numbers the largest, or of an answer
/// that says nothing for what is seen the least.
fn object(schema: &Value, (asked, poor): (&str, bool)) -> Value {
    let kind = schema["type"].as_str().or(schema["type"][0].as_str());
    match kind {
        Some("object") => {
            let all = schema["properties"].as_object().into_iter().flatten();
            all.map(|(name, of)| (name.clone(), object(of, (asked, poor))))
                .collect()
        }
        Some("array") => json!([object(&schema["items"], (asked, poor))]),
        Some("integer" | "number") if poor => json!(schema["minimum"].as_u64().unwrap_or(0)),
        Some("integer" | "number") => json!(schema["maximum"].as_u64().unwrap_or(1)),
        Some("boolean") => json!(true),
        Some("string") => json!(asked),
        _ => Value::Null,
    }
}

/// The answer to what is no drawing.
pub fn answer(asked: &str) -> String {
    format!("You said: {asked}")
}

/// A scene whose sky has a colour that is the prompt's own, as a model draws it: of another size than was
/// asked for, with what has no place in a picture.
pub fn drawing(prompt: &str) -> String {
    let mut mixed: u32 = 2_166_136_261;
    for byte in prompt.bytes() {
        mixed = (mixed ^ u32::from(byte)).wrapping_mul(16_777_619);
    }
    let [sky, hill, ..] = mixed.to_le_bytes();
    let mut svg = format!(
        "<?xml version=\"1.0\"?>\n<svg viewBox=\"0 0 800 450\" width=\"100%\" onload=\"alert(1)\">\n\
         <!-- a sky -- and hills -->\n<script>alert(2)</script>\n\
         <defs><linearGradient id=\"sky\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"1\">\
         <stop offset=\"0\" stop-color=\"hsl({}, 60%, 35%)\"/><stop offset=\"1\" stop-color=\"hsl(40, 80%, 80%)\"/>\
         </linearGradient></defs>\n<rect width=\"800\" height=\"450\" fill=\"url(#sky)\"/>\n\
         <circle cx=\"600\" cy=\"110\" r=\"46\" fill=\"#fff3c4\"/>\n",
        u32::from(sky) * 360 / 256
    );
    for (n, shade) in [38, 28, 18].into_iter().enumerate() {
        let top = 250 + n as u32 * 60;
        // Writing to a String does not fail.
        let _ = writeln!(
            svg,
            "<path d=\"M0 {top} Q200 {} 400 {top} T800 {top} V450 H0 Z\" fill=\"hsl({}, 35%, {shade}%)\"/>",
            top - 90,
            u32::from(hill) * 360 / 256,
        );
    }
    svg.push_str("<image href=\"https://example.com/a.png\" width=\"9\" height=\"9\"/>\n</svg>");
    svg
}
