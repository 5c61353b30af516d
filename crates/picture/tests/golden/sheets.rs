//! Contact sheets: a page of small frames.

use workprint_model::{Language, Size};
use workprint_picture::contact::{Head, Plan, Tile, page, small};
use workprint_picture::{Fonts, Rgba, Yuv};

use crate::art;
use crate::harness::{case, check_all};
use crate::stage::show;

fn tile(plan: &Plan, words: &str, tag: &str) -> Tile {
    let frame = show(&art::photo(Size {
        width: 480,
        height: 272,
    }));
    Tile {
        picture: small(&frame, plan.tile),
        name: "door".to_owned(),
        time: "00:00:12:05".to_owned(),
        speaker: Some("Ada".to_owned()),
        words: words.to_owned(),
        language: tag.parse::<Language>().unwrap(),
    }
}

/// The part of a page below its head with one frame, as large as a golden frame may be.
fn below(words: &str, tag: &str) -> Yuv {
    let shape = Size {
        width: 480,
        height: 272,
    };
    let plan = Plan::of(shape, Some(8));
    let head = Head {
        title: "Title".to_owned(),
        facts: String::new(),
        page: String::new(),
        language: "en".parse().unwrap(),
    };
    let whole = page(&head, &[tile(&plan, words, tag)], &plan, Fonts::built_in());
    cut(
        &whole,
        (0, 130),
        Size {
            width: 256,
            height: 220,
        },
    )
}

/// The head of a page.
fn head(title: &str, tag: &str) -> Yuv {
    let shape = Size {
        width: 480,
        height: 272,
    };
    let head = Head {
        title: title.to_owned(),
        facts: "main  ·  1920 × 1080".to_owned(),
        page: String::new(),
        language: tag.parse().unwrap(),
    };
    let whole = page(&head, &[], &Plan::of(shape, None), Fonts::built_in());
    cut(
        &whole,
        (0, 20),
        Size {
            width: 400,
            height: 110,
        },
    )
}

fn cut(image: &Rgba, (left, top): (u32, u32), size: Size) -> Yuv {
    let mut part = Rgba::transparent(size);
    let stride = image.size.width as usize * 4;
    let rows = image.pixels.chunks_exact(stride).skip(top as usize);
    let (from, length) = (left as usize * 4, size.width as usize * 4);
    for (to, row) in part.pixels.chunks_exact_mut(length).zip(rows) {
        to.copy_from_slice(&row[from..from + length]);
    }
    // What the page does not reach is as dark as the page.
    for pixel in part
        .pixels
        .chunks_exact_mut(4)
        .filter(|pixel| pixel[3] == 0)
    {
        pixel.copy_from_slice(&[20, 22, 27, 255]);
    }
    show(&part)
}

#[test]
fn sheets() {
    let long = "One lamp, then another, and another, until the whole of the long shore is lit \
                from end to end and nobody can sleep any more, not even the gulls";
    check_all(
        "sheets",
        &[
            case("tile", || below("One lamp, then another.", "en")),
            case("tile-with-too-much", move || below(long, "en")),
            case("tile-arabic", || below("مصباح واحد، ثم آخر.", "ar")),
            case("tile-chinese", || {
                below("一盏灯，然后又是一盏灯，直到整个海岸都亮了起来。", "zh")
            }),
            case("head", || head("First Light", "en")),
        ],
    );
}
