use std::path::{Path, PathBuf};

use workprint_media::{Media, MediaErrorKind};

use crate::fixtures::{chunk, make, media, rate};
use crate::join;

/// What ffmpeg hears, which reads edit lists on its own.
fn by_ffmpeg(path: &Path) -> Vec<f32> {
    let raw = path.with_extension("f32");
    make(&format!("-i {} -map 0:a:0 -f f32le", path.display()), &raw);
    let bytes = std::fs::read(raw).unwrap();
    let (samples, _) = bytes.as_chunks::<4>();
    samples
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect()
}

/// In blocks that no packet ends with.
fn by_workprint(media: &Media, path: &Path) -> Vec<f32> {
    let mut reader = media.decode_film(path).unwrap();
    let (mut all, mut block) = (Vec::new(), [0.0; 1_502]);
    loop {
        let count = reader.read(&mut block).unwrap();
        all.extend_from_slice(&block[..count]);
        if count < block.len() {
            assert_eq!(reader.read(&mut block).unwrap(), 0);
            return all;
        }
    }
}

fn assert_same(media: &Media, path: &Path) {
    let (own, wanted) = (by_workprint(media, path), by_ffmpeg(path));
    assert_eq!(own.len(), wanted.len());
    let loudest = wanted
        .iter()
        .fold(0f32, |most, sample| most.max(sample.abs()));
    assert!(loudest > 0.3, "{loudest}");
    let apart = own.iter().zip(&wanted).map(|(a, b)| (a - b).abs());
    let apart = apart.fold(0.0, f32::max);
    // -80 dB: decoders round in their own ways.
    assert!(apart < 1e-4, "{apart}");
}

/// Five seconds, each side its own: a chirp with clicks, noise that comes and goes, silence at the end.
fn wav(dir: &Path) -> PathBuf {
    let out = dir.join("mix.wav");
    let left = "0.7*sin(2*PI*(80+900*t)*t)*lt(t\\,4)+0.4*eq(mod(n\\,9973)\\,0)";
    let right = "0.5*(2*random(0)-1)*lt(mod(t\\,1)\\,0.4)*lt(t\\,4)";
    make(
        &format!("-f lavfi -i aevalsrc={left}|{right}:s=48000:d=5.0123 -c:a pcm_s24le"),
        &out,
    );
    out
}

#[test]
fn a_films_sound_is_what_ffmpeg_hears() {
    let (media, dir) = (media(), tempfile::tempdir().unwrap());
    let sound = dir.path().join("sound.m4a");
    for kbps in [64, 192] {
        media.encode_sound(&wav(dir.path()), kbps, &sound).unwrap();
        assert_same(&media, &sound);
    }
    let rate = rate("30");
    let chunks = [chunk(&media, dir.path().join("chunk.mp4"), rate, 0, 150)];
    let spec = join::film(dir.path().join("film.mp4"), rate, 150);
    media.join(&chunks, Some(&sound), &spec).unwrap();
    assert_same(&media, &spec.out);
}

#[test]
fn files_that_are_no_films_of_ours_are_refused() {
    let (media, dir) = (media(), tempfile::tempdir().unwrap());
    let sound = dir.path().join("sound.m4a");
    media.encode_sound(&wav(dir.path()), 128, &sound).unwrap();
    let whole = std::fs::read(&sound).unwrap();
    let (mono, wrong, silent, cut) = (
        dir.path().join("mono.m4a"),
        dir.path().join("wrong.mp4"),
        dir.path().join("silent.mp4"),
        dir.path().join("cut.m4a"),
    );
    make("-f lavfi -i sine=d=1:r=48000 -ac 1 -c:a aac", &mono);
    make("-f lavfi -i sine=d=1:r=48000 -ac 2 -c:a libmp3lame", &wrong);
    make("-f lavfi -i testsrc2=d=1:s=64x64 -pix_fmt yuv420p", &silent);
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    for (path, why) in [
        (mono, "not AAC in stereo"),
        (wrong, "not AAC in stereo"),
        (silent, "no sound"),
        (cut, "cut short"),
        (wav(dir.path()), "cut short"),
    ] {
        let error = media.decode_film(&path).unwrap_err();
        assert_eq!(error.kind(), MediaErrorKind::BadMedia, "{error}");
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn a_broken_sound_is_an_error_and_not_silence() {
    let (media, dir) = (media(), tempfile::tempdir().unwrap());
    let sound = dir.path().join("sound.m4a");
    media.encode_sound(&wav(dir.path()), 128, &sound).unwrap();
    let mut bytes = std::fs::read(&sound).unwrap();
    let data = bytes.windows(4).position(|name| name == b"mdat").unwrap();
    let middle = data + (bytes.len() - data) / 2;
    bytes[middle..middle + 4000].fill(0xA5);
    std::fs::write(&sound, bytes).unwrap();
    let mut reader = media.decode_film(&sound).unwrap();
    let mut block = vec![0.0; 48_000 * 2 * 6];
    let error = reader.read(&mut block).unwrap_err();
    assert!(error.to_string().contains("cannot be decoded"), "{error}");
}
