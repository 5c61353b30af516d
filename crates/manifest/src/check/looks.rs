//! Looks: named ones are known, and there are not too many.

use std::collections::BTreeMap;

use workprint_model::look::{BUILT_IN, MOST_LOOKS};
use workprint_model::show::Show;

use super::Check;
use crate::shape::opening;
use crate::tree::{Node, Problem, brief};

/// The looks of a show and those that Workprint brings, by name, and how many each is.
pub(super) fn of_show(show: &Show) -> BTreeMap<&str, usize> {
    let built_in = BUILT_IN.iter().map(|(name, looks)| (*name, looks().len()));
    let own = show.looks.iter();
    let own = own.map(|(name, looks)| (name.as_str(), show.looks_of(looks).len()));
    built_in.chain(own).collect()
}

impl Check<'_> {
    /// The looks of a shot, or of the film.
    pub(super) fn looks(&mut self, node: &Node<'_>) {
        let looks = node.list("looks");
        if looks.is_empty() || crate::is_full(self.problems) {
            return;
        }
        list(looks, &self.looks, self.problems, |name| {
            format!("add `{}` to `[looks]` in show.toml", brief(name))
        });
    }
}

/// The looks of a show: they may name those that Workprint brings.
pub(super) fn in_show(root: &Node<'_>, problems: &mut Vec<Problem>) {
    let known = BUILT_IN.iter().map(|(name, looks)| (*name, looks().len()));
    let known = known.collect();
    for look in root.find("looks").map_or(&[][..], Node::fields) {
        list(look.node.items(), &known, problems, |_| {
            "a look of the show may name a built-in one, and no other of the show".to_owned()
        });
    }
}

fn list(
    looks: &[Node<'_>],
    known: &BTreeMap<&str, usize>,
    problems: &mut Vec<Problem>,
    hint: impl Fn(&str) -> String,
) {
    let mut count = 0;
    for look in looks {
        let named = look
            .find("named")
            .and_then(|node| Some((node, node.text()?)));
        let Some((node, name)) = named else {
            count += 1;
            continue;
        };
        if let Some(own) = known.get(name) {
            count += own;
        } else if !crate::is_full(problems) {
            let names: Vec<&str> = known.keys().copied().collect();
            let message = format!("there is no look `{}`", brief(name));
            problems.push(
                Problem::new(node.span, "manifest.unknown-look", message)
                    .hint_nearest(name, &names)
                    .hint(hint(name)),
            );
        }
    }
    if count > MOST_LOOKS
        && let Some(first) = looks.first()
    {
        let message = format!("these are {count} looks: {MOST_LOOKS} are allowed");
        problems.push(
            Problem::new(opening(first), "manifest.too-many", message)
                .hint("remove some, or lay one look over the whole film"),
        );
    }
}
