//! What goes over the wire, written so that it is the same on every run and a person can lay it beside a vendor's
//! documentation: no key, no port, no name of chance, no hour, and of what is long only what it is.

use std::fmt::Write as _;

use axum::http::{HeaderMap, Method, StatusCode, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use crate::KEY;

/// The longest text that is written as it is.
const LONG: usize = 160;
/// Headers that say nothing of a vendor's format.
const PLAIN: [&str; 6] = [
    "accept-encoding",
    "connection",
    "content-length",
    "host",
    "transfer-encoding",
    "user-agent",
];

/// A request to the server at `url`.
pub(crate) fn request(
    url: &str,
    (method, uri, headers): (&Method, &Uri, &HeaderMap),
    body: &[u8],
) -> String {
    let mut out = format!("{method} {}\n", uri.path());
    let query = uri.query().into_iter().flat_map(|query| query.split('&'));
    for (n, part) in query.enumerate() {
        let mark = if n == 0 { '?' } else { '&' };
        // Writing to a String does not fail.
        let _ = writeln!(out, "    {mark}{part}");
    }
    let mut names: Vec<&str> = headers.keys().map(axum::http::HeaderName::as_str).collect();
    names.retain(|name| !PLAIN.contains(name));
    names.sort_unstable();
    for name in names {
        let value = headers[name].to_str().unwrap_or("?");
        // Its boundary is another one every time.
        let value = value.split("; boundary=").next().unwrap_or_default();
        let _ = writeln!(out, "{name}: {value}");
    }
    out.push_str(&told(headers, body));
    fixed(url, &out)
}

/// What was answered to it.
pub(crate) fn reply(url: &str, (status, headers): (StatusCode, &HeaderMap), body: &[u8]) -> String {
    let media_type = media_type(headers);
    let out = format!("{} {media_type}\n{}", status.as_u16(), told(headers, body));
    fixed(url, &out)
}

fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get("content-type");
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// A body: JSON as it is, forms as their parts, lines as they come, all else by its length.
fn told(headers: &HeaderMap, body: &[u8]) -> String {
    let media_type = media_type(headers);
    let text = std::str::from_utf8(body).unwrap_or_default();
    if body.is_empty() {
        return String::new();
    }
    if let Some((_, boundary)) = media_type.split_once("boundary=") {
        return form(body, boundary);
    }
    if media_type.starts_with("text/event-stream") || media_type.contains("ndjson") {
        let lines = text.lines().filter(|line| !line.is_empty());
        return lines.fold("\n".to_owned(), |all, line| all + &event(line) + "\n");
    }
    match serde_json::from_str::<Value>(text) {
        Ok(value) => format!("\n{:#}\n", short(value)),
        Err(_) => format!("\n{}\n", bytes(body)),
    }
}

/// A line of a stream, whose JSON stands on it.
fn event(line: &str) -> String {
    let (before, json) = line.split_at(line.find('{').unwrap_or(line.len()));
    match serde_json::from_str(json) {
        Ok(value) => format!("{before}{}", short(value)),
        Err(_) => line.to_owned(),
    }
}

/// The parts of a form (RFC 7578), files by their length.
fn form(body: &[u8], boundary: &str) -> String {
    // Bytes that are no text stand for one letter each, so that lengths stay.
    let text: String = body.iter().map(|byte| char::from(*byte)).collect();
    let boundary = format!("--{boundary}");
    let mut out = String::new();
    for part in text.split(&boundary) {
        let Some((head, value)) = part.split_once("\r\n\r\n") else {
            continue;
        };
        let value = value.strip_suffix("\r\n").unwrap_or(value);
        out.push('\n');
        for line in head.lines().filter(|line| !line.is_empty()) {
            out.push_str(line);
            out.push('\n');
        }
        let value: Vec<u8> = value.chars().map(|letter| letter as u8).collect();
        match std::str::from_utf8(&value) {
            Ok(text) if value.len() <= LONG && !head.contains("filename") => out.push_str(text),
            _ => out.push_str(&bytes(&value)),
        }
        out.push('\n');
    }
    out
}

/// The same with its long texts as what they are.
fn short(value: Value) -> Value {
    match value {
        Value::String(text) if text.len() > LONG => known(&text).into(),
        Value::Array(all) => all.into_iter().map(short).collect(),
        Value::Object(all) => {
            let all = all.into_iter();
            all.map(|(name, value)| (name, short(value))).collect()
        }
        other => other,
    }
}

fn known(text: &str) -> String {
    let (before, data) = match text.split_once(";base64,") {
        Some((media_type, data)) => (format!("{media_type};base64,"), data),
        None => (String::new(), text),
    };
    if let Ok(of) = BASE64.decode(data) {
        return format!("{before}{} as base64", bytes(&of));
    }
    let start: String = text.chars().take(LONG / 2).collect();
    format!("{start}<and so on: {} bytes>", text.len())
}

fn bytes(of: &[u8]) -> String {
    let begins = [(&b"\x89PNG"[..], "PNG"), (b"GIF8", "GIF"), (b"RIFF", "WAV")];
    let kind = begins.iter().find(|(start, _)| of.starts_with(start));
    let kind = kind.map_or("bytes", |(_, kind)| *kind);
    format!("<{kind}: {} bytes>", of.len())
}

/// A text without what differs from run to run, and without the key.
fn fixed(url: &str, text: &str) -> String {
    let server = url.find("://").map_or(0, |at| at + 3);
    let server = url[server..].split('/').next().unwrap_or_default();
    let text = text.replace(KEY, "<key>").replace(server, "<server>");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(letter) = rest.chars().next() {
        if let Some((length, word)) = chance(rest) {
            out.push_str(word);
            rest = &rest[length..];
        } else {
            out.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    out
}

/// What a text begins with that is another on every run, as its length and the word for it.
fn chance(text: &str) -> Option<(usize, &'static str)> {
    let fits = |shape: &str| {
        let start = text.as_bytes().get(..shape.len())?;
        let mut pairs = start.iter().zip(shape.bytes());
        let fits = pairs.all(|(own, wanted)| match wanted {
            b'x' => own.is_ascii_hexdigit(),
            b'9' => own.is_ascii_digit(),
            _ => *own == wanted,
        });
        fits.then_some(shape.len())
    };
    if let Some(length) = fits("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") {
        return Some((length, "<uuid>"));
    }
    let second = fits("9999-99-99T99:99:99")?;
    let part = text[second..].find(|letter: char| letter != '.' && !letter.is_ascii_digit());
    let end = second + part.unwrap_or(text.len() - second);
    Some((end + usize::from(text[end..].starts_with('Z')), "<time>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_a_word() {
        let told = fixed(
            "http://127.0.0.1:4711/v1",
            &format!(
                "\"http://127.0.0.1:4711/v1/a\" Bearer {KEY} 0f4c1d6e-8f5b-8a51-8d3e-5a1c9e7b2f60 \
                 at 2026-11-23T05:38:00.123Z, \u{e9} 2026-11-23"
            ),
        );
        assert_eq!(
            told,
            "\"http://<server>/v1/a\" Bearer <key> <uuid> at <time>, \u{e9} 2026-11-23"
        );
    }

    #[test]
    fn what_is_long_is_said_and_not_shown() {
        let data = BASE64.encode([b"RIFF".as_slice(), &[7; 400]].concat());
        let of = |text: String| short(Value::String(text));
        assert_eq!(of(data.clone()), "<WAV: 404 bytes> as base64");
        let url = format!("data:audio/wav;base64,{data}");
        assert_eq!(of(url), "data:audio/wav;base64,<WAV: 404 bytes> as base64");
        assert_eq!(of("a lamp".to_owned()), "a lamp");
        let form = "--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n7\r\n--b\r\n\
             Content-Disposition: form-data; name=\"f\"; filename=\"a.bin\"\r\nContent-Type: x/y\r\n\r\n123\r\n--b--\r\n";
        let mut headers = HeaderMap::new();
        let _ = headers.insert(
            "content-type",
            "multipart/form-data; boundary=b".parse().expect("a header"),
        );
        assert_eq!(
            told(&headers, form.as_bytes()),
            "\nContent-Disposition: form-data; name=\"n\"\n7\n\n\
             Content-Disposition: form-data; name=\"f\"; filename=\"a.bin\"\nContent-Type: x/y\n<bytes: 3 bytes>\n"
        );
    }
}
