//! A broken shot stops nothing else.

use workprint_tests::Production;

/// A PNG whose head promises a picture that its body does not hold.
fn break_png(production: &Production, path: &str) {
    let path = production.root().join(path);
    let mut bytes = std::fs::read(&path).unwrap();
    let keep = bytes.len() / 2;
    bytes.truncate(keep);
    std::fs::write(&path, bytes).unwrap();
}

#[test]
fn the_rest_is_done_and_mending_performs_only_what_was_missing() {
    let undisturbed = Production::small();
    let production = undisturbed.elsewhere();
    let all = undisturbed.render(&[]).complete();
    break_png(&production, "media/stills/7.png");
    let run = production.render(&[]);
    assert_eq!((run.code, run.status()), (1, "failed"), "{}", run.summary());
    let failed: Vec<_> = run.named("step.failed").collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["slot"], "image/s7");
    assert!(
        failed[0]["message"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
    let made = run.by_kind();
    let whole = all.by_kind();
    for kind in [
        "voice",
        "align",
        "sound",
        "clip",
        "graphic",
        "captions",
        "mix",
        "soundtrack",
    ] {
        assert_eq!(made.get(kind), whole.get(kind), "{kind}");
    }
    let broken = undisturbed.laid("pilot.mp4", &[]).shot("s7");
    assert_eq!(made["chunk"], whole["chunk"] - broken.len() as u64);
    assert_eq!(run.slots("step.waiting", "chunk"), broken);
    assert!(!production.finals().join("pilot.mp4").exists());

    production.draw("media/stills/7.png", 7);
    let rest = production.render(&[]).complete();
    let want = [
        ("chunk", broken.len() as u64),
        ("image", 1),
        ("master", 1),
        ("proof", 1),
    ];
    assert_eq!(
        rest.by_kind(),
        want.map(|(kind, n)| (kind.to_owned(), n)).into()
    );
    let film = production.film("pilot.mp4");
    assert_eq!(
        film.frames_md5(),
        undisturbed.film("pilot.mp4").frames_md5()
    );
    assert_eq!(production.lock(), undisturbed.lock());
}

#[test]
fn a_broken_shot_leaves_the_film_before_alone() {
    let production = Production::rendered();
    let before = production.delivered();
    break_png(&production, "media/stills/10.png");
    let run = production.render(&[]);
    assert_eq!((run.code, run.status()), (1, "failed"));
    let after = production.delivered();
    for (name, file) in before.iter().filter(|(name, _)| name.starts_with("pilot.")) {
        assert!(after.get(name) == Some(file), "{name} was touched");
    }
    assert_eq!(after.len(), before.len());
}

#[test]
fn an_invalid_manifest_is_told_and_costs_nothing() {
    let production = Production::small();
    production.edit(|manifest| {
        manifest["scenes"][0]["cues"][1]["speaker"] = "nobody".into();
        manifest["scenes"][1]["cues"][0]["shots"][0]["picture"]["image"]["file"] =
            "media/stills/none.png".into();
    });
    let said = production.run(&["render", "pilot", "--json"]);
    assert_eq!(said.code, 3, "{}{}", said.out, said.err);
    assert!(said.out.contains("nobody"), "{}", said.out);
    assert!(!production.finals().exists());
    let check = production.run(&["check", "pilot", "--json"]);
    assert_eq!(check.code, 3);
    assert_eq!(
        check
            .out
            .lines()
            .filter(|line| line.contains("\"error\""))
            .count(),
        said.out
            .lines()
            .filter(|line| line.contains("\"event\":\"diagnostic\""))
            .count()
    );
    let last = said.out.lines().last().unwrap_or_default();
    assert!(
        last.contains("\"event\":\"run.finished\"") && last.contains("\"status\":\"failed\""),
        "{last}"
    );
}
