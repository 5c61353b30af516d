//! Pictures that somebody has seen before clips are ordered of them.

use std::collections::BTreeSet;

use workprint_engine::{Run, Step as _};
use workprint_model::event::Subject;
use workprint_model::{Digest, Money, ShotId, Slot};

use super::{Made, Order};
use crate::generate::Animate;
use crate::tools::Tools;

/// The gate's name.
const GENERATION: &str = "generation";

/// Asks about each picture that a clip is to be made of. What a person put in its place was chosen by one,
/// and what is bought already is not asked about.
pub(super) async fn approve<'a>(
    run: &Run<Tools>,
    order: &Order<'_>,
    (ids, mut clips): (Vec<&'a ShotId>, Vec<Animate>),
) -> Made<(Vec<&'a ShotId>, Vec<Animate>)> {
    if !order.show.gates.generation() || order.draft.is_some() {
        return Ok((ids, clips));
    }
    let by_hand: BTreeSet<&Digest> = order.hand_made.values().collect();
    let kept = run.are_kept(&clips).await?;
    let asked = clips.iter_mut().zip(kept);
    let asked = asked.filter(|(clip, kept)| !kept && !by_hand.contains(&clip.first));
    let subjects: Vec<(Subject, Digest)> = asked
        .map(|(clip, _)| {
            let digest = Digest::of_json(&(GENERATION, clip.first));
            clip.needs.push(digest);
            let subject = Subject {
                slot: Slot::new("generate", clip.slot.name()),
                digest,
                what: format!("for a clip of `{}`", clip.engine()),
                cost: Money::ZERO,
            };
            (subject, clip.first)
        })
        .collect();
    let question = |about: &[Subject]| match about.len() {
        1 => "make a clip of this picture?".to_owned(),
        many => format!("make clips of these {many} pictures?"),
    };
    run.gate_each(GENERATION, question, subjects).await?;
    Ok((ids, clips))
}
