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
    plan(&mut measured);
    let short = Production::first_light();
    let peak = render(&short);
    idle(&mut measured, &short);
    orders(&mut measured);
    long(&mut measured, peak);
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

/// A thousand orders at a vendor that takes 50 ms for each and 32 at once: the time from the first to the
/// last, against one in which all its places are always taken.
fn orders(measured: &mut Measured) {
    const ORDERS: u32 = 1000;
    const PLACES: u32 = 32;
    const TAKES: Duration = Duration::from_millis(50);
    let paid = Paid::new("openai", ORDERS as usize, "show = 100");
    let show = paid.production.read("show.toml");
    let limits = format!("per_minute = 60000\nat_once = {PLACES}\n");
    paid.production
        .write("show.toml", &show.replace("per_minute = 60000\n", &limits));
    paid.fake.take(TAKES);
    paid.buy(&[]).complete();
    let came = paid.fake.came();
    let took = came
        .last()
        .map_or(0.0, |last| (*last - came[0]).as_secs_f64());
    let ideal = TAKES.as_secs_f64() * f64::from(ORDERS / PLACES);
    let percent = ideal / took * 100.0;
    measured.tell(
        &format!("{ORDERS} orders, {PLACES} at once, of 50 ms: of what is possible"),
        &format!("{percent:.0} %"),
        "at least 95 %",
        percent >= 95.0 && came.len() == ORDERS as usize,
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
