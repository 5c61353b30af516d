//! Productions of which something is bought from fakes.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Value, json};
use workprint_fakes::{Fake, KEY, graph};

use crate::{Production, Rendered, Running, Said, goods};

/// The variable that holds the key.
pub const KEY_ENV: &str = "WORKPRINT_FAKE_KEY";

/// A production that asks for as many things as there are prompts, and the vendor that makes them.
#[derive(Debug)]
pub struct Paid {
    /// The vendor.
    pub fake: Fake,
    /// The production.
    pub production: Production,
    /// The table of engines in show.toml.
    pub(crate) table: &'static str,
    prompts: Vec<String>,
}

impl Paid {
    /// A vendor, an episode with so many prompts, and the text of its `[budget]`. Pictures are bought; effects, where
    /// it makes none.
    pub fn new(vendor: &str, prompts: usize, budget: &str) -> Self {
        let fake = Fake::of(vendor);
        let table = goods::foremost(&fake);
        Self::with((fake, table), prompts, budget)
    }

    /// The same of what a vendor makes for a table of engines, such as `clips`.
    pub fn of((vendor, table): (&str, &'static str), prompts: usize, budget: &str) -> Self {
        Self::with((Fake::of(vendor), table), prompts, budget)
    }

    fn with((fake, table): (Fake, &'static str), prompts: usize, budget: &str) -> Self {
        let prompts = goods::prompts(table, prompts);
        let show = goods::show(table, &fake, budget);
        let new = Self {
            production: Production::bare(&show, &goods::manifest(table, &prompts)),
            fake,
            table,
            prompts,
        };
        new.production.write(".gitignore", ".workprint/\n");
        for (name, clip) in [("picture", false), ("clip", true)] {
            let graph = json!(graph(clip)).to_string();
            let file = format!("media/graphs/{name}.json");
            new.production.write(&file, &graph);
        }
        goods::record(table, &new.production, &new.fake, &new.prompts);
        new
    }

    /// Makes what must be there before anything of the table is bought: the pictures that clips begin with, the
    /// recordings as they are cut.
    pub fn prepare(&self) {
        if let Some(stage) = goods::before(self.table) {
            let args = ["render", "pilot", "--json", "--only", stage];
            let made = Rendered::of(&self.run(&args));
            // What is to be bought waits for its own stage.
            assert_eq!(
                made.performed(stage).len(),
                self.prompts.len(),
                "{}",
                made.err
            );
        }
        if self.table == "clips" {
            let whole = self.production.manifest();
            let pictures: Vec<String> = (0..self.prompts.len()).map(goods::picture).collect();
            let still = goods::manifest("images", &pictures).to_string();
            self.production
                .write("episodes/pilot/manifest.json", &still);
            self.buy(&[]).complete();
            let whole = whole.to_string();
            self.production
                .write("episodes/pilot/manifest.json", &whole);
        }
    }

    /// Another budget.
    pub fn allow(&self, budget: &str) {
        let show = goods::show(self.table, &self.fake, budget);
        self.production.write("show.toml", &show);
    }

    /// Runs `workprint` with the key.
    pub fn run(&self, args: &[&str]) -> Said {
        self.production.start_with(args, &[(KEY_ENV, KEY)]).finish()
    }

    /// Buys what the prompts ask for and makes nothing of it.
    pub fn buy(&self, environment: &[(&str, &str)]) -> Rendered {
        self.buy_watched(environment).0
    }

    /// The same with the most memory that it took until each moment, in KiB.
    pub fn buy_watched(&self, environment: &[(&str, &str)]) -> (Rendered, Vec<(Instant, u64)>) {
        let (said, peaks) = self.start(environment).finish_watched();
        (Rendered::of(&said), peaks)
    }

    /// The same while it runs.
    pub(crate) fn start(&self, environment: &[(&str, &str)]) -> Running {
        let mut all = vec![(KEY_ENV, KEY)];
        all.extend(environment);
        let stage = goods::stage(self.table);
        let args = ["render", "pilot", "--json", "--only", stage];
        self.production.start_with(&args, &all)
    }

    /// The jobs that are not over, or all.
    pub fn jobs(&self, all: bool) -> Vec<Value> {
        let args = if all {
            ["jobs", "list", "--all", "--json"].as_slice()
        } else {
            ["jobs", "--json"].as_slice()
        };
        let jobs = self.run(args).good().json();
        jobs.as_array().cloned().unwrap_or_default()
    }

    /// Every prompt that is charged for once for each take: those of clips, and of the pictures that they begin with.
    pub(crate) fn prompts(&self) -> Vec<String> {
        let pictures = if self.table == "clips" {
            (0..self.prompts.len()).map(goods::picture).collect()
        } else {
            Vec::new()
        };
        [pictures, self.prompts.clone()].concat()
    }

    /// The prompt of a job or a step, and its number.
    pub fn prompt(&self, job: &Value) -> (usize, String) {
        let slot = job["slot"].as_str().unwrap_or_default();
        let name = slot.rsplit('/').next().unwrap_or_default();
        let shot = name.split('~').next().unwrap_or_default();
        let number = shot.trim_start_matches(|letter: char| letter.is_alphabetic());
        let n = number.parse().unwrap_or(usize::MAX);
        if self.table == "clips" && job["kind"] == "generate" {
            return (n, goods::picture(n));
        }
        (n, self.prompts.get(n).cloned().unwrap_or_default())
    }

    /// How often each prompt was charged for.
    pub fn paid(&self) -> BTreeMap<String, usize> {
        let all = self.prompts().into_iter();
        let mut counts: BTreeMap<String, usize> = all.map(|prompt| (prompt, 0)).collect();
        for prompt in self.fake.paid() {
            *counts.entry(prompt).or_default() += 1;
        }
        counts
    }

    /// What the books say was spent is what the vendors charged, to the millionth, and nothing is reserved.
    pub fn check_books(&self) {
        assert_eq!(self.books(), 0, "{:#?}", self.jobs(true));
    }

    /// How far the books are from what vendors charged, in millionths.
    ///
    /// # Panics
    /// Where something is reserved yet.
    pub(crate) fn books(&self) -> i64 {
        let costs = self.run(&["costs", "--json"]).good().json();
        assert_eq!(costs["total"]["reserved_micros"], 0, "{costs}");
        let mut wanted = 0;
        for job in self.jobs(true) {
            wanted += match job["state"].as_str() {
                Some("done" | "fetched") => {
                    let (n, prompt) = self.prompt(&job);
                    goods::worth(self.table, &job, (n, &prompt))
                }
                Some("failed") if is_lost(&job) => {
                    job["reserved_micros"].as_i64().unwrap_or_default()
                }
                other => {
                    assert_eq!(other, Some("failed"), "{job}");
                    0
                }
            };
        }
        costs["total"]["spent_micros"].as_i64().unwrap_or_default() - wanted
    }
}

/// Whether a person said of a job that it was paid, and that what it made cannot be had.
pub(crate) fn is_lost(job: &Value) -> bool {
    job["error"].to_string().contains("says that it was paid")
}

/// The table of an engine `own` that makes `images`, `clips`, `voices` or `dialogues`, or is one of `recognisers`, `composers`,
/// `effects` or `changers`, by a fake.
pub fn engine(table: &str, fake: &Fake) -> String {
    let (vendor, url) = (fake.vendor(), fake.url());
    let Some(model) = fake.model(table) else {
        return goods::drawn(fake);
    };
    // Beside what the vendor publishes, a show may have a price of its own.
    let price = match (vendor, table) {
        (_, "voices" | "dialogues" | "composers") => "price = 0.3\n",
        ("openai" | "assemblyai", "recognisers") => "price = 0.006\n",
        ("gemini" | "runpod", _) => "price = 0.04\n",
        _ => "",
    };
    let table = match table {
        "dialogues" => "voices",
        own => own,
    };
    let mut told = format!(
        "[engines.{table}.own]\nvendor = \"{vendor}\"\nmodel = \"{model}\"\nurl = \"{url}\"\n\
         key_env = \"{KEY_ENV}\"\nper_minute = 60000\n{price}"
    );
    if vendor == "comfyui" {
        let (file, image) = if table == "clips" {
            ("clip", "image = \"10.image\"\n")
        } else {
            ("picture", "")
        };
        let places = format!(
            "graph = \"media/graphs/{file}.json\"\n\n[engines.{table}.own.places]\n\
             prompt = \"What is seen.text\"\nseed = \"3.seed\"\n{image}output = \"9\"\n"
        );
        told.push_str(&places);
    }
    told
}
