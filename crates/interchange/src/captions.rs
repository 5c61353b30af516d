//! Caption files: SubRip (SRT), WebVTT and Advanced SubStation Alpha (ASS).
//!
//! Times are rounded from frames with whole numbers, and a caption's end is never after the next
//! one's start. Text reads back exactly as it is written in the captions.

use std::fmt::Write as _;

use workprint_model::episode::Colour;
use workprint_model::show::CaptionStyle;
use workprint_model::timeline::PlacedCaption;
use workprint_model::{CastId, Frames, Percent, Rate, Size};

/// SubRip: the text as it is, times in milliseconds, empty lines inside a caption left out (one
/// would end it).
pub fn srt(captions: &[PlacedCaption], rate: Rate) -> String {
    let mut out = String::new();
    for (index, (caption, from, to)) in timed(captions, rate, 1000).enumerate() {
        let _ = write!(
            out,
            "{}\n{} --> {}\n",
            index + 1,
            clock(from, ','),
            clock(to, ',')
        );
        for line in written(caption) {
            out.push_str(&line);
            out.push('\n');
        }
        out.push('\n');
    }
    out
}

/// WebVTT: `&`, `<` and `>` escaped; a speaker becomes a voice span named by `name_of`, which may
/// return nothing for a speaker without a name.
pub fn vtt(
    captions: &[PlacedCaption],
    rate: Rate,
    name_of: impl Fn(&CastId) -> Option<String>,
) -> String {
    let mut out = String::from("WEBVTT\n\n");
    for (caption, from, to) in timed(captions, rate, 1000) {
        let _ = writeln!(out, "{} --> {}", clock(from, '.'), clock(to, '.'));
        let name = caption.speaker.as_ref().and_then(&name_of);
        if let Some(name) = name.filter(|name| !name.trim().is_empty()) {
            let _ = write!(out, "<v {}>", vtt_text(one_line(&name).trim()));
        }
        for line in written(caption) {
            out.push_str(&vtt_text(&line));
            out.push('\n');
        }
        out.push('\n');
    }
    out
}

/// Advanced SubStation Alpha (v4+): one style for each distinct look among the captions, the frame's
/// own pixels as coordinates, times in hundredths of a second, speakers in the `Name` field.
///
/// `font` is the family that players look for. ASS has no way to write `{` and `\` literally that
/// every player reads: `{` and `}` are written `\{` and `\}`, which libass reads back exactly, and a
/// word joiner (U+2060) follows a backslash so that it never begins a command.
pub fn ass(
    captions: &[PlacedCaption],
    rate: Rate,
    size: Size,
    font: &str,
    name_of: impl Fn(&CastId) -> Option<String>,
) -> String {
    let mut styles: Vec<&CaptionStyle> = Vec::new();
    let mut events = String::new();
    for (caption, from, to) in timed(captions, rate, 100) {
        let style = styles
            .iter()
            .position(|known| **known == caption.style)
            .unwrap_or_else(|| {
                styles.push(&caption.style);
                styles.len() - 1
            });
        let name = caption.speaker.as_ref().and_then(&name_of);
        let name = one_line(&name.unwrap_or_default()).replace(',', ";");
        let lines: Vec<String> = written(caption).map(|line| ass_text(&line)).collect();
        let _ = writeln!(
            events,
            "Dialogue: 0,{},{},{},{name},0,0,0,,{}",
            ass_clock(from),
            ass_clock(to),
            style_name(style),
            lines.join("\\N"),
        );
    }
    let mut out = format!(
        "[Script Info]\nScriptType: v4.00+\nPlayResX: {}\nPlayResY: {}\nWrapStyle: 2\n\
         ScaledBorderAndShadow: yes\nYCbCr Matrix: TV.709\n\n[V4+ Styles]\nFormat: Name, Fontname, \
         Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
         Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, \
         Alignment, MarginL, MarginR, MarginV, Encoding\n",
        size.width, size.height,
    );
    for (index, style) in styles.iter().enumerate() {
        out.push_str(&ass_style(&style_name(index), style, size, &one_line(font)));
    }
    out.push_str(
        "\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n",
    );
    out.push_str(&events);
    out
}

/// Each caption that is seen at all with its start and end in `units` of a second.
fn timed(
    captions: &[PlacedCaption],
    rate: Rate,
    units: u64,
) -> impl Iterator<Item = (&PlacedCaption, u64, u64)> {
    captions
        .iter()
        .enumerate()
        .filter_map(move |(index, caption)| {
            let from = nearest(caption.from, rate, units);
            let mut to = nearest(caption.from + caption.length, rate, units);
            if let Some(next) = captions.get(index + 1) {
                to = to.min(nearest(next.from, rate, units));
            }
            (to > from && written(caption).next().is_some()).then_some((caption, from, to))
        })
}

/// When `frame` begins in `units` of a second, rounded to nearest.
fn nearest(frame: Frames, rate: Rate, units: u64) -> u64 {
    let num = u128::from(frame.0) * u128::from(rate.den()) * u128::from(units);
    let den = u128::from(rate.num());
    ((num + den / 2) / den) as u64
}

fn clock(ms: u64, mark: char) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}{mark}{:03}", ms % 1000)
}

fn ass_clock(cs: u64) -> String {
    let (hours, minutes, seconds) = (cs / 360_000, cs / 6000 % 60, cs / 100 % 60);
    format!("{hours}:{minutes:02}:{seconds:02}.{:02}", cs % 100)
}

/// A caption's lines that hold anything. A line break inside a line would end it, or the caption.
fn written(caption: &PlacedCaption) -> impl Iterator<Item = String> {
    caption
        .lines
        .iter()
        .map(|line| one_line(line))
        .filter(|line| !line.trim().is_empty())
}

fn one_line(text: &str) -> String {
    text.replace(['\r', '\n', '\u{2028}', '\u{2029}', '\0'], " ")
}

fn vtt_text(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn ass_text(text: &str) -> String {
    text.replace('\\', "\\\u{2060}")
        .replace('{', "\\{")
        .replace('}', "\\}")
}

fn style_name(index: usize) -> String {
    if index == 0 {
        "Default".to_owned()
    } else {
        format!("Style{}", index + 1)
    }
}

/// One `Style:` line. A box is `BorderStyle` 3, whose outline width is the box's padding and whose
/// outline colour fills it.
fn ass_style(name: &str, style: &CaptionStyle, size: Size, font: &str) -> String {
    let letters = hundredths_of(style.size, u64::from(size.height) * 100);
    let bottom = hundredths_of(style.bottom, u64::from(size.height) * 100) / 100;
    let transparent = 255 - (hundredths_of(style.box_opacity, 255)).min(255) as u8;
    let (border, width, edge) = match style.box_colour {
        Some(colour) => (3, letters / 4, ass_colour(colour, transparent)),
        None => (
            1,
            hundredths_of(style.outline, letters),
            ass_colour(style.outline_colour, 0),
        ),
    };
    format!(
        "Style: {name},{},{},{primary},{primary},{edge},{edge},{},0,0,0,100,100,0,0,{border},{},0,2,{side},{side},{bottom},1\n",
        font.replace(',', " "),
        decimal(letters),
        if style.bold { -1 } else { 0 },
        decimal(width),
        primary = ass_colour(style.colour, 0),
        side = size.width / 20,
    )
}

/// `share` of `whole`, rounded to nearest; a negative share is nothing.
fn hundredths_of(share: Percent, whole: u64) -> u64 {
    let share = u64::try_from(share.hundredths()).unwrap_or(0);
    (share * whole + 5000) / 10_000
}

/// Hundredths as a decimal number.
fn decimal(hundredths: u64) -> String {
    match hundredths % 100 {
        0 => (hundredths / 100).to_string(),
        rest => format!("{}.{rest:02}", hundredths / 100),
    }
}

/// `&HAABBGGRR`, where `AA` is how transparent the colour is.
fn ass_colour(colour: Colour, transparent: u8) -> String {
    format!(
        "&H{transparent:02X}{:02X}{:02X}{:02X}",
        colour.b, colour.g, colour.r
    )
}
