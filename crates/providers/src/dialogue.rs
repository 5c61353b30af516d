//! Conversations that a model says in one breath: what is ordered of one, and where in the sound each line of it is
//! heard.

use serde::{Deserialize, Serialize};

use crate::order::Heard;

/// How far a line may reach into the next one, in seconds: vendors count in steps.
const SHARED: f64 = 0.25;

/// A line of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The voice, as the vendor names it.
    pub voice: String,
    /// What is said.
    pub text: String,
}

/// What a model takes of a conversation in one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most voices.
    pub voices: usize,
    /// The most characters of all lines together.
    pub characters: usize,
}

/// Where the lines of a conversation are heard, as a vendor told it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Parts {
    /// The part of each line, in their order.
    Heard(Vec<Part>),
    /// Why no line can be found in the sound, which was paid for all the same.
    Broken(String),
}

/// Where a line is heard, in seconds from the start of the sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// From when.
    pub from: f64,
    /// Up to when.
    pub to: f64,
    /// When each of its words, between white space, is heard; nothing where that is not told, or told of other words.
    pub words: Option<Vec<Heard>>,
}

/// A stretch of the sound that a vendor says is of a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment {
    /// The line's place, from 0.
    pub(crate) line: u64,
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// Where a line is heard, and by which of the segments.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// Where each of so many lines is heard. A line may have several segments, one after the other; none may be left out,
/// go back, or lie in another.
pub(crate) fn spans(lines: usize, segments: &[Segment]) -> Result<Vec<Span>, String> {
    let mut all: Vec<Span> = Vec::new();
    for (n, segment) in segments.iter().enumerate() {
        let Segment { line, from, to } = *segment;
        let place = usize::try_from(line).unwrap_or(usize::MAX);
        let wrong = |why: String| Err(format!("segment {} {why}", n + 1));
        if place >= lines {
            return wrong(format!("is of line {}, of {lines}", line.saturating_add(1)));
        }
        if !(from.is_finite() && to.is_finite() && from >= 0.0 && to >= from) {
            return wrong(format!("is heard from {from} s to {to} s"));
        }
        let before = all.last().map_or(0.0, |span| span.to);
        if from < before - SHARED {
            return wrong(format!("begins at {from} s, before {before} s"));
        }
        let ours = all.len().checked_sub(1) == Some(place);
        if let Some(span) = all.last_mut().filter(|_| ours) {
            (span.to, span.last) = (to.max(span.to), n);
        } else if place == all.len() {
            all.push(Span {
                from: from.max(before),
                to: to.max(before),
                first: n,
                last: n,
            });
        } else {
            return wrong(format!("is of line {}, out of turn", place + 1));
        }
    }
    if all.len() < lines {
        return Err(format!("line {} has no segment", all.len() + 1));
    }
    match all.iter().position(|span| span.to <= span.from) {
        Some(line) => Err(format!("line {} is of no length", line + 1)),
        None => Ok(all),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A segment: the line, from, to.
    type One = (u64, f64, f64);

    fn told(lines: usize, segments: &[One]) -> Result<Vec<Heard>, String> {
        let segments: Vec<Segment> = segments
            .iter()
            .map(|&(line, from, to)| Segment { line, from, to })
            .collect();
        let spans = spans(lines, &segments)?;
        Ok(spans.iter().map(|span| (span.from, span.to)).collect())
    }

    #[test]
    fn a_line_may_have_several_segments_one_after_the_other() {
        let two = told(2, &[(0, 0.0, 0.8), (0, 0.9, 1.5), (1, 1.4, 2.0)]);
        // What two lines share is the first one's.
        assert_eq!(two, Ok(vec![(0.0, 1.5), (1.5, 2.0)]));
    }

    #[test]
    fn what_cannot_be_is_told_with_its_segment() {
        let long = f64::INFINITY;
        let cases: [(&[One], &str); 11] = [
            (&[], "line 1 has no segment"),
            (&[(0, 0.0, 1.0)], "line 2 has no segment"),
            (&[(1, 0.0, 1.0)], "segment 1 is of line 2, out of turn"),
            (
                &[(0, 0.0, 1.0), (1, 1.0, 2.0), (0, 2.0, 3.0)],
                "segment 3 is of line 1, out of turn",
            ),
            (
                &[(0, 0.0, 1.0), (2, 1.0, 2.0)],
                "segment 2 is of line 3, of 2",
            ),
            (
                &[(u64::MAX, 0.0, 1.0)],
                "segment 1 is of line 18446744073709551615, of 2",
            ),
            (
                &[(0, 1.0, 2.0), (1, 0.0, 1.0)],
                "segment 2 begins at 0 s, before 2 s",
            ),
            (&[(0, 1.0, 0.5)], "segment 1 is heard from 1 s to 0.5 s"),
            (&[(0, -1.0, 0.5)], "segment 1 is heard from -1 s to 0.5 s"),
            (
                &[(0, f64::NAN, 1.0)],
                "segment 1 is heard from NaN s to 1 s",
            ),
            (&[(0, 0.0, long)], "segment 1 is heard from 0 s to inf s"),
        ];
        for (segments, why) in cases {
            assert_eq!(told(2, segments), Err(why.to_owned()));
        }
        let nothing = told(2, &[(0, 0.0, 1.0), (1, 1.0, 1.0)]);
        assert_eq!(nothing, Err("line 2 is of no length".to_owned()));
    }
}
