//! Conversations: which lines are ordered together.

use std::collections::BTreeSet;

use workprint_engine::{Run, Step as _};
use workprint_model::episode::{Cue, Episode, Voice as VoiceSpec};
use workprint_model::outside::EngineSpec;
use workprint_model::show::{Show, VoiceEngineSpec};
use workprint_model::{Language, SceneId, Slot};
use workprint_providers::dialogue::{Limits, Line};

use super::Order;
use super::bought::Ordered;
use crate::generate::{Dialogue, DialogueTake, Model, Speak, abilities, backed};
use crate::tools::Tools;
use crate::voice::lexicon::Sounds;
use crate::voice::marks::read_marked;
use crate::voice::{BoughtStretch, VoiceSource};

/// The scene of a cue, where its lines are one conversation.
pub(super) fn scene_of<'a>(episode: &'a Episode, cue: &Cue) -> Option<&'a SceneId> {
    let mut scenes = episode.scenes.iter().filter(|scene| scene.dialogue);
    let scene = scenes.find(|scene| scene.cues.iter().any(|own| own.id == cue.id))?;
    Some(&scene.id)
}

/// The engine of a voice that can have conversations.
pub(super) fn partner<'a>(show: &'a Show, spec: &VoiceSpec) -> Option<(&'a EngineSpec, Limits)> {
    match show.engines.voices.get(spec.engine()) {
        Some(VoiceEngineSpec::Vendor(vendor)) => Some((vendor, abilities(vendor).dialogue?)),
        _ => None,
    }
}

/// How many characters of a line are ordered.
pub fn ordered_characters(show: &Show, said: &str, language: &Language) -> usize {
    let (text, marks) = read_marked(said, &show.lexicon, language, Sounds::Unread);
    let said = marks.said(&text);
    said.iter().map(|said| said.trim().chars().count()).sum()
}

/// Lines that are ordered together.
#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) step: Dialogue,
    /// Whose they are: a line's place among all, and how many stretches it has.
    pub(super) of: Vec<(usize, usize)>,
}

impl Conversation {
    /// Hands each line that is to be heard what was said of it.
    pub(super) fn deal(&self, run: &Run<Tools>, take: DialogueTake, lines: &mut [Ordered]) {
        let mut said = take.lines.into_iter();
        for (place, count) in &self.of {
            let own: Vec<_> = said.by_ref().take(*count).collect();
            let Some(line) = lines.get_mut(*place).filter(|line| !line.orders.is_empty()) else {
                continue;
            };
            if let VoiceSource::Bought(bought) = &mut line.voice.source {
                bought.stretches = own.into_iter().map(BoughtStretch::from).collect();
                bought.model = run.performed(&self.step).engine();
            }
        }
    }
}

/// An order that more lines may be put into.
struct Open<'a> {
    scene: &'a SceneId,
    of: Vec<(usize, usize)>,
    said: Vec<&'a Speak>,
}

impl<'a> Open<'a> {
    /// Whether a line can be put into it: of the same scene, engine and language, and within what one order takes.
    fn takes(&self, scene: &SceneId, line: &[Speak], limits: Limits) -> bool {
        let (Some(own), Some(first)) = (self.said.first(), line.first()) else {
            return false;
        };
        let same = self.scene == scene
            && own.model.engine == first.model.engine
            && own.language == first.language;
        let all = || self.said.iter().copied().chain(line);
        let voices: BTreeSet<&str> = all().map(|said| said.voice.as_str()).collect();
        let characters: usize = all().map(|said| said.text.chars().count()).sum();
        same && voices.len() <= limits.voices && characters <= limits.characters
    }

    fn put(&mut self, place: usize, line: &'a [Speak]) {
        self.of.push((place, line.len()));
        self.said.extend(line);
    }
}

/// The conversations that lines are parts of, each cut into as few orders as it fits into, and between lines alone.
pub(super) fn conversations(order: &Order<'_>, lines: &[Ordered]) -> Vec<Conversation> {
    let mut all: Vec<Open<'_>> = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        let (Some(scene), Some(first)) = (&line.scene, line.orders.first()) else {
            continue;
        };
        let Some(limits) = limits(order, first) else {
            continue;
        };
        match all.last_mut() {
            Some(open) if open.takes(scene, &line.orders, limits) => open.put(place, &line.orders),
            _ => {
                let (of, said) = (Vec::new(), Vec::new());
                let mut open = Open { scene, of, said };
                open.put(place, &line.orders);
                all.push(open);
            }
        }
    }
    let number = |n: usize, scene: &SceneId| {
        let before = all.iter().take(n).filter(|open| open.scene == scene);
        before.count() + 1
    };
    let steps = all.iter().enumerate();
    let steps = steps.filter_map(|(n, open)| conversation(order, open, number(n, open.scene)));
    steps.collect()
}

fn limits(order: &Order<'_>, line: &Speak) -> Option<Limits> {
    let spec = order
        .show
        .engines
        .voices
        .get(&line.model.engine)?
        .vendor()?;
    abilities(spec).dialogue
}

fn conversation(order: &Order<'_>, open: &Open<'_>, number: usize) -> Option<Conversation> {
    let first = *open.said.first()?;
    let engines = &order.show.engines;
    let spec = engines.voices.get(&first.model.engine)?.vendor()?;
    let slot = match number {
        1 => Slot::new("dialogue", open.scene),
        _ => Slot::new("dialogue", format_args!("{}~{number}", open.scene)),
    };
    let of = |engine: (&str, &EngineSpec)| {
        let lines = open.said.iter().map(|said| Line {
            voice: said.voice.clone(),
            text: said.text.clone(),
        });
        let model = (Model::of(engine, None), engine.1);
        Dialogue::of(model, lines.collect(), &first.language, slot.clone())
    };
    let others = engines.voices_behind(spec);
    let others = others.filter(|(_, other)| abilities(other).dialogue.is_some());
    let others: Vec<Dialogue> = others.map(of).collect();
    let step = of((&first.model.engine, spec));
    Some(Conversation {
        step: backed(step, others.into_iter(), |step| &mut step.otherwise),
        of: open.of.clone(),
    })
}
