//! Media that are missing something, are not what their names say, or ask for too much.

use serde_json::{Value, json};
use workprint_model::step::RunStatus;

use crate::bench::{Bench, MANIFEST, silent};
use crate::png::png_head;
use crate::samples::{self, Wav, entities, ffmpeg, svg, uses};

fn image(file: &str) -> Value {
    json!({"image": {"file": file}})
}

fn clip(file: &str) -> Value {
    json!({"clip": {"file": file}})
}

/// An episode whose only file is broken in many ways, and mended after each.
pub(crate) struct Patient {
    bench: Bench,
    file: &'static str,
    whole: Vec<u8>,
    tried: usize,
}

impl Patient {
    pub(crate) fn new(file: &'static str, whole: Vec<u8>, manifest: &Value) -> Self {
        let bench = Bench::new();
        bench.production.write(MANIFEST, &manifest.to_string());
        std::fs::write(bench.path(file), &whole).unwrap();
        bench.is_whole(file);
        Self {
            bench,
            file,
            whole,
            tried: 0,
        }
    }

    fn put(&mut self, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.bench.path(self.file), bytes).unwrap();
        self.tried += 1;
    }

    /// Such a file is refused, and the file is named.
    pub(crate) fn refuses(&mut self, case: &str, bytes: impl AsRef<[u8]>) {
        self.put(bytes);
        self.bench.fails(case, self.file);
    }

    /// With such a file the run fails with a reason or comes to its end.
    pub(crate) fn survives(&mut self, case: &str, bytes: impl AsRef<[u8]>) -> bool {
        self.put(bytes);
        self.bench.renders(case)
    }

    /// Cut short at several places.
    pub(crate) fn truncated(&mut self, must_fail_before: usize) {
        let (whole, length) = (self.whole.clone(), self.whole.len());
        for at in [
            0,
            1,
            4,
            8,
            16,
            33,
            64,
            length / 4,
            length / 2,
            length * 3 / 4,
            length - 1,
        ] {
            let case = format!("{} cut to {at} of {length} bytes", self.file);
            if at * 100 <= must_fail_before * length {
                self.refuses(&case, &whole[..at]);
            } else {
                let _ = self.survives(&case, &whole[..at]);
            }
        }
    }

    /// A film whose index is whole and whose end is missing is shown as far as it goes, and told.
    fn told_cut_short(&mut self) {
        let whole = ffmpeg(
            "mp4",
            "-f lavfi -i testsrc2=size=64x36:rate=10:duration=6 -c:v libx264 -preset ultrafast \
             -pix_fmt yuv420p -g 5 -movflags +faststart",
        );
        for share in [50, 80] {
            self.put(&whole[..whole.len() * share / 100]);
            for again in ["made", "kept"] {
                let case = format!("a film cut to {share} hundredths, {again}");
                let (summary, events) = self.bench.render(&case).unwrap();
                assert_eq!(summary.status, RunStatus::Complete, "{case}");
                let told = format!("{events:?}");
                assert!(told.contains("clip.cut-short"), "{case}: {told}");
                assert!(
                    told.contains("says that it plays for 6.0 s"),
                    "{case}: {told}"
                );
            }
        }
    }

    /// Whole again, it renders again.
    pub(crate) fn mended(mut self) -> usize {
        let whole = self.whole.clone();
        self.put(whole);
        self.bench.is_whole(self.file);
        self.tried - 1
    }
}

#[test]
fn pictures_that_are_none() {
    let png = samples::picture("png", "64x36");
    let file = "media/stills/x.png";
    let mut still = Patient::new(file, png.clone(), &silent(&image(file)));
    still.truncated(50);
    for (case, bytes) in [
        ("text", b"This is not a picture.".to_vec()),
        ("zeroes", vec![0; 5000]),
        ("a film", samples::clip()),
        ("an svg", svg("").into_bytes()),
        ("a sound", Wav::right().bytes()),
        ("a bomb", png_head(20_000, 20_000, 100)),
        ("a larger bomb", png_head(0x7fff_ffff, 0x7fff_ffff, 100)),
        ("no width", png_head(0, 36, 100)),
        ("no picture in it", png_head(64, 36, 100)),
        ("a head alone", b"\x89PNG\r\n\x1a\n".to_vec()),
        ("a playlist", b"#EXTM3U\nfile:///etc/passwd\n".to_vec()),
    ] {
        still.refuses(&format!("a png that is {case}"), bytes);
    }
    for at in (0..png.len()).step_by(png.len() / 12) {
        let mut bytes = png.clone();
        bytes[at] ^= 0x41;
        let _ = still.survives(&format!("a png with byte {at} changed"), bytes);
    }
    for (size, fits) in [
        ("1x1", true),
        ("2000x1", false),
        ("1x2000", false),
        ("16000x2", false),
    ] {
        let whole = still.survives(size, samples::picture("png", size));
        assert!(whole || !fits, "{size}");
    }
    assert!(
        still.survives("a jpeg", samples::picture("jpg", "64x36")),
        "told by its bytes"
    );
    assert!(still.mended() >= 30);

    let file = "media/stills/x.jpg";
    let mut still = Patient::new(
        file,
        samples::picture("jpg", "64x36"),
        &silent(&image(file)),
    );
    still.truncated(5);
    still.refuses("a text", "not a picture");
    assert_eq!(still.mended(), 12);
}

#[test]
fn animated_webps_that_are_broken() {
    let file = "media/clips/x.webp";
    let whole = samples::moving_webp();
    let mut film = Patient::new(file, whole.clone(), &silent(&clip(file)));
    film.truncated(75);
    // More pixels than a side may have.
    let mut bomb = whole.clone();
    bomb[24..30].copy_from_slice(&[0xff; 6]);
    film.refuses("a webp of 16 million pixels a side", bomb);
    for at in (12..whole.len()).step_by(whole.len() / 24) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x41;
        let _ = film.survives(&format!("a webp with byte {at} changed"), bytes);
    }
    assert!(film.mended() >= 30);
}

#[test]
fn clips_that_are_none() {
    let file = "media/clips/x.mp4";
    let mut film = Patient::new(file, samples::clip(), &silent(&clip(file)));
    film.truncated(50);
    for (case, bytes) in [
        ("text", b"This is not a film.".to_vec()),
        ("zeroes", vec![0; 5000]),
        ("a sound", samples::sound_only()),
        ("a wav", Wav::right().bytes()),
        ("an svg", svg("").into_bytes()),
        (
            "a playlist",
            b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n".to_vec(),
        ),
        (
            "a list",
            b"ffconcat version 1.0\nfile /etc/passwd\n".to_vec(),
        ),
        (
            "a presentation",
            b"<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"/>".to_vec(),
        ),
        ("a bomb", png_head(60_000, 60_000, 100)),
    ] {
        film.refuses(&format!("an mp4 that is {case}"), bytes);
    }
    let _ = film.survives("an mp4 that is a png", samples::picture("png", "64x36"));
    let whole = samples::clip();
    for at in (0..whole.len()).step_by(whole.len() / 12) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x41;
        let _ = film.survives(&format!("an mp4 with byte {at} changed"), bytes);
    }
    assert!(film.survives("without sound", samples::picture_only()));
    film.told_cut_short();
    assert!(film.mended() >= 30);

    let mut with_sound = clip(file);
    with_sound["clip"]["sound_db"] = 0.into();
    let mut film = Patient::new(file, samples::clip(), &silent(&with_sound));
    let _ = film.survives(
        "sound is asked for, and there is none",
        samples::picture_only(),
    );
    film.refuses(
        "sound is asked for, and nothing else is there",
        samples::sound_only(),
    );
    let mut late = with_sound.clone();
    late["clip"]["in_ms"] = 86_400_000.into();
    film.bench
        .production
        .write(MANIFEST, &silent(&late).to_string());
    let _ = film.survives("begins a day later", samples::clip());
    film.bench
        .production
        .write(MANIFEST, &silent(&with_sound).to_string());
    assert_eq!(film.mended(), 3);
}

#[test]
fn sounds_that_are_none() {
    let file = "media/x.wav";
    let mut manifest = silent(&json!({"card": {"title": "Heard"}}));
    manifest["music"] = json!([{"id": "bed", "source": {"file": file}}]);
    let mut sound = Patient::new(file, Wav::right().bytes(), &manifest);
    sound.truncated(0);
    let right = Wav::right;
    for (case, wav) in [
        (
            "endless",
            Wav {
                data: u32::MAX,
                riff: u32::MAX,
                ..right()
            },
        ),
        (
            "shorter than it says",
            Wav {
                data: 1 << 30,
                ..right()
            },
        ),
        (
            "without data",
            Wav {
                data: 0,
                body: 0,
                ..right()
            },
        ),
        (
            "without channels",
            Wav {
                channels: 0,
                ..right()
            },
        ),
        (
            "of 65535 channels",
            Wav {
                channels: u16::MAX,
                ..right()
            },
        ),
        ("without a rate", Wav { rate: 0, ..right() }),
        (
            "of 4 GHz",
            Wav {
                rate: u32::MAX,
                ..right()
            },
        ),
        ("of one sample a second", Wav { rate: 1, ..right() }),
        ("without bits", Wav { bits: 0, ..right() }),
        (
            "of 65535 bits",
            Wav {
                bits: u16::MAX,
                ..right()
            },
        ),
        (
            "of an unknown form",
            Wav {
                form: 0x7777,
                ..right()
            },
        ),
        (
            "of floats that are none",
            Wav {
                form: 3,
                bits: 32,
                ..right()
            },
        ),
    ] {
        let _ = sound.survives(&format!("a wav {case}"), wav.bytes());
    }
    let loud = [
        f32::NAN,
        f32::INFINITY,
        f32::MAX,
        -f32::MAX,
        f32::MIN_POSITIVE,
    ];
    let floats = loud
        .iter()
        .cycle()
        .take(2400)
        .flat_map(|level| level.to_le_bytes());
    let mut wav = Wav {
        form: 3,
        bits: 32,
        body: 0,
        ..right()
    }
    .bytes();
    wav.extend(floats);
    let _ = sound.survives("a wav of floats beyond all measure", wav);
    for (case, bytes) in [
        ("text", b"This is not a sound.".to_vec()),
        ("a picture", samples::picture("png", "64x36")),
        ("a film without sound", samples::picture_only()),
        ("zeroes", vec![0; 5000]),
        ("a playlist", b"#EXTM3U\nfile:///etc/passwd\n".to_vec()),
    ] {
        sound.refuses(&format!("a wav that is {case}"), bytes);
    }
    let short = ffmpeg("wav", "-f lavfi -i sine=duration=0.0001");
    let _ = sound.survives("a wav of five samples", short);
    assert!(sound.mended() >= 25);
}

#[test]
fn drawings_that_ask_for_too_much() {
    let file = "media/art/x.svg";
    let whole = svg(r##"<rect width="64" height="36" fill="#204060"/>"##);
    let mut art = Patient::new(file, whole.clone().into_bytes(), &silent(&image(file)));
    art.truncated(50);
    let deep = |n: usize| svg(&format!("{}{}", "<g>".repeat(n), "</g>".repeat(n)));
    let huge = whole.replacen("viewBox=\"0 0 64 36\"", "width=\"1e9\" height=\"1e9\"", 1);
    for (case, text) in [
        ("entities in entities", entities()),
        ("uses of uses", uses(12, 10)),
        ("nothing but text", "not a drawing".to_owned()),
        (
            "another language",
            "<html><body>no</body></html>".to_owned(),
        ),
        ("groups beyond all depth", deep(100_000)),
    ] {
        art.refuses(case, text);
    }
    for (case, text) in [
        ("a thousand million units", huge),
        ("a box of nothing", whole.replace("0 0 64 36", "0 0 0 0")),
        (
            "a box of less than nothing",
            whole.replace("0 0 64 36", "0 0 -5 -5"),
        ),
        (
            "a box of no numbers",
            whole.replace("0 0 64 36", "NaN NaN inf 1e400"),
        ),
        ("a thin box", whole.replace("0 0 64 36", "0 0 1 1000000")),
        (
            "a use of itself",
            svg(r##"<g id="a"><use href="#a"/></g>"##),
        ),
        (
            "uses in a ring",
            svg(r##"<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>"##),
        ),
        (
            "a pattern in itself",
            svg(
                r#"<pattern id="p" width="1" height="1"><rect width="9" height="9" fill="url(#p)"/></pattern><rect width="9" height="9" fill="url(#p)"/>"#,
            ),
        ),
        (
            "a filter of a giant",
            svg(
                r#"<filter id="f" x="-1e6" y="-1e6" width="1e9" height="1e9"><feGaussianBlur stdDeviation="1e6"/></filter><rect width="9" height="9" filter="url(#f)"/>"#,
            ),
        ),
        (
            "a file of the house",
            svg(r#"<image width="9" height="9" href="file:///etc/passwd"/>"#),
        ),
        (
            "a file beside it",
            svg(r#"<image width="9" height="9" href="../../../outside.png"/>"#),
        ),
        (
            "a page",
            svg(r#"<image width="9" height="9" xlink:href="http://127.0.0.1:9/x.png"/>"#),
        ),
        (
            "a bomb in it",
            svg(
                r#"<image width="9" height="9" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='1e9' height='1e9'/%3E"/>"#,
            ),
        ),
        ("a script", svg("<script>while (true) {}</script>")),
        (
            "a style from outside",
            format!("<?xml-stylesheet href=\"file:///etc/passwd\"?>{whole}"),
        ),
        (
            "an entity from outside",
            format!(
                "<!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{}",
                svg("<text>&x;</text>")
            ),
        ),
        (
            "a path without numbers",
            svg(r#"<path d="M NaN 0 L 1e400 -1e400 Z" stroke="red" stroke-width="1e30"/>"#),
        ),
        (
            "a stroke of dashes",
            svg(r#"<path d="M0 0H1e9" stroke="red" stroke-dasharray="0.00001"/>"#),
        ),
        (
            "a long text",
            svg(&format!("<text y=\"9\">{}</text>", "word ".repeat(20_000))),
        ),
        (
            "a text of signs",
            svg("<text y=\"9\">\u{202e}\u{200d}\u{fe0f}\u{1f469}\u{e0001}</text>"),
        ),
        ("nothing in it", svg("")),
    ] {
        let _ = art.survives(case, text);
    }
    assert!(art.mended() >= 35);
}
