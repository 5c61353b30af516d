//! Files to test with, made by ffmpeg itself.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use workprint_media::{Cancel, ChunkSpec, Media, Programs, VideoSpec};
use workprint_model::show::Preset;
use workprint_model::{Digest, Encoder, Frames, Percent, Rate, Samples, Size};

#[expect(
    clippy::disallowed_methods,
    reason = "tests run where they are started"
)]
pub(crate) fn programs() -> Programs {
    let path = std::env::var_os("PATH").unwrap_or_default();
    Programs::find(&path, &[])
}

pub(crate) fn media() -> Media {
    Media::new(programs(), Cancel::default())
}

/// Runs ffmpeg or ffprobe and gives what it wrote to standard output.
#[expect(
    clippy::disallowed_methods,
    reason = "fixtures are made without the code under test"
)]
fn run<S: AsRef<OsStr>>(program: &Path, arguments: impl IntoIterator<Item = S>) -> String {
    let output = std::process::Command::new(program)
        .args(["-v", "error"])
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", program.display());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Makes `out` with ffmpeg from arguments separated by spaces. What is made of nothing but arguments is
/// made once with each ffmpeg and kept beside the tests' programs.
pub(crate) fn make(arguments: &str, out: &Path) {
    let ffmpeg = programs().ffmpeg;
    let words: Vec<&str> = arguments.split(' ').collect();
    let make = |out: &Path| {
        let words = words.iter().map(OsStr::new);
        run(&ffmpeg, words.chain([OsStr::new("-y"), out.as_os_str()]));
    };
    let files = words.split(|word| *word == "-i").rev().skip(1);
    if files
        .into_iter()
        .any(|before| before.last() != Some(&"lavfi"))
    {
        return make(out);
    }
    let ending = out.extension().unwrap_or_default().to_string_lossy();
    let built = fs::metadata(&ffmpeg).unwrap();
    let recipe = (arguments, &ending, built.len(), built.modified().ok());
    let name = Digest::of(format!("{recipe:?}").as_bytes());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let kept = folder.join(format!("{name}.{ending}"));
    if !kept.is_file() {
        let own = tempfile::Builder::new()
            .suffix(&format!(".{ending}"))
            .tempfile_in(folder);
        let own = own.unwrap().into_temp_path();
        make(&own);
        // Tests run at once: the last to be finished stays.
        own.persist(&kept).unwrap();
    }
    fs::copy(&kept, out).unwrap();
}

/// Asks ffprobe for fields of a file, one line each packet or stream.
pub(crate) fn ask(question: &str, path: &Path) -> String {
    let words = question.split(' ').map(OsStr::new);
    let words = words.chain(["-of", "csv=p=0"].map(OsStr::new));
    run(&programs().ffprobe, words.chain([path.as_os_str()]))
}

/// The MD5s of every file's frames, by one ffmpeg for all.
pub(crate) fn hashes(files: &[PathBuf]) -> Vec<Vec<String>> {
    let words = |text: &'static str| text.split(' ').map(|word| OsStr::new(word).to_owned());
    let mut arguments: Vec<OsString> = Vec::new();
    for file in files {
        arguments.extend(words("-i").chain([file.as_os_str().to_owned()]));
    }
    for number in 0..files.len() {
        arguments.extend(["-map".into(), format!("{number}:v").into()]);
    }
    arguments.extend(words("-fps_mode passthrough -f framemd5 pipe:1"));
    let mut hashes = vec![Vec::new(); files.len()];
    for line in run(&programs().ffmpeg, arguments).lines() {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        if let ([number, .., md5], false) = (&fields[..], line.starts_with('#')) {
            hashes[number.parse::<usize>().unwrap()].push((*md5).to_owned());
        }
    }
    hashes
}

pub(crate) fn rate(text: &str) -> Rate {
    text.parse().unwrap()
}

/// A frame that moves and has enough detail for every kind of coded frame.
pub(crate) fn painted(size: Size, number: u64) -> Vec<u8> {
    let (width, height) = (size.width as usize, size.height as usize);
    let shift = number as usize * 3;
    let mut frame = vec![128; width * height * 3 / 2];
    for (at, pixel) in frame[..width * height].iter_mut().enumerate() {
        let (x, y) = (at % width + shift, at / width);
        *pixel = 40 + ((x * x / 16 + y * 5) % 160) as u8;
    }
    frame
}

pub(crate) const SMALL: Size = Size {
    width: 96,
    height: 64,
};

/// The same for encoders that take opacity: Y, U, V and A of ten bits.
fn painted_with_alpha(size: Size, number: u64) -> Vec<u8> {
    let (width, shift) = (size.width as usize, number as usize * 3);
    let plane = |scale: usize, range: usize, from: usize| {
        (0..width * size.height as usize).flat_map(move |at| {
            let (x, y) = (at % width + shift, at / width);
            let value = from + ((x * x / 16 + y * scale) % range);
            (value as u16).to_le_bytes()
        })
    };
    let planes = plane(5, 600, 100).chain(plane(3, 100, 450));
    let planes = planes.chain(plane(2, 100, 450));
    planes.chain(plane(9, 1024, 0)).collect()
}

/// Encodes frames `from .. from + count` of an endless picture with libx264.
pub(crate) fn chunk(media: &Media, out: PathBuf, rate: Rate, from: u64, count: u64) -> PathBuf {
    chunk_by(media, Encoder::X264, (out, rate), (from, count))
}

/// Encodes frames `from .. from + count` of an endless picture.
pub(crate) fn chunk_by(
    media: &Media,
    encoder: Encoder,
    (out, rate): (PathBuf, Rate),
    (from, count): (u64, u64),
) -> PathBuf {
    let spec = ChunkSpec {
        out,
        encoder,
        size: SMALL,
        rate,
        crf: 23,
        preset: Preset::Veryfast,
        threads: 1,
        build: None,
    };
    let mut writer = media.encode_chunk(&spec).unwrap();
    for number in from..from + count {
        let frame = if encoder.has_alpha() {
            painted_with_alpha(SMALL, number)
        } else {
            painted(SMALL, number)
        };
        writer.copy(&frame).unwrap();
    }
    assert_eq!(writer.finish().unwrap(), Frames(count));
    spec.out
}

pub(crate) fn spec(path: &Path, rate: &str, size: (u32, u32)) -> VideoSpec {
    VideoSpec {
        path: path.to_owned(),
        start: Samples(0),
        speed: Percent::WHOLE,
        rate: rate.parse().unwrap(),
        size: Size {
            width: size.0,
            height: size.1,
        },
        skip: Frames(0),
        alpha: false,
    }
}

/// Every frame of a clip.
pub(crate) fn frames(media: &Media, spec: &VideoSpec) -> Vec<Vec<u8>> {
    let mut reader = media.decode_video(spec).unwrap();
    let mut frames = Vec::new();
    let mut frame = vec![0; spec.frame_bytes()];
    while reader.next(&mut frame).unwrap() {
        frames.push(frame.clone());
    }
    frames
}
