//! Music, effects, and the sound of clips.

use std::collections::BTreeMap;

use workprint_engine::Run;
use workprint_model::episode::{ClipSpec, Picture, Shot};
use workprint_model::sound::{Music, SoundSource, Synth};
use workprint_model::timeline::Timeline;
use workprint_model::{Artifact, Digest, Millis, Samples, ShotId, Slot};

use super::{Made, Order, find_file};
use crate::sounds::{Arranged, LONGEST, MakeSound, Origin, SYNTH, SoundTake};
use crate::timeline::{bed_span, sample_of};
use crate::tools::Tools;

pub(super) type Heard = (Artifact, Samples);

pub(super) async fn sounds(
    run: &Run<Tools>,
    order: &Order<'_>,
) -> Made<(Vec<Heard>, BTreeMap<ShotId, Heard>)> {
    let beds = order.episode.music.iter();
    let beds = beds.filter(|music| composed(order, music).is_none());
    let named = beds.map(|music| (&music.id, &music.source, &music.licence));
    let named = named.chain(
        order
            .episode
            .sfx
            .iter()
            .map(|effect| (&effect.id, &effect.source, &effect.licence)),
    );
    let steps = named.map(|(id, source, licence)| MakeSound {
        licence: licence.clone(),
        ..sound_step(run, order, source, Slot::new("sound", id))
    });
    let clips: Vec<(&Shot, &ClipSpec)> = order
        .episode
        .shots()
        .filter_map(|shot| match &shot.picture {
            Picture::Clip(clip) if clip.sound_db.is_some() => Some((shot, clip)),
            _ => None,
        })
        .collect();
    let clip_steps = clips.iter().map(|(shot, clip)| {
        let origin = Origin::File {
            file: find_file(order, &clip.file).digest,
        };
        let engine = run.tools().identities.ffmpeg.clone();
        MakeSound {
            engine,
            source: origin,
            timed_by: Vec::new(),
            licence: None,
            slot: Slot::new("sound", format_args!("clip-{}", shot.id)),
        }
    });
    let (named, of_clips) = futures::try_join!(run.all(steps), run.all(clip_steps))?;
    let heard = |take: SoundTake| (take.sound, take.length);
    let of_clips = clips
        .iter()
        .map(|(shot, _)| shot.id.clone())
        .zip(of_clips.into_iter().map(heard))
        .collect();
    let mut named = named.into_iter().map(heard);
    let beds = order.episode.music.iter().map(|music| {
        let made = if composed(order, music).is_some() {
            None
        } else {
            named.next()
        };
        made.unwrap_or_else(not_yet)
    });
    let mut all: Vec<Heard> = beds.collect();
    all.extend(named);
    Ok((all, of_clips))
}

/// What stands for a bed that is composed when the timeline is known; it is not heard.
fn not_yet() -> Heard {
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

fn sound_step(run: &Run<Tools>, order: &Order<'_>, source: &SoundSource, slot: Slot) -> MakeSound {
    let ffmpeg = || run.tools().identities.ffmpeg.clone();
    if let Some(file) = order.hand_made.get(&slot) {
        return MakeSound {
            engine: ffmpeg(),
            source: Origin::File { file: *file },
            timed_by: Vec::new(),
            licence: None,
            slot,
        };
    }
    match source {
        SoundSource::File(path) => {
            let source = Origin::File {
                file: find_file(order, path).digest,
            };
            MakeSound {
                engine: ffmpeg(),
                source,
                timed_by: Vec::new(),
                licence: None,
                slot,
            }
        }
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
            let engine = SYNTH.to_owned();
            MakeSound {
                engine,
                source,
                timed_by: Vec::new(),
                licence: None,
                slot,
            }
        }
    }
}
