//! Where each sound begins and how long it is heard.

use workprint_model::episode::{Anchor, CastMember, ClipSpec, Cue, Episode, Picture};
use workprint_model::show::Show;
use workprint_model::sound::{EffectLane, ItemMix, Music, SoundEffect};
use workprint_model::timeline::{Lane, PlacedLevel, PlacedShot, PlacedSound, Timeline};
use workprint_model::{Artifact, Decibels, Millis, Samples};

use super::{Materials, edge, lead};

/// The fades of a clip's own sound: long enough not to click.
const CLIP_FADE: u32 = 10;

/// Everything that is heard, in its place.
pub(crate) fn place(
    episode: &Episode,
    show: &Show,
    timeline: &Timeline,
    materials: &Materials,
) -> Vec<PlacedSound> {
    let stage = Stage {
        episode,
        show,
        timeline,
    };
    let mut out = voices(episode, show, timeline, materials);
    let (beds, effects) = materials
        .sounds
        .split_at(episode.music.len().min(materials.sounds.len()));
    let beds = episode.music.iter().zip(beds);
    out.extend(beds.filter_map(|(music, made)| stage.bed(music, made)));
    let effects = episode.sfx.iter().zip(effects);
    out.extend(effects.filter_map(|(effect, made)| stage.effect(effect, made)));
    for shot in episode.shots() {
        if let Picture::Clip(clip) = &shot.picture
            && let Some(made) = materials.clip_sounds.get(&shot.id)
            && let Some(placed) = timeline.shots.iter().find(|placed| placed.id == shot.id)
        {
            out.extend(stage.clip(clip, placed, made));
        }
    }
    out
}

/// The voices of a timeline, in their places.
pub(super) fn voices(
    episode: &Episode,
    show: &Show,
    timeline: &Timeline,
    materials: &Materials,
) -> Vec<PlacedSound> {
    let stage = Stage {
        episode,
        show,
        timeline,
    };
    let cues = episode.cues().zip(&timeline.cues);
    let voices = cues.filter_map(|(cue, placed)| {
        let take = materials.heard.get(&cue.id)?;
        let from = timeline.rate.sample_of(placed.from) + lead(cue, show);
        Some(stage.voice(cue, (&take.voice.sound, take.voice.length), from))
    });
    voices.collect()
}

type Made = (Artifact, Samples);

/// From when on, and until when, a bed is heard, as far as its anchors name what is there.
pub(crate) fn bed_span(timeline: &Timeline, music: &Music) -> Option<(Samples, Samples)> {
    let end = timeline.samples();
    let at = |anchor: &Option<Anchor>, otherwise: Samples| match anchor {
        Some(anchor) => sample_of(timeline, anchor),
        None => Some(otherwise),
    };
    let (from, to) = (at(&music.from, Samples(0))?, at(&music.to, end)?.min(end));
    (to > from).then_some((from, to))
}

/// The sample of an anchor, its offset counted to the sample; `None` when it names nothing that is
/// there.
pub(crate) fn sample_of(timeline: &Timeline, anchor: &Anchor) -> Option<Samples> {
    let edge = timeline.rate.sample_of(edge(timeline, anchor)?);
    let offset = Millis(i64::from(anchor.offset_ms).abs()).samples();
    Some(if anchor.offset_ms < 0 {
        edge - offset
    } else {
        edge + offset
    })
}

struct Stage<'a> {
    episode: &'a Episode,
    show: &'a Show,
    timeline: &'a Timeline,
}

impl Stage<'_> {
    fn voice(&self, cue: &Cue, made: (&Artifact, Samples), from: Samples) -> PlacedSound {
        let own = self.episode.cast.iter().chain(&self.show.cast);
        let member: Option<&CastMember> = cue
            .speaker
            .as_ref()
            .and_then(|speaker| own.into_iter().find(|member| member.id == *speaker));
        let louder = member.map_or(0, |member| member.gain_db.hundredths());
        PlacedSound {
            gain: sum(cue.gain_db, Decibels::from_hundredths(louder)),
            pan: member.map_or(0, |member| member.pan),
            speaker: cue.speaker.clone(),
            ..PlacedSound::plain(cue.id.as_str(), Lane::Voice, made.0, (from, made.1))
        }
    }

    fn bed(&self, music: &Music, (sound, length): &Made) -> Option<PlacedSound> {
        let (from, to) = bed_span(self.timeline, music)?;
        let skip = ms(music.in_ms);
        let heard = if music.repeat {
            to - from
        } else {
            (to - from).min(*length - skip)
        };
        let placed = PlacedSound {
            gain: music.gain_db,
            fade_in: ms(music.fade_in_ms).min(heard),
            fade_out: ms(music.fade_out_ms).min(heard),
            duck: music.duck_db,
            repeat: music.repeat,
            skip,
            ..PlacedSound::plain(music.id.as_str(), Lane::Music, sound, (from, heard))
        };
        // What nobody makes has no length, and cannot be repeated.
        (heard.0 > 0 && length.0 > 0).then(|| self.shaped(placed, &music.mix))
    }

    fn effect(&self, effect: &SoundEffect, (sound, length): &Made) -> Option<PlacedSound> {
        let from = sample_of(self.timeline, &effect.at)?;
        let skip = ms(effect.in_ms);
        let heard = (*length - skip)
            .min(effect.length_ms.map_or(*length, ms))
            .min(self.timeline.samples() - from);
        let lane = match effect.lane {
            EffectLane::Sfx => Lane::Sfx,
            EffectLane::Reactions => Lane::Reactions,
        };
        let placed = PlacedSound {
            gain: effect.gain_db,
            fade_in: ms(effect.fade_in_ms).min(heard),
            fade_out: ms(effect.fade_out_ms).min(heard),
            duck: effect.duck_db,
            skip,
            ..PlacedSound::plain(effect.id.as_str(), lane, sound, (from, heard))
        };
        (heard.0 > 0).then(|| self.shaped(placed, &effect.mix))
    }

    fn clip(&self, clip: &ClipSpec, shot: &PlacedShot, made: &Made) -> Option<PlacedSound> {
        let gain = clip.sound_db?;
        let (sound, length) = made;
        let rate = self.timeline.rate;
        let from = rate.sample_of(shot.from);
        let skip = ms(clip.in_ms);
        let room = rate.sample_of(shot.from + shot.length) - from;
        let heard = room.min(*length - skip);
        let placed = PlacedSound {
            gain,
            fade_in: ms(CLIP_FADE).min(heard),
            fade_out: ms(CLIP_FADE).min(heard),
            duck: clip.sound_duck_db,
            skip,
            ..PlacedSound::plain(shot.id.as_str(), Lane::Clip, sound, (from, heard))
        };
        (heard.0 > 0).then(|| self.shaped(placed, &clip.sound_mix))
    }

    /// A placed sound as its `mix` says.
    fn shaped(&self, sound: PlacedSound, mix: &ItemMix) -> PlacedSound {
        let level = |level: &workprint_model::sound::Level| {
            let at = match (&level.at, level.ms) {
                (Some(anchor), _) => sample_of(self.timeline, anchor)? - sound.from,
                (None, at) => ms(at.unwrap_or(0)),
            };
            Some(PlacedLevel {
                at,
                gain: level.gain_db,
                ease: level.ease,
            })
        };
        let mut levels: Vec<PlacedLevel> = mix.levels.iter().filter_map(level).collect();
        levels.sort_by_key(|level| level.at);
        let ducking = mix.duck.as_ref().unwrap_or(&self.show.mix.duck);
        PlacedSound {
            duck: sound.duck.min(Decibels::new(0)),
            // What never goes down does not depend on how it would.
            ducking: if sound.duck < Decibels::new(0) {
                ducking.clone()
            } else {
                workprint_model::sound::Ducking::default()
            },
            levels,
            pan: mix.pan,
            fade_in_curve: mix.fade_in,
            fade_out_curve: mix.fade_out,
            ..sound
        }
    }
}

/// Both gains, within what a gain may be.
fn sum(one: Decibels, other: Decibels) -> Decibels {
    let both = one.hundredths() + other.hundredths();
    Decibels::from_hundredths(both.clamp(-12_000, 4000))
}

fn ms(ms: u32) -> Samples {
    Millis(i64::from(ms)).samples()
}
