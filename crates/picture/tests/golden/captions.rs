//! Burned captions.

use workprint_model::episode::Colour;
use workprint_model::show::CaptionStyle;
use workprint_model::{Percent, Size};
use workprint_picture::Yuv;

use crate::art;
use crate::harness::{case, check_all};
use crate::scene::{caption, hold, shot, still, timeline};
use crate::stage::{Stage, TALL, WIDE};

/// A caption over the valley.
fn over(size: Size, tag: &str, lines: &[&str], style: CaptionStyle) -> Yuv {
    let Size { width, height } = size;
    let picture = still("valley", width, height);
    let mut line = timeline(width, height, vec![shot(1, picture, hold())]);
    let mut said = caption("one", 0, 1);
    said.lines = lines.iter().map(|&line| line.to_owned()).collect();
    said.language = tag.parse().unwrap();
    said.style = style;
    line.captions = vec![said];
    Stage::default()
        .with("valley", &art::photo(size))
        .paint(&line, 0)
}

fn style(name: &str, size: i32) -> CaptionStyle {
    CaptionStyle {
        size: Percent::new(size),
        ..CaptionStyle::built_in(name).unwrap()
    }
}

/// So large that the forms of letters can be judged.
fn script(tag: &'static str, lines: &'static [&'static str]) -> Yuv {
    over(WIDE, tag, lines, style("outline", 15))
}

#[test]
fn captions() {
    let two: &[&str] = &["The sun comes up", "over the valley."];
    check_all(
        "captions",
        &[
            case("plain", move || over(WIDE, "en", two, style("plain", 8))),
            case("outline", move || {
                over(WIDE, "en", two, style("outline", 8))
            }),
            case("boxed", move || over(WIDE, "en", two, style("boxed", 8))),
            case("usual-size", move || {
                over(WIDE, "en", two, CaptionStyle::default())
            }),
            case("coloured-and-high", move || {
                let own = CaptionStyle {
                    colour: Colour::new(255, 220, 90),
                    outline_colour: Colour::new(60, 10, 10),
                    outline: Percent::new(25),
                    bottom: Percent::new(60),
                    ..style("outline", 10)
                };
                over(WIDE, "en", two, own)
            }),
            case("upright", move || {
                over(TALL, "en", two, style("outline", 8))
            }),
            case("too-wide", || {
                let line: &[&str] = &["One line that is much too wide for so small a frame"];
                over(WIDE, "en", line, style("outline", 12))
            }),
            case("latin", || {
                script("fr", &["Ça, l'été où", "naïve Øystein…"])
            }),
            case("arabic", || {
                script("ar", &["مرحبًا بالعالم،", "هذه 3 كلمات."])
            }),
            case("arabic-mixed", || {
                script("ar", &["شاهد Workprint", "الآن (100٪)"])
            }),
            case("hebrew", || script("he", &["שָׁלוֹם עולם,", "זה 42 מילים."])),
            case("devanagari", || {
                script("hi", &["क्षत्रिय ज्ञान", "श्रद्धा हिन्दी।"])
            }),
            case("thai", || script("th", &["สวัสดีชาวโลก", "น้ำใส ที่นี่"])),
            case("japanese", || {
                script("ja", &["「おはよう」、", "世界の直骨。"])
            }),
            case("chinese", || {
                script("zh", &["你好，世界！", "直骨角的字。"])
            }),
            case("korean", || script("ko", &["안녕하세요,", "세계 여러분!"])),
            case("cyrillic-and-greek", || {
                script("ru", &["Доброе утро,", "Καλημέρα"])
            }),
            case("emoji", || script("en", &["👩🏽‍🚀 👨‍👩‍👧 🏳️‍🌈", "🇯🇵 1️⃣ ❤️ 🔥"])),
        ],
    );
}
