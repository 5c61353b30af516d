//! What vendors call to say, over the fakes of all that do: heard where it is theirs, and nothing but a hint.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Map;
use workprint_fakes::{Fake, KEY, Notice, recording};
use workprint_model::Size;
use workprint_model::outside::EngineSpec;
use workprint_providers::engine::Engine;
use workprint_providers::order::{Capability, Effort, Order, Reference, What};
use workprint_providers::secret::Secret;
use workprint_providers::vendors::{Accounts, ROWS, Row};
use workprint_providers::webhook::{NotHeard, Refusals, Webhooks};

const UUID: &str = "0f4c1d6e-8f5b-8a51-8d3e-5a1c9e7b2f60";
const OTHER: &str = "1f4c1d6e-8f5b-8a51-8d3e-5a1c9e7b2f60";
const ADDRESS: &str = "https://studio.example.org/calls/";
const SECRET: [u8; 32] = [7; 32];

/// A vendor, an engine of it and where it calls, with a clock that can be wrong.
struct Desk {
    fake: Fake,
    engine: Engine,
    webhooks: Arc<Webhooks>,
    refusals: Refusals,
    wrong: Arc<AtomicI64>,
}

impl Desk {
    fn of(row: &Row) -> Self {
        let fake = Fake::of(row.id);
        let makes = row.makes[0].0;
        let spec = spec(&fake);
        let wrong = Arc::<AtomicI64>::default();
        let now = {
            let wrong = Arc::clone(&wrong);
            move || jiff::Timestamp::now().as_millisecond() + wrong.load(Ordering::SeqCst)
        };
        let (webhooks, refusals) = Webhooks::new(ADDRESS, &SECRET, now).unwrap();
        let mut accounts = Accounts::default();
        accounts.hear_by(Arc::clone(&webhooks));
        let engine = accounts.engine(makes, &spec, Secret::new(KEY), "the variable `X`");
        Self {
            fake,
            engine: engine.unwrap(),
            webhooks,
            refusals,
            wrong,
        }
    }

    /// Orders something under a key; the vendor's call about it.
    async fn ordered(&self, key: &str) -> Notice {
        self.engine
            .submit(&order(&self.fake, self.engine.makes()), key)
            .await
            .unwrap();
        self.fake.notices().pop().unwrap()
    }

    /// The status that a call is answered with.
    async fn heard(&self, notice: &Notice) -> u16 {
        let path = notice
            .url
            .strip_prefix("https://studio.example.org")
            .unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in &notice.headers {
            let name: HeaderName = name.parse().unwrap();
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        match self.webhooks.at(path) {
            Ok(knock) => knock.hear(&headers, &notice.body).await,
            Err(status) => status,
        }
    }

    /// Whether whoever waits for the order of a key is woken.
    async fn wakes(&self, key: &str) -> bool {
        let called = self.engine.called(key);
        let waited = tokio::time::timeout(Duration::from_millis(20), called);
        waited.await.is_ok()
    }
}

fn spec(fake: &Fake) -> EngineSpec {
    EngineSpec {
        vendor: fake.vendor().to_owned(),
        model: "own".to_owned(),
        price: Some("0.04".parse().unwrap()),
        url: Some(fake.url()),
        per_minute: Some(60_000),
        ..EngineSpec::default()
    }
}

fn order(fake: &Fake, makes: Capability) -> Order {
    let model = fake.model("images").or(fake.model("recognisers"));
    let sound = (makes == Capability::Recognition).then(|| Reference {
        media_type: "audio/wav".to_owned(),
        bytes: recording("a lamp"),
    });
    Order {
        model: model.unwrap().to_owned(),
        prompt: "a lamp".to_owned(),
        seed: 7,
        references: sound.into_iter().collect(),
        options: Map::new(),
        graph: None,
        what: match makes {
            Capability::Recognition => What::Recognition {
                length_ms: 1000,
                language: "en".to_owned(),
            },
            _ => What::Image {
                size: Size {
                    width: 64,
                    height: 36,
                },
                effort: Effort::Low,
            },
        },
    }
}

fn callers() -> impl Iterator<Item = Desk> {
    ROWS.iter().filter(|row| row.calls()).map(Desk::of)
}

#[tokio::test]
async fn a_vendors_own_call_wakes_who_waits_and_no_other() {
    assert_eq!(callers().count(), 4);
    for desk in callers() {
        let vendor = desk.fake.vendor();
        let notice = desk.ordered(UUID).await;
        desk.ordered(OTHER).await;
        assert!(!desk.wakes(UUID).await, "{vendor} has not called");
        // One that comes before anybody waits is not lost, and one that comes twice is one.
        assert_eq!(desk.heard(&notice).await, 200, "{vendor}");
        assert_eq!(desk.heard(&notice).await, 200, "{vendor}");
        assert!(desk.wakes(UUID).await, "{vendor}");
        assert!(!desk.wakes(UUID).await, "{vendor}: a call wakes once");
        assert!(!desk.wakes(OTHER).await, "{vendor}: it was the other's");
    }
}

#[tokio::test]
async fn a_forged_call_wakes_nobody_and_is_told() {
    for mut desk in callers() {
        let vendor = desk.fake.vendor();
        let notice = desk.ordered(UUID).await;
        let other = desk.ordered(OTHER).await;
        let mut forged = Vec::new();
        // RunPod signs nothing.
        for (at, (name, value)) in notice.headers.iter().enumerate().skip(1) {
            let mut without = notice.clone();
            without.headers.remove(at);
            forged.push((format!("no {name}"), without));
            let mut wrong = notice.clone();
            let last = if value.ends_with('0') { "1" } else { "0" };
            let cut = value.len() - 1;
            wrong.headers[at].1 = format!("{}{last}", &value[..cut]);
            forged.push((format!("another {name}"), wrong));
            let mut junk = notice.clone();
            junk.headers[at].1 = "=,{}".to_owned();
            forged.push((format!("junk in {name}"), junk));
        }
        if notice.headers.len() > 2 {
            let mut wrong = notice.clone();
            wrong.body.push(b' ');
            forged.push(("another body".to_owned(), wrong));
        }
        if notice.headers.len() > 1 {
            // What another order's call is signed with.
            let mut moved = notice.clone();
            moved.headers.clone_from(&other.headers);
            forged.push(("the other's signature".to_owned(), moved));
        }
        let is_signed = !forged.is_empty();
        assert_eq!(is_signed, vendor != "runpod");
        let count = forged.len();
        for (what, notice) in forged {
            assert_eq!(desk.heard(&notice).await, 401, "{vendor}: {what}");
        }
        assert!(!desk.wakes(UUID).await, "{vendor}");
        for _ in 0..count {
            let told = desk.refusals.try_recv().unwrap();
            assert!(matches!(told, NotHeard::Forged { .. }), "{told}");
            assert!(!told.to_string().contains(KEY));
        }
    }
}

#[tokio::test]
async fn an_old_call_is_somebody_elses() {
    for desk in callers() {
        let notice = desk.ordered(UUID).await;
        let is_dated = notice.headers.len() > 2;
        for (apart, status) in [(-290, 200), (290, 200), (-320, 401), (320, 401)] {
            desk.wrong.store(apart * 1000, Ordering::SeqCst);
            let wanted = if is_dated { status } else { 200 };
            let vendor = desk.fake.vendor();
            assert_eq!(desk.heard(&notice).await, wanted, "{vendor}: {apart} s");
        }
    }
}

#[tokio::test]
async fn only_who_knows_the_secret_knows_an_address() {
    let row = Row::find("runpod").unwrap();
    let mut desk = Desk::of(row);
    let notice = desk.ordered(UUID).await;
    let (order, tag) = notice.url.rsplit_once('.').unwrap();
    let other = order.replace(UUID, OTHER);
    for bad in [
        format!("{other}.{tag}"),
        format!("{order}.{}", &tag[..62]),
        format!("{order}.{tag}00"),
        format!("{order}."),
        order.to_owned(),
        format!("{order}.{tag}/"),
        format!("{order}/{tag}"),
        ADDRESS.to_owned(),
    ] {
        let url = bad.clone();
        let notice = Notice {
            url,
            ..notice.clone()
        };
        assert_eq!(desk.heard(&notice).await, 404, "{bad}");
        assert_eq!(desk.refusals.try_recv(), Ok(NotHeard::Address));
    }
    assert!(!desk.wakes(UUID).await);
    // Another run of the same show knows the address, and does nothing before it waits for the order.
    let again = Desk::of(row);
    assert_eq!(again.heard(&notice).await, 200);
    assert!(!again.wakes(UUID).await, "it came before anybody waited");
    assert_eq!(again.heard(&notice).await, 200);
    assert!(again.wakes(UUID).await);
    // A proxy may hide what stands before it.
    let path = notice.url.strip_prefix(ADDRESS).unwrap();
    assert!(desk.webhooks.at(&format!("/{path}")).is_ok());
    let (strange, _) = Webhooks::new(ADDRESS, &[8; 32], || 0).unwrap();
    assert!(strange.at(path).is_err());
}

#[tokio::test]
async fn without_an_ear_nobody_is_told_an_address() {
    for row in ROWS
        .iter()
        .filter(|row| row.has_jobs && row.makes[0].0 == Capability::Image)
    {
        let fake = Fake::of(row.id);
        let spec = spec(&fake);
        let mut accounts = Accounts::default();
        let engine = accounts.engine(Capability::Image, &spec, Secret::new(KEY), "`X`");
        let engine = engine.unwrap();
        assert!(!engine.is_called());
        if row.calls() {
            engine
                .submit(&order(&fake, Capability::Image), UUID)
                .await
                .unwrap();
            assert!(fake.notices().is_empty(), "{}", row.id);
        }
    }
}

#[tokio::test]
async fn a_vendor_that_does_not_say_what_it_signs_with_is_not_believed() {
    use workprint_fakes::{At, Fault};
    let mut desk = Desk::of(Row::find("replicate").unwrap());
    let notice = desk.ordered(UUID).await;
    desk.fake.trouble(At::Poll, &[Fault::Status(500, None)]);
    assert_eq!(desk.heard(&notice).await, 503);
    let told = desk.refusals.try_recv().unwrap().to_string();
    assert!(told.contains("500") && !told.contains(KEY), "{told}");
    assert!(!desk.wakes(UUID).await);
    // It is asked again with the next call, and then no more.
    let asked = || {
        let requests = desk.fake.requests();
        requests
            .iter()
            .filter(|one| one.ends_with("/secret"))
            .count()
    };
    assert_eq!(desk.heard(&notice).await, 200);
    assert_eq!(desk.heard(&notice).await, 200);
    assert_eq!(asked(), 2);
    assert!(desk.wakes(UUID).await);
}
