//! Pictures and clips of stock libraries: fetched once, and kept with who made them and by whose leave they are shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use workprint_engine::{Made, Step, StepError, Work};
use workprint_model::step::{Estimate, Pool};
use workprint_model::stock::{StockItem, StockKind, StockSpec};
use workprint_model::{Artifact, Digest, Slot};
use workprint_picture::still;
use workprint_providers::secret::Secret;
use workprint_providers::stock::{Found, Row, Shop};
use workprint_providers::vendors::{NoEngine, library};

use crate::generate::call::failed;
use crate::tools::Tools;

/// The libraries that a show may use, with their keys.
#[derive(Debug, Default)]
pub struct Libraries {
    known: BTreeMap<&'static str, Configured>,
    open: Mutex<BTreeMap<&'static str, Arc<Shop>>>,
}

/// A library as show.toml describes it.
#[derive(Debug)]
struct Configured {
    spec: StockSpec,
    key: Option<Secret>,
    /// Where the key was looked for.
    looked: String,
}

impl Libraries {
    /// Adds a library; its key was looked for in `looked`.
    pub fn add(
        &mut self,
        row: &'static Row,
        spec: StockSpec,
        (key, looked): (Option<Secret>, String),
    ) {
        self.known.insert(row.id, Configured { spec, key, looked });
    }

    /// Where a library is asked.
    pub fn url(&self, row: &Row) -> String {
        let own = self.known.get(row.id).and_then(|one| one.spec.url.clone());
        own.unwrap_or_else(|| row.url.to_owned())
    }

    /// The library of a name, ready to be asked. Whoever asks shares what it may be asked in an hour.
    pub fn find(&self, vendor: &str) -> Result<Arc<Shop>, NoEngine> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shop) = open.get(vendor) {
            return Ok(Arc::clone(shop));
        }
        let none = || NoEngine::Library {
            name: vendor.to_owned(),
        };
        let row = library(vendor).ok_or_else(none)?;
        let found = self.known.get(row.id).ok_or_else(none)?;
        let key = (found.key.clone(), found.looked.as_str());
        let shop = Arc::new(Shop::open(row, &found.spec, key)?);
        open.insert(row.id, Arc::clone(&shop));
        Ok(shop)
    }
}

/// A thing of a stock library, as it is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// Which.
    #[serde(flatten)]
    pub item: StockItem,
}

/// What was fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockTake {
    /// The picture or the clip.
    pub file: Artifact,
    /// What the library says of it; nothing where it was not fetched yet.
    pub found: Option<Found>,
}

impl Stock {
    /// What of a library some paths name, each once.
    pub fn of<'a>(paths: impl Iterator<Item = &'a workprint_model::MediaPath>) -> Vec<Self> {
        let items: BTreeSet<StockItem> = paths.filter_map(StockItem::of).collect();
        items.into_iter().map(|item| Self { item }).collect()
    }

    const fn media_type(&self) -> &'static str {
        match self.item.kind {
            StockKind::Photos => "image/jpeg",
            StockKind::Videos => "video/mp4",
        }
    }
}

impl Step for Stock {
    type Tools = Tools;
    type Output = StockTake;

    const KIND: &'static str = "stock";
    const REVISION: u32 = 1;

    fn slot(&self) -> Slot {
        let StockItem { vendor, kind, id } = &self.item;
        Slot::new("stock", format_args!("{vendor}-{}-{id}", kind.name()))
    }

    fn engine(&self) -> String {
        self.item.vendor.clone()
    }

    fn inputs(&self) -> Vec<Digest> {
        Vec::new()
    }

    fn pool(&self) -> Pool {
        Pool::Network
    }

    fn estimate(&self) -> Estimate {
        let seconds = match self.item.kind {
            StockKind::Photos => 2.0,
            StockKind::Videos => 10.0,
        };
        Estimate {
            seconds,
            ..Estimate::default()
        }
    }

    fn sketch(&self, key: &Digest) -> StockTake {
        StockTake {
            file: Artifact::sketched(key, self.media_type()),
            found: None,
        }
    }

    fn digests(output: &StockTake) -> Vec<Digest> {
        vec![output.file.digest]
    }

    fn licence(&self) -> Option<String> {
        let (name, _) = library(&self.item.vendor)?.licence;
        Some(name.to_owned())
    }

    async fn perform(&self, tools: &Tools, work: &Work) -> Result<Made<StockTake>, StepError> {
        let shop = tools.stock.find(&self.item.vendor).map_err(|error| {
            StepError::waiting("stock.no-key", error.to_string()).hint(error.hint())
        })?;
        let name = shop.row().name;
        let failed = |error| failed(name, error);
        let found = shop.find(&self.item).await.map_err(failed)?;
        let (bytes, media_type) = shop.fetch(&found).await.map_err(failed)?;
        let is_photo = self.item.kind == StockKind::Photos;
        let keep = move |work: &Work| {
            if is_photo && still::stored_size(&bytes).is_none() {
                let message = "what was fetched is no picture that can be read";
                return Err(StepError::permanent(message).hint("name another one"));
            }
            Ok(work.store().keep_bytes(&bytes, media_type)?)
        };
        let file = work.blocking(keep).await?;
        let take = StockTake {
            file: file.clone(),
            found: Some(found),
        };
        Ok(Made::free(take, vec![file]))
    }
}
