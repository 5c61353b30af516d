//! Vendors that cost money, as servers on the loopback that speak their documented formats.
//!
//! A [`Fake`] counts what a vendor would charge for, and goes wrong on demand: [`Fake::trouble`] hands it
//! a list of faults, and each request that a fault is about takes the next one. What one makes is of what
//! it was asked for, so that what comes back can be told apart.

mod anthropic;
mod assemblyai;
mod comfyui;
mod elevenlabs;
mod exchange;
mod fal;
mod faults;
mod gemini;
mod heard;
mod llama_swap;
mod mcp;
mod ollama;
mod openai;
mod pexels;
mod pixabay;
mod replicate;
mod runpod;
mod speech;
mod stock;
mod text;
mod webhook;
mod whisper_cpp;

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};

pub use self::comfyui::graph;
pub use self::faults::{At, Fault, gif, png};
pub use self::heard::{Saying, recording};
pub use self::mcp::{Era, McpServer, speak_mcp};
pub use self::speech::{CHARACTER_MS, changed, conversation, speech, tones};
pub use self::stock::stock_file;
pub use self::text::{answer as text_of, colour, drawing};
pub use self::webhook::Notice;

/// A vendor's fake.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    vendor: &'static str,
    /// What its address ends with.
    base: &'static str,
    /// The header of the key, and what stands before the key.
    key: (&'static str, &'static str),
    /// A model for each table of engines in show.toml that it has one for.
    models: &'static [(&'static str, &'static str)],
    /// What it charges for a picture of 320 by 180, in millionths of a dollar; for a text, where it makes
    /// no pictures; for an effect, where it makes neither.
    charges: i64,
    /// Whether an order becomes a job that can be asked for again.
    has_jobs: bool,
    answer: fn(&Shop, &Asked<'_>) -> Response,
}

/// A request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    /// The body as JSON, where it is some.
    pub(crate) body: &'a Value,
    pub(crate) bytes: &'a [u8],
}

const KINDS: &[Kind] = &[
    anthropic::KIND,
    assemblyai::KIND,
    comfyui::KIND,
    elevenlabs::KIND,
    fal::KIND,
    gemini::KIND,
    llama_swap::KIND,
    ollama::KIND,
    openai::KIND,
    openai::COMPATIBLE,
    replicate::KIND,
    runpod::KIND,
    whisper_cpp::KIND,
];

/// Stock libraries.
const LIBRARIES: &[Kind] = &[pexels::KIND, pixabay::KIND];

/// The stock libraries that there are fakes of.
pub fn libraries() -> impl Iterator<Item = &'static str> {
    LIBRARIES.iter().map(|kind| kind.vendor)
}

/// The vendors that there are fakes of.
pub fn vendors() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.vendor)
}

/// What [`Fake::charges`] of a vendor, by its name; nothing where there is no fake of it.
pub fn charges(vendor: &str) -> i64 {
    let kind = KINDS.iter().find(|kind| kind.vendor == vendor);
    kind.map_or(0, |kind| kind.charges)
}

/// A key that every fake takes.
pub const KEY: &str = "key-of-the-fake-8f3a1c";

/// How pictures are painted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Paints {
    /// Small, with soft colours.
    #[default]
    Small,
    /// As large as was asked for, with something sharp.
    Large,
    /// As large as was asked for, with nothing in them.
    Blank,
}

/// A job as the vendor knows it.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) model: String,
    pub(crate) input: Value,
    /// How often it is asked for yet before it is done.
    pub(crate) left: u32,
    pub(crate) cancelled: bool,
    /// What is made: `png`, `gif` for clips.
    pub(crate) made: &'static str,
    pub(crate) fails: Option<String>,
    /// Whether what is made is broken, or cut off, though nobody says so.
    pub(crate) spoilt: bool,
    pub(crate) paints: Paints,
    /// When it was taken, as RFC 3339 has it.
    pub(crate) at: String,
    /// When it is done, however often it is asked for.
    until: Option<Instant>,
}

impl Job {
    /// As it stands now.
    fn now(&self) -> Self {
        let left = match self.until {
            Some(until) if Instant::now() < until => 2,
            Some(_) => 0,
            None => self.left,
        };
        Self {
            left,
            ..self.clone()
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Inner {
    jobs: BTreeMap<String, Job>,
    order: Vec<String>,
    /// What was charged for: a prompt for each.
    paid: Vec<String>,
    faults: Vec<(At, Fault)>,
    polls: u32,
    paints: Paints,
    /// How long an answer takes.
    latency: Duration,
    /// When orders came, and their prompts.
    came: Vec<(Instant, String)>,
    requests: Vec<String>,
    /// What was asked and answered, where that is recorded.
    exchanges: Option<Vec<[String; 2]>>,
    /// The pictures that each order for a text came with.
    shown: Vec<Vec<Vec<u8>>>,
    /// What is said in sounds of these lengths, in milliseconds.
    sayings: Vec<(u64, Saying)>,
    /// Sounds that were uploaded.
    uploads: Vec<Vec<u8>>,
    /// Whether no model is in memory.
    unloaded: bool,
    /// How long later jobs last.
    lasts: Option<Duration>,
    /// Where it was told to call, with the job.
    hooks: Vec<webhook::Told>,
    /// Whether it forgets to.
    silent: bool,
    /// What its calls were answered with.
    answers: Vec<u16>,
    /// In which way the segments of a conversation are garbled.
    pub(crate) broken: usize,
}

/// What a vendor's fake knows.
#[derive(Debug, Clone)]
pub(crate) struct Shop {
    inner: Arc<Mutex<Inner>>,
    kind: Kind,
    url: String,
}

impl Shop {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Whether its model is in memory.
    pub(crate) fn has_loaded(&self) -> bool {
        !self.lock().unloaded
    }

    /// Its model comes into memory, or goes.
    pub(crate) fn load(&self, loaded: bool) {
        self.lock().unloaded = !loaded;
    }

    /// Takes an order: from here on it is charged for.
    pub(crate) fn take(&self, model: &str, input: &Value, made: &'static str) -> Job {
        let number = self.lock().order.len() + 1;
        let id = format!("{}x{number:06}", self.kind.vendor);
        self.take_as(id, model, input, made)
    }

    /// Takes an order under a name of the customer's.
    pub(crate) fn take_as(
        &self,
        id: String,
        model: &str,
        input: &Value,
        made: &'static str,
    ) -> Job {
        let mut inner = self.lock();
        let fault = inner.next(At::Job);
        let spoilt = fault == Some(Fault::Garbles);
        let paints = match fault {
            Some(Fault::Blanks) => Paints::Blank,
            _ => inner.paints,
        };
        let fails = fault
            .filter(|_| !spoilt && paints != Paints::Blank)
            .map(|fault| format!("{fault:?} the job of {KEY}"));
        let job = Job {
            id: id.clone(),
            model: model.to_owned(),
            input: input.clone(),
            left: inner.polls,
            cancelled: false,
            made,
            fails,
            spoilt,
            paints,
            at: jiff::Timestamp::now().to_string(),
            until: inner.lasts.map(|lasts| Instant::now() + lasts),
        };
        inner.paid.push(prompt(input));
        inner.order.push(id.clone());
        inner.jobs.insert(id, job.clone());
        job
    }

    /// A job, one step further.
    pub(crate) fn ask(&self, id: &str) -> Option<Job> {
        let mut inner = self.lock();
        let job = inner.jobs.get_mut(id)?;
        let now = job.now();
        job.left = job.left.saturating_sub(1);
        Some(now)
    }

    pub(crate) fn look(&self, id: &str) -> Option<Job> {
        self.lock().jobs.get(id).map(Job::now)
    }

    pub(crate) fn cancel(&self, id: &str) -> bool {
        match self.lock().jobs.get_mut(id) {
            Some(job) => {
                job.cancelled = true;
                true
            }
            None => false,
        }
    }

    pub(crate) fn all(&self) -> Vec<Job> {
        let inner = self.lock();
        let jobs = inner.order.iter().rev();
        jobs.filter_map(|id| inner.jobs.get(id).cloned()).collect()
    }
}

impl Inner {
    /// The next fault of a place, if one is left.
    pub(crate) fn next(&mut self, at: At) -> Option<Fault> {
        let found = self.faults.iter().position(|(own, _)| *own == at)?;
        Some(self.faults.remove(found).1)
    }
}

fn prompt(input: &Value) -> String {
    input["prompt"].as_str().unwrap_or_default().to_owned()
}

/// A vendor's server on the loopback; it ends with this value.
#[derive(Debug)]
pub struct Fake {
    shop: Shop,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        // Without waiting for answers that never come.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Fake {
    /// A fake of a vendor, by its name.
    ///
    /// # Panics
    /// Where there is none, or no server can be started.
    pub fn of(vendor: &str) -> Self {
        let mut kinds = KINDS.iter().chain(LIBRARIES);
        let kind = kinds.find(|known| known.vendor == vendor);
        let kind = *kind.expect("a vendor that there is a fake of");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a thread");
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
        listener
            .set_nonblocking(true)
            .expect("a port that does not block");
        let at = listener.local_addr().expect("an address");
        let shop = Shop {
            inner: Arc::default(),
            kind,
            url: format!("http://{at}{}", kind.base),
        };
        let app = Router::new()
            .route("/ws", get(comfyui::tell))
            .fallback(answer)
            .with_state(shop.clone());
        drop(runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            axum::serve(listener, app).await
        }));
        Self {
            shop,
            runtime: Some(runtime),
        }
    }

    /// The vendor's name.
    pub fn vendor(&self) -> &'static str {
        self.shop.kind.vendor
    }

    /// A model of it for a table of engines: `images`, `clips`, `voices`, `text`, `recognisers`, `composers`, `effects`,
    /// `changers`; `dialogues` for one of `voices` that has conversations.
    pub fn model(&self, table: &str) -> Option<&'static str> {
        let mut models = self.shop.kind.models.iter();
        Some(models.find(|(own, _)| *own == table)?.1)
    }

    /// What it charges for a picture of 320 by 180, in millionths of a dollar; for a text, where it makes no
    /// pictures; for an effect, where it makes neither.
    pub fn charges(&self) -> i64 {
        self.shop.kind.charges
    }

    /// Whether an order becomes a job that can be asked for again.
    pub fn has_jobs(&self) -> bool {
        self.shop.kind.has_jobs
    }

    /// Its address, as a show gives it.
    pub fn url(&self) -> String {
        self.shop.url.clone()
    }

    /// The next requests at a place go wrong in these ways, one each.
    pub fn trouble(&self, at: At, faults: &[Fault]) {
        let mut inner = self.shop.lock();
        inner
            .faults
            .extend(faults.iter().map(|fault| (at, fault.clone())));
    }

    /// What it hears in sounds about as long as this, in milliseconds.
    pub fn hears(&self, length_ms: u64, saying: Saying) {
        self.shop.lock().sayings.push((length_ms, saying));
    }

    /// Later jobs are done when they were asked for so often.
    pub fn slow(&self, polls: u32) {
        self.shop.lock().polls = polls;
    }

    /// Later pictures are as large as they are asked for, with something sharp in them.
    pub fn paint_large(&self) {
        self.shop.lock().paints = Paints::Large;
    }

    /// Its model is no longer in memory, until it is asked.
    pub fn unload(&self) {
        self.shop.load(false);
    }

    /// In which of four ways the segments of a garbled conversation are broken: one is left out, they are in another
    /// order, one is of a line that is not there, one ends long after the sound.
    pub fn break_segments(&self, way: usize) {
        self.shop.lock().broken = way;
    }

    /// Every answer takes so long.
    pub fn take(&self, latency: Duration) {
        self.shop.lock().latency = latency;
    }

    /// When the orders came, and their prompts.
    pub fn came(&self) -> Vec<(Instant, String)> {
        self.shop.lock().came.clone()
    }

    /// The prompt of every order that was charged for, in the order in which they came.
    pub fn paid(&self) -> Vec<String> {
        self.shop.lock().paid.clone()
    }

    /// The pictures that each order for a text came with, in the order in which they came.
    pub fn shown(&self) -> Vec<Vec<Vec<u8>>> {
        self.shop.lock().shown.clone()
    }

    /// Later requests and what is answered to them are written down.
    pub fn record(&self) {
        self.shop.lock().exchanges = Some(Vec::new());
    }

    /// What was written down since: each request and its answer, the same on every run.
    pub fn exchanges(&self) -> Vec<[String; 2]> {
        let mut inner = self.shop.lock();
        let all = inner.exchanges.as_mut();
        all.map(std::mem::take).unwrap_or_default()
    }

    /// Every request, as `METHOD PATH`.
    pub fn requests(&self) -> Vec<String> {
        self.shop.lock().requests.clone()
    }

    /// The names of jobs whose prompt is this, as the vendor's own pages list them.
    pub fn jobs_of(&self, wanted: &str) -> Vec<String> {
        let jobs = self.shop.all().into_iter();
        let own = jobs.filter(|job| prompt(&job.input) == wanted);
        own.map(|job| job.id).collect()
    }

    /// The names of jobs that were cancelled.
    pub fn cancelled(&self) -> Vec<String> {
        let jobs = self.shop.all().into_iter().filter(|job| job.cancelled);
        jobs.map(|job| job.id).collect()
    }
}

/// What a request is about.
fn place(method: &Method, path: &str) -> At {
    if path.starts_with("/files/") || path.contains("/media/") || path == "/api/view" {
        At::File
    } else if path.contains("/upload") || path == "/api/queue" || path == "/api/interrupt" {
        At::Poll
    } else if method == Method::POST && !path.split('/').any(|part| part == "cancel") {
        At::Submit
    } else {
        At::Poll
    }
}

async fn answer(State(shop): State<Shop>, request: Request) -> Response {
    let arrived = Instant::now();
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let bytes = axum::body::to_bytes(body, 64 << 20)
        .await
        .unwrap_or_default();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    shop.lock()
        .requests
        .push(format!("{} {path}", parts.method));
    let at = place(&parts.method, &path);
    let (fault, latency) = {
        let mut inner = shop.lock();
        if at == At::Submit {
            inner.came.push((arrived, prompt(&body)));
        }
        (inner.next(at), inner.latency)
    };
    if !latency.is_zero() {
        // Tokio's timer counts whole milliseconds: 50 would be 51 and more.
        let wait = move || std::thread::sleep(latency.saturating_sub(arrived.elapsed()));
        drop(tokio::task::spawn_blocking(wait).await);
    }
    if let Some(refused) = fault.as_ref().and_then(Fault::refuses) {
        return refused;
    }
    if matches!(fault, Some(Fault::HangBefore)) {
        return hang().await;
    }
    if at != At::File && !authorised(&shop, (&parts.headers, parts.uri.query())) {
        // As careless servers do, it says the key.
        let given = parts
            .headers
            .get(shop.kind.key.0.trim_start_matches('?'))
            .map(|key| format!("{key:?}"));
        let said = format!("no such key: {}", given.unwrap_or_default());
        let body = json!({"detail": said, "error": {"message": said}});
        return (StatusCode::UNAUTHORIZED, axum::Json(body)).into_response();
    }
    let answered = if path.starts_with("/files/") {
        file(&shop, &path)
    } else {
        let asked = Asked {
            method: &parts.method,
            path: &path,
            query: parts.uri.query().unwrap_or_default(),
            body: &body,
            bytes: &bytes,
        };
        (shop.kind.answer)(&shop, &asked)
    };
    let asked = (&parts.method, &parts.uri, &parts.headers);
    let answered = written(&shop, (asked, &bytes), answered).await;
    match fault {
        Some(Fault::HangAfter) => hang().await,
        Some(fault) => fault.spoil(answered).await,
        None => answered,
    }
}

/// The answer, written down with what it is an answer to where that is wanted.
async fn written(
    shop: &Shop,
    (asked, body): ((&Method, &Uri, &HeaderMap), &[u8]),
    answered: Response,
) -> Response {
    if shop.lock().exchanges.is_none() {
        return answered;
    }
    let (parts, answer) = answered.into_parts();
    let answer = axum::body::to_bytes(answer, 64 << 20)
        .await
        .unwrap_or_default();
    let exchange = [
        exchange::request(shop.url(), asked, body),
        exchange::reply(shop.url(), (parts.status, &parts.headers), &answer),
    ];
    if let Some(all) = &mut shop.lock().exchanges {
        all.push(exchange);
    }
    Response::from_parts(parts, Body::from(answer))
}

/// No answer for as long as anybody waits.
async fn hang() -> Response {
    tokio::time::sleep(Duration::from_hours(1)).await;
    StatusCode::GATEWAY_TIMEOUT.into_response()
}

fn authorised(shop: &Shop, (headers, query): (&HeaderMap, Option<&str>)) -> bool {
    let (header, before) = shop.kind.key;
    if let Some(name) = header.strip_prefix('?') {
        let given = query.and_then(|query| stock::parameter(query, name));
        return given.as_deref() == Some(KEY);
    }
    let given = headers.get(header).and_then(|value| value.to_str().ok());
    header.is_empty() || given == Some(&format!("{before}{KEY}"))
}

/// What a job made.
fn file(shop: &Shop, path: &str) -> Response {
    let name = path.trim_start_matches("/files/");
    let id = name.split('.').next().unwrap_or_default();
    match shop.look(id) {
        Some(job) => made(&job),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What a job made, as a file.
pub(crate) fn made(job: &Job) -> Response {
    let (media_type, bytes) = match job.made {
        "gif" => ("image/gif", gif(&job.input)),
        _ if job.paints != Paints::Small => {
            let blank = job.paints == Paints::Blank;
            ("image/png", faults::painting(&job.input, blank))
        }
        _ => ("image/png", png(&job.input)),
    };
    ([("content-type", media_type)], Body::from(bytes)).into_response()
}

/// Where what a job made lies.
pub(crate) fn file_url(shop: &Shop, job: &Job) -> String {
    format!("{}/files/{}.{}", shop.url(), job.id, job.made)
}
