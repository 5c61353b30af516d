use std::os::unix::fs::symlink;
use std::path::Path;

use workprint_media::{MediaError, MediaErrorKind};

use crate::fixtures::{make, media, spec};

fn refused(path: &Path) -> MediaError {
    let error = media().probe(path).unwrap_err();
    assert_eq!(
        error.kind(),
        MediaErrorKind::BadMedia,
        "{}: {error}",
        path.display()
    );
    error
}

#[test]
fn playlists_and_scripts_that_name_other_files_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let real = dir.path().join("real.ts");
    make(
        "-f lavfi -i testsrc2=s=64x48:r=25:d=0.2 -c:v libx264 -pix_fmt yuv420p",
        &real,
    );
    let real = real.display();
    let target = |content: String, name: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let list =
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:{real}\n#EXT-X-ENDLIST\n");
    let mpd = format!(
        "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" profiles=\"urn:mpeg:dash:profile:isoff-on-demand:2011\" type=\"static\" mediaPresentationDuration=\"PT1S\"><Period><AdaptationSet mimeType=\"video/mp4\"><Representation id=\"1\" bandwidth=\"1\"><BaseURL>{real}</BaseURL></Representation></AdaptationSet></Period></MPD>"
    );
    for path in [
        target(list.clone(), "list.m3u8"),
        target(list, "list.mp4"),
        target(format!("ffconcat version 1.0\nfile '{real}'\n"), "script.mp4"),
        target("ffconcat version 1.0\nfile '/etc/passwd'\n".to_owned(), "passwd.ffconcat"),
        target(mpd, "manifest.mpd"),
        target("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n".to_owned(), "session.sdp"),
    ] {
        let error = refused(&path);
        assert!(error.to_string().contains("are refused"), "{error}");
        let error = media().decode_video(&spec(&path, "25", (64, 48))).unwrap_err();
        assert_eq!(error.kind(), MediaErrorKind::BadMedia);
        let error = media().frame_md5(&path).unwrap_err();
        assert_eq!(error.kind(), MediaErrorKind::BadMedia);
    }
}

#[test]
fn what_is_no_media_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("empty.mp4");
    std::fs::write(&empty, b"").unwrap();
    assert!(refused(&empty).to_string().ends_with("it is empty"));
    let text = dir.path().join("text.mp4");
    std::fs::write(&text, "Once upon a time there was a file.\n".repeat(100)).unwrap();
    let error = refused(&text);
    assert!(error.report().is_some() && !error.hints().is_empty());
    assert!(
        refused(dir.path())
            .to_string()
            .ends_with("not a regular file")
    );
    let zero = dir.path().join("zero.mp4");
    symlink("/dev/zero", &zero).unwrap();
    refused(&zero);
    let missing = media().probe(&dir.path().join("missing.mp4")).unwrap_err();
    assert_eq!(missing.kind(), MediaErrorKind::Io);
}

#[test]
fn a_file_cut_short_gives_what_it_has_or_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let late = dir.path().join("late.mp4");
    make(
        "-f lavfi -i testsrc2=s=64x48:r=25:d=4 -c:v libx264 -pix_fmt yuv420p",
        &late,
    );
    let early = dir.path().join("early.mp4");
    make(
        &format!("-i {} -c copy -movflags +faststart", late.display()),
        &early,
    );
    for path in [&late, &early] {
        let bytes = std::fs::read(path).unwrap();
        std::fs::write(path, &bytes[..bytes.len() * 6 / 10]).unwrap();
    }
    refused(&late);
    let spec = spec(&early, "25", (64, 48));
    let mut reader = media().decode_video(&spec).unwrap();
    let mut frame = vec![0; spec.frame_bytes()];
    let mut count = 0;
    while matches!(reader.next(&mut frame), Ok(true)) {
        count += 1;
    }
    assert!((1..100).contains(&count), "{count}");
}

#[test]
fn names_are_only_names() {
    let dir = tempfile::tempdir().unwrap();
    let plain = dir.path().join("plain.mp4");
    make(
        "-f lavfi -i testsrc2=s=64x48:r=25:d=0.4 -c:v libx264 -pix_fmt yuv420p",
        &plain,
    );
    for name in [
        "-i",
        "concat:a|b",
        "http:x",
        "a b'\"\n\\%d*.mp4",
        "\u{1f600}\u{e9}",
        "pipe:0",
    ] {
        let path = dir.path().join(name);
        std::fs::copy(&plain, &path).unwrap();
        assert!(media().probe(&path).unwrap().video.is_some(), "{name}");
        assert_eq!(media().frame_md5(&path).unwrap().len(), 10, "{name}");
    }
}

#[test]
fn absurd_requests_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("plain.mp4");
    make(
        "-f lavfi -i testsrc2=s=64x48:r=25:d=0.4 -c:v libx264 -pix_fmt yuv420p",
        &path,
    );
    for size in [(0, 48), (63, 48), (64, 20_000)] {
        let error = media().decode_video(&spec(&path, "25", size)).unwrap_err();
        assert_eq!(error.kind(), MediaErrorKind::BadRequest);
    }
    for speed in [0, -100] {
        let mut spec = spec(&path, "25", (64, 48));
        spec.speed = workprint_model::Percent::new(speed);
        let error = media().decode_video(&spec).unwrap_err();
        assert_eq!(error.kind(), MediaErrorKind::BadRequest);
    }
    let error = media().decode_audio(&path, 0).unwrap_err();
    assert_eq!(error.kind(), MediaErrorKind::BadRequest);
}
