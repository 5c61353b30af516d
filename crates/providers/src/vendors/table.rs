//! The table of vendors that cost money. A row is all that settings, `workprint doctor`, the page of
//! vendors and the behaviour suite know of one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use workprint_model::Money;
use workprint_model::outside::{EngineSpec, Way};
use workprint_model::template::MOST_REFERENCES;

use super::libraries::{self, LIBRARIES};
use super::price::{Price, Unit};
use super::{
    anthropic, assemblyai, comfyui, elevenlabs, fal, gemini, llama_swap, ollama, openai_chat,
    openai_images, replicate, runpod, whisper_cpp,
};
use crate::engine::Engine;
use crate::error::CallError;
use crate::http::{Http, Key};
use crate::layers::limit::Limits;
use crate::layers::{Account, Complaint, Explain};
use crate::order::{Capability, Speaks, Vendor};
use crate::own::{self, Own};
use crate::pool::{EnginePool, Turn};
use crate::secret::Secret;
use crate::webhook::Webhooks;

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
    /// How many references its pictures take, and how many pictures its texts are asked with.
    pub references: usize,
    /// How many requests a minute it is sent, unless a show says otherwise.
    pub per_minute: u32,
    /// How many jobs it has at once, unless a show says otherwise.
    pub at_once: u32,
    /// What it makes, and in which format it is asked for that.
    pub makes: &'static [(Capability, &'static dyn Vendor)],
    /// What a reply of status 200 complains of.
    pub complaint: Complaint,
    /// What a reply of another status says, in words.
    pub explain: Explain,
    /// What its models cost; nothing where it is one's own, or where that is not known.
    pub prices: &'static [Price],
}

/// Every vendor, by its name.
pub const ROWS: &[Row] = &[
    anthropic::ROW,
    assemblyai::ROW,
    comfyui::ROW,
    elevenlabs::ROW,
    fal::ROW,
    gemini::ROW,
    llama_swap::ROW,
    ollama::ROW,
    openai_images::ROW,
    openai_chat::ROW,
    replicate::ROW,
    runpod::ROW,
    whisper_cpp::ROW,
];

impl Row {
    /// The vendor of a name.
    pub fn find(id: &str) -> Option<&'static Self> {
        ROWS.iter().find(|row| row.id == id)
    }

    /// Whether it is a server of one's own, which needs no key and costs nothing.
    pub const fn is_own(&self) -> bool {
        self.key.0.is_empty()
    }

    /// Whether an engine costs nothing: a server of one's own in one's own network, the only one that is
    /// asked over plain `http://`. The same server elsewhere may be somebody else's.
    fn is_free(&self, spec: &EngineSpec) -> bool {
        let near = |one: &EngineSpec| {
            let url = one.url.as_deref().unwrap_or(self.url);
            url.starts_with("http://")
        };
        self.is_own() && spec.servers().iter().all(near)
    }

    /// In which format it is asked for something.
    pub fn format(&self, wanted: Capability) -> Option<(Capability, &'static dyn Vendor)> {
        self.makes.iter().find(|own| own.0 == wanted).copied()
    }

    /// Whether it calls when a job may have ended.
    pub fn calls(&self) -> bool {
        let mut formats = self.makes.iter();
        formats.any(|(_, vendor)| vendor.webhook().is_some())
    }

    /// What a model of it can do that speaks; nothing where none does.
    pub fn speaks(&self, model: &str) -> Option<Speaks> {
        let (_, vendor) = self.format(Capability::Speech)?;
        Some(vendor.speaks(model))
    }

    /// What a model costs: as the show says, else as the vendor published.
    pub fn price(&self, makes: Capability, spec: &EngineSpec) -> Option<Unit> {
        if let Some(own) = spec.price {
            let micros = own.money().micros;
            return Some(match makes {
                Capability::Image | Capability::Effect => Unit::Each(micros),
                Capability::Video => Unit::Second(micros),
                Capability::Speech | Capability::Dialogue => Unit::Characters(micros),
                Capability::Recognition | Capability::Music | Capability::Change => {
                    Unit::Minute(micros)
                }
                Capability::Text => Unit::Tokens {
                    read: spec.price_read.map_or(micros, |own| own.money().micros),
                    made: micros,
                },
            });
        }
        if self.is_free(spec) {
            return Some(Unit::Free);
        }
        let known = self.prices.iter().find(|price| price.model == spec.model);
        known.map(|price| price.unit)
    }

    /// What is wrong with an engine that a show describes, whether or not it has a key.
    pub fn check(makes: Capability, spec: &EngineSpec) -> Result<&'static Self, NoEngine> {
        let row = Self::find(&spec.vendor).ok_or_else(|| NoEngine::Vendor {
            name: spec.vendor.clone(),
            makes,
        })?;
        if row.format(makes).is_none() {
            return Err(NoEngine::Cannot {
                vendor: row.name,
                makes,
            });
        }
        if row.price(makes, spec).is_none() {
            return Err(NoEngine::Price {
                vendor: row.name,
                model: spec.model.clone(),
                makes,
            });
        }
        Ok(row)
    }
}

/// What an engine of a show costs: as the show says, else as its vendor published.
pub fn price(makes: Capability, spec: &EngineSpec) -> Option<Unit> {
    match spec.way() {
        Some(_) => Some(own::price(makes, spec)),
        None => Row::find(&spec.vendor)?.price(makes, spec),
    }
}

/// What is wrong with an engine that a show describes, whether or not it can be asked here and now.
pub fn check(makes: Capability, spec: &EngineSpec) -> Result<(), NoEngine> {
    match spec.way() {
        Some(way) => Own::check(way, makes),
        None => Row::check(makes, spec).map(drop),
    }
}

/// How many references an engine of a show takes with an order.
pub fn most_references(spec: &EngineSpec) -> Option<usize> {
    match spec.way() {
        Some(_) => Some(MOST_REFERENCES),
        None => Some(Row::find(&spec.vendor)?.references),
    }
}

/// Why a show's engine cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NoEngine {
    /// There is no such vendor.
    #[error("there is no vendor `{name}`")]
    Vendor {
        /// What it is called.
        name: String,
        /// What it should make.
        makes: Capability,
    },
    /// There is no such stock library.
    #[error("there is no stock library `{name}`")]
    Library {
        /// What it is called.
        name: String,
    },
    /// The vendor makes other things.
    #[error("{vendor} does not make {}", makes.told())]
    Cannot {
        /// The vendor.
        vendor: &'static str,
        /// What it should make.
        makes: Capability,
    },
    /// Nobody knows what it costs.
    #[error("what `{model}` of {vendor} costs is not known")]
    Price {
        /// The vendor.
        vendor: &'static str,
        /// The model.
        model: String,
        /// What it makes.
        makes: Capability,
    },
    /// Its program is not there.
    #[error("the program `{name}` is not on this machine")]
    Program {
        /// Its name.
        name: String,
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
            Self::Vendor { makes, .. } | Self::Cannot { makes, .. } => {
                let able = ROWS.iter().filter(|row| row.format(*makes).is_some());
                let drawn = (*makes == Capability::Image).then_some(EngineSpec::ILLUSTRATOR);
                let ways = Way::ALL
                    .into_iter()
                    .filter(|way| Own::check(*way, *makes).is_ok());
                let able = able
                    .map(|row| row.id)
                    .chain(drawn)
                    .chain(ways.map(Way::name));
                let known: Vec<String> = able.map(|id| format!("`{id}`")).collect();
                format!("name one of: {}", known.join(", "))
            }
            Self::Price { makes, .. } => {
                let of = match makes {
                    Capability::Image => "a picture",
                    Capability::Video => "a second",
                    Capability::Speech | Capability::Dialogue => "a thousand characters",
                    Capability::Text => "a million tokens",
                    Capability::Recognition => "a minute of sound",
                    Capability::Music => "a minute of music",
                    Capability::Effect => "an effect",
                    Capability::Change => "a minute of speech",
                };
                let example = if *makes == Capability::Text {
                    15.0
                } else {
                    0.04
                };
                format!("write what {of} costs: `price = {example}` (dollars) beside `model`")
            }
            Self::Library { .. } => {
                let known = LIBRARIES.iter().map(|row| format!("`{}`", row.id));
                format!("name one of: {}", known.collect::<Vec<_>>().join(", "))
            }
            Self::Program { .. } => "install it, or write its whole path into `command`".to_owned(),
            Self::Key { looked, .. } => format!("put it into {looked}"),
            Self::Call(error) => error.hint().to_owned(),
        }
    }
}

/// The accounts of a show's engines: engines with the same key at the same server share one.
#[derive(Debug, Default)]
pub struct Accounts {
    open: BTreeMap<(String, String), Arc<Account>>,
    /// Whose turn it is to choose among servers, by these.
    turns: BTreeMap<Vec<String>, Turn>,
    /// Where vendors may call about orders of later engines.
    webhooks: Option<Arc<Webhooks>>,
}

impl Accounts {
    /// From here on vendors that do so are told where to call.
    pub fn hear_by(&mut self, webhooks: Arc<Webhooks>) {
        self.webhooks = Some(webhooks);
    }

    /// An engine with its servers, ready to be asked.
    pub fn pool(
        &mut self,
        makes: Capability,
        spec: &EngineSpec,
        (key, looked): (Option<Secret>, &str),
    ) -> Result<EnginePool, NoEngine> {
        Row::check(makes, spec)?;
        let servers = spec.servers();
        let engines = servers
            .iter()
            .map(|one| self.engine(makes, one, key.clone(), looked))
            .collect::<Result<Vec<_>, _>>()?;
        let turn = self.turns.entry(spec.urls.clone()).or_default();
        EnginePool::new(engines, Arc::clone(turn)).ok_or_else(|| NoEngine::Vendor {
            name: spec.vendor.clone(),
            makes,
        })
    }

    /// An engine, ready to be asked. `key` is what was found in `looked`: a variable or a file; servers
    /// of one's own network need none.
    pub fn engine(
        &mut self,
        makes: Capability,
        spec: &EngineSpec,
        key: Option<Secret>,
        looked: &str,
    ) -> Result<Engine, NoEngine> {
        let row = Row::check(makes, spec)?;
        let (Some(format), Some(price)) = (row.format(makes), row.price(makes, spec)) else {
            return Err(NoEngine::Cannot {
                vendor: row.name,
                makes,
            });
        };
        let url = spec.url.as_deref().unwrap_or(row.url);
        if key.is_none() && spec.url.is_none() && !row.is_own() {
            return Err(NoEngine::Key {
                vendor: row.name,
                looked: looked.to_owned(),
            });
        }
        let name = format!("{} by {looked}", row.id);
        let place = (name.clone(), url.to_owned());
        let account = match self.open.get(&place) {
            Some(account) => Arc::clone(account),
            None => Arc::new(open(row, spec, url, key)?),
        };
        self.open.insert(place, Arc::clone(&account));
        let engine = Engine::new(row, format, (name, account), price);
        Ok(engine.heard_by(self.webhooks.as_ref()))
    }
}

fn open(row: &Row, spec: &EngineSpec, url: &str, key: Option<Secret>) -> Result<Account, NoEngine> {
    let (_, header, before) = row.key;
    let key = key.filter(|_| !header.is_empty());
    let key = key.map(|secret| Key {
        header,
        before,
        secret,
    });
    let http = Http::new(url, key.as_ref())?;
    let per_minute = spec.per_minute.unwrap_or(row.per_minute);
    let limits = Limits::new(per_minute, spec.at_once.unwrap_or(row.at_once));
    Ok(Account::new(
        row.name,
        http,
        limits,
        (row.complaint, row.explain),
    ))
}

/// The page of vendors and prices, `docs/guide/vendors.md`.
pub fn page() -> String {
    let mut page = String::from(
        "# Vendors and prices\n\nWhat engines that cost money are there, as the tables in \
         `crates/providers/src/vendors/` say. This page is generated: change a vendor's row and run \
         `script/update-generated`. How engines are described stands in [engines.md](engines.md), what may \
         be spent in [money.md](money.md).\n\nPrices are US dollars as the vendor published them at the \
         date given; a show's own `price` comes before them, and a model that is not listed needs one. Look at \
         the source before you rely on one.\n",
    );
    for row in ROWS {
        let yes = |answer| if answer { "yes" } else { "no" };
        let makes: Vec<String> = row
            .makes
            .iter()
            .map(|(makes, _)| told_of(*makes, row))
            .collect();
        let key = match row.key.0 {
            "" => "without a key".to_owned(),
            variable => format!("with the key in `{variable}`"),
        };
        // Writing to a String does not fail.
        let _ = write!(
            page,
            "\n## {}\n\n`vendor = \"{}\"`, asked at `{}`, {key}.\n\n\
             | what | |\n| --- | --- |\n\
             | makes | {} |\n\
             | an order becomes a job that is fetched later | {} |\n\
             | calls when a job has ended, where it is told an address | {} |\n\
             | takes a key of ours with an order | {} |\n\
             | an order whose outcome is not known can be looked for | {} |\n\
             | jobs at once, unless the show says otherwise | {} |\n\
             | requests a minute, unless the show says otherwise | {} |\n",
            row.name,
            row.id,
            row.url,
            makes.join("; "),
            yes(row.has_jobs),
            yes(row.calls()),
            yes(row.takes_key),
            yes(row.can_find),
            row.at_once,
            row.per_minute,
        );
        page.push_str(&prices(row));
    }
    page.push_str(&libraries::page());
    page
}

/// What a vendor's models cost, as a table.
fn prices(row: &Row) -> String {
    if row.prices.is_empty() {
        let why = if row.is_own() {
            "It is one's own, and costs nothing; at a public address write `price` beside `model`."
        } else {
            "What its models cost is not known here: write `price` beside `model`."
        };
        return format!("\n{why}\n");
    }
    let mut table = "\n| model | price | read | source |\n| --- | --- | --- | --- |\n".to_owned();
    for price in row.prices {
        let Price {
            model,
            date,
            source,
            ..
        } = price;
        let told = told(price.unit);
        let _ = writeln!(table, "| `{model}` | {told} | {date} | <{source}> |");
    }
    table
}

fn told_of(makes: Capability, row: &Row) -> String {
    match makes {
        Capability::Image => {
            let plural = if row.references == 1 { "" } else { "s" };
            format!(
                "pictures of words, with up to {} reference{plural}",
                row.references
            )
        }
        Capability::Video => "clips of a picture and words".to_owned(),
        Capability::Speech => {
            let timed = row.speaks("").is_some_and(|speaks| speaks.timed);
            let times = if timed {
                ", with the times of their words"
            } else {
                ""
            };
            format!("speech of lines{times}")
        }
        Capability::Text => format!("texts of words and up to {} pictures", row.references),
        Capability::Recognition => "the words of sounds, with their times".to_owned(),
        Capability::Music => "music of words".to_owned(),
        Capability::Effect => "effects of words".to_owned(),
        Capability::Change => "recorded lines in another voice".to_owned(),
        Capability::Dialogue => "conversations, their lines said in one breath".to_owned(),
    }
}

/// What something costs, in words.
pub fn told(unit: Unit) -> String {
    let dollars = |micros| Money::from_micros(micros).exact();
    match unit {
        Unit::Free => "nothing".to_owned(),
        Unit::Each(each) => format!("{} each", dollars(each)),
        Unit::Second(each) => format!("{} a second, begun ones counted whole", dollars(each)),
        Unit::Characters(thousand) => format!("{} a thousand characters", dollars(thousand)),
        Unit::Minute(each) => format!("{} a minute of sound, by the second", dollars(each)),
        Unit::Megapixel(each) => format!("{} a megapixel, begun ones counted whole", dollars(each)),
        Unit::Tokens { read, made } => format!(
            "{} a million tokens read, {} a million tokens made",
            dollars(read),
            dollars(made)
        ),
    }
}
