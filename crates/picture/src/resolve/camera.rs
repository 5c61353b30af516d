//! Where the camera looks: what part of a picture fills the frame.
//!
//! Only `+ − × ÷` in doubles, whose results are the same on every machine, and then at once to
//! fixed point.

use workprint_model::Size;
use workprint_model::episode::{Crop, Fit, Focus, Move};

use super::pose::Stage;

/// 1.0 in the fixed point of windows.
pub const ONE: i64 = 1 << 16;

/// How much a layer's depth takes away from, or adds to, the camera's movement: at full parallax
/// the farthest layer moves 0.3 of it less and the nearest 0.3 more.
const DEPTH_SHARE: f64 = 0.6;

/// The part of a picture that fills the whole frame, in 1/65536 of the picture's pixels. It may
/// reach beyond the picture, and lean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Where the frame's top left corner lies, across.
    pub left: i64,
    /// Where the frame's top left corner lies, down.
    pub top: i64,
    /// How far right of that corner the frame's top right corner lies; at least 1 where the window
    /// does not lean.
    pub width: i64,
    /// How far below that corner the frame's bottom left corner lies; at least 1 where the window
    /// does not lean.
    pub height: i64,
    /// How far right of its top left corner the frame's bottom left corner lies, and how far below
    /// it its top right corner: both 0 where the window's sides are the picture's.
    pub lean: [i64; 2],
}

impl Window {
    /// A window with upright sides.
    pub const fn upright(left: i64, top: i64, width: i64, height: i64) -> Self {
        Self {
            left,
            top,
            width,
            height,
            lean: [0, 0],
        }
    }

    /// All of a picture of `size`.
    pub fn whole(size: Size) -> Self {
        let [width, height] = [size.width, size.height].map(|side| i64::from(side) * ONE);
        Self::upright(0, 0, width, height)
    }

    /// Whether its sides are not the picture's.
    pub fn leans(&self) -> bool {
        self.lean != [0, 0]
    }

    /// The window of the same picture after everything in a frame of `size` was moved by `shift`.
    pub(super) fn shifted(&self, shift: Shift, size: Size) -> Self {
        let frame = pair(size);
        let [u, v] = [0, 1].map(|axis| -shift.by[axis] / shift.scale / frame[axis]);
        let along = |over: i64, down: i64| over as f64 * u + down as f64 * v;
        let scaled = |side: i64| (side as f64 / shift.scale).round() as i64;
        Self {
            left: self.left + along(self.width, self.lean[0]).round() as i64,
            top: self.top + along(self.lean[1], self.height).round() as i64,
            width: scaled(self.width).max(i64::from(!self.leans())),
            height: scaled(self.height).max(i64::from(!self.leans())),
            lean: self.lean.map(scaled),
        }
    }
}

/// A movement of everything in a frame: enlarged about its top left corner, then moved by pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shift {
    pub(super) scale: f64,
    pub(super) by: [f64; 2],
}

impl Shift {
    /// Where a place of the frame comes to lie.
    pub(super) fn place(&self, axis: usize, at: f64) -> f64 {
        at * self.scale + self.by[axis]
    }
}

/// The part of the frame where there is picture, in 1/65536 of the frame's pixels; around it is
/// black, or what lies behind.
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

impl Bars {
    /// The same part after everything in the frame was moved.
    pub(super) fn shifted(&self, shift: Shift) -> Self {
        let place = |axis, at: i64| fixed(shift.place(axis, at as f64 / ONE as f64));
        Self {
            left: place(0, self.left),
            top: place(1, self.top),
            right: place(0, self.right),
            bottom: place(1, self.bottom),
        }
    }
}

/// A camera over a picture at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Camera {
    stage: Stage,
    /// What of the picture is cut off at the left and at the top, in pixels.
    cropped: [f64; 2],
    zoom: f64,
    /// The point of the picture (as cropped) in the middle of the frame.
    centre: [f64; 2],
    /// Cosine and sine of how far the picture is turned clockwise.
    turn: (f64, f64),
}

/// A picture that a camera looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject {
    /// The picture, without bleed.
    pub(super) size: Size,
    /// How it fills the frame.
    pub(super) fit: Fit,
    /// Its point of interest.
    pub(super) focus: Option<Focus>,
    /// What of it is cut off.
    pub(super) crop: Crop,
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
    /// The camera of `shot_move` at a moment, over `subject` in a frame of `size`.
    pub(super) fn at(shot_move: &Move, moment: Moment, subject: &Subject, size: Size) -> Self {
        let (stage, cropped) = stage(subject, size);
        let pose = stage.pose(shot_move, moment);
        Self {
            stage,
            cropped,
            zoom: pose.zoom,
            centre: pose.centre,
            turn: pose.turn,
        }
    }

    /// What a layer of `depth` shows, in the layer's own pixels (bleed included).
    pub(super) fn window(&self, depth: Depth) -> Window {
        let Self { stage, turn, .. } = self;
        let axes = [0, 1];
        let bound = axes.map(|axis| stage.bound(axis, *turn));
        let own = bound.map(|bound| bound / self.zoom);
        // How much of the extent is within the picture: the rest is black at its sides.
        let inside = axes.map(|axis| (stage.picture[axis] / own[axis]).min(1.0));
        let room = axes.map(|axis| stage.picture[axis] + 2.0 * f64::from(depth.bleed[axis]));
        // Never so wide that the layer's end could be seen.
        let widest = axes.map(|axis| room[axis] / inside[axis] / bound[axis]);
        let zoom = 1.0 + depth.follow * (self.zoom - 1.0);
        let ratio = (1.0 / zoom).min(widest[0]).min(widest[1]);
        let middle = axes.map(|axis| {
            let middle = stage.picture[axis] / 2.0;
            let reach = (room[axis] - bound[axis] * ratio * inside[axis]).max(0.0) / 2.0;
            middle + (depth.follow * (self.centre[axis] - middle)).clamp(-reach, reach)
        });
        let [width, height] = axes.map(|axis| stage.frame[axis] * stage.scale[axis] * ratio);
        let (cosine, sine) = *turn;
        let lean = [
            height * sine * stage.scale[0] / stage.scale[1],
            -width * sine * stage.scale[1] / stage.scale[0],
        ];
        let sides = [width * cosine, height * cosine];
        let [left, top] = axes.map(|axis| {
            let edge = f64::from(depth.bleed[axis]) + self.cropped[axis];
            fixed(middle[axis] - f64::midpoint(sides[axis], lean[axis]) + edge)
        });
        Window {
            left,
            top,
            width: fixed(sides[0]).max(1),
            height: fixed(sides[1]).max(1),
            lean: lean.map(fixed),
        }
    }

    /// Where black is left around the picture; none when it fills the frame, or is turned.
    pub(super) fn bars(&self) -> Option<Bars> {
        if self.is_turned() {
            return None;
        }
        let stage = &self.stage;
        let [(left, right), (top, bottom)] = [0, 1].map(|axis| {
            let extent = stage.extent(axis) / self.zoom;
            let share = (stage.picture[axis] / extent).min(1.0) * stage.frame[axis];
            let edge = fixed((stage.frame[axis] - share) / 2.0);
            (edge, fixed(stage.frame[axis]) - edge)
        });
        let full = left <= 0 && top <= 0;
        (!full).then_some(Bars {
            left,
            top,
            right,
            bottom,
        })
    }

    /// Whether the picture is turned and does not fill the frame, so that its own edges are seen.
    pub(super) fn shows_edges(&self) -> bool {
        self.is_turned()
            && [0, 1].iter().any(|&axis| {
                self.stage.bound(axis, self.turn) / self.zoom > self.stage.picture[axis] + 1e-6
            })
    }

    fn is_turned(&self) -> bool {
        self.turn.1 != 0.0
    }

    /// Where the point of interest lies in the frame, in pixels; always inside.
    pub(super) fn interest(&self) -> [f64; 2] {
        let stage = &self.stage;
        [0, 1].map(|axis| {
            let away = stage.focus[axis] - self.centre[axis];
            let place = away * self.zoom / stage.scale[axis] + stage.frame[axis] / 2.0;
            place.clamp(0.0, stage.frame[axis])
        })
    }
}

/// A moment of a shot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// The frame, counted from the shot's first.
    pub(super) index: u64,
    /// How many frames the move takes.
    pub(super) length: u64,
    /// How long the shot has been on, in milliseconds.
    pub(super) millis: f64,
}

fn stage(subject: &Subject, size: Size) -> (Stage, [f64; 2]) {
    let (frame, whole) = (pair(size), pair(subject.size));
    let Crop {
        left,
        top,
        right,
        bottom,
    } = subject.crop;
    let edges = [(left, right), (top, bottom)];
    let cropped = [0, 1].map(|axis| whole[axis] * edges[axis].0.ratio());
    let picture = [0, 1].map(|axis| {
        let left = 1.0 - edges[axis].0.ratio() - edges[axis].1.ratio();
        (whole[axis] * left).max(1.0)
    });
    let (across, down) = (picture[0] / frame[0], picture[1] / frame[1]);
    let scale = match subject.fit {
        Fit::Cover => [across.min(down); 2],
        Fit::Contain | Fit::Blur => [across.max(down); 2],
        Fit::Fill => [across, down],
    };
    let focus = subject
        .focus
        .map_or([0.5; 2], |focus| [focus.x.ratio(), focus.y.ratio()]);
    let stage = Stage {
        frame,
        picture,
        scale,
        focus: [0, 1]
            .map(|axis| (focus[axis] * whole[axis] - cropped[axis]).clamp(0.0, picture[axis])),
        reframes: subject.focus.is_some(),
    };
    (stage, cropped)
}

pub(super) fn pair(size: Size) -> [f64; 2] {
    [f64::from(size.width.max(1)), f64::from(size.height.max(1))]
}

pub(super) fn fixed(value: f64) -> i64 {
    (value * ONE as f64).round() as i64
}

/// The size at which a clip is asked for: as large as its largest framing needs, but never larger
/// than the clip where that already covers the frame.
///
/// Under a still camera the size differs from the frame's by a multiple of four along one axis (the
/// clip is stretched by at most three pixels), so that its samples fall on the frame's.
pub(super) fn clip_size(clip: Size, frame: Size, subject: &Subject, camera: &Move) -> Size {
    let (own, target) = (pair(clip), pair(frame));
    let whole_subject = Subject {
        size: clip,
        ..*subject
    };
    let (stage, _) = stage(&whole_subject, frame);
    let (across, down) = (target[0] / stage.picture[0], target[1] / stage.picture[1]);
    let cover = across.max(down);
    let (whole, most) = match subject.fit {
        Fit::Cover => ([cover; 2], cover),
        Fit::Contain | Fit::Blur => ([across.min(down); 2], across.min(down)),
        Fit::Fill => ([across, down], cover),
    };
    let zoom = camera.nearest().ratio().max(1.0);
    let cropped = !subject.crop.is_none();
    let still = zoom <= 1.0 && !cropped;
    // What is enlarged beyond its own pixels is enlarged by the painter, where a crop asks for more
    // than all of the clip would need.
    let most = if cropped {
        most.min(target[0] / own[0] + target[1] / own[1])
    } else {
        most
    };
    let [width, height] = [0, 1].map(|axis| {
        let scale = (whole[axis] * zoom)
            .min(whole[axis].max(1.0))
            .min(most.max(1.0));
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
