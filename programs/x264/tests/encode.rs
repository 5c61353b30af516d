//! What the program writes is what ffmpeg's libx264 writes.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot set itself up has failed"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a program of its own: its tests run it as its callers do"
)]

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use workprint_media::{Cancel, ChunkSpec, Media, Programs, Which, x264_build};
use workprint_model::show::Preset;
use workprint_model::{Encoder, Size};

const PROGRAM: &str = env!("CARGO_BIN_EXE_workprint-x264");

fn media(x264: Option<&str>) -> Media {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let programs = Programs {
        x264: x264.map(Into::into),
        ..Programs::find(OsStr::new(&path), &[])
    };
    Media::new(programs, Cancel::default())
}

/// A picture that moves, with an edge that jumps now and then.
fn painted(size: Size, number: u64) -> Vec<u8> {
    let luma = size.width as usize * size.height as usize;
    let mut frame = vec![128; luma * 3 / 2];
    for (at, value) in frame[..luma].iter_mut().enumerate() {
        let (x, y) = (
            at as u64 % u64::from(size.width),
            at as u64 / u64::from(size.width),
        );
        let edge = u64::from(x > (number / 20 * 37) % 200) * 60;
        *value = (((x * 3 + number * 5) ^ (y * 2 + number)) % 120 + 40 + edge) as u8;
    }
    for (at, value) in frame[luma..].iter_mut().enumerate() {
        *value = ((at as u64 + number * 2) % 60 + 100) as u8;
    }
    frame
}

fn encode(media: &Media, spec: &ChunkSpec, frames: u64) -> Vec<u8> {
    let mut writer = media.encode_chunk(spec).unwrap();
    for number in 0..frames {
        // Some frames stand.
        if number % 7 == 3 {
            writer.again().unwrap();
        } else {
            writer.copy(&painted(spec.size, number)).unwrap();
        }
    }
    assert_eq!(writer.finish().unwrap().0, frames);
    std::fs::read(&spec.out).unwrap()
}

fn spec(out: &Path, size: (u32, u32), rate: &str, build: &str) -> ChunkSpec {
    ChunkSpec {
        out: out.to_owned(),
        encoder: Encoder::X264,
        size: Size {
            width: size.0,
            height: size.1,
        },
        rate: rate.parse().unwrap(),
        crf: 20,
        preset: Preset::Veryfast,
        threads: 1,
        build: Some(build.to_owned()),
    }
}

#[test]
fn chunks_are_those_of_ffmpeg_byte_for_byte() {
    let (ours, ffmpeg) = (media(Some(PROGRAM)), media(None));
    let build = x264_build(&ffmpeg.identity(Which::Ffmpeg).unwrap()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    // One program takes them all, one after the other.
    for (size, rate, crf, preset, frames, threads) in [
        ((320, 180), "30", 20, Preset::Veryfast, 100, 1),
        ((320, 180), "30", 20, Preset::Veryfast, 1, 1),
        ((322, 182), "24000/1001", 28, Preset::Ultrafast, 30, 1),
        ((180, 320), "25", 18, Preset::Medium, 40, 1),
        ((320, 180), "60", 1, Preset::Fast, 2, 1),
        ((640, 360), "24000/1001", 20, Preset::Veryfast, 70, 2),
        ((640, 360), "30", 24, Preset::Medium, 3, 2),
        ((640, 480), "30", 20, Preset::Fast, 60, 3),
    ] {
        let asked = |name: &str| ChunkSpec {
            crf,
            preset,
            threads,
            ..spec(&dir.path().join(name), size, rate, &build)
        };
        let by_us = encode(&ours, &asked("ours.mp4"), frames);
        let by_ffmpeg = encode(&ffmpeg, &asked("ffmpeg.mp4"), frames);
        assert!(
            by_us == by_ffmpeg,
            "{size:?} at {rate}, {preset:?}, {frames} frames, {threads} threads"
        );
    }
    // It was the program that wrote them: ffmpeg alone cannot without its own.
    let alone = Programs {
        ffmpeg: "/nowhere/ffmpeg".into(),
        ..media(Some(PROGRAM)).programs().clone()
    };
    let alone = Media::new(alone, Cancel::default());
    encode(
        &alone,
        &spec(&dir.path().join("alone.mp4"), (64, 64), "30", &build),
        5,
    );
}

#[test]
fn another_build_of_the_library_is_not_used() {
    let dir = tempfile::tempdir().unwrap();
    let programs = Programs {
        ffmpeg: "/nowhere/ffmpeg".into(),
        ..media(Some(PROGRAM)).programs().clone()
    };
    let media = Media::new(programs, Cancel::default());
    let other = spec(&dir.path().join("x.mp4"), (64, 64), "30", "1 r1");
    let error = media.encode_chunk(&other).unwrap_err();
    assert!(error.to_string().contains("/nowhere/ffmpeg"), "{error}");
}

#[test]
fn a_chunk_that_is_given_up_leaves_the_next_one_whole() {
    let dir = tempfile::tempdir().unwrap();
    let media = media(Some(PROGRAM));
    let build = x264_build(&media.identity(Which::Ffmpeg).unwrap()).unwrap();
    let one = spec(&dir.path().join("one.mp4"), (64, 64), "30", &build);
    let whole = encode(&media, &one, 20);
    let mut given_up = media.encode_chunk(&one).unwrap();
    given_up.copy(&painted(one.size, 3)).unwrap();
    drop(given_up);
    assert!(encode(&media, &one, 20) == whole);
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let ask = |bytes: &[u8]| {
        let mut child = Command::new(PROGRAM)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It may refuse before it has read everything.
        let _ = child.stdin.take().unwrap().write_all(bytes);
        child.wait_with_output().unwrap()
    };
    let good = r#"{"frames":"/dev/null","slots":3,"width":64,"height":64,"fps_num":30,"fps_den":1,"crf":20,"preset":"veryfast","keyint":240}"#;
    let with = |wrong: &str| good.replace("\"width\":64", wrong).into_bytes();
    let cases = [
        (b"nothing\n".to_vec(), "expected"),
        (b"{}\n".to_vec(), "missing field"),
        (vec![b'['; 100_000], "expected a string"),
        (with("\"width\":63"), "out of range"),
        (with("\"width\":4000000000"), "out of range"),
        (with("\"threads\":0,\"width\":64"), "out of range"),
        (with("\"width\":64"), "cannot map"),
    ];
    for (bytes, why) in cases {
        let output = ask(&bytes);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(why), "{said}");
        assert_eq!(output.stdout.first(), Some(&b'X'));
    }
    assert_eq!(ask(b"").status.code(), Some(0));
}
