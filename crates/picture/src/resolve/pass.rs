//! Transitions in which two shots are seen in parts of the frame.

use workprint_model::Size;
use workprint_model::episode::Direction;
use workprint_model::timeline::{Pass, PassKind};

use super::camera::{Bars, Shift, fixed, pair};
use super::ease::ease;
use super::view::Seen;
use super::{Base, WHOLE};
use crate::maths::power_of_two;

/// How far a zoom goes through the old shot, as a power of two: four times.
const THROUGH: f64 = 2.0;
/// The part of a zoom over which the new shot appears.
const APPEARS: f64 = 0.45;
/// The soft edge of the new shot in a zoom, in parts of the frame's height.
const THROUGH_SOFT: f64 = 0.12;

/// Where of a frame the shot that comes is seen. All lengths are in 1/65536 of the frame's pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// On one side of a line across the frame.
    Line {
        /// 0 counts across, 1 down.
        axis: usize,
        /// Where the line lies.
        at: i64,
        /// How wide it is; never less than a sample.
        soft: i64,
        /// Whether the shot that comes lies beyond the line, not before it.
        beyond: bool,
    },
    /// In a circle.
    Circle {
        /// The middle.
        centre: [i64; 2],
        /// The radius, to the middle of the edge.
        radius: i64,
        /// How wide the edge is; never less than a pixel.
        soft: i64,
    },
    /// In a rectangle.
    Rectangle {
        /// Its outer edges.
        edges: Bars,
        /// How wide its edge is, inwards; never less than a pixel.
        soft: i64,
        /// How much of the shot there is inside, of [`WHOLE`].
        share: u16,
    },
}

/// A movement along an axis that smears the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Smear {
    /// 0 is across, 1 down.
    pub axis: usize,
    /// How far each pixel is smeared, in pixels; at least 2.
    pub length: u32,
}

/// What is seen at frame `index` of a transition's `length`.
pub(super) fn base(
    pass: Pass,
    (index, length): (u64, u64),
    (from, to): (Seen, Seen),
    size: Size,
) -> Base {
    if index == 0 {
        return Base::Shot(from.view);
    }
    let at = |time: f64| ease(pass.ease, (time / length as f64).clamp(0.0, 1.0));
    let time = at(index as f64);
    match pass.kind {
        PassKind::Wipe(direction, softness) => {
            let soft = softness.ratio() * pair(size)[axis(direction)];
            plain(from, to, line(direction, time, soft, size))
        }
        PassKind::Iris(softness) => iris((from, to), time, softness.ratio(), size),
        PassKind::Push(direction) => pushed((from, to), direction, time, size),
        PassKind::Slide(direction) => {
            let to = Seen {
                view: to.view.shifted(pixels(direction, time - 1.0, size), size),
                ..to
            };
            plain(from, to, line_of_sweep(direction, time, size))
        }
        PassKind::ZoomThrough => zoom((from, to), time, size),
        PassKind::Whip(direction) => {
            let speed = at(index as f64 + 0.5) - at(index as f64 - 0.5);
            let axis = axis(direction);
            let length = (speed * pair(size)[axis]).round() as u32;
            let base = pushed((from, to), direction, time, size);
            match base {
                Base::Pass { from, to, mask, .. } if length > 1 => Base::Pass {
                    from,
                    to,
                    mask,
                    smear: Some(Smear { axis, length }),
                },
                other => other,
            }
        }
    }
}

fn plain(from: Seen, to: Seen, mask: Mask) -> Base {
    Base::Pass {
        from: from.view,
        to: to.view,
        mask,
        smear: None,
    }
}

const fn axis(direction: Direction) -> usize {
    match direction {
        Direction::Left | Direction::Right => 0,
        Direction::Up | Direction::Down => 1,
    }
}

/// Whether pictures move towards smaller places.
const fn is_back(direction: Direction) -> bool {
    matches!(direction, Direction::Left | Direction::Up)
}

/// A movement by a part of the frame.
fn pixels(direction: Direction, part: f64, size: Size) -> Shift {
    let axis = axis(direction);
    let mut by = [0.0; 2];
    by[axis] = pair(size)[axis] * if is_back(direction) { -part } else { part };
    Shift { scale: 1.0, by }
}

/// The edge of a wipe, which is outside of the frame at 0 and at 1.
fn line(direction: Direction, time: f64, soft: f64, size: Size) -> Mask {
    let axis = axis(direction);
    let length = pair(size)[axis];
    let way = time * (length + soft) - soft / 2.0;
    let at = if is_back(direction) {
        length - way
    } else {
        way
    };
    Mask::Line {
        axis,
        at: fixed(at),
        soft: fixed(soft),
        beyond: is_back(direction),
    }
}

/// Where two pictures meet.
fn line_of_sweep(direction: Direction, time: f64, size: Size) -> Mask {
    line(direction, time, 0.0, size)
}

fn pushed((from, to): (Seen, Seen), direction: Direction, time: f64, size: Size) -> Base {
    Base::Pass {
        from: from.view.shifted(pixels(direction, time, size), size),
        to: to.view.shifted(pixels(direction, time - 1.0, size), size),
        mask: line_of_sweep(direction, time, size),
        smear: None,
    }
}

fn iris((from, to): (Seen, Seen), time: f64, softness: f64, size: Size) -> Base {
    let frame = pair(size);
    let soft = softness * frame[1];
    let farthest = [0, 1].map(|axis| to.interest[axis].max(frame[axis] - to.interest[axis]));
    let corner = (farthest[0] * farthest[0] + farthest[1] * farthest[1]).sqrt();
    let mask = Mask::Circle {
        centre: to.interest.map(fixed),
        radius: fixed(time * (corner + soft) - soft / 2.0),
        soft: fixed(soft),
    };
    plain(from, to, mask)
}

/// Both shots are enlarged about the old one's point of interest, where the new one lies as a small
/// picture that fills the frame at the end.
fn zoom((from, to): (Seen, Seen), time: f64, size: Size) -> Base {
    let about = |scale: f64| Shift {
        scale,
        by: from.interest.map(|at| at * (1.0 - scale)),
    };
    let near = about(power_of_two(THROUGH * time));
    let far = about(power_of_two(THROUGH * (time - 1.0)));
    let frame = pair(size);
    let [right, bottom] = [0, 1].map(|axis| fixed(far.place(axis, frame[axis])));
    let share = (time / APPEARS).min(1.0) * f64::from(WHOLE);
    Base::Pass {
        mask: Mask::Rectangle {
            edges: Bars {
                left: fixed(far.place(0, 0.0)),
                top: fixed(far.place(1, 0.0)),
                right,
                bottom,
            },
            soft: fixed(THROUGH_SOFT * frame[1] * far.scale * (1.0 - time)),
            share: share.round() as u16,
        },
        from: from.view.shifted(near, size),
        to: to.view.shifted(far, size),
        smear: None,
    }
}
