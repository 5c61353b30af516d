//! Large productions.

use workprint_tests::Production;

#[test]
fn ten_thousand_steps_are_planned_in_little_memory() {
    let production = Production::long(2600);
    let started = std::time::Instant::now();
    let running = production.start(&["plan", "pilot", "--json"]);
    let (said, peak_kib) = running.finish_measured();
    let seconds = started.elapsed().as_secs_f64();
    let plan = workprint_tests::Planned(said.good().json());
    let steps = plan.steps().len();
    println!(
        "{steps} steps planned in {seconds:.2} s with {} MiB",
        peak_kib / 1024
    );
    assert!(steps >= 10_000, "only {steps}");
    assert_eq!(
        plan.count("run") as usize,
        steps - plan.count("kept") as usize
    );
    if cfg!(target_os = "linux") {
        assert!((1024..200_000).contains(&peak_kib), "{peak_kib} KiB");
    }
}
