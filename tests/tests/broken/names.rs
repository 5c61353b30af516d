//! Names that climb out of the production, name something else than a file, or hurt a terminal.

use serde_json::json;

use crate::bench::{Bench, MANIFEST, SHOW, silent, tiny};

#[test]
fn paths_that_are_none_are_refused() {
    let bench = Bench::rendered();
    let long = format!("media/{}.png", "x".repeat(300));
    let names = [
        "",
        " ",
        ".",
        "..",
        "/",
        "../outside.png",
        "../../etc/passwd",
        "/etc/passwd",
        "media/../../outside.png",
        "media/./3.png",
        "media//3.png",
        "media/",
        "./media/stills/3.png",
        "~/x.png",
        "$HOME/x.png",
        "file:media/stills/3.png",
        "file:///etc/passwd",
        "http://127.0.0.1:9/x.png",
        "concat:media/stills/3.png|media/stills/5.png",
        "data:,x.png",
        "pipe:0",
        "crypto:x.png",
        "subfile,,start,0,end,9,,:x.png",
        "-i.png",
        "--help.png",
        "media\\..\\..\\x.png",
        "C:\\x.png",
        "media/a\nb.png",
        "media/a\0b.png",
        "media/\u{1b}[2J.png",
        "media/gnp.\u{202e}x.png",
        "media/'\"`.png",
        "media/%s%n.png",
        "media/%03d.png",
        "media/*.png",
        "media/🎬.png",
        "media/;rm -rf x.png",
        long.as_str(),
        "media/stills",
        "media/stills/none.png",
        ".workprint/ledger.db",
        "show.toml",
        "episodes/pilot/manifest.json",
    ];
    for name in names {
        for picture in ["image", "clip"] {
            let manifest = silent(&json!({picture: {"file": name}}));
            bench.production.write(MANIFEST, &manifest.to_string());
            assert!(
                bench.look(&format!("{picture} {name:?}")),
                "{name:?} is a {picture}"
            );
        }
        let mut manifest = tiny();
        manifest["sfx"] = json!([{"id": "x", "source": {"file": name}, "at": {"cue": "c1"}}]);
        bench.production.write(MANIFEST, &manifest.to_string());
        assert!(
            bench.look(&format!("a sound {name:?}")),
            "{name:?} is a sound"
        );
    }
    bench.production.write(MANIFEST, &tiny().to_string());
    bench.is_whole("paths");
}

#[test]
fn names_of_outputs_and_things_are_checked() {
    let bench = Bench::rendered();
    let names = [
        "",
        " ",
        ".",
        "..",
        "../x",
        "a/b",
        "-x",
        "a\\b",
        "a\nb",
        "\u{1b}[31m",
        "\u{202e}x",
        "é",
        "🎬",
        "CON",
        "a b",
        &"x".repeat(300),
    ];
    for name in names {
        let key = serde_json::to_string(name)
            .unwrap()
            .replace("\u{202e}", "\\u202e");
        let show = format!("{SHOW}\n[outputs.{key}]\nwidth = 64\nheight = 36\n");
        bench.production.write("show.toml", &show);
        assert!(
            bench.look(&format!("an output {name:?}")),
            "{name:?} is an output"
        );
        bench.production.write("show.toml", SHOW);
        for place in [
            "/cast/0/id",
            "/scenes/0/id",
            "/scenes/0/cues/0/id",
            "/scenes/0/cues/0/shots/0/id",
        ] {
            let mut manifest = tiny();
            *manifest.pointer_mut(place).unwrap() = name.into();
            bench.production.write(MANIFEST, &manifest.to_string());
            assert!(
                bench.look(&format!("{place} {name:?}")),
                "{name:?} at {place}"
            );
        }
        bench.production.write(MANIFEST, &tiny().to_string());
    }
    bench.is_whole("names");
}
