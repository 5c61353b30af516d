//! Drawings as they come: right, odd and hostile; and what is seen of them.

use workprint_model::puppet::{Act, Mood};
use workprint_model::rig::{Mouth, Part, PlacedAct, PlacedPuppet, Rig, RigPiece, Side};
use workprint_model::{Artifact, Digest, Frames, Language, Percent, Rate, Size};

use super::{DrawnRig, MAX_BYTES, draw, seen};
use crate::Fonts;
use crate::art::ArtError;

fn drawn(content: &str, mirrored: bool) -> Result<DrawnRig, ArtError> {
    drawn_large(content, 100, mirrored)
}

fn drawn_large(content: &str, height: u32, mirrored: bool) -> Result<DrawnRig, ArtError> {
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 200" data-feet="50 190">{content}</svg>"#
    );
    let language: Language = "en".parse().unwrap();
    draw(&svg, height, mirrored, &language, Fonts::built_in())
}

fn dot(x: u32, y: u32) -> String {
    format!(r#"<circle cx="{x}" cy="{y}" r="6"/>"#)
}

fn group(attributes: &str, content: &str) -> String {
    format!("<g {attributes}>{content}</g>")
}

/// A puppet of a drawing that stands in the middle of a picture of 400x200.
fn standing(drawn: &DrawnRig) -> PlacedPuppet {
    let pieces = drawn.pieces.iter().enumerate();
    let pieces = pieces.map(|(number, (part, placed))| RigPiece {
        image: Artifact {
            digest: Digest::of(&[number as u8]),
            media_type: "image/png".to_owned(),
            bytes: 1,
        },
        x: placed.x,
        y: placed.y,
        size: placed.image.size,
        part: *part,
    });
    PlacedPuppet {
        rig: Rig {
            height: drawn.height,
            parts: drawn.parts.clone(),
            pieces: pieces.collect(),
        },
        x: Percent::new(50),
        y: Percent::new(100),
        height: Percent::new(100),
        depth: 50,
        idle: Percent::new(0),
        seed: 1,
        mood: Mood::Neutral,
        talks: Vec::new(),
        mouths: Vec::new(),
        looks: Vec::new(),
        acts: Vec::new(),
        timed_by: Vec::new(),
    }
}

/// The numbers of the pieces seen, and where the middle of each lies.
fn places(puppet: &PlacedPuppet, frame: u64) -> Vec<(usize, [f64; 2])> {
    let size = Size {
        width: 400,
        height: 200,
    };
    let laid = seen(puppet, Rate::FPS_30, frame, size);
    let number = |piece: &RigPiece| {
        let mut pieces = puppet.rig.pieces.iter();
        pieces.position(|own| own == piece).unwrap()
    };
    laid.iter()
        .map(|laid| {
            let (x, y) = (
                f64::from(laid.piece.size.width) / 2.0,
                f64::from(laid.piece.size.height) / 2.0,
            );
            let place = laid.place;
            let at = [
                place.xx * x + place.xy * y + place.x0,
                place.yx * x + place.yy * y + place.y0,
            ];
            (number(laid.piece), at)
        })
        .collect()
}

fn near(found: [f64; 2], wanted: [f64; 2]) -> bool {
    (found[0] - wanted[0]).abs() < 1.0 && (found[1] - wanted[1]).abs() < 1.0
}

#[test]
fn pieces_lie_where_they_are_drawn_in_either_direction() {
    let content = dot(20, 30) + &group(r#"id="body""#, &dot(80, 90)) + &dot(50, 190);
    for (mirrored, across) in [(false, [170.0, 230.0]), (true, [230.0, 170.0])] {
        let drawn = drawn(&content, mirrored).unwrap();
        assert_eq!(drawn.pieces.len(), 3);
        let found = places(&standing(&drawn), 0);
        assert!(near(found[0].1, [across[0], 40.0]), "{found:?}");
        assert!(near(found[1].1, [across[1], 100.0]), "{found:?}");
        assert!(near(found[2].1, [200.0, 200.0]), "{found:?}");
    }
}

#[test]
fn one_of_a_set_is_seen_and_hidden_ones_are_shown_when_wanted() {
    let content = dot(50, 50)
        + &group(
            r#"id="mouth-X" style="fill:red;display: none""#,
            &dot(50, 60),
        )
        + &group(r#"id="mouth-D" display="none""#, &dot(50, 70))
        + &group(r#"id="mouth-X-happy""#, &dot(50, 80));
    let drawn = drawn(&content, false).unwrap();
    let mut puppet = standing(&drawn);
    let numbers = |puppet: &PlacedPuppet| -> Vec<usize> {
        places(puppet, 9)
            .into_iter()
            .map(|(number, _)| number)
            .collect()
    };
    assert_eq!(numbers(&puppet), [0, 1]);
    puppet.mood = Mood::Happy;
    assert_eq!(numbers(&puppet), [0, 3]);
    puppet.mouths = vec![(Frames(5), Mouth::D)];
    assert_eq!(numbers(&puppet), [0, 2]);
    // A puckered mouth is not drawn: of those that are, the open one is the most like it.
    puppet.mouths = vec![(Frames(5), Mouth::E), (Frames(12), Mouth::X)];
    assert_eq!(numbers(&puppet), [0, 2]);
}

#[test]
fn a_set_is_chosen_from_within_each_part() {
    let turned = group(
        r#"id="head-left""#,
        &group(r#"id="left-a" data-part="mouth-A""#, &dot(40, 60)),
    );
    let front = group(
        r#"id="head-front""#,
        &group(r#"id="mouth-X""#, &dot(50, 60)),
    );
    let drawn = drawn(&(turned + &front), false).unwrap();
    let mut puppet = standing(&drawn);
    assert_eq!(places(&puppet, 0)[0].0, 1);
    puppet.looks = vec![(Frames(0), Some(Side::Left))];
    assert_eq!(places(&puppet, 20)[0].0, 0);
}

#[test]
fn left_is_the_viewers_left_in_a_mirror_too() {
    let arm = |name: &str, x: u32| group(&format!(r#"id="arm-{name}""#), &dot(x, 90));
    let content = [
        arm("left-rest", 30),
        arm("right-rest", 70),
        arm("left-point", 10),
        arm("right-point", 90),
    ]
    .concat();
    for mirrored in [false, true] {
        let drawn = drawn(&content, mirrored).unwrap();
        let mut puppet = standing(&drawn);
        puppet.acts = vec![PlacedAct {
            act: Act::PointLeft,
            from: Frames(0),
            length: Frames(40),
        }];
        let found = places(&puppet, 20);
        let mut across: Vec<f64> = found.iter().map(|(_, at)| at[0]).collect();
        across.sort_by(f64::total_cmp);
        assert!((across[0] - 160.0).abs() < 4.0, "{across:?}");
        assert!((across[1] - 220.0).abs() < 4.0, "{across:?}");
    }
}

#[test]
fn a_shadow_stays_when_the_puppet_jumps() {
    let content = group(r#"id="shadow""#, &dot(50, 190)) + &dot(50, 100);
    let drawn = drawn(&content, false).unwrap();
    let mut puppet = standing(&drawn);
    let before = places(&puppet, 6);
    puppet.acts = vec![PlacedAct {
        act: Act::Hop,
        from: Frames(0),
        length: Frames(12),
    }];
    let jumping = places(&puppet, 6);
    assert_eq!(before[0], jumping[0]);
    assert!(jumping[1].1[1] < before[1].1[1] - 5.0);
}

#[test]
fn the_same_seed_gives_the_same_life_and_another_another() {
    let content = group(r#"id="body""#, &dot(50, 60));
    let drawn = drawn(&content, false).unwrap();
    let life = |seed: u32| {
        let mut puppet = standing(&drawn);
        puppet.idle = Percent::WHOLE;
        puppet.seed = seed;
        (0..90)
            .map(|frame| places(&puppet, frame)[0].1)
            .collect::<Vec<_>>()
    };
    assert_eq!(life(3), life(3));
    assert_ne!(life(3), life(4));
    for pair in life(3).windows(2) {
        assert!((pair[0][0] - pair[1][0]).abs() < 0.5, "{pair:?}");
    }
}

#[test]
fn pivots_and_reaches_are_read_in_the_drawings_units() {
    let content = group(
        r#"id="head" data-pivot="50 90""#,
        &group(r#"id="face" data-reach="20, 8""#, &dot(50, 60)),
    );
    let drawn = drawn(&content, false).unwrap();
    assert_eq!(drawn.parts[0].part, Part::Head);
    assert_eq!(drawn.parts[0].pivot, [0, -50]);
    assert_eq!(drawn.parts[1].within, Some(0));
    assert_eq!(drawn.parts[1].reach, [10, 4]);
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let cases = [
        (group(r#"id="mouth-a""#, &dot(5, 5)), "`mouth-a` is no part"),
        (
            group(r#"id="h" data-part="hand""#, &dot(5, 5)),
            "`hand` is no part",
        ),
        (
            group(r#"id="head" data-pivot="5""#, &dot(5, 5)),
            "`data-pivot` is `5`",
        ),
        (
            group(r#"id="head" data-pivot="1 2 3""#, &dot(5, 5)),
            "`data-pivot` is `1 2 3`",
        ),
        (
            group(r#"id="head""#, &dot(5, 5))
                + &group(r#"id="other" data-part="head""#, &dot(6, 6)),
            "`head` is there twice",
        ),
    ];
    for (content, wanted) in cases {
        let error = drawn(&format!("\n\n{content}"), false)
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("line 3") && error.contains(wanted),
            "{error}"
        );
    }
}

#[test]
fn what_a_puppet_costs_is_bounded_for_all_its_parts() {
    let parts = |count: u32, content: &str| -> String {
        let part = |number| group(&format!(r#"id="arm-left-p{number}""#), content);
        (0..count).map(part).collect()
    };
    let told =
        |content: &str, height| drawn_large(content, height, false).map_err(|e| e.to_string());
    // Eight million pixels each.
    let whole = r#"<rect width="100" height="200"/>"#;
    let refused = told(&parts(8, whole), 4000).unwrap_err();
    assert!(refused.contains("more than 60 million pixels"), "{refused}");
    let clip = r#"<clipPath id="c"><circle cx="50" cy="50" r="6"/></clipPath>"#;
    let clipped = r#"<rect width="100" height="200" clip-path="url(#c)"/>"#;
    assert_eq!(
        told(&(clip.to_owned() + &parts(8, clipped)), 4000)
            .unwrap()
            .pieces
            .len(),
        8
    );
    // A filter is counted as if it covered all of its picture, a thousand million steps here.
    let noise = r#"<feTurbulence baseFrequency="0.1" numOctaves="10"/>"#.repeat(5);
    let filter = format!(
        r#"<filter id="f" filterUnits="userSpaceOnUse" x="0" y="0" width="2" height="2">{noise}</filter>"#
    );
    let noisy = format!(r#"{whole}<circle r="1" filter="url(#f)"/>"#);
    assert_eq!(
        told(&(filter.clone() + &parts(2, &noisy)), 1000)
            .unwrap()
            .pieces
            .len(),
        2
    );
    let refused = told(&(filter + &parts(10, &noisy)), 1000).unwrap_err();
    assert!(refused.contains("too much to draw"), "{refused}");
}

#[test]
fn hostile_drawings_are_bounded() {
    let many: String = (0..130)
        .map(|number| group(&format!(r#"id="arm-left-p{number}""#), &dot(5, 5)))
        .collect();
    assert!(
        drawn(&many, false)
            .unwrap_err()
            .to_string()
            .contains("at most 120 parts")
    );
    let cut: String = (0..90)
        .map(|number| dot(5, 5) + &group(&format!(r#"id="arm-left-p{number}""#), &dot(9, 9)))
        .collect();
    assert!(
        drawn(&cut, false)
            .unwrap_err()
            .to_string()
            .contains("more than 160 pieces")
    );
    let long = format!("<!--{}-->", "x".repeat(MAX_BYTES));
    assert!(drawn(&long, false).is_err());
    assert!(
        drawn("", false)
            .unwrap_err()
            .to_string()
            .contains("nothing to see")
    );
    // A shape as wide as the world is cut to what a puppet may reach.
    let wide = drawn(
        r#"<rect x="-1e7" y="-1e7" width="2e7" height="2e7"/>"#,
        false,
    )
    .unwrap();
    assert!(wide.pieces[0].1.image.size.width <= 130);
}
