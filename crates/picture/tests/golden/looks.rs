//! Looks, each over the same photograph or scene.

use workprint_model::episode::{Colour, Fit};
use workprint_model::look::{
    Blur, Comic, Glow, Grade, Grain, Jank, Letterbox, Look, Lut, Mono, Sharpen, Vignette, Wheel,
};
use workprint_model::timeline::{Entry, PlacedLook, Timeline};
use workprint_model::{Aspect, Frames, Percent, Size};
use workprint_picture::Yuv;

use crate::art;
use crate::harness::{Case, case, check_all};
use crate::scene::{artifact, camera, framing, hold, overlay, plain, shot, still, timeline};
use crate::stage::{Stage, WIDE};

/// A `.cube` of teal shadows and orange lights.
const TEAL: &str = "LUT_3D_SIZE 2\n0 0.07 0.1\n0.95 0.1 0.05\n0.05 0.75 0.45\n1 0.85 0.35\n\
    0.05 0.15 0.7\n0.75 0.2 0.65\n0.05 0.8 0.85\n1 0.97 0.88\n";

/// A `.cube` that turns tones round.
const NEGATIVE: &str = "LUT_1D_SIZE 2\n1 1 1\n0 0 0\n";

const fn percent(units: i32) -> Percent {
    Percent::new(units)
}

fn placed(look: Look) -> PlacedLook {
    let cube = look.file().map(|file| artifact(file.as_str()));
    PlacedLook { look, cube }
}

/// A held photograph with looks on its shot.
fn line(size: Size, looks: Vec<Look>) -> Timeline {
    let mut only = shot(60, still("photo", size.width, size.height), hold());
    only.looks = looks.into_iter().map(placed).collect();
    timeline(size.width, size.height, vec![only])
}

fn stage(size: Size) -> Stage {
    Stage::default()
        .with("photo", &art::photo(size))
        .with_cube("media/teal.cube", TEAL)
        .with_cube("media/negative.cube", NEGATIVE)
}

fn frame(looks: Vec<Look>, at: u64) -> Yuv {
    stage(WIDE).paint(&line(WIDE, looks), at)
}

fn one(name: &str, look: Look) -> Case {
    case(name, move || frame(vec![look.clone()], 7))
}

fn grade(name: &str, change: impl Fn(&mut Grade)) -> Case {
    let mut grade = Grade::default();
    change(&mut grade);
    one(name, Look::Grade(grade))
}

fn colours() -> Vec<Case> {
    let lut = |name: &str, file: &str, amount| {
        let file = file.parse().unwrap();
        one(
            name,
            Look::Lut(Lut {
                file,
                amount: percent(amount),
            }),
        )
    };
    let mono = |name, filter, tone| {
        let mono = Mono {
            filter,
            tone,
            ..Mono::default()
        };
        one(name, Look::Mono(mono))
    };
    let white = Colour::new(255, 255, 255);
    vec![
        case("none", || frame(Vec::new(), 7)),
        grade("grade-none", |_| {}).like("none"),
        grade("grade-warm", |grade| grade.temperature = percent(60)),
        grade("grade-cold", |grade| grade.temperature = percent(-60)),
        grade("grade-magenta", |grade| grade.tint = percent(70)),
        grade("grade-lift", |grade| grade.lift = Wheel::all(percent(18))),
        grade("grade-gamma", |grade| {
            grade.gamma = Wheel::all(percent(-40));
        }),
        grade("grade-gain", |grade| grade.gain = Wheel::all(percent(45))),
        grade("grade-wheels", |grade| {
            grade.lift.blue = percent(14);
            grade.gain.red = percent(12);
            grade.gamma.green = percent(-12);
        }),
        grade("grade-contrast", |grade| grade.contrast = percent(190)),
        grade("grade-flat", |grade| grade.contrast = percent(45)),
        grade("grade-saturated", |grade| grade.saturation = percent(220)),
        grade("grade-grey", |grade| grade.saturation = percent(0)),
        lut("lut-teal", "media/teal.cube", 100),
        lut("lut-teal-half", "media/teal.cube", 50),
        lut("lut-negative", "media/negative.cube", 100),
        mono("mono", white, None).like("grade-grey"),
        mono("mono-red-filter", Colour::new(255, 40, 10), None),
        mono("mono-blue-filter", Colour::new(30, 60, 255), None),
        mono("mono-sepia", white, Some(Colour::new(0xb0, 0x8a, 0x5a))),
    ]
}

fn shapes() -> Vec<Case> {
    let blur = |name, hundredths| {
        let radius = Percent::from_hundredths(hundredths);
        one(name, Look::Blur(Blur { radius }))
    };
    let ratio = |name, hundredths, colour| {
        let ratio = Aspect::from_hundredths(hundredths);
        one(name, Look::Letterbox(Letterbox { ratio, colour }))
    };
    vec![
        blur("blur-little", 60),
        blur("blur-much", 500),
        one(
            "sharpen",
            Look::Sharpen(Sharpen {
                amount: percent(150),
                radius: percent(1),
            }),
        ),
        one(
            "glow",
            Look::Glow(Glow {
                amount: percent(80),
                radius: percent(5),
                threshold: percent(45),
            }),
        ),
        one("vignette", Look::Vignette(Vignette::default())),
        one(
            "vignette-round-aside",
            Look::Vignette(Vignette {
                amount: percent(90),
                size: percent(5),
                round: percent(100),
                x: percent(30),
                y: percent(60),
            }),
        ),
        ratio("letterbox", 239, Colour::new(0, 0, 0)),
        ratio("letterbox-sides", 100, Colour::new(30, 20, 60)),
    ]
}

fn films() -> Vec<Case> {
    let grain = |name, amount, size, colour, at| {
        let grain = Grain {
            amount: percent(amount),
            size: percent(size),
            colour: percent(colour),
            seed: 3,
        };
        // A noisy frame is a large file: these are smaller.
        let size = Size {
            width: 160,
            height: 90,
        };
        case(name, move || {
            stage(size).paint(&line(size, vec![Look::Grain(grain.clone())]), at)
        })
    };
    let jank = |name, change: fn(&mut Jank), at| {
        let none = percent(0);
        let mut jank = Jank {
            fps: 0,
            weave: none,
            dust: none,
            scratches: none,
            flicker: none,
            vignette: none,
            seed: 11,
        };
        change(&mut jank);
        case(name, move || frame(vec![Look::Jank(jank.clone())], at))
    };
    vec![
        grain("grain", 40, 100, 20, 0),
        grain("grain-next", 40, 100, 20, 1),
        grain("grain-coarse", 60, 500, 0, 0),
        grain("grain-colour", 70, 300, 100, 0),
        jank("jank-weave", |jank| jank.weave = percent(100), 7),
        jank("jank-dust", |jank| jank.dust = percent(100), 3),
        jank("jank-dust-later", |jank| jank.dust = percent(100), 21),
        jank("jank-scratches", |jank| jank.scratches = percent(100), 12),
        jank("jank-flicker", |jank| jank.flicker = percent(100), 9),
        jank("jank-vignette", |jank| jank.vignette = percent(80), 9),
        one("jank", Look::Jank(Jank::default())),
    ]
}

fn comics() -> Vec<Case> {
    let comic = |name, change: fn(&mut Comic)| {
        let mut comic = Comic {
            dots: percent(3),
            ..Comic::default()
        };
        change(&mut comic);
        one(name, Look::Comic(comic))
    };
    vec![
        comic("comic", |_| {}),
        comic("comic-flat", |comic| comic.dots = percent(0)),
        comic("comic-ink", |comic| {
            (comic.ink, comic.tones, comic.lines) = (percent(80), 0, percent(100));
        }),
        comic("comic-blue", |comic| {
            comic.paper = Colour::new(0xe8, 0xf0, 0xf6);
            comic.ink_colour = Colour::new(0x12, 0x28, 0x60);
            (comic.margin, comic.border) = (percent(0), percent(0));
        }),
    ]
}

/// Looks of shots and of the film together with what else is seen.
fn together() -> Vec<Case> {
    let named = |name: &'static str| {
        let size = Size {
            width: 200,
            height: 112,
        };
        case(format!("named-{name}"), move || {
            stage(size).paint(&line(size, Look::built_in(name).unwrap()), 7)
        })
    };
    let mut cases: Vec<Case> = workprint_model::look::BUILT_IN
        .iter()
        .map(|(name, _)| named(name))
        .collect();
    cases.push(case("odd-size", || {
        let size = Size {
            width: 201,
            height: 113,
        };
        stage(size).paint(&line(size, Look::built_in("old-film").unwrap()), 3)
    }));
    cases.push(case("film-over-shots-under-overlays", film));
    cases.push(case("dissolve-of-looks", || {
        let mut second = shot(30, still("photo", WIDE.width, WIDE.height), hold());
        second.looks = vec![placed(Look::Mono(Mono::default()))];
        second.entry = Entry::Dissolve(Frames(10));
        let zoom = camera(framing(120, 30, 50), framing(160, 70, 50));
        let mut first = shot(30, still("photo", WIDE.width, WIDE.height), zoom);
        first.looks = vec![placed(Look::Grade(Grade {
            temperature: percent(80),
            ..Grade::default()
        }))];
        let line = timeline(WIDE.width, WIDE.height, vec![first, second]);
        stage(WIDE).paint(&line, 34)
    }));
    cases
}

/// A photograph between bars, wearing, with a plate that does not wear.
fn film() -> Yuv {
    let small = Size {
        width: 160,
        height: 136,
    };
    let mut only = shot(30, still("small", 160, 136), hold());
    only.fit = Fit::Contain;
    let mut line = timeline(WIDE.width, WIDE.height, vec![only]);
    line.looks = vec![
        placed(Look::Blur(Blur::default())),
        placed(Look::Jank(Jank {
            dust: percent(100),
            scratches: percent(100),
            weave: percent(100),
            ..Jank::default()
        })),
    ];
    line.overlays = vec![overlay("plate", (20, 90), (100, 30), 30)];
    Stage::default()
        .with("small", &art::photo(small))
        .with("plate", &plain(100, 30, [240, 200, 40, 255]))
        .paint(&line, 11)
}

#[test]
fn looks() {
    let cases = [colours(), shapes(), films(), comics(), together()];
    let cases: Vec<Case> = cases.into_iter().flatten().collect();
    check_all("looks", &cases);
}
