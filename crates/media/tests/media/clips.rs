use std::ffi::OsStr;
use std::path::Path;

use workprint_model::{Frames, Percent, Samples, Size};

use crate::fixtures::{frames, make, media, spec};

/// The mean of a part of a frame's luma.
fn luma(
    frame: &[u8],
    size: (u32, u32),
    x: std::ops::Range<usize>,
    y: std::ops::Range<usize>,
) -> f64 {
    let width = size.0 as usize;
    let count = (x.len() * y.len()) as f64;
    let sum: u64 = y
        .flat_map(|row| frame[row * width + x.start..row * width + x.end].iter())
        .map(|pixel| u64::from(*pixel))
        .sum();
    sum as f64 / count
}

/// A clip whose frame `n` is grey of level `20 + 2 n`, to tell frames apart.
fn ramp(container: &str, rate: &str, count: u32) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(format!("ramp.{container}"));
    // AVI keeps no times: frames out of order would come late.
    let later = if container == "avi" { 0 } else { 2 };
    let source = format!(
        "-f lavfi -i color=black:s=64x48:r={rate} -vf geq=lum=20+2*N:cb=128:cr=128,format=yuv420p -frames:v {count} -c:v libx264 -crf 4 -g 12 -bf {later} -colorspace bt709 -color_range tv"
    );
    make(&source, &path);
    (dir, path)
}

fn numbers(frames: &[Vec<u8>]) -> Vec<u64> {
    frames
        .iter()
        .map(|frame| ((luma(frame, (64, 48), 0..64, 0..48) - 20.0) / 2.0).round() as u64)
        .collect()
}

#[test]
fn a_clip_at_its_own_rate_gives_every_frame_once() {
    for (container, rate) in [
        ("mp4", "30"),
        ("mkv", "30000/1001"),
        ("avi", "25"),
        ("mkv", "60"),
        ("ts", "24"),
        ("mov", "24000/1001"),
    ] {
        let (_dir, path) = ramp(container, rate, 50);
        let found = numbers(&frames(&media(), &spec(&path, rate, (64, 48))));
        assert_eq!(found, (0..50).collect::<Vec<u64>>(), "{container} {rate}");
        let video = media().probe(&path).unwrap().video.unwrap();
        let said = video.frames_at(rate.parse().unwrap(), Samples(0), Percent::WHOLE);
        assert_eq!(said, Frames(50), "{container} {rate}");
    }
}

#[test]
fn rates_speeds_and_starts_choose_the_frame_a_player_shows() {
    let (_dir, path) = ramp("mp4", "30", 60);
    let media = media();
    let at = |rate: &str, speed: i32, start: u64| {
        let mut spec = spec(&path, rate, (64, 48));
        spec.speed = Percent::new(speed);
        spec.start = Samples(start);
        numbers(&frames(&media, &spec))
    };
    assert_eq!(at("15", 100, 0), (0..60).step_by(2).collect::<Vec<u64>>());
    assert_eq!(
        at("60", 100, 0),
        (0..120).map(|n| n / 2).collect::<Vec<u64>>()
    );
    assert_eq!(at("30", 200, 0), (0..60).step_by(2).collect::<Vec<u64>>());
    assert_eq!(
        at("30", 50, 0),
        (0..120).map(|n| n / 2).collect::<Vec<u64>>()
    );
    assert_eq!(at("30", 100, 16_000), (10..60).collect::<Vec<u64>>());
    assert_eq!(
        at("24", 100, 0),
        (0..48).map(|n| n * 30 / 24).collect::<Vec<u64>>()
    );
    assert_eq!(at("30", 100, 96_000), Vec::<u64>::new());
    let video = media.probe(&path).unwrap().video.unwrap();
    for (rate, speed, start) in [
        ("15", 100, 0),
        ("60", 100, 0),
        ("30", 50, 0),
        ("24", 100, 0),
        ("30", 100, 16_000),
    ] {
        let said = video.frames_at(rate.parse().unwrap(), Samples(start), Percent::new(speed));
        assert_eq!(
            said.0,
            at(rate, speed, start).len() as u64,
            "{rate} {speed} {start}"
        );
    }
}

#[test]
fn a_frame_is_the_same_whatever_was_skipped() {
    let dir = tempfile::tempdir().unwrap();
    let media = media();
    for (name, codec) in [
        ("long.mp4", "libx264 -bf 3"),
        ("long.mkv", "libx264 -x264-params open-gop=1"),
        ("long.ts", "libx264"),
    ] {
        let path = dir.path().join(name);
        make(
            &format!("-f lavfi -i testsrc2=s=64x48:r=24:d=45 -pix_fmt yuv420p -g 100 -c:v {codec}"),
            &path,
        );
        let mut whole = spec(&path, "30", (64, 48));
        whole.start = Samples(1234);
        let all = frames(&media, &whole);
        for skip in [1, 599, 700, 1001, 1349] {
            let mut later = whole.clone();
            later.skip = Frames(skip);
            let found = frames(&media, &later);
            assert_eq!(found.len(), all.len() - skip as usize, "{name} {skip}");
            assert!(found == all[skip as usize..], "{name} {skip}");
        }
    }
}

#[test]
fn uneven_frame_times_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vfr.mkv");
    // Frames at 0, 0.1, 0.2, then one held until 1.0, then 1.1.
    make(
        "-f lavfi -i color=black:s=64x48:r=10 -vf geq=lum=20+2*N:cb=128:cr=128,select='lt(n\\,3)+gte(n\\,10)',format=yuv420p -frames:v 5 -fps_mode passthrough -c:v libx264 -crf 4 -colorspace bt709",
        &path,
    );
    let found = numbers(&frames(&media(), &spec(&path, "10", (64, 48))));
    assert_eq!(found[..12], [0, 1, 2, 2, 2, 2, 2, 2, 2, 2, 10, 11]);
}

#[test]
fn a_turned_picture_is_turned_back() {
    let dir = tempfile::tempdir().unwrap();
    let (flat, turned) = (dir.path().join("flat.mp4"), dir.path().join("turned.mp4"));
    // White on the left half.
    make(
        "-f lavfi -i color=black:s=96x64:r=25:d=0.4 -vf drawbox=0:0:48:64:white:fill,format=yuv420p -c:v libx264 -colorspace bt709",
        &flat,
    );
    make(
        &format!("-i {} -c copy -metadata:s:v rotate=90", flat.display()),
        &turned,
    );
    let media = media();
    let video = media.probe(&turned).unwrap().video.unwrap();
    assert_eq!(
        (video.shown, video.coded),
        (
            Size {
                width: 64,
                height: 96
            },
            Size {
                width: 96,
                height: 64
            }
        )
    );
    let frame = &frames(&media, &spec(&turned, "25", (64, 96)))[0];
    let (top, bottom) = (
        luma(frame, (64, 96), 8..56, 4..40),
        luma(frame, (64, 96), 8..56, 56..92),
    );
    assert!(
        (top - bottom).abs() > 200.0,
        "the halves lie above each other: {top} {bottom}"
    );
}

#[test]
fn oblong_pixels_make_the_picture_wider() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sar.mkv");
    make(
        "-f lavfi -i testsrc2=s=72x58:r=25:d=0.2 -vf setsar=16/11 -pix_fmt yuv420p -c:v libx264",
        &path,
    );
    let video = media().probe(&path).unwrap().video.unwrap();
    assert_eq!(
        video.shown,
        Size {
            width: 105,
            height: 58
        }
    );
}

/// One colour in files of every kind: name, size, matrix and range it is stored in, and its tags.
const COLOURED: [(&str, (u32, u32), &str, &str); 8] = [
    (
        "709.mkv",
        (1280, 720),
        "bt709:out_range=tv",
        "-colorspace bt709 -color_range tv",
    ),
    ("709-untagged.mkv", (1280, 720), "bt709:out_range=tv", ""),
    (
        "601.mkv",
        (320, 240),
        "bt601:out_range=tv",
        "-colorspace smpte170m -color_range tv",
    ),
    ("601-untagged.mkv", (320, 240), "bt601:out_range=tv", ""),
    (
        "601-hd-full.mkv",
        (1280, 720),
        "bt601:out_range=pc",
        "-colorspace bt470bg -color_range pc",
    ),
    (
        "709-small-full.mkv",
        (320, 240),
        "bt709:out_range=pc",
        "-colorspace bt709 -color_range pc",
    ),
    ("rgb.png", (320, 240), "", ""),
    ("photo.jpg", (1280, 720), "bt601:out_range=pc", "-q:v 1"),
];

fn coloured(path: &Path, size: (u32, u32), stored: &str, tags: &str) {
    let filter = match path.extension().and_then(OsStr::to_str) {
        Some("png") => "format=rgb24 -frames:v 1".to_owned(),
        Some("jpg") => {
            format!("scale=out_color_matrix={stored},format=yuvj420p -frames:v 1 {tags}")
        }
        _ => format!("scale=out_color_matrix={stored},format=yuv420p -frames:v 1 -c:v ffv1 {tags}"),
    };
    let colour = format!("color=0xC82828:s={}x{}:r=25,format=rgb24", size.0, size.1);
    make(format!("-f lavfi -i {colour} -vf {filter}").trim(), path);
}

#[test]
fn colours_become_bt709_in_limited_range() {
    let dir = tempfile::tempdir().unwrap();
    // (200, 40, 40) by the formulas of BT.709.
    let expected = [80i32, 112, 198];
    for (name, size, stored, tags) in COLOURED {
        let path = dir.path().join(name);
        coloured(&path, size, stored, tags);
        let frame = &frames(&media(), &spec(&path, "25", size))[0];
        let luma = (size.0 * size.1) as usize;
        let found = [luma / 2, luma + luma / 8, luma * 5 / 4 + luma / 8].map(|at| frame[at]);
        let near = found
            .iter()
            .zip(expected)
            .all(|(found, expected)| (i32::from(*found) - expected).abs() <= 2);
        assert!(near, "{name}: {found:?}");
    }
}

#[test]
fn opacity_is_a_fourth_plane() {
    let dir = tempfile::tempdir().unwrap();
    for (name, codec) in [
        ("a.mov", "-c:v qtrle"),
        ("a.webm", "-c:v libvpx-vp9 -pix_fmt yuva420p -b:v 1M"),
        ("a.png", "-frames:v 1"),
    ] {
        let path = dir.path().join(name);
        make(
            &format!("-f lavfi -i color=red@0.5:s=64x48:r=25:d=0.2,format=rgba {codec}"),
            &path,
        );
        assert!(media().probe(&path).unwrap().video.unwrap().alpha, "{name}");
        let mut spec = spec(&path, "25", (64, 48));
        spec.alpha = true;
        let frame = &frames(&media(), &spec)[0];
        assert_eq!(frame.len(), 64 * 48 * 5 / 2);
        assert!(
            frame[64 * 48 * 3 / 2..]
                .iter()
                .all(|alpha| (125..=131).contains(alpha)),
            "{name}"
        );
    }
}

#[test]
fn a_still_is_one_frame() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("%03d.png");
    std::fs::write(dir.path().join("001.png"), b"not this one").unwrap();
    let plain = dir.path().join("plain.png");
    make("-f lavfi -i testsrc2=s=64x48:r=25 -frames:v 1", &plain);
    std::fs::rename(plain, &path).unwrap();
    let video = media().probe(&path).unwrap().video.unwrap();
    assert!(video.is_still);
    assert_eq!(frames(&media(), &spec(&path, "30", (64, 48))).len(), 1);
}

#[test]
fn a_picture_that_changes_its_size_stays_in_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("both.ts");
    let mut both = Vec::new();
    for (size, second) in [("64x48", 0), ("128x96", 1)] {
        let part = dir.path().join("part.ts");
        make(
            &format!(
                "-f lavfi -i testsrc2=s={size}:r=25:d=1 -c:v libx264 -bf 0 -pix_fmt yuv420p -output_ts_offset {second}"
            ),
            &part,
        );
        both.extend(std::fs::read(part).unwrap());
    }
    std::fs::write(&path, both).unwrap();
    let found = frames(&media(), &spec(&path, "25", (64, 48)));
    assert!((49..=51).contains(&found.len()), "{}", found.len());
}
