//! What a person looks at: a page of everything, and a contact sheet of each topic.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use image::{Rgb, RgbImage};
use workprint_model::episode::Colour;
use workprint_picture::Fonts;
use workprint_picture::text::{Align, Ink, Type, draw, lay};

use crate::harness::{Shown, png};

const HEAD: &str = r#"<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Golden frames</title>
<style>
body { background: #16181d; color: #e8e6e1; font: 15px/1.45 system-ui, sans-serif; margin: 2rem; }
h2 { margin: 2.2em 0 .6em; font-weight: 600; }
.bad { color: #ff9b7a; }
.row, .sheet { display: flex; flex-wrap: wrap; gap: 14px; }
figure { margin: 0; }
figcaption { font-size: 13px; color: #a5a8b0; padding-top: 4px; }
img { image-rendering: pixelated; display: block; background: #000; }
.row img { zoom: 2; }
</style><h1>Golden frames</h1>
"#;

/// Writes what is shown of a topic, and the page of all topics; the page's path.
///
/// Topics run in processes of their own: each leaves its part, and who writes the page reads them
/// all, one after the other.
pub(crate) fn write(folder: &Path, topic: &str, shown: &[Shown]) -> PathBuf {
    let parts = folder.join("parts");
    fs::create_dir_all(&parts).unwrap();
    let lock = fs::File::create(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    let wrong: String = shown.iter().map(|one| row(topic, one)).collect();
    fs::write(parts.join(format!("{topic}.wrong")), wrong).unwrap();
    fs::write(parts.join(format!("{topic}.sheet")), sheet(topic, shown)).unwrap();
    if let Some(contact) = contact(shown) {
        fs::write(folder.join(format!("{topic}.png")), png(&contact)).unwrap();
    }
    let all = |kind: &str| -> String {
        let files = fs::read_dir(&parts).unwrap();
        let files = files.map(|file| file.unwrap().path());
        let mut files: Vec<_> = files
            .filter(|path| path.extension().is_some_and(|found| found == kind))
            .collect();
        files.sort();
        let texts = files.iter().map(|path| fs::read_to_string(path).unwrap());
        texts.collect()
    };
    let wrong = all("wrong");
    let told = if wrong.is_empty() {
        "<p>All frames are as they should be.</p>".to_owned()
    } else {
        format!("<h2 class=\"bad\">Not as they should be</h2>{wrong}")
    };
    let page = folder.join("index.html");
    fs::write(&page, format!("{HEAD}{told}{}</html>\n", all("sheet"))).unwrap();
    page.canonicalize().unwrap()
}

/// Expected, got and the difference of a frame that is wrong; nothing of one that is right.
fn row(topic: &str, one: &Shown) -> String {
    let Some(wrong) = &one.wrong else {
        return String::new();
    };
    let mut row = format!(
        "<h3>{topic}/{}: {}</h3><div class=\"row\">",
        one.name, wrong.why
    );
    let pictures = [
        ("expected", &wrong.expected),
        ("got", &one.got),
        ("difference, 8 times and brightened", &wrong.difference),
    ];
    for (what, picture) in pictures {
        if let Some(picture) = picture {
            row.push_str(&figure(picture, what));
        }
    }
    row.push_str("</div>");
    row
}

fn sheet(topic: &str, shown: &[Shown]) -> String {
    let count = shown.len();
    let mut sheet = format!("<h2>{topic} · {count}</h2><div class=\"sheet\">");
    for one in shown {
        if let Some(got) = &one.got {
            sheet.push_str(&figure(got, &one.name));
        }
    }
    sheet.push_str("</div>");
    sheet
}

fn figure(picture: &RgbImage, caption: &str) -> String {
    let (width, height) = picture.dimensions();
    let mut figure = String::from("<figure><img alt=\"\" ");
    let _ = write!(figure, "width=\"{width}\" height=\"{height}\" ");
    figure.push_str("src=\"data:image/png;base64,");
    base64(&png(picture), &mut figure);
    let _ = write!(figure, "\"><figcaption>{caption}</figcaption></figure>");
    figure
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8], out: &mut String) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for three in bytes.chunks(3) {
        let at = |index: usize| u32::from(three.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            if digit <= three.len() {
                let value = bits >> (18 - 6 * digit) & 63;
                out.push(char::from(DIGITS[value as usize]));
            } else {
                out.push('=');
            }
        }
    }
}

/// All frames of a topic in one picture, with their names.
fn contact(shown: &[Shown]) -> Option<RgbImage> {
    const GAP: u32 = 8;
    const LINE: u32 = 18;
    const WIDEST: u32 = 1020;
    let frames: Vec<(&str, &RgbImage)> = shown
        .iter()
        .filter_map(|one| Some((one.name.as_str(), one.got.as_ref()?)))
        .collect();
    let mut places = Vec::new();
    let (mut x, mut y, mut tall) = (GAP, GAP, 0);
    for (_, frame) in &frames {
        if x > GAP && x + frame.width() + GAP > WIDEST {
            (x, y, tall) = (GAP, y + tall + LINE + GAP, 0);
        }
        places.push((x, y));
        x += frame.width() + GAP;
        tall = tall.max(frame.height());
    }
    let height = y + tall + LINE + GAP;
    let mut out = RgbImage::from_pixel(WIDEST, height, Rgb([22, 24, 29]));
    for ((name, frame), (x, y)) in frames.iter().zip(places) {
        image::imageops::replace(&mut out, *frame, i64::from(x), i64::from(y));
        write_name(&mut out, name, (x, y + frame.height() + 2));
    }
    (!frames.is_empty()).then_some(out)
}

fn write_name(out: &mut RgbImage, name: &str, (x, y): (u32, u32)) {
    let english = "en".parse().unwrap();
    let letters = Type {
        align: Align::Start,
        ..Type::new(12.0, &english)
    };
    let laid = lay(name, &letters, None, Fonts::built_in());
    let drawn = draw(&laid, &Ink::of(Colour::new(165, 168, 176)));
    let pixels = drawn.image.pixels.chunks_exact(4).zip(0u32..);
    for (pixel, at) in pixels {
        let left = x as i32 + drawn.x + (at % drawn.image.size.width) as i32;
        let top = y as i32 + drawn.y + (at / drawn.image.size.width) as i32;
        if let Some(below) = out.get_pixel_mut_checked(left as u32, top as u32) {
            for (below, above) in below.0.iter_mut().zip(pixel) {
                let rest = u32::from(*below) * (255 - u32::from(pixel[3])) / 255;
                *below = above.saturating_add(rest as u8);
            }
        }
    }
}
