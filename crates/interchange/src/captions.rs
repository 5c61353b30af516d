//! Caption files: SubRip (SRT), WebVTT and, in [`ass`], Advanced SubStation Alpha.
//!
//! Times are rounded from frames with whole numbers, and a caption's end is never after the next
//! one's start. Text reads back exactly as it is written in the captions.

mod ass;
pub mod read;

use std::fmt::Write as _;

use workprint_model::timeline::PlacedCaption;
use workprint_model::{CastId, Frames, Rate};

pub use self::ass::{AssLook, ass};

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
/// return nothing for a speaker without a name. In a caption that two share each line has its own.
pub fn vtt(
    captions: &[PlacedCaption],
    rate: Rate,
    name_of: impl Fn(&CastId) -> Option<String>,
) -> String {
    let mut out = String::from("WEBVTT\n\n");
    for (caption, from, to) in timed(captions, rate, 1000) {
        let _ = writeln!(out, "{} --> {}", clock(from, '.'), clock(to, '.'));
        let voice = |speaker: &CastId| {
            let name = name_of(speaker).map(|name| vtt_text(one_line(&name).trim()));
            let name = name.filter(|name| !name.is_empty());
            name.map_or_else(String::new, |name| format!("<v {name}>"))
        };
        let first = caption.speaker.as_ref().map(voice).unwrap_or_default();
        let second = caption.second.as_ref().map(|second| voice(&second.speaker));
        for (number, line) in written(caption).enumerate() {
            let begins = match (number, &second) {
                (0, _) => first.as_str(),
                (1, Some(second)) => second,
                _ => "",
            };
            // A voice that speaks one line of several ends with it.
            let ends = match &second {
                Some(_) if !begins.is_empty() => "</v>",
                _ => "",
            };
            let _ = writeln!(out, "{begins}{}{ends}", vtt_text(&line));
        }
        out.push('\n');
    }
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
