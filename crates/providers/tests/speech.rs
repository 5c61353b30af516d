//! Speech servers as they are documented, and as they go wrong: a fake on the loopback says byte for byte
//! what a case tells it to.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use serde_json::Value;
use workprint_media::{Cancel, Media, Programs};
use workprint_model::speech::{OpenaiSpec, PiperServerSpec, VoiceEngine};
use workprint_providers::speech::{Line, SpeechError, Spoken};
use workprint_providers::vendors::speaker;

/// A server that gives each request the next of its replies, then ends with the requests that it got.
fn fake(replies: Vec<Vec<u8>>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serve = move || {
        let mut requests = Vec::new();
        for reply in replies {
            let (mut stream, _) = listener.accept().unwrap();
            requests.push(request(&mut stream));
            // A client that has heard enough may hang up.
            drop(stream.write_all(&reply));
        }
        requests
    };
    (url, std::thread::spawn(serve))
}

/// A request's line and its body.
fn request(stream: &mut std::net::TcpStream) -> String {
    let mut got = Vec::new();
    let mut block = [0; 4096];
    loop {
        let count = stream.read(&mut block).unwrap();
        got.extend_from_slice(&block[..count]);
        let text = String::from_utf8_lossy(&got).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let wanted = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "))
            .map_or(0, |n| n.parse().unwrap());
        if body.len() >= wanted {
            let line = head.lines().next().unwrap();
            return format!("{line}\n{body}");
        }
    }
}

fn reply(status: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn wav() -> Vec<u8> {
    let samples = [0u8; 400];
    let mut out = Vec::from(*b"RIFF");
    out.extend(436u32.to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend(16u32.to_le_bytes());
    for half in [1u16, 1] {
        out.extend(half.to_le_bytes());
    }
    out.extend(22_050u32.to_le_bytes());
    out.extend(44_100u32.to_le_bytes());
    for half in [2u16, 16] {
        out.extend(half.to_le_bytes());
    }
    out.extend(b"data");
    out.extend(400u32.to_le_bytes());
    out.extend(samples);
    out
}

fn openai(url: &str) -> VoiceEngine {
    VoiceEngine::Openai(OpenaiSpec {
        url: format!("{url}/v1"),
        model: "kokoro".to_owned(),
        instructions: true,
    })
}

fn piper(url: &str) -> VoiceEngine {
    VoiceEngine::PiperServer(PiperServerSpec {
        url: url.to_owned(),
    })
}

const LINE: Line<'_> = Line {
    text: "Hello, you there.",
    voice: "af_heart",
    speed: 125,
    direction: Some("gently"),
};

fn speak(engine: &VoiceEngine, line: &Line<'_>) -> Result<Spoken, SpeechError> {
    let programs = Programs::find(std::ffi::OsStr::new(""), &[]);
    let media = Media::new(programs, Cancel::default());
    speaker(engine, &media, &[])?.speak(line, &Cancel::default())
}

#[test]
fn openai_is_asked_as_documented() {
    let (url, server) = fake(vec![reply("200 OK", "audio/wav", &wav())]);
    let spoken = speak(&openai(&url), &LINE).unwrap();
    assert_eq!((spoken.sound, spoken.words), (wav(), None));
    let requests = server.join().unwrap();
    let (line, body) = requests[0].split_once('\n').unwrap();
    assert_eq!(line, "POST /v1/audio/speech HTTP/1.1");
    let body: Value = serde_json::from_str(body).unwrap();
    let wanted = serde_json::json!({
        "model": "kokoro", "input": "Hello, you there.", "voice": "af_heart",
        "response_format": "wav", "speed": 1.25, "instructions": "gently",
    });
    assert_eq!(body, wanted);
}

#[test]
fn replies_in_chunks_are_joined() {
    let whole = wav();
    let (first, rest) = whole.split_at(100);
    let mut reply = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for part in [first, rest] {
        reply.extend(format!("{:x}\r\n", part.len()).bytes());
        reply.extend_from_slice(part);
        reply.extend(b"\r\n");
    }
    reply.extend(b"0\r\n\r\n");
    let (url, _server) = fake(vec![reply]);
    assert_eq!(speak(&openai(&url), &LINE).unwrap().sound, whole);
}

#[test]
fn piper_tells_when_its_words_are_heard() {
    let voices = br#"{"en_GB-alba-medium": {"audio": {"sample_rate": 22050}}}"#;
    let info = br#"{"voice": {"name": "x"}, "last": {"text": "Hello, you there.", "alignments": [
        {"phoneme": "^", "seconds": 0.05}, {"phoneme": "h", "seconds": 0.1}, {"phoneme": "o", "seconds": 0.2},
        {"phoneme": ",", "seconds": 0.3}, {"phoneme": " ", "seconds": 0.1}, {"phoneme": "j", "seconds": 0.1},
        {"phoneme": " ", "seconds": 0.02}, {"phoneme": "d", "seconds": 0.1}, {"phoneme": ".", "seconds": 0.1},
        {"phoneme": "$", "seconds": 0.1}]}}"#;
    let (url, server) = fake(vec![
        reply("200 OK", "application/json", voices),
        // The server has its sound told as a web page.
        reply("200 OK", "text/html; charset=utf-8", &wav()),
        reply("200 OK", "application/json", info),
    ]);
    let line = Line {
        voice: "en_GB-alba-medium",
        ..LINE
    };
    let words = speak(&piper(&url), &line).unwrap().words.unwrap();
    let ms: Vec<(i64, i64)> = words
        .iter()
        .map(|(from, to)| ((from * 1000.0).round() as i64, (to * 1000.0).round() as i64))
        .collect();
    assert_eq!(ms, [(50, 350), (750, 850), (870, 970)]);
    let requests = server.join().unwrap();
    assert_eq!(requests[0], "GET /voices HTTP/1.1\n");
    let (line, body) = requests[1].split_once('\n').unwrap();
    assert_eq!(line, "POST /synthesize HTTP/1.1");
    let body: Value = serde_json::from_str(body).unwrap();
    let wanted = serde_json::json!({
        "text": "Hello, you there.", "voice": "en_GB-alba-medium", "length_scale": 0.8,
    });
    assert_eq!(body, wanted);
    assert_eq!(requests[2], "GET /info HTTP/1.1\n");
}

#[test]
fn a_voice_that_the_server_lacks_is_told_with_those_it_has() {
    let voices = br#"{"de_DE-thorsten-medium": {}, "en_GB-alba-medium": {}}"#;
    let (url, _server) = fake(vec![reply("200 OK", "application/json", voices)]);
    let error = speak(&piper(&url), &LINE).unwrap_err();
    assert!(matches!(error, SpeechError::NoVoice { .. }), "{error:?}");
    assert_eq!(
        error.hint(),
        "name one of: `de_DE-thorsten-medium`, `en_GB-alba-medium`"
    );
}

#[test]
fn what_goes_wrong_is_told() {
    let page = b"<!DOCTYPE html><html>Sign in</html>";
    let missing = br#"{"detail":"Model 'kokoro' is not installed locally."}"#;
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (
            reply("200 OK", "text/html", page),
            "sent a web page where a WAV file is expected",
        ),
        (
            reply("404 Not Found", "application/json", missing),
            "status 404: {\"detail\":\"Model 'kokoro' is not",
        ),
        (reply("200 OK", "audio/wav", b""), "sent nothing"),
        (
            reply("200 OK", "application/json", br#"{"error":"x"}"#),
            "sent `{\"error\":\"x\"}`",
        ),
        (b"hello".to_vec(), "does not answer"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nRIFF".to_vec(),
            "does not answer",
        ),
    ];
    for (reply, wanted) in cases {
        let (url, _server) = fake(vec![reply]);
        let error = speak(&openai(&url), &LINE).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
        assert!(!error.hint().is_empty());
    }
    let error = speak(&openai("http://127.0.0.1:9"), &LINE).unwrap_err();
    assert!(matches!(error, SpeechError::Down { .. }), "{error:?}");
    let error = speak(&openai("http://192.0.2.1"), &LINE).unwrap_err();
    assert!(matches!(error, SpeechError::Address { .. }), "{error:?}");
}
