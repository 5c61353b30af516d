//! One suite for every vendor that costs money, over its fake and by what its row says it can.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod exchanges;
#[path = "vendors/recorded.rs"]
mod recorded;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Map, json};
use workprint_fakes::{
    At, CHARACTER_MS, Fake, Fault, KEY, changed, conversation, gif, graph, png, recording, speech,
    text_of, tones, vendors,
};
use workprint_model::outside::EngineSpec;
use workprint_model::{Money, Size};
use workprint_providers::dialogue::{Line, Part, Parts};
use workprint_providers::engine::Engine;
use workprint_providers::error::CallError;
use workprint_providers::order::{
    Capability, Delivery, Effort, Found, Graph, Lost, Order, Parcel, Polled, Reference, Submitted,
    What,
};
use workprint_providers::recognised::Recognised;
use workprint_providers::secret::Secret;
use workprint_providers::vendors::{Accounts, NoEngine, Price, ROWS, Row, Unit, page};

const UUID: &str = "0f4c1d6e-8f5b-8a51-8d3e-5a1c9e7b2f60";

/// The first model of a vendor that makes something.
fn model(row: &Row, makes: Capability) -> &'static str {
    let fits = |price: &&Price| match price.unit {
        Unit::Second(_) => makes == Capability::Video,
        Unit::Characters(_) => makes == Capability::Speech,
        Unit::Minute(_) => [Capability::Recognition, Capability::Change].contains(&makes),
        _ => [Capability::Image, Capability::Effect].contains(&makes),
    };
    row.prices
        .iter()
        .find(fits)
        .map_or("own", |price| price.model)
}

fn spec(vendor: &str, makes: Capability, url: Option<String>) -> EngineSpec {
    let row = Row::find(vendor).unwrap();
    let model = model(row, makes);
    EngineSpec {
        vendor: vendor.to_owned(),
        model: model.to_owned(),
        price: (model == "own" && !row.is_own()).then(|| "0.04".parse().unwrap()),
        url,
        per_minute: Some(60_000),
        ..EngineSpec::default()
    }
}

fn engine(fake: &Fake, makes: Capability) -> Engine {
    let spec = spec(fake.vendor(), makes, Some(fake.url()));
    let mut accounts = Accounts::default();
    accounts
        .engine(makes, &spec, Secret::new(KEY), "the variable `X`")
        .unwrap()
}

fn order(engine: &Engine, prompt: &str) -> Order {
    let makes = engine.makes();
    let sound = is_of_sounds(makes).then(|| Reference {
        media_type: "audio/wav".to_owned(),
        bytes: recording(prompt),
    });
    Order {
        model: model(engine.row(), makes).to_owned(),
        prompt: prompt.to_owned(),
        seed: 7,
        references: sound.into_iter().collect(),
        options: Map::new(),
        graph: Some(Graph {
            nodes: graph(makes == Capability::Video),
            places: places(),
        }),
        what: what(makes, prompt),
    }
}

fn what(makes: Capability, prompt: &str) -> What {
    let size = Size {
        width: 1328,
        height: 736,
    };
    match makes {
        Capability::Image => What::Image {
            size,
            effort: Effort::Medium,
        },
        Capability::Video => What::Video {
            size,
            length_ms: 5000,
        },
        Capability::Speech => What::Speech {
            voice: "v".to_owned(),
            speed: 100,
            direction: None,
            language: "en".to_owned(),
        },
        Capability::Text => What::Text {
            system: "be short".to_owned(),
            said: Vec::new(),
            schema: None,
            small: false,
            most_tokens: 4000,
        },
        Capability::Recognition => What::Recognition {
            length_ms: 30_000,
            language: "en".to_owned(),
        },
        Capability::Music => What::Music {
            length_ms: 4000,
            instrumental: true,
        },
        Capability::Effect => What::Effect {
            length_ms: Some(1500),
            loops: true,
            influence: Some(40),
        },
        Capability::Change => What::Change {
            voice: "v".to_owned(),
            length_ms: 30_000,
        },
        Capability::Dialogue => What::Dialogue {
            lines: lines(prompt),
            language: "en".to_owned(),
        },
    }
}

/// A conversation in which each word is a line.
fn lines(prompt: &str) -> Vec<Line> {
    let words = prompt.split_whitespace().enumerate();
    let line = |(n, word): (usize, &str)| Line {
        voice: format!("v{n}"),
        text: word.to_owned(),
    };
    words.map(line).collect()
}

/// Whether a sound is what an engine makes something of.
fn is_of_sounds(makes: Capability) -> bool {
    [Capability::Recognition, Capability::Change].contains(&makes)
}

/// Where in the fake's graph an order goes.
fn places() -> BTreeMap<String, String> {
    let all = [
        ("prompt", "What is seen.text"),
        ("seed", "3.seed"),
        ("image", "10.image"),
        ("steps", "3.steps"),
        ("output", "9"),
    ];
    all.map(|(name, to)| (name.to_owned(), to.to_owned()))
        .into()
}

/// Every vendor with everything that it makes, each on its own, all at the same time.
async fn each(test: impl AsyncFn(&Fake, &Engine)) {
    let all = ROWS
        .iter()
        .flat_map(|row| row.makes.iter().map(|makes| (row.id, makes.0)));
    let test = &test;
    let tests = all.map(async |(vendor, makes)| {
        let fake = Fake::of(vendor);
        let engine = engine(&fake, makes);
        test(&fake, &engine).await;
    });
    join_all(tests).await;
}

/// How many orders a fake was sent.
fn orders(fake: &Fake) -> usize {
    let requests = fake.requests();
    requests
        .iter()
        .filter(|request| request.starts_with("POST") && !request.ends_with("/upload"))
        .count()
}

/// Whether a text holds the key of an engine that has one.
fn tells(engine: &Engine, text: &str) -> bool {
    text.contains(KEY) && !engine.row().is_own()
}

/// Whether this is what a fake makes of an order.
fn is_of(order: &Order, bytes: &[u8]) -> bool {
    let seeded = json!({"prompt": order.prompt, "seed": order.seed});
    // OpenAI's models take no seed.
    let unseeded = json!({"prompt": order.prompt});
    [seeded, unseeded]
        .iter()
        .any(|asked| match order.capability() {
            Capability::Image => bytes == png(asked),
            Capability::Video => bytes == gif(asked),
            Capability::Speech => bytes == speech(&order.prompt),
            Capability::Text => bytes == text_of(&order.prompt).as_bytes(),
            Capability::Recognition => is_said(&order.prompt, bytes),
            Capability::Music => bytes == tones(&order.prompt, 4000),
            Capability::Effect => bytes == tones(&order.prompt, 1500),
            Capability::Change => bytes == changed(&recording(&order.prompt)),
            Capability::Dialogue => {
                let lines: Vec<&str> = order.prompt.split_whitespace().collect();
                bytes == conversation(&lines)
            }
        })
}

/// Where a fake says two lines of a word each: a pause of five characters lies between them.
fn two_lines(one: &str, other: &str) -> Parts {
    let time = |characters: usize| (characters * CHARACTER_MS) as f64 / 1000.0;
    let part = |from: usize, text: &str| {
        let (from, to) = (time(from), time(from + text.len()));
        let words = Some(vec![(from, to)]);
        Part { from, to, words }
    };
    Parts::Heard(vec![part(0, one), part(one.len() + 5, other)])
}

/// Whether these are the words of a text, one after the other and 200 ms each.
fn is_said(text: &str, bytes: &[u8]) -> bool {
    let told: Recognised = serde_json::from_slice(bytes).unwrap();
    let words = told.words.iter().zip(0..).map(|(word, n)| {
        let time = word.heard.map(|(from, to)| (from.0, to.0));
        assert_eq!(time, Some((n * 9600, (n + 1) * 9600)));
        assert_eq!(word.confidence, Some(900));
        word.text.as_str()
    });
    words.eq(text.split_whitespace())
}

async fn delivered(engine: &Engine, submitted: Submitted) -> Delivery {
    let job = match submitted {
        Submitted::Done(delivery) => return delivery,
        Submitted::Job(job) => job,
        failed @ Submitted::Failed { .. } => panic!("{failed:?}"),
    };
    for _ in 0..20 {
        match engine.poll(&job).await.unwrap() {
            Polled::Pending => {}
            Polled::Done(delivery) => return delivery,
            other => panic!("{other:?}"),
        }
    }
    panic!("it is never done");
}

#[test]
fn every_row_has_its_fake_and_its_prices() {
    let rows: Vec<&str> = ROWS.iter().map(|row| row.id).collect();
    assert_eq!(rows, vendors().collect::<Vec<_>>());
    for row in ROWS {
        // Who takes no key is one's own, and costs nothing.
        let is_own = row.is_own();
        assert_eq!(
            row.url.starts_with("http://127.0.0.1:"),
            is_own,
            "{}",
            row.id
        );
        assert!(is_own || row.url.starts_with("https://"), "{}", row.id);
        assert!(row.prices.is_empty() || !is_own, "{}", row.id);
        for price in row.prices {
            assert!(price.source.starts_with("https://"), "{}", price.model);
            assert!(price.date.len() >= 7, "{}", price.model);
        }
    }
}

#[tokio::test]
async fn an_order_becomes_what_was_ordered_at_its_price() {
    each(async |fake, engine| {
        fake.slow(3);
        let order = order(engine, "a lamp");
        let submitted = engine.submit(&order, UUID).await.unwrap();
        assert_eq!(
            matches!(submitted, Submitted::Job(_)),
            engine.row().has_jobs
        );
        let delivery = delivered(engine, submitted).await;
        let cost = engine.cost(&order, &delivery.usage);
        assert_eq!(cost > Money::ZERO, !engine.row().is_own());
        assert!(cost <= engine.quote(&order), "{cost:?}");
        let speaks = engine.row().speaks(&order.model);
        let timed = engine.makes() == Capability::Speech && speaks.unwrap().timed;
        let heard = delivery.words.as_ref().map(Vec::len);
        assert_eq!(heard, timed.then_some(2));
        let lines = (engine.makes() == Capability::Dialogue).then(|| two_lines("a", "lamp"));
        assert_eq!(delivery.lines, lines);
        let (bytes, _) = engine.fetch(delivery.parcel).await.unwrap();
        assert!(is_of(&order, &bytes));
        assert_eq!(fake.paid(), ["a lamp"]);
    })
    .await;
}

#[tokio::test]
async fn references_go_with_an_order() {
    each(async |fake, engine| {
        let seen = [Capability::Image, Capability::Video, Capability::Text];
        if !seen.contains(&engine.makes()) {
            return;
        }
        let mut order = order(engine, "like this");
        order.references = vec![Reference {
            media_type: "image/png".to_owned(),
            bytes: png(&json!({})),
        }];
        engine.submit(&order, UUID).await.unwrap();
        assert_eq!(fake.paid(), ["like this"]);
    })
    .await;
}

#[tokio::test]
async fn several_pictures_are_shown_with_one_question_in_their_order() {
    each(async |fake, engine| {
        if engine.makes() != Capability::Text {
            return;
        }
        let frames = [4, 1, 3, 2].map(|seed| png(&json!({"prompt": "a frame", "seed": seed})));
        let mut order = order(engine, "what changes?");
        order.references = frames
            .iter()
            .map(|frame| Reference {
                media_type: "image/png".to_owned(),
                bytes: frame.clone(),
            })
            .collect();
        assert!(engine.row().references >= frames.len());
        engine.submit(&order, UUID).await.unwrap();
        assert_eq!(fake.paid(), ["what changes?"]);
        assert_eq!(fake.shown(), [frames.to_vec()], "{}", fake.vendor());
    })
    .await;
}

#[tokio::test]
async fn an_order_is_sent_once_whatever_comes_of_it() {
    each(async |fake, engine| {
        for (fault, certain) in [
            (Fault::Status(429, Some(0)), true),
            (Fault::Status(503, Some(0)), true),
            (Fault::Status(500, None), false),
            (Fault::StatusAfter(502), false),
            (Fault::Truncated, false),
            (Fault::Page, false),
            (Fault::Complaint, true),
            (Fault::Redirect("http://127.0.0.1:9/".to_owned()), true),
        ] {
            let (paid, asked) = (fake.paid().len(), orders(fake));
            fake.trouble(At::Submit, std::slice::from_ref(&fault));
            let error = engine.submit(&order(engine, "x"), UUID).await.unwrap_err();
            assert_eq!(error.is_certain(), certain, "{fault:?}: {error:?}");
            assert_eq!(orders(fake), asked + 1, "{fault:?}");
            assert!(!certain || fake.paid().len() == paid, "{fault:?}");
            assert!(!tells(engine, &error.to_string()) && !error.hint().is_empty());
            // One that goes well, so that the account does not rest.
            engine.submit(&order(engine, "y"), UUID).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn questions_are_asked_again_and_orders_are_not() {
    each(async |fake, engine| {
        let Submitted::Job(job) = engine.submit(&order(engine, "x"), UUID).await.unwrap() else {
            return;
        };
        fake.trouble(
            At::Poll,
            &[Fault::Status(429, Some(0)), Fault::Status(503, Some(0))],
        );
        assert!(matches!(engine.poll(&job).await.unwrap(), Polled::Done(_)));
        assert_eq!(fake.paid().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_job_that_failed_is_told_with_its_reason() {
    each(async |fake, engine| {
        fake.trouble(At::Job, &[Fault::Refuses]);
        match engine.submit(&order(engine, "x"), UUID).await {
            Ok(Submitted::Job(job)) => {
                let told = engine.poll(&job).await.unwrap();
                let Polled::Failed(why) = told else {
                    panic!("{told:?}");
                };
                assert!(why.contains("Refuses") && !tells(engine, &why), "{why}");
            }
            Ok(Submitted::Failed { why, hint, usage }) => {
                assert!(why.contains("Refuses") && !hint.is_empty(), "{why}");
                assert!(usage.tokens_out > 0);
            }
            other => assert!(other.unwrap_err().is_certain()),
        }
    })
    .await;
}

#[tokio::test]
async fn a_job_can_be_stopped_and_taken_over_by_its_name() {
    each(async |fake, engine| {
        let order = order(engine, "x");
        let Submitted::Job(job) = engine.submit(&order, UUID).await.unwrap() else {
            return;
        };
        let name = fake.jobs_of("x").pop().unwrap();
        let adopted = engine.adopt(&name, &order.model).unwrap();
        assert!(matches!(
            engine.poll(&adopted).await.unwrap(),
            Polled::Done(_)
        ));
        // What is listened to is soon over.
        let stops = engine.makes() != Capability::Recognition;
        assert_eq!(engine.cancel(&job).await.unwrap(), stops);
        let stopped: Vec<String> = stops.then_some(name).into_iter().collect();
        assert_eq!(fake.cancelled(), stopped);
    })
    .await;
}

#[tokio::test]
async fn a_lost_order_is_found_where_the_vendor_lists_orders() {
    each(async |fake, engine| {
        let order = order(engine, "lost");
        let since = jiff::Timestamp::now().as_millisecond();
        let find = async |known: &[String]| {
            let order = &order;
            let lost = Lost {
                order,
                key: UUID,
                since,
                known,
            };
            engine.find(&lost).await.unwrap()
        };
        if !engine.row().can_find {
            // What is free may be ordered again.
            let free = engine.row().is_own();
            let told = if free { Found::None } else { Found::Unknown };
            assert_eq!(find(&[]).await, told);
            return;
        }
        assert_eq!(find(&[]).await, Found::None);
        fake.trouble(At::Submit, &[Fault::StatusAfter(504)]);
        assert!(!engine.submit(&order, UUID).await.unwrap_err().is_certain());
        let other = Order {
            seed: 8,
            ..order.clone()
        };
        engine.submit(&other, "another").await.unwrap();
        let name = fake.jobs_of("lost")[1].clone();
        let Found::Job(found) = find(&[]).await else {
            panic!("it is not found");
        };
        assert!(found.starts_with(&name), "{found}");
        if !engine.row().takes_key {
            assert_eq!(find(&[name]).await, Found::None);
        }
    })
    .await;
}

#[tokio::test]
async fn only_pictures_are_taken_from_where_they_may_lie() {
    each(async |fake, engine| {
        let order = order(engine, "x");
        let fetch = async |faults: &[(At, Fault)]| {
            for (at, fault) in faults {
                fake.trouble(*at, std::slice::from_ref(fault));
            }
            let submitted = engine.submit(&order, UUID).await.unwrap();
            let parcel = delivered(engine, submitted).await.parcel;
            engine.fetch(parcel).await
        };
        if !engine.row().has_jobs || engine.makes() == Capability::Recognition {
            return;
        }
        let page = fetch(&[(At::File, Fault::Page)]).await.unwrap_err();
        assert!(page.to_string().contains("a web page where"), "{page}");
        let gone = fetch(&[(At::File, Fault::Status(410, None))])
            .await
            .unwrap_err();
        assert!(
            matches!(gone, CallError::Refused { status: 410, .. }),
            "{gone}"
        );
        fetch(&[(At::File, Fault::Truncated)]).await.unwrap();
        let elsewhere = Fault::Redirect("http://127.0.0.1:9/secret".to_owned());
        let elsewhere = fetch(&[(At::File, elsewhere)]).await.unwrap_err();
        assert!(
            matches!(elsewhere, CallError::Elsewhere { .. }),
            "{elsewhere}"
        );
    })
    .await;
}

#[tokio::test]
async fn addresses_in_replies_lead_nowhere_they_should_not() {
    let fake = Fake::of("fal");
    let engine = engine(&fake, Capability::Image);
    for bad in [
        "http://93.184.216.34/a.png",
        "file:///etc/passwd",
        "ftp://127.0.0.1/a",
    ] {
        let error = engine.fetch(Parcel::At(bad.to_owned())).await.unwrap_err();
        assert!(
            matches!(error, CallError::Address { .. }),
            "{bad}: {error:?}"
        );
    }
    let spec = spec("fal", Capability::Image, None);
    let public = Accounts::default()
        .engine(Capability::Image, &spec, Secret::new(KEY), "x")
        .unwrap();
    for bad in [
        fake.url(),
        fake.url().replace("http", "https"),
        "https://localhost/a.png".to_owned(),
        "https://[::1]/a.png".to_owned(),
        "https://169.254.169.254/latest".to_owned(),
    ] {
        let error = public.fetch(Parcel::At(bad.clone())).await.unwrap_err();
        assert!(
            matches!(error, CallError::Address { .. }),
            "{bad}: {error:?}"
        );
    }
    assert!(fake.requests().is_empty());
}

#[tokio::test]
async fn a_request_that_is_dropped_ends_at_once() {
    each(async |fake, engine| {
        fake.trouble(At::Submit, &[Fault::HangAfter]);
        let begun = Instant::now();
        let order = order(engine, "x");
        // It is dropped as soon as the vendor has it, which never answers.
        let arrived = async {
            while fake.paid().is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            answer = engine.submit(&order, UUID) => panic!("it was answered: {answer:?}"),
            () = arrived => {}
        }
        assert!(begun.elapsed() < Duration::from_secs(2));
        assert_eq!(fake.paid().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_account_that_fails_on_end_rests() {
    each(async |fake, engine| {
        fake.trouble(At::Submit, &vec![Fault::Status(500, None); 5]);
        for _ in 0..5 {
            engine.submit(&order(engine, "x"), UUID).await.unwrap_err();
        }
        // An upload that goes well between two orders shows that the server is up.
        if fake
            .requests()
            .iter()
            .any(|request| request.ends_with("/upload"))
        {
            return;
        }
        let asked = fake.requests().len();
        let error = engine.submit(&order(engine, "x"), UUID).await.unwrap_err();
        assert!(
            matches!(error, CallError::Resting { failures: 5, .. }),
            "{error:?}"
        );
        assert!(error.is_certain() && error.is_temporary());
        assert_eq!(fake.requests().len(), asked);
    })
    .await;
}

/// An upload that fails is no order: nothing is paid, and nobody is asked.
#[tokio::test]
async fn what_is_sent_before_an_order_may_fail_and_be_sent_again() {
    let fake = Fake::of("assemblyai");
    let engine = engine(&fake, Capability::Recognition);
    let order = order(&engine, "x");
    fake.trouble(At::Poll, &[Fault::Status(429, Some(0))]);
    engine.submit(&order, UUID).await.unwrap();
    fake.trouble(At::Poll, &[Fault::Page]);
    let error = engine.submit(&order, UUID).await.unwrap_err();
    assert!(error.is_certain() && !error.hint().is_empty(), "{error:?}");
    assert_eq!(fake.paid().len(), 1);
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_not_told() {
    each(async |fake, engine| {
        if engine.row().is_own() {
            return;
        }
        let makes = engine.makes();
        let spec = spec(fake.vendor(), makes, Some(fake.url()));
        let key = Secret::new("sk-wrong-and-secret");
        let engine = Accounts::default().engine(makes, &spec, key, "x").unwrap();
        let error = engine.submit(&order(&engine, "x"), UUID).await.unwrap_err();
        assert!(
            matches!(error, CallError::Refused { status: 401, .. }),
            "{error:?}"
        );
        assert!(!format!("{error:?} {error} {engine:?}").contains("sk-wrong"));
    })
    .await;
}

#[tokio::test]
async fn a_server_of_ones_own_tells_how_far_it_is() {
    let fake = Fake::of("comfyui");
    fake.slow(4);
    let engine = engine(&fake, Capability::Image);
    let order = order(&engine, "x");
    let Submitted::Job(job) = engine.submit(&order, UUID).await.unwrap() else {
        panic!("it has no jobs");
    };
    let told = Mutex::new(Vec::new());
    let tell = |permille| told.lock().unwrap().push(permille);
    let work = async {
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            engine.poll(&job).await.unwrap();
        }
    };
    // It ends by itself, when the job does.
    let watched = tokio::time::timeout(Duration::from_secs(20), engine.watch(&order, &job, &tell));
    let (watched, ()) = tokio::join!(watched, work);
    watched.unwrap();
    let mut told = told.into_inner().unwrap();
    told.dedup();
    // Of five nodes one is done, then the other by quarters.
    assert_eq!(told, [200, 250, 300, 350]);
}

#[tokio::test]
async fn what_a_graph_lacks_is_named_with_its_node_and_its_input() {
    let fake = Fake::of("comfyui");
    let engine = engine(&fake, Capability::Image);
    let mut bad = order(&engine, "x");
    bad.options.insert("steps".to_owned(), 0.into());
    let refused = engine.submit(&bad, UUID).await.unwrap_err().to_string();
    assert!(
        refused.ends_with("node 3 (KSampler), input `steps`: Value 0 smaller than min of 1: steps"),
        "{refused}"
    );
    let asked = fake.requests().len();
    let told = async |change: fn(&mut Order)| {
        let mut order = order(&engine, "x");
        change(&mut order);
        let error = engine.submit(&order, UUID).await.unwrap_err();
        assert!(error.is_certain() && !error.hint().is_empty());
        error.to_string()
    };
    let none = told(|order| order.graph = None).await;
    assert_eq!(none, "it has no graph");
    let saved = told(|order| {
        let graph = order.graph.as_mut().unwrap();
        graph.nodes = Map::from_iter([("nodes".to_owned(), json!([]))]);
    });
    assert_eq!(saved.await, "its graph is not what the server takes");
    let gone = told(|order| {
        let places = &mut order.graph.as_mut().unwrap().places;
        places.insert("prompt".to_owned(), "77.text".to_owned());
    });
    assert!(gone.await.contains("`places.prompt` names `77.text`"));
    assert_eq!(fake.requests().len(), asked, "nothing was asked");
}

#[test]
fn engines_without_a_vendor_a_price_or_a_key_are_refused() {
    let refuse = |spec: &EngineSpec, key| {
        let mut accounts = Accounts::default();
        let error = accounts.engine(Capability::Image, spec, key, "the variable `FAL_KEY`");
        let error = error.unwrap_err();
        assert!(!error.hint().is_empty());
        error
    };
    let fal = spec("fal", Capability::Image, None);
    let other = EngineSpec {
        vendor: "fall".to_owned(),
        ..fal.clone()
    };
    assert!(matches!(refuse(&other, None), NoEngine::Vendor { .. }));
    let unpriced = EngineSpec {
        model: "fal-ai/new".to_owned(),
        ..fal.clone()
    };
    assert!(matches!(
        refuse(&unpriced, Secret::new(KEY)),
        NoEngine::Price { .. }
    ));
    assert!(matches!(refuse(&fal, None), NoEngine::Key { .. }));
    // A server that anybody may reach may be somebody else's.
    let own = |url: &str| {
        let url = Some(url.to_owned());
        Row::check(
            Capability::Text,
            &spec("openai-compatible", Capability::Text, url),
        )
    };
    assert!(own("http://192.168.0.7:8080/v1").is_ok());
    let elsewhere = own("https://api.example.com/v1").unwrap_err();
    assert!(matches!(elsewhere, NoEngine::Price { .. }), "{elsewhere}");
    assert!(elsewhere.hint().contains("a million tokens"));
    let cannot = Row::check(Capability::Video, &spec("openai", Capability::Image, None));
    assert!(matches!(cannot.unwrap_err(), NoEngine::Cannot { .. }));
    let plain = EngineSpec {
        url: Some("http://8.8.8.8".to_owned()),
        ..fal
    };
    assert!(matches!(
        refuse(&plain, Secret::new(KEY)),
        NoEngine::Call(CallError::Address { .. })
    ));
}

#[test]
fn the_page_of_vendors_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/vendors.md");
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == page(), "run `script/update-generated`");
}

#[test]
#[ignore = "writes the page: `script/update-generated` runs it"]
fn write() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/vendors.md");
    std::fs::write(path, page()).unwrap();
}
