//! An engine of a show, ready to be asked.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use workprint_model::Money;

use crate::error::CallError;
use crate::http::Request;
use crate::layers::Account;
use crate::layers::limit::Place;
use crate::layers::load::{Load, Said};
use crate::order::{
    Capability, Found, Known, Lost, Order, Parcel, Polled, Submitted, Told, Usage, Vendor, data_url,
};
use crate::vendors::{Row, Unit};
use crate::voices::{Voice, Wanted};
use crate::webhook::Webhooks;

/// The most bytes that are taken of what was made.
pub const MOST_MADE: usize = 256 << 20;
/// The most bytes of a reply that holds what was made, in base64.
const MOST_INLINE: usize = 128 << 20;
/// The most bytes of a reply about a job, and of one that is a text.
const MOST_JSON: usize = 16 << 20;
/// How long an order may take to be answered where the answer is what was made.
const MAKING: Duration = Duration::from_mins(10);
/// The most pages of a list of voices.
const MOST_PAGES: u32 = 20;
/// How long a server may take to say how much it has to do.
const LOADED: Duration = Duration::from_secs(2);

/// An engine of a show: a vendor, an account there, what is made, and its price.
#[derive(Debug, Clone)]
pub struct Engine {
    row: &'static Row,
    makes: Capability,
    vendor: &'static dyn Vendor,
    account: Arc<Account>,
    account_name: String,
    price: Unit,
    /// Where its vendor may call, while somebody listens.
    webhooks: Option<Arc<Webhooks>>,
}

impl Engine {
    pub(crate) fn new(
        row: &'static Row,
        (makes, vendor): (Capability, &'static dyn Vendor),
        account: (String, Arc<Account>),
        price: Unit,
    ) -> Self {
        Self {
            row,
            makes,
            vendor,
            account: account.1,
            account_name: account.0,
            price,
            webhooks: None,
        }
    }

    /// The same whose vendor may call.
    pub(crate) fn heard_by(self, webhooks: Option<&Arc<Webhooks>>) -> Self {
        let webhooks = webhooks.filter(|_| self.vendor.webhook().is_some());
        Self {
            webhooks: webhooks.cloned(),
            ..self
        }
    }

    /// Whether the vendor calls when a job may have ended: it is told where to with the order.
    pub fn is_called(&self) -> bool {
        self.webhooks.is_some()
    }

    /// Waits until it calls about the order of a key; for ever where it does not.
    pub async fn called(&self, key: &str) {
        match (&self.webhooks, self.vendor.webhook()) {
            (Some(webhooks), Some(webhook)) => {
                let of = (self.row.name, webhook, Arc::clone(&self.account));
                webhooks.called(key, of).await;
            }
            _ => std::future::pending().await,
        }
    }

    /// Tells the vendor where to call about an order.
    fn name_hook(&self, request: &mut Request, key: &str) {
        if let (Some(webhooks), Some(webhook)) = (&self.webhooks, self.vendor.webhook()) {
            let of = (self.row.name, webhook, Arc::clone(&self.account));
            webhook.name(request, &webhooks.hook(key, of));
        }
    }

    /// The vendor's row.
    pub const fn row(&self) -> &'static Row {
        self.row
    }

    /// What it makes.
    pub const fn makes(&self) -> Capability {
        self.makes
    }

    /// Whose money it is: the vendor, and where its key comes from.
    pub fn account(&self) -> &str {
        &self.account_name
    }

    /// How many jobs the account has at once.
    pub fn at_once(&self) -> u32 {
        self.account.limits().at_once()
    }

    /// How many of them have a place now.
    pub fn held(&self) -> u32 {
        self.account.limits().held()
    }

    /// A place among the account's jobs.
    pub async fn place(&self) -> Option<Place> {
        self.account.limits().place().await
    }

    /// A place among those who get one next.
    pub async fn next(&self) -> Option<OwnedSemaphorePermit> {
        self.account.limits().next().await
    }

    /// Whether places are soon free again.
    pub fn is_quick(&self) -> bool {
        self.account.limits().is_quick()
    }

    /// The most that an order may cost.
    pub fn quote(&self, order: &Order) -> Money {
        self.price.quote(order)
    }

    /// What a delivery of an order cost.
    pub fn cost(&self, order: &Order, usage: &Usage) -> Money {
        self.price.charge(order, usage)
    }

    /// Its server's address.
    pub fn url(&self) -> String {
        self.account.url()
    }

    /// Whether it costs nothing.
    pub fn is_free(&self) -> bool {
        self.price == Unit::Free
    }

    pub(crate) fn account_of(&self) -> &Account {
        &self.account
    }

    /// How many jobs the server has by its own count, whoever gave it them; 0 where it does not tell.
    pub async fn jobs(&self) -> u32 {
        self.load().await.map_or(0, |load| load.jobs)
    }

    /// How much the server has to do, where it answers.
    pub(crate) async fn load(&self) -> Option<Load> {
        let standing = self.account.standing();
        match standing.said(Instant::now()) {
            Some(Said::This(load)) => return Some(load),
            Some(Said::Nothing) => return None,
            None => {}
        }
        let questions = self.vendor.load();
        let asked = async {
            if questions.is_empty() {
                return self.account.reach().await.map(|()| Load::default());
            }
            let mut replies = Vec::new();
            for question in questions {
                let question = question.within(MOST_JSON, LOADED);
                replies.push(self.account.send(&question).await?);
            }
            Ok(self.vendor.loaded(&replies))
        };
        // One that is left alone is not reached for either.
        let load = if self.account.rests() {
            None
        } else {
            asked.await.ok()
        };
        let said = load.clone().map_or(Said::Nothing, Said::This);
        standing.says(said, Instant::now());
        load
    }

    /// The models that the server has, where it tells; asked once.
    pub async fn models(&self) -> Result<&[Known], CallError> {
        let ask = async || {
            let mut replies = Vec::new();
            for request in self.vendor.list() {
                replies.push(self.account.ask(&request).await?);
            }
            Ok(self.vendor.listed(&replies))
        };
        let known = self.account.models().get_or_try_init(ask).await?;
        Ok(known)
    }

    /// The voices that it has and that are wanted; nothing where it does not tell.
    pub(crate) async fn list_voices(
        &self,
        wanted: &Wanted,
    ) -> Result<Option<Vec<Voice>>, CallError> {
        let (mut all, mut after) = (Vec::new(), None::<String>);
        for _ in 0..MOST_PAGES {
            let Some(request) = self.vendor.ask_voices(wanted, after.as_deref()) else {
                return Ok(None);
            };
            let reply = self.account.ask(&request).await?;
            let (voices, next) = self.vendor.read_voices(wanted, after.as_deref(), &reply)?;
            all.extend(voices);
            after = next;
            if all.len() >= wanted.count as usize || after.is_none() {
                break;
            }
        }
        all.truncate(wanted.count as usize);
        Ok(Some(all))
    }

    /// Whether the server answers and has a model, in words; nothing where there is no question that surely costs
    /// nothing.
    pub async fn probe(&self, model: &str) -> Result<Option<String>, CallError> {
        let questions = self.vendor.list();
        if questions.is_empty() && !self.row.is_own() {
            return Ok(None);
        }
        let url = self.account.url();
        if questions.is_empty() {
            self.account.reach().await?;
            return Ok(Some(format!("`{url}` answers")));
        }
        let mut replies = Vec::new();
        for question in &questions {
            replies.push(self.account.send(question).await?);
        }
        let known = self.vendor.listed(&replies);
        let found = known.iter().find(|one| is_model(&one.name, model));
        Ok(Some(match found {
            Some(one) if one.is_resident => format!("`{url}` answers, with `{model}` in memory"),
            Some(_) => format!("`{url}` answers and has `{model}`"),
            None if known.is_empty() => format!("`{url}` answers"),
            None => {
                let all = known.iter().take(12).map(|one| format!("`{}`", one.name));
                let all: Vec<String> = all.collect();
                return Err(CallError::Order {
                    what: format!("`{url}` has no model `{model}`, but {}", all.join(", ")),
                    hint: "name one of them as `model`, or load the other one there",
                });
            }
        }))
    }

    /// A server of one's own with a single model answers with it whatever it is asked for, and a recipe
    /// would name another one.
    async fn check_model(&self, order: &Order) -> Result<(), CallError> {
        if !self.row.is_own() || self.makes != Capability::Text {
            return Ok(());
        }
        // A server that does not tell is asked all the same.
        match self.models().await {
            Ok([only]) if !is_model(&only.name, &order.model) => Err(CallError::Order {
                what: format!(
                    "the server has no model `{}`, but `{}` alone",
                    order.model, only.name
                ),
                hint: "write its name as the engine's `model`, or start the server with the other one",
            }),
            _ => Ok(()),
        }
    }

    /// A refusal, with the models that the server has where the one asked for is not among them.
    fn with_models(&self, error: CallError, order: &Order) -> CallError {
        let known = self.account.models().get().map_or(&[][..], Vec::as_slice);
        let has = known.iter().any(|one| is_model(&one.name, &order.model));
        match error {
            CallError::Refused {
                url,
                status: status @ (400 | 404),
                text,
                body,
                after,
            } if !known.is_empty() && !has => {
                let told = |one: &Known| {
                    let memory = if one.is_resident { " (in memory)" } else { "" };
                    format!("`{}`{memory}", one.name)
                };
                let all: Vec<String> = known.iter().take(20).map(told).collect();
                let text = format!("{text}; it has {}", all.join(", "));
                CallError::Refused {
                    url,
                    status,
                    text,
                    body,
                    after,
                }
            }
            other => other,
        }
    }

    /// Hands an order in, once, with a key of ours: a UUID.
    pub async fn submit(&self, order: &Order, key: &str) -> Result<Submitted, CallError> {
        if let Some((what, hint)) = self.vendor.problem(order) {
            return Err(CallError::Order { what, hint });
        }
        self.check_model(order).await?;
        let mut sent = Vec::new();
        for request in self.vendor.before(order) {
            let reply = self.account.ask(&request.within(MOST_JSON, MAKING)).await;
            sent.push(reply.map_err(CallError::before)?);
        }
        let is_text = matches!(self.makes, Capability::Text | Capability::Recognition);
        let most = if self.row.has_jobs || is_text {
            MOST_JSON
        } else {
            MOST_INLINE
        };
        let request = self.vendor.submit_with(order, key, &sent);
        let mut request = request.map_err(CallError::before)?.within(most, MAKING);
        self.name_hook(&mut request, key);
        let reply = self.account.order(&request, self.vendor.join()).await;
        let reply = reply.map_err(|error| self.with_models(error, order))?;
        self.vendor.submitted(order, &reply)
    }

    /// Asks how a job stands; where it is done, for what it made.
    pub async fn poll(&self, job: &str) -> Result<Polled, CallError> {
        let vendor = self.vendor;
        let Some(request) = vendor.poll(job) else {
            return Ok(Polled::Failed(
                "its identifier is not one of this vendor".to_owned(),
            ));
        };
        let limit = request.limit;
        let reply = self.account.ask(&request.within(MOST_JSON, limit)).await?;
        match vendor.polled(job, &reply)? {
            Polled::Ready(request) => match self.account.ask(&request).await {
                Ok(reply) => vendor.made(job, &reply),
                // What a job failed with may be the status of its result.
                Err(CallError::Refused { status, text, .. }) if status == 422 || status == 400 => {
                    Ok(Polled::Failed(text))
                }
                Err(error) => Err(error),
            },
            polled => Ok(polled),
        }
    }

    /// Tells how far a job is while the server says so; ends with the job, and never where the server does not tell.
    pub async fn watch(&self, order: &Order, job: &str, tell: &(dyn Fn(u16) + Send + Sync)) {
        let Some(path) = self.vendor.listen(job) else {
            return std::future::pending().await;
        };
        let heard = |text: &str| match self.vendor.heard(order, job, text) {
            Some(Told::Done(permille)) => {
                tell(permille);
                true
            }
            Some(Told::Over) => false,
            None => true,
        };
        self.account.listen(&path, heard).await;
    }

    /// The bytes of what was made, and their media type.
    pub async fn fetch(&self, parcel: Parcel) -> Result<(Vec<u8>, &'static str), CallError> {
        let bytes = match parcel {
            Parcel::Bytes(bytes) => bytes,
            Parcel::At(url) => match data_url(&url) {
                Some(bytes) => bytes,
                None => return self.download(url).await,
            },
        };
        match self.makes.media_type(&bytes) {
            Some(media_type) => Ok((bytes, media_type)),
            None => Err(CallError::Unexpected {
                url: self.row.name.to_owned(),
                what: format!(
                    "{} bytes of something else where {} is expected",
                    bytes.len(),
                    self.makes.told()
                ),
            }),
        }
    }

    async fn download(&self, url: String) -> Result<(Vec<u8>, &'static str), CallError> {
        let request = Request::named(url).within(MOST_MADE, MAKING);
        let reply = self.account.ask(&request).await?;
        match self.makes.media_type(&reply.body) {
            Some(media_type) => Ok((reply.body, media_type)),
            None => Err(reply.unexpected(self.makes.told())),
        }
    }

    /// Looks for an order whose outcome nobody knows. What is free and has no jobs counts as never taken:
    /// to ask again costs nothing.
    pub async fn find(&self, lost: &Lost<'_>) -> Result<Found, CallError> {
        if self.price == Unit::Free && !self.row.has_jobs {
            return Ok(Found::None);
        }
        let mut next = self.vendor.look(lost);
        while let Some(request) = next {
            let request = request.within(MOST_INLINE, MAKING);
            let reply = self.account.ask(&request).await?;
            match self.vendor.find(lost, &reply)? {
                Found::Ask(request) => next = Some(request),
                found => return Ok(found),
            }
        }
        Ok(Found::Unknown)
    }

    /// The job of an identifier that a person read in the vendor's own pages.
    pub fn adopt(&self, id: &str, model: &str) -> Option<String> {
        self.vendor.adopt(&self.account.url(), id, model)
    }

    /// Asks the vendor to stop a job; `false` where it does not do that.
    pub async fn cancel(&self, job: &str) -> Result<bool, CallError> {
        let requests = self.vendor.cancel(job);
        for request in &requests {
            self.account.ask(request).await?;
        }
        Ok(!requests.is_empty())
    }
}

/// Whether a server's name for a model is the one that a show writes: Ollama's may leave out `:latest`,
/// llama.cpp's may be the path of its file.
pub(crate) fn is_model(name: &str, wanted: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let file = file.strip_suffix(".gguf").unwrap_or(file);
    name == wanted || name.strip_suffix(":latest") == Some(wanted) || file == wanted
}
