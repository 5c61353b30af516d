//! Graphics and SVG templates through the room's door.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test's helpers may fail as the test itself may"
)]

use std::collections::BTreeMap;

use serde_json::json;
use workprint_model::episode::{Passage, Place, Side};
use workprint_model::graphic::{Area, BUILT_IN, Content, Graphic, Hole, Motion, Shows, Template};
use workprint_model::timeline::PlacedOverlay;
use workprint_model::{Digest, Frames, Language, Percent, Safe, SafeBox, Size};
use workprint_picture::graphic::{Drawn, Given, check_fields, graphic, svg_fields};
use workprint_picture::still::from_png;
use workprint_picture::{ArtError, Fonts, Placed, Rgba};

const FRAME: Size = Size {
    width: 640,
    height: 360,
};

const SHAPES: [Size; 4] = [
    FRAME,
    Size {
        width: 360,
        height: 640,
    },
    Size {
        width: 400,
        height: 400,
    },
    Size {
        width: 400,
        height: 500,
    },
];

fn language(tag: &str) -> Language {
    tag.parse().unwrap()
}

fn words(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
    let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    fields.iter().map(own).collect()
}

fn built_in(name: &str, fields: &[(&str, &str)]) -> Graphic {
    Graphic::new(Template::BuiltIn(name.to_owned()), words(fields))
}

fn drawn(
    one: &Graphic,
    svg: Option<&str>,
    (size, tag): (Size, &str),
    pictures: &[(&str, Rgba)],
) -> Result<Drawn, ArtError> {
    let pictures = pictures
        .iter()
        .map(|(name, picture)| ((*name).to_owned(), picture.clone()));
    let given = Given {
        svg,
        pictures: &pictures.collect(),
        size,
        language: &language(tag),
        fonts: Fonts::built_in(),
    };
    graphic(one, &given)
}

fn draw(one: &Graphic, size: Size) -> Drawn {
    drawn(one, None, (size, "en"), &[]).unwrap()
}

/// What a graphic of one picture is.
fn only(drawn: &Drawn) -> Placed {
    assert_eq!(drawn.drawing.parts.len(), 1, "{:?}", drawn.drawing);
    let Content::Plate(plate) = &drawn.drawing.parts[0].content else {
        panic!("no picture: {:?}", drawn.drawing);
    };
    Placed {
        image: from_png(&drawn.files[0].1).unwrap(),
        x: plate.x,
        y: plate.y,
    }
}

/// Where the solid pixels of a graphic lie: shadows may reach further.
fn solid(drawn: &Drawn) -> Area {
    let placed = only(drawn);
    let width = placed.image.size.width as usize;
    let mut area: Option<Area> = None;
    for (index, pixel) in placed.image.pixels.chunks_exact(4).enumerate() {
        if pixel[3] > 200 {
            let one = Area {
                x: placed.x + (index % width) as i32,
                y: placed.y + (index / width) as i32,
                size: Size {
                    width: 1,
                    height: 1,
                },
            };
            area = Some(area.map_or(one, |area| area.with(&one)));
        }
    }
    area.unwrap()
}

fn opaque_pixels(image: &Rgba) -> usize {
    image
        .pixels
        .chunks_exact(4)
        .filter(|pixel| pixel[3] > 127)
        .count()
}

#[test]
fn graphics_stay_in_the_safe_area_and_above_captions() {
    let long = "A very long name indeed ".repeat(8);
    let hindi = "क्षत्रिय प्रकाशस्तंभ ".repeat(9);
    for size in SHAPES {
        for text in ["Ada", "W", &long, &hindi, "ليلى حداد"] {
            let all = [
                built_in("lower-third", &[("name", text), ("role", text)]),
                built_in("name-plate", &[("name", text), ("role", text)]),
                built_in("quote", &[("text", text), ("by", text), ("source", text)]),
                built_in("badge", &[("text", text)]),
                built_in(
                    "number",
                    &[("value", text), ("label", text), ("note", text)],
                ),
                built_in(
                    "over-shoulder",
                    &[("title", text), ("text", text), ("source", text)],
                ),
            ];
            for mut one in all {
                one.setting.clear = 780;
                for place in [None, Some(Place::BottomRight), Some(Place::Middle)] {
                    one.setting.place = place;
                    let area = solid(&draw(&one, size));
                    let (width, height) = (size.width as i32, size.height as i32);
                    let what = format!("{:?} of {text:?} in {size}: {area:?}", one.template);
                    assert!(area.x >= width * 5 / 100 - 1, "{what}");
                    assert!(area.right() <= width * 95 / 100 + 1, "{what}");
                    assert!(area.y >= height * 5 / 100 - 1, "{what}");
                    assert!(area.bottom() <= height * 78 / 100 + 2, "{what}");
                }
            }
        }
    }
}

#[test]
fn a_graphic_stands_where_it_is_told_to() {
    let mut one = built_in("lower-third", &[("name", "Ada")]);
    let middle = |drawn: &Drawn| {
        let area = solid(drawn);
        area.x + area.size.width as i32 / 2
    };
    assert!(middle(&draw(&one, FRAME)) < 320);
    one.setting.side = Some(Side::Right);
    assert!(middle(&draw(&one, FRAME)) > 320);
    // Reading from right to left, names stand on the right.
    let arabic = built_in("lower-third", &[("name", "ليلى")]);
    assert!(middle(&drawn(&arabic, None, (FRAME, "ar"), &[]).unwrap()) > 320);
    one.setting.place = Some(Place::TopLeft);
    assert!(solid(&draw(&one, FRAME)).y < 30);
    let left = Percent::new(20);
    one.setting.safe = Safe::Box(SafeBox {
        left,
        ..Safe::Title.margins()
    });
    assert!(solid(&draw(&one, FRAME)).x >= 128);
}

#[test]
fn what_is_missing_closes_up() {
    let tall = |fields: &[(&str, &str)]| {
        solid(&draw(&built_in("over-shoulder", fields), FRAME))
            .size
            .height
    };
    let all = tall(&[
        ("title", "Ships"),
        ("text", "Eleven of them."),
        ("source", "Log"),
    ]);
    assert!(
        tall(&[
            ("title", "Ships"),
            ("text", "Eleven of them."),
            ("source", " ")
        ]) < all
    );
    assert!(tall(&[("title", "Ships")]) < all * 2 / 3);
    let picture = Rgba {
        size: Size {
            width: 40,
            height: 30,
        },
        pixels: [200, 100, 50, 255].repeat(1200),
    };
    let one = built_in("over-shoulder", &[("title", "Ships")]);
    let with = drawn(&one, None, (FRAME, "en"), &[("picture", picture.clone())]).unwrap();
    assert!(solid(&with).size.height > all);
    let alone = drawn(
        &built_in("over-shoulder", &[]),
        None,
        (FRAME, "en"),
        &[("picture", picture)],
    )
    .unwrap();
    let image = only(&alone).image;
    let red = image
        .pixels
        .chunks_exact(4)
        .filter(|pixel| pixel[..3] == [200, 100, 50])
        .count();
    assert!(
        red * 10 > opaque_pixels(&image) * 9,
        "the picture is the panel"
    );
    let none = draw(&built_in("over-shoulder", &[]), FRAME);
    assert!(!none.drawing.parts.is_empty() && none.files.len() == 1);
}

#[test]
fn every_built_in_graphic_can_be_drawn_in_every_shape() {
    for one in BUILT_IN {
        let fields: Vec<(&str, &str)> = one
            .needs
            .iter()
            .chain(one.takes)
            .map(|name| (*name, "Words"))
            .collect();
        let mut graphic = built_in(one.name, &fields);
        match one.shows {
            Shows::Count => {
                graphic.figures.count = serde_json::from_value(json!({ "to": 12 })).unwrap();
            }
            Shows::Chart => {
                let values = [json!({ "value": 1, "label": "a" }), json!({ "value": -2 })];
                graphic.figures.chart =
                    serde_json::from_value(json!({ "values": values })).unwrap();
            }
            Shows::Credits => {
                graphic.figures.credits =
                    serde_json::from_value(json!([{ "role": "a", "names": ["b"] }])).unwrap();
            }
            _ => {}
        }
        for size in SHAPES.into_iter().chain([
            Size {
                width: 16,
                height: 16,
            },
            Size {
                width: 16,
                height: 720,
            },
        ]) {
            let drawn = draw(&graphic, size);
            assert!(!drawn.drawing.parts.is_empty(), "{} in {size}", one.name);
            assert_eq!(
                drawn,
                draw(&graphic, size),
                "{} is the same again",
                one.name
            );
            for part in &drawn.drawing.parts {
                if let Content::Plate(plate) = &part.content {
                    let known = drawn.files.iter().any(|(file, _)| *file == plate.image);
                    assert!(
                        known && plate.x % 2 == 0 && plate.size.width.is_multiple_of(2),
                        "{}",
                        one.name
                    );
                }
            }
        }
    }
}

#[test]
fn a_box_leaves_a_hole_for_its_clip() {
    let mut one = built_in("picture-in-picture", &[]);
    one.figures.clip = Some(Size {
        width: 1920,
        height: 1080,
    });
    for size in SHAPES {
        let parts = draw(&one, size).drawing.parts;
        let hole = |part: &workprint_model::graphic::Part| match part.content {
            Content::Hole(hole) => Some(hole),
            _ => None,
        };
        let Hole { area, radius } = parts.iter().find_map(hole).unwrap();
        let Size { width, height } = area.size;
        assert!(area.x % 2 == 0 && area.y % 2 == 0 && width % 2 == 0 && height % 2 == 0);
        assert!((width * 9).abs_diff(height * 16) <= 32, "{area:?}");
        assert!(radius > 0 && area.right() as u32 <= size.width * 95 / 100 + 1);
    }
    one.setting.size = Some(Percent::new(100));
    one.figures.clip = Some(Size {
        width: 100,
        height: 4000,
    });
    let tall = draw(&one, FRAME).drawing.parts;
    assert!(
        tall.iter()
            .all(|part| part.area().is_none_or(|area| area.size.height <= 360))
    );
}

#[test]
fn credits_come_in_pieces_that_roll() {
    let mut one = built_in("credits", &[("title", "The end")]);
    let row = json!({ "role": "Turned the lamp", "names": ["Ada", "Wick"] });
    one.figures.credits = serde_json::from_value(json!(vec![row; 60])).unwrap();
    let parts = draw(&one, FRAME).drawing.parts;
    let (veil, pieces) = parts.split_first().unwrap();
    assert_eq!(veil.motion, Motion::Rest);
    assert!(pieces.len() > 1, "only what is in the frame is in memory");
    for part in pieces {
        let Content::Plate(plate) = &part.content else {
            panic!("{part:?}");
        };
        assert!(plate.y >= 360 && plate.size.height <= 1100, "{plate:?}");
        assert!(matches!(part.motion, Motion::Roll { travel } if travel > 2000));
    }
    let row = json!({ "role": "Turned the lamp", "names": vec!["Ada"; 100] });
    one.figures.credits = serde_json::from_value(json!(vec![row; 100])).unwrap();
    let error = drawn(&one, None, (FRAME, "en"), &[])
        .unwrap_err()
        .to_string();
    assert!(error.contains("divide them into two overlays"), "{error}");
}

#[test]
fn a_counter_is_made_of_signs() {
    let mut one = built_in("counter", &[("unit", "years")]);
    one.figures.count =
        serde_json::from_value(json!({ "from": -5, "to": 1_234_567.5, "decimals": 1 })).unwrap();
    let parts = draw(&one, FRAME).drawing.parts;
    let Some(Content::Count(count)) = parts.last().map(|part| &part.content) else {
        panic!("{parts:?}");
    };
    assert_eq!((count.from, count.to, count.decimals), (-50, 12_345_675, 1));
    assert!(count.group.is_some() && count.point.is_some() && count.minus.is_some());
    assert!(
        count
            .digits
            .windows(2)
            .all(|pair| pair[1] > pair[0] + count.digit_width)
    );
}

#[test]
fn fields_are_checked() {
    let check = |graphic: &Graphic| {
        let Template::BuiltIn(name) = &graphic.template else {
            return String::new();
        };
        check_fields(name, &graphic.fields)
            .map_or_else(|error| error.to_string(), |()| "ok".to_owned())
    };
    assert_eq!(check(&built_in("badge", &[("text", "x")])), "ok");
    assert_eq!(
        check(&built_in("badge", &[("text", " ")])),
        "the graphic `badge` needs the field `text`: add it to `fields`"
    );
    assert_eq!(
        check(&built_in("lower-third", &[("name", "x"), ("rank", "y")])),
        "the graphic `lower-third` has no field `rank`: it takes `name`, `role`"
    );
    assert!(check(&built_in("ticker", &[])).contains("use `lower-third`, `name-plate`, `title`"));
}

const TEMPLATE: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360">
<text x="40" y="200" font-size="40" fill="#fff">{{ who }}</text></svg>"##;

fn template(svg: &str, fields: &[(&str, &str)]) -> Result<Placed, ArtError> {
    with_pictures(svg, fields, &[])
}

fn with_pictures(
    svg: &str,
    fields: &[(&str, &str)],
    pictures: &[(&str, Rgba)],
) -> Result<Placed, ArtError> {
    let mut one = Graphic::new(Template::Svg(Digest::of(svg.as_bytes())), words(fields));
    for (name, _) in pictures {
        let picture = workprint_model::graphic::Picture {
            file: Digest::of(name.as_bytes()),
            svg: false,
        };
        one.pictures.insert((*name).to_owned(), picture);
    }
    drawn(&one, Some(svg), (FRAME, "en"), pictures).map(|drawn| only(&drawn))
}

#[test]
fn templates_are_filled_escaped_and_cropped() {
    let takes = svg_fields(TEMPLATE).unwrap();
    assert_eq!(takes.words.into_iter().collect::<Vec<_>>(), ["who"]);
    let plate = template(TEMPLATE, &[("who", "Ada & <b>")]).unwrap();
    assert!(
        (36..46).contains(&plate.x) && plate.image.size.height < 60,
        "{plate:?}"
    );
    let marked = template(
        TEMPLATE,
        &[("who", "</text><rect width='640' height='360' fill='#fff'/>")],
    )
    .unwrap();
    assert!(marked.image.size.height < 80, "words never become markup");
    for words in ["नमस्ते", "مرحبا بالعالم", "你好", "🔥"] {
        assert!(
            opaque_pixels(&template(TEMPLATE, &[("who", words)]).unwrap().image) > 50,
            "{words}"
        );
    }
    let error = |fields: &[(&str, &str)]| template(TEMPLATE, fields).unwrap_err().to_string();
    assert!(error(&[("who", "x"), ("whom", "y")]).contains("has no field `whom`: it takes `who`"));
    let broken = template("<svg>\n {{no end</svg>", &[])
        .unwrap_err()
        .to_string();
    assert!(
        broken.starts_with("line 2, column 2: a field is written"),
        "{broken}"
    );
}

#[test]
fn templates_mix_scripts() {
    let draw = |words: &str| template(TEMPLATE, &[("who", words)]).unwrap();
    let plain = draw("A B").image.size.width;
    let mixed = draw("A नमस्ते क्षत्रिय 👩🏽‍🚀 & مرحبا بالعالم 你好 B");
    assert!(mixed.image.size.width > plain * 4, "{mixed:?}");
    // A joined sequence is one picture, and colourful.
    let astronaut = draw("A 👩🏽‍🚀");
    assert!(astronaut.image.size.width < plain * 2, "{astronaut:?}");
    let coloured = |pixel: &[u8]| pixel[3] == 255 && pixel[0].abs_diff(pixel[2]) > 40;
    assert!(astronaut.image.pixels.chunks_exact(4).any(coloured));
}

/// A template in a frame of its own units.
fn svg(body: &str) -> String {
    format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360">{body}</svg>"#)
}

#[test]
fn elements_without_words_go() {
    let text = svg(r##"<rect x="10" y="10" width="20" height="20" fill="#fff"/>
        <text x="40" y="100" font-size="20" fill="#fff">by {{who}}</text>
        <g data-if="who"><rect x="100" y="100" width="300" height="200" fill="#fff"/></g>
        <g data-unless="who"><rect x="10" y="200" width="20" height="20" fill="#fff"/></g>
        <g data-shape="tall"><rect x="600" y="10" width="20" height="20" fill="#fff"/></g>"##);
    let bare = template(&text, &[]).unwrap();
    assert_eq!(
        (bare.image.size.width, bare.image.size.height),
        (20, 210),
        "no text, no panel"
    );
    let all = template(&text, &[("who", "Ada")]).unwrap();
    assert_eq!((all.image.size.width, all.image.size.height), (390, 290));
}

#[test]
fn words_fit_their_box() {
    let text = |extra: &str| {
        svg(&format!(
            r##"<rect x="0" y="0" width="2" height="2" fill="#fff"/><text x="100" y="200" font-size="40" fill="#fff" {extra}>{{{{who}}}}</text>"##
        ))
    };
    let long = "Everything that was ever seen from this rock, and by whom";
    let right = |extra: &str, words: &str| {
        let plate = template(&text(extra), &[("who", words)]).unwrap();
        (
            plate.x + plate.image.size.width as i32,
            plate.image.size.height,
        )
    };
    assert!(right("", long).0 > 630, "it sticks out without a fit");
    assert!((380..=404).contains(&right(r#"data-fit="300""#, long).0));
    let (edge, foot) = right(r#"data-fit="300" data-wrap="3""#, long);
    assert!(edge <= 404 && foot > 260, "{edge} {foot}");
    let (edge, foot) = right(r#"data-fit="300 60" data-wrap="3""#, long);
    assert!(edge <= 404 && foot < 260, "{edge} {foot}");
    assert!(right(r#"data-fit="300" data-wrap="3" data-grow="up""#, long).1 < 215);
    // Short words stay as large as they were.
    assert_eq!(right(r#"data-fit="300""#, "Ada"), right("", "Ada"));
    let one_word = "Donaudampfschifffahrtsgesellschaftskapitän".repeat(6);
    assert!(right(r#"data-fit="300" data-wrap="2""#, &one_word).0 <= 410);
    for words in [
        "नमस्ते क्षत्रिय प्रकाशस्तंभ के रक्षक और साथी",
        "مرحبا بالعالم مرحبا بالعالم مرحبا",
        "灯りを守るのではない。灯りが私たちを守るのだ。",
        "A नमस्ते مرحبا 你好 👩🏽‍🚀 and so on, and so on",
    ] {
        let (edge, _) = right(r#"data-fit="300" data-wrap="3""#, words);
        assert!((200..=406).contains(&edge), "{words} ends at {edge}");
    }
    let error = template(&text(r#"data-fit="wide""#), &[("who", "x")])
        .unwrap_err()
        .to_string();
    assert!(error.contains("`data-fit` is a width"), "{error}");
}

#[test]
fn pictures_fill_their_places() {
    let text = svg(
        r##"<image data-image="photo" x="100" y="50" width="200" height="100"/>
        <rect data-unless="photo" x="0" y="0" width="10" height="10" fill="#fff"/>"##,
    );
    assert_eq!(
        svg_fields(&text)
            .unwrap()
            .pictures
            .into_iter()
            .collect::<Vec<_>>(),
        ["photo"]
    );
    let picture = Rgba {
        size: Size {
            width: 90,
            height: 300,
        },
        pixels: [10, 200, 90, 255].repeat(27_000),
    };
    let plate = with_pictures(&text, &[], &[("photo", picture.clone())]).unwrap();
    assert_eq!((plate.x, plate.y), (100, 50));
    assert_eq!(
        plate.image.size,
        Size {
            width: 200,
            height: 100
        }
    );
    assert!(
        plate
            .image
            .pixels
            .chunks_exact(4)
            .all(|pixel| pixel == [10, 200, 90, 255])
    );
    let closed = template(&text, &[]).unwrap();
    assert_eq!(closed.image.size.width, 10);
    let wrong = with_pictures(&text, &[], &[("photograph", picture)])
        .unwrap_err()
        .to_string();
    assert!(
        wrong.contains("has no field `photograph`: it takes `photo`"),
        "{wrong}"
    );
}

#[test]
fn a_drawing_is_laid_into_the_safe_area() {
    let text = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100" data-place="bottom-left" data-size="50">
        <rect width="200" height="100" fill="{{theme-accent}}"/></svg>"#;
    for size in SHAPES {
        let mut one = Graphic::new(Template::Svg(Digest::of(b"x")), BTreeMap::new());
        one.setting.clear = 780;
        let area = solid(&drawn(&one, Some(text), (size, "en"), &[]).unwrap());
        let left = (f64::from(size.width) * 0.05).round() as i32;
        assert!((area.x - left).abs() <= 1, "{area:?}");
        assert!(
            (i64::from(area.size.width) - i64::from(size.width) * 45 / 100).abs() <= 2,
            "{area:?}"
        );
        assert!(
            (area.bottom() - size.height as i32 * 78 / 100).abs() <= 2,
            "{area:?}"
        );
        one.setting.side = Some(Side::Right);
        let area = solid(&drawn(&one, Some(text), (size, "en"), &[]).unwrap());
        assert!(
            (area.right() - size.width as i32 * 95 / 100).abs() <= 2,
            "{area:?}"
        );
    }
}

#[test]
fn a_drawing_of_another_width_than_its_units_is_as_large() {
    let text = |root: &str| {
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100" {root}
            data-place="top-right" data-size="50"><rect width="200" height="100" fill="#fff"/></svg>"##
        )
    };
    let one = Graphic::new(Template::Svg(Digest::of(b"x")), BTreeMap::new());
    for size in SHAPES {
        let area = |root: &str| solid(&drawn(&one, Some(&text(root)), (size, "en"), &[]).unwrap());
        let plain = area("");
        for root in [
            r#"width="600" height="300""#,
            r#"width="600""#,
            r#"width="20mm" height="10mm""#,
        ] {
            let found = area(root);
            let near = |one: i32, other: i32| (one - other).abs() <= 1;
            assert!(
                near(found.x, plain.x)
                    && near(found.y, plain.y)
                    && near(found.right(), plain.right())
                    && near(found.bottom(), plain.bottom()),
                "{root} at {size}: {found:?}, {plain:?}"
            );
        }
    }
}

#[test]
fn hostile_templates_are_refused_or_bounded() {
    let fields: Vec<(String, String)> = vec![("who".to_owned(), "x".repeat(20_000))];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let many = svg(&r#"<text data-fit="10" data-wrap="9">{{who}}</text>"#.repeat(100));
    assert!(
        template(&many, &[("who", "x")])
            .unwrap_err()
            .to_string()
            .contains("use fewer")
    );
    // Each group uses the one before ten times: a thousand million words.
    let groups = |n: u32| {
        let inner = format!(r##"<use href="#g{}"/>"##, n - 1).repeat(10);
        format!(r#"<g id="g{n}">{inner}</g>"#)
    };
    let groups: String = (1..=9).map(groups).collect();
    let bomb = svg(&format!(
        r##"<defs><text id="g0" data-fit="10">{{{{who}}}}</text>{groups}</defs><use href="#g9"/>"##
    ));
    let refused = template(&bomb, &[("who", "x")]).unwrap_err().to_string();
    assert!(
        refused.contains("each counted as often as it is used"),
        "{refused}"
    );
    let cases = [
        svg(&"<text>{{who}}</text>".repeat(500)),
        svg(r#"<image data-image="who" x="0" y="0" width="1e9" height="1e9"/>"#),
        svg(
            r#"<image href="workprint-picture:who@1x1" width="9" height="9"/><rect width="4" height="4" fill="red"/>"#,
        ),
        svg(r#"<image href="file:///etc/passwd" width="9" height="9"/>"#),
        svg(r#"<feImage href="workprint-picture:who"/>"#),
        format!("{}{}", "<g>".repeat(5000), "</g>".repeat(5000)),
        svg(&format!("{}{}", "<g>".repeat(5000), "</g>".repeat(5000))),
        r#"<svg xmlns="http://www.w3.org/2000/svg" data-place="top" viewBox="0 0 0 -1"/>"#
            .to_owned(),
        r#"<svg xmlns="http://www.w3.org/2000/svg" data-place="{{who}}" viewBox="0 0 9 9"/>"#
            .to_owned(),
        svg(r#"<text data-fit="1e-30" data-wrap="20">{{who}}</text>"#),
        svg(r#"<text data-fit="100" y="{{who}}">a</text>"#),
        svg(r#"<text data-fit="100"><tspan>{{who}}</tspan><tspan>b</tspan></text>"#),
        svg(r#"<text data-fit="100 -3">{{who}}</text>"#),
        "{{who}}".to_owned(),
        String::new(),
    ];
    for text in cases {
        for fields in [&fields[..], &[]] {
            if let Err(error) = template(&text, fields) {
                assert!(error.to_string().len() > 10, "{error}");
            }
        }
    }
}

#[test]
fn overlays_come_and_go() {
    let drawing = draw(&built_in("lower-third", &[("name", "Ada")]), FRAME).drawing;
    let mut overlay = PlacedOverlay {
        id: "o".parse().unwrap(),
        parts: drawing.parts,
        clip: None,
        from: Frames(0),
        length: Frames(60),
        fade: Frames(10),
        enter: Passage::Fade,
        leave: Passage::Fade,
        blend: workprint_model::episode::Blend::Normal,
        opacity: Percent::WHOLE,
    };
    for passage in [
        Passage::Fade,
        Passage::Cut,
        Passage::Slide,
        Passage::Rise,
        Passage::Wipe,
    ] {
        (overlay.enter, overlay.leave) = (passage, passage);
        let line = motion::timeline(FRAME, overlay.clone());
        let at = |frame| workprint_picture::resolve(&line, Frames(frame)).overlays;
        assert_eq!(at(20), at(40), "{passage:?} is at rest in between");
        assert_eq!(at(0) == at(20), passage == Passage::Cut, "{passage:?}");
        assert_eq!(at(0), at(59), "{passage:?} goes as it comes");
        let mut moved = line.clone();
        moved.overlays[0].from = Frames(7);
        let later = workprint_picture::resolve(&moved, Frames(10)).overlays;
        assert_eq!(later, at(3), "{passage:?} knows its own time only");
    }
}

#[test]
fn credits_roll_in_whole_pixels_where_they_can() {
    use workprint_picture::resolve::Shown;
    let mut one = built_in("credits", &[("title", "The end")]);
    one.figures.credits =
        serde_json::from_value(json!(vec![json!({ "role": "a", "names": ["b"] }); 20])).unwrap();
    let drawing = draw(&one, FRAME).drawing;
    let mut overlay = motion::placed(drawing.parts);
    for (length, whole) in [(240, true), (1100, false)] {
        (overlay.length, overlay.enter) = (Frames(length), Passage::Cut);
        let line = motion::timeline(FRAME, overlay.clone());
        let place = |frame: u64| {
            let shown = workprint_picture::resolve(&line, Frames(frame)).overlays;
            // The first is the veil.
            let Some(Shown::Plate(plate)) = shown.get(1) else {
                panic!("{frame}: {shown:?}");
            };
            plate.plate.y * 256 + plate.shift.1
        };
        let steps: Vec<i32> = (100..120)
            .map(|frame| place(frame) - place(frame + 1))
            .collect();
        assert!(
            steps
                .iter()
                .all(|step| (step - steps[0]).abs() <= 1 && *step > 0),
            "{steps:?}"
        );
        assert_eq!(steps.iter().all(|step| step % 256 == 0), whole, "{steps:?}");
    }
}

/// Timelines of one graphic.
mod motion {
    use workprint_model::episode::Passage;
    use workprint_model::graphic::Part;
    use workprint_model::timeline::{PlacedOverlay, Timeline};
    use workprint_model::{Frames, OverlayId, Percent, Rate, Size};

    pub(crate) fn placed(parts: Vec<Part>) -> PlacedOverlay {
        PlacedOverlay {
            id: OverlayId::slug("o", "overlay"),
            parts,
            clip: None,
            from: Frames(0),
            length: Frames(120),
            fade: Frames(0),
            enter: Passage::Cut,
            leave: Passage::Cut,
            blend: workprint_model::episode::Blend::Normal,
            opacity: Percent::WHOLE,
        }
    }

    pub(crate) fn timeline(size: Size, overlay: PlacedOverlay) -> Timeline {
        Timeline {
            rate: Rate::FPS_30,
            size,
            length: Frames(2000),
            cues: Vec::new(),
            shots: Vec::new(),
            overlays: vec![overlay],
            captions: Vec::new(),
            sounds: Vec::new(),
            chapters: Vec::new(),
            slate: false,
            looks: Vec::new(),
        }
    }
}
