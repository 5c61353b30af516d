//! Timeline and time → the simplest description of a frame.

mod camera;
mod content;
mod ease;
mod heard;
mod looks;
mod noise;
mod overlay;
mod pass;
mod pose;
mod puppets;
mod view;

use workprint_model::episode::{Blend, Colour, PlateSpec};
use workprint_model::timeline::{Clip, Entry, PlacedCaption, PlacedShot, Timeline};
use workprint_model::{Artifact, Frames, Size};

pub use self::camera::{Bars, ONE, Window};
pub use self::content::PAINT_REVISION;
pub(crate) use self::content::{begin, write_captions, write_looks, write_overlays, write_slate};
pub(crate) use self::looks::of_film as film_looks_at;
pub use self::looks::{Moment, ShownLook};
pub use self::overlay::{PIXEL, Shown, ShownClip, ShownPlate};
pub use self::pass::{Mask, Smear};
use crate::sources::{CaptionLook, SlateLook};

/// A [`Resolved::opacity`]-like share: this much is all of it.
pub const WHOLE: u16 = 256;

/// A frame, ready to be painted.
///
/// Nothing in it tells where in the episode it is: frames that look the same by construction are
/// equal, wherever they lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The frame's size.
    pub size: Size,
    /// What fills the frame.
    pub base: Base,
    /// Looks of the film, of what fills the frame.
    pub looks: Vec<ShownLook>,
    /// Graphics over it, lowest first.
    pub overlays: Vec<Shown>,
    /// Burned captions over everything.
    pub captions: Vec<CaptionLook>,
    /// The slate of a draft, which alone tells where in the episode the frame is.
    pub slate: Option<SlateLook>,
}

/// What fills a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// One colour.
    Colour(Colour),
    /// A shot.
    Shot(View),
    /// A shot, of which `share` of [`WHOLE`] is left, over one colour.
    Fade {
        /// The shot.
        view: View,
        /// The colour.
        colour: Colour,
        /// How much of the shot there is.
        share: u16,
    },
    /// A shot giving way to another.
    Mix {
        /// The shot that goes.
        from: View,
        /// The shot that comes.
        to: View,
        /// How much of `to` there is, of [`WHOLE`].
        share: u16,
    },
    /// Two shots in parts of the frame.
    Pass {
        /// The shot that goes.
        from: View,
        /// The shot that comes.
        to: View,
        /// Where it is seen.
        mask: Mask,
        /// How the frame is smeared by its own movement.
        smear: Option<Smear>,
    },
}

impl Base {
    /// The same with each of its views changed.
    fn map(self, change: impl Fn(View) -> View) -> Self {
        match self {
            Self::Colour(colour) => Self::Colour(colour),
            Self::Shot(view) => Self::Shot(change(view)),
            Self::Fade {
                view,
                colour,
                share,
            } => Self::Fade {
                view: change(view),
                colour,
                share,
            },
            Self::Mix { from, to, share } => Self::Mix {
                from: change(from),
                to: change(to),
                share,
            },
            Self::Pass {
                from,
                to,
                mask,
                smear,
            } => Self::Pass {
                from: change(from),
                to: change(to),
                mask,
                smear,
            },
        }
    }
}

/// A shot as the camera sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// From the farthest.
    pub layers: Vec<Layer>,
    /// Where in the frame they are seen; none is everywhere.
    pub bars: Option<Bars>,
    /// What is seen where they are not; black where it is missing.
    pub backdrop: Option<Backdrop>,
    /// Looks of the shot, of everything above together.
    pub looks: Vec<ShownLook>,
}

/// A shot's own picture behind it, blurred and darkened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backdrop {
    /// From the farthest, as a camera sees them that fills the frame.
    pub layers: Vec<Layer>,
    /// The part of that camera's frame which fills this one, in 1/65536 of a frame's pixels.
    pub window: Window,
}

/// One layer of a shot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The picture.
    pub source: LayerSource,
    /// The size that the picture must have.
    pub size: Size,
    /// What part of it fills the frame.
    pub window: Window,
    /// Whether there is nothing beyond the picture's edges: it was cut out of a larger one, or its
    /// own edges are seen.
    pub cut: bool,
    /// How its colours meet those below.
    pub blend: Blend,
    /// How much of it there is, of [`WHOLE`].
    pub opacity: u16,
}

/// Where a layer's picture comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LayerSource {
    /// A still image.
    Still(Artifact),
    /// A frame of a clip, at the layer's size.
    Clip(Clip, Frames),
    /// A colour or a gradient as large as the frame.
    Plate(PlateSpec),
}

/// Describes frame `frame` of `timeline`. After the last frame the last shot goes on.
pub fn resolve(timeline: &Timeline, frame: Frames) -> Resolved {
    Resolved {
        size: timeline.size,
        base: base(timeline, frame),
        looks: looks::of_film(timeline, frame),
        overlays: overlays_at(timeline, frame),
        captions: captions_at(timeline, frame),
        slate: slate_at(timeline, frame),
    }
}

/// The slate of a frame, where the timeline is a draft's.
pub(crate) fn slate_at(timeline: &Timeline, frame: Frames) -> Option<SlateLook> {
    timeline.slate.then(|| SlateLook {
        shot: shot_at(timeline, frame)
            .map(|number| timeline.shots[number].id.to_string())
            .unwrap_or_default(),
        time: timeline.rate.timecode(frame),
        frame: timeline.size,
    })
}

/// The graphics over a frame, lowest first.
pub(crate) fn overlays_at(timeline: &Timeline, frame: Frames) -> Vec<Shown> {
    let mut shown = Vec::new();
    for overlay in &timeline.overlays {
        if let Some(index) = within(frame, overlay.from, overlay.length) {
            shown.extend(overlay::shown(
                overlay,
                index,
                (timeline.rate, timeline.size),
            ));
        }
    }
    shown
}

/// The captions burned into a frame.
pub(crate) fn captions_at(timeline: &Timeline, frame: Frames) -> Vec<CaptionLook> {
    let burned = captions_in(timeline, frame, Frames(1)).filter(|caption| caption.burn);
    let looks = burned.map(|caption| {
        let index = frame.0.saturating_sub(caption.from.0);
        let heard = heard::heard(caption, index, timeline.rate);
        let words = caption.words.iter().filter(|_| heard.is_some());
        CaptionLook {
            lines: caption.lines.clone(),
            style: caption.style.clone(),
            language: caption.language.clone(),
            frame: timeline.size,
            safe: caption.safe,
            words: words.map(|word| word.place).collect(),
            heard,
        }
    });
    looks.collect()
}

/// The captions seen in a stretch. They lie in order without overlapping, so few are looked at.
pub(crate) fn captions_in(
    timeline: &Timeline,
    from: Frames,
    length: Frames,
) -> impl Iterator<Item = &PlacedCaption> {
    let end = from.0.saturating_add(length.0);
    let over = |caption: &PlacedCaption| caption.from.0.saturating_add(caption.length.0) <= from.0;
    let first = timeline.captions.partition_point(over);
    timeline.captions[first..]
        .iter()
        .take_while(move |caption| caption.from.0 < end)
        .filter(|caption| caption.length.0 > 0)
}

/// How far `frame` is into a stretch, where it is inside.
pub(crate) fn within(frame: Frames, from: Frames, length: Frames) -> Option<u64> {
    let index = frame.0.checked_sub(from.0)?;
    (index < length.0).then_some(index)
}

/// Opacity that rises over the first `fade` frames and falls over the last; never 0.
fn fade(index: u64, length: u64, fade: u64) -> u16 {
    let near = (index + 1).min(length - index).min(fade.saturating_add(1));
    let share = u128::from(near) * u128::from(WHOLE) / (u128::from(fade) + 1);
    (share as u16).clamp(1, WHOLE)
}

/// How long a shot's entry really is: no longer than the shot.
pub(crate) fn entry_length(shot: &PlacedShot) -> u64 {
    shot.entry.length().0.min(shot.length.0)
}

/// The number of the shot that is on at `frame`: the last one that has begun.
pub(crate) fn shot_at(timeline: &Timeline, frame: Frames) -> Option<usize> {
    let after = timeline.shots.partition_point(|shot| shot.from <= frame);
    (!timeline.shots.is_empty()).then_some(after.saturating_sub(1))
}

/// Which shots can be seen at `frame`: the one that is on, and before it the one that it replaces.
fn shots_at(timeline: &Timeline, frame: Frames) -> (Option<usize>, Option<usize>) {
    let Some(number) = shot_at(timeline, frame) else {
        return (None, None);
    };
    let shot = &timeline.shots[number];
    let index = frame.0.saturating_sub(shot.from.0);
    let entering = index < entry_length(shot);
    let before = number.checked_sub(1).filter(|_| entering);
    match shot.entry {
        // The two halves of a dip show one shot each.
        Entry::Dip(..) if entering && dip(index, entry_length(shot)).0 => (before, None),
        Entry::Dip(..) => (None, Some(number)),
        Entry::Cut | Entry::Dissolve(_) | Entry::Pass(_) => (before, Some(number)),
    }
}

/// Whether the shot before is still seen at frame `index` of a dip, and how much of the shot seen
/// there is.
fn dip(index: u64, length: u64) -> (bool, u16) {
    let (twice, length) = (2 * u128::from(index), u128::from(length));
    (
        twice < length,
        (length.abs_diff(twice) * u128::from(WHOLE) / length) as u16,
    )
}

/// Which shots are seen in what fills `frame`: a look that holds pictures may hold one of an earlier
/// frame.
pub(crate) fn shots_seen(timeline: &Timeline, frame: Frames) -> (Option<usize>, Option<usize>) {
    let (held, _) = looks::film_time(timeline, frame);
    shots_at(timeline, held)
}

/// What fills a frame. Under a look that holds pictures, one is held until the next.
pub(crate) fn base(timeline: &Timeline, frame: Frames) -> Base {
    let (held, weave) = looks::film_time(timeline, frame);
    let base = moving_base(timeline, held);
    match weave {
        Some(shift) => base.map(|view| view.shifted(shift, timeline.size)),
        None => base,
    }
}

fn moving_base(timeline: &Timeline, frame: Frames) -> Base {
    let Some(shot) = shot_at(timeline, frame).map(|number| &timeline.shots[number]) else {
        return Base::Colour(Colour::new(0, 0, 0));
    };
    let (before, on) = shots_at(timeline, frame);
    let index = frame.0.saturating_sub(shot.from.0);
    let length = entry_length(shot);
    let entering = index < length;
    let see = |number| view::seen(timeline, number, frame);
    if let (Some(before), Some(on), Entry::Pass(pass)) = (before, on, shot.entry) {
        return pass::base(pass, (index, length), (see(before), see(on)), timeline.size);
    }
    let see = |number| see(number).view;
    match (before.map(see), on.map(see), shot.entry) {
        (Some(from), Some(to), _) => {
            // As a function of time sampled at the frames' starts: all of the old shot at 0.
            let share = (u128::from(index) * u128::from(WHOLE) / u128::from(length)) as u16;
            if share == 0 {
                Base::Shot(from)
            } else {
                Base::Mix { from, to, share }
            }
        }
        (Some(view), None, Entry::Dip(_, colour)) | (None, Some(view), Entry::Dip(_, colour))
            if entering =>
        {
            let (_, share) = dip(index, length);
            match share {
                0 => Base::Colour(colour),
                WHOLE => Base::Shot(view),
                _ => Base::Fade {
                    view,
                    colour,
                    share,
                },
            }
        }
        // The first shot has none to replace: it comes out of black.
        (None, Some(view), Entry::Dissolve(_)) if entering => {
            let share = (u128::from(index) * u128::from(WHOLE) / u128::from(length)) as u16;
            Base::Fade {
                view,
                colour: Colour::new(0, 0, 0),
                share,
            }
        }
        (None, None, Entry::Dip(_, colour)) => Base::Colour(colour),
        (Some(view), None, _) | (None, Some(view), _) => Base::Shot(view),
        (None, None, _) => Base::Colour(Colour::new(0, 0, 0)),
    }
}
