//! Vendors that call when a job has ended, while a render waits.

use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use serde_json::Value;
use workprint_fakes::{KEY, Notice};
use workprint_tests::{KEY_ENV, Paid, Rendered, Running};

/// A port that nobody listens at.
fn free_port() -> u16 {
    let found = TcpListener::bind("127.0.0.1:0").unwrap();
    found.local_addr().unwrap().port()
}

/// A production that vendors are told a port of this machine with, as a tunnel would lead there.
fn heard(vendor: &str, prompts: usize) -> (Paid, u16) {
    let port = free_port();
    let paid = Paid::new(vendor, prompts, "episode = 1");
    let told = format!(
        "[engines.webhooks]\naddress = \"http://127.0.0.1:{port}/calls\"\nlisten = \"127.0.0.1:{port}\"\n"
    );
    let show = paid.production.read("show.toml");
    let show = show.replace("[budget]", &format!("{told}\n[budget]"));
    paid.production.write("show.toml", &show);
    (paid, port)
}

/// How often jobs were asked for.
fn polls(paid: &Paid) -> usize {
    let requests = paid.fake.requests();
    let is_poll = |one: &&String| {
        let path = one.strip_prefix("GET ").unwrap_or_default();
        path.ends_with("/status") || path.contains("/status/") || path.contains("/predictions/")
    };
    requests.iter().filter(is_poll).count()
}

/// A run that buys what the prompts ask for.
fn start(paid: &Paid, environment: &[(&str, &str)]) -> Running {
    let mut all = vec![(KEY_ENV, KEY)];
    all.extend(environment);
    let args = ["render", "pilot", "--json", "--only", "generate"];
    paid.production.start_with(&args, &all)
}

/// What comes after a while.
fn until<T>(mut found: impl FnMut() -> Option<T>) -> T {
    let mut tries = (0..6000).map(|_| {
        std::thread::sleep(Duration::from_millis(10));
        found()
    });
    tries.find_map(|found| found).unwrap()
}

/// The calls of the vendor, once it was told so many addresses.
fn notices(paid: &Paid, count: usize) -> Vec<Notice> {
    until(|| {
        let notices = paid.fake.notices();
        (notices.len() >= count).then_some(notices)
    })
}

/// What was told of calls that were not heard.
fn refused(run: &Rendered) -> Vec<&str> {
    let told = run.diagnostics("webhooks.refused").into_iter();
    told.filter_map(|one| one["message"].as_str()).collect()
}

#[test]
fn a_job_that_is_called_about_is_asked_for_seldom() {
    for vendor in ["fal", "replicate", "runpod"] {
        let lasts = Duration::from_millis(2500);
        let asked = Paid::new(vendor, 1, "episode = 1");
        asked.fake.lasts(lasts);
        asked.buy(&[]).complete();
        assert_eq!(asked.fake.notices().len(), 0, "{vendor} is told no address");

        let (called, _) = heard(vendor, 1);
        called.fake.lasts(lasts);
        let run = called.buy(&[]).complete();
        assert_eq!(refused(&run), Vec::<&str>::new());
        assert_eq!(called.fake.answers(), [200], "{vendor}");
        // Once when it was handed in, and once when it was done.
        assert_eq!(polls(&called), 2, "{vendor}");
        assert!(polls(&asked) >= 4, "{vendor}: {}", polls(&asked));
        called.check_books();
        // Nobody listens any more, and nothing is asked.
        let before = called.fake.requests().len();
        assert_eq!(called.fake.notices()[0].send(), 0);
        assert_eq!(called.buy(&[]).complete().count("performed"), 0);
        assert_eq!(called.fake.requests().len(), before);
    }
}

#[test]
fn a_call_that_never_comes_is_done_without() {
    let (paid, _) = heard("fal", 1);
    paid.fake.lasts(Duration::from_secs(1));
    paid.fake.forgets();
    paid.buy(&[]).complete();
    assert_eq!((polls(&paid), paid.fake.paid().len()), (2, 1));
    paid.check_books();
}

#[test]
fn calls_that_are_not_the_vendors_do_nothing() {
    let (paid, port) = heard("fal", 2);
    paid.fake.lasts(Duration::from_secs(5));
    paid.fake.forgets();
    let mut run = start(&paid, &[]);
    let notices = notices(&paid, 2);
    // Some that say nothing hold nobody up.
    let _idle: Vec<TcpStream> = (0..8)
        .map(|_| TcpStream::connect(("127.0.0.1", port)).unwrap())
        .collect();
    let mut forged = notices[0].clone();
    forged.headers.last_mut().unwrap().1 = "00".repeat(64);
    let mut unsigned = notices[0].clone();
    unsigned.headers.clear();
    let mut elsewhere = notices[0].clone();
    elsewhere.url = elsewhere.url.replace("/calls/", "/calls/0");
    let mut huge = notices[0].clone();
    huge.body = vec![b' '; 5 << 20];
    assert_eq!(forged.send(), 401);
    assert_eq!(unsigned.send(), 401);
    assert_eq!(elsewhere.send(), 404);
    assert!([413, 0].contains(&huge.send()));
    // Nobody was asked for them; and one that is right but early, however often, asks no more than nobody would.
    let before = polls(&paid);
    for _ in 0..20 {
        assert_eq!(notices[0].send(), 200);
    }
    assert!(run.wait_for("step.finished"), "they are never done");
    // Who was not called about still waits for its net.
    let other: Value = serde_json::from_slice(&notices[1].body).unwrap();
    let other = format!("{}/status", other["id"].as_str().unwrap());
    let requests = paid.fake.requests();
    let asked = requests.iter().filter(|one| one.ends_with(&other)).count();
    assert_eq!(asked, 1, "nobody was woken by the call about the first");
    // Late ones, of what is done while the other may be waited for yet.
    assert!([200, 0].contains(&notices[0].send()));
    let run = Rendered::of(&run.finish()).complete();
    assert!(before <= 2, "a forged call asked: {before}");
    // The one as often as without calls, the other when it was handed in and by the net.
    assert!(polls(&paid) <= 8, "{}", polls(&paid));
    let told = refused(&run);
    let about = |what: &str| told.iter().filter(|one| one.contains(what)).count();
    assert_eq!(about("its signature is wrong"), 1, "{told:?}");
    assert_eq!(about("it is not signed"), 1, "{told:?}");
    assert_eq!(about("no order of this show"), 1, "{told:?}");
    assert_eq!(about("more than 4194304 bytes"), 1, "{told:?}");
    assert_eq!(paid.fake.paid().len(), 2);
    paid.check_books();
    let pictures = paid.fake.requests();
    let files = pictures.iter().filter(|one| one.contains("/files/"));
    assert_eq!(files.count(), 2, "what a call said was fetched");
}

#[test]
fn a_killed_run_is_called_about_in_the_next() {
    let (paid, _) = heard("runpod", 1);
    paid.fake.lasts(Duration::from_secs(4));
    paid.fake.forgets();
    let killed = start(&paid, &[("WORKPRINT_TEST_KILL", "submitted:1")]).finish();
    assert_eq!(killed.code, -1);
    let earlier = notices(&paid, 1).remove(0);
    assert_eq!(earlier.send(), 0, "nobody listens");
    let run = start(&paid, &[]);
    // The address is the same one, for the same order.
    until(|| (earlier.send() == 200).then_some(()));
    Rendered::of(&run.finish()).complete();
    assert_eq!((paid.fake.paid().len(), paid.fake.notices().len()), (1, 1));
    paid.check_books();
    assert_eq!(mode(&paid), 0o600);
    // A secret that was lost is a new one, and nothing else.
    std::fs::remove_file(paid.production.vault().join("secret")).unwrap();
    assert_eq!(paid.buy(&[]).complete().count("performed"), 0);
}

/// Who may read the show's secret.
fn mode(paid: &Paid) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    let file = paid.production.vault().join("secret");
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}

#[test]
fn an_order_that_is_killed_anywhere_is_paid_once_with_calls_too() {
    for boundary in ["intent", "sent", "polled", "kept"] {
        let (paid, _) = heard("replicate", 2);
        paid.fake.lasts(Duration::from_millis(600));
        let killed = paid.buy(&[("WORKPRINT_TEST_KILL", &format!("{boundary}:1"))]);
        assert_eq!(killed.code, -1, "{boundary}");
        // A minute later, so that what the vendor does not list was certainly never taken.
        paid.buy(&[("WORKPRINT_TEST_LATER", "60000")]).complete();
        assert_eq!(paid.fake.paid().len(), 2, "{boundary}");
        paid.check_books();
    }
}

#[test]
fn who_cannot_be_heard_is_told_and_asked() {
    let (paid, port) = heard("fal", 1);
    let taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let run = paid.buy(&[]).complete();
    let told: Vec<&Value> = run.diagnostics("webhooks.deaf");
    assert_eq!(told.len(), 1);
    assert!(
        told[0].to_string().contains("nobody can listen at"),
        "{told:?}"
    );
    assert_eq!(
        paid.fake.notices().len(),
        0,
        "an address where nobody listens"
    );
    drop(taken);

    // An address of another machine than this one, by a variable that is not set here; then by one that is wrong.
    let show = paid.production.read("show.toml");
    let from = format!("address = \"http://127.0.0.1:{port}/calls\"");
    let by_env = show.replace(&from, "address_env = \"WORKPRINT_CALLS\"");
    assert_ne!(show, by_env);
    paid.production.write("show.toml", &by_env);
    let again = ["render", "pilot", "--json", "--from", "generate"];
    let rendered = |more: &[(&str, &str)]| {
        let mut all = vec![(KEY_ENV, KEY)];
        all.extend(more);
        Rendered::of(&paid.production.start_with(&again, &all).finish()).complete()
    };
    assert_eq!(rendered(&[]).diagnostics("webhooks.deaf").len(), 0);
    assert_eq!(paid.fake.notices().len(), 0);
    let wrong = rendered(&[("WORKPRINT_CALLS", "http://studio.example.org/")]);
    let told = format!("{:?}", wrong.diagnostics("webhooks.deaf"));
    assert!(
        told.contains("WORKPRINT_CALLS") && told.contains("http://"),
        "{told}"
    );
    assert_eq!(paid.fake.notices().len(), 0);
    let right = format!("http://127.0.0.1:{port}/");
    rendered(&[("WORKPRINT_CALLS", &right)]);
    assert_eq!(paid.fake.notices().len(), 1);

    let bad = show.replace("http://127.0.0.1", "http://192.168.0.7");
    paid.production.write("show.toml", &bad);
    let said = paid.run(&["check", "pilot"]);
    assert_eq!(said.code, 3, "{}{}", said.out, said.err);
    assert!(
        said.err.contains("only this machine itself")
            || said.out.contains("only this machine itself")
    );
}
