//! Pictures and clips of stock libraries, as files of a production name them.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::MediaPath;

/// Accounts at stock libraries, by the library's name.
pub type StockSpecs = BTreeMap<String, StockSpec>;

/// What a stock library has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StockKind {
    /// Pictures that do not move.
    Photos,
    /// Clips.
    Videos,
}

impl StockKind {
    /// Its name in a path.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Photos => "photos",
            Self::Videos => "videos",
        }
    }

    /// One of it, as it is told to people.
    pub const fn told(self) -> &'static str {
        match self {
            Self::Photos => "photo",
            Self::Videos => "video",
        }
    }
}

/// One thing of a stock library. A manifest names it in the place of a file: `stock/pexels/photos/2014422`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StockItem {
    /// The library.
    pub vendor: String,
    /// What it is.
    pub kind: StockKind,
    /// Its number there.
    pub id: u64,
}

impl StockItem {
    /// What paths of stock begin with.
    pub const FOLDER: &'static str = "stock/";

    /// The thing that a path names; nothing where it is a path of a file.
    pub fn of(path: &MediaPath) -> Option<Self> {
        let rest = path.as_str().strip_prefix(Self::FOLDER)?;
        let mut parts = rest.split('/');
        let (vendor, kind, id) = (parts.next()?, parts.next()?, parts.next()?);
        let kind = [StockKind::Photos, StockKind::Videos]
            .into_iter()
            .find(|known| known.name() == kind)?;
        let is_plain = id.bytes().all(|digit| digit.is_ascii_digit()) && !id.starts_with('0');
        if parts.next().is_some() || vendor.is_empty() || !is_plain {
            return None;
        }
        Some(Self {
            vendor: vendor.to_owned(),
            kind,
            id: id.parse().ok()?,
        })
    }
}

impl fmt::Display for StockItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (folder, kind) = (Self::FOLDER, self.kind.name());
        write!(f, "{folder}{}/{kind}/{}", self.vendor, self.id)
    }
}

/// An account at a stock library.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StockSpec {
    /// Another address than the library's own: `https://` anywhere, `http://` in one's own network.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 8, max = 300), regex(pattern = r"^https?://.+$"))]
    pub url: Option<String>,
    /// The environment variable that the key is read from, instead of the library's usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 100),
        regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]*$")
    )]
    pub key_env: Option<String>,
    /// The file that the key is read from, which holds nothing else: a path from the show's folder, or
    /// from `~/`. Keep it out of version control.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1000))]
    pub key_file: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_stock_and_each_has_one_name() {
        let item = |path: &str| StockItem::of(&path.parse().unwrap());
        for path in ["stock/pexels/photos/2014422", "stock/x/videos/1"] {
            assert_eq!(item(path).unwrap().to_string(), path);
        }
        for path in [
            "media/pexels/photos/1",
            "stock/pexels/photos",
            "stock/pexels/photos/1/2",
            "stock/pexels/pictures/1",
            "stock/pexels/photos/007",
            "stock/pexels/photos/0",
            "stock/pexels/photos/+1",
            "stock/pexels/photos/1.jpg",
            "stock/pexels/photos/99999999999999999999",
        ] {
            assert_eq!(item(path), None, "{path}");
        }
    }
}
