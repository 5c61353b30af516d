//! Moves → where a camera stands at a moment.

use workprint_model::Percent;
use workprint_model::episode::{Framing, Move, MoveKind};

use super::camera::Moment;
use super::ease::ease;
use super::noise::wander;
use crate::maths::turn;
use crate::random::mixed;

/// A frame and a picture that is fitted to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage {
    /// The frame's size.
    pub(super) frame: [f64; 2],
    /// The picture's size, as cropped.
    pub(super) picture: [f64; 2],
    /// Picture pixels to one frame pixel at zoom 1.
    pub(super) scale: [f64; 2],
    /// The point of interest, in pixels of the picture as cropped.
    pub(super) focus: [f64; 2],
    /// Whether somebody named the point of interest: then it decides what a frame of another shape
    /// than the picture's shows of a framing.
    pub(super) reframes: bool,
}

/// Where a camera stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pose {
    pub(super) zoom: f64,
    /// The point of the picture in the middle of the frame.
    pub(super) centre: [f64; 2],
    /// Cosine and sine of how far the picture is turned clockwise.
    pub(super) turn: (f64, f64),
}

const UPRIGHT: (f64, f64) = (1.0, 0.0);

/// How long a drift keeps an aim across, down and nearer, in milliseconds.
const DRIFT: [f64; 3] = [2300.0, 2900.0, 3700.0];
/// How long the two parts of a shake keep an aim, in milliseconds, and their shares.
const SHAKE: [(f64, f64); 2] = [(190.0, 0.65), (83.0, 0.35)];

impl Stage {
    /// How many of the picture's pixels go along the frame at zoom 1.
    pub(super) fn extent(&self, axis: usize) -> f64 {
        self.frame[axis] * self.scale[axis]
    }

    /// How many of the picture's pixels the frame reaches over at zoom 1 when it is turned.
    pub(super) fn bound(&self, axis: usize, (cosine, sine): (f64, f64)) -> f64 {
        let other = self.frame[1 - axis] * sine.abs();
        (self.frame[axis] * cosine + other) * self.scale[axis]
    }

    /// Where the camera stands at a moment of a move.
    pub(super) fn pose(&self, shot_move: &Move, moment: Moment) -> Pose {
        let Moment { index, length, .. } = moment;
        let time = if length > 1 {
            ease(
                shot_move.ease,
                index.min(length - 1) as f64 / (length - 1) as f64,
            )
        } else {
            0.0
        };
        let reach = shot_move.reach().ratio();
        let Some(kind) = shot_move.kind else {
            return self.framed(shot_move, time);
        };
        match kind {
            MoveKind::Push => self.about(1.0 + reach * time),
            MoveKind::Pull => self.about(1.0 + reach * (1.0 - time)),
            MoveKind::Hold => self.about(1.0 + reach),
            MoveKind::PanLeft => self.sweep(0, reach, 0.5 - time),
            MoveKind::PanRight => self.sweep(0, reach, time - 0.5),
            MoveKind::TiltUp => self.sweep(1, reach, 0.5 - time),
            MoveKind::TiltDown => self.sweep(1, reach, time - 0.5),
            MoveKind::Rotate => self.turned(shot_move.reach().to_f64(), time),
            MoveKind::Drift | MoveKind::Shake => self.wandering(shot_move, reach, moment),
        }
    }

    /// From one framing to another.
    fn framed(&self, shot_move: &Move, time: f64) -> Pose {
        let between = |part: fn(&Framing) -> f64| {
            let (from, to) = (part(&shot_move.from), part(&shot_move.to));
            from + (to - from) * time
        };
        let zoom = between(|framing| framing.zoom.ratio()).max(1.0);
        let look = [
            between(|framing| framing.x.map_or(0.5, Percent::ratio)).clamp(0.0, 1.0),
            between(|framing| framing.y.map_or(0.5, Percent::ratio)).clamp(0.0, 1.0),
        ];
        let centre = [0, 1].map(|axis| {
            if self.reframes {
                self.reframed(axis, zoom, look[axis])
            } else {
                self.looked_at(axis, zoom, look[axis])
            }
        });
        Pose {
            zoom,
            centre,
            turn: UPRIGHT,
        }
    }

    /// The middle of a frame that looks as far to the side as `look` says.
    fn looked_at(&self, axis: usize, zoom: f64, look: f64) -> f64 {
        let extent = self.extent(axis) / zoom;
        let spare = self.picture[axis] - extent;
        if spare > 0.0 {
            extent / 2.0 + look * spare
        } else {
            self.picture[axis] / 2.0
        }
    }

    /// The middle of what a frame shows of the part of the picture, in the picture's own shape, that
    /// the framing names: as near to the focus as that part's edges allow.
    fn reframed(&self, axis: usize, zoom: f64, look: f64) -> f64 {
        let part = self.picture[axis] / zoom;
        let middle = part / 2.0 + look * (self.picture[axis] - part);
        let spare = (part - self.extent(axis) / zoom) / 2.0;
        if spare > 0.0 {
            self.focus[axis].clamp(middle - spare, middle + spare)
        } else {
            self.inside(axis, middle, zoom, 0.0)
        }
    }

    /// `centre`, so that a frame that goes as far as `travel` to both sides of it stays inside the
    /// picture; the picture's middle where it cannot.
    fn inside(&self, axis: usize, centre: f64, zoom: f64, travel: f64) -> f64 {
        let half = self.extent(axis) / zoom / 2.0 + travel;
        if 2.0 * half >= self.picture[axis] {
            self.picture[axis] / 2.0
        } else {
            centre.clamp(half, self.picture[axis] - half)
        }
    }

    /// Nearer to the focus, which stays where it lies in the frame at zoom 1.
    fn about(&self, zoom: f64) -> Pose {
        let centre = [0, 1].map(|axis| {
            let focus = self.focus[axis];
            let whole = self.inside(axis, focus, 1.0, 0.0);
            self.inside(axis, focus + (whole - focus) / zoom, zoom, 0.0)
        });
        Pose {
            zoom,
            centre,
            turn: UPRIGHT,
        }
    }

    /// Along an axis over `reach` of the frame, at `place` from −0.5 to 0.5 of the way.
    fn sweep(&self, axis: usize, reach: f64, place: f64) -> Pose {
        let zoom = (self.extent(axis) * (1.0 + reach) / self.picture[axis]).max(1.0);
        let mut pose = self.about(zoom);
        let way = self.extent(axis) / zoom * reach;
        pose.centre[axis] = self.inside(axis, self.focus[axis], zoom, way / 2.0) + way * place;
        pose
    }

    /// Turned by a part of `degrees`, so near that the picture fills the frame at every angle.
    fn turned(&self, degrees: f64, time: f64) -> Pose {
        let widest = [0, 1].map(|axis| self.widest(axis, degrees.abs()));
        let fills = [0, 1]
            .iter()
            .all(|&axis| self.extent(axis) <= self.picture[axis] + 1e-6);
        let zoom = if fills {
            (widest[0] / self.picture[0])
                .max(widest[1] / self.picture[1])
                .max(1.0)
        } else {
            1.0
        };
        let centre = [0, 1].map(|axis| {
            let travel = (widest[axis] - self.extent(axis)).max(0.0) / zoom / 2.0;
            self.inside(axis, self.focus[axis], zoom, travel)
        });
        Pose {
            zoom,
            centre,
            turn: turn(degrees * time),
        }
    }

    /// The most of the picture that a frame reaches over on its way from upright to an angle.
    fn widest(&self, axis: usize, degrees: f64) -> f64 {
        let (cosine, sine) = turn(degrees);
        let (own, other) = (self.frame[axis], self.frame[1 - axis]);
        if sine * own > cosine * other {
            (own * own + other * other).sqrt() * self.scale[axis]
        } else {
            self.bound(axis, (cosine, sine))
        }
    }

    /// Here and there about the focus, as far as `reach` of the frame to each side.
    fn wandering(&self, shot_move: &Move, reach: f64, moment: Moment) -> Pose {
        let seed = u64::from(shot_move.seed.unwrap_or_default());
        let drifts = shot_move.kind == Some(MoveKind::Drift);
        let path = |axis: u64, period: f64| wander(mixed(seed << 4 | axis), moment.millis / period);
        let place = |axis: u64| {
            if drifts {
                path(axis, DRIFT[axis as usize])
            } else {
                let parts = SHAKE.iter().zip(0..);
                parts
                    .map(|(&(period, share), part)| share * path(axis + 4 * part, period))
                    .sum()
            }
        };
        let most = 1.0 + 2.0 * reach;
        let nearer = if drifts {
            (1.0 + path(2, DRIFT[2])) / 4.0
        } else {
            0.0
        };
        let centre = [0, 1].map(|axis| {
            let way = self.extent(axis) / most * reach;
            self.inside(axis, self.focus[axis], most, way) + way * place(axis as u64)
        });
        Pose {
            zoom: most * (1.0 + reach * nearer),
            centre,
            turn: UPRIGHT,
        }
    }
}
