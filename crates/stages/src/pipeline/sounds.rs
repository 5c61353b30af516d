//! Music, effects, and the sound of clips.

use std::collections::BTreeMap;

use workprint_engine::Run;
use workprint_model::episode::{ClipSpec, Picture, Shot};
use workprint_model::sound::SoundSource;
use workprint_model::{Artifact, Millis, Samples, ShotId, Slot};

use super::{Made, Order, find_file};
use crate::sounds::{MakeSound, Origin, SYNTH, SoundTake};
use crate::tools::Tools;

pub(super) type Heard = (Artifact, Samples);

pub(super) async fn sounds(
    run: &Run<Tools>,
    order: &Order<'_>,
) -> Made<(Vec<Heard>, BTreeMap<ShotId, Heard>)> {
    let named = order
        .episode
        .music
        .iter()
        .map(|music| (&music.id, &music.source, &music.licence));
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
    Ok((named.into_iter().map(heard).collect(), of_clips))
}

fn sound_step(run: &Run<Tools>, order: &Order<'_>, source: &SoundSource, slot: Slot) -> MakeSound {
    let ffmpeg = || run.tools().identities.ffmpeg.clone();
    if let Some(file) = order.hand_made.get(&slot) {
        return MakeSound {
            engine: ffmpeg(),
            source: Origin::File { file: *file },
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
            };
            let engine = SYNTH.to_owned();
            MakeSound {
                engine,
                source,
                licence: None,
                slot,
            }
        }
    }
}
