//! Clips that are cut short, lie about themselves, or are of an unusual shape.

use std::path::Path;
use std::time::Duration;

use workprint_media::{Ends, MediaErrorKind};
use workprint_model::{Rate, Samples, Size};

use crate::fixtures::{frames, make, media, spec};

const SECOND: u64 = 48_000;

fn ends(path: &Path) -> Ends {
    let media = media();
    let (probe, ends) = media.probe_to_end(path).unwrap();
    assert_eq!(
        media.probe_within(path, Duration::from_secs(9)).unwrap(),
        probe
    );
    assert_eq!(media.ends(path, &probe).unwrap(), ends);
    ends
}

/// Four seconds at 25 frames a second, with sound where the container takes some.
fn whole(path: &Path, options: &str) {
    make(
        &format!(
            "-f lavfi -i testsrc2=s=64x48:r=25:d=4 -f lavfi -i sine=d=4:r=48000 -g 25 -pix_fmt yuv420p {options}"
        ),
        path,
    );
}

const CONTAINERS: [(&str, &str); 6] = [
    ("a.mp4", "-c:v libx264 -c:a aac -movflags +faststart"),
    ("b.mov", "-c:v libx264 -c:a pcm_s16le"),
    ("c.mkv", "-c:v libx264 -c:a flac"),
    ("d.webm", "-c:v libvpx -c:a libvorbis"),
    ("e.avi", "-c:v mpeg4 -c:a mp3"),
    ("f.ts", "-c:v libx264 -c:a aac"),
];

#[test]
fn a_whole_file_ends_where_it_says() {
    let dir = tempfile::tempdir().unwrap();
    for (name, options) in CONTAINERS {
        let path = dir.path().join(name);
        whole(&path, options);
        let found = ends(&path);
        assert_eq!(found.promised, None, "{name}: {found:?}");
        assert!(
            found.picture.0.abs_diff(4 * SECOND) <= SECOND / 8,
            "{name}: {found:?}"
        );
    }
}

/// Cut to three fifths: what is said of its end is what can be decoded.
#[test]
fn a_file_cut_short_is_found_out() {
    let dir = tempfile::tempdir().unwrap();
    for (name, options) in CONTAINERS {
        let path = dir.path().join(name);
        whole(&path, options);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() * 3 / 5]).unwrap();
        if name == "b.mov" {
            // Its index was at the end.
            let error = media().probe(&path).unwrap_err();
            assert_eq!(error.kind(), MediaErrorKind::BadMedia, "{name}");
            assert!(error.to_string().contains("cut short"), "{error}");
            continue;
        }
        let found = ends(&path);
        assert!(
            (SECOND..7 * SECOND / 2).contains(&found.picture.0),
            "{name}: {found:?}"
        );
        // A transport stream says nothing of its length: nothing is missing.
        if name == "f.ts" {
            assert_eq!(found.promised, None, "{name}");
        } else {
            let promised = found.promised.unwrap();
            assert!(
                promised.0.abs_diff(4 * SECOND) <= SECOND / 8,
                "{name}: {found:?}"
            );
        }
        let count = decoded(&path);
        let said = found.picture.0 * 25 / SECOND;
        assert!(
            count.abs_diff(said) <= 2,
            "{name}: {count} frames, {said} said"
        );
    }
}

/// How many frames come before the end or the first error.
fn decoded(path: &Path) -> u64 {
    let spec = spec(path, "25", (64, 48));
    let mut reader = media().decode_video(&spec).unwrap();
    let mut frame = vec![0; spec.frame_bytes()];
    let mut count = 0;
    while matches!(reader.next(&mut frame), Ok(true)) {
        count += 1;
    }
    count
}

/// Replaces what stands `after` bytes behind the first `mark`.
fn patch(path: &Path, mark: &[u8], after: usize, with: &[u8]) {
    let mut bytes = std::fs::read(path).unwrap();
    let at = bytes
        .windows(mark.len())
        .position(|found| found == mark)
        .unwrap();
    let at = at + mark.len() + after;
    bytes[at..at + with.len()].copy_from_slice(with);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_length_that_is_wrong_is_found_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.mkv");
    // The Duration element of Matroska, eight bytes of milliseconds.
    let say = |milliseconds: f64| {
        make(
            "-f lavfi -i testsrc2=s=64x48:r=25:d=4 -c:v libx264 -pix_fmt yuv420p",
            &path,
        );
        patch(&path, &[0x44, 0x89, 0x88], 0, &milliseconds.to_be_bytes());
    };
    say(40_000.0);
    let found = ends(&path);
    assert_eq!(found.promised, Some(Samples(40 * SECOND)));
    assert!(
        found.picture.0.abs_diff(4 * SECOND) <= SECOND / 25,
        "{found:?}"
    );
    // More than it says: all of it can be shown.
    say(500.0);
    let found = ends(&path);
    assert_eq!(found.promised, None);
    assert!(
        found.picture.0.abs_diff(4 * SECOND) <= SECOND / 25,
        "{found:?}"
    );
    assert_eq!(decoded(&path), 100);
}

#[test]
fn an_mp4_whose_heads_are_wrong_is_found_out() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.mp4");
    make(
        "-f lavfi -i testsrc2=s=64x48:r=25:d=4 -c:v libx264 -pix_fmt yuv420p",
        &path,
    );
    // Version 0: flags and two times are passed over, then come the scale and the length.
    for head in [b"mvhd", b"mdhd"] {
        patch(&path, head, 16, &0x000f_ffffu32.to_be_bytes());
    }
    let found = ends(&path);
    assert!(found.promised.is_some(), "{found:?}");
    assert!(
        found.picture.0.abs_diff(4 * SECOND) <= SECOND / 12,
        "{found:?}"
    );
}

/// Sound that goes on is no sign of a cut, and the picture ends where it ends.
#[test]
fn sound_may_be_longer_than_the_picture() {
    let dir = tempfile::tempdir().unwrap();
    for (name, codecs) in [
        ("a.mp4", "-c:v libx264 -c:a aac"),
        ("b.mkv", "-c:v libx264 -c:a flac"),
        ("c.webm", "-c:v libvpx -c:a libvorbis"),
    ] {
        let path = dir.path().join(name);
        make(
            &format!(
                "-f lavfi -i testsrc2=s=64x48:r=25:d=2 -f lavfi -i sine=d=9:r=48000 -pix_fmt yuv420p {codecs}"
            ),
            &path,
        );
        let found = ends(&path);
        assert_eq!(found.promised, None, "{name}");
        assert!(
            found.picture.0.abs_diff(2 * SECOND) <= SECOND / 12,
            "{name}: {found:?}"
        );
        assert_eq!(decoded(&path), 50, "{name}");
        assert!(media().probe(&path).unwrap().audio.is_some(), "{name}");
    }
}

/// A flat colour in a clip of this size, as it comes at another.
fn flat(path: &Path, size: &str, to: (u32, u32), codec: &str) -> Vec<u8> {
    make(
        &format!("-f lavfi -i color=gray:s={size}:r=5:d=0.6,{codec}"),
        path,
    );
    let found = frames(&media(), &spec(path, "5", to));
    assert_eq!(found.len(), 3, "{size}");
    found[0].clone()
}

#[test]
fn sizes_of_one_pixel_and_odd_ones_keep_their_colour_to_the_edge() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("odd.mkv");
    for size in ["1x1", "3x1", "1x7", "65x37", "639x3", "17x480"] {
        for format in ["yuv420p", "yuv444p"] {
            let codec = format!(
                "format=rgb24,format={format} -vf geq=lum=80:cb=112:cr=198 -c:v ffv1 -colorspace bt709 -color_range tv"
            );
            let frame = flat(&path, size, (64, 36), &codec);
            let planes = [&frame[..2304], &frame[2304..2880], &frame[2880..]];
            for (plane, expected) in planes.into_iter().zip([80u8, 112, 198]) {
                let off = plane.iter().map(|found| found.abs_diff(expected)).max();
                assert!(
                    off <= Some(2),
                    "{size} {format}: off by {off:?} from {expected}"
                );
            }
        }
    }
}

/// A white quarter at the top left turns against the clock, as the matrix in the file says.
#[test]
fn pictures_are_turned_as_their_files_say() {
    let dir = tempfile::tempdir().unwrap();
    let (flat, turned) = (dir.path().join("flat.mp4"), dir.path().join("turned.mp4"));
    make(
        "-f lavfi -i color=black:s=96x64:r=5:d=0.4 -vf drawbox=0:0:48:32:white:fill,format=yuv420p -c:v libx264 -colorspace bt709",
        &flat,
    );
    for (angle, bright) in [(0, (0, 0)), (90, (0, 1)), (180, (1, 1)), (270, (1, 0))] {
        make(
            &format!("-i {} -c copy -metadata:s:v rotate={angle}", flat.display()),
            &turned,
        );
        let shown = media().probe(&turned).unwrap().video.unwrap().shown;
        let stands = angle % 180 == 90;
        assert_eq!(shown.width < shown.height, stands, "{angle}");
        let frame = &frames(&media(), &spec(&turned, "5", (shown.width, shown.height)))[0];
        for (column, row) in [(0, 0), (1, 0), (1, 1), (0, 1)] {
            let x = (shown.width * (1 + 2 * column) / 4) as usize;
            let y = (shown.height * (1 + 2 * row) / 4) as usize;
            let luma = frame[y * shown.width as usize + x];
            let expected = if (column, row) == bright { 235 } else { 16 };
            assert!(
                luma.abs_diff(expected) < 6,
                "{angle}: {column} {row} is {luma}"
            );
        }
    }
}

/// Pixels that are wider than high: a square on the screen is a square in the film.
#[test]
fn pixels_that_are_not_square_are_made_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dv.mkv");
    // 16:9 in 720x576: each pixel is 64/45 as wide as it is high.
    make(
        "-f lavfi -i color=black:s=720x576:r=5:d=0.4 -vf drawbox=270:160:180:256:white:fill,setsar=64/45,format=yuv420p -c:v libx264",
        &path,
    );
    let shown = media().probe(&path).unwrap().video.unwrap().shown;
    assert_eq!(
        shown,
        Size {
            width: 1024,
            height: 576
        }
    );
    let frame = &frames(&media(), &spec(&path, "5", (256, 144)))[0];
    let bright = |at: &usize| frame[*at] > 125;
    let across = (0..256).map(|x| 72 * 256 + x).filter(bright).count();
    let down = (0..144).map(|y| y * 256 + 128).filter(bright).count();
    assert_eq!((across, down), (64, 64));
}

/// How much neighbouring rows differ, against rows two apart: combs are much more.
fn combs(frame: &[u8], (width, height): (usize, usize)) -> f64 {
    let off = |apart: usize| -> u64 {
        let rows = 0..height - apart;
        let pixels = rows.flat_map(|y| (0..width).map(move |x| y * width + x));
        pixels
            .map(|at| u64::from(frame[at].abs_diff(frame[at + apart * width])))
            .sum()
    };
    off(1) as f64 / off(2).max(1) as f64
}

#[test]
fn woven_fields_are_taken_apart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("woven.ts");
    // A bar that goes fast from left to right, filmed in fields of two moments each.
    make(
        "-f lavfi -i color=black:s=160x96:r=50:d=1 -vf geq=lum=if(between(mod(X-8*N+1600\\,160)\\,20\\,70)\\,235\\,16):cb=128:cr=128,\
         tinterlace=interleave_top,setfield=tff,format=yuv420p -c:v mpeg2video -q:v 2 -flags +ildct+ilme -field_order tt -top 1",
        &path,
    );
    let video = media().probe(&path).unwrap().video.unwrap();
    assert!(video.interlaced);
    let found = frames(&media(), &spec(&path, "25", (160, 96)));
    assert!((24..=26).contains(&found.len()), "{}", found.len());
    let worst = found[2..20]
        .iter()
        .map(|frame| combs(frame, (160, 96)))
        .fold(0.0, f64::max);
    // As woven it is 8 and more.
    assert!(worst < 2.0, "{worst}");
}

#[test]
fn names_say_nothing_about_what_is_inside() {
    let dir = tempfile::tempdir().unwrap();
    let real = dir.path().join("real.mp4");
    make(
        "-f lavfi -i testsrc2=s=64x48:r=25:d=0.4 -c:v libx264 -pix_fmt yuv420p",
        &real,
    );
    let still = dir.path().join("still.png");
    make("-f lavfi -i testsrc2=s=64x48 -frames:v 1", &still);
    for name in ["x.png", "x.avi", "x.txt", "x.wav", "x", "x.mkv"] {
        let path = dir.path().join(name);
        std::fs::copy(&real, &path).unwrap();
        assert_eq!(decoded(&path), 10, "{name}");
    }
    let path = dir.path().join("still.mp4");
    std::fs::copy(&still, &path).unwrap();
    assert!(media().probe(&path).unwrap().video.unwrap().is_still);
    assert_eq!(decoded(&path), 1);
}

#[test]
fn animations_are_clips_where_ffmpeg_can_read_them() {
    let dir = tempfile::tempdir().unwrap();
    let source = "-f lavfi -i testsrc2=s=64x48:r=10:d=2";
    for (name, codec) in [("a.gif", ""), ("b.png", "-c:v apng -f apng -plays 0")] {
        let path = dir.path().join(name);
        make(format!("{source} {codec}").trim(), &path);
        let found = frames(&media(), &spec(&path, "10", (64, 48)));
        assert_eq!(found.len(), 20, "{name}");
        let different = found.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(different >= 18, "{name}: {different}");
    }
    let webp = dir.path().join("c.webp");
    make(&format!("{source} -c:v libwebp_anim"), &webp);
    let error = media().probe(&webp).unwrap_err();
    assert_eq!(error.kind(), MediaErrorKind::BadMedia);
    assert!(error.to_string().contains("animated WebP"), "{error}");
}

/// Frames at uneven times: each is shown from its time on, whatever the rate of the film.
#[test]
fn uneven_times_keep_their_places_at_any_rate() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("uneven.mp4");
    // At 0, 40, 80, 400, 440, 1000 and 1040 ms.
    make(
        "-f lavfi -i color=black:s=64x48:r=25:d=2 -vf geq=lum=20+4*N:cb=128:cr=128,\
         select='lt(n\\,3)+between(n\\,10\\,11)+between(n\\,25\\,26)',format=yuv420p -fps_mode passthrough -c:v libx264 -crf 4 -colorspace bt709",
        &path,
    );
    let times = [0u64, 40, 80, 400, 440, 1000, 1040];
    for (rate, num, den) in [
        ("25", 25, 1),
        ("24", 24, 1),
        ("30000/1001", 30_000, 1001),
        ("60", 60, 1),
    ] {
        let found = frames(&media(), &spec(&path, rate, (64, 48)));
        for (at, frame) in found.iter().enumerate() {
            let time = at as u64 * 1000 * den / num;
            let shown = ((f64::from(frame[64 * 24 + 32]) - 20.0) / 4.0).round() as u64 * 40;
            // An eighth of a frame of grace.
            let now = time + 1000 * den / (8 * num) + 1;
            let expected = times.iter().rev().find(|start| **start <= now).unwrap();
            assert_eq!(shown, *expected, "{rate}: frame {at}, {time} ms");
        }
        // Its head says half of it.
        let rate: Rate = rate.parse().unwrap();
        let said = rate.frames_covering(ends(&path).picture);
        let count = found.len() as u64;
        assert!(said.0.abs_diff(count) <= 1, "{rate}: {said:?} {count}");
    }
}
