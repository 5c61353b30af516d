//! Timeline and time → the simplest description of a frame.

mod camera;
mod content;

use workprint_model::episode::{ClipEnd, Colour};
use workprint_model::timeline::{
    Clip, Entry, PlacedCaption, PlacedPicture, PlacedShot, Plate, Still, Timeline,
};
use workprint_model::{Artifact, Frames, Size};

pub use self::camera::{Bars, ONE, Window};
use self::camera::{Camera, Depth, Subject};
pub(crate) use self::content::{begin, write_captions, write_overlays};
use crate::sources::CaptionLook;

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
    /// Graphics over it, lowest first.
    pub overlays: Vec<ShownPlate>,
    /// Burned captions over everything.
    pub captions: Vec<CaptionLook>,
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
}

/// A shot as the camera sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// From the farthest.
    pub layers: Vec<Layer>,
    /// What of the frame is not black; none is all of it.
    pub bars: Option<Bars>,
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
    /// Whether the picture was cut out of a larger one that is nothing beyond it.
    pub cut: bool,
}

/// Where a layer's picture comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LayerSource {
    /// A still image.
    Still(Artifact),
    /// A frame of a clip, at the layer's size.
    Clip(Clip, Frames),
}

/// A graphic over the shots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownPlate {
    /// The graphic and its place.
    pub plate: Plate,
    /// How much of it there is, of [`WHOLE`].
    pub opacity: u16,
}

/// Describes frame `frame` of `timeline`. After the last frame the last shot goes on.
pub fn resolve(timeline: &Timeline, frame: Frames) -> Resolved {
    Resolved {
        size: timeline.size,
        base: base(timeline, frame),
        overlays: overlays_at(timeline, frame),
        captions: captions_at(timeline, frame),
    }
}

/// The graphics over a frame, lowest first.
pub(crate) fn overlays_at(timeline: &Timeline, frame: Frames) -> Vec<ShownPlate> {
    let shown = timeline.overlays.iter().filter_map(|overlay| {
        let index = within(frame, overlay.from, overlay.length)?;
        let opacity = fade(index, overlay.length.0, overlay.fade.0);
        Some(ShownPlate {
            plate: overlay.plate.clone(),
            opacity,
        })
    });
    shown.collect()
}

/// The captions burned into a frame.
pub(crate) fn captions_at(timeline: &Timeline, frame: Frames) -> Vec<CaptionLook> {
    let burned = captions_in(timeline, frame, Frames(1)).filter(|caption| caption.burn);
    let looks = burned.map(|caption| CaptionLook {
        lines: caption.lines.clone(),
        style: caption.style.clone(),
        language: caption.language.clone(),
        frame: timeline.size,
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
pub(crate) fn shots_at(timeline: &Timeline, frame: Frames) -> (Option<usize>, Option<usize>) {
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
        Entry::Cut | Entry::Dissolve(_) => (before, Some(number)),
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

pub(crate) fn base(timeline: &Timeline, frame: Frames) -> Base {
    let Some(shot) = shot_at(timeline, frame).map(|number| &timeline.shots[number]) else {
        return Base::Colour(Colour::new(0, 0, 0));
    };
    let (before, on) = shots_at(timeline, frame);
    let index = frame.0.saturating_sub(shot.from.0);
    let length = entry_length(shot);
    let entering = index < length;
    let see = |number| view(timeline, number, frame);
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

/// What shot `number` shows at `frame`, which may lie after its end while the next shot enters: its
/// move is laid over that too, so that nothing stands still.
fn view(timeline: &Timeline, number: usize, frame: Frames) -> View {
    let shot = &timeline.shots[number];
    let length = shot.length.0 + timeline.shots.get(number + 1).map_or(0, entry_length);
    let index = frame.0.saturating_sub(shot.from.0);
    match &shot.picture {
        PlacedPicture::Still(still) => still_view(still, shot, (index, length), timeline.size),
        PlacedPicture::Clip(clip) => {
            let size = camera::clip_size(clip.size, timeline.size, shot.fit, &shot.camera);
            let camera = Camera::at(
                &shot.camera,
                (index, length),
                Subject {
                    size,
                    fit: shot.fit,
                },
                timeline.size,
            );
            let source = LayerSource::Clip(clip.clone(), clip_frame(clip, index));
            View {
                layers: vec![Layer {
                    source,
                    size,
                    window: camera.window(Depth::FLAT),
                    cut: false,
                }],
                bars: camera.bars(),
            }
        }
    }
}

fn still_view(still: &Still, shot: &PlacedShot, time: (u64, u64), size: Size) -> View {
    let subject = Subject {
        size: still.size,
        fit: shot.fit,
    };
    let camera = Camera::at(&shot.camera, time, subject, size);
    let bleed = [still.bleed_x, still.bleed_y];
    let whole = Size {
        width: still.size.width.saturating_add(bleed[0].saturating_mul(2)),
        height: still.size.height.saturating_add(bleed[1].saturating_mul(2)),
    };
    let layers = still.layers.iter().map(|layer| {
        let window = camera.window(Depth::of(layer.depth, still.parallax.ratio(), bleed));
        Layer {
            source: LayerSource::Still(layer.image.clone()),
            size: layer.size,
            // The image may be a part of the layer; the window is counted from the image's edge.
            window: Window {
                left: window.left - i64::from(layer.x) * ONE,
                top: window.top - i64::from(layer.y) * ONE,
                ..window
            },
            cut: layer.size != whole,
        }
    });
    View {
        layers: layers.collect(),
        bars: camera.bars(),
    }
}

fn clip_frame(clip: &Clip, index: u64) -> Frames {
    let last = clip.frames.0.saturating_sub(1);
    Frames(match clip.then {
        ClipEnd::Loop => index % clip.frames.0.max(1),
        ClipEnd::Hold => index.min(last),
    })
}
