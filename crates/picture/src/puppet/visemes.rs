//! Speech sounds → mouth shapes.
//!
//! Sounds come as espeak names them: IPA, with marks of length, tone and place, and now and then a
//! letter of its own. Every letter that makes a shape counts; the others are passed over, so that
//! any name in any language gives something that can be shown.

use workprint_model::Samples;
use workprint_model::rig::{Mouth, Shaped};
use workprint_model::words::{Phoneme, Word, width};

/// What a letter of a sound's name asks of the mouth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letter {
    /// This shape.
    Shape(Mouth),
    /// This shape, or a rounded mouth next to a rounded vowel: made with the tongue behind the
    /// teeth, lips free to run ahead.
    Lax(Mouth),
    /// No shape of its own: made in the throat or at the back of the mouth.
    Free,
    /// The letter before lasts longer.
    Long,
    /// The letter before is rounded.
    Rounded,
    /// Says nothing about the mouth: tones, places, ties.
    Mark,
}

/// The letters of a name. Sources: the IPA's chart of 2020 for what the sounds are, and Rhubarb Lip
/// Sync's animation rules for what shape shows them; capital letters are espeak's own names.
const fn letter(c: char) -> Letter {
    use Letter::{Free, Lax, Long, Mark, Rounded, Shape};
    match c {
        'p' | 'b' | 'm' | 'ɓ' | 'ʙ' | 'β' | 'ʘ' => Shape(Mouth::A),
        'f' | 'v' | 'ʋ' | 'ɱ' | 'ⱱ' => Shape(Mouth::G),
        'w' | 'ʍ' | 'ɥ' | 'ɸ' | 'W' | 'u' | 'ʊ' | 'ʉ' | 'y' | 'ʏ' | 'ø' | 'U' | 'Y' => {
            Shape(Mouth::F)
        }
        'o' | 'ɔ' | 'ɒ' | 'œ' | 'ɶ' | 'ɵ' | 'ɞ' | 'ɜ' | 'ɝ' | 'ɚ' | 'O' | 'Q' => {
            Shape(Mouth::E)
        }
        'a' | 'ä' | 'ɑ' | 'A' | 'V' => Shape(Mouth::D),
        'e' | 'ɛ' | 'ε' | 'æ' | 'ɐ' | 'ʌ' | 'ə' | 'ɘ' | 'ɤ' | 'E' => Shape(Mouth::C),
        'i' | 'ɪ' | 'ɨ' | 'ᵻ' | 'ɯ' | 'I' => Shape(Mouth::B),
        'l' | 'ɫ' | 'ɭ' | 'ɬ' | 'ɮ' | 'ʎ' | 'ɺ' | 'ʟ' | 'L' => Lax(Mouth::H),
        'θ' | 'ð' | 'T' | 'D' => Shape(Mouth::H),
        't' | 'd' | 'n' | 's' | 'z' | 'ɾ' | 'r' | 'ɹ' | 'ɻ' | 'ɽ' | 'j' | 'c' | 'ɟ' | 'ɲ' | 'ç'
        | 'ʝ' | 'ʈ' | 'ɖ' | 'ɗ' | 'ɳ' | 'ʂ' | 'ʐ' | 'ɕ' | 'ʑ' | 'ʃ' | 'ʒ' | 'ʦ' | 'ʣ' | 'ʧ'
        | 'ʤ' | 'S' | 'Z' | 'C' | 'J' | 'R' => Lax(Mouth::B),
        'k' | 'g' | 'ɡ' | 'ŋ' | 'x' | 'ɣ' | 'q' | 'ɢ' | 'ɴ' | 'χ' | 'ʁ' | 'ʀ' | 'ħ' | 'ʕ' | 'ʔ'
        | 'h' | 'ɦ' | 'ɰ' | 'ʜ' | 'ʢ' | 'ʡ' | 'ɠ' | 'N' | 'X' | 'H' | 'G' | 'K' | '?' => Free,
        'ː' | 'ˑ' | ':' => Long,
        'ʷ' | 'ᵝ' => Rounded,
        _ => Mark,
    }
}

/// Whether the shape comes of rounded lips.
const fn is_round(mouth: Mouth) -> bool {
    matches!(mouth, Mouth::E | Mouth::F)
}

/// A silence at least this long (70 ms) closes the mouth; in a shorter one it stays as it is.
const PAUSE: u64 = 3360;

/// The mouth shapes of sounds, one after the other without gaps from the first to the last. Pauses
/// are at rest.
///
/// Times are the sounds' own: nothing is held, dropped or moved here. Sounds that overlap or run
/// backwards are cut short where the next begins.
pub fn shapes(phonemes: &[Phoneme]) -> Vec<Shaped> {
    let mut raw: Vec<(Letter, u64, u64)> = Vec::new();
    let mut floor = 0;
    for (index, sound) in phonemes.iter().enumerate() {
        let next = phonemes
            .get(index + 1)
            .map_or(u64::MAX, |next| next.start.0);
        let (start, end) = (sound.start.0.max(floor), sound.end.0.min(next));
        if end > start {
            spell(&sound.ipa, (start, end), &mut raw);
            floor = end;
        }
    }
    settle(&raw)
}

/// The letters of one sound, which share its time.
fn spell(ipa: &str, (start, end): (u64, u64), out: &mut Vec<(Letter, u64, u64)>) {
    if ipa.is_empty() {
        if end - start >= PAUSE {
            out.push((Letter::Shape(Mouth::X), start, end));
        }
        return;
    }
    let mut letters: Vec<(Letter, u64)> = Vec::new();
    for c in ipa.chars().take(16) {
        match (letter(c), letters.last_mut()) {
            (Letter::Long, Some((_, weight))) => *weight += 2,
            (Letter::Rounded, Some((letter, _))) => *letter = Letter::Shape(Mouth::F),
            (Letter::Mark, _) | (Letter::Long | Letter::Rounded, None) => {}
            (letter @ Letter::Shape(Mouth::C | Mouth::D | Mouth::E), _) => {
                letters.push((letter, 3));
            }
            (letter, _) => letters.push((letter, 2)),
        }
    }
    let total: u64 = letters.iter().map(|(_, weight)| weight).sum();
    if letters.is_empty() {
        letters.push((Letter::Free, 1));
    }
    let mut before = 0;
    for (letter, weight) in letters {
        let at = |part: u64| start + (end - start) * part / total.max(1);
        let (from, to) = (at(before), at(before + weight).min(end));
        before += weight;
        if to > from {
            out.push((letter, from, to));
        }
    }
}

/// Gives every letter its shape by what is around it, and joins what is the same.
fn settle(raw: &[(Letter, u64, u64)]) -> Vec<Shaped> {
    let mut out: Vec<Shaped> = Vec::new();
    for (index, &(letter, start, end)) in raw.iter().enumerate() {
        let awake = |mouth: &Mouth| *mouth != Mouth::X;
        let before = out.last().map(|last| last.mouth).filter(awake);
        // Nothing of its own lies between a throat's sound and the shape after it.
        let after = raw[index + 1..].iter().find(|next| next.0 != Letter::Free);
        let next = match after.map(|next| next.0) {
            Some(Letter::Shape(mouth)) => Some(mouth).filter(awake),
            _ => None,
        };
        let mouth = match letter {
            Letter::Shape(mouth) => mouth,
            Letter::Lax(mouth) => match (before, next) {
                (Some(before), Some(next)) if is_round(before) && is_round(next) => Mouth::F,
                (None, Some(next)) if is_round(next) && mouth == Mouth::B => Mouth::F,
                _ => mouth,
            },
            // The next sound shapes the mouth more than the one before, but lips do not close early.
            _ => next
                .filter(|next| !matches!(next, Mouth::A | Mouth::G))
                .or_else(|| before.filter(|before| *before != Mouth::A))
                .unwrap_or(Mouth::B),
        };
        add(&mut out, mouth, start, end);
    }
    out
}

/// Appends a shape; what lies between it and the one before belongs to the one before.
fn add(out: &mut Vec<Shaped>, mouth: Mouth, start: u64, end: u64) {
    if let Some(last) = out.last_mut() {
        last.end = Samples(start);
        if last.mouth == mouth {
            last.end = Samples(end);
            return;
        }
    }
    out.push(Shaped {
        mouth,
        start: Samples(start),
        end: Samples(end),
    });
}

/// Flaps of the mouth for words whose sounds are not known yet: a stand-in for plans and previews.
pub fn flaps(words: &[Word]) -> Vec<Shaped> {
    /// About as long as a syllable's half is.
    const HALF: u64 = 5280;
    let mut out = Vec::new();
    let mut end = None;
    for word in words {
        let (start, stop) = (word.start.0, word.end.0.max(word.start.0 + 1));
        if end.is_some_and(|end| start >= end + PAUSE) {
            add(&mut out, Mouth::X, end.unwrap_or(start), start);
        }
        let count = ((stop - start) / HALF).clamp(1, 64);
        let open = match width(&word.text) % 3 {
            0 => Mouth::D,
            1 => Mouth::E,
            _ => Mouth::C,
        };
        for step in 0..count {
            let at = |step: u64| start + (stop - start) * step / count;
            let mouth = if step % 2 == 0 { open } else { Mouth::B };
            add(&mut out, mouth, at(step), at(step + 1));
        }
        end = Some(stop);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sounds(names: &[&str]) -> Vec<Phoneme> {
        let sound = |(index, name): (usize, &&str)| Phoneme {
            ipa: (*name).to_owned(),
            start: Samples(index as u64 * 4800),
            end: Samples(index as u64 * 4800 + 4800),
        };
        names.iter().enumerate().map(sound).collect()
    }

    fn letters(names: &[&str]) -> String {
        shapes(&sounds(names))
            .iter()
            .map(|shaped| shaped.mouth.letter())
            .collect()
    }

    #[test]
    fn words_of_many_languages_have_their_shapes() {
        // "mama", "five", "you", "boat", "lamp", "thin" in English.
        assert_eq!(letters(&["m", "ɑː", "m", "ə"]), "ADAC");
        assert_eq!(letters(&["f", "aɪ", "v"]), "GDBG");
        assert_eq!(letters(&["j", "uː"]), "F");
        assert_eq!(letters(&["b", "oʊ", "t"]), "AEFB");
        assert_eq!(letters(&["l", "a", "m", "p"]), "HDA");
        assert_eq!(letters(&["θ", "ɪ", "n"]), "HB");
        // "früh", "schön" in German, "lune" in French.
        assert_eq!(letters(&["f", "r", "yː"]), "GBF");
        assert_eq!(letters(&["ʃ", "øː", "n"]), "FB");
        assert_eq!(letters(&["l", "y", "n"]), "HFB");
        // Japanese "fuji", Mandarin with tones, Arabic, Hindi with breath, Polish nasal.
        assert_eq!(letters(&["ɸ", "ɯᵝ", "dʑ", "i"]), "FB");
        assert_eq!(letters(&["ts", "ɑu2", "ʂ", "ɑ5", "ŋ"]), "BDFBD");
        assert_eq!(letters(&["ʕ", "a", "q", "ħ"]), "D");
        assert_eq!(letters(&["bʰ", "aː", "t̪ʰ"]), "ADB");
        assert_eq!(letters(&["v", "ɔ̃", "s"]), "GEB");
    }

    #[test]
    fn sounds_of_the_throat_take_the_shape_beside_them() {
        assert_eq!(letters(&["k", "uː"]), "F");
        assert_eq!(letters(&["uː", "k"]), "F");
        assert_eq!(letters(&["a", "k", "p"]), "DA");
        assert_eq!(letters(&["ʔ"]), "B");
    }

    #[test]
    fn pauses_close_the_mouth_and_short_ones_do_not() {
        assert_eq!(letters(&["a", "", "a"]), "DXD");
        let mut short = sounds(&["a", "", "a"]);
        short[1].end = Samples(4800 + PAUSE - 1);
        short[2].start = short[1].end;
        assert_eq!(shapes(&short).len(), 1);
    }

    #[test]
    fn diphthongs_share_their_time_and_long_vowels_last() {
        let found = shapes(&sounds(&["aɪ"]));
        assert_eq!(found[0].end, Samples(2880));
        assert_eq!(found[1].mouth, Mouth::B);
        let long = shapes(&sounds(&["uːa"]));
        assert_eq!(long[0].end.0, 4800 * 4 / 7);
    }

    #[test]
    fn unknown_names_and_times_in_disorder_give_shapes_without_gaps() {
        let mut odd = sounds(&["[", "5", "\"", "tl#", "Ω", "a"]);
        odd[3].start = Samples(100);
        odd[4].end = Samples(1);
        let found = shapes(&odd);
        assert!(!found.is_empty());
        for pair in found.windows(2) {
            assert_eq!(pair[0].end, pair[1].start);
        }
    }

    #[test]
    fn flaps_open_and_close_with_the_words() {
        let word = |text: &str, start: u64, end: u64| Word {
            text: text.to_owned(),
            start: Samples(start),
            end: Samples(end),
        };
        let found = flaps(&[word("hello", 0, 24_000), word("you", 48_000, 60_000)]);
        assert!(found.iter().any(|shaped| shaped.mouth == Mouth::X));
        assert!(
            found
                .iter()
                .filter(|shaped| shaped.mouth == Mouth::B)
                .count()
                >= 2
        );
        assert_eq!(found.last().map(|last| last.end), Some(Samples(60_000)));
    }
}
