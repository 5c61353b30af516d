//! Puppets, looks, graphics, captions and recordings: values and files that make no sense.

use serde_json::{Value, json};
use workprint_tests::{CUBE, Production, WORDS};

use crate::bench::{Bench, MANIFEST, silent, tiny};
use crate::media::Patient;
use crate::samples::svg;

/// What is put in every place, some of it here and some there.
fn odd() -> Vec<Value> {
    vec![
        json!(0),
        json!(-1),
        json!(101),
        json!(100_000),
        json!(u32::MAX),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e308),
        json!(0.005),
        json!(""),
        json!("\u{202e}x"),
        json!("media/stills/3.png"),
        json!(null),
        json!(true),
        json!([]),
        json!([1]),
        json!({}),
        json!({"named": "noir"}),
    ]
}

/// A silent and a spoken cue with one of every field that the tiny episode has not.
fn featured() -> Value {
    let mut manifest = tiny();
    let puppet = json!({"speaker": "ann", "file": "media/puppets/bea.svg", "x": 40, "y": 95, "height": 50,
        "facing": "left", "depth": 60, "mood": "happy", "idle": 50, "seed": 3,
        "gestures": [{"at": {"word": 0}, "cue": "c2", "do": "wave", "ms": 300},
            {"at": {"ms": 50}, "do": {"mood": "sad"}}]});
    let looks = json!([
        {"named": "dusk"}, {"lut": {"file": "media/looks/teal.cube", "amount": 50}},
        {"grade": {"temperature": 5, "lift": {"all": 1, "red": 2}, "contrast": 120, "pivot": 30, "saturation": 80}},
        {"mono": {"amount": 40, "filter": "#ffcc00", "tone": "#aa8866"}}, {"blur": {"radius": 0.5}},
        {"sharpen": {"amount": 40, "radius": 0.2}}, {"glow": {"amount": 30, "radius": 2, "threshold": 40}},
        {"grain": {"amount": 20, "size": 120, "colour": 30, "seed": 1}},
        {"vignette": {"amount": 20, "size": 10, "round": 50, "x": 40, "y": 60}},
        {"jank": {"fps": 8, "weave": 10, "dust": 10, "scratches": 10, "flicker": 10, "vignette": 10, "seed": 2}},
        {"comic": {"ink": 30, "lines": 30, "tones": 1, "dots": 2, "colour": 10, "paper": "#ffffff", "margin": 2}},
        {"letterbox": {"ratio": 2, "colour": "#101010"}},
    ]);
    let silent = &mut manifest["scenes"][0]["cues"][0]["shots"][0];
    silent["puppets"] = json!([puppet]);
    silent["looks"] = looks;
    silent["focus"] = json!({"x": 30, "y": 60});
    silent["crop"] = json!({"left": 5, "top": 5, "right": 5, "bottom": 5});
    silent["move"] = json!({"kind": "drift", "amount": 4, "seed": 9, "ease": "expo"});
    let spoken = &mut manifest["scenes"][0]["cues"][1];
    spoken["recording"] = json!({"file": "media/voices/end.wav", "words": "media/voices/end.json",
        "from_ms": 100, "to_ms": 900});
    spoken["caption"] = json!({"style": "pop", "burn": true});
    spoken["shots"][0]["picture"] = json!({"plate": {"colour": "#102030", "to": "#405060", "angle": 30,
        "radial": true, "x": 20, "y": 20}});
    spoken["shots"][0]["transition"] =
        json!({"wipe": {"ms": 100, "direction": "up", "softness": 5, "ease": "in"}});
    spoken["shots"][0]["fit"] = "blur".into();
    manifest["cast"][0]["side"] = "left".into();
    manifest["cast"][0]["puppet"] = json!({"file": "media/puppets/bea.svg", "height": 40});
    manifest["looks"] = json!([{"grain": {"amount": 5}}]);
    manifest["captions"] =
        json!({"burn": true, "style": "karaoke", "words": 3, "lines": 1, "line_length": 20});
    manifest["overlays"] = json!([
        {"id": "count", "graphic": "counter", "fields": {"label": "Ships"}, "side": "right", "place": "top",
            "size": 40, "enter": "slide", "leave": "cut", "blend": "screen", "opacity": 80,
            "count": {"from": 1, "to": 9.5, "decimals": 1, "over_ms": 100, "group": true}},
        {"id": "chart", "graphic": "bar-chart", "chart": {"decimals": 1, "prefix": "~", "unit": "t", "base": -1,
            "over_ms": 100, "values": [{"label": "A", "value": 1, "highlight": true, "dub": {"es": "B"}}]}},
        {"id": "roll", "graphic": "credits", "fields": {"title": "T"},
            "credits": [{"heading": "H", "role": "R", "names": ["N"], "dub": {"es": {"role": "S"}}}]},
        {"id": "inset", "graphic": "picture-in-picture", "frame": {"radius": 5, "border": 1, "colour": "#ffffff"},
            "clip": {"file": "media/clips/8.mp4", "in_ms": 100, "speed": 120, "smooth": 1, "then": "loop"}},
        {"id": "shoulder", "graphic": "over-shoulder", "pictures": {"picture": "media/stills/7.png"}},
    ]);
    for overlay in manifest["overlays"].as_array_mut().unwrap() {
        overlay["from"] = json!({"cue": "c1"});
        overlay["to"] = json!({"cue": "c2", "at": "end"});
    }
    manifest
}

/// The places of everything in a value.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    let mut inside = |name: &str, value: &Value| {
        let place = format!("{at}/{name}");
        places(value, &place, all);
        all.push(place);
    };
    match value {
        Value::Array(values) => {
            let numbered = values.iter().enumerate();
            numbered.for_each(|(number, value)| inside(&number.to_string(), value));
        }
        Value::Object(fields) => fields.iter().for_each(|(name, value)| inside(name, value)),
        _ => {}
    }
}

#[test]
fn odd_values_anywhere_are_planned_or_refused() {
    let bench = Bench::rendered();
    let whole = featured();
    bench.production.write(MANIFEST, &whole.to_string());
    assert!(!bench.look("one of every field"));
    let (mut all, odd) = (Vec::new(), odd());
    places(&whole, "", &mut all);
    let (mut tried, mut refused) = (0, 0);
    for (number, place) in all.iter().enumerate() {
        // Five and eighteen have no divisor in common: in the end every kind of field meets all.
        for value in (0..3).map(|turn| &odd[(number * 5 + turn * 7) % odd.len()]) {
            let mut manifest = whole.clone();
            *manifest.pointer_mut(place).unwrap() = value.clone();
            bench.production.write(MANIFEST, &manifest.to_string());
            tried += 1;
            refused += usize::from(bench.look(&format!("{place} = {value}")));
        }
    }
    assert!(tried > 600, "{tried}");
    assert!(refused > tried / 2, "{refused} of {tried}");
    bench.production.write(MANIFEST, &whole.to_string());
    bench.is_whole("one of every field");
}

/// Allowed by themselves, and together a lot.
#[test]
fn extremes_are_rendered_or_refused() {
    let bench = Bench::rendered();
    let mut count = 0;
    let mut try_it = |case: &str, change: &dyn Fn(&mut Value)| {
        let mut manifest = featured();
        change(&mut manifest);
        bench.production.write(MANIFEST, &manifest.to_string());
        count += 1;
        bench.renders(case)
    };
    let shot = |manifest: &mut Value, field: &str, value: Value| {
        manifest["scenes"][0]["cues"][0]["shots"][0][field] = value;
    };
    let overlay = |manifest: &mut Value, mut overlay: Value| {
        overlay["id"] = "one".into();
        overlay["from"] = json!({"cue": "c1"});
        overlay["to"] = json!({"cue": "c2", "at": "end"});
        manifest["overlays"] = json!([overlay]);
    };
    for (x, y, height) in [(-100, -100, 1), (200, 200, 400), (50, 200, 400), (0, 0, 1)] {
        let puppet =
            json!({"file": "media/puppets/bea.svg", "x": x, "y": y, "height": height, "idle": 300});
        let case = format!("a puppet at {x} {y}, {height} high");
        assert!(
            try_it(&case, &|manifest| shot(
                manifest,
                "puppets",
                json!([puppet])
            )),
            "{case}"
        );
    }
    let crowd = json!(vec![json!({"file": "media/puppets/bea.svg"}); 12]);
    assert!(try_it("twelve puppets", &|manifest| shot(
        manifest,
        "puppets",
        crowd.clone()
    )));
    let heavy = json!(vec![json!({"glow": {"radius": 10}}); 16]);
    assert!(try_it("sixteen glows", &|manifest| shot(
        manifest,
        "looks",
        heavy.clone()
    )));
    let sliver = json!({"left": 89.99, "bottom": 90});
    let _ = try_it("a crop of almost all", &|manifest| {
        shot(manifest, "crop", sliver.clone());
    });
    for fit in ["cover", "contain", "blur", "fill"] {
        let case = format!("a sliver, {fit}");
        let _ = try_it(&case, &|manifest| {
            shot(manifest, "crop", json!({"left": 90, "top": 90}));
            shot(manifest, "fit", fit.into());
        });
    }
    for to in [1e12, -1e12, 0.0, 0.001] {
        let counter = json!({"graphic": "counter", "count": {"from": -to, "to": to, "decimals": 3, "over_ms": 60_000}});
        let case = format!("a counter to {to}");
        assert!(
            try_it(&case, &|manifest| overlay(manifest, counter.clone())),
            "{case}"
        );
    }
    for kind in ["bar-chart", "line-chart"] {
        for values in [vec![1e12, -1e12], vec![0.0; 24], vec![0.001, 0.002, -0.001]] {
            let values: Vec<Value> = values
                .iter()
                .map(|value| json!({"value": value, "label": "x".repeat(60)}))
                .collect();
            let chart =
                json!({"graphic": kind, "chart": {"decimals": 3, "base": -1e12, "values": values}});
            let case = format!("a {kind} of {} values", values.len());
            assert!(
                try_it(&case, &|manifest| overlay(manifest, chart.clone())),
                "{case}"
            );
        }
    }
    let credit = json!({"heading": "👩‍🚀".repeat(20), "role": "مرحبا", "names": vec!["N"; 100]});
    let credits = json!({"graphic": "credits", "credits": vec![credit; 3]});
    let _ = try_it("long credits", &|manifest| {
        overlay(manifest, credits.clone());
    });
    let gestures = json!(vec![
        json!({"at": {"word": 4_000_000}, "do": "hop", "ms": 60_000});
        200
    ]);
    let busy = json!([{"speaker": "ann", "gestures": gestures}]);
    let _ = try_it("gestures at a word that is not said", &|manifest| {
        shot(manifest, "puppets", busy.clone());
    });
    let pose =
        json!([{"speaker": "ann", "gestures": [{"at": {"ms": 0}, "do": {"pose": "\u{1b}[2J"}}]}]);
    let _ = try_it("a pose that is not drawn", &|manifest| {
        shot(manifest, "puppets", pose.clone());
    });
    assert!(count >= 20, "{count}");
    bench.production.write(MANIFEST, &tiny().to_string());
    bench.is_whole("extremes");
}

/// An episode over a still, with something more said of its shot.
fn with(field: &str, value: Value) -> Value {
    let mut manifest = silent(&json!({"image": {"file": "media/stills/3.png"}}));
    manifest["scenes"][0]["cues"][0]["shots"][0][field] = value;
    manifest
}

#[test]
fn puppets_that_are_none() {
    let file = "media/puppets/x.svg";
    let whole = Production::rich().read("media/puppets/bea.svg");
    let manifest = with("puppets", json!([{"file": file, "height": 80}]));
    let mut puppet = Patient::new(file, whole.clone().into_bytes(), &manifest);
    puppet.truncated(90);
    let part = |id: &str, more: &str, inside: &str| format!("<g id=\"{id}\" {more}>{inside}</g>");
    let rect = r#"<rect width="9" height="9"/>"#;
    let mouth = part("mouth-X", "", rect);
    for (case, text) in [
        ("no svg", "<html><body>no</body></html>".to_owned()),
        ("text", "This is not a puppet.".to_owned()),
        ("a root that ends twice", format!("{whole}</svg>")),
    ] {
        puppet.refuses(case, text);
    }
    let many: String = (0..4000)
        .map(|n| part(&format!("pose-{n}"), "", rect))
        .collect();
    let deep = format!(
        "{}{mouth}{}",
        "<g id=\"head\">".repeat(900),
        "</g>".repeat(900)
    );
    for (case, text) in [
        ("nothing in it", svg("")),
        ("no size", mouth_in("viewBox=\"0 0 0 0\"", &mouth)),
        ("no mouth", svg(rect)),
        ("a mouth of nothing", svg(&part("mouth-X", "", ""))),
        ("two mouths of one name", svg(&format!("{mouth}{mouth}"))),
        ("a mouth in a mouth", svg(&part("mouth-A", "", &mouth))),
        (
            "all parts in each other",
            svg(&part(
                "body",
                "",
                &part("head", "", &part("arm-left", "", &part("body", "", &mouth))),
            )),
        ),
        (
            "a pivot of no numbers",
            svg(&part("head", "data-pivot=\"NaN NaN\"", &mouth)),
        ),
        (
            "a pivot of one number",
            svg(&part("head", "data-pivot=\"1\"", &mouth)),
        ),
        (
            "a pivot far away",
            svg(&part("head", "data-pivot=\"1e300 -1e300\"", &mouth)),
        ),
        (
            "feet of no numbers",
            mouth_in("viewBox=\"0 0 9 9\" data-feet=\"a b\"", &mouth),
        ),
        (
            "feet far away",
            mouth_in("viewBox=\"0 0 9 9\" data-feet=\"1e30 1e30\"", &mouth),
        ),
        ("a giant", mouth_in("viewBox=\"0 0 1e9 1e9\"", &mouth)),
        ("a needle", mouth_in("viewBox=\"0 0 1e-9 1e9\"", &mouth)),
        ("a strip", mouth_in("viewBox=\"0 0 1e6 1\"", &mouth)),
        (
            "parts flat as a line",
            svg(&part("body", "transform=\"scale(0 1)\"", &mouth)),
        ),
        (
            "parts blown up",
            svg(&part("body", "transform=\"scale(1e8)\"", &mouth)),
        ),
        ("thousands of poses", svg(&many)),
        ("a deep head", svg(&deep)),
        (
            "odd names",
            svg(&part(
                "mouth-\u{202e}\u{1b}",
                "",
                &part("arm--", "", &part("eye-", "", rect)),
            )),
        ),
        ("itself", svg(r##"<g id="head"><use href="#head"/></g>"##)),
        ("entities", crate::samples::entities()),
        (
            "a file of the house",
            svg(&part(
                "head",
                "",
                r#"<image width="9" height="9" href="/etc/passwd"/>"#,
            )),
        ),
    ] {
        let _ = puppet.survives(case, text);
    }
    assert!(puppet.mended() >= 30);
}

fn mouth_in(head: &str, inside: &str) -> String {
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" {head}>{inside}</svg>")
}

#[test]
fn tables_of_colours_that_are_none() {
    let file = "media/looks/x.cube";
    let manifest = with("looks", json!([{"lut": {"file": file}}]));
    let mut cube = Patient::new(file, CUBE.into(), &manifest);
    cube.truncated(80);
    let rows = |head: &str, row: &str, count: usize| {
        format!("{head}\n{}", format!("{row}\n").repeat(count))
    };
    let binary: Vec<u8> = (0..=255).cycle().take(5000).collect();
    let wide: Vec<u8> = CUBE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (case, bytes) in [
        ("bytes", binary),
        ("two bytes a letter", wide),
        ("no size", rows("TITLE \"x\"", "0 0 0", 8).into()),
        ("no row too few", rows("LUT_3D_SIZE 2", "0 0 0", 7).into()),
        ("a row too many", rows("LUT_3D_SIZE 2", "0 0 0", 9).into()),
        (
            "a size of nothing",
            rows("LUT_3D_SIZE 0", "0 0 0", 0).into(),
        ),
        ("a size of one", rows("LUT_3D_SIZE 1", "0 0 0", 1).into()),
        ("a giant", rows("LUT_3D_SIZE 4294967297", "0 0 0", 8).into()),
        ("a large one", rows("LUT_3D_SIZE 4096", "0 0 0", 8).into()),
        ("a negative size", rows("LUT_3D_SIZE -2", "0 0 0", 8).into()),
        (
            "a long curve",
            rows("LUT_1D_SIZE 99999999", "0 0 0", 8).into(),
        ),
        (
            "two sizes",
            rows("LUT_3D_SIZE 2\nLUT_3D_SIZE 3", "0 0 0", 8).into(),
        ),
        ("no numbers", rows("LUT_3D_SIZE 2", "NaN NaN NaN", 8).into()),
        ("no end", rows("LUT_3D_SIZE 2", "inf inf inf", 8).into()),
        ("two columns", rows("LUT_3D_SIZE 2", "0 0", 8).into()),
        ("four columns", rows("LUT_3D_SIZE 2", "0 0 0 0", 8).into()),
        (
            "a domain of nothing",
            rows(
                "LUT_3D_SIZE 2\nDOMAIN_MIN 1 1 1\nDOMAIN_MAX 1 1 1",
                "0 0 0",
                8,
            )
            .into(),
        ),
        (
            "a domain backwards",
            rows(
                "LUT_3D_SIZE 2\nDOMAIN_MIN 1 1 1\nDOMAIN_MAX 0 0 0",
                "0 0 0",
                8,
            )
            .into(),
        ),
        ("a line without an end", "0".repeat(3 << 20).into()),
    ] as [(&str, Vec<u8>); 19]
    {
        cube.refuses(case, bytes);
    }
    for (case, text) in [
        (
            "numbers of any size",
            rows("LUT_3D_SIZE 2", "1e38 -1e38 1e-38", 8),
        ),
        (
            "both kinds",
            rows("LUT_1D_SIZE 2\nLUT_3D_SIZE 2", "0 0 0", 10),
        ),
        (
            "a domain of all",
            rows(
                "LUT_3D_SIZE 2\nDOMAIN_MIN -1e30 -1e30 -1e30\nDOMAIN_MAX 1e30 1e30 1e30",
                "0 0 0",
                8,
            ),
        ),
        ("other line ends", CUBE.replace('\n', "\r\n")),
        (
            "odd words",
            format!("\u{feff}# \u{202e}\nTITLE \"\u{1b}[2J\"\n{CUBE}"),
        ),
    ] {
        let _ = cube.survives(case, text);
    }
    assert!(cube.mended() >= 30);
}

#[test]
fn lists_of_words_that_are_none() {
    let file = "media/voices/x.json";
    let mut manifest = tiny();
    manifest["scenes"][0]["cues"][1]["recording"] =
        json!({"file": "media/voices/end.wav", "words": file});
    manifest["captions"] = json!({"burn": true, "style": "karaoke"});
    let mut words = Patient::new(file, WORDS.into(), &manifest);
    words.truncated(90);
    let one = |start: &str, end: &str| {
        format!("{{\"words\": [{{\"word\": \"Hi\", \"start\": {start}, \"end\": {end}}}]}}")
    };
    for (case, text) in [
        ("text", "Hi there.".to_owned()),
        ("a list", "[1, 2]".to_owned()),
        ("words that are one", "{\"words\": \"Hi\"}".to_owned()),
        ("words of numbers", "{\"words\": [1, 2]}".to_owned()),
        ("nested", "[".repeat(200_000)),
        ("times in text", one("\"a\"", "\"b\"")),
        ("times without end", one("1e400", "2e400")),
        ("backwards", one("0.9", "0.1")),
        (
            "an odd word backwards",
            one("0.9", "0.1").replace("Hi", "\\u202e\\u0000\\u001b[2J"),
        ),
    ] {
        words.refuses(case, text);
    }
    let long: Vec<Value> = (0..20_000).map(|n| json!({"word": "x".repeat(20), "start": f64::from(n) * 1e-4, "end": f64::from(n) * 1e-4})).collect();
    for (case, text) in [
        ("no words", "{\"words\": []}".to_owned()),
        ("nothing", "{}".to_owned()),
        ("before the beginning", one("-5", "-4")),
        ("after the end", one("1e6", "1e7")),
        ("far away", one("1e300", "1e308")),
        ("no time at all", one("0.5", "0.5")),
        ("null", one("null", "null")),
        ("an empty word", one("0.1", "0.2").replace("Hi", "")),
        (
            "an odd word",
            one("0.1", "0.2").replace("Hi", "\\u202e\\u0000\\u001b[2J"),
        ),
        ("thousands", json!({"words": long}).to_string()),
    ] {
        let _ = words.survives(case, text);
    }
    assert!(words.mended() >= 25);
}
