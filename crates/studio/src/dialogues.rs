//! Conversations: that each can be ordered as it is written.

use std::collections::BTreeSet;

use workprint_model::Diagnostic;
use workprint_model::episode::{Cue, Episode, Scene, Voice};
use workprint_model::show::Show;
use workprint_providers::dialogue::Limits;
use workprint_providers::vendors::{ROWS, Row};
use workprint_stages::{ordered_characters, stand_in, voice_of};

/// A problem, and the text of the manifest that it is about.
type Problem = (Diagnostic, String);

/// What is wrong with the scenes that are conversations.
pub(crate) fn check(episode: &Episode, show: &Show) -> Vec<Problem> {
    let scenes = episode.scenes.iter().filter(|scene| scene.dialogue);
    scenes
        .flat_map(|scene| of_scene(episode, show, scene))
        .collect()
}

fn of_scene(episode: &Episode, show: &Show, scene: &Scene) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut voices = BTreeSet::new();
    let mut first: Option<(String, Limits)> = None;
    for cue in &scene.cues {
        let Some((voice, said)) = line(episode, show, cue) else {
            continue;
        };
        let place = format!("\"{}\"", cue.id);
        let Some(limits) = limits(show, &voice) else {
            problems.push((cannot(scene, cue, &voice), place));
            continue;
        };
        let (engine, limits) = first.get_or_insert_with(|| (voice.engine().to_owned(), limits));
        if engine != voice.engine() {
            problems.push((apart(scene, cue, (engine, voice.engine())), place));
            continue;
        }
        let language = cue.language.as_ref().unwrap_or(&episode.language);
        let characters = ordered_characters(show, said, language);
        if characters > limits.characters {
            problems.push((too_long(cue, characters, *limits), place));
        }
        voices.insert(voice.voice().to_owned());
    }
    let most = first.map_or(usize::MAX, |(_, limits)| limits.voices);
    if voices.len() > most {
        let message = format!(
            "the conversation of scene `{}` has {} voices, and an order takes {most}",
            scene.id,
            voices.len()
        );
        let hint = "divide the scene into two, or take `dialogue` out";
        let problem = Diagnostic::error("dialogue.voices", message).hint(hint);
        problems.push((problem, format!("\"{}\"", scene.id)));
    }
    problems
}

/// The voice of a line that is ordered, and what it says. Files and recordings stay as they are, and of voices that nobody
/// knows others tell.
fn line<'a>(episode: &'a Episode, show: &'a Show, cue: &'a Cue) -> Option<(Voice, &'a str)> {
    let said = cue.read_aloud().filter(|_| cue.recording.is_none())?;
    let voice = voice_of(episode, show, cue);
    let voice = voice
        .cloned()
        .unwrap_or_else(|| stand_in(&episode.language));
    let engine = voice.engine();
    let is_spoken = engine == "espeak" || show.engines.voices.contains_key(engine);
    is_spoken.then_some((voice, said))
}

fn limits(show: &Show, voice: &Voice) -> Option<Limits> {
    let spec = show.engines.voices.get(voice.engine())?.vendor()?;
    Row::find(&spec.vendor)?.speaks(&spec.model)?.dialogue
}

fn cannot(scene: &Scene, cue: &Cue, voice: &Voice) -> Diagnostic {
    let message = format!(
        "scene `{}` is a conversation, and `{}`, the voice of cue `{}`, speaks lines one by one alone",
        scene.id, voice.name, cue.id
    );
    let able = ROWS.iter().filter(|row| {
        let mut makes = row.makes.iter();
        makes.any(|(makes, _)| *makes == workprint_providers::order::Capability::Dialogue)
    });
    let able: Vec<String> = able.map(|row| format!("`{}`", row.id)).collect();
    Diagnostic::error("dialogue.engine", message).hint(format!(
        "give its speaker a voice of an engine that can (a model for conversations of {}), give the cue a `recording`, \
         or take `dialogue` out of the scene",
        able.join(", ")
    ))
}

fn apart(scene: &Scene, cue: &Cue, (engine, other): (&str, &str)) -> Diagnostic {
    let message = format!(
        "the conversation of scene `{}` is had by `{engine}`, and cue `{}` is spoken by `{other}`",
        scene.id, cue.id
    );
    let hint = format!(
        "give its speaker a voice of `{engine}`, move the cue into a scene of its own, or take `dialogue` out"
    );
    Diagnostic::error("dialogue.engines", message).hint(hint)
}

fn too_long(cue: &Cue, characters: usize, limits: Limits) -> Diagnostic {
    let message = format!(
        "cue `{}` is a line of {characters} characters, and an order of a conversation takes {}",
        cue.id, limits.characters
    );
    let hint = "make two cues of it: a conversation is cut between lines alone";
    Diagnostic::error("dialogue.line", message).hint(hint)
}
