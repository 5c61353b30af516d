//! What sounds are given besides their fields: levels need one moment each, in order.

use super::Check;
use crate::shape::opening;
use crate::tree::{Node, Problem, brief};
use workprint_model::sound::SynthKind;

impl Check<'_> {
    /// Everything about music, effects, and the own sound of clips.
    pub(super) fn sounds(&mut self, root: &Node<'_>, shots: &[&Node<'_>]) {
        for sound in root.list("music").iter().chain(root.list("sfx")) {
            self.levels(sound.find("mix"));
            self.arrangement(sound.find("source").and_then(|source| source.find("synth")));
        }
        for effect in root.list("sfx") {
            let synth = effect
                .find("source")
                .and_then(|source| source.find("synth"));
            if let Some(stingers) = synth.and_then(|synth| synth.find("stingers")) {
                let message = "an effect has no accents";
                self.problems.push(
                    Problem::new(stingers.span, "manifest.no-bed", message)
                        .hint("move the bed to `music`, or take `stingers` out"),
                );
            }
        }
        for shot in shots {
            let clip = shot
                .find("picture")
                .and_then(|picture| picture.find("clip"));
            self.levels(clip.and_then(|clip| clip.find("sound_mix")));
        }
    }

    /// Tempo, key and accents belong to beds.
    fn arrangement(&mut self, synth: Option<&Node<'_>>) {
        let Some(synth) = synth else { return };
        for stinger in synth.list("stingers") {
            self.anchor(Some(stinger));
        }
        let kind = synth.find("kind").and_then(Node::text).unwrap_or_default();
        let known: Result<SynthKind, _> = serde_json::from_value(kind.into());
        if known.is_ok_and(SynthKind::is_bed) {
            return;
        }
        for name in ["tempo", "key", "stingers"] {
            if let Some(field) = synth.find(name) {
                let message = format!("`{}` is no bed and has no `{name}`", brief(kind));
                self.problems
                    .push(
                        Problem::new(field.span, "manifest.no-bed", message).hint(format!(
                            "take `{name}` out, or choose a kind that ends in `-bed`"
                        )),
                    );
            }
        }
    }

    /// Each level is tied to one moment, and those in milliseconds come in their order.
    fn levels(&mut self, mix: Option<&Node<'_>>) {
        let mut latest = None;
        for level in mix.map_or(&[][..], |mix| mix.list("levels")) {
            if crate::is_full(self.problems) {
                return;
            }
            let message = match (level.find("ms"), level.find("at")) {
                (Some(_), Some(_)) => "this level names two moments",
                (None, None) => "this level names no moment",
                (Some(ms), None) => {
                    if ms.integer() < latest {
                        let message = "this level comes before the one above it";
                        self.problems.push(
                            Problem::new(ms.span, "manifest.level-order", message)
                                .hint("put the levels in the order of time"),
                        );
                    }
                    latest = latest.max(ms.integer());
                    continue;
                }
                (None, at) => {
                    self.anchor(at);
                    continue;
                }
            };
            self.problems.push(
                Problem::new(opening(level), "manifest.level", message)
                    .hint("give it `ms`, counted from the sound's start, or `at`, an anchor"),
            );
        }
    }
}
