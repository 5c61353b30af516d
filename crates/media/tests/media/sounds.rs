use std::path::Path;

use workprint_media::MediaErrorKind;

use crate::fixtures::{make, media};

fn sound(path: &Path, channels: u8) -> Vec<f32> {
    media()
        .decode_audio(path, channels)
        .unwrap()
        .read_all(100_000_000)
        .unwrap()
}

fn peak(samples: impl Iterator<Item = f32>) -> f32 {
    samples.fold(0.0, |peak, sample| peak.max(sample.abs()))
}

#[test]
fn a_narrow_voice_keeps_its_level_on_both_sides() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("voice.wav");
    make(
        "-f lavfi -i aevalsrc=0.5*sin(2*PI*400*t):s=8000:d=1.5",
        &path,
    );
    let mono = sound(&path, 1);
    let stereo = sound(&path, 2);
    assert!(mono.len().abs_diff(72_000) <= 96, "{}", mono.len());
    assert_eq!(stereo.len(), mono.len() * 2);
    assert!((peak(mono.iter().copied()) - 0.5).abs() < 0.01);
    assert!(
        stereo
            .chunks(2)
            .zip(&mono)
            .all(|(pair, one)| pair == [*one, *one])
    );
    // Played faster it is as high as before.
    let fast = media().decode_audio_at(&path, 1, 125).unwrap();
    let fast = fast.read_all(100_000_000).unwrap();
    assert!(fast.len().abs_diff(57_600) <= 1500, "{}", fast.len());
    let high = |samples: &[f32]| {
        let rising = samples
            .windows(2)
            .filter(|two| two[0] < 0.0 && two[1] >= 0.0);
        rising.count() * 48_000 / samples.len()
    };
    assert!(high(&fast).abs_diff(high(&mono)) <= 4, "{}", high(&fast));
    assert!(media().decode_audio_at(&path, 1, 250).is_err());
}

#[test]
fn two_channels_become_their_mean() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("two.wav");
    make(
        "-f lavfi -i aevalsrc=0.8|0.2:s=48000:d=0.5 -c:a pcm_f32le",
        &path,
    );
    let mono = sound(&path, 1);
    assert_eq!(mono.len(), 24_000);
    assert!(mono.iter().all(|sample| (sample - 0.5).abs() < 1e-4));
    let stereo = sound(&path, 2);
    assert!(
        stereo
            .chunks(2)
            .all(|pair| (pair[0] - 0.8).abs() < 1e-4 && (pair[1] - 0.2).abs() < 1e-4)
    );
}

#[test]
fn surround_is_mixed_down_without_clipping() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("surround.flac");
    make(
        "-f lavfi -i aevalsrc=0.9|0.9|0.9|0|0.9|0.9:s=44100:d=1:c=5.1",
        &path,
    );
    let probe = media().probe(&path).unwrap();
    assert_eq!(probe.audio.unwrap().channels, 6);
    let stereo = sound(&path, 2);
    assert!(stereo.len().abs_diff(96_000) <= 64);
    let loudest = peak(stereo.iter().copied());
    assert!((0.5..=1.0).contains(&loudest), "{loudest}");
}

#[test]
fn a_late_sound_stays_late() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("late.mkv");
    make(
        "-f lavfi -i testsrc2=s=64x48:r=25:d=2 -itsoffset 0.5 -f lavfi -i aevalsrc=0.5:s=48000:d=1 -c:v libx264 -pix_fmt yuv420p -c:a pcm_s16le",
        &path,
    );
    let mono = sound(&path, 1);
    let first = mono.iter().position(|sample| *sample > 0.25).unwrap();
    assert!(first.abs_diff(24_000) < 100, "{first}");
    assert!(mono.len().abs_diff(72_000) < 200, "{}", mono.len());
}

#[test]
fn what_is_not_a_number_is_silence() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("nan.wav");
    make(
        "-f lavfi -i aevalsrc=0.25:s=48000:d=0.1 -c:a pcm_f32le",
        &path,
    );
    let mut bytes = std::fs::read(&path).unwrap();
    let end = bytes.len();
    for (at, value) in [(end - 400, f32::NAN), (end - 200, f32::INFINITY)] {
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    std::fs::write(&path, bytes).unwrap();
    let mono = sound(&path, 1);
    assert!(mono.iter().all(|sample| sample.is_finite()));
    assert_eq!(mono.iter().filter(|sample| **sample == 0.0).count(), 2);
}

#[test]
fn a_silent_video_and_a_sound_without_end_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mute.mp4");
    make(
        "-f lavfi -i testsrc2=s=64x48:r=25:d=0.2 -c:v libx264 -pix_fmt yuv420p",
        &path,
    );
    assert!(media().probe(&path).unwrap().audio.is_none());
    let error = media().decode_audio(&path, 2).unwrap_err();
    assert_eq!(error.kind(), MediaErrorKind::BadMedia);
    assert!(error.to_string().ends_with("it has no sound"), "{error}");
    let long = dir.path().join("long.wav");
    make("-f lavfi -i aevalsrc=0.25:s=48000:d=3", &long);
    let error = media()
        .decode_audio(&long, 1)
        .unwrap()
        .read_all(48_000)
        .unwrap_err();
    assert_eq!(error.kind(), MediaErrorKind::BadMedia);
}
