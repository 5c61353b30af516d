//! Recordings in another voice: what is ordered for them.

use workprint_engine::{Run, Step as _};
use workprint_model::Slot;
use workprint_model::episode::{Cue, Voice as VoiceSpec};
use workprint_model::outside::EngineSpec;

use super::cannot::{tell_changed, tell_unable, unable_to_change};
use super::voices::voice_of;
use super::{Made, Order};
use crate::generate::{Change, Model, backed};
use crate::tools::Tools;
use crate::voice::{Bought, BoughtStretch, Marks, Voice, VoiceSource};

/// A recording that is to be heard in another voice.
#[derive(Debug, Clone)]
pub(super) struct Changing {
    /// The recording, as it is.
    recording: Voice,
    /// The engine's name in the show.
    engine: String,
    /// The vendor's name of the voice.
    voice: String,
    slot: Slot,
}

/// The voice that a cue's recording is to be heard in, and what speaks it; nothing where it is heard as it is.
fn changer<'a>(order: &Order<'a>, cue: &'a Cue) -> Option<(&'a VoiceSpec, &'a EngineSpec)> {
    let spec = voice_of(order.episode, order.show, cue)?;
    let engine = order.show.engines.changers.get(spec.engine())?;
    Some((spec, engine))
}

/// Whether a cue's recording is to be heard in another voice.
pub(super) fn is_changed(order: &Order<'_>, cue: &Cue) -> bool {
    cue.recording.is_some() && changer(order, cue).is_some()
}

/// The line that becomes of a recording, and what must be ordered for that; nothing where it is heard as it is. `said`
/// is what is read aloud in it.
pub(super) fn line(
    run: &Run<Tools>,
    order: &Order<'_>,
    (cue, said): (&Cue, &str),
    recording: &Voice,
) -> Option<(Voice, Changing)> {
    let (spec, engine) = changer(order, cue)?;
    tell_unable(run, spec, [unable_to_change(spec, "a recording")]);
    tell_changed(run, cue);
    // It is no take of the line, which is heard in another voice.
    let own = Slot::new("voice", format_args!("{}~recorded", cue.id));
    let changing = Changing {
        recording: Voice {
            slot: own,
            ..recording.clone()
        },
        engine: spec.engine().to_owned(),
        voice: spec.voice().to_owned(),
        slot: Slot::new("change", &cue.id),
    };
    let source = VoiceSource::Bought(Bought {
        model: format!("{} {}", engine.vendor, engine.model),
        voice: changing.voice.clone(),
        text: said.to_owned(),
        stretches: Vec::new(),
        marks: Marks::default(),
        fit: None,
        fastest: VoiceSource::fastest(),
        name: changing.engine.clone(),
        rate: spec.rate,
    });
    let voice = Voice {
        engine: format!("bought / {}", run.tools().identities.ffmpeg),
        source,
        slot: recording.slot.clone(),
    };
    Some((voice, changing))
}

/// Cuts the recordings, and orders them in their new voices. A draft hears what was bought, and the recording itself in
/// the place of the rest.
pub(super) async fn changed(
    run: &Run<Tools>,
    order: &Order<'_>,
    lines: Vec<(&mut Voice, Changing)>,
) -> Made<()> {
    let cuts = lines.iter().map(|(_, changing)| changing.recording.clone());
    let cuts = run.all(cuts.collect::<Vec<_>>()).await?;
    let mut wanted = Vec::new();
    for ((voice, changing), cut) in lines.into_iter().zip(cuts) {
        let engines = &order.show.engines;
        let Some(spec) = engines.changers.get(&changing.engine) else {
            continue;
        };
        let of = |engine: (&str, &EngineSpec)| {
            let model = (Model::of(engine, None), engine.1);
            let of = (cut.sound.digest, cut.length);
            Change::of(model, of, &changing.voice, changing.slot.clone())
        };
        let others = engines.changers_behind(spec).map(of);
        let first = of((&changing.engine, spec));
        let step = backed(first, others, |step| &mut step.otherwise);
        wanted.push((voice, changing.recording, step));
    }
    let steps: Vec<Change> = wanted.iter().map(|(_, _, step)| step.clone()).collect();
    let is_heard = match order.draft {
        Some(_) => run.are_kept(&steps).await?,
        None => vec![true; steps.len()],
    };
    let mut heard = Vec::new();
    for ((voice, recording, step), is_heard) in wanted.into_iter().zip(is_heard) {
        if is_heard {
            heard.push((voice, step));
        } else {
            *voice = recording;
        }
    }
    let (voices, steps): (Vec<&mut Voice>, Vec<Change>) = heard.into_iter().unzip();
    let takes = run.all(steps.iter().cloned()).await?;
    for ((voice, step), take) in voices.into_iter().zip(&steps).zip(takes) {
        if let VoiceSource::Bought(bought) = &mut voice.source {
            bought.model = run.performed(step).engine();
            let sound = take.sound.digest;
            bought.stretches = vec![BoughtStretch { sound, words: None }];
        }
    }
    Ok(())
}
