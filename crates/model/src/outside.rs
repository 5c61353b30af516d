//! Engines that cost money, and what may be spent.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Dollars, MediaPath, Money, template};

/// An engine that is asked elsewhere: a vendor, one of its models, and an account there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EngineSpec {
    /// The vendor: `fal`, `elevenlabs`, `openai`, `comfyui`, … In `images`, `illustrator` has a text model draw; in
    /// `images` and `clips`, `command` starts a program of your own, `mcp` calls a tool of an MCP server, and
    /// `hand-off` puts a bundle into a folder and waits for a file.
    #[schemars(length(min = 1, max = 40))]
    pub vendor: String,
    /// The model, as the vendor names it; for `illustrator`, the name of one of `[engines.text]`.
    #[schemars(
        length(min = 1, max = 200),
        regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$")
    )]
    pub model: String,
    /// What it costs, in dollars: a picture, a second of a clip, a thousand characters of speech, a million
    /// tokens of a text, a minute of sound that is recognised, of music or of speech in another voice, an effect. Where
    /// it is missing, the vendor's published price counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Dollars>,
    /// What a million tokens cost that a text model reads, in dollars, where that is less than `price`, which
    /// then counts for those that it writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_read: Option<Dollars>,
    /// How hard a model tries that can be told.
    #[serde(default, skip_serializing_if = "ImageEffort::is_default")]
    pub quality: ImageEffort,
    /// What else a model is told, by its own names for that: `duration = "5"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(length(max = 50))]
    pub options: BTreeMap<String, Value>,
    /// The graph that `comfyui` runs: a file that its editor exported by "Export (API)".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<MediaPath>,
    /// Where in the graph an order goes: `prompt = "6.text"` writes it into the input `text` of the node
    /// `6`, which may be named by its title too. `prompt`, `seed`, `width`, `height`, `length` (frames),
    /// `image` (the first reference) and `image2` to `image16`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(length(max = 50))]
    pub places: BTreeMap<String, String>,
    /// Another address than the vendor's own: `https://` anywhere, `http://` in one's own network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 8, max = 300), regex(pattern = r"^https?://.+$"))]
    pub url: Option<String>,
    /// The addresses of several servers that have the same model, in the place of `url`, 2 to 16. Each order goes to
    /// one of them that is up and has a place: one with the model in memory, then one with the least to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 16),
        inner(length(min = 8, max = 300), regex(pattern = r"^https?://.+$"))
    )]
    pub urls: Vec<String>,
    /// Engines of the same table that are asked in the place of this one, in this order, where it certainly took no
    /// order: it is not reached, left alone, or refuses for a reason of its own. Up to 4.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 4), inner(length(min = 1, max = 40)))]
    pub fallback: Vec<String>,
    /// The environment variable that the key is read from, instead of the vendor's usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        length(min = 1, max = 100),
        regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]*$")
    )]
    pub key_env: Option<String>,
    /// The file that the key is read from, which holds nothing else: a path from the show's folder, or
    /// from `~/`. Keep it out of version control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1000))]
    pub key_file: Option<String>,
    /// How many jobs the account has at once, 1 to 1000; of several servers, each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub at_once: Option<u32>,
    /// How many requests a minute the account is sent, 1 to 60000; of several servers, each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 60_000))]
    pub per_minute: Option<u32>,
    /// The program that `command` starts, or the server that `mcp` does, and its arguments, each with its places:
    /// `{prompt}`, `{out}`, … The program is named, or is a file of the show, `{show}/tools/draw.py`. No shell
    /// reads it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 200), inner(length(max = 4000)))]
    pub command: Vec<String>,
    /// The version of the program, or of whatever it is that makes it: another one makes everything anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200))]
    pub version: Option<String>,
    /// How long a program or a tool may take for one order, in seconds, 1 to 86400; 1800 where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 86_400))]
    pub limit_s: Option<u32>,
    /// Of `hand-off` the folder that its bundles are put into, `hand-off` where nothing is said; of `mcp` a
    /// folder besides the order's own that its tool may leave files in. A path from the show's folder, or
    /// from `~/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1000))]
    pub folder: Option<String>,
    /// The tool of the server that `mcp` calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    pub tool: Option<String>,
    /// What the tool is told, by its own names for that. A text that is one place (`"{seed}"`) becomes that value, a
    /// number where it is one; in other texts places are filled in: `"a lamp, {prompt}"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(length(max = 100))]
    pub arguments: BTreeMap<String, Value>,
    /// Where in what the tool answers the path or the address of what it made stands: a JSON pointer, `/images/0/path`.
    /// Where it is missing, that is the file that it wrote, else what it answered with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200), regex(pattern = r"^(/.*)?$"))]
    pub result: Option<String>,
}

/// A way to have something made that is no vendor's server: what `vendor` names then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// A program of one's own, started for each order.
    Command,
    /// A tool of an MCP server.
    Mcp,
    /// A bundle that somebody else takes, and gives a file back for.
    HandOff,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Command, Self::Mcp, Self::HandOff];
    /// The tables in `[engines]` that engines of these ways stand in.
    pub const TABLES: [&str; 2] = ["images", "clips"];
    /// The settings that engines of vendors do not have.
    pub const SETTINGS: [&str; 7] = [
        "command",
        "version",
        "limit_s",
        "folder",
        "tool",
        "arguments",
        "result",
    ];

    /// The way of a name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }

    /// Its name, in the place of a vendor's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Mcp => "mcp",
            Self::HandOff => "hand-off",
        }
    }

    /// What does the work, as it is told to people.
    pub const fn told(self) -> &'static str {
        match self {
            Self::Command => "the program",
            Self::Mcp => "the tool",
            Self::HandOff => "whoever was handed it",
        }
    }

    /// What its engines are told, besides `vendor` and `model`.
    pub const fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Command => &[
                "command", "version", "limit_s", "options", "price", "at_once", "key_env",
            ],
            Self::Mcp => &[
                "command",
                "url",
                "tool",
                "arguments",
                "result",
                "folder",
                "version",
                "limit_s",
                "options",
                "price",
                "at_once",
                "key_env",
                "key_file",
            ],
            Self::HandOff => &["folder", "version", "options", "price"],
        }
    }
}

/// How hard a model tries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImageEffort {
    /// The least, and the cheapest.
    Low,
    /// Between the two.
    #[default]
    Medium,
    /// The most.
    High,
}

impl EngineSpec {
    /// The vendor of `images` that is none: a text model of the show that draws.
    pub const ILLUSTRATOR: &'static str = "illustrator";

    /// Whether a text model of the show draws.
    pub fn is_illustrator(&self) -> bool {
        self.vendor == Self::ILLUSTRATOR
    }

    /// The engines of its table that are asked in its place, in their order. Illustrators are asked in nobody's: a
    /// drawing may need another try, which would be one of the first engine again.
    pub fn fallbacks<'a>(
        &'a self,
        table: &'a BTreeMap<String, Self>,
    ) -> impl DoubleEndedIterator<Item = (&'a str, &'a Self)> {
        let others = self.fallback.iter();
        let others = others.filter_map(|other| table.get_key_value(other));
        let others = others.filter(|(_, spec)| !spec.is_illustrator());
        others.map(|(name, spec)| (name.as_str(), spec))
    }

    /// Whether another engine makes the same things under the same keys: it differs in where and for whose money
    /// it is asked.
    pub fn is_same(&self, other: &Self) -> bool {
        let made = |spec: &Self| Self {
            price: None,
            price_read: None,
            quality: ImageEffort::default(),
            url: None,
            urls: Vec::new(),
            fallback: Vec::new(),
            key_env: None,
            key_file: None,
            at_once: None,
            per_minute: None,
            limit_s: None,
            folder: None,
            ..spec.clone()
        };
        made(self) == made(other)
    }

    /// The same with one address, for each that it is told.
    pub fn servers(&self) -> Vec<Self> {
        let one = |url: &String| Self {
            url: Some(url.clone()),
            urls: Vec::new(),
            ..self.clone()
        };
        if self.urls.is_empty() {
            return vec![self.clone()];
        }
        self.urls.iter().map(one).collect()
    }

    /// The way that it has things made, where that is no vendor's.
    pub fn way(&self) -> Option<Way> {
        Way::find(&self.vendor)
    }

    /// The names of the places in its templates.
    pub fn places_named(&self) -> impl Iterator<Item = &str> {
        self.texts().into_iter().flat_map(template::places)
    }

    /// The files of the show that its command or its arguments name, each a whole text `{show}/PATH`. What they
    /// hold is a part of the keys. One with more places in it is written rather than read.
    pub fn files(&self) -> impl Iterator<Item = MediaPath> {
        let all = self.texts().into_iter();
        let named = all.filter_map(|text| text.strip_prefix("{show}/"));
        let plain = named.filter(|path| template::places(path).next().is_none());
        plain.filter_map(|path| path.parse().ok())
    }

    /// What a program or a tool is told, before its places are filled.
    fn texts(&self) -> Vec<&str> {
        let mut texts: Vec<&str> = self.command.iter().map(String::as_str).collect();
        for value in self.arguments.values() {
            template::texts(value, &mut texts);
        }
        texts
    }
}

impl ImageEffort {
    /// Whether this is what is asked for where nothing is said.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What may be spent, in dollars. Where nothing is said, nothing is: a paid call needs one limit at least,
/// and room under each that is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// On the whole show, ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show: Option<Dollars>,
    /// On each episode, ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub episode: Option<Dollars>,
    /// On the show, from midnight to midnight UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<Dollars>,
    /// In one run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Dollars>,
}

impl Budget {
    /// Whether nothing is said.
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }

    /// The limits that are set, by name.
    pub fn limits(&self) -> impl Iterator<Item = (&'static str, Money)> {
        let all = [
            ("show", self.show),
            ("episode", self.episode),
            ("day", self.day),
            ("run", self.run),
        ];
        all.into_iter()
            .filter_map(|(name, limit)| Some((name, limit?.money())))
    }
}
