//! Images: words in, a picture out.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;
use workprint_model::{Money, Size};

use crate::error::CallError;
use crate::http::{Reply, Request};
use crate::layers::Account;
use crate::vendors::{Row, Unit};

/// The most bytes of a picture that are taken.
pub const MOST_PICTURE: usize = 64 << 20;
/// The most bytes of a reply about a job.
const MOST_JSON: usize = 4 << 20;
/// How long an order may take to be answered where the answer is the picture.
const PAINTING: Duration = Duration::from_mins(10);

/// A picture that is shown to a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// `image/png`, `image/jpeg` or `image/webp`.
    pub media_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Reference {
    /// As a `data:` URL (RFC 2397).
    pub fn data_url(&self) -> String {
        format!(
            "data:{};base64,{}",
            self.media_type,
            BASE64.encode(&self.bytes)
        )
    }
}

/// How much a model tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// The least.
    Low,
    /// Some.
    Medium,
    /// The most.
    High,
}

/// A picture to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageOrder {
    /// The vendor's name of the model.
    pub model: String,
    /// What should be seen.
    pub prompt: String,
    /// The seed, for models that take one.
    pub seed: u32,
    /// The size to ask for; vendors give the nearest that they make.
    pub size: Size,
    /// How much to try, for models that ask.
    pub effort: Effort,
    /// What it should be like.
    pub references: Vec<Reference>,
}

/// A picture, or where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// Its address, for a while.
    At(String),
}

/// What a vendor counted, where it tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of text and of references that were read.
    pub tokens_in: u64,
    /// Tokens of pictures that were made.
    pub tokens_out: u64,
    /// Pixels of pictures that were made, where it tells their size.
    pub pixels: u64,
}

/// What an order came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The picture.
    pub picture: Picture,
    /// What was counted.
    pub usage: Usage,
}

/// What came of handing an order in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// The vendor has a job for it: all that is needed to ask for it again, as text.
    Job(String),
    /// It is done.
    Done(Delivery),
}

/// How a job stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Polled {
    /// Not begun, or not ended.
    Pending,
    /// Ended well; what it made is asked for by another request.
    Ready(Request),
    /// Ended well.
    Done(Delivery),
    /// Ended badly. A vendor that charges for it all the same says so in its row.
    Failed(String),
}

/// What a vendor says of an order whose outcome nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It has a job for it.
    Job(String),
    /// It has none, and lists all it was given since.
    None,
    /// It cannot tell.
    Unknown,
}

/// An order whose outcome nobody knows.
#[derive(Debug, Clone, Copy)]
pub struct Lost<'a> {
    /// The order.
    pub order: &'a ImageOrder,
    /// When it was about to be sent: milliseconds since 1970, UTC.
    pub since: i64,
    /// Jobs of other orders.
    pub known: &'a [String],
}

/// A vendor's format: requests to be sent, and what its replies mean. Nothing here sends.
pub trait ImageVendor: std::fmt::Debug + Send + Sync {
    /// Hands an order in.
    fn submit(&self, order: &ImageOrder) -> Request;
    /// What came of it. An error of this is an outcome that nobody knows.
    fn submitted(&self, reply: &Reply) -> Result<Submitted, CallError>;
    /// Asks how a job stands.
    fn poll(&self, job: &str) -> Option<Request> {
        let _ = job;
        None
    }
    /// What the reply says.
    fn polled(&self, reply: &Reply) -> Result<Polled, CallError> {
        Err(reply.unexpected("nothing"))
    }
    /// What a job made, for [`Polled::Ready`].
    fn made(&self, reply: &Reply) -> Result<Polled, CallError> {
        Err(reply.unexpected("nothing"))
    }
    /// Stops a job.
    fn cancel(&self, job: &str) -> Option<Request> {
        let _ = job;
        None
    }
    /// The job of an identifier that a person read in the vendor's own pages.
    fn adopt(&self, url: &str, id: &str, model: &str) -> Option<String> {
        let _ = (url, id, model);
        None
    }
    /// Lists the latest jobs.
    fn list(&self) -> Option<Request> {
        None
    }
    /// Looks for an order among them.
    fn find(&self, lost: &Lost<'_>, reply: &Reply) -> Result<Found, CallError> {
        let _ = (lost, reply);
        Ok(Found::Unknown)
    }
}

/// An image engine of a show: a vendor, an account there, a model and its price.
#[derive(Debug, Clone)]
pub struct ImageEngine {
    row: &'static Row,
    account: Arc<Account>,
    account_name: String,
    price: Unit,
}

impl ImageEngine {
    pub(crate) fn new(row: &'static Row, account: (String, Arc<Account>), price: Unit) -> Self {
        Self {
            row,
            account: account.1,
            account_name: account.0,
            price,
        }
    }

    /// The vendor's row.
    pub const fn row(&self) -> &'static Row {
        self.row
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
    pub fn quote(&self, order: &ImageOrder) -> Money {
        self.price.quote(order)
    }

    /// What an order cost.
    fn charge(&self, order: &ImageOrder, usage: &Usage) -> Money {
        self.price.charge(order, usage)
    }

    /// What a delivery of an order cost.
    pub fn cost(&self, order: &ImageOrder, delivery: &Delivery) -> Money {
        self.charge(order, &delivery.usage)
    }

    /// Hands an order in, once.
    pub async fn submit(&self, order: &ImageOrder) -> Result<Submitted, CallError> {
        let vendor = self.row.images;
        let most = if self.row.has_jobs {
            MOST_JSON
        } else {
            MOST_PICTURE * 2
        };
        let request = vendor.submit(order).within(most, PAINTING);
        vendor.submitted(&self.account.order(&request).await?)
    }

    /// Asks how a job stands; where it is done, for what it made.
    pub async fn poll(&self, job: &str) -> Result<Polled, CallError> {
        let vendor = self.row.images;
        let Some(request) = vendor.poll(job) else {
            return Ok(Polled::Failed(
                "its identifier is not one of this vendor".to_owned(),
            ));
        };
        let limit = request.limit;
        let reply = self.account.ask(&request.within(MOST_JSON, limit)).await?;
        match vendor.polled(&reply)? {
            Polled::Ready(request) => match self.account.ask(&request).await {
                Ok(reply) => vendor.made(&reply),
                // What a job failed with may be the status of its result.
                Err(CallError::Refused { status, text, .. }) if status == 422 || status == 400 => {
                    Ok(Polled::Failed(text))
                }
                Err(error) => Err(error),
            },
            polled => Ok(polled),
        }
    }

    /// A picture's bytes.
    pub async fn fetch(&self, picture: Picture) -> Result<Vec<u8>, CallError> {
        let bytes = match picture {
            Picture::Bytes(bytes) => bytes,
            Picture::At(url) => match data_url(&url) {
                Some(bytes) => bytes,
                None => return self.download(url).await,
            },
        };
        if is_picture(&bytes) {
            return Ok(bytes);
        }
        Err(CallError::Unexpected {
            url: self.row.name.to_owned(),
            what: format!(
                "{} bytes of something else where a picture is expected",
                bytes.len()
            ),
        })
    }

    async fn download(&self, url: String) -> Result<Vec<u8>, CallError> {
        let request = Request::named(url).within(MOST_PICTURE, PAINTING);
        let reply = self.account.ask(&request).await?;
        if is_picture(&reply.body) {
            Ok(reply.body)
        } else {
            Err(reply.unexpected("a picture"))
        }
    }

    /// Looks for an order whose outcome nobody knows.
    pub async fn find(&self, lost: &Lost<'_>) -> Result<Found, CallError> {
        match self.row.images.list() {
            Some(request) => {
                let reply = self
                    .account
                    .ask(&request.within(MOST_PICTURE, PAINTING))
                    .await?;
                self.row.images.find(lost, &reply)
            }
            None => Ok(Found::Unknown),
        }
    }

    /// The job of an identifier that a person read in the vendor's own pages.
    pub fn adopt(&self, id: &str, model: &str) -> Option<String> {
        self.row.images.adopt(&self.account.url(), id, model)
    }

    /// Asks the vendor to stop a job; `false` where it does not do that.
    pub async fn cancel(&self, job: &str) -> Result<bool, CallError> {
        match self.row.images.cancel(job) {
            Some(request) => self.account.ask(&request).await.map(|_| true),
            None => Ok(false),
        }
    }
}

/// The bytes in a `data:` URL of base64.
fn data_url(url: &str) -> Option<Vec<u8>> {
    let (_, data) = url.strip_prefix("data:")?.split_once(";base64,")?;
    BASE64.decode(data.trim()).ok()
}

/// Bytes in base64.
pub(crate) fn base64(value: &Value) -> Option<Vec<u8>> {
    BASE64.decode(value.as_str()?.trim()).ok()
}

/// PNG, JPEG, WebP or GIF, by how they begin.
pub fn is_picture(bytes: &[u8]) -> bool {
    let riff = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    riff || [&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff", b"GIF8"]
        .iter()
        .any(|head| bytes.starts_with(head))
}
