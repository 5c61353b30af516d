//! Encoders besides libx264: what they write can be joined, and what cannot be used says why.

use std::path::{Path, PathBuf};

use workprint_media::{
    Backend, Cancel, Container, FrameHash, Media, MediaErrorKind, Programs, Trial,
};
use workprint_model::{Encoder, Size};

use crate::fixtures::{SMALL, ask, chunk_by, hashes, make, media, programs, rate};
use crate::join::{film, same_length, sound, steady_packets, unsigned};
use crate::programs::script;

/// Frames, count and times of the join are those of its chunks, and the same work gives the same
/// bytes.
fn joins_exactly(encoder: Encoder, rate_text: &str, lengths: &[u64]) {
    let (media, rate) = (media(), rate(rate_text));
    let dir = tempfile::tempdir().unwrap();
    let container = Backend::of(encoder).container;
    let make_chunks = |name: &str| -> Vec<PathBuf> {
        let mut from = 0;
        let files = lengths.iter().enumerate().map(|(number, length)| {
            let out = dir
                .path()
                .join(format!("{name}-{number}.{}", container.extension()));
            from += length;
            chunk_by(&media, encoder, (out, rate), (from - length, *length))
        });
        files.collect()
    };
    let files = make_chunks("chunk");
    for (file, again) in files.iter().zip(make_chunks("again")) {
        let same = std::fs::read(file).unwrap() == std::fs::read(&again).unwrap();
        assert!(same, "{encoder}: the same frames gave other bytes");
    }
    let total: u64 = lengths.iter().sum();
    let mut spec = film(dir.path().join("film"), rate, total);
    spec.container = container;
    let sound = sound(&media, dir.path(), rate, total);
    let sound = (container == Container::Mp4).then_some(sound);
    media.join(&files, sound.as_deref(), &spec).unwrap();
    let wanted = hashes(&files).concat();
    assert_eq!(wanted.len() as u64, total);
    let wanted: Vec<FrameHash> = (0..)
        .zip(wanted)
        .map(|(pts, md5)| FrameHash { pts, md5 })
        .collect();
    assert_eq!(media.frame_md5(&spec.out).unwrap(), wanted, "{encoder}");
    steady_packets(&spec.out, rate);
    if sound.is_some() {
        same_length(&spec.out, rate, total);
    }
    unsigned(&std::fs::read(&spec.out).unwrap());
    assert_eq!(ask(TAGS, &spec.out).trim(), tags(encoder));
}

const TAGS: &str = "-select_streams v -show_entries \
stream=codec_name,codec_tag_string,pix_fmt,color_range,color_space,color_transfer,color_primaries";

const fn tags(encoder: Encoder) -> &'static str {
    match encoder {
        Encoder::X265 => "hevc,hvc1,yuv420p,tv,bt709,bt709,bt709",
        Encoder::SvtAv1 => "av1,av01,yuv420p,tv,bt709,bt709,bt709",
        Encoder::Prores4444 => "prores,ap4h,yuva444p12le,tv,bt709,bt709,bt709",
        _ => "h264,avc1,yuv420p,tv,bt709,bt709,bt709",
    }
}

#[test]
fn hevc_chunks_join_exactly() {
    joins_exactly(Encoder::X265, "24000/1001", &[1, 2, 3, 7, 60, 1, 1]);
}

#[test]
fn av1_chunks_join_exactly() {
    joins_exactly(Encoder::SvtAv1, "30", &[1, 2, 3, 7, 70, 1, 1]);
}

#[test]
fn prores_chunks_join_exactly() {
    joins_exactly(Encoder::Prores4444, "25", &[1, 2, 7, 1]);
}

#[test]
fn opacity_comes_through() {
    let media = media();
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("one.mov");
    let file = chunk_by(&media, Encoder::Prores4444, (out, rate("25")), (0, 1));
    let probe = media.probe(&file).unwrap();
    assert!(probe.video.unwrap().alpha);
    let opacity = dir.path().join("opacity.raw");
    make(
        &format!(
            "-i {} -vf alphaextract,format=gray -f rawvideo",
            file.display()
        ),
        &opacity,
    );
    let found = std::fs::read(&opacity).unwrap();
    let width = SMALL.width as usize;
    for (at, found) in found.iter().enumerate() {
        let (x, y) = (at % width, at / width);
        let wanted = (x * x / 16 + y * 9) % 1024 / 4;
        assert!(
            usize::from(*found).abs_diff(wanted) <= 1,
            "{x},{y}: {found} {wanted}"
        );
    }
}

#[test]
fn streams_of_different_encoders_are_not_joined() {
    let (media, rate) = (media(), rate("25"));
    let dir = tempfile::tempdir().unwrap();
    let files = [(Encoder::X264, "1.mp4"), (Encoder::X265, "2.mp4")]
        .map(|(encoder, name)| chunk_by(&media, encoder, (dir.path().join(name), rate), (0, 3)));
    let spec = film(dir.path().join("film.mp4"), rate, 6);
    let refusal = media.join(&files, None, &spec).unwrap_err();
    assert_eq!(refusal.kind(), MediaErrorKind::BadMedia);
    assert!(refusal.to_string().contains("other settings"), "{refusal}");
}

#[test]
fn encoders_of_this_ffmpeg_work_and_tell_their_versions() {
    let media = media();
    for (encoder, name) in [
        (Encoder::X264, "libx264"),
        (Encoder::X265, "libx265 "),
        (Encoder::SvtAv1, "libsvtav1 v"),
        (Encoder::Prores4444, "prores_ks"),
    ] {
        let Trial::Works { identity } = media.try_encoder(encoder, SIZE).unwrap() else {
            panic!(
                "{encoder} does not work: {:?}",
                media.try_encoder(encoder, SIZE)
            );
        };
        assert!(identity.starts_with(name), "{identity}");
    }
    let tiny = Size {
        width: 32,
        height: 32,
    };
    let refused = media.try_encoder(Encoder::SvtAv1, tiny).unwrap();
    let why = "it does not encode pictures of 32x32".to_owned();
    assert_eq!(refused, Trial::Refused { why });
}

const SIZE: Size = Size {
    width: 320,
    height: 192,
};

/// An ffmpeg that pretends: `does` happens where it is asked for NVENC.
fn pretending(dir: &Path, does: &str) -> Media {
    let real = programs().ffmpeg;
    let lines = format!(
        "case \" $* \" in *' h264_nvenc '*) ;; *) exec '{real}' \"$@\" ;; esac\n\
         echo asked >> '{log}'\n{does}",
        real = real.display(),
        log = dir.join("asked").display(),
    );
    let ffmpeg = script(dir, "ffmpeg", &lines);
    Media::new(
        Programs {
            ffmpeg,
            ..programs()
        },
        Cancel::default(),
    )
}

#[test]
fn hardware_that_refuses_says_why_and_is_asked_once() {
    let dir = tempfile::tempdir().unwrap();
    let media = pretending(
        dir.path(),
        "cat > /dev/null\necho '[h264_nvenc @ 0x55f0d0b55d40] Cannot load libcuda.so.1' >&2\nexit 1",
    );
    let why = "there is no NVIDIA driver on this machine".to_owned();
    for _ in 0..2 {
        let trial = media.clone().try_encoder(Encoder::NvencH264, SIZE);
        assert_eq!(trial.unwrap(), Trial::Refused { why: why.clone() });
    }
    let asked = std::fs::read_to_string(dir.path().join("asked")).unwrap();
    assert_eq!(asked.lines().count(), 1);
}

/// libx264 stands in for a card, so that the way of a working one is gone too.
const CARD: &str = r#"
echo '[h264_nvenc @ 0x1] Loaded Nvenc version 12.1' >&2
left=$#
while [ "$left" -gt 0 ]; do
  word=$1
  shift
  left=$((left - 1))
  case "$word" in
    h264_nvenc) set -- "$@" libx264 -threads 1 ;;
    p[1-7]) set -- "$@" ultrafast ;;
    -tune | -rc | -strict_gop | -b:v) shift && left=$((left - 1)) ;;
    -cq) set -- "$@" -crf ;;
    *) set -- "$@" "$word" ;;
  esac
done
exec ffmpeg "$@""#;

#[test]
fn hardware_that_encodes_is_used() {
    let dir = tempfile::tempdir().unwrap();
    let media = pretending(dir.path(), CARD);
    let works = Trial::Works {
        identity: "h264_nvenc Nvenc 12.1".to_owned(),
    };
    assert_eq!(media.try_encoder(Encoder::NvencH264, SIZE).unwrap(), works);
    let rate = rate("25");
    let files = [(0, 4), (4, 1), (5, 3)].map(|(from, count)| {
        let out = dir.path().join(format!("{from}.mp4"));
        chunk_by(&media, Encoder::NvencH264, (out, rate), (from, count))
    });
    let spec = film(dir.path().join("film.mp4"), rate, 8);
    media.join(&files, None, &spec).unwrap();
    assert_eq!(media.frame_md5(&spec.out).unwrap().len(), 8);
    assert_eq!(spec.container, Container::Mp4);
}

/// A device whose chunks cannot be told apart, or do not fit together, is no use.
#[test]
fn hardware_whose_chunks_do_not_fit_together_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    // Every second stream has other settings than the one before.
    let fickle = CARD.replace(
        "libx264 -threads 1",
        "libx264 -threads 1 -refs \"$(wc -l < \"$ASKED\")\"",
    );
    let fickle = format!("ASKED='{}'\n{fickle}", dir.path().join("asked").display());
    let media = pretending(dir.path(), &fickle);
    let Trial::Refused { why } = media.try_encoder(Encoder::NvencH264, SIZE).unwrap() else {
        panic!("it was not refused");
    };
    assert!(why.contains("other settings"), "{why}");
}
