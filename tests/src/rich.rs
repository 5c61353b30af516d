//! A production with one of everything that a manifest and a show can say.

use std::path::Path;

use serde_json::{Value, json};

use crate::Production;

/// What the small show has not: colours, looks, styles of captions, and all that an output can change.
pub const SHOW_TABLES: &str = r##"
[outputs.story]
width = 90
height = 160
rate = "25"
crf = 30
preset = "ultrafast"
encoder = "x264"
safe = "tiktok"
captions = { burn = true, style = "pill", size = 6.5, place = "middle", bottom = 12, line_length = 12, lines = 2 }

[outputs.boxed]
width = 90
height = 90
encoder = "auto"
safe = { box = { left = 5, top = 8.5, right = 5, bottom = 20 } }

[theme]
primary = "#10243a"
accent = "#ff6b4a"
ink = "#101010"
paper = "#fffaf0"

[looks]
harbour = [{ named = "dusk" }, { grade = { saturation = 85, lift = { blue = 10 } } }, { grain = { amount = 12 } }]

[caption_styles.shout]
size = 9.5
colour = "#ffee00"
bold = true
effect = "marker"
accent = "#c02040"
accent_letters = "#ffffff"
place = "top"
upper = true
shadow = 20
words = 3
lines = 1
line_length = 20

[engines]
smooth = "minterpolate"

[gates]
master = false
"##;

/// Teal shadows and orange lights.
pub const CUBE: &str = "LUT_3D_SIZE 2\n0 0.07 0.1\n0.95 0.1 0.05\n0.05 0.75 0.45\n1 0.85 0.35\n\
    0.05 0.15 0.7\n0.75 0.2 0.65\n0.05 0.8 0.85\n1 0.97 0.88\n";

/// The times of the words of cue `c12`.
pub const WORDS: &str = r#"{"words": [
    {"word": "That", "start": 0.05, "end": 0.3}, {"word": "is", "start": 0.3, "end": 0.45},
    {"word": "the", "start": 0.5, "end": 0.6}, {"word": "end.", "start": 0.6, "end": 1.1}]}
"#;

impl Production {
    /// The small production, with puppets, looks of shots and of the film, points of interest, crops,
    /// every transition and most moves, graphics that count, chart, roll, and show pictures and clips, a
    /// recording with the times of its words, and captions that follow the voice.
    pub fn rich() -> Self {
        let new = Self::small();
        let puppet = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../examples/moon-stop/media/puppets/bea.svg");
        let puppet = std::fs::read_to_string(&puppet)
            .unwrap_or_else(|error| panic!("cannot read {}: {error}", puppet.display()));
        new.write("media/puppets/bea.svg", &puppet);
        new.write("media/looks/teal.cube", CUBE);
        new.write("media/voices/end.json", WORDS);
        new.tone("media/voices/end.wav", 220, 1400);
        new.write(
            "show.toml",
            &format!("{}{SHOW_TABLES}", new.read("show.toml")),
        );
        new.edit(|manifest| {
            manifest["cast"][0]["side"] = "left".into();
            manifest["cast"][1]["puppet"] = json!({"file": "media/puppets/bea.svg", "height": 55});
            manifest["looks"] =
                json!([{"jank": {"fps": 12, "seed": 3}}, {"grain": {"amount": 15}}]);
            manifest["captions"] =
                json!({"burn": true, "style": "karaoke", "words": 4, "lines": 2});
            if let Some(overlays) = manifest["overlays"].as_array_mut() {
                overlays.extend(graphics());
            }
        });
        for (cue, shot, more) in shots() {
            new.edit_cue(cue, |cue| {
                let all = cue["shots"].as_array_mut().into_iter().flatten();
                for found in all.filter(|one| one["id"] == shot) {
                    for (key, value) in more.as_object().into_iter().flatten() {
                        found[key] = value.clone();
                    }
                }
            });
        }
        new.edit_cue("c12", |cue| {
            cue["recording"] = json!({"file": "media/voices/end.wav", "words": "media/voices/end.json",
                "from_ms": 100, "to_ms": 1300});
            cue["caption"] = json!({"style": "typewriter"});
        });
        new.edit_cue("c9", |cue| cue["caption"] = json!({"style": "pop"}));
        new
    }
}

/// What shots say beside their pictures.
#[expect(clippy::too_many_lines, reason = "a table")]
fn shots() -> [(&'static str, &'static str, Value); 11] {
    [
        (
            "c2",
            "s2",
            json!({
                "move": {"kind": "drift", "amount": 6, "seed": 2}, "focus": {"x": 30, "y": 60},
                "looks": [{"grade": {"temperature": 40, "lift": {"blue": 12}}}, {"vignette": {"amount": 60}}],
            }),
        ),
        (
            "c3",
            "s3",
            json!({
                "transition": {"wipe": {"ms": 400, "direction": "right", "softness": 15, "ease": "out"}},
                "looks": [{"jank": {"fps": 8, "dust": 90}}], "crop": {"left": 10, "top": 20},
            }),
        ),
        (
            "c3",
            "s3b",
            json!({"transition": {"push": {"ms": 320, "direction": "up"}}, "fit": "blur"}),
        ),
        (
            "c5",
            "s5",
            json!({
                "transition": {"iris": {"ms": 400, "softness": 10}}, "move": {"kind": "shake", "amount": 3},
                "looks": [{"lut": {"file": "media/looks/teal.cube", "amount": 80}}, {"grain": {"size": 200}}],
            }),
        ),
        (
            "c6",
            "s6",
            json!({"puppets": [
                {"speaker": "bo", "x": 35, "y": 95, "gestures": [
                    {"at": {"word": 0}, "do": "wave", "ms": 700}, {"at": {"ms": 300}, "do": {"mood": "happy"}}]},
                {"file": "media/puppets/bea.svg", "x": 70, "y": 92, "height": 40, "facing": "left", "idle": 200},
            ]}),
        ),
        (
            "c7",
            "s7",
            json!({
                "transition": {"whip": {"ms": 400}}, "move": {"kind": "rotate", "amount": 8},
            }),
        ),
        (
            "c8",
            "s8",
            json!({"looks": [{"sharpen": {"amount": 90}}, {"blur": {"radius": 0.6}}]}),
        ),
        (
            "c9",
            "s9",
            json!({
                "transition": {"zoom-through": {"ms": 400}}, "looks": [{"comic": {}}], "fit": "fill",
            }),
        ),
        (
            "c10",
            "s10",
            json!({
                "transition": {"slide": {"ms": 360, "direction": "down"}}, "looks": [{"glow": {"amount": 60}}],
            }),
        ),
        (
            "c11",
            "s11",
            json!({
                "picture": {"plate": {"colour": "#0b102b", "to": "#f29a5c", "angle": 120}},
                "transition": {"dip": {"ms": 300}},
            }),
        ),
        (
            "c12",
            "s12",
            json!({
                "looks": [{"named": "noir"}, {"mono": {"tone": "#a08060"}}, {"letterbox": {"ratio": 2.2}}],
            }),
        ),
    ]
}

/// Graphics of every kind, each over other shots.
fn graphics() -> Vec<Value> {
    let over = |mut graphic: Value, from: &str, to: &str| {
        graphic["from"] = json!({"cue": from, "offset_ms": 100});
        graphic["to"] = json!({"cue": to, "at": "end", "offset_ms": -100});
        graphic
    };
    let values = json!([{"label": "Fog", "value": 14.5, "highlight": true, "dub": {"es": "Niebla"}},
        {"label": "Clear", "value": 86}]);
    vec![
        over(
            json!({"id": "count", "graphic": "counter", "side": "right", "enter": "rise", "leave": "cut",
            "count": {"from": -5, "to": 1200.5, "decimals": 1, "over_ms": 900, "group": false},
            "fields": {"label": "Ships", "unit": "a year"}}),
            "c2",
            "c3",
        ),
        over(
            json!({"id": "bars", "graphic": "bar-chart", "size": 60, "place": "left", "opacity": 90,
            "chart": {"unit": " %", "decimals": 1, "base": -10, "over_ms": 700, "values": values}}),
            "c4",
            "c4",
        ),
        over(
            json!({"id": "line", "graphic": "line-chart", "blend": "screen",
            "chart": {"prefix": "~", "values": values}}),
            "c5",
            "c6",
        ),
        over(
            json!({"id": "inset", "graphic": "picture-in-picture", "enter": "slide",
            "clip": {"file": "media/clips/8.mp4", "in_ms": 200, "speed": 150, "then": "loop"},
            "frame": {"radius": 20, "border": 1.2, "colour": "#c8402f"}, "fields": {"caption": "Live"}}),
            "c7",
            "c8",
        ),
        over(
            json!({"id": "shoulder", "graphic": "over-shoulder", "side": "right", "enter": "wipe",
            "pictures": {"picture": "media/stills/7.png"}, "fields": {"title": "A page"}}),
            "c9",
            "c10",
        ),
        over(
            json!({"id": "roll", "graphic": "credits", "fields": {"title": "Small"},
            "credits": [{"heading": "Crew", "role": "Music", "names": ["Ada", "Bo"], "dub": {"es": {"role": "Música"}}}]}),
            "c11",
            "c12",
        ),
    ]
}
