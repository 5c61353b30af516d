//! The small production's pictures and clip, drawn when they are needed.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use workprint_model::Digest;

/// A drawing that no other number gives: a sky, hills and a sun in colours of its own.
pub(crate) fn svg(number: u32) -> String {
    let hue = number * 47 % 360;
    let mut art = String::from(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180">"#);
    let parts = [
        format!(r#"<rect width="320" height="180" fill="hsl({hue},60%,70%)"/>"#),
        format!(
            r#"<circle cx="{}" cy="50" r="22" fill="hsl({},80%,60%)"/>"#,
            40 + number * 23 % 240,
            (hue + 60) % 360
        ),
        format!(
            r#"<path d="M0 140 Q80 {} 160 130 T320 120 V180 H0 Z" fill="hsl({},45%,35%)"/>"#,
            70 + number * 11 % 50,
            (hue + 200) % 360
        ),
    ];
    for part in parts {
        art.push_str(&part);
    }
    let _ = write!(art, "</svg>");
    art
}

/// Writes a PNG of 320x180 that no other number gives.
pub(crate) fn png(path: &Path, number: u32) {
    let mut picture = image::RgbImage::new(320, 180);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let ring = ((x.abs_diff(160) + y.abs_diff(90) + number * 37) / 16) % 2;
        let level = |shift: u32| ((x + y * shift + number * 53) % 200 + ring * 40) as u8;
        *pixel = image::Rgb([level(1), level(2), level(3)]);
    }
    picture
        .save(path)
        .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
}

/// Where tests keep for each other what takes long to make: beside their programs.
pub fn kept_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tmp")
}

/// What ffmpeg makes of arguments separated by spaces that name no file, with this extension. It is made
/// once and kept beside the tests' programs.
pub fn made(arguments: &str, extension: &str) -> PathBuf {
    let kept = kept_folder();
    let name = Digest::of(arguments.as_bytes());
    let path = kept.join(format!("{name}.{extension}"));
    if !path.is_file() {
        fs::create_dir_all(&kept).unwrap_or_else(|error| panic!("{}: {error}", kept.display()));
        let own = tempfile::Builder::new()
            .suffix(&format!(".{extension}"))
            .tempfile_in(&kept);
        let own = own.unwrap_or_else(|error| panic!("{}: {error}", kept.display()));
        let made = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-y"])
            .args(arguments.split_whitespace())
            .arg(own.path())
            .status();
        assert!(
            made.is_ok_and(|status| status.success()),
            "ffmpeg made nothing of `{arguments}`: is it installed?"
        );
        // Tests run at once: the last to be finished stays.
        own.persist(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    path
}

/// Writes a clip of two seconds, 320x180 at 30 frames a second, with a tone.
pub(crate) fn clip(path: &Path) {
    const MAKE: &str = "-f lavfi -i testsrc2=size=320x180:rate=30:duration=2 \
         -f lavfi -i sine=frequency=300:duration=2 \
         -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -threads 1";
    fs::copy(made(MAKE, "mp4"), path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// Writes a mono WAV of 16 bits at 48 kHz with a tone of `hz`, `ms` long.
pub(crate) fn tone(path: &Path, hz: u32, ms: u32) {
    let samples = (0..48 * ms).map(|n| {
        let turn = f64::from(n) * f64::from(hz) / 48_000.0 * std::f64::consts::TAU;
        (turn.sin() * 9000.0) as i16
    });
    wav(path, &samples.collect::<Vec<_>>());
}

/// Writes a mono WAV of 16 bits at 48 kHz whose first sample alone is not zero.
pub(crate) fn impulse(path: &Path) {
    let mut samples = [0; 4000];
    samples[0] = 20_000;
    wav(path, &samples);
}

fn wav(path: &Path, samples: &[i16]) {
    let length = samples.len() as u32 * 2;
    let mut bytes = Vec::new();
    bytes.extend(b"RIFF");
    bytes.extend((36 + length).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16u32.to_le_bytes());
    for word in [1u16, 1] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(48_000u32.to_le_bytes());
    bytes.extend(96_000u32.to_le_bytes());
    for word in [2u16, 16] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(b"data");
    bytes.extend(length.to_le_bytes());
    bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    fs::write(path, bytes)
        .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
}
