//! What is to be made of an episode, worked out of what was asked for.

use std::borrow::Cow;

use std::collections::BTreeSet;

use workprint_engine::{Boundary, Spending, Unasked};
use workprint_model::episode::{Cue, Episode, Picture, PromptSpec, Shot};
use workprint_model::look::Look;
use workprint_model::show::{Output, Preset, Show};
use workprint_model::sound::SoundSource;
use workprint_model::{CueId, Encoder, MediaPath};
use workprint_stages::sources::lines_without;
use workprint_stages::{Draft, Order, stand_in, voice_of};

use crate::ops::render::RenderOptions;
use crate::{Production, StudioError};

/// The longer side of an animatic, in pixels.
const LONG_SIDE: u32 = 640;

/// What is to be made: an output as the show has it, or an animatic of it.
#[derive(Debug)]
pub(crate) struct Brief<'a> {
    /// The output's name, in slots and in the log.
    pub(crate) name: String,
    production: &'a Production,
    options: &'a RenderOptions,
    output: Cow<'a, Output>,
    show: Cow<'a, Show>,
    episode: Cow<'a, Episode>,
}

impl<'a> Brief<'a> {
    pub(crate) fn of(
        production: &'a Production,
        options: &'a RenderOptions,
    ) -> Result<Self, StudioError> {
        let output = production.output(options.output())?;
        let mut brief = Self {
            name: options.output().to_owned(),
            production,
            options,
            output: Cow::Borrowed(output),
            show: Cow::Borrowed(&production.show),
            episode: Cow::Borrowed(&production.episode),
        };
        if options.animatic.is_some() {
            // `~` is in no output's name.
            brief.name.push_str("~animatic");
            brief.output = Cow::Owned(animatic(output));
            // What a person is asked for is the film.
            brief.show.to_mut().gates.review = Some(false);
            brief.leave_out_missing();
        }
        if options.readout {
            brief.name.push_str("~readout");
            brief.leave_out_missing();
        }
        Ok(brief)
    }

    /// Whether it is what the lock records the pictures of.
    pub(crate) fn is_main(&self) -> bool {
        self.name == "main"
    }

    /// The output's name, for a dub with `@` and its language behind it.
    pub(crate) fn film(&self) -> String {
        let dub = self.options.dub.as_ref();
        dub.map_or_else(
            || self.name.clone(),
            |language| format!("{}@{language}", self.name),
        )
    }

    /// What may be ordered, and who is told how far it is.
    pub(crate) fn spending(&self, boundary: Option<Boundary>) -> Spending {
        let gates = &self.show.gates;
        let unasked = Unasked {
            together: gates.spend(),
            each: gates.spend_each(),
        };
        Spending {
            budget: self.show.budget,
            unasked: (unasked != Unasked::default()).then_some(unasked),
            boundary,
        }
    }

    pub(crate) fn order(&self) -> Order<'_> {
        Order {
            episode: &self.episode,
            show: &self.show,
            output: &self.output,
            output_name: &self.name,
            sources: &self.production.sources,
            hand_made: &self.production.hand_made,
            dub: self.options.dub.as_ref(),
            draft: self.options.animatic.map(|voices| Draft { voices }),
        }
    }

    /// Pictures whose files are missing become cards with the file's name; recordings are spoken instead;
    /// sounds, graphics, puppets and looks are left out.
    fn leave_out_missing(&mut self) {
        let missing = &self.production.missing;
        if missing.is_empty() {
            return;
        }
        let has_file = |look: &Look| !look.file().is_some_and(|file| missing.contains(file));
        let show = self.show.to_mut();
        for looks in show.looks.values_mut() {
            looks.retain(has_file);
        }
        let episode = self.episode.to_mut();
        speak_instead(episode, show, missing);
        for member in show.cast.iter_mut().chain(&mut episode.cast) {
            let drawn = &mut member.puppet;
            drop(drawn.take_if(|puppet| missing.contains(&puppet.file)));
        }
        episode.looks.retain(has_file);
        for cue in episode.scenes.iter_mut().flat_map(|scene| &mut scene.cues) {
            drop(
                cue.recording
                    .take_if(|recording| missing.contains(&recording.file)),
            );
            if let Some(recording) = &mut cue.recording {
                drop(recording.words.take_if(|words| missing.contains(words)));
            }
        }
        let cues = episode.scenes.iter_mut().flat_map(|scene| &mut scene.cues);
        for shot in cues.flat_map(|cue| &mut cue.shots) {
            shot.looks.retain(has_file);
            shot.puppets.retain(|puppet| {
                !puppet
                    .file
                    .as_ref()
                    .is_some_and(|file| missing.contains(file))
            });
            stand_in_for(shot, missing);
        }
        let is_there = |source: &SoundSource| !matches!(source, SoundSource::File(file) if missing.contains(file));
        episode.music.retain(|music| is_there(&music.source));
        episode.sfx.retain(|effect| is_there(&effect.source));
        episode.overlays.retain_mut(|overlay| {
            overlay.pictures.retain(|_, file| !missing.contains(file));
            let file = workprint_stages::sources::graphic_path(&overlay.graphic);
            let clip = overlay.clip.as_ref().map(|clip| &clip.file);
            !file.is_some_and(|file| missing.contains(&file))
                && !clip.is_some_and(|file| missing.contains(file))
        });
    }
}

/// Lines whose files are missing are spoken by espeak, or by their speaker where that can be.
fn speak_instead(episode: &mut Episode, show: &Show, missing: &BTreeSet<MediaPath>) {
    let silent = lines_without(episode, show, missing);
    let language = episode.language.clone();
    let of_files =
        |cue: &Cue| voice_of(episode, show, cue).is_none_or(|voice| voice.engine() != "espeak");
    let instead = episode.cues().filter(|cue| silent.contains_key(&cue.id));
    let instead = instead
        .filter(|cue| of_files(cue))
        .map(|cue| cue.id.clone());
    let instead: BTreeSet<CueId> = instead.collect();
    for cue in episode.scenes.iter_mut().flat_map(|scene| &mut scene.cues) {
        if instead.contains(&cue.id) {
            cue.voice = Some(stand_in(cue.language.as_ref().unwrap_or(&language)));
        }
    }
}

/// The same film, small and quick.
fn animatic(output: &Output) -> Output {
    let long = output.width.max(output.height);
    let side = |length: u32| {
        let small = if long > LONG_SIDE {
            length * LONG_SIDE / long
        } else {
            length
        };
        (small & !1).max(16)
    };
    Output {
        width: side(output.width),
        height: side(output.height),
        crf: 28,
        preset: Preset::Ultrafast,
        encoder: Encoder::X264,
        ..output.clone()
    }
}

/// A picture whose file is missing becomes a card with the file's name; what lies behind words or is shown
/// to a model is left out.
fn stand_in_for(shot: &mut Shot, missing: &BTreeSet<MediaPath>) {
    let file = match &mut shot.picture {
        Picture::Image(image) => &image.file,
        Picture::Clip(clip) => &clip.file,
        Picture::Card(card) => {
            let gone = card.background.take_if(|file| missing.contains(file));
            drop(gone);
            return;
        }
        Picture::Prompt(prompt) => {
            prompt.references.retain(|file| !missing.contains(file));
            return;
        }
        Picture::Plate(_) => return,
    };
    if missing.contains(file) {
        let text = file.to_string();
        shot.picture = Picture::Prompt(PromptSpec::of(text));
        // A move belongs to the picture that it was made for.
        shot.camera = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_animatic_keeps_the_shape() {
        let size = |width, height| {
            let output = animatic(&Output {
                width,
                height,
                ..Output::default()
            });
            (output.width, output.height)
        };
        assert_eq!(size(1920, 1080), (640, 360));
        assert_eq!(size(1080, 1920), (360, 640));
        assert_eq!(size(320, 180), (320, 180));
        assert_eq!(size(7680, 16), (640, 16));
    }
}
