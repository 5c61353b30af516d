//! Questions before money is spent.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use workprint_fakes::{Fake, KEY};
use workprint_tests::{KEY_ENV, Paid, Production, Rendered, Said, engine};

/// An hour, in milliseconds.
const HOUR: i64 = 3_600_000;

/// A spoken episode whose pictures are made by three vendors.
struct Mixed {
    fakes: [Fake; 3],
    production: Production,
}

impl Mixed {
    fn new(gates: &str) -> Self {
        let fakes = ["fal", "replicate", "openai"].map(Fake::of);
        let models = [
            "fal-ai/flux/schnell",
            "black-forest-labs/flux-schnell",
            "gpt-image-1-mini",
        ];
        let engines = fakes.iter().zip(models).map(|(fake, model)| {
            let (vendor, url) = (fake.vendor(), fake.url());
            format!(
                "[engines.images.{vendor}]\nvendor = \"{vendor}\"\nmodel = \"{model}\"\n\
                url = \"{url}\"\nkey_env = \"{KEY_ENV}\"\nper_minute = 60000\n"
            )
        });
        let engines: String = engines.collect();
        let show = format!(
            "format = \"workprint.show/1\"\ntitle = \"Mixed\"\n\n[outputs.main]\nwidth = 160\n\
            height = 90\nrate = \"25\"\ncrf = 30\npreset = \"ultrafast\"\n\n{engines}\n\
            [budget]\nshow = 1\n\n[gates]\n{gates}\n"
        );
        let cue = |(n, vendor): (usize, &str)| {
            let prompt = json!({"text": format!("picture {n}"), "seed": n, "engine": vendor});
            let shot = json!({"id": format!("s{n}"), "picture": {"prompt": prompt}});
            json!({"id": format!("c{n}"), "speaker": "ann", "text": format!("Line {n}."), "shots": [shot]})
        };
        let vendors = ["fal", "replicate", "openai", "fal"];
        let cues: Vec<Value> = vendors.into_iter().enumerate().map(cue).collect();
        let manifest = json!({
            "format": "workprint.manifest/1", "title": "Mixed", "language": "en-GB",
            "cast": [{"id": "ann", "voice": {"name": "espeak:en-gb"}}],
            "scenes": [{"id": "one", "cues": cues}],
        });
        Self {
            fakes,
            production: Production::bare(&show, &manifest),
        }
    }

    /// Runs `workprint` so many hours from now.
    fn run_at(&self, hours: i64, args: &[&str]) -> Said {
        let later = (hours * HOUR).to_string();
        let environment = [(KEY_ENV, KEY), ("WORKPRINT_TEST_LATER", later.as_str())];
        self.production.start_with(args, &environment).finish()
    }

    fn render_at(&self, hours: i64) -> Rendered {
        Rendered::of(&self.run_at(hours, &["render", "pilot", "--json"]))
    }

    fn gates_at(&self, hours: i64) -> Vec<Value> {
        let gates = self.run_at(hours, &["gates", "--json"]).good().json();
        gates.as_array().cloned().unwrap_or_default()
    }

    /// The prompts that were charged for, by all vendors.
    fn paid(&self) -> Vec<String> {
        let mut paid: Vec<String> = self.fakes.iter().flat_map(Fake::paid).collect();
        paid.sort();
        paid
    }
}

fn waits(run: &Rendered) {
    assert_eq!((run.code, run.status()), (4, "waiting"), "{}", run.err);
}

fn slots(gate: &Value) -> Vec<&str> {
    let about = gate["about"].as_array().into_iter().flatten();
    about.filter_map(|one| one["slot"].as_str()).collect()
}

#[test]
fn a_film_of_many_engines_waits_at_a_gate_and_goes_on_an_hour_later() {
    let mixed = Mixed::new("mode = \"director\"");
    let plan = mixed.run_at(0, &["plan", "pilot", "--json"]).good().json();
    assert_eq!(slots(&plan["gates"][0]).len(), 4, "{}", plan["gates"]);
    let first = mixed.render_at(0);
    waits(&first);
    assert_eq!(first.performed("voice").len(), 4, "the rest goes on");
    assert!(mixed.fakes.iter().all(|fake| fake.requests().is_empty()));
    let asked: Vec<&Value> = first.named("gate.asked").collect();
    assert_eq!(
        asked.len(),
        1,
        "nobody is asked about a film that is not there"
    );
    assert_eq!(slots(asked[0]).len(), 4);

    let args = "approve pilot spend generate/s0 generate/s1 --by mara --note fine";
    mixed.run_at(0, &args.split(' ').collect::<Vec<_>>()).good();
    let second = mixed.render_at(0);
    waits(&second);
    assert_eq!(mixed.paid(), ["picture 0", "picture 1"]);

    let gates = mixed.gates_at(1);
    assert_eq!(gates.len(), 1, "{gates:?}");
    assert_eq!(slots(&gates[0]), ["generate/s2", "generate/s3"]);
    assert_eq!(gates[0]["behind"]["generate"], 2);
    let asked_at = gates[0]["asked_at"].as_i64().unwrap();
    mixed.run_at(1, &["approve", "pilot", "spend"]).good();
    let third = mixed.render_at(1);
    waits(&third);
    assert_eq!(mixed.gates_at(1)[0]["name"], "master/main");
    mixed.run_at(2, &["approve", "pilot", "master/main"]).good();
    let last = mixed.render_at(2).complete();
    assert_eq!(mixed.gates_at(2), [] as [Value; 0]);
    assert!(mixed.production.film("pilot.mp4").frames() > 20);
    let wanted = ["picture 0", "picture 1", "picture 2", "picture 3"];
    assert_eq!(mixed.paid(), wanted, "paid once each");

    let runs = [first, second, third, last];
    let made: Vec<String> = runs.iter().flat_map(Rendered::keys).collect();
    let once: BTreeSet<&String> = made.iter().collect();
    assert_eq!(once.len(), made.len(), "made twice");
    let costs = mixed.run_at(2, &["costs", "--json"]).good().json();
    let cost = |run: &Rendered| run.summary()["cost_micros"].as_i64().unwrap();
    let spent: i64 = runs.iter().map(cost).sum();
    // Three pictures of flux, and one of 20 tokens at 2 dollars a million and 1568 at 8.
    assert_eq!(spent, 3 * 3000 + 40 + 12_544);
    assert_eq!(
        costs["total"],
        json!({"jobs": 4, "spent_micros": spent, "reserved_micros": 0})
    );

    told_afterwards(&mixed, asked_at);
}

/// Who said yes to what, an hour after it was asked.
fn told_afterwards(mixed: &Mixed, asked_at: i64) {
    let answers = mixed.run_at(2, &["gates", "--history", "--json"]);
    let answers = answers.good().json();
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), 5);
    let told = (&answers[4]["who"], &answers[4]["note"]);
    assert_eq!(told, (&json!("mara"), &json!("fine")));
    let waited = answers[1]["at"].as_i64().unwrap() - asked_at;
    assert!((HOUR..HOUR + 600_000).contains(&waited), "{waited}");
    let film = "episodes/pilot/final/pilot.mp4";
    let explained = mixed.run_at(2, &["explain", film, "--json"]).good().json();
    let approvals = explained["approvals"].as_array().unwrap();
    let by_gate = |gate: &str| approvals.iter().filter(|one| one["gate"] == gate).count();
    assert_eq!((by_gate("spend"), by_gate("master/main")), (4, 1));
}

fn asking(prompts: usize) -> Paid {
    Paid::new("fal", prompts, "show = 1\n\n[gates]\nspend = 0.005\n")
}

#[test]
fn a_no_holds_back_what_it_is_about_and_can_be_taken_back() {
    let paid = asking(2);
    waits(&paid.buy(&[]));
    let gate = &paid.run(&["gates", "pilot", "--json"]).good().json()[0];
    assert_eq!(gate["cost_micros"], 6000);
    let digest = gate["about"][1]["digest"].as_str().unwrap().to_owned();
    let no = ["reject", "pilot", &digest[..8], "--note", "too blue"];
    paid.run(&no).good();
    // What is left is below the threshold.
    let run = paid.buy(&[]);
    waits(&run);
    assert_eq!(paid.fake.paid(), ["picture 1"]);
    let why = run.named("step.waiting").next().unwrap()["because"].clone();
    assert!(why.as_str().unwrap().ends_with(": too blue"), "{why}");
    let refused = paid.run(&["gates", "--json"]).good().json();
    assert_eq!(
        (&refused[0]["state"], &refused[0]["answer"]["note"]),
        (&json!("refused"), &json!("too blue"))
    );
    assert_eq!(paid.run(&no).code, 2, "it is refused already");
    let back = paid
        .run(&["approve", "pilot", "spend", "--json"])
        .good()
        .json();
    assert_eq!((&back["again"], &back["count"]), (&json!(true), &json!(1)));
    paid.buy(&[]).complete();
    assert_eq!(paid.fake.paid(), ["picture 1", "picture 2"]);
    paid.check_books();
    assert_eq!(
        paid.run(&["approve", "pilot", "spend"]).code,
        2,
        "nothing is asked"
    );
    // Bought anew it is asked about anew, though it costs no more than before.
    let again = ["render", "pilot", "--json", "--from", "generate"];
    let again = Rendered::of(&paid.run(&again));
    assert_eq!(slots(again.named("gate.asked").next().unwrap()).len(), 2);
    assert_eq!(paid.fake.paid().len(), 2);
}

#[test]
fn a_changed_prompt_is_asked_about_alone() {
    let paid = asking(3);
    waits(&paid.buy(&[]));
    paid.run(&["approve", "pilot", "spend"]).good();
    paid.production.edit(|manifest| {
        for cue in [0, 1] {
            let shot = &mut manifest["scenes"][0]["cues"][cue]["shots"][0];
            shot["picture"]["prompt"]["seed"] = 4.into();
        }
    });
    let run = paid.buy(&[]);
    waits(&run);
    let asked = run.named("gate.asked").next().unwrap();
    assert_eq!(slots(asked), ["generate/s0", "generate/s1"]);
    assert_eq!(paid.fake.paid(), ["picture 3"]);
}

/// Two processes want to render two episodes of one show, with room for three of their four pictures.
#[test]
fn of_two_processes_one_waits_its_turn_and_a_budget_holds_for_both() {
    let paid = Paid::new("fal", 2, "show = 0.011999\n");
    let manifest = paid.production.read("episodes/pilot/manifest.json");
    paid.production.write(
        "episodes/two/manifest.json",
        &manifest.replace("\"picture ", "\"other "),
    );
    paid.fake.slow(3);
    let key = [(KEY_ENV, KEY)];
    let args = |episode| ["render", episode, "--json", "--only", "generate"];
    let mut first = paid.production.start_with(&args("pilot"), &key);
    assert!(first.wait_for("\"run.started\""));
    let second = paid.run(&["render", "two"]);
    assert_eq!(second.code, 5, "{}", second.err);
    let holder = format!(
        "render pilot --json --only generate` (process {})",
        first.pid()
    );
    assert!(second.err.contains(&holder), "{}", second.err);
    Rendered::of(&first.finish()).complete();
    paid.fake.slow(0);
    let second = Rendered::of(&paid.run(&args("two")));
    waits(&second);
    assert_eq!(paid.fake.paid().len(), 3);
    let told = second.diagnostics("budget.no-room");
    let told = told[0]["message"].as_str().unwrap();
    let wanted =
        "it may cost $0.003 at fal; of the $0.011999 of `budget.show` $0.009 are spent or reserved";
    assert!(told.ends_with(wanted), "{told}");
    let costs = paid.run(&["costs", "--json"]).good().json();
    assert_eq!(costs["total"]["spent_micros"], 9000);
}

/// The picture that nobody approved, brought back by hand.
fn an_earlier_picture_is_asked_about(run: &dyn Fn(&[&str]) -> Said, render: &dyn Fn() -> Rendered) {
    let list = ["takes", "list", "pilot", "generate/s1", "--json"];
    let listed = run(&list).good().json();
    let takes = listed[0]["takes"].as_array().unwrap();
    let chosen: Vec<&Value> = takes.iter().map(|take| &take["chosen"]).collect();
    assert_eq!(chosen, [&json!(false), &json!(true)], "{listed}");
    run(&["takes", "select", "pilot", "generate/s1", "1"]).good();
    waits(&render());
    run(&["reject", "pilot", "generation"]).good();
    waits(&render());
    run(&["takes", "undo", "pilot", "generate/s1"]).good();
    assert_eq!(render().complete().count("performed"), 0);
}

#[test]
fn a_picture_is_seen_before_a_clip_of_it_is_ordered() {
    let (images, clips) = (Fake::of("fal"), Fake::of("replicate"));
    let clip = json!({"text": "it turns", "seed": 1, "then": "hold"});
    let prompt = json!({"text": "a wheel", "seed": 3, "clip": clip});
    let cue = json!({"id": "c1", "hold_ms": 1200, "shots": [{"id": "s1", "picture": {"prompt": prompt}}]});
    let manifest = json!({
        "format": "workprint.manifest/1", "title": "Seen", "language": "en",
        "scenes": [{"id": "one", "cues": [cue]}],
    });
    let show = format!(
        "format = \"workprint.show/1\"\ntitle = \"Seen\"\n\n[outputs.main]\nwidth = 320\nheight = 180\n\
        rate = \"25\"\ncrf = 30\npreset = \"ultrafast\"\n\n[engines]\nimage = \"own\"\nclip = \"own\"\n\n\
        {}\n{}\n[budget]\nepisode = 1\n\n[gates]\ngeneration = true\n",
        engine("images", &images),
        engine("clips", &clips),
    );
    let production = Production::bare(&show, &manifest);
    let run = |args: &[&str]| production.start_with(args, &[(KEY_ENV, KEY)]).finish();
    let render = || Rendered::of(&run(&["render", "pilot", "--json"]));
    let plan = run(&["plan", "pilot", "--json"]).good().json();
    assert_eq!(plan["gates"], json!([]), "there is nothing to be seen yet");
    for seed in [3, 4] {
        production.edit(|manifest| {
            let shot = &mut manifest["scenes"][0]["cues"][0]["shots"][0];
            shot["picture"]["prompt"]["seed"] = seed.into();
        });
        let met = render();
        waits(&met);
        let asked = met.named("gate.asked").next().unwrap();
        assert_eq!(
            (&asked["gate"], slots(asked)),
            (&json!("generation"), vec!["generate/s1"])
        );
        assert_eq!(clips.requests(), [] as [String; 0]);
    }
    assert_eq!(images.paid().len(), 2);
    // Where the picture lies is told, so that somebody can look at it.
    let gates = run(&["gates", "pilot", "--json"]).good().json();
    let file = gates[0]["files"]["generate/s1"].as_str().unwrap();
    let seen = std::fs::read(production.root().join(file)).unwrap();
    assert!(seen.starts_with(b"\x89PNG"), "{file}");
    let told = run(&["gates", "pilot"]).good().out;
    assert!(told.contains("look at") && told.contains(file), "{told}");
    run(&["approve", "pilot", "generation", "--by", "mara"]).good();
    render().complete();
    assert_eq!((images.paid().len(), clips.paid().len()), (2, 1));
    assert_eq!(render().complete().count("performed"), 0);
    // What is bought is not asked about, though the first picture was never approved.
    let gates = run(&["gates", "pilot", "--json"]).good().json();
    assert_eq!(gates, json!([]));
    let film = "episodes/pilot/final/pilot.mp4";
    let explained = run(&["explain", film, "--json"]).good().json();
    let approvals = explained["approvals"].as_array().unwrap();
    assert!(
        approvals
            .iter()
            .any(|yes| yes["gate"] == "generation" && yes["who"] == "mara"),
        "{approvals:?}"
    );
    an_earlier_picture_is_asked_about(&run, &render);
    assert_eq!((images.paid().len(), clips.paid().len()), (2, 1));
}
