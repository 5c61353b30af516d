//! Puppets: that each has a drawing, speakers and cues are known, and words are there.

use std::collections::{BTreeMap, BTreeSet};

use workprint_model::puppet::Puppet;
use workprint_model::show::Show;
use workprint_model::words;

use crate::check::limit;
use crate::shape::opening;
use crate::tree::{Node, Problem, brief};

/// What puppets may name.
pub(crate) struct Known<'a> {
    /// The number of each cue.
    pub(crate) cues: &'a BTreeMap<&'a str, usize>,
    pub(crate) speakers: &'a BTreeSet<&'a str>,
    /// The speakers who have a puppet of their own.
    pub(crate) owners: &'a BTreeSet<&'a str>,
}

/// The members of the cast who have a puppet.
pub(crate) fn owners<'a>(root: &'a Node<'a>, show: &'a Show) -> BTreeSet<&'a str> {
    let own = root.list("cast").iter();
    let own = own.filter(|member| member.find("puppet").is_some());
    let shared = show.cast.iter().filter(|member| member.puppet.is_some());
    own.filter_map(|member| member.find("id").and_then(Node::text))
        .chain(shared.map(|member| member.id.as_str()))
        .collect()
}

/// Everything wrong with the puppets of `shot`, a shot of `cue`.
pub(crate) fn shot(
    shot: &Node<'_>,
    cue: &Node<'_>,
    cues: &[&Node<'_>],
    known: &Known<'_>,
    problems: &mut Vec<Problem>,
) {
    let puppets = shot.list("puppets");
    limit(puppets, Puppet::MOST, "puppets in a shot", problems);
    for puppet in puppets.iter().take(Puppet::MOST) {
        drawing(puppet, known, problems);
        let gestures = puppet.list("gestures");
        limit(
            gestures,
            Puppet::MOST_GESTURES,
            "gestures of a puppet",
            problems,
        );
        for gesture in gestures.iter().take(Puppet::MOST_GESTURES) {
            if crate::is_full(problems) {
                return;
            }
            start(gesture, cue, (cues, known), problems);
        }
    }
}

fn drawing(puppet: &Node<'_>, known: &Known<'_>, problems: &mut Vec<Problem>) {
    let speaker = puppet.find("speaker");
    let named = speaker.and_then(|node| Some((node, node.text()?)));
    if let Some((node, name)) = named
        && !known.speakers.contains(name)
    {
        let names: Vec<&str> = known.speakers.iter().copied().collect();
        let message = format!("`{}` is not in the cast", brief(name));
        problems.push(
            Problem::new(node.span, "manifest.unknown-speaker", message)
                .hint_nearest(name, &names)
                .hint("add it to `cast` here or in show.toml"),
        );
    } else if puppet.find("file").is_none()
        && named.is_none_or(|(_, name)| !known.owners.contains(name))
    {
        let place = speaker.map_or_else(|| opening(puppet), |node| node.span);
        problems.push(
            Problem::new(place, "manifest.no-drawing", "this puppet has no drawing")
                .hint("add `file`, an SVG such as `media/puppets/otto.svg`")
                .hint("give its speaker one in the cast: `\"puppet\": {\"file\": …}`"),
        );
    }
}

/// Whether a gesture begins at a moment that is there.
fn start(
    gesture: &Node<'_>,
    own: &Node<'_>,
    (cues, known): (&[&Node<'_>], &Known<'_>),
    problems: &mut Vec<Problem>,
) {
    let mut cue = Some(own);
    if let Some((node, name)) = gesture
        .find("cue")
        .and_then(|node| Some((node, node.text()?)))
    {
        cue = known
            .cues
            .get(name)
            .and_then(|number| cues.get(*number))
            .copied();
        if cue.is_none() {
            let names: Vec<&str> = known.cues.keys().copied().collect();
            let message = format!("there is no cue `{}`", brief(name));
            problems.push(
                Problem::new(node.span, "manifest.unknown-id", message).hint_nearest(name, &names),
            );
        }
    }
    let at = gesture.find("at").and_then(|at| at.fields().first());
    let word = at.filter(|field| &*field.key == "word");
    let (Some(cue), Some(field)) = (cue, word) else {
        return;
    };
    let spoken = cue.find("text").and_then(Node::text).unwrap_or_default();
    let count = words::units(spoken.trim()).len() as i64;
    if let Some(number) = field.node.integer().filter(|number| *number >= count) {
        let message = format!("the cue has no word {number}");
        problems.push(
            Problem::new(field.node.span, "manifest.gesture-start", message).hint(match count {
                0 => "use `ms`, as the cue has no text".to_owned(),
                count => format!("its words are 0 to {}", count - 1),
            }),
        );
    }
}
