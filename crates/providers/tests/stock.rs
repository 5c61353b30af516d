//! One suite for every stock library, over its fake and by what its row says.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod exchanges;

use std::time::Duration;

use workprint_fakes::{At, Fake, Fault, KEY, libraries, stock_file};
use workprint_model::stock::{StockItem, StockKind, StockSpec};
use workprint_providers::error::CallError;
use workprint_providers::secret::Secret;
use workprint_providers::stock::{Search, Shape, Shop};
use workprint_providers::vendors::{LIBRARIES, NoEngine, library};

fn shop(fake: &Fake, key: Option<&str>) -> Result<Shop, NoEngine> {
    let spec = StockSpec {
        url: Some(fake.url()),
        ..StockSpec::default()
    };
    let key = key.and_then(Secret::new);
    let row = library(fake.vendor()).unwrap();
    Shop::open(row, &spec, (key, "the variable `X`"))
}

async fn each(test: impl AsyncFn(&Fake, &Shop, StockKind)) {
    for name in libraries() {
        for kind in [StockKind::Photos, StockKind::Videos] {
            let fake = Fake::of(name);
            let shop = shop(&fake, Some(KEY)).unwrap();
            test(&fake, &shop, kind).await;
        }
    }
}

fn item(shop: &Shop, kind: StockKind, id: u64) -> StockItem {
    StockItem {
        vendor: shop.row().id.to_owned(),
        kind,
        id,
    }
}

fn search(kind: StockKind, words: &str) -> Search {
    Search {
        words: words.to_owned(),
        kind,
        shape: Some(Shape::Wide),
        count: 4,
        page: 1,
    }
}

#[test]
fn every_library_has_its_fake_and_its_licence() {
    let rows: Vec<&str> = LIBRARIES.iter().map(|row| row.id).collect();
    assert_eq!(rows, libraries().collect::<Vec<_>>());
    for row in LIBRARIES {
        assert!(row.url.starts_with("https://"), "{}", row.id);
        assert!(row.licence.1.starts_with("https://"), "{}", row.id);
        assert!(row.allows.1 >= Duration::from_mins(1), "{}", row.id);
    }
}

#[tokio::test]
async fn a_search_gives_things_with_their_authors_and_licences() {
    each(async |fake, shop, kind| {
        let found = shop.search(&search(kind, "a lamp & more")).await.unwrap();
        assert_eq!(found.len(), 4, "{}", fake.vendor());
        let (own, row) = (&found[2], shop.row());
        assert_eq!(own.item, item(shop, kind, 3));
        assert_eq!(
            (own.author.as_str(), own.library.as_str()),
            ("Ann 3", row.name)
        );
        assert_eq!(
            (own.licence.as_str(), own.licence_page.as_str()),
            row.licence
        );
        assert!(own.page.starts_with("https://") && own.author_page.is_some());
        assert_eq!(own.length_ms, (kind == StockKind::Videos).then_some(1000));
        assert!(own.size.width > own.size.height);
        let kind_told = if kind == StockKind::Photos {
            "Photo"
        } else {
            "Video"
        };
        assert_eq!(
            own.attribution(),
            format!("{kind_told} by Ann 3 on {}", row.name)
        );
        assert!(
            shop.search(&search(kind, "nothing"))
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(fake.requests().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_thing_is_fetched_by_its_number_in_the_size_that_fits() {
    each(async |fake, shop, kind| {
        let found = shop.find(&item(shop, kind, 7)).await.unwrap();
        if kind == StockKind::Videos {
            assert!(
                (1280..=1920).contains(&found.size.width),
                "{:?}",
                found.size
            );
        }
        let (bytes, media_type) = shop.fetch(&found).await.unwrap();
        let is_video = kind == StockKind::Videos;
        assert_eq!(bytes, stock_file(is_video, 7), "{}", fake.vendor());
        assert_eq!(media_type, if is_video { "image/gif" } else { "image/png" });
        let none = shop.find(&item(shop, kind, 404)).await.unwrap_err();
        let told = format!("{} has no {} 404", shop.row().name, kind.told());
        assert_eq!(none.to_string(), told);
    })
    .await;
}

#[tokio::test]
async fn what_libraries_are_sent_is_what_was_recorded() {
    for name in libraries() {
        let fake = Fake::of(name);
        let shop = shop(&fake, Some(KEY)).unwrap();
        fake.record();
        let mut all = String::new();
        for kind in [StockKind::Photos, StockKind::Videos] {
            shop.search(&search(kind, "a lamp & more")).await.unwrap();
            all += &exchanges::told(&format!("a search for a {}", kind.told()), &fake);
            let found = shop.find(&item(&shop, kind, 7)).await.unwrap();
            shop.fetch(&found).await.unwrap();
            all += &exchanges::told(&format!("a {}", kind.told()), &fake);
        }
        exchanges::compare(name, &all);
    }
}

#[tokio::test]
async fn what_passes_is_asked_again_and_a_wrong_key_is_told_without_the_key() {
    each(async |fake, shop_of, kind| {
        let busy = [Fault::Status(429, Some(0)), Fault::Status(503, Some(0))];
        fake.trouble(At::Poll, &busy);
        let found = shop_of.find(&item(shop_of, kind, 7)).await.unwrap();
        fake.trouble(At::File, &[Fault::Truncated]);
        shop_of.fetch(&found).await.unwrap();
        assert_eq!(fake.requests().len(), 5);
        let other = shop(fake, Some("another-key-71c0")).unwrap();
        let refused = other.find(&item(&other, kind, 7)).await.unwrap_err();
        assert!(matches!(refused, CallError::Refused { status: 401, .. }));
        assert!(!refused.to_string().contains("71c0"), "{refused}");
        fake.trouble(At::Poll, &[Fault::Status(400, None)]);
        let told = shop_of.find(&item(shop_of, kind, 7)).await.unwrap_err();
        assert!(!format!("{told:?}").contains(KEY), "{told:?}");
        assert!(matches!(shop(fake, None), Err(NoEngine::Key { .. })));
    })
    .await;
}

#[tokio::test]
async fn only_the_thing_that_was_asked_for_is_taken_from_where_it_may_lie() {
    each(async |fake, shop, kind| {
        let own = item(shop, kind, 7);
        fake.trouble(At::Job, &[Fault::Garbles]);
        let other = shop.find(&own).await.unwrap_err();
        assert!(matches!(other, CallError::Unexpected { .. }), "{other}");
        for (at, fault) in [
            (At::File, Fault::Page),
            (At::File, Fault::Redirect("http://127.0.0.1:9/".to_owned())),
            (At::File, Fault::Status(404, None)),
            (At::Poll, Fault::Address("http://8.8.8.8/a.png".to_owned())),
            (At::Poll, Fault::Address("file:///etc/passwd".to_owned())),
        ] {
            fake.trouble(at, std::slice::from_ref(&fault));
            let found = shop.find(&own).await.unwrap();
            let error = shop.fetch(&found).await.unwrap_err();
            assert!(!error.hint().is_empty(), "{fault:?}");
            let wanted = match fault {
                Fault::Page => matches!(error, CallError::Unexpected { .. }),
                Fault::Redirect(_) => matches!(error, CallError::Elsewhere { .. }),
                Fault::Address(_) => matches!(error, CallError::Address { .. }),
                _ => matches!(error, CallError::Refused { status: 404, .. }),
            };
            assert!(wanted, "{fault:?}: {error}");
        }
        fake.trouble(At::Poll, &[Fault::Page]);
        let page = shop.search(&search(kind, "a lamp")).await.unwrap_err();
        assert!(page.to_string().contains("a web page"), "{page}");
    })
    .await;
}
