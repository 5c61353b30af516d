//! Engines with several servers: where orders go, and what becomes of those at a server that dies.

use std::collections::BTreeMap;

use serde_json::Value;
use workprint_fakes::{At, Fake, Fault, KEY};
use workprint_tests::{KEY_ENV, Paid, Rendered};

const BUY: [&str; 5] = ["render", "pilot", "--json", "--only", "generate"];

/// The engine of a production gets a second server.
fn beside(paid: &Paid, second: &str) {
    let show = paid.production.read("show.toml");
    let alone = format!("url = \"{}\"", paid.fake.url());
    let both = format!("urls = [\"{}\", \"{second}\"]", paid.fake.url());
    paid.production
        .write("show.toml", &show.replace(&alone, &both));
}

/// How many jobs went to which server, by its address and how they stand.
fn went(paid: &Paid) -> BTreeMap<(String, String), usize> {
    let text = |job: &Value, name: &str| job[name].as_str().unwrap_or_default().to_owned();
    let mut counts = BTreeMap::new();
    for job in paid.jobs(true) {
        let at = (text(&job, "server"), text(&job, "state"));
        *counts.entry(at).or_default() += 1;
    }
    counts
}

#[test]
fn a_production_whose_server_dies_midway_is_made_by_the_others() {
    let paid = Paid::new("comfyui", 6, "");
    let second = Fake::of("comfyui");
    let (near, far) = (paid.fake.url(), second.url());
    beside(&paid, &far);
    for fake in [&paid.fake, &second] {
        fake.slow(3);
    }
    let mut run = paid.production.start_with(&BUY, &[(KEY_ENV, KEY)]);
    assert!(run.wait_for("step.started"));
    // It has taken an order, and is asked for it no second time before it is gone.
    while second.paid().is_empty() {
        std::thread::yield_now();
    }
    drop(second);
    let made = Rendered::of(&run.finish()).complete();
    assert_eq!(made.count("performed"), 6);
    let went = went(&paid);
    let count = |url: &str, state: &str| {
        let at = (url.to_owned(), state.to_owned());
        went.get(&at).copied().unwrap_or_default()
    };
    assert_eq!(count(&near, "done") + count(&far, "done"), 6, "{went:?}");
    assert!(count(&far, "failed") > 0, "{went:?}");
    assert_eq!(count(&near, "failed"), 0, "{went:?}");
    // Who is alive made each picture once, at most.
    assert!(paid.paid().values().all(|count| *count <= 1));
    // Which server made it is no part of what it is: another address buys nothing.
    let show = paid.production.read("show.toml");
    let moved = show.replace(&far, "http://127.0.0.1:9");
    paid.production.write("show.toml", &moved);
    let again = Rendered::of(&paid.run(&BUY)).complete();
    assert_eq!(again.count("performed"), 0);
}

#[test]
fn an_order_of_which_nobody_knows_is_looked_for_where_it_went() {
    let paid = Paid::new("replicate", 1, "episode = 1");
    let second = Fake::of("replicate");
    beside(&paid, &second.url());
    // The first takes it and does not say so: it is found there, and the other is given nothing.
    paid.fake.trouble(At::Submit, &[Fault::StatusAfter(504)]);
    let kill = [("WORKPRINT_TEST_KILL", "sent:1")];
    assert_eq!(paid.buy(&kill).code, -1);
    paid.buy(&[("WORKPRINT_TEST_LATER", "60000")]).complete();
    assert_eq!((paid.fake.paid().len(), second.paid().len()), (1, 0));
    paid.check_books();
    // A paid order at a server that nobody names any more is a matter for a person.
    let paid = Paid::new("replicate", 1, "episode = 1");
    beside(&paid, &second.url());
    let kill = [("WORKPRINT_TEST_KILL", "submitted:1")];
    assert_eq!(paid.buy(&kill).code, -1);
    let show = paid.production.read("show.toml");
    let urls = format!("urls = [\"{}\", ", paid.fake.url());
    let moved = show.replace(&urls, "urls = [\"http://127.0.0.1:9\", ");
    paid.production.write("show.toml", &moved);
    let waits = paid.buy(&[]);
    assert_eq!((waits.code, waits.status()), (4, "waiting"));
    assert_eq!(waits.diagnostics("outside.elsewhere").len(), 1);
    assert_eq!((paid.fake.paid().len(), second.paid().len()), (1, 0));
    paid.production.write("show.toml", &show);
    paid.buy(&[]).complete();
    assert_eq!((paid.fake.paid().len(), second.paid().len()), (1, 0));
    paid.check_books();
}

#[test]
fn a_server_that_refuses_orders_is_passed_over() {
    let paid = Paid::new("comfyui", 4, "");
    let second = Fake::of("comfyui");
    beside(&paid, &second.url());
    paid.fake
        .trouble(At::Submit, &vec![Fault::Status(404, None); 50]);
    let made = Rendered::of(&paid.run(&BUY)).complete();
    assert_eq!(made.count("performed"), 4);
    assert_eq!((paid.fake.paid().len(), second.paid().len()), (0, 4));
    let tried = paid.fake.requests();
    let tried = tried.iter().filter(|asked| *asked == "POST /api/prompt");
    // As many as were sent before the first was refused.
    assert!(tried.count() <= 2);
}

#[test]
fn engines_tells_each_server_and_what_it_has_to_do() {
    let paid = Paid::new("comfyui", 1, "");
    beside(&paid, "http://127.0.0.1:9");
    let told = paid.run(&["engines", "--json"]).good().json();
    let all = told["engines"].as_array().unwrap();
    let own = all.iter().find(|one| one["table"] == "images").unwrap();
    assert_eq!(own["status"], "up", "{own}");
    let found = own["found"].as_str().unwrap();
    assert!(found.contains("1 of its 2 servers"), "{own}");
    let states: Vec<&str> = own["servers"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|server| server["status"].as_str())
        .collect();
    assert_eq!(states, ["up", "down"], "{own}");
    let shown = paid.run(&["engines"]).good().out;
    assert!(shown.contains("http://127.0.0.1:9"), "{shown}");
    // What is wrong with the list is told.
    let show = paid.production.read("show.toml");
    let near = paid.fake.url();
    for (with, why) in [
        (format!("urls = [\"{near}\"]"), "one server alone"),
        (format!("urls = [\"{near}\", \"{near}/\"]"), "twice"),
        (
            format!("url = \"{near}\"\nurls = [\"{near}\", \"http://127.0.0.1:9\"]"),
            "both name servers",
        ),
    ] {
        let both = format!("urls = [\"{near}\", \"http://127.0.0.1:9\"]");
        paid.production
            .write("show.toml", &show.replace(&both, &with));
        let said = paid.run(&["check", "pilot"]);
        let told = format!("{}{}", said.out, said.err);
        assert!(said.code != 0 && told.contains(why), "{told}");
    }
}
