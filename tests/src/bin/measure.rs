//! Measures what must stay small: a render with nothing to do, a large plan, and the memory of a long
//! episode beside a short one's. See `script/measure`.

use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use workprint_tests::{Paid, Planned, Production, Rendered, Running};

/// Tells the first-light scenes this often for 300 lines and more.
const TIMES: usize = 22;

struct Measured {
    good: bool,
}

impl Measured {
    fn tell(&mut self, what: &str, found: &str, limit: &str, good: bool) {
        let verdict = if good { "good" } else { "BAD " };
        drop(writeln!(
            std::io::stdout(),
            "{verdict}  {what:<58} {found:>10}  ({limit})"
        ));
        self.good &= good;
    }
}

/// The least of three, since other programs may be busy.
fn least(mut once: impl FnMut() -> f64) -> f64 {
    (0..3).map(|_| once()).fold(f64::INFINITY, f64::min)
}

fn main() -> ExitCode {
    let mut measured = Measured { good: true };
    // `measure orders`: these alone.
    if std::env::args().nth(1).is_some_and(|only| only == "orders") {
        orders(&mut measured);
    } else {
        plan(&mut measured);
        let short = Production::first_light();
        // Which two of its pictures are drawn at the same time is chance; a long film has many chances.
        let others = (0..2).map(|_| render(&Production::first_light()));
        let peak = others.fold(render(&short), u64::max);
        idle(&mut measured, &short);
        orders(&mut measured);
        long(&mut measured, peak);
    }
    if measured.good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn plan(measured: &mut Measured) {
    // Four steps a line: voice, align, image, and a chunk.
    let production = Production::long(2600);
    let (mut steps, mut peak) = (0, 0);
    let seconds = least(|| {
        let started = Instant::now();
        let (said, kib) = production
            .start(&["plan", "pilot", "--json"])
            .finish_measured();
        let seconds = started.elapsed().as_secs_f64();
        steps = Planned(said.good().json()).steps().len();
        peak = kib;
        seconds
    });
    let what = format!("a plan of {steps} steps");
    measured.tell(
        &what,
        &format!("{seconds:.2} s"),
        "under 0.5 s",
        seconds < 0.5 && steps >= 10_000,
    );
    let mib = peak / 1024;
    measured.tell(&what, &format!("{mib} MiB"), "under 200 MB", peak < 195_000);
}

/// Starts a render, signed as users' films are.
fn start(production: &Production, more: &[&str]) -> Running {
    let data = production.root().join("../data").display().to_string();
    let environment = [
        ("XDG_DATA_HOME", data.as_str()),
        ("WORKPRINT_CREDENTIALS", "on"),
    ];
    let args = [&["render", "pilot", "--output", "draft"], more].concat();
    production.start_with(&args, &environment)
}

/// The most memory of a render, in KiB.
fn render(production: &Production) -> u64 {
    let (said, peak) = start(production, &["--json"]).finish_measured();
    Rendered::of(&said).complete();
    peak
}

fn idle(measured: &mut Measured, production: &Production) {
    let seconds = least(|| {
        let started = Instant::now();
        start(production, &[]).finish().good();
        started.elapsed().as_secs_f64()
    });
    let found = format!("{:.0} ms", seconds * 1000.0);
    measured.tell(
        "a render of first-light with nothing to do",
        &found,
        "under 150 ms",
        seconds < 0.15,
    );
}

/// How many orders a vendor takes at once, and how long it takes for each.
const PLACES: u32 = 32;
const TAKES: Duration = Duration::from_millis(50);

/// What came of so many orders.
struct Ordered {
    /// From the first to the last, against a time in which all places are always taken: in per cent.
    possible: f64,
    /// The most that one came later than its turn was: so many others before it.
    overtaken: usize,
    /// The most memory until a quarter of the orders had come, and in all, in MiB.
    memory: [f64; 2],
}

impl Ordered {
    fn of(orders: usize) -> Self {
        let paid = Paid::new("openai", orders, "show = 100");
        let show = paid.production.read("show.toml");
        let limits = format!("per_minute = 60000\nat_once = {PLACES}\n");
        paid.production
            .write("show.toml", &show.replace("per_minute = 60000\n", &limits));
        paid.fake.take(TAKES);
        let (run, peaks) = paid.buy_watched(&[]);
        let run = run.complete();
        let came = paid.fake.came();
        assert_eq!(came.len(), orders, "each is ordered once");
        let took = came.last().map_or(Duration::MAX, |last| last.0 - came[0].0);
        let ideal = TAKES * ((orders as u32 - 1) / PLACES);
        let turns: Vec<String> = run
            .named("step.started")
            .map(|step| paid.prompt(step).1)
            .collect();
        let late = came.iter().enumerate().map(|(at, (_, prompt))| {
            let turn = turns.iter().position(|turn| turn == prompt);
            at.saturating_sub(turn.unwrap_or_default())
        });
        Self {
            possible: ideal.as_secs_f64() / took.as_secs_f64() * 100.0,
            overtaken: late.max().unwrap_or_default(),
            memory: [came[orders / 4].0, Instant::now()].map(|until| {
                let peaks = peaks.iter().take_while(|peak| peak.0 <= until);
                peaks.last().map_or(0.0, |peak| peak.1 as f64 / 1024.0)
            }),
        }
    }
}

/// A thousand orders at a vendor that takes 50 ms for each and 32 at once.
fn orders(measured: &mut Measured) {
    let all = Ordered::of(1000);
    let what = "1000 orders, 32 at once, of 50 ms";
    let percent = all.possible;
    measured.tell(
        &format!("{what}: of what is possible"),
        &format!("{percent:.0} %"),
        "at least 95 %",
        percent >= 95.0,
    );
    let found = format!("{}", all.overtaken);
    measured.tell(
        &format!("{what}: one is overtaken by"),
        &found,
        "fewer than there are places",
        all.overtaken < PLACES as usize,
    );
    let [few, all] = all.memory;
    measured.tell(
        &format!("memory of 1000 orders; the first 250 take {few:.0} MiB"),
        &format!("{all:.0} MiB"),
        &format!("under {:.0} MiB", few * 1.1),
        few > 0.0 && all <= few * 1.1,
    );
}

fn long(measured: &mut Measured, short: u64) {
    let production = Production::long_light(TIMES);
    let lines = production.texts().len();
    let long = render(&production);
    let (short, long) = (short as f64 / 1024.0, long as f64 / 1024.0);
    let what = format!("memory of {lines} lines; first-light takes {short:.0} MiB");
    let good = long <= short * 1.1 && lines >= 300;
    let limit = format!("under {:.0} MiB", short * 1.1);
    measured.tell(&what, &format!("{long:.0} MiB"), &limit, good);
}
