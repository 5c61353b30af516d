//! Engines that are asked in the place of others.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use workprint_fakes::{At, Fake, Fault, KEY};
use workprint_tests::{KEY_ENV, Paid, Production, Rendered, engine};

const RENDER: [&str; 3] = ["render", "pilot", "--json"];

/// A production whose engine has another one behind it, which costs as much.
fn backed(prompts: usize, second: &Fake) -> Paid {
    let paid = Paid::new("fal", prompts, "episode = 1");
    behind(&paid, "fal", second);
    paid
}

/// The engine of a production gets another one behind it.
fn behind(paid: &Paid, first: &str, second: &Fake) {
    let show = paid.production.read("show.toml");
    let spare = engine("images", second).replace(".own]", ".spare]");
    let show = show
        .replace(
            &format!("vendor = \"{first}\""),
            &format!("vendor = \"{first}\"\nfallback = [\"spare\"]"),
        )
        .replace("[budget]", &format!("{spare}\n[budget]"));
    paid.production.write("show.toml", &show);
}

fn states(paid: &Paid) -> Vec<(String, String)> {
    let text = |job: &Value, name: &str| job[name].as_str().unwrap_or_default().to_owned();
    let jobs = paid.jobs(true);
    jobs.iter()
        .map(|job| (text(job, "vendor"), text(job, "state")))
        .collect()
}

#[test]
fn an_engine_that_certainly_took_no_order_is_stood_in_for_and_what_is_made_stays() {
    let second = Fake::of("replicate");
    let paid = backed(1, &second);
    paid.fake.trouble(At::Submit, &[Fault::Status(402, None)]);
    let plan = paid.run(&["plan", "pilot"]).good().out;
    assert!(plan.contains("where that takes no order"), "{plan}");
    let made = Rendered::of(&paid.run(&RENDER)).complete();
    assert_eq!((paid.fake.paid().len(), second.paid().len()), (0, 1));
    assert_eq!(made.summary()["cost_micros"], 3000);
    let event = made.named("step.fallback").next().unwrap();
    assert!(
        event["engine"].as_str().unwrap().starts_with("fal "),
        "{event}"
    );
    assert!(
        event["other"].as_str().unwrap().starts_with("replicate "),
        "{event}"
    );
    assert_eq!(made.diagnostics("engine.fallback").len(), 1);
    let pair = |vendor: &str, state: &str| (vendor.to_owned(), state.to_owned());
    assert_eq!(
        states(&paid),
        [pair("fal", "failed"), pair("replicate", "done")]
    );
    paid.check_books();
    // The recipe says who made it, in whose place, and why.
    let lock: Value = serde_json::from_str(&paid.production.lock()).unwrap();
    let take = &lock["slots"]["generate/s0"];
    assert!(
        take["engine"].as_str().unwrap().starts_with("replicate "),
        "{take}"
    );
    assert!(
        take["instead"]["of"].as_str().unwrap().starts_with("fal "),
        "{take}"
    );
    assert!(
        take["instead"]["because"].as_str().unwrap().contains("402"),
        "{take}"
    );
    let told = paid.run(&["explain", "generate/s0"]).good().out;
    assert!(told.contains("instead   of fal "), "{told}");
    // The first is well again: nothing is made anew, and the lock stays as it is.
    let asked = paid.fake.requests().len();
    let before = paid.production.lock();
    let again = Rendered::of(&paid.run(&RENDER)).complete();
    assert_eq!(again.count("performed"), 0);
    assert_eq!(
        (paid.fake.requests().len(), paid.production.lock()),
        (asked, before)
    );
    // Asked for, it is made by the first.
    paid.run(&["takes", "renew", "pilot", "generate/s0"]).good();
    Rendered::of(&paid.run(&RENDER)).complete();
    assert_eq!((paid.fake.paid().len(), second.paid().len()), (1, 1));
    assert!(!paid.production.lock().contains("instead"));
    paid.check_books();
}

#[test]
fn nobody_stands_in_while_an_outcome_is_not_known_or_the_order_is_at_fault() {
    for (fault, code) in [
        (Fault::StatusAfter(504), 4),
        (Fault::Truncated, 4),
        (Fault::Status(400, None), 1),
        (Fault::Status(422, None), 1),
    ] {
        let second = Fake::of("replicate");
        let paid = backed(1, &second);
        paid.fake.trouble(At::Submit, std::slice::from_ref(&fault));
        let said = paid.buy(&[]);
        assert_eq!(said.code, code, "{fault:?}: {}", said.err);
        assert_eq!(said.named("step.fallback").count(), 0, "{fault:?}");
        assert!(second.requests().is_empty(), "{fault:?}");
    }
}

#[test]
fn an_engine_that_is_down_is_stood_in_for_and_its_budget_is_the_others() {
    let second = Fake::of("replicate");
    let paid = backed(2, &second);
    let show = paid.production.read("show.toml");
    let down = show.replace(&paid.fake.url(), "http://127.0.0.1:9");
    // Room for one.
    let tight = down.replace("episode = 1", "episode = 0.003");
    paid.production.write("show.toml", &tight);
    let waits = paid.buy(&[]);
    assert_eq!(
        (waits.code, waits.count("performed")),
        (4, 1),
        "{}",
        waits.err
    );
    assert_eq!(second.paid().len(), 1);
    paid.production.write("show.toml", &down);
    paid.buy(&[]).complete();
    assert_eq!((paid.fake.requests().len(), second.paid().len()), (0, 2));
    paid.check_books();
    let told = paid.run(&["engines"]).good().out;
    assert!(told.contains("else spare"), "{told}");
    // Names that lead nowhere are told.
    for (with, why) in [
        ("fallback = [\"spar\"]", "is not described"),
        ("fallback = [\"own\"]", "is the same model"),
        ("fallback = [\"spare\", \"spare\"]", "is the same model"),
    ] {
        let wrong = show.replace("fallback = [\"spare\"]", with);
        paid.production.write("show.toml", &wrong);
        let said = paid.run(&["check", "pilot"]);
        let told = format!("{}{}", said.out, said.err);
        assert!(said.code != 0 && told.contains(why), "{told}");
    }
}

/// Whatever the first run was killed at, what it ordered of the second engine is gone on with, though the first is well
/// again: one of them is paid, once.
#[test]
fn what_was_ordered_of_another_engine_is_paid_once_wherever_the_run_is_killed() {
    // The first of each boundary is that of the order which is refused.
    for (kill, by_second) in [
        ("before-intent:2", false),
        ("intent:2", true),
        ("sent:2", true),
        ("submitted:1", true),
        ("polled:1", true),
        ("kept:1", true),
        ("settled:1", true),
        ("recorded:1", true),
    ] {
        let second = Fake::of("replicate");
        let paid = backed(1, &second);
        paid.fake.trouble(At::Submit, &[Fault::Status(402, None)]);
        let killed = paid.buy(&[("WORKPRINT_TEST_KILL", kill)]);
        assert_eq!(killed.code, -1, "{kill}: {}", killed.err);
        let later = [("WORKPRINT_TEST_LATER", "60000")];
        let made = paid.buy(&later).complete();
        let paid_for = (paid.fake.paid().len(), second.paid().len());
        let wanted = if by_second { (0, 1) } else { (1, 0) };
        assert_eq!(paid_for, wanted, "{kill}: {}", made.err);
        assert_eq!(
            paid.production.lock().contains("instead"),
            by_second,
            "{kill}"
        );
        assert_eq!(paid.buy(&[]).complete().count("performed"), 0, "{kill}");
        paid.check_books();
    }
}

/// An order that the second took, and did not say so, is not given back to the first.
#[test]
fn an_outcome_that_nobody_knows_at_the_second_engine_waits_there() {
    let second = Fake::of("fal");
    let paid = Paid::new("replicate", 1, "episode = 1");
    behind(&paid, "replicate", &second);
    paid.fake
        .trouble(At::Submit, &[Fault::Status(429, Some(60))]);
    second.trouble(At::Submit, &[Fault::StatusAfter(504)]);
    let waits = paid.buy(&[]);
    assert_eq!((waits.code, waits.status()), (4, "waiting"));
    let job = paid.jobs(false).remove(0);
    assert_eq!(
        (&job["vendor"], &job["state"]),
        (&json!("fal"), &json!("parked"))
    );
    assert!(
        job["instead"]["of"]
            .as_str()
            .unwrap()
            .starts_with("replicate "),
        "{job}"
    );
    let asked = paid.fake.requests().len();
    assert_eq!(paid.buy(&[]).code, 4);
    assert_eq!(
        paid.fake.requests().len(),
        asked,
        "the first was asked again"
    );
    let told = paid
        .run(&["jobs", "explain", &job["id"].to_string()])
        .good()
        .out;
    assert!(told.contains("of replicate "), "{told}");
    paid.run(&["jobs", "resolve", &job["id"].to_string(), "--unpaid"])
        .good();
    // Certainly not taken there either: the first one is asked first.
    paid.buy(&[]).complete();
    assert_eq!((paid.fake.paid().len(), second.paid().len()), (1, 1));
}

#[test]
fn each_of_several_takes_is_made_by_another_engine_and_stays() {
    let second = Fake::of("replicate");
    let paid = backed(1, &second);
    let show = paid.production.read("show.toml");
    let show = format!("{show}\n[takes]\npictures = 3\n");
    let down = show.replace(&paid.fake.url(), "http://127.0.0.1:9");
    paid.production.write("show.toml", &down);
    Rendered::of(&paid.run(&RENDER)).complete();
    assert_eq!(second.paid().len(), 3);
    let chosen = || -> Value {
        let lock: Value = serde_json::from_str(&paid.production.lock()).unwrap();
        lock["slots"]["generate/s0"].clone()
    };
    let take = chosen();
    assert!(
        take["engine"].as_str().unwrap().starts_with("replicate "),
        "{take}"
    );
    assert!(
        take["instead"]["of"].as_str().unwrap().starts_with("fal "),
        "{take}"
    );
    // What is chosen is one of the takes, by its own key.
    let listed = paid.run(&["takes", "list", "pilot", "generate/s0", "--json"]);
    let listed = listed.good().json();
    let takes = listed[0]["takes"].as_array().unwrap();
    let is_chosen = |take: &&Value| take["chosen"] == true;
    assert_eq!(
        (takes.len(), takes.iter().filter(is_chosen).count()),
        (3, 1),
        "{listed}"
    );
    let seeds: BTreeSet<u64> = takes
        .iter()
        .filter_map(|take| take["seed"].as_u64())
        .collect();
    assert_eq!(seeds.len(), 3, "{listed}");
    // The first is back: none of them is made again.
    paid.production.write("show.toml", &show);
    let again = Rendered::of(&paid.run(&RENDER)).complete();
    assert_eq!((again.count("performed"), chosen()), (0, take));
    assert!(paid.fake.requests().is_empty());
    // Let go of, all of them are.
    paid.run(&["takes", "renew", "pilot", "generate/s0"]).good();
    Rendered::of(&paid.run(&RENDER)).complete();
    assert_eq!((paid.fake.paid().len(), second.paid().len()), (3, 3));
    assert_eq!(chosen()["instead"], Value::Null);
    // And back, for nothing.
    paid.run(&["takes", "undo", "pilot", "generate/s0"]).good();
    let asked = paid.fake.requests().len();
    Rendered::of(&paid.run(&RENDER)).complete();
    assert_eq!(
        (paid.fake.requests().len(), second.paid().len()),
        (asked, 3)
    );
}

/// An engine of a table that nobody reaches, and one behind it.
fn pair(table: &str, (vendor, model): (&str, &str), spare: &Fake) -> String {
    let spare = engine(table, spare).replace(".own", ".spare");
    format!(
        "[engines.{table}.own]\nvendor = \"{vendor}\"\nmodel = \"{model}\"\nurl = \"http://127.0.0.1:9\"\n\
         key_env = \"{KEY_ENV}\"\nprice = 0.01\nfallback = [\"spare\"]\n\n{spare}\n"
    )
}

/// A picture and its clip, a line, a recording, one in another voice, music and an effect.
fn everything() -> Value {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/en-slt.json");
    let lines: Value = serde_json::from_slice(&std::fs::read(corpus).unwrap()).unwrap();
    let line = &lines["lines"][3];
    let from = line["from"].as_u64().unwrap() / 16;
    let to = from + line["samples"].as_u64().unwrap() / 16;
    let recording = json!({"file": "media/slt.flac", "from_ms": from, "to_ms": to});
    let plate = |id: &str| json!([{"id": id, "picture": {"plate": {"colour": "#204060"}}}]);
    let clip = json!({"text": "it turns", "seed": 2, "then": "hold"});
    let picture = json!({"prompt": {"text": "a lamp", "seed": 3, "clip": clip}});
    json!({
        "format": "workprint.manifest/1", "title": "Everything", "language": "en",
        "cast": [
            {"id": "ann", "voice": {"name": "own:21m00Tcm4TlvDq8ikWAM"}},
            {"id": "bob", "voice": {"name": "espeak:en-us"}},
            {"id": "cid", "voice": {"name": "other:21m00Tcm4TlvDq8ikWAM"}},
        ],
        "scenes": [{"id": "one", "cues": [
            {"id": "c1", "speaker": "ann", "text": "The red door opens.",
                "shots": [{"id": "s1", "picture": picture}]},
            {"id": "c2", "speaker": "cid", "text": line["text"], "recording": recording, "shots": plate("s2")},
            {"id": "c3", "speaker": "bob", "text": line["text"], "recording": recording, "shots": plate("s3")},
        ]}],
        "music": [{"id": "bed", "source": {"music": {"text": "slow piano", "length_ms": 3000}}}],
        "sfx": [{"id": "door", "source": {"effect": {"text": "a door", "length_ms": 800}}, "at": {"cue": "c1"}}],
    })
}

/// A show whose engines nobody reaches, each with one behind it.
fn show_of_pairs([pictures, sounds, words]: &[Fake; 3]) -> String {
    let tables = [
        pair("images", ("fal", "fal-ai/flux/schnell"), pictures),
        pair("clips", ("fal", "fal-ai/kling"), pictures),
        pair("voices", ("elevenlabs", "eleven_v3"), sounds),
        // Voices and changers have names of their own.
        pair("changers", ("elevenlabs", "eleven_english_sts_v2"), sounds)
            .replace(".own", ".other")
            .replace("spare", "changed"),
        pair("composers", ("elevenlabs", "music_v1"), sounds),
        pair("effects", ("elevenlabs", "eleven_text_to_sound_v1"), sounds),
        pair("recognisers", ("openai", "whisper-1"), words),
    ];
    format!(
        "format = \"workprint.show/1\"\ntitle = \"Everything\"\n\n[outputs.main]\nwidth = 160\nheight = 90\n\
         rate = \"25\"\ncrf = 30\npreset = \"ultrafast\"\n\n[engines]\nimage = \"own\"\nclip = \"own\"\n\
         composer = \"own\"\neffect = \"own\"\nrecogniser = \"own\"\n\n{}\n[budget]\nepisode = 5\n",
        tables.join("\n"),
    )
}

#[test]
fn whatever_engines_make_is_made_by_those_behind_them_and_once() {
    let fakes = ["replicate", "elevenlabs", "assemblyai"].map(Fake::of);
    let show = show_of_pairs(&fakes);
    let [pictures, sounds, words] = fakes;
    let production = Production::bare(&show, &everything());
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/en-slt.flac");
    production.write("media/.keep", "");
    std::fs::copy(corpus, production.root().join("media/slt.flac")).unwrap();
    let run = |args: &[&str]| production.start_with(args, &[(KEY_ENV, KEY)]).finish();
    let made = Rendered::of(&run(&RENDER)).complete();
    let kinds: BTreeSet<&str> = made
        .named("step.fallback")
        .filter_map(|event| event["kind"].as_str())
        .collect();
    let wanted = [
        "animate",
        "change",
        "compose",
        "generate",
        "recognise",
        "speak",
    ];
    assert_eq!(kinds, BTreeSet::from(wanted));
    let lock: Value = serde_json::from_str(&production.lock()).unwrap();
    for slot in [
        "generate/s1",
        "animate/s1",
        "speak/c1",
        "change/c2",
        "recognise/c3",
        "compose/bed",
        "compose/door",
    ] {
        let take = &lock["slots"][slot];
        assert!(take["instead"]["of"].is_string(), "{slot}: {take}");
    }
    assert_eq!((pictures.paid().len(), sounds.paid().len()), (2, 4));
    // The credits name who spoke, and not who was asked first.
    let credits = run(&["credits", "pilot", "--json"])
        .good()
        .json()
        .to_string();
    for by in [
        "eleven_multilingual_v2, voice",
        "eleven_multilingual_sts_v2, voice",
        "music_v2",
    ] {
        assert!(credits.contains(by), "{by}: {credits}");
    }
    for by in ["eleven_v3", "eleven_english_sts_v2", "music_v1"] {
        assert!(!credits.contains(by), "{by}: {credits}");
    }
    // Nobody is asked anything, for all of it stays.
    let requests = || [&pictures, &sounds, &words].map(|fake| fake.requests().len());
    let asked = requests();
    let again = Rendered::of(&run(&RENDER)).complete();
    assert_eq!((again.count("performed"), requests()), (0, asked));
}

#[test]
fn another_vendor_speaks_in_the_place_of_nobody() {
    let fakes = ["replicate", "elevenlabs", "assemblyai"].map(Fake::of);
    let show = show_of_pairs(&fakes);
    let from = show.find("[engines.voices.spare]").unwrap();
    let other = show[from..].replacen("elevenlabs", "openai", 1);
    let other = other.replacen("eleven_multilingual_v2", "tts-1", 1);
    let production = Production::bare(&format!("{}{other}", &show[..from]), &everything());
    let said = production
        .start_with(&["check", "pilot"], &[(KEY_ENV, KEY)])
        .finish();
    let told = format!("{}{}", said.out, said.err);
    assert!(told.contains("is of another vendor"), "{told}");
}
