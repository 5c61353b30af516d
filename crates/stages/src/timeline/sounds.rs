//! Where each sound begins and how long it is heard.

use workprint_model::episode::Episode;
use workprint_model::show::Show;
use workprint_model::timeline::{Lane, PlacedSound, Timeline};
use workprint_model::{Artifact, Decibels, Frames, Millis, Samples};

use super::{Materials, lead, moment};

pub(super) fn place(
    episode: &Episode,
    show: &Show,
    timeline: &Timeline,
    materials: &Materials,
) -> Vec<PlacedSound> {
    let mut out = Vec::new();
    for (cue, placed) in episode.cues().zip(&timeline.cues) {
        if let Some(take) = materials.heard.get(&cue.id) {
            let from = timeline.rate.sample_of(placed.from) + lead(cue, show);
            out.push(plain(
                cue.id.as_str(),
                Lane::Voice,
                &take.voice.sound,
                (from, take.voice.length),
            ));
        }
    }
    let (beds, effects) = materials
        .sounds
        .split_at(episode.music.len().min(materials.sounds.len()));
    for (music, (sound, length)) in episode.music.iter().zip(beds) {
        let at = |anchor: &Option<_>, otherwise: Frames| {
            anchor
                .as_ref()
                .map_or(Some(otherwise), |anchor| moment(timeline, anchor))
        };
        let (Some(from), Some(to)) = (at(&music.from, Frames(0)), at(&music.to, timeline.length))
        else {
            continue;
        };
        let start = timeline.rate.sample_of(from);
        let room = timeline.rate.sample_of(to.min(timeline.length)) - start;
        let heard = if music.repeat {
            room
        } else {
            room.min(*length)
        };
        if heard.0 > 0 {
            out.push(PlacedSound {
                gain: music.gain_db,
                fade_in: ms(music.fade_in_ms).min(heard),
                fade_out: ms(music.fade_out_ms).min(heard),
                duck: music.duck_db.min(Decibels::new(0)),
                repeat: music.repeat,
                ..plain(music.id.as_str(), Lane::Music, sound, (start, heard))
            });
        }
    }
    for (effect, (sound, length)) in episode.sfx.iter().zip(effects) {
        if let Some(at) = moment(timeline, &effect.at) {
            let start = timeline.rate.sample_of(at);
            let heard = (*length).min(timeline.samples() - start);
            if heard.0 > 0 {
                let placed = plain(effect.id.as_str(), Lane::Sfx, sound, (start, heard));
                out.push(PlacedSound {
                    gain: effect.gain_db,
                    ..placed
                });
            }
        }
    }
    out.extend(clip_sounds(episode, timeline, materials));
    out
}

fn clip_sounds<'a>(
    episode: &'a Episode,
    timeline: &'a Timeline,
    materials: &'a Materials,
) -> impl Iterator<Item = PlacedSound> + 'a {
    episode.shots().filter_map(|shot| {
        let workprint_model::episode::Picture::Clip(clip) = &shot.picture else {
            return None;
        };
        let gain = clip.sound_db?;
        let (sound, length) = materials.clip_sounds.get(&shot.id)?;
        let placed = timeline.shots.iter().find(|placed| placed.id == shot.id)?;
        let start = timeline.rate.sample_of(placed.from);
        let room = timeline.rate.sample_of(placed.from + placed.length) - start;
        let short = ms(10);
        Some(PlacedSound {
            gain,
            fade_in: short,
            fade_out: short,
            duck: Decibels::new(-6),
            ..plain(
                shot.id.as_str(),
                Lane::Clip,
                sound,
                (start, room.min(*length)),
            )
        })
    })
}

fn plain(name: &str, lane: Lane, sound: &Artifact, time: (Samples, Samples)) -> PlacedSound {
    PlacedSound {
        name: name.to_owned(),
        lane,
        sound: sound.clone(),
        from: time.0,
        length: time.1,
        gain: Decibels::new(0),
        fade_in: Samples(0),
        fade_out: Samples(0),
        duck: Decibels::new(0),
        repeat: false,
    }
}

fn ms(ms: u32) -> Samples {
    Millis(i64::from(ms)).samples()
}
