//! The same frame everywhere: as preview, in its chunk before the encoder, and after it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use workprint_media::{Cancel, ChunkSpec, Container, JoinSpec, Media, Programs};
use workprint_model::show::Preset;
use workprint_model::{Encoder, Frames, Size};
use workprint_picture::{Yuv, to_rgb8};
use workprint_studio::ops::frame::{At, frame};
use workprint_studio::ops::render::RenderOptions;
use workprint_studio::{Host, Place};
use workprint_tests::{Laid, Production, kept_folder, program};

const SIZE: Size = Size {
    width: 160,
    height: 90,
};
const RATE: &str = "25";

/// Stands before ffmpeg: what a chunk's encoder is given is kept, under the MD5 of what decodes of it. It
/// does not tell which libx264 it has, so that nothing else encodes for it.
const SCRIPT: &str = r#"#!/bin/bash
case " $* " in
*" color=s=16x16:d=1:r=1 "*) exit 1 ;;
*" rawvideo "*" pipe:0 "*" -f mp4 "*) ;;
*) exec REAL "$@" ;;
esac
raw=$(mktemp FOLDER/taken.XXXXXX)
tee "$raw" | REAL "$@"
code=${PIPESTATUS[1]}
out=${@: -1}
md5=$(REAL -v error -i "$out" -f md5 -)
mv "$raw" "FOLDER/$md5.yuv"
exit $code
"#;

/// A production with everything that is painted: see [`Production::rich`], and more transitions.
fn production() -> Production {
    let production = Production::rich();
    production.edit_cue("c4", |cue| {
        cue["shots"] = json!([{"id": "s4", "picture": {"prompt": {"text": "a lamp, near"}},
            "transition": {"dip": {"ms": 240, "colour": "#402010"}}}]);
    });
    production.edit_cue("c8", |cue| {
        cue["shots"][0]["transition"] = json!({"dissolve": {"ms": 320}});
        cue["shots"][0]["move"] = json!({"from": {"zoom": 100}, "to": {"zoom": 130, "x": 20}});
        cue["shots"][0]["picture"]["clip"]["then"] = "loop".into();
    });
    production.edit_cue("c10", |cue| {
        cue["shots"][0]["fit"] = "contain".into();
        cue["shots"][0]["transition"] = json!({"dissolve": {"ms": 200}});
    });
    production
}

fn search_path(first: &Path) -> std::ffi::OsString {
    let beside = program("workprint-espeak").parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap();
    let all = [first.to_owned(), beside];
    std::env::join_paths(all.into_iter().chain(std::env::split_paths(&path))).unwrap()
}

fn real_programs() -> Programs {
    Programs::find(&std::env::var_os("PATH").unwrap(), &[])
}

/// The frames of each chunk, as its encoder was given them, in the film's order.
fn taken(folder: &Path, laid: &Laid, files: &[PathBuf]) -> Vec<Vec<Yuv>> {
    assert_eq!(laid.chunks.len(), files.len());
    let chunks = laid.chunks.iter().zip(files).map(|(chunk, file)| {
        let md5 = Command::new("ffmpeg")
            .args(["-v", "error", "-f", "mp4", "-i"])
            .arg(file)
            .args(["-f", "md5", "-"])
            .output()
            .unwrap();
        let md5 = String::from_utf8(md5.stdout).unwrap();
        let bytes = fs::read(folder.join(format!("{}.yuv", md5.trim()))).unwrap();
        let frames: Vec<Yuv> = bytes
            .chunks_exact(Yuv::bytes(SIZE))
            .map(|data| Yuv {
                size: SIZE,
                data: data.to_vec(),
            })
            .collect();
        assert_eq!(frames.len() as u64, chunk.to - chunk.from, "{}", chunk.slot);
        frames
    });
    chunks.collect()
}

/// A film's chunks in the vault, in order.
fn chunk_files(production: &Production, film: &Path) -> Vec<PathBuf> {
    let path = film.display().to_string();
    let explained = production.run(&["explain", &path, "--json"]).good().json();
    let steps = explained["steps"].as_array().unwrap();
    let master = steps.iter().find(|step| step["kind"] == "master").unwrap();
    let chunks = master["params"]["chunks"].as_array().unwrap();
    let file = |chunk: &serde_json::Value| {
        let (folder, name) = chunk["video"]["digest"].as_str().unwrap().split_at(2);
        production.vault().join("vault").join(folder).join(name)
    };
    chunks.iter().map(file).collect()
}

/// Which frames are looked at: the ends and the middle of every chunk, and some after its beginning, where
/// transitions lie.
fn looked_at(laid: &Laid) -> Vec<u64> {
    let mut frames: Vec<u64> = laid
        .chunks
        .iter()
        .flat_map(|chunk| {
            let first = (chunk.from..chunk.to).take(8).step_by(3);
            first.chain([
                usize::midpoint(chunk.from as usize, chunk.to as usize) as u64,
                chunk.to - 1,
            ])
        })
        .collect();
    frames.sort_unstable();
    frames.dedup();
    frames
}

#[test]
fn preview_chunk_and_film_show_the_same() {
    let production = production();
    let folder = production.stand_in("ffmpeg", SCRIPT);
    production.render(&["--output", "tiny"]).complete();
    let name = production
        .delivered()
        .into_keys()
        .find(|name| Path::new(name).extension().is_some_and(|end| end == "mp4"))
        .unwrap();
    let film = production.finals().join(&name);
    let laid = production.laid(&name, &["--output", "tiny"]);
    let files = chunk_files(&production, &film);
    let chunks = taken(&folder, &laid, &files);
    let all: Vec<&Yuv> = chunks.iter().flatten().collect();
    assert_eq!(all.len() as u64, laid.length);

    previews_are_the_chunks_frames(&production, &all, &looked_at(&laid));
    the_film_is_the_encoded_frames(&chunks, &film, laid.length);
}

fn previews_are_the_chunks_frames(production: &Production, all: &[&Yuv], numbers: &[u64]) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let nowhere = tempfile::tempdir().unwrap();
    let host = Host::find(
        &search_path(nowhere.path()),
        Some(kept_folder()),
        production.root().to_owned(),
        "t".to_owned(),
        "same".to_owned(),
    );
    let options = RenderOptions {
        output: Some("tiny".to_owned()),
        ..RenderOptions::default()
    };
    for &number in numbers {
        let place = Place::find(production.root(), "pilot").unwrap();
        let painted = runtime.block_on(frame(&host, place, &options, At::Frame(number)));
        let png = painted.unwrap().png;
        let preview = image::load_from_memory(&png).unwrap().into_rgb8();
        let chunked = to_rgb8(all[number as usize]);
        assert!(
            *preview.as_raw() == chunked,
            "frame {number} of {}",
            all.len()
        );
    }
}

/// The film decodes to what the same frames give when they are encoded again, chunked alike; and one
/// pass over all of them has as many frames at the same times.
fn the_film_is_the_encoded_frames(chunks: &[Vec<Yuv>], film: &Path, length: u64) {
    let media = Media::new(real_programs(), Cancel::default());
    let dir = tempfile::tempdir().unwrap();
    let rate = RATE.parse().unwrap();
    let encode = |name: String, frames: &mut dyn Iterator<Item = &Yuv>| -> PathBuf {
        let spec = ChunkSpec {
            out: dir.path().join(name),
            encoder: Encoder::X264,
            size: SIZE,
            rate,
            crf: 30,
            preset: Preset::Ultrafast,
            threads: 1,
            build: None,
        };
        let mut writer = media.encode_chunk(&spec).unwrap();
        for frame in frames {
            writer.copy(&frame.data).unwrap();
        }
        writer.finish().unwrap();
        spec.out
    };
    let join = |name: &str, files: &[PathBuf]| -> PathBuf {
        let spec = JoinSpec {
            out: dir.path().join(name),
            rate,
            frames: Frames(length),
            container: Container::Mp4,
            title: None,
            language: None,
            chapters: Vec::new(),
        };
        media.join(files, None, &spec).unwrap();
        spec.out
    };
    let files: Vec<PathBuf> = (0..)
        .zip(chunks)
        .map(|(number, frames)| encode(format!("{number}.mp4"), &mut frames.iter()))
        .collect();
    let again = media.frame_md5(&join("again.mp4", &files)).unwrap();
    let found = media.frame_md5(film).unwrap();
    assert_eq!(found, again, "chunked alike, to the bit and the tick");

    let whole = encode("whole.mp4".to_owned(), &mut chunks.iter().flatten());
    let one = media.frame_md5(&join("one.mp4", &[whole])).unwrap();
    assert_eq!(one.len(), found.len());
    let times = |frames: &[workprint_media::FrameHash]| -> Vec<i64> {
        frames.iter().map(|frame| frame.pts).collect()
    };
    assert_eq!(times(&one), times(&found), "one pass has the same times");
}
