//! Captions that two speakers share: short lines that follow each other, each behind a dash in a line
//! of its own, as Netflix's Timed Text Style Guides set two speakers in one event.

use std::collections::BTreeSet;

use workprint_model::caption_rules::{CaptionLimits, SpeakerMark};
use workprint_model::timeline::{CaptionWord, PlacedCaption, SecondLine};
use workprint_model::words::width;
use workprint_model::{Digest, Frames, Rate};

/// What stands before a line to tell that somebody else speaks.
pub(super) const DASH: &str = "-";

/// The rules of a caption; nothing where it is never shared.
pub(super) type RulesOf<'a> = dyn Fn(&PlacedCaption) -> Option<CaptionLimits> + 'a;

/// Joins captions of two speakers, of one line each, where one of them cannot be read in its time and
/// both together lack less of theirs. `lengths` are how long each is seen when nothing is joined.
pub(super) fn join(
    captions: Vec<PlacedCaption>,
    lengths: &[Frames],
    rules_of: &RulesOf<'_>,
    (mark, rate): (SpeakerMark, Rate),
) -> Vec<PlacedCaption> {
    let pairs: Vec<Pair<'_>> = captions
        .windows(2)
        .zip(lengths.windows(2))
        .map(|(both, lengths)| Pair {
            first: (&both[0], lengths[0]),
            second: (&both[1], lengths[1]),
            mark,
            rate,
        })
        .collect();
    let mut firsts = BTreeSet::new();
    let mut at = 0;
    while let Some(pair) = pairs.get(at) {
        let limits = rules_of(pair.first.0).zip(rules_of(pair.second.0));
        let joined = limits.is_some_and(|(limits, other)| limits == other && pair.belongs(&limits));
        if joined {
            firsts.insert(at);
        }
        at += if joined { 2 } else { 1 };
    }
    let mut out: Vec<PlacedCaption> = Vec::with_capacity(captions.len());
    for (at, caption) in captions.into_iter().enumerate() {
        let first = at.checked_sub(1).filter(|before| firsts.contains(before));
        match out.last_mut().filter(|_| first.is_some()) {
            Some(first) => add(first, caption, mark),
            None => out.push(caption),
        }
    }
    out
}

/// Two captions that follow each other, and how long each is seen.
struct Pair<'a> {
    first: (&'a PlacedCaption, Frames),
    second: (&'a PlacedCaption, Frames),
    mark: SpeakerMark,
    rate: Rate,
}

impl Pair<'_> {
    fn belongs(&self, limits: &CaptionLimits) -> bool {
        let (first, second) = (self.first.0, self.second.0);
        let together = limits
            .together
            .map_or(Frames(0), |ms| self.rate.frames_of(ms));
        let between = second.from - (first.from + first.length);
        let two = first.speaker.is_some()
            && second.speaker.is_some()
            && first.speaker != second.speaker
            && (first.lines.len(), second.lines.len()) == (1, 1);
        let alike = first.language == second.language
            && first.style == second.style
            && (first.burn, first.safe) == (second.burn, second.safe);
        let near = together > Frames(0) && between <= together && limits.lines > 1;
        two && alike && near && self.gains(limits)
    }

    /// Whether the lines lack less of the time that they need when they are read together.
    fn gains(&self, limits: &CaptionLimits) -> bool {
        let lack = |lines: &[String], seen: Frames| limits.least(lines, self.rate) - seen;
        let (first, second) = (self.first, self.second);
        let apart = lack(&first.0.lines, first.1) + lack(&second.0.lines, second.1);
        let lines = [first.0, second.0].map(|caption| {
            let (dash, line) = marked(caption, self.mark);
            format!("{dash}{line}")
        });
        let seen = second.0.from + second.1 - first.0.from;
        apart > lack(&lines, seen)
            && seen <= self.rate.frames_of(limits.longest)
            && lines
                .iter()
                .all(|line| width(line) <= usize::from(limits.line))
    }
}

/// The dash that a caption's line still needs, and the line.
fn marked(caption: &PlacedCaption, mark: SpeakerMark) -> (&'static str, &str) {
    let line = caption.lines.first().map_or("", String::as_str);
    let told = mark == SpeakerMark::Name || mark == SpeakerMark::Dash && line.starts_with(DASH);
    (if told { "" } else { DASH }, line)
}

/// Makes a caption the second line of another.
fn add(first: &mut PlacedCaption, second: PlacedCaption, mark: SpeakerMark) {
    let later = second.from - first.from;
    let moved = |words: &[CaptionWord], line: u8, dash: &str, later: Frames| {
        let by = dash.len() as u32;
        let words = words.iter().map(|word| {
            let mut word = *word;
            word.place.line = line;
            word.place.start += by;
            word.place.end += by;
            word.from = word.from + later;
            word
        });
        words.collect::<Vec<_>>()
    };
    let ((dash, line), (other_dash, other)) = (marked(first, mark), marked(&second, mark));
    let lines = vec![format!("{dash}{line}"), format!("{other_dash}{other}")];
    let mut words = moved(&first.words, 0, dash, Frames(0));
    words.extend(moved(&second.words, 1, other_dash, later));
    let timed_by: BTreeSet<Digest> = first.timed_by.drain(..).chain(second.timed_by).collect();
    first.lines = lines;
    first.words = words;
    first.timed_by = timed_by.into_iter().collect();
    first.length = later + second.length;
    first.second = second.speaker.map(|speaker| SecondLine {
        cue: second.cue,
        speaker,
    });
}

#[cfg(test)]
mod tests {
    use workprint_model::show::CaptionStyle;
    use workprint_model::timeline::WordPlace;
    use workprint_model::{CueId, Millis};

    use super::*;

    /// Who says what, from a frame on, for how many frames.
    type Line<'a> = (&'a str, &'a str, u64, u64);

    fn placed(&(speaker, text, from, length): &Line<'_>) -> PlacedCaption {
        PlacedCaption {
            cue: CueId::slug(&format!("c{from}"), "cue"),
            speaker: (!speaker.is_empty()).then(|| speaker.parse().unwrap()),
            second: None,
            lines: text.split('/').map(str::to_owned).collect(),
            from: Frames(from),
            length: Frames(length),
            style: CaptionStyle::default(),
            language: "en".parse().unwrap(),
            burn: false,
            words: vec![CaptionWord {
                place: WordPlace {
                    line: 0,
                    start: 0,
                    end: 2,
                },
                from: Frames(0),
                length: Frames(5),
            }],
            safe: None,
            timed_by: vec![Digest::of(&[from as u8]), Digest::of(b"both")],
        }
    }

    fn joined(lines: &[Line<'_>], mark: SpeakerMark) -> Vec<PlacedCaption> {
        let captions: Vec<PlacedCaption> = lines.iter().map(placed).collect();
        let lengths: Vec<Frames> = captions.iter().map(|caption| caption.length).collect();
        let limits = CaptionLimits {
            together: Some(Millis(500)),
            ..CaptionLimits::of(&"en".parse().unwrap())
        };
        join(captions, &lengths, &|_| Some(limits), (mark, Rate::FPS_30))
    }

    fn texts(lines: &[Line<'_>], mark: SpeakerMark) -> Vec<String> {
        let joined = joined(lines, mark);
        joined.iter().map(|c| c.lines.join("/")).collect()
    }

    const SHORT: [Line<'_>; 3] = [
        ("ann", "No.", 0, 12),
        ("bo", "Yes.", 14, 12),
        ("ann", "No!", 28, 40),
    ];

    #[test]
    fn short_lines_of_two_speakers_share_a_caption() {
        let found = joined(&SHORT, SpeakerMark::None);
        assert_eq!(found.len(), 2);
        let both = &found[0];
        assert_eq!(both.lines, ["-No.", "-Yes."]);
        assert_eq!((both.from, both.length), (Frames(0), Frames(26)));
        let second = both.second.as_ref().unwrap();
        assert_eq!(
            (second.cue.as_str(), second.speaker.as_str()),
            ("c14", "bo")
        );
        let words: Vec<_> = both.words.iter().map(|w| (w.place, w.from)).collect();
        let place = |line| WordPlace {
            line,
            start: 1,
            end: 3,
        };
        assert_eq!(words, [(place(0), Frames(0)), (place(1), Frames(14))]);
        assert_eq!(both.timed_by.len(), 3);
        assert_eq!(found[1].lines, ["No!"]);
    }

    #[test]
    fn marks_that_are_there_are_not_doubled() {
        let dashed = [("ann", "-No.", 0, 12), ("bo", "-Yes.", 14, 12)];
        assert_eq!(texts(&dashed, SpeakerMark::Dash), ["-No./-Yes."]);
        let first = [("ann", "No.", 0, 12), ("bo", "-Yes.", 14, 12)];
        assert_eq!(texts(&first, SpeakerMark::Dash), ["-No./-Yes."]);
        let named = [("ann", "ANN: No.", 0, 12), ("bo", "BO: Yes.", 14, 12)];
        assert_eq!(texts(&named, SpeakerMark::Name), ["ANN: No./BO: Yes."]);
    }

    #[test]
    fn what_reads_well_or_does_not_belong_together_stays_apart() {
        let wide = "So wide a line has no room for any dash at";
        let cases: [[Line<'_>; 2]; 7] = [
            // Both are seen for as long as they need.
            [("ann", "No.", 0, 25), ("bo", "Yes.", 27, 25)],
            // Too long a pause.
            [("ann", "No.", 0, 12), ("bo", "Yes.", 28, 12)],
            // One speaker, or nobody that is known.
            [("ann", "No.", 0, 12), ("ann", "Yes.", 14, 12)],
            [("", "No.", 0, 12), ("bo", "Yes.", 14, 12)],
            // More than a line.
            [("ann", "No./No.", 0, 12), ("bo", "Yes.", 14, 12)],
            // No room for the dash.
            [("ann", wide, 0, 50), ("bo", "Yes.", 52, 12)],
            // Longer than a caption may be seen.
            [("ann", "No.", 0, 205), ("bo", "Yes.", 207, 12)],
        ];
        for lines in cases {
            assert_eq!(joined(&lines, SpeakerMark::None).len(), 2, "{lines:?}");
        }
    }
}
