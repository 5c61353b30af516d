//! Pictures that somebody has seen before clips are ordered of them.

use std::collections::{BTreeMap, BTreeSet};

use workprint_engine::{Run, Step as _};
use workprint_model::event::Subject;
use workprint_model::{Digest, Money, Slot};

use super::best::Name;
use super::{Made, Order};
use crate::generate::Animate;
use crate::tools::Tools;

/// The gate's name.
const GENERATION: &str = "generation";

/// What an answer about a picture that a clip is made of is about.
pub fn generation_digest(first: &Digest) -> Digest {
    Digest::of_json(&(GENERATION, first))
}

/// Asks about each picture that a clip is to be made of. What a person put in its place was chosen by one,
/// and what is bought already is not asked about.
pub(super) async fn approve<'a>(
    run: &Run<Tools>,
    order: &Order<'_>,
    mut takes: Vec<(Name<'a>, Animate)>,
) -> Made<Vec<(Name<'a>, Animate)>> {
    if !order.show.gates.generation() || order.draft.is_some() {
        return Ok(takes);
    }
    let by_hand: BTreeSet<&Digest> = order.hand_made.values().collect();
    let clips: Vec<Animate> = takes.iter().map(|(_, clip)| clip.clone()).collect();
    let kept = run.are_kept(&clips).await?;
    let asked = takes.iter_mut().zip(kept);
    let asked = asked.filter(|((_, clip), kept)| !kept && !by_hand.contains(&clip.first));
    // Several clips of a picture are one question.
    let mut subjects: BTreeMap<(Slot, Digest), (Subject, Digest)> = BTreeMap::new();
    for (((shot, _), clip), _) in asked {
        let digest = generation_digest(&clip.first);
        clip.need(digest);
        let subject = Subject {
            slot: Slot::new("generate", shot),
            digest,
            what: format!("for a clip of `{}`", clip.engine()),
            cost: Money::ZERO,
            shows: Some(clip.first),
        };
        let of = (subject.slot.clone(), digest);
        subjects.entry(of).or_insert((subject, clip.first));
    }
    let question = |about: &[Subject]| match about.len() {
        1 => "make a clip of this picture?".to_owned(),
        many => format!("make clips of these {many} pictures?"),
    };
    run.gate_each(GENERATION, question, subjects.into_values().collect())
        .await?;
    Ok(takes)
}
