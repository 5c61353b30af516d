//! A shot at a moment → its layers as the camera sees them.

use workprint_model::episode::{Blend, ClipEnd, Crop, Fit, Move, PlateSpec};
use workprint_model::timeline::{Clip, PlacedPicture, PlacedShot, Still, Timeline};
use workprint_model::{Frames, Size};

use super::camera::{Camera, Depth, Moment, ONE, Shift, Subject, Window, clip_size};
use super::puppets;
use super::{Backdrop, Layer, LayerSource, View, WHOLE, entry_length, looks};

/// A shot as the camera sees it, and where its point of interest lies in the frame, in pixels.
pub(super) struct Seen {
    pub(super) view: View,
    pub(super) interest: [f64; 2],
}

/// What shot `number` shows at `frame`, which may lie after its end while the next shot enters: its
/// move is laid over that too, so that nothing stands still.
pub(super) fn seen(timeline: &Timeline, number: usize, frame: Frames) -> Seen {
    let shot = &timeline.shots[number];
    let length = shot.length.0 + timeline.shots.get(number + 1).map_or(0, entry_length);
    let index = frame.0.saturating_sub(shot.from.0);
    let rate = timeline.rate;
    let index = looks::held(&shot.looks, rate, index);
    let looks = looks::shown(&shot.looks, shot, index);
    let moment = Moment {
        index,
        length,
        millis: index as f64 * f64::from(rate.den()) * 1000.0 / f64::from(rate.num()),
    };
    let (subject, picture) = picture(timeline, shot, index);
    // A plate is as large as the frame, and stays so.
    let still = Move::default();
    let shot_move = match picture {
        Picture::Plate(_) => &still,
        _ => &shot.camera,
    };
    let camera = Camera::at(shot_move, moment, &subject, timeline.size);
    let layers = picture.layers(&camera, &subject);
    let layers = match picture {
        Picture::Still(still) => {
            let depths: Vec<u8> = still.layers.iter().map(|layer| layer.depth).collect();
            let bleed = [still.bleed_x, still.bleed_y];
            let depth = |depth| Depth::of(depth, still.parallax.ratio(), bleed);
            let stage = (subject.size, &depth as &dyn Fn(u8) -> Depth);
            puppets::among((layers, &depths), (shot, rate, index), &camera, stage)
        }
        Picture::Clip(..) | Picture::Plate(_) => {
            let flat = |_| Depth::FLAT;
            let stage = (subject.size, &flat as &dyn Fn(u8) -> Depth);
            puppets::among((layers, &[0]), (shot, rate, index), &camera, stage)
        }
    };
    let bars = camera.bars();
    let open = bars.is_some() || camera.shows_edges();
    let weave = looks::weave(&looks, timeline.size);
    let view = View {
        layers,
        bars,
        backdrop: (shot.fit == Fit::Blur && open)
            .then(|| backdrop(picture, shot, subject, timeline.size)),
        looks,
    };
    Seen {
        interest: camera.interest(),
        view: match weave {
            Some(shift) => view.shifted(shift, timeline.size),
            None => view,
        },
    }
}

/// What is seen in frame `index` of a shot, and how it is looked at.
fn picture<'a>(timeline: &Timeline, shot: &'a PlacedShot, index: u64) -> (Subject, Picture<'a>) {
    let mut subject = Subject {
        size: timeline.size,
        fit: shot.fit,
        focus: shot.focus,
        crop: shot.crop,
    };
    if matches!(shot.picture, PlacedPicture::Plate(_)) {
        (subject.fit, subject.focus, subject.crop) = (Fit::Cover, None, Crop::default());
    }
    let picture = match &shot.picture {
        PlacedPicture::Still(still) => {
            subject.size = still.size;
            Picture::Still(still)
        }
        PlacedPicture::Clip(clip) => {
            subject.size = clip.size;
            subject.size = clip_size(clip.size, timeline.size, &subject, &shot.camera);
            Picture::Clip(clip, clip_frame(clip, index))
        }
        PlacedPicture::Plate(plate) => Picture::Plate(plate),
    };
    (subject, picture)
}

/// What a shot's layers are made of.
#[derive(Clone, Copy)]
enum Picture<'a> {
    Still(&'a Still),
    Clip(&'a Clip, Frames),
    Plate(&'a PlateSpec),
}

impl Picture<'_> {
    fn layers(self, camera: &Camera, subject: &Subject) -> Vec<Layer> {
        match self {
            Self::Still(still) => still_layers(still, camera),
            Self::Plate(plate) => vec![Layer {
                source: LayerSource::Plate(plate.clone()),
                size: subject.size,
                window: Window::whole(subject.size),
                cut: false,
                blend: Blend::Normal,
                opacity: WHOLE,
            }],
            Self::Clip(clip, frame) => vec![Layer {
                source: LayerSource::Clip(clip.clone(), frame),
                size: subject.size,
                window: camera.window(Depth::FLAT),
                cut: camera.shows_edges(),
                blend: Blend::Normal,
                opacity: WHOLE,
            }],
        }
    }
}

fn still_layers(still: &Still, camera: &Camera) -> Vec<Layer> {
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
            cut: layer.size != whole || camera.shows_edges(),
            blend: layer.blend,
            opacity: WHOLE,
        }
    });
    layers.collect()
}

/// The shot's picture without its move, filling the frame.
fn backdrop(picture: Picture<'_>, shot: &PlacedShot, subject: Subject, size: Size) -> Backdrop {
    let subject = Subject {
        fit: Fit::Cover,
        focus: shot.focus,
        ..subject
    };
    let first = Moment {
        index: 0,
        length: 1,
        millis: 0.0,
    };
    let camera = Camera::at(&Move::default(), first, &subject, size);
    Backdrop {
        layers: picture.layers(&camera, &subject),
        window: Window::whole(size),
    }
}

impl View {
    /// The view after everything in its frame was moved.
    pub(super) fn shifted(mut self, shift: Shift, size: Size) -> Self {
        let move_layers = |layers: &mut [Layer]| {
            for layer in layers {
                layer.window = layer.window.shifted(shift, size);
            }
        };
        move_layers(&mut self.layers);
        if let Some(backdrop) = &mut self.backdrop {
            backdrop.window = backdrop.window.shifted(shift, size);
        }
        self.bars = self.bars.map(|bars| bars.shifted(shift));
        self
    }
}

pub(super) fn clip_frame(clip: &Clip, index: u64) -> Frames {
    let last = clip.frames.0.saturating_sub(1);
    Frames(match clip.then {
        ClipEnd::Loop => index % clip.frames.0.max(1),
        ClipEnd::Hold => index.min(last),
    })
}
