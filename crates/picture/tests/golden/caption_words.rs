//! Burned captions whose words follow the voice: every style in many scripts, and its states.

use workprint_model::episode::Colour;
use workprint_model::show::{CaptionPlace, CaptionStyle};
use workprint_model::timeline::{CaptionWord, PlacedCaption, WordPlace};
use workprint_model::{Frames, Percent, Safe, Size};
use workprint_picture::Yuv;

use crate::art;
use crate::harness::{Case, case, check_all};
use crate::scene::{caption, hold, shot, still, timeline};
use crate::stage::{Stage, TALL, WIDE};

/// How many frames each word is heard.
const WORD: u64 = 10;

/// A caption whose words end at spaces and at `|`, which is not seen.
pub(crate) fn said(tag: &str, lines: &[&str], style: CaptionStyle) -> PlacedCaption {
    let mut all = caption("one", 0, 200);
    all.lines.clear();
    for (number, line) in lines.iter().enumerate() {
        let mut text = String::new();
        for piece in line.split_inclusive([' ', '|']) {
            let own = piece.trim_end_matches([' ', '|']);
            let start = text.len() as u32;
            text.push_str(own);
            all.words.push(CaptionWord {
                place: WordPlace {
                    line: number as u8,
                    start,
                    end: text.len() as u32,
                },
                from: Frames(all.words.len() as u64 * WORD),
                length: Frames(WORD),
            });
            if piece.ends_with(' ') {
                text.push(' ');
            }
        }
        all.lines.push(text);
    }
    all.language = tag.parse().unwrap();
    all.style = style;
    all
}

fn over(size: Size, said: PlacedCaption, frame: u64) -> Yuv {
    let Size { width, height } = size;
    let picture = still("valley", width, height);
    let mut line = timeline(width, height, vec![shot(200, picture, hold())]);
    line.captions = vec![said];
    Stage::default()
        .with("valley", &art::photo(size))
        .paint(&line, frame)
}

/// A built-in style so large that letters can be judged.
fn style(name: &str) -> CaptionStyle {
    CaptionStyle {
        size: Percent::new(13),
        bottom: Percent::new(10),
        ..CaptionStyle::built_in(name).unwrap()
    }
}

const STYLES: [&str; 8] = [
    "karaoke",
    "pop",
    "pill",
    "marker",
    "typewriter",
    "reveal",
    "big",
    "single",
];

const SCRIPTS: [(&str, &str, [&str; 2]); 8] = [
    ("latin", "en", ["The sun came", "up again."]),
    ("arabic", "ar", ["أشرقت الشمس", "عام 2026 معنا"]),
    ("hebrew", "he", ["השמש זרחה", "ב-2026 שוב"]),
    ("devanagari", "hi", ["सूरज निकला", "क्षितिज पर।"]),
    ("thai", "th", ["สวัสดี|ชาว|โลก", "วันนี้|สดใส"]),
    ("japanese", "ja", ["「太陽|が", "昇り|ました」。"]),
    ("korean", "ko", ["태양이 다시", "떠올랐어요!"]),
    ("emoji", "en", ["Go 👩🏽‍🚀 fly 🔥", "now ❤️ 🇯🇵"]),
];

fn every_script() -> impl Iterator<Item = Case> {
    STYLES.into_iter().flat_map(|name| {
        SCRIPTS.into_iter().map(move |(script, tag, lines)| {
            case(format!("{name}-{script}"), move || {
                let lines: &[&str] = if name == "single" {
                    &lines[1..]
                } else {
                    &lines
                };
                let at = if name == "single" { 4 } else { 2 * WORD + 4 };
                over(WIDE, said(tag, lines, style(name)), at)
            })
        })
    })
}

/// Frames of one caption.
fn states(
    name: &'static str,
    (tag, lines): (&'static str, &'static [&'static str]),
    frames: &'static [u64],
) -> impl Iterator<Item = Case> {
    frames.iter().map(move |&frame| {
        case(format!("{name}-{tag}-at-{frame:02}"), move || {
            over(WIDE, said(tag, lines, style(name)), frame)
        })
    })
}

fn places() -> Vec<Case> {
    let own = |place, safe: Option<Safe>, size| {
        move || {
            let style = CaptionStyle {
                size: Percent::new(7),
                place,
                bottom: Percent::new(8),
                ..CaptionStyle::built_in("pill").unwrap()
            };
            let mut said = said("en", &["The sun came", "up again."], style);
            said.safe = safe.map(Safe::margins);
            over(size, said, 12)
        }
    };
    let bottom = CaptionPlace::Bottom;
    vec![
        case("place-top", own(CaptionPlace::Top, None, WIDE)),
        case("place-middle", own(CaptionPlace::Middle, None, WIDE)),
        case("safe-title", own(bottom, Some(Safe::Title), WIDE)),
        case("safe-tiktok", own(bottom, Some(Safe::Tiktok), TALL)),
        case("safe-vertical", own(bottom, Some(Safe::Vertical), TALL)),
        case(
            "safe-shorts-top",
            own(CaptionPlace::Top, Some(Safe::YoutubeShorts), TALL),
        ),
    ]
}

#[test]
fn caption_words() {
    let latin: &[&str] = &["The sun came", "up again."];
    let mixed: &[&str] = &["قال Workprint 4.2", "الآن (100٪) جاهز"];
    let hebrew: &[&str] = &["שלום ABC 12", "לכולם."];
    let mut cases: Vec<Case> = every_script().collect();
    cases.extend(states("karaoke", ("en", latin), &[0, 9, 10, 60]));
    cases.extend(states("karaoke", ("ar", mixed), &[3, 14, 23, 36, 44]));
    cases.extend(states("karaoke", ("he", hebrew), &[6, 15, 25]));
    cases.extend(states("marker", ("ar", mixed), &[14, 36]));
    cases.extend(states("pop", ("en", latin), &[10, 12, 14, 17]));
    cases.extend(states("pill", ("ar", mixed), &[14]));
    cases.extend(states("reveal", ("en", latin), &[10, 12, 14]));
    cases.extend(states("typewriter", ("en", latin), &[0, 15, 90]));
    cases.extend(states("typewriter", ("ar", mixed), &[4, 14, 36]));
    cases.extend(places());
    cases.push(case("upright-big", || {
        let style = CaptionStyle::built_in("big").unwrap();
        over(TALL, said("en", &["the sun", "came up"], style), 14)
    }));
    cases.push(case("boxed-fill-in-own-colours", || {
        let style = CaptionStyle {
            colour: Colour::new(200, 210, 225),
            accent: Colour::new(90, 230, 160),
            box_colour: Some(Colour::new(20, 10, 50)),
            box_opacity: Percent::new(85),
            outline: Percent::new(0),
            ..style("karaoke")
        };
        over(WIDE, said("en", latin, style), 24)
    }));
    cases.push(case("too-wide", || {
        let line: &[&str] = &["Donaudampfschifffahrtsgesellschaft"];
        over(WIDE, said("de", line, style("karaoke")), 5)
    }));
    check_all("caption-words", &cases);
}

#[test]
fn parts_of_plates_join_without_a_seam() {
    // A word that has been filled with its own colour looks as if nothing had happened.
    for (script, tag, lines) in SCRIPTS {
        let same = |effect: &str| CaptionStyle {
            accent: Colour::new(255, 255, 255),
            ..style(effect)
        };
        let karaoke = said(tag, &lines, same("karaoke"));
        let still = PlacedCaption {
            words: Vec::new(),
            ..karaoke.clone()
        };
        let whole = over(WIDE, still, 0);
        for frame in [0, 4, 13, 27, 60] {
            assert!(
                over(WIDE, karaoke.clone(), frame) == whole,
                "{script} at {frame}"
            );
        }
    }
}
