//! Words that are said by their sounds: the International Phonetic Alphabet as the library reads it, its own
//! mnemonics between `[[` and `]]` (espeak-ng, `docs/phonemes.md`).
//!
//! Which mnemonics there are stands in the library's data (`phontab`); what each sounds like in the voice is
//! asked of the library itself.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::error::Failure;
use crate::library::Speech;
use crate::marked::Sounded;
use crate::request::{SpeakRequest, safe_text};
use crate::tokens::Token;

/// What a mnemonic is heard between: nothing, and the sounds that bring out vowels and consonants.
const PLACES: [(&str, &str); 3] = [("", ""), ("t'", "t"), ("'a", "a")];
/// Sounds that stand for others where a voice has not got those, the nearest first.
const NEAR: [(&str, &[&str]); 17] = [
    ("a", &["æ", "ɑ"]),
    ("æ", &["a", "ɛ"]),
    ("e", &["ɛ"]),
    ("o", &["ɔ"]),
    ("r", &["ɹ", "ɾ"]),
    ("u", &["ɯ"]),
    ("ɐ", &["ɜ", "ʌ", "ə", "a"]),
    ("ɑ", &["a"]),
    ("ɒ", &["ɔ", "ɑ"]),
    ("ɚ", &["ə"]),
    ("ɛ", &["e"]),
    ("ɝ", &["ɜ", "ə"]),
    ("ɫ", &["l"]),
    ("ɹ", &["r"]),
    ("ɾ", &["r", "ɹ"]),
    ("ʁ", &["ʀ", "r"]),
    ("ʏ", &["y", "ɪ"]),
];
/// The longest name of a sound, in characters.
const LONGEST: usize = 5;

/// The sounds of a voice, and the mnemonic of each.
pub(crate) struct Sounds(BTreeMap<String, String>);

/// A word as the library reads it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// Mnemonics, without the brackets.
    pub(crate) mnemonics: String,
    /// The names of its sounds.
    pub(crate) names: Vec<String>,
}

/// The parts of a request that are said by their sounds, each with what follows within its word (`Wick's`);
/// `known` is told what will be heard of the tokens that they stand in.
pub(crate) fn of_request(
    speech: &mut Speech,
    request: &SpeakRequest,
    voice: &str,
    (tokens, known): (&[Token], &mut HashMap<String, Vec<String>>),
) -> Result<Vec<Sounded>, Failure> {
    if request.sounds.is_empty() {
        return Ok(Vec::new());
    }
    let sounds = Sounds::of(speech)?;
    let chars: Vec<char> = request.text.chars().collect();
    let mut said = |from: usize, to: usize| {
        let text: String = chars[from..to].iter().collect();
        speech.phonemes(&safe_text(&text, true))
    };
    let mut out: Vec<Sounded> = Vec::new();
    for (from, to, ipa) in &request.sounds {
        let mut written = sounds.written(ipa, voice)?;
        let mut end = *to;
        let within = |c: &&char| c.is_alphanumeric() || matches!(c, '\'' | '’');
        // Another word that is said by its sounds is no ending.
        let others = request.sounds.iter().map(|other| other.0);
        let next = others.filter(|other| other >= to).min();
        let rest = &chars[*to..next.unwrap_or(chars.len())];
        let rest = &rest[..rest.iter().take_while(within).count()];
        if rest.iter().any(|c| c.is_alphanumeric()) {
            let (own, whole) = (said(*from, *to), said(*from, to + rest.len()));
            if let Some(ending) = whole.strip_prefix(own.as_slice())
                && let Some(mnemonics) = sounds.of_names(ending)
            {
                end += rest.len();
                written.mnemonics = format!("{}|{mnemonics}", written.mnemonics);
                written.names.extend_from_slice(ending);
            }
        } else if next == Some(to + rest.len()) {
            // An apostrophe alone between the two would be a pause.
            end += rest.len();
        }
        for token in tokens
            .iter()
            .filter(|token| token.from <= *from && end <= token.to)
        {
            let heard = [
                said(token.from, *from),
                written.names.clone(),
                said(end, token.to),
            ];
            known.insert(token.text.clone(), heard.concat());
        }
        out.push(Sounded {
            from: *from,
            to: end,
            mnemonics: written.mnemonics,
        });
    }
    Ok(out)
}

impl Sounds {
    /// The sounds of the loaded voice. From now on the library reads `[[…]]` in texts.
    pub(crate) fn of(speech: &mut Speech) -> Result<Self, Failure> {
        speech.read_mnemonics()?;
        let file = Path::new(&speech.info().1).join("phontab");
        let table = std::fs::read(&file).map_err(|error| Failure::LibraryMissing {
            kind: "data_missing",
            message: format!(
                "the sounds of libespeak-ng cannot be read from {}: {error}",
                file.display()
            ),
        })?;
        let mut found: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
        for mnemonic in mnemonics(&table) {
            for (before, after) in PLACES {
                let heard = speech.phonemes(&format!("[[{before}{mnemonic}{after}]]"));
                let own = match heard.as_slice() {
                    [only] if before.is_empty() => only,
                    [_, middle, _] if !before.is_empty() => middle,
                    _ => continue,
                };
                // Tones, and breath of other languages that is a sound with the vowel after it.
                if own.starts_with(|c: char| c.is_ascii_digit() || c == 'ʰ') {
                    continue;
                }
                *found
                    .entry(own.clone())
                    .or_default()
                    .entry(mnemonic)
                    .or_default() += 1;
            }
        }
        let best = found.into_iter().filter_map(|(name, all)| {
            // One of letters alone is the sound itself, others are ways of saying it.
            let rank = |(mnemonic, places): &(&str, usize)| {
                let is_plain = mnemonic.chars().all(char::is_alphabetic);
                (!is_plain, Reverse(*places), mnemonic.len())
            };
            let (mnemonic, _) = all.into_iter().min_by_key(rank)?;
            Some((name, mnemonic.to_owned()))
        });
        Ok(Self(best.collect()))
    }

    /// A word in the International Phonetic Alphabet as mnemonics.
    pub(crate) fn written(&self, ipa: &str, voice: &str) -> Result<Written, Failure> {
        let chars: Vec<char> = plain(ipa).chars().collect();
        let mut out = Written {
            mnemonics: String::new(),
            names: Vec::new(),
        };
        let (mut at, mut stress) = (0, "");
        while let Some(c) = chars.get(at) {
            at += 1;
            match c {
                'ˈ' => stress = "'",
                'ˌ' => stress = ",",
                ' ' => out.mnemonics.push(' '),
                _ => {
                    let (name, mnemonic, length) = self
                        .longest(&chars[at - 1..])
                        .ok_or_else(|| self.unknown(*c, ipa, voice))?;
                    at += length - 1;
                    if !out.mnemonics.is_empty() && !out.mnemonics.ends_with(' ') {
                        out.mnemonics.push('|');
                    }
                    out.mnemonics.push_str(std::mem::take(&mut stress));
                    out.mnemonics.push_str(mnemonic);
                    out.names.push(name.to_owned());
                }
            }
        }
        if out.names.is_empty() {
            return Err(Failure::bad_request(
                "unknown_sound",
                format!("`{ipa}` has no sound in it"),
                "write the word in the International Phonetic Alphabet, such as `wˈɪk`",
            ));
        }
        Ok(out)
    }

    /// Mnemonics of names that the library told itself.
    pub(crate) fn of_names(&self, names: &[String]) -> Option<String> {
        let all = names
            .iter()
            .map(|name| self.0.get(name).map(String::as_str));
        Some(all.collect::<Option<Vec<&str>>>()?.join("|"))
    }

    /// The sound that most of the first characters name: its name, its mnemonic, and how many they are.
    fn longest(&self, chars: &[char]) -> Option<(&str, &str, usize)> {
        let ends = |c: &char| matches!(c, 'ˈ' | 'ˌ' | ' ');
        let most = chars.iter().position(ends).unwrap_or(chars.len());
        (1..=most.min(LONGEST)).rev().find_map(|length| {
            let name: String = chars[..length].iter().collect();
            let (name, mnemonic) = self.sound(&name)?;
            Some((name, mnemonic, length))
        })
    }

    /// A sound, or one that differs only in its length, in a mark, or in how voices say it.
    fn sound(&self, name: &str) -> Option<(&str, &str)> {
        let plain = bare(name);
        let others = NEAR.iter().filter(|near| near.0 == plain);
        let others = others.flat_map(|near| near.1.iter().copied());
        let near: Vec<&str> = [plain.as_str()].into_iter().chain(others).collect();
        let like = |plain: &&str| {
            let is_like = |own: &&String| !is_nasal(own) && bare(own) == **plain;
            let name = self.0.keys().find(is_like)?;
            self.0.get_key_value(name)
        };
        let own = |name: &&str| self.0.get_key_value(*name);
        let found = own(&name)
            .or_else(|| near.iter().find_map(own))
            .or_else(|| near.iter().find_map(like));
        found.map(|(name, mnemonic)| (name.as_str(), mnemonic.as_str()))
    }

    fn unknown(&self, c: char, ipa: &str, voice: &str) -> Failure {
        let simple = self
            .0
            .keys()
            .filter(|name| name.chars().count() == 1 && name.chars().all(char::is_alphabetic));
        let simple: Vec<&str> = simple.map(String::as_str).collect();
        Failure::bad_request(
            "unknown_sound",
            format!("the voice {voice} has no sound `{c}`, which stands in `{ipa}`"),
            format!(
                "write the word with its sounds ({}), or as it would be spelt",
                simple.join(" ")
            ),
        )
    }
}

/// Without what says nothing about sounds, and with the letters of the alphabet where others are usual.
fn plain(ipa: &str) -> String {
    let chars = ipa.trim().chars().filter(|c| {
        !matches!(
            c,
            '/' | '[' | ']' | '.' | '-' | '‿' | '\u{361}' | '\u{35c}' | '\u{200d}'
        )
    });
    let chars = chars.map(|c| match c {
        'g' => 'ɡ',
        ':' => 'ː',
        '\'' | '’' => 'ˈ',
        ',' => 'ˌ',
        c if c.is_whitespace() => ' ',
        c => c,
    });
    chars.collect()
}

/// Whether a sound goes through the nose because of a mark, as those of other voices do not.
fn is_nasal(name: &str) -> bool {
    name.contains(['\u{303}', 'ã', 'ẽ', 'ĩ', 'õ', 'ũ'])
}

/// A name without its length and its marks.
fn bare(name: &str) -> String {
    let letters = name
        .chars()
        .filter(|c| !matches!(c, 'ʰ'..='˿' | '\u{300}'..='\u{36f}' | 'ᵝ'));
    let letters = letters.map(|c| match c {
        'ä' | 'ã' => 'a',
        'ẽ' => 'e',
        'ĩ' => 'i',
        'õ' => 'o',
        'ũ' => 'u',
        c => c,
    });
    letters.collect()
}

/// The mnemonics in the library's tables of phonemes (espeak-ng, `src/libespeak-ng/synthdata.c`): one byte
/// says how many tables there are, three are empty; each table is its number of phonemes in one byte, three
/// more, 32 of its name, and 16 for each phoneme, the first four of which are its mnemonic.
fn mnemonics(table: &[u8]) -> Vec<&str> {
    let Some((head, mut rest)) = table.split_at_checked(4) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for _ in 0..head[0] {
        let Some((head, after)) = rest.split_at_checked(36) else {
            break;
        };
        let Some((phonemes, after)) = after.split_at_checked(usize::from(head[0]) * 16) else {
            break;
        };
        let names = phonemes.as_chunks::<16>().0.iter().map(|phoneme| {
            let name = phoneme[..4]
                .split(|byte| *byte == 0)
                .next()
                .unwrap_or_default();
            str::from_utf8(name).unwrap_or_default()
        });
        all.extend(names.filter(|name| is_sound(name)));
        rest = after;
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether a mnemonic may name a sound: others are stress, pauses and the like.
fn is_sound(mnemonic: &str) -> bool {
    let inner = |c: char| !c.is_ascii_graphic() || matches!(c, '[' | ']' | '_' | '|' | '\'');
    !mnemonic.is_empty()
        && !mnemonic.contains(inner)
        && !mnemonic.starts_with([',', ';', '=', '%', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sounds() -> Sounds {
        let all = [
            ("w", "w"),
            ("ɪ", "I"),
            ("k", "k"),
            ("tʃ", "tS"),
            ("t", "t"),
            ("ɑː", "A:"),
            ("r", "r"),
        ];
        Sounds(
            all.iter()
                .map(|(name, mnemonic)| ((*name).to_owned(), (*mnemonic).to_owned()))
                .collect(),
        )
    }

    fn written(ipa: &str) -> String {
        sounds()
            .written(ipa, "en")
            .map_or_else(|error| error.to_string(), |written| written.mnemonics)
    }

    #[test]
    fn the_longest_sound_counts_and_stress_stands_before_one() {
        assert_eq!(written("/ˈwɪk/"), "'w|I|k");
        assert_eq!(written("wɪ.t͡ʃɑː kˈɪ"), "w|I|tS|A: k|'I");
    }

    #[test]
    fn near_sounds_stand_in() {
        assert_eq!(written("ɹɑk"), "r|A:|k");
        assert_eq!(written("kːɪ̃ː"), "k|I");
        assert_eq!(written("ʁʏ"), "r|I");
    }

    #[test]
    fn a_sound_that_the_voice_has_not_got_is_told() {
        let told = written("wʘk");
        assert!(told.contains('ʘ') && told.contains("wʘk"), "{told}");
        assert!(written("ˈ").contains("no sound"));
    }

    #[test]
    fn damaged_tables_are_read_as_far_as_they_go() {
        assert!(mnemonics(&[]).is_empty());
        assert!(mnemonics(&[9, 0, 0, 0, 200]).is_empty());
        let mut one = vec![2, 0, 0, 0, 1];
        one.resize(4 + 36, 0);
        one.extend(*b"tS\0\0............");
        assert_eq!(mnemonics(&one), ["tS"]);
    }
}
