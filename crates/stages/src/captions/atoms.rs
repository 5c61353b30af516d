//! A text in the smallest pieces that a line may begin with, each with the time it is heard.

use icu_segmenter::options::{LineBreakOptions, LineBreakStrictness, WordBreakInvariantOptions};
use icu_segmenter::{LineSegmenter, WordSegmenter};
use workprint_model::Samples;
use workprint_model::words::{Unit, Word, units};

/// A piece of a text that no line break divides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Atom {
    /// As written, runs of white space as one space.
    pub text: String,
    /// Whether white space stood before it.
    pub space_before: bool,
    /// Whether a word begins with it: what is marked as heard goes from there to the next.
    pub word: bool,
    /// When it is heard, from and to.
    pub time: (Samples, Samples),
}

/// Divides a text at every place where a line may break (Unicode UAX #14, strict; dictionaries for
/// scripts without spaces). Nothing but white space is lost.
///
/// `words` are the times of the text's units; where there are not as many, there are no atoms.
pub(super) fn atoms(text: &str, words: &[Word]) -> Vec<Atom> {
    let units = units(text);
    if units.len() != words.len() {
        return Vec::new();
    }
    let places = Places::of(text);
    let mut out: Vec<Atom> = Vec::new();
    let mut bytes = text.char_indices().map(|(byte, _)| byte);
    let mut at = 0;
    for (unit, word) in units.iter().zip(words) {
        let byte = bytes.nth(unit.from - at).unwrap_or(text.len());
        at = unit.from + 1;
        for (piece, start) in pieces(unit, byte, &places) {
            let time = shared(unit, word, (start, piece));
            let space_before = unit.space_before && start == 0;
            let clings = !space_before || holds(text, byte) || !is_heard(piece);
            match out.last_mut() {
                Some(last) if clings && !places.breaks(byte + start) => {
                    if space_before {
                        last.text.push(' ');
                    }
                    last.text.push_str(piece);
                    last.time.1 = time.1;
                }
                _ => out.push(Atom {
                    text: piece.to_owned(),
                    space_before,
                    word: (space_before || places.words(byte + start)) && is_heard(piece),
                    time,
                }),
            }
        }
    }
    if let Some(first) = out.first_mut() {
        first.word = true;
    }
    out
}

/// Where lines may break and where words begin, as bytes of a text.
struct Places {
    breaks: Vec<usize>,
    words: Vec<usize>,
}

impl Places {
    fn of(text: &str) -> Self {
        let mut options = LineBreakOptions::default();
        options.strictness = Some(LineBreakStrictness::Strict);
        let breaks = LineSegmenter::new_dictionary(options).segment_str(text);
        let words = WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());
        Self {
            breaks: breaks.collect(),
            words: words.segment_str(text).collect(),
        }
    }

    fn breaks(&self, byte: usize) -> bool {
        byte == 0 || self.breaks.binary_search(&byte).is_ok()
    }

    fn words(&self, byte: usize) -> bool {
        self.words.binary_search(&byte).is_ok()
    }
}

/// A unit in the pieces between which a line may break where its script has no spaces, each with the
/// byte of the unit that it begins with. Other units are whole: what joins two words stays with them.
fn pieces<'a>(unit: &Unit<'a>, byte: usize, places: &Places) -> Vec<(&'a str, usize)> {
    if !unit.text.chars().any(is_unspaced) {
        return vec![(unit.text, 0)];
    }
    let inner = places
        .breaks
        .iter()
        .filter_map(|at| at.checked_sub(byte))
        .filter(|&at| at > 0 && at < unit.text.len());
    let mut out = Vec::new();
    let mut start = 0;
    for end in inner.chain([unit.text.len()]) {
        if let Some(piece) = unit.text.get(start..end) {
            out.push((piece, start));
            start = end;
        }
    }
    out
}

/// Thai, Lao, Burmese and Khmer: words without spaces between them, found in dictionaries.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

/// Whether the white space before a byte keeps what it stands between together.
fn holds(text: &str, byte: usize) -> bool {
    let before = text.get(..byte).and_then(|text| text.chars().next_back());
    matches!(before, Some('\u{a0}' | '\u{2007}' | '\u{202f}'))
}

/// Whether anything of a piece is spoken: dashes and the like belong to the word before.
fn is_heard(piece: &str) -> bool {
    piece
        .chars()
        .any(|c| c.is_alphanumeric() || matches!(c, '\u{2600}'..='\u{27bf}' | '\u{1f000}'..))
}

/// A piece's share of its unit's time, by characters.
fn shared(unit: &Unit<'_>, word: &Word, (start, piece): (usize, &str)) -> (Samples, Samples) {
    let count = |text: &str| text.chars().count() as u64;
    let all = count(unit.text).max(1);
    let before = count(unit.text.get(..start).unwrap_or_default());
    let length = word.end.0.saturating_sub(word.start.0);
    let at = |characters: u64| Samples(word.start.0 + length * characters / all);
    (at(before), at(before + count(piece)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every unit is heard for as many samples as its number and some more.
    fn timed(text: &str) -> Vec<Atom> {
        let words: Vec<Word> = units(text)
            .iter()
            .enumerate()
            .map(|(at, unit)| Word {
                text: unit.text.to_owned(),
                start: Samples(at as u64 * 1000),
                end: Samples(at as u64 * 1000 + 900),
            })
            .collect();
        atoms(text, &words)
    }

    fn texts(text: &str) -> Vec<String> {
        timed(text).into_iter().map(|atom| atom.text).collect()
    }

    /// Atoms with a bar before each word.
    fn words(text: &str) -> String {
        let mark = |atom: &Atom| format!("{}{}", if atom.word { "|" } else { "" }, atom.text);
        timed(text).iter().map(mark).collect()
    }

    #[test]
    fn spaced_scripts_break_at_spaces() {
        assert_eq!(
            texts("It's 1,250 — well, Dr. Who?"),
            ["It's", "1,250", "—", "well,", "Dr.", "Who?"]
        );
        assert_eq!(words("one — two"), "|one—|two");
        assert_eq!(texts("नमस्ते दुनिया।"), ["नमस्ते", "दुनिया।"]);
        assert_eq!(texts("안녕하세요 여러분"), ["안녕하세요", "여러분"]);
    }

    #[test]
    fn what_clings_is_not_torn_off() {
        assert_eq!(texts("Bonjour ! Ça va ?"), ["Bonjour !", "Ça", "va ?"]);
        assert_eq!(texts("10\u{a0}% plus"), ["10 %", "plus"]);
        // Small kana and long marks never begin a line.
        assert_eq!(texts("ちょっとコーヒー"), ["ちょっ", "と", "コー", "ヒー"]);
    }

    #[test]
    fn chinese_and_japanese_have_words() {
        assert_eq!(words("太阳升起来了，"), "|太阳|升起来|了，");
        assert_eq!(words("私は学生です。"), "|私|は|学生|です。");
    }

    #[test]
    fn thai_is_divided_at_its_words_and_time_with_it() {
        let thai = timed("สวัสดีชาวโลก ครับ");
        let texts: Vec<&str> = thai.iter().map(|atom| atom.text.as_str()).collect();
        assert_eq!(texts, ["สวัสดี", "ชาว", "โลก", "ครับ"]);
        assert!(thai.iter().all(|atom| atom.word));
        let times: Vec<(u64, u64)> = thai.iter().map(|a| (a.time.0.0, a.time.1.0)).collect();
        assert_eq!(times, [(0, 450), (450, 675), (675, 900), (1000, 1900)]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_times_rise(text in "[a-z,.!—日本語っーสวัดีครब्न्ا-ي🔥\u{a0} ]{0,60}") {
            let atoms = timed(&text);
            let kept: String = atoms.iter().flat_map(|atom| atom.text.chars()).filter(|c| *c != ' ').collect();
            let want: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            prop_assert_eq!(kept, want);
            let mut before = Samples(0);
            for atom in &atoms {
                prop_assert!(atom.time.0 >= before && atom.time.1 >= atom.time.0, "{:?}", atoms);
                before = atom.time.1;
            }
        }
    }
}
