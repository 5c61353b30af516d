//! What is heard and made by engines: that each is there, and has something to make it of.

use std::collections::BTreeSet;

use workprint_model::Diagnostic;
use workprint_model::episode::{Episode, Voice};
use workprint_model::show::Show;
use workprint_model::sound::SoundSource;
use workprint_providers::order::Capability;
use workprint_stages::voice_of;

use crate::production::{place_text, unknown_engine};

/// Sounds of words and voices of recordings whose engine is not there, or that have nothing to be made of.
pub(crate) fn check(
    episode: &Episode,
    show: &Show,
    manifest: &(String, String),
    diagnostics: &mut Vec<Diagnostic>,
) {
    let music = episode.music.iter().map(|music| (&music.id, &music.source));
    let effects = episode
        .sfx
        .iter()
        .map(|effect| (&effect.id, &effect.source));
    let engines = &show.engines;
    let mut told = BTreeSet::new();
    for (id, source) in music.chain(effects) {
        let (makes, own, setting, usual) = match source {
            SoundSource::Music(prompt) => (
                Capability::Music,
                &prompt.engine,
                "composer",
                &engines.composer,
            ),
            SoundSource::Effect(prompt) => (
                Capability::Effect,
                &prompt.engine,
                "effect",
                &engines.effect,
            ),
            SoundSource::File(_) | SoundSource::Synth(_) => continue,
        };
        if let Some(problem) = unknown_engine(show, makes, own.as_ref())
            && told.insert((makes, own))
        {
            let name = format!("\"{}\"", own.as_deref().unwrap_or_default());
            diagnostics.push(place_text(problem, manifest, &name));
        } else if own.is_none() && usual.is_none() {
            let message = format!("nothing makes the sound `{id}`, and it is not heard");
            let hint = format!(
                "describe an engine in `[engines.{}]` of show.toml, and name it: `{setting} = \"NAME\"` in `[engines]`",
                makes.table()
            );
            let problem = Diagnostic::warning("sound.no-engine", message).hint(hint);
            diagnostics.push(place_text(problem, manifest, &format!("\"{id}\"")));
        }
    }
    changed(episode, show, manifest, diagnostics);
}

/// Voices of changers where no recording is.
fn changed(
    episode: &Episode,
    show: &Show,
    manifest: &(String, String),
    diagnostics: &mut Vec<Diagnostic>,
) {
    let is_changer = |voice: &Voice| show.engines.changers.contains_key(voice.engine());
    let cast = episode.cast.iter().chain(&show.cast);
    for (member, voice) in
        cast.flat_map(|member| member.dub.values().map(move |voice| (member, voice)))
    {
        if is_changer(voice) {
            let message = format!(
                "`{}` changes recordings, and the dubs of `{}` have none",
                voice.name, member.id
            );
            let problem = Diagnostic::error("voice.no-recording", message)
                .hint("name a voice that speaks, or one that is read from files");
            diagnostics.push(place_text(
                problem,
                manifest,
                &format!("\"{}\"", voice.name),
            ));
        }
    }
    let spoken = episode
        .cues()
        .filter(|cue| cue.spoken().is_some() && cue.recording.is_none());
    for cue in spoken {
        let voice = voice_of(episode, show, cue).filter(|voice| is_changer(voice));
        if let Some(voice) = voice {
            let message = format!(
                "`{}` changes recordings, and cue `{}` has none",
                voice.name, cue.id
            );
            let problem = Diagnostic::error("voice.no-recording", message)
                .hint("give the cue a `recording`, or another `voice`");
            diagnostics.push(place_text(problem, manifest, &format!("\"{}\"", cue.id)));
        }
    }
}

/// What is wrong with the name of a changer's voice.
pub(crate) fn changer_problem(voice: &Voice) -> Option<Diagnostic> {
    voice.voice().is_empty().then(|| {
        let message = format!("the voice `{}` names none", voice.name);
        let hint = format!("name one behind the colon: `{}:NAME`", voice.engine());
        Diagnostic::error("voice.unknown", message).hint(hint)
    })
}
