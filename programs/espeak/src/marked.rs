//! Stress and sounds: words slower, louder and higher, by the library's own commands within a text (U+0001,
//! a number and a letter; espeak-ng, `src/libespeak-ng/readclause.c`), and words in its own mnemonics.

use crate::library::{Event, Settings};

/// How much slower, in percent.
const SLOWER: i64 = 22;
/// How much louder, in percent.
const LOUDER: i64 = 30;
/// How much higher, of 100.
const HIGHER: i64 = 14;

/// A part of a text that is said by its sounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sounded {
    /// Characters of the text: from, and up to.
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// What the library reads between `[[` and `]]`.
    pub(crate) mnemonics: String,
}

/// A text with commands in it.
#[derive(Debug, Default)]
pub(crate) struct Marked {
    /// What the library is given.
    pub(crate) text: String,
    /// The character of the text that each of its own stands for.
    origin: Vec<usize>,
}

impl Marked {
    /// Puts commands around the parts of `text` that are stressed, and mnemonics in the place of those
    /// that are said by their sounds, both in order. Commands stand before a word: one behind a word
    /// would be counted to it.
    pub(crate) fn of(
        text: &str,
        stress: &[(usize, usize)],
        sounds: &[Sounded],
        settings: &Settings,
    ) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let mut new = Self::default();
        let mut stress = stress.iter().peekable();
        let mut sounds = sounds.iter().peekable();
        let (mut end, mut sounded): (Option<usize>, usize) = (None, 0);
        for (at, c) in chars.iter().enumerate() {
            if end.is_some_and(|end| at >= end)
                && !c.is_whitespace()
                && (at == 0 || chars[at - 1].is_whitespace())
            {
                end = None;
                new.command(at, (settings.rate_wpm, settings.volume, settings.pitch));
            }
            if let Some((_, to)) = stress.next_if(|part| part.0 == at) {
                end = Some(*to);
                let rate = (settings.rate_wpm * (100 - SLOWER) / 100).max(80);
                let volume = (settings.volume * (100 + LOUDER) / 100).min(200);
                new.command(at, (rate, volume, (settings.pitch + HIGHER).min(99)));
            }
            if let Some(part) = sounds.next_if(|part| part.from == at) {
                sounded = part.to;
                // Directly after a quotation mark the library does not see the brackets.
                let apart = at > 0 && !chars[at - 1].is_whitespace();
                let space = if apart { " " } else { "" };
                new.put(at, &format!("{space}[[{}]]", part.mnemonics));
            }
            if at >= sounded {
                new.text.push(*c);
                new.origin.push(at);
            }
        }
        new
    }

    fn command(&mut self, at: usize, (rate, volume, pitch): (i64, i64, i64)) {
        self.put(at, &format!("\u{1}{rate}S\u{1}{volume}A\u{1}{pitch}P"));
    }

    fn put(&mut self, at: usize, text: &str) {
        self.origin.extend(text.chars().map(|_| at));
        self.text.push_str(text);
    }

    /// Counts events in characters of the text.
    pub(crate) fn restore(&self, events: &mut [Event]) {
        for event in events {
            if let Event::Word { position, .. } = event {
                *position = self.origin.get(*position).copied().unwrap_or(*position);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: Settings = Settings {
        rate_wpm: 160,
        volume: 100,
        pitch: 50,
        range: 50,
        word_gap_ms: 0,
    };

    #[test]
    fn a_text_without_stress_is_given_as_it_is() {
        assert_eq!(
            Marked::of("Now é see", &[], &[], &SETTINGS).text,
            "Now é see"
        );
    }

    #[test]
    fn commands_stand_before_words_and_are_not_counted() {
        let text = Marked::of("Now you, see", &[(4, 7)], &[], &SETTINGS);
        assert_eq!(
            text.text,
            "Now \u{1}124S\u{1}130A\u{1}64Pyou, \u{1}160S\u{1}100A\u{1}50Psee"
        );
        let second = text.text.chars().position(|c| c == 'y').unwrap_or_default();
        let mut events = [
            Event::Word {
                sample: 0,
                position: second,
            },
            Event::Word {
                sample: 1,
                position: 2,
            },
        ];
        text.restore(&mut events);
        assert_eq!(
            events[0],
            Event::Word {
                sample: 0,
                position: 4
            }
        );
        assert_eq!(
            events[1],
            Event::Word {
                sample: 1,
                position: 2
            }
        );
    }

    #[test]
    fn sounds_stand_in_the_place_of_letters() {
        let wick = |from, to| Sounded {
            from,
            to,
            mnemonics: "w|'I|k".to_owned(),
        };
        let text = Marked::of(
            "“Wick”, é Wick!",
            &[(1, 5)],
            &[wick(1, 5), wick(10, 14)],
            &SETTINGS,
        );
        assert_eq!(
            text.text,
            "“\u{1}124S\u{1}130A\u{1}64P [[w|'I|k]]”, \u{1}160S\u{1}100A\u{1}50Pé [[w|'I|k]]!"
        );
        assert_eq!(text.origin.len(), text.text.chars().count());
        let last = text.text.chars().count() - 3;
        let mut events = [Event::Word {
            sample: 0,
            position: last,
        }];
        text.restore(&mut events);
        assert_eq!(
            events[0],
            Event::Word {
                sample: 0,
                position: 10
            }
        );
    }
}
