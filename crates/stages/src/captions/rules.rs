//! The rules of captions, for those that are laid here and for those that people have written.

use workprint_model::caption_rules::CaptionLimits;
use workprint_model::timeline::PlacedCaption;
use workprint_model::words::width;
use workprint_model::{Frames, Rate, SAMPLE_RATE};

/// A caption on screen.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// Its first frame.
    pub from: Frames,
    /// The frame after its last.
    pub to: Frames,
    /// Its lines.
    pub lines: &'a [String],
    /// The rules of its language.
    pub limits: CaptionLimits,
}

impl<'a> Shown<'a> {
    /// A caption that was laid.
    pub fn of(caption: &'a PlacedCaption, limits: CaptionLimits) -> Self {
        Self {
            from: caption.from,
            to: caption.from + caption.length,
            lines: &caption.lines,
            limits,
        }
    }
}

/// A rule that a caption does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which caption, counted from 0.
    pub index: usize,
    /// Which rule.
    pub code: &'static str,
    /// What is wrong: follows "the caption".
    pub message: String,
    /// What to do.
    pub hint: &'static str,
}

/// Every rule that a caption does not keep, in the order of the captions.
pub fn faults(shown: &[Shown<'_>], rate: Rate) -> Vec<Fault> {
    let mut out = Vec::new();
    for (index, caption) in shown.iter().enumerate() {
        let limits = &caption.limits;
        let mut add = |code, message, hint| {
            out.push(Fault {
                index,
                code,
                message,
                hint,
            });
        };
        for (code, message, hint) in lines(caption, limits) {
            add(code, message, hint);
        }
        if let Some((code, message, hint)) = time(caption, limits, rate) {
            add(code, message, hint);
        }
        if let Some(message) = speed(caption, limits, rate) {
            add(
                "captions.speed",
                message,
                "show it longer, divide it, or have it spoken more slowly",
            );
        }
        if let Some(next) = shown.get(index + 1)
            && let Some((code, message, hint)) = apart(caption, next, limits, rate)
        {
            add(code, message, hint);
        }
    }
    out
}

type Told = (&'static str, String, &'static str);

fn lines(caption: &Shown<'_>, limits: &CaptionLimits) -> Vec<Told> {
    let mut out = Vec::new();
    let count = caption.lines.len();
    if count == 0 || caption.lines.iter().all(|line| line.trim().is_empty()) {
        out.push(("captions.empty", "is empty".to_owned(), "take it out"));
    }
    if count > usize::from(limits.lines) {
        let message = format!("has {count} lines: {} are allowed", limits.lines);
        out.push(("captions.lines", message, "divide it"));
    }
    let widest = caption.lines.iter().map(|line| width(line)).max();
    if let Some(widest) = widest.filter(|widest| *widest > usize::from(limits.line)) {
        let message = format!(
            "has a line of {widest} columns: {} are allowed",
            limits.line
        );
        out.push((
            "captions.line",
            message,
            "break the line, or divide the caption",
        ));
    }
    out
}

fn time(caption: &Shown<'_>, limits: &CaptionLimits, rate: Rate) -> Option<Told> {
    let length = Frames(
        caption
            .to
            .0
            .checked_sub(caption.from.0)
            .filter(|n| *n > 0)?,
    );
    let (shortest, longest) = (limits.shortest_in(rate), rate.frames_of(limits.longest));
    if length < shortest {
        let message = format!(
            "is seen for {} frames: {} are the least",
            length.0, shortest.0
        );
        let hint = "join it with its neighbour, or give its cue more `tail_ms`";
        return Some(("captions.short", message, hint));
    }
    if length > longest {
        let message = format!(
            "is seen for {} frames: {} are the most",
            length.0, longest.0
        );
        return Some((
            "captions.long",
            message,
            "divide it, or take it away sooner",
        ));
    }
    None
}

/// Told where a text is read faster than the limit by more than a frame's worth.
fn speed(caption: &Shown<'_>, limits: &CaptionLimits, rate: Rate) -> Option<String> {
    let columns = CaptionLimits::columns(caption.lines);
    let length = Frames(
        caption
            .to
            .0
            .checked_sub(caption.from.0)
            .filter(|n| *n > 0)?,
    );
    if length + Frames(1) >= limits.reading(columns, rate) {
        return None;
    }
    let seen = rate.sample_of(length).0.max(1);
    let tenths = columns as u64 * u64::from(SAMPLE_RATE) * 10 / seen;
    let tenths = if limits.wide { tenths / 2 } else { tenths };
    Some(format!(
        "is read at {}.{} characters a second: {} are allowed",
        tenths / 10,
        tenths % 10,
        limits.speed
    ))
}

fn apart(
    caption: &Shown<'_>,
    next: &Shown<'_>,
    limits: &CaptionLimits,
    rate: Rate,
) -> Option<Told> {
    if caption.to.0 <= caption.from.0 || next.from < caption.from {
        let message = "ends before it begins, or begins after the one that follows".to_owned();
        return Some((
            "captions.order",
            message,
            "put the captions in the order of their times",
        ));
    }
    let Some(between) = next.from.0.checked_sub(caption.to.0) else {
        let message = format!(
            "is still seen when the next begins, {} frames later",
            caption.to.0 - next.from.0
        );
        return Some((
            "captions.overlap",
            message,
            "end it before the next one begins",
        ));
    };
    if between < limits.gap.0 {
        let message = format!(
            "ends {between} frames before the next: {} are the least",
            limits.gap.0
        );
        return Some(("captions.gap", message, "end it sooner"));
    }
    let chain = rate.frames_of(limits.chain).0;
    let longest = rate.frames_of(limits.longest).0;
    let whole = next
        .from
        .0
        .saturating_sub(limits.gap.0)
        .saturating_sub(caption.from.0);
    if between > limits.gap.0 && between < chain && whole <= longest {
        let message = format!(
            "ends {between} frames before the next: a rest shorter than {chain} is filled up to {}",
            limits.gap.0
        );
        return Some(("captions.chain", message, "hold it until then"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    type Case<'a> = (u64, u64, &'a [&'a str]);

    fn codes(captions: &[Case<'_>]) -> Vec<(usize, &'static str)> {
        let lines: Vec<Vec<String>> = captions
            .iter()
            .map(|(_, _, lines)| lines.iter().map(|line| (*line).to_owned()).collect())
            .collect();
        let shown: Vec<Shown<'_>> = captions
            .iter()
            .zip(&lines)
            .map(|((from, to, _), lines)| Shown {
                from: Frames(*from),
                to: Frames(*to),
                lines,
                limits: CaptionLimits::of(&"en".parse().unwrap()),
            })
            .collect();
        let found = faults(&shown, Rate::FPS_30);
        assert!(found.iter().all(|fault| !fault.hint.is_empty()));
        found
            .into_iter()
            .map(|fault| (fault.index, fault.code))
            .collect()
    }

    #[test]
    fn good_captions_have_no_faults() {
        let good: &[Case<'_>] = &[
            (0, 66, &["Every night, the lamp shone", "over the sea."]),
            (68, 98, &["And nobody knew."]),
            (113, 150, &["Until now."]),
        ];
        assert_eq!(codes(good), []);
    }

    #[test]
    fn every_rule_is_told() {
        let long = "a".repeat(43);
        let cases: &[(&str, &[Case<'_>])] = &[
            ("captions.empty", &[(0, 30, &[])]),
            ("captions.lines", &[(0, 30, &["a", "b", "c"])]),
            ("captions.line", &[(0, 90, &[&long])]),
            ("captions.short", &[(0, 24, &["Short."])]),
            ("captions.long", &[(0, 211, &["Long."])]),
            ("captions.speed", &[(0, 30, &["Twenty-four letters here"])]),
            ("captions.order", &[(50, 40, &["a"]), (90, 130, &["b"])]),
            ("captions.order", &[(90, 130, &["a"]), (40, 130, &["b"])]),
            ("captions.overlap", &[(0, 30, &["a"]), (29, 60, &["b"])]),
            ("captions.gap", &[(0, 30, &["a"]), (31, 60, &["b"])]),
            ("captions.chain", &[(0, 30, &["a"]), (40, 70, &["b"])]),
        ];
        for (code, captions) in cases {
            assert_eq!(codes(captions), [(0, *code)], "{code}");
        }
    }
}
