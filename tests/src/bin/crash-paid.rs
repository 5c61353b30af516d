//! Kills runs that buy at every boundary of an effect, puts some to sleep there and wakes them too late, over fakes of
//! vendors. See `script/crash-paid`.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use workprint_tests::{BOUNDARIES, How, Outcome, Purchase, Undisturbed, goods};

/// How many prompts a run has that is killed: several orders are under way at once.
const SEVERAL: usize = 3;
/// How many one has that falls asleep, so that it is known how far its order was.
const ONE: usize = 1;
/// How many runs stand side by side: they wait for the disk, and for programs to start.
const SIDE_BY_SIDE: usize = 3;

/// Takes of one slot, and engines that stand behind others: one that refuses an order, and one of which nobody knows
/// whether it took it.
const MORE: [Purchase; 8] = [
    takes("fal", "images"),
    takes("openai", "images"),
    takes("replicate", "images"),
    takes("replicate", "clips"),
    takes("runpod", "clips"),
    behind("fal", ("replicate", 402, false)),
    behind("openai", ("gemini", 402, false)),
    behind("fal", ("replicate", 504, true)),
];

const fn takes(vendor: &'static str, table: &'static str) -> Purchase {
    let one = Purchase::of((vendor, table));
    Purchase { takes: 3, ..one }
}

const fn behind(vendor: &'static str, other: (&'static str, u16, bool)) -> Purchase {
    let one = Purchase::of((vendor, "images"));
    Purchase {
        behind: Some(other),
        ..one
    }
}

/// A run: the number of its purchase, how it is disturbed, and how many prompts it has.
type Run = (usize, How, usize);

fn main() -> ExitCode {
    let mut asked = std::env::args().skip(1);
    let Ok(runs) = asked.next().as_deref().unwrap_or("200").parse() else {
        say("usage: crash-paid [RUNS [VENDOR]]");
        return ExitCode::from(2);
    };
    let vendor = asked.next();
    let is_wanted = |one: &Purchase| vendor.as_deref().is_none_or(|name| name == one.vendor);
    let all = goods().map(Purchase::of).chain(MORE);
    let all: Vec<Purchase> = all.filter(is_wanted).collect();
    let several = each(&all, |one| one.undisturbed(SEVERAL));
    let one = each(&all, |purchase| purchase.undisturbed(ONE));
    let plan = plan(&all, (&several, &one), runs);
    // What goes wrong in a run is told with it.
    std::panic::set_hook(Box::new(|_| {}));
    let done = AtomicUsize::new(0);
    let outcomes = each(&plan, |&(at, how, prompts)| {
        let like = if prompts == ONE { &one } else { &several };
        let disturbed = || all[at].disturb(how, prompts, &like[at]);
        let outcome =
            catch_unwind(AssertUnwindSafe(disturbed)).unwrap_or_else(|why| broken(why.as_ref()));
        let number = done.fetch_add(1, Ordering::Relaxed) + 1;
        say(format!(
            "{number} of {}: {}, {how:?}",
            plan.len(),
            named(&all[at])
        ));
        for fault in &outcome.faults {
            say(format!("  WRONG: {fault}"));
        }
        outcome
    });
    tell(&all, &plan, &outcomes)
}

fn say(line: impl Display) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

fn named(one: &Purchase) -> String {
    let name = format!("{} {}", one.vendor, one.table);
    match one.behind {
        Some((other, status, _)) => format!("{name} ({status}), else {other}"),
        None if one.takes > 1 => format!("{name}, {} takes", one.takes),
        None => name,
    }
}

/// What a run comes to in which something panicked.
fn broken(why: &(dyn Any + Send)) -> Outcome {
    let text = why.downcast_ref::<String>().cloned();
    let told = text.or_else(|| why.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    Outcome {
        faults: vec![told.unwrap_or_default()],
        ..Outcome::default()
    }
}

/// Does something for each of these, side by side.
fn each<T: Sync, R: Send>(all: &[T], act: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let made: Mutex<BTreeMap<usize, R>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(one) = all.get(at) else { break };
                    let done = act(one);
                    made.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .insert(at, done);
                }
            });
        }
    });
    let made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    made.into_values().collect()
}

/// Every purchase disturbed at every boundary that it passes; then again, the next time that one is passed, until there
/// are so many runs.
fn plan(
    all: &[Purchase],
    (several, one): (&[Undisturbed], &[Undisturbed]),
    runs: usize,
) -> Vec<Run> {
    let mut plan = Vec::new();
    for (at, purchase) in all.iter().enumerate() {
        plan.extend(kills(&several[at], at).map(|how| (at, how, SEVERAL)));
        plan.push((at, How::KilledTwice("sent", "looked"), SEVERAL));
        if purchase.behind.is_none() {
            plan.push((at, How::Unanswered, SEVERAL));
        }
        // Beside an order that is just being sent, one that sleeps says nothing of what happens then.
        if purchase.takes == 1 {
            let passed = one[at].passed.iter();
            plan.extend(passed.map(|&(name, times)| (at, How::Asleep(name, times), ONE)));
        }
    }
    for round in 1.. {
        if plan.len() >= runs || plan.is_empty() {
            break;
        }
        for (at, like) in several.iter().enumerate() {
            plan.extend(kills(like, at + round).map(|how| (at, how, SEVERAL)));
        }
    }
    plan
}

/// A kill at each boundary, one of the times that it is passed.
fn kills(like: &Undisturbed, round: usize) -> impl Iterator<Item = How> {
    let times = like.passed.iter().copied().collect::<BTreeMap<_, _>>();
    times.into_iter().enumerate().map(move |(n, (name, most))| {
        let turn = (round + n) as u32 % most;
        How::Killed(name, 1 + turn)
    })
}

/// The table, and whether all is well.
fn tell(all: &[Purchase], plan: &[Run], outcomes: &[Outcome]) -> ExitCode {
    say(format!(
        "\n{:40} {:>5} {:>6} {:>6} {:>7} {:>7} {:>5} {:>6} {:>6} {:>7} {:>6}",
        "bought of",
        "runs",
        "killed",
        "asleep",
        "orders",
        "wanted",
        "lost",
        "again",
        "asked",
        "micros",
        "wrong"
    ));
    let row = |name: &str, is_own: &dyn Fn(usize) -> bool| {
        let own = || plan.iter().zip(outcomes).filter(|(run, _)| is_own(run.0));
        let sum = |of: fn(&Outcome) -> usize| own().map(|(_, outcome)| of(outcome)).sum::<usize>();
        let slept = own()
            .filter(|(run, _)| matches!(run.1, How::Asleep(..)))
            .count();
        let open = own().filter(|(run, _)| run.1 == How::Unanswered).count();
        let runs = own().count();
        let off: i64 = own().map(|(_, outcome)| outcome.difference.abs()).sum();
        say(format!(
            "{name:40} {runs:>5} {:>6} {slept:>6} {:>7} {:>7} {:>5} {:>6} {:>6} {off:>7} {:>6}",
            runs - slept - open,
            sum(|one| one.orders),
            sum(|one| one.wanted),
            sum(|one| one.lost),
            sum(|one| one.again),
            sum(|one| one.asked),
            sum(|one| one.faults.len()),
        ));
    };
    for (at, purchase) in all.iter().enumerate() {
        row(&named(purchase), &|own| own == at);
    }
    row("all", &|_| true);
    say(
        "orders are what vendors charged for: one for each take that is wanted, one more where a person said that it \
         was paid and is lost, and again what is free; micros are what the books are off by",
    );
    let met = plan.iter().flat_map(|(_, how, _)| match how {
        How::Killed(name, _) | How::Asleep(name, _) => vec![*name],
        How::KilledTwice(name, then) => vec![*name, *then],
        How::Unanswered => Vec::new(),
    });
    let met: BTreeSet<&str> = met.collect();
    let missed = BOUNDARIES.into_iter().filter(|name| !met.contains(name));
    let missed: Vec<&str> = missed.collect();
    if !missed.is_empty() {
        say(format!("no run was killed at {missed:?}"));
    }
    if missed.is_empty() && outcomes.iter().all(|outcome| outcome.faults.is_empty()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
