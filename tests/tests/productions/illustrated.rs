//! Pictures that a text model draws.

use workprint_fakes::{At, Fault};
use workprint_tests::{Paid, Rendered};

const RENDER: [&str; 3] = ["render", "pilot", "--json"];

/// An episode illustrated by a text model alone: a broken drawing is sent back with its fault, what is drawn is
/// bought once, and what cannot be drawn is told.
#[test]
fn an_episode_is_drawn_by_a_text_model() {
    let paid = Paid::new("anthropic", 2, "episode = 2");
    paid.fake.trouble(At::Job, &[Fault::Garbles]);
    let made = Rendered::of(&paid.run(&RENDER)).complete();
    // 1000 tokens are read and 2000 written each time.
    assert_eq!(made.summary()["cost_micros"], 3 * 33_000);
    let mut drawn = paid.fake.paid();
    drawn.sort();
    let twice = drawn.iter().filter(|scene| *scene == &drawn[1]).count();
    assert_eq!((drawn.len(), twice), (3, 2), "{drawn:?}");
    let takes = paid
        .run(&["takes", "list", "pilot", "--json"])
        .good()
        .json();
    let takes = takes.as_array().unwrap().iter();
    let of_drawings = takes.filter(|slot| slot["slot"].to_string().contains("generate/"));
    let of_drawings: Vec<_> = of_drawings.collect();
    assert_eq!(of_drawings.len(), 2, "{of_drawings:?}");
    for slot in of_drawings {
        assert_eq!(slot["takes"].as_array().map(Vec::len), Some(1), "{slot}");
    }
    assert!(paid.jobs(true).iter().all(|job| job["state"] == "done"));
    paid.check_books();
    let mut skies = Vec::new();
    for (n, frame) in ["3", "13"].into_iter().enumerate() {
        let path = paid.production.root().join(format!("{n}.png"));
        paid.run(&["frame", "pilot", frame, "--to", &path.display().to_string()])
            .good();
        let seen = image::open(&path).unwrap().to_rgb8();
        let at = |x, y| seen.get_pixel(x, y).0;
        // The sun stands in the sky, and hills lie below.
        let [sun, sky, hill] = [at(240, 44), at(240, 8), at(160, 170)];
        assert!(sun.iter().all(|channel| *channel > 180), "{sun:?}");
        assert!(sky.iter().max() < sun.iter().max(), "{sky:?}");
        assert!(hill.iter().max().is_some_and(|most| *most < 80), "{hill:?}");
        skies.push(sky);
    }
    assert!(skies[0] != skies[1], "both show the same scene");
    let asked = paid.fake.requests().len();
    let again = Rendered::of(&paid.run(&RENDER)).complete();
    assert_eq!(again.count("performed"), 0);
    assert_eq!(paid.fake.requests().len(), asked);

    // Three that are broken are enough; nobody is asked a fourth time.
    let manifest = paid.production.manifest().to_string();
    let other = manifest.replace("picture 2", "a lamp");
    paid.production
        .write("episodes/pilot/manifest.json", &other);
    paid.fake.trouble(At::Job, &vec![Fault::Garbles; 3]);
    for orders in [3, 0] {
        let before = paid.fake.paid().len();
        let failed = Rendered::of(&paid.run(&RENDER));
        assert_eq!(failed.code, 1, "{}", failed.err);
        assert_eq!(paid.fake.paid().len(), before + orders);
        let told = failed.named("step.failed").next().unwrap().to_string();
        assert!(told.contains("none of 3 drawings can be used"), "{told}");
        assert!(
            told.contains("`</svg>` is missing") && told.contains("`card`"),
            "{told}"
        );
    }

    what_is_wrong_is_told(&paid);
}

/// Who draws must be there, and is paid where it is described.
fn what_is_wrong_is_told(paid: &Paid) {
    let show = paid.production.read("show.toml");
    for (old, new, code) in [
        ("model = \"pen\"", "model = \"pencil\"", "engine.unknown"),
        ("quality = \"low\"", "price = 1", "engine.illustrator"),
        ("price = 15", "", "engine.vendor"),
    ] {
        paid.production.write("show.toml", &show.replace(old, new));
        let said = paid.run(&["check", "pilot"]);
        assert_ne!(said.code, 0, "{code}");
        let told = format!("{}{}", said.out, said.err);
        assert!(
            told.contains(code) && told.contains("engines.text"),
            "{told}"
        );
    }
}
