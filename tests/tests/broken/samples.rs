//! Media files, whole ones to be broken and ones that are wrong by design.

use std::fmt::Write as _;

use workprint_tests::made;

/// What ffmpeg makes of its arguments, as bytes of a file with this extension.
pub(crate) fn ffmpeg(extension: &str, args: &str) -> Vec<u8> {
    std::fs::read(made(args, extension)).unwrap()
}

pub(crate) fn clip() -> Vec<u8> {
    ffmpeg(
        "mp4",
        "-f lavfi -i testsrc2=size=64x36:rate=10:duration=1 -f lavfi -i sine=duration=1 \
         -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -threads 1",
    )
}

pub(crate) fn moving_webp() -> Vec<u8> {
    ffmpeg(
        "webp",
        "-f lavfi -i testsrc2=size=64x36:rate=10:duration=1 -c:v libwebp_anim",
    )
}

pub(crate) fn sound_only() -> Vec<u8> {
    ffmpeg("mp4", "-f lavfi -i sine=duration=1 -c:a aac")
}

pub(crate) fn picture_only() -> Vec<u8> {
    ffmpeg(
        "mp4",
        "-f lavfi -i testsrc2=size=64x36:rate=10:duration=1 -c:v libx264 -preset ultrafast",
    )
}

pub(crate) fn picture(extension: &str, size: &str) -> Vec<u8> {
    let scaled = format!("-vf format=rgb24,scale={}", size.replace('x', ":"));
    let args = format!("-f lavfi -i testsrc2=size=64x36 {scaled} -frames:v 1");
    ffmpeg(extension, &args)
}

/// A WAV that says these things of itself, over `body` bytes of sound.
pub(crate) struct Wav {
    pub(crate) riff: u32,
    pub(crate) form: u16,
    pub(crate) channels: u16,
    pub(crate) rate: u32,
    pub(crate) bits: u16,
    pub(crate) data: u32,
    pub(crate) body: usize,
}

impl Wav {
    /// One that is right: a tenth of a second.
    pub(crate) fn right() -> Self {
        Self {
            riff: 36 + 9600,
            form: 1,
            channels: 1,
            rate: 48_000,
            bits: 16,
            data: 9600,
            body: 9600,
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut wav = b"RIFF".to_vec();
        wav.extend(self.riff.to_le_bytes());
        wav.extend(b"WAVEfmt \x10\0\0\0");
        wav.extend(self.form.to_le_bytes());
        wav.extend(self.channels.to_le_bytes());
        wav.extend(self.rate.to_le_bytes());
        let block = self.channels.wrapping_mul(self.bits / 8);
        wav.extend(self.rate.wrapping_mul(u32::from(block)).to_le_bytes());
        wav.extend(block.to_le_bytes());
        wav.extend(self.bits.to_le_bytes());
        wav.extend(b"data");
        wav.extend(self.data.to_le_bytes());
        wav.extend((0..self.body).map(|n| (n % 251) as u8));
        wav
    }
}

pub(crate) fn svg(inside: &str) -> String {
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 64 36">{inside}</svg>"#
    )
}

/// An SVG in which every group uses the one before `times` times.
pub(crate) fn uses(depth: usize, times: usize) -> String {
    let mut inside = r##"<g id="g0"><rect width="9" height="9" fill="#123456"/></g>"##.to_owned();
    for n in 1..=depth {
        let before = format!(r##"<use href="#g{}" x="1"/>"##, n - 1).repeat(times);
        let _ = write!(inside, r#"<g id="g{n}">{before}</g>"#);
    }
    svg(&inside)
}

/// An SVG whose text grows ten times with every entity.
pub(crate) fn entities() -> String {
    let mut head = String::from("<!DOCTYPE svg [<!ENTITY e0 \"lol\">");
    for n in 1..12 {
        let before = format!("&e{};", n - 1).repeat(10);
        let _ = write!(head, "<!ENTITY e{n} \"{before}\">");
    }
    format!("{head}]>{}", svg("<text>&e11;</text>"))
}
