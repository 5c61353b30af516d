//! Frames on small canvases, exact to the byte.

mod scene;

use proptest::prelude::*;
use scene::{
    Memory, RED, WHITE, camera, caption, clip, colour, drawn, framing, hold, layers, overlay,
    paint, paint_all, plain, shot, still, timeline, two_shots,
};
use workprint_model::episode::{ClipEnd, Colour, Fit, Framing, Move};
use workprint_model::timeline::Entry;
use workprint_model::{Frames, Size};
use workprint_picture::resolve::{Base, ONE};
use workprint_picture::{PictureError, Yuv, paint_frame, resolve, to_rgb8};

/// A frame of one still.
fn one(image: [u8; 4]) -> Yuv {
    let line = timeline(16, 8, vec![shot(1, still("a", 16, 8), hold())]);
    paint(&line, 0, &Memory::default().with("a", &plain(16, 8, image)))
}

#[test]
fn colours_are_bt709_limited() {
    // ITU-R BT.709 colour bars at 100 %.
    let bars = [
        ([255, 255, 255], [235, 128, 128]),
        ([255, 255, 0], [219, 16, 138]),
        ([0, 255, 255], [188, 154, 16]),
        ([0, 255, 0], [173, 42, 26]),
        ([255, 0, 255], [78, 214, 230]),
        ([255, 0, 0], [63, 102, 240]),
        ([0, 0, 255], [32, 240, 118]),
        ([0, 0, 0], [16, 128, 128]),
    ];
    for ([r, g, b], yuv) in bars {
        assert_eq!(colour(&one([r, g, b, 255])), yuv, "{r} {g} {b}");
    }
}

#[test]
fn greys_have_no_colour_and_come_back() {
    for grey in 0..=255 {
        let frame = one([grey, grey, grey, 255]);
        assert_eq!(colour(&frame)[1..], [128, 128], "{grey}");
        let back = to_rgb8(&frame);
        assert!(
            back.iter().all(|&value| value.abs_diff(grey) <= 1),
            "{grey} {:?}",
            &back[..3]
        );
    }
}

#[test]
fn alpha_blends_with_what_is_below() {
    let line = timeline(
        16,
        8,
        vec![shot(1, layers(&[("a", 50), ("b", 50)], (16, 8), 0), hold())],
    );
    let half_white = [128, 128, 128, 128];
    let memory = |below| {
        Memory::default()
            .with("a", &plain(16, 8, below))
            .with("b", &plain(16, 8, half_white))
    };
    // 16 + 219 · 128 / 255 = 125.9
    assert_eq!(
        colour(&paint(&line, 0, &memory([0, 0, 0, 255]))),
        [126, 128, 128]
    );
    // Half way from 63, 102, 240.
    assert_eq!(colour(&paint(&line, 0, &memory(RED))), [149, 115, 184]);
}

#[test]
fn the_lowest_layer_lies_on_black() {
    assert_eq!(colour(&one([0; 4])), [16, 128, 128]);
    assert_eq!(colour(&one([128, 128, 128, 128])), [126, 128, 128]);
}

#[test]
fn a_picture_of_the_frames_size_is_untouched() {
    let image = drawn(32, 16, |x, y| {
        [(x * 8) as u8, (y * 16) as u8, (x ^ y) as u8, 255]
    });
    let line = timeline(32, 16, vec![shot(1, still("a", 32, 16), hold())]);
    let frame = paint(&line, 0, &Memory::default().with("a", &image));
    for (index, pixel) in image.pixels.chunks(4).enumerate() {
        let exact = 16.0
            + 219.0 / 255.0
                * (0.2126 * f64::from(pixel[0])
                    + 0.7152 * f64::from(pixel[1])
                    + 0.0722 * f64::from(pixel[2]));
        assert_eq!(frame.planes()[0][index], exact.round() as u8);
    }
}

#[test]
fn chroma_lies_over_the_left_pixel() {
    // Colour that grows evenly from left to right tells where each chroma sample was taken.
    let image = drawn(64, 16, |x, _| [(4 * x) as u8, 0, 0, 255]);
    let line = timeline(64, 16, vec![shot(1, still("a", 64, 16), hold())]);
    let frame = paint(&line, 0, &Memory::default().with("a", &image));
    for k in 4..28 {
        let exact = 128.0 + 0.4392 * f64::from(4 * (2 * k as u32));
        let found = f64::from(frame.planes()[2][32 * 3 + k]);
        assert!((found - exact).abs() <= 1.0, "{k}: {found} {exact}");
    }
}

#[test]
fn a_dissolve_goes_from_one_to_the_other() {
    let (line, memory) = two_shots((16, 8), 10, Entry::Dissolve(Frames(4)));
    let colours: Vec<_> = paint_all(&line, &memory).iter().map(colour).collect();
    let (white, red) = ([235, 128, 128], [63, 102, 240]);
    assert_eq!(colours[4..6], [white, white]);
    assert_eq!(colours[6], [192, 122, 156]);
    assert_eq!(colours[7], [149, 115, 184]);
    assert_eq!(colours[8], [106, 109, 212]);
    assert_eq!(colours[9..], [red; 6]);
}

#[test]
fn a_dip_passes_through_its_colour() {
    let (line, memory) = two_shots((16, 8), 10, Entry::Dip(Frames(4), Colour::new(0, 0, 255)));
    let colours: Vec<_> = paint_all(&line, &memory).iter().map(colour).collect();
    assert_eq!(colours[5], [235, 128, 128]);
    assert_eq!(colours[6], [134, 184, 123]);
    assert_eq!(colours[7], [32, 240, 118]);
    assert_eq!(colours[8], [48, 171, 179]);
    assert_eq!(colours[9], [63, 102, 240]);
}

#[test]
fn the_first_shot_comes_out_of_black() {
    let mut first = shot(8, still("a", 16, 8), hold());
    first.entry = Entry::Dissolve(Frames(4));
    let line = timeline(16, 8, vec![first]);
    let memory = Memory::default().with("a", &plain(16, 8, WHITE));
    let lumas: Vec<_> = paint_all(&line, &memory)
        .iter()
        .map(|frame| colour(frame)[0])
        .collect();
    assert_eq!(lumas[..5], [16, 71, 126, 180, 235]);
}

#[test]
fn the_shot_before_goes_on_while_the_next_enters() {
    let mut second = shot(10, still("b", 64, 36), hold());
    second.entry = Entry::Dissolve(Frames(3));
    let first = shot(5, clip("c", 100, ClipEnd::Hold), hold());
    let line = timeline(64, 36, vec![first, second]);
    let memory = Memory::default().with("b", &plain(64, 36, [0, 0, 0, 255]));
    let lumas: Vec<_> = paint_all(&line, &memory)
        .iter()
        .map(|frame| colour(frame)[0])
        .collect();
    assert_eq!(lumas[..6], [16, 17, 18, 19, 20, 21]);
    assert_eq!(lumas[6], 20, "two thirds of 22 over 16");
}

#[test]
fn clips_hold_or_begin_again() {
    for (then, expected) in [
        (ClipEnd::Hold, [16, 17, 18, 18, 18]),
        (ClipEnd::Loop, [16, 17, 18, 16, 17]),
    ] {
        let line = timeline(64, 36, vec![shot(5, clip("c", 3, then), hold())]);
        let lumas: Vec<_> = paint_all(&line, &Memory::default())
            .iter()
            .map(|frame| colour(frame)[0])
            .collect();
        assert_eq!(lumas, expected);
    }
}

#[test]
fn contained_pictures_lie_between_black_bars() {
    let mut square = shot(1, still("a", 8, 8), hold());
    square.fit = Fit::Contain;
    let line = timeline(32, 16, vec![square]);
    let frame = paint(&line, 0, &Memory::default().with("a", &plain(8, 8, WHITE)));
    for row in frame.planes()[0].chunks(32) {
        let expected: Vec<u8> = (0..32)
            .map(|x| if (8..24).contains(&x) { 235 } else { 16 })
            .collect();
        assert_eq!(row, expected);
    }
}

#[test]
fn overlays_lie_where_they_are_placed() {
    let mut line = timeline(16, 8, vec![shot(9, still("a", 16, 8), hold())]);
    let memory = Memory::default()
        .with("a", &plain(16, 8, [0, 0, 0, 255]))
        .with("o", &plain(5, 3, WHITE));
    for (x, y) in [(0, 0), (3, 2), (-2, -1), (14, 6), (40, 40), (-9, 2)] {
        line.overlays = vec![overlay("o", (x, y), (5, 3), 9)];
        let frame = paint(&line, 0, &memory);
        for (index, &luma) in frame.planes()[0].iter().enumerate() {
            let (column, row) = (index as i32 % 16, index as i32 / 16);
            let inside = (x..x + 5).contains(&column) && (y..y + 3).contains(&row);
            assert_eq!(
                luma,
                if inside { 235 } else { 16 },
                "{x} {y}: {column} {row}"
            );
        }
    }
}

#[test]
fn overlays_fade_in_and_out() {
    let mut line = timeline(16, 8, vec![shot(8, still("a", 16, 8), hold())]);
    line.overlays = vec![overlay("o", (0, 0), (16, 8), 8)];
    line.overlays[0].fade = Frames(3);
    let memory = Memory::default()
        .with("a", &plain(16, 8, [0, 0, 0, 255]))
        .with("o", &plain(16, 8, WHITE));
    let lumas: Vec<_> = paint_all(&line, &memory)
        .iter()
        .map(|frame| colour(frame)[0])
        .collect();
    assert_eq!(lumas, [71, 126, 180, 235, 235, 180, 126, 71]);
}

#[test]
fn captions_lie_over_overlays() {
    let mut line = timeline(16, 8, vec![shot(8, still("a", 16, 8), hold())]);
    line.overlays = vec![overlay("o", (0, 0), (16, 8), 8)];
    line.captions = vec![caption("seven77", 0, 8)];
    let memory = Memory::default()
        .with("a", &plain(16, 8, WHITE))
        .with("o", &plain(16, 8, [0, 0, 0, 255]));
    let frame = paint(&line, 0, &memory);
    assert_eq!(
        frame.planes()[0]
            .iter()
            .map(|&luma| u32::from(luma == 235))
            .sum::<u32>(),
        14
    );
    line.captions[0].burn = false;
    assert_eq!(colour(&paint(&line, 0, &memory))[0], 16);
}

/// The middle of what is bright.
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

/// The largest distance of a dot's path from `expected`, in pixels, over a move on a source `scale`
/// times the frame.
fn stray(scale: u32, shot_move: Move, expected: impl Fn(f64) -> f64) -> f64 {
    let (width, height) = (128 * scale, 72 * scale);
    let soft = f64::from(8 * scale);
    let image = drawn(width, height, |x, y| {
        let (dx, dy) = (
            f64::from(x) + 0.5 - f64::from(width) * 0.75,
            f64::from(y) + 0.5 - f64::from(height) / 2.0,
        );
        let value = (255.0 * (1.0 - (dx * dx + dy * dy) / (soft * soft)).max(0.0)) as u8;
        [value, value, value, 255]
    });
    let line = timeline(
        128,
        72,
        vec![shot(90, still("a", width, height), shot_move)],
    );
    let frames = paint_all(&line, &Memory::default().with("a", &image));
    let path = frames.iter().map(|frame| centroid(frame).0).enumerate();
    let off: Vec<f64> = path
        .map(|(index, x)| x - expected(index as f64 / 89.0))
        .collect();
    let mean = off.iter().sum::<f64>() / 90.0;
    off.iter().map(|off| (off - mean).abs()).fold(0.0, f64::max)
}

#[test]
fn slow_zooms_are_smooth() {
    for scale in [1, 2, 3] {
        let zoom = camera(framing(100, 50, 50), framing(106, 50, 50));
        let off = stray(scale, zoom, |time| 64.0 + 32.0 * (1.0 + 0.06 * time));
        assert!(off < 0.02, "{scale}: {off}");
    }
}

#[test]
fn slow_pans_are_smooth() {
    for scale in [1, 2, 3] {
        let pan = camera(framing(125, 40, 50), framing(125, 50, 50));
        // The window is 102.4 pixels wide and its left edge goes from 10.24 to 12.8.
        let off = stray(scale, pan, |time| (96.0 - 10.24 - 2.56 * time) * 1.25);
        assert!(off < 0.02, "{scale}: {off}");
    }
}

#[test]
fn framings_show_the_edges_they_name() {
    // White left of a quarter, and black.
    let image = drawn(64, 32, |x, _| if x < 16 { WHITE } else { [0, 0, 0, 255] });
    let memory = Memory::default().with("a", &image);
    let frame = |at: Framing| {
        paint(
            &timeline(64, 32, vec![shot(1, still("a", 64, 32), camera(at, at))]),
            0,
            &memory,
        )
    };
    let white = |frame: &Yuv| {
        frame.planes()[0][..64]
            .iter()
            .filter(|&&luma| luma > 125)
            .count()
    };
    assert_eq!(white(&frame(framing(100, 50, 50))), 16);
    assert_eq!(white(&frame(framing(200, 0, 50))), 32);
    assert_eq!(white(&frame(framing(200, 50, 50))), 0);
    assert_eq!(white(&frame(framing(200, 100, 50))), 0);
}

#[test]
fn nearer_layers_move_more() {
    let moved = camera(framing(200, 0, 50), framing(200, 100, 50));
    let names = [("a", 0), ("a", 50), ("a", 100)];
    let line = timeline(64, 36, vec![shot(11, layers(&names, (64, 36), 40), moved)]);
    let lefts = |frame| match resolve(&line, Frames(frame)).base {
        Base::Shot(view) => view
            .layers
            .iter()
            .map(|layer| (layer.window.left - 40 * ONE, layer.window.width))
            .collect(),
        other => unreachable!("{other:?}"),
    };
    let (first, last): (Vec<_>, Vec<_>) = (lefts(0), lefts(10));
    let ways: Vec<i64> = first
        .iter()
        .zip(&last)
        .map(|(first, last)| last.0 - first.0)
        .collect();
    assert_eq!(first[1], (0, 32 * ONE), "depth 50 is the camera");
    assert_eq!(ways[1], 32 * ONE);
    // Displacements of 0.7 and 1.3 times the camera's.
    assert!(
        (ways[0] - 32 * ONE * 7 / 10).abs() <= 2 && (ways[2] - 32 * ONE * 13 / 10).abs() <= 2,
        "{ways:?}"
    );
    assert!(
        first[0].1 > first[1].1 && first[1].1 > first[2].1,
        "far layers are enlarged less"
    );
}

#[test]
fn colour_of_an_odd_overlay_lies_on_it() {
    let mut line = timeline(32, 16, vec![shot(1, still("a", 32, 16), hold())]);
    let memory = Memory::default()
        .with("a", &plain(32, 16, [0, 0, 0, 255]))
        .with("o", &plain(9, 7, RED))
        .with("p", &plain(8, 8, RED));
    line.overlays = vec![
        overlay("o", (3, 3), (9, 7), 1),
        overlay("p", (20, 4), (8, 8), 1),
    ];
    let frame = paint(&line, 0, &memory);
    let red: Vec<u8> = frame.planes()[2][16 * 3..][..16].to_vec();
    assert_eq!(red[2..=5], [240; 4]);
    assert_eq!(red[10..=13], [240; 4]);
    assert_eq!([red[0], red[8], red[15]], [128; 3]);
}

#[test]
fn colours_come_back() {
    for [r, g, b] in [
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [200, 100, 50],
        [10, 240, 130],
    ] {
        let back = to_rgb8(&one([r, g, b, 255]));
        for pixel in back.chunks(3) {
            let off = [r, g, b]
                .iter()
                .zip(pixel)
                .map(|(&was, &is): (&u8, &u8)| was.abs_diff(is))
                .max();
            assert!(off <= Some(2), "{r} {g} {b}: {pixel:?}");
        }
    }
}

#[test]
fn veils_reach_the_frames_edges() {
    // A layer with alpha that covers the frame exactly, enlarged: no border may be thinner.
    let close = camera(framing(130, 0, 0), framing(130, 0, 0));
    let line = timeline(
        32,
        18,
        vec![shot(1, layers(&[("a", 50), ("b", 50)], (20, 15), 0), close)],
    );
    let memory = Memory::default()
        .with("a", &plain(20, 15, [0, 0, 0, 255]))
        .with("b", &plain(20, 15, [128; 4]));
    assert_eq!(colour(&paint(&line, 0, &memory)), [126, 128, 128]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// The bleed is white, all beyond it would be black: nothing black may be seen.
    #[test]
    fn parallax_never_shows_what_is_beyond(
        (zoom_from, zoom_to) in (100i32..400, 100i32..400),
        (x, y) in (0i32..=100, 0i32..=100),
        depth in 0u8..=100, bleed in 0u32..20, contain in any::<bool>(),
        (width, height) in (20u32..80, 20u32..80),
    ) {
        let image = plain(width + 2 * bleed, height + 2 * bleed, WHITE);
        // Alpha makes what is beyond the edges transparent.
        let mut veiled = image.clone();
        veiled.pixels[3] = 254;
        let moved = camera(framing(zoom_from, x, y), framing(zoom_to, 100 - x, 100 - y));
        let mut only = shot(7, layers(&[("a", depth)], (width, height), bleed), moved);
        if contain {
            only.fit = Fit::Contain;
        }
        let line = timeline(48, 32, vec![only]);
        let memory = Memory::default().with("a", &veiled);
        let opaque = Memory::default().with("a", &image);
        for (frame, whole) in paint_all(&line, &memory).iter().zip(paint_all(&line, &opaque)) {
            for (index, (&luma, &expected)) in frame.planes()[0].iter().zip(whole.planes()[0]).enumerate() {
                prop_assert!(luma + 1 >= expected, "{luma} {expected} at {index}");
                prop_assert!(contain || expected == 235);
            }
        }
    }

    /// No size makes painting fail, odd ones included.
    #[test]
    fn any_size_can_be_painted(
        (width, height) in (1u32..40, 1u32..40), (own_width, own_height) in (1u32..200, 1u32..200),
        zoom in 100i32..800, see_through in any::<bool>(), (x, y) in (-50i32..50, -50i32..50),
    ) {
        let alpha = if see_through { 99 } else { 255 };
        let image = plain(own_width, own_height, [90, 90, 90, alpha]);
        let at = camera(framing(zoom, 30, 60), framing(100, 50, 50));
        let mut line = timeline(width, height, vec![shot(3, still("a", own_width, own_height), at)]);
        line.overlays = vec![overlay("a", (x, y), (own_width, own_height), 3)];
        paint_all(&line, &Memory::default().with("a", &image));
    }
}

#[test]
fn a_frame_alone_is_the_frame_of_its_chunk() {
    let image = drawn(50, 40, |x, y| {
        [(x * 5) as u8, (y * 6) as u8, (x * y) as u8, 255]
    });
    let veil = drawn(50, 40, |x, y| {
        if (x + y) % 9 < 4 {
            [60, 0, 20, 100]
        } else {
            [0; 4]
        }
    });
    let memory = Memory::default().with("a", &image).with("b", &veil);
    let mut second = shot(
        12,
        layers(&[("a", 0), ("b", 100)], (40, 30), 5),
        camera(framing(150, 0, 0), framing(100, 100, 100)),
    );
    second.entry = Entry::Dissolve(Frames(5));
    let first = shot(
        9,
        still("a", 50, 40),
        camera(framing(100, 50, 50), framing(130, 20, 70)),
    );
    let mut line = timeline(48, 32, vec![first, second]);
    line.overlays = vec![overlay("b", (3, 3), (50, 40), 20)];
    let together = paint_all(&line, &memory);
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                for (frame, expected) in together.iter().enumerate() {
                    assert!(
                        paint(&line, frame as u64, &memory) == *expected,
                        "frame {frame}"
                    );
                }
            });
        }
    });
}

#[test]
fn wrong_sizes_are_refused() {
    let line = timeline(16, 8, vec![shot(1, still("a", 20, 8), hold())]);
    let memory = Memory::default().with("a", &plain(16, 8, WHITE));
    let error = paint_frame(&line, Frames(0), &memory).unwrap_err();
    assert!(
        matches!(
            error,
            PictureError::WrongSize {
                found: Size {
                    width: 16,
                    height: 8
                },
                ..
            }
        ),
        "{error}"
    );
    let empty = timeline(0, 8, Vec::new());
    assert!(matches!(
        paint_frame(&empty, Frames(0), &memory),
        Err(PictureError::BadSize(_))
    ));
    let huge = timeline(1 << 20, 1 << 20, Vec::new());
    assert!(matches!(
        paint_frame(&huge, Frames(0), &memory),
        Err(PictureError::BadSize(_))
    ));
}
