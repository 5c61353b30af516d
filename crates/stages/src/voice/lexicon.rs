//! A show's words that are said otherwise than they are written.

use std::collections::BTreeMap;

use workprint_model::Language;
use workprint_model::show::Pronunciation;

/// A show's words and how they are said.
pub(crate) type Lexicon = BTreeMap<String, Pronunciation>;

/// How an engine is told the sounds of a word.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sounds {
    /// It reads none.
    Unread,
    /// They stand in the text, written so.
    Written(fn(&str) -> String),
    /// They are told beside the text.
    Beside,
}

/// A text as it is read aloud.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) text: String,
    /// What is said by its sounds, in the International Phonetic Alphabet: characters from, and up to.
    pub(crate) sounds: Vec<(usize, usize, String)>,
}

impl Read {
    fn put(&mut self, said: &str, sounds: Option<String>) {
        let from = self.text.chars().count();
        self.text.push_str(said);
        let to = from + said.chars().count();
        self.sounds.extend(sounds.map(|ipa| (from, to, ipa)));
    }
}

/// A text as it is read aloud: words of the lexicon by what they are said as.
///
/// A word is a run of letters, digits and marks; capitals do not count.
pub(crate) fn read_aloud(
    text: &str,
    lexicon: &Lexicon,
    language: &Language,
    sounds: Sounds,
) -> Read {
    let mut out = Read::default();
    if lexicon.is_empty() {
        text.clone_into(&mut out.text);
        return out;
    }
    let said = |word: &str| -> Option<(String, Option<String>)> {
        let lower = word.to_lowercase();
        let found = lexicon.iter().find(|(own, said)| {
            let own_language = said.exact().language;
            own.to_lowercase() == lower
                && own_language.is_none_or(|own| own.primary() == language.primary())
        });
        let exact = found?.1.exact();
        match (sounds, exact.ipa) {
            (Sounds::Written(write), Some(ipa)) => Some((write(&ipa), None)),
            (Sounds::Beside, Some(ipa)) => {
                Some((exact.say.unwrap_or_else(|| word.to_owned()), Some(ipa)))
            }
            _ => exact.say.map(|say| (say, None)),
        }
    };
    let mut word = String::new();
    for c in text.chars().chain(['\n']) {
        let inside = c.is_alphanumeric()
            || is_mark(c)
            || (matches!(c, '\'' | '’' | '-') && !word.is_empty());
        if inside {
            word.push(c);
            continue;
        }
        put(&mut out, &word, &said);
        word.clear();
        out.text.push(c);
    }
    out.text.pop();
    out
}

type Saying<'a> = &'a dyn Fn(&str) -> Option<(String, Option<String>)>;

/// Puts a word as it is said; where only a part of it before an apostrophe or a hyphen is known, that.
fn put(out: &mut Read, word: &str, said: Saying<'_>) {
    let part = |part: &str, out: &mut Read| match said(part) {
        Some((other, sounds)) => out.put(&other, sounds),
        None => out.text.push_str(part),
    };
    if said(word).is_some() {
        part(word, out);
        return;
    }
    let mut rest = word;
    while let Some(end) = rest.find(['\'', '’', '-']) {
        part(&rest[..end], out);
        let mark = rest[end..].chars().next().map_or(0, char::len_utf8);
        out.text.push_str(&rest[end..end + mark]);
        rest = &rest[end + mark..];
    }
    part(rest, out);
}

/// Signs that combine with letters.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{e31}'..='\u{e4e}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, language: &str, phonemes: bool) -> String {
        let lexicon = serde_json::json!({
            "Nguyen": "win",
            "Wick": {"ipa": "wˈɪk", "say": "week"},
            "Dr": {"say": "doctor", "language": "en"},
        });
        let lexicon = serde_json::from_value(lexicon).unwrap();
        let sounds = if phonemes {
            Sounds::Written(|ipa| format!("[[{ipa}]]"))
        } else {
            Sounds::Unread
        };
        read_aloud(text, &lexicon, &language.parse().unwrap(), sounds).text
    }

    #[test]
    fn whole_words_are_said_otherwise() {
        assert_eq!(
            read("Dr. Nguyen's NGUYEN, nguyens", "en-GB", false),
            "doctor. win's win, nguyens"
        );
        assert_eq!(read("Dr. Wick-Nguyen", "de", false), "Dr. week-win");
        assert_eq!(read("Wick!", "en", true), "[[wˈɪk]]!");
        assert_eq!(read(" nothing  of it\n", "en", true), " nothing  of it\n");
    }

    #[test]
    fn sounds_are_told_beside_the_word_that_they_are_of() {
        let lexicon =
            serde_json::json!({"Żak": {"ipa": "ʒak"}, "Wick": {"ipa": "wˈɪk", "say": "week"}});
        let lexicon = serde_json::from_value(lexicon).unwrap();
        let language = "en".parse().unwrap();
        let read = read_aloud("é Żak-Wick's", &lexicon, &language, Sounds::Beside);
        assert_eq!(read.text, "é Żak-week's");
        let told = |from, to, ipa: &str| (from, to, ipa.to_owned());
        assert_eq!(read.sounds, [told(2, 5, "ʒak"), told(6, 10, "wˈɪk")]);
    }
}
