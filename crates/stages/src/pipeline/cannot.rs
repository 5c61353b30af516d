//! What is asked of voices that they cannot do.

use workprint_engine::Run;
use workprint_model::Diagnostic;
use workprint_model::episode::{Cue, Voice as VoiceSpec};
use workprint_model::markup::{Piece, pieces};

use crate::tools::Tools;

/// Says that a recording is heard as it is, where its cue asks for something else.
pub(super) fn tell_recorded(run: &Run<Tools>, cue: &Cue) {
    let asked = [
        cue.rate.map(|_| "`rate`"),
        cue.pitch.map(|_| "`pitch`"),
        cue.range.map(|_| "`range`"),
    ];
    let asked: Vec<&str> = asked.into_iter().flatten().collect();
    if !asked.is_empty() {
        let message = format!(
            "the recording of cue `{}` is heard as it is, without its {}",
            cue.id,
            asked.join(" and ")
        );
        let hint = "leave them out, or take the `recording` out";
        run.diagnose(Diagnostic::warning("voice.cannot", message).hint(hint));
    }
}

/// Says that a list of a recording's words is not used where it is heard in another voice.
pub(super) fn tell_changed(run: &Run<Tools>, cue: &Cue) {
    let has_list = cue.recording.iter().any(|own| own.words.is_some());
    if has_list {
        let message = format!(
            "the recording of cue `{}` is heard in another voice, whose words its list does not time",
            cue.id
        );
        let hint = "take `words` out: they are found in what is heard";
        run.diagnose(Diagnostic::warning("voice.cannot", message).hint(hint));
    }
}

/// Something that is asked of an engine in vain, and what to do about it.
pub(super) type Unable = Option<(String, &'static str)>;

/// Says once what an engine cannot do.
pub(super) fn tell_unable(
    run: &Run<Tools>,
    spec: &VoiceSpec,
    unable: impl IntoIterator<Item = Unable>,
) {
    for (what, hint) in unable.into_iter().flatten() {
        let message = format!("the engine `{}` {what}", spec.engine());
        run.diagnose(Diagnostic::warning("voice.cannot", message).hint(hint));
    }
}

/// Whether a voice is asked for another pitch: no engine but espeak has one.
pub(super) fn unable_to_change(spec: &VoiceSpec, what: &str) -> Unable {
    let own = VoiceSpec::named("");
    let is_own = (spec.pitch, spec.range) == (own.pitch, own.range);
    let rate = what == "a recording" && spec.rate != own.rate;
    (!is_own || rate).then(|| {
        let fields = if rate {
            "`rate`, `pitch` or `range`"
        } else {
            "`pitch` or `range`"
        };
        let hint = "leave them out, or choose another voice";
        (format!("does not change {fields} of {what}"), hint)
    })
}

/// Whether a voice with a pace of its own alone is asked for another.
pub(super) fn unable_to_hurry(spec: &VoiceSpec, can: bool) -> Unable {
    let is_own = spec.rate == VoiceSpec::named("").rate;
    (!can && !is_own).then(|| {
        let hint = "leave it out, or choose another voice";
        ("does not change the `rate` of a voice".to_owned(), hint)
    })
}

/// What an engine cannot do for a line, where it takes no words about how to say it; `hint` tells what to
/// do then.
pub(super) fn unable(
    (takes, hint): (bool, &'static str),
    text: &str,
    direction: Option<&str>,
) -> [Unable; 2] {
    let is_stressed = |piece: &Piece| matches!(piece, Piece::Stressed(_));
    let stressed = pieces(text).is_some_and(|pieces| pieces.iter().any(is_stressed));
    let stress = "choose another voice, or take the stars out";
    [
        (direction.is_some() && !takes).then(|| ("takes no `direction`".to_owned(), hint)),
        (stressed && !takes).then(|| ("does not stress words".to_owned(), stress)),
    ]
}
