//! What engines are there, which are up, and what would make what.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use workprint_fakes::{Fake, KEY};
use workprint_tests::{KEY_ENV, Production, program};

const SHOW: &str = r#"format = "workprint.show/1"
title = "Many"

[[cast]]
id = "ann"
voice = { name = "espeak:en-gb" }

[engines]
image = "drawn"
clip = "fal"

[engines.text.near]
vendor = "ollama"
model = "MODEL"
url = "URL"

[engines.text.other]
vendor = "ollama"
model = "none-such"
url = "URL"

[engines.text.slow]
vendor = "ollama"
model = "m"
url = "SLOW"

[engines.text.slower]
vendor = "ollama"
model = "n"
url = "SLOW"

[engines.text.gone]
vendor = "ollama"
model = "m"
url = "http://127.0.0.1:9"

[engines.images.drawn]
vendor = "illustrator"
model = "near"

[engines.images.shell]
vendor = "command"
model = "m"
command = ["sh", "-c", "exit 1", "{out}"]

[engines.images.lost]
vendor = "command"
model = "m"
command = ["no-such-program", "{out}"]

[engines.images.tool]
vendor = "mcp"
model = "m"
command = ["SERVER", "modern", "--log={show}/heard"]
tool = "draw"

[engines.images.drow]
vendor = "mcp"
model = "m"
command = ["SERVER", "strict"]
tool = "drow"

[engines.clips.fal]
vendor = "fal"
model = "fal-ai/kling-video"
price = 0.1
key_env = "KEY_ENV"

[engines.clips.keyless]
vendor = "fal"
model = "fal-ai/kling-video"
price = 0.1
key_env = "WORKPRINT_NO_KEY"

[engines.clips.friend]
vendor = "hand-off"
model = "by-hand"
"#;

/// A show with engines of every kind, and an episode with prompts and a line.
fn production(ollama: &Fake, slow: &Fake) -> Production {
    let server = program("fake-mcp").display().to_string();
    let model = ollama.model("text").unwrap().to_owned();
    let (up, slow) = (ollama.url(), slow.url());
    let told = [
        ("MODEL", model),
        ("URL", up),
        ("SLOW", slow),
        ("SERVER", server),
        ("KEY_ENV", KEY_ENV.to_owned()),
    ];
    let show = told
        .iter()
        .fold(SHOW.to_owned(), |show, (name, is)| show.replace(name, is));
    let prompt = |id: &str, prompt: Value| json!({"id": id, "picture": {"prompt": prompt}});
    let shots = json!([
        prompt("s1", json!({"text": "a lamp"})),
        prompt(
            "s2",
            json!({"text": "a door", "engine": "tool", "clip": {"text": "it opens"}})
        ),
        prompt("s3", json!({"text": "a tree"})),
    ]);
    let manifest = json!({
        "format": "workprint.manifest/1", "title": "Many", "language": "en",
        "scenes": [{"id": "one", "cues": [
            {"id": "c1", "speaker": "ann", "text": "Hello.", "shots": [shots[0]]},
            {"id": "c2", "hold_ms": 500, "shots": [shots[1]]},
            {"id": "c3", "speaker": "ann", "text": "Bye.", "shots": [shots[2]]},
        ]}],
    });
    Production::bare(&show, &manifest)
}

/// The table, the name, how it stands and what is told of it.
const STATES: [(&str, &str, &str, &str); 14] = [
    ("text", "near", "up", "in memory"),
    ("text", "other", "down", "no model `none-such`, but"),
    ("text", "slow", "down", "no answer within 5 s"),
    ("text", "slower", "down", "no answer within 5 s"),
    ("text", "gone", "down", "does not answer"),
    ("images", "drawn", "up", "`text/near` draws"),
    ("images", "shell", "up", "sh` is there"),
    (
        "images",
        "lost",
        "down",
        "`no-such-program` is not on this machine",
    ),
    ("images", "tool", "up", "has the tool `draw`"),
    ("images", "drow", "down", "no tool `drow`, but `save`"),
    ("clips", "fal", "unasked", "has a key"),
    ("clips", "keyless", "down", "has no key"),
    ("clips", "friend", "unasked", "`hand-off`"),
    ("programs", "ffmpeg", "up", "ffmpeg"),
];

#[test]
fn engines_are_asked_at_once_for_what_costs_nothing() {
    let (ollama, slow) = (Fake::of("ollama"), Fake::of("ollama"));
    slow.take(Duration::from_mins(5));
    let production = production(&ollama, &slow);
    let begun = Instant::now();
    let asked = |args: &[&str]| {
        production
            .start_with(args, &[(KEY_ENV, KEY)])
            .finish()
            .good()
    };
    let said = asked(&["engines", "pilot", "--json"]);
    // Two that give no answer are waited for side by side; all else takes as long as a busy machine needs.
    assert!(begun.elapsed() < Duration::from_mins(2));
    let told = said.json();
    let state = |table: &str, name: &str| {
        let all = told["engines"].as_array().unwrap().iter();
        let mut found = all.filter(|one| one["table"] == table && one["name"] == name);
        found
            .next()
            .unwrap_or_else(|| panic!("no {table}/{name} in {told}"))
            .clone()
    };
    for (table, name, status, wanted) in STATES {
        let one = state(table, name);
        let found = one["found"].as_str().unwrap();
        assert!(one["status"] == status && found.contains(wanted), "{one}");
        assert_eq!(one["hint"].is_string(), status == "down", "{one}");
    }
    assert_eq!(state("images", "drawn")["is_default"], true);
    assert_eq!(state("images", "tool")["is_default"], false);
    used_as_they_should(&told);
    // Nothing was ordered, and no tool was called.
    assert!(ollama.paid().is_empty() && !production.read("heard").contains("tools/call"));

    let shown = asked(&["engines", "pilot"]);
    for wanted in ["✓", "✗", "images/tool", "what makes what", "s1, s3"] {
        assert!(shown.out.contains(wanted), "{wanted} in {}", shown.out);
    }
    assert!(!shown.out.contains(KEY) && !said.out.contains(KEY));
}

fn used_as_they_should(told: &Value) {
    let uses = told["uses"].as_array().unwrap();
    let used = |step: &str, engine: Value, of: &[&str], why: &str| {
        let fits =
            |one: &&Value| one["step"] == step && one["engine"] == engine && one["of"] == json!(of);
        let why_of = |one: &Value| one["why"].as_str().is_some_and(|told| told.contains(why));
        assert!(
            uses.iter().find(fits).is_some_and(why_of),
            "{step} in {told}"
        );
    };
    used(
        "speak",
        json!("espeak"),
        &["ann"],
        "the cast gives the voice `espeak:en-gb`",
    );
    used(
        "image",
        json!("images/drawn"),
        &["s1", "s3"],
        "`engines.image` names it; `text/near` draws",
    );
    used("image", json!("images/tool"), &["s2"], "the shot names it");
    used(
        "clip",
        json!("clips/fal"),
        &["s2"],
        "`engines.clip` names it",
    );
}
