//! An episode laid out in time: what is seen at every frame and heard at every sample.
//!
//! Cues begin on whole frames, and everything inside a cue is counted from the cue's start, so that
//! an edit before it moves it without changing it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::episode::{
    Blend, ClipEnd, Colour, Crop, Direction, Ease, Fit, Focus, Move, Passage, PlateSpec, is_middle,
};
use crate::graphic::{Area, Content, Part};
use crate::look::Look;
use crate::rig::PlacedPuppet;
use crate::show::CaptionStyle;
use crate::sound::{Ducking, FadeCurve};
use crate::{
    Artifact, CastId, CueId, Decibels, Digest, Frames, Language, OverlayId, Percent, Rate, SafeBox,
    Samples, ShotId, Size,
};

/// An episode in time, for one output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// Frames a second.
    pub rate: Rate,
    /// The frame's size.
    pub size: Size,
    /// How many frames.
    pub length: Frames,
    /// The cues, one after the other without gaps.
    pub cues: Vec<PlacedCue>,
    /// The shots, one after the other without gaps.
    pub shots: Vec<PlacedShot>,
    /// Looks of the whole film, under overlays and captions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<PlacedLook>,
    /// Graphics over the shots, lowest first.
    pub overlays: Vec<PlacedOverlay>,
    /// Captions in order; they do not overlap.
    pub captions: Vec<PlacedCaption>,
    /// Everything heard.
    pub sounds: Vec<PlacedSound>,
    /// Chapter titles and where they begin.
    pub chapters: Vec<(Frames, String)>,
    /// Every frame has the name of its shot and its time code burned in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub slate: bool,
}

impl Timeline {
    /// How many samples the sound has: exactly as long as the picture, to the sample.
    pub fn samples(&self) -> Samples {
        self.rate.sample_of(self.length)
    }
}

/// A cue in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedCue {
    /// The cue.
    pub id: CueId,
    /// Who speaks.
    pub speaker: Option<CastId>,
    /// Its first frame.
    pub from: Frames,
    /// How many frames.
    pub length: Frames,
    /// What must be made before the cue's times are certain (its voice and words).
    pub timed_by: Vec<Digest>,
}

/// A shot in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedShot {
    /// The shot.
    pub id: ShotId,
    /// Its first frame.
    pub from: Frames,
    /// How many frames.
    pub length: Frames,
    /// What it shows.
    pub picture: PlacedPicture,
    /// The camera move over the whole shot.
    pub camera: Move,
    /// How the picture fills the frame.
    pub fit: Fit,
    /// The picture's point of interest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
    /// What of the picture is cut off before it is fitted.
    #[serde(default, skip_serializing_if = "Crop::is_none")]
    pub crop: Crop,
    /// How the shot before gives way to this one, within this shot's first frames.
    pub entry: Entry,
    /// Puppets that stand in the picture, the farthest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub puppets: Vec<PlacedPuppet>,
    /// Looks of its picture.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<PlacedLook>,
    /// What must be made before the shot's times are certain: the voices and words of its cues.
    pub timed_by: Vec<Digest>,
}

/// How a shot enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// At once.
    Cut,
    /// The shot before, whose move and clip go on meanwhile, fades into this one.
    Dissolve(Frames),
    /// The shot before fades to a colour, then the colour to this one.
    Dip(Frames, Colour),
    /// Both are seen at once, in parts of the frame that change.
    Pass(Pass),
}

/// An entry in which two shots are seen in parts of the frame that change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// How many frames.
    pub length: Frames,
    /// What happens.
    pub kind: PassKind,
    /// How it speeds up and slows down.
    pub ease: Ease,
}

/// What happens in a [`Pass`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PassKind {
    /// An edge so wide goes over the frame.
    Wipe(Direction, Percent),
    /// The new shot pushes the old one out.
    Push(Direction),
    /// The new shot slides over the old one.
    Slide(Direction),
    /// The new shot opens in a circle with an edge so wide.
    Iris(Percent),
    /// Into the old shot and out into the new one.
    ZoomThrough,
    /// As a push, smeared.
    Whip(Direction),
}

impl Entry {
    /// How many frames; 0 for a cut.
    pub const fn length(self) -> Frames {
        match self {
            Self::Cut => Frames(0),
            Self::Dissolve(frames) | Self::Dip(frames, _) => frames,
            Self::Pass(pass) => pass.length,
        }
    }
}

/// A shot's picture, made.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlacedPicture {
    /// A still of one or more layers.
    Still(Still),
    /// A video.
    Clip(Clip),
    /// A colour or a gradient.
    Plate(PlateSpec),
}

/// A look, with what it needs from outside.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PlacedLook {
    /// The look; never a named one.
    pub look: Look,
    /// Its table of colours, where it is a [`Look::Lut`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cube: Option<Artifact>,
}

/// A still picture in layers of the same size, the farthest first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Still {
    /// The layers: PNG images, all of `size` and the bleed around it.
    pub layers: Vec<StillLayer>,
    /// The part of the layers that is the picture; what lies outside is bleed for parallax.
    pub size: Size,
    /// Bleed on the left and right, in pixels of the layer.
    pub bleed_x: u32,
    /// Bleed at top and bottom, in pixels of the layer.
    pub bleed_y: u32,
    /// How far layers move against each other.
    pub parallax: Percent,
}

/// One layer of a still.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StillLayer {
    /// Its image: the part of the layer that is not wholly transparent.
    pub image: Artifact,
    /// Where in the layer the image begins, in pixels from the left of the bleed.
    pub x: u32,
    /// Where in the layer the image begins, in pixels from the top of the bleed.
    pub y: u32,
    /// The image's size.
    pub size: Size,
    /// 0 is farthest and moves least, 100 nearest.
    pub depth: u8,
    /// How its colours meet those below.
    #[serde(default, skip_serializing_if = "Blend::is_normal")]
    pub blend: Blend,
}

/// A piece of a video, read at the timeline's rate.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Clip {
    /// The video.
    pub video: Artifact,
    /// The frame's size as shown (rotation and pixel shape applied).
    pub size: Size,
    /// Where in the file to begin.
    pub start: Samples,
    /// Speed.
    pub speed: Percent,
    /// How many frames there are at the timeline's rate and this speed.
    pub frames: Frames,
    /// What follows after the last of them.
    pub then: ClipEnd,
}

/// A graphic in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedOverlay {
    /// The overlay.
    pub id: OverlayId,
    /// What is seen, the lowest first.
    pub parts: Vec<Part>,
    /// The clip that fills the parts' holes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<Clip>,
    /// Its first frame.
    pub from: Frames,
    /// How many frames.
    pub length: Frames,
    /// Length of its coming and going at either end.
    pub fade: Frames,
    /// How it comes.
    pub enter: Passage,
    /// How it goes.
    pub leave: Passage,
    /// How its colours meet those below.
    #[serde(default, skip_serializing_if = "Blend::is_normal")]
    pub blend: Blend,
    /// How much of it there is between its coming and its going.
    #[serde(default = "opaque", skip_serializing_if = "Percent::is_whole")]
    pub opacity: Percent,
}

const fn opaque() -> Percent {
    Percent::WHOLE
}

impl PlacedOverlay {
    /// What must be made before it can be painted.
    pub fn artifacts(&self) -> impl Iterator<Item = &Artifact> {
        let images = self.parts.iter().filter_map(|part| match &part.content {
            Content::Plate(plate) => Some(&plate.image),
            Content::Count(count) => Some(&count.plate.image),
            Content::Hole(_) => None,
        });
        images.chain(self.clip.iter().map(|clip| &clip.video))
    }
}

/// A picture with alpha and its place in the frame.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Plate {
    /// The PNG.
    pub image: Artifact,
    /// Left edge in the frame.
    pub x: i32,
    /// Top edge in the frame.
    pub y: i32,
    /// Its size.
    pub size: Size,
}

impl Plate {
    /// What it covers.
    pub const fn area(&self) -> Area {
        Area {
            x: self.x,
            y: self.y,
            size: self.size,
        }
    }
}

/// A caption in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedCaption {
    /// The cue it comes from.
    pub cue: CueId,
    /// Who speaks; in a caption that two share, in its first line.
    pub speaker: Option<CastId>,
    /// Who else, in its second line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<SecondLine>,
    /// Its lines, exactly as written when joined by a space (or by nothing in scripts without spaces).
    pub lines: Vec<String>,
    /// Its first frame.
    pub from: Frames,
    /// How many frames.
    pub length: Frames,
    /// How it looks.
    pub style: CaptionStyle,
    /// The language of its text, which decides on forms, direction and fonts.
    pub language: Language,
    /// Burned into the picture.
    pub burn: bool,
    /// Its words and when they are heard, in order; empty where the style shows nothing of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<CaptionWord>,
    /// The part of the frame that it must lie in; none is the whole frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safe: Option<SafeBox>,
    /// What must be made before its times are certain.
    pub timed_by: Vec<Digest>,
}

/// The second line of a caption that two speakers share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondLine {
    /// The cue that it comes from.
    pub cue: CueId,
    /// Who speaks.
    pub speaker: CastId,
}

/// A word of a caption, and when it is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CaptionWord {
    /// Where it stands.
    pub place: WordPlace,
    /// Its first frame, counted from the caption's first.
    pub from: Frames,
    /// How many frames; never 0.
    pub length: Frames,
}

/// Where in a caption a word stands: a part of one of its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WordPlace {
    /// The number of the line.
    pub line: u8,
    /// The byte of the line that it begins with.
    pub start: u32,
    /// The byte after its last.
    pub end: u32,
}

/// Which lane of the mix a sound belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lane {
    /// Speech. Music goes down under it.
    Voice,
    /// Sound effects.
    Sfx,
    /// Music.
    Music,
    /// A clip's own sound.
    Clip,
    /// Sounds of an audience.
    Reactions,
}

impl Lane {
    /// Every lane, in the order in which they are listed.
    pub const ALL: [Self; 5] = [
        Self::Voice,
        Self::Music,
        Self::Sfx,
        Self::Reactions,
        Self::Clip,
    ];

    /// Its name, as it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Voice => "voice",
            Self::Sfx => "sfx",
            Self::Music => "music",
            Self::Clip => "clip",
            Self::Reactions => "reactions",
        }
    }
}

/// A sound in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedSound {
    /// A name for people: the cue, bed or effect.
    pub name: String,
    /// Its lane.
    pub lane: Lane,
    /// The sound: a 48 kHz WAV.
    pub sound: Artifact,
    /// Its first sample in the episode.
    pub from: Samples,
    /// How many samples are heard.
    pub length: Samples,
    /// Level.
    pub gain: Decibels,
    /// Length of the fade in.
    pub fade_in: Samples,
    /// Length of the fade out.
    pub fade_out: Samples,
    /// How far it goes down under voices; 0 is not at all.
    pub duck: Decibels,
    /// Begins again where the sound is shorter than `length`.
    pub repeat: bool,
    /// How much of the sound's beginning is left out.
    #[serde(default, skip_serializing_if = "Samples::is_zero")]
    pub skip: Samples,
    /// The shape of the fade in.
    #[serde(default, skip_serializing_if = "FadeCurve::is_smooth")]
    pub fade_in_curve: FadeCurve,
    /// The shape of the fade out.
    #[serde(default, skip_serializing_if = "FadeCurve::is_smooth")]
    pub fade_out_curve: FadeCurve,
    /// Changes of its gain, in rising order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<PlacedLevel>,
    /// From −100, left, to 100, right.
    #[serde(default, skip_serializing_if = "is_middle")]
    pub pan: i8,
    /// When it goes down under voices.
    #[serde(default, skip_serializing_if = "Ducking::is_usual")]
    pub ducking: Ducking,
    /// Who is heard, in the voice's lane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<CastId>,
}

/// A gain at a moment of a placed sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedLevel {
    /// Counted from the sound's first sample that is heard.
    pub at: Samples,
    /// The gain there, added to the sound's own.
    pub gain: Decibels,
    /// How the gain comes here from the one before.
    pub ease: Ease,
}

impl PlacedSound {
    /// A sound as it is, for its whole length.
    pub fn plain(name: &str, lane: Lane, sound: &Artifact, time: (Samples, Samples)) -> Self {
        Self {
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
            skip: Samples(0),
            fade_in_curve: FadeCurve::default(),
            fade_out_curve: FadeCurve::default(),
            levels: Vec::new(),
            pan: 0,
            ducking: Ducking::default(),
            speaker: None,
        }
    }

    /// The sample after its last.
    pub fn end(&self) -> Samples {
        self.from + self.length
    }
}

/// Packs sounds into as few rows of their lanes as can be, so that no two in a row overlap: the row
/// of each, counted from 0 in its own lane, in the order of `sounds`.
///
/// Each goes to the first row that is free when it begins, which needs as many rows as the most
/// sounds of the lane that are heard at one time.
pub fn rows(sounds: &[PlacedSound]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sounds.len()).collect();
    order.sort_by_key(|n| (sounds[*n].from, *n));
    let mut free: BTreeMap<Lane, Vec<Samples>> = BTreeMap::new();
    let mut rows = vec![0; sounds.len()];
    for n in order {
        let sound = &sounds[n];
        let ends = free.entry(sound.lane).or_default();
        let row = ends.iter().position(|end| *end <= sound.from);
        rows[n] = row.unwrap_or(ends.len());
        match row {
            Some(row) => ends[row] = sound.end(),
            None => ends.push(sound.end()),
        }
    }
    rows
}

/// A stretch of the timeline that is encoded as one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ChunkRange {
    /// Its first frame.
    pub from: Frames,
    /// How many frames; never 0.
    pub length: Frames,
}
