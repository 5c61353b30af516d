//! An engine of a show, ready to be asked.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use workprint_model::Money;

use crate::error::CallError;
use crate::http::Request;
use crate::layers::Account;
use crate::order::{
    Capability, Delivery, Found, Lost, Order, Parcel, Polled, Submitted, Told, Vendor, data_url,
};
use crate::vendors::{Row, Unit};

/// The most bytes that are taken of what was made.
pub const MOST_MADE: usize = 256 << 20;
/// The most bytes of a reply that holds what was made, in base64.
const MOST_INLINE: usize = 128 << 20;
/// The most bytes of a reply about a job.
const MOST_JSON: usize = 16 << 20;
/// How long an order may take to be answered where the answer is what was made.
const MAKING: Duration = Duration::from_mins(10);

/// An engine of a show: a vendor, an account there, what is made, and its price.
#[derive(Debug, Clone)]
pub struct Engine {
    row: &'static Row,
    makes: Capability,
    vendor: &'static dyn Vendor,
    account: Arc<Account>,
    account_name: String,
    price: Unit,
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

    /// A place among the account's jobs.
    pub async fn place(&self) -> Option<OwnedSemaphorePermit> {
        self.account.limits().place().await
    }

    /// The most that an order may cost.
    pub fn quote(&self, order: &Order) -> Money {
        self.price.quote(order)
    }

    /// What a delivery of an order cost.
    pub fn cost(&self, order: &Order, delivery: &Delivery) -> Money {
        self.price.charge(order, &delivery.usage)
    }

    /// Hands an order in, once, with a key of ours: a UUID.
    pub async fn submit(&self, order: &Order, key: &str) -> Result<Submitted, CallError> {
        if let Some((what, hint)) = self.vendor.problem(order) {
            return Err(CallError::Order { what, hint });
        }
        for request in self.vendor.before(order) {
            self.account.ask(&request).await?;
        }
        let most = if self.row.has_jobs {
            MOST_JSON
        } else {
            MOST_INLINE
        };
        let request = self.vendor.submit(order, key).within(most, MAKING);
        let reply = self.account.order(&request).await?;
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

    /// Tells how far a job is while the server says so; ends with the job, or where nothing is said.
    pub async fn watch(&self, order: &Order, job: &str, tell: &(dyn Fn(u16) + Send + Sync)) {
        let Some(path) = self.vendor.listen(job) else {
            return;
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

    /// Looks for an order whose outcome nobody knows.
    pub async fn find(&self, lost: &Lost<'_>) -> Result<Found, CallError> {
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
