//! Paints every graphic over a picture: `cargo run -p workprint-picture --example graphics -- FOLDER [NAME]`.
//!
//! The pictures of `docs/guide/graphics.md` are made by this; with `--all` also in square and upright
//! frames, over light and busy pictures, with long names and in other scripts.

mod shared;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};
use shared::{Desk, Outcome, artifact, picture, root, sheet, shot, timeline, write};
use workprint_model::episode::{Blend, Overlay, Passage};
use workprint_model::graphic::{BuiltIn, Graphic, Template};
use workprint_model::timeline::{Clip, PlacedOverlay};
use workprint_model::{Frames, Language, OverlayId, Percent, Size};
use workprint_picture::graphic::{Given, graphic};
use workprint_picture::{Fonts, Rgba, Yuv, still, svg};

struct Case {
    name: &'static str,
    /// The overlay, without its id and times.
    overlay: Value,
    language: &'static str,
    /// When it is looked at, in milliseconds after it appears.
    at_ms: u64,
}

fn case(name: &'static str, overlay: Value) -> Case {
    Case {
        name,
        overlay,
        language: "en",
        at_ms: 5000,
    }
}

fn main() -> Outcome {
    let (flags, words): (Vec<String>, Vec<String>) = std::env::args()
        .skip(1)
        .partition(|argument| argument.starts_with("--"));
    let mut arguments = words.into_iter();
    let folder = PathBuf::from(arguments.next().ok_or("name a folder")?);
    let only = arguments.next();
    std::fs::create_dir_all(&folder)?;
    let all = flags.iter().any(|flag| flag == "--all");
    let wide = Size {
        width: 640,
        height: 360,
    };
    let shapes = [
        ("", wide),
        (
            "-square",
            Size {
                width: 720,
                height: 720,
            },
        ),
        (
            "-tall",
            Size {
                width: 540,
                height: 960,
            },
        ),
        (
            "-portrait",
            Size {
                width: 640,
                height: 800,
            },
        ),
    ];
    let mut cases = guide();
    if all {
        cases.extend(hard());
    }
    for case in cases
        .iter()
        .filter(|case| only.as_deref().is_none_or(|only| case.name.contains(only)))
    {
        for (suffix, size) in &shapes[..if all { shapes.len() } else { 1 }] {
            for behind in &["night", "light", "busy"][..if all { 3 } else { 1 }] {
                let behind_name = if all {
                    format!("-{behind}")
                } else {
                    String::new()
                };
                let frame = paint(case, *size, behind)?;
                let path = folder.join(format!("{}{suffix}{behind_name}.jpg", case.name));
                write(&path, &sheet(&[frame], 1, 0)?)?;
            }
        }
    }
    Ok(())
}

/// The pictures of the guide.
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn guide() -> Vec<Case> {
    let years: Vec<Value> = [
        ("1990", 12.4),
        ("1995", 18.1),
        ("2000", 16.9),
        ("2005", 27.5),
        ("2010", 31.0),
        ("2015", 44.2),
        ("2020", 61.8),
    ]
    .iter()
    .map(|(label, value)| json!({ "label": label, "value": value }))
    .collect();
    vec![
        case(
            "lower-third",
            json!({ "graphic": "lower-third", "fields": { "name": "Ada Lovegood", "role": "Lamp keeper, first class" } }),
        ),
        case(
            "name-plate",
            json!({ "graphic": "name-plate", "side": "right", "fields": { "name": "Wick", "role": "Lamp keeper, second class" } }),
        ),
        case(
            "title",
            json!({ "graphic": "title", "fields": { "text": "First Light", "subtitle": "A story of two keepers" } }),
        ),
        case(
            "chapter",
            json!({ "graphic": "chapter", "fields": { "number": "Chapter two", "title": "The long night", "subtitle": "In which nobody comes, and the lamp is turned" } }),
        ),
        case(
            "quote",
            json!({ "graphic": "quote", "fields": { "text": "We do not keep the light. The light keeps us, on the nights that nobody sees.", "by": "Ada Lovegood", "source": "Logbook, 14 March" } }),
        ),
        case(
            "badge",
            json!({ "graphic": "badge", "fields": { "text": "04:51" } }),
        ),
        case(
            "number",
            json!({ "graphic": "number", "fields": { "value": "1 in 7", "label": "Nights with fog", "note": "Harbour office, 1990 to 2020" } }),
        ),
        case(
            "over-shoulder",
            json!({ "graphic": "over-shoulder", "side": "right", "pictures": { "picture": "examples/first-light/media/stills/logbook.png" }, "fields": { "title": "What the logbook says", "text": "Eleven ships passed on one night in March.", "source": "Lighthouse archive" } }),
        ),
        case(
            "over-shoulder-words",
            json!({ "graphic": "over-shoulder", "side": "right", "fields": { "title": "What the logbook says", "text": "Eleven ships passed on one night in March.", "source": "Lighthouse archive" } }),
        ),
        case(
            "picture-in-picture",
            json!({ "graphic": "picture-in-picture", "clip": { "file": "media/clips/beam.mp4" }, "fields": { "caption": "Live from the rock" } }),
        ),
        case(
            "counter",
            json!({ "graphic": "counter", "count": { "to": 5_000_000_000_i64 }, "fields": { "label": "Good for another", "unit": "years" } }),
        ),
        Case {
            at_ms: 900,
            ..case(
                "counter-on-its-way",
                json!({ "graphic": "counter", "count": { "to": 5_000_000_000_i64 }, "fields": { "label": "Good for another", "unit": "years" } }),
            )
        },
        case(
            "bar-chart",
            json!({ "graphic": "bar-chart", "fields": { "title": "Ships past the rock in a month", "note": "Source: the keepers' logbook" }, "chart": { "values": [{ "label": "Jan", "value": 212 }, { "label": "Feb", "value": 187 }, { "label": "Mar", "value": 341, "highlight": true }, { "label": "Apr", "value": 290 }, { "label": "May", "value": 264 }, { "label": "Jun", "value": 238 }] } }),
        ),
        case(
            "bar-chart-lying",
            json!({ "graphic": "bar-chart", "fields": { "title": "What keepers do all night" }, "chart": { "unit": " %", "values": [{ "label": "Turning the lamp by hand", "value": 46, "highlight": true }, { "label": "Watching the sea and the sky", "value": 31 }, { "label": "Writing the logbook", "value": 14 }, { "label": "Asking questions", "value": 9 }] } }),
        ),
        case(
            "line-chart",
            json!({ "graphic": "line-chart", "fields": { "title": "Lamps that turn by themselves", "note": "Share of all lighthouses" }, "chart": { "values": years, "decimals": 1, "unit": " %" } }),
        ),
        Case {
            at_ms: 700,
            ..case(
                "line-chart-on-its-way",
                json!({ "graphic": "line-chart", "fields": { "title": "Lamps that turn by themselves", "note": "Share of all lighthouses" }, "chart": { "values": years, "decimals": 1, "unit": " %" } }),
            )
        },
        case(
            "credits",
            json!({ "graphic": "credits", "fields": { "title": "First Light", "end": "Built with Workprint" }, "credits": [
            { "heading": "Cast", "role": "Narrator", "names": ["espeak-ng"] }, { "role": "Wick", "names": ["A small robot"] }, { "role": "Ada", "names": ["A large robot"] },
            { "heading": "Crew", "role": "Pictures", "names": ["Drawn in SVG", "Painted by Workprint"] }, { "role": "Music and sounds", "names": ["Synthesised"] } ] }),
        ),
    ]
}

/// What is hard on a layout.
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn hard() -> Vec<Case> {
    let in_language = |language, case| Case { language, ..case };
    vec![
        case(
            "lower-third-long",
            json!({ "graphic": "lower-third", "fields": { "name": "Dr. Maximiliane Alexandra von Hohenstein-Waldburg", "role": "Deputy director of the institute for the history of seafaring and of lighthouses" } }),
        ),
        case(
            "lower-third-bare",
            json!({ "graphic": "lower-third", "side": "right", "fields": { "name": "Ada" } }),
        ),
        case(
            "name-plate-long",
            json!({ "graphic": "name-plate", "fields": { "name": "Dr. Maximiliane Alexandra von Hohenstein", "role": "Deputy director of the institute for the history of seafaring" } }),
        ),
        in_language(
            "ar",
            case(
                "lower-third-arabic",
                json!({ "graphic": "lower-third", "fields": { "name": "ليلى حداد", "role": "حارسة المنارة" } }),
            ),
        ),
        in_language(
            "ar",
            case(
                "name-plate-arabic",
                json!({ "graphic": "name-plate", "fields": { "name": "ليلى حداد", "role": "حارسة المنارة" } }),
            ),
        ),
        in_language(
            "hi",
            case(
                "lower-third-hindi",
                json!({ "graphic": "lower-third", "fields": { "name": "क्षितिज शर्मा", "role": "प्रकाशस्तंभ के रक्षक" } }),
            ),
        ),
        in_language(
            "ja",
            case(
                "quote-japanese",
                json!({ "graphic": "quote", "fields": { "text": "灯りを守るのではない。灯りが私たちを守るのだ。誰も見ていない夜に。", "by": "エイダ", "source": "航海日誌" } }),
            ),
        ),
        in_language(
            "ar",
            case(
                "quote-arabic",
                json!({ "graphic": "quote", "fields": { "text": "نحن لا نحرس الضوء، بل الضوء هو الذي يحرسنا في الليالي التي لا يراها أحد.", "by": "آدا", "source": "السجل" } }),
            ),
        ),
        in_language(
            "zh",
            case(
                "chapter-chinese",
                json!({ "graphic": "chapter", "fields": { "number": "第二章", "title": "漫长的夜晚", "subtitle": "没有人来，灯一直在转" } }),
            ),
        ),
        in_language(
            "ar",
            case(
                "credits-arabic",
                json!({ "graphic": "credits", "fields": { "title": "الضوء الأول" }, "credits": [{ "role": "الراوي", "names": ["سامي حداد"] }, { "role": "الموسيقى", "names": ["ليلى", "نور"] }] }),
            ),
        ),
        in_language(
            "hi",
            case(
                "counter-hindi",
                json!({ "graphic": "counter", "count": { "to": 123_456_789 }, "fields": { "label": "लोग", "unit": "" } }),
            ),
        ),
        in_language(
            "de",
            case(
                "counter-german",
                json!({ "graphic": "counter", "count": { "from": -1500, "to": 12345.6, "decimals": 1 }, "fields": { "label": "Umsatz", "prefix": "€ ", "unit": "Mio.", "note": "Geschäftsjahr 2026, ungeprüft" } }),
            ),
        ),
        case(
            "over-shoulder-picture",
            json!({ "graphic": "over-shoulder", "side": "left", "pictures": { "picture": "examples/first-light/media/stills/logbook.png" } }),
        ),
        in_language(
            "ar",
            case(
                "bar-chart-arabic",
                json!({ "graphic": "bar-chart", "fields": { "title": "السفن في كل شهر" }, "chart": { "values": [{ "label": "كانون الثاني", "value": 212 }, { "label": "شباط", "value": -87 }, { "label": "آذار ونيسان وأيار", "value": 341 }] } }),
            ),
        ),
        case(
            "bar-chart-below",
            json!({ "graphic": "bar-chart", "fields": { "title": "Change against the year before" }, "chart": { "decimals": 1, "unit": " %", "values": [{ "label": "2020", "value": -4.1 }, { "label": "2021", "value": 2.6 }, { "label": "2022", "value": 1.8 }, { "label": "2023", "value": -0.3 }, { "label": "2024", "value": -0.2 }] } }),
        ),
        case(
            "title-long",
            json!({ "graphic": "title", "fields": { "text": "The unabridged history of every lamp that ever turned on this rock, and of those who turned it", "subtitle": "In three parts, with an appendix" } }),
        ),
    ]
}

fn paint(case: &Case, size: Size, behind: &str) -> Outcome<Yuv> {
    let language: Language = case.language.parse()?;
    let overlay = overlay(&case.overlay)?;
    let pictures = pictures(&overlay)?;
    let clip = overlay.clip.as_ref().map(|_| Clip {
        video: artifact("clip"),
        size: Size {
            width: 1280,
            height: 720,
        },
        start: workprint_model::Samples(0),
        speed: Percent::WHOLE,
        frames: Frames(1000),
        then: workprint_model::episode::ClipEnd::Hold,
    });
    let described = described(&overlay, clip.as_ref());
    let given = Given {
        svg: None,
        pictures: &pictures,
        size,
        language: &language,
        fonts: Fonts::built_in(),
    };
    let drawn = graphic(&described, &given)?;
    let mut desk = Desk::default();
    for (artifact, bytes) in &drawn.files {
        desk.insert(artifact.digest, &still::from_png(bytes)?);
    }
    let behind = desk.add("behind", &backdrop(behind, size)?);
    desk.clip = clip
        .as_ref()
        .map(|clip| backdrop("busy", clip.size))
        .transpose()?;
    let enter = overlay
        .enter
        .or(BuiltIn::find(&overlay.graphic).map(|graphic| graphic.enter));
    let length = if overlay.graphic == "credits" {
        300
    } else {
        240
    };
    let mut line = timeline(size, vec![shot(length, picture(behind, size))]);
    line.overlays = vec![PlacedOverlay {
        id: OverlayId::slug("graphic", "overlay"),
        parts: drawn.drawing.parts.clone(),
        clip,
        from: Frames(0),
        length: Frames(length),
        fade: Frames(10),
        enter: enter.unwrap_or_default(),
        leave: Passage::Fade,
        blend: Blend::Normal,
        opacity: Percent::WHOLE,
    }];
    desk.paint(&line, case.at_ms * 30 / 1000)
}

fn overlay(value: &Value) -> Outcome<Overlay> {
    let mut value = value.clone();
    value["id"] = json!("graphic");
    value["from"] = json!({ "cue": "a" });
    value["to"] = json!({ "cue": "a", "at": "end" });
    Ok(serde_json::from_value(value)?)
}

fn described(overlay: &Overlay, clip: Option<&Clip>) -> Graphic {
    let template = Template::BuiltIn(overlay.graphic.clone());
    let mut graphic = Graphic::new(template, overlay.fields.clone());
    graphic.setting.side = overlay.side;
    graphic.setting.place = overlay.place;
    graphic.setting.size = overlay.size;
    graphic.setting.clear = 778;
    graphic.figures.count.clone_from(&overlay.count);
    graphic.figures.chart.clone_from(&overlay.chart);
    graphic.figures.credits.clone_from(&overlay.credits);
    graphic.figures.frame.clone_from(&overlay.frame);
    graphic.figures.clip = clip.map(|clip| clip.size);
    graphic
}

fn pictures(overlay: &Overlay) -> Outcome<BTreeMap<String, Rgba>> {
    let mut pictures = BTreeMap::new();
    for (name, path) in &overlay.pictures {
        let bytes = std::fs::read(root().join(path.as_str()))?;
        pictures.insert(name.clone(), still::decode_still(&bytes)?);
    }
    Ok(pictures)
}

/// A scene of the example, or a light or a busy picture.
fn backdrop(name: &str, size: Size) -> Outcome<Rgba> {
    let file = match name {
        "light" => "examples/first-light/media/art/two-shot-dawn.svg",
        "busy" => "examples/first-light/media/art/lamp-room.svg",
        _ => "examples/first-light/media/art/wide-night.svg",
    };
    let text = std::fs::read_to_string(root().join(file))?;
    let language = "en".parse()?;
    let drawn = svg::layers(&text, size, 1.0, &language, Fonts::built_in())?;
    let mut out = Rgba::transparent(size);
    for (_, layer) in drawn.layers {
        let x = (size.width as i32 - layer.size.width as i32) / 2;
        let y = (size.height as i32 - layer.size.height as i32) / 2;
        workprint_picture::Placed { image: layer, x, y }.over(&mut out);
    }
    if name == "light" {
        // Nearly white, as a studio wall.
        for byte in &mut out.pixels {
            *byte = 255 - (255 - *byte) / 4;
        }
    }
    Ok(out)
}
