//! Puppets in the time of their shot: mouths from the voices heard, looks, gestures.

use workprint_model::episode::{Cue, Episode, Shot};
use workprint_model::puppet::{GestureStart, Puppet};
use workprint_model::rig::{Mouth, PlacedAct, PlacedPuppet, Rig, Shaped, Side};
use workprint_model::show::Show;
use workprint_model::timeline::{PlacedCue, PlacedShot};
use workprint_model::{CastId, Digest, Frames, Millis, Percent, Rate, Samples};
use workprint_picture::puppet;

use super::{CueTake, Materials, lead};
use crate::pipeline::drawing;

/// A listener looks up at a speaker this long after the voice has begun.
const NOTICE: Millis = Millis(180);

/// What there is of an episode to place puppets in its shots.
pub(super) struct Stage<'a> {
    pub(super) episode: &'a Episode,
    pub(super) show: &'a Show,
    pub(super) cues: &'a [PlacedCue],
    pub(super) materials: &'a Materials,
    pub(super) rate: Rate,
}

/// A voice that is heard in a shot.
struct Heard<'a> {
    cue: &'a Cue,
    take: &'a CueTake,
    /// In samples from the shot's start.
    start: i64,
    from: Frames,
    to: Frames,
}

/// Puts the puppets of every shot into it. A shot whose end lies under the next one's entry goes on
/// until that is over.
pub(super) fn place(stage: &Stage<'_>, shots: &mut [PlacedShot]) {
    let lengths: Vec<Frames> = shots
        .iter()
        .enumerate()
        .map(|(number, shot)| {
            let entry = shots
                .get(number + 1)
                .map(|next| next.entry.length().min(next.length));
            shot.length + entry.unwrap_or(Frames(0))
        })
        .collect();
    let mut first = 0;
    for (placed, length) in shots.iter_mut().zip(lengths) {
        while stage
            .cues
            .get(first)
            .is_some_and(|cue| cue.from + cue.length <= placed.from)
        {
            first += 1;
        }
        let Some(shot) = stage.episode.shots().find(|shot| shot.id == placed.id) else {
            continue;
        };
        if shot.puppets.is_empty() {
            continue;
        }
        let heard = heard(stage, first, placed.from, length);
        let rigs = stage
            .materials
            .rigs
            .get(&shot.id)
            .map_or(&[][..], Vec::as_slice);
        for (number, rig) in rigs.iter().enumerate() {
            let from = (placed.from, length);
            placed
                .puppets
                .extend(standing(stage, (shot, number), rig.as_ref(), from, &heard));
        }
    }
}

/// Puppet `number` of a shot, with all that it does in `length` frames from the shot's first.
fn standing(
    stage: &Stage<'_>,
    (shot, number): (&Shot, usize),
    rig: Option<&Rig>,
    (from, length): (Frames, Frames),
    heard: &[Heard<'_>],
) -> Option<PlacedPuppet> {
    let puppet = shot.puppets.get(number)?;
    let (_, height) = drawing(stage.episode, stage.show, puppet)?;
    let own: Vec<&Heard<'_>> = heard
        .iter()
        .filter(|heard| heard.cue.speaker.is_some() && heard.cue.speaker == puppet.speaker)
        .collect();
    let seed = Digest::of_json(&(&shot.id, number, puppet.seed));
    let timed_by = own.iter().flat_map(|heard| heard.take.spoken_by());
    Some(PlacedPuppet {
        rig: rig?.clone(),
        x: puppet.x,
        y: puppet.y,
        height,
        depth: puppet.depth,
        idle: puppet.idle,
        seed: (seed.seed() >> 32) as u32,
        mood: puppet.mood,
        talks: own.iter().map(|heard| (heard.from, heard.to)).collect(),
        mouths: mouths(&own, stage.rate, length),
        looks: looks(shot, puppet, heard, stage.rate),
        acts: acts(stage, (shot, from), puppet, length),
        timed_by: timed_by.collect(),
    })
}

/// The voices heard in `length` frames from `from`, of the cues from number `first` on.
fn heard<'a>(stage: &Stage<'a>, first: usize, from: Frames, length: Frames) -> Vec<Heard<'a>> {
    let rate = stage.rate;
    let cues = stage.episode.cues().zip(stage.cues).skip(first);
    let near = cues.take_while(|(_, placed)| placed.from.0 < from.0 + length.0);
    let voices = near.filter_map(|(cue, placed)| {
        let take = stage.materials.heard.get(&cue.id)?;
        // Counted in frames from the shot, so that it is the same wherever the shot lies.
        let start = if placed.from >= from {
            rate.sample_of(placed.from - from).0 as i64
        } else {
            -(rate.sample_of(from - placed.from).0 as i64)
        } + lead(cue, stage.show).0 as i64;
        let frame = |sample: i64| rate.nearest_frame(Samples(sample.max(0).unsigned_abs()));
        let end = start + take.voice.length.0 as i64;
        Some(Heard {
            cue,
            take,
            start,
            from: frame(start),
            to: frame(end),
        })
    });
    voices
        .filter(|heard| heard.to.0 > 0 && heard.from < length)
        .collect()
}

fn mouths(own: &[&Heard<'_>], rate: Rate, length: Frames) -> Vec<(Frames, Mouth)> {
    let shapes: Vec<Vec<Shaped>> = own.iter().map(|heard| heard.take.shapes()).collect();
    let lines: Vec<puppet::Line<'_>> = own
        .iter()
        .zip(&shapes)
        .map(|(heard, shapes)| puppet::Line {
            shapes,
            start: heard.start,
        })
        .collect();
    puppet::track(&lines, rate, length)
}

/// Whom a puppet looks at: who speaks, or, speaking itself, the one who spoke before.
fn looks(
    shot: &Shot,
    puppet: &Puppet,
    heard: &[Heard<'_>],
    rate: Rate,
) -> Vec<(Frames, Option<Side>)> {
    let side = |who: Option<&CastId>| {
        let mut others = shot
            .puppets
            .iter()
            .filter(|other| other.speaker.as_ref() == who);
        let other = others.find(|other| !std::ptr::eq(*other, puppet))?;
        side_of(puppet.x, other.x)
    };
    let mut partner = shot
        .puppets
        .iter()
        .find(|other| !std::ptr::eq(*other, puppet))
        .and_then(|other| other.speaker.as_ref());
    let mut out: Vec<(Frames, Option<Side>)> = Vec::new();
    for (number, heard) in heard.iter().enumerate() {
        let Some(speaker) = heard.cue.speaker.as_ref() else {
            continue;
        };
        let own = puppet.speaker.as_ref() == Some(speaker);
        if !own
            && shot
                .puppets
                .iter()
                .all(|other| other.speaker.as_ref() != Some(speaker))
        {
            continue;
        }
        let to = if own {
            side(partner)
        } else {
            side(Some(speaker))
        };
        if !own {
            partner = Some(speaker);
        }
        let from = match number {
            0 => Frames(0),
            _ if own => heard.from,
            _ => heard.from + rate.frames_of(NOTICE),
        };
        if out.last().is_none_or(|last| last.1 != to) {
            out.push((from, to));
        }
    }
    if out.is_empty()
        && let Some(side) = side(partner)
    {
        out.push((Frames(0), Some(side)));
    }
    out
}

fn side_of(own: Percent, other: Percent) -> Option<Side> {
    match other.cmp(&own) {
        std::cmp::Ordering::Less => Some(Side::Left),
        std::cmp::Ordering::Greater => Some(Side::Right),
        std::cmp::Ordering::Equal => None,
    }
}

/// What a puppet does, in the order of time.
fn acts(
    stage: &Stage<'_>,
    (shot, shot_from): (&Shot, Frames),
    puppet: &Puppet,
    length: Frames,
) -> Vec<PlacedAct> {
    let rate = stage.rate;
    let own_cue = stage
        .episode
        .cues()
        .position(|cue| cue.shots.iter().any(|own| own.id == shot.id));
    let mut out: Vec<PlacedAct> = Vec::new();
    for gesture in &puppet.gestures {
        let number = match &gesture.cue {
            Some(id) => stage.cues.iter().position(|cue| cue.id == *id),
            None => own_cue,
        };
        let Some((cue, placed)) = number
            .and_then(|number| Some((stage.episode.cues().nth(number)?, stage.cues.get(number)?)))
        else {
            continue;
        };
        // Before the shot's first frame there is nobody to do it.
        let in_cue = |after: Frames| (placed.from + after).0.checked_sub(shot_from.0).map(Frames);
        let from = match gesture.at {
            GestureStart::Ms(ms) => {
                let after = rate.frames_of(Millis(i64::from(ms)));
                if gesture.cue.is_some() {
                    in_cue(after)
                } else {
                    Some(after)
                }
            }
            GestureStart::Word(word) => stage
                .materials
                .timing
                .get(&cue.id)
                .and_then(|take| take.words.words.get(word as usize))
                .and_then(|word| in_cue(rate.nearest_frame(lead(cue, stage.show) + word.start))),
        };
        let ms = gesture
            .ms
            .unwrap_or_else(|| puppet::usual_length(&gesture.act));
        let frames = rate.frames_of(Millis(i64::from(ms))).max(Frames(1));
        if let Some(from) = from.filter(|from| *from < length) {
            out.push(PlacedAct {
                act: gesture.act.clone(),
                from,
                length: frames,
            });
        }
    }
    out.sort_by_key(|act| act.from);
    out
}
