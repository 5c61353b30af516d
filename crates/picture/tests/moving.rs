//! Named moves, points of interest, transitions, fits and blend modes.

mod scene;

use proptest::prelude::*;
use scene::{
    Memory, WHITE, clip, colour, drawn, framing, hold, overlay, paint, paint_all, plain, shot,
    still, timeline, two_shots,
};
use workprint_model::episode::{Blend, ClipEnd, Crop, Direction, Ease, Fit, Focus, Move, MoveKind};
use workprint_model::timeline::{Entry, Pass, PassKind, PlacedShot, Timeline};
use workprint_model::{Frames, Percent};
use workprint_picture::resolve::{Base, ONE, View, Window};
use workprint_picture::{Yuv, resolve, to_rgb8};

const KINDS: [MoveKind; 10] = [
    MoveKind::Push,
    MoveKind::Pull,
    MoveKind::PanLeft,
    MoveKind::PanRight,
    MoveKind::TiltUp,
    MoveKind::TiltDown,
    MoveKind::Rotate,
    MoveKind::Drift,
    MoveKind::Hold,
    MoveKind::Shake,
];

fn focus(x: i32, y: i32) -> Focus {
    Focus {
        x: Percent::new(x),
        y: Percent::new(y),
    }
}

fn named(kind: MoveKind, amount: i32) -> Move {
    Move {
        kind: Some(kind),
        amount: Some(Percent::new(amount)),
        seed: Some(3),
        ease: Ease::Linear,
        ..Move::default()
    }
}

fn view(line: &Timeline, frame: u64) -> View {
    match resolve(line, Frames(frame)).base {
        Base::Shot(view) => view,
        other => unreachable!("not a shot: {other:?}"),
    }
}

fn window(line: &Timeline, frame: u64) -> Window {
    view(line, frame).layers[0].window
}

/// Where in a frame of 1x1 a point of the picture is seen, both in parts.
fn seen(window: Window, (width, height): (u32, u32), focus: Focus) -> [f64; 2] {
    let at = |edge: i64, side: i64, point: Percent, length: u32| {
        (point.ratio() * f64::from(length) * ONE as f64 - edge as f64) / side as f64
    };
    [
        at(window.left, window.width, focus.x, width),
        at(window.top, window.height, focus.y, height),
    ]
}

fn corners(window: Window) -> [[i64; 2]; 4] {
    let Window {
        left,
        top,
        width,
        height,
        lean: [x, y],
    } = window;
    [
        [left, top],
        [left + width, top + y],
        [left + x, top + height],
        [left + width + x, top + height + y],
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the shapes, no move shows what is beyond the picture.
    #[test]
    fn moves_stay_inside_the_picture(
        kind in prop::sample::select(&KINDS[..]), amount in 0i32..=45, x in 0i32..=100, y in 0i32..=100,
        picture in (20u32..400, 20u32..400), frame in (8u32..200, 8u32..200), seed in any::<u32>(),
    ) {
        let mut one = shot(30, still("a", picture.0, picture.1), named(kind, amount));
        one.camera.seed = Some(seed);
        one.focus = Some(focus(x, y));
        let line = timeline(2 * frame.0, 2 * frame.1, vec![one]);
        for at in 0..30 {
            for [x, y] in corners(window(&line, at)) {
                let most = [picture.0, picture.1].map(|side| i64::from(side) * ONE + 2);
                prop_assert!((-2..=most[0]).contains(&x) && (-2..=most[1]).contains(&y), "{at}: {x} {y}");
            }
        }
    }

    /// In a frame of another shape a framing shows a part of what the picture's own shape shows, and
    /// the focus wherever that shows it.
    #[test]
    fn framings_keep_the_focus_in_view(
        zoom in 100i32..300, x in 0i32..=100, y in 0i32..=100, at in (0i32..=100, 0i32..=100),
        frame in (8u32..200, 8u32..200),
    ) {
        let picture = (320, 180);
        let framed = Move { from: framing(zoom, x, y), to: framing(zoom, x, y), ..Move::default() };
        let mut one = shot(1, still("a", picture.0, picture.1), framed);
        one.focus = Some(focus(at.0, at.1));
        let own = window(&timeline(320, 180, vec![one.clone()]), 0);
        let other = window(&timeline(2 * frame.0, 2 * frame.1, vec![one.clone()]), 0);
        prop_assert!(other.left >= own.left - 2 && other.left + other.width <= own.left + own.width + 2);
        prop_assert!(other.top >= own.top - 2 && other.top + other.height <= own.top + own.height + 2);
        let inside = |window, slack: f64| {
            let seen = seen(window, picture, focus(at.0, at.1));
            seen.iter().all(|at| (-slack..=1.0 + slack).contains(at))
        };
        prop_assert!(!inside(own, 0.0) || inside(other, 1e-3));
    }
}

#[test]
fn cover_centres_on_the_focus() {
    let mut one = shot(1, still("a", 320, 180), hold());
    one.camera.from = framing(100, 70, 50);
    one.camera.to = one.camera.from;
    one.focus = Some(focus(70, 50));
    let tall = window(&timeline(90, 160, vec![one.clone()]), 0);
    let [x, y] = seen(tall, (320, 180), focus(70, 50));
    assert!((x - 0.5).abs() < 1e-3 && (y - 0.5).abs() < 1e-3, "{x} {y}");
    // Near an edge the picture's edge is the frame's.
    one.focus = Some(focus(99, 50));
    let tall = window(&timeline(90, 160, vec![one]), 0);
    assert!((tall.left + tall.width - 320 * ONE).abs() < 4);
}

#[test]
fn a_push_keeps_the_focus_where_it_lies() {
    let mut one = shot(40, still("a", 320, 180), named(MoveKind::Push, 40));
    one.focus = Some(focus(70, 30));
    let line = timeline(160, 90, vec![one]);
    let first = seen(window(&line, 0), (320, 180), focus(70, 30));
    for frame in 0..40 {
        let now = seen(window(&line, frame), (320, 180), focus(70, 30));
        assert!((first[0] - now[0]).abs() < 1e-3 && (first[1] - now[1]).abs() < 1e-3);
    }
    assert_eq!(window(&line, 0).width, 320 * ONE);
    assert_eq!(
        window(&line, 39).width,
        (320.0 / 1.4 * ONE as f64).round() as i64
    );
}

#[test]
fn pans_and_tilts_go_their_way() {
    let way = |kind| {
        let line = timeline(
            160,
            90,
            vec![shot(40, still("a", 320, 180), named(kind, 20))],
        );
        let (first, last) = (window(&line, 0), window(&line, 39));
        let part = |by: i64, side: i64| (by as f64 / side as f64 * 100.0).round() as i64;
        (
            part(last.left - first.left, first.width),
            part(last.top - first.top, first.height),
        )
    };
    assert_eq!(way(MoveKind::PanLeft), (-20, 0));
    assert_eq!(way(MoveKind::PanRight), (20, 0));
    assert_eq!(way(MoveKind::TiltUp), (0, -20));
    assert_eq!(way(MoveKind::TiltDown), (0, 20));
}

#[test]
fn wandering_is_the_seeds_and_the_same_at_any_rate() {
    let line = |kind, seed| {
        let mut one = shot(60, still("a", 320, 180), named(kind, 5));
        one.camera.seed = Some(seed);
        timeline(160, 90, vec![one])
    };
    for kind in [MoveKind::Drift, MoveKind::Shake] {
        let path = |line: &Timeline| (0..60).map(|at| window(line, at).left).collect::<Vec<_>>();
        assert_eq!(path(&line(kind, 1)), path(&line(kind, 1)));
        assert_ne!(path(&line(kind, 1)), path(&line(kind, 2)));
        let mut double = line(kind, 1);
        double.rate = "60".parse().unwrap();
        double.shots[0].length = Frames(120);
        for at in 0..60 {
            assert_eq!(window(&line(kind, 1), at), window(&double, 2 * at));
        }
    }
}

/// A soft dot of a radius at a place, over black.
fn dot(width: u32, height: u32, (x, y): (f64, f64), radius: f64) -> workprint_picture::Rgba {
    drawn(width, height, |column, row| {
        let (dx, dy) = (f64::from(column) + 0.5 - x, f64::from(row) + 0.5 - y);
        let value = (255.0 * (1.0 - (dx * dx + dy * dy) / (radius * radius)).max(0.0)) as u8;
        [value, value, value, 255]
    })
}

fn centroid(frame: &Yuv) -> (f64, f64) {
    let width = frame.size.width as usize;
    let (mut sum, mut x, mut y) = (0.0, 0.0, 0.0);
    for (index, &luma) in frame.planes()[0].iter().enumerate() {
        let weight = f64::from(luma) - 16.0;
        sum += weight;
        x += weight * ((index % width) as f64 + 0.5);
        y += weight * ((index / width) as f64 + 0.5);
    }
    (x / sum, y / sum)
}

#[test]
fn slow_turns_are_smooth_and_exact() {
    for (scale, kind) in [(1, "still"), (2, "still"), (3, "still"), (1, "alpha")] {
        let (width, height) = (128 * scale, 72 * scale);
        let side = f64::from(scale);
        let mut image = dot(width, height, (88.0 * side, 36.0 * side), 8.0 * side);
        if kind == "alpha" {
            image.pixels[3] = 0;
            image.pixels[..3].fill(0);
        }
        let line = timeline(
            128,
            72,
            vec![shot(
                90,
                still("a", width, height),
                named(MoveKind::Rotate, 4),
            )],
        );
        let frames = paint_all(&line, &Memory::default().with("a", &image));
        let zoom = 4.0_f64.to_radians().cos() + 4.0_f64.to_radians().sin() * 128.0 / 72.0;
        let mut most: f64 = 0.0;
        for (index, frame) in frames.iter().enumerate() {
            let angle = (4.0 * index as f64 / 89.0).to_radians();
            let (x, y) = centroid(frame);
            let away = 24.0 * zoom;
            let (dx, dy) = (x - 64.0 - away * angle.cos(), y - 36.0 - away * angle.sin());
            most = most.max((dx * dx + dy * dy).sqrt());
        }
        assert!(most < 0.03, "{scale} {kind}: {most}");
    }
}

#[test]
fn a_turned_picture_is_what_mathematics_says() {
    // Luma that is linear in the place comes out linear, whatever samples were mixed.
    let image = drawn(200, 120, |x, y| {
        let value = (x + y / 2) as u8 / 2 * 2;
        [value, value, value, 255]
    });
    let mut one = shot(3, still("a", 200, 120), named(MoveKind::Rotate, 30));
    one.camera.ease = Ease::Linear;
    let line = timeline(100, 60, vec![one]);
    let memory = Memory::default().with("a", &image);
    for at in 1..3 {
        let frame = paint(&line, at, &memory);
        let window = window(&line, at);
        assert!(window.leans());
        let place = |column: f64, row: f64| {
            let (u, v) = ((column + 0.5) / 100.0, (row + 0.5) / 60.0);
            let x = window.left as f64 + u * window.width as f64 + v * window.lean[0] as f64;
            let y = window.top as f64 + v * window.height as f64 + u * window.lean[1] as f64;
            (x / ONE as f64, y / ONE as f64)
        };
        for (index, &luma) in frame.planes()[0].iter().enumerate() {
            let (x, y) = place((index % 100) as f64, (index / 100) as f64);
            let expected = 16.0 + (x - 0.5 + (y - 0.5) / 2.0 - 0.75) * 219.0 / 255.0;
            assert!(
                (f64::from(luma) - expected).abs() < 2.0,
                "{x} {y}: {luma} {expected}"
            );
        }
    }
}

#[test]
fn a_turned_picture_that_is_contained_lies_on_black() {
    let mut one = shot(2, still("a", 60, 60), named(MoveKind::Rotate, 30));
    one.fit = Fit::Contain;
    let line = timeline(128, 60, vec![one]);
    let frame = paint(
        &line,
        1,
        &Memory::default().with("a", &plain(60, 60, WHITE)),
    );
    let luma = frame.planes()[0];
    let at = |x: usize, y: usize| luma[y * 128 + x];
    assert_eq!([at(2, 2), at(126, 30), at(36, 3)], [16; 3]);
    assert_eq!(at(64, 30), 235);
    assert!(
        luma.iter().any(|&value| (40..200).contains(&value)),
        "no soft edge"
    );
    let white: f64 = luma
        .iter()
        .map(|&value| (f64::from(value) - 16.0) / 219.0)
        .sum();
    // What of the square is above and below the frame is cut off: two corners of 30 degrees.
    assert!((3200.0..3600.0).contains(&white), "{white}");
}

fn pass(kind: PassKind) -> Entry {
    Entry::Pass(Pass {
        length: Frames(8),
        kind,
        ease: Ease::Linear,
    })
}

const PASSES: [PassKind; 9] = [
    PassKind::Wipe(Direction::Right, Percent::new(0)),
    PassKind::Wipe(Direction::Up, Percent::new(50)),
    PassKind::Push(Direction::Left),
    PassKind::Push(Direction::Down),
    PassKind::Slide(Direction::Right),
    PassKind::Iris(Percent::new(5)),
    PassKind::ZoomThrough,
    PassKind::Whip(Direction::Left),
    PassKind::Whip(Direction::Up),
];

fn entering(entry: Entry) -> (Timeline, Memory) {
    two_shots((32, 16), 20, entry)
}

#[test]
fn transitions_go_from_all_of_one_to_all_of_the_other() {
    for kind in PASSES {
        let (line, memory) = entering(pass(kind));
        let frames = paint_all(&line, &memory);
        assert_eq!(
            colour(&frames[5])[0],
            235,
            "{kind:?}: the first frame is the old shot's"
        );
        assert_eq!(colour(&frames[13])[0], 63, "{kind:?}");
        let light = |frame: &Yuv| {
            frame.planes()[0]
                .iter()
                .map(|&luma| u32::from(luma))
                .sum::<u32>()
        };
        let lights: Vec<u32> = frames[5..14].iter().map(light).collect();
        assert!(
            lights.windows(2).all(|pair| pair[0] >= pair[1]),
            "{kind:?}: {lights:?}"
        );
        assert!(
            lights[0] > lights[5] && lights[5] > lights[8],
            "{kind:?}: {lights:?}"
        );
    }
}

#[test]
fn frames_outside_of_a_transition_are_as_with_a_cut() {
    let (cut, memory) = entering(Entry::Cut);
    for kind in PASSES {
        let (line, _) = entering(pass(kind));
        for frame in (0..5).chain(13..25) {
            let [one, other] = [&line, &cut].map(|line| resolve(line, Frames(frame)));
            assert_eq!(one.digest(), other.digest(), "{kind:?} {frame}");
        }
        // A painter that has just painted the transition paints what a new one does.
        let frames = paint_all(&line, &memory);
        for frame in 0..25 {
            assert!(
                frames[frame as usize] == paint(&line, frame, &memory),
                "{kind:?} {frame}"
            );
        }
    }
}

#[test]
fn pictures_meet_at_an_exact_edge() {
    for (kind, ends) in [
        (PassKind::Push(Direction::Left), [235, 63]),
        (PassKind::Slide(Direction::Right), [63, 235]),
        (PassKind::Wipe(Direction::Left, Percent::new(0)), [235, 63]),
    ] {
        let (line, memory) = entering(pass(kind));
        for row in paint(&line, 9, &memory).planes()[0].chunks(32) {
            assert_eq!(row[..16], [ends[0]; 16], "{kind:?}");
            assert_eq!(row[16..], [ends[1]; 16], "{kind:?}");
        }
    }
    let (line, memory) = entering(pass(PassKind::Push(Direction::Up)));
    let frame = paint(&line, 9, &memory);
    assert!(frame.planes()[0][..32 * 8].iter().all(|&luma| luma == 235));
    assert!(frame.planes()[0][32 * 8..].iter().all(|&luma| luma == 63));
}

#[test]
fn pushed_pictures_move_by_parts_of_pixels() {
    // A dot of the old shot goes left evenly.
    let mut second = shot(200, still("b", 128, 72), hold());
    second.entry = Entry::Pass(Pass {
        length: Frames(160),
        kind: PassKind::Push(Direction::Left),
        ease: Ease::Linear,
    });
    let first = shot(2, still("a", 128, 72), hold());
    let line = timeline(128, 72, vec![first, second]);
    let memory = Memory::default()
        .with("a", &dot(128, 72, (80.0, 36.0), 8.0))
        .with("b", &plain(128, 72, [0, 0, 0, 255]));
    for index in 0..60 {
        let (x, _) = centroid(&paint(&line, 2 + index, &memory));
        let expected = 80.0 - 128.0 * index as f64 / 160.0;
        assert!((x - expected).abs() < 0.02, "{index}: {x} {expected}");
    }
}

#[test]
fn an_iris_opens_at_the_focus() {
    let (mut line, memory) = entering(pass(PassKind::Iris(Percent::new(0))));
    line.shots[1].focus = Some(focus(25, 50));
    let frame = paint(&line, 7, &memory);
    let at = |x: usize| frame.planes()[0][8 * 32 + x];
    assert_eq!((at(7), at(8), at(28)), (63, 63, 235));
}

#[test]
fn a_whip_smears_along_its_way() {
    let stripes = drawn(64, 32, |x, _| {
        if x / 4 % 2 == 0 {
            WHITE
        } else {
            [0, 0, 0, 255]
        }
    });
    let spread = |direction| {
        let mut second = shot(20, still("a", 64, 32), hold());
        second.entry = pass(PassKind::Whip(direction));
        let line = timeline(64, 32, vec![shot(5, still("a", 64, 32), hold()), second]);
        let frame = paint(&line, 9, &Memory::default().with("a", &stripes));
        let row = &frame.planes()[0][16 * 64 + 12..16 * 64 + 52];
        row.iter().max().unwrap() - row.iter().min().unwrap()
    };
    assert!(spread(Direction::Up) > 200 && spread(Direction::Left) < 120);
}

/// A picture of 40x40 in a frame of 80x40.
fn fitted(fit: Fit) -> Yuv {
    let image = drawn(40, 40, |x, y| [(x * 6) as u8, (y * 6) as u8, 120, 255]);
    let mut one = shot(1, still("a", 40, 40), hold());
    one.fit = fit;
    paint(
        &timeline(80, 40, vec![one]),
        0,
        &Memory::default().with("a", &image),
    )
}

#[test]
fn a_blurred_backdrop_fills_what_was_black() {
    let (black, blurred) = (fitted(Fit::Contain), fitted(Fit::Blur));
    for (index, (&one, &other)) in black.planes()[0]
        .iter()
        .zip(blurred.planes()[0])
        .enumerate()
    {
        if (20..60).contains(&(index % 80)) {
            assert_eq!(one, other, "{index}");
        } else {
            assert!(one == 16 && other > 20, "{index}: {other}");
        }
    }
}

#[test]
fn a_backdrop_follows_its_clip() {
    let mut one = shot(40, clip("c", 40, ClipEnd::Hold), hold());
    one.fit = Fit::Blur;
    let line = timeline(64, 64, vec![one]);
    let edge = |frame: u64| paint(&line, frame, &Memory::default()).planes()[0][0];
    assert!(edge(39) > edge(10) && edge(10) > edge(0));
}

#[test]
fn a_filled_frame_is_stretched() {
    let frame = fitted(Fit::Fill);
    let rgb = to_rgb8(&frame);
    let red = |x: usize| i32::from(rgb[(20 * 80 + x) * 3]);
    assert!((red(10) - 5 * 6).abs() < 8 && (red(70) - 35 * 6).abs() < 8);
}

#[test]
fn a_crop_leaves_nothing_of_the_edges() {
    let image = drawn(64, 64, |x, _| if x < 32 { WHITE } else { [0, 0, 0, 255] });
    let mut one = shot(1, still("a", 64, 64), hold());
    one.crop = Crop {
        left: Percent::new(50),
        ..Crop::default()
    };
    let line = timeline(16, 16, vec![one]);
    let frame = paint(&line, 0, &Memory::default().with("a", &image));
    assert!(
        frame.planes()[0]
            .chunks(16)
            .all(|row| row[1..].iter().all(|&luma| luma < 20))
    );
}

/// What a channel below and one over it give, both 0 to 1, by the formulas of W3C's "Compositing and
/// Blending" and, for soft light, of Pegtop.
fn formula(blend: Blend, below: f64, over: f64) -> f64 {
    let hard = |light: bool| {
        if light {
            1.0 - 2.0 * (1.0 - below) * (1.0 - over)
        } else {
            2.0 * below * over
        }
    };
    match blend {
        Blend::Normal => over,
        Blend::Multiply => below * over,
        Blend::Screen => below + over - below * over,
        Blend::Overlay => hard(below > 0.5),
        Blend::Add => (below + over).min(1.0),
        Blend::SoftLight => (1.0 - 2.0 * over) * below * below + 2.0 * over * below,
        Blend::HardLight => hard(over > 0.5),
        Blend::Darken => below.min(over),
        Blend::Lighten => below.max(over),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn colours_blend_as_their_formulas_say(
        blend in prop::sample::select(&Blend::ALL[..]), below in any::<[u8; 3]>(), over in any::<[u8; 3]>(),
        alpha in prop_oneof![Just(255), 0u8..=255], opacity in prop_oneof![Just(100), 0i32..=100],
    ) {
        let mut line = timeline(16, 8, vec![shot(1, still("a", 16, 8), hold())]);
        let mut above = overlay("o", (0, 0), (16, 8), 1);
        above.blend = blend;
        above.opacity = Percent::new(opacity);
        line.overlays = vec![above];
        let laid = over.map(|channel| (u32::from(channel) * u32::from(alpha) / 255) as u8);
        let memory = Memory::default()
            .with("a", &plain(16, 8, [below[0], below[1], below[2], 255]))
            .with("o", &plain(16, 8, [laid[0], laid[1], laid[2], alpha]));
        let frame = paint(&line, 0, &memory);
        // In the middle: at its edges a plate's colour goes over into what is beside it.
        let rgb = &to_rgb8(&frame)[3 * (4 * 16 + 8)..][..3];
        let share = f64::from(alpha) / 255.0 * f64::from(opacity) / 100.0;
        for channel in 0..3 {
            let [below, over] = [below, over].map(|colour| f64::from(colour[channel]) / 255.0);
            let expected = 255.0 * match blend {
                // The sum of what is there of both: W3C's "plus-lighter".
                Blend::Add => (below + share * over).min(1.0),
                _ => below + share * (formula(blend, below, over) - below),
            };
            let found = f64::from(rgb[channel]);
            // Luma and chroma of eight bits are only so exact, and premultiplied ones less.
            prop_assert!((found - expected).abs() <= 10.0, "{blend:?} {channel}: {found} {expected}");
        }
    }
}

#[test]
fn a_blend_touches_only_what_it_covers() {
    let base = drawn(32, 16, |x, y| [(x * 7) as u8, (y * 15) as u8, 90, 255]);
    let mut line = timeline(32, 16, vec![shot(1, still("a", 32, 16), hold())]);
    let memory = Memory::default()
        .with("a", &base)
        .with("o", &plain(8, 8, [200, 60, 90, 255]));
    let bare = paint(&line, 0, &memory);
    line.overlays = vec![overlay("o", (6, 4), (8, 8), 1)];
    for blend in Blend::ALL {
        line.overlays[0].blend = blend;
        let frame = paint(&line, 0, &memory);
        for (index, (one, other)) in bare.planes()[0].iter().zip(frame.planes()[0]).enumerate() {
            let inside = (6..14).contains(&(index % 32)) && (4..12).contains(&(index / 32));
            assert!(inside || one == other, "{blend:?} {index}");
        }
        assert_eq!(
            blend.is_normal(),
            frame == {
                line.overlays[0].blend = Blend::Normal;
                paint(&line, 0, &memory)
            }
        );
    }
}

#[test]
fn everything_new_changes_the_digest() {
    let base = || shot(20, still("a", 64, 36), hold());
    let digest = |change: &dyn Fn(&mut PlacedShot)| {
        let mut second = base();
        change(&mut second);
        resolve(&timeline(36, 36, vec![base(), second]), Frames(24)).digest()
    };
    let mut digests = vec![digest(&|_| {})];
    for kind in KINDS {
        digests.push(digest(&|shot| shot.camera = named(kind, 9)));
    }
    for kind in PASSES {
        digests.push(digest(&|shot| shot.entry = pass(kind)));
    }
    for fit in [Fit::Contain, Fit::Blur, Fit::Fill] {
        digests.push(digest(&|shot| shot.fit = fit));
    }
    digests.push(digest(&|shot| shot.focus = Some(focus(20, 20))));
    digests.push(digest(&|shot| shot.crop.top = Percent::new(3)));
    let count = digests.len();
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), count);
}
