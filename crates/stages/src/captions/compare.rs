//! Captions that people have written, against what is said and when.

use workprint_interchange::captions::read::Subtitle;
use workprint_interchange::transcript::TranscriptLine;
use workprint_model::caption_rules::CaptionLimits;
use workprint_model::{Frames, Language, Millis, Rate};

use super::extra::Written;
use super::rules::{self, Fault, Shown};

/// How far ahead a text is looked for that is not where it should be, in characters.
const AHEAD: usize = 4000;
/// A caption begins no further from its first word than this.
const TOLERANCE: u64 = 1;

/// Every rule that a file's captions do not keep, and where they differ from what is said.
pub fn compare(
    subtitles: &[Subtitle],
    written: &Written,
    (rate, language): (Rate, &Language),
) -> Vec<Fault> {
    let frame = |ms: u64| rate.frames_of(Millis(ms as i64));
    let said = Said::of(written, language);
    let (mut faults, languages) = said.follow(subtitles, rate);
    let shown: Vec<Shown<'_>> = subtitles
        .iter()
        .zip(languages)
        .map(|(subtitle, own)| Shown {
            from: frame(subtitle.from_ms),
            to: frame(subtitle.to_ms),
            lines: &subtitle.lines,
            limits: own.map_or(written.limits, |own| CaptionLimits {
                line: written.limits.line.min(CaptionLimits::of(own).line),
                ..CaptionLimits::of(own)
            }),
        })
        .collect();
    faults.extend(rules::faults(&shown, rate));
    faults.sort_by_key(|fault| fault.index);
    faults
}

/// Everything that is said, one character after the other, without white space.
struct Said<'a> {
    characters: Vec<char>,
    /// For each character: when the word begins that begins with it, and the language where it is not
    /// the film's.
    words: Vec<(Option<u64>, Option<&'a Language>)>,
    /// Captions that nobody speaks, without white space.
    unspoken: Vec<String>,
}

impl<'a> Said<'a> {
    fn of(written: &'a Written, language: &Language) -> Self {
        let mut said = Self {
            characters: Vec::new(),
            words: Vec::new(),
            unspoken: Vec::new(),
        };
        for line in &written.transcript.lines {
            let forced = written.forced.iter().filter(|c| c.cue == line.cue);
            let meant: Vec<char> = forced
                .flat_map(|c| c.lines.iter())
                .flat_map(|l| bare(l))
                .collect();
            let own = line.language.as_ref().filter(|own| *own != language);
            if !meant.is_empty() {
                // Of what foreign words mean, only the whole has a time.
                for (at, c) in meant.into_iter().enumerate() {
                    said.characters.push(c);
                    said.words.push(((at == 0).then_some(line.from_ms), None));
                }
                continue;
            }
            said.line(line, own);
        }
        let silent = written
            .captions
            .iter()
            .filter(|caption| caption.speaker.is_none());
        said.unspoken = silent
            .map(|caption| bare(&caption.lines.join(" ")).collect())
            .collect();
        said
    }

    fn line(&mut self, line: &TranscriptLine, language: Option<&'a Language>) {
        for word in &line.words {
            for (at, c) in bare(&word.text).enumerate() {
                self.characters.push(c);
                self.words
                    .push(((at == 0).then_some(word.from_ms), language));
            }
        }
    }

    /// Follows captions through what is said. With what is wrong, each caption's language where it is
    /// not the film's.
    fn follow(
        &self,
        subtitles: &[Subtitle],
        rate: Rate,
    ) -> (Vec<Fault>, Vec<Option<&'a Language>>) {
        let mut faults = Vec::new();
        let mut languages = Vec::new();
        let mut at = 0;
        let mut lost = false;
        for (index, subtitle) in subtitles.iter().enumerate() {
            let text = subtitle.lines.join(" ");
            let Some((found, length)) = self.find(&text, at) else {
                languages.push(None);
                if !self.is_unspoken(&text) {
                    faults.push(self.differs(index, &text, at));
                    lost = true;
                }
                continue;
            };
            if found > at && !lost {
                faults.push(self.left_out(index, at, found));
            }
            languages.push(self.words[found].1);
            faults.extend(self.early_or_late(index, subtitle, found, rate));
            at = found + length;
            lost = false;
        }
        if at < self.characters.len() && !lost && !subtitles.is_empty() {
            faults.push(self.left_out(subtitles.len() - 1, at, self.characters.len()));
        }
        (faults, languages)
    }

    /// Where a caption's text stands, at `from` or later, and how long it is; a speaker's mark before
    /// it is no part of it.
    fn find(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        let unmarked = text.strip_prefix('-').or_else(|| {
            let (name, rest) = text.split_once(':')?;
            (name.chars().count() <= 40).then_some(rest)
        });
        let texts = std::iter::once(text).chain(unmarked);
        texts
            .filter_map(|text| {
                let wanted: Vec<char> = bare(text).collect();
                let end = self.characters.len().min(from.saturating_add(AHEAD));
                let window = self.characters.get(from..end)?;
                if wanted.is_empty() {
                    return None;
                }
                let found = window
                    .windows(wanted.len())
                    .position(|part| part == wanted)?;
                Some((from + found, wanted.len()))
            })
            .min()
    }

    /// Sounds, and what stands in brackets or beside notes.
    fn is_unspoken(&self, text: &str) -> bool {
        let whole: String = bare(text).collect();
        let bracketed = [
            ('[', ']'),
            ('(', ')'),
            ('♪', '♪'),
            ('（', '）'),
            ('［', '］'),
        ]
        .iter()
        .any(|(open, close)| whole.starts_with(*open) && whole.ends_with(*close));
        bracketed || self.unspoken.contains(&whole)
    }

    fn text(&self, from: usize, to: usize) -> String {
        let mut out = String::new();
        for at in from..to.min(from + 60).min(self.characters.len()) {
            if at > from && self.words[at].0.is_some() {
                out.push(' ');
            }
            out.push(self.characters[at]);
        }
        out
    }

    fn left_out(&self, index: usize, from: usize, to: usize) -> Fault {
        Fault {
            index,
            code: "captions.left-out",
            message: format!(
                "stands beside words that no caption has: `{}`",
                self.text(from, to)
            ),
            hint: "write them in a caption of their own, or change what is said in the manifest",
        }
    }

    fn differs(&self, index: usize, text: &str, at: usize) -> Fault {
        let brief: String = text.chars().take(60).collect();
        Fault {
            index,
            code: "captions.text",
            message: format!("reads `{brief}` where `{}` is said", self.text(at, at + 40)),
            hint: "write what is said, or change what is said in the manifest",
        }
    }

    fn early_or_late(
        &self,
        index: usize,
        subtitle: &Subtitle,
        at: usize,
        rate: Rate,
    ) -> Option<Fault> {
        let frame = |ms: u64| rate.frames_of(Millis(ms as i64));
        // Of what foreign words mean, only the whole has a time.
        let heard = self.words[at].0?;
        let (begins, heard_at) = (frame(subtitle.from_ms), frame(heard));
        let apart = Frames(begins.0.abs_diff(heard_at.0));
        if apart.0 <= TOLERANCE {
            return None;
        }
        let side = if begins < heard_at { "before" } else { "after" };
        Some(Fault {
            index,
            code: "captions.sync",
            message: format!(
                "begins {} frames {side} its first word is heard, at {}.{:03} s",
                apart.0,
                heard / 1000,
                heard % 1000
            ),
            hint: "let it begin with its first word",
        })
    }
}

fn bare(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use workprint_interchange::captions::read::read;
    use workprint_interchange::transcript::{Transcript, TranscriptWord};

    use super::*;

    /// Two lines, a word every 500 ms.
    fn written() -> Written {
        let line = |cue: &str, from: u64, text: &str| TranscriptLine {
            cue: cue.parse().unwrap(),
            speaker: None,
            language: None,
            from_ms: from,
            to_ms: from + 400,
            text: text.to_owned(),
            words: text
                .split(' ')
                .enumerate()
                .map(|(at, word)| TranscriptWord {
                    text: word.to_owned(),
                    from_ms: from + at as u64 * 500,
                    to_ms: from + at as u64 * 500 + 400,
                })
                .collect(),
        };
        let language: Language = "en".parse().unwrap();
        Written {
            captions: Vec::new(),
            forced: Vec::new(),
            transcript: Transcript {
                title: String::new(),
                language: language.clone(),
                length_ms: 10_000,
                chapters: Vec::new(),
                lines: vec![
                    line("a", 1000, "Every night the lamp shone."),
                    line("b", 5000, "Nobody knew why."),
                ],
            },
            limits: CaptionLimits::of(&language),
            problems: Vec::new(),
        }
    }

    fn codes(blocks: &[(&str, &str, &str)]) -> Vec<(usize, &'static str)> {
        let times = |(from, to, text): &(&str, &str, &str)| {
            format!("00:00:0{from} --> 00:00:0{to}\n{text}\n\n")
        };
        let file: String = blocks.iter().map(times).collect();
        let read = read(&file);
        assert_eq!(read.unread, []);
        let language = "en".parse().unwrap();
        let found = compare(&read.captions, &written(), (Rate::FPS_30, &language));
        found
            .into_iter()
            .map(|fault| (fault.index, fault.code))
            .collect()
    }

    const SECOND: (&str, &str, &str) = ("5,000", "7,000", "Nobody knew why.");

    #[test]
    fn what_is_said_when_it_is_said_is_good() {
        let first = ("1,000", "4,000", "- Every night\nthe lamp shone.");
        let sound = ("4,067", "4,933", "[a bell]");
        assert_eq!(codes(&[first, sound, SECOND]), []);
        let named = ("1,033", "4,000", "WICK: Every night the lamp shone.");
        assert_eq!(codes(&[named, SECOND]), []);
    }

    #[test]
    fn other_words_and_other_times_are_told() {
        let first = |from, text| (from, "4,000", text);
        let good = "Every night the lamp shone.";
        let cases = [
            (vec![first("1,200", good), SECOND], (0, "captions.sync")),
            (
                vec![first("1,000", "Every night the light shone."), SECOND],
                (0, "captions.text"),
            ),
            (
                vec![first("1,000", "Every night"), SECOND],
                (1, "captions.left-out"),
            ),
            (vec![first("1,000", good)], (0, "captions.left-out")),
        ];
        for (blocks, wanted) in cases {
            assert_eq!(codes(&blocks), [wanted]);
        }
    }
}
