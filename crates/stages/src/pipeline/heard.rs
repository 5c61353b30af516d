//! What alignment by text or a recogniser noticed: told, never guessed over.

use workprint_engine::Run;
use workprint_model::episode::Cue;
use workprint_model::{Diagnostic, SAMPLE_RATE, Samples};

use crate::align::{Aligned, Judgement, Recognition, STRANGE};
use crate::tools::Tools;

/// Tells where a cue's voice does not say what is written.
pub(super) fn report(run: &Run<Tools>, cue: &Cue, said: &str, aligned: &Aligned) {
    let Some(judgement) = &aligned.judgement else {
        return;
    };
    for (code, message, hint) in remarks(judgement, said) {
        let message = format!("the voice of cue `{}` {message}", cue.id);
        run.diagnose(Diagnostic::warning(code, message).hint(hint));
    }
}

fn remarks(judgement: &Judgement, said: &str) -> Vec<(&'static str, String, &'static str)> {
    if let Some(recognised) = &judgement.recognised {
        return heard(recognised, said);
    }
    if judgement.distance >= STRANGE {
        let message = format!(
            "does not seem to say what is written (distance {} of 1000; usual are 270 to 340)",
            judgement.distance
        );
        let hint = "check that it is the recording of this cue, and write in `say` what is read aloud (Japanese in kana)";
        return vec![("align.mismatch", message, hint)];
    }
    let mut out = Vec::new();
    if !judgement.left_out.is_empty() {
        let words: Vec<String> = judgement
            .left_out
            .iter()
            .map(|(from, to)| said.chars().skip(*from).take(to - from).collect())
            .collect();
        let message = format!("seems to leave out `{}`", words.join("`, `"));
        let hint = "listen there, and write in `say` what is read aloud";
        out.push(("align.left-out", message, hint));
    }
    for ((first, past), (from, to)) in &judgement.repeated {
        let words: String = said.chars().skip(*first).take(past - first).collect();
        let (from, to) = (seconds(*from), seconds(*to));
        let message = format!("seems to say `{words}` again from {from} to {to}");
        let hint = "cut it out of the recording, or write in `say` what is read aloud";
        out.push(("align.repeated", message, hint));
    }
    for (from, to) in &judgement.unwritten {
        let message = format!(
            "says something from {} to {} that is not written",
            seconds(*from),
            seconds(*to)
        );
        let hint = "cut it out of the recording with `from_ms` and `to_ms`, or write it";
        out.push(("align.unwritten", message, hint));
    }
    out
}

/// The same of what a recogniser heard, with what that was.
fn heard(recognised: &Recognition, said: &str) -> Vec<(&'static str, String, &'static str)> {
    let words = |(from, to): &(usize, usize)| -> String {
        said.chars().skip(*from).take(to - from).collect()
    };
    let when = |span: &Option<(Samples, Samples)>| {
        span.map_or(String::new(), |(from, to)| {
            format!(" from {} to {}", seconds(from), seconds(to))
        })
    };
    if recognised.is_strange() {
        let Recognition { found, words, .. } = recognised;
        let message = format!(
            "does not seem to say what is written (the recogniser heard {found} of its {words} words)"
        );
        let hint =
            "check that it is the recording of this cue, and write in `say` what is read aloud";
        return vec![("align.mismatch", message, hint)];
    }
    let mut out = Vec::new();
    if !recognised.left_out.is_empty() {
        let all: Vec<String> = recognised.left_out.iter().map(words).collect();
        let message = format!(
            "leaves out `{}`, as the recogniser hears it",
            all.join("`, `")
        );
        let hint = "listen there, and write in `say` what is read aloud";
        out.push(("align.left-out", message, hint));
    }
    for (place, span) in &recognised.repeated {
        let message = format!("is heard to say `{}` again{}", words(place), when(span));
        let hint = "cut it out of the recording, or write in `say` what is read aloud";
        out.push(("align.repeated", message, hint));
    }
    for (place, other) in &recognised.otherwise {
        let message = format!(
            "is heard to say `{}` where `{}` is written",
            readable(other),
            words(place)
        );
        let hint = "listen there, and write in `say` what is read aloud";
        out.push(("align.otherwise", message, hint));
    }
    for (other, span) in &recognised.unwritten {
        let message = format!(
            "is heard to say `{}`{}, which is not written",
            readable(other),
            when(span)
        );
        let hint = "cut it out of the recording with `from_ms` and `to_ms`, or write it";
        out.push(("align.unwritten", message, hint));
    }
    out
}

/// The beginning of what was heard, which may hold anything, as a terminal can show it.
fn readable(heard: &str) -> String {
    let beginning: String = heard.chars().take(80).collect();
    beginning.escape_debug().to_string()
}

fn seconds(time: Samples) -> String {
    let tenths = time.0 * 10 / u64::from(SAMPLE_RATE);
    format!("{}.{} s", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_said_again_and_added_is_named() {
        let judgement = Judgement {
            distance: 310,
            left_out: vec![(4, 7)],
            repeated: vec![((0, 3), (Samples(0), Samples(24_000)))],
            unwritten: vec![(Samples(48_000), Samples(120_000))],
            ..Judgement::default()
        };
        let said = remarks(&judgement, "Now you see it");
        let texts: Vec<&str> = said.iter().map(|remark| remark.1.as_str()).collect();
        assert_eq!(
            texts,
            [
                "seems to leave out `you`",
                "seems to say `Now` again from 0.0 s to 0.5 s",
                "says something from 1.0 s to 2.5 s that is not written"
            ]
        );
        let recognised = Recognition {
            found: 3,
            words: 4,
            left_out: vec![(4, 7)],
            repeated: vec![((0, 3), None)],
            otherwise: vec![((8, 11), "sea\u{1b}".to_owned())],
            unwritten: vec![("um".to_owned(), Some((Samples(0), Samples(24_000))))],
            ..Recognition::default()
        };
        let heard = Judgement {
            recognised: Some(recognised),
            ..judgement.clone()
        };
        let said = remarks(&heard, "Now you see it");
        let texts: Vec<&str> = said.iter().map(|remark| remark.1.as_str()).collect();
        assert_eq!(
            texts,
            [
                "leaves out `you`, as the recogniser hears it",
                "is heard to say `Now` again",
                "is heard to say `sea\\u{1b}` where `see` is written",
                "is heard to say `um` from 0.0 s to 0.5 s, which is not written",
            ]
        );
        let strange = Judgement {
            distance: 700,
            ..judgement
        };
        assert_eq!(remarks(&strange, "Now")[0].0, "align.mismatch");
        assert!(remarks(&Judgement::default(), "Now").is_empty());
    }
}
