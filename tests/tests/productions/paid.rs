//! Pictures that cost money, bought from fakes.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use workprint_fakes::{At, Fake, Fault, KEY, graph, png};
use workprint_providers::order::Capability;
use workprint_tests::{How, KEY_ENV, Paid, Production, Purchase, Rendered, engine, goods};

#[test]
fn an_order_killed_at_any_boundary_of_a_queue_is_paid_once() {
    disturb_everywhere(Purchase::of(("fal", "images")));
}

#[test]
fn an_order_killed_at_any_boundary_of_an_endpoint_is_paid_once() {
    disturb_everywhere(Purchase::of(("runpod", "clips")));
}

#[test]
fn takes_killed_at_any_boundary_of_a_vendor_that_lists_are_paid_once_each() {
    disturb_everywhere(Purchase {
        takes: 2,
        ..Purchase::of(("replicate", "images"))
    });
}

#[test]
fn a_conversation_killed_at_any_boundary_is_paid_once() {
    disturb_everywhere(Purchase::of(("elevenlabs", "dialogues")));
}

#[test]
fn an_order_killed_at_any_boundary_of_ones_own_server_is_made_once() {
    disturb_everywhere(Purchase::of(("comfyui", "images")));
}

#[test]
fn what_a_recogniser_hears_is_paid_once_wherever_the_run_is_killed() {
    disturb_everywhere(Purchase::of(("assemblyai", "recognisers")));
}

/// `script/crash-paid` runs over everything that any vendor makes.
#[test]
fn everything_that_vendors_make_is_disturbed() {
    let known: BTreeSet<(&str, &str)> = goods().collect();
    let rows = workprint_providers::vendors::ROWS.iter();
    let table = |makes: Capability| match makes {
        Capability::Dialogue => "dialogues",
        other => other.table(),
    };
    let made = rows.flat_map(|row| {
        row.makes
            .iter()
            .map(move |(makes, _)| (row.id, table(*makes)))
    });
    assert_eq!(known, made.collect());
}

/// Pictures by one vendor, and clips of them by another.
#[test]
fn pictures_become_clips_and_both_are_bought_once() {
    for (images, clips, cost) in [("fal", "replicate", 253_000), ("comfyui", "comfyui", 0)] {
        let (images, clips) = (Fake::of(images), Fake::of(clips));
        let shot = |n: u32, then: &str| {
            let clip = json!({"text": format!("it turns {n}"), "seed": n, "then": then});
            let picture =
                json!({"prompt": {"text": format!("picture {n}"), "seed": 3, "clip": clip}});
            json!({"id": format!("s{n}"), "picture": picture})
        };
        let cue = json!({"id": "c1", "hold_ms": 1600, "shots": [shot(1, "hold")]});
        let manifest = json!({
            "format": "workprint.manifest/1", "title": "Paid", "language": "en",
            "scenes": [{"id": "one", "cues": [cue]}],
        });
        let show = format!(
            "format = \"workprint.show/1\"\ntitle = \"Paid\"\n\n[outputs.main]\nwidth = 320\nheight = 180\n\
             rate = \"25\"\ncrf = 30\npreset = \"ultrafast\"\n\n[engines]\nimage = \"own\"\nclip = \"own\"\n\n\
             {}\n{}\n[budget]\nepisode = 1\n",
            engine("images", &images),
            engine("clips", &clips),
        );
        let production = Production::bare(&show, &manifest);
        for (name, clip) in [("picture", false), ("clip", true)] {
            let graph = json!(graph(clip)).to_string();
            production.write(&format!("media/graphs/{name}.json"), &graph);
        }
        let run = |args: &[&str]| production.start_with(args, &[(KEY_ENV, KEY)]).finish();
        let args = ["render", "pilot", "--json"];
        let made = Rendered::of(&run(&args)).complete();
        assert_eq!(made.summary()["cost_micros"], cost);
        assert_eq!(
            (images.paid(), clips.paid()),
            (vec!["picture 1".to_owned()], vec!["it turns 1".to_owned()])
        );
        // It moves for as long as the clip does, and then stands still.
        let frame = |n: &str| {
            let path = production.root().join(format!("{n}.png"));
            run(&["frame", "pilot", n, "--to", &path.display().to_string()]).good();
            std::fs::read(path).unwrap()
        };
        let [first, later, end, last] = ["2", "20", "30", "38"].map(frame);
        assert!(first != later, "it does not move");
        assert!(end == last, "it does not stand still");
        // Another motion is another clip of the same picture.
        let edited = manifest.to_string().replace("it turns", "it falls");
        production.write("episodes/pilot/manifest.json", &edited);
        Rendered::of(&run(&args)).complete();
        assert_eq!((images.paid().len(), clips.paid().len()), (1, 2));
    }
}

/// One speaker is paid for and tells when its words are heard, the other is espeak.
#[test]
fn lines_are_bought_once_and_kept_as_they_came() {
    let fake = Fake::of("elevenlabs");
    let cue = |id: &str, who: &str, text: &str| {
        let shot = json!({"id": id, "picture": {"plate": {"colour": "#204060"}}});
        json!({"id": id, "speaker": who, "text": text, "shots": [shot]})
    };
    let manifest = json!({
        "format": "workprint.manifest/1", "title": "Paid", "language": "en",
        "cast": [
            {"id": "ann", "voice": {"name": "own:21m00Tcm4TlvDq8ikWAM"}},
            {"id": "bob", "voice": {"name": "espeak:en-gb"}},
        ],
        "scenes": [{"id": "one", "cues": [
            cue("c1", "ann", "The red door opens."),
            cue("c2", "bob", "It does."),
            cue("c3", "ann", "Wait. [pause 500ms] Listen."),
        ]}],
    });
    let show = format!(
        "format = \"workprint.show/1\"\ntitle = \"Paid\"\n\n[outputs.main]\nwidth = 160\nheight = 90\n\
         rate = \"25\"\ncrf = 30\npreset = \"ultrafast\"\n\n{}\n[budget]\nepisode = 1\n",
        engine("voices", &fake),
    );
    let production = Production::bare(&show, &manifest);
    let run = |args: &[&str]| production.start_with(args, &[(KEY_ENV, KEY)]).finish();
    // 19, 5 and 7 characters at 0.3 dollars a thousand.
    let planned = run(&["plan", "pilot", "--json"]).good().json();
    assert_eq!(planned["totals"]["cost_micros"], 9300);
    // Killed between the books and the step, it goes on with what was fetched, the words' times included.
    let args = ["readout", "pilot", "--json"];
    let kill = [(KEY_ENV, KEY), ("WORKPRINT_TEST_KILL", "settled:3")];
    assert_eq!(production.start_with(&args, &kill).finish().code, -1);
    let read = Rendered::of(&run(&args)).complete();
    let costs = run(&["costs", "--json"]).good().json();
    assert_eq!(costs["total"]["spent_micros"], 9300, "{costs}");
    let mut paid = fake.paid();
    paid.sort();
    assert_eq!(paid, ["Listen.", "The red door opens.", "Wait."]);
    assert_eq!(read.performed("speaker").len(), 0, "words are the vendor's");
    let list = production.read("episodes/pilot/readout/pilot.json");
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let length = |at: usize| {
        let line = &list["lines"][at];
        line["to_ms"].as_u64().unwrap() - line["from_ms"].as_u64().unwrap()
    };
    // Each character lasts 60 ms; what is silent at the ends is cut off, and a pause is as it is written.
    let spoken = |letters: u64, pause: u64| letters * 60 + pause;
    assert!(length(0).abs_diff(spoken(18, 0)) <= 20, "{list}");
    assert!(length(2).abs_diff(spoken(4 + 6, 500)) <= 20, "{list}");

    let args = ["render", "pilot", "--json"];
    Rendered::of(&run(&args)).complete();
    assert_eq!(Rendered::of(&run(&args)).complete().count("performed"), 0);
    // A pause is none of what was bought, and an animatic buys nothing.
    let edited = manifest.to_string().replace("500ms", "800ms");
    production.write("episodes/pilot/manifest.json", &edited);
    let again = Rendered::of(&run(&args)).complete();
    assert_eq!(again.performed("voice"), ["voice/c3".to_owned()].into());
    let edited = edited.replace("red", "blue");
    production.write("episodes/pilot/manifest.json", &edited);
    let draft = Rendered::of(&run(&["animatic", "pilot", "--json"])).complete();
    assert!(draft.performed("voice").contains("voice/c1~espeak"));
    assert_eq!(fake.requests().len(), 3);
    let credits = run(&["credits", "pilot", "--json"]).good().out;
    assert!(credits.contains("elevenlabs eleven_multilingual_v2, voice 21m00Tcm4TlvDq8ikWAM"));
    assert!(credits.contains("9300"), "{credits}");
}

#[test]
fn an_order_killed_before_its_answer_waits_for_a_person() {
    disturb_everywhere(Purchase::of(("openai", "images")));
}

#[test]
fn an_effect_killed_at_any_boundary_is_paid_once() {
    disturb_everywhere(Purchase::of(("elevenlabs", "effects")));
}

/// Kills two orders that run side by side at each boundary, and puts one to sleep there.
fn disturb_everywhere(purchase: Purchase) {
    let (several, one) = (purchase.undisturbed(2), purchase.undisturbed(1));
    let killed = several.passed.iter();
    let killed = killed.map(|&(name, times)| (How::Killed(name, times), 2, &several));
    let asleep = one.passed.iter();
    let asleep = asleep.map(|&(name, times)| (How::Asleep(name, times), 1, &one));
    let asleep = asleep.filter(|_| purchase.takes == 1);
    let others = [How::KilledTwice("sent", "looked"), How::Unanswered];
    let others = others.into_iter().map(|how| (how, 2, &several));
    for (how, prompts, like) in killed.chain(asleep).chain(others) {
        let outcome = purchase.disturb(how, prompts, like);
        assert_eq!(outcome.faults, Vec::<String>::new(), "{how:?}");
    }
}

#[test]
fn a_film_is_made_of_bought_pictures_and_bought_once() {
    let paid = Paid::new("fal", 2, "show = 0.01\nday = 0.01");
    let planned = paid.run(&["plan", "pilot", "--json"]).good().json();
    assert_eq!(planned["totals"]["cost_micros"], 6000);
    let args = ["render", "pilot", "--json"];
    let made = Rendered::of(&paid.run(&args)).complete();
    assert_eq!(made.summary()["cost_micros"], 6000);
    paid.check_books();
    let frame = paid.production.root().join("frame.png");
    let path = frame.display().to_string();
    paid.run(&["frame", "pilot", "5", "--to", &path]).good();
    let asked = png(&serde_json::json!({"prompt": "picture 1", "seed": 3}));
    assert!(red(&std::fs::read(&frame).unwrap()).abs_diff(red(&asked)) <= 6);
    // Another look at the show buys nothing; nor does making all else again.
    let asked = paid.fake.requests().len();
    let again = Rendered::of(&paid.run(&args)).complete();
    assert_eq!(again.count("performed"), 0);
    Rendered::of(&paid.run(&["render", "pilot", "--json", "--from", "voice"])).complete();
    assert_eq!(paid.fake.requests().len(), asked);
    assert!(paid.production.lock().contains("\"generate/s0\""));
    // Asked for by name it is bought again, within the budget: 0.004 dollars are left.
    let more = paid.buy(&[]);
    assert_eq!(more.code, 0);
    let args = ["render", "pilot", "--json", "--from", "generate"];
    let again = Rendered::of(&paid.run(&args));
    assert_eq!((again.code, again.status()), (4, "waiting"));
    assert_eq!(paid.fake.paid().len(), 3);
    let told = again.diagnostics("budget.no-room");
    assert_eq!(told.len(), 1, "{told:?}");
    let hint = told[0]["hints"][0].as_str().unwrap_or_default();
    assert!(hint.contains("= 0.012`"), "{hint}");
}

fn red(file: &[u8]) -> u8 {
    let picture = image::load_from_memory(file).unwrap().to_rgb8();
    picture
        .get_pixel(picture.width() / 2, picture.height() / 2)
        .0[0]
}

#[test]
fn nothing_is_paid_without_a_budget_and_the_limit_is_exact() {
    let paid = Paid::new("replicate", 3, "");
    let refused = paid.buy(&[]);
    assert_eq!((refused.code, refused.count("waiting")), (4, 3));
    assert_eq!(refused.diagnostics("budget.none").len(), 3);
    // A person is told of the first three, and how many there are.
    let five = Paid::new("fal", 5, "");
    let said = five.run(&["render", "pilot", "--only", "generate"]);
    assert_eq!(said.err.matches("[budget.none]").count(), 3, "{}", said.err);
    assert!(
        said.err.contains("and 2 more of `budget.none`"),
        "{}",
        said.err
    );
    assert_eq!(paid.fake.requests(), Vec::<String>::new());
    // One millionth short of three.
    paid.allow("run = 9\nepisode = 0.008999");
    let refused = paid.buy(&[]);
    assert_eq!((refused.code, refused.count("performed")), (4, 2));
    assert_eq!(paid.fake.paid().len(), 2);
    paid.allow("run = 0.003\nepisode = 0.009");
    paid.buy(&[]).complete();
    assert_eq!(paid.fake.paid().len(), 3);
    paid.check_books();
}

#[test]
fn faults_are_sat_out_and_what_is_not_known_is_not_sent_again() {
    let paid = Paid::new("fal", 1, "episode = 1");
    paid.fake.trouble(
        At::Submit,
        &[Fault::Status(429, Some(0)), Fault::Status(503, Some(0))],
    );
    paid.fake
        .trouble(At::Poll, &[Fault::Status(500, None), Fault::Truncated]);
    paid.fake.trouble(At::File, &[Fault::Truncated]);
    paid.buy(&[]).complete();
    assert_eq!(paid.fake.paid().len(), 1);
    paid.check_books();

    let paid = Paid::new("fal", 1, "episode = 1");
    paid.fake.trouble(At::Submit, &[Fault::StatusAfter(504)]);
    let parked = paid.buy(&[]);
    assert_eq!(
        (parked.code, parked.diagnostics("outside.unknown").len()),
        (4, 1)
    );
    let again = paid.buy(&[]);
    assert_eq!((again.code, paid.fake.paid().len()), (4, 1));
    let name = paid.fake.jobs_of("picture 1").remove(0);
    let said = paid.run(&["jobs", "explain", "1"]).good();
    assert!(said.out.contains("nobody knows"), "{}", said.out);
    assert_eq!(paid.run(&["jobs", "resolve", "1"]).code, 2);
    paid.run(&["jobs", "resolve", "1", "--adopt", &name]).good();
    paid.buy(&[]).complete();
    assert_eq!(paid.fake.paid().len(), 1);
    assert_eq!(paid.run(&["jobs", "resolve", "1", "--unpaid"]).code, 2);
    paid.check_books();
}

#[test]
fn a_sleeper_that_lost_its_lock_changes_nothing() {
    let paid = Paid::new("fal", 1, "episode = 1");
    paid.fake.slow(5);
    let args = ["render", "pilot", "--json", "--only", "generate"];
    let key = [(KEY_ENV, KEY)];
    let mut sleeper = paid.production.start_with(&args, &key);
    assert!(sleeper.wait_for("step.started"));
    while !paid
        .fake
        .requests()
        .iter()
        .any(|request| request.ends_with("/status"))
    {
        std::thread::yield_now();
    }
    sleeper.pause(true);
    std::fs::remove_file(paid.production.vault().join("lock")).unwrap();
    paid.buy(&[]).complete();
    let (jobs, lock) = (paid.jobs(true), paid.production.lock());
    sleeper.pause(false);
    let late = sleeper.finish();
    assert_eq!(late.code, 1, "{}\n{}", late.out, late.err);
    let told = format!("{}{}", late.out, late.err);
    assert!(told.contains("another process has taken over"), "{told}");
    assert_eq!((paid.jobs(true), paid.production.lock()), (jobs, lock));
    assert_eq!(paid.fake.paid().len(), 1);
    paid.check_books();
}

#[test]
fn an_answer_that_comes_while_a_run_is_stopped_is_kept() {
    let paid = Paid::new("openai", 1, "episode = 1");
    paid.fake.take(Duration::from_secs(1));
    let args = ["render", "pilot", "--json", "--only", "generate"];
    let stopped = paid.production.start_with(&args, &[(KEY_ENV, KEY)]);
    while paid.fake.came().is_empty() {
        std::thread::yield_now();
    }
    stopped.interrupt();
    assert_ne!(stopped.finish().code, 0);
    paid.fake.take(Duration::ZERO);
    paid.buy(&[]).complete();
    assert_eq!(paid.fake.paid().len(), 1);
    paid.check_books();
}

#[test]
fn a_key_is_nowhere_in_what_is_written_or_said() {
    let paid = Paid::new("openai", 1, "episode = 1");
    let wrong = "sk-wrong-key-0123456789";
    let refused = paid.buy(&[(KEY_ENV, wrong)]);
    assert_eq!(refused.code, 1);
    let refused = format!("{:?}{}", refused.events, refused.err);
    assert!(refused.contains("401"), "{refused}");
    let made = paid.run(&["render", "pilot", "--json"]).good();
    let more = [
        "jobs list --all",
        "jobs explain 2",
        "costs",
        "log 1",
        "plan pilot",
    ];
    let more = more.map(|args| paid.run(&args.split(' ').collect::<Vec<_>>()));
    let mut said = String::new();
    for one in more.iter().chain([&made]) {
        said.extend([one.out.as_str(), &one.err]);
    }
    for key in [wrong, KEY] {
        assert!(!said.contains(key) && !refused.contains(key), "it is said");
        search(paid.production.root(), key.as_bytes());
    }
}

/// No file below a folder holds these bytes.
fn search(folder: &Path, key: &[u8]) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path, key);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(key.len()).any(|part| part == key);
            assert!(!found, "{} holds the key", path.display());
        }
    }
}
