//! A pose → which pieces are seen, and where in the picture each of them lies.
//!
//! Only `+ − × ÷` in doubles, whose results are the same on every machine.

use workprint_model::puppet::Mood;
use workprint_model::rig::{Eyes, Part, PlacedPuppet, RigPart, RigPiece, Side};
use workprint_model::{Rate, Size};

use super::chance::UNIT;
use super::pose::{Motion, Pose, pose};

/// A piece of a puppet in a picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Laid<'a> {
    /// The piece.
    pub(crate) piece: &'a RigPiece,
    /// From the piece's pixels, counted from its left top corner, to the picture's.
    pub(crate) place: Affine,
}

/// `x' = xx·x + xy·y + x0`, `y' = yx·x + yy·y + y0`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Affine {
    pub(crate) xx: f64,
    pub(crate) xy: f64,
    pub(crate) yx: f64,
    pub(crate) yy: f64,
    pub(crate) x0: f64,
    pub(crate) y0: f64,
}

impl Affine {
    const SAME: Self = Self {
        xx: 1.0,
        xy: 0.0,
        yx: 0.0,
        yy: 1.0,
        x0: 0.0,
        y0: 0.0,
    };

    const fn shift(x0: f64, y0: f64) -> Self {
        Self {
            x0,
            y0,
            ..Self::SAME
        }
    }

    /// First `inner`, then this.
    fn after(self, inner: Self) -> Self {
        Self {
            xx: self.xx * inner.xx + self.xy * inner.yx,
            xy: self.xx * inner.xy + self.xy * inner.yy,
            yx: self.yx * inner.xx + self.yy * inner.yx,
            yy: self.yx * inner.xy + self.yy * inner.yy,
            x0: self.xx * inner.x0 + self.xy * inner.y0 + self.x0,
            y0: self.yx * inner.x0 + self.yy * inner.y0 + self.y0,
        }
    }

    /// A motion of something `height` tall about a point of it.
    fn of(motion: &Motion, [x, y]: [f64; 2], height: f64) -> Self {
        let amount = |value: i64| value as f64 / UNIT as f64;
        let [grow_x, grow_y] = motion.grow.map(|grow| 1.0 + amount(grow));
        // A turn by its half's tangent: no table, no library, and no change of size.
        let half = amount(motion.turn.clamp(-2 * UNIT, 2 * UNIT)) / 2.0;
        let tangent = half + half * half * half / 3.0;
        let whole = 1.0 + tangent * tangent;
        let (sine, cosine) = (2.0 * tangent / whole, (1.0 - tangent * tangent) / whole);
        let turned = Self {
            xx: cosine * grow_x,
            xy: -sine * grow_y,
            yx: sine * grow_x,
            yy: cosine * grow_y,
            x0: x + amount(motion.shift[0]) * height,
            y0: y + amount(motion.shift[1]) * height,
        };
        turned.after(Self::shift(-x, -y))
    }
}

/// The pieces of a puppet that are seen at frame `index` of its shot, in the order in which they are
/// painted, in a picture of `size`.
pub(crate) fn seen(puppet: &PlacedPuppet, rate: Rate, index: u64, size: Size) -> Vec<Laid<'_>> {
    let rig = &puppet.rig;
    let pose = pose(puppet, rate, index);
    let height = f64::from(rig.height.max(1));
    let scale = f64::from(size.height) * puppet.height.ratio() / height;
    let stand = Affine {
        xx: scale,
        yy: scale,
        x0: f64::from(size.width) * puppet.x.ratio(),
        y0: f64::from(size.height) * puppet.y.ratio(),
        ..Affine::SAME
    };
    let jump = Affine::of(&pose.whole, [0.0, 0.0], height);
    // Parts come after those that they lie in, so one pass knows where each is.
    let mut places: Vec<Option<Affine>> = Vec::with_capacity(rig.parts.len());
    for (number, part) in rig.parts.iter().enumerate() {
        let outer = match part.within {
            None if part.part == Part::Shadow => Some(stand),
            None => Some(stand.after(jump)),
            Some(within) => places.get(usize::from(within)).copied().flatten(),
        };
        let shown = outer.filter(|_| is_shown(&rig.parts, number, &pose));
        places.push(shown.map(|outer| {
            let pivot = part.pivot.map(f64::from);
            let motion = motion(part, &pose, rig.height, &rig.parts);
            outer.after(Affine::of(&motion, pivot, height))
        }));
    }
    let pieces = rig.pieces.iter().filter_map(|piece| {
        let place = match piece.part {
            None => Some(stand.after(jump)),
            Some(part) => places.get(usize::from(part)).copied().flatten(),
        };
        Some(Laid {
            piece,
            place: place?.after(Affine::shift(f64::from(piece.x), f64::from(piece.y))),
        })
    });
    pieces.collect()
}

fn motion(part: &RigPart, pose: &Pose, height: u32, parts: &[RigPart]) -> Motion {
    let reached = |gaze: [i64; 2]| {
        let shift = |axis: usize| {
            gaze[axis].clamp(-UNIT, UNIT) * i64::from(part.reach[axis]) / i64::from(height.max(1))
        };
        Motion {
            shift: [shift(0), shift(1)],
            ..Motion::default()
        }
    };
    match &part.part {
        Part::Body => pose.body,
        Part::Head => pose.head,
        Part::Face if is_turned(part, pose, parts) => Motion::default(),
        Part::Face => reached(pose.face),
        Part::Pupils => reached(pose.pupils),
        Part::Arm(side, _) => Motion {
            turn: pose.arm_turns[usize::from(*side == Side::Right)],
            ..Motion::default()
        },
        Part::Shadow | Part::Turn(_) | Part::Eyes(_) | Part::Brow(_) | Part::Mouth(..) => {
            Motion::default()
        }
    }
}

/// Whether a part lies in a drawing of the head that is turned already.
fn is_turned(part: &RigPart, pose: &Pose, parts: &[RigPart]) -> bool {
    let mut at = part.within;
    while let Some(within) = at.and_then(|within| parts.get(usize::from(within))) {
        if matches!(within.part, Part::Turn(Some(_))) {
            return pose.turn.is_some();
        }
        at = within.within;
    }
    false
}

/// Whether a part is seen among those of its set that lie in the same part.
fn is_shown(parts: &[RigPart], number: usize, pose: &Pose) -> bool {
    let part = &parts[number];
    if !part.part.is_one_of_a_set() {
        return true;
    }
    let Some(own) = rank(&part.part, pose) else {
        return false;
    };
    let rivals = parts.iter().enumerate().filter(|(other, rival)| {
        *other != number && rival.within == part.within && same_set(&rival.part, &part.part)
    });
    let mut ranks = rivals.filter_map(|(other, rival)| Some((rank(&rival.part, pose)?, other)));
    ranks.all(|rank| rank > (own, number))
}

const fn same_set(one: &Part, other: &Part) -> bool {
    match (one, other) {
        (Part::Arm(one, _), Part::Arm(other, _)) => *one as u8 == *other as u8,
        (Part::Turn(_), Part::Turn(_))
        | (Part::Eyes(_), Part::Eyes(_))
        | (Part::Brow(_), Part::Brow(_))
        | (Part::Mouth(..), Part::Mouth(..)) => true,
        _ => false,
    }
}

/// How far a part is from what the pose asks for: 0 is that itself, none is never seen in it.
fn rank(part: &Part, pose: &Pose) -> Option<usize> {
    let place = |found: bool, rank: usize| found.then_some(rank);
    match part {
        Part::Mouth(mouth, of) => {
            let likest = pose.mouth.likest();
            let shape = likest.iter().position(|like| like == mouth)?;
            match of {
                None => Some(2 * shape + 1),
                Some(mood) => place(*mood == pose.mood, 2 * shape),
            }
        }
        Part::Eyes(eyes) => {
            let order = match pose.eyes {
                Eyes::Open => [Eyes::Open, Eyes::Half, Eyes::Closed],
                Eyes::Half => [Eyes::Half, Eyes::Open, Eyes::Closed],
                Eyes::Closed => [Eyes::Closed, Eyes::Half, Eyes::Open],
            };
            order.iter().position(|like| like == eyes)
        }
        Part::Brow(mood) => {
            let near = match pose.mood {
                Mood::Sad => Mood::Worried,
                Mood::Worried => Mood::Sad,
                mood => mood,
            };
            let order = [pose.mood, near, Mood::Neutral];
            order.iter().position(|like| like == mood)
        }
        Part::Turn(to) if *to == pose.turn => Some(0),
        Part::Turn(to) => place(to.is_none(), 1),
        Part::Arm(side, name) => {
            let [wanted, near] = &pose.arms[usize::from(*side == Side::Right)];
            let order = [wanted.as_str(), near.as_str(), "rest"];
            order.iter().position(|like| *like == name.as_str())
        }
        Part::Body | Part::Shadow | Part::Head | Part::Face | Part::Pupils => Some(0),
    }
}
