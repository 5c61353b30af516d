//! Pictures and clips of stock libraries, from the fakes: found, fetched once, and credited.

use serde_json::{Value, json};
use workprint_fakes::{Fake, KEY};
use workprint_tests::{KEY_ENV, Production, Rendered};

fn show(fakes: [&Fake; 2]) -> String {
    let account = |fake: &Fake| {
        let (name, url) = (fake.vendor(), fake.url());
        format!("[engines.stock.{name}]\nurl = \"{url}\"\nkey_env = \"{KEY_ENV}\"\n\n")
    };
    let [first, second] = fakes.map(account);
    format!(
        "format = \"workprint.show/1\"\ntitle = \"Stock\"\n\n[outputs.main]\nwidth = 160\nheight = 90\n\
         rate = \"25\"\ncrf = 30\npreset = \"ultrafast\"\n\n{first}{second}"
    )
}

fn manifest(photo: &str, video: &str) -> Value {
    let shots = json!([
        {"id": "s1", "picture": {"image": {"file": photo}}},
        {"id": "s2", "picture": {"clip": {"file": video, "then": "loop"}}},
        {"id": "s3", "picture": {"image": {"file": photo}}},
    ]);
    json!({
        "format": "workprint.manifest/1", "title": "Stock", "language": "en",
        "scenes": [{"id": "one", "cues": [{"id": "c1", "hold_ms": 1200, "shots": shots}]}],
    })
}

const PHOTO: &str = "stock/pexels/photos/7";
const VIDEO: &str = "stock/pixabay/videos/3";

#[test]
fn stock_is_fetched_once_credited_and_needs_no_network_again() {
    let fakes = ["pexels", "pixabay"].map(Fake::of);
    let production = Production::bare(&show([&fakes[0], &fakes[1]]), &manifest(PHOTO, VIDEO));
    let run = |args: &[&str], key: &str| production.start_with(args, &[(KEY_ENV, key)]).finish();
    let asked =
        |fakes: &[Fake; 2]| -> usize { fakes.iter().map(|fake| fake.requests().len()).sum() };

    // Nothing is asked to check and to plan.
    run(&["check", "pilot"], "").good();
    let plan = run(&["plan", "pilot", "--json"], "").good();
    assert!(plan.out.contains("stock/pexels-photos-7"), "{}", plan.out);
    assert_eq!(asked(&fakes), 0);

    let args = ["render", "pilot", "--json"];
    let without = run(&args, "");
    assert_ne!(without.code, 0);
    assert!(without.out.contains("Pexels has no key"), "{}", without.out);
    assert!(without.out.contains(KEY_ENV), "{}", without.out);
    assert_eq!(asked(&fakes), 0);

    Rendered::of(&run(&args, KEY)).complete();
    // Each is asked for what it is and for its file, however many shots show it.
    assert_eq!(
        asked(&fakes),
        4,
        "{:?}",
        fakes.each_ref().map(Fake::requests)
    );
    let credits = run(&["credits", "pilot", "--json"], "").good().json();
    let told: Vec<&str> = credits["stock"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["attribution"].as_str().unwrap())
        .collect();
    assert_eq!(
        told,
        ["Photo by Ann 7 on Pexels", "Video by Ann 3 on Pixabay"]
    );
    let used = credits["stock"][0]["used_for"].as_array().unwrap();
    assert!(used.contains(&json!("image/s1")), "{used:?}");
    assert_eq!(credits["files"], json!([]));
    let sheet = production.read("episodes/pilot/final/pilot.credits.md");
    assert!(sheet.contains("https://www.pexels.com/photo/7/"), "{sheet}");
    assert!(sheet.contains("Pixabay Content License"), "{sheet}");
    assert!(!sheet.contains(KEY));

    // Other cuts, sizes and lost lines of the ledger's children need no network: the libraries are gone now.
    drop(fakes);
    let again = ["render", "pilot", "--from", "images", "--json"];
    Rendered::of(&run(&again, "")).complete();
    let all = ["render", "pilot", "--from", "speak", "--json"];
    Rendered::of(&run(&all, "")).complete();
}

#[test]
fn what_is_no_thing_of_a_library_is_told_before_anything_is_asked() {
    let fakes = ["pexels", "pixabay"].map(Fake::of);
    let show = show([&fakes[0], &fakes[1]]);
    let check = |photo: &str, video: &str| {
        let production = Production::bare(&show, &manifest(photo, video));
        let said = production
            .start_with(&["check", "pilot", "--json"], &[])
            .finish();
        assert_ne!(said.code, 0, "{}", said.out);
        said.out + &said.err
    };
    let unknown = check("stock/nobody/photos/7", VIDEO);
    assert!(
        unknown.contains("there is no stock library `nobody`"),
        "{unknown}"
    );
    let swapped = check(VIDEO, VIDEO);
    assert!(swapped.contains("cannot be used as a still"), "{swapped}");
    let gone = Production::bare(&show, &manifest("stock/pexels/photos/404", VIDEO));
    let said = gone.start_with(&["render", "pilot", "--json"], &[(KEY_ENV, KEY)]);
    let said = said.finish();
    assert!(said.out.contains("Pexels has no photo 404"), "{}", said.out);
}

#[test]
fn a_search_names_what_a_manifest_can_and_is_not_sent_twice_a_day() {
    let fakes = ["pexels", "pixabay"].map(Fake::of);
    let production = Production::bare(&show([&fakes[0], &fakes[1]]), &manifest(PHOTO, VIDEO));
    // Answers are kept beside those of other runs of this test.
    let words = format!("lamp {} {}", fakes[0].url(), std::process::id());
    let search = |more: &[&str]| {
        let args = [&["stock", &words, "--json"], more].concat();
        production.start_with(&args, &[(KEY_ENV, KEY)]).finish()
    };
    let first = search(&[]).good().json();
    let files: Vec<&str> = first["found"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["file"].as_str().unwrap())
        .collect();
    assert_eq!(files.len(), 10);
    assert_eq!(
        [files[0], files[5]],
        ["stock/pexels/photos/1", "stock/pixabay/photos/1"]
    );
    assert_eq!(first["found"][0]["author"], "Ann 1");
    assert_eq!(search(&[]).good().json(), first);
    assert_eq!(fakes[0].requests(), ["GET /v1/search"]);
    let clips = search(&["--videos", "--vendor", "pixabay", "-n", "3"])
        .good()
        .json();
    assert_eq!(clips["found"].as_array().unwrap().len(), 3);
    assert_eq!(clips["found"][0]["length_ms"], 1000);
    assert_eq!(fakes[0].requests().len(), 1);
    let nobody = search(&["--vendor", "nobody"]);
    assert!(
        nobody.err.contains("name one of: `pexels`, `pixabay`"),
        "{}",
        nobody.err
    );
}
