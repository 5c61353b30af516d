//! An edit costs what it changes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use workprint_tests::{Planned, Production, Rendered};

/// A rendered production, changed and rendered again.
struct Edited {
    production: Production,
    plan: Planned,
    run: Rendered,
}

impl Edited {
    fn of(change: impl FnOnce(&Production)) -> Self {
        let production = Production::rendered();
        change(&production);
        let plan = production.plan(&[]);
        let run = production.render(&[]).complete();
        Self {
            production,
            plan,
            run,
        }
    }

    /// The plan said so before: the same kinds, the same slots.
    fn assert_planned(&self) {
        let performed: BTreeSet<String> = self.run.by_kind().into_keys().collect();
        assert_eq!(self.plan.kinds(), performed);
        for kind in &performed {
            let (planned, performed) = (self.plan.to_run(kind), self.run.performed(kind));
            if kind == "chunk" {
                // Where a voice is still to be made, its captions' cuts are not final.
                let shots = |slots: &BTreeSet<String>| -> BTreeSet<String> {
                    slots
                        .iter()
                        .map(|slot| slot.split('+').next().unwrap().to_owned())
                        .collect()
                };
                assert_eq!(shots(&planned), shots(&performed));
            } else if kind == "hear" {
                // Which line of a voice is its longest is known once it is spoken.
                assert_eq!(planned.len(), performed.len());
            } else {
                assert_eq!(planned, performed, "{kind}");
            }
        }
    }

    fn assert_kinds(&self, want: &[&str]) {
        let kinds: BTreeMap<String, u64> = self.run.by_kind();
        let kinds: BTreeSet<&str> = kinds.keys().map(String::as_str).collect();
        assert_eq!(
            kinds,
            want.iter().copied().collect(),
            "{:?}",
            self.run.by_kind()
        );
    }
}

#[test]
fn one_word_costs_its_line() {
    let edited = Edited::of(|production| {
        production.edit_cue("c2", |cue| cue["text"] = "The enormous door opens.".into());
    });
    edited.assert_planned();
    let laid = edited.production.laid("pilot.mp4", &[]);
    // The shot moves over its whole length, so all of it is seen otherwise.
    let seen = laid.shot("s2");
    assert_eq!(edited.run.performed("chunk"), seen);
    let want = [
        ("align", 1),
        ("captions", 1),
        ("chunk", seen.len() as u64),
        ("hear", 2),
        ("listen", 1),
        ("master", 1),
        ("proof", 1),
        ("mix", 1),
        ("soundtrack", 1),
        ("voice", 1),
    ];
    let want: BTreeMap<String, u64> = want.map(|(kind, n)| (kind.to_owned(), n)).into();
    assert_eq!(edited.run.by_kind(), want);
    assert_eq!(
        edited.run.performed("voice"),
        ["voice/c2".to_owned()].into()
    );
    assert_eq!(
        edited.run.performed("align"),
        ["align/c2".to_owned()].into()
    );
    // Everything after it moved and is kept.
    let later: BTreeSet<String> = laid.all().difference(&seen).cloned().collect();
    assert_eq!(edited.run.kept("chunk"), later);
}

#[test]
fn one_word_under_a_spanning_overlay_costs_its_line() {
    let edited = Edited::of(|production| {
        production.edit_cue("c9", |cue| cue["text"] = "My other name is Ann.".into());
    });
    edited.assert_planned();
    let laid = edited.production.laid("pilot.mp4", &[]);
    let performed = edited.run.performed("chunk");
    assert!(performed.is_subset(&laid.shot("s9")), "{performed:?}");
    assert!(
        laid.captions_of("c9").is_subset(&performed),
        "{performed:?}"
    );
    assert_eq!(edited.run.by_kind()["voice"], 1);
}

#[test]
fn a_swapped_still_costs_its_shot() {
    let edited = Edited::of(|production| production.draw("media/stills/10.png", 77));
    edited.assert_planned();
    edited.assert_kinds(&["image", "chunk", "master", "proof"]);
    let laid = edited.production.laid("pilot.mp4", &[]);
    assert_eq!(edited.run.performed("chunk"), laid.shot("s10"));
    assert_eq!(
        edited.run.performed("image"),
        ["image/s10".to_owned()].into()
    );
}

#[test]
fn a_swapped_still_under_a_dissolve_costs_both_sides() {
    let edited = Edited::of(|production| production.draw("media/stills/5.png", 78));
    edited.assert_planned();
    edited.assert_kinds(&["image", "chunk", "master", "proof"]);
    let laid = edited.production.laid("pilot.mp4", &[]);
    let performed = edited.run.performed("chunk");
    assert_eq!(performed, laid.shot("s5"));
    assert!(
        performed.iter().any(|slot| slot.contains("s6")),
        "{performed:?}"
    );
}

#[test]
fn a_bit_rate_encodes_the_sound_again_and_mixes_nothing() {
    let edited = Edited::of(|production| {
        let show = production.read("show.toml");
        let main = "[outputs.main]\n";
        assert!(show.contains(main));
        production.write(
            "show.toml",
            &show.replace(main, "[outputs.main]\naudio_kbps = 128\n"),
        );
    });
    edited.assert_planned();
    edited.assert_kinds(&["soundtrack", "listen", "hear", "master", "proof"]);
}

#[test]
fn music_costs_no_picture() {
    let edited = Edited::of(|production| {
        production.edit(|manifest| manifest["music"][0]["gain_db"] = json!(-14));
    });
    edited.assert_planned();
    edited.assert_kinds(&["mix", "soundtrack", "listen", "hear", "master", "proof"]);
    let edited = Edited::of(|production| {
        production.edit(|manifest| manifest["music"][0]["source"]["synth"]["seed"] = json!(9));
    });
    edited.assert_planned();
    edited.assert_kinds(&[
        "sound",
        "mix",
        "soundtrack",
        "listen",
        "hear",
        "master",
        "proof",
    ]);
}

#[test]
fn a_captions_style_costs_the_frames_that_show_it() {
    let edited = Edited::of(|production| {
        production.edit_cue("c3", |cue| cue["caption"] = json!({"style": "boxed"}));
    });
    edited.assert_planned();
    edited.assert_kinds(&["chunk", "captions", "master", "proof"]);
    let laid = edited.production.laid("pilot.mp4", &[]);
    assert_eq!(edited.run.performed("chunk"), laid.captions_of("c3"));
}

#[test]
fn all_captions_style_costs_no_chunk_without_captions() {
    let edited = Edited::of(|production| {
        production.edit(|manifest| manifest["captions"]["style"] = "boxed".into());
    });
    edited.assert_planned();
    let laid = edited.production.laid("pilot.mp4", &[]);
    let captioned = laid.captioned();
    assert_eq!(edited.run.performed("chunk"), captioned);
    let bare: BTreeSet<String> = laid.all().difference(&captioned).cloned().collect();
    assert_eq!(edited.run.kept("chunk"), bare);
    // The shots of the cues that nobody speaks in, and of the one that is not burned.
    let shots = ["s1", "s5", "s7", "s11"].map(|shot| format!("chunk/main/{shot}+0"));
    assert_eq!(bare, BTreeSet::from(shots));
}

#[test]
fn an_overlay_costs_what_lies_under_it() {
    let edited = Edited::of(|production| {
        production.edit(|manifest| {
            let overlay = json!({
                "id": "clock", "graphic": "badge", "fields": {"text": "04:51"},
                "from": {"cue": "c7"}, "to": {"cue": "c8", "at": "end"}, "fade_ms": 0,
            });
            manifest["overlays"].as_array_mut().unwrap().push(overlay);
        });
    });
    edited.assert_planned();
    edited.assert_kinds(&["graphic", "chunk", "master", "proof"]);
    let laid = edited.production.laid("pilot.mp4", &[]);
    assert_eq!(edited.run.performed("chunk"), laid.overlay("clock"));
}

#[test]
fn an_edit_taken_back_costs_nothing() {
    let production = Production::rendered();
    let before = production.read("episodes/pilot/manifest.json");
    let film = production.film("pilot.mp4").frames_md5();
    production.edit_cue("c6", |cue| cue["text"] = "Listen to the sea.".into());
    production.render(&[]).complete();
    production.write("episodes/pilot/manifest.json", &before);
    let back = production.render(&[]).complete();
    assert_eq!(back.count("performed"), 0, "{:?}", back.by_kind());
    assert_eq!(production.film("pilot.mp4").frames_md5(), film);
}

#[test]
fn a_changed_film_archives_the_one_before() {
    let edited = Edited::of(|production| {
        production.edit_cue("c12", |cue| cue["text"] = "That was the end.".into());
    });
    let written: Vec<_> = edited.run.named("final.written").collect();
    let film = written
        .iter()
        .find(|event| event["path"].as_str().unwrap().ends_with("pilot.mp4"));
    let archived = film.unwrap()["archived"].as_str().unwrap();
    let stamp = archived
        .strip_prefix("episodes/pilot/final/pilot.")
        .unwrap();
    let stamp = stamp.strip_suffix(".mp4").unwrap();
    let (day, time) = stamp.split_once('T').unwrap();
    assert!(
        day.len() == 8 && time.starts_with(|c: char| c.is_ascii_digit()),
        "{stamp}"
    );
    let before = workprint_tests::Film::at(&edited.production.root().join(archived));
    let now = edited.production.film("pilot.mp4");
    assert!(before.frames() > 100 && now.frames() > 100);
    assert_ne!(before.samples_md5(), now.samples_md5());
}
