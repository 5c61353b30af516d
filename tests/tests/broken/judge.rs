//! What every answer must be, whatever was asked.

use std::panic::PanicHookInfo;
use std::sync::{Mutex, Once};

use workprint_model::Diagnostic;
use workprint_model::event::Event;
use workprint_model::step::{RunStatus, RunSummary};
use workprint_studio::{ExitKind, StudioError, with_causes};

/// Panics outside of these tests, also those of threads that nobody waits for.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Notes every panic of the program from now on.
pub(crate) fn watch_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            let mine = |file: &str| file.starts_with("tests/");
            if !info.location().is_some_and(|place| mine(place.file())) {
                PANICS.lock().unwrap().push(info.to_string());
            }
            before(info);
        }));
    });
}

/// Fails when the program panicked since it was last asked.
pub(crate) fn no_panics(case: &str) {
    let panics = std::mem::take(&mut *PANICS.lock().unwrap());
    assert!(panics.is_empty(), "{case}: {panics:#?}");
}

/// A sentence that a terminal shows as it is: neither empty nor endless, and without commands to it.
fn readable(case: &str, text: &str) {
    let text_is_fine = !text.trim().is_empty()
        && text.len() < 6000
        && !text.chars().any(|c| c.is_control() && c != '\n');
    assert!(text_is_fine, "{case}: no sentence: {text:?}");
    let turned = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!text.contains(turned), "{case}: turns around: {text:?}");
}

/// Diagnostics that a person can use.
pub(crate) fn diagnostics(
    case: &str,
    all: &[Diagnostic],
    text_of: impl Fn(&str) -> Option<String>,
) {
    for one in all {
        readable(case, &one.message);
        assert!(!one.code.is_empty(), "{case}: {one:?}");
        for hint in &one.hints {
            readable(case, hint);
        }
        let has_act = !one.hints.is_empty() || one.place.is_some();
        assert!(has_act, "{case}: neither a place nor a hint: {one:?}");
        let Some(place) = &one.place else { continue };
        readable(case, &place.file);
        assert!(place.line >= 1 && place.column >= 1, "{case}: {one:?}");
        if let Some(text) = text_of(&place.file) {
            let span = text.get(place.span.start..place.span.end);
            assert!(span.is_some(), "{case}: points outside: {one:?}");
        }
    }
}

/// An error that a person can use.
pub(crate) fn error(case: &str, error: &StudioError, text_of: impl Fn(&str) -> Option<String>) {
    if let StudioError::Diagnostics(all) = error {
        assert!(all.iter().any(Diagnostic::is_error), "{case}: {all:?}");
        diagnostics(case, all, text_of);
        return;
    }
    let text = with_causes(error);
    readable(case, &text);
    for hint in error.hints() {
        readable(case, &hint);
    }
    assert!(!error.hints().is_empty(), "{case}: no hint: {text}");
    assert_ne!(error.exit(), ExitKind::Done, "{case}: {text}");
}

/// A run that says why it did not come to its end.
pub(crate) fn run(case: &str, summary: &RunSummary, events: &[Event]) {
    let mut told = 0;
    for event in events {
        match event {
            Event::StepFailed { message, hints, .. } => {
                readable(case, message);
                for hint in hints {
                    readable(case, hint);
                }
                assert!(!hints.is_empty(), "{case}: no hint: {message}");
                told += 1;
            }
            Event::Diagnostic { diagnostic } => {
                diagnostics(case, std::slice::from_ref(diagnostic), |_| None);
                told += usize::from(diagnostic.is_error());
            }
            _ => {}
        }
    }
    match summary.status {
        RunStatus::Complete => assert_eq!(told, 0, "{case}: complete, with errors"),
        other => {
            let ends = [RunStatus::Failed, RunStatus::Withheld];
            assert!(ends.contains(&other), "{case}: {other:?}");
            assert!(told > 0, "{case}: {other:?}, and says nothing");
        }
    }
    let last = events.last();
    assert!(
        matches!(last, Some(Event::RunFinished { .. })),
        "{case}: {last:?}"
    );
}
