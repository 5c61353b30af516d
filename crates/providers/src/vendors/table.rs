//! The table of vendors that cost money. A row is all that settings, `workprint doctor`, the page of
//! vendors and the behaviour suite know of one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use workprint_model::Money;
use workprint_model::outside::ImageEngineSpec;

use super::price::{Price, Unit};
use super::{fal, openai_images, replicate};
use crate::error::CallError;
use crate::http::{Http, Key};
use crate::images::{ImageEngine, ImageVendor};
use crate::layers::limit::Limits;
use crate::layers::{Account, Complaint};
use crate::secret::Secret;

/// A vendor.
#[derive(Debug)]
pub struct Row {
    /// What show.toml calls it.
    pub id: &'static str,
    /// What it calls itself.
    pub name: &'static str,
    /// Where it is asked.
    pub url: &'static str,
    /// The variable that its key is read from, the header that the key goes into, and what stands before it.
    pub key: (&'static str, &'static str, &'static str),
    /// Whether an order becomes a job that is asked for later; else the answer is the picture.
    pub has_jobs: bool,
    /// Whether it takes a key of ours with an order, and gives the same job for the same key.
    pub takes_key: bool,
    /// Whether an order whose outcome is not known can be looked for.
    pub can_find: bool,
    /// How many references it takes.
    pub references: usize,
    /// How many requests a minute it is sent, unless a show says otherwise.
    pub per_minute: u32,
    /// How many jobs it has at once, unless a show says otherwise.
    pub at_once: u32,
    /// Its format for images.
    pub images: &'static dyn ImageVendor,
    /// What a reply of status 200 complains of.
    pub complaint: Complaint,
    /// What its models cost.
    pub prices: &'static [Price],
}

/// Every vendor, by its name.
pub const ROWS: &[Row] = &[fal::ROW, openai_images::ROW, replicate::ROW];

impl Row {
    /// The vendor of a name.
    pub fn find(id: &str) -> Option<&'static Self> {
        ROWS.iter().find(|row| row.id == id)
    }

    /// What a model costs: as the show says, else as the vendor published.
    pub fn price(&self, spec: &ImageEngineSpec) -> Option<Unit> {
        if let Some(own) = spec.price {
            return Some(Unit::Image(own.money().micros));
        }
        let known = self.prices.iter().find(|price| price.model == spec.model);
        known.map(|price| price.unit)
    }
}

/// Why a show's engine cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NoEngine {
    /// There is no such vendor.
    #[error("there is no vendor `{0}`")]
    Vendor(String),
    /// Nobody knows what it costs.
    #[error("what `{model}` of {vendor} costs is not known")]
    Price {
        /// The vendor.
        vendor: &'static str,
        /// The model.
        model: String,
    },
    /// It has no key.
    #[error("{vendor} has no key")]
    Key {
        /// The vendor.
        vendor: &'static str,
        /// Where a key was looked for.
        looked: String,
    },
    /// Its address cannot be used.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl NoEngine {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Vendor(_) => {
                let known: Vec<String> = ROWS.iter().map(|row| format!("`{}`", row.id)).collect();
                format!("name one of: {}", known.join(", "))
            }
            Self::Price { .. } => {
                "write what a picture costs: `price = 0.04` (dollars) beside `model`".to_owned()
            }
            Self::Key { looked, .. } => format!("put it into {looked}"),
            Self::Call(error) => error.hint().to_owned(),
        }
    }
}

/// The accounts of a show's engines: engines with the same key at the same server share one.
#[derive(Debug, Default)]
pub struct Accounts(BTreeMap<(String, String), Arc<Account>>);

impl Accounts {
    /// An engine, ready to be asked. `key` is what was found in `looked`: a variable or a file; servers
    /// of one's own network need none.
    pub fn engine(
        &mut self,
        spec: &ImageEngineSpec,
        key: Option<Secret>,
        looked: &str,
    ) -> Result<ImageEngine, NoEngine> {
        let row = Row::find(&spec.vendor).ok_or_else(|| NoEngine::Vendor(spec.vendor.clone()))?;
        let price = row.price(spec).ok_or_else(|| NoEngine::Price {
            vendor: row.name,
            model: spec.model.clone(),
        })?;
        let url = spec.url.as_deref().unwrap_or(row.url);
        if key.is_none() && spec.url.is_none() {
            return Err(NoEngine::Key {
                vendor: row.name,
                looked: looked.to_owned(),
            });
        }
        let name = format!("{} by {looked}", row.id);
        let place = (name.clone(), url.to_owned());
        let account = match self.0.get(&place) {
            Some(account) => Arc::clone(account),
            None => Arc::new(open(row, spec, url, key)?),
        };
        self.0.insert(place, Arc::clone(&account));
        Ok(ImageEngine::new(row, (name, account), price))
    }
}

fn open(
    row: &Row,
    spec: &ImageEngineSpec,
    url: &str,
    key: Option<Secret>,
) -> Result<Account, NoEngine> {
    let (_, header, before) = row.key;
    let key = key.map(|secret| Key {
        header,
        before,
        secret,
    });
    let http = Http::new(url, key.as_ref())?;
    let per_minute = spec.per_minute.unwrap_or(row.per_minute);
    let limits = Limits::new(per_minute, spec.at_once.unwrap_or(row.at_once));
    Ok(Account::new(row.name, http, limits, row.complaint))
}

/// The page of vendors and prices, `docs/guide/vendors.md`.
pub fn page() -> String {
    let mut page = String::from(
        "# Vendors and prices\n\nWhat engines that cost money are there, as the tables in \
         `crates/providers/src/vendors/` say. This page is generated: change a vendor's row and run \
         `script/update-generated`. How engines are described stands in [engines.md](engines.md), what may \
         be spent in [money.md](money.md).\n\nPrices are US dollars as the vendor published them at the \
         date given; a show's own `price` comes before them. Look at the source before you rely on one.\n",
    );
    for row in ROWS {
        let yes = |answer| if answer { "yes" } else { "no" };
        // Writing to a String does not fail.
        let _ = write!(
            page,
            "\n## {}\n\n`vendor = \"{}\"`, asked at `{}`, with the key in `{}`.\n\n\
             | what | |\n| --- | --- |\n\
             | makes | images from words, with up to {} reference{} |\n\
             | an order becomes a job that is fetched later | {} |\n\
             | takes a key of ours, so that an order is never taken twice | {} |\n\
             | an order whose outcome is not known can be looked for | {} |\n\
             | jobs at once, unless the show says otherwise | {} |\n\
             | requests a minute, unless the show says otherwise | {} |\n\n\
             | model | price | read | source |\n| --- | --- | --- | --- |\n",
            row.name,
            row.id,
            row.url,
            row.key.0,
            row.references,
            if row.references == 1 { "" } else { "s" },
            yes(row.has_jobs),
            yes(row.takes_key),
            yes(row.can_find),
            row.at_once,
            row.per_minute,
        );
        for price in row.prices {
            let Price {
                model,
                date,
                source,
                ..
            } = price;
            let _ = writeln!(
                page,
                "| `{model}` | {} | {date} | <{source}> |",
                told(price.unit)
            );
        }
    }
    page
}

fn told(unit: Unit) -> String {
    let dollars = |micros| Money::from_micros(micros).exact();
    match unit {
        Unit::Image(each) => format!("{} a picture", dollars(each)),
        Unit::Megapixel(each) => format!("{} a megapixel, begun ones counted whole", dollars(each)),
        Unit::Tokens { read, made } => format!(
            "{} a million tokens read, {} a million tokens of pictures",
            dollars(read),
            dollars(made)
        ),
    }
}
