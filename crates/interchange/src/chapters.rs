//! Chapters as ffmpeg's metadata format writes them, for the muxer to put into a film.

use std::fmt::Write as _;

use workprint_model::{Frames, Rate};

/// An `;FFMETADATA1` file with one `[CHAPTER]` for each of `chapters` (first frame and title, in
/// order); a chapter lasts to the next one, the last to `length`.
///
/// The time base is the length of a frame, so times are exact. Chapters that begin at or after
/// `length`, or with the chapter before them, are left out, as a film cannot hold an empty one.
pub fn ffmetadata(chapters: &[(Frames, String)], rate: Rate, length: Frames) -> String {
    let mut kept: Vec<&(Frames, String)> = Vec::new();
    for chapter in chapters {
        if chapter.0 < length && kept.last().is_none_or(|last| last.0 < chapter.0) {
            kept.push(chapter);
        }
    }
    let mut out = String::from(";FFMETADATA1\n");
    for (index, (from, title)) in kept.iter().enumerate() {
        let to = kept.get(index + 1).map_or(length, |next| next.0);
        let _ = write!(
            out,
            "\n[CHAPTER]\nTIMEBASE={}/{}\nSTART={}\nEND={}\ntitle={}\n",
            rate.den(),
            rate.num(),
            from.0,
            to.0,
            escape(title)
        );
    }
    out
}

/// ffmpeg reads `=`, `;`, `#`, `\` and a line feed literally after a backslash.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '=' | ';' | '#' | '\\' | '\n' => {
                out.push('\\');
                out.push(c);
            }
            // Neither survives: ffmpeg ends a line at a carriage return and the text at a NUL.
            '\r' | '\0' => {}
            other => out.push(other),
        }
    }
    out
}
