//! Where orders go that several servers can take.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::time::Duration;

use serde_json::Map;
use workprint_fakes::{At, Fake, Fault, graph};
use workprint_model::Size;
use workprint_model::outside::EngineSpec;
use workprint_providers::order::{Capability, Effort, Graph, Order, What};
use workprint_providers::pool::EnginePool;
use workprint_providers::vendors::Accounts;

const UUID: &str = "0f4c1d6e-8f5b-8a51-8d3e-5a1c9e7b2f60";

fn spec(fakes: &[&Fake], at_once: u32) -> EngineSpec {
    EngineSpec {
        vendor: fakes[0].vendor().to_owned(),
        model: "own".to_owned(),
        urls: fakes.iter().map(|fake| fake.url()).collect(),
        at_once: Some(at_once),
        ..EngineSpec::default()
    }
}

/// One order's view of the servers, as each has it.
fn pool(accounts: &mut Accounts, makes: Capability, spec: &EngineSpec) -> EnginePool {
    accounts.pool(makes, spec, (None, "nothing")).unwrap()
}

fn picture(prompt: &str) -> Order {
    Order {
        model: "own".to_owned(),
        prompt: prompt.to_owned(),
        seed: 7,
        references: Vec::new(),
        options: Map::new(),
        graph: Some(Graph {
            nodes: graph(false),
            places: [("prompt".to_owned(), "6.text".to_owned())].into(),
        }),
        what: What::Image {
            size: Size {
                width: 64,
                height: 64,
            },
            effort: Effort::Medium,
        },
    }
}

/// Where the next so many orders go, all of them under way at once: which server.
async fn spread(accounts: &mut Accounts, spec: &EngineSpec, count: usize) -> Vec<usize> {
    let mut places = Vec::new();
    let mut went = Vec::new();
    for _ in 0..count {
        let pool = pool(accounts, Capability::Image, spec);
        places.push(pool.place("own").await.unwrap());
        let url = pool.here().url();
        let at = spec
            .urls
            .iter()
            .position(|own| own.trim_end_matches('/') == url.trim_end_matches('/'));
        went.push(at.unwrap());
    }
    went
}

#[tokio::test]
async fn orders_go_to_the_server_with_the_least_to_do() {
    let (one, two) = (Fake::of("comfyui"), Fake::of("comfyui"));
    let spec = spec(&[&one, &two], 4);
    let mut accounts = Accounts::default();
    assert_eq!(spread(&mut accounts, &spec, 4).await, [0, 1, 0, 1]);
    // Others have given the first three jobs that stay in its queue.
    one.slow(1000);
    let first = pool(&mut accounts, Capability::Image, &spec);
    for n in 0..3 {
        let key = UUID.replace('0', &n.to_string());
        first.here().submit(&picture("x"), &key).await.unwrap();
    }
    // What a server said is believed for a second.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(spread(&mut accounts, &spec, 4).await, [1, 1, 1, 0]);
}

#[tokio::test]
async fn a_server_with_the_model_in_memory_comes_first_while_it_has_a_place() {
    for vendor in ["llama-swap", "ollama"] {
        let (one, two) = (Fake::of(vendor), Fake::of(vendor));
        one.unload();
        let spec = spec(&[&one, &two], 2);
        let mut accounts = Accounts::default();
        let mut places = Vec::new();
        let mut went = Vec::new();
        for _ in 0..3 {
            let pool = pool(&mut accounts, Capability::Text, &spec);
            places.push(pool.place("own").await.unwrap());
            went.push(pool.here().url() == spec.urls[1]);
        }
        assert_eq!(went, [true, true, false], "{vendor}");
    }
}

#[tokio::test]
async fn a_server_that_is_down_gets_no_order_and_one_that_fails_them_only_the_last() {
    let (one, two) = (Fake::of("comfyui"), Fake::of("comfyui"));
    let spec = spec(&[&one, &two], 2);
    let mut accounts = Accounts::default();
    one.trouble(At::Submit, &[Fault::Status(404, None)]);
    let first = pool(&mut accounts, Capability::Image, &spec);
    let error = first.here().submit(&picture("x"), UUID).await.unwrap_err();
    assert!(first.may_take_elsewhere(&error), "{error}");
    assert_eq!(spread(&mut accounts, &spec, 2).await, [1, 1]);
    // Nobody else is up: it is asked all the same.
    drop(two);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(spread(&mut accounts, &spec, 2).await, [0, 0]);
    // With none up an order fails where it is sent, and says why.
    drop(one);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let none = pool(&mut accounts, Capability::Image, &spec);
    none.place("own").await.unwrap();
    let error = none.here().submit(&picture("x"), UUID).await.unwrap_err();
    assert!(error.is_certain() && error.is_temporary(), "{error}");
}

#[tokio::test]
async fn who_waits_gets_the_first_place_that_is_free_anywhere() {
    let (one, two) = (Fake::of("comfyui"), Fake::of("comfyui"));
    let spec = spec(&[&one, &two], 1);
    let mut accounts = Accounts::default();
    let pools: Vec<EnginePool> = (0..3)
        .map(|_| pool(&mut accounts, Capability::Image, &spec))
        .collect();
    let first = pools[0].place("own").await.unwrap();
    let second = pools[1].place("own").await.unwrap();
    assert_eq!((pools[0].at_once(), pools[0].held()), (2, 2));
    let wait = Duration::from_millis(100);
    let third = tokio::time::timeout(wait, pools[2].place("own")).await;
    assert!(third.is_err(), "a third order under way");
    let freed = async {
        tokio::time::sleep(wait).await;
        drop(second);
    };
    let third = tokio::time::timeout(Duration::from_secs(20), pools[2].place("own"));
    let (third, ()) = tokio::join!(third, freed);
    third.unwrap().unwrap();
    assert_eq!(pools[2].here().url(), pools[1].here().url());
    drop(first);
}

#[tokio::test]
async fn an_order_goes_back_to_where_it_went_and_nowhere_else() {
    let (one, two) = (Fake::of("comfyui"), Fake::of("comfyui"));
    let spec = spec(&[&one, &two], 1);
    let mut accounts = Accounts::default();
    let order = pool(&mut accounts, Capability::Image, &spec);
    let second = order.engines()[1].url();
    assert!(order.go_back(Some(&second)));
    let _place = order.place("own").await.unwrap();
    assert_eq!(order.here().url(), second);
    assert!(!order.go_back(Some("http://127.0.0.1:9")));
    assert!(!order.go_back(None), "one of two is guessed");
    assert!(!order.is_lost(), "it is up");
}
