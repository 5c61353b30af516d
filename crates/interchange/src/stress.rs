//! Emphasis of scripts, as stress in what is said: `*words*` between stars.

use workprint_model::markup::{can_stress, plain};

use crate::draft::tidy;

/// A piece of a text, emphasised or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Run {
    pub text: String,
    pub stressed: bool,
}

/// Adds a piece to a text; neighbours of a kind become one.
pub(crate) fn push(runs: &mut Vec<Run>, text: &str, stressed: bool) {
    if text.is_empty() {
        return;
    }
    match runs.last_mut().filter(|last| last.stressed == stressed) {
        Some(last) => last.text.push_str(text),
        None => runs.push(Run {
            text: text.to_owned(),
            stressed,
        }),
    }
}

/// All pieces, one after the other.
pub(crate) fn joined(runs: &[Run]) -> String {
    runs.iter().map(|run| run.text.as_str()).collect()
}

/// A text without so many bytes at its beginning.
pub(crate) fn skip(runs: &[Run], mut bytes: usize) -> Vec<Run> {
    let mut out = Vec::new();
    for run in runs {
        let rest = run.text.get(bytes.min(run.text.len())..);
        bytes = bytes.saturating_sub(run.text.len());
        push(&mut out, rest.unwrap_or_default(), run.stressed);
    }
    out
}

/// What is said, tidied: stars around what is stressed, and a backslash before stars that would be
/// taken for such. Stress that stars cannot mark, of a part of a word, is left out.
pub(crate) fn marked(runs: &[Run]) -> String {
    let whole = joined(runs);
    if !runs.iter().any(|run| run.stressed) && !whole.contains('*') {
        return tidy(&whole);
    }
    let mut out = String::with_capacity(whole.len() + 8);
    let (mut before, mut any) = (None, false);
    for (at, run) in runs.iter().enumerate() {
        let words = tidy(&run.text);
        let after = runs[at + 1..]
            .iter()
            .find_map(|run| run.text.chars().next());
        let ends = |c: Option<char>| c.is_some_and(char::is_whitespace);
        let (opens, closes) = (ends(run.text.chars().next()), ends(run.text.chars().last()));
        let stressed = run.stressed
            && can_stress(before.filter(|_| !opens), &words, after.filter(|_| !closes));
        any |= stressed;
        let space = |there: bool| if there { " " } else { "" };
        let words = if stressed {
            format!("*{words}*")
        } else {
            words.replace('*', "\\*")
        };
        out.push_str(space(opens));
        out.push_str(&words);
        out.push_str(space(closes && !words.is_empty()));
        before = run.text.chars().last().or(before);
    }
    let out = tidy(&out);
    // Stars that are taken for nothing need no backslash.
    let bare = out.replace("\\*", "*");
    if !any && plain(&bare) == bare {
        return bare;
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use workprint_model::markup::{Piece, pieces};

    use super::*;

    /// Pieces between bars, every second one stressed.
    fn runs(text: &str) -> Vec<Run> {
        let mut runs = Vec::new();
        for (at, piece) in text.split('|').enumerate() {
            push(&mut runs, piece, at % 2 == 1);
        }
        runs
    }

    #[test]
    fn stress_stands_between_stars() {
        for (text, wanted) in [
            ("Who is |there|?", "Who is *there*?"),
            ("|No|, |I am| he.", "*No*, *I am* he."),
            ("a | b |c", "a *b* c"),
            ("“|me|”", "“*me*”"),
            // A part of a word, and what has stars itself, cannot be marked.
            ("un|believ|able", "unbelievable"),
            ("a |b*c| d", "a b*c d"),
            ("|!|", "!"),
            ("2 * 3 * 4", "2 * 3 * 4"),
            ("say *no* now", "say \\*no\\* now"),
            ("*a |b| c", "\\*a *b* c"),
            ("a\n |b\n c| d", "a *b c* d"),
        ] {
            assert_eq!(marked(&runs(text)), wanted, "{text}");
        }
    }

    #[test]
    fn a_text_is_skipped_from_its_beginning() {
        let all = runs("BOB: |no| way");
        assert_eq!(joined(&skip(&all, 5)), "no way");
        assert_eq!(marked(&skip(&all, 5)), "*no* way");
        assert_eq!(skip(&all, 99), []);
    }

    proptest! {
        #[test]
        fn it_reads_as_it_is(text in "[ab*|!é\\\\ \\[\\]-]{0,24}") {
            let runs = runs(&text);
            let said = marked(&runs);
            prop_assert_eq!(plain(&said), tidy(&joined(&runs)));
            let stars = pieces(&said).unwrap_or_default();
            let stressed = stars.iter().filter(|piece| matches!(piece, Piece::Stressed(_))).count();
            prop_assert!(stressed <= runs.iter().filter(|run| run.stressed).count(), "{}", said);
        }
    }
}
