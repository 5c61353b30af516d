//! Questions that a run waits for.

use workprint_tests::{Production, Rendered};

fn gated() -> Production {
    let production = Production::small();
    let show = production.read("show.toml");
    production.write("show.toml", &format!("{show}\n[gates]\nreview = true\n"));
    production
}

#[test]
fn a_closed_gate_waits_for_its_answer() {
    let production = gated();
    let run = production.render(&[]);
    assert_eq!(
        (run.code, run.status()),
        (4, "waiting"),
        "{}",
        run.summary()
    );
    assert_eq!(run.named("gate.asked").count(), 1);
    assert!(!production.finals().join("pilot.mp4").exists());
    let made = run.by_kind();
    assert!(made["chunk"] > 10 && made["mix"] == 1 && !made.contains_key("master"));

    let gates = production.run(&["gates", "pilot", "--json"]).good().json();
    let name = gates[0]["name"].as_str().unwrap();
    production
        .run(&["approve", "pilot", name, "--note", "good"])
        .good();
    let run = production.render(&[]).complete();
    assert_eq!(
        run.by_kind(),
        [("master".to_owned(), 1), ("proof".to_owned(), 1)].into()
    );
    assert!(production.film("pilot.mp4").frames() > 100);
    assert_eq!(production.render(&[]).complete().count("performed"), 0);

    // The answer was about that film; another one asks again.
    production.edit(|manifest| manifest["music"][0]["gain_db"] = (-20).into());
    let run = production.render(&[]);
    assert_eq!(
        (run.code, run.status()),
        (4, "waiting"),
        "{}",
        run.summary()
    );
}

#[test]
fn a_rejected_film_is_not_made() {
    let production = gated();
    production.render(&[]);
    let gates = production.run(&["gates", "pilot", "--json"]).good().json();
    let name = gates[0]["name"].as_str().unwrap();
    production.run(&["reject", "pilot", name]).good();
    let run = production.render(&[]);
    assert_ne!(run.code, 0, "{}", run.summary());
    assert_ne!(run.status(), "complete");
    assert!(run.performed("master").is_empty());
    assert!(!production.finals().join("pilot.mp4").exists());
}

#[test]
fn a_render_waits_for_an_answer() {
    let production = gated();
    let mut run = production.start(&["render", "pilot", "--json", "--wait"]);
    assert!(run.wait_for("\"status\":\"waiting\""));
    let gates = production.run(&["gates", "pilot", "--json"]).good().json();
    let name = gates[0]["name"].as_str().unwrap();
    production.run(&["approve", "pilot", name]).good();
    let made = Rendered::of(&run.finish()).complete();
    assert_eq!(made.named("run.finished").count(), 2);
    assert!(production.film("pilot.mp4").frames() > 100);
}

#[test]
fn who_waits_for_an_answer_can_be_stopped() {
    let production = gated();
    let mut run = production.start(&["render", "pilot", "--json", "--wait"]);
    assert!(run.wait_for("\"status\":\"waiting\""));
    run.interrupt();
    assert_eq!(run.finish().code, 4);
}
