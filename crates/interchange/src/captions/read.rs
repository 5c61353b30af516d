//! Reads SubRip and WebVTT as they are found: any line ends, a byte order mark, cue numbers or names,
//! settings behind times, tags inside the text.
//!
//! WebVTT by <https://www.w3.org/TR/webvtt1/>. What cannot be read is told with its line; the rest is
//! read on.

/// The largest file that is read.
pub const MOST_BYTES: usize = 16 << 20;
/// The most captions of a file, and the most problems that are told.
const MOST_CAPTIONS: usize = 100_000;
const MOST_PROBLEMS: usize = 50;
/// Later times are refused: a hundred hours.
const MOST_MS: u64 = 360_000_000;

/// A caption of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subtitle {
    /// The line of the file with its times, counted from 1.
    pub line: usize,
    /// When it begins, in milliseconds.
    pub from_ms: u64,
    /// When it ends.
    pub to_ms: u64,
    /// Its lines, without tags.
    pub lines: Vec<String>,
    /// Who speaks, where the file says so (`<v NAME>`).
    pub speaker: Option<String>,
}

/// Something that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

/// The captions of a file, and what of it is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subtitles {
    /// The captions, in the order of the file.
    pub captions: Vec<Subtitle>,
    /// What cannot be read.
    pub unread: Vec<Unread>,
}

/// Reads SubRip or WebVTT; a file that begins with `WEBVTT` is the latter.
pub fn read(text: &str) -> Subtitles {
    let mut out = Subtitles::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let vtt = text.starts_with("WEBVTT");
    if text.len() > MOST_BYTES {
        out.refuse(1, "the file is larger than 16 MiB".to_owned());
        return out;
    }
    let mut lines = numbered(text).peekable();
    if vtt {
        // The header goes on to the first empty line.
        while lines.next_if(|(_, line)| !line.trim().is_empty()).is_some() {}
    }
    while let Some((number, line)) = lines.next() {
        if line.trim().is_empty() {
            continue;
        }
        let block: Vec<(usize, &str)> = std::iter::once((number, line))
            .chain(std::iter::from_fn(|| {
                lines.next_if(|(_, line)| !line.trim().is_empty())
            }))
            .collect();
        if out.captions.len() >= MOST_CAPTIONS {
            out.refuse(number, "there are more than 100 000 captions".to_owned());
            break;
        }
        out.block(&block, vtt);
    }
    out
}

impl Subtitles {
    fn refuse(&mut self, line: usize, message: String) {
        if self.unread.len() < MOST_PROBLEMS {
            self.unread.push(Unread { line, message });
        }
    }

    fn block(&mut self, block: &[(usize, &str)], vtt: bool) {
        let word = block[0].1.split_whitespace().next().unwrap_or_default();
        if vtt && matches!(word, "NOTE" | "STYLE" | "REGION") {
            return;
        }
        let timed = block
            .iter()
            .take(2)
            .position(|(_, line)| line.contains("-->"));
        let Some(at) = timed else {
            let brief: String = block[0].1.chars().take(40).collect();
            self.refuse(block[0].0, format!("`{brief}` has no times"));
            return;
        };
        let (number, times) = block[at];
        match span(times) {
            Ok((from_ms, to_ms)) => {
                let text: Vec<&str> = block[at + 1..].iter().map(|(_, line)| *line).collect();
                let (lines, speaker) = plain(&text.join("\n"), vtt);
                self.captions.push(Subtitle {
                    line: number,
                    from_ms,
                    to_ms,
                    lines,
                    speaker,
                });
            }
            Err(message) => self.refuse(number, message),
        }
    }
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = Some(text);
    let mut number = 0;
    std::iter::from_fn(move || {
        let text = rest?;
        number += 1;
        let end = text.find(['\n', '\r']);
        let line = end.map_or(text, |end| &text[..end]);
        rest = end.map(|end| {
            let after = &text[end..];
            after.strip_prefix("\r\n").unwrap_or(&after[1..])
        });
        Some((number, line))
    })
}

/// From and to of `00:00:01,500 --> 00:00:02,500 align:start`.
fn span(line: &str) -> Result<(u64, u64), String> {
    let refused = || {
        let brief: String = line.chars().take(60).collect();
        format!("`{brief}` is not `HH:MM:SS,mmm --> HH:MM:SS,mmm`")
    };
    let (from, rest) = line.split_once("-->").ok_or_else(refused)?;
    let to = rest.split_whitespace().next().ok_or_else(refused)?;
    let from = time(from.trim()).ok_or_else(refused)?;
    let to = time(to).ok_or_else(refused)?;
    Ok((from, to))
}

/// Milliseconds of `HH:MM:SS,mmm`, `HH:MM:SS.mmm` or `MM:SS.mmm`.
fn time(text: &str) -> Option<u64> {
    let (clock, fraction) = text.split_once([',', '.'])?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(fraction) || fraction.len() != 3 {
        return None;
    }
    let parts: Vec<&str> = clock.split(':').collect();
    if !(2..=3).contains(&parts.len()) || !parts.iter().all(|part| digits(part) && part.len() <= 4)
    {
        return None;
    }
    let mut seconds = 0u64;
    for (place, part) in parts.iter().enumerate() {
        let value: u64 = part.parse().ok()?;
        if place > 0 && value > 59 {
            return None;
        }
        seconds = seconds * 60 + value;
    }
    let ms = seconds * 1000 + fraction.parse::<u64>().ok()?;
    (ms <= MOST_MS).then_some(ms)
}

/// The text of a caption without its tags, and who speaks. In SubRip, tags are those that players
/// know: `<i>`, `<b>`, `<u>`, `<font …>`, and braces with a backslash; anything else is text.
fn plain(text: &str, vtt: bool) -> (Vec<String>, Option<String>) {
    let mut out = String::with_capacity(text.len());
    let mut speaker = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let tag = match c {
            '<' => rest.find('>').map(|end| &rest[1..end]),
            '{' if !vtt && rest.starts_with("{\\") => rest.find('}').map(|end| &rest[1..end]),
            _ => None,
        };
        let known = tag.filter(|tag| vtt || c == '{' || is_srt_tag(tag));
        if let Some(tag) = known {
            let name = tag.strip_prefix("v ").or_else(|| {
                let (class, name) = tag.split_once(' ')?;
                class.starts_with("v.").then_some(name)
            });
            if let Some(name) = name.filter(|_| vtt && speaker.is_none()) {
                speaker = Some(unescaped(name.trim()));
            }
            rest = &rest[tag.len() + 2..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    let out = if vtt { unescaped(&out) } else { out };
    let lines = out.split('\n').map(|line| line.trim().to_owned());
    (lines.filter(|line| !line.is_empty()).collect(), speaker)
}

fn is_srt_tag(tag: &str) -> bool {
    let name = tag.trim_start_matches('/').split([' ', '=']).next();
    name.is_some_and(|name| {
        ["i", "b", "u", "s", "font"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
    })
}

fn unescaped(text: &str) -> String {
    const NAMED: [(&str, &str); 6] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&nbsp;", "\u{a0}"),
        ("&lrm;", "\u{200e}"),
        ("&rlm;", "\u{200f}"),
        ("&amp;", "&"),
    ];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let named = NAMED.iter().find(|(name, _)| rest.starts_with(name));
        let (taken, meant) = named.map_or((1, "&"), |(name, meant)| (name.len(), *meant));
        out.push_str(meant);
        rest = &rest[taken..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &str) -> Vec<(u64, u64, String, Option<String>)> {
        let found = read(text);
        assert_eq!(found.unread, []);
        let captions = found.captions.into_iter();
        captions
            .map(|c| (c.from_ms, c.to_ms, c.lines.join("/"), c.speaker))
            .collect()
    }

    #[test]
    fn subrip_as_people_write_it() {
        let text = "\u{feff}1\r\n00:00:01,500 --> 00:00:02,500\r\nHello,\r\na < b & <i>c</i>\r\n\r\n\r\n\
                    00:00:03.000 --> 00:00:04,000 X1:40\r\n{\\an8}- Up {here}\r\n";
        assert_eq!(
            all(text),
            [
                (1500, 2500, "Hello,/a < b & c".to_owned(), None),
                (3000, 4000, "- Up {here}".to_owned(), None)
            ]
        );
    }

    #[test]
    fn webvtt_with_everything_in_it() {
        let text = "WEBVTT - a title\nKind: captions\n\nNOTE by hand\nmore\n\nSTYLE\n::cue { }\n\nfirst\n\
                    00:01.000 --> 00:02.000 align:start line:0\n<v Ada &amp; Wick>Hi <00:00:01.500><c.x>you</c> &lt;3\n\n\
                    01:00:00.000 --> 01:00:01.000\n<v.loud Ada>Hey &amp;lt;\n";
        assert_eq!(
            all(text),
            [
                (
                    1000,
                    2000,
                    "Hi you <3".to_owned(),
                    Some("Ada & Wick".to_owned())
                ),
                (
                    3_600_000,
                    3_601_000,
                    "Hey &lt;".to_owned(),
                    Some("Ada".to_owned())
                )
            ]
        );
    }

    #[test]
    fn what_is_no_caption_is_told_with_its_line() {
        let found = read(
            "1\n00:00:01,5 --> 00:00:02,500\na\n\nloose words\n\n00:00:03,000 --> 00:00:04,000\nb",
        );
        let lines: Vec<usize> = found.unread.iter().map(|unread| unread.line).collect();
        assert_eq!((lines, found.captions.len()), (vec![2, 5], 1));
        for times in [
            "00:61:00,000",
            "99999:00:00,000",
            "9999:00:00,000",
            "-1:00,000",
            "00:00:01,0000",
        ] {
            assert_eq!(time(times), None, "{times}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "(WEBVTT)?[\\PC\n\r<>{}&:;,. 0-9-]{0,200}") {
            let found = read(&text);
            prop_assert!(found.captions.len() + found.unread.len() <= text.len() + 1);
        }
    }
}
