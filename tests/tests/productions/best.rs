//! Several takes of what models make, how good they are, and which of them is used.

use serde_json::{Value, json};
use workprint_fakes::{At, Fault};
use workprint_tests::{Paid, Production, Rendered};

use crate::own;

const RENDER: [&str; 3] = ["render", "pilot", "--json"];

fn render(paid: &Paid) -> Rendered {
    Rendered::of(&paid.run(&RENDER))
}

fn takes(paid: &Paid, slot: &str) -> Vec<Value> {
    let listed = paid.run(&["takes", "list", "pilot", slot, "--json"]);
    let listed = listed.good().json();
    listed[0]["takes"].as_array().cloned().unwrap_or_default()
}

/// What the lock says of a slot.
fn locked(production: &Production, slot: &str) -> Value {
    let lock: Value = serde_json::from_str(&production.lock()).unwrap();
    lock["slots"][slot].clone()
}

fn with_takes(rules: &str) -> String {
    format!("show = 1\n\n[takes]\n{rules}\n")
}

#[test]
fn several_takes_are_bought_once_and_the_best_is_used() {
    let paid = Paid::new("fal", 2, &with_takes("pictures = 3"));
    paid.fake.paint_large();
    paid.fake.trouble(At::Job, &[Fault::Blanks]);
    let plan = paid.run(&["plan", "pilot", "--json"]).good().json();
    assert_eq!(plan["totals"]["cost_micros"], 6 * 3000, "{plan}");
    let made = render(&paid).complete();
    assert_eq!(made.summary()["cost_micros"], 6 * 3000);
    assert_eq!(made.by_kind()["assess"], 6);
    assert_eq!(paid.fake.paid().len(), 6);
    paid.check_books();
    let mut blank = 0;
    for slot in ["generate/s0", "generate/s1"] {
        let takes = takes(&paid, slot);
        let mut seeds: Vec<u64> = takes
            .iter()
            .filter_map(|take| take["seed"].as_u64())
            .collect();
        seeds.sort_unstable();
        seeds.dedup();
        assert!(seeds.len() == 3 && seeds[0] == 3, "{seeds:?}");
        for take in &takes {
            let score = take["assessment"]["score"].as_i64();
            assert!(matches!(score, Some(0 | 1)), "{take}");
            blank += u32::from(score == Some(0));
            assert!(score == Some(1) || take["chosen"] == false, "{take}");
        }
        let chosen: Vec<&Value> = takes.iter().filter(|take| take["chosen"] == true).collect();
        assert_eq!(chosen.len(), 1, "{takes:?}");
        assert_eq!(
            chosen[0]["digest"],
            locked(&paid.production, slot)["digest"]
        );
    }
    assert_eq!(blank, 1, "one of the six has nothing in it");
    assert!(
        !paid.production.lock().contains('~'),
        "only what is chosen is locked"
    );
    let asked = paid.fake.requests().len();
    assert_eq!(render(&paid).complete().count("performed"), 0);
    assert_eq!(paid.fake.requests().len(), asked);
    told_of(&paid);
    chosen_by_hand(&paid);
    more_and_fewer(&paid);
}

/// How a take was measured and chosen is part of its recipe.
fn told_of(paid: &Paid) {
    let film = "episodes/pilot/final/pilot.mp4";
    let explained = paid.run(&["explain", film, "--json"]).good().json();
    let steps = explained["steps"].as_array().unwrap();
    let of_kind = |kind: &str| steps.iter().filter(|step| step["kind"] == kind).count();
    assert_eq!(
        (of_kind("generate"), of_kind("assess"), of_kind("choose")),
        (2, 2, 2),
        "the takes that are not used are no part of the film"
    );
    let told = paid.run(&["takes", "list", "pilot", "generate/s0"]).good();
    assert!(
        told.out.contains("score 1") && told.out.contains(".workprint/"),
        "{}",
        told.out
    );
}

/// A person takes another one, and takes that back.
fn chosen_by_hand(paid: &Paid) {
    let before = locked(&paid.production, "generate/s0");
    let other = takes(paid, "generate/s0")
        .into_iter()
        .find(|take| take["chosen"] == false)
        .unwrap();
    let number = other["number"].to_string();
    paid.run(&["takes", "select", "pilot", "generate/s0", &number])
        .good();
    render(paid).complete();
    assert_eq!(
        locked(&paid.production, "generate/s0")["digest"],
        other["digest"]
    );
    paid.run(&["takes", "undo", "pilot", "generate/s0"]).good();
    assert_eq!(render(paid).complete().count("performed"), 0);
    assert_eq!(locked(&paid.production, "generate/s0"), before);
    assert_eq!(paid.fake.paid().len(), 6);
}

/// Only what is not there yet is bought, whatever number is asked for, and nothing of it is thrown away.
fn more_and_fewer(paid: &Paid) {
    paid.run(&["gc", "--grace", "0"]).good();
    paid.allow(&with_takes("pictures = 4"));
    render(paid).complete();
    assert_eq!(paid.fake.paid().len(), 8);
    paid.allow("show = 1");
    render(paid).complete();
    assert_eq!(locked(&paid.production, "generate/s0")["seed"], 3);
    paid.allow(&with_takes("pictures = 4"));
    paid.production.edit(|manifest| {
        manifest["scenes"][0]["cues"][0]["shots"][0]["picture"]["prompt"]["takes"] = 2.into();
    });
    render(paid).complete();
    assert_eq!(paid.fake.paid().len(), 8);
}

#[test]
fn a_take_below_the_floor_is_not_used_and_not_ordered_again_for_ever() {
    let paid = Paid::new("fal", 1, &with_takes("floor = 0.6"));
    paid.fake.paint_large();
    paid.fake.trouble(At::Job, &[Fault::Blanks, Fault::Blanks]);
    let waits = |orders: usize| {
        let run = render(&paid);
        assert_eq!((run.code, run.status()), (4, "waiting"), "{}", run.err);
        assert_eq!(paid.fake.paid().len(), orders);
        assert!(!paid.production.finals().join("pilot.mp4").exists());
        run
    };
    for _ in 0..2 {
        let told = waits(1).diagnostics("take.below-floor")[0].to_string();
        for wanted in [
            "floor of 0.6: 0 (clipping)",
            "takes select EPISODE generate/s0 N",
        ] {
            assert!(told.contains(wanted), "{told}");
        }
    }
    // One more, which is no better; then none, whatever is rendered.
    paid.allow(&with_takes("floor = 0.6\nretry_below_floor = 1"));
    for _ in 0..2 {
        let told = waits(2).diagnostics("take.below-floor")[0].to_string();
        assert!(told.contains("none of its 2 takes"), "{told}");
    }
    // A budget holds for those as for all others.
    let three = "\n\n[takes]\nfloor = 0.6\nretry_below_floor = 3\n";
    paid.allow(&format!("show = 0.006{three}"));
    waits(2);
    paid.allow(&format!("show = 1{three}"));
    render(&paid).complete();
    assert_eq!(paid.fake.paid().len(), 3, "the third is good enough");
    paid.check_books();
    assert_eq!(render(&paid).complete().count("performed"), 0);
    // What a person chooses is used, however bad it is.
    paid.run(&["takes", "select", "pilot", "generate/s0", "1"])
        .good();
    render(&paid).complete();
    assert_eq!(locked(&paid.production, "generate/s0")["seed"], 3);
    assert_eq!(paid.fake.paid().len(), 3);
}

#[test]
fn a_person_chooses_among_takes_that_were_approved_together() {
    let rules = "show = 1\n\n[gates]\nspend = 0\n\n[takes]\npictures = 2\nchoose = \"person\"\n";
    let paid = Paid::new("fal", 1, rules);
    assert_eq!(render(&paid).status(), "waiting");
    let gates = paid.run(&["gates", "pilot", "--json"]).good().json();
    let about = gates[0]["about"].as_array().unwrap();
    let slots: Vec<&Value> = about.iter().map(|one| &one["slot"]).collect();
    assert_eq!(slots, [&json!("generate/s0"), &json!("generate/s0~2")]);
    // A slot means all of its takes.
    paid.run(&["approve", "pilot", "spend", "generate/s0"])
        .good();
    let run = render(&paid);
    assert_eq!((run.code, paid.fake.paid().len()), (4, 2), "{}", run.err);
    let told = run.diagnostics("take.unchosen")[0].to_string();
    assert!(
        told.contains("it has 2 takes, and a person chooses"),
        "{told}"
    );
    // A draft chooses nothing, and shows what is there.
    paid.run(&["animatic", "pilot"]).good();
    paid.run(&["takes", "select", "pilot", "generate/s0", "2"])
        .good();
    render(&paid).complete();
    let second = &takes(&paid, "generate/s0")[1];
    assert_eq!(
        locked(&paid.production, "generate/s0")["digest"],
        second["digest"]
    );
    assert_eq!(paid.fake.paid().len(), 2);
}

const DRAW: &str = r#"ffmpeg -v error -f lavfi -i "testsrc=s=$1x$2" -frames:v 1 "$3""#;

/// The clip of the prompt's own seed stands still, the others move.
const MOVE: &str = r#"
[ "$1" = 0 ] && change=null || change=scroll=h=0.02
ffmpeg -v error -loop 1 -r "$3" -i "$4" -frames:v "$2" -vf "$change" -c:v libx264 -preset ultrafast \
    -pix_fmt yuv420p "$5"
"#;

const COMMANDS: &str = r#"
[engines.images.own]
vendor = "command"
model = "draw"
command = ["sh", "{show}/tools/draw.sh", "{width}", "{height}", "{out}"]

[engines.clips.own]
vendor = "command"
model = "move"
command = ["sh", "{show}/tools/move.sh", "{seed}", "{frames}", "{rate}", "{start}", "{folder}/a.mp4"]

[takes]
clips = 2
floor = 0.6

[gates]
generation = true
"#;

#[test]
fn a_clip_that_stands_still_is_not_chosen() {
    let production = own::production(COMMANDS, true);
    production.write("tools/draw.sh", DRAW);
    production.write("tools/move.sh", MOVE);
    let render = || Rendered::of(&production.run(&RENDER));
    // Both clips are of one picture: one question.
    let asked = render();
    let gates: Vec<&Value> = asked.named("gate.asked").collect();
    assert_eq!((asked.code, gates.len()), (4, 1), "{}", asked.err);
    assert_eq!(gates[0]["about"].as_array().map(Vec::len), Some(1));
    production.run(&["approve", "pilot", "generation"]).good();
    let made = render().complete();
    assert_eq!(made.by_kind()["animate"], 2);
    let listed = production.run(&["takes", "list", "pilot", "animate/s1", "--json"]);
    let listed = listed.good().json();
    let takes = listed[0]["takes"].as_array().unwrap();
    for take in takes {
        let checks = &take["assessment"]["checks"];
        let is_first = take["seed"] == 0;
        assert_eq!(checks["motion"], i32::from(!is_first), "{take}");
        assert_eq!(take["chosen"], !is_first, "{take}");
        for check in ["length", "shape", "size", "sharpness", "borders"] {
            assert_eq!(checks[check], 1, "{take}");
        }
    }
    assert_eq!(render().complete().count("performed"), 0);
}
