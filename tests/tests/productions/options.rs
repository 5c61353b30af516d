//! `--from`, `--only`, `--dub`, `--output`, `--jobs`.

use std::collections::BTreeSet;

use workprint_tests::Production;

#[test]
fn from_makes_everything_again_from_a_stage_on() {
    let production = Production::small();
    let first = production.render(&[]).complete();
    let (lock, film) = (production.lock(), production.film("pilot.mp4"));
    let before = (film.frames_md5(), film.samples_md5());
    let plan = production.plan(&["--from", "picture"]);
    let run = production.render(&["--from", "picture"]).complete();
    let kinds: BTreeSet<String> = run.by_kind().into_keys().collect();
    let want = [
        "chunk",
        "mix",
        "soundtrack",
        "listen",
        "hear",
        "captions",
        "master",
        "proof",
    ];
    assert_eq!(kinds, want.iter().map(|kind| (*kind).to_owned()).collect());
    assert_eq!(plan.kinds(), kinds);
    assert_eq!(run.performed("chunk"), first.performed("chunk"));
    let film = production.film("pilot.mp4");
    assert!(
        before == (film.frames_md5(), film.samples_md5()),
        "not the same film"
    );
    assert_eq!(production.lock(), lock);
    assert_eq!(production.render(&[]).complete().count("performed"), 0);
}

#[test]
fn only_runs_one_stage_and_says_what_is_missing() {
    let production = Production::small();
    let run = production.render(&["--only", "picture"]);
    assert_eq!(
        (run.code, run.status()),
        (4, "waiting"),
        "{}",
        run.summary()
    );
    assert_eq!(run.count("performed"), 0);
    let told = run.named("step.waiting").next().unwrap()["because"].to_string();
    assert!(told.contains("--only"), "{told}");

    let run = production.render(&["--only", "voice"]);
    assert_eq!(run.by_kind().into_keys().collect::<Vec<_>>(), ["voice"]);
    assert_eq!(run.performed("voice").len(), 9);
    assert_eq!(
        (run.code, run.status()),
        (0, "complete"),
        "{}",
        run.summary()
    );
    assert!(!production.finals().join("pilot.mp4").exists());
    let rest = production.render(&[]).complete();
    assert!(rest.performed("voice").is_empty());
}

#[test]
fn a_dub_reuses_the_picture_without_words() {
    let production = Production::rendered();
    let before = production.delivered();
    let original = production.film("pilot.mp4");
    let plan = production.plan(&["--dub", "es"]);
    let run = production.render(&["--dub", "es"]).complete();
    let dub = production.film("pilot.es.mp4");
    assert_eq!(dub.frames(), original.frames());
    assert_ne!(dub.samples_md5(), original.samples_md5());
    assert_eq!(dub.stream("audio")["tags"]["language"], "spa");

    // What shows words: captions, the card, the lower third.
    let laid = production.laid("pilot.es.mp4", &["--dub", "es"]);
    let mut words = laid.captioned();
    words.extend(laid.shot("s1"));
    words.extend(laid.overlay("who"));
    assert_eq!(run.performed("chunk"), words);
    assert_eq!(plan.kinds(), run.by_kind().into_keys().collect());
    let bare: BTreeSet<String> = laid.all().difference(&words).cloned().collect();
    let shots = ["s5", "s7", "s11"].map(|shot| format!("chunk/main/{shot}+0"));
    assert_eq!(bare, BTreeSet::from(shots));
    assert_eq!(run.by_kind()["voice"], 9);
    assert_eq!(run.performed("image"), ["image/s1@es".to_owned()].into());

    let srt = production.read("episodes/pilot/final/pilot.es.srt");
    assert!(
        srt.contains("puerta roja") && !srt.contains("red door"),
        "{srt}"
    );
    for (name, file) in before.iter().filter(|(name, _)| name.starts_with("pilot.")) {
        assert!(
            Some(file) == production.delivered().get(name),
            "{name} was touched"
        );
    }
    // Neither language undoes the other.
    assert_eq!(production.render(&[]).complete().count("performed"), 0);
    assert_eq!(
        production
            .render(&["--dub", "es"])
            .complete()
            .count("performed"),
        0
    );
}

#[test]
fn another_shape_makes_pictures_alone() {
    let production = Production::rendered();
    let plan = production.plan(&["--output", "tall"]);
    let run = production.render(&["--output", "tall"]).complete();
    let kinds: BTreeSet<String> = run.by_kind().into_keys().collect();
    assert_eq!(plan.kinds(), kinds);
    for kept in ["voice", "align", "clip", "sound", "mix", "soundtrack"] {
        assert!(!kinds.contains(kept), "{kept} was made again: {kinds:?}");
    }
    assert!(
        kinds.contains("image") && kinds.contains("chunk"),
        "{kinds:?}"
    );
    let (wide, tall) = (
        production.film("pilot.mp4"),
        production.film("pilot.tall.mp4"),
    );
    let video = tall.stream("video");
    assert_eq!(
        (&video["width"], &video["height"]),
        (&180.into(), &320.into())
    );
    assert_eq!(tall.frames(), wide.frames());
    assert!(
        tall.samples_md5() == wide.samples_md5(),
        "not the same sound"
    );
    assert_eq!(production.render(&[]).complete().count("performed"), 0);
}

#[test]
fn another_output_shares_what_does_not_depend_on_it() {
    let production = Production::rendered();
    let run = production.render(&["--output", "tiny"]).complete();
    assert!(run.performed("voice").is_empty() && run.performed("align").is_empty());
    let film = production.film("pilot.tiny.mp4");
    let video = film.stream("video");
    assert_eq!(
        (&video["width"], &video["height"]),
        (&160.into(), &90.into())
    );
    assert_eq!(video["r_frame_rate"], "25/1");
    assert_eq!(production.render(&[]).complete().count("performed"), 0);
    assert_eq!(
        production
            .render(&["--output", "tiny"])
            .complete()
            .count("performed"),
        0
    );
}

#[test]
fn jobs_do_not_change_the_film() {
    let one = Production::small();
    let many = one.elsewhere();
    one.render(&["--jobs", "1"]).complete();
    many.render(&["--jobs", "8"]).complete();
    let (first, second) = (one.film("pilot.mp4"), many.film("pilot.mp4"));
    assert_eq!(first.frames_md5(), second.frames_md5());
    assert_eq!(first.samples_md5(), second.samples_md5());
    assert_eq!(one.lock(), many.lock());
}

#[test]
fn unknown_names_are_refused() {
    let production = Production::small();
    for (args, told) in [
        (["--output", "huge"], "`tiny`"),
        (["--from", "picure"], "picture"),
        (["--only", "nothing"], "voice"),
    ] {
        let said = production.run(&["render", "pilot", args[0], args[1]]);
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(said.err.contains(told), "{}", said.err);
    }
}
