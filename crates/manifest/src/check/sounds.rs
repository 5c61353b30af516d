//! What sounds are given besides their fields: levels need one moment each, in order.

use super::Check;
use crate::shape::opening;
use crate::tree::{Node, Problem};

impl Check<'_> {
    /// Everything about music, effects, and the own sound of clips.
    pub(super) fn sounds(&mut self, root: &Node<'_>, shots: &[&Node<'_>]) {
        for sound in root.list("music").iter().chain(root.list("sfx")) {
            self.levels(sound.find("mix"));
        }
        for shot in shots {
            let clip = shot
                .find("picture")
                .and_then(|picture| picture.find("clip"));
            self.levels(clip.and_then(|clip| clip.find("sound_mix")));
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
