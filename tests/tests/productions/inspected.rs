//! Pictures that a text model is asked about, whose answers have a shape, from the fakes of all that answer in words.

use std::ffi::OsStr;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use workprint_engine::{Mode, Pools, Run, RunOptions, Selection, Spending};
use workprint_fakes::{At, Fake, Fault, KEY, png, vendors};
use workprint_media::{Cancel, Media, Programs};
use workprint_model::event::Event;
use workprint_model::lock::Lock;
use workprint_model::outside::{Budget, EngineSpec};
use workprint_model::{Digest, EpisodeId, Slot};
use workprint_picture::fonts::Fonts;
use workprint_providers::analysis::Question;
use workprint_providers::order::Capability;
use workprint_providers::own::Surroundings;
use workprint_providers::secret::Secret;
use workprint_stages::generate::{Engines, Inspect, Inspected, Model, inspected};
use workprint_stages::{Identities, Tools};
use workprint_store::{Clock, Store};

const NOON: i64 = 1_772_366_400_000;

/// Whether a picture is sharp, with any answer that a schema allows.
struct Sharp;

impl Question for Sharp {
    type Answer = Map<String, Value>;

    fn system(&self) -> String {
        "You look at stills of a film.".to_owned()
    }

    fn prompt(&self) -> String {
        "is it sharp?".to_owned()
    }
}

/// A question with the shape that an answer to [`Sharp`] must have.
fn question(fake: &Fake, spec: &EngineSpec, picture: Digest) -> Inspect {
    let model = Model::of((fake.vendor(), spec), None);
    let slot = Slot::from("inspect/s1");
    let mut step = Inspect::of((model, spec), (&Sharp, 7), vec![picture], slot);
    step.schema = json!({
        "type": "object", "required": ["score", "why"], "additionalProperties": false,
        "properties": {"score": {"type": "integer", "minimum": 0, "maximum": 100}, "why": {"type": "string"}},
    });
    step
}

fn spec(fake: &Fake) -> EngineSpec {
    EngineSpec {
        vendor: fake.vendor().to_owned(),
        model: fake.model("text").unwrap().to_owned(),
        url: Some(fake.url()),
        price: (fake.charges() > 0).then(|| "15".parse().unwrap()),
        per_minute: Some(60_000),
        ..EngineSpec::default()
    }
}

fn tools(fake: &Fake) -> Arc<Tools> {
    let media = Media::new(Programs::find(OsStr::new(""), &[]), Cancel::default());
    let identities = Identities {
        ffmpeg: "none".to_owned(),
        espeak: None,
        rife: None,
        realesrgan: None,
    };
    let mut tools = Tools::new(media, identities, Arc::new(Fonts::with(&[])));
    let mut engines = Engines::default();
    let key = (Secret::new(KEY), "the variable `X`".to_owned());
    let named = (Capability::Text, fake.vendor());
    engines.add(named, spec(fake), key, Surroundings::default());
    tools.engines = engines;
    Arc::new(tools)
}

/// Asks in a run of its own; with all that it told.
async fn ask(folder: &TempDir, fake: &Fake) -> (Option<Inspected>, Vec<String>) {
    let store = Store::open(folder.path(), "test", Clock::fixed(NOON)).await;
    let store = store.unwrap();
    let episode: EpisodeId = "pilot".parse().unwrap();
    let number = store.begin_run(&episode, "main", "test").await.unwrap();
    let seen = png(&json!({"prompt": "a lamp", "seed": 1}));
    let picture = store.keep_bytes(&seen, "image/png").unwrap();
    let failed = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&failed);
    let run = Run::new(
        RunOptions {
            mode: Mode::Perform,
            episode,
            film: "main".to_owned(),
            main_output: true,
            selection: Selection::default(),
            pools: Pools::new(2),
            spending: Spending {
                budget: Budget {
                    episode: Some("9".parse().unwrap()),
                    ..Budget::default()
                },
                ..Spending::default()
            },
            cancel: CancellationToken::new(),
        },
        tools(fake),
        (store.clone(), Some(number)),
        Lock::default(),
        (
            Arc::new(move |event: &Event| {
                told.lock().unwrap().push(format!("{event:?}"));
            }),
            Clock::fixed(NOON),
        ),
    );
    let spec = spec(fake);
    let questions = vec![(question(fake, &spec, picture.digest), &spec)];
    let answers = inspected(&run, questions).await;
    run.finish(Vec::new(), false).await.unwrap();
    drop(run);
    store.close().await.unwrap();
    let failed = failed.lock().unwrap().clone();
    let answer = answers.ok().and_then(|mut all| all.pop());
    (answer.filter(|answer| answer.answer.is_some()), failed)
}

/// Every fake of a vendor that answers in words.
fn fakes() -> Vec<Fake> {
    let all = vendors().map(Fake::of);
    let able: Vec<Fake> = all.filter(|fake| fake.model("text").is_some()).collect();
    assert!(able.len() > 4, "{} of them", able.len());
    able
}

#[tokio::test]
async fn an_answer_without_the_shape_is_asked_for_once_more_and_bought_no_second_time() {
    for fake in fakes() {
        let folder = tempfile::tempdir().unwrap();
        fake.trouble(At::Job, &[Fault::Garbles]);
        let (answer, failed) = ask(&folder, &fake).await;
        assert!(answer.is_some(), "{}: {failed:?}", fake.vendor());
        let answer = answer.unwrap();
        let paid = fake.paid();
        assert_eq!(paid.len(), 2, "{}: {paid:?}", fake.vendor());
        assert_eq!(paid[0], "is it sharp?");
        assert!(paid[1].contains("\"score\" is a required"), "{}", paid[1]);
        let read = answer.read::<Sharp>().unwrap();
        assert_eq!(read["score"], 100);
        assert_eq!(ask(&folder, &fake).await.0, Some(answer));
        assert_eq!(fake.paid().len(), 2, "{}", fake.vendor());
    }
}

#[tokio::test]
async fn two_answers_without_the_shape_are_a_failure_that_says_why() {
    let fake = Fake::of("anthropic");
    let folder = tempfile::tempdir().unwrap();
    fake.trouble(At::Job, &[Fault::Garbles, Fault::Garbles]);
    let (answer, failed) = ask(&folder, &fake).await;
    assert_eq!((answer, fake.paid().len()), (None, 2));
    let told = failed.join("\n");
    assert!(told.contains("none of 2 answers has the shape"), "{told}");
}
