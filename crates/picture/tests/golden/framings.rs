//! How pictures of any shape fill frames of any shape: fits, crops, and points of interest.

use workprint_model::episode::{ClipEnd, Crop, Fit, Focus, Move};
use workprint_model::timeline::PlacedShot;
use workprint_model::{Percent, Size};
use workprint_picture::Yuv;

use crate::art;
use crate::harness::{Case, case, check_all};
use crate::scene::{clip, framing, hold, shot, still, timeline};
use crate::stage::{Stage, TALL, WIDE};

const SQUARE: Size = Size {
    width: 160,
    height: 160,
};
const PORTRAIT: Size = Size {
    width: 144,
    height: 180,
};

fn framed(size: Size, change: impl Fn(&mut PlacedShot)) -> Yuv {
    let large = art::large();
    let mut only = shot(
        1,
        still("valley", large.size.width, large.size.height),
        hold(),
    );
    change(&mut only);
    let line = timeline(size.width, size.height, vec![only]);
    Stage::default()
        .with("valley", large)
        .with("tall", &art::photo(TALL))
        .paint(&line, 0)
}

fn tall(fit: Fit, size: Size) -> Yuv {
    framed(size, |only| {
        only.picture = still("tall", TALL.width, TALL.height);
        only.fit = fit;
    })
}

fn cropped(fit: Fit, [left, top, right, bottom]: [i32; 4]) -> Yuv {
    framed(WIDE, |only| {
        let [left, top, right, bottom] = [left, top, right, bottom].map(Percent::new);
        only.fit = fit;
        only.crop = Crop {
            left,
            top,
            right,
            bottom,
        };
    })
}

/// Over the house, which lies left of the middle.
fn house() -> Focus {
    Focus {
        x: Percent::new(28),
        y: Percent::new(72),
    }
}

#[test]
fn framings() {
    let mut cases: Vec<Case> = vec![
        case("blur-of-tall", || tall(Fit::Blur, WIDE)),
        case("blur-of-wide", || framed(TALL, |only| only.fit = Fit::Blur)),
        case("blur-of-its-own-shape", || tall(Fit::Blur, TALL)),
        case("blur-of-a-clip", || {
            let mut only = shot(20, clip("ball", 80, ClipEnd::Hold), hold());
            only.fit = Fit::Blur;
            Stage::default().paint(&timeline(TALL.width, TALL.height, vec![only]), 15)
        }),
        case("blur-nearer", || {
            framed(TALL, |only| {
                only.fit = Fit::Blur;
                only.camera.from = framing(150, 50, 50);
                only.camera.to = only.camera.from;
            })
        }),
        case("fill-of-tall", || tall(Fit::Fill, WIDE)),
        case("fill-of-wide", || framed(TALL, |only| only.fit = Fit::Fill)),
        case("crop-left-and-right", || {
            cropped(Fit::Contain, [25, 0, 25, 0])
        }),
        case("crop-one-corner", || cropped(Fit::Cover, [50, 0, 0, 50])),
        case("crop-to-a-strip", || cropped(Fit::Blur, [0, 40, 0, 40])),
        case("crop-stretched", || cropped(Fit::Fill, [10, 30, 60, 5])),
    ];
    for (name, size) in [
        ("wide", WIDE),
        ("square", SQUARE),
        ("portrait", PORTRAIT),
        ("tall", TALL),
    ] {
        cases.push(case(format!("{name}-without-focus"), move || {
            framed(size, |_| {})
        }));
        let with_focus = case(format!("{name}-with-focus"), move || {
            framed(size, |only| only.focus = Some(house()))
        });
        cases.push(match name {
            // The whole picture is seen.
            "wide" => with_focus.like("wide-without-focus"),
            _ => with_focus,
        });
        cases.push(case(format!("{name}-framing-with-focus"), move || {
            framed(size, |only| {
                only.focus = Some(house());
                let near = framing(140, 20, 60);
                only.camera = Move {
                    from: near,
                    to: near,
                    ..Move::default()
                };
            })
        }));
    }
    check_all("framings", &cases);
}
