//! What looks are at a frame: which of them move, and where time and framing follow them.

use workprint_model::look::Look;
use workprint_model::timeline::{PlacedLook, PlacedShot, Timeline};
use workprint_model::{Digest, Frames, Rate, Size};

use super::camera::Shift;
use super::{ONE, shot_at};
use crate::random::Dice;

/// A look at one frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownLook {
    /// The look.
    pub look: PlacedLook,
    /// Where it is in its own motion; none where it does not move.
    pub moment: Option<Moment>,
}

/// A moment of a look that moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The picture's number in the shot: pictures that are held have one number.
    pub number: u64,
    /// What makes the motion another one in each shot.
    pub salt: u64,
}

/// The looks of a list at frame `index` of a shot.
pub(super) fn shown(looks: &[PlacedLook], shot: &PlacedShot, index: u64) -> Vec<ShownLook> {
    if looks.is_empty() {
        return Vec::new();
    }
    let salt = salt(shot);
    let shown = looks.iter().map(|look| ShownLook {
        look: look.clone(),
        moment: look.look.moves().then_some(Moment {
            number: index,
            salt,
        }),
    });
    shown.collect()
}

/// A shot's own number, which does not tell where it lies.
fn salt(shot: &PlacedShot) -> u64 {
    Digest::of(shot.id.as_str().as_bytes()).seed()
}

/// The first frame of the picture that is on at frame `index` of a shot.
pub(super) fn held(looks: &[PlacedLook], rate: Rate, index: u64) -> u64 {
    let slowest = looks
        .iter()
        .filter_map(|look| look.look.pictures_a_second());
    let Some(fps) = slowest.min() else {
        return index;
    };
    let (num, den) = (
        u128::from(rate.num()),
        u128::from(rate.den()) * u128::from(fps),
    );
    if num <= den {
        return index;
    }
    let picture = u128::from(index) * den / num;
    (picture * num).div_ceil(den) as u64
}

/// The looks of the film at a frame. They move in the time of the shot that is on, so that a shot
/// that was moved is the same.
pub(crate) fn of_film(timeline: &Timeline, frame: Frames) -> Vec<ShownLook> {
    let Some(shot) = shot_at(timeline, frame).filter(|_| !timeline.looks.is_empty()) else {
        return Vec::new();
    };
    let shot = &timeline.shots[shot];
    let index = frame.0.saturating_sub(shot.from.0);
    let index = held(&timeline.looks, timeline.rate, index);
    shown(&timeline.looks, shot, index)
}

/// The frame that is held at `frame`, and how the film lies in its gate.
pub(super) fn film_time(timeline: &Timeline, frame: Frames) -> (Frames, Option<Shift>) {
    let looks = of_film(timeline, frame);
    let from = shot_at(timeline, frame).map_or(Frames(0), |shot| timeline.shots[shot].from);
    if looks.is_empty() || from > frame {
        return (frame, None);
    }
    let index = held(&timeline.looks, timeline.rate, frame.0 - from.0);
    (Frames(from.0 + index), weave(&looks, timeline.size))
}

/// How far the picture lies from its place in the gate under all looks that weave, and how much
/// larger it is, so that no edge of it is seen.
pub(super) fn weave(looks: &[ShownLook], size: Size) -> Option<Shift> {
    let (mut reach, mut aside) = (0.0, [0.0; 2]);
    for shown in looks {
        let (Look::Jank(jank), Some(moment)) = (&shown.look.look, shown.moment) else {
            continue;
        };
        // At most 0.7 percent of the frame's height to either side.
        let own = f64::from(size.height) * 0.007 * jank.weave.ratio().clamp(0.0, 1.0);
        let dice = Dice::new([u64::from(jank.seed), moment.salt, 0x7765_6176]);
        let [across, down] = drift(&dice, moment.number).map(|part| part as f64 / ONE as f64);
        reach += own;
        aside[0] += own * across * 2.0 / 3.0;
        aside[1] += own * down;
    }
    if reach == 0.0 {
        return None;
    }
    let scale = 1.0 + 2.0 * reach / f64::from(size.height.max(1));
    let grown = [size.width, size.height].map(|side| f64::from(side) * (scale - 1.0) / 2.0);
    Some(Shift {
        scale,
        by: [aside[0] - grown[0], aside[1] - grown[1]],
    })
}

/// Pictures from one of a slow drift's places to the next.
const SLOW: u64 = 24;

/// Where a picture lies, across and down, in 1/65536 of the reach: a slow drift, and a small jump
/// from picture to picture.
fn drift(dice: &Dice, number: u64) -> [i64; 2] {
    let (before, within) = (number / SLOW, number % SLOW);
    // A smoothstep from place to place.
    let time = within as i64 * ONE / SLOW as i64;
    let time = time * time / ONE * (3 * ONE - 2 * time) / ONE;
    [0, 1].map(|axis| {
        let place = |at: u64| dice.at(&[axis, 0, at]).signed();
        let slow = place(before) + (place(before + 1) - place(before)) * time / ONE;
        let jump = dice.at(&[axis, 1, number]).signed();
        // Now and then a perforation slips.
        let slip = dice.at(&[axis, 2, number]);
        let slipped = axis == 1 && slip.clone().next_u64().is_multiple_of(61);
        let slip = if slipped { slip.at(&[1]).signed() } else { 0 };
        (slow * 5 / 10 + jump * 2 / 10 + slip * 3 / 10).clamp(-ONE, ONE)
    })
}

#[cfg(test)]
mod tests {
    use workprint_model::look::Jank;

    use super::*;

    fn looks(fps: u8) -> Vec<PlacedLook> {
        vec![PlacedLook {
            look: Look::Jank(Jank {
                fps,
                ..Jank::default()
            }),
            cube: None,
        }]
    }

    #[test]
    fn pictures_are_held_until_the_next_is_due() {
        let at = |fps, rate, index| held(&looks(fps), rate, index);
        let film: Vec<u64> = (0..9).map(|index| at(12, Rate::FPS_30, index)).collect();
        // 30 to 12 is five frames to two pictures.
        assert_eq!(film, [0, 0, 0, 3, 3, 5, 5, 5, 8]);
        let ntsc = Rate::new(30_000, 1001).unwrap();
        for index in 0..1000 {
            let first = at(16, ntsc, index);
            assert!(first <= index && index - first < 2);
            assert_eq!(at(16, ntsc, first), first);
        }
        assert_eq!(at(30, Rate::FPS_30, 7), 7);
        assert_eq!(at(0, Rate::FPS_30, 7), 7);
    }

    #[test]
    fn a_drift_is_smooth_and_stays_within_its_reach() {
        let dice = Dice::new([1, 2, 3]);
        let places: Vec<[i64; 2]> = (0..500).map(|number| drift(&dice, number)).collect();
        assert!(places.iter().flatten().all(|place| place.abs() <= ONE));
        let mean = places.iter().map(|place| place[0]).sum::<i64>() / 500;
        assert!(mean.abs() < ONE / 4, "{mean}");
        let steps = places
            .windows(2)
            .map(|pair| (pair[1][0] - pair[0][0]).abs());
        assert!(steps.max().unwrap() <= ONE / 2);
    }
}
