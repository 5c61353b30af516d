//! Music and effects of words: what is ordered for them.

use std::collections::BTreeMap;

use workprint_engine::Run;
use workprint_model::outside::EngineSpec;
use workprint_model::sound::SoundSource;
use workprint_model::{Digest, Slot, SoundId};

use super::sounds::{Named, file_step};
use super::{Made, Order};
use crate::generate::{Compose, Model, backed};
use crate::tools::Tools;

/// The files that engines make of words. Nothing is ordered for a sound that somebody put a file in the place of, or
/// whose take somebody pinned; a draft hears what was bought, and does without the rest.
pub(super) async fn prompted(
    run: &Run<Tools>,
    order: &Order<'_>,
    named: &[Named<'_>],
) -> Made<BTreeMap<SoundId, Digest>> {
    let wanted = named.iter().filter(|(id, source, _)| {
        let of_words = matches!(source, SoundSource::Music(_) | SoundSource::Effect(_));
        of_words && !order.hand_made.contains_key(&Slot::new("sound", id))
    });
    let wanted: Vec<&Named<'_>> = wanted.collect();
    // Of a file that nobody has, only a pinned take is kept.
    let sound = |(id, ..): &&Named<'_>| file_step(run, nobodys(), Slot::new("sound", id));
    let sounds: Vec<_> = wanted.iter().map(sound).collect();
    let pinned = run.are_kept(&sounds).await?;
    let (mut made, mut steps) = (BTreeMap::new(), Vec::new());
    for (one, pinned) in wanted.into_iter().zip(pinned) {
        if pinned {
            made.insert(one.0.clone(), nobodys());
        } else if let Some(step) = compose(order, one) {
            steps.push((one.0, step));
        }
    }
    let (mut ids, mut steps): (Vec<&SoundId>, Vec<Compose>) = steps.into_iter().unzip();
    if order.draft.is_some() {
        let kept = run.are_kept(&steps).await?;
        let mut all = kept.iter();
        ids.retain(|_| all.next() == Some(&true));
        let mut all = kept.iter();
        steps.retain(|_| all.next() == Some(&true));
    }
    let takes = run.all(steps).await?;
    let takes = takes.into_iter().map(|take| take.sound.digest);
    made.extend(ids.into_iter().cloned().zip(takes));
    Ok(made)
}

/// What is ordered for a sound; nothing where nobody makes it.
fn compose(order: &Order<'_>, (id, source, licence): &Named<'_>) -> Option<Compose> {
    let (name, spec) = order.show.engines.sound_of(source)?;
    let of = |engine: (&str, &EngineSpec)| {
        let model = (Model::of(engine, None), engine.1);
        let licence = (*licence).clone();
        Compose::of(model, source, licence, Slot::new("compose", id))
    };
    let others = order.show.engines.sounds_behind(source, spec);
    let first = of((name, spec))?;
    Some(backed(first, others.filter_map(of), |step| {
        &mut step.otherwise
    }))
}

/// A digest that no file has.
fn nobodys() -> Digest {
    Digest::of_json(&"a sound that nobody has")
}
