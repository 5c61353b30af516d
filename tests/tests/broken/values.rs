//! Values that are allowed or nearly so, and make no sense.

use serde_json::{Value, json};

use crate::bench::{Bench, MANIFEST, SHOW, silent, tiny};

/// Sets a place of the manifest, such as `/scenes/0/cues/0/hold_ms`; a last part that is not there
/// is added.
fn set(manifest: &mut Value, place: &str, value: Value) {
    let (parent, name) = place.rsplit_once('/').unwrap();
    match manifest.pointer_mut(parent).unwrap() {
        Value::Array(all) => all[name.parse::<usize>().unwrap()] = value,
        other => other[name] = value,
    }
}

const CUE: &str = "/scenes/0/cues/0";
const SHOT: &str = "/scenes/0/cues/0/shots/0";
const LINE: &str = "/scenes/0/cues/1";

#[test]
fn absurd_values_are_planned_or_refused() {
    let bench = Bench::rendered();
    let file = "media/clips/8.mp4";
    let overlay = |from: Value, to: Value| json!([{"id": "o", "graphic": "lower-third", "fields": {"name": "A"}, "from": from, "to": to}]);
    let at = |cue: &str, ms: i64| json!({"cue": cue, "offset_ms": ms});
    let numbers = [
        json!(0),
        json!(-1),
        json!(1),
        json!(600_000),
        json!(600_001),
        json!(60_000),
        json!(60_001),
        json!(u32::MAX),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e308),
        json!(0.5),
        json!("1"),
        json!(null),
        json!([1]),
        json!({}),
    ];
    let places = [
        (CUE, "hold_ms"),
        (LINE, "lead_ms"),
        (LINE, "tail_ms"),
        (SHOT, "weight"),
        (SHOT, "starts"),
        (SHOT, "move"),
        (SHOT, "transition"),
        (SHOT, "fit"),
        (SHOT, "id"),
        (LINE, "text"),
        (LINE, "speaker"),
        (LINE, "voice"),
        (LINE, "language"),
        (LINE, "dub"),
        (LINE, "caption"),
    ];
    let mut cases: Vec<(String, Value)> = Vec::new();
    for (parent, name) in places {
        for number in &numbers {
            cases.push((format!("{parent}/{name}"), number.clone()));
        }
    }
    let zoom = |zoom: Value| json!({"from": {"zoom": zoom}, "to": {"zoom": 100, "x": 0, "y": 100}});
    let dissolve = |ms: u64| json!({"dissolve": {"ms": ms}});
    let more = [
        (format!("{SHOT}/move"), zoom(800.into())),
        (format!("{SHOT}/move"), zoom(800.01.into())),
        (format!("{SHOT}/move"), zoom(1e300.into())),
        (format!("{SHOT}/transition"), dissolve(10_000)),
        (format!("{SHOT}/transition"), dissolve(10_001)),
        (format!("{LINE}/shots/0/transition"), dissolve(10_000)),
        (format!("{SHOT}/starts"), json!({"word": u32::MAX})),
        (format!("{SHOT}/starts"), json!({"ms": u32::MAX})),
        (
            format!("{SHOT}/picture"),
            json!({"clip": {"file": file, "in_ms": 86_400_000}}),
        ),
        (
            format!("{SHOT}/picture"),
            json!({"clip": {"file": file, "speed": 0}}),
        ),
        (
            format!("{SHOT}/picture"),
            json!({"clip": {"file": file, "speed": 10, "smooth": 8, "then": "loop"}}),
        ),
        (
            format!("{SHOT}/picture"),
            json!({"clip": {"file": file, "speed": 1000, "in_ms": 1999}}),
        ),
        (
            format!("{SHOT}/picture"),
            json!({"prompt": {"text": "x".repeat(8001)}}),
        ),
        (format!("{SHOT}/picture"), json!({"card": {"title": ""}})),
        (
            format!("{SHOT}/picture"),
            json!({"card": {"title": "x".repeat(301)}}),
        ),
        (
            format!("{SHOT}/picture"),
            json!({"card": {"title": "x"}, "prompt": {"text": "x"}}),
        ),
        (
            format!("{SHOT}/picture"),
            json!({"image": {"file": "media/stills/3.png", "parallax": -1}}),
        ),
        ("/overlays".to_owned(), overlay(at("c1", 0), at("c1", 0))),
        ("/overlays".to_owned(), overlay(at("c2", 0), at("c1", 0))),
        (
            "/overlays".to_owned(),
            overlay(at("c1", -600_000), at("c1", -500_000)),
        ),
        (
            "/overlays".to_owned(),
            overlay(at("c1", 500_000), at("c2", 600_000)),
        ),
        ("/overlays".to_owned(), overlay(at("none", 0), at("c2", 0))),
        (
            "/overlays".to_owned(),
            overlay(json!({}), json!({"cue": "c1", "shot": "s1"})),
        ),
        (
            "/music".to_owned(),
            json!([{"id": "b", "source": {"synth": {"kind": "bell", "length_ms": 600_000}}, "gain_db": 1e9}]),
        ),
        (
            "/music".to_owned(),
            json!([{"id": "b", "source": {"synth": {"kind": "bell", "length_ms": 1}}}]),
        ),
        (
            "/music".to_owned(),
            json!([{"id": "b", "source": {"synth": {"kind": "bell"}}, "fade_in_ms": 60_000, "fade_out_ms": 60_000, "from": at("c1", 600_000), "to": at("c1", -600_000)}]),
        ),
        (
            "/sfx".to_owned(),
            json!([{"id": "b", "source": {"synth": {"kind": "bell"}}, "at": at("c1", -600_000)}]),
        ),
        (
            "/sfx".to_owned(),
            json!([{"id": "b", "source": {"synth": {"kind": "bell"}}, "at": at("c2", 600_000)}]),
        ),
        ("/scenes".to_owned(), json!([])),
        ("/scenes/0/cues".to_owned(), json!([])),
        (
            "/chapters".to_owned(),
            json!([{"title": " ", "cue": "c1"}, {"title": "x", "cue": "c1"}]),
        ),
        (
            "/language".to_owned(),
            json!("xx-Zzzz-ZZ-very-long-and-odd"),
        ),
        (
            "/cast".to_owned(),
            json!([{"id": "ann", "voice": {"name": "espeak:../../etc/passwd"}}]),
        ),
        (
            "/cast".to_owned(),
            json!([{"id": "ann", "voice": {"name": "nobody:x"}}]),
        ),
        (
            "/captions".to_owned(),
            json!({"burn": true, "style": "../x"}),
        ),
    ];
    cases.extend(more);
    let count = cases.len();
    for (place, value) in cases {
        let mut manifest = tiny();
        set(&mut manifest, &place, value.clone());
        bench.production.write(MANIFEST, &manifest.to_string());
        let _ = bench.look(&format!("{place} = {value}"));
    }
    assert!(count > 250, "{count}");
    bench.production.write(MANIFEST, &tiny().to_string());
    bench.is_whole("values");
}

#[test]
fn absurd_outputs_are_planned_or_refused() {
    let bench = Bench::rendered();
    let lines: [(&str, &[&str]); 10] = [
        (
            "width = 64",
            &[
                "width = 16",
                "width = 15",
                "width = 63",
                "width = 7680",
                "width = 7682",
                "width = 0",
                "width = -64",
                "width = 1e3",
                "width = \"64\"",
            ],
        ),
        (
            "height = 36",
            &[
                "height = 16",
                "height = 7680",
                "height = 37",
                "height = 9223372036854775807",
            ],
        ),
        (
            "rate = \"10\"",
            &[
                "rate = \"1/1\"",
                "rate = \"240\"",
                "rate = \"241\"",
                "rate = \"0\"",
                "rate = \"1/0\"",
                "rate = \"-30\"",
                "rate = \"24000/1001\"",
                "rate = \"1/1000000\"",
                "rate = \"4294967295/4294967295\"",
                "rate = \"NaN\"",
                "rate = 30",
                "rate = \"\"",
            ],
        ),
        (
            "crf = 40",
            &["crf = 0", "crf = 51", "crf = 52", "crf = -1", "crf = 1.5"],
        ),
        (
            "preset = \"ultrafast\"",
            &[
                "preset = \"slower\"",
                "preset = \"placebo\"",
                "preset = \"\"",
            ],
        ),
        (
            "lead_ms = 0",
            &["lead_ms = 60000", "lead_ms = 60001", "lead_ms = -1"],
        ),
        (
            "crf = 40",
            &[
                "audio_kbps = 31",
                "audio_kbps = 513",
                "loudness = -41",
                "loudness = 0",
                "true_peak = 0",
                "true_peak = -13",
                "loudness = nan",
                "loudness = -inf",
            ],
        ),
        (
            "crf = 40",
            &[
                "encoder = \"x265\"",
                "encoder = \"nvenc-av1\"",
                "encoder = \"prores-4444\"",
                "encoder = \"\"",
                "encoder = 264",
                "safe = \"tiktok\"",
                "safe = \"nowhere\"",
                "safe = { box = {} }",
                "safe = { box = { left = 45, right = 45, top = 45, bottom = 45 } }",
                "safe = { box = { left = 45.01 } }",
                "safe = { box = { left = -1 } }",
                "safe = { left = 5 }",
                "captions = { burn = 1 }",
                "captions = { style = \"../x\" }",
                "captions = { size = 0, place = \"up\" }",
                "captions = { size = 20, bottom = 90, line_length = 4, lines = 3, place = \"top\" }",
                "captions = { line_length = 3 }",
                "captions = { lines = 0 }",
            ],
        ),
        (
            "tail_ms = 50",
            &[
                "[theme]\nprimary = \"red\"",
                "[theme]\nprimary = \"#0000000\"",
                "[theme]\nprimary = \"#fff\"\nink = \"#fff\"\npaper = \"#fff\"\naccent = \"#fff\"",
                "[looks]\na = []",
                "[looks]\na = [{ named = \"a\" }]",
                "[looks]\na = [{ named = \"b\" }, { named = \"b\" }]\nb = [{ named = \"a\" }]",
                "[looks]\nnoir = [{ named = \"noir\" }]",
                "[looks]\na = [{ named = \"none\" }]",
                "[looks]\na = [{ grain = { amount = 101 } }]",
                "[looks]\na = [{ grain = {}, mono = {} }]",
                "[looks]\n\"A b\" = [{ mono = {} }]",
                "[caption_styles.a]\nwords = 0",
                "[caption_styles.a]\nwords = 21",
                "[caption_styles.a]\neffect = \"shake\"",
                "[caption_styles.a]\nsize = 20.01",
                "[caption_styles.a]\nshadow = 51\nlines = 4",
                "[caption_styles.outline]\neffect = \"pop\"\nplace = \"middle\"\nsize = 20\noutline = 30",
                "[caption_styles.\"\"]\nsize = 5",
            ],
        ),
        (
            "title = \"Tiny\"",
            &["title = \"\"", "title = 1", "title = \"\"\"\n\n\"\"\""],
        ),
    ];
    let mut count = 0;
    for (line, others) in lines {
        for other in others {
            bench
                .production
                .write("show.toml", &SHOW.replace(line, other));
            let _ = bench.look(other);
            count += 1;
        }
    }
    assert!(count > 75, "{count}");
    bench.production.write("show.toml", SHOW);
    bench.is_whole("outputs");
}

/// What a person may well write, at the edges of what can be spoken, shown and timed.
#[test]
fn odd_episodes_are_rendered_or_refused() {
    let bench = Bench::rendered();
    let mut count = 0;
    let mut try_it = |case: &str, change: &dyn Fn(&mut Value)| {
        let mut manifest = tiny();
        change(&mut manifest);
        bench.production.write(MANIFEST, &manifest.to_string());
        count += 1;
        bench.renders(case)
    };
    let texts = [
        ("emoji alone", "👩‍🚀🎬", false),
        ("punctuation alone", "?!... — «»", false),
        ("a script without a voice", "ᚠᛇᚻ ᛒᛦᚦ", false),
        (
            "several scripts",
            "Hello שלום مرحبا नमस्ते 你好 こんにちは",
            true,
        ),
        ("marks without letters", "\u{301}\u{302}\u{303}", false),
        (
            "characters that are not seen",
            "\u{200b}\u{200d}\u{fe0f}",
            false,
        ),
        ("a byte order mark", "\u{feff}", false),
        ("one endless word", &"a".repeat(400), true),
        (
            "markup",
            "<speak><break time='9999s'/></speak> [[h@loU]] {\\an8}",
            true,
        ),
        (
            "marks of subtitles",
            "1\n00:00:00,000 --> 00:00:09,000\n{\\pos(9,9)}x",
            true,
        ),
        ("turned text", "abc \u{202e}def\u{2066} ghi", true),
        ("private characters", "\u{e000}\u{f8ff}\u{10fffd}", false),
    ];
    for (case, text, fine) in texts {
        let came = try_it(case, &|manifest| {
            set(manifest, &format!("{LINE}/text"), text.into());
            manifest["captions"] = json!({"burn": true});
            // Said at 400 words a minute, and with marks that players do not show.
            let why = "no text for captions";
            manifest["waive"] = json!({"captions-speed": why, "captions-text": why});
        });
        assert!(came || !fine, "{case} is not rendered");
    }
    let long = "All work and no play. ".repeat(227);
    let _ = try_it("5000 characters, said quickly", &|manifest| {
        set(manifest, &format!("{LINE}/text"), long[..4990].into());
        set(manifest, &format!("{LINE}/say"), "Short.".into());
    });
    let came = try_it("a transition longer than its shot", &|manifest| {
        set(
            manifest,
            &format!("{LINE}/shots/0/transition"),
            json!({"dissolve": {"ms": 10_000}}),
        );
    });
    assert!(came);
    let _ = try_it("a moment before the beginning", &|manifest| {
        manifest["sfx"] = json!([{"id": "b", "source": {"synth": {"kind": "bell", "length_ms": 50}}, "at": {"cue": "c1", "offset_ms": -600_000}}]);
    });
    let _ = try_it("an overlay of no length", &|manifest| {
        manifest["overlays"] = json!([{"id": "o", "graphic": "lower-third", "fields": {"name": "A"}, "from": {"cue": "c1"}, "to": {"cue": "c1", "offset_ms": 1}}]);
    });
    let _ = try_it("an overlay before the beginning", &|manifest| {
        manifest["overlays"] = json!([{"id": "o", "graphic": "lower-third", "fields": {"name": "A"}, "from": {"cue": "c1", "offset_ms": -9000}, "to": {"cue": "c1", "offset_ms": -8000}}]);
    });
    let _ = try_it("a millisecond", &|manifest| *manifest = silent_for(1));
    let _ = try_it("a shot of a word beyond the last", &|manifest| {
        set(
            manifest,
            &format!("{LINE}/shots/0/starts"),
            json!({"word": 0}),
        );
    });
    assert!(count >= 19, "{count}");
    bench.production.write(MANIFEST, &tiny().to_string());
    bench.is_whole("episodes");
}

fn silent_for(ms: u32) -> Value {
    let mut manifest = silent(&json!({"card": {"title": "Tiny"}}));
    manifest["scenes"][0]["cues"][0]["hold_ms"] = ms.into();
    manifest
}

/// A background of an extreme shape takes no more memory than any other.
#[test]
fn a_thin_background_is_cut_before_it_is_enlarged() {
    let bench = Bench::new();
    let file = "media/stills/thin.png";
    for size in ["2x16000", "16000x2"] {
        std::fs::write(bench.path(file), crate::samples::picture("png", size)).unwrap();
        let card = json!({"card": {"title": "Thin", "background": file}});
        bench.production.write(MANIFEST, &silent(&card).to_string());
        bench.is_whole(size);
    }
}
