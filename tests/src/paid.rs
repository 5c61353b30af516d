//! Productions whose pictures or effects are bought, from fakes; and killing the runs that buy them.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Value, json};
use workprint_fakes::{Fake, KEY, graph};

use crate::{Production, Rendered, Said};

/// The variable that holds the key.
pub const KEY_ENV: &str = "WORKPRINT_FAKE_KEY";

/// A production of prompts alone, and the vendor that makes pictures of them; effects, where it makes none.
#[derive(Debug)]
pub struct Paid {
    /// The vendor.
    pub fake: Fake,
    /// The production.
    pub production: Production,
    prompts: Vec<String>,
}

impl Paid {
    /// A vendor, an episode with so many prompts, and the text of its `[budget]`.
    pub fn new(vendor: &str, prompts: usize, budget: &str) -> Self {
        let fake = Fake::of(vendor);
        let prompts: Vec<String> = (1..=prompts).map(|n| format!("picture {n}")).collect();
        let cue = |(n, text): (usize, &String)| {
            let shot =
                json!({"id": format!("s{n}"), "picture": {"prompt": {"text": text, "seed": 3}}});
            json!({"id": format!("c{n}"), "hold_ms": 400, "shots": [shot]})
        };
        let cues: Vec<Value> = prompts.iter().enumerate().map(cue).collect();
        let mut manifest = json!({
            "format": "workprint.manifest/1", "title": "Paid", "language": "en",
            "scenes": [{"id": "one", "cues": cues}],
        });
        if is_heard(&fake) {
            let plate = json!({"id": "p", "picture": {"plate": {"colour": "#204060"}}});
            let cue = json!({"id": "c", "hold_ms": 400, "shots": [plate]});
            manifest["scenes"] = json!([{"id": "one", "cues": [cue]}]);
            let effect = |(n, text): (usize, &String)| {
                let source = json!({"effect": {"text": text, "length_ms": 500}});
                json!({"id": format!("s{n}"), "source": source, "at": {"cue": "c"}})
            };
            manifest["sfx"] = prompts.iter().enumerate().map(effect).collect();
        }
        let new = Self {
            production: Production::bare(&show(&fake, budget), &manifest),
            fake,
            prompts,
        };
        new.production.write(".gitignore", ".workprint/\n");
        for (name, clip) in [("picture", false), ("clip", true)] {
            let graph = json!(graph(clip)).to_string();
            let file = format!("media/graphs/{name}.json");
            new.production.write(&file, &graph);
        }
        new
    }

    /// Another budget.
    pub fn allow(&self, budget: &str) {
        self.production
            .write("show.toml", &show(&self.fake, budget));
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
        let mut all = vec![(KEY_ENV, KEY)];
        all.extend(environment);
        let stage = if is_heard(&self.fake) {
            "compose"
        } else {
            "generate"
        };
        let args = ["render", "pilot", "--json", "--only", stage];
        let (said, peaks) = self.production.start_with(&args, &all).finish_watched();
        (Rendered::of(&said), peaks)
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

    /// The prompt of a job or a step.
    pub fn prompt(&self, one: &Value) -> &str {
        let slot = one["slot"].as_str().unwrap_or_default();
        let shot = slot
            .rsplit("/s")
            .next()
            .and_then(|n| n.parse::<usize>().ok());
        shot.and_then(|n| self.prompts.get(n))
            .map_or("", String::as_str)
    }

    /// How often each prompt was charged for.
    pub fn paid(&self) -> BTreeMap<String, usize> {
        let mut counts: BTreeMap<String, usize> = self
            .prompts
            .iter()
            .map(|prompt| (prompt.clone(), 0))
            .collect();
        for prompt in self.fake.paid() {
            *counts.entry(prompt).or_default() += 1;
        }
        counts
    }

    /// Kills a run at a boundary, the so-manyth time that it is passed, then goes on until everything is
    /// bought; a person who looks at the vendor's pages answers for what is parked. Says whether the run was
    /// killed, and how many answers were asked for.
    ///
    /// # Panics
    /// Where a prompt is charged for twice without a person's word, the books are wrong by a millionth, or
    /// a further run buys or asks anything.
    pub fn kill_at(&self, boundary: &str, times: u32) -> (bool, u32) {
        let kill = format!("{boundary}:{times}");
        let killed = self.buy(&[("WORKPRINT_TEST_KILL", &kill)]).code == -1;
        let (mut answers, mut lost) = (0, BTreeMap::<String, usize>::new());
        for _ in 0..4 {
            // A minute later, so that what the vendor does not list was certainly never taken.
            let run = self.buy(&[("WORKPRINT_TEST_LATER", "60000")]);
            if run.code == 0 {
                break;
            }
            assert_eq!(run.status(), "waiting", "{}", run.err);
            for job in self.jobs(false) {
                assert_eq!(job["state"], "parked", "{job}");
                answers += 1;
                self.resolve(&job, &mut lost);
            }
        }
        for (prompt, count) in self.paid() {
            let wanted = 1 + lost.get(&prompt).copied().unwrap_or_default();
            // What is free and has no jobs is asked again.
            let again = self.fake.charges() == 0 && !self.fake.has_jobs() && count > wanted;
            assert!(count == wanted || again, "`{prompt}` at {kill}: {count}");
        }
        self.check_books();
        let asked = self.fake.requests().len();
        let last = self.buy(&[]).complete();
        assert_eq!(last.count("performed"), 0);
        assert_eq!(
            self.fake.requests().len(),
            asked,
            "a finished run asked the vendor"
        );
        (killed, answers)
    }

    /// What a person does who looks at the vendor's pages.
    fn resolve(&self, job: &Value, lost: &mut BTreeMap<String, usize>) {
        let id = job["id"].to_string();
        let prompt = self.prompt(job);
        let known: Vec<Value> = self.jobs(true);
        let is_known = |name: &String| {
            known
                .iter()
                .any(|job| job["remote"].to_string().contains(name))
        };
        let there = self
            .fake
            .jobs_of(prompt)
            .into_iter()
            .find(|name| !is_known(name));
        let lost_before = lost.get(prompt).copied().unwrap_or_default();
        let args: Vec<&str> = match &there {
            Some(name) if self.fake.has_jobs() => vec!["--adopt", name],
            _ if self
                .paid()
                .get(prompt)
                .is_some_and(|count| *count > lost_before) =>
            {
                *lost.entry(prompt.to_owned()).or_default() += 1;
                vec!["--paid"]
            }
            _ => vec!["--unpaid"],
        };
        let all: Vec<&str> = ["jobs", "resolve", &id].into_iter().chain(args).collect();
        self.run(&all).good();
    }

    /// What the books say was spent is what the vendor charged, to the millionth, and nothing is reserved.
    pub fn check_books(&self) {
        let costs = self.run(&["costs", "--json"]).good().json();
        assert_eq!(costs["total"]["reserved_micros"], 0, "{costs}");
        let micros = |job: &Value, name: &str| job[name].as_i64().unwrap_or_default();
        let jobs = self.jobs(true);
        let mut wanted = 0;
        for job in &jobs {
            let is_lost = job["error"].to_string().contains("says that it was paid");
            wanted += match job["state"].as_str() {
                Some("done" | "fetched") => self.fake.charges(),
                Some("failed") if is_lost => micros(job, "reserved_micros"),
                other => {
                    assert_eq!(other, Some("failed"), "{job}");
                    0
                }
            };
        }
        assert_eq!(costs["total"]["spent_micros"], wanted, "{jobs:#?}");
    }
}

/// Whether a vendor makes effects, and no pictures.
fn is_heard(fake: &Fake) -> bool {
    let seen = fake.model("images").or(fake.model("text"));
    seen.is_none() && fake.model("effects").is_some()
}

fn show(fake: &Fake, budget: &str) -> String {
    let (named, table) = if is_heard(fake) {
        ("effect", "effects")
    } else {
        ("image", "images")
    };
    let engine = engine(table, fake);
    format!(
        r#"format = "workprint.show/1"
title = "Paid"

[outputs.main]
width = 320
height = 180
rate = "25"
crf = 30
preset = "ultrafast"

[engines]
{named} = "own"

{engine}

[budget]
{budget}
"#
    )
}

/// The table of an engine `own` that makes `images`, `clips` or `voices`, or is one of `recognisers`, `composers`,
/// `effects` or `changers`, by a fake.
pub fn engine(table: &str, fake: &Fake) -> String {
    let (vendor, url) = (fake.vendor(), fake.url());
    let Some(model) = fake.model(table) else {
        return drawn(fake);
    };
    // Beside what the vendor publishes, a show may have a price of its own.
    let price = match (vendor, table) {
        (_, "voices" | "composers") => "price = 0.3\n",
        ("openai" | "assemblyai", "recognisers") => "price = 0.006\n",
        ("gemini" | "runpod", _) => "price = 0.04\n",
        _ => "",
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

/// The table of an illustrator `own`, and of a text model that draws, by a fake.
fn drawn(fake: &Fake) -> String {
    let (vendor, url) = (fake.vendor(), fake.url());
    let model = fake.model("text").unwrap_or_default();
    let price = match vendor {
        "anthropic" => "price = 15\nprice_read = 3\n",
        _ => "",
    };
    format!(
        "[engines.images.own]\nvendor = \"illustrator\"\nmodel = \"pen\"\nquality = \"low\"\n\n\
         [engines.text.pen]\nvendor = \"{vendor}\"\nmodel = \"{model}\"\nurl = \"{url}\"\n\
         key_env = \"{KEY_ENV}\"\nper_minute = 60000\n{price}"
    )
}
