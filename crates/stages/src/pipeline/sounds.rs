//! Music, effects, and the sound of clips.

use std::collections::{BTreeMap, BTreeSet};

use workprint_engine::Run;
use workprint_model::episode::{ClipSpec, Picture, Shot};
use workprint_model::sound::{Music, SoundLicence, SoundSource, Synth};
use workprint_model::timeline::Timeline;
use workprint_model::{Artifact, Digest, Millis, Samples, ShotId, Slot, SoundId};

use super::{Made, Order, find_file, prompted};
use crate::sounds::{Arranged, LONGEST, MakeSound, Origin, SYNTH, SoundTake};
use crate::timeline::{bed_span, sample_of};
use crate::tools::Tools;

pub(super) type Heard = (Artifact, Samples);

/// A sound of the manifest: its id, where it comes from, and by whose leave it is heard.
pub(super) type Named<'a> = (&'a SoundId, &'a SoundSource, &'a Option<SoundLicence>);

pub(super) async fn sounds(
    run: &Run<Tools>,
    order: &Order<'_>,
) -> Made<(Vec<Heard>, BTreeMap<ShotId, Heard>)> {
    let beds = order.episode.music.iter();
    let beds = beds.map(|music| (&music.id, &music.source, &music.licence));
    let effects = order.episode.sfx.iter();
    let effects = effects.map(|effect| (&effect.id, &effect.source, &effect.licence));
    let named: Vec<Named<'_>> = beds.chain(effects).collect();
    let clips: Vec<(&Shot, &ClipSpec)> = order
        .episode
        .shots()
        .filter_map(|shot| match &shot.picture {
            Picture::Clip(clip) if clip.sound_db.is_some() => Some((shot, clip)),
            _ => None,
        })
        .collect();
    let clip_steps = clips.iter().map(|(shot, clip)| {
        let file = find_file(order, &clip.file).digest;
        file_step(
            run,
            file,
            Slot::new("sound", format_args!("clip-{}", shot.id)),
        )
    });
    let (named, of_clips) = futures::try_join!(made(run, order, &named), run.all(clip_steps))?;
    let of_clips = clips
        .iter()
        .map(|(shot, _)| shot.id.clone())
        .zip(of_clips.into_iter().map(heard))
        .collect();
    Ok((named, of_clips))
}

/// The sounds that the manifest names, in their order.
async fn made(run: &Run<Tools>, order: &Order<'_>, named: &[Named<'_>]) -> Made<Vec<Heard>> {
    let prompted = prompted::prompted(run, order, named).await?;
    let beds = order.episode.music.iter();
    let beds = beds.filter(|music| composed(order, music).is_some());
    let later: BTreeSet<&SoundId> = beds.map(|music| &music.id).collect();
    let step = |(id, source, licence): &Named<'_>| {
        if later.contains(id) {
            return None;
        }
        let slot = Slot::new("sound", id);
        let step = match prompted.get(*id) {
            Some(sound) => file_step(run, *sound, slot),
            None => sound_step(run, order, source, slot)?,
        };
        let licence = (*licence).clone();
        Some(MakeSound { licence, ..step })
    };
    let steps: Vec<Option<MakeSound>> = named.iter().map(step).collect();
    let is_made: Vec<bool> = steps.iter().map(Option::is_some).collect();
    let mut takes = run.all(steps.into_iter().flatten()).await?.into_iter();
    let all = is_made.into_iter().map(|is_made| {
        let take = if is_made { takes.next() } else { None };
        take.map_or_else(unheard, heard)
    });
    Ok(all.collect())
}

fn heard(take: SoundTake) -> Heard {
    (take.sound, take.length)
}

/// What stands for a bed that is composed when the timeline is known, and for a sound that nobody makes.
fn unheard() -> Heard {
    let nothing = Artifact {
        digest: Digest::of(b""),
        media_type: "audio/wav".to_owned(),
        bytes: 0,
    };
    (nothing, Samples(0))
}

/// The bed that is composed for where it lies: for its length, or with accents on moments.
fn composed<'a>(order: &Order<'_>, music: &'a Music) -> Option<&'a Synth> {
    let SoundSource::Synth(synth) = &music.source else {
        return None;
    };
    let by_hand = order.hand_made.contains_key(&Slot::new("sound", &music.id));
    let fitted = synth.length_ms.is_none() || !synth.stingers.is_empty();
    (synth.kind.is_bed() && fitted && !by_hand).then_some(synth)
}

/// Composes the beds that depend on the timeline, and puts them in their places in `sounds`.
pub(super) async fn beds(
    run: &Run<Tools>,
    order: &Order<'_>,
    timeline: &Timeline,
    sounds: &mut [Heard],
) -> Made<()> {
    let (mut places, mut steps) = (Vec::new(), Vec::new());
    for (place, music) in order.episode.music.iter().enumerate() {
        let Some(synth) = composed(order, music) else {
            continue;
        };
        let Some((from, to)) = bed_span(timeline, music) else {
            continue;
        };
        let skipped = Millis(i64::from(music.in_ms)).samples();
        let length = match synth.length_ms {
            Some(ms) => Millis(i64::from(ms)).samples(),
            None => (to - from + skipped).min(Samples(LONGEST)),
        };
        let stingers = synth.stingers.iter();
        let stingers = stingers.filter_map(|at| sample_of(timeline, at));
        let stingers = stingers
            .filter(|at| *at >= from)
            .map(|at| at - from + skipped);
        let mut stingers: Vec<Samples> = stingers.filter(|at| *at < length).collect();
        stingers.sort_unstable();
        stingers.dedup();
        places.push(place);
        steps.push(MakeSound {
            engine: SYNTH.to_owned(),
            source: Origin::Synth {
                kind: synth.kind,
                seed: synth.seed,
                length,
                arrangement: Arranged {
                    tempo: synth.tempo,
                    key: synth.key,
                    stingers,
                },
            },
            timed_by: super::timed_by(timeline),
            licence: music.licence.clone(),
            slot: Slot::new("sound", &music.id),
        });
    }
    let made = run.all(steps).await?;
    for (place, take) in places.into_iter().zip(made) {
        if let Some(sound) = sounds.get_mut(place) {
            *sound = (take.sound, take.length);
        }
    }
    Ok(())
}

/// What makes a sound; nothing where it is to be made of words by nobody.
fn sound_step(
    run: &Run<Tools>,
    order: &Order<'_>,
    source: &SoundSource,
    slot: Slot,
) -> Option<MakeSound> {
    if let Some(file) = order.hand_made.get(&slot) {
        return Some(file_step(run, *file, slot));
    }
    match source {
        SoundSource::File(path) => Some(file_step(run, find_file(order, path).digest, slot)),
        SoundSource::Synth(synth) => {
            let usual = workprint_sound::synth::usual_length(synth.kind);
            let length = synth
                .length_ms
                .map_or(usual, |ms| Millis(i64::from(ms)).samples());
            let source = Origin::Synth {
                kind: synth.kind,
                seed: synth.seed,
                length,
                arrangement: Arranged {
                    tempo: synth.tempo,
                    key: synth.key,
                    stingers: Vec::new(),
                },
            };
            Some(MakeSound {
                engine: SYNTH.to_owned(),
                source,
                timed_by: Vec::new(),
                licence: None,
                slot,
            })
        }
        SoundSource::Music(_) | SoundSource::Effect(_) => None,
    }
}

/// A file's sound.
pub(super) fn file_step(run: &Run<Tools>, file: Digest, slot: Slot) -> MakeSound {
    MakeSound {
        engine: run.tools().identities.ffmpeg.clone(),
        source: Origin::File { file },
        timed_by: Vec::new(),
        licence: None,
        slot,
    }
}
