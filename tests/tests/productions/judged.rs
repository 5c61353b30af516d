//! Takes that a model is shown beside what was asked for.

use serde_json::Value;
use workprint_fakes::{At, Fake, Fault};
use workprint_tests::{Paid, Rendered, engine};

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
