//! Stock libraries: what they have is searched for, and one thing of them is fetched by its number.
//!
//! A [`Library`] is a library's format and sends nothing; a [`Shop`] is one that is ready to be asked. Both cost
//! nothing. What a library may be asked in an hour, and how what it gives is to be named, is its row's.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use workprint_model::Size;
use workprint_model::path::is_hidden;
use workprint_model::stock::{StockItem, StockKind, StockSpec};

use crate::engine::MOST_MADE;
use crate::error::CallError;
use crate::http::{Http, Key, Reply, Request};
use crate::layers::limit::Limits;
use crate::layers::{Account, Complaint, Explain};
use crate::order::Capability;
use crate::secret::Secret;
use crate::vendors::NoEngine;

/// The fewest and the most that a search gives.
pub const COUNTS: (u32, u32) = (3, 80);
/// The most words of a search, in characters.
pub const MOST_WORDS: usize = 100;
/// How long a library's reply counts: it is asked for the same only when this has passed, as its terms have it.
pub const KEPT: Duration = Duration::from_hours(24);
/// The longest name of a person.
const MOST_NAME: usize = 200;
/// The longest address.
const MOST_URL: usize = 2000;
/// How long a file may take to come.
const FETCHING: Duration = Duration::from_mins(10);
/// The most that is taken of a reply.
const MOST_REPLY: usize = 4 << 20;
/// Films of more pixels a frame are taken only where there are no smaller ones.
const ENOUGH: u64 = 1920 * 1080;

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// Words.
    pub words: String,
    /// Pictures or clips.
    pub kind: StockKind,
    /// Only what is wider than high, or higher than wide, where the library can tell.
    pub shape: Option<Shape>,
    /// How many.
    pub count: u32,
    /// Which of the pages with so many, from 1.
    pub page: u32,
}

/// How the sides of a picture are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Wider than high.
    Wide,
    /// Higher than wide.
    Tall,
}

/// A thing of a library, and by whose leave it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Which it is.
    #[serde(flatten)]
    pub item: StockItem,
    /// What is seen, or what it is tagged with; may be empty.
    pub title: String,
    /// Who made it.
    pub author: String,
    /// Their page at the library.
    pub author_page: Option<String>,
    /// Its own page there.
    pub page: String,
    /// Its size.
    pub size: Size,
    /// How long it is; nothing of what does not move.
    pub length_ms: Option<u32>,
    /// Its licence.
    pub licence: String,
    /// Where that is written.
    pub licence_page: String,
    /// The name that the library gives itself.
    pub library: String,
    /// Where its file lies, for a while.
    #[serde(skip)]
    pub file: String,
}

impl Found {
    /// How it is named where the film's credits are: what the terms of libraries ask for.
    pub fn attribution(&self) -> String {
        let kind = match self.item.kind {
            StockKind::Photos => "Photo",
            StockKind::Videos => "Video",
        };
        format!("{kind} by {} on {}", self.author, self.library)
    }
}

/// What a library's reply says of one thing, before any of it is believed.
#[derive(Debug, Default)]
pub(crate) struct Told<'a> {
    pub(crate) id: Option<u64>,
    pub(crate) title: &'a str,
    pub(crate) author: &'a str,
    pub(crate) author_page: String,
    pub(crate) page: &'a str,
    pub(crate) size: (Option<u64>, Option<u64>),
    pub(crate) seconds: Option<f64>,
    pub(crate) file: &'a str,
}

/// A library's format.
pub trait Library: std::fmt::Debug + Send + Sync {
    /// Searches.
    fn search(&self, search: &Search) -> Request;
    /// What a search found: each thing as JSON.
    fn found(&self, kind: StockKind, body: &Value) -> Option<Vec<Value>>;
    /// Asks for one thing.
    fn ask(&self, kind: StockKind, id: u64) -> Request;
    /// That thing; nothing where it has none of that number.
    fn one(&self, kind: StockKind, body: Value) -> Option<Value>;
    /// Reads a thing.
    #[doc(hidden)]
    fn read(&self, kind: StockKind, thing: &Value, row: &Row) -> Option<Found>;
}

/// A stock library.
#[derive(Debug)]
pub struct Row {
    /// What paths and show.toml call it.
    pub id: &'static str,
    /// What it calls itself.
    pub name: &'static str,
    /// Where it is asked.
    pub url: &'static str,
    /// The variable that its key is read from, and the header that the key goes into; `?name` for a part of the query.
    pub key: (&'static str, &'static str),
    /// How many requests it allows, and in which time.
    pub allows: (u32, Duration),
    /// The licence of all that it has, and where that is written.
    pub licence: (&'static str, &'static str),
    /// Its format.
    pub library: &'static dyn Library,
    /// What a reply of status 200 complains of.
    pub complaint: Complaint,
    /// What a reply of another status says, in words.
    pub explain: Explain,
}

impl Row {
    /// A thing as a reply tells of it, with its licence; nothing where a part that must be there is not, or is
    /// no such thing.
    pub(crate) fn item(&self, kind: StockKind, told: &Told<'_>) -> Option<Found> {
        let side = |side: Option<u64>| u32::try_from(side?).ok().filter(|side| *side > 0);
        let length_ms = told.seconds.map(|seconds| (seconds * 1000.0).round());
        let length_ms = length_ms.filter(|ms| (0.0..=86_400_000.0).contains(ms));
        Some(Found {
            item: StockItem {
                vendor: self.id.to_owned(),
                kind,
                id: told.id.filter(|id| *id > 0)?,
            },
            title: plain(told.title),
            author: Some(plain(told.author)).filter(|name| !name.is_empty())?,
            author_page: page(&told.author_page),
            page: page(told.page)?,
            size: Size {
                width: side(told.size.0)?,
                height: side(told.size.1)?,
            },
            length_ms: length_ms
                .map(|ms| ms as u32)
                .filter(|_| kind == StockKind::Videos),
            licence: self.licence.0.to_owned(),
            licence_page: self.licence.1.to_owned(),
            library: self.name.to_owned(),
            file: Some(told.file.to_owned()).filter(|url| url.len() <= MOST_URL)?,
        })
    }
}

/// A text of somebody else's on one line, without what turns the text around it.
pub(crate) fn plain(text: &str) -> String {
    let seen = text.chars().map(|c| if is_hidden(c) { ' ' } else { c });
    let seen: String = seen.take(MOST_NAME).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An address that people may follow.
pub(crate) fn page(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let fits = url.scheme() == "https" && text.len() <= MOST_URL && url.username().is_empty();
    fits.then(|| url.to_string())
}

/// What follows `?`: names and values, as forms are written (WHATWG URL, 5.2).
pub(crate) fn query(pairs: &[(&str, String)]) -> String {
    let url = Url::parse_with_params("https://localhost/", pairs);
    let query = url.ok().and_then(|url| url.query().map(str::to_owned));
    query.unwrap_or_default()
}

/// Of a film's files, each with its size, the one of the most pixels that is no more than [`ENOUGH`]; else the
/// smallest. The same for all outputs of a show, so that nothing is fetched twice.
pub(crate) fn fitting<T>(files: impl Iterator<Item = (Size, T)>) -> Option<(Size, T)> {
    let pixels = |size: Size| u64::from(size.width) * u64::from(size.height);
    files.min_by_key(|(size, _)| {
        let pixels = pixels(*size);
        let excess = pixels > ENOUGH;
        (excess, if excess { pixels } else { ENOUGH - pixels })
    })
}

/// A library, ready to be asked.
#[derive(Debug)]
pub struct Shop {
    row: &'static Row,
    account: Arc<Account>,
}

impl Shop {
    /// A library with a show's settings; the key was looked for in `looked`.
    pub fn open(
        row: &'static Row,
        spec: &StockSpec,
        (key, looked): (Option<Secret>, &str),
    ) -> Result<Self, NoEngine> {
        let Some(secret) = key else {
            return Err(NoEngine::Key {
                vendor: row.name,
                looked: looked.to_owned(),
            });
        };
        let key = Key {
            header: row.key.1,
            before: "",
            secret,
        };
        let http = Http::new(spec.url.as_deref().unwrap_or(row.url), Some(&key))?;
        let limits = Limits::within(row.allows.0, row.allows.1);
        let account = Account::new(row.name, http, limits, (row.complaint, row.explain));
        let account = Arc::new(account);
        Ok(Self { row, account })
    }

    /// Its row.
    pub const fn row(&self) -> &'static Row {
        self.row
    }

    /// What it has of something.
    pub async fn search(&self, search: &Search) -> Result<Vec<Found>, CallError> {
        let request = self.row.library.search(search);
        let request = request.within(MOST_REPLY, Duration::from_mins(1));
        let reply = self.account.ask(&request).await?;
        let listed = self.row.library.found(search.kind, &reply.json()?);
        let listed = listed.ok_or_else(|| reply.unexpected("a list of what was found"))?;
        let most = search.count as usize;
        let read = |thing: &Value| self.row.library.read(search.kind, thing, self.row);
        Ok(listed.iter().take(most).filter_map(read).collect())
    }

    /// One thing of it.
    pub async fn find(&self, item: &StockItem) -> Result<Found, CallError> {
        let request = self.row.library.ask(item.kind, item.id);
        let request = request.within(MOST_REPLY, Duration::from_mins(1));
        let reply = match self.account.ask(&request).await {
            Err(CallError::Refused { status: 404, .. }) => return Err(self.has_none(item)),
            reply => reply?,
        };
        let Some(thing) = self.row.library.one(item.kind, reply.json()?) else {
            return Err(self.has_none(item));
        };
        let found = self.row.library.read(item.kind, &thing, self.row);
        // Another one than was asked for would be credited to the wrong person.
        found
            .filter(|found| found.item == *item)
            .ok_or_else(|| reply.unexpected("what it has of this number"))
    }

    fn has_none(&self, item: &StockItem) -> CallError {
        CallError::Order {
            what: format!("{} has no {} {}", self.row.name, item.kind.told(), item.id),
            hint: "see whether it is there still, or name another one: `workprint stock` finds some",
        }
    }

    /// The bytes of a thing, and their media type. They count for none of what the library may be asked.
    pub async fn fetch(&self, found: &Found) -> Result<(Vec<u8>, &'static str), CallError> {
        let request = Request::named(found.file.clone()).within(MOST_MADE, FETCHING);
        let reply: Reply = self.account.fetch(&request).await?;
        let (makes, wanted) = match found.item.kind {
            StockKind::Photos => (Capability::Image, "a picture"),
            StockKind::Videos => (Capability::Video, "a film"),
        };
        match makes.media_type(&reply.body) {
            Some(media_type) => Ok((reply.body, media_type)),
            None => Err(reply.unexpected(wanted)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::LIBRARIES;

    fn told<'a>() -> Told<'a> {
        Told {
            id: Some(7),
            title: "a lamp",
            author: "Ann",
            author_page: "https://example.org/ann".to_owned(),
            page: "https://example.org/7",
            size: (Some(4000), Some(3000)),
            seconds: None,
            file: "https://example.org/7.jpg",
        }
    }

    #[test]
    fn what_a_library_says_is_believed_only_where_it_can_be() {
        let read = |told| LIBRARIES[0].item(StockKind::Photos, &told);
        assert!(read(told()).is_some());
        let wrong: [fn(&mut Told<'_>); 7] = [
            |told| told.id = None,
            |told| told.id = Some(0),
            |told| told.author = " \u{202e} ",
            |told| told.page = "http://example.org/7",
            |told| told.page = "javascript:alert(1)",
            |told| told.size = (Some(0), Some(1)),
            |told| told.size.1 = Some(1 << 40),
        ];
        for (at, spoil) in wrong.iter().enumerate() {
            let mut told = told();
            spoil(&mut told);
            assert!(read(told).is_none(), "{at}");
        }
        let mut sly = told();
        sly.author = "Ann\u{1b}[31m\n\u{202e}Bea";
        sly.author_page = "file:///etc/passwd".to_owned();
        sly.seconds = Some(f64::NAN);
        let found = read(sly).unwrap();
        assert_eq!(found.author, "Ann [31m Bea");
        assert_eq!((found.author_page, found.length_ms), (None, None));
    }

    #[test]
    fn the_largest_film_that_is_no_larger_than_needed_is_taken() {
        let size = |(width, height)| Size { width, height };
        let of = |sizes: &[(u32, u32)]| {
            let all = sizes.iter().map(|one| (size(*one), ()));
            fitting(all).map(|(size, ())| (size.width, size.height))
        };
        assert_eq!(
            of(&[(640, 360), (3840, 2160), (1920, 1080), (1280, 720)]),
            Some((1920, 1080))
        );
        assert_eq!(of(&[(1080, 1920), (540, 960)]), Some((1080, 1920)));
        assert_eq!(of(&[(3840, 2160), (2560, 1440)]), Some((2560, 1440)));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn words_stay_words_in_a_query() {
        let told = query(&[("q", "a&key=b #c ü".to_owned()), ("page", "1".to_owned())]);
        assert_eq!(told, "q=a%26key%3Db+%23c+%C3%BC&page=1");
    }
}
