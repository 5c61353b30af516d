//! A show's words that are said otherwise than they are written.

use std::collections::BTreeMap;

use workprint_model::Language;
use workprint_model::show::Pronunciation;

/// A show's words and how they are said.
pub(crate) type Lexicon = BTreeMap<String, Pronunciation>;

/// A text as it is read aloud: words of the lexicon by what they are said as.
///
/// A word is a run of letters, digits and marks; capitals do not count. `phonemes` writes sounds for
/// engines that read them.
pub(crate) fn read_aloud(
    text: &str,
    lexicon: &Lexicon,
    language: &Language,
    phonemes: Option<fn(&str) -> String>,
) -> String {
    if lexicon.is_empty() {
        return text.to_owned();
    }
    let said = |word: &str| -> Option<String> {
        let lower = word.to_lowercase();
        let found = lexicon.iter().find(|(own, said)| {
            let own_language = said.exact().language;
            own.to_lowercase() == lower
                && own_language.is_none_or(|own| own.primary() == language.primary())
        });
        let exact = found?.1.exact();
        let sounds = phonemes.zip(exact.ipa.as_deref());
        sounds.map(|(write, ipa)| write(ipa)).or(exact.say)
    };
    let mut out = String::with_capacity(text.len());
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
        out.push(c);
    }
    out.pop();
    out
}

/// Puts a word as it is said; where only a part of it before an apostrophe or a hyphen is known, that.
fn put(out: &mut String, word: &str, said: &dyn Fn(&str) -> Option<String>) {
    if let Some(other) = said(word) {
        out.push_str(&other);
        return;
    }
    let mut rest = word;
    while let Some(end) = rest.find(['\'', '’', '-']) {
        let part = &rest[..end];
        out.push_str(&said(part).unwrap_or_else(|| part.to_owned()));
        let mark = rest[end..].chars().next().map_or(0, char::len_utf8);
        out.push_str(&rest[end..end + mark]);
        rest = &rest[end + mark..];
    }
    out.push_str(&said(rest).unwrap_or_else(|| rest.to_owned()));
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
        let write: fn(&str) -> String = |ipa| format!("[[{ipa}]]");
        read_aloud(
            text,
            &lexicon,
            &language.parse().unwrap(),
            phonemes.then_some(write),
        )
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
}
