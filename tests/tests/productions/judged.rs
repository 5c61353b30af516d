//! Takes that a model is shown beside what was asked for.

use serde_json::Value;
use workprint_fakes::{At, Fake, Fault, KEY, colour};
use workprint_tests::{KEY_ENV, Paid, Production, Rendered, Said, engine};

use crate::own;

const RENDER: [&str; 3] = ["render", "pilot", "--json"];
/// What a picture and an answer cost, in millionths of a dollar.
const PICTURE: usize = 3000;
const ANSWER: usize = 45_000;

fn render(paid: &Paid) -> Rendered {
    Rendered::of(&paid.run(&RENDER))
}

/// A budget, and takes with a judge.
fn rules(budget: &str, judge: &Fake, takes: &str) -> String {
    let engine = engine("text", judge);
    format!("show = {budget}\n\n{engine}price = 15\n\n[takes]\n{takes}\njudge = \"own\"\n")
}

fn takes(paid: &Paid) -> Vec<Value> {
    let listed = paid.run(&["takes", "list", "pilot", "generate/s0", "--json"]);
    let listed = listed.good().json();
    listed[0]["takes"].as_array().unwrap().clone()
}

#[test]
fn a_picture_that_shows_something_else_is_not_chosen_and_each_is_judged_once() {
    let judge = Fake::of("anthropic");
    let paid = Paid::new("fal", 1, &rules("2", &judge, "pictures = 3"));
    paid.fake.paint_large();
    judge.trouble(At::Job, &[Fault::Blanks]);
    let plan = paid.run(&["plan", "pilot", "--json"]).good().json();
    let steps = plan["steps"].as_array().unwrap().iter();
    let asked = steps.filter(|step| step["kind"] == "inspect").count();
    let planned = plan["totals"]["cost_micros"].as_u64().unwrap() as usize;
    assert_eq!(asked, 3);
    assert!(planned >= 3 * (PICTURE + ANSWER), "{planned}");
    assert_eq!(judge.requests(), [] as [String; 0]);

    let made = render(&paid).complete();
    assert_eq!(made.by_kind()["inspect"], 3);
    assert_eq!(made.summary()["cost_micros"], 3 * (PICTURE + ANSWER));
    let asked = judge.paid();
    assert!(
        asked.len() == 3
            && asked
                .iter()
                .all(|one| one.contains("\u{201c}picture 1\u{201d}"))
    );
    let all = takes(&paid);
    for take in &all {
        let checks = &take["assessment"]["checks"];
        let (seen, score) = (&checks["prompt"], &take["assessment"]["score"]);
        assert_eq!((seen, seen), (score, &checks["making"]), "{take}");
        assert!(take["why"].to_string().contains("picture 1"), "{take}");
        assert!(seen == 1 || take["chosen"] == false, "{take}");
    }
    let poor = all.iter().filter(|take| take["assessment"]["score"] == 0);
    assert_eq!(poor.count(), 1, "one of three shows something else");
    assert_eq!(all.iter().filter(|take| take["chosen"] == true).count(), 1);
    let film = "episodes/pilot/final/pilot.mp4";
    let explained = paid.run(&["explain", film, "--json"]).good().json();
    let steps = explained["steps"].as_array().unwrap().iter();
    let judged: Vec<&Value> = steps.filter(|step| step["kind"] == "inspect").collect();
    assert_eq!(judged.len(), 1);
    assert_eq!(judged[0]["output"]["answer"]["prompt"], 100);

    paid.run(&["gc", "--grace", "0"]).good();
    assert_eq!(render(&paid).complete().count("performed"), 0);
    // Without a judge nothing is asked, and nothing of what was said counts.
    paid.allow("show = 2\n\n[takes]\npictures = 4\n");
    render(&paid).complete();
    assert_eq!((paid.fake.paid().len(), judge.paid().len()), (4, 3));
    let first = &takes(&paid)[0];
    assert!(first["assessment"]["checks"]["prompt"].is_null() && first["why"].is_null());
}

#[test]
fn a_judge_is_paid_within_the_budget_and_the_floor_holds_for_what_it_says() {
    let judge = Fake::of("anthropic");
    let again = "floor = 0.6\nretry_below_floor = 1";
    let paid = Paid::new("fal", 1, &rules("0.01", &judge, again));
    paid.fake.paint_large();
    let run = render(&paid);
    assert_eq!((run.code, run.status()), (4, "waiting"), "{}", run.err);
    assert_eq!(judge.requests(), [] as [String; 0]);
    assert!(!paid.production.finals().join("pilot.mp4").exists());

    // What was measured as bad is not shown to it, what it finds bad is ordered again.
    paid.allow(&rules("2", &judge, again));
    judge.trouble(At::Job, &[Fault::Blanks]);
    render(&paid).complete();
    assert_eq!((paid.fake.paid().len(), judge.paid().len()), (2, 2));
    let told = paid.run(&["takes", "list", "pilot", "generate/s0"]).good();
    assert!(told.out.contains("score 0 (making)"), "{}", told.out);
    assert!(told.out.contains("picture 1"), "{}", told.out);
    assert_eq!(render(&paid).complete().count("performed"), 0);
}

#[test]
fn what_is_measured_as_bad_is_not_shown_and_a_judge_must_be_described() {
    let judge = Fake::of("anthropic");
    let paid = Paid::new("fal", 1, &rules("2", &judge, "floor = 0.6"));
    paid.fake.paint_large();
    paid.fake.trouble(At::Job, &[Fault::Blanks]);
    assert_eq!(render(&paid).status(), "waiting");
    assert_eq!(judge.requests(), [] as [String; 0]);
    paid.allow(&rules("2", &judge, "floor = 0.6").replace("judge = \"own\"", "judge = \"nobody\""));
    let refused = paid.run(&["check", "pilot"]);
    let told = format!("{}{}", refused.out, refused.err);
    assert!(
        refused.code != 0 && told.contains("no engine `nobody`"),
        "{told}"
    );
}

const DRAW: &str = r#"
ffmpeg -v error -f lavfi -i "color=c=orange:s=$1x$2" -f lavfi -i "testsrc=s=320x180" -filter_complex overlay \
    -frames:v 1 "$3"
"#;

/// The clip of the prompt's own seed loses its red in the middle; the other only moves.
const MOVE: &str = r#"
[ "$1" = 0 ] && change=",lutrgb=r=0:enable='gte(n,$2/2)'" || change=
ffmpeg -v error -loop 1 -r "$3" -i "$4" -frames:v "$2" -vf "scroll=h=0.02,format=gbrp$change" -c:v libx264 \
    -preset ultrafast -pix_fmt yuv420p "$5"
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
"#;

/// A clip of two takes, and a judge that is paid from a budget.
fn clips(judge: &Fake) -> Production {
    let production = own::production(&with_judge(judge), true);
    production.write("tools/draw.sh", DRAW);
    production.write("tools/move.sh", MOVE);
    production
}

fn with_judge(judge: &Fake) -> String {
    let engine = engine("text", judge);
    format!(
        "{COMMANDS}\n{engine}price = 15\n\n[budget]\nshow = 2\n\n[takes]\nclips = 2\njudge = \"own\"\n"
    )
}

fn run(production: &Production, args: &[&str]) -> Said {
    production.start_with(args, &[(KEY_ENV, KEY)]).finish()
}

fn of_clip(production: &Production) -> Vec<Value> {
    let listed = run(
        production,
        &["takes", "list", "pilot", "animate/s1", "--json"],
    );
    let listed = listed.good().json();
    listed[0]["takes"].as_array().unwrap().clone()
}

#[test]
fn a_clip_is_judged_by_its_frames_and_the_one_that_melts_is_not_chosen() {
    let judge = Fake::of("anthropic");
    let production = clips(&judge);
    let plan = run(&production, &["plan", "pilot", "--json"]).good().json();
    let steps = plan["steps"].as_array().unwrap().iter();
    let asked: Vec<&Value> = steps.filter(|step| step["kind"] == "inspect").collect();
    let slots: Vec<&Value> = asked.iter().map(|step| &step["slot"]).collect();
    assert_eq!(slots, ["inspect/animate/s1", "inspect/animate/s1~2"]);
    let planned = plan["totals"]["cost_micros"].as_u64().unwrap() as usize;
    assert!((2 * ANSWER..1_600_000).contains(&planned), "{planned}");

    let made = Rendered::of(&run(&production, &RENDER)).complete();
    assert_eq!(made.by_kind()["inspect"], 2);
    assert_eq!(made.summary()["cost_micros"], 2 * ANSWER);
    for question in judge.paid() {
        // 20 frames at 25 a second: of 16 that are looked at the 3rd, 7th, 11th and 15th.
        for wanted in [
            "frames of one clip",
            "0.1, 0.3, 0.5, 0.7.",
            "\u{201c}it turns\u{201d}",
        ] {
            assert!(question.contains(wanted), "{question}");
        }
    }
    let mut red: Vec<Vec<bool>> = judge.shown().iter().map(|frames| are_red(frames)).collect();
    red.sort();
    assert_eq!(red, [[true, true, false, false], [true; 4]]);
    for take in of_clip(&production) {
        let is_first = take["seed"] == 0;
        let checks = &take["assessment"]["checks"];
        assert_eq!(checks["making"], i32::from(!is_first), "{take}");
        assert_eq!(checks["motion"], 1, "{take}");
        assert_eq!(take["chosen"], !is_first, "{take}");
        assert!(take["why"].to_string().contains("it turns"), "{take}");
    }
    run(&production, &["gc", "--grace", "0"]).good();
    let again = Rendered::of(&run(&production, &RENDER)).complete();
    assert_eq!((again.count("performed"), judge.paid().len()), (0, 2));
    let film = "episodes/pilot/final/pilot.mp4";
    let explained = run(&production, &["explain", film, "--json"]).good().json();
    let steps = explained["steps"].as_array().unwrap().iter();
    assert_eq!(steps.filter(|step| step["kind"] == "inspect").count(), 1);
}

/// Whether each frame has its red; all are small.
fn are_red(frames: &[Vec<u8>]) -> Vec<bool> {
    let one = |frame: &Vec<u8>| {
        let (width, height) = image::load_from_memory(frame)
            .map(|all| (all.width(), all.height()))
            .unwrap();
        assert!(width == 512 && height < 512, "{width} by {height}");
        colour(frame).unwrap()[0] > 60.0
    };
    frames.iter().map(one).collect()
}

#[test]
fn what_a_judge_says_of_a_clip_is_asked_once_more_and_paid_within_the_budget() {
    let judge = Fake::of("anthropic");
    let production = clips(&judge);
    let show = std::fs::read_to_string(production.root().join("show.toml")).unwrap();
    production.write("show.toml", &show.replace("show = 2\n", "show = 0.1\n"));
    let waits = Rendered::of(&run(&production, &RENDER));
    assert_eq!(
        (waits.code, waits.status()),
        (4, "waiting"),
        "{}",
        waits.err
    );
    assert_eq!(judge.requests(), [] as [String; 0]);
    assert!(!production.finals().join("pilot.mp4").exists());

    production.write("show.toml", &show);
    judge.trouble(At::Job, &[Fault::Garbles]);
    Rendered::of(&run(&production, &RENDER)).complete();
    let (paid, shown) = (judge.paid(), judge.shown());
    assert_eq!((paid.len(), shown.len()), (3, 3));
    assert!(paid[2].contains("cannot be used"), "{}", paid[2]);
    assert!(shown[..2].contains(&shown[2]), "the same frames");
    let chosen = of_clip(&production);
    let chosen: Vec<&Value> = chosen
        .iter()
        .filter(|take| take["chosen"] == true)
        .collect();
    assert!(chosen.len() == 1 && chosen[0]["seed"] != 0, "{chosen:?}");
    // Without a judge the first of two without a fault is used, and nothing is asked.
    production.write("show.toml", &show.replace("judge = \"own\"", ""));
    Rendered::of(&run(&production, &RENDER)).complete();
    assert!(
        of_clip(&production)
            .iter()
            .any(|take| take["seed"] == 0 && take["chosen"] == true)
    );
    assert_eq!(judge.paid().len(), 3);
}
