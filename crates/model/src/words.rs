//! Words in time, and how written text falls into units that can be timed.

use serde::{Deserialize, Serialize};

use crate::{Language, Samples};

/// A written unit and when it is heard, counted from the start of its voice take.
///
/// `start < end`, and a word never starts before the one before it ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Word {
    /// The unit exactly as written, punctuation and all.
    pub text: String,
    /// When it begins.
    pub start: Samples,
    /// When it has ended.
    pub end: Samples,
}

/// A speech sound and when it is heard, counted from the start of its voice take.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Phoneme {
    /// The sound in the International Phonetic Alphabet; empty for a pause.
    pub ipa: String,
    /// When it begins.
    pub start: Samples,
    /// When it has ended.
    pub end: Samples,
}

/// A piece of written text that is timed as one: a run between spaces, or, in scripts without
/// spaces, one character with the punctuation that clings to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit<'a> {
    /// The unit as written.
    pub text: &'a str,
    /// Its place in the text, in characters: `from` up to, not including, `to`.
    pub from: usize,
    /// The character after its last.
    pub to: usize,
    /// Whether white space stood before it.
    pub space_before: bool,
}

/// Splits a text into its units, in order. Every character that is not white space is in exactly one.
pub fn units(text: &str) -> Vec<Unit<'_>> {
    let mut out: Vec<Unit<'_>> = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    let mut space = false;
    let mut previous = ' ';
    let mut finish = |begin: (usize, usize), byte: usize, at: usize, space: &mut bool| {
        out.push(Unit {
            text: &text[begin.0..byte],
            from: begin.1,
            to: at,
            space_before: *space,
        });
        *space = false;
    };
    let mut count = 0;
    for (at, (byte, c)) in text.char_indices().enumerate() {
        count = at + 1;
        if c.is_whitespace() {
            if let Some(begin) = open.take() {
                finish(begin, byte, at, &mut space);
            }
            space = true;
        } else if let Some(begin) = open.filter(|_| breaks_between(previous, c)) {
            finish(begin, byte, at, &mut space);
            open = Some((byte, at));
        } else if open.is_none() {
            open = Some((byte, at));
        }
        previous = c;
    }
    if let Some(begin) = open {
        finish(begin, text.len(), count, &mut space);
    }
    out
}

/// Joins units as they were written.
pub fn join<'a>(units: impl IntoIterator<Item = &'a Unit<'a>>) -> String {
    let mut out = String::new();
    for unit in units {
        if unit.space_before && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(unit.text);
    }
    out
}

fn breaks_between(left: char, right: char) -> bool {
    let clings = |c: char| !c.is_alphanumeric();
    (is_unspaced(left) || is_unspaced(right) || (clings(left) && is_cjk_mark(left)))
        && !clings(right)
        && !opens(left)
        || is_unspaced(left) && opens(right)
        || is_cjk_mark(left) && opens(right) && !opens(left)
}

/// Han, Hiragana and Katakana: scripts that put no spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        && c != 'ー'
        && c != '・'
}

fn is_cjk_mark(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}'
        | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}' | 'ー' | '・')
}

fn opens(c: char) -> bool {
    matches!(
        c,
        '(' | '[' | '{' | '“' | '‘' | '«' | '「' | '『' | '（' | '【' | '《' | '〈' | '［'
    )
}

/// Capital letters as a language writes them.
pub fn capitals(text: &str, language: &Language) -> String {
    let language = language.primary();
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match (language.as_str(), c) {
            ("tr" | "az", 'i') => out.push('İ'),
            // Greek capitals carry no accents.
            ("el", 'ά') => out.push('Α'),
            ("el", 'έ') => out.push('Ε'),
            ("el", 'ή') => out.push('Η'),
            ("el", 'ί') => out.push('Ι'),
            ("el", 'ό') => out.push('Ο'),
            ("el", 'ύ') => out.push('Υ'),
            ("el", 'ώ') => out.push('Ω'),
            // Georgian has capitals, and writes no text in them.
            (_, '\u{10d0}'..='\u{10ff}') => out.push(c),
            _ => out.extend(c.to_uppercase()),
        }
    }
    out
}

/// How wide a text is in captions: wide (East Asian) characters count two, marks that combine and
/// the parts of an emoji after its first none.
pub fn width(text: &str) -> usize {
    each_width(text).sum()
}

/// How wide a text is before each of its characters, and at its end.
pub fn widths(text: &str) -> Vec<usize> {
    let mut widths = vec![0];
    let mut before = 0;
    widths.extend(each_width(text).map(|own| {
        before += own;
        before
    }));
    widths
}

fn each_width(text: &str) -> impl Iterator<Item = usize> {
    let mut joined = false;
    text.chars().map(move |c| {
        let after = std::mem::replace(&mut joined, c == '\u{200d}');
        match c {
            c if after || combines(c) => 0,
            '\u{1100}'..='\u{115f}'
            | '\u{2e80}'..='\u{a4cf}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe6f}'
            | '\u{ff00}'..='\u{ff60}'
            | '\u{1f300}'..='\u{1faff}'
            | '\u{20000}'..='\u{3ffff}' => 2,
            _ => 1,
        }
    })
}

/// Whether a character takes no room of its own: accents, vowel signs above and below, points,
/// selectors, skin tones.
const fn combines(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'..='\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}'
        | '\u{900}'..='\u{902}' | '\u{93a}' | '\u{93c}' | '\u{941}'..='\u{948}' | '\u{94d}'
        | '\u{951}'..='\u{957}' | '\u{962}'..='\u{963}' | '\u{e31}' | '\u{e34}'..='\u{e3a}'
        | '\u{e47}'..='\u{e4e}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        units(text).into_iter().map(|unit| unit.text).collect()
    }

    #[test]
    fn spaced_scripts_split_at_spaces() {
        assert_eq!(
            texts("It's  1,250 — well, Dr. Who?"),
            ["It's", "1,250", "—", "well,", "Dr.", "Who?"]
        );
        assert_eq!(texts("नमस्ते दुनिया।"), ["नमस्ते", "दुनिया।"]);
    }

    #[test]
    fn unspaced_scripts_split_at_characters() {
        assert_eq!(texts("太阳，升起了。"), ["太", "阳，", "升", "起", "了。"]);
        assert_eq!(texts("「朝」です。OK"), ["「朝」", "で", "す。", "OK"]);
    }

    #[test]
    fn what_takes_no_room_is_not_counted() {
        assert_eq!(width("Hello"), 5);
        assert_eq!(widths("世a\u{301}界"), [0, 2, 3, 3, 5]);
        assert_eq!(width("世界"), 4);
        assert_eq!(width("สวัสดี"), 4);
        assert_eq!(width("दुनिया"), 5);
        assert_eq!(width("👩🏽\u{200d}🚀"), 2);
        assert_eq!(width("e\u{301}"), 1);
    }

    #[test]
    fn capitals_are_those_of_the_language() {
        let of = |tag: &str, text: &str| capitals(text, &tag.parse().expect("a tag"));
        assert_eq!(of("de", "Straße"), "STRASSE");
        assert_eq!(of("tr", "ilkbahar ışığı"), "İLKBAHAR IŞIĞI");
        assert_eq!(of("en", "ink"), "INK");
        assert_eq!(of("el", "καλημέρα"), "ΚΑΛΗΜΕΡΑ");
        assert_eq!(of("ka", "დილა"), "დილა");
        assert_eq!(of("ja", "朝 a"), "朝 A");
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in "\\PC{0,60}") {
            let units = units(&text);
            let kept: String = units.iter().map(|unit| unit.text).collect();
            let want: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            prop_assert_eq!(kept, want);
            for unit in &units {
                let there: String = text.chars().skip(unit.from).take(unit.to - unit.from).collect();
                prop_assert_eq!(there, unit.text);
            }
        }
    }
}
