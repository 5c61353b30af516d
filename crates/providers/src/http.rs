//! HTTP to other people's servers, and to those of one's own network: bounded in size and time, and kept
//! from addresses that nobody configured ([`crate::guard`]). A request that is dropped ends at once.

mod events;
mod stream;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, Method, Url, multipart};
use serde_json::Value;

use crate::error::CallError;
use crate::guard::{Guard, Guarded, NotAllowed, Reach};
use crate::order::Reference;
use crate::secret::Secret;
use crate::socket;

pub(crate) use self::events::Events;
pub use self::events::{Join, Joined};
pub(crate) use self::stream::Open;

/// How long a server may take to accept.
const CONNECT: Duration = Duration::from_secs(5);
/// The most of a refusal that is explained.
const MOST_TOLD: usize = 256 << 10;
/// How often a server may send on to another of its own pages.
const MOST_REDIRECTS: usize = 5;
/// The longest wait that a server may ask for.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Below the server's own address.
    Path(String),
    /// An address that a reply named.
    Named(String),
}

/// What is sent along.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// JSON.
    Json(Value),
    /// A form with files.
    Form(Vec<Part>),
    /// A file by itself.
    File(Vec<u8>),
}

/// A part of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    name: String,
    /// The file's name and its media type; nothing for text.
    file: Option<(String, String)>,
    bytes: Vec<u8>,
}

impl Part {
    /// Text.
    pub fn text(name: impl Into<String>, text: &str) -> Self {
        let bytes = text.as_bytes().to_vec();
        Self {
            name: name.into(),
            file: None,
            bytes,
        }
    }

    /// A file of this name.
    pub fn file(name: impl Into<String>, file: &str, of: &Reference) -> Self {
        Self {
            name: name.into(),
            file: Some((file.to_owned(), of.media_type.clone())),
            bytes: of.bytes.clone(),
        }
    }

    fn ready(&self) -> multipart::Part {
        let part = multipart::Part::bytes(self.bytes.clone());
        let Some((name, media_type)) = &self.file else {
            return part;
        };
        let part = part.file_name(name.clone());
        part.mime_str(media_type)
            .unwrap_or_else(|_| multipart::Part::bytes(self.bytes.clone()).file_name(name.clone()))
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// GET, POST, PUT.
    pub method: Method,
    /// Where.
    pub target: Target,
    /// Headers besides the key's.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// What is sent.
    pub body: Option<Body>,
    /// The most bytes that are taken back.
    pub most: usize,
    /// How long the whole may take.
    pub limit: Duration,
}

impl Request {
    /// Asks for what is below the server's address.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            target: Target::Path(path.into()),
            headers: Vec::new(),
            body: None,
            most: 16 << 20,
            limit: Duration::from_mins(1),
        }
    }

    /// Sends JSON.
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self {
            method: Method::POST,
            body: Some(Body::Json(body)),
            ..Self::get(path)
        }
    }

    /// Sends a form with files (RFC 7578).
    pub fn form(path: impl Into<String>, parts: Vec<Part>) -> Self {
        Self {
            method: Method::POST,
            body: Some(Body::Form(parts)),
            ..Self::get(path)
        }
    }

    /// Sends a file by itself.
    pub fn file(path: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self {
            method: Method::POST,
            body: Some(Body::File(bytes)),
            ..Self::get(path)
        }
    }

    /// Asks for an address that a reply named.
    pub fn named(url: impl Into<String>) -> Self {
        Self {
            target: Target::Named(url.into()),
            ..Self::get("")
        }
    }

    /// Says something more in a body of JSON.
    pub(crate) fn add(&mut self, name: &str, value: impl Into<Value>) {
        if let Some(Body::Json(Value::Object(body))) = &mut self.body {
            body.insert(name.to_owned(), value.into());
        }
    }

    /// Says something more in the query, below the server's address.
    pub(crate) fn ask_with(&mut self, name: &str, value: &str) {
        let query = Url::parse_with_params("http://query/", [(name, value)]);
        if let (Target::Path(path), Ok(query)) = (&mut self.target, query) {
            let mark = if path.contains('?') { '&' } else { '?' };
            path.push(mark);
            path.push_str(query.query().unwrap_or_default());
        }
    }

    /// With another method.
    #[must_use]
    pub fn by(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// With other limits.
    #[must_use]
    pub fn within(self, most: usize, limit: Duration) -> Self {
        Self {
            most,
            limit,
            ..self
        }
    }
}

/// What came back, with a status from 200 to 299.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Who answered: an address without a query.
    pub url: String,
    /// The HTTP status.
    pub status: u16,
    /// The media type, without its parameters, in small letters.
    pub media_type: String,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Result<Value, CallError> {
        serde_json::from_slice(&self.body).map_err(|_| self.unexpected("JSON"))
    }

    /// An error that says what came instead of `wanted`.
    pub fn unexpected(&self, wanted: &str) -> CallError {
        CallError::Unexpected {
            url: self.url.clone(),
            what: format!("{} where {wanted} is expected", self.account()),
        }
    }

    /// What this is, in a few words.
    pub(crate) fn account(&self) -> String {
        let text = String::from_utf8_lossy(&self.body[..self.body.len().min(200)]).into_owned();
        let start = text.trim_start().to_ascii_lowercase();
        if self.body.is_empty() {
            "nothing".to_owned()
        } else if start.starts_with("<!doctype") || start.starts_with("<html") {
            "a web page".to_owned()
        } else if start.starts_with('{') {
            format!("`{}`", start.chars().take(120).collect::<String>())
        } else {
            format!("{} bytes of something else", self.body.len())
        }
    }
}

/// A key, and how a server wants it.
#[derive(Debug, Clone)]
pub struct Key {
    /// The header; `?name` where it is a part of the query.
    pub header: &'static str,
    /// What stands before the key, such as `Bearer `.
    pub before: &'static str,
    /// The key.
    pub secret: Secret,
}

/// A server.
#[derive(Debug)]
pub struct Http {
    client: Client,
    base: Url,
    reach: Reach,
    key: Option<HeaderMap>,
    /// The part of the query that the key is, and the key.
    asked_with: Option<(&'static str, Secret)>,
}

impl Http {
    /// The server at an address. The key goes to this server alone.
    pub fn new(base: &str, key: Option<&Key>) -> Result<Self, CallError> {
        let refused = |why| CallError::Address {
            url: plain(base),
            why,
        };
        let is_plain = base.bytes().all(|byte| byte.is_ascii_graphic());
        let base = Url::parse(base).ok().filter(|_| is_plain);
        let base = base.ok_or_else(|| refused(NotAllowed::NoAddress))?;
        let reach = Reach::of(&base).map_err(refused)?;
        reach.check(&base).map_err(refused)?;
        let unready = |source: reqwest::Error| CallError::Down {
            url: shown(&base),
            source: Box::new(source.without_url()),
        };
        let insecure = base.scheme() == "http";
        let guard = Guard {
            reach,
            plain: base.host_str().filter(|_| insecure).map(str::to_owned),
        };
        let client = Client::builder()
            .user_agent(concat!("workprint/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .redirect(Policy::custom(same_server))
            .referer(false)
            .no_proxy()
            .dns_resolver(Arc::new(Guarded(Arc::new(guard))))
            // Reading the machine's certificates takes a while, and plain HTTP needs none.
            .tls_built_in_root_certs(!insecure)
            .build()
            .map_err(unready)?;
        let asked_with = key.and_then(|key| {
            let name = key.header.strip_prefix('?')?;
            Some((name, key.secret.clone()))
        });
        let key = key.filter(|_| asked_with.is_none());
        let key = key.map(header).transpose();
        let key = key.map_err(|()| refused(NotAllowed::Credentials))?;
        Ok(Self {
            client,
            base,
            reach,
            key,
            asked_with,
        })
    }

    /// The server's address.
    pub fn url(&self) -> String {
        shown(&self.base)
    }

    /// Hears what the server tells over a WebSocket, until `heard` has enough.
    pub async fn listen(&self, path: &str, heard: impl FnMut(&str) -> bool) {
        socket::listen(&self.base, path, heard).await;
    }

    /// Sends a request and takes its reply, whole. A status other than 200 to 299 is an error.
    pub async fn send(&self, request: &Request) -> Result<Reply, CallError> {
        let url = self.locate(&request.target)?;
        let shown = shown(&url);
        let whole = async {
            let response = self.start(request, url).await?;
            self.receive(response, &shown, request.most).await
        };
        match tokio::time::timeout(request.limit, whole).await {
            Ok(reply) => reply,
            Err(_) => Err(CallError::Slow {
                url: shown.clone(),
                limit: request.limit,
            }),
        }
    }

    fn locate(&self, target: &Target) -> Result<Url, CallError> {
        let url = match target {
            Target::Path(path) => {
                let base = self.base.as_str().trim_end_matches('/');
                Url::parse(&format!("{base}/{}", path.trim_start_matches('/')))
            }
            Target::Named(url) => Url::parse(url),
        };
        let refused = |why| CallError::Address {
            url: match target {
                Target::Path(path) => plain(path),
                Target::Named(url) => plain(url),
            },
            why,
        };
        let mut url = url.map_err(|_| refused(NotAllowed::NoAddress))?;
        self.reach.check(&url).map_err(refused)?;
        // An address that a reply named gets no key, though it lead to the same server.
        if let (Some((name, key)), Target::Path(_)) = (&self.asked_with, target) {
            url.query_pairs_mut().append_pair(name, key.expose());
        }
        Ok(url)
    }

    async fn start(&self, request: &Request, url: Url) -> Result<reqwest::Response, CallError> {
        let name = shown(&url);
        let own = url.origin() == self.base.origin();
        let mut asked = self.client.request(request.method.clone(), url);
        let accepts = |(name, _): &(Cow<'_, str>, _)| ACCEPT.as_str().eq_ignore_ascii_case(name);
        if !request.headers.iter().any(accepts) {
            asked = asked.header(ACCEPT, "*/*");
        }
        if let Some(key) = self.key.as_ref().filter(|_| own) {
            asked = asked.headers(key.clone());
        }
        for (header, value) in &request.headers {
            asked = asked.header(&**header, value);
        }
        asked = match &request.body {
            Some(Body::Json(body)) => asked
                .header(CONTENT_TYPE, "application/json")
                .body(body.to_string()),
            Some(Body::Form(parts)) => {
                let form = multipart::Form::new();
                let all = parts.iter();
                asked.multipart(all.fold(form, |form, part| {
                    form.part(part.name.clone(), part.ready())
                }))
            }
            Some(Body::File(bytes)) => asked
                .header(CONTENT_TYPE, "application/octet-stream")
                .body(bytes.clone()),
            None => asked,
        };
        asked.send().await.map_err(|error| failed(name, error))
    }

    async fn receive(
        &self,
        mut response: reqwest::Response,
        url: &str,
        most: usize,
    ) -> Result<Reply, CallError> {
        let status = response.status().as_u16();
        let after = response.headers().get(RETRY_AFTER).and_then(wait_of);
        let media_type = response.headers().get(CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        let media_type = media_type.and_then(|value| value.split(';').next());
        let media_type = media_type.unwrap_or_default().trim().to_ascii_lowercase();
        let mut body = Vec::new();
        while let Some(part) = response
            .chunk()
            .await
            .map_err(|error| broken(url.to_owned(), error))?
        {
            if body.len() + part.len() > most {
                return Err(CallError::TooLarge {
                    url: url.to_owned(),
                    most,
                });
            }
            body.extend_from_slice(&part);
        }
        let body = self.without_key(body);
        match status {
            200..300 => Ok(Reply {
                url: url.to_owned(),
                status,
                media_type,
                body,
            }),
            300..400 => Err(CallError::Elsewhere {
                url: url.to_owned(),
            }),
            _ => Err(CallError::Refused {
                url: url.to_owned(),
                status,
                text: beginning(&body),
                body: String::from_utf8_lossy(&body[..body.len().min(MOST_TOLD)]).into_owned(),
                after,
            }),
        }
    }

    /// A reply that says our key back, whatever its status, gets it into no error, ledger or log.
    fn without_key(&self, mut body: Vec<u8>) -> Vec<u8> {
        let headers = self.key.iter().flat_map(HeaderMap::values).map(|value| {
            let key = value.as_bytes().rsplit(|byte| *byte == b' ').next();
            key.filter(|key| !key.is_empty())
                .unwrap_or(value.as_bytes())
        });
        let asked_with = self
            .asked_with
            .iter()
            .map(|(_, key)| key.expose().as_bytes());
        for key in headers.chain(asked_with) {
            let mut from = 0;
            while let Some(at) = find(&body[from..], key) {
                body[from + at..][..key.len()].fill(b'*');
                from += at + key.len();
            }
        }
        body
    }
}

/// Where some bytes begin among others.
fn find(all: &[u8], wanted: &[u8]) -> Option<usize> {
    all.windows(wanted.len()).position(|part| part == wanted)
}

/// The beginning of what a server says.
fn beginning(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(2000)]).into_owned();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().take(300).collect()
}

fn header(key: &Key) -> Result<HeaderMap, ()> {
    let value = format!("{}{}", key.before, key.secret.expose());
    let mut value = HeaderValue::from_str(&value).map_err(drop)?;
    value.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert(key.header, value);
    Ok(headers)
}

fn same_server(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let before = attempt.previous();
    let own = before
        .first()
        .is_some_and(|first| first.origin() == attempt.url().origin());
    if own && before.len() <= MOST_REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// A request that failed before its reply began.
fn failed(url: String, error: reqwest::Error) -> CallError {
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(inner) = cause {
        if let Some(why) = inner.downcast_ref::<NotAllowed>() {
            let why = why.clone();
            return CallError::Address { url, why };
        }
        cause = inner.source();
    }
    let down = error.is_connect() || error.is_builder();
    let source = Box::new(error.without_url());
    if down {
        CallError::Down { url, source }
    } else {
        CallError::Broken { url, source }
    }
}

fn broken(url: String, error: reqwest::Error) -> CallError {
    CallError::Broken {
        url,
        source: Box::new(error.without_url()),
    }
}

/// Seconds, as servers of APIs write `Retry-After`.
fn wait_of(value: &HeaderValue) -> Option<Duration> {
    let seconds: f64 = value.to_str().ok()?.trim().parse().ok()?;
    let wait = Duration::try_from_secs_f64(seconds).ok()?;
    Some(wait.min(LONGEST_WAIT))
}

/// An address for people: queries may hold what signs them.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Both fail only where there is no host, and so nobody to name.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.to_string().trim_end_matches('/').to_owned()
}

/// The same of what is no address.
fn plain(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) => shown(&url),
        Err(_) => text
            .split('?')
            .next()
            .unwrap_or_default()
            .chars()
            .take(200)
            .collect(),
    }
}
