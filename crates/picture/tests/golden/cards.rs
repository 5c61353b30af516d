//! Cards: words that fill the frame.

use workprint_model::episode::{CardWords, Colour};
use workprint_model::{Language, Size};
use workprint_picture::card::{Behind, MIDNIGHT, card, storyboard};
use workprint_picture::{Fonts, Yuv};

use crate::art;
use crate::harness::{case, check_all};
use crate::stage::{TALL, WIDE, show};

fn language(tag: &str) -> Language {
    tag.parse().unwrap()
}

fn words(title: &str, subtitle: &str) -> CardWords {
    CardWords {
        title: title.to_owned(),
        subtitle: (!subtitle.is_empty()).then(|| subtitle.to_owned()),
    }
}

fn set(size: Size, tag: &str, (title, subtitle): (&str, &str), behind: Behind<'_>) -> Yuv {
    let words = words(title, subtitle);
    show(&card(
        &words,
        behind,
        size,
        &language(tag),
        Fonts::built_in(),
    ))
}

fn plain(tag: &'static str, title: &'static str, subtitle: &'static str) -> Yuv {
    set(WIDE, tag, (title, subtitle), Behind::Colour(MIDNIGHT))
}

#[test]
fn cards() {
    let long = "The very long and winding title of an episode that says all there is to say";
    check_all(
        "cards",
        &[
            case("title", || plain("en", "First Light", "")),
            case("title-and-subtitle", || {
                plain("en", "First Light", "A lamp keeper's morning")
            }),
            case("long-title", move || {
                plain("en", long, "and a line under it")
            }),
            case("light", || {
                let paper = Behind::Colour(Colour::new(242, 234, 216));
                set(WIDE, "en", ("Noon", "Everything is bright"), paper)
            }),
            case("over-a-picture", || {
                let picture = art::photo(WIDE);
                let behind = Behind::Picture(&picture);
                set(WIDE, "en", ("The Valley", "Part two"), behind)
            }),
            case("upright", || {
                let behind = Behind::Colour(MIDNIGHT);
                set(
                    TALL,
                    "en",
                    ("First Light", "A lamp keeper's morning"),
                    behind,
                )
            }),
            case("arabic", || plain("ar", "ضوء الصباح", "صباح حارس المنارة")),
            case("hebrew", || {
                plain("he", "אור ראשון", "הבוקר של שומר המגדלור")
            }),
            case("devanagari", || {
                plain("hi", "पहली रोशनी", "क्षत्रिय, ज्ञान और श्रद्धा")
            }),
            case("japanese", || {
                plain("ja", "朝の光、そして「灯台守」の物語。", "第一話")
            }),
            case("chinese", || {
                plain("zh", "清晨的第一缕光，照在守塔人的窗前。", "第一集")
            }),
            case("korean", || plain("ko", "첫 번째 빛", "등대지기의 아침")),
            case("thai", || plain("th", "แสงแรกของวัน", "เช้าของคนเฝ้าประภาคาร")),
            case("storyboard", || {
                show(&storyboard(
                    "A lighthouse at night, wide; waves below, and one lit window.",
                    "SHOT 12",
                    WIDE,
                    &language("en"),
                    Fonts::built_in(),
                ))
            }),
        ],
    );
}
