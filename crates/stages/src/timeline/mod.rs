//! The timeline: cues one after the other, shots inside them, and everything tied to them.
//!
//! Pure: the same episode and takes give the same timeline. Every cue begins on a whole frame and all
//! that lies in it is counted from there, so an edit moves later cues without changing them.

mod puppets;
mod shots;
mod sounds;

use std::collections::BTreeMap;

use workprint_model::episode::{Anchor, Cue, Edge, Episode};
use workprint_model::graphic::{BuiltIn, Drawing};
use workprint_model::rig::{Rig, Shaped};
use workprint_model::show::{Output, Show};
use workprint_model::timeline::{Clip, PlacedCue, PlacedOverlay, PlacedPicture, Timeline};
use workprint_model::{
    Artifact, CueId, Digest, Frames, Language, MediaPath, Millis, Rate, Samples, ShotId,
};

pub(crate) use sounds::{bed_span, place as place_sounds, sample_of};
use workprint_picture::puppet;

use crate::align::Aligned;
use crate::captions;
use crate::lips::LipsTake;
use crate::voice::VoiceTake;

/// What was made for a cue that speaks.
#[derive(Debug, Clone)]
pub struct CueTake {
    /// The text that is heard and captioned.
    pub text: String,
    /// Its language.
    pub language: Language,
    /// Its voice.
    pub voice: VoiceTake,
    /// Its words.
    pub words: Aligned,
    /// The mouth shapes of a recording.
    pub lips: Option<LipsTake>,
}

impl CueTake {
    fn digests(&self) -> Vec<Digest> {
        vec![self.voice.sound.digest, self.words.id]
    }

    /// What must be made before its mouth shapes are certain.
    fn spoken_by(&self) -> Vec<Digest> {
        let lips = self.lips.iter().map(|lips| lips.id);
        self.digests().into_iter().chain(lips).collect()
    }

    /// Its mouth shapes: from the sounds that it is known to have, from its loudness, or, as long as
    /// it is not made, from its words.
    fn shapes(&self) -> Vec<Shaped> {
        match &self.lips {
            _ if !self.words.phonemes.is_empty() => puppet::shapes(&self.words.phonemes),
            Some(lips) if !lips.shapes.is_empty() => lips.shapes.clone(),
            _ => puppet::flaps(&self.words.words),
        }
    }
}

/// An overlay's graphic, drawn.
#[derive(Debug, Clone)]
pub struct Overlaid {
    /// Its parts.
    pub drawing: Drawing,
    /// The clip that fills their holes.
    pub clip: Option<Clip>,
}

/// Everything that was made and is to be laid out.
#[derive(Debug, Default)]
pub struct Materials {
    /// The takes that cue lengths come from: the original language.
    pub timing: BTreeMap<CueId, CueTake>,
    /// The takes that are heard and captioned; the same as `timing` but in a dub.
    pub heard: BTreeMap<CueId, CueTake>,
    /// Each shot's picture.
    pub pictures: BTreeMap<ShotId, PlacedPicture>,
    /// The puppets of each shot, in the order of the shot.
    pub rigs: BTreeMap<ShotId, Vec<Option<Rig>>>,
    /// Each overlay, drawn, in the order of the episode.
    pub overlays: Vec<Overlaid>,
    /// Each music bed's sound, then each effect's, in the order of the episode, with their lengths.
    pub sounds: Vec<(Artifact, Samples)>,
    /// The own sound of clips that have one, by shot, with its length.
    pub clip_sounds: BTreeMap<ShotId, (Artifact, Samples)>,
    /// How much longer cues are in a dub than in the original.
    pub longer: BTreeMap<CueId, Frames>,
    /// The language of a dub.
    pub dub: Option<Language>,
    /// The tables of colours that looks name.
    pub cubes: BTreeMap<MediaPath, Artifact>,
}

/// Lays an episode out for one output.
pub fn lay(episode: &Episode, show: &Show, output: &Output, materials: &Materials) -> Timeline {
    let rate = output.rate;
    let mut timeline = lay_voices(episode, show, output, materials);
    let mut shots = shots::place(episode, show, &timeline.cues, materials, rate);
    let stage = puppets::Stage {
        episode,
        show,
        cues: &timeline.cues,
        materials,
        rate,
    };
    puppets::place(&stage, &mut shots);
    timeline.shots = shots;
    timeline.looks = shots::looks(&episode.looks, show, materials);
    timeline.overlays = overlays(episode, &timeline, materials);
    timeline.captions = captions::place(
        episode,
        show,
        output,
        (&timeline, materials),
        captions::For::Picture,
    );
    timeline.sounds = sounds::place(episode, show, &timeline, materials);
    timeline
}

/// Lays out what is said alone: cues, their voices, chapters. Cues are as long as in [`lay`].
pub(crate) fn lay_voices(
    episode: &Episode,
    show: &Show,
    output: &Output,
    materials: &Materials,
) -> Timeline {
    let rate = output.rate;
    let mut cues: Vec<PlacedCue> = Vec::new();
    let mut at = Frames(0);
    for cue in episode.cues() {
        let take = materials.timing.get(&cue.id);
        let longer = materials.longer.get(&cue.id).copied();
        let length = cue_length(cue, take, show, rate) + longer.unwrap_or_default();
        cues.push(PlacedCue {
            id: cue.id.clone(),
            speaker: cue.speaker.clone(),
            from: at,
            length,
            timed_by: timed_by(take, materials.heard.get(&cue.id), show),
        });
        at = at + length;
    }
    let mut timeline = Timeline {
        rate,
        size: output.size(),
        length: at,
        cues,
        shots: Vec::new(),
        looks: Vec::new(),
        overlays: Vec::new(),
        captions: Vec::new(),
        sounds: Vec::new(),
        chapters: Vec::new(),
        slate: false,
    };
    timeline.chapters = chapters(episode, &timeline, materials.dub.as_ref());
    timeline.sounds = sounds::voices(episode, show, &timeline, materials);
    timeline
}

/// Silence before a cue's voice.
pub(crate) fn lead(cue: &Cue, show: &Show) -> Samples {
    Millis(i64::from(cue.lead_ms.unwrap_or(show.timing.lead_ms))).samples()
}

fn tail(cue: &Cue, show: &Show) -> Samples {
    Millis(i64::from(cue.tail_ms.unwrap_or(show.timing.tail_ms))).samples()
}

/// What decides a cue's length: the original's voice, and, where dubs may be longer, the one heard.
fn timed_by(take: Option<&CueTake>, heard: Option<&CueTake>, show: &Show) -> Vec<Digest> {
    let mut digests = take.map(CueTake::digests).unwrap_or_default();
    if show.dub.longer_ms > 0
        && let Some(heard) = heard
    {
        digests.extend(heard.digests());
        digests.sort_unstable();
        digests.dedup();
    }
    digests
}

/// At least a frame, at least one frame for each shot, at least what `hold_ms` asks for.
fn cue_length(cue: &Cue, take: Option<&CueTake>, show: &Show, rate: Rate) -> Frames {
    let spoken = take.map_or(Frames(0), |take| {
        rate.frames_covering(lead(cue, show) + take.voice.length + tail(cue, show))
    });
    let held = cue
        .hold_ms
        .map_or(Frames(0), |ms| rate.frames_of(Millis(i64::from(ms))));
    let shots = Frames(cue.shots.len() as u64);
    spoken.max(held).max(shots).max(Frames(1))
}

/// How much time a dub has for a cue: from its lead to its last frame.
pub fn room_for_voice(cue: &Cue, placed: &PlacedCue, show: &Show, rate: Rate) -> Samples {
    rate.sample_of(placed.length) - lead(cue, show)
}

fn overlays(episode: &Episode, timeline: &Timeline, materials: &Materials) -> Vec<PlacedOverlay> {
    let placed = episode
        .overlays
        .iter()
        .zip(&materials.overlays)
        .filter_map(|(overlay, made)| {
            let from = moment(timeline, &overlay.from)?;
            let to = moment(timeline, &overlay.to)?.min(timeline.length);
            let length = Frames(to.0.checked_sub(from.0).filter(|&frames| frames > 0)?);
            let fade = timeline.rate.frames_of(Millis(i64::from(overlay.fade_ms)));
            let own = BuiltIn::find(&overlay.graphic).map(|graphic| graphic.enter);
            let enter = overlay.enter.or(own).unwrap_or_default();
            Some(PlacedOverlay {
                id: overlay.id.clone(),
                parts: made.drawing.parts.clone(),
                clip: made.clip.clone(),
                from,
                length,
                fade: fade.min(Frames(length.0 / 2)),
                enter,
                leave: overlay.leave.unwrap_or(enter),
                blend: overlay.blend,
                opacity: overlay.opacity,
            })
        });
    placed.collect()
}

/// The frame of the end of a cue or shot that an anchor names, without its offset; `None` when it
/// names nothing that is there.
fn edge(timeline: &Timeline, anchor: &Anchor) -> Option<Frames> {
    let (from, length) = match (&anchor.cue, &anchor.shot) {
        (Some(cue), _) => timeline
            .cues
            .iter()
            .find(|c| c.id == *cue)
            .map(|c| (c.from, c.length))?,
        (_, Some(shot)) => timeline
            .shots
            .iter()
            .find(|s| s.id == *shot)
            .map(|s| (s.from, s.length))?,
        (None, None) => return None,
    };
    Some(match anchor.at {
        Edge::Start => from,
        Edge::End => from + length,
    })
}

/// The frame of an anchor; `None` when it names nothing that is there.
pub(crate) fn moment(timeline: &Timeline, anchor: &Anchor) -> Option<Frames> {
    let edge = edge(timeline, anchor)?;
    let offset = timeline
        .rate
        .frames_of(Millis(i64::from(anchor.offset_ms).abs()));
    Some(if anchor.offset_ms < 0 {
        edge - offset
    } else {
        edge + offset
    })
}

fn chapters(
    episode: &Episode,
    timeline: &Timeline,
    dub: Option<&Language>,
) -> Vec<(Frames, String)> {
    let mut chapters: Vec<_> = episode
        .chapters
        .iter()
        .filter_map(|chapter| {
            let cue = timeline.cues.iter().find(|cue| cue.id == chapter.cue)?;
            let title = dub.and_then(|language| chapter.dub.get(language));
            Some((cue.from, title.unwrap_or(&chapter.title).clone()))
        })
        .collect();
    chapters.sort_by_key(|chapter| chapter.0);
    chapters
}
