//! Where the camera looks: what part of a picture fills the frame.
//!
//! Only `+ − × ÷` in doubles, whose results are the same on every machine, and then at once to
//! fixed point.

use workprint_model::Size;
use workprint_model::episode::{Ease, Fit, Framing, Move};

/// 1.0 in the fixed point of windows.
pub const ONE: i64 = 1 << 16;

/// How much a layer's depth takes away from, or adds to, the camera's movement: at full parallax
/// the farthest layer moves 0.3 of it less and the nearest 0.3 more.
const DEPTH_SHARE: f64 = 0.6;

/// The part of a picture that fills the whole frame, in 1/65536 of the picture's pixels. It may
/// reach beyond the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The left edge.
    pub left: i64,
    /// The top edge.
    pub top: i64,
    /// The width; at least 1.
    pub width: i64,
    /// The height; at least 1.
    pub height: i64,
}

/// The part of the frame where there is picture, in 1/65536 of the frame's pixels; black is around
/// it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bars {
    /// The left edge of the picture.
    pub left: i64,
    /// The top edge.
    pub top: i64,
    /// The right edge.
    pub right: i64,
    /// The bottom edge.
    pub bottom: i64,
}

/// A camera over a picture at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Camera {
    frame: [f64; 2],
    picture: [f64; 2],
    /// Picture pixels to one frame pixel at zoom 1.
    scale: f64,
    zoom: f64,
    /// 0 looks as far left (up) as there is picture, 1 as far right (down).
    look: [f64; 2],
}

/// A picture that a camera looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject {
    /// The picture, without bleed.
    pub(super) size: Size,
    /// How it fills the frame.
    pub(super) fit: Fit,
}

/// How a layer moves with the camera.
#[derive(Debug, Clone, Copy)]
pub(super) struct Depth {
    /// 1 moves as the camera, 0 not at all.
    pub(super) follow: f64,
    /// How many pixels there are beyond the picture's edges, across and down.
    pub(super) bleed: [u32; 2],
}

impl Depth {
    /// A flat picture.
    pub(super) const FLAT: Self = Self {
        follow: 1.0,
        bleed: [0, 0],
    };

    /// Of a layer `depth` (0 far, 100 near) under a parallax of `ratio` (1.0 is full).
    pub(super) fn of(depth: u8, ratio: f64, bleed: [u32; 2]) -> Self {
        let away = f64::from(depth.min(100)) / 100.0 - 0.5;
        Self {
            follow: (1.0 + ratio * away * DEPTH_SHARE).max(0.0),
            bleed,
        }
    }
}

impl Camera {
    /// The camera of `shot_move` at frame `index` of `length`, over `subject` in a frame of `size`.
    pub(super) fn at(
        shot_move: &Move,
        (index, length): (u64, u64),
        subject: Subject,
        size: Size,
    ) -> Self {
        let time = if length > 1 {
            ease(
                shot_move.ease,
                index.min(length - 1) as f64 / (length - 1) as f64,
            )
        } else {
            0.0
        };
        let between = |part: fn(&Framing) -> f64| {
            let (from, to) = (part(&shot_move.from), part(&shot_move.to));
            from + (to - from) * time
        };
        let frame = pair(size);
        let picture = pair(subject.size);
        let (across, down) = (picture[0] / frame[0], picture[1] / frame[1]);
        Self {
            frame,
            picture,
            scale: match subject.fit {
                Fit::Cover => across.min(down),
                Fit::Contain => across.max(down),
            },
            zoom: between(|framing| framing.zoom.ratio()).max(1.0),
            look: [
                between(|framing| framing.x.ratio()).clamp(0.0, 1.0),
                between(|framing| framing.y.ratio()).clamp(0.0, 1.0),
            ],
        }
    }

    /// What a layer of `depth` shows, in the layer's own pixels (bleed included).
    pub(super) fn window(&self, depth: Depth) -> Window {
        let axes = [0, 1];
        let own = axes.map(|axis| self.extent(axis));
        // How much of the extent is within the picture: the rest is black at its sides.
        let inside = axes.map(|axis| (self.picture[axis] / own[axis]).min(1.0));
        let room = axes.map(|axis| self.picture[axis] + 2.0 * f64::from(depth.bleed[axis]));
        // Never so wide that the layer's end could be seen.
        let widest = axes.map(|axis| room[axis] / inside[axis] / (self.scale * self.frame[axis]));
        let zoom = 1.0 + depth.follow * (self.zoom - 1.0);
        let ratio = (1.0 / zoom).min(widest[0]).min(widest[1]);
        let [(left, width), (top, height)] = axes.map(|axis| {
            let extent = self.frame[axis] * self.scale * ratio;
            let middle = self.picture[axis] / 2.0;
            let bleed = f64::from(depth.bleed[axis]);
            let reach = (room[axis] - extent * inside[axis]).max(0.0) / 2.0;
            let away = (depth.follow * (self.centre(axis) - middle)).clamp(-reach, reach);
            (
                fixed(middle + away - extent / 2.0 + bleed),
                fixed(extent).max(1),
            )
        });
        Window {
            left,
            top,
            width,
            height,
        }
    }

    /// Where black is left around the picture; none when it fills the frame.
    pub(super) fn bars(&self) -> Option<Bars> {
        let [(left, right), (top, bottom)] = [0, 1].map(|axis| {
            let share = (self.picture[axis] / self.extent(axis)).min(1.0) * self.frame[axis];
            let edge = fixed((self.frame[axis] - share) / 2.0);
            (edge, fixed(self.frame[axis]) - edge)
        });
        let full = left <= 0 && top <= 0;
        (!full).then_some(Bars {
            left,
            top,
            right,
            bottom,
        })
    }

    /// How many of the picture's pixels go along the frame.
    fn extent(&self, axis: usize) -> f64 {
        self.frame[axis] * self.scale / self.zoom
    }

    /// The point of the picture in the middle of the frame.
    fn centre(&self, axis: usize) -> f64 {
        let extent = self.extent(axis);
        let spare = self.picture[axis] - extent;
        if spare > 0.0 {
            extent / 2.0 + self.look[axis] * spare
        } else {
            self.picture[axis] / 2.0
        }
    }
}

/// Polynomials only: the functions of a maths library differ from machine to machine.
fn ease(ease: Ease, time: f64) -> f64 {
    match ease {
        Ease::Smooth => time * time * (3.0 - 2.0 * time),
        Ease::Linear => time,
        Ease::In => time * time,
        Ease::Out => time * (2.0 - time),
    }
}

fn pair(size: Size) -> [f64; 2] {
    [f64::from(size.width.max(1)), f64::from(size.height.max(1))]
}

fn fixed(value: f64) -> i64 {
    (value * ONE as f64).round() as i64
}

/// The size at which a clip is asked for: as large as its largest framing needs, but never larger
/// than the clip where that already covers the frame.
///
/// Under a still camera the size differs from the frame's by a multiple of four along one axis (the
/// clip is stretched by at most three pixels), so that its samples fall on the frame's.
pub(super) fn clip_size(clip: Size, frame: Size, fit: Fit, camera: &Move) -> Size {
    let (own, target) = (pair(clip), pair(frame));
    let (across, down) = (target[0] / own[0], target[1] / own[1]);
    let whole = match fit {
        Fit::Cover => across.max(down),
        Fit::Contain => across.min(down),
    };
    let zoom = camera
        .from
        .zoom
        .ratio()
        .max(camera.to.zoom.ratio())
        .max(1.0);
    let still = zoom <= 1.0;
    let scale = (whole * zoom).min(whole.max(1.0));
    let [width, height] = [0, 1].map(|axis| {
        let side = own[axis] * scale;
        let side = if still {
            target[axis] + 4.0 * ((side - target[axis]) / 4.0 - 1e-9).ceil()
        } else {
            2.0 * (side / 2.0).round()
        };
        (side as u32).clamp(2, crate::yuv::MAX_SIDE)
    });
    Size { width, height }
}
