//! Captions that people have written, against what is said and when.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use workprint_interchange::captions::read::Subtitle;
use workprint_interchange::transcript::{Transcript, TranscriptLine};
use workprint_model::caption_rules::CaptionLimits;
use workprint_model::{CueId, Frames, Language, Millis, Rate};

use super::extra::Written;
use super::rules::{self, Fault, Shown};

/// How far ahead a text is looked for that is not where it should be, in characters.
const AHEAD: usize = 4000;
/// A caption begins no further from its first word than this.
const TOLERANCE: u64 = 1;

/// What a film's captions are held against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spoken {
    /// Everything that is said, with the time of every word.
    pub transcript: Transcript,
    /// What cues in other languages mean, as it is read in their place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub meant: Vec<(CueId, String)>,
    /// What is read and nobody says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unspoken: Vec<String>,
    /// The rules of the film's language.
    pub limits: CaptionLimits,
}

impl Spoken {
    /// That of a film whose caption files are laid.
    pub fn of(written: &Written) -> Self {
        let text = |lines: &[String]| lines.join(" ");
        let forced = written.forced.iter();
        let silent = written
            .captions
            .iter()
            .filter(|caption| caption.speaker.is_none());
        Self {
            transcript: written.transcript.clone(),
            meant: forced.map(|c| (c.cue.clone(), text(&c.lines))).collect(),
            unspoken: silent.map(|caption| text(&caption.lines)).collect(),
            limits: written.limits,
        }
    }
}

/// For each caption the times in milliseconds at which its words are heard; none for one that nobody says,
/// or that begins within a word.
/// A caption whose cues are known, the first and the last, is looked for there, others one after the other.
pub fn word_times(captions: &[(Option<[&CueId; 2]>, &[String])], spoken: &Spoken) -> Vec<Vec<u64>> {
    let said = Said::of(spoken);
    let (mut before, mut at) = (None, 0);
    let mut times = Vec::with_capacity(captions.len());
    for (cues, lines) in captions {
        let range = cues.map_or(Some(0..said.characters.len()), |[first, last]| {
            Some(said.cues.get(first)?.start..said.cues.get(last)?.end)
        });
        let range = range.unwrap_or_default();
        if *cues != before {
            (before, at) = (*cues, range.start);
        }
        let found = said.find(lines, at..range.end);
        let (from, to) = found.map_or((at, at), |found| (found.from, found.from + found.length()));
        at = to;
        let heard = &said.heard[from..to];
        let begins = heard.first().is_some_and(|first| first.from.is_some());
        let words = heard.iter().filter_map(|heard| heard.from);
        times.push(words.filter(|_| begins).collect());
    }
    times
}

/// Every rule that a file's captions do not keep, and where they differ from what is said.
pub fn compare(subtitles: &[Subtitle], written: &Spoken, rate: Rate) -> Vec<Fault> {
    let frame = |ms: u64| rate.frames_of(Millis(ms as i64));
    let said = Said::of(written);
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
    /// What is known of each.
    heard: Vec<Heard<'a>>,
    /// Which of the characters are each cue's.
    cues: BTreeMap<&'a CueId, Range<usize>>,
    /// Captions that nobody speaks, without white space.
    unspoken: Vec<String>,
}

/// A character that is said.
#[derive(Clone, Copy)]
struct Heard<'a> {
    /// When the word begins that begins with it.
    from: Option<u64>,
    /// The language where it is not the film's.
    language: Option<&'a Language>,
    /// Who says it.
    speaker: Option<&'a str>,
}

/// Where a caption's text stands in what is said.
struct Found {
    from: usize,
    /// How many characters each of its lines has without the speaker's mark, and whether it has one.
    lines: Vec<(usize, bool)>,
}

impl Found {
    fn length(&self) -> usize {
        self.lines.iter().map(|(length, _)| length).sum()
    }
}

impl<'a> Said<'a> {
    fn of(written: &'a Spoken) -> Self {
        let mut said = Self {
            characters: Vec::new(),
            heard: Vec::new(),
            cues: BTreeMap::new(),
            unspoken: Vec::new(),
        };
        for line in &written.transcript.lines {
            let first = said.characters.len();
            let meant = written.meant.iter().filter(|(cue, _)| *cue == line.cue);
            let meant: Vec<char> = meant.flat_map(|(_, text)| bare(text)).collect();
            if meant.is_empty() {
                said.line(line, line.language.as_ref());
            }
            // Of what foreign words mean, only the whole has a time.
            for (at, c) in meant.into_iter().enumerate() {
                said.characters.push(c);
                said.heard.push(Heard {
                    from: (at == 0).then_some(line.from_ms),
                    language: None,
                    speaker: line.speaker.as_deref(),
                });
            }
            said.cues.insert(&line.cue, first..said.characters.len());
        }
        let unspoken = written.unspoken.iter();
        said.unspoken = unspoken.map(|text| bare(text).collect()).collect();
        said
    }

    fn line(&mut self, line: &'a TranscriptLine, language: Option<&'a Language>) {
        for word in &line.words {
            for (at, c) in bare(&word.text).enumerate() {
                self.characters.push(c);
                self.heard.push(Heard {
                    from: (at == 0).then_some(word.from_ms),
                    language,
                    speaker: line.speaker.as_deref(),
                });
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
            let Some(found) = self.find(&subtitle.lines, at..self.characters.len()) else {
                let text = subtitle.lines.join(" ");
                languages.push(None);
                if !self.is_unspoken(&text) {
                    faults.push(self.differs(index, &text, at));
                    lost = true;
                }
                continue;
            };
            if found.from > at && !lost {
                faults.push(self.left_out(index, at, found.from));
            }
            languages.push(self.heard[found.from].language);
            faults.extend(self.early_or_late(index, subtitle, found.from, rate));
            faults.extend(self.mixed(index, &found));
            at = found.from + found.length();
            lost = false;
        }
        if at < self.characters.len() && !lost && !subtitles.is_empty() {
            faults.push(self.left_out(subtitles.len() - 1, at, self.characters.len()));
        }
        (faults, languages)
    }

    /// Where a caption's text stands in a stretch; the marks of speakers before its lines are no part
    /// of it. What nobody says stands nowhere, though it be said later.
    fn find(&self, lines: &[String], stretch: Range<usize>) -> Option<Found> {
        let from = stretch.start;
        let end = stretch.end.min(from.saturating_add(AHEAD));
        let window = self.characters.get(from..end)?;
        let readings = Marks::ALL.iter().filter_map(|marks| {
            let mut wanted: Vec<char> = Vec::new();
            let mut found = Vec::new();
            for (number, line) in lines.iter().enumerate() {
                let own = marks.strip(line).filter(|_| number == 0 || marks.each);
                let before = wanted.len();
                wanted.extend(bare(own.unwrap_or(line)));
                found.push((wanted.len() - before, own.is_some()));
            }
            if wanted.is_empty() {
                return None;
            }
            let at = window
                .windows(wanted.len())
                .position(|part| part == wanted)?;
            Some(Found {
                from: from + at,
                lines: found,
            })
        });
        let found = readings.min_by_key(|found| found.from)?;
        let is_next = found.from == from || !self.is_unspoken(&lines.join(" "));
        is_next.then_some(found)
    }

    /// Told where words of several speakers are not each in a marked line of their own.
    fn mixed(&self, index: usize, found: &Found) -> Option<Fault> {
        let mut at = found.from;
        let mut speakers = Vec::new();
        let mut whole = true;
        for (length, _) in found.lines.iter().filter(|(length, _)| *length > 0) {
            let own = self.heard.get(at..at + length)?;
            let first = own.first()?.speaker;
            whole &= own.iter().all(|heard| heard.speaker == first);
            speakers.push(first);
            at += length;
        }
        let several = !whole || speakers.windows(2).any(|pair| pair[0] != pair[1]);
        let marked = found.lines.iter().all(|(_, marked)| *marked);
        (several && !(whole && marked)).then(|| Fault {
            index,
            code: "captions.speakers",
            message: "holds what two speakers say, and not each in a line behind a dash".to_owned(),
            hint: "begin a line with `-` for each speaker, or divide the caption",
        })
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
            if at > from && self.heard[at].from.is_some() {
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
        let heard = self.heard[at].from?;
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

/// Whether each of several lines begins with the mark of a speaker.
pub fn shared(lines: &[String]) -> bool {
    let mut each = Marks::ALL.iter().filter(|marks| marks.each);
    lines.len() > 1 && each.any(|marks| lines.iter().all(|line| marks.strip(line).is_some()))
}

/// How speakers may be marked before lines.
struct Marks {
    /// A dash.
    dash: bool,
    /// A name and a colon.
    name: bool,
    /// Before every line, where it has one, or the first alone.
    each: bool,
}

impl Marks {
    const ALL: [Self; 5] = [
        Self::of(false, false, false),
        Self::of(true, false, true),
        Self::of(true, false, false),
        Self::of(false, true, true),
        Self::of(false, true, false),
    ];

    const fn of(dash: bool, name: bool, each: bool) -> Self {
        Self { dash, name, each }
    }

    /// A line without its mark; nothing where it has none.
    fn strip<'a>(&self, line: &'a str) -> Option<&'a str> {
        if self.dash {
            return line.strip_prefix(['-', '–', '—']);
        }
        let (name, rest) = line.split_once(':').filter(|_| self.name)?;
        (name.chars().count() <= 40).then_some(rest)
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
    fn written() -> Spoken {
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
        Spoken {
            meant: Vec::new(),
            unspoken: Vec::new(),
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
        }
    }

    fn codes(blocks: &[(&str, &str, &str)]) -> Vec<(usize, &'static str)> {
        codes_of(blocks, &written())
    }

    fn codes_of(blocks: &[(&str, &str, &str)], written: &Spoken) -> Vec<(usize, &'static str)> {
        let times = |(from, to, text): &(&str, &str, &str)| {
            format!("00:00:0{from} --> 00:00:0{to}\n{text}\n\n")
        };
        let file: String = blocks.iter().map(times).collect();
        let read = read(&file);
        assert_eq!(read.unread, []);
        let found = compare(&read.captions, written, Rate::FPS_30);
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
    fn a_sign_is_not_taken_for_what_is_said_later() {
        let mut spoken = written();
        spoken.unspoken = vec!["Nobody".to_owned()];
        let texts = [
            "Nobody",
            "Every night the lamp shone.",
            "Nobody",
            "knew why.",
        ];
        let texts = texts.map(|text| [text.to_owned()]);
        let captions = texts.each_ref().map(|lines| (None, &lines[..]));
        let times = word_times(&captions, &spoken);
        let wanted: [&[u64]; 4] = [&[], &[1000, 1500, 2000, 2500, 3000], &[5000], &[5500, 6000]];
        assert_eq!(times, wanted);
    }

    #[test]
    fn a_caption_is_looked_for_in_its_own_cue() {
        let (spoken, cue) = (written(), |id: &str| id.parse::<CueId>().unwrap());
        let (a, b, c) = (cue("a"), cue("b"), cue("c"));
        let captions = [
            (&b, "why."),
            (&a, "night"),
            (&a, "the"),
            (&c, "the"),
            (&b, "Nobody"),
        ];
        let captions = captions.map(|(cue, text)| (cue, [text.to_owned()]));
        let captions = captions
            .each_ref()
            .map(|(cue, lines)| (Some([*cue; 2]), &lines[..]));
        let wanted: [&[u64]; 5] = [&[6000], &[1500], &[2000], &[], &[5000]];
        assert_eq!(word_times(&captions, &spoken), wanted);
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

    #[test]
    fn two_speakers_have_a_dash_each() {
        let mut written = written();
        for (line, speaker) in written.transcript.lines.iter_mut().zip(["Ann", "Bo"]) {
            line.speaker = Some(speaker.to_owned());
        }
        let read = |text: &str| codes_of(&[("1,000", "7,000", text)], &written);
        let (ann, bo) = ("Every night the lamp shone.", "Nobody knew why.");
        assert_eq!(read(&format!("-{ann}\n-{bo}")), []);
        assert_eq!(read(&format!("– {ann}\n– {bo}")), []);
        assert_eq!(read(&format!("Ann: {ann}\nBo: {bo}")), []);
        let told = [(0, "captions.speakers")];
        assert_eq!(read(&format!("{ann}\n{bo}")), told);
        assert_eq!(read(&format!("{ann}\n-{bo}")), told);
        assert_eq!(read(&format!("-{ann} Nobody\n-knew why.")), told);
        let apart = [("1,000", "4,000", ann), ("5,000", "7,000", bo)];
        assert_eq!(codes_of(&apart, &written), []);
    }
}
