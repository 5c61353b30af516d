//! Killing renders at random moments until one has been killed often enough.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use crate::{Film, Production, Rendered};

/// A round is then left to end, so that early moments are met as often as late ones.
const KILLS_A_ROUND: u32 = 5;

/// What is to be killed, and how often.
#[derive(Debug)]
pub struct Crash<'a> {
    /// The production; every round works on a copy of it.
    pub production: &'a Production,
    /// What more to give to `render`.
    pub options: &'a [&'a str],
    /// The name of the film.
    pub film: &'a str,
    /// How many kills.
    pub kills: u32,
    /// The same seed waits the same times.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How many runs were killed.
    pub kills: u32,
    /// How many times the production was rendered to its end.
    pub rounds: u32,
    /// How many steps had been finished at the time of each kill.
    pub finished: Vec<usize>,
}

/// What every round must come to.
struct Undisturbed {
    frames: String,
    samples: String,
    lock: String,
    took: Duration,
}

impl Crash<'_> {
    /// Renders and kills, over and over; says each kill to `tell`.
    ///
    /// # Panics
    /// Where a film is half written, a kept step is performed again, or a round does not come to the
    /// undisturbed run's frames, samples and lock.
    pub fn run(&self, mut tell: impl FnMut(String)) -> Report {
        let undisturbed = self.undisturbed();
        let mut report = Report::default();
        let mut random = self.seed;
        while report.kills < self.kills {
            report.rounds += 1;
            let copy = self.production.elsewhere();
            let mut seen = BTreeSet::new();
            let enough = self.kills.min(report.kills + KILLS_A_ROUND);
            loop {
                let last = report.kills >= enough;
                let wait = undisturbed.took.mul_f64(next(&mut random) / 2.0);
                let killed = self.once(&copy, (!last).then_some(wait), &mut seen);
                self.check_finals(&copy, &undisturbed);
                if !killed {
                    break;
                }
                report.kills += 1;
                report.finished.push(seen.len());
                tell(format!(
                    "kill {} of {} after {} ms, {} steps finished",
                    report.kills,
                    self.kills,
                    wait.as_millis(),
                    seen.len()
                ));
            }
            let film = copy.film(self.film);
            assert_eq!(film.frames_md5(), undisturbed.frames, "other frames");
            assert_eq!(film.samples_md5(), undisturbed.samples, "other samples");
            assert_eq!(copy.lock(), undisturbed.lock, "another lock");
        }
        report
    }

    fn undisturbed(&self) -> Undisturbed {
        let copy = self.production.elsewhere();
        let started = Instant::now();
        copy.render(self.options).complete();
        let took = started.elapsed();
        let film = copy.film(self.film);
        Undisturbed {
            frames: film.frames_md5(),
            samples: film.samples_md5(),
            lock: copy.lock(),
            took,
        }
    }

    /// One run, killed after a while unless it ends before; says whether it was killed.
    fn once(&self, copy: &Production, wait: Option<Duration>, seen: &mut BTreeSet<String>) -> bool {
        let args = ["render", "pilot", "--json"];
        let args: Vec<&str> = args.iter().chain(self.options).copied().collect();
        let mut running = copy.start(&args);
        if let Some(wait) = wait {
            std::thread::sleep(wait);
            running.kill();
        }
        let run = Rendered::of(&running.finish());
        for key in run.keys() {
            assert!(
                !seen.contains(&key),
                "{key} was kept and is performed again"
            );
            seen.insert(key);
        }
        if run.code == -1 {
            return true;
        }
        run.complete();
        false
    }

    /// Whatever stands in `final/` is whole, and what the undisturbed run made.
    fn check_finals(&self, copy: &Production, undisturbed: &Undisturbed) {
        let Ok(entries) = fs::read_dir(copy.finals()) else {
            return;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name.starts_with('.') {
                continue;
            }
            if path.extension().is_some_and(|extension| extension == "mp4") {
                assert_eq!(name, self.film, "a film that nobody asked for");
                assert_eq!(Film::at(&path).frames_md5(), undisturbed.frames);
            }
        }
    }
}

/// A number from 0 to 1 (splitmix64, Steele, Lea and Flood 2014).
fn next(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}
