//! What is bought of a vendor: a production for each kind of thing that one makes, and what it costs.

use serde_json::{Value, json};
use workprint_fakes::{Fake, charges};

use crate::{KEY_ENV, Production, engine};

/// The tables of engines in show.toml, with the stage that buys of them and what must be made before.
const TABLES: [(&str, &str, Option<&str>); 9] = [
    ("images", "generate", None),
    ("clips", "generate", None),
    ("text", "generate", None),
    ("voices", "speak", None),
    ("dialogues", "speak", None),
    ("recognisers", "recognise", Some("voice")),
    ("changers", "change", Some("voice")),
    ("composers", "compose", None),
    ("effects", "compose", None),
];

/// Everything that fakes of vendors make, as the vendor and its table of engines.
pub fn goods() -> impl Iterator<Item = (&'static str, &'static str)> {
    let of = |vendor| {
        let fake = Fake::of(vendor);
        TABLES.into_iter().filter_map(move |(table, ..)| {
            fake.model(table)?;
            Some((vendor, table))
        })
    };
    workprint_fakes::vendors().flat_map(of)
}

/// What a vendor makes, where nobody says which: pictures, else those that its texts draw, else effects.
pub(crate) fn foremost(fake: &Fake) -> &'static str {
    let tables = ["images", "text", "effects"];
    let found = tables.into_iter().find(|table| fake.model(table).is_some());
    found.unwrap_or("recognisers")
}

/// The stage that buys of a table.
pub(crate) fn stage(table: &str) -> &'static str {
    row(table).1
}

/// What must be made before that.
pub(crate) fn before(table: &str) -> Option<&'static str> {
    row(table).2
}

fn row(table: &str) -> (&'static str, &'static str, Option<&'static str>) {
    let found = TABLES.into_iter().find(|row| row.0 == table);
    found.unwrap_or_else(|| panic!("no table `{table}`"))
}

/// What is asked of a vendor: texts that differ, as its own pages list them.
pub(crate) fn prompts(table: &str, count: usize) -> Vec<String> {
    let one = |n: usize| match table {
        "clips" => format!("it turns {n}"),
        "voices" => format!("Say {}.", "so ".repeat(n).trim_end()),
        // A question and its answer.
        "dialogues" => format!("{}? No.", "So ".repeat(n).trim_end()),
        "recognisers" => format!("word{n}"),
        // Which voice it is, is all that is told.
        "changers" => format!("21m00Tcm4TlvDq8ikWA{n}"),
        _ => format!("picture {n}"),
    };
    (1..=count).map(one).collect()
}

/// The manifest of an episode that asks for these.
pub(crate) fn manifest(table: &str, prompts: &[String]) -> Value {
    let mut manifest = json!({
        "format": "workprint.manifest/1", "title": "Paid", "language": "en",
        "scenes": scenes(table, prompts),
    });
    let speaker = |id: String, voice: &str| json!({"id": id, "voice": {"name": voice}});
    let all = prompts.iter().enumerate();
    let mut add = |name: &str, all: Vec<Value>| manifest[name] = all.into();
    match table {
        "voices" => add(
            "cast",
            vec![speaker("a".to_owned(), "own:21m00Tcm4TlvDq8ikWAM")],
        ),
        "dialogues" => add(
            "cast",
            vec![
                speaker("a".to_owned(), "own:21m00Tcm4TlvDq8ikWAM"),
                speaker("b".to_owned(), "own:29vD33N1CtxCmqQRPOHJ"),
            ],
        ),
        "recognisers" => add("cast", vec![speaker("a".to_owned(), "espeak:en-us")]),
        "changers" => {
            let own =
                |(n, voice): (usize, &String)| speaker(format!("a{n}"), &format!("own:{voice}"));
            add("cast", all.map(own).collect());
        }
        "composers" => {
            let piece = |(n, text): (usize, &String)| {
                let source = json!({"music": {"text": text, "length_ms": 3000}});
                json!({"id": format!("m{n}"), "source": source})
            };
            add("music", all.map(piece).collect());
        }
        "effects" => {
            let effect = |(n, text): (usize, &String)| {
                let source = json!({"effect": {"text": text, "length_ms": 500}});
                json!({"id": format!("s{n}"), "source": source, "at": {"cue": "c"}})
            };
            add("sfx", all.map(effect).collect());
        }
        _ => {}
    }
    manifest
}

fn scenes(table: &str, prompts: &[String]) -> Value {
    if table != "dialogues" {
        return json!([{"id": "one", "cues": cues(table, prompts)}]);
    }
    let plate = json!({"plate": {"colour": "#204060"}});
    let one = |(n, text): (usize, &String)| {
        let (asks, answers) = text.split_once("? ").unwrap_or((text, text));
        let shot = json!({"id": format!("s{n}"), "picture": plate});
        let cues = json!([
            {"id": format!("asks{n}"), "speaker": "a", "text": format!("{asks}?"), "shots": [shot]},
            {"id": format!("answers{n}"), "speaker": "b", "text": answers},
        ]);
        json!({"id": format!("d{n}"), "dialogue": true, "cues": cues})
    };
    prompts.iter().enumerate().map(one).collect()
}

fn cues(table: &str, prompts: &[String]) -> Value {
    let plate = json!({"plate": {"colour": "#204060"}});
    let shots = |n: usize, picture: Value| json!([{"id": format!("s{n}"), "picture": picture}]);
    let one = |(n, text): (usize, &String)| {
        let id = format!("c{n}");
        let mut prompt = json!({"text": picture(n), "seed": 3});
        let recording = json!({"file": format!("media/{n}.wav")});
        match table {
            "images" | "text" => {
                json!({"id": id, "hold_ms": 400, "shots": shots(n, json!({"prompt": prompt}))})
            }
            "clips" => {
                prompt["clip"] = json!({"text": text, "seed": 3, "then": "hold"});
                json!({"id": id, "hold_ms": 400, "shots": shots(n, json!({"prompt": prompt}))})
            }
            "voices" => {
                json!({"id": id, "speaker": "a", "text": text, "shots": shots(n, plate.clone())})
            }
            _ => {
                let who = if table == "changers" {
                    format!("a{n}")
                } else {
                    "a".to_owned()
                };
                json!({"id": id, "speaker": who, "text": "So it is.", "recording": recording,
                    "shots": shots(n, plate.clone())})
            }
        }
    };
    if ["composers", "effects"].contains(&table) {
        return json!([{"id": "c", "hold_ms": 400, "shots": shots(0, plate)}]);
    }
    prompts.iter().enumerate().map(one).collect()
}

/// What is seen in the picture that a clip begins with.
pub(crate) fn picture(n: usize) -> String {
    format!("picture {}", n + 1)
}

/// The files that a manifest names, and what a fake hears in them.
pub(crate) fn record(table: &str, production: &Production, fake: &Fake, prompts: &[String]) {
    if before(table).is_none() {
        return;
    }
    for (n, prompt) in prompts.iter().enumerate() {
        let ms = recorded_ms(n);
        production.write("media/.keep", "");
        production.tone(&format!("media/{n}.wav"), 330, ms);
        fake.hears(u64::from(ms), vec![(prompt.clone(), 100, 400)]);
    }
}

/// Begun seconds are counted whole: the first is of one, the second of two.
fn recorded_ms(n: usize) -> u32 {
    n as u32 * 1000 + 900
}

/// The show.
pub(crate) fn show(table: &str, fake: &Fake, budget: &str) -> String {
    let named = match table {
        "images" | "text" => "image = \"own\"",
        "clips" => "image = \"own\"\nclip = \"own\"",
        "recognisers" => "recogniser = \"own\"",
        "composers" => "composer = \"own\"",
        "effects" => "effect = \"own\"",
        _ => "",
    };
    let engines = match table {
        "text" => drawn(fake),
        "clips" => format!("{}\n{}", engine("images", fake), engine(table, fake)),
        _ => engine(table, fake),
    };
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
{named}

{engines}

[budget]
{budget}
"#
    )
}

/// The table of an illustrator `own`, and of a text model that draws, by a fake.
pub(crate) fn drawn(fake: &Fake) -> String {
    let (vendor, url) = (fake.vendor(), fake.url());
    let model = fake.model("text").unwrap_or_default();
    let price = if is_free(fake) {
        ""
    } else {
        "price = 15\nprice_read = 3\n"
    };
    format!(
        "[engines.images.own]\nvendor = \"illustrator\"\nmodel = \"pen\"\nquality = \"low\"\n\n\
         [engines.text.pen]\nvendor = \"{vendor}\"\nmodel = \"{model}\"\nurl = \"{url}\"\n\
         key_env = \"{KEY_ENV}\"\nper_minute = 60000\n{price}"
    )
}

/// Whether a vendor is one's own server.
pub(crate) fn is_free(fake: &Fake) -> bool {
    fake.charges() == 0
}

/// What the vendor of a job charges for it, in millionths: by its published price, else by that of [`engine`].
pub(crate) fn worth(table: &str, job: &Value, (n, prompt): (usize, &str)) -> i64 {
    let vendor = job["vendor"].as_str().unwrap_or_default();
    let each = charges(vendor);
    if each == 0 {
        return 0;
    }
    let seconds = i64::from(recorded_ms(n).div_ceil(1000));
    match (table, job["kind"].as_str()) {
        ("clips", Some("animate")) if vendor == "runpod" => 5 * 40_000,
        ("clips", Some("animate")) => 5 * 50_000,
        // 1000 tokens are read and 2000 written.
        ("text", _) => 3000 + 30_000,
        ("voices", _) => 300 * prompt.chars().count() as i64,
        // What stands between two lines is none of them.
        ("dialogues", _) => 300 * (prompt.chars().count() as i64 - 1),
        ("recognisers", _) => 100 * seconds,
        ("changers", _) => 2000 * seconds,
        ("composers", _) => 15_000,
        _ => each,
    }
}
