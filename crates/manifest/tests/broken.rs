//! Everything wrong with a broken production is told at once, at its place, with what to do.

use std::fmt::Write as _;

use workprint_manifest::{Source, load_episode, load_lock, load_show};
use workprint_model::Diagnostic;
use workprint_model::show::Show;

const SHOW: &str = r#"
format = "workprint.show/1"
title = "The Lamp"

[[cast]]
id = "narrator"
voice = { name = "espeak:en-gb" }

[caption_styles.shout]
size = 9
"#;

fn show() -> Show {
    load_show(Source {
        file: "show.toml",
        text: SHOW,
    })
    .value
    .expect("a show")
}

/// Diagnostics as a person reads them, with the text each one points at.
fn told(text: &str, diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let span = diagnostic.place.as_ref().expect("a place").span;
        let _ = writeln!(out, "{diagnostic}\n    > {}", &text[span.start..span.end]);
        for hint in &diagnostic.hints {
            let _ = writeln!(out, "    = {hint}");
        }
    }
    out
}

fn told_of_episode(text: &str) -> String {
    let source = Source {
        file: "manifest.json",
        text,
    };
    let loaded = load_episode(source, &show());
    assert!(loaded.value.is_none());
    told(text, &loaded.diagnostics)
}

#[test]
fn a_badly_broken_manifest() {
    insta::assert_snapshot!(told_of_episode(include_str!("broken/manifest.json")));
}

#[test]
fn a_badly_broken_show() {
    let text = include_str!("broken/show.toml");
    let loaded = load_show(Source {
        file: "show.toml",
        text,
    });
    assert!(loaded.value.is_none());
    insta::assert_snapshot!(told(text, &loaded.diagnostics));
}

#[test]
fn a_broken_lock() {
    let text =
        r#"{"format": "workprint.lock/1", "slots": {"voice": {"digest": "abc", "pinned": 1}}}"#;
    let loaded = load_lock(Source {
        file: "episode.lock",
        text,
    });
    insta::assert_snapshot!(told(text, &loaded.diagnostics));
}

#[test]
fn other_formats_and_versions() {
    let mut out = String::new();
    for text in [
        r#"{"format": "workprint.manifest/2", "anything": 1}"#,
        r#"{"format": "workprint.show/1"}"#,
        r#"{"format": "final draft"}"#,
        r#"{"title": "x", "language": "en", "scenes": []}"#,
        "[]",
        "",
    ] {
        let _ = writeln!(out, "{text}\n{}", told_of_episode(text));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let text = format!("\u{feff}{SHOW}");
    let source = Source {
        file: "show.toml",
        text: &text,
    };
    assert!(load_show(source).value.is_some());
}

#[test]
fn wrong_framings() {
    let shot = |id: &str, rest: &str| {
        format!(r#"{{ "id": "{id}", "picture": {{ "card": {{ "title": "x" }} }}, {rest} }}"#)
    };
    let shots = [
        shot("a", r#""move": { "amount": 5, "seed": 1 }"#),
        shot(
            "b",
            r#""move": { "kind": "push", "seed": 1, "from": { "zoom": 110 } }"#,
        ),
        shot("c", r#""move": { "kind": "rotate", "amount": 50 }"#),
        shot("d", r#""move": { "kind": "pan-left", "amount": -5 }"#),
        shot("e", r#""move": { "kind": "spin" }, "focus": { "x": 120 }"#),
        shot(
            "f",
            r#""crop": { "left": 50, "right": 45.5, "top": 89, "bottom": 1 }"#,
        ),
        shot(
            "g",
            r#""transition": { "wipe": { "ms": 0, "direction": "in" } }, "fit": "blurr""#,
        ),
        shot("h", r#""transition": "whip""#),
    ];
    let text = format!(
        r#"{{ "format": "workprint.manifest/1", "title": "x", "language": "en", "scenes": [
{{ "id": "s", "cues": [{{ "id": "c", "hold_ms": 9000, "shots": [
{}
] }}] }}] }}"#,
        shots.join(",\n")
    );
    insta::assert_snapshot!(told_of_episode(&text));
}

/// What is wrong with a show, and where that stands.
fn places(text: &str) -> Vec<(String, String)> {
    let loaded = load_show(Source {
        file: "show.toml",
        text,
    });
    let place = |diagnostic: &Diagnostic| {
        let span = diagnostic.place.as_ref().expect("a place").span;
        let all = [diagnostic.message.clone()].into_iter();
        let all: Vec<String> = all.chain(diagnostic.hints.clone()).collect();
        (all.join(" | "), text[span.start..span.end].to_owned())
    };
    loaded.diagnostics.iter().map(place).collect()
}

#[test]
fn a_line_of_marks_alone_is_told() {
    let episode = |line: &str| {
        format!(
            r#"{{"format": "workprint.manifest/1", "title": "T", "language": "en", "scenes": [{{"id": "a", "cues": [
            {{"id": "c1", "speaker": "narrator", {line},
              "shots": [{{"id": "s1", "picture": {{"card": {{"title": "T"}}}}}}]}}]}}]}}"#
        )
    };
    for line in [
        r#""text": "… ?!""#,
        r#""text": "Hm", "say": "— [pause 1s]""#,
    ] {
        let told = told_of_episode(&episode(line));
        assert!(
            told.contains("error[manifest.no-text]: there are marks here"),
            "{told}"
        );
    }
    for line in [
        r#""text": "…", "say": "hm""#,
        r#""text": "&""#,
        r#""text": "7!""#,
    ] {
        let text = episode(line);
        let source = Source {
            file: "manifest.json",
            text: &text,
        };
        let loaded = load_episode(source, &show());
        assert!(loaded.value.is_some(), "{:?}", loaded.diagnostics);
    }
}

#[test]
fn programs_are_told_what_is_known() {
    let text = "format = \"workprint.show/1\"\ntitle = \"x\"\n\n[engines.images.a]\nvendor = \"command\"\n\
        model = \"m\"\noptions = { steps = 8 }\ngraph = \"a.json\"\n\
        command = [\"{prompt}\", \"{promt}\", \"{steps}{reference2}\", \"{seconds}\", \"{\\\"a\\\": 1}\", \"{show}/../a\"]\n\n\
        [engines.clips.b]\nvendor = \"command\"\nmodel = \"m\"\n\n[engines.clips.c]\nvendor = \"fal\"\n\
        model = \"m\"\ncommand = [\"x\"]\n\n[engines.clips.d]\nvendor = \"command\"\nmodel = \"m\"\n\
        command = [\"{show}/bin/move\", \"--to={out}\", \"{seconds}\", \"{rate}\", \"{{{start}}}\"]\n";
    let told = places(text);
    let wanted = [
        ("`command` has no setting `graph`", "graph"),
        ("not told where to write", "["),
        ("has no places", "\"{prompt}\""),
        ("`{promt}` | did you mean `prompt`?", "\"{promt}\""),
        ("nothing is known of the place `{seconds}`", "\"{seconds}\""),
        ("write a brace that is no place twice", "\"{\\\"a\\\": 1}\""),
        ("would leave the production", "\"{show}/../a\""),
        ("`b` names no program", "b"),
        (
            "`fal` has no setting `command` | take it out, or set `vendor` to `command`",
            "command",
        ),
    ];
    assert_eq!(told.len(), wanted.len(), "{told:#?}");
    for ((message, place), (wanted, at)) in told.iter().zip(wanted) {
        assert!(
            message.contains(wanted) && place.starts_with(at),
            "{message} at {place}"
        );
    }
}

#[test]
fn tools_are_told_what_is_known() {
    let text = "format = \"workprint.show/1\"\ntitle = \"x\"\n\n[engines.images.a]\nvendor = \"mcp\"\nmodel = \"m\"\n\
        tool = \"draw\"\ncommand = [\"{show}/serve\", \"{promt}\"]\noptions = { steps = 8 }\n\
        arguments = { a = \"{steps}{prompt}\", b = [1, { c = \"{start-data}\" }, \"{references-data}\"], d = \"{promt}\", \
        e = \"{reference17}\", f = \"{show}/../a\" }\n\n\
        [engines.clips.b]\nvendor = \"mcp\"\nmodel = \"m\"\n\n\
        [engines.clips.c]\nvendor = \"mcp\"\nmodel = \"m\"\ntool = \"t\"\nresult = \"path\"\ncommand = [\"x\"]\n\
        url = \"http://127.0.0.1:1/mcp\"\ngraph = \"a.json\"\n\n\
        [engines.clips.d]\nvendor = \"mcp\"\nmodel = \"m\"\ntool = \"t\"\nurl = \"http://127.0.0.1:1/mcp\"\n\
        arguments = { start = \"{start-data}\", type = \"{start-type}\", s = \"{seconds}\" }\n";
    let told = places(text);
    let has = |wanted: &str, at: &str| {
        let fits = |(message, place): &&(String, String)| {
            message.contains(wanted) && place.starts_with(at)
        };
        told.iter().filter(fits).count()
    };
    for (wanted, at) in [
        ("`{promt}` | did you mean `prompt`?", "\"{promt}\""),
        (
            "nothing is known of the place `{start-data}`",
            "\"{start-data}\"",
        ),
        (
            "nothing is known of the place `{reference17}`",
            "\"{reference17}\"",
        ),
        ("would leave the production", "\"{show}/../a\""),
        ("`b` names no tool", "b"),
        ("`b` names no server", "b"),
        ("`c` names a server to start and one that runs", "c"),
        ("`mcp` has no setting `graph`", "graph"),
        ("a JSON pointer begins with `/`", "\"path\""),
    ] {
        let count = if wanted.contains("promt") { 2 } else { 1 };
        assert_eq!(has(wanted, at), count, "{wanted}: {told:#?}");
    }
    assert_eq!(told.len(), 10, "{told:#?}");
}

#[test]
fn voices_and_words_of_a_show_mean_something() {
    let text = "format = \"workprint.show/1\"\ntitle = \"x\"\n\n[engines.voices.espeak.openai]\n\
        url = \"http://127.0.0.1:1/v1\"\nmodel = \"m\"\n\n[engines.voices.paid]\nvendor = \"x\"\n\n\
        [engines.voices.two.openai]\nurl = 7\nmodel = \"m\"\n\n[lexicon]\n\"New York\" = \"nu york\"\nNothing = {}\n\
        Blank = \" \"\nMute = { ipa = \" \", language = \"en\" }\nGood-bye = { ipa = \"x\" }\n\"太阳\" = \"x\"\n";
    let loaded = load_show(Source {
        file: "show.toml",
        text,
    });
    let told: Vec<(String, &str)> = loaded
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let span = diagnostic.place.as_ref().expect("a place").span;
            (diagnostic.message.clone(), &text[span.start..span.end])
        })
        .collect();
    let wanted = [
        ("`espeak` is built in and cannot be described", "espeak"),
        ("the field `model` is missing", "["),
        ("`url` must be a text, and here is a whole number", "7"),
        (
            "`New York` is not one word, so it is never found",
            "\"New York\"",
        ),
        ("nothing tells how `Nothing` is said", "{}"),
        ("nothing tells how `Blank` is said", "\" \""),
        (
            "nothing tells how `Mute` is said",
            "{ ipa = \" \", language = \"en\" }",
        ),
    ];
    assert_eq!(
        told,
        wanted.map(|(message, text)| (message.to_owned(), text))
    );
}
