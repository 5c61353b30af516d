//! One suite for every vendor that costs money, over its fake and by what its row says it can.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::time::{Duration, Instant};

use workprint_fakes::{At, Fake, Fault, KEY, VENDORS, png};
use workprint_model::outside::{ImageEffort, ImageEngineSpec};
use workprint_model::{Money, Size};
use workprint_providers::error::CallError;
use workprint_providers::images::{
    Delivery, Effort, Found, ImageEngine, ImageOrder, Lost, Picture, Polled, Reference, Submitted,
};
use workprint_providers::secret::Secret;
use workprint_providers::vendors::{Accounts, NoEngine, ROWS, Row, page};

fn spec(vendor: &str, url: Option<String>) -> ImageEngineSpec {
    ImageEngineSpec {
        vendor: vendor.to_owned(),
        model: Row::find(vendor).unwrap().prices[0].model.to_owned(),
        price: None,
        quality: ImageEffort::Medium,
        url,
        key_env: None,
        key_file: None,
        at_once: None,
        per_minute: Some(60_000),
    }
}

fn engine(fake: &Fake) -> ImageEngine {
    let spec = spec(fake.vendor(), Some(fake.url()));
    let mut accounts = Accounts::default();
    accounts
        .engine(&spec, Secret::new(KEY), "the variable `X`")
        .unwrap()
}

fn order(engine: &ImageEngine, prompt: &str) -> ImageOrder {
    ImageOrder {
        model: engine.row().prices[0].model.to_owned(),
        prompt: prompt.to_owned(),
        seed: 7,
        size: Size {
            width: 1328,
            height: 736,
        },
        effort: Effort::Medium,
        references: Vec::new(),
    }
}

/// Every vendor, on its own.
async fn each(test: impl AsyncFn(&Fake, &ImageEngine)) {
    for vendor in VENDORS {
        let fake = Fake::of(vendor);
        let engine = engine(&fake);
        test(&fake, &engine).await;
    }
}

async fn delivered(engine: &ImageEngine, submitted: Submitted) -> Delivery {
    let job = match submitted {
        Submitted::Done(delivery) => return delivery,
        Submitted::Job(job) => job,
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
    assert_eq!(rows, VENDORS);
    for row in ROWS {
        assert!(row.url.starts_with("https://"), "{}", row.id);
        assert!(!row.prices.is_empty(), "{}", row.id);
        for price in row.prices {
            assert!(price.source.starts_with("https://"), "{}", price.model);
            assert!(price.date.len() >= 7, "{}", price.model);
        }
    }
}

#[tokio::test]
async fn an_order_becomes_a_picture_at_its_price() {
    each(async |fake, engine| {
        fake.slow(3);
        let order = order(engine, "a lamp");
        let submitted = engine.submit(&order).await.unwrap();
        assert_eq!(
            matches!(submitted, Submitted::Job(_)),
            engine.row().has_jobs
        );
        let delivery = delivered(engine, submitted).await;
        let cost = engine.cost(&order, &delivery);
        assert!(
            cost > Money::ZERO && cost <= engine.quote(&order),
            "{cost:?}"
        );
        let bytes = engine.fetch(delivery.picture).await.unwrap();
        let made = serde_json::json!({"prompt": "a lamp", "seed": 7});
        // OpenAI's models take no seed.
        let unseeded = serde_json::json!({"prompt": "a lamp"});
        assert!(bytes == png(&made) || bytes == png(&unseeded));
        assert_eq!(fake.paid(), ["a lamp"]);
    })
    .await;
}

#[tokio::test]
async fn references_go_with_an_order() {
    each(async |fake, engine| {
        let mut order = order(engine, "like this");
        order.references = vec![Reference {
            media_type: "image/png".to_owned(),
            bytes: png(&serde_json::json!({})),
        }];
        engine.submit(&order).await.unwrap();
        assert_eq!(fake.paid(), ["like this"]);
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
            let (paid, asked) = (fake.paid().len(), fake.requests().len());
            fake.trouble(At::Submit, std::slice::from_ref(&fault));
            let error = engine.submit(&order(engine, "x")).await.unwrap_err();
            assert_eq!(error.is_certain(), certain, "{fault:?}: {error:?}");
            assert_eq!(fake.requests().len(), asked + 1, "{fault:?}");
            assert!(!certain || fake.paid().len() == paid, "{fault:?}");
            assert!(!error.to_string().contains(KEY) && !error.hint().is_empty());
            // One that goes well, so that the account does not rest.
            engine.submit(&order(engine, "y")).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn questions_are_asked_again_and_orders_are_not() {
    each(async |fake, engine| {
        let Submitted::Job(job) = engine.submit(&order(engine, "x")).await.unwrap() else {
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
        match engine.submit(&order(engine, "x")).await {
            Ok(Submitted::Job(job)) => {
                let told = engine.poll(&job).await.unwrap();
                assert_eq!(told, Polled::Failed("Refuses".to_owned()));
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
        let Submitted::Job(job) = engine.submit(&order).await.unwrap() else {
            return;
        };
        let name = fake.jobs_of("x").pop().unwrap();
        let adopted = engine.adopt(&name, &order.model).unwrap();
        assert!(matches!(
            engine.poll(&adopted).await.unwrap(),
            Polled::Done(_)
        ));
        assert!(engine.cancel(&job).await.unwrap());
        assert_eq!(fake.cancelled(), [name]);
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
                since,
                known,
            };
            engine.find(&lost).await.unwrap()
        };
        if !engine.row().can_find {
            assert_eq!(find(&[]).await, Found::Unknown);
            return;
        }
        assert_eq!(find(&[]).await, Found::None);
        fake.trouble(At::Submit, &[Fault::StatusAfter(504)]);
        assert!(!engine.submit(&order).await.unwrap_err().is_certain());
        let other = ImageOrder {
            seed: 8,
            ..order.clone()
        };
        engine.submit(&other).await.unwrap();
        let name = fake.jobs_of("lost")[1].clone();
        assert_eq!(find(&[]).await, Found::Job(name.clone()));
        assert_eq!(find(&[name]).await, Found::None);
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
            let submitted = engine.submit(&order).await.unwrap();
            let picture = delivered(engine, submitted).await.picture;
            engine.fetch(picture).await
        };
        if !engine.row().has_jobs {
            return;
        }
        let page = fetch(&[(At::File, Fault::Page)]).await.unwrap_err();
        assert!(
            page.to_string().contains("a web page where a picture"),
            "{page}"
        );
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
    let engine = engine(&fake);
    for bad in [
        "http://93.184.216.34/a.png",
        "file:///etc/passwd",
        "ftp://127.0.0.1/a",
    ] {
        let error = engine.fetch(Picture::At(bad.to_owned())).await.unwrap_err();
        assert!(
            matches!(error, CallError::Address { .. }),
            "{bad}: {error:?}"
        );
    }
    let spec = spec("fal", None);
    let public = Accounts::default()
        .engine(&spec, Secret::new(KEY), "x")
        .unwrap();
    for bad in [
        fake.url(),
        fake.url().replace("http", "https"),
        "https://localhost/a.png".to_owned(),
        "https://[::1]/a.png".to_owned(),
        "https://169.254.169.254/latest".to_owned(),
    ] {
        let error = public.fetch(Picture::At(bad.clone())).await.unwrap_err();
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
        let asked = tokio::time::timeout(Duration::from_millis(300), engine.submit(&order));
        assert!(asked.await.is_err());
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
            engine.submit(&order(engine, "x")).await.unwrap_err();
        }
        let asked = fake.requests().len();
        let error = engine.submit(&order(engine, "x")).await.unwrap_err();
        assert!(
            matches!(error, CallError::Resting { failures: 5, .. }),
            "{error:?}"
        );
        assert!(error.is_certain() && error.is_temporary());
        assert_eq!(fake.requests().len(), asked);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_not_told() {
    each(async |fake, _| {
        let spec = spec(fake.vendor(), Some(fake.url()));
        let key = Secret::new("sk-wrong-and-secret");
        let engine = Accounts::default().engine(&spec, key, "x").unwrap();
        let error = engine.submit(&order(&engine, "x")).await.unwrap_err();
        assert!(
            matches!(error, CallError::Refused { status: 401, .. }),
            "{error:?}"
        );
        assert!(!format!("{error:?} {error} {engine:?}").contains("sk-wrong"));
    })
    .await;
}

#[test]
fn engines_without_a_vendor_a_price_or_a_key_are_refused() {
    let refuse = |spec: &ImageEngineSpec, key| {
        let error = Accounts::default().engine(spec, key, "the variable `FAL_KEY`");
        let error = error.unwrap_err();
        assert!(!error.hint().is_empty());
        error
    };
    let fal = spec("fal", None);
    let other = ImageEngineSpec {
        vendor: "fall".to_owned(),
        ..fal.clone()
    };
    assert!(matches!(refuse(&other, None), NoEngine::Vendor(_)));
    let unpriced = ImageEngineSpec {
        model: "fal-ai/new".to_owned(),
        ..fal.clone()
    };
    assert!(matches!(
        refuse(&unpriced, Secret::new(KEY)),
        NoEngine::Price { .. }
    ));
    assert!(matches!(refuse(&fal, None), NoEngine::Key { .. }));
    let plain = ImageEngineSpec {
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
