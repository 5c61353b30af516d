//! How far a caption's words have been heard at a frame.

use workprint_model::caption::WordEffect;
use workprint_model::timeline::{CaptionWord, PlacedCaption};
use workprint_model::{Frames, Rate};

use crate::sources::Heard;

/// How long a word takes to spring or come up, in milliseconds.
const SPRING_MS: u64 = 240;

/// The state of a caption's words at its frame `index`; none where nothing follows them.
pub(super) fn heard(caption: &PlacedCaption, index: u64, rate: Rate) -> Option<Heard> {
    if !caption.style.is_timed() || caption.words.is_empty() {
        return None;
    }
    // Several words may begin with one frame: the last of them is on.
    let after = caption.words.partition_point(|word| word.from.0 <= index);
    let Some(number) = after.checked_sub(1) else {
        return Some(Heard::default());
    };
    let word = &caption.words[number];
    let since = index - word.from.0;
    let step = match caption.style.effect {
        WordEffect::None | WordEffect::Colour | WordEffect::Pill => 0,
        WordEffect::Fill | WordEffect::Marker => filled(word, since),
        WordEffect::Type => typed(caption, word, since),
        WordEffect::Pop | WordEffect::Reveal => sprung(since, rate),
    };
    Some(Heard {
        word: u16::try_from(number).unwrap_or(u16::MAX),
        step,
    })
}

/// How much of a word has been heard in the middle of its frame `since`, in steps.
fn filled(word: &CaptionWord, since: u64) -> u8 {
    let Frames(length) = word.length;
    let steps = u64::from(Heard::FILL);
    let part = (2 * since + 1).saturating_mul(steps) / (2 * length.max(1));
    part.min(steps) as u8
}

/// How many characters of a word have been typed: one with its first frame, all with its last, which
/// is [`Heard::TYPED`]: a word that is set in capitals may have more of them than the one written.
fn typed(caption: &PlacedCaption, word: &CaptionWord, since: u64) -> u8 {
    let place = word.place;
    let text = caption
        .lines
        .get(usize::from(place.line))
        .and_then(|line| line.get(place.start as usize..place.end as usize))
        .unwrap_or_default();
    let count = text.chars().count() as u64;
    let typed = (since + 1)
        .saturating_mul(count)
        .div_ceil(word.length.0.max(1));
    if typed < count {
        typed.min(u64::from(Heard::TYPED) - 1) as u8
    } else {
        Heard::TYPED
    }
}

fn sprung(since: u64, rate: Rate) -> u8 {
    let ms = u128::from(since) * 1000 * u128::from(rate.den()) / u128::from(rate.num());
    let steps = ms * u128::from(Heard::STEPS) / u128::from(SPRING_MS);
    steps.min(u128::from(Heard::STEPS)) as u8
}

#[cfg(test)]
mod tests {
    use workprint_model::Digest;
    use workprint_model::show::CaptionStyle;
    use workprint_model::timeline::WordPlace;

    use super::*;

    /// `one two`, heard in frames 0 to 9 and 12 to 20.
    fn caption(style: &str) -> PlacedCaption {
        let word = |start, end, from, length| CaptionWord {
            place: WordPlace {
                line: 0,
                start,
                end,
            },
            from: Frames(from),
            length: Frames(length),
        };
        PlacedCaption {
            cue: "c1".parse().unwrap(),
            speaker: None,
            second: None,
            lines: vec!["one two".to_owned()],
            from: Frames(500),
            length: Frames(30),
            style: CaptionStyle::built_in(style).unwrap(),
            language: "en".parse().unwrap(),
            burn: true,
            words: vec![word(0, 3, 0, 10), word(4, 7, 12, 8)],
            safe: None,
            timed_by: vec![Digest::of(b"voice")],
        }
    }

    fn states(style: &str) -> Vec<(u16, u8)> {
        let caption = caption(style);
        (0..30)
            .filter_map(|index| heard(&caption, index, Rate::FPS_30))
            .map(|heard| (heard.word, heard.step))
            .collect()
    }

    #[test]
    fn still_styles_have_no_states() {
        assert_eq!(states("outline"), []);
    }

    #[test]
    fn a_fill_rises_to_the_words_end_and_waits_there() {
        let states = states("karaoke");
        assert_eq!(states[0], (0, 1));
        assert_eq!(states[5], (0, 17));
        assert_eq!(states[10], (0, Heard::FILL));
        assert_eq!(states[11], (0, Heard::FILL));
        assert_eq!(states[12], (1, 2));
        assert_eq!(states[29], (1, Heard::FILL));
        assert!(states.windows(2).all(|pair| pair[0] <= pair[1]));
    }

    #[test]
    fn a_word_is_typed_when_it_has_been_heard() {
        let states = states("typewriter");
        let whole = Heard::TYPED;
        assert_eq!((states[0], states[5]), ((0, 1), (0, 2)));
        assert_eq!((states[9], states[11]), ((0, whole), (0, whole)));
        assert_eq!((states[12], states[19]), ((1, 1), (1, whole)));
    }

    #[test]
    fn a_word_of_any_length_is_typed_to_its_end() {
        let mut long = caption("typewriter");
        long.lines = vec!["x".repeat(400)];
        long.words.truncate(1);
        long.words[0].place.end = 400;
        let step = |index| heard(&long, index, Rate::FPS_30).map(|heard| heard.step);
        assert_eq!(step(5), Some(240));
        assert_eq!(step(8), Some(Heard::TYPED - 1));
        assert_eq!(step(9), Some(Heard::TYPED));
    }

    #[test]
    fn a_word_springs_up_and_rests() {
        let states = states("pop");
        assert_eq!(states[0], (0, 0));
        assert_eq!(states[8], (0, Heard::STEPS));
        assert_eq!(states[12], (1, 0));
        let pill = self::states("pill");
        let changes = pill.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert_eq!(changes, 1, "a held state is painted once");
    }
}
