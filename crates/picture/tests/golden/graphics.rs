//! Graphics over the valley.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use workprint_model::episode::{Overlay, Passage};
use workprint_model::graphic::{BuiltIn, Edge, Graphic, Motion, Template};
use workprint_model::timeline::{Clip, PlacedOverlay};
use workprint_model::{Digest, Frames, OverlayId, Percent, Samples, Size};
use workprint_picture::graphic::{Drawn, Given, graphic};
use workprint_picture::{Fonts, Rgba, Yuv};

use crate::art;
use crate::harness::{Case, case, check_all};
use crate::scene::{artifact, hold, shot, still, timeline};
use crate::stage::Stage;

const WIDE: Size = Size {
    width: 320,
    height: 180,
};
const TALL: Size = Size {
    width: 180,
    height: 320,
};
const SQUARE: Size = Size {
    width: 256,
    height: 256,
};
const PORTRAIT: Size = Size {
    width: 224,
    height: 280,
};

const LENGTH: u64 = 150;

/// A graphic over the valley at a frame of its 150, which are 5 seconds.
struct Look {
    size: Size,
    language: &'static str,
    frame: u64,
    overlay: Value,
    svg: &'static str,
    light: bool,
}

fn look(overlay: Value) -> Look {
    Look {
        size: WIDE,
        language: "en",
        frame: 90,
        overlay,
        svg: "",
        light: false,
    }
}

impl Look {
    fn drawn(&self) -> (Overlay, Option<Clip>, Drawn) {
        let mut value = self.overlay.clone();
        value["id"] = json!("o");
        value["from"] = json!({ "cue": "c" });
        value["to"] = json!({ "cue": "c", "at": "end" });
        let overlay: Overlay = serde_json::from_value(value).unwrap();
        let clip = overlay.clip.as_ref().map(|spec| Clip {
            video: artifact("ball"),
            size: Size {
                width: 96,
                height: 54,
            },
            start: Samples(0),
            speed: Percent::WHOLE,
            frames: Frames(60),
            then: spec.then,
        });
        let template = match BuiltIn::find(&overlay.graphic) {
            Some(_) => Template::BuiltIn(overlay.graphic.clone()),
            None => Template::Svg(Digest::of(self.svg.as_bytes())),
        };
        let mut one = Graphic::new(template, overlay.fields.clone());
        one.setting.side = overlay.side;
        one.setting.place = overlay.place;
        one.setting.size = overlay.size;
        one.setting.clear = 780;
        one.figures.count.clone_from(&overlay.count);
        one.figures.chart.clone_from(&overlay.chart);
        one.figures.credits.clone_from(&overlay.credits);
        one.figures.frame.clone_from(&overlay.frame);
        one.figures.clip = clip.as_ref().map(|clip| clip.size);
        let pictures: BTreeMap<String, Rgba> = overlay
            .pictures
            .keys()
            .map(|name| (name.clone(), art::large().clone()))
            .collect();
        let language = self.language.parse().unwrap();
        let given = Given {
            svg: Some(self.svg),
            pictures: &pictures,
            size: self.size,
            language: &language,
            fonts: Fonts::built_in(),
        };
        let drawn = graphic(&one, &given).unwrap();
        (overlay, clip, drawn)
    }

    fn placed(&self, length: u64) -> (PlacedOverlay, Drawn) {
        let (overlay, clip, drawn) = self.drawn();
        let own = BuiltIn::find(&overlay.graphic).map(|graphic| graphic.enter);
        let enter = overlay.enter.or(own).unwrap_or(Passage::Fade);
        let placed = PlacedOverlay {
            id: OverlayId::slug("o", "overlay"),
            parts: drawn.drawing.parts.clone(),
            clip,
            from: Frames(0),
            length: Frames(length),
            fade: Frames(9),
            enter,
            leave: overlay.leave.unwrap_or(enter),
            blend: overlay.blend,
            opacity: overlay.opacity,
        };
        (placed, drawn)
    }

    fn paint(&self) -> Yuv {
        let Size { width, height } = self.size;
        let picture = still("valley", width, height);
        let mut line = timeline(width, height, vec![shot(LENGTH, picture, hold())]);
        let (overlay, drawn) = self.placed(LENGTH);
        line.overlays = vec![overlay];
        let mut behind = art::photo(self.size);
        if self.light {
            for byte in &mut behind.pixels {
                *byte = 255 - (255 - *byte) / 5;
            }
        }
        Stage::default()
            .with("valley", &behind)
            .with_drawn(&drawn)
            .paint(&line, self.frame)
    }
}

/// A graphic over a frame from the first of so many frames on, and its pictures.
pub(crate) fn overlaid(overlay: Value, size: Size, length: u64) -> (PlacedOverlay, Drawn) {
    let look = Look {
        size,
        ..look(overlay)
    };
    look.placed(length)
}

fn shown(name: &'static str, look: Look) -> Case {
    case(name, move || look.paint())
}

const TEMPLATE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 90" data-place="bottom-left" data-size="64">
<path d="M0 0 h276 l24 90 h-300z" fill="#f4ede0" fill-opacity=".94"/>
<rect width="8" height="90" fill="{{theme-accent}}"/>
<image data-image="portrait" x="18" y="10" width="70" height="70" clip-path="circle(35px)"/>
<g data-if="portrait"><text x="100" y="42" data-fit="176" data-wrap="2" data-grow="up" font-family="Inter" font-weight="700" font-size="24" fill="#22242c">{{name}}</text>
<text x="100" y="68" data-fit="176" font-family="Inter" font-size="16" fill="#55585f">{{role}}</text></g>
<g data-unless="portrait"><text x="24" y="42" data-fit="250" font-family="Inter" font-weight="700" font-size="30" fill="#22242c">{{name}}</text>
<text x="24" y="70" data-fit="250" font-family="Inter" font-size="18" fill="#55585f">{{role}}</text></g>
</svg>"##;

fn who(graphic: &str) -> Value {
    json!({ "graphic": graphic, "fields": { "name": "Ada Quill", "role": "Lamp keeper, second class" } })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "what is added is written in place"
)]
fn with(mut value: Value, more: Value) -> Value {
    for (key, more) in more.as_object().unwrap() {
        value[key] = more.clone();
    }
    value
}

#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn names() -> Vec<Case> {
    let long = json!({ "graphic": "lower-third", "fields": { "name": "Dr. Maximiliane Alexandra von Hohenstein-Waldburg", "role": "Deputy director of the institute for the history of seafaring" } });
    let arabic = || json!({ "graphic": "lower-third", "fields": { "name": "ليلى حداد", "role": "حارسة المنارة" } });
    let hindi = json!({ "graphic": "name-plate", "fields": { "name": "क्षितिज शर्मा", "role": "प्रकाशस्तंभ के रक्षक" } });
    vec![
        shown("lower-third", look(who("lower-third"))),
        shown(
            "lower-third-over-light",
            Look {
                light: true,
                ..look(who("lower-third"))
            },
        ),
        shown(
            "lower-third-name-alone",
            look(json!({ "graphic": "lower-third", "fields": { "name": "Ada Quill" } })),
        ),
        shown(
            "lower-third-right",
            look(with(who("lower-third"), json!({ "side": "right" }))),
        ),
        shown(
            "lower-third-upright",
            Look {
                size: TALL,
                ..look(who("lower-third"))
            },
        ),
        shown(
            "lower-third-square",
            Look {
                size: SQUARE,
                ..look(who("lower-third"))
            },
        ),
        shown(
            "lower-third-portrait",
            Look {
                size: PORTRAIT,
                ..look(who("lower-third"))
            },
        ),
        shown("lower-third-long", look(long)),
        shown(
            "lower-third-arabic",
            Look {
                language: "ar",
                ..look(arabic())
            },
        ),
        shown(
            "lower-third-wiped-in",
            Look {
                frame: 3,
                ..look(who("lower-third"))
            },
        ),
        shown(
            "lower-third-arabic-wiped-in",
            Look {
                frame: 3,
                language: "ar",
                ..look(arabic())
            },
        ),
        shown(
            "lower-third-sliding-in",
            Look {
                frame: 2,
                ..look(with(who("lower-third"), json!({ "enter": "slide" })))
            },
        ),
        shown(
            "lower-third-rising-away",
            Look {
                frame: LENGTH - 4,
                ..look(with(who("lower-third"), json!({ "leave": "rise" })))
            },
        ),
        shown(
            "lower-third-fading-in",
            Look {
                frame: 4,
                ..look(with(who("lower-third"), json!({ "enter": "fade" })))
            },
        ),
        shown("name-plate", look(who("name-plate"))),
        shown(
            "name-plate-upright",
            Look {
                size: TALL,
                ..look(who("name-plate"))
            },
        ),
        shown(
            "name-plate-hindi",
            Look {
                language: "hi",
                ..look(hindi)
            },
        ),
        shown(
            "badge",
            look(json!({ "graphic": "badge", "fields": { "text": "LIVE" } })),
        ),
        shown(
            "badge-at-the-bottom",
            look(
                json!({ "graphic": "badge", "place": "bottom", "fields": { "text": "🔥 04:51" } }),
            ),
        ),
    ]
}

fn titles() -> Vec<Case> {
    let title = || json!({ "graphic": "title", "fields": { "text": "First Light", "subtitle": "Part one" } });
    let chapter = || json!({ "graphic": "chapter", "fields": { "number": "Chapter two", "title": "The long night", "subtitle": "In which nobody comes" } });
    let quote = || json!({ "graphic": "quote", "fields": { "text": "We do not keep the light. The light keeps us.", "by": "Ada Quill", "source": "Logbook" } });
    let japanese = json!({ "graphic": "quote", "fields": { "text": "灯りを守るのではない。灯りが私たちを守るのだ。", "by": "エイダ" } });
    vec![
        shown("title", look(title())),
        shown(
            "title-over-light",
            Look {
                light: true,
                ..look(title())
            },
        ),
        shown(
            "title-upright",
            Look {
                size: TALL,
                ..look(title())
            },
        ),
        shown("chapter", look(chapter())),
        shown(
            "chapter-upright",
            Look {
                size: TALL,
                ..look(chapter())
            },
        ),
        shown(
            "chapter-arabic",
            Look {
                language: "ar",
                ..look(
                    json!({ "graphic": "chapter", "fields": { "number": "الفصل الثاني", "title": "الليل الطويل" } }),
                )
            },
        ),
        shown("quote", look(quote())),
        shown(
            "quote-square",
            Look {
                size: SQUARE,
                ..look(quote())
            },
        ),
        shown(
            "quote-japanese",
            Look {
                language: "ja",
                ..look(japanese)
            },
        ),
    ]
}

fn boxes() -> Vec<Case> {
    let panel = || json!({ "graphic": "over-shoulder", "side": "right", "pictures": { "picture": "a.png" }, "fields": { "title": "What the logbook says", "text": "Eleven ships in March.", "source": "Archive" } });
    let words = || json!({ "graphic": "over-shoulder", "side": "left", "fields": { "title": "What the logbook says", "text": "Eleven ships in March." } });
    let clip = || json!({ "graphic": "picture-in-picture", "clip": { "file": "a.mp4" }, "fields": { "caption": "Live" } });
    let round = json!({ "graphic": "picture-in-picture", "place": "bottom-left", "size": 24, "clip": { "file": "a.mp4" }, "frame": { "radius": 50, "border": 1.2, "colour": "#c8402f" } });
    let bare = json!({ "graphic": "picture-in-picture", "pictures": { "picture": "a.png" }, "frame": { "radius": 0, "border": 0 } });
    vec![
        shown("over-shoulder", look(panel())),
        shown(
            "over-shoulder-upright",
            Look {
                size: TALL,
                ..look(panel())
            },
        ),
        shown("over-shoulder-without-picture", look(words())),
        shown(
            "over-shoulder-picture-alone",
            look(json!({ "graphic": "over-shoulder", "pictures": { "picture": "a.png" } })),
        ),
        shown("picture-in-picture", look(clip())),
        shown(
            "picture-in-picture-square",
            Look {
                size: SQUARE,
                ..look(clip())
            },
        ),
        shown(
            "picture-in-picture-fading-in",
            Look {
                frame: 4,
                ..look(with(clip(), json!({ "enter": "fade" })))
            },
        ),
        shown("picture-in-picture-round", look(round)),
        shown("picture-in-picture-still", look(bare)),
    ]
}

/// Bars whose labels need more room than an upright bar has.
fn lying() -> Value {
    json!([{ "label": "Turning the great lamp", "value": 46 }, { "label": "Watching the sea for ships", "value": 31 }, { "label": "Asking a lot of questions", "value": 9, "highlight": true }, { "label": "Writing the log", "value": 17 }, { "label": "Painting the railings", "value": 24 }])
}

fn lying_arabic() -> Value {
    json!([{ "label": "تدوير المصباح الكبير", "value": 46 }, { "label": "مراقبة البحر بحثا عن السفن", "value": 31 }, { "label": "طرح الكثير من الأسئلة", "value": 9, "highlight": true }, { "label": "كتابة السجل", "value": 17 }, { "label": "طلاء الدرابزين", "value": 24 }])
}

#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn numbers() -> Vec<Case> {
    let count = |count: Value| json!({ "graphic": "counter", "count": count, "fields": { "label": "Good for another", "unit": "years" } });
    let bars = |values: Value| json!({ "graphic": "bar-chart", "fields": { "title": "Ships in a month", "note": "Source: logbook" }, "chart": { "values": values } });
    let few = || json!([{ "label": "Jan", "value": 212 }, { "label": "Feb", "value": 187 }, { "label": "Mar", "value": 341, "highlight": true }, { "label": "Apr", "value": 290 }]);
    let below = json!([{ "label": "A", "value": -4 }, { "label": "B", "value": 9 }, { "label": "C", "value": 3 }]);
    let hours = json!({ "fields": { "title": "ساعات الليل", "note": "المصدر: السجل" } });
    let line = || json!({ "graphic": "line-chart", "fields": { "title": "Lamps that turn themselves" }, "chart": { "unit": " %", "values": [{ "label": "1990", "value": 12 }, { "label": "2000", "value": 17 }, { "label": "2010", "value": 31, "highlight": true }, { "label": "2020", "value": 62 }] } });
    let credits = || json!({ "graphic": "credits", "fields": { "title": "First Light", "end": "Built with Workprint" }, "credits": [{ "heading": "Cast", "role": "Narrator", "names": ["A voice"] }, { "role": "Wick", "names": ["A robot", "Another"] }, { "role": "Music", "names": ["A loop"] }] });
    vec![
        shown("counter", look(count(json!({ "to": 5_000_000_000_i64 })))),
        shown(
            "counter-on-its-way",
            Look {
                frame: 16,
                ..look(count(json!({ "to": 5_000_000_000_i64 })))
            },
        ),
        shown(
            "counter-german",
            Look {
                language: "de",
                ..look(count(json!({ "from": 0, "to": -1234.5, "decimals": 1 })))
            },
        ),
        shown(
            "number",
            look(
                json!({ "graphic": "number", "fields": { "value": "1 in 7", "label": "Nights with fog", "note": "Harbour office" } }),
            ),
        ),
        shown("bar-chart", look(bars(few()))),
        shown(
            "bar-chart-on-its-way",
            Look {
                frame: 17,
                ..look(bars(few()))
            },
        ),
        shown(
            "bar-chart-upright",
            Look {
                size: TALL,
                ..look(bars(few()))
            },
        ),
        shown("bar-chart-below-zero", look(bars(below))),
        shown("bar-chart-lying", look(bars(lying()))),
        shown(
            "bar-chart-lying-arabic",
            Look {
                language: "ar",
                ..look(with(bars(lying_arabic()), hours))
            },
        ),
        shown("line-chart", look(line())),
        shown(
            "line-chart-on-its-way",
            Look {
                frame: 13,
                ..look(line())
            },
        ),
        shown(
            "line-chart-square",
            Look {
                size: SQUARE,
                ..look(line())
            },
        ),
        shown(
            "credits",
            Look {
                frame: 72,
                ..look(credits())
            },
        ),
        shown(
            "credits-over-light",
            Look {
                frame: 72,
                light: true,
                ..look(credits())
            },
        ),
        shown(
            "credits-upright",
            Look {
                frame: 72,
                size: TALL,
                ..look(credits())
            },
        ),
    ]
}

fn templates() -> Vec<Case> {
    let own = |more: Value| Look {
        svg: TEMPLATE,
        ..look(with(who("own"), more))
    };
    let long = json!({ "name": "Maximiliane Alexandra von Hohenstein", "role": "Deputy director of the institute" });
    let mixed = json!({ "name": "A नमस्ते مرحبا 你好 🔥", "role": "" });
    let pictures = || json!({ "portrait": "a.png" });
    vec![
        shown("template", own(json!({ "pictures": pictures() }))),
        shown("template-without-picture", own(json!({}))),
        shown(
            "template-long",
            own(json!({ "fields": long, "pictures": pictures() })),
        ),
        shown("template-mixed-scripts", own(json!({ "fields": mixed }))),
        shown(
            "template-upright",
            Look {
                size: TALL,
                ..own(json!({ "pictures": pictures(), "size": 100 }))
            },
        ),
    ]
}

#[test]
fn graphics() {
    let cases: Vec<Case> = [names(), titles(), boxes(), numbers(), templates()]
        .into_iter()
        .flatten()
        .collect();
    check_all("graphics", &cases);
}

#[test]
fn bars_lie_where_labels_need_the_room() {
    let edges = |language, values: Value| {
        let chart = json!({ "graphic": "bar-chart", "chart": { "values": values } });
        let (.., drawn) = Look {
            language,
            ..look(chart)
        }
        .drawn();
        let grows = drawn
            .drawing
            .parts
            .iter()
            .filter_map(|part| match part.motion {
                Motion::Grow { edge, .. } => Some(edge),
                _ => None,
            });
        grows.collect::<Vec<_>>()
    };
    let mut short = lying();
    for value in short.as_array_mut().unwrap() {
        value["label"] = "Sea".into();
    }
    assert_eq!(edges("en", short), [Edge::Bottom; 5]);
    assert_eq!(edges("en", lying()), [Edge::Left; 5]);
    assert_eq!(edges("ar", lying_arabic()), [Edge::Right; 5]);
}
