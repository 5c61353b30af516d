//! Calls to whoever ordered something, when a job has ended: signed as the vendors document it.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};
use ring::hmac;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};

use crate::{Fake, Job, Shop};

/// The secret that Standard Webhooks are signed with.
const SECRET: &[u8] = b"a secret of the fake, of 32 bytes";
/// What the fake's Ed25519 key is made of.
const SEED: [u8; 32] = *b"the seed of the fake's only key!";

/// How a call is signed.
#[derive(Debug, Clone)]
pub(crate) enum Signed {
    /// Not at all.
    Plain,
    /// As Standard Webhooks says.
    Standard,
    /// By Ed25519, as fal does it.
    Fal,
    /// By a header that the order named.
    Header(String, String),
}

/// Where the fake was told to call.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    url: String,
    job: String,
    signed: Signed,
}

/// A call.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The address.
    pub url: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Fake {
    /// Later jobs are done after so long, however often they are asked for.
    pub fn lasts(&self, time: Duration) {
        self.shop.lock().lasts = Some(time);
    }

    /// It calls nobody when a job has ended.
    pub fn forgets(&self) {
        self.shop.lock().silent = true;
    }

    /// The calls that it makes, or would, one for each order that it was told an address with.
    pub fn notices(&self) -> Vec<Notice> {
        let told = self.shop.lock().hooks.clone();
        told.iter().map(|one| one.notice(&self.shop)).collect()
    }

    /// What its own calls were answered with; 0 where nobody did.
    pub fn answers(&self) -> Vec<u16> {
        self.shop.lock().answers.clone()
    }
}

impl Notice {
    /// Makes the call; the status that it is answered with, 0 where nobody answers.
    pub fn send(&self) -> u16 {
        self.sent().unwrap_or_default()
    }

    fn sent(&self) -> Option<u16> {
        let (host, path) = self.url.strip_prefix("http://")?.split_once('/')?;
        let mut stream = TcpStream::connect(host).ok()?;
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .ok()?;
        let mut head = format!("POST /{path} HTTP/1.1\r\nHost: {host}\r\n");
        for (name, value) in &self.headers {
            head.extend([name.as_str(), ": ", value, "\r\n"]);
        }
        let length = self.body.len();
        // Writing to a String does not fail.
        let _ = write!(head, "Content-Length: {length}\r\n\r\n");
        stream.write_all(head.as_bytes()).ok()?;
        // Who has enough answers before all of it is sent.
        drop(stream.write_all(&self.body));
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).ok()?;
        std::str::from_utf8(&answer[9..]).ok()?.parse().ok()
    }
}

impl Told {
    /// The call, made now.
    pub(crate) fn notice(&self, shop: &Shop) -> Notice {
        let job = shop.look(&self.job);
        let fails = job.is_some_and(|job| job.fails.is_some());
        let status = if fails { "ERROR" } else { "OK" };
        // What it says is no result: a hostile vendor, or whoever took the call over, could say anything.
        let body = json!({
            "request_id": self.job, "id": self.job, "transcript_id": self.job, "status": status,
            "payload": {"images": [{"url": "http://169.254.169.254/latest"}]},
            "output": ["http://169.254.169.254/latest"],
        });
        let body = body.to_string().into_bytes();
        let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        headers.extend(self.signed.headers(&self.job, &body));
        Notice {
            url: self.url.clone(),
            headers,
            body,
        }
    }
}

impl Signed {
    fn headers(&self, job: &str, body: &[u8]) -> Vec<(String, String)> {
        let time = jiff::Timestamp::now().as_second().to_string();
        let all = match self {
            Self::Plain => vec![],
            Self::Header(name, value) => return vec![(name.clone(), value.clone())],
            Self::Standard => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
                let signed = [format!("{job}.{time}.").as_bytes(), body].concat();
                let signature = STANDARD.encode(hmac::sign(&key, &signed));
                vec![
                    ("webhook-id", job.to_owned()),
                    ("webhook-timestamp", time),
                    // An older secret's stands beside it.
                    ("webhook-signature", format!("v1,AAAA v1,{signature}")),
                ]
            }
            Self::Fal => {
                let body = hex::encode(digest(&SHA256, body).as_ref());
                let signed = format!("{job}\nuser\n{time}\n{body}");
                let signature = hex::encode(pair().sign(signed.as_bytes()).as_ref());
                vec![
                    ("X-Fal-Webhook-Request-Id", job.to_owned()),
                    ("X-Fal-Webhook-User-Id", "user".to_owned()),
                    ("X-Fal-Webhook-Timestamp", time),
                    ("X-Fal-Webhook-Signature", signature),
                ]
            }
        };
        let all = all.into_iter();
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&SEED).expect("a seed of 32 bytes")
}

/// The public keys, with one before it that signs nothing.
pub(crate) fn jwks() -> Value {
    let key =
        |bytes: &[u8]| json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(bytes)});
    json!({"keys": [key(&[7; 32]), key(pair().public_key().as_ref())]})
}

/// The secret, as it is told.
pub(crate) fn secret() -> Value {
    json!({"key": format!("whsec_{}", STANDARD.encode(SECRET))})
}

/// Notes where to call about a job, and calls when it has ended.
pub(crate) fn call(shop: &Shop, job: &Job, url: Option<&str>, signed: Signed) {
    let Some(url) = url else {
        return;
    };
    let told = Told {
        url: url.to_owned(),
        job: job.id.clone(),
        signed,
    };
    let is_silent = {
        let mut inner = shop.lock();
        inner.hooks.push(told.clone());
        inner.silent
    };
    let Some(until) = job.until.filter(|_| !is_silent) else {
        return;
    };
    let shop = shop.clone();
    drop(std::thread::spawn(move || {
        std::thread::sleep(until.saturating_duration_since(Instant::now()));
        let status = told.notice(&shop).send();
        shop.lock().answers.push(status);
    }));
}

/// A part of a query, decoded.
pub(crate) fn parameter(query: &str, name: &str) -> Option<String> {
    let mut parts = query.split('&').filter_map(|part| part.split_once('='));
    let (_, value) = parts.find(|(own, _)| *own == name)?;
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        let two: Vec<u8> = match byte {
            b'%' => rest.by_ref().take(2).collect(),
            _ => Vec::new(),
        };
        let two = std::str::from_utf8(&two).ok()?;
        bytes.push(u8::from_str_radix(two, 16).unwrap_or(byte));
    }
    String::from_utf8(bytes).ok()
}
