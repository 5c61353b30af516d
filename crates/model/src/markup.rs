//! Pauses and stress written into what is said.
//!
//! `Wait. [pause] Not *that* door.` is heard with half a second of silence and `that` stressed, and reads
//! `Wait. Not that door.` `[pause 1.5s]` and `[pause 300ms]` say how long. Stars stand around whole
//! words, as in Fountain and Markdown: `2 * 3 * 4` and `f*ck` have none. `\*` is a star and `\[pause]`
//! the word in brackets.

use crate::Millis;
use crate::episode::{Dubbed, Episode};

/// A pause without a length of its own.
const PAUSE: Millis = Millis(500);
/// The longest pause.
pub const LONGEST_PAUSE: Millis = Millis(60_000);

/// A piece of what is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Said(String),
    /// Words that are stressed.
    Stressed(String),
    /// Silence, up to [`LONGEST_PAUSE`].
    Pause(Millis),
}

/// A text in pieces; nothing where nothing is marked in it. Pieces of words, joined, are what is read:
/// a pause takes the white space before it along where some follows, or nothing.
pub fn pieces(text: &str) -> Option<Vec<Piece>> {
    let mut reader = Reader::default();
    let mut marked = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((mark, after)) = mark(rest, reader.last) {
            marked = true;
            rest = after;
            match mark {
                Mark::Pause(length) => reader.pause(length),
                Mark::Stressed(words) => reader.stressed(words),
                Mark::Escaped(c) => reader.push(c),
            }
            continue;
        }
        reader.push(c);
        rest = &rest[c.len_utf8()..];
    }
    marked.then(|| reader.finish())
}

/// A text as it is read: without its marks.
pub fn plain(text: &str) -> String {
    let Some(pieces) = pieces(text) else {
        return text.to_owned();
    };
    let words = pieces.iter().map(|piece| match piece {
        Piece::Said(words) | Piece::Stressed(words) => words.as_str(),
        Piece::Pause(_) => "",
    });
    words.collect()
}

/// Takes the marks out of what is read: texts with marks become their plain form, with the marks in what
/// is said in their place. Where `say` is given, that is said and may have marks of its own.
pub fn separate(episode: &mut Episode) {
    let cues = episode.scenes.iter_mut().flat_map(|scene| &mut scene.cues);
    for cue in cues {
        if let Some(text) = cue.spoken().filter(|text| pieces(text).is_some()) {
            let text = text.to_owned();
            cue.text = Some(plain(&text));
            cue.say.get_or_insert(text);
        }
        for line in cue.dub.values_mut() {
            if let Some(text) = line.spoken().filter(|text| pieces(text).is_some()) {
                let said = line.say().unwrap_or(text).to_owned();
                *line = Dubbed::new(plain(text), Some(said));
            }
        }
    }
}

enum Mark<'a> {
    Pause(Millis),
    Stressed(&'a str),
    Escaped(char),
}

/// The mark that a text begins with, and what follows it. `before` is the character before the text.
fn mark(text: &str, before: Option<char>) -> Option<(Mark<'_>, &str)> {
    if let Some(after) = text.strip_prefix("\\*") {
        return Some((Mark::Escaped('*'), after));
    }
    if text.starts_with("\\[") && pause(&text[1..]).is_some() {
        return Some((Mark::Escaped('['), &text[2..]));
    }
    if let Some((length, after)) = pause(text) {
        return Some((Mark::Pause(length), after));
    }
    let stars = text.len() - text.trim_start_matches('*').len();
    if !(1..=2).contains(&stars) {
        return None;
    }
    let (open, inner) = text.split_at(stars);
    let end = inner.find(open)?;
    let (words, after) = (&inner[..end], &inner[end + stars..]);
    can_stress(before, words, after.chars().next()).then_some((Mark::Stressed(words), after))
}

/// Whether stars around words mark them as stressed, between the characters before and after them.
pub fn can_stress(before: Option<char>, words: &str, after: Option<char>) -> bool {
    let opens = before.is_none_or(|c| c.is_whitespace() || "([{\"'“‘«¿¡–—-/".contains(c));
    let closes = after.is_none_or(|c| !c.is_alphanumeric() && c != '*');
    let tight = words.trim() == words && !words.contains(['*', '\n', '\\']);
    opens && closes && tight && words.contains(char::is_alphanumeric)
}

/// The pause that a text begins with.
fn pause(text: &str) -> Option<(Millis, &str)> {
    let (inside, after) = text.strip_prefix("[pause")?.split_once(']')?;
    if inside.is_empty() {
        return Some((PAUSE, after));
    }
    let length = inside.strip_prefix(' ')?;
    let (number, unit) = match length.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (length.strip_suffix('s')?, 1000),
    };
    let number = number.trim_end();
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str, most| text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    let fits = !whole.is_empty()
        && digits(whole, 6)
        && digits(part, 3)
        && (part.is_empty() || unit == 1000);
    let whole: i64 = fits.then(|| whole.parse().ok()).flatten()?;
    let part: i64 = format!("{part:0<3}").parse().ok()?;
    let length = Millis(whole * unit + if unit == 1000 { part } else { 0 });
    (length.0 > 0 && length <= LONGEST_PAUSE).then_some((length, after))
}

#[derive(Default)]
struct Reader {
    pieces: Vec<Piece>,
    open: String,
    /// The last character that is read.
    last: Option<char>,
    /// A pause has just been, with white space or nothing before it: none follows.
    swallow: bool,
}

impl Reader {
    fn push(&mut self, c: char) {
        if self.swallow && c.is_whitespace() {
            return;
        }
        self.swallow = false;
        self.open.push(c);
        self.last = Some(c);
    }

    fn stressed(&mut self, words: &str) {
        self.close();
        self.swallow = false;
        self.last = words.chars().last();
        self.pieces.push(Piece::Stressed(words.to_owned()));
    }

    fn pause(&mut self, length: Millis) {
        self.swallow = self.last.is_none_or(char::is_whitespace);
        self.close();
        self.pieces.push(Piece::Pause(length));
    }

    fn close(&mut self) {
        if !self.open.is_empty() {
            self.pieces
                .push(Piece::Said(std::mem::take(&mut self.open)));
        }
    }

    /// White space that stood before a last pause goes.
    fn finish(mut self) -> Vec<Piece> {
        self.close();
        for piece in self.pieces.iter_mut().rev() {
            match piece {
                Piece::Said(words) => {
                    words.truncate(words.trim_end().len());
                    if !words.is_empty() {
                        break;
                    }
                }
                Piece::Stressed(_) => break,
                Piece::Pause(_) => {}
            }
        }
        self.pieces
            .retain(|piece| !matches!(piece, Piece::Said(words) if words.is_empty()));
        self.pieces
    }
}

#[cfg(test)]
mod tests {
    use super::Piece::{Pause, Said, Stressed};
    use super::*;

    fn said(text: &str) -> Piece {
        Said(text.to_owned())
    }

    #[test]
    fn pauses_and_stress_are_found() {
        let found = pieces("Wait. [pause] Not *that* door! [pause 1.5s]").unwrap();
        let wanted = [
            said("Wait. "),
            Pause(Millis(500)),
            said("Not "),
            Stressed("that".to_owned()),
            said(" door!"),
            Pause(Millis(1500)),
        ];
        assert_eq!(found, wanted);
        let lengths = [
            "[pause 300ms]",
            "[pause 2s]",
            "[pause 0.25s]",
            "[pause 60s]",
        ];
        let lengths = lengths.map(|text| pieces(text).unwrap());
        let wanted = [300, 2000, 250, 60_000].map(|ms| vec![Pause(Millis(ms))]);
        assert_eq!(lengths, wanted);
    }

    #[test]
    fn what_is_read_has_no_marks() {
        for (text, read) in [
            ("Wait.[pause]Go.", "Wait.Go."),
            ("[pause] Go", "Go"),
            ("Go [pause] ", "Go"),
            ("a [pause][pause 1s] b", "a b"),
            ("**No**, *I am* he.", "No, I am he."),
            ("(*you*) “*me*”", "(you) “me”"),
            (r"a \*b\* \[pause] c", "a *b* [pause] c"),
            ("*Go!* *Now.*", "Go! Now."),
        ] {
            assert!(pieces(text).is_some(), "{text}");
            assert_eq!(plain(text), read);
        }
    }

    #[test]
    fn what_only_looks_like_a_mark_stays() {
        for text in [
            "2 * 3 * 4",
            "2*3*4",
            "f*ck",
            "*",
            "**",
            "***a***",
            "* a *",
            "*a",
            "a* b*",
            "[pause 61s]",
            "[pause 1]",
            "[pause -1s]",
            "[pauses]",
            "[pause 0s]",
            "[Pause]",
            "[pause 1.5ms]",
            "a\\b",
            "\\[x]",
            "*!*",
            "*a\nb*",
        ] {
            assert_eq!(pieces(text), None, "{text}");
            assert_eq!(plain(text), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn a_text_without_marks_is_as_it_is(text in "[^*\\[\\\\]{0,60}") {
            proptest::prop_assert_eq!(pieces(&text), None);
            proptest::prop_assert_eq!(plain(&text), text);
        }

        #[test]
        fn any_text_is_read(text in "[ab *\\[\\]\\\\.\n]{0,12}(\\[pause( 1s)?\\])?[ab *\\\\]{0,8}") {
            let read = plain(&text);
            proptest::prop_assert!(read.chars().count() <= text.chars().count());
            let letters = |text: &str| text.replace("[pause 1s]", "").replace("[pause]", "").matches(['a', 'b']).count();
            if !text.contains('\\') {
                proptest::prop_assert_eq!(letters(&read), letters(&text));
            }
        }
    }
}
