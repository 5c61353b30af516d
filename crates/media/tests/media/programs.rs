use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use workprint_media::{
    Cancel, ChunkSpec, Media, MediaErrorKind, Programs, SpeechRequest, Which, find_program,
};
use workprint_model::Encoder;
use workprint_model::show::Preset;

use crate::fixtures::{SMALL, make, media, painted, programs, rate, spec};

/// A program of a few lines.
pub(crate) fn script(dir: &Path, name: &str, lines: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn a_missing_program_says_what_to_install() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.mp4");
    std::fs::write(&file, "x").unwrap();
    let nowhere = Programs {
        ffmpeg: "/nowhere/ffmpeg".into(),
        ffprobe: "/nowhere/ffprobe".into(),
        espeak: None,
        x264: None,
        rife: None,
        realesrgan: None,
        piper: None,
    };
    let media = Media::new(nowhere, Cancel::default());
    for error in [
        media.probe(&file).unwrap_err(),
        media.identity(Which::Ffmpeg).unwrap_err(),
        media
            .espeak(&SpeechRequest::new("Hello.", "en"))
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), MediaErrorKind::MissingProgram);
        assert!(error.hints()[0].contains("install"), "{error}");
    }
}

#[test]
fn programs_are_found_in_absolute_folders_and_must_be_executable() {
    let dir = tempfile::tempdir().unwrap();
    let here = script(dir.path(), "tool", "exit 0");
    std::fs::write(dir.path().join("data"), "x").unwrap();
    let path_var = std::env::join_paths([Path::new("."), dir.path()]).unwrap();
    assert_eq!(find_program("tool", &path_var, &[]), Some(here.clone()));
    assert_eq!(
        find_program("tool", "".as_ref(), &[dir.path().to_owned()]),
        Some(here)
    );
    assert_eq!(find_program("data", &path_var, &[]), None);
    assert_eq!(find_program("tool", ".:".as_ref(), &[]), None);
}

#[test]
fn ffmpeg_names_itself_on_one_line() {
    let identity = media().identity(Which::Ffmpeg).unwrap();
    assert!(identity.starts_with("ffmpeg "), "{identity}");
    assert!(
        identity.contains(" libavcodec ") && identity.contains(" libx264 "),
        "{identity}"
    );
    assert!(!identity.contains('\n'));
}

#[test]
fn cancelling_ends_a_decoder_and_forbids_new_ones() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long.mp4");
    make(
        "-f lavfi -i testsrc2=s=320x240:r=30:d=60 -c:v libx264 -preset ultrafast -pix_fmt yuv420p",
        &path,
    );
    let media = media();
    let spec = spec(&path, "30", (320, 240));
    let mut reader = media.decode_video(&spec).unwrap();
    let mut frame = vec![0; spec.frame_bytes()];
    assert!(reader.next(&mut frame).unwrap());
    media.cancel().clone().cancel();
    let error = loop {
        match reader.next(&mut frame) {
            Ok(true) => {}
            Ok(false) => unreachable!("the clip cannot end well"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), MediaErrorKind::Cancelled);
    assert_eq!(
        media.probe(&path).unwrap_err().kind(),
        MediaErrorKind::Cancelled
    );
}

#[test]
fn cancelling_from_another_thread_ends_what_a_program_started() {
    let dir = tempfile::tempdir().unwrap();
    // The grandchild keeps the pipes open: only killing the whole group lets the caller go on.
    let espeak = script(dir.path(), "espeak", "echo $$ >&2\nsleep 600 &\nsleep 600");
    let media = Media::new(
        Programs {
            espeak: Some(espeak),
            ..programs()
        },
        Cancel::default(),
    );
    let cancel = media.cancel().clone();
    let error = std::thread::scope(|scope| {
        let speaking = scope.spawn(|| media.espeak(&SpeechRequest::new("Hello.", "en")));
        std::thread::sleep(Duration::from_millis(200));
        cancel.cancel();
        speaking.join().unwrap().unwrap_err()
    });
    assert_eq!(error.kind(), MediaErrorKind::Cancelled);
}

#[test]
fn a_program_that_hangs_is_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.mp4");
    std::fs::write(&file, "x").unwrap();
    let ffprobe = script(dir.path(), "ffprobe", "sleep 600");
    let media = Media::new(
        Programs {
            ffprobe,
            ..programs()
        },
        Cancel::default(),
    );
    let error = media
        .probe_within(&file, Duration::from_millis(300))
        .unwrap_err();
    assert_eq!(error.kind(), MediaErrorKind::TimedOut);
}

#[test]
fn endless_output_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.mp4");
    std::fs::write(&file, "x").unwrap();
    let loud = script(dir.path(), "loud", "yes this is a long line of nothing");
    let media = Media::new(
        Programs {
            ffprobe: loud,
            ..programs()
        },
        Cancel::default(),
    );
    assert_eq!(
        media.probe(&file).unwrap_err().kind(),
        MediaErrorKind::BadMedia
    );
    let lines = "i=0; while [ $i -lt 3000 ]; do echo line $i >&2; i=$((i+1)); done; exit 3";
    let complains = script(dir.path(), "complains", lines);
    let media = Media::new(
        Programs {
            ffprobe: complains,
            ..programs()
        },
        Cancel::default(),
    );
    let error = media.probe(&file).unwrap_err();
    let report = error.report().unwrap();
    assert_eq!(report.stderr.lines().count(), 20);
    assert!(report.stderr.ends_with("line 2999") && report.status.contains('3'));
}

#[test]
fn a_failing_encoder_speaks_for_itself() {
    let media = media();
    let spec = ChunkSpec {
        out: "/nowhere/at/all/chunk.mp4".into(),
        encoder: Encoder::X265,
        size: SMALL,
        rate: rate("30"),
        crf: 20,
        preset: Preset::Veryfast,
        threads: 1,
        build: None,
    };
    let mut writer = media.encode_chunk(&spec).unwrap();
    let frame = painted(SMALL, 0);
    let error = loop {
        if let Err(error) = writer.copy(&frame) {
            break error;
        }
    };
    let report = error.report().unwrap();
    assert!(
        report.stderr.contains("No such file or directory"),
        "{error}"
    );
    assert!(report.arguments.contains("libx265"));
}

#[test]
fn a_full_disk_is_told_as_one() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let ffmpeg = script(
        dir.path(),
        "ffmpeg",
        "echo 'av_interleaved_write_frame(): No space left on device' >&2\nexit 1",
    );
    let media = Media::new(
        Programs {
            ffmpeg,
            ..programs()
        },
        Cancel::default(),
    );
    let spec = ChunkSpec {
        out: dir.path().join("chunk.mp4"),
        encoder: Encoder::X264,
        size: SMALL,
        rate: rate("30"),
        crf: 20,
        preset: Preset::Veryfast,
        threads: 1,
        build: None,
    };
    let error = media.encode_chunk(&spec).unwrap().finish().unwrap_err();
    assert_eq!(error.kind(), MediaErrorKind::OutOfSpace);
}

#[test]
fn speech_comes_with_its_times_and_refusals_with_their_words() {
    let dir = tempfile::tempdir().unwrap();
    let answer = r#"cat > /dev/null
printf '%s\n' '{"format":"workprint.espeak/1","library_version":"1.51","sample_rate":22050,"samples":2,"voice":"gmw/en","words":[{"start":0,"end":2,"from":0,"to":5}],"phonemes":[{"start":0,"end":1,"ipa":"h"}]}'
printf '\001\000\377\377'"#;
    let espeak = script(dir.path(), "speaks", answer);
    let speaks = Media::new(
        Programs {
            espeak: Some(espeak),
            ..programs()
        },
        Cancel::default(),
    );
    let speech = speaks.espeak(&SpeechRequest::new("Hello", "en")).unwrap();
    assert_eq!(
        (speech.samples.as_slice(), speech.sample_rate),
        ([1, -1].as_slice(), 22_050)
    );
    assert_eq!(
        (speech.words[0].to, speech.phonemes[0].ipa.as_str()),
        (5, "h")
    );

    let refusal = r#"echo '{"error":{"kind":"voice_unknown","message":"there is no voice `xx`","hint":"run `workprint-espeak voices`"}}' >&2
exit 4"#;
    let espeak = script(dir.path(), "refuses", refusal);
    let refuses = Media::new(
        Programs {
            espeak: Some(espeak),
            ..programs()
        },
        Cancel::default(),
    );
    let error = refuses
        .espeak(&SpeechRequest::new("Hello", "xx"))
        .unwrap_err();
    assert_eq!(error.to_string(), "there is no voice `xx`");
    assert_eq!(error.hints(), ["run `workprint-espeak voices`"]);
}
