//! Two at once, and stopping.

use workprint_tests::{Production, Rendered};

#[test]
fn of_two_renders_one_runs_and_the_other_says_who() {
    let production = Production::small();
    let mut first = production.start(&["render", "pilot", "--json"]);
    assert!(first.wait_for("\"run.started\""));
    let second = production.run(&["render", "pilot"]);
    assert_eq!(second.code, 5, "{}{}", second.out, second.err);
    let holder = first.pid().to_string();
    assert!(
        second.err.contains(&holder),
        "no {holder} in {}",
        second.err
    );
    // Looking is allowed meanwhile.
    production.run(&["plan", "pilot"]).good();
    Rendered::of(&first.finish()).complete();
    assert_eq!(production.render(&[]).complete().count("performed"), 0);
}

#[test]
fn ctrl_c_finishes_nothing_half() {
    let undisturbed = Production::small();
    let production = undisturbed.elsewhere();
    undisturbed.render(&[]).complete();
    let mut running = production.start(&["render", "pilot", "--json"]);
    assert!(running.wait_for("\"kind\":\"chunk\""));
    assert!(running.wait_for("\"step.finished\""));
    running.interrupt();
    let stopped = Rendered::of(&running.finish());
    assert_eq!(
        (stopped.code, stopped.status()),
        (130, "cancelled"),
        "{}",
        stopped.err
    );
    assert!(!production.finals().join("pilot.mp4").exists());
    let rest = production.render(&[]).complete();
    let before = stopped.keys();
    assert!(!before.is_empty());
    assert!(
        rest.keys().iter().all(|key| !before.contains(key)),
        "made twice"
    );
    let (film, whole) = (production.film("pilot.mp4"), undisturbed.film("pilot.mp4"));
    assert_eq!(film.frames_md5(), whole.frames_md5());
    assert_eq!(film.samples_md5(), whole.samples_md5());
    assert_eq!(production.lock(), undisturbed.lock());
}
