//! A short `script/crash`.

use workprint_tests::{Crash, Production};

#[test]
fn killed_renders_go_on_where_they_were() {
    let production = Production::small();
    let crash = Crash {
        production: &production,
        options: &[],
        film: "pilot.mp4",
        kills: 8,
        seed: 20_260_101,
    };
    let report = crash.run(|line| println!("{line}"));
    assert_eq!(report.kills, 8);
    assert!(report.finished.iter().any(|&steps| steps > 0), "{report:?}");
}
