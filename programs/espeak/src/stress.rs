//! Stress: words slower, louder and higher, by the library's own commands within a text (U+0001, a
//! number and a letter; espeak-ng, `src/libespeak-ng/readclause.c`).

use crate::library::{Event, Settings};

/// How much slower, in percent.
const SLOWER: i64 = 22;
/// How much louder, in percent.
const LOUDER: i64 = 30;
/// How much higher, of 100.
const HIGHER: i64 = 14;

/// A text with commands in it.
#[derive(Debug)]
pub(crate) struct Stressed {
    /// What the library is given.
    pub(crate) marked: String,
    /// The character of the text that each of its own stands for.
    origin: Vec<usize>,
}

impl Stressed {
    /// Puts commands around the parts of `text` that are stressed, in order. Commands stand before a
    /// word: one behind a word would be counted to it.
    pub(crate) fn of(text: &str, parts: &[(usize, usize)], settings: &Settings) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let mut new = Self {
            marked: String::with_capacity(text.len()),
            origin: Vec::with_capacity(chars.len()),
        };
        let mut parts = parts.iter().peekable();
        let mut end: Option<usize> = None;
        for (at, c) in chars.iter().enumerate() {
            if end.is_some_and(|end| at >= end)
                && !c.is_whitespace()
                && (at == 0 || chars[at - 1].is_whitespace())
            {
                end = None;
                new.command(at, (settings.rate_wpm, settings.volume, settings.pitch));
            }
            if let Some((_, to)) = parts.next_if(|part| part.0 == at) {
                end = Some(*to);
                let rate = (settings.rate_wpm * (100 - SLOWER) / 100).max(80);
                let volume = (settings.volume * (100 + LOUDER) / 100).min(200);
                new.command(at, (rate, volume, (settings.pitch + HIGHER).min(99)));
            }
            new.marked.push(*c);
            new.origin.push(at);
        }
        new
    }

    fn command(&mut self, at: usize, (rate, volume, pitch): (i64, i64, i64)) {
        let command = format!("\u{1}{rate}S\u{1}{volume}A\u{1}{pitch}P");
        self.origin.extend(command.chars().map(|_| at));
        self.marked.push_str(&command);
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
            Stressed::of("Now é see", &[], &SETTINGS).marked,
            "Now é see"
        );
    }

    #[test]
    fn commands_stand_before_words_and_are_not_counted() {
        let text = Stressed::of("Now you, see", &[(4, 7)], &SETTINGS);
        assert_eq!(
            text.marked,
            "Now \u{1}124S\u{1}130A\u{1}64Pyou, \u{1}160S\u{1}100A\u{1}50Psee"
        );
        let second = text
            .marked
            .chars()
            .position(|c| c == 'y')
            .unwrap_or_default();
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
}
