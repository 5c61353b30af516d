//! Caption files read back exactly as written, with times that are exact and in order.

use proptest::prelude::*;
use workprint_interchange::captions::{AssLook, ass, srt, vtt};
use workprint_model::show::CaptionStyle;
use workprint_model::timeline::{CaptionWord, PlacedCaption, WordPlace};
use workprint_model::{CastId, Frames, Rate, Size};

const SIZE: Size = Size {
    width: 1280,
    height: 720,
};

fn caption(from: u64, length: u64, lines: &[&str], style: &str) -> PlacedCaption {
    PlacedCaption {
        cue: "c1".parse().expect("an id"),
        speaker: "bob".parse().ok(),
        language: "en".parse().expect("a language"),
        second: None,
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        from: Frames(from),
        length: Frames(length),
        style: CaptionStyle::built_in(style).expect("a built-in style"),
        burn: true,
        words: Vec::new(),
        safe: None,
        timed_by: Vec::new(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that writers ask for")]
fn name(_: &CastId) -> Option<String> {
    Some("Bob & <Co>".to_owned())
}

/// From, to (in `1 / units` seconds), and the text with `\n` between lines.
type Read = (u64, u64, String);

fn time(text: &str, units: u64) -> u64 {
    let (clock, part) = text.split_once([',', '.']).expect("a time with a fraction");
    let whole = clock.split(':').fold(0, |sum, part| {
        sum * 60 + part.parse::<u64>().expect("digits")
    });
    whole * units + part.parse::<u64>().expect("digits")
}

fn blocks(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.split("\n\n")
        .map(|block| block.lines().collect::<Vec<_>>())
        .filter(|block| !block.is_empty())
}

fn read_srt(text: &str) -> Vec<Read> {
    blocks(text)
        .enumerate()
        .map(|(index, block)| {
            assert_eq!(block[0], (index + 1).to_string());
            let (from, to) = block[1].split_once(" --> ").expect("times");
            (time(from, 1000), time(to, 1000), block[2..].join("\n"))
        })
        .collect()
}

fn read_vtt(text: &str) -> Vec<Read> {
    let plain = |text: &str| {
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
    };
    blocks(text)
        .skip(1)
        .map(|block| {
            let (from, to) = block[0].split_once(" --> ").expect("times");
            let text = block[1..].join("\n");
            let (voice, text) = text.split_once('>').expect("a voice");
            assert_eq!(plain(voice), "<v Bob & <Co>");
            (time(from, 1000), time(to, 1000), plain(text))
        })
        .collect()
}

fn read_ass(text: &str) -> Vec<Read> {
    text.lines()
        .filter_map(|line| line.strip_prefix("Dialogue: "))
        .map(|line| {
            let fields: Vec<&str> = line.splitn(10, ',').collect();
            let mut out = String::new();
            let mut chars = fields[9].chars();
            while let Some(c) = chars.next() {
                match (c, c == '\\') {
                    (_, true) => match chars.next() {
                        Some('N') => out.push('\n'),
                        Some('\u{2060}') => out.push('\\'),
                        Some(brace @ ('{' | '}')) => out.push(brace),
                        other => out.extend([
                            "<a command>",
                            if other.is_some() { "" } else { "at the end" },
                        ]),
                    },
                    ('{' | '}', _) => out.push_str("<a block of commands>"),
                    (c, _) => out.push(c),
                }
            }
            (time(fields[1], 100), time(fields[2], 100), out)
        })
        .collect()
}

#[test]
fn a_file_of_each_kind() {
    let captions = [
        caption(0, 45, &["Hello,", "a < b & c"], "outline"),
        caption(45, 30, &["{\\an8}"], "boxed"),
    ];
    let rate = Rate::FPS_30;
    assert_eq!(
        srt(&captions, rate),
        "1\n00:00:00,000 --> 00:00:01,500\nHello,\na < b & c\n\n\
         2\n00:00:01,500 --> 00:00:02,500\n{\\an8}\n\n"
    );
    assert_eq!(
        vtt(&captions, rate, |_| Some("Bob".to_owned())),
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n<v Bob>Hello,\na &lt; b &amp; c\n\n\
         00:00:01.500 --> 00:00:02.500\n<v Bob>{\\an8}\n\n"
    );
    let text = ass(&captions, (rate, SIZE), plain_look, |_| None);
    let styles: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("Style: "))
        .collect();
    assert_eq!(
        styles,
        [
            "Style: Default,Noto Sans,34.56,&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,-1,0,0,0,100,100,0,0,1,4.15,0,2,64,64,54,1",
            "Style: Style2,Noto Sans,34.56,&H00FFFFFF,&H00FFFFFF,&H4C140C0A,&H4C140C0A,0,0,0,0,100,100,0,0,3,8.64,0,2,64,64,54,1",
        ]
    );
    assert!(text.contains("PlayResX: 1280\nPlayResY: 720\n"));
    assert!(text.ends_with(
        "Dialogue: 0,0:00:00.00,0:00:01.50,Default,,0,0,0,,Hello,\\Na < b & c\n\
         Dialogue: 0,0:00:01.50,0:00:02.50,Style2,,0,0,0,,\\{\\\u{2060}an8\\}\n"
    ));
}

fn plain_look(_: &PlacedCaption) -> AssLook {
    AssLook {
        font: "Noto Sans".to_owned(),
        line: 1000,
        below: 0,
        above: 0,
        fitted: 100,
    }
}

/// `one two`, heard in frames 0 to 9 and 12 to 20 of 30.
fn timed(style: &str) -> PlacedCaption {
    let word = |start, end, from, length| CaptionWord {
        place: WordPlace {
            line: 0,
            start,
            end,
        },
        from: Frames(from),
        length: Frames(length),
    };
    PlacedCaption {
        words: vec![word(0, 3, 0, 9), word(4, 7, 12, 9)],
        ..caption(30, 30, &["one two"], style)
    }
}

#[test]
fn words_follow_the_voice() {
    let text = |style: &str| {
        let text = ass(&[timed(style)], (Rate::FPS_30, SIZE), plain_look, |_| None);
        let line = text.lines().last().expect("a line").to_owned();
        line.rsplit(",,").next().expect("a text").to_owned()
    };
    assert_eq!(text("karaoke"), "{\\kf30}one {\\k10}{\\kf30}two");
    assert_eq!(
        text("pop"),
        "{\\1c&HFFFFFF&\\t(0,0,\\1c&H3FD2FF&)\\t(400,400,\\1c&HFFFFFF&)}one \
         {\\1c&HFFFFFF&\\t(400,400,\\1c&H3FD2FF&)\\t(1000,1000,\\1c&HFFFFFF&)}two"
    );
    assert_eq!(
        text("reveal"),
        "{\\alpha&HFF&\\t(0,0,\\alpha&H00&)}one {\\alpha&HFF&\\t(400,400,\\alpha&H00&)}two"
    );
    assert_eq!(text("outline"), "one two");
}

#[test]
fn capitals_are_those_that_are_burned() {
    let big = PlacedCaption {
        language: "tr".parse().expect("Turkish has a code"),
        ..caption(0, 30, &["ilk ışık"], "big")
    };
    let text = ass(&[big], (Rate::FPS_30, SIZE), plain_look, |_| None);
    assert!(text.ends_with(",,İLK IŞIK\n"), "{text}");
}

#[test]
fn files_stand_where_the_picture_has_them() {
    let style = |caption: PlacedCaption, size: Size| {
        let text = ass(&[caption], (Rate::FPS_30, size), plain_look, |_| None);
        let line = text.lines().find(|line| line.starts_with("Style: "));
        let fields: Vec<String> = line
            .expect("a style")
            .split(',')
            .map(str::to_owned)
            .collect();
        (fields[2].clone(), fields[18..22].join(","))
    };
    // Upright frames have letters of 95 % of their width.
    let upright = Size {
        width: 1080,
        height: 1920,
    };
    assert_eq!(
        style(timed("big"), upright),
        ("92.34".to_owned(), "5,54,54,0".to_owned())
    );
    let safe = PlacedCaption {
        safe: Some(workprint_model::Safe::Vertical.margins()),
        ..timed("karaoke")
    };
    assert_eq!(style(safe, upright).1, "2,66,171,672");
    // Of what stands in the middle, margins move nothing up or down.
    let middle = PlacedCaption {
        safe: Some(workprint_model::Safe::Vertical.margins()),
        words: Vec::new(),
        ..timed("big")
    };
    let text = ass(&[middle], (Rate::FPS_30, upright), plain_look, |_| None);
    assert!(
        text.ends_with(",,{\\an5\\pos(487.50,759.50)}ONE TWO\n"),
        "{text}"
    );
}

#[test]
fn times_do_not_drift() {
    let rate = Rate::new(30_000, 1001).unwrap();
    let captions = [caption(107_892, 1, &["x"], "plain")];
    let read = read_srt(&srt(&captions, rate));
    assert_eq!(read, [(3_599_996, 3_600_030, "x".to_owned())]);
}

fn lines() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(
        "[a-zA-Z0-9é中😀<>&{}\\\\.:,;#*-]{1,8}( (-->|&amp;|\\\\N|[a-z]){1,3})?",
        1..3,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn every_text_reads_back(
        texts in proptest::collection::vec((lines(), 0..40_u64, 3..200_u64), 1..8),
        rate in prop_oneof![Just((24_000, 1001)), Just((25, 1)), Just((60, 1))],
    ) {
        let rate = Rate::new(rate.0, rate.1).unwrap();
        let mut at = 0;
        let captions: Vec<PlacedCaption> = texts
            .iter()
            .map(|(lines, gap, length)| {
                let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
                let placed = caption(at + gap, *length, &lines, "outline");
                at += gap + length;
                placed
            })
            .collect();
        let exact = |frame: u64, units: u64| {
            let num = u128::from(frame) * u128::from(rate.den()) * u128::from(units) * 2;
            (num / u128::from(rate.num())).div_ceil(2) as u64
        };
        let want = |units: u64| -> Vec<Read> {
            captions
                .iter()
                .map(|c| (exact(c.from.0, units), exact(c.from.0 + c.length.0, units), c.lines.join("\n")))
                .collect()
        };
        prop_assert_eq!(read_srt(&srt(&captions, rate)), want(1000));
        prop_assert_eq!(read_vtt(&vtt(&captions, rate, name)), want(1000));
        let written = ass(&captions, (rate, SIZE), plain_look, name);
        prop_assert_eq!(read_ass(&written), want(100));
        let plain = written.starts_with("[Script Info]\n") && !written.contains('\r');
        prop_assert!(plain);
    }
}
