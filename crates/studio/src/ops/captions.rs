//! Captions: a caption file, written by hand or by another program, held against an episode.

use std::path::Path;

use workprint_interchange::captions::read::{MOST_BYTES, read};
use workprint_model::{Diagnostic, Span};
use workprint_stages::captions::{Spoken, compare};

use crate::ops::preview::{Observer, Preview};
use crate::ops::render::RenderOptions;
use crate::{Host, Place, StudioError};

/// What a file holds.
#[derive(Debug, Clone)]
pub struct CheckedCaptions {
    /// How many captions.
    pub captions: usize,
    /// The rules that they do not keep, each with its place in the file.
    pub problems: Vec<Diagnostic>,
}

/// Holds a SubRip or WebVTT file against what is said in an episode, when, and against the rules of
/// its language. Lines that nobody has spoken yet are spoken first.
pub async fn captions(
    host: &Host,
    place: Place,
    file: &Path,
    options: &RenderOptions,
    observer: Observer,
) -> Result<CheckedCaptions, StudioError> {
    let path = host.directory.join(file);
    let shown = file.display().to_string();
    let text = text_of(&path)?;
    let read = read(&text);
    let preview = Preview::open_spoken(host, place, options, observer).await?;
    let spoken = Spoken::of(&preview.written);
    let faults = compare(&read.captions, &spoken, preview.timeline.rate);
    preview.close(false).await?;
    let lines = Lines::of(&text);
    let unread = read.unread.iter().map(|unread| {
        let found = Diagnostic::error("captions.unreadable", unread.message.clone())
            .hint("write `HH:MM:SS,mmm --> HH:MM:SS,mmm`, the text below it, and an empty line");
        found.at(&shown, &text, lines.span(unread.line))
    });
    let faults = faults.into_iter().map(|fault| {
        let message = format!("the caption {}", fault.message);
        let line = read
            .captions
            .get(fault.index)
            .map_or(1, |caption| caption.line);
        Diagnostic::error(fault.code, message)
            .hint(fault.hint)
            .at(&shown, &text, lines.span(line))
    });
    Ok(CheckedCaptions {
        captions: read.captions.len(),
        problems: unread.chain(faults).collect(),
    })
}

fn text_of(path: &Path) -> Result<String, StudioError> {
    let meta = std::fs::metadata(path).map_err(StudioError::file("read", path))?;
    if !meta.is_file() || meta.len() > MOST_BYTES as u64 {
        return Err(StudioError::request(
            format!(
                "`{}` is not a caption file of at most 16 MiB",
                path.display()
            ),
            "name an .srt or .vtt file",
        ));
    }
    let bytes = std::fs::read(path).map_err(StudioError::file("read", path))?;
    String::from_utf8(bytes).map_err(|_| {
        StudioError::request(
            format!("`{}` is not UTF-8 text", path.display()),
            "save it as UTF-8",
        )
    })
}

/// Where lines of a text begin.
struct Lines(Vec<Span>);

impl Lines {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut spans = Vec::new();
        let mut start = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let ends = *byte == b'\n' || *byte == b'\r' && bytes.get(at + 1) != Some(&b'\n');
            if ends {
                let end = if at > start && bytes[at - 1] == b'\r' {
                    at - 1
                } else {
                    at
                };
                spans.push(Span { start, end });
                start = at + 1;
            }
        }
        spans.push(Span {
            start,
            end: bytes.len(),
        });
        Self(spans)
    }

    fn span(&self, line: usize) -> Span {
        let found = self.0.get(line.saturating_sub(1)).or(self.0.last());
        found.copied().unwrap_or(Span { start: 0, end: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_all_ends_are_found() {
        let text = "a\r\nbc\rd\n\ne";
        let lines = Lines::of(text);
        let found: Vec<&str> = (1..=6)
            .map(|n| &text[lines.span(n).start..lines.span(n).end])
            .collect();
        assert_eq!(found, ["a", "bc", "d", "", "e", "e"]);
    }
}
