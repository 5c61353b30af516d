//! Text, captions, cards, SVG scenes and stills through the room's door.
#![expect(
    clippy::unwrap_used,
    reason = "a test's helpers may fail as the test itself may"
)]

use workprint_model::episode::{CardWords, Colour};
use workprint_model::show::CaptionStyle;
use workprint_model::{Language, Size};
use workprint_picture::caption::caption_plate;
use workprint_picture::card::{Behind, MIDNIGHT, card, storyboard};
use workprint_picture::still::{decode_still, fit_to, from_png, png};
use workprint_picture::svg::layers;
use workprint_picture::text::{Room, Type, fit, lay};
use workprint_picture::{ArtError, CaptionLook, Fonts, Placed, Rgba};

const FRAME: Size = Size {
    width: 640,
    height: 360,
};

fn language(tag: &str) -> Language {
    tag.parse().unwrap()
}

fn caption(tag: &str, text: &str, frame: Size) -> Placed {
    let lines: Vec<_> = text.split('\n').map(str::to_owned).collect();
    caption_plate(&look(lines, tag, frame), Fonts::built_in())
}

fn look(lines: Vec<String>, tag: &str, frame: Size) -> CaptionLook {
    CaptionLook {
        lines,
        style: CaptionStyle::default(),
        language: language(tag),
        frame,
        safe: None,
        words: Vec::new(),
        heard: None,
    }
}

fn opaque_pixels(image: &Rgba) -> usize {
    image
        .pixels
        .chunks_exact(4)
        .filter(|pixel| pixel[3] > 127)
        .count()
}

#[test]
fn captions_of_every_script_have_ink_inside_the_frame_at_even_places() {
    let texts = [
        ("en", "Hello"),
        ("ar", "مرحبا بالعالم"),
        ("he", "שלום עולם"),
        ("hi", "नमस्ते"),
        ("ja", "こんにちは世界"),
        ("zh", "你好世界"),
        ("ko", "안녕하세요"),
        ("th", "สวัสดี"),
        ("en", "👩🏽‍🚀🔥"),
    ];
    for (tag, text) in texts {
        let plate = caption(tag, text, FRAME);
        let Size { width, height } = plate.image.size;
        assert!(opaque_pixels(&plate.image) > 200, "{text}");
        assert!(
            [plate.x, plate.y, width as i32, height as i32]
                .iter()
                .all(|n| n % 2 == 0),
            "{text}"
        );
        assert!(
            plate.x > 0 && plate.x as u32 + width < FRAME.width,
            "{text}"
        );
        assert!(
            (plate.x + width as i32 / 2 - 320).abs() <= 6,
            "{text} is in the middle"
        );
        let foot = plate.y as u32 + height;
        assert!((300..345).contains(&foot), "{text} ends at {foot}");
        assert_eq!(plate, caption(tag, text, FRAME), "{text} is the same again");
    }
}

#[test]
fn scripts_are_shaped() {
    let width = |tag: &str, text: &str| {
        lay(
            text,
            &Type::new(100.0, &language(tag)),
            None,
            Fonts::built_in(),
        )
        .width()
    };
    assert!(
        width("ar", "سلام") < width("ar", "س ل ا م"),
        "Arabic letters join"
    );
    assert!(
        width("hi", "क्ष") < width("hi", "क") + width("hi", "ष"),
        "conjuncts form"
    );
    let one = width("en", "👩");
    assert!(
        (width("en", "👩🏽‍🚀") - one).abs() < 1.0,
        "a joined sequence is one picture"
    );
    assert!(
        (width("en", "🇯🇵") - one).abs() < one * 0.3,
        "a flag is one picture"
    );
}

#[test]
fn a_language_chooses_the_forms_of_han() {
    assert_ne!(
        caption("zh", "直骨角", FRAME).image,
        caption("ja", "直骨角", FRAME).image
    );
}

#[test]
fn right_to_left_lines_end_on_the_left() {
    // A full stop is narrow and low: it stands at the end of the line's way.
    let plate = caption("ar", "سلام.....", FRAME).image;
    let column = |x: u32| {
        (0..plate.size.height / 3)
            .filter(|y| plate.pixels[((y * plate.size.width + x) * 4 + 3) as usize] > 0)
            .count()
    };
    let half = plate.size.width / 4;
    let left: usize = (0..half).map(column).sum();
    let right: usize = (plate.size.width - half..plate.size.width)
        .map(column)
        .sum();
    assert!(left < right, "dots stand on the left: {left} {right}");
}

#[test]
fn wide_captions_shrink_and_empty_ones_are_blank() {
    let plate = caption("en", &"wide ".repeat(60), FRAME);
    assert!(plate.image.size.width <= 600, "{}", plate.image.size);
    assert_eq!(opaque_pixels(&caption("en", " ", FRAME).image), 0);
    let none = caption_plate(&look(Vec::new(), "en", FRAME), Fonts::built_in());
    assert_eq!(opaque_pixels(&none.image), 0);
    let tiny = caption(
        "en",
        "Hello",
        Size {
            width: 16,
            height: 16,
        },
    );
    assert!(tiny.image.size.width <= 20);
}

#[test]
fn text_fits_its_room() {
    let english = language("en");
    let room = Room {
        width: 300.0,
        height: 120.0,
        min_size: 8.0,
    };
    let laid = fit(
        "The quick brown fox jumps over the lazy dog",
        &Type::new(80.0, &english),
        room,
        Fonts::built_in(),
    );
    assert!(laid.width() <= 300.0 && laid.height() <= 120.0 && laid.size() > 20.0);
    let laid = fit(
        &"x".repeat(400),
        &Type::new(80.0, &english),
        room,
        Fonts::built_in(),
    );
    assert!(laid.width() <= 300.0);
}

fn words(title: &str, subtitle: Option<&str>) -> CardWords {
    CardWords {
        title: title.to_owned(),
        subtitle: subtitle.map(str::to_owned),
    }
}

/// The rectangle of pixels that differ: left, top, right, bottom.
fn difference(one: &Rgba, other: &Rgba) -> (u32, u32, u32, u32) {
    let mut found = (u32::MAX, u32::MAX, 0, 0);
    for (at, (a, b)) in one
        .pixels
        .chunks_exact(4)
        .zip(other.pixels.chunks_exact(4))
        .enumerate()
    {
        if a != b {
            let (x, y) = (at as u32 % one.size.width, at as u32 / one.size.width);
            found = (
                found.0.min(x),
                found.1.min(y),
                found.2.max(x),
                found.3.max(y),
            );
        }
    }
    found
}

#[test]
fn cards_are_opaque_and_their_words_are_title_safe() {
    let draw = |words: &CardWords, size: Size| {
        card(
            words,
            Behind::Colour(MIDNIGHT),
            size,
            &language("en"),
            Fonts::built_in(),
        )
    };
    let long =
        "An extraordinarily long title that has to be made smaller and smaller until it fits "
            .repeat(3);
    for size in [
        FRAME,
        Size {
            width: 360,
            height: 640,
        },
    ] {
        let blank = draw(&words("", None), size);
        for words in [words("Dawn", None), words(&long, Some(&long))] {
            let card = draw(&words, size);
            assert!(card.pixels.chunks_exact(4).all(|pixel| pixel[3] == 255));
            let (left, top, right, bottom) = difference(&card, &blank);
            let (x, y) = (size.width / 20, size.height / 20);
            assert!(left >= x && right < size.width - x, "{left} {right}");
            assert!(top >= y && bottom < size.height - y, "{top} {bottom}");
        }
    }
    let picture = Rgba::transparent(Size {
        width: 10,
        height: 10,
    });
    let card = card(
        &words("x", None),
        Behind::Picture(&picture),
        FRAME,
        &language("en"),
        Fonts::built_in(),
    );
    assert_eq!(card.size, FRAME);
    let board = storyboard(&long, "s1", FRAME, &language("en"), Fonts::built_in());
    assert!(board.pixels.chunks_exact(4).all(|pixel| pixel[3] == 255));
    let light = Behind::Colour(Colour::new(250, 250, 250));
    let light = workprint_picture::card::card(
        &words("x", None),
        light,
        FRAME,
        &language("en"),
        Fonts::built_in(),
    );
    assert!(
        light.pixels.chunks_exact(4).any(|pixel| pixel[0] < 60),
        "dark letters on a light card"
    );
}

fn scene(body: &str) -> Result<workprint_picture::svg::SvgLayers, ArtError> {
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 50">{body}</svg>"#
    );
    layers(
        &svg,
        Size {
            width: 100,
            height: 50,
        },
        1.0,
        &language("en"),
        Fonts::built_in(),
    )
}

fn pixel(image: &Rgba, x: u32, y: u32) -> [u8; 4] {
    let at = ((y * image.size.width + x) * 4) as usize;
    image.pixels[at..at + 4].try_into().unwrap()
}

#[test]
fn groups_with_a_depth_are_layers_with_bleed() {
    let scene = scene(
        r##"<defs><linearGradient id="a"><stop stop-color="#00f"/></linearGradient></defs>
        <g data-depth="0"><rect id="r" x="-5" y="-50" width="20" height="200" fill="#f00"/></g>
        <g data-depth="80"><rect x="50" y="0" width="10" height="10" fill="url(#a)"/><use href="#r" x="60"/></g>
        <rect x="98" y="48" width="50" height="50" fill="#0f0"/>"##,
    )
    .unwrap();
    assert_eq!(
        (scene.bleed_x, scene.bleed_y, scene.size.width),
        (10, 5, 100)
    );
    let depths: Vec<_> = scene.layers.iter().map(|(depth, _)| *depth).collect();
    assert_eq!(depths, [0, 80]);
    let (far, near) = (&scene.layers[0].1, &scene.layers[1].1);
    assert_eq!(
        far.size,
        Size {
            width: 120,
            height: 60
        }
    );
    assert_eq!(
        pixel(far, 0, 0),
        [0, 0, 0, 255],
        "open parts of the farthest layer are black"
    );
    assert_eq!(pixel(far, 6, 0), [255, 0, 0, 255], "the bleed is drawn");
    assert_eq!(
        pixel(far, 62, 8),
        [0, 0, 0, 255],
        "other layers are left out"
    );
    assert_eq!(pixel(near, 62, 8), [0, 0, 255, 255]);
    assert_eq!(
        pixel(near, 75, 30),
        [255, 0, 0, 255],
        "what another layer draws can be used"
    );
    assert_eq!(
        pixel(near, 119, 59),
        [0, 255, 0, 255],
        "what follows belongs to the layer before"
    );
    assert_eq!(pixel(near, 20, 30), [0, 0, 0, 0]);
}

#[test]
fn a_flat_drawing_is_one_layer_that_covers_the_frame() {
    let flat = scene(r##"<rect width="100" height="50" fill="#abc"/>"##).unwrap();
    assert_eq!((flat.bleed_x, flat.layers.len()), (0, 1));
    let svg = r#"<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x/y.dtd">
        <svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>"#;
    let wide = layers(svg, FRAME, 1.5, &language("en"), Fonts::built_in()).unwrap();
    assert_eq!(
        wide.size,
        Size {
            width: 960,
            height: 960
        }
    );
}

#[test]
fn hostile_drawings_are_refused_with_a_reason() {
    let bomb = (1..20).fold(
        r#"<g id="g0"><rect width="1" height="1"/></g>"#.to_owned(),
        |svg, n| {
            let below = n - 1;
            format!(r##"{svg}<g id="g{n}"><use href="#g{below}"/><use href="#g{below}"/></g>"##)
        },
    );
    let deep = format!("{}{}", "<g>".repeat(500), "</g>".repeat(500));
    let many = r#"<g data-depth="1"/>"#.repeat(17);
    let masks = format!(
        "{}<rect width='9' height='9'/>{}",
        "<g opacity='.5'>".repeat(30),
        "</g>".repeat(30)
    );
    let filter = r#"<filter id="f" x="-900%" y="-900%" width="2000%" height="2000%"><feTurbulence baseFrequency=".1" numOctaves="200000000"/></filter><rect width="90" height="40" filter="url(#f)"/>"#;
    let cases = [
        ("<g", "broken"),
        (bomb.as_str(), "more than 200000 elements"),
        (r##"<g id="a"><use href="#a"/></g>"##, "uses itself"),
        (deep.as_str(), "deep"),
        (many.as_str(), "more than 16 layers"),
        (masks.as_str(), "inside one another"),
        (filter, "too much to draw"),
        (
            r#"<image href="/etc/passwd"/>"#,
            "`/etc/passwd` is not read",
        ),
        (r#"<image xlink:href="http://a.b/c.png"/>"#, "is not read"),
        (r#"<image href="data:image/svg+xml,x"/>"#, "is not read"),
        (r#"<g data-depth="101"/>"#, "`data-depth` is `101`"),
        (
            r#"<g data-depth="9"/><g data-depth="3"/>"#,
            "falls from 9 to 3",
        ),
    ];
    for (body, reason) in cases {
        let error = scene(body).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(reason), "{reason}: {error}");
    }
    let entities = r#"<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><text>&a;</text></svg>"#;
    let refuse = |svg: &str| {
        layers(svg, FRAME, 1.0, &language("en"), Fonts::built_in())
            .unwrap_err()
            .to_string()
    };
    assert!(refuse(entities).starts_with("line 1, column 1: entities"));
    assert!(
        refuse("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 30000'/>")
            .contains("too large")
    );
    assert!(refuse(&" ".repeat((8 << 20) + 1)).contains("bytes"));
    assert!(refuse("").contains("broken"));
}

#[test]
fn stills_come_back_and_shrink() {
    let plate = caption("en", "👩🏽‍🚀 Hello", FRAME).image;
    let bytes = png(&plate).unwrap();
    assert_eq!(bytes, png(&plate).unwrap());
    assert_eq!(
        from_png(&bytes).unwrap(),
        plate,
        "straight and premultiplied again is the same"
    );
    let small = fit_to(
        plate.clone(),
        Size {
            width: 40,
            height: 40,
        },
    );
    assert_eq!(small.size.width, 40);
    assert!(
        small
            .pixels
            .chunks_exact(4)
            .all(|pixel| pixel[..3].iter().all(|c| *c <= pixel[3]))
    );
    assert_eq!(fit_to(plate.clone(), FRAME), plate);
}

#[test]
fn hostile_stills_are_refused() {
    let mut huge = png(&Rgba::transparent(Size {
        width: 2,
        height: 2,
    }))
    .unwrap();
    huge[16..24].copy_from_slice(&[0, 0, 0x80, 0, 0, 0, 0x80, 0]);
    // The header's checksum, so that its size is what is refused.
    let crc = |bytes: &[u8]| {
        !bytes.iter().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
            })
        })
    };
    let sum = crc(&huge[12..29]).to_be_bytes();
    huge[29..33].copy_from_slice(&sum);
    let error = decode_still(&huge).unwrap_err().to_string();
    assert!(error.contains("32768x32768"), "{error}");
    for bytes in [
        &b""[..],
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"not a picture at all",
    ] {
        assert!(decode_still(bytes).is_err());
    }
}
