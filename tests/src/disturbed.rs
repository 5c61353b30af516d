//! Runs that buy, killed or put to sleep at the boundaries of an effect, and what everybody paid in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;
use workprint_engine::BOUNDARIES;
use workprint_fakes::{At, Fake, Fault};

use crate::paid::is_lost;
use crate::{Paid, Rendered, engine};

/// A minute later, so that what the vendor does not list was certainly never taken.
const LATER: (&str, &str) = ("WORKPRINT_TEST_LATER", "60000");
/// More runs than anything here needs to come to its end.
const MOST_RUNS: u32 = 6;

/// What is bought: of whom, how many takes of each prompt, and who is asked where the first takes no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purchase {
    /// The vendor.
    pub vendor: &'static str,
    /// The table of engines in show.toml.
    pub table: &'static str,
    /// How many takes.
    pub takes: usize,
    /// Who is behind the first engine, and what that one answers to every order: the status, and whether it took it.
    pub behind: Option<(&'static str, u16, bool)>,
}

/// How a run is disturbed. Each boundary is met the so-manyth time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// As by `kill -9`.
    Killed(&'static str, u32),
    /// The same, and the run that goes on is killed at another boundary.
    KilledTwice(&'static str, &'static str),
    /// It is put to sleep, loses its lock to another run, and wakes when all is done.
    Asleep(&'static str, u32),
    /// The vendor takes the first order and answers 504.
    Unanswered,
}

/// What a run does when nothing disturbs it.
#[derive(Debug, Clone)]
pub struct Undisturbed {
    /// The boundaries, in the order in which they are passed.
    pub passed: Vec<(&'static str, u32)>,
    /// What fills each slot.
    slots: BTreeMap<String, Value>,
}

/// What came of a run that was disturbed.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// How many orders vendors charged for.
    pub orders: usize,
    /// How many were wanted: one for each take.
    pub wanted: usize,
    /// How many more a person allowed, by saying that one was paid and is lost.
    pub lost: usize,
    /// How often something that costs nothing was asked for again.
    pub again: usize,
    /// How often a person was asked.
    pub asked: usize,
    /// How far the books are from what was charged, in millionths.
    pub difference: i64,
    /// What must not be.
    pub faults: Vec<String>,
}

impl Purchase {
    /// One take of each prompt, of one vendor.
    pub const fn of((vendor, table): (&'static str, &'static str)) -> Self {
        Self {
            vendor,
            table,
            takes: 1,
            behind: None,
        }
    }

    /// The production, as it is before anything of it is bought.
    fn begin(&self, prompts: usize) -> (Paid, Option<Fake>) {
        let budget = match (self.takes, self.table) {
            (1, _) => "show = 9".to_owned(),
            (takes, "clips") => format!("show = 9\n\n[takes]\nclips = {takes}"),
            (takes, _) => format!("show = 9\n\n[takes]\npictures = {takes}"),
        };
        let paid = Paid::of((self.vendor, self.table), prompts, &budget);
        paid.prepare();
        let Some((vendor, status, taken)) = self.behind else {
            return (paid, None);
        };
        let second = Fake::of(vendor);
        let spare = engine(self.table, &second).replace(".own]", ".spare]");
        let first = format!("vendor = \"{}\"", self.vendor);
        let show = paid.production.read("show.toml");
        let show = show
            .replace(&first, &format!("{first}\nfallback = [\"spare\"]"))
            .replace("[budget]", &format!("{spare}\n[budget]"));
        paid.production.write("show.toml", &show);
        let fault = if taken {
            Fault::StatusAfter(status)
        } else {
            Fault::Status(status, None)
        };
        paid.fake.trouble(At::Submit, &vec![fault; prompts]);
        (paid, Some(second))
    }

    /// What a run of it does when nothing disturbs it.
    ///
    /// # Panics
    /// Where that comes to no good end.
    pub fn undisturbed(&self, prompts: usize) -> Undisturbed {
        let (paid, second) = self.begin(prompts);
        let log = paid.production.root().join("passed");
        let told = log.display().to_string();
        let mut bought = Bought::of(&paid, second.as_ref(), self);
        // What runs after it pass is met by those that go on with one that was killed.
        paid.buy(&[("WORKPRINT_TEST_PASSED", &told)]);
        bought.settle(&[]);
        bought.count();
        assert_eq!(bought.outcome.faults, Vec::<String>::new(), "{self:?}");
        let passed = fs::read_to_string(log).unwrap_or_default();
        let mut times = BTreeMap::<&str, u32>::new();
        let passed = passed.lines().map(|name| {
            let known = BOUNDARIES.into_iter().find(|known| *known == name);
            let known = known.unwrap_or_else(|| panic!("no boundary is called `{name}`"));
            let count = times.entry(known).or_default();
            *count += 1;
            (known, *count)
        });
        Undisturbed {
            passed: passed.collect(),
            slots: bought.slots(),
        }
    }

    /// Disturbs a run, then goes on until everything is bought. A person who looks at the vendor's pages answers for
    /// what is parked.
    pub fn disturb(&self, how: How, prompts: usize, like: &Undisturbed) -> Outcome {
        let (paid, second) = self.begin(prompts);
        let mut bought = Bought::of(&paid, second.as_ref(), self);
        match how {
            How::Killed(boundary, times) => {
                bought.killed((boundary, times), &[]);
                bought.settle(&[LATER]);
            }
            How::KilledTwice(first, then) => {
                bought.killed((first, 1), &[]);
                bought.killed((then, 1), &[LATER]);
                bought.settle(&[LATER]);
            }
            How::Asleep(boundary, times) => bought.asleep(boundary, times),
            How::Unanswered => {
                paid.fake.trouble(At::Submit, &[Fault::StatusAfter(504)]);
                bought.settle(&[]);
            }
        }
        bought.count();
        bought.look_at_the_end(like);
        bought.check_kept(how, prompts);
        bought.outcome
    }
}

/// A production while it is disturbed.
struct Bought<'a> {
    paid: &'a Paid,
    second: Option<&'a Fake>,
    purchase: &'a Purchase,
    outcome: Outcome,
}

impl<'a> Bought<'a> {
    fn of(paid: &'a Paid, second: Option<&'a Fake>, purchase: &'a Purchase) -> Self {
        Self {
            paid,
            second,
            purchase,
            outcome: Outcome::default(),
        }
    }

    fn fault(&mut self, is_one: bool, why: impl FnOnce() -> String) {
        if is_one {
            self.outcome.faults.push(why());
        }
    }

    fn killed(&mut self, (boundary, times): (&str, u32), more: &[(&str, &str)]) {
        let kill = format!("{boundary}:{times}");
        let all = [&[("WORKPRINT_TEST_KILL", kill.as_str())], more].concat();
        let run = self.paid.buy(&all);
        self.fault(run.code != -1, || {
            format!("nothing was killed at {kill}: {}", run.err)
        });
    }

    fn asleep(&mut self, boundary: &str, times: u32) {
        let stop = format!("{boundary}:{times}");
        let sleeper = self.paid.start(&[("WORKPRINT_TEST_STOP", &stop)]);
        if !sleeper.wait_until_stopped() {
            let said = sleeper.finish();
            self.fault(true, || {
                format!("nothing fell asleep at {stop}: {}", said.err)
            });
            return;
        }
        let lock = self.paid.production.vault().join("lock");
        self.fault(fs::remove_file(lock).is_err(), || {
            "nobody held the lock".to_owned()
        });
        self.settle(&[LATER]);
        // Whatever the sleeper would write is another one.
        let lock = self.paid.production.lock();
        self.paid
            .production
            .write("episodes/pilot/episode.lock", &format!("{lock}\n"));
        let before = self.everything();
        sleeper.pause(false);
        let late = sleeper.finish();
        let told = format!("{}{}", late.out, late.err);
        let knows = late.code == 1 && told.contains("another process has taken over");
        self.fault(!knows, || {
            format!("{stop}: the sleeper does not know: {} {told}", late.code)
        });
        let after = self.everything();
        self.fault(before != after, || {
            format!("{stop}: a sleeper changed something: {before:#?} {after:#?}")
        });
    }

    /// All that a sleeper could change.
    fn everything(&self) -> (Vec<Value>, Value, String, usize) {
        let costs = self.paid.run(&["costs", "--json"]).good().json();
        let orders = self.fakes().map(|fake| fake.paid().len()).sum();
        (
            self.paid.jobs(true),
            costs,
            self.paid.production.lock(),
            orders,
        )
    }

    fn fakes(&self) -> impl Iterator<Item = &'a Fake> {
        [Some(&self.paid.fake), self.second].into_iter().flatten()
    }

    /// Runs until everything is bought.
    fn settle(&mut self, environment: &[(&str, &str)]) {
        for _ in 0..MOST_RUNS {
            let run = self.paid.buy(environment);
            if run.code == 0 {
                return;
            }
            let parked = self.paid.jobs(false);
            if run.status() != "waiting" || parked.is_empty() {
                let told = run.named("diagnostic").chain(run.named("step.failed"));
                let told: Vec<&Value> = told.collect();
                self.fault(true, || format!("a run is {}: {told:?}", run.status()));
                return;
            }
            for job in parked {
                self.fault(job["state"] != "parked", || format!("it waits for {job}"));
                self.outcome.asked += 1;
                self.answer(&job);
            }
        }
        self.fault(true, || format!("not bought in {MOST_RUNS} runs"));
    }

    /// What a person does who looks at the vendor's pages.
    fn answer(&self, job: &Value) {
        let fake = self.fakes().find(|fake| job["vendor"] == fake.vendor());
        let Some(fake) = fake else { return };
        let (_, prompt) = self.paid.prompt(job);
        let all = self.paid.jobs(true);
        let known: BTreeSet<&str> = all
            .iter()
            .filter_map(|job| job["remote"].as_str())
            .collect();
        let is_known = |name: &String| known.iter().any(|remote| remote.contains(name.as_str()));
        let mut there = fake.jobs_of(&prompt).into_iter();
        let there = there.find(|name| fake.has_jobs() && !is_known(name));
        let own = |other: &&Value| {
            other["vendor"] == job["vendor"]
                && self.paid.prompt(other).1 == prompt
                && is_paid(other)
        };
        let charged = fake.paid().iter().filter(|paid| **paid == prompt).count();
        let answer = match &there {
            Some(name) => vec!["--adopt", name],
            // Who has jobs lists them all.
            None if !fake.has_jobs() && charged > all.iter().filter(own).count() => vec!["--paid"],
            _ => vec!["--unpaid"],
        };
        let id = job["id"].to_string();
        let args: Vec<&str> = ["jobs", "resolve", &id].into_iter().chain(answer).collect();
        self.paid.run(&args).good();
    }

    /// How often each prompt was charged for, and what the books say.
    fn count(&mut self) {
        let jobs = self.paid.jobs(true);
        for prompt in self.paid.prompts() {
            let own = |job: &&Value| self.paid.prompt(job).1 == prompt;
            let is_still = self.paid.table == "clips" && prompt.starts_with("picture");
            let wanted = if is_still { 1 } else { self.purchase.takes };
            let lost = jobs.iter().filter(own).filter(|job| is_lost(job)).count();
            let orders = self.fakes().flat_map(Fake::paid);
            let orders = orders.filter(|paid| *paid == prompt).count();
            // What is free and has no jobs is asked again.
            let free = self.paid.fake.charges() == 0 && !self.paid.fake.has_jobs();
            let again = if free {
                orders.saturating_sub(wanted + lost)
            } else {
                0
            };
            self.fault(orders != wanted + lost + again, || {
                format!(
                    "`{prompt}` was charged for {orders} times, and {wanted} + {lost} are wanted"
                )
            });
            self.outcome.orders += orders;
            self.outcome.wanted += wanted;
            self.outcome.lost += lost;
            self.outcome.again += again;
        }
        let in_books = jobs.iter().filter(|job| is_paid(job)).count() + self.outcome.again;
        let orders: usize = self.fakes().map(|fake| fake.paid().len()).sum();
        self.fault(in_books != orders, || {
            format!("{in_books} of {orders} orders are in the books")
        });
        self.outcome.difference = self.paid.books();
        let difference = self.outcome.difference;
        self.fault(difference != 0, || {
            format!("the books are wrong by {difference} millionths")
        });
    }

    /// What fills each slot, by its bytes.
    fn slots(&self) -> BTreeMap<String, Value> {
        let lock: Value = serde_json::from_str(&self.paid.production.lock()).unwrap_or_default();
        let slots = lock["slots"].as_object().into_iter().flatten();
        slots
            .map(|(slot, take)| (slot.clone(), take["digest"].clone()))
            .collect()
    }

    /// Everything is made, by whom it should be, and nobody is asked any more.
    fn look_at_the_end(&mut self, like: &Undisturbed) {
        let requests = |own: &Self| own.fakes().map(|fake| fake.requests().len()).sum::<usize>();
        let asked = requests(self);
        let last: Rendered = self.paid.buy(&[]);
        let idle = last.code == 0 && last.count("performed") == 0 && requests(self) == asked;
        self.fault(!idle, || {
            format!("a finished run does or asks something: {}", last.err)
        });
        let slots = self.slots();
        // Who adopts jobs by hand cannot tell the takes of one prompt apart.
        let is_mixed = self.purchase.takes > 1 && self.outcome.asked > 0;
        let same = self.purchase.behind.is_some() || is_mixed || slots == like.slots;
        self.fault(!same, || format!("{slots:#?} and not {:#?}", like.slots));
    }

    /// What was fetched before a run was disturbed is neither lost nor asked about. Of one order alone it is known
    /// how far it was.
    fn check_kept(&mut self, how: How, prompts: usize) {
        let (How::Killed(boundary, _) | How::Asleep(boundary, _)) = how else {
            return;
        };
        let place = |name| BOUNDARIES.iter().position(|known| *known == name);
        let alone = prompts * self.purchase.takes == 1 && self.purchase.behind.is_none();
        if alone && place(boundary) >= place("kept") {
            let Outcome {
                lost, asked, again, ..
            } = self.outcome;
            self.fault((lost, asked, again) != (0, 0, 0), || {
                format!("{boundary}: what was fetched is lost ({lost}, {again}), or asked about ({asked})")
            });
        }
    }
}

/// Whether a vendor was paid for a job.
fn is_paid(job: &Value) -> bool {
    matches!(job["state"].as_str(), Some("done" | "fetched")) || is_lost(job)
}
