//! Graphics over the valley.

use std::collections::BTreeMap;

use workprint_model::graphic::{Graphic, Template};
use workprint_model::{Digest, Size};
use workprint_picture::graphic::graphic;
use workprint_picture::{Fonts, Placed, Yuv};

use crate::art;
use crate::harness::{case, check_all};
use crate::scene::{hold, overlay, shot, still, timeline};
use crate::stage::{Stage, TALL, WIDE};

fn over(size: Size, drawn: &Placed) -> Yuv {
    let Size { width, height } = size;
    let picture = still("valley", width, height);
    let mut line = timeline(width, height, vec![shot(1, picture, hold())]);
    let own = (drawn.image.size.width, drawn.image.size.height);
    line.overlays = vec![overlay("graphic", (drawn.x, drawn.y), own, 1)];
    Stage::default()
        .with("valley", &art::photo(size))
        .with("graphic", &drawn.image)
        .paint(&line, 0)
}

fn drawn(size: Size, tag: &str, template: Template, fields: &[(&str, &str)], svg: &str) -> Yuv {
    let fields: BTreeMap<_, _> = fields
        .iter()
        .map(|&(name, text)| (name.to_owned(), text.to_owned()))
        .collect();
    let words = Graphic { template, fields };
    let placed = graphic(
        &words,
        Some(svg),
        size,
        &tag.parse().unwrap(),
        Fonts::built_in(),
    );
    over(size, &placed.unwrap())
}

fn built_in(size: Size, tag: &str, name: &str, fields: &[(&str, &str)]) -> Yuv {
    drawn(size, tag, Template::BuiltIn(name.to_owned()), fields, "")
}

const TEMPLATE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 272">
<path d="M24 196 h250 l-24 48 h-226z" fill="#f4ede0" fill-opacity=".92"/>
<rect x="24" y="196" width="8" height="48" fill="#c8402f"/>
<text x="46" y="220" font-family="Inter" font-weight="700" font-size="22" fill="#22242c">{{name}}</text>
<text x="46" y="238" font-family="Inter" font-size="13" fill="#55585f">{{role}}</text>
</svg>"##;

#[test]
fn graphics() {
    let who = [("name", "Ada Quill"), ("role", "Lamp keeper, second class")];
    check_all(
        "graphics",
        &[
            case("lower-third", move || {
                built_in(WIDE, "en", "lower-third", &who)
            }),
            case("lower-third-name-alone", move || {
                built_in(WIDE, "en", "lower-third", &who[..1])
            }),
            case("lower-third-upright", move || {
                built_in(TALL, "en", "lower-third", &who)
            }),
            case("lower-third-arabic", || {
                let who = [("name", "ليلى حداد"), ("role", "حارسة المنارة")];
                built_in(WIDE, "ar", "lower-third", &who)
            }),
            case("title", || {
                let words = [("text", "First Light"), ("subtitle", "Part one")];
                built_in(WIDE, "en", "title", &words)
            }),
            case("badge", || {
                built_in(WIDE, "en", "badge", &[("text", "LIVE")])
            }),
            case("template", move || {
                let template = Template::Svg(Digest::of(TEMPLATE.as_bytes()));
                drawn(WIDE, "en", template, &who, TEMPLATE)
            }),
        ],
    );
}
